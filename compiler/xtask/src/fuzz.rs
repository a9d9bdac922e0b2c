//! `cargo xtask fuzz --seconds N`: runs every target of `compiler/fuzz` for so long and prints what it found.
//!
//! Not here: the targets. They are built with the compiler of `rust-toolchain.toml`, which is told to accept
//! the sanitizer's unstable flags, so that nobody needs a nightly one. A found input becomes a case.
//!
//! Start with [`run`].

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{command, run as show};
use crate::{Outcome, root, setup, tools};

/// Options of `cargo xtask fuzz`.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Only these targets
    targets: Vec<String>,
}

/// Bytes of a found input that are printed; the file is beside.
const SHOWN: usize = 4096;

/// Runs the command.
///
/// # Errors
///
/// If a target does not compile, or finds something.
pub fn run(options: &Options) -> Outcome {
    let folder = root().join("compiler/fuzz");
    let all = targets(&folder);
    if let Some(unknown) = options.targets.iter().find(|wanted| !all.contains(wanted)) {
        return Err(format!("there is no fuzz target `{unknown}`; there are: {}", all.join(", ")));
    }
    let chosen: Vec<&String> =
        all.iter().filter(|name| options.targets.is_empty() || options.targets.contains(name)).collect();
    if chosen.is_empty() {
        eprintln!("compiler/fuzz has no targets: nothing to do");
        return Ok(());
    }
    setup::ensure(&root(), [&tools::CARGO_FUZZ].into_iter())?;
    // libFuzzer takes 0 for no end.
    let seconds = options.seconds.max(1);
    let failed: Vec<&String> =
        chosen.into_iter().filter(|name| fuzz(&folder, name, seconds).is_err()).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let names = failed.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    Err(format!("found something or did not compile: {names}\neach input becomes a case before it is fixed"))
}

/// Names of the targets, in order: the files in `fuzz_targets`.
fn targets(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder.join("fuzz_targets")).into_iter().flatten().flatten();
    let mut names: Vec<String> = files
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    names
}

fn fuzz(folder: &Path, target: &str, seconds: u64) -> Outcome {
    let built = show(&mut cargo_fuzz(folder, "build", target));
    // What a target found before is kept beside what it finds now; only the new is printed.
    let before = found(folder, target);
    let outcome = built.and_then(|()| {
        let mut fuzz = cargo_fuzz(folder, "run", target);
        // The corpus that grows stays out of git; what lies in `seeds` is committed and only read.
        fuzz.arg(corpus(folder, target)?);
        let seeds = folder.join("seeds").join(target);
        fuzz.args(Some(seeds).filter(|seeds| seeds.is_dir()));
        fuzz.args(["--", "-print_final_stats=1", "-timeout=10", "-rss_limit_mb=2048"]);
        show(fuzz.arg(format!("-max_total_time={seconds}")))
    });
    if let Err(error) = &outcome {
        eprintln!("{error}");
    }
    for input in found(folder, target).iter().filter(|input| !before.contains(input)) {
        print_input(input);
    }
    outcome
}

fn cargo_fuzz(folder: &Path, what: &str, target: &str) -> Command {
    let directory = folder.to_string_lossy();
    let mut fuzz = command("cargo", &["fuzz", what, "--fuzz-dir", &directory, target], folder);
    fuzz.env("RUSTC_BOOTSTRAP", "1");
    fuzz
}

fn corpus(folder: &Path, target: &str) -> Outcome<PathBuf> {
    let corpus = folder.join("corpus").join(target);
    std::fs::create_dir_all(&corpus).map_err(|error| format!("{}: {error}", corpus.display()))?;
    Ok(corpus)
}

fn found(folder: &Path, target: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder.join("artifacts").join(target)).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = files.map(|file| file.path()).collect();
    paths.sort();
    paths
}

fn print_input(path: &Path) {
    let bytes = std::fs::read(path).unwrap_or_default();
    let shown = bytes.get(..SHOWN).unwrap_or(&bytes);
    println!("found {} ({} bytes):\n{}", path.display(), bytes.len(), shown.escape_ascii());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_the_rust_files_in_order() {
        let folder = std::env::temp_dir().join(format!("platc-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("fuzz_targets")).unwrap();
        for name in ["parse.rs", "check.rs", "notes.md"] {
            std::fs::write(folder.join("fuzz_targets").join(name), "").unwrap();
        }
        assert_eq!(targets(&folder), ["check", "parse"]);
        assert!(targets(&folder.join("nowhere")).is_empty());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
