//! Every Rust file opens with a comment about itself.
//!
//! Not here: whether it answers what is in the file, what is not, and where to start. That is for readers;
//! this rule sees that somebody tried.

use super::{Finding, Tree};

/// Fewer words than this say nothing that the file's name does not.
const WORDS_MIN: usize = 5;

/// Looks at the `//!` lines of every Rust file.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.texts_of("rs").filter_map(|(path, text)| check_file(path, text)).collect()
}

fn check_file(path: &str, text: &str) -> Option<Finding> {
    let head: String = text.lines().map_while(|line| line.strip_prefix("//!")).collect();
    let words = head.split_whitespace().count();
    let message = match words {
        0 => "the file does not open with `//!`".to_owned(),
        1..WORDS_MIN => format!("the head comment says nothing: {}", head.trim()),
        _ => return None,
    };
    let help = "say what is here, what is deliberately not, and where to start";
    Some(Finding::new(path, 1, message, help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_without_a_head_or_with_an_empty_one_are_found() {
        let tree = Tree::of([
            ("a.rs", "use x;\n"),
            ("b.rs", "//! Helpers.\n\nuse x;\n"),
            ("c.rs", "//! Routes of a host, as lines of a table.\n//!\n//! Not here: allocation.\n"),
            ("d.md", "no Rust"),
        ]);
        let files: Vec<String> = check(&tree).into_iter().map(|finding| finding.file).collect();
        assert_eq!(files, ["a.rs", "b.rs"]);
    }
}
