//! `platc test`: the tests that a platform's author keeps beside the platform.

use std::fs;
use std::path::Path;

use platc_driver::analysis::analyse;
use platc_driver::golden::Golden;
use platc_driver::tests::{self, Report};
use platc_driver::world::Disk;

use super::{analysis_options, make_directory, root, shown, write_file};
use crate::cli::{Format, TestArgs};
use crate::exit::Exit;
use crate::show;
use crate::term::{Term, Trouble};

pub(super) fn run(args: &TestArgs, term: &Term) -> Result<Exit, Trouble> {
    let bless = args.bless;
    let args = &args.platform;
    let root = root(args.dir.as_deref())?;
    let options = analysis_options(&args.judging)?;
    let analysis = analyse(&Disk, &root, options);
    if analysis.problems.iter().any(platc_diag::Diagnostic::is_error) {
        show::findings(term, args.judging.format, &analysis.files, &analysis.problems)?;
        return Ok(Exit::Found);
    }
    let mut reports = tests::run(&Disk, &analysis, options);
    if bless && write_golden(&root, &reports, term)? > 0 {
        reports = tests::run(&Disk, &analysis, options);
    }
    for report in &reports {
        let result = if report.passed() { "ok" } else { "FAILED" };
        if args.judging.format == Format::Human {
            term.say(&format!("{result}  {} ({} expectations)", report.name, report.n_expectations));
        }
        if !report.passed() && !show::findings(term, args.judging.format, &report.files, &report.failures)? {
            return Ok(Exit::Closed);
        }
    }
    let failed = reports.iter().filter(|report| !report.passed()).count();
    term.say(&format!("{} tests, {failed} failed in {}", reports.len(), shown(&root)));
    Ok(Exit::found(failed > 0))
}

/// Writes golden files as they should be, and removes those that nothing makes any more; how many.
fn write_golden(root: &Path, reports: &[Report], term: &Term) -> Result<usize, Trouble> {
    let wrong: Vec<&Golden> = reports.iter().flat_map(|report| &report.golden).collect();
    for golden in &wrong {
        let path = root.join(&golden.path);
        let verb = match &golden.bytes {
            Some(bytes) => {
                path.parent().map_or(Ok(()), make_directory)?;
                write_file(&path, bytes)?;
                "wrote"
            }
            None => {
                let gone = fs::remove_file(&path);
                gone.map_err(|error| Trouble::new(format!("cannot remove `{}`: {error}", shown(&path))))?;
                "removed"
            }
        };
        term.say(&format!("{verb} {}", golden.path));
    }
    Ok(wrong.len())
}
