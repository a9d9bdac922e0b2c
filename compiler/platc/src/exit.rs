//! How a command ends, and what happens when platc itself is at fault.

use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

/// How a command ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    /// All is well.
    Clean,
    /// Something was found: an error, a difference, a refuted claim.
    Found,
    /// Wrong usage, or trouble outside: a disk, a network, a missing file.
    Trouble,
    /// Whoever reads stdout has gone, which is no mistake of anybody.
    Closed,
}

impl Exit {
    /// `Found` if something was.
    pub(crate) const fn found(found: bool) -> Self {
        if found { Self::Found } else { Self::Clean }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean | Exit::Closed => 0,
            Exit::Found => 1,
            Exit::Trouble => 2,
        })
    }
}

/// Says what to send when platc is at fault, instead of a bare panic.
pub(crate) fn tell_of_bugs() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let payload = info.payload();
        let words = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        crate::term::talk(&format!(
            "platc has a bug: {words} ({place}, version {})\nthe last build is whole; please send this line and \
             the files of the platform, or as much of them as shows it",
            env!("CARGO_PKG_VERSION")
        ));
    }));
}

/// Runs a command; one that panics ends with status 101.
pub(crate) fn guarded(command: impl FnOnce() -> Exit) -> ExitCode {
    panic::catch_unwind(AssertUnwindSafe(command)).map_or_else(|_| ExitCode::from(101), ExitCode::from)
}
