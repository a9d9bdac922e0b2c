//! Breaking in between two operations on the disk: kill the process there, or say that it failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::io::Errno;

use crate::sys::Op;

/// What happens at which operation.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Operations that still pass.
    left: AtomicU64,
    seen: AtomicU64,
    then: Then,
}

/// What happens when no operation passes any more.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Then {
    /// Nothing; the operations are only counted.
    Nothing,
    /// The process dies, as by power: no destructor runs.
    Kill,
    /// This operation fails; those after it do not.
    FailOnce(Errno),
    /// This operation and all after it fail.
    FailAlways(Errno),
    /// The disk is full: what needs room fails from now on, what gives it back does not.
    Full,
}

impl Plan {
    pub(crate) fn new(passing: u64, then: Then) -> Arc<Self> {
        Arc::new(Self { left: AtomicU64::new(passing), seen: AtomicU64::new(0), then })
    }

    /// How many operations were asked for.
    pub(crate) fn seen(&self) -> u64 {
        self.seen.load(Ordering::SeqCst)
    }

    pub(crate) fn step(&self, op: Op) -> rustix::io::Result<()> {
        self.seen.fetch_add(1, Ordering::SeqCst);
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_ok() {
            return Ok(());
        }
        let needs_room = matches!(op, Op::MakeDir | Op::Create | Op::Write | Op::Link | Op::Symlink);
        match self.then {
            Then::Kill => {
                let own = rustix::process::getpid();
                rustix::process::kill_process(own, rustix::process::Signal::KILL).unwrap();
                unreachable!("the process is dead");
            }
            Then::FailOnce(errno) => {
                self.left.store(u64::MAX, Ordering::SeqCst);
                Err(errno)
            }
            Then::FailAlways(errno) => Err(errno),
            Then::Full if needs_room => Err(Errno::NOSPC),
            Then::Nothing | Then::Full => Ok(()),
        }
    }
}
