//! Names of kinds as `&'static str`, so that comparing and storing them costs nothing. The kinds
//! themselves are declared in `stdlib/kinds`; here is only what must be known before those are read.

use crate::stdlib;

/// The kind of that name, if there is one.
pub fn kind(name: &str) -> Option<&'static str> {
    stdlib::kind_names().iter().copied().find(|kind| *kind == name)
}

/// Words that begin statements which are no declarations of a kind.
pub const STATEMENTS: &[&str] =
    &["let", "param", "type", "template", "for", "defaults", "amend", "import", "test"];

/// Statements that may stand inside a declaration.
pub const INNER: &[&str] = &["at", "remove", "append", "allow"];

/// `defaults workload` speaks to all kinds that become pods.
pub const WORKLOAD: &str = "workload";
