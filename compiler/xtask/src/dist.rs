//! `cargo xtask dist`: the binary that is given away, and its hash, in `target/dist/`.
//!
//! Not here: publishing it anywhere.

use crate::shell::{cargo, command, read, run as show};
use crate::{Outcome, root};

/// Runs the command.
///
/// # Errors
///
/// If it does not build, or cannot be written.
pub fn run() -> Outcome {
    let root = root();
    show(&mut cargo(&["build", "--profile", "dist", "--locked", "--package", "platc"], &root))?;
    let folder = root.join("target/dist");
    let sums = read(&mut command("sha256sum", &["platc"], &folder))?;
    let list = folder.join("SHA256SUMS");
    std::fs::write(&list, &sums).map_err(|error| format!("{}: {error}", list.display()))?;
    println!("target/dist/platc\n{}", sums.trim_end());
    Ok(())
}
