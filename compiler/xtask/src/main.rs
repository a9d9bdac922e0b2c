//! `cargo xtask`: the table of subcommands and nothing else; each is a file of the library.
//!
//! To add one: a file with `Options` and `run`, a line in the enum and one in `main`.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a developer's tool: it reads the environment and talks to a person"
)]

use std::process::ExitCode;

use clap::Parser;

/// What developers and CI of platc run.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Install every tool that the tests need
    Setup(xtask::setup::Options),
    /// Set up, build, and run the whole test suite
    Test(xtask::test::Options),
    /// Format, clippy and tidy: what can be said without running anything
    Lint,
    /// All that CI runs, in CI's order: the script `.ci/run`
    Ci,
    /// Check the rules of the tree: layers, tables, head comments, links, …
    Tidy,
    /// Write what is generated
    Codegen(xtask::generate::Options),
    /// Rewrite the expected values of case files and goldens
    Bless(xtask::bless::Options),
    /// Let the real tools read the artifacts in `snapshots/`, or in any build
    Validate(xtask::validate::Options),
    /// Run the fuzz targets
    Fuzz(xtask::fuzz::Options),
    /// Measure, and print a table
    Bench(xtask::bench::Options),
    /// Build the policies
    Plugins,
    /// Build the binary that is given away
    Dist,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Setup(options) => xtask::setup::run(&options),
        Command::Test(options) => xtask::test::run(&options),
        Command::Lint => xtask::lint::run(),
        Command::Ci => xtask::ci::run(),
        Command::Tidy => xtask::tidy::run(),
        Command::Codegen(options) => xtask::generate::run(&options),
        Command::Bless(options) => xtask::bless::run(&options),
        Command::Validate(options) => xtask::validate::run(&options),
        Command::Fuzz(options) => xtask::fuzz::run(&options),
        Command::Bench(options) => xtask::bench::run(&options),
        Command::Plugins => xtask::plugins::run(),
        Command::Dist => xtask::dist::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
