//! No file names a place that exists on one developer's machine only.
//!
//! Not here: paths on target hosts. Platforms and artifacts speak of those, so there only the home folders
//! of people and the place of this very workspace count.

use super::{Finding, Tree};

/// Folders in which developers work.
const HOMES: &[&str] = &["home", "Users"];
/// Folders that are a developer's in code and documents, but may be a host's in a platform.
const SCRATCH: &[&str] = &["root", "tmp"];
/// Where texts speak of target hosts.
const OF_HOSTS: &[&str] = &["snapshots/", "examples/", "stdlib/"];

/// Looks at every text but lock files, whose content is not ours.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let texts = tree.texts().filter(|(path, _)| !path.ends_with(".lock"));
    texts.flat_map(|(path, text)| check_file(tree, path, text)).collect()
}

fn check_file(tree: &Tree, path: &str, text: &str) -> Vec<Finding> {
    let of_hosts = OF_HOSTS.iter().any(|folder| path.starts_with(folder)) || path.contains("/cases/");
    let folders = HOMES.iter().chain(SCRATCH.iter().filter(|_| !of_hosts));
    let mut banned: Vec<String> = folders.map(|folder| format!("/{folder}/")).collect();
    banned.extend(Some(tree.root.clone()).filter(|root| root.len() > 1));
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(place) = banned.iter().find_map(|part| absolute(line, part)) {
            let help = "write it relative to the file or the root, or use a made-up place such as /srv";
            findings.push(Finding::new(path, number, format!("`{place}` is on one machine only"), help));
        }
    }
    findings
}

/// A path in `line` that begins with `part` and goes on: not one that only has it inside, as addresses do.
fn absolute<'a>(line: &'a str, part: &str) -> Option<&'a str> {
    let mut places = line.match_indices(part).filter_map(|(at, _)| {
        let (before, place) = line.split_at(at);
        let is_inside = before.ends_with(|c: char| c.is_alphanumeric() || "_.-/}~*".contains(c));
        let end = place.find(|c: char| !(c.is_alphanumeric() || "/_.-".contains(c))).unwrap_or(place.len());
        let goes_on = end > part.len();
        (!is_inside && (goes_on || !part.ends_with('/'))).then(|| place.split_at(end).0)
    });
    places.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let mut tree = Tree::of([(path, text)]);
        tree.root = "/made/up".to_owned();
        check(&tree).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn paths_of_one_machine_are_found_where_they_begin() {
        let (home, scratch) = (format!("/{}/me/x", "home"), format!("/{}/x", "tmp"));
        let text = format!("see {home}\nhttps://example.org{home}\n`{scratch}`\n/var{scratch}\n/made/up/a\n");
        assert_eq!(lines("a.md", &text), [1, 3, 5]);
        assert!(lines("Cargo.lock", &text).is_empty());
    }

    #[test]
    fn artifacts_may_speak_of_the_scratch_folders_of_hosts() {
        let (home, scratch) = (format!("/{}/me/x", "home"), format!("/{}/x", "tmp"));
        assert_eq!(lines("snapshots/a/x.yaml", &format!("{scratch}\n{home}\n")), [2]);
    }
}
