//! `cargo xtask bless`: rewrites what tests expect into what they get.
//!
//! Not here: what is rewritten. Each test that compares with a file knows its own: values in Markdown
//! cases, `snapshots/`, insta's files. Findings in comments are never rewritten. Read the diff.

use crate::shell::{cargo, command, run as show};
use crate::{Outcome, root};

/// Options of `cargo xtask bless`.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Only the tests of this crate
    #[arg(short, long)]
    package: Option<String>,
    /// Only tests whose name has this in it
    filter: Option<String>,
}

/// Runs the command.
///
/// # Errors
///
/// If something does not compile, or a test fails for another reason than its expected values.
pub fn run(options: &Options) -> Outcome {
    let root = root();
    let mut tests = cargo(&["test", "--quiet", "--no-fail-fast"], &root);
    match &options.package {
        Some(package) => tests.args(["--package", package]),
        // Nothing of xtask's is an expected value.
        None => tests.args(["--workspace", "--exclude", "xtask"]),
    };
    tests.args(&options.filter).env("PLATC_BLESS", "1").env("INSTA_UPDATE", "always");
    let outcome = show(&mut tests);
    show(&mut command("git", &["--no-pager", "diff", "--stat"], &root))?;
    outcome
}
