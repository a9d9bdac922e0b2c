//! What is under the cursor: documentation, type, and the value that it has at each place.
//!
//! Start with [`hover`].

use lsp_types::{Hover, HoverContents, HoverParams, MarkupContent, MarkupKind};
use platc_diag::Span;
use platc_kube::{Tables, describe as kube};
use platc_syntax::expr::{Expr, has_expression};
use platc_syntax::{Node, Place};

use crate::describe::by_place;
use crate::desk::{Desk, Spot};
use crate::handlers::Fault;
use crate::sense::{Wants, What};
use crate::symbol::Symbol;

/// `textDocument/hover`.
pub(crate) fn hover(desk: &Desk<'_>, params: &HoverParams) -> Result<Option<Hover>, Fault> {
    let at = &params.text_document_position_params;
    let Some(spot) = desk.spot(&at.text_document.uri, at.position) else { return Ok(None) };
    let found = about_spot(&spot).map(|(span, text)| Hover {
        contents: HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value: text }),
        range: Some(spot.range(span)),
    });
    Ok(found)
}

fn about_spot(spot: &Spot) -> Option<(Span, String)> {
    match spot.tree().place_at(spot.offset) {
        Place::Comment | Place::Hidden | Place::Annotation => None,
        Place::Value { node, entry, value } => {
            let at = spot.at(node);
            let expression = expression_at(spot, node).and_then(|expr| about_expression(spot, node, &expr));
            let named = || about_symbol(spot, node);
            let field = || {
                let sense = spot.known.sense(at);
                let expected = spot.known.expected(&sense, at, entry);
                let (record, index) = expected.field?;
                let mut text = spot.known.about_field(record, spot.known.field((record, index))?);
                append(&mut text, &by_place(&spot.known.values_of_field(at, record, index)));
                Some((value.span(), text))
            };
            expression.or_else(named).or_else(field)
        }
        _ => {
            let node = spot.tree().node_at(spot.offset)?;
            about_symbol(spot, node).or_else(|| about_kubernetes(spot, node))
        }
    }
}

/// What a name means, and for a field its value.
fn about_symbol(spot: &Spot, node: Node<'_>) -> Option<(Span, String)> {
    let found = spot.known.occurrence_at(spot.source, spot.offset)?;
    let mut text = spot.known.about(&found.symbol)?;
    if let Symbol::Field(record, index) = found.symbol
        && !found.declares
    {
        append(&mut text, &by_place(&spot.known.values_of_field(spot.at(node), record, index)));
    }
    Some((found.span, text))
}

/// The expression under the cursor, from the outermost name that it is the end of.
pub(crate) fn expression_at(spot: &Spot, node: Node<'_>) -> Option<Expr> {
    let Place::Value { entry, value, .. } = spot.tree().place_at(spot.offset) else { return None };
    let text = value.text()?;
    let at = spot.at(node);
    if has_expression(&text) {
        let parsed = value.template()?;
        return parsed.template.exprs().find(|expr| expr.span.touches(spot.offset)).cloned();
    }
    let sense = spot.known.sense(at);
    let is_expression = spot.known.expected(&sense, at, entry).wants == Wants::Expression;
    value.expr().filter(|_| is_expression).map(|parsed| parsed.expr)
}

fn about_expression(spot: &Spot, node: Node<'_>, expr: &Expr) -> Option<(Span, String)> {
    let at = spot.at(node);
    // Of `a.b.c` with the cursor on `b`, that is `a.b`: the innermost that ends under the cursor.
    let inner = expr.at(spot.offset).last().copied()?;
    let path = expr.at(spot.offset);
    let whole = path.iter().rev().find(|expr| expr.span.end >= spot.offset).copied().unwrap_or(inner);
    let mut text = String::new();
    let mut span = whole.span;
    if let Some(found) = spot.known.occurrence_at(spot.source, spot.offset) {
        text = spot.known.about(&found.symbol).unwrap_or_default();
        span = found.span;
    }
    let mut seen = spot.known.seen(at);
    if spot.known.sense(at).what == What::Check {
        seen.fields = spot.known.record_of_check(at);
    }
    let ty = spot.known.type_of(whole, seen, &[]);
    let noun = ty.noun(&spot.known.analysis.types);
    if noun != "anything" {
        append(&mut text, &format!("{}{}.", noun.get(..1)?.to_uppercase(), noun.get(1..)?));
    }
    if seen.fields.is_none() {
        append(&mut text, &by_place(&spot.known.values_of_expression(at, whole)));
    }
    (!text.is_empty()).then_some((span, text))
}

fn append(text: &mut String, more: &str) {
    if more.is_empty() {
        return;
    }
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(more.trim_end());
}

/// A field of an object that passes as it is, by the tables of Kubernetes.
fn about_kubernetes(spot: &Spot, node: Node<'_>) -> Option<(Span, String)> {
    let property = node.props().find(|prop| prop.name_span().is_some_and(|name| name.touches(spot.offset)));
    let mut names: Vec<String> = Vec::new();
    names.extend(property.and_then(platc_syntax::Entry::name).map(std::borrow::Cow::into_owned));
    let chain = std::iter::once(node).chain(node.ancestors());
    let mut object = None;
    for around in chain {
        if around.name() == "object" && around.parent().is_some_and(|parent| parent.name() == "raw") {
            object = Some(around);
            break;
        }
        names.push(around.name().into_owned());
    }
    let object = object?;
    let said = |name: &str| {
        let child = object.child(name).and_then(|child| child.arg(0));
        let property = || object.prop(name).map(platc_syntax::Entry::value);
        child.or_else(property).and_then(|value| value.text().map(std::borrow::Cow::into_owned))
    };
    names.reverse();
    let tables = Tables::get();
    let kind = tables.kind(&said("apiVersion")?, &said("kind")?)?;
    let pointer: String = names.iter().map(|name| format!("/{name}")).collect();
    let walked = tables.walk(kind, &pointer, tables.newest());
    let (owner, field) = (walked.owner?, walked.field?);
    let text = kube::of_field(owner.name, field.name)?;
    let span = property.and_then(platc_syntax::Entry::name_span).unwrap_or(node.name_span());
    Some((span, format!("```yaml\n{}\n```\n{text}", field.name)))
}
