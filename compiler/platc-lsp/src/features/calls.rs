//! Who calls whom, over `calls` of workloads and routes of proxies.
//!
//! Start with [`prepare`].

use lsp_types::{
    CallHierarchyIncomingCall, CallHierarchyIncomingCallsParams, CallHierarchyItem,
    CallHierarchyOutgoingCall, CallHierarchyOutgoingCallsParams, CallHierarchyPrepareParams, Range,
    SymbolKind,
};
use platc_diag::Span;
use platc_sema::item::ItemId;

use crate::desk::{Desk, Spot};
use crate::handlers::Fault;
use crate::known::Known;
use crate::sense::What;
use crate::symbol::Symbol;

/// `textDocument/prepareCallHierarchy`.
pub(crate) fn prepare(
    desk: &Desk<'_>,
    params: &CallHierarchyPrepareParams,
) -> Result<Option<Vec<CallHierarchyItem>>, Fault> {
    let at = &params.text_document_position_params;
    let Some(spot) = desk.spot(&at.text_document.uri, at.position) else { return Ok(None) };
    let named = spot.known.occurrence_at(spot.source, spot.offset).and_then(|one| match one.symbol {
        Symbol::Item(id) => Some(id),
        _ => None,
    });
    let around = || {
        let node = spot.tree().node_at(spot.offset)?;
        spot.known.owner(spot.at(node)).map(|(id, _)| id)
    };
    let found = named.or_else(around).filter(|id| takes_part(&spot.known, *id));
    Ok(found.and_then(|id| item(desk, &spot.known, id)).map(|item| vec![item]))
}

/// Whether a declaration calls or can be called.
fn takes_part(known: &Known, id: ItemId) -> bool {
    known.analysis.types.kind(known.item(id).kind).is_some_and(|kind| kind.workload)
}

fn item(desk: &Desk<'_>, known: &Known, id: ItemId) -> Option<CallHierarchyItem> {
    let own = known.item(id);
    let location = desk.location(known, own.name_span)?;
    let whole = known.at(own.node).node.span();
    let range = if whole.file == own.name_span.file { desk.range(known, whole) } else { location.range };
    Some(CallHierarchyItem {
        name: own.name.to_string(),
        kind: SymbolKind::CLASS,
        tags: None,
        detail: Some(own.kind.to_owned()),
        uri: location.uri,
        range,
        selection_range: location.range,
        data: None,
    })
}

/// The declaration that an item of a client stands for.
fn of_item(desk: &Desk<'_>, item: &CallHierarchyItem) -> Option<(Spot, ItemId)> {
    let spot = desk.spot(&item.uri, item.selection_range.start)?;
    let (file, offset) = (spot.file(), spot.offset);
    let here = |span: Span| span.file == file && span.start == offset;
    let id =
        spot.known.analysis.expanded.items.iter().find(|(_, own)| here(own.name_span)).map(|(id, _)| id)?;
    Some((spot, id))
}

/// Names of callees in calls and routes: who says it, whom it means, where.
fn all_calls(known: &Known) -> Vec<(ItemId, ItemId, Span)> {
    let mut calls = Vec::new();
    for one in known.occurrences() {
        let Symbol::Item(to) = one.symbol else { continue };
        let Some(source) = known.source_of_file(one.span.file) else { continue };
        let Some(node) = known.tree(source).node_at(one.span.start) else { continue };
        let at = crate::known::At { source, node };
        let What::Field(record, index) = known.sense(at).what else { continue };
        let calls_it =
            known.field((record, index)).is_some_and(|field| matches!(&*field.name, "calls" | "route"));
        let to_service = known.item(to).kind == "service" || known.item(to).kind == "proxy";
        if let (true, true, Some((from, _))) = (calls_it, to_service, known.owner(at)) {
            calls.push((from, to, one.span));
        }
    }
    calls
}

fn grouped(calls: impl Iterator<Item = (ItemId, Span)>) -> Vec<(ItemId, Vec<Span>)> {
    let mut groups: Vec<(ItemId, Vec<Span>)> = Vec::new();
    for (id, span) in calls {
        match groups.iter_mut().find(|(known, _)| *known == id) {
            Some((_, spans)) => spans.push(span),
            None => groups.push((id, vec![span])),
        }
    }
    groups
}

/// `callHierarchy/incomingCalls`.
pub(crate) fn incoming(
    desk: &Desk<'_>,
    params: &CallHierarchyIncomingCallsParams,
) -> Result<Option<Vec<CallHierarchyIncomingCall>>, Fault> {
    let Some((spot, id)) = of_item(desk, &params.item) else { return Ok(None) };
    let into =
        all_calls(&spot.known).into_iter().filter(|(_, to, _)| *to == id).map(|(from, _, at)| (from, at));
    let calls = grouped(into).into_iter().filter_map(|(from, spans)| {
        let from_ranges: Vec<Range> = spans.iter().map(|span| desk.range(&spot.known, *span)).collect();
        Some(CallHierarchyIncomingCall { from: item(desk, &spot.known, from)?, from_ranges })
    });
    Ok(Some(calls.collect()))
}

/// `callHierarchy/outgoingCalls`.
pub(crate) fn outgoing(
    desk: &Desk<'_>,
    params: &CallHierarchyOutgoingCallsParams,
) -> Result<Option<Vec<CallHierarchyOutgoingCall>>, Fault> {
    let Some((spot, id)) = of_item(desk, &params.item) else { return Ok(None) };
    let out = all_calls(&spot.known).into_iter().filter(|(from, ..)| *from == id).map(|(_, to, at)| (to, at));
    let calls = grouped(out).into_iter().filter_map(|(to, spans)| {
        let from_ranges: Vec<Range> = spans.iter().map(|span| desk.range(&spot.known, *span)).collect();
        Some(CallHierarchyOutgoingCall { to: item(desk, &spot.known, to)?, from_ranges })
    });
    Ok(Some(calls.collect()))
}
