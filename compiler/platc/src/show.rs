//! Findings, in the form that was asked for.
//!
//! People get them on stderr, with source lines; every other form is data and goes to stdout, also where
//! there is nothing to report. Start with [`findings`].

mod github;
mod human;
mod junit;
mod sarif;

use platc_diag::{Diagnostic, Files, Level};

use crate::cli::{Format, Judging};
use crate::term::{self, Term, Trouble};

/// Findings that are drawn for people; beyond, only their number is told.
const DRAWN_MAX: usize = 100;

/// Shows findings. Gives `false` where whoever reads stdout has gone.
pub(crate) fn findings(
    term: &Term,
    format: Format,
    files: &Files,
    problems: &[Diagnostic],
) -> Result<bool, Trouble> {
    let text = match format {
        Format::Human => {
            draw(term, files, problems);
            return Ok(true);
        }
        Format::Json => platc_driver::findings::to_json(files, problems),
        Format::Sarif => sarif::log(files, problems),
        Format::Github => github::commands(files, problems),
        Format::Junit => junit::report(files, problems),
    };
    term::data(text.as_bytes())
}

fn draw(term: &Term, files: &Files, problems: &[Diagnostic]) {
    let painter = human::Painter::new(term.width, term.color);
    for problem in problems.iter().take(DRAWN_MAX) {
        term::talk(&painter.draw(files, problem));
    }
    if let Some(more) = problems.len().checked_sub(DRAWN_MAX).filter(|more| *more > 0) {
        term::talk(&format!("and {more} more; `--format json` has all of them\n"));
    }
}

/// `2 errors and 1 warning`; nothing where there is neither.
pub(crate) fn tally(problems: &[Diagnostic]) -> Option<String> {
    let count = |level| problems.iter().filter(|problem| problem.level() == level).count();
    let some = |n: usize, word: &str| match n {
        0 => None,
        1 => Some(format!("1 {word}")),
        n => Some(format!("{n} {word}s")),
    };
    match (some(count(Level::Error), "error"), some(count(Level::Warning), "warning")) {
        (Some(errors), Some(warnings)) => Some(format!("{errors} and {warnings}")),
        (some, none) => some.or(none),
    }
}

/// Whether findings make a command fail.
pub(crate) fn fails(judging: &Judging, problems: &[Diagnostic]) -> bool {
    let denied = judging.deny.is_some();
    problems.iter().any(|problem| problem.is_error() || (denied && problem.level() == Level::Warning))
}
