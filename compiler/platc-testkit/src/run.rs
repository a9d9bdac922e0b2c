//! The runner: each case is a test of its own; `PLATC_BLESS=1` rewrites the expected values.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Arguments, Failed, Trial};

use crate::case::{Case, CaseFile};

/// What running a case gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How the findings differ from the comments in the case's files; empty if they do not.
    pub findings: String,
    /// For each expected value, in order, what came instead.
    pub values: Vec<String>,
}

/// Runs all cases of the `.md` files in `files`, as the `main` of a test without a harness.
///
/// A case fails when its findings differ from its comments or a value from the expected one. With
/// `PLATC_BLESS=1` the expected values are rewritten instead; findings never are.
pub fn run_cases(files: Vec<PathBuf>, run: impl Fn(&Case) -> Outcome + Send + Sync + 'static) -> ExitCode {
    let run = Arc::new(run);
    #[expect(clippy::disallowed_methods, reason = "how a test is told to rewrite its expected values")]
    let bless = std::env::var("PLATC_BLESS").is_ok_and(|value| value == "1");
    let mut trials = Vec::new();
    for path in files {
        let file = CaseFile::read(&path);
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if file.cases.is_empty() {
            let why = format!("{}: there is no case in this file", path.display());
            trials.push(Trial::test(stem, move || Err(why.into())));
            continue;
        }
        let rewrites = Arc::new(Mutex::new(Vec::new()));
        if bless {
            let run = Arc::clone(&run);
            trials.push(Trial::test(format!("{stem}::bless"), move || {
                // A case that fails for another reason keeps no other from being rewritten.
                let check = |case| {
                    check(case, &run(case), Some(&rewrites)).map_err(|failed| at(&path, case, &failed))
                };
                let failed: Vec<Failed> = file.cases.iter().filter_map(|case| check(case).err()).collect();
                rewrite(&path, &file.text, &rewrites)?;
                let failed: String = failed.iter().filter_map(Failed::message).collect();
                if failed.is_empty() { Ok(()) } else { Err(failed.into()) }
            }));
            continue;
        }
        for case in file.cases {
            let run = Arc::clone(&run);
            let name = format!("{stem}::{}", case.name);
            let place = path.clone();
            trials.push(Trial::test(name, move || {
                check(&case, &run(&case), None).map_err(|failed| at(&place, &case, &failed))
            }));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// How an outcome differs from what a case expects; empty if it does not.
pub fn differences(case: &Case, outcome: &Outcome) -> String {
    told(check(case, outcome, None))
}

/// The text of a case file with the expected values that came instead of those that differ, and what is wrong
/// beside that: findings are never written down unseen.
pub fn blessed(text: &str, outcomes: &[(Case, Outcome)]) -> (String, String) {
    let rewrites = Mutex::new(Vec::new());
    let wrong = outcomes.iter().map(|(case, outcome)| told(check(case, outcome, Some(&rewrites)))).collect();
    let rewrites = rewrites.into_inner().unwrap_or_else(PoisonError::into_inner);
    (rewritten(text, rewrites), wrong)
}

fn told(checked: Result<(), Failed>) -> String {
    let failed = checked.err();
    failed.as_ref().and_then(Failed::message).unwrap_or_default().to_owned()
}

type Rewrites = Mutex<Vec<(std::ops::Range<usize>, String)>>;

fn check(case: &Case, outcome: &Outcome, rewrites: Option<&Rewrites>) -> Result<(), Failed> {
    let mut report = outcome.findings.clone();
    for (block, value) in case.expected.iter().zip(&outcome.values) {
        if block.text == as_block(value) {
            continue;
        }
        match rewrites.and_then(|rewrites| rewrites.lock().ok()) {
            Some(_) if closes_early(value, block.fence) => {
                let _ =
                    writeln!(report, "line {}: the value has a fence in it: use a longer one", block.line);
            }
            Some(mut list) => list.push((block.range.clone(), as_block(value))),
            None => {
                let (tag, args, line) = (&block.tag, &block.args, block.line);
                let _ = writeln!(
                    report,
                    "line {line}: `{tag} {args}` differs:\n{}",
                    diff(&block.text, &as_block(value))
                );
            }
        }
    }
    if outcome.values.len() != case.expected.len() {
        let _ = writeln!(report, "{} expected values, {} came", case.expected.len(), outcome.values.len());
    }
    if report.is_empty() { Ok(()) } else { Err(report.into()) }
}

/// A value as it stands between fences: with a newline at its end, unless it is empty.
fn as_block(value: &str) -> String {
    let newline = if value.is_empty() || value.ends_with('\n') { "" } else { "\n" };
    format!("{value}{newline}")
}

/// Whether a line of the value would end a block whose fence is that long.
fn closes_early(value: &str, fence: usize) -> bool {
    value
        .lines()
        .any(|line| line.trim_end().len() == fence && line.trim_end().bytes().all(|byte| byte == b'`'))
}

fn at(path: &Path, case: &Case, failed: &Failed) -> Failed {
    let message = failed.message().unwrap_or_default();
    format!("{}: {}\n{message}", path.display(), case.name).into()
}

#[expect(clippy::disallowed_methods, reason = "bless writes what it is asked to write")]
fn rewrite(path: &Path, text: &str, rewrites: &Rewrites) -> Result<(), Failed> {
    let list = std::mem::take(&mut *rewrites.lock().map_err(|_| Failed::from("a case panicked"))?);
    if list.is_empty() {
        return Ok(());
    }
    std::fs::write(path, rewritten(text, list)).map_err(|error| error.to_string().into())
}

fn rewritten(text: &str, mut list: Vec<(std::ops::Range<usize>, String)>) -> String {
    list.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut text = text.to_owned();
    for (range, value) in list {
        text.replace_range(range, &value);
    }
    text
}

fn diff(expected: &str, found: &str) -> String {
    let diff = similar::TextDiff::from_lines(expected, found);
    diff.unified_diff().context_radius(3).header("expected", "found").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "what was written is read back")]
    fn values_are_rewritten_even_beside_a_case_that_fails() {
        let text = "# A\n```kdl\nx\n```\n```plan\nold\n```\n# B\n```kdl\ny\n```\n```plan\n```\n";
        let cases = crate::case::parse(text).unwrap();
        let rewrites = Mutex::new(Vec::new());
        let failing = Outcome { findings: "why".to_owned(), values: vec!["new".to_owned()] };
        assert!(check(&cases[0], &failing, Some(&rewrites)).is_err());
        let fine = Outcome { findings: String::new(), values: vec!["more\n".to_owned()] };
        assert!(check(&cases[1], &fine, Some(&rewrites)).is_ok());
        let path = std::env::temp_dir().join(format!("platc-bless-{}.md", std::process::id()));
        rewrite(&path, text, &rewrites).unwrap();
        let expected = text.replace("old", "new").replace("```plan\n```", "```plan\nmore\n```");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_value_with_a_fence_in_it_is_not_written_into_a_short_one() {
        let cases = crate::case::parse("# A\n```hover\nx\n```\n").unwrap();
        let rewrites = Mutex::new(Vec::new());
        let value = Outcome { findings: String::new(), values: vec!["```kdl\ny\n```\n".to_owned()] };
        assert!(check(&cases[0], &value, Some(&rewrites)).is_err());
        assert!(rewrites.lock().unwrap().is_empty());
    }
}
