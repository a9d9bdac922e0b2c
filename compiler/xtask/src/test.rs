//! `cargo xtask test`: the command of the README that sets up and passes the whole test suite.
//!
//! Not here: what the tests are. Nothing is skipped for lack of a tool, unless one asks for that.

use crate::shell::{cargo, run as show};
use crate::{Outcome, root, setup, tools};

/// Options of `cargo xtask test`.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Go on without the tools that cannot be installed here; their checks are skipped, and say so
    #[arg(long)]
    skip_missing_tools: bool,
    /// Further arguments for `cargo nextest run`, such as a test's name or `-p CRATE`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs the command.
///
/// # Errors
///
/// If a tool is missing, something does not build, or a test fails.
pub fn run(options: &Options) -> Outcome {
    let root = root();
    let is_runner = |tool: &&tools::Tool| tool.name == "cargo-nextest";
    let runner = setup::ensure(&root, tools::TOOLS.iter().filter(is_runner));
    let rest = setup::ensure(&root, tools::TOOLS.iter().filter(|tool| !is_runner(tool)));
    let require = match rest {
        Ok(()) => "1",
        Err(missing) if options.skip_missing_tools => {
            eprintln!("{missing}\nchecks that need these are skipped");
            "0"
        }
        Err(missing) => {
            return Err(format!("{missing}\n`cargo xtask test --skip-missing-tools` goes on without them"));
        }
    };
    // With the features that tests ask for, or the largest dependencies would be built twice.
    show(&mut cargo(&["build", "--workspace", "--bins", "--tests"], &root))?;
    let is_some =
        options.arguments.iter().any(|word| word.starts_with("-p") || word.starts_with("--package"));
    let with = |arguments: &[&str]| {
        let mut command = cargo(arguments, &root);
        command.args((!is_some).then_some("--workspace")).args(&options.arguments);
        command.env("PLATC_REQUIRE_TOOLS", require);
        command
    };
    if let Err(missing) = runner {
        eprintln!("{missing}\ngoing on with `cargo test`: slower, and tests share their processes");
        return show(&mut with(&["test"]));
    }
    if options.arguments.is_empty() {
        // nextest leaves out the examples in doc comments.
        show(&mut cargo(&["test", "--workspace", "--doc", "--quiet"], &root))?;
    }
    show(&mut with(&["nextest", "run"]))
}
