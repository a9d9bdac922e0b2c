//! Colours by meaning: what the grammar of KDL cannot know, as which word is a reference, and what stands
//! inside of `${…}`.
//!
//! Start with [`all`].

use lsp_types::{
    SemanticToken, SemanticTokens, SemanticTokensParams, SemanticTokensRangeParams,
    SemanticTokensRangeResult, SemanticTokensResult,
};
use platc_diag::Span;
use platc_syntax::Highlight;
use platc_syntax::expr::{Expr, ExprKind, Piece};

use crate::desk::{Desk, Spot};
use crate::handlers::Fault;
use crate::sense::Wants;
use crate::symbol::Symbol;

/// Sorts of tokens, by their number.
pub(crate) const TYPES: &[&str] = &[
    "keyword",
    "class",
    "property",
    "variable",
    "string",
    "number",
    "comment",
    "operator",
    "function",
    "parameter",
    "type",
    "enumMember",
    "macro",
    "namespace",
];
/// What else is said of a token, by its bit.
pub(crate) const MODIFIERS: &[&str] = &["declaration", "documentation", "defaultLibrary", "deprecated"];

const KEYWORD: u32 = 0;
const CLASS: u32 = 1;
const PROPERTY: u32 = 2;
const VARIABLE: u32 = 3;
const STRING: u32 = 4;
const NUMBER: u32 = 5;
const COMMENT: u32 = 6;
const OPERATOR: u32 = 7;
const FUNCTION: u32 = 8;
const PARAMETER: u32 = 9;
const TYPE: u32 = 10;
const ENUM_MEMBER: u32 = 11;
const MACRO: u32 = 12;
const NAMESPACE: u32 = 13;

const DECLARATION: u32 = 1;
const DOCUMENTATION: u32 = 1 << 1;
const LIBRARY: u32 = 1 << 2;

/// A stretch in one colour.
#[derive(Clone, Copy)]
struct Colour {
    span: Span,
    sort: u32,
    modifiers: u32,
}

/// `textDocument/semanticTokens/full`.
pub(crate) fn all(
    desk: &Desk<'_>,
    params: &SemanticTokensParams,
) -> Result<Option<SemanticTokensResult>, Fault> {
    let Some(spot) = desk.spot(&params.text_document.uri, lsp_types::Position::default()) else {
        return Ok(None);
    };
    let data = encoded(&spot, &colours(&spot));
    Ok(Some(SemanticTokensResult::Tokens(SemanticTokens { result_id: None, data })))
}

/// `textDocument/semanticTokens/range`.
pub(crate) fn range(
    desk: &Desk<'_>,
    params: &SemanticTokensRangeParams,
) -> Result<Option<SemanticTokensRangeResult>, Fault> {
    let Some(spot) = desk.spot(&params.text_document.uri, params.range.start) else { return Ok(None) };
    let end = spot.known.text_of(spot.file()).offset(params.range.end, spot.encoding);
    let mut inside = colours(&spot);
    inside.retain(|colour| colour.span.end > spot.offset && colour.span.start < end);
    let data = encoded(&spot, &inside);
    Ok(Some(SemanticTokensRangeResult::Tokens(SemanticTokens { result_id: None, data })))
}

