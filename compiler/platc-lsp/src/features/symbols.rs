//! What a file declares, and declarations of all files by name.
//!
//! Start with [`document`] and [`workspace`].

use std::collections::BTreeSet;

use lsp_types::{
    DocumentSymbol, DocumentSymbolParams, DocumentSymbolResponse, OneOf, SymbolKind, WorkspaceSymbol,
    WorkspaceSymbolParams, WorkspaceSymbolResponse,
};
use platc_model::types::Role;
use platc_syntax::{Node, Value};

use crate::desk::{Desk, Spot};
use crate::handlers::Fault;
use crate::known::{At, Known};
use crate::sense::{Sense, What};

/// Symbols of the workspace that are shown.
const FOUND_MAX: usize = 500;

/// `textDocument/documentSymbol`.
pub(crate) fn document(
    desk: &Desk<'_>,
    params: &DocumentSymbolParams,
) -> Result<Option<DocumentSymbolResponse>, Fault> {
    let Some(spot) = desk.spot(&params.text_document.uri, lsp_types::Position::default()) else {
        return Ok(None);
    };
    let symbols = spot.tree().nodes().filter_map(|node| {
        let at = spot.at(node);
        symbol(&spot, at, &spot.known.sense_at_top(at, None))
    });
    Ok(Some(DocumentSymbolResponse::Nested(symbols.collect())))
}

#[expect(deprecated, reason = "the struct has no other constructor")]
fn symbol(spot: &Spot, at: At<'_>, sense: &Sense) -> Option<DocumentSymbol> {
    let (kind, detail) = kind_of(&spot.known, at.node, sense)?;
    let named = at.node.arg(0).filter(|value| value.text().is_some_and(|text| !text.is_empty()));
    let names = !matches!(sense.what, What::TypeField);
    let (name, span) = match named.filter(|_| names) {
        Some(value) => (value.text()?.into_owned(), value.span()),
        None => (at.node.name().into_owned(), at.node.name_span()),
    };
    let children: Vec<DocumentSymbol> = at
        .node
        .children()
        .filter_map(|child| {
            let inner = At { node: child, ..at };
            symbol(spot, inner, &spot.known.sense_within(sense, at, inner))
        })
        .collect();
    Some(DocumentSymbol {
        name,
        detail: Some(detail),
        kind,
        tags: None,
        deprecated: None,
        range: spot.range(at.node.span().to(span)),
        selection_range: spot.range(span),
        children: (!children.is_empty()).then_some(children),
    })
}

/// What is listed: declarations, statements, and children that have names of their own.
fn kind_of(known: &Known, node: Node<'_>, sense: &Sense) -> Option<(SymbolKind, String)> {
    let mut word = node.name().into_owned();
    let kind = match &sense.what {
        What::Declaration(kind) => icon(kind),
        What::Use(_) => SymbolKind::CLASS,
        What::Statement(word) => match *word {
            "type" => SymbolKind::STRUCT,
            "template" => SymbolKind::INTERFACE,
            "let" => SymbolKind::CONSTANT,
            "param" => SymbolKind::VARIABLE,
            "test" => SymbolKind::METHOD,
            "import" => SymbolKind::PACKAGE,
            "for" => SymbolKind::ARRAY,
            _ => SymbolKind::OPERATOR,
        },
        What::TypeField => {
            word = node
                .arg(0)
                .and_then(Value::text)
                .map_or_else(|| "record".to_owned(), std::borrow::Cow::into_owned);
            SymbolKind::FIELD
        }
        What::Field(record, index) => {
            let field = known.field((*record, *index))?;
            let keyed = sense.record.is_some_and(|inner| known.analysis.types.record(inner).key().is_some());
            if field.role != Role::Each || !keyed || node.arg(0).and_then(Value::text).is_none() {
                return None;
            }
            SymbolKind::PROPERTY
        }
        _ => return None,
    };
    Some((kind, word))
}

fn icon(kind: &str) -> SymbolKind {
    match kind {
        "platform" => SymbolKind::MODULE,
        "datacenter" | "rack" | "cluster" => SymbolKind::NAMESPACE,
        "host" => SymbolKind::OBJECT,
        "stateful" => SymbolKind::STRUCT,
        "secret" => SymbolKind::KEY,
        "proxy" | "balancer" | "external" | "link" => SymbolKind::INTERFACE,
        "use" | "plugin" | "allow" | "consent" => SymbolKind::OPERATOR,
        _ => SymbolKind::CLASS,
    }
}

/// `workspace/symbol`.
pub(crate) fn workspace(
    desk: &Desk<'_>,
    params: &WorkspaceSymbolParams,
) -> Result<Option<WorkspaceSymbolResponse>, Fault> {
    let mut found: Vec<WorkspaceSymbol> = Vec::new();
    let mut seen: BTreeSet<(String, u32, u32)> = BTreeSet::new();
    for known in desk.all_known() {
        for (_, item) in known.analysis.expanded.items.iter() {
            if item.name.is_empty() || !is_asked(&params.query, &item.name) {
                continue;
            }
            let Some(location) = desk.location(&known, item.name_span) else { continue };
            let start = location.range.start;
            if found.len() < FOUND_MAX
                && seen.insert((location.uri.as_str().to_owned(), start.line, start.character))
            {
                found.push(WorkspaceSymbol {
                    name: item.name.to_string(),
                    kind: icon(item.kind),
                    tags: None,
                    container_name: Some(item.kind.to_owned()),
                    location: OneOf::Left(location),
                    data: None,
                });
            }
        }
        named_nodes(desk, &known, &params.query, &mut seen, &mut found);
    }
    Ok(Some(WorkspaceSymbolResponse::Nested(found)))
}

/// Types, templates and lets.
fn named_nodes(
    desk: &Desk<'_>,
    known: &Known,
    query: &str,
    seen: &mut BTreeSet<(String, u32, u32)>,
    found: &mut Vec<WorkspaceSymbol>,
) {
    let index = &known.analysis.index;
    let tables = [
        (&index.types, "type", SymbolKind::STRUCT),
        (&index.templates, "template", SymbolKind::INTERFACE),
        (&index.lets, "let", SymbolKind::CONSTANT),
    ];
    for (names, word, kind) in tables {
        for (name, places) in names.iter().filter(|(name, _)| is_asked(query, name)) {
            for (_, at) in places {
                let Some(span) = known.at(*at).node.arg(0).map(Value::span) else { continue };
                let Some(location) = desk.location(known, span) else { continue };
                let start = location.range.start;
                if found.len() < FOUND_MAX
                    && seen.insert((location.uri.as_str().to_owned(), start.line, start.character))
                {
                    found.push(WorkspaceSymbol {
                        name: name.to_string(),
                        kind,
                        tags: None,
                        container_name: Some(word.to_owned()),
                        location: OneOf::Left(location),
                        data: None,
                    });
                }
            }
        }
    }
}

/// Whether the letters of a query come in a name in their order, whatever their case.
fn is_asked(query: &str, name: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    query.chars().flat_map(char::to_lowercase).all(|wanted| letters.any(|letter| letter == wanted))
}
