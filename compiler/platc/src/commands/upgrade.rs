//! `platc upgrade --to VERSION`: the steps of an upgrade, in order, and what has to be so before the first.
//!
//! Not here: what the steps are (`platc_driver::upgrade`).

use std::fmt::Write as _;

use platc_driver::upgrade::{ClusterUpgrade, Refusal, Step, Upgrade, upgrade};
use platc_driver::world::Disk;
use serde_json::{Value, json};

use super::capacity::analysed;
use super::threads;
use crate::cli::{Global, TextFormat, UpgradeArgs};
use crate::exit::Exit;
use crate::policies::Lazy;
use crate::term::{self, Term, Trouble};

pub(super) fn run(args: &UpgradeArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let Some(analysis) = analysed(args.dir.as_deref(), args.today.clone(), global, term)? else {
        return Ok(Exit::Found);
    };
    let judge = Lazy::new(&analysis.root);
    let wanted = (&*args.to, args.cluster.as_deref());
    let planned = match upgrade(&Disk, &analysis, wanted, (&judge, threads(global))) {
        Ok(planned) => planned,
        Err(refusal @ Refusal::Nothing(_)) => {
            term.say(&refusal.to_string());
            return Ok(Exit::Clean);
        }
        Err(refusal) => return Err(Trouble::new(&refusal).help(refusal.help())),
    };
    let text = match args.format {
        TextFormat::Text => told(&planned),
        TextFormat::Json => {
            format!("{}\n", serde_json::to_string_pretty(&as_json(&planned)).map_err(Trouble::new)?)
        }
    };
    if !term::data(text.as_bytes())? {
        return Ok(Exit::Closed);
    }
    Ok(Exit::found(!planned.found.is_empty()))
}

fn told(upgrade: &Upgrade) -> String {
    let mut out = String::new();
    for cluster in &upgrade.clusters {
        let _ = writeln!(
            out,
            "{}: {} -> {}, written in {}",
            cluster.name, cluster.from, cluster.to, cluster.written
        );
        before(&mut out, cluster, upgrade);
        for (step, n) in cluster.steps.iter().zip(1..) {
            tell(&mut out, step, n);
        }
        out.push('\n');
    }
    out.push_str("In each step one host after the other; nothing goes on after one that fails. With the version changed and\n");
    out.push_str("built, `ansible-playbook -i ansible/inventory.yml --limit platc_cluster_NAME ansible/upgrade.yml` does all but\n");
    out.push_str("the last step of a cluster. Names of groups have `_` for `-`.\n");
    out
}

fn before(out: &mut String, cluster: &ClusterUpgrade, upgrade: &Upgrade) {
    if cluster.before.is_empty() && upgrade.found.is_empty() {
        return;
    }
    out.push_str("  before\n");
    for (place, code, message) in &upgrade.found {
        let _ = writeln!(out, "     {place}: {code} {message}");
    }
    for (what, needs) in &cluster.before {
        let _ = writeln!(out, "     {what}: {needs}");
    }
}

fn tell(out: &mut String, step: &Step, n: usize) {
    let on = if step.on.is_empty() { String::new() } else { format!(": {}", step.on.join(", ")) };
    let _ = writeln!(out, "  {n}. {}{on}", step.what);
    for line in &step.run {
        let _ = writeln!(out, "     - {line}");
    }
    if let Some(line) = step.check {
        let _ = writeln!(out, "     then {line}");
    }
    for note in &step.notes {
        let _ = writeln!(out, "     note: {note}");
    }
}

fn as_json(upgrade: &Upgrade) -> Value {
    let steps = |cluster: &ClusterUpgrade| -> Vec<Value> {
        let each = cluster.steps.iter().map(|step| {
            json!({ "what": step.what, "on": step.on, "run": step.run, "check": step.check, "notes": step.notes })
        });
        each.collect()
    };
    let clusters = upgrade.clusters.iter().map(|cluster| {
        let before = cluster.before.iter().map(|(what, needs)| json!({ "what": what, "needs": needs }));
        json!({
            "cluster": cluster.name,
            "from": cluster.from.to_string(),
            "to": cluster.to.to_string(),
            "written": cluster.written,
            "before": before.collect::<Vec<_>>(),
            "steps": steps(cluster),
        })
    });
    let found = upgrade
        .found
        .iter()
        .map(|(place, code, message)| json!({ "place": place, "code": code, "message": message }));
    json!({ "clusters": clusters.collect::<Vec<_>>(), "findings": found.collect::<Vec<_>>() })
}
