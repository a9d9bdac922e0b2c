//! Findings as JSON: one form for `--format json`, for `findings.json` beside a build and for tools.
//!
//! ```json
//! {"findings":[{"code":"E0205","name":"unknown-field","level":"error","message":"…","file":"a.kdl",
//!   "start":{"line":1,"column":5,"offset":4},"end":{…},"related":[…],"help":"…","notes":[…],"fixes":[…]}],
//!  "errors":1,"warnings":0}
//! ```
//!
//! Lines and columns count from 1, columns in Unicode scalar values; offsets are bytes from 0.
//!
//! Start with [`to_json`].

use platc_diag::{Diagnostic, Edit, Files, Fix, Label, Level, Safety, Span};
use serde_json::{Map, Value, json};

/// All findings as a JSON document that ends with a line feed.
pub fn to_json(files: &Files, problems: &[Diagnostic]) -> String {
    let count = |level| problems.iter().filter(|problem| problem.level() == level).count();
    let all = json!({
        "findings": problems.iter().map(|problem| finding(files, problem)).collect::<Vec<_>>(),
        "errors": count(Level::Error),
        "warnings": count(Level::Warning),
    });
    format!("{all:#}\n")
}

fn finding(files: &Files, problem: &Diagnostic) -> Value {
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
    put("code", problem.code().id().into());
    put("name", problem.code().name().into());
    put("level", problem.level().word().into());
    put("message", problem.message().into());
    if let Value::Object(place) = place(files, problem.span()) {
        for (key, value) in place {
            put(&key, value);
        }
    }
    if !problem.primary().text.is_empty() {
        put("label", problem.primary().text.as_str().into());
    }
    if let Some(subject) = problem.subject() {
        put("subject", subject.into());
    }
    put("related", problem.related_labels().iter().map(|label| related(files, label)).collect());
    if let Some(help) = problem.help_text() {
        put("help", help.into());
    }
    put("notes", problem.notes().iter().map(String::as_str).collect());
    put("fixes", problem.fixes().iter().map(|one| fix(files, one)).collect());
    Value::Object(out)
}

fn place(files: &Files, span: Span) -> Value {
    let file = files.get(span.file);
    let at = |offset: u32| {
        let at = file.line_column(offset);
        json!({ "line": at.line, "column": at.column, "offset": offset })
    };
    json!({ "file": file.path(), "start": at(span.start), "end": at(span.end) })
}

fn related(files: &Files, label: &Label) -> Value {
    let mut out = place(files, label.span);
    if let Some(out) = out.as_object_mut() {
        out.insert("message".to_owned(), label.text.as_str().into());
    }
    out
}

fn fix(files: &Files, fix: &Fix) -> Value {
    let safety = match fix.safety {
        Safety::Safe => "safe",
        Safety::Suggestion => "suggestion",
    };
    let edit = |edit: &Edit| {
        let mut out = place(files, edit.span);
        if let Some(out) = out.as_object_mut() {
            out.insert("text".to_owned(), edit.text.as_str().into());
        }
        out
    };
    json!({ "title": fix.title, "safety": safety, "edits": fix.edits.iter().map(edit).collect::<Vec<_>>() })
}
