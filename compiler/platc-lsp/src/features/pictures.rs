//! Pictures of what is being edited: what is around it, and how much of the room it takes.
//!
//! Not here: drawing (`platc-report`). Start with [`pictures`].

use lsp_types::{Position, TextDocumentIdentifier};
use platc_report::{Format, Picture, bars, graph};
use serde::{Deserialize, Serialize};

use crate::desk::Desk;
use crate::features::becomes::item_at;
use crate::handlers::Fault;

/// Of what.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PicturesParams {
    text_document: TextDocumentIdentifier,
    position: Position,
}

/// Pictures, each an `svg` element with its own colours.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pictures {
    /// Kind of the declaration under the cursor; empty if there is none.
    kind: String,
    /// Its name.
    name: String,
    /// Whether the platform has errors: then the pictures show what could be made of it.
    broken: bool,
    /// Who calls it and whom it calls; for what stands somewhere, what is where; for ways in, the ways.
    topology: String,
    /// How much is asked for of each cluster that it runs in, and by it; else of all.
    capacity: String,
}

/// `platc/pictures`.
pub(crate) fn pictures(desk: &Desk<'_>, params: &PicturesParams) -> Result<Option<Pictures>, Fault> {
    let Some(spot) = desk.spot(&params.text_document.uri, params.position) else { return Ok(None) };
    let plan = spot.known.plan();
    let item = item_at(&spot).map(|id| spot.known.item(id));
    let (kind, name) = item.map_or(("", ""), |item| (item.kind, &*item.name));
    let workload = plan.workloads.iter().any(|one| item.is_some_and(|item| one.span == item.name_span));
    let topology = match kind {
        "proxy" | "balancer" => graph::draw(plan, Picture::Routes, Format::Svg),
        "datacenter" | "rack" | "host" | "cluster" | "link" => graph::draw(plan, Picture::Map, Format::Svg),
        _ if workload => graph::around(plan, name),
        _ => graph::draw(plan, Picture::Calls, Format::Svg),
    };
    Ok(Some(Pictures {
        kind: kind.to_owned(),
        name: name.to_owned(),
        broken: spot.known.problems().iter().any(platc_diag::Diagnostic::is_error),
        topology,
        capacity: bars::capacity(plan, workload.then_some(name)),
    }))
}
