//! `golden "clusters/**"` in a test: files of the build that are kept beside the platform, so that a change of
//! what is written shows up in a review. `platc test --bless` writes them.
//!
//! They lie in `golden/TEST/PATH`, where `TEST` is the test's name with dashes. Files are those of the plan,
//! before policies change anything.
//!
//! Start with [`compare`].

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use platc_diag::{Problems, Span};
use platc_plan::Plan;
use platc_syntax::{Node, Value as Written};

use crate::analysis::Analysis;
use crate::emission::emit;
use crate::errors;
use crate::world::{EntryKind, World};

/// The directory of golden files, beside `platform.kdl`.
pub const DIR: &str = "golden";

/// A golden file that is not as it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Golden {
    /// Its path from the platform, with slashes.
    pub path: String,
    /// What it should hold; `None` for a file that should not be there.
    pub bytes: Option<Vec<u8>>,
}

/// The directory of a test's golden files, from the platform.
pub(crate) fn directory(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.map(str::to_lowercase).collect::<Vec<_>>().join("-");
    format!("{DIR}/{}", if slug.is_empty() { "test" } else { &slug })
}

/// Compares the files that a test's patterns choose with what is kept of them.
pub(crate) fn compare(
    world: &dyn World,
    root: &Path,
    name: &str,
    patterns: &[Written<'_>],
    plan: &Plan,
    failures: &mut Problems,
) -> Vec<Golden> {
    let dir = directory(name);
    let mut wrong = Vec::new();
    let mut made: BTreeSet<String> = BTreeSet::new();
    let jobs = platc_emit::jobs(plan);
    for written in patterns {
        let pattern = written.text().unwrap_or_default();
        let mut any = false;
        for (emitter, job) in jobs.iter().filter(|(_, job)| matches(&pattern, job.path.as_str())) {
            any = true;
            let path = format!("{dir}/{}", job.path.as_str());
            let Ok(emitted) = emit(plan, *emitter, job) else { continue };
            if !made.insert(path.clone()) {
                continue;
            }
            if let Some(difference) = difference(world.read(&root.join(&path)), &emitted.bytes) {
                failures.push(errors::golden_differs(written.span(), job.path.as_str(), &path, &difference));
                wrong.push(Golden { path, bytes: Some(emitted.bytes) });
            }
        }
        if !any {
            failures.push(errors::golden_of_nothing(written.span(), &pattern));
        }
    }
    let Some(last) = patterns.last() else { return wrong };
    for path in below(world, root, &dir) {
        if !made.contains(&path) {
            failures.push(errors::golden_left_over(last.span(), &path));
            wrong.push(Golden { path, bytes: None });
        }
    }
    wrong
}

/// Directories of golden files that belong to no test any more, as findings of the whole.
pub(crate) fn left_over(world: &dyn World, analysis: &Analysis) -> (Problems, Vec<Golden>) {
    let tests = analysis.index.tests.iter().map(|at| analysis.project.node(*at));
    let kept: BTreeSet<String> =
        tests.filter(|test| has_golden(*test)).map(|test| directory(&name(test))).collect();
    let (mut problems, mut wrong) = (Problems::new(), Vec::new());
    for path in below(world, &analysis.root, DIR) {
        if !kept.iter().any(|dir| path.strip_prefix(dir.as_str()).is_some_and(|rest| rest.starts_with('/'))) {
            problems.push(errors::golden_left_over(analysis.platform_span(), &path));
            wrong.push(Golden { path, bytes: None });
        }
    }
    (problems, wrong)
}

/// The tests whose golden files would lie where those of another one do, with that one's place.
pub(crate) fn shared_directories(analysis: &Analysis) -> BTreeMap<Span, Span> {
    let mut first: BTreeMap<String, Span> = BTreeMap::new();
    let mut shared = BTreeMap::new();
    for at in &analysis.index.tests {
        let test = analysis.project.node(*at);
        if has_golden(test) {
            let here = test.header_span();
            let other = *first.entry(directory(&name(test))).or_insert(here);
            if other != here {
                shared.insert(here, other);
            }
        }
    }
    shared
}

fn has_golden(test: Node<'_>) -> bool {
    test.children().any(|child| child.name() == "golden")
}

pub(crate) fn name(test: Node<'_>) -> String {
    test.arg(0).and_then(Written::text).unwrap_or_default().into_owned()
}

/// All files below a directory of the platform, in order.
fn below(world: &dyn World, root: &Path, dir: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in world.list(&root.join(dir)).unwrap_or_default() {
        let path = format!("{dir}/{}", entry.name);
        match entry.kind {
            EntryKind::Directory => found.extend(below(world, root, &path)),
            EntryKind::File | EntryKind::Other => found.push(path),
        }
    }
    found
}

/// How a kept file differs from what is made; `None` if it does not.
fn difference(kept: io::Result<Vec<u8>>, made: &[u8]) -> Option<String> {
    let kept = match kept {
        Ok(kept) => kept,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Some("it is not kept yet".to_owned());
        }
        Err(error) => return Some(format!("it cannot be read: {error}")),
    };
    if kept == made {
        return None;
    }
    let (kept, made) = (String::from_utf8_lossy(&kept), String::from_utf8_lossy(made));
    let (mut before, mut now) = (kept.lines(), made.lines());
    for number in 1_usize.. {
        match (before.next(), now.next()) {
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) => {
                return Some(format!("line {number} was `{}` and is `{}`", a.trim(), b.trim()));
            }
            (Some(a), None) => return Some(format!("line {number}, `{}`, is gone", a.trim())),
            (None, Some(b)) => return Some(format!("line {number}, `{}`, is new", b.trim())),
            (None, None) => break,
        }
    }
    Some("line ends differ".to_owned())
}

