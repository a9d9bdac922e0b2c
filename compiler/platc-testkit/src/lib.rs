//! What the tests of all crates share: Markdown cases with expected values, cursor markers, bless.
//!
//! A case file is Markdown that people can read. A heading names a case, fenced blocks under it are
//! files or expected values, comments in KDL files say which findings are expected where. Adding a test
//! is adding a section. CONTRIBUTING.md shows the format; [`case`] reads it; [`run`] runs it.
//! [`tools`] finds the programs that results are compared with.
//!
//! Not here: anything that compiles. The caller hands over a function from files to results, so this
//! crate serves the checker, the plan, emitters, the editor and the command line alike.

pub mod case;
mod cursor;
mod expect;
pub mod run;
pub mod tools;

pub use case::{Block, Case, CaseFile};
pub use cursor::take_cursors;
pub use expect::{Found, compare_findings, describe_findings};
pub use run::{Outcome, blessed, differences, run_cases};
