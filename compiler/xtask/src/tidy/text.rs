//! Texts that people write by hand end with one newline and have no blanks at the ends of lines.
//!
//! Not here: Rust, which rustfmt keeps; goldens, whose bytes are what they are; and inputs of tests, which
//! may be wrong on purpose.

use super::tree::prose;
use super::{Finding, Tree};

/// Extensions of hand-written texts.
const WRITTEN: &[&str] = &["kdl", "md", "toml"];
/// Folders of files that may be wrong on purpose.
const INPUTS: &[&str] = &["samples", "seeds", "corpus"];

/// Looks at KDL, Markdown and TOML.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let written = WRITTEN.iter().flat_map(|extension| tree.texts_of(extension));
    let ours = written.filter(|(path, _)| {
        !path.starts_with("snapshots/") && !path.split('/').any(|folder| INPUTS.contains(&folder))
    });
    ours.flat_map(|(path, text)| check_file(path, text)).collect()
}

fn check_file(path: &str, text: &str) -> Vec<Finding> {
    // Blocks of a case file hold expected values, blanks and all.
    let lines = if path.ends_with(".md") { prose(text) } else { (1..).zip(text.lines()).collect() };
    let blank = |(_, line): &(usize, &str)| line.ends_with([' ', '\t', '\r']);
    let trailing = lines.into_iter().filter(blank);
    let mut findings: Vec<Finding> = trailing
        .map(|(number, _)| Finding::new(path, number, "the line ends with a blank", "remove it"))
        .collect();
    if !text.is_empty() && (!text.ends_with('\n') || text.ends_with("\n\n")) {
        let last = text.lines().count();
        findings.push(Finding::new(path, last, "the file does not end with one newline", "end it with one"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_at_ends_are_found_but_not_in_expected_values() {
        let tree = Tree::of([
            ("a.kdl", "a \nb\n"),
            ("b.md", "x \n```text\ny \n```\n"),
            ("c.toml", "x"),
            ("d.toml", "x\n\n"),
            ("e.toml", "x\n"),
            ("snapshots/f/g.toml", "x "),
            ("compiler/x/tests/samples/h.toml", "x "),
        ]);
        let found: Vec<(String, usize)> = check(&tree).into_iter().map(|f| (f.file, f.line)).collect();
        let expected = [("a.kdl", 1), ("b.md", 1), ("c.toml", 1), ("d.toml", 2)];
        assert_eq!(found, expected.map(|(file, line)| (file.to_owned(), line)));
    }
}
