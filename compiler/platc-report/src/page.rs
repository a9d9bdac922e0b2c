//! The report: one HTML file, with everything in it and nothing from elsewhere. It works without its script,
//! which only filters; hosts open by click and by keyboard because browsers know `details`.
//!
//! Not here: how it looks (`templates/report.html`, `report.css`, `report.js`).
//!
//! Start with [`report`].

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, context};
use platc_diag::{Diagnostic, Files};
use platc_plan::Plan;
use platc_proof::Proofs;
use serde_json::{Value, json};

use crate::graph::{Picture, diagram};
use crate::text::{cpu_text, memory_text};
use crate::{data, svg};

const PAGE: &str = include_str!("templates/report.html");
const STYLE: &str = include_str!("templates/report.css");
const SCRIPT: &str = include_str!("templates/report.js");

/// What a report shows.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What was shown of it.
    pub proofs: &'a Proofs<'a>,
    /// What is wrong with it.
    pub findings: &'a [Diagnostic],
    /// The texts that findings point into.
    pub files: &'a Files,
    /// What changed since another build, if there is one to compare with.
    pub changes: Option<Changes<'a>>,
}

/// What changed since another build.
#[derive(Clone, Copy, Debug)]
pub struct Changes<'a> {
    /// Which build.
    pub since: &'a str,
    /// What, as text whose line breaks count; nothing where nothing did.
    pub text: Option<&'a str>,
}

/// The page.
///
/// # Errors
///
/// If a template is wrong, which the tests of this crate rule out.
pub fn report(report: &Report<'_>) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_filter("cpu", |millis: u64| cpu_text(millis));
    environment.add_filter("mem", |bytes: u64| memory_text(bytes));
    environment.add_filter("share", share);
    environment.add_filter("quoted", |text: &str| minijinja::Value::from_safe_string(quoted(text)));
    environment.add_template("report.html", PAGE)?;
    let data = data::capacity(report.plan, report.proofs);
    let places = places(&data);
    let draw = |picture| {
        let diagram = diagram(report.plan, picture);
        if diagram.arrows.is_empty() { String::new() } else { svg::draw(&diagram, svg::Place::Page) }
    };
    let findings: Vec<Value> = report.findings.iter().map(|finding| shown(report.files, finding)).collect();
    let changes = report.changes.map(|changes| json!({ "since": changes.since, "text": changes.text }));
    let tree = |value: Value| minijinja::Value::from(Serde(value));
    environment.get_template("report.html")?.render(context! {
        style => STYLE,
        diagram_style => svg::style(),
        script => SCRIPT,
        data => tree(data),
        places => tree(places),
        aspects => tree(json!(data::ASPECTS)),
        calls => draw(Picture::Calls),
        routes => draw(Picture::Routes),
        findings => tree(Value::Array(findings)),
        changes => tree(changes.unwrap_or_default()),
    })
}

/// Part of a whole in percent with one digit behind the point: how far a bar goes.
fn share(part: u64, whole: u64) -> String {
    let permille = part.saturating_mul(1000).checked_div(whole).unwrap_or(0).min(1000);
    format!("{}.{}", permille / 10, permille % 10)
}

/// Author's text, which findings put into backticks, as code.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    for (nth, part) in svg::escape(text).split('`').enumerate() {
        out += match nth {
            0 => "",
            odd if odd % 2 == 1 => "<code>",
            _ => "</code>",
        };
        out += part;
    }
    // A backtick that nobody closes ends with the text.
    out + if text.matches('`').count() % 2 == 1 { "</code>" } else { "" }
}

fn shown(files: &Files, finding: &Diagnostic) -> Value {
    let span = finding.span();
    json!({
        "level": finding.level().word(),
        "code": finding.code().id(),
        "name": finding.code().name(),
        "message": finding.message(),
        "place": files.place(span),
        "help": finding.help_text(),
        "notes": finding.notes(),
    })
}

/// Things under names, in the order in which they came.
type Named<T> = Vec<(String, Vec<T>)>;

/// Datacenters with their racks and hosts: the same hosts as under clusters, by where they stand.
fn places(data: &Value) -> Value {
    let mut places: Named<(String, Vec<Value>)> = Vec::new();
    let clusters = data["clusters"].as_array().map_or(&[][..], Vec::as_slice);
    let inside = clusters.iter().flat_map(|cluster| {
        let hosts = cluster["hosts"].as_array().map_or(&[][..], Vec::as_slice);
        hosts.iter().map(move |host| (host, cluster["name"].clone()))
    });
    let outside = data["outside"].as_array().map_or(&[][..], Vec::as_slice);
    for (host, cluster) in inside.chain(outside.iter().map(|host| (host, Value::Null))) {
        let word = |name: &str| host[name].as_str().unwrap_or("").to_owned();
        let racks = entry(&mut places, word("datacenter"));
        let hosts = entry(racks, word("rack"));
        let mut host = host.clone();
        if let Some(host) = host.as_object_mut() {
            host.insert("cluster".to_owned(), cluster);
        }
        hosts.push(host);
    }
    let each = places.into_iter().map(|(name, racks)| {
        let racks = racks.into_iter().map(|(name, hosts)| json!({ "name": name, "hosts": hosts }));
        json!({ "name": name, "racks": racks.collect::<Vec<_>>() })
    });
    each.collect()
}

/// The list under a name; an empty one is added at the end where there is none.
fn entry<T>(list: &mut Named<T>, name: String) -> &mut Vec<T> {
    let at = list.iter().position(|(own, _)| *own == name).unwrap_or_else(|| {
        list.push((name, Vec::new()));
        list.len() - 1
    });
    match list.get_mut(at) {
        Some((_, inner)) => inner,
        None => unreachable!("it was found or added just now"),
    }
}
