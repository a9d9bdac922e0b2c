//! Starting other programs: shown, waited for, and their failure said in one line.
//!
//! Not here: which programs. Start with [`run`].

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::Outcome;

/// `program` with `arguments`, to be started in `folder`.
pub fn command(program: impl AsRef<OsStr>, arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    command
}

/// The cargo that runs us, so that a `+toolchain` reaches the commands it starts.
pub fn cargo(arguments: &[&str], folder: &Path) -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), arguments, folder)
}

/// Shows the command line, runs it with our streams, and fails if it fails.
///
/// # Errors
///
/// If it cannot be started or does not succeed.
pub fn run(command: &mut Command) -> Outcome {
    eprintln!("$ {}", line(command));
    let status =
        command.status().map_err(|error| format!("`{}` cannot be started: {error}", line(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed: {status}", line(command))) }
}

/// Runs it silently and gives what it wrote to stdout.
///
/// # Errors
///
/// If it cannot be started or does not succeed; with what it wrote to stderr.
pub fn read(command: &mut Command) -> Outcome<String> {
    let output = output(command)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{}` failed: {}\n{}", line(command), output.status, said.trim_end()))
}

/// Runs it silently, whatever comes.
///
/// # Errors
///
/// If it cannot be started.
pub fn output(command: &mut Command) -> Outcome<Output> {
    let line = line(command);
    command.stdin(Stdio::null()).output().map_err(|error| format!("`{line}` cannot be started: {error}"))
}

/// Whether it can be started and succeeds; silent.
pub fn succeeds(command: &mut Command) -> bool {
    output(command).is_ok_and(|output| output.status.success())
}

/// The command as one would type it: the program without its folder, and the arguments.
pub fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    let arguments = command.get_args().map(|argument| quoted(&argument.to_string_lossy()));
    std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ")
}

fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+%{}*".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_pasted_into_a_shell() {
        let here = Path::new(".");
        assert_eq!(line(&command("/usr/bin/sh", &["-c", "echo it's", ""], here)), r"sh -c 'echo it'\''s' ''");
    }

    #[test]
    fn failure_carries_what_the_program_said() {
        let failed = read(&mut command("sh", &["-c", "echo why >&2; exit 3"], Path::new(".")));
        let message = failed.unwrap_err();
        assert!(message.contains("exit status: 3") && message.ends_with("why"), "{message}");
    }
}
