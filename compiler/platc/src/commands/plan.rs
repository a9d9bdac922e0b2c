//! `platc plan`: what was decided for the author, and why.
//!
//! Not here: deciding (`platc-plan`), and the list of decisions (`platc_driver::decisions`).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use platc_diag::{Files, Rule};
use platc_driver::decisions::{Decision, decisions};
use serde_json::{Value, json};

use super::capacity::analysed;
use crate::cli::{Global, PlanArgs, TextFormat};
use crate::exit::Exit;
use crate::term::{self, Term, Trouble};

/// Values longer than this do not push the reasons of all others to the right.
const WIDEST: usize = 40;

pub(super) fn run(args: &PlanArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let Some(analysis) = analysed(args.dir.as_deref(), args.today.clone(), global, term)? else {
        return Ok(Exit::Found);
    };
    let mut found = decisions(&analysis.plan);
    if let Some(about) = &args.about {
        let all: Vec<String> = found.iter().map(|one| one.subject.clone()).collect();
        found.retain(|one| is_about(&one.subject, about));
        if found.is_empty() {
            return Err(nothing(about, &all));
        }
    }
    let text = match args.format {
        TextFormat::Text => told(&found, &analysis.files),
        TextFormat::Json => {
            let all: Vec<Value> = found.iter().map(|one| as_json(one, &analysis.files)).collect();
            format!("{:#}\n", json!({ "platform": *analysis.plan.platform.value, "decisions": all }))
        }
    };
    Ok(if term::data(text.as_bytes())? { Exit::Clean } else { Exit::Closed })
}

/// `m1` and `host m1` are the host, `web` and `web at prod-a` the service.
fn is_about(subject: &str, about: &str) -> bool {
    let (name, place) = subject.split_once(" at ").unwrap_or((subject, ""));
    let bare = name.split_once(' ').map_or(name, |(_, name)| name);
    subject == about || name == about || bare == about || place == about
}

fn nothing(about: &str, all: &[String]) -> Trouble {
    let names = all.iter().map(|subject| subject.split(" at ").next().unwrap_or(subject));
    let names = names.map(|name| name.split_once(' ').map_or(name, |(_, name)| name));
    let trouble = Trouble::new(format!("nothing was decided about `{about}`"));
    match platc_diag::closest(about, names) {
        Some(near) => trouble.help(format!("did you mean `{near}`?")),
        None => trouble.help("name a cluster, a host or a workload, or leave it out for all"),
    }
}

/// By subject: what, which value, which rule and where. Below, what the rules do.
fn told(found: &[Decision], files: &Files) -> String {
    let width = |text: &str| text.chars().count();
    let whats = found.iter().map(|one| width(one.what)).max().unwrap_or(0);
    let values = found.iter().map(|one| width(&one.value)).filter(|len| *len <= WIDEST).max().unwrap_or(0);
    let mut rules: BTreeMap<&str, &'static Rule> = BTreeMap::new();
    let mut out = String::new();
    let mut subject = "";
    for one in found {
        if one.subject != subject {
            let gap = if subject.is_empty() { "" } else { "\n" };
            subject = &one.subject;
            let _ = writeln!(out, "{gap}{subject}");
        }
        let place = one.span.map(|span| files.place(span)).unwrap_or_default();
        let why = match one.rule {
            Some(rule) => {
                rules.insert(rule.name(), rule);
                format!("{} ({place})", rule.name())
            }
            None => place,
        };
        let _ = writeln!(out, "  {:whats$}  {:values$}  {why}", one.what, one.value);
    }
    if !rules.is_empty() {
        out += "\nrules\n";
    }
    for (name, rule) in rules {
        let _ = writeln!(out, "  {name}: {}", rule.sentence());
    }
    out
}

fn as_json(one: &Decision, files: &Files) -> Value {
    let place = one.span.map(|span| {
        let file = files.get(span.file);
        let at = file.line_column(span.start);
        json!({ "file": file.path(), "line": at.line, "column": at.column })
    });
    json!({
        "subject": one.subject,
        "what": one.what,
        "value": one.value,
        "rule": one.rule.map(Rule::name),
        "why": one.rule.map(Rule::sentence),
        "place": place,
    })
}
