//! The test command is one: what the README tells people is what CI runs.
//!
//! Not here: whether it passes.

use super::{Finding, Tree};

/// The command.
const TEST: &str = "cargo xtask test";
/// Where it must stand, as a line or in one.
const PLACES: &[&str] = &["README.md", "CONTRIBUTING.md", ".ci/run"];

/// Looks for the command in each place that speaks of `cargo xtask` at all.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let places = PLACES.iter().filter_map(|path| Some((*path, tree.text(path)?)));
    let without = places.filter(|(_, text)| text.contains("cargo xtask") && !text.contains(TEST));
    let finding = |(path, _)| {
        let help = "people and CI set up and test with the same command";
        Finding::new(path, 1, format!("`{TEST}` is not mentioned"), help)
    };
    without.map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_test_command_is_found() {
        let tree = Tree::of([
            (".ci/run", "cargo xtask test --fast\n"),
            ("CONTRIBUTING.md", "cargo xtask lint\n"),
            ("README.md", "cargo build\n"),
        ]);
        let files: Vec<String> = check(&tree).into_iter().map(|finding| finding.file).collect();
        assert_eq!(files, ["CONTRIBUTING.md"]);
    }
}
