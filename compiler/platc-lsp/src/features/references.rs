//! All uses of a name: in every file of every platform that sees its declaration. Rename changes the same.
//!
//! A library may be used by several platforms, so a name is followed by the place of its declaration, and
//! the uses that each platform knows are put together.
//!
//! Start with [`uses`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use lsp_types::{
    DocumentChanges, DocumentHighlight, DocumentHighlightKind, DocumentHighlightParams, Location, OneOf,
    OptionalVersionedTextDocumentIdentifier, PrepareRenameResponse, ReferenceParams, RenameParams,
    TextDocumentEdit, TextDocumentPositionParams, TextEdit, WorkspaceEdit,
};
use platc_diag::Span;
use platc_model::scalar::check_dns_label;
use platc_sema::stdlib;
use platc_syntax::{is_bare, quoted};

use crate::desk::{Desk, Spot};
use crate::handlers::Fault;
use crate::known::Known;
use crate::symbol::{Form, Occurrence, Symbol};

/// A use of a name, in one of the platforms that know it.
struct Use {
    known: Arc<Known>,
    occurrence: Occurrence,
}

/// `textDocument/references`.
pub(crate) fn references(desk: &Desk<'_>, params: &ReferenceParams) -> Result<Option<Vec<Location>>, Fault> {
    let at = &params.text_document_position;
    let Some(spot) = desk.spot(&at.text_document.uri, at.position) else { return Ok(None) };
    let Some(found) = spot.known.occurrence_at(spot.source, spot.offset) else { return Ok(None) };
    let all = uses(desk, &spot, &found.symbol);
    let wanted = all.iter().filter(|one| params.context.include_declaration || !one.occurrence.declares);
    Ok(Some(wanted.filter_map(|one| desk.location(&one.known, one.occurrence.span)).collect()))
}

/// `textDocument/documentHighlight`.
pub(crate) fn highlights(
    desk: &Desk<'_>,
    params: &DocumentHighlightParams,
) -> Result<Option<Vec<DocumentHighlight>>, Fault> {
    let at = &params.text_document_position_params;
    let Some(spot) = desk.spot(&at.text_document.uri, at.position) else { return Ok(None) };
    let Some(found) = spot.known.occurrence_at(spot.source, spot.offset) else { return Ok(None) };
    let same = spot.known.occurrences_of(spot.source).into_iter().filter(|one| one.symbol == found.symbol);
    let highlight = |one: Occurrence| DocumentHighlight {
        range: spot.range(one.span),
        kind: Some(if one.declares { DocumentHighlightKind::WRITE } else { DocumentHighlightKind::READ }),
    };
    Ok(Some(same.map(highlight).collect()))
}

/// All uses of what a symbol of the spot's platform stands for, each place once, by file.
fn uses(desk: &Desk<'_>, spot: &Spot, symbol: &Symbol) -> Vec<Use> {
    let place = |known: &Known, symbol: &Symbol| {
        let span = known.declared(symbol)?;
        Some((
            known.path_of(span.file),
            span.file.0 * u32::from(known.path_of(span.file).is_none()),
            span.start,
        ))
    };
    let target = place(&spot.known, symbol);
    let mut seen: BTreeSet<(PathBuf, u32)> = BTreeSet::new();
    let mut found = Vec::new();
    let others = desk.all_known().into_iter().filter(|known| !Arc::ptr_eq(known, &spot.known));
    for known in std::iter::once(Arc::clone(&spot.known)).chain(others) {
        let own = Arc::ptr_eq(&known, &spot.known);
        let mut memo: BTreeMap<Symbol, bool> = BTreeMap::new();
        for one in known.occurrences() {
            let same = *memo.entry(one.symbol.clone()).or_insert_with(|| {
                if own {
                    one.symbol == *symbol
                } else {
                    target.is_some() && place(&known, &one.symbol) == target
                }
            });
            let path = known.path_of(one.span.file);
            if same && path.is_some_and(|path| seen.insert((path, one.span.start))) {
                found.push(Use { known: Arc::clone(&known), occurrence: one.clone() });
            }
        }
    }
    found.sort_by_key(|one| (one.known.path_of(one.occurrence.span.file), one.occurrence.span.start));
    found
}

/// `textDocument/prepareRename`.
pub(crate) fn prepare_rename(
    desk: &Desk<'_>,
    params: &TextDocumentPositionParams,
) -> Result<Option<PrepareRenameResponse>, Fault> {
    let Some(spot) = desk.spot(&params.text_document.uri, params.position) else { return Ok(None) };
    let Some(found) = spot.known.occurrence_at(spot.source, spot.offset) else { return Ok(None) };
    let name = name_of(&spot, &found.symbol).map_err(Fault::Refused)?;
    let span = inside_quotes(&spot.known, found.span);
    Ok(Some(PrepareRenameResponse::RangeWithPlaceholder { range: spot.range(span), placeholder: name }))
}

