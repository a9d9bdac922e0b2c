//! Applying fixes: those that are safe, or guesses, too.
//!
//! Start with [`apply`].

use std::collections::BTreeMap;

use platc_diag::{Diagnostic, Edit, FileId, Files, Safety};

/// A file with fixes in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fixed {
    /// The file, relative to the platform.
    pub path: String,
    /// Its new text.
    pub text: String,
    /// How many fixes it got.
    pub count: usize,
}

/// Applies fixes that are at least as sure as `least` to the platform's own files. Where two want the same place, the first in the order
/// of the report gets it, and the other its turn the next time.
pub fn apply(files: &Files, problems: &[Diagnostic], least: Safety) -> Vec<Fixed> {
    let mut taken: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    let mut counts: BTreeMap<FileId, usize> = BTreeMap::new();
    // `Safe` is the smaller one.
    let sure = |problem: &'_ Diagnostic| problem.fixes().iter().position(|fix| fix.safety <= least);
    for fix in problems.iter().filter_map(|problem| problem.fixes().get(sure(problem)?)) {
        let free = |edit: &Edit| {
            let others = taken.get(&edit.span.file).into_iter().flatten();
            is_own(files, edit.span.file) && others.clone().all(|other| !collide(edit, other))
        };
        if fix.edits.is_empty() || !fix.edits.iter().all(free) {
            continue;
        }
        for edit in &fix.edits {
            taken.entry(edit.span.file).or_default().push(edit);
        }
        if let Some(first) = fix.edits.first() {
            *counts.entry(first.span.file).or_default() += 1;
        }
    }
    let fixed = |(file, mut edits): (FileId, Vec<&Edit>)| {
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let text = edited(files.get(file).text(), &edits);
        let count = counts.get(&file).copied().unwrap_or(0);
        Fixed { path: files.get(file).path().to_owned(), text, count }
    };
    taken.into_iter().map(fixed).collect()
}

/// Whether it is a file of the platform and not of the standard library or another platform's.
fn is_own(files: &Files, file: FileId) -> bool {
    let path = files.get(file).path();
    file.0 as usize >= platc_sema::stdlib::n_files() && !path.starts_with("..") && !path.starts_with('/')
}

/// Two insertions at one place collide as well: their order would mean something.
fn collide(a: &Edit, b: &Edit) -> bool {
    let (a, b) = (a.span, b.span);
    a.file == b.file && a.start <= b.end && b.start <= a.end
}

fn edited(text: &str, edits: &[&Edit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0_usize;
    for edit in edits {
        out.push_str(text.get(at..edit.span.start as usize).unwrap_or_default());
        out.push_str(&edit.text);
        at = edit.span.end as usize;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use platc_diag::{File, Fix, Span, codes};

    use super::*;

    fn problem(file: FileId, start: u32, end: u32, text: &str, safety: Safety) -> Diagnostic {
        let span = Span::new(file, start, end);
        let edits = vec![Edit { span, text: text.to_owned() }];
        Diagnostic::new(codes::E0205, span, "x").fix(Fix { title: "x".to_owned(), edits, safety })
    }

    #[test]
    fn safe_fixes_that_do_not_collide_are_applied() {
        let mut files = platc_sema::stdlib::files();
        let file = files.add(File::new("a.kdl", "one two three"));
        let problems = [
            problem(file, 0, 3, "1", Safety::Safe),
            problem(file, 2, 5, "no", Safety::Safe),
            problem(file, 4, 7, "guess", Safety::Suggestion),
            problem(file, 8, 13, "3", Safety::Safe),
        ];
        let fixed = apply(&files, &problems, Safety::Safe);
        assert_eq!(fixed, [Fixed { path: "a.kdl".to_owned(), text: "1 two 3".to_owned(), count: 2 }]);
        let fixed = apply(&files, &problems, Safety::Suggestion);
        assert_eq!(fixed, [Fixed { path: "a.kdl".to_owned(), text: "1 guess 3".to_owned(), count: 3 }]);
    }
}
