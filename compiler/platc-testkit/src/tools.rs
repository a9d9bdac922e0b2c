//! Programs that tests run when they are there: `kubectl`, Python with a package, Node with a module.
//!
//! A tool is looked for in `target/tools/` of the workspace, where `cargo xtask setup` puts what it can
//! get, and then on `PATH`. Without it a test prints a line that says so and passes; with
//! `PLATC_REQUIRE_TOOLS=1`, as in CI, it fails, so that nothing is skipped unnoticed.
//!
//! Not here: what a tool is asked. Start with [`need`].

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What to do where a tool is missing.
const HOW: &str = "`cargo xtask setup` installs it below target/tools, or put it on PATH";

/// The program `name`, if it is there.
pub fn find(name: &str) -> Option<PathBuf> {
    let ours = [tools().join("bin"), tools().join("venv").join("bin")];
    let everywhere = variable("PATH").unwrap_or_default();
    let mut folders = ours.into_iter().chain(std::env::split_paths(&everywhere));
    folders.find_map(|folder| is_program(&folder.join(name)))
}

/// The program `name`. `None` is told to whoever reads the test's output.
///
/// # Panics
///
/// If it is missing and `PLATC_REQUIRE_TOOLS` is `1`.
pub fn need(name: &str) -> Option<PathBuf> {
    found_or_told(find(name), name)
}

/// A Python that can `import module`; see [`need`].
///
/// # Panics
///
/// If it is missing and `PLATC_REQUIRE_TOOLS` is `1`.
pub fn need_python_with(module: &str) -> Option<PathBuf> {
    let imports = |python: &PathBuf| succeeds(python, &["-c", &format!("import {module}")]);
    found_or_told(find("python3").filter(imports), &format!("python3 with the module {module}"))
}

/// Node, and the directory of `module` to `require`; see [`need`].
///
/// # Panics
///
/// If one of them is missing and `PLATC_REQUIRE_TOOLS` is `1`.
pub fn need_node_with(module: &str) -> Option<(PathBuf, PathBuf)> {
    let folder = Some(tools().join("node_modules").join(module)).filter(|folder| folder.is_dir());
    found_or_told(find("node").zip(folder), &format!("node with the module {module}"))
}

/// What `program` writes when it reads `input`.
///
/// # Panics
///
/// If it cannot be started or does not succeed; the message is what it had to say.
#[allow(clippy::panic, reason = "tests only")]
pub fn pipe(program: &Path, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = command(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let stdin = child.stdin.take();
    let output = std::thread::scope(|scope| {
        // Both pipes at once: a tool may write before it has read everything.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
        child.wait_with_output()
    });
    match output {
        Ok(output) if output.status.success() => output.stdout,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            panic!("{} {arguments:?} failed ({}): {said}", program.display(), output.status)
        }
        Err(error) => panic!("{}: {error}", program.display()),
    }
}

#[allow(clippy::panic, clippy::print_stderr, reason = "this is how a test says what it lacks")]
fn found_or_told<T>(found: Option<T>, name: &str) -> Option<T> {
    if found.is_none() {
        assert!(variable("PLATC_REQUIRE_TOOLS").as_deref() != Some("1"), "{name} is missing: {HOW}");
        eprintln!("skipped: {name} is missing: {HOW}");
    }
    found
}

/// `target/tools` of the workspace.
fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools")
}

fn is_program(path: &Path) -> Option<PathBuf> {
    path.is_file().then(|| path.to_path_buf())
}

fn succeeds(program: &Path, arguments: &[&str]) -> bool {
    let mut command = command(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[allow(clippy::disallowed_methods, reason = "tests compare with other programs; a compiler never does")]
fn command(program: &Path) -> Command {
    Command::new(program)
}

#[allow(clippy::disallowed_methods, reason = "where tools lie is no input of a build")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_on_the_path_is_found_and_can_be_piped_through() {
        let cat = find("cat").expect("every system that builds this has cat");
        assert_eq!(pipe(&cat, &[], b"a\nb"), b"a\nb");
        assert_eq!(find("no-such-program-anywhere"), None);
    }
}
