//! What developers and CI run, as a library: the binary is a table of subcommands over it, and the test
//! binary runs the same checks as trials.
//!
//! Not here: anything that platc itself does. This crate starts programs, reads and writes the working
//! tree and prints; it never links `platc-model`, so it works while generated code is broken.
//!
//! Start with `main.rs` for the commands, [`tidy`] for the rules of the tree, [`validate`] for the real
//! tools, [`setup`] for how those get here.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer's tool: it starts programs, reads and writes files, and talks to a person"
)]

use std::path::{Path, PathBuf};

pub mod bench;
pub mod bless;
pub mod ci;
mod codegen;
pub mod dist;
pub mod fuzz;
pub mod generate;
pub mod lint;
pub mod plugins;
pub mod setup;
pub mod shell;
pub mod test;
pub mod tidy;
pub mod tools;
pub mod validate;

/// What a command gives: nothing, or what went wrong and how to go on, for a person to read.
pub type Outcome<T = ()> = Result<T, String>;

/// The root of the workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}
