//! `cargo xtask ci`: what CI runs, here and now.
//!
//! Not here: what that is. The script `.ci/run` says it, once, for machines and for people.

use crate::shell::{command, run as show};
use crate::{Outcome, root};

/// Runs the command.
///
/// # Errors
///
/// If a step fails.
pub fn run() -> Outcome {
    show(&mut command("bash", &[".ci/run"], &root()))
}
