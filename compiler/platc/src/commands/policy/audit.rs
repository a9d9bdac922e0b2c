//! `platc policy audit`: which rules would speak if something were wrong, which never do, and what each policy costs.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use platc_driver::audit::{Audit, Bite, PolicyAudit, audit};
use platc_driver::emission::EmitError;
use platc_driver::world::Disk;
use serde_json::{Value as Json, json};

use crate::cli::{Format, Global, Judging, PolicyAuditArgs, TextFormat};
use crate::commands::{analysis_options, root, shown, threads};
use crate::exit::Exit;
use crate::policies;
use crate::show;
use crate::term::{self, Term, Trouble};

pub(super) fn run(args: &PolicyAuditArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let root = root(args.dir.as_deref())?;
    let judging = Judging { format: Format::Human, today: args.today.clone(), deny: None };
    let options = analysis_options(&judging)?;
    // Without a memo: what is recalled costs nothing, and is never of a changed platform.
    let host = policies::host(None).map_err(Trouble::new)?;
    let clock = clock();
    let audit =
        audit(&Disk, &root, options, &host, threads(global), &clock).map_err(|error| match error {
            EmitError::Refused { path, refusal } => {
                Trouble::new(format!("`{path}` cannot be written: {refusal}"))
            }
            EmitError::Taker(()) => unreachable!("nobody takes anything"),
        })?;
    if !audit.problems.is_empty() {
        show::findings(term, Format::Human, &audit.files, &audit.problems)?;
        term.say(&format!("no policy can be audited on a platform with errors: {}", shown(&root)));
        return Ok(Exit::Found);
    }
    let text = match args.format {
        TextFormat::Text => text(&audit),
        TextFormat::Json => format!("{:#}\n", data(&audit)),
    };
    if !term::data(text.as_bytes())? {
        return Ok(Exit::Closed);
    }
    show::findings(term, Format::Human, &audit.files, &audit.waivers)?;
    let silent = audit.policies.iter().flat_map(silent).count();
    let broken = audit.policies.iter().filter(|policy| policy.broke.is_some()).count();
    let rules: usize = audit.policies.iter().map(|policy| policy.rules.len()).sum();
    term.say(&format!(
        "{rules} rules of {} policies: {silent} never speak, {broken} policies break down, {} waivers are for nothing",
        audit.policies.len(),
        audit.waivers.len()
    ));
    Ok(Exit::found(silent + broken + audit.waivers.len() > 0))
}

#[expect(clippy::disallowed_methods, reason = "what a policy costs here and now; no verdict depends on it")]
fn clock() -> impl Fn() -> Duration + Sync {
    let begin = Instant::now();
    move || begin.elapsed()
}

/// The rules that never speak.
fn silent(policy: &PolicyAudit) -> impl Iterator<Item = &str> {
    policy.rules.iter().filter(|rule| rule.bite == Bite::Never).map(|rule| rule.id.as_str())
}

fn text(audit: &Audit) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    for policy in &audit.policies {
        let _ = writeln!(out, "{}", policy.name);
        for rule in &policy.rules {
            let bite = match &rule.bite {
                Bite::Now => format!("speaks now, {} times", rule.n_now),
                Bite::When(what) => format!("speaks if {what}"),
                Bite::Never => {
                    format!("NEVER SPEAKS: {} changes of what it reads were tried", policy.n_mutants)
                }
            };
            let _ = writeln!(out, "    {}/{}: {bite}", policy.name, rule.id);
        }
        if silent(policy).next().is_some() {
            for read in &policy.nowhere {
                let _ = writeln!(out, "    it reads {read}, which the language does not have");
            }
        }
        if let Some((what, how)) = &policy.broke {
            let _ = writeln!(out, "    BREAKS DOWN if {what}: {how}");
        }
        for cost in &policy.costs {
            let (phase, used) = (cost.phase, cost.cost);
            let ms = cost.time.as_secs_f64() * 1e3;
            let _ = writeln!(
                out,
                "    costs, {phase}: {} of fuel, {} of host work, {} KiB, {ms:.2} ms here",
                used.fuel,
                used.host_work,
                used.memory_bytes_max.div_ceil(1024)
            );
        }
    }
    out
}

fn data(audit: &Audit) -> Json {
    let policy = |policy: &PolicyAudit| {
        let rules = policy.rules.iter().map(|rule| {
            let (speaks, when) = match &rule.bite {
                Bite::Now => ("now", Json::Null),
                Bite::When(what) => ("if", what.as_str().into()),
                Bite::Never => ("never", Json::Null),
            };
            json!({ "id": format!("{}/{}", policy.name, rule.id), "findings": rule.n_now, "speaks": speaks, "if": when })
        });
        let costs = policy.costs.iter().map(|cost| {
            json!({
                "phase": cost.phase, "fuel": cost.cost.fuel, "hostWork": cost.cost.host_work,
                "memoryBytes": cost.cost.memory_bytes_max,
            })
        });
        json!({
            "name": &*policy.name,
            "rules": rules.collect::<Vec<_>>(),
            "costs": costs.collect::<Vec<_>>(),
            "readsNowhere": policy.nowhere,
            "breaksDown": policy.broke.as_ref().map(|(what, how)| json!({ "if": what, "how": how })),
            "changesTried": policy.n_mutants,
        })
    };
    let waiver = |problem: &platc_diag::Diagnostic| json!({ "place": audit.files.place(problem.span()), "message": problem.message() });
    json!({
        "policies": audit.policies.iter().map(policy).collect::<Vec<_>>(),
        "waivers": audit.waivers.iter().map(waiver).collect::<Vec<_>>(),
    })
}
