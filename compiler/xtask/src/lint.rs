//! `cargo xtask lint`: formatting, clippy and [`crate::tidy`], for this workspace and those beside it.
//!
//! Not here: the lints (`Cargo.toml`, `clippy.toml`) and the rules of the tree (`tidy`).

use crate::shell::{cargo, run as show};
use crate::{Outcome, root, tidy};

/// Workspaces beside ours: where they are, and for which target clippy reads them. None: it would compile
/// for minutes what hardly ever changes, so only the formatting is checked.
const BESIDE: &[(&str, Option<&str>)] =
    &[("plugins", Some(crate::plugins::TARGET)), ("compiler/fuzz", None), ("compiler/kube-tables", None)];

/// Runs the command.
///
/// # Errors
///
/// At the first step that finds something.
pub fn run() -> Outcome {
    let root = root();
    show(&mut cargo(&["fmt", "--all", "--check"], &root))?;
    show(&mut cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"], &root))?;
    for (folder, target) in BESIDE {
        let folder = root.join(folder);
        if !folder.join("Cargo.toml").is_file() {
            continue;
        }
        show(&mut cargo(&["fmt", "--all", "--check"], &folder))?;
        if let Some(target) = target {
            let arguments = ["clippy", "--quiet", "--workspace", "--target", target, "--", "-D", "warnings"];
            show(&mut cargo(&arguments, &folder))?;
        }
    }
    tidy::run()
}
