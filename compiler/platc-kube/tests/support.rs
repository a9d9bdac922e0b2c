//! What both test programs share: reading YAML, running the checks, showing findings.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use platc_kube::config::{self, Host};
use platc_kube::{Finding, Target, check_object};
use serde_json::Value;

/// This crate's folder.
pub(crate) fn home() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files of a folder with that extension, in order.
pub(crate) fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

/// A file's text.
pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The documents of a YAML stream, as the API server's reader sees them.
pub(crate) fn documents(yaml: &str) -> Result<Vec<Value>, String> {
    serde_saphyr::from_multiple(yaml).map_err(|error| error.to_string())
}

/// `base` changed by a JSON merge patch (RFC 7396).
pub(crate) fn merged(base: &Value, change: &Value) -> Value {
    let (Value::Object(base), Value::Object(change)) = (base, change) else { return change.clone() };
    let mut out = base.clone();
    for (key, value) in change {
        if value.is_null() {
            out.remove(key);
        } else {
            let before = out.get(key).cloned().unwrap_or(Value::Null);
            out.insert(key.clone(), merged(&before, value));
        }
    }
    Value::Object(out)
}

/// Checks a document by whichever check is for it.
pub(crate) fn check(document: &Value, target: &Target<'_>, host: &Host) -> Vec<Finding> {
    let mut out = Vec::new();
    let api_version = document.get("apiVersion").and_then(Value::as_str).unwrap_or("");
    if config::is_config(api_version) {
        config::check_config(document, target, host, &mut out);
    } else {
        check_object(document, target, &mut out);
    }
    out
}

/// Findings as case files show them.
pub(crate) fn describe(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let Finding { code, pointer, message, help, .. } = finding;
        let _ = writeln!(out, "{}[{}] {pointer}: {message}", code.level(), code.id());
        if let Some(help) = help {
            let _ = writeln!(out, "  help: {help}");
        }
    }
    out
}
