//! One file with thirty mistakes of thirty sorts: each is said once, on the text that is wrong; those that
//! have a fix are repaired, and then the rest stands.
//!
//! `thirty.kdl` says behind each mistake what is expected: `// CODE TEXT [fix|guess]`.
//!
//! Start with `thirty_mistakes_are_thirty_findings`.

use std::collections::BTreeSet;
use std::path::Path;

use platc_diag::Safety;
use platc_driver::analysis::{Analysis, AnalysisOptions, analyse};
use platc_driver::fix;
use platc_driver::world::Memory;
use platc_model::scalar::Date;

use super::platform::TODAY;

const FILE: &str = include_str!("thirty.kdl");

/// What is said of a line: the code, the underlined text, and how it is repaired.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Mark {
    line: usize,
    code: String,
    text: String,
    repair: &'static str,
}

fn look(text: &str) -> Analysis {
    let mut world = Memory::default();
    world.insert("p/platform.kdl", text);
    analyse(&world, Path::new("p"), AnalysisOptions { today: Date::parse(TODAY).ok() })
}

fn found(analysis: &Analysis) -> Vec<Mark> {
    let mark = |problem: &platc_diag::Diagnostic| {
        let file = analysis.files.get(problem.span().file);
        let least = problem.fixes().iter().map(|fix| fix.safety).min();
        Mark {
            line: file.line_column(problem.span().start).line as usize,
            code: problem.code().id().to_owned(),
            text: file.text()[problem.span().range()].to_owned(),
            repair: least.map_or("", |safety| if safety == Safety::Safe { "fix" } else { "guess" }),
        }
    };
    let mut found: Vec<Mark> = analysis.problems.iter().map(mark).collect();
    found.sort();
    found
}

fn expected(text: &str) -> Vec<Mark> {
    let mark = |(number, line): (usize, &str)| {
        let (_, said) = line.split_once("// E")?;
        let (code, rest) = said.split_once(' ').unwrap_or((said, ""));
        let (text, repair) = match (rest.strip_suffix(" fix"), rest.strip_suffix(" guess")) {
            (Some(text), _) => (text, "fix"),
            (_, Some(text)) => (text, "guess"),
            _ => (rest, ""),
        };
        Some(Mark { line: number + 1, code: format!("E{code}"), text: text.to_owned(), repair })
    };
    text.lines().enumerate().filter_map(mark).collect()
}

/// The file with all fixes that are as sure as that, however many rounds it takes.
fn repaired(text: &str, least: Safety) -> String {
    let mut text = text.to_owned();
    for _ in 0..8 {
        let analysis = look(&text);
        match fix::apply(&analysis.files, &analysis.problems, least).pop() {
            Some(fixed) => text = fixed.text,
            None => return text,
        }
    }
    panic!("fixes go round in a circle");
}

#[test]
fn thirty_mistakes_are_thirty_findings() {
    let expected = expected(FILE);
    assert_eq!(found(&look(FILE)), expected);
    assert!(expected.len() >= 30, "{}", expected.len());
    let sorts: BTreeSet<(&str, &str)> = expected.iter().map(|one| (&*one.code, &*one.text)).collect();
    assert_eq!(sorts.len(), expected.len(), "none is there twice");
}

#[test]
fn what_has_a_fix_is_repaired_and_the_rest_stands() {
    for (least, stays) in [(Safety::Safe, &["", "guess"][..]), (Safety::Suggestion, &[""])] {
        let rest: Vec<Mark> = expected(FILE).into_iter().filter(|one| stays.contains(&one.repair)).collect();
        let text = repaired(FILE, least);
        assert_eq!(text.lines().count(), FILE.lines().count());
        assert_eq!(found(&look(&text)), rest);
    }
}
