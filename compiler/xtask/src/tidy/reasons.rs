//! Every dependency has a reason: a comment above it in the root's `Cargo.toml`, which is also the only
//! place with versions.
//!
//! Not here: whether the reason is good. Crates of our own need none: the layers are their reason.

use super::{Finding, Tree};

/// Looks at the root's table of dependencies and at those of the members.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let shared = tree.text("Cargo.toml").map(without_reason).unwrap_or_default();
    let members = tree.texts_of("toml").filter(|(path, _)| is_member(path));
    shared.into_iter().chain(members.flat_map(|(path, text)| own_version(path, text))).collect()
}

fn is_member(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    // Workspaces of their own have their own tables.
    matches!(parts.as_slice(), ["compiler", name, "Cargo.toml"] if !["fuzz", "kube-tables"].contains(name))
}

fn without_reason(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut has_reason = false;
    for (number, line) in lines_of(text, |section| section == "workspace.dependencies") {
        if line.starts_with('#') {
            has_reason = true;
            continue;
        }
        let name = line.split(['=', '.']).next().unwrap_or_default().trim();
        let is_entry = line.contains('=') && !line.contains("path =") && !line.starts_with([' ', ']', '}']);
        if is_entry && !has_reason {
            let help = "say in a comment directly above what it does for us that std does not";
            findings.push(Finding::new("Cargo.toml", number, format!("`{name}` has no reason"), help));
        }
        has_reason = false;
    }
    findings
}

fn own_version(path: &str, text: &str) -> Vec<Finding> {
    let entries = lines_of(text, |section| section.ends_with("dependencies"));
    let own = entries.into_iter().filter(|(_, line)| line.contains('=') && !line.starts_with('#'));
    let own = own.filter(|(_, line)| !line.contains("workspace = true"));
    let finding = |(number, line): (usize, &str)| {
        let name = line.split('=').next().unwrap_or_default().trim();
        let help = "versions are shared: [workspace.dependencies] of the root, and `.workspace = true` here";
        Finding::new(path, number, format!("`{name}` has a version of its own"), help)
    };
    own.map(finding).collect()
}

/// Lines of the sections that are wanted, with their numbers from 1.
fn lines_of(text: &str, is_wanted: impl Fn(&str) -> bool) -> Vec<(usize, &str)> {
    let mut wanted = false;
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        match line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(section) => wanted = is_wanted(section),
            None if wanted => lines.push((number, line)),
            None => {}
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_without_a_comment_of_its_own_is_found() {
        let text = "[workspace.dependencies]\nplatc-diag = { path = \"x\" }\n\n# Why.\n# More.\ngood = \"1\"\n\
                    bad = { version = \"1\" }\n\n# Only in tests.\n\nalso-bad = \"2\"\n[profile.dev]\nfree = 1\n";
        let lines: Vec<usize> = check(&Tree::of([("Cargo.toml", text)])).iter().map(|f| f.line).collect();
        assert_eq!(lines, [7, 11]);
    }

    #[test]
    fn members_take_versions_from_the_workspace() {
        let text =
            "[dependencies]\na.workspace = true\nb = { workspace = true, features = [\"x\"] }\nc = \"1\"\n";
        let tree = Tree::of([("compiler/platc-x/Cargo.toml", text), ("compiler/fuzz/Cargo.toml", text)]);
        let found = check(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].file.as_str()), (4, "compiler/platc-x/Cargo.toml"));
    }
}