/// `textDocument/rename`.
pub(crate) fn rename(desk: &Desk<'_>, params: &RenameParams) -> Result<Option<WorkspaceEdit>, Fault> {
    let at = &params.text_document_position;
    let Some(spot) = desk.spot(&at.text_document.uri, at.position) else { return Ok(None) };
    let Some(found) = spot.known.occurrence_at(spot.source, spot.offset) else { return Ok(None) };
    let old = name_of(&spot, &found.symbol).map_err(Fault::Refused)?;
    let new = params.new_name.trim();
    fits(&spot.known, &found.symbol, new).map_err(Fault::Refused)?;
    let mut files: BTreeMap<PathBuf, (lsp_types::Uri, Vec<OneOf<TextEdit, lsp_types::AnnotatedTextEdit>>)> =
        BTreeMap::new();
    for one in uses(desk, &spot, &found.symbol) {
        let Use { known, occurrence } = one;
        // `self` stays, and so does a use that is not by this name.
        let written = known.slice(occurrence.span).trim_matches('"').to_owned();
        if occurrence.form == Form::Implicit || written != old {
            continue;
        }
        let (Some(path), Some(uri)) =
            (known.path_of(occurrence.span.file), desk.uri_of(&known, occurrence.span.file))
        else {
            continue;
        };
        let in_quotes = known.slice(occurrence.span).starts_with('"');
        let new_text = match occurrence.form {
            Form::Kdl if in_quotes => format!("\"{new}\""),
            Form::Kdl => quoted(new).into_owned(),
            Form::Inner | Form::Implicit => new.to_owned(),
        };
        let edit = TextEdit { range: desk.range(&known, occurrence.span), new_text };
        files.entry(path).or_insert_with(|| (uri, Vec::new())).1.push(OneOf::Left(edit));
    }
    let edits = files.into_values().map(|(uri, edits)| {
        let version = desk.version_of(&uri);
        TextDocumentEdit { text_document: OptionalVersionedTextDocumentIdentifier { uri, version }, edits }
    });
    Ok(Some(WorkspaceEdit {
        document_changes: Some(DocumentChanges::Edits(edits.collect())),
        ..WorkspaceEdit::default()
    }))
}

fn inside_quotes(known: &Known, span: Span) -> Span {
    let text = known.slice(span);
    if text.len() >= 2 && text.starts_with('"') && text.ends_with('"') {
        Span { start: span.start + 1, end: span.end - 1, ..span }
    } else {
        span
    }
}

/// The name of a thing that can be renamed; an error says why it cannot.
fn name_of(spot: &Spot, symbol: &Symbol) -> Result<String, String> {
    let known = &spot.known;
    let language = || "this belongs to the language".to_owned();
    let span = match symbol {
        Symbol::Field(..)
        | Symbol::Entry(_)
        | Symbol::Local(_)
        | Symbol::Part(..)
        | Symbol::Named(_)
        | Symbol::Item(_) => known.declared(symbol).ok_or_else(language)?,
        Symbol::Library(_) => return Err("a library is called as its directory is".to_owned()),
        Symbol::Kind(_) | Symbol::Statement(_) | Symbol::Function(_) | Symbol::Word(_) => {
            return Err(language());
        }
    };
    if (span.file.0 as usize) < stdlib::n_files() {
        return Err(language());
    }
    let written = known.slice(inside_quotes(known, span)).to_owned();
    match symbol {
        Symbol::Item(id) if *known.item(*id).name != *written => {
            Err(format!("the name `{}` is made here, not written", known.item(*id).name))
        }
        _ => Ok(written),
    }
}

/// Whether a thing may have a new name.
fn fits(known: &Known, symbol: &Symbol, new: &str) -> Result<(), String> {
    if new.is_empty() {
        return Err("a name has at least one character".to_owned());
    }
    let simple = is_bare(new) && new.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    match symbol {
        Symbol::Item(id) => {
            let item = known.item(*id);
            if !matches!(item.kind, "platform" | "use" | "plugin") {
                check_dns_label(new).map_err(|wrong| format!("`{new}` is no name: {wrong}"))?;
            }
            let types = &known.analysis.types;
            let workload = |kind: &str| types.kind(kind).is_some_and(|kind| kind.workload);
            let same_sort = |other: &str| other == item.kind || (workload(other) && workload(item.kind));
            let taken =
                known.analysis.expanded.items.iter().find(|(_, other)| {
                    *other.name == *new && other.unit == item.unit && same_sort(other.kind)
                });
            match taken {
                Some((_, other)) => Err(format!("there is a {} `{new}` already", other.kind)),
                None => Ok(()),
            }
        }
        Symbol::Field(record, _) if known.analysis.types.record(*record).field(new).is_some() => {
            Err(format!("there is a field `{new}` already"))
        }
        _ if simple => Ok(()),
        _ => Err(format!("`{new}` is no name: letters, digits, `-` and `_`, and no digit first")),
    }
}
