//! Findings as a SARIF 2.1.0 log, which code scanning reads.
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::collections::BTreeMap;

use platc_diag::{Code, CodeRef, Diagnostic, Edit, Files, Fix, Level, Span};
use serde_json::{Value, json};

/// The log.
pub(crate) fn log(files: &Files, problems: &[Diagnostic]) -> String {
    let ids: BTreeMap<&str, &CodeRef> =
        problems.iter().map(|problem| (problem.code().id(), problem.code())).collect();
    let rules: Vec<Value> = ids.values().map(|code| rule(code)).collect();
    let index: BTreeMap<&str, usize> = ids.keys().enumerate().map(|(at, id)| (*id, at)).collect();
    let results: Vec<Value> = problems.iter().map(|problem| result(files, &index, problem)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "platc",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(code: &CodeRef) -> Value {
    let mut rule = json!({ "id": code.id(), "name": code.name() });
    if let (CodeRef::Own(own), Some(rule)) = (code, rule.as_object_mut()) {
        rule.insert("help".to_owned(), help_page(*own));
        rule.insert("defaultConfiguration".to_owned(), json!({ "level": level(own.level()) }));
    }
    rule
}

fn help_page(code: Code) -> Value {
    json!({ "text": code.page(), "markdown": code.page() })
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}

fn result(files: &Files, index: &BTreeMap<&str, usize>, problem: &Diagnostic) -> Value {
    let help = problem.help_text().map(|help| format!("\n{help}")).unwrap_or_default();
    let related = problem.related_labels().iter().map(|label| {
        let mut place = location(files, label.span);
        if let Some(place) = place.as_object_mut() {
            place.insert("message".to_owned(), json!({ "text": label.text }));
        }
        place
    });
    let mut out = json!({
        "ruleId": problem.code().id(),
        "level": level(problem.level()),
        "message": { "text": format!("{}{help}", problem.message()) },
        "locations": [location(files, problem.span())],
        "relatedLocations": related.collect::<Vec<_>>(),
    });
    if let (Some(at), Some(out)) = (index.get(problem.code().id()), out.as_object_mut()) {
        out.insert("ruleIndex".to_owned(), (*at).into());
        if !problem.fixes().is_empty() {
            out.insert("fixes".to_owned(), problem.fixes().iter().map(|one| fix(files, one)).collect());
        }
    }
    out
}

fn location(files: &Files, span: Span) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(files.get(span.file).path()) },
        "region": region(files, span),
    } })
}

fn region(files: &Files, span: Span) -> Value {
    let file = files.get(span.file);
    let (start, end) = (file.line_column(span.start), file.line_column(span.end));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

fn fix(files: &Files, fix: &Fix) -> Value {
    let mut changes: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for Edit { span, text } in &fix.edits {
        let replacement =
            json!({ "deletedRegion": region(files, *span), "insertedContent": { "text": text } });
        changes.entry(files.get(span.file).path()).or_default().push(replacement);
    }
    let changes = changes.into_iter().map(|(path, replacements)| {
        json!({ "artifactLocation": { "uri": uri(path) }, "replacements": replacements })
    });
    json!({ "description": { "text": fix.title }, "artifactChanges": changes.collect::<Vec<_>>() })
}

/// A path as a relative reference of RFC 3986.
fn uri(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}
