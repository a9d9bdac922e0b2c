//! Changes that resolve findings, and all safe ones of a file at once.
//!
//! Start with [`actions`].

use std::collections::BTreeMap;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextEdit, WorkspaceEdit,
};
use platc_diag::{Diagnostic, Edit, FileId, Safety};

use crate::desk::{Desk, Spot};
use crate::features::diagnostics;
use crate::handlers::Fault;

/// `textDocument/codeAction`.
pub(crate) fn actions(
    desk: &Desk<'_>,
    params: &CodeActionParams,
) -> Result<Option<Vec<CodeActionOrCommand>>, Fault> {
    let Some(spot) = desk.spot(&params.text_document.uri, params.range.start) else { return Ok(None) };
    let end = spot.known.text_of(spot.file()).offset(params.range.end, spot.encoding);
    let wanted = |kind: &CodeActionKind| {
        let only = params.context.only.as_ref();
        only.is_none_or(|only| only.iter().any(|own| kind.as_str().starts_with(own.as_str())))
    };
    let mut found = Vec::new();
    if wanted(&CodeActionKind::QUICKFIX) {
        let touched = |finding: &&Diagnostic| {
            let span = finding.span();
            span.file == spot.file() && span.start <= end && spot.offset <= span.end
        };
        for finding in spot.known.problems().iter().filter(touched) {
            found.extend(fixes_of(desk, &spot, finding));
        }
    }
    if wanted(&CodeActionKind::SOURCE_FIX_ALL) {
        found.extend(fix_all(desk, &spot));
    }
    Ok(Some(found.into_iter().map(CodeActionOrCommand::CodeAction).collect()))
}

fn fixes_of(desk: &Desk<'_>, spot: &Spot, finding: &Diagnostic) -> Vec<CodeAction> {
    let action = |fix: &platc_diag::Fix| CodeAction {
        title: fix.title.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![diagnostics::diagnostic(desk, &spot.known, finding)]),
        edit: Some(workspace_edit(desk, spot, fix.edits.iter())),
        is_preferred: Some(fix.safety == Safety::Safe),
        ..CodeAction::default()
    };
    finding.fixes().iter().map(action).collect()
}

/// All safe fixes of the file that do not get into each other's way.
fn fix_all(desk: &Desk<'_>, spot: &Spot) -> Option<CodeAction> {
    let own = spot.known.problems().iter().filter(|finding| finding.span().file == spot.file());
    let safe = own.flat_map(|finding| finding.fixes().iter().find(|fix| fix.safety == Safety::Safe));
    let mut taken: Vec<&Edit> = Vec::new();
    for fix in safe {
        let apart = |edit: &Edit| {
            taken.iter().all(|other| {
                edit.span.file != other.span.file
                    || edit.span.end <= other.span.start
                    || other.span.end <= edit.span.start
            })
        };
        if fix.edits.iter().all(apart) {
            taken.extend(&fix.edits);
        }
    }
    (!taken.is_empty()).then(|| CodeAction {
        title: "apply all safe fixes".to_owned(),
        kind: Some(CodeActionKind::SOURCE_FIX_ALL),
        edit: Some(workspace_edit(desk, spot, taken.into_iter())),
        ..CodeAction::default()
    })
}

fn workspace_edit<'e>(desk: &Desk<'_>, spot: &Spot, edits: impl Iterator<Item = &'e Edit>) -> WorkspaceEdit {
    let mut files: BTreeMap<FileId, Vec<OneOf<TextEdit, lsp_types::AnnotatedTextEdit>>> = BTreeMap::new();
    for edit in edits {
        let text = TextEdit { range: desk.range(&spot.known, edit.span), new_text: edit.text.clone() };
        files.entry(edit.span.file).or_default().push(OneOf::Left(text));
    }
    let changes = files.into_iter().filter_map(|(file, edits)| {
        let uri = desk.uri_of(&spot.known, file)?;
        let version = desk.version_of(&uri);
        Some(TextDocumentEdit {
            text_document: OptionalVersionedTextDocumentIdentifier { uri, version },
            edits,
        })
    });
    WorkspaceEdit {
        document_changes: Some(DocumentChanges::Edits(changes.collect())),
        ..WorkspaceEdit::default()
    }
}
