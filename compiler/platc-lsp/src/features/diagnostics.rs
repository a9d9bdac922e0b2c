//! Findings as a client shows them.
//!
//! Start with [`diagnostic`].

use lsp_types::{DiagnosticRelatedInformation, DiagnosticSeverity, NumberOrString};
use platc_diag::{Diagnostic, Level};

use crate::desk::Desk;
use crate::known::Known;

/// A finding as a client shows it: the way out and the background follow the message.
pub(crate) fn diagnostic(desk: &Desk<'_>, known: &Known, finding: &Diagnostic) -> lsp_types::Diagnostic {
    let mut message = finding.message().to_owned();
    let label = &finding.primary().text;
    if !label.is_empty() {
        message.push_str(&format!(": {label}"));
    }
    for note in finding.notes() {
        message.push_str(&format!("\nnote: {note}"));
    }
    if let Some(help) = finding.help_text() {
        message.push_str(&format!("\nhelp: {help}"));
    }
    let related = finding.related_labels().iter().filter_map(|label| {
        let location = desk.location(known, label.span)?;
        let message = if label.text.is_empty() { "see here".to_owned() } else { label.text.clone() };
        Some(DiagnosticRelatedInformation { location, message })
    });
    let related: Vec<_> = related.collect();
    lsp_types::Diagnostic {
        range: desk.range(known, finding.span()),
        severity: Some(severity(finding.level())),
        code: Some(NumberOrString::String(finding.code().id().to_owned())),
        source: Some("platc".to_owned()),
        message,
        related_information: (!related.is_empty()).then_some(related),
        ..lsp_types::Diagnostic::default()
    }
}

fn severity(level: Level) -> DiagnosticSeverity {
    match level {
        Level::Error => DiagnosticSeverity::ERROR,
        Level::Warning => DiagnosticSeverity::WARNING,
        Level::Info => DiagnosticSeverity::INFORMATION,
    }
}

/// Codes of mistakes that a file has whatever platform it belongs to: its form, and values that are none.
/// What a name means there, and what is missing, depends on files that are not there.
const ANYWHERE: &[&str] = &["E0202", "E0207", "E0305", "E0307", "E0308", "E0309"];

/// Whether a finding of a file by itself would be one in any platform.
pub(crate) fn holds_anywhere(finding: &Diagnostic) -> bool {
    let id = finding.code().id();
    id.starts_with("E01") || ANYWHERE.contains(&id)
}
