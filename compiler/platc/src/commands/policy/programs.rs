//! Starting the compilers of other languages: what they print is talk, what is missing is named with the way out.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::term::Trouble;

/// A program, to be run in `dir`.
#[expect(clippy::disallowed_methods, reason = "a policy is compiled by its language's own compiler")]
pub(super) fn command(program: impl AsRef<std::ffi::OsStr>, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir).stdin(Stdio::null());
    command
}

/// Whether a program is there and starts.
pub(super) fn starts(program: &str, dir: &Path) -> bool {
    let mut command = command(program, dir);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs a program whose words people see, and says whether it succeeded. `install` says how to get it.
pub(super) fn succeeds(command: &mut Command, install: &str) -> Result<bool, Trouble> {
    // What it prints is talk; stdout is for data.
    let status = command.stdout(std::io::stderr()).status();
    status.map(|status| status.success()).map_err(|error| not_started(command, &error, install))
}

/// What a program writes to stdout. `install` says how to get it.
pub(super) fn output(command: &mut Command, install: &str) -> Result<Vec<u8>, Trouble> {
    match command.output() {
        Ok(output) if output.status.success() => Ok(output.stdout),
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            Err(Trouble::new(format!("`{}` failed: {}", name(command), said.trim())))
        }
        Err(error) => Err(not_started(command, &error, install)),
    }
}

fn not_started(command: &Command, error: &std::io::Error, install: &str) -> Trouble {
    let program = name(command);
    if error.kind() == std::io::ErrorKind::NotFound {
        return Trouble::new(format!("there is no `{program}` here, which compiles this policy"))
            .help(install);
    }
    Trouble::new(format!("`{program}` cannot be started: {error}"))
}

fn name(command: &Command) -> String {
    let program = Path::new(command.get_program());
    program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()
}
