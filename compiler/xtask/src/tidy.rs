//! The rules of the tree that no compiler checks: layers, reasons, head comments, complete tables, links.
//!
//! Each rule is a function from a [`Tree`] to findings, so that its own test can show it a tree that breaks
//! it. A rule over a folder that does not exist yet finds nothing. `cargo xtask tidy` prints all findings;
//! the test binary of this crate runs each rule as a test.
//!
//! Not here: what clippy or rustfmt say. Start with [`RULES`]; to add a rule is to add a row and a file.

use std::fmt;
use std::path::Path;

use crate::{Outcome, root};

pub mod commands;
pub mod files;
pub mod heads;
pub mod layers;
pub mod links;
pub mod paths;
pub mod reasons;
pub mod tables;
pub mod text;
pub mod tree;
pub mod words;

pub use tree::Tree;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// What findings and tests call it.
    pub name: &'static str,
    /// Whether the tree keeps it.
    pub check: fn(&Tree) -> Vec<Finding>,
}

/// A place that breaks a rule.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Finding {
    /// The file, from the root.
    pub file: String,
    /// The line, from 1; 0 where the file as a whole is meant.
    pub line: usize,
    /// What is the matter.
    pub message: String,
    /// The way out.
    pub help: String,
}

/// All rules.
pub const RULES: &[Rule] = &[
    Rule { name: "layers", check: layers::check },
    Rule { name: "reasons", check: reasons::check },
    Rule { name: "heads", check: heads::check },
    Rule { name: "words", check: words::check },
    Rule { name: "paths", check: paths::check },
    Rule { name: "text", check: text::check },
    Rule { name: "links", check: links::check },
    Rule { name: "files", check: files::check },
    Rule { name: "commands", check: commands::check },
    Rule { name: "emitters", check: tables::emitters },
    Rule { name: "codes", check: tables::codes },
    Rule { name: "stdlib", check: tables::stdlib },
    Rule { name: "goldens", check: tables::goldens },
];

/// Runs the command.
///
/// # Errors
///
/// If the tree breaks a rule; with all findings.
pub fn run() -> Outcome {
    let tree = Tree::read(&root())?;
    let findings: Vec<String> = RULES.iter().filter_map(|rule| report(rule, &tree).err()).collect();
    if findings.is_empty() {
        eprintln!("tidy: {} files keep {} rules", tree.files().count(), RULES.len());
        return Ok(());
    }
    Err(findings.concat())
}

/// Whether `tree` keeps `rule`.
///
/// # Errors
///
/// If not; with all findings, for a person.
pub fn report(rule: &Rule, tree: &Tree) -> Outcome {
    let mut findings = (rule.check)(tree);
    findings.sort();
    let text: String = findings.iter().map(|finding| format!("{}: {finding}\n", rule.name)).collect();
    if text.is_empty() { Ok(()) } else { Err(text) }
}

impl Finding {
    /// A finding in line `line` of `file`.
    pub fn new(file: &str, line: usize, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, message: message.into(), help: help.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, message, help } = self;
        write!(f, "{file}:{line}: {message}\n  help: {help}")
    }
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The path ends in `.extension`.
pub(crate) fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_place_rule_and_way_out() {
        let rule = Rule { name: "r", check: |_| vec![Finding::new("a.rs", 3, "is wrong", "do right")] };
        let said = report(&rule, &Tree::default()).unwrap_err();
        assert_eq!(said, "r: a.rs:3: is wrong\n  help: do right\n");
    }

    #[test]
    fn an_empty_tree_breaks_no_rule_but_those_of_files_that_must_be() {
        for rule in RULES.iter().filter(|rule| rule.name != "files") {
            assert_eq!(report(rule, &Tree::default()), Ok(()), "{}", rule.name);
        }
    }
}
