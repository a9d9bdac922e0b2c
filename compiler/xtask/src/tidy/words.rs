//! Words that no Rust file of ours has in its code: unfinished work, switched-off tests, waiting.
//!
//! Not here: what clippy bans by path. This sees code that a `cfg` hides from it, too.

use super::{Finding, Tree};

/// What is looked for, in two parts so that this file does not find itself; why not, and what instead.
const BANNED: &[(&str, &str, &str, &str)] = &[
    ("todo", "!", "it is unfinished", "finish it, or leave it out and say so in the issue"),
    ("unimplemented", "!", "it is unfinished", "finish it, or leave it out and say so in the issue"),
    ("#[ig", "nore", "a test that does not run proves nothing", "mend the test or remove it"),
    ("::sl", "eep(", "time passing is not an event", "wait for the event itself: a pipe, a file, a message"),
];

/// Looks at the code of every Rust file.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.texts_of("rs").flat_map(|(path, text)| check_file(path, text)).collect()
}

fn check_file(path: &str, text: &str) -> Vec<Finding> {
    let code = (1..).zip(text.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"));
    let findings = code.flat_map(|(number, line)| {
        let banned = BANNED.iter().filter(move |(head, tail, ..)| line.contains(&format!("{head}{tail}")));
        banned.map(move |(head, tail, why, help)| {
            Finding::new(path, number, format!("`{head}{tail}`: {why}"), *help)
        })
    });
    findings.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banned_words_are_found_in_code_and_not_in_comments() {
        let text = BANNED.iter().map(|(head, tail, ..)| format!("// {head}{tail}\n{head}{tail}\n"));
        let tree = Tree::of([("a.rs", &*text.collect::<String>()), ("b.md", &format!("{}{}", "todo", "!"))]);
        let lines: Vec<usize> = check(&tree).iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [2, 4, 6, 8]);
    }
}
