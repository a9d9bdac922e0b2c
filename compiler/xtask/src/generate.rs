//! `cargo xtask codegen`: writes what is generated, or checks that it is fresh, or prints it.
//!
//! Not here: how anything is made. A generator is a function from the root to a text, in a module of its own.
//! What it makes is committed, so that a build needs no generator and a review sees the difference.
//!
//! Start with [`GENERATORS`]. To add one is to add a row.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use crate::shell::command;
use crate::{Outcome, root};

/// A generator.
#[derive(Debug)]
pub struct Generator {
    /// What tests and `cargo xtask codegen NAME` call it.
    pub name: &'static str,
    /// The file that it writes, from the root. Rust is formatted.
    pub target: &'static str,
    /// Makes its text, from what lies below the root.
    pub make: fn(&Path) -> Outcome<String>,
}

/// All generators.
pub const GENERATORS: &[Generator] =
    &[Generator { name: "kinds", target: crate::codegen::TARGET, make: crate::codegen::generate }];

/// Options of `cargo xtask codegen`.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Write nothing; fail if a file is not what would be written
    #[arg(long, conflicts_with = "print")]
    check: bool,
    /// Write nothing; print what would be written
    #[arg(long)]
    print: bool,
    /// Only the generator of this name
    name: Option<String>,
}

/// Runs the command.
///
/// # Errors
///
/// If a source is wrong, a file cannot be written, or is not fresh when that is asked.
pub fn run(options: &Options) -> Outcome {
    let root = root();
    let wanted = |generator: &&Generator| options.name.as_ref().is_none_or(|name| name == generator.name);
    for generator in GENERATORS.iter().filter(wanted) {
        if options.check {
            check(&root, generator)?;
        } else if options.print {
            print!("{}", text(&root, generator)?);
        } else {
            write(&root, generator)?;
        }
    }
    Ok(())
}

/// Whether the file of `generator` is what it would write.
///
/// # Errors
///
/// If it is not, or nothing can be made.
pub fn check(root: &Path, generator: &Generator) -> Outcome {
    let target = root.join(generator.target);
    if std::fs::read_to_string(&target).unwrap_or_default() == text(root, generator)? {
        return Ok(());
    }
    Err(format!(
        "{} is not what its sources give\nhelp: cargo xtask codegen, and commit it",
        generator.target
    ))
}

fn write(root: &Path, generator: &Generator) -> Outcome {
    // A file that is fresh is not touched: what depends on it need not be compiled again.
    if check(root, generator).is_ok() {
        eprintln!("{} is fresh", generator.target);
        return Ok(());
    }
    let target = root.join(generator.target);
    std::fs::write(&target, text(root, generator)?)
        .map_err(|error| format!("{}: {error}", target.display()))?;
    eprintln!("wrote {}", generator.target);
    Ok(())
}

fn text(root: &Path, generator: &Generator) -> Outcome<String> {
    let text = (generator.make)(root)?;
    if generator.target.ends_with(".rs") { formatted(root, &text) } else { Ok(text) }
}

fn formatted(root: &Path, text: &str) -> Outcome<String> {
    let said = |error: std::io::Error| format!("rustfmt: {error}");
    let mut rustfmt = command("rustfmt", &["--edition", "2024"], root);
    rustfmt.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = rustfmt.spawn().map_err(said)?;
    let stdin = child.stdin.take();
    let output = std::thread::scope(|scope| {
        // Both pipes at once: it may write before it has read everything.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(text.as_bytes())));
        child.wait_with_output()
    });
    let output = output.map_err(said)?;
    if !output.status.success() {
        return Err("rustfmt refuses what was generated".to_owned());
    }
    String::from_utf8(output.stdout).map_err(|error| format!("rustfmt: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_file_is_noticed_and_written() {
        let folder = std::env::temp_dir().join(format!("platc-generate-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let generator =
            Generator { name: "n", target: "made.rs", make: |_| Ok("pub  fn made( ) {}\n".to_owned()) };
        assert!(check(&folder, &generator).unwrap_err().contains("cargo xtask codegen"));
        write(&folder, &generator).unwrap();
        assert_eq!(std::fs::read_to_string(folder.join("made.rs")).unwrap(), "pub fn made() {}\n");
        assert_eq!(check(&folder, &generator), Ok(()));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
