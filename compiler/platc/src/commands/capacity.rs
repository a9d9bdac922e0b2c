//! `platc capacity`: what is where, what is left, what may be lost; and what if there were another host.
//!
//! Not here: how any of it is shown or worked out (`platc-report`, `platc-proof`).

use platc_diag::{FileId, Span};
use platc_driver::analysis::Analysis;
use platc_plan::Plan;
use platc_proof::pack::Limits;
use platc_proof::what_if::{self, Refusal};
use platc_proof::{Proofs, Standing};
use platc_report::{data, text};
use serde_json::json;

use super::{analysis_options, root, settled};
use crate::cli::{CapacityArgs, Global, Judging, TextFormat};
use crate::exit::Exit;
use crate::show;
use crate::term::{self, Term, Trouble};

pub(super) fn run(args: &CapacityArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let Some((analysis, plan)) = planned(args, global, term)? else { return Ok(Exit::Found) };
    let (proofs, mut problems) = platc_proof::prove(&plan, Limits::default());
    if !args.lose.is_empty() {
        let lost = what_if::loss(&plan, &args.lose).map_err(refused)?;
        problems = platc_proof::lose(&plan, &lost, Span::start_of(FileId(0)), Limits::default()).2;
    }
    let refuted = !args.lose.is_empty() && problems.iter().any(platc_diag::Diagnostic::is_error);
    let refuted = refuted || proofs.claims.iter().any(|proof| proof.standing() == Standing::Refuted);
    if !print(args, &plan, &proofs, &problems)? {
        return Ok(Exit::Closed);
    }
    if args.format == TextFormat::Text {
        show::findings(term, crate::cli::Format::Human, &analysis.files, &problems)?;
    }
    let fails = problems.iter().any(platc_diag::Diagnostic::is_error);
    Ok(Exit::found(refuted || fails))
}

fn print(
    args: &CapacityArgs,
    plan: &Plan,
    proofs: &Proofs<'_>,
    problems: &platc_diag::Problems,
) -> Result<bool, Trouble> {
    let mut tree = data::capacity(plan, proofs);
    if args.format == TextFormat::Text {
        return term::data(text::capacity(&tree).as_bytes());
    }
    let findings = problems.iter().map(|problem| {
        json!({ "code": problem.code().id(), "level": problem.level().word(), "message": problem.message() })
    });
    let findings: Vec<_> = findings.collect();
    if let Some(tree) = tree.as_object_mut() {
        tree.insert("findings".to_owned(), json!(findings));
    }
    let text = serde_json::to_string_pretty(&tree).map_err(Trouble::new)?;
    term::data(format!("{text}\n").as_bytes())
}

/// The plan as it is asked about; `None` where the platform is too broken to ask.
fn planned(args: &CapacityArgs, global: &Global, term: &Term) -> Result<Option<(Analysis, Plan)>, Trouble> {
    let mut changes = Vec::new();
    for text in &args.add_host {
        changes.push(what_if::parse_add_host(text).map_err(refused)?);
    }
    for text in &args.scale {
        changes.push(what_if::parse_scale(text).map_err(refused)?);
    }
    let Some(analysis) = analysed(args.dir.as_deref(), args.today.clone(), global, term)? else {
        return Ok(None);
    };
    let plan = what_if::apply(&analysis.plan, &changes).map_err(refused)?;
    Ok(Some((analysis, plan)))
}

/// A platform whose plan means something, with what its policies change: what only proofs and policies have
/// found does not count.
pub(super) fn analysed(
    dir: Option<&std::path::Path>,
    today: Option<String>,
    global: &Global,
    term: &Term,
) -> Result<Option<Analysis>, Trouble> {
    let root = root(dir)?;
    let judging = Judging { format: crate::cli::Format::Human, today, deny: None };
    let analysis = settled(&root, analysis_options(&judging)?, global);
    let broken = |problem: &&platc_diag::Diagnostic| {
        let ours = matches!(problem.code(), platc_diag::CodeRef::Own(_));
        problem.is_error() && ours && !platc_proof::is_of_a_proof(problem)
    };
    let broken: platc_diag::Problems = analysis.problems.iter().filter(broken).cloned().collect();
    if broken.is_empty() {
        return Ok(Some(analysis));
    }
    show::findings(term, crate::cli::Format::Human, &analysis.files, &broken)?;
    term.say("what is wrong comes first: there is no plan to look at");
    Ok(None)
}

fn refused(refusal: Refusal) -> Trouble {
    Trouble::new(refusal)
}
