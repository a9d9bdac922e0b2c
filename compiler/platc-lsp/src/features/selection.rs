//! From the word under the cursor outwards: the name in an expression, the string, the entry, the
//! declaration, the block, the file.
//!
//! Start with [`selections`].

use lsp_types::{SelectionRange, SelectionRangeParams};
use platc_diag::Span;
use platc_syntax::Place;

use crate::desk::{Desk, Spot};
use crate::features::hover::expression_at;
use crate::handlers::Fault;

/// `textDocument/selectionRange`.
pub(crate) fn selections(
    desk: &Desk<'_>,
    params: &SelectionRangeParams,
) -> Result<Option<Vec<SelectionRange>>, Fault> {
    let mut found = Vec::new();
    for position in &params.positions {
        let Some(spot) = desk.spot(&params.text_document.uri, *position) else { return Ok(None) };
        found.push(selection(&spot));
    }
    Ok(Some(found))
}

fn selection(spot: &Spot) -> SelectionRange {
    let mut spans: Vec<Span> = Vec::new();
    let tree = spot.tree();
    if let Place::Value { node, value, entry } = tree.place_at(spot.offset) {
        if let Some(expr) = expression_at(spot, node) {
            spans.extend(expr.at(spot.offset).iter().rev().map(|expr| expr.span));
        }
        spans.extend([value.source_map().span(), value.span(), entry.span()]);
    }
    spans.extend(tree.tokens_touching(spot.offset).map(|token| token.span).min_by_key(|span| span.len()));
    let node = tree.node_at(spot.offset);
    for node in node.into_iter().chain(node.into_iter().flat_map(platc_syntax::Node::ancestors)) {
        spans.push(node.header_span());
        if let Some(block) = node.block_span() {
            spans.push(Span {
                start: block.start + 1,
                end: block.end.saturating_sub(1).max(block.start + 1),
                ..block
            });
            spans.push(block);
        }
        spans.push(node.span());
    }
    spans.push(tree.span());
    spans.retain(|span| span.touches(spot.offset));
    spans.sort_by_key(|span| (span.len(), span.start));
    let mut chain: Vec<Span> = Vec::new();
    for span in spans {
        // Each holds the one before it; what only overlaps is left out.
        let holds = chain.last().is_none_or(|inner| span.start <= inner.start && inner.end <= span.end);
        if holds && chain.last() != Some(&span) {
            chain.push(span);
        }
    }
    let mut outer: Option<Box<SelectionRange>> = None;
    for span in chain.into_iter().rev() {
        outer = Some(Box::new(SelectionRange { range: spot.range(span), parent: outer }));
    }
    match outer {
        Some(inner) => *inner,
        None => SelectionRange { range: spot.range(tree.span()), parent: None },
    }
}