fn colours(spot: &Spot) -> Vec<Colour> {
    // The finer ones win over those of the syntax alone: later ones are cut out of earlier ones.
    let mut layers: Vec<Colour> = Vec::new();
    for one in spot.known.occurrences_of(spot.source) {
        let modifiers = if one.declares { DECLARATION } else { 0 };
        if let Some((sort, more)) = colour_of(spot, &one.symbol) {
            layers.push(Colour { span: one.span, sort, modifiers: modifiers | more });
        }
    }
    let mut pieces = Vec::new();
    expressions(spot, &mut layers, &mut pieces);
    // Of two at one place, what a name means comes first and wins.
    layers.sort_by_key(|colour| (colour.span.start, std::cmp::Reverse(colour.span.end)));
    let mut out: Vec<Colour> = Vec::new();
    for (span, highlight) in spot.tree().highlights() {
        let (sort, modifiers) = of_syntax(highlight);
        let inside = layers.iter().filter(|own| span.start <= own.span.start && own.span.end <= span.end);
        let mut from = span.start;
        for own in inside {
            if own.span.start < from {
                continue;
            }
            let gap = Span { start: from, end: own.span.start, ..span };
            if !gap.is_empty() && !pieces.iter().any(|piece| holds(*piece, gap)) {
                out.push(Colour { span: gap, sort, modifiers });
            }
            out.push(*own);
            from = own.span.end;
        }
        let rest = Span { start: from, ..span };
        if !rest.is_empty() && !pieces.iter().any(|piece| holds(*piece, rest)) {
            out.push(Colour { span: rest, sort, modifiers });
        }
    }
    out
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn of_syntax(highlight: Highlight) -> (u32, u32) {
    match highlight {
        Highlight::NodeName | Highlight::PropertyName => (PROPERTY, 0),
        Highlight::Annotation => (TYPE, 0),
        Highlight::Word => (ENUM_MEMBER, 0),
        Highlight::Text | Highlight::Error => (STRING, 0),
        Highlight::Number => (NUMBER, 0),
        Highlight::Keyword => (KEYWORD, 0),
        Highlight::Punctuation => (OPERATOR, 0),
        Highlight::Comment | Highlight::Disabled => (COMMENT, 0),
        Highlight::DocComment => (COMMENT, DOCUMENTATION),
    }
}

fn colour_of(spot: &Spot, symbol: &Symbol) -> Option<(u32, u32)> {
    Some(match symbol {
        Symbol::Kind(_) => (CLASS, LIBRARY),
        Symbol::Statement(_) | Symbol::Word(_) => (KEYWORD, 0),
        Symbol::Function(_) => (FUNCTION, LIBRARY),
        Symbol::Item(_) => (VARIABLE, 0),
        Symbol::Field(..) | Symbol::Part(..) | Symbol::Entry(_) => (PROPERTY, 0),
        Symbol::Local(_) => (PARAMETER, 0),
        Symbol::Library(_) => (NAMESPACE, 0),
        Symbol::Named(at) => match &*spot.known.at(*at).node.name() {
            "type" => (TYPE, 0),
            "template" => (MACRO, 0),
            "param" | "for" => (PARAMETER, 0),
            _ => (VARIABLE, 0),
        },
    })
}

/// What is in `${…}` beside names: braces, numbers, texts, operators.
fn expressions(spot: &Spot, out: &mut Vec<Colour>, pieces: &mut Vec<Span>) {
    for node in spot.tree().all_nodes() {
        let mut sense = None;
        for entry in node.entries() {
            let value = entry.value();
            let Some(text) = value.text() else { continue };
            if text.contains("${") {
                let Some(parsed) = value.template() else { continue };
                for piece in &parsed.template.pieces {
                    let Piece::Expr { expr, span } = piece else { continue };
                    pieces.push(*span);
                    let open = Span { end: span.start + 2, ..*span };
                    let close = Span { start: span.end.saturating_sub(1), ..*span };
                    out.push(Colour { span: open, sort: OPERATOR, modifiers: 0 });
                    inside(expr, out);
                    if spot.known.slice(close) == "}" && close.start >= open.end {
                        out.push(Colour { span: close, sort: OPERATOR, modifiers: 0 });
                    }
                }
                continue;
            }
            let at = spot.at(node);
            let sense = sense.get_or_insert_with(|| spot.known.sense(at));
            match spot.known.expected(sense, at, entry).wants {
                Wants::Expression => {
                    if let Some(parsed) = value.expr() {
                        pieces.push(value.source_map().span());
                        inside(&parsed.expr, out);
                    }
                }
                Wants::TypeExpr => out.push(Colour { span: value.span(), sort: TYPE, modifiers: 0 }),
                _ => {}
            }
        }
    }
}

fn inside(expr: &Expr, out: &mut Vec<Colour>) {
    let sort = match &expr.kind {
        ExprKind::Null | ExprKind::Bool(_) => Some(KEYWORD),
        ExprKind::Int(_) | ExprKind::Float(_) => Some(NUMBER),
        ExprKind::Text(_) => Some(STRING),
        ExprKind::Binary { op_span, .. } => {
            out.push(Colour { span: *op_span, sort: OPERATOR, modifiers: 0 });
            None
        }
        ExprKind::Field { name, .. } => {
            out.push(Colour { span: name.span, sort: PROPERTY, modifiers: 0 });
            None
        }
        ExprKind::Name(_) => Some(VARIABLE),
        _ => None,
    };
    if let Some(sort) = sort {
        out.push(Colour { span: expr.span, sort, modifiers: 0 });
    }
    expr.children().into_iter().for_each(|child| inside(child, out));
}

/// Each token from the one before it, cut at line breaks: no client must know tokens over several lines.
fn encoded(spot: &Spot, colours: &[Colour]) -> Vec<SemanticToken> {
    let mut tokens = Vec::new();
    let (mut line, mut column) = (0, 0);
    for colour in colours {
        let mut start = colour.span.start;
        let text = spot.known.slice(colour.span);
        for part in text.split_inclusive('\n') {
            let shown = part.trim_end_matches(['\n', '\r']);
            let at = spot.range(Span { start, end: start, ..colour.span }).start;
            let length = spot.encoding.len(shown);
            start += u32::try_from(part.len()).unwrap_or(0);
            if length == 0 {
                continue;
            }
            let delta_line = at.line - line;
            let delta_start = if delta_line == 0 { at.character - column } else { at.character };
            (line, column) = (at.line, at.character);
            tokens.push(SemanticToken {
                delta_line,
                delta_start,
                length,
                token_type: colour.sort,
                token_modifiers_bitset: colour.modifiers,
            });
        }
    }
    tokens
}
