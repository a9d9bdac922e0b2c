//! `platc capacity`: what is where, what is left, what may be lost; and what if there were another host.
//!
//! Not here: how any of it is shown or worked out (`platc-report`, `platc-proof`).

use platc_diag::{FileId, Span};
use platc_driver::analysis::Analysis;
use platc_plan::Plan;
use platc_proof::pack::Limits;
use platc_proof::what_if::{self, Refusal};
use platc_report::{data, text};
use serde_json::{Value, json};

use super::{analysis_options, root, settled};
use crate::cli::{CapacityArgs, Global, Judging, TextFormat};
use crate::exit::Exit;
use crate::show;
use crate::term::{self, Term, Trouble};

pub(super) fn run(args: &CapacityArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let Some((analysis, plan)) = planned(args, global, term)? else { return Ok(Exit::Found) };
    let (proofs, found) = platc_proof::prove(&plan, Limits::default());
    let mut tree = data::capacity(&plan, &proofs);
    // Who asks about a loss wants to know what it does, whatever is waived of what is claimed.
    let problems = if args.lose.is_empty() {
        analysis.unwaived(found)
    } else {
        let lost = what_if::loss(&plan, &args.lose).map_err(refused)?;
        let (outcome, _, problems) =
            platc_proof::lose(&plan, &lost, Span::start_of(FileId(0)), Limits::default());
        insert(&mut tree, "lost", data::case(&plan, &outcome));
        problems
    };
    if !print(args, tree, &problems)? {
        return Ok(Exit::Closed);
    }
    if args.format == TextFormat::Text {
        show::findings(term, crate::cli::Format::Human, &analysis.files, &problems)?;
    }
    Ok(Exit::found(problems.iter().any(platc_diag::Diagnostic::is_error)))
}

fn print(args: &CapacityArgs, mut tree: Value, problems: &platc_diag::Problems) -> Result<bool, Trouble> {
    if args.format == TextFormat::Text {
        return term::data(text::capacity(&tree).as_bytes());
    }
    let findings = problems.iter().map(|problem| {
        json!({ "code": problem.code().id(), "level": problem.level().word(), "message": problem.message() })
    });
    insert(&mut tree, "findings", findings.collect());
    let text = serde_json::to_string_pretty(&tree).map_err(Trouble::new)?;
    term::data(format!("{text}\n").as_bytes())
}

fn insert(tree: &mut Value, name: &str, value: Value) {
    if let Some(tree) = tree.as_object_mut() {
        tree.insert(name.to_owned(), value);
    }
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
