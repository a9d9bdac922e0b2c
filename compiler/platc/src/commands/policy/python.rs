//! Compiles a policy in Python: an interpreter (`CPython`) with the modules that the policy has imported is frozen
//! into a component. Nothing of the system's interface gets in: what the interpreter would ask for is stubbed.
//!
//! Start with [`build`].

use std::path::{Path, PathBuf};

use super::{programs, read};
use crate::commands::{make_directory, shown};
use crate::term::Trouble;

const PROGRAM: &str = "componentize-py";
const INSTALL: &str =
    "run `pip install componentize-py==0.25.1` (in a virtual environment, and with that one active)";

/// Compiles the policy in `dir`: where its file is, and what is in it.
pub(super) fn build(dir: &Path) -> Result<(PathBuf, Vec<u8>), Trouble> {
    let build = dir.join("build");
    make_directory(&build)?;
    let component = build.join("policy.wasm");
    let mut componentize = programs::command(PROGRAM, dir);
    componentize.args(["--quiet", "--wit-path", "sdk/wit/v0.1", "--world", "policy"]);
    componentize.args([
        "componentize",
        "policy",
        "--stub-wasi",
        "--python-path",
        ".",
        "--python-path",
        "sdk/python",
    ]);
    componentize.arg("--output").arg(&component);
    if !programs::succeeds(&mut componentize, INSTALL)? {
        return Err(Trouble::new(format!("{PROGRAM} did not compile the policy in `{}`", shown(dir)))
            .help("what it says is above; everything is imported at the top of a file"));
    }
    let bytes = read(&component)?;
    Ok((component, bytes))
}
