//! The tree that rules look at: the files that git knows or would take, and what cargo says of the crates.
//!
//! Not here: what is ignored by git. Tests make trees of their own with [`Tree::of`].

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::Outcome;
use crate::shell::{cargo, command, read};

/// Paths from the root with their texts, and cargo's metadata.
#[derive(Default, Debug)]
pub struct Tree {
    /// `None`: not UTF-8.
    files: BTreeMap<String, Option<String>>,
    /// `cargo metadata`; `null` in trees of tests that do not need it.
    pub metadata: Value,
    /// The path of the root on this machine; empty in trees of tests.
    pub root: String,
}

impl Tree {
    /// The tree on disk.
    ///
    /// # Errors
    ///
    /// If git or cargo fail.
    pub fn read(root: &Path) -> Outcome<Self> {
        let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
        let paths = read(&mut command("git", &arguments, root))?;
        let mut files = BTreeMap::new();
        for path in paths.split('\0').filter(|path| !path.is_empty()) {
            // What git knows may have been removed since.
            if let Ok(bytes) = std::fs::read(root.join(path)) {
                files.insert(path.to_owned(), String::from_utf8(bytes).ok());
            }
        }
        let metadata = read(&mut cargo(&["metadata", "--format-version", "1", "--no-deps"], root))?;
        let metadata = serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
        Ok(Self { files, metadata, root: root.to_string_lossy().into_owned() })
    }

    /// A tree of a test.
    pub fn of<const N: usize>(files: [(&str, &str); N]) -> Self {
        let files = files.map(|(path, text)| (path.to_owned(), Some(text.to_owned())));
        Self { files: files.into(), ..Self::default() }
    }

    /// All paths, in order.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// All texts with their paths, in order.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// Texts of the files with this extension.
    pub fn texts_of(&self, extension: &str) -> impl Iterator<Item = (&str, &str)> {
        self.texts().filter(move |(path, _)| super::has_extension(path, extension))
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Paths below `folder`, without it; none if it does not exist.
    pub fn below(&self, folder: &str) -> impl Iterator<Item = &str> {
        let prefix = format!("{folder}/");
        self.files().filter_map(move |path| path.strip_prefix(&prefix))
    }

    /// Names of the folders directly in `folder`, in order.
    pub fn folders(&self, folder: &str) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.below(folder).filter_map(|path| Some(path.split_once('/')?.0)).collect();
        names.dedup();
        names
    }

    /// Whether it is a file or a folder of the tree.
    pub fn has(&self, path: &str) -> bool {
        path.is_empty() || self.files.contains_key(path) || self.below(path).next().is_some()
    }
}

/// The number, from 1, of the first line of `text` that has `part` in it; 1 if none has.
pub fn line_of(text: &str, part: &str) -> usize {
    text.lines().position(|line| line.contains(part)).map_or(1, |at| at + 1)
}

/// Lines of a Markdown text outside its fenced blocks, with their numbers from 1.
pub fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut fence: Option<usize> = None;
    let mut outside = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let indented = line.trim_start();
        let ticks = indented.len() - indented.trim_start_matches('`').len();
        match fence {
            None if ticks >= 3 => fence = Some(ticks),
            None => outside.push((number, line)),
            Some(open) if ticks >= open && indented.trim_end().len() == ticks => fence = None,
            Some(_) => {}
        }
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_files_are_found() {
        let tree = Tree::of([("a/b/c.rs", ""), ("a/d.rs", ""), ("e.md", "")]);
        assert_eq!(tree.folders("a"), ["b"]);
        assert_eq!(tree.below("a").collect::<Vec<_>>(), ["b/c.rs", "d.rs"]);
        assert!(tree.has("a/b") && tree.has("e.md") && !tree.has("a/x") && !tree.has("a/d"));
    }

    #[test]
    fn prose_is_what_stands_outside_fences() {
        let text = "a\n````kdl\nb\n```\nc\n````\nd\n";
        assert_eq!(prose(text), [(1, "a"), (7, "d")]);
    }
}
