//! `platc`: the command line. Reads arguments, calls the driver, draws what it found.
//!
//! stdout is data, stderr is talk. Not here: anything that a build depends on; the driver does that, and
//! this binary hands it the disk, today's date and the host of policies.
//!
//! Start with [`cli::Cli`], the table of commands; each has a file in `commands`.

mod cli;
mod commands;
mod exit;
mod git;
mod policies;
mod show;
mod term;
mod usage;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;
use crate::exit::Exit;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    exit::tell_of_bugs();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::report(&error),
    };
    let term = term::Term::new(&cli.global);
    exit::guarded(|| match commands::run(&cli, &term) {
        Ok(exit) => exit,
        Err(trouble) => {
            term.trouble(&trouble);
            Exit::Trouble
        }
    })
}
