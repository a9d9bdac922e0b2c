//! Compiles a policy in TypeScript: types are checked, modules are put into one, and an interpreter (`QuickJS`) is
//! put around them. Nothing of the system's interface gets in: what the interpreter would ask for is stubbed.
//!
//! Start with [`build`].

use std::path::{Path, PathBuf};

use super::{programs, read};
use crate::commands::{make_directory, shown};
use crate::term::Trouble;

/// The programs that a project has as packages of its own.
const PACKAGES: [&str; 3] = ["tsc", "esbuild", "componentize-qjs"];
const INSTALL: &str =
    "install Node.js 20 or later from https://nodejs.org, or your distribution's `nodejs` and `npm`";

/// Compiles the policy in `dir`: where its file is, and what is in it.
pub(super) fn build(dir: &Path) -> Result<(PathBuf, Vec<u8>), Trouble> {
    programs::output(programs::command("node", dir).arg("--version"), INSTALL)?;
    let bin = dir.join("node_modules/.bin");
    if let Some(missing) = PACKAGES.iter().find(|program| !bin.join(program).exists()) {
        return Err(Trouble::new(format!(
            "the package of `{missing}` is not in `{}`",
            shown(&dir.join("node_modules"))
        ))
        .help(format!("run `npm install` in `{}`", shown(dir))));
    }
    let program = |name: &str| programs::command(bin.join(name), dir);
    if !programs::succeeds(program("tsc").args(["--project", "tsconfig.json"]), INSTALL)? {
        return Err(Trouble::new(format!("the types of the policy in `{}` do not fit", shown(dir)))
            .help("what the compiler says is above"));
    }
    let build = dir.join("build");
    make_directory(&build)?;
    let (bundle, component) = (build.join("policy.js"), build.join("policy.wasm"));
    let mut esbuild = program("esbuild");
    esbuild.args(["src/policy.ts", "--bundle", "--format=esm", "--target=es2022", "--external:platc:*"]);
    esbuild.arg("--log-level=warning").arg(format!("--outfile={}", bundle.display()));
    if !programs::succeeds(&mut esbuild, INSTALL)? {
        return Err(Trouble::new(format!("esbuild did not bundle `{}`", shown(&dir.join("src/policy.ts"))))
            .help("what it says is above"));
    }
    let mut componentize = program("componentize-qjs");
    componentize.args(["--wit", "sdk/wit/v0.1", "--sync", "--stub-wasi", "--js"]);
    componentize.arg(&bundle).arg("--output").arg(&component);
    programs::output(&mut componentize, INSTALL)?;
    let bytes = read(&component)?;
    Ok((component, bytes))
}
