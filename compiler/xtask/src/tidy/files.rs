//! Which files are there at all: no compiled ones, no further folders at the root, a changelog that is open.
//!
//! Not here: what is in them.

use super::{Finding, Tree, has_extension};

/// The visible folders of the root. Their number is part of the project's promise to be easy to find
/// one's way in; a ninth kind of thing belongs into one of them.
const FOLDERS: &[&str] = &["compiler", "stdlib", "plugins", "examples", "snapshots", "editor"];

/// Extensions of compiled files: they are made from sources that are here, on the machine that needs them.
const COMPILED: &[&str] = &["wasm", "cwasm", "so", "o", "a", "rlib", "exe", "pyc"];

/// Looks at names, and at CHANGELOG.md.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let compiled =
        tree.files().filter(|path| COMPILED.iter().any(|extension| has_extension(path, extension)));
    let compiled = compiled.map(|path| {
        Finding::new(
            path,
            0,
            "a compiled file is committed",
            "remove it; builds and tests make it from source",
        )
    });
    let mut roots: Vec<&str> = tree.files().filter_map(|path| Some(path.split_once('/')?.0)).collect();
    roots.dedup();
    let strange = roots.into_iter().filter(|folder| !folder.starts_with('.') && !FOLDERS.contains(folder));
    let strange = strange.map(|folder| {
        let help = format!("put it below one of: {}", FOLDERS.join(", "));
        Finding::new(folder, 0, "the root has no such folder", help)
    });
    compiled.chain(strange).chain(changelog(tree)).collect()
}

fn changelog(tree: &Tree) -> Option<Finding> {
    let text = tree.text("CHANGELOG.md").unwrap_or_default();
    let is_open = text.lines().any(|line| line == "## Unreleased");
    let help = "add `## Unreleased` above the latest release, with what changed for users";
    (!is_open).then(|| Finding::new("CHANGELOG.md", 1, "there is no section `## Unreleased`", help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compiled_files_and_new_root_folders_are_found() {
        let tree = Tree::of([
            ("CHANGELOG.md", "# Changelog\n\n## Unreleased\n"),
            (".ci/run", ""),
            ("compiler/x/y.rs", ""),
            ("misc/notes.md", ""),
            ("plugins/p.wasm", ""),
        ]);
        let files: Vec<String> = check(&tree).into_iter().map(|finding| finding.file).collect();
        assert_eq!(files, ["plugins/p.wasm", "misc"]);
    }

    #[test]
    fn a_changelog_is_open() {
        assert_eq!(check(&Tree::of([("CHANGELOG.md", "# Changelog\n\n## 1.0\n")])).len(), 1);
        assert_eq!(check(&Tree::default()).len(), 1);
    }
}
