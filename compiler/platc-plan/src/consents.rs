//! `consent`: changes that cannot be taken back, agreed to in the source by naming both ends.
//!
//! Start with [`renumber`] and [`moved`].

use platc_model::Text;

use crate::Planner;

/// Whether somebody agreed to give a host another number.
pub(crate) fn renumber(planner: &Planner<'_>, on: &str, from: &str, to: &str) -> bool {
    agreed(planner, "renumber", on, Some(from), Some(to))
}

/// Whether somebody agreed to move a member of something stateful.
pub(crate) fn moved(planner: &Planner<'_>, on: &str, from: &str, to: &str) -> bool {
    agreed(planner, "move", on, Some(from), Some(to))
}

/// Whether somebody agreed to have less room for what is there.
pub(crate) fn shrunk(planner: &Planner<'_>, on: &str, from: &str, to: &str) -> bool {
    agreed(planner, "shrink", on, Some(from), Some(to))
}

/// Whether somebody agreed to take a member of something stateful away.
pub(crate) fn removed(planner: &Planner<'_>, on: &str, from: &str) -> bool {
    agreed(planner, "remove", on, Some(from), None) || agreed(planner, "shrink", on, Some(from), None)
}

fn agreed(planner: &Planner<'_>, action: &str, on: &str, from: Option<&str>, to: Option<&str>) -> bool {
    let says = |said: Option<&Text>, wanted: Option<&str>| {
        wanted.is_none_or(|wanted| said.is_some_and(|said| **said == *wanted))
    };
    planner.model.consents.values().any(|consent| {
        *consent.head.name == *action
            && **consent.value.on == *on
            && says(consent.value.from.as_ref().map(|from| &from.value), from)
            && says(consent.value.to.as_ref().map(|to| &to.value), to)
    })
}
