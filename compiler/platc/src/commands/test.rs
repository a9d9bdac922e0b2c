//! `platc test`: the tests that a platform's author keeps beside the platform.

use platc_driver::analysis::analyse;
use platc_driver::tests;
use platc_driver::world::Disk;

use super::{analysis_options, root, shown};
use crate::cli::{Format, PlatformArgs};
use crate::exit::Exit;
use crate::show;
use crate::term::{Term, Trouble};

pub(super) fn run(args: &PlatformArgs, term: &Term) -> Result<Exit, Trouble> {
    let root = root(args.dir.as_deref())?;
    let options = analysis_options(&args.judging)?;
    let analysis = analyse(&Disk, &root, options);
    if analysis.problems.iter().any(platc_diag::Diagnostic::is_error) {
        show::findings(term, args.judging.format, &analysis.files, &analysis.problems)?;
        return Ok(Exit::Found);
    }
    let reports = tests::run(&Disk, &analysis, options);
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
