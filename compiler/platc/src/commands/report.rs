//! `platc report --out FILE`: the page with everything on it.

use platc_proof::pack::Limits;
use platc_report::Report;

use super::capacity::analysed;
use super::write_file;
use crate::cli::{Global, ReportArgs};
use crate::exit::Exit;
use crate::term::{Term, Trouble};

pub(super) fn run(args: &ReportArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let Some(analysis) = analysed(args.dir.as_deref(), args.today.clone(), global, term)? else {
        return Ok(Exit::Found);
    };
    let (proofs, _) = platc_proof::prove(&analysis.plan, Limits::default());
    let page = platc_report::report(&Report {
        plan: &analysis.plan,
        proofs: &proofs,
        findings: &analysis.problems,
        files: &analysis.files,
        changes: None,
    });
    let page = page.map_err(Trouble::new)?;
    write_file(&args.out, page.as_bytes())?;
    term.say(&format!("{}: {} KB", args.out.display(), page.len().div_ceil(1000)));
    Ok(Exit::Clean)
}