/// Whether a path is what a pattern says: `*` stands for anything but `/`, `**` for anything.
pub fn matches(pattern: &str, path: &str) -> bool {
    match pattern.find('*') {
        None => pattern == path,
        Some(at) => {
            let (before, rest) = pattern.split_at(at);
            let Some(path) = path.strip_prefix(before) else { return false };
            let (rest, across) = match rest.strip_prefix("**") {
                Some(rest) => (rest, true),
                None => (rest.strip_prefix('*').unwrap_or_default(), false),
            };
            let ends = path.char_indices().map(|(end, _)| end).chain([path.len()]);
            let may_skip = |end: &usize| across || !path.get(..*end).unwrap_or_default().contains('/');
            ends.take_while(may_skip).any(|end| matches(rest, path.get(end..).unwrap_or_default()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{difference, directory, matches};

    #[test]
    fn stars_stop_at_slashes_and_two_do_not() {
        assert!(matches("clusters/*/01-*/web.*", "clusters/a/01-x/web.y.yaml"));
        assert!(!matches("clusters/*", "clusters/a/b"));
        assert!(matches("clusters/**", "clusters/a/b"));
        assert!(matches("**/web.yaml", "clusters/a/web.yaml") && !matches("*", "a/b"));
    }

    #[test]
    fn a_test_has_a_directory_of_its_name() {
        assert_eq!(directory("The web, as it was reviewed!"), "golden/the-web-as-it-was-reviewed");
        assert_eq!(directory("../.."), "golden/test");
    }

    #[test]
    fn the_first_line_that_differs_is_shown() {
        let of = |kept: &str, made: &str| difference(Ok(kept.as_bytes().to_vec()), made.as_bytes());
        assert_eq!(of("a\n", "a\n"), None);
        assert_eq!(of("a\nb\n", "a\n c\n").as_deref(), Some("line 2 was `b` and is `c`"));
        assert_eq!(of("a\n", "a\nb\n").as_deref(), Some("line 2, `b`, is new"));
        assert_eq!(of("a\r\n", "a\n").as_deref(), Some("line ends differ"));
    }
}
