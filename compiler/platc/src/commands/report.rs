//! `platc report --out FILE`: the page with everything on it.
//!
//! Start with [`run`].

use platc_diff::{Side as _, diff, text};
use platc_driver::analysis::Analysis;
use platc_driver::build::DIST;
use platc_driver::rendered::Rendered;
use platc_proof::pack::Limits;
use platc_report::{Changes, Report};
use platc_store::Store;

use super::capacity::analysed;
use super::diff::build_of;
use super::{build_trouble, threads, write_file};
use crate::cli::{Global, ReportArgs};
use crate::exit::Exit;
use crate::term::{Term, Trouble};

/// Columns of what changed: what fits onto a printed page.
const WIDTH: usize = 100;

pub(super) fn run(args: &ReportArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let Some(mut analysis) = analysed(args.dir.as_deref(), args.today.clone(), global, term)? else {
        return Ok(Exit::Found);
    };
    let mut changes = None;
    if let Some(name) = &args.since {
        let (same, told) = since(analysis, name, global)?;
        analysis = same;
        changes = Some(told);
    }
    let (proofs, _) = platc_proof::prove(&analysis.plan, Limits::default());
    let page = platc_report::report(&Report {
        plan: &analysis.plan,
        proofs: &proofs,
        findings: &analysis.problems,
        files: &analysis.files,
        changes: changes.as_ref().map(|(since, text)| Changes { since, text: text.as_deref() }),
    });
    let page = page.map_err(Trouble::new)?;
    write_file(&args.out, page.as_bytes())?;
    term.say(&format!("{}: {} KB", args.out.display(), page.len().div_ceil(1000)));
    Ok(Exit::Clean)
}

/// Which build that is, and what has changed since, as `platc diff` says it; with the platform given back.
fn since(
    analysis: Analysis,
    name: &str,
    global: &Global,
) -> Result<(Analysis, (String, Option<String>)), Trouble> {
    let root = analysis.root.clone();
    let store = Store::open(root.join(DIST), threads(global));
    let before = build_of(&store, name)?.ok_or_else(|| {
        Trouble::new(format!("there is no build `{name}`")).help("`platc log` lists builds")
    })?;
    let now = Rendered::new("working tree".to_owned(), analysis);
    let now = now.map_err(|error| build_trouble(error, &root))?;
    let change = diff(&before, &now);
    let style = text::Style { width: WIDTH, color: false };
    let told = (!change.is_empty()).then(|| text::render(&change, style));
    Ok((now.into_analysis(), (before.name().to_owned(), told)))
}
