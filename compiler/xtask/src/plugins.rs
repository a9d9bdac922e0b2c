//! `cargo xtask plugins`: compiles `plugins/` to WebAssembly, so that an author sees errors and sizes.
//!
//! Not here: how the policies get into platc. Its build compiles them itself, from the same sources.

use crate::shell::{cargo, run as show};
use crate::{Outcome, root};

/// What policies are compiled to.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Runs the command.
///
/// # Errors
///
/// If a policy does not compile.
pub fn run() -> Outcome {
    let folder = root().join("plugins");
    if !folder.join("Cargo.toml").is_file() {
        return Err("plugins/ is no workspace: it has no Cargo.toml".to_owned());
    }
    show(&mut cargo(&["build", "--release", "--workspace", "--target", TARGET], &folder))?;
    let built = folder.join("target").join(TARGET).join("release");
    let files = std::fs::read_dir(&built).map_err(|error| format!("{}: {error}", built.display()))?;
    let mut modules: Vec<(String, u64)> = files
        .flatten()
        .filter(|file| file.path().extension().is_some_and(|extension| extension == "wasm"))
        .filter_map(|file| Some((file.file_name().into_string().ok()?, file.metadata().ok()?.len())))
        .collect();
    modules.sort();
    for (name, bytes) in modules {
        println!("{bytes:>9} bytes  {name}");
    }
    Ok(())
}
