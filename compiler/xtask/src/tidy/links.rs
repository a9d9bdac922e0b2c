//! Links in Markdown files point to files and headings that exist.
//!
//! Not here: addresses on the web, which no test may ask.

use super::tree::prose;
use super::{Finding, Tree, has_extension};

/// Looks at every Markdown file.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.texts_of("md").flat_map(|(path, text)| check_file(tree, path, text)).collect()
}

fn check_file(tree: &Tree, path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in prose(text) {
        for target in targets(&without_code(line)) {
            if let Some((message, help)) = problem(tree, path, &target) {
                findings.push(Finding::new(path, number, message, help));
            }
        }
    }
    findings
}

/// The line without its code spans: what they hold is no link.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("``")
}

/// Targets of the links in a line: `[text](target "title")` and `[name]: target`.
fn targets(line: &str) -> Vec<String> {
    let inline = line.match_indices("](").filter_map(|(at, _)| {
        let rest = line.get(at + 2..)?;
        rest.get(..rest.find(')')?)
    });
    let reference = line.trim_start().strip_prefix('[').and_then(|rest| Some(rest.split_once("]: ")?.1));
    let words = inline.chain(reference).filter_map(|target| target.split_whitespace().next());
    words.map(|target| target.trim_matches(['<', '>']).to_owned()).collect()
}

fn problem(tree: &Tree, path: &str, target: &str) -> Option<(String, &'static str)> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let file = if file.is_empty() { path.to_owned() } else { resolve(path, file) };
    if !tree.has(file.trim_end_matches('/')) {
        return Some((format!("the link to `{target}` leads nowhere"), "links are relative to their file"));
    }
    let headings = tree.text(&file).filter(|_| has_extension(&file, "md") && !anchor.is_empty())?;
    let has_heading = prose(headings).iter().any(|(_, line)| anchor_of(line).as_deref() == Some(anchor));
    (!has_heading).then(|| (format!("`{file}` has no heading `#{anchor}`"), "look at its headings"))
}

/// `target` as seen from the file `path`, from the root.
fn resolve(path: &str, target: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// What a heading is called in links, as GitHub makes it.
fn anchor_of(line: &str) -> Option<String> {
    let title = line.trim_start_matches('#');
    if title.len() == line.len() || !title.starts_with(' ') {
        return None;
    }
    let lower = title.trim().to_lowercase();
    let kept = lower.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    Some(kept.map(|c| if c == ' ' { '-' } else { c }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let text = "[a](b.md) [a](../top.md#how-it-works) [folder](sub/)\n[x](no.md)\n\
                    `[code](no.md)` [web](https://no.example/x) [here](#first)\n\
                    [y](../top.md#none)\n[z]: no.md\n# First\n";
        let tree = Tree::of([
            ("docs/a.md", text),
            ("docs/b.md", ""),
            ("docs/sub/c.md", ""),
            ("top.md", "## How it works?\n"),
        ]);
        let lines: Vec<usize> = check(&tree).iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [2, 4, 5]);
    }
}
