//! What a declaration becomes, and the way back: the artifacts that are about what is under the cursor, as
//! a build would write them now, and the line of KDL that a line of an artifact comes from.
//!
//! Start with [`becomes`] and [`origin`].

use lsp_types::{Location, Position, Range, TextDocumentIdentifier, Uri};
use platc_artifact::{Doc, Target};
use platc_diag::Span;
use platc_driver::emission::{Emitted, emit};
use platc_emit::{Job, Subject, jobs};
use platc_plan::Plan;
use platc_sema::item::ItemId;
use serde::{Deserialize, Serialize};

use crate::desk::{Desk, Spot};
use crate::handlers::Fault;
use crate::known::Known;
use crate::symbol::Symbol;

/// Artifacts that one answer holds at most: a cluster has one for each of its workloads.
const ARTIFACTS_MAX: usize = 50;

/// Which artifacts.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BecomesParams {
    text_document: TextDocumentIdentifier,
    position: Position,
}

/// What a declaration becomes.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Becomes {
    /// Kind of the declaration.
    kind: String,
    /// Its name.
    name: String,
    /// Why there are no artifacts: a plan with errors is not written.
    broken: bool,
    artifacts: Vec<Shown>,
}

/// An artifact.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    /// Where it lies in a build.
    path: String,
    /// What it is.
    kind: String,
    /// For whom: `cluster home`, `host m1`, `platform`.
    target: String,
    text: String,
    /// Lines that come from the line under the cursor, from 0.
    lines: Vec<u32>,
}

/// Which line of which artifact.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OriginParams {
    /// Any document of the platform.
    text_document: TextDocumentIdentifier,
    /// The artifact.
    path: String,
    /// From 0.
    line: u32,
}

/// Where a line of an artifact comes from.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OriginAnswer {
    uri: Uri,
    range: Range,
    /// The rule that decided it, if it is not written there.
    rule: Option<String>,
}

/// `platc/becomes`.
pub(crate) fn becomes(desk: &Desk<'_>, params: &BecomesParams) -> Result<Option<Becomes>, Fault> {
    let Some(spot) = desk.spot(&params.text_document.uri, params.position) else { return Ok(None) };
    let Some(id) = item_at(&spot) else { return Ok(None) };
    let item = spot.known.item(id);
    let broken = spot.known.problems().iter().any(platc_diag::Diagnostic::is_error);
    let mut artifacts = Vec::new();
    if !broken {
        let here = span_at(&spot);
        for (emitter, job) in jobs(spot.known.plan()) {
            if artifacts.len() >= ARTIFACTS_MAX || !is_about(&spot.known, &job, id) {
                continue;
            }
            if let Ok(emitted) = emit(spot.known.plan(), emitter, &job) {
                artifacts.push(shown(&emitted, &job, here));
            }
        }
    }
    Ok(Some(Becomes { kind: item.kind.to_owned(), name: item.name.to_string(), broken, artifacts }))
}

/// The declaration under the cursor: the one that a name means, else the one around.
pub(crate) fn item_at(spot: &Spot) -> Option<ItemId> {
    let node = spot.tree().node_at(spot.offset)?;
    let around = spot.known.owner(spot.at(node)).map(|(id, _)| id);
    let named = spot.known.occurrence_at(spot.source, spot.offset).and_then(|one| match one.symbol {
        Symbol::Item(id) if one.declares => Some(id),
        _ => None,
    });
    named.or(around)
}

/// Whether a file is about a declaration.
fn is_about(known: &Known, job: &Job, id: ItemId) -> bool {
    let plan: &Plan = known.plan();
    let items = &known.analysis.expanded.items;
    let (item, index) = (items.get(id), items.index_in_kind(id));
    match job.subject {
        Subject::Platform => item.kind == "platform",
        Subject::Cluster(cluster) => item.kind == "cluster" && cluster.index() == index,
        Subject::Host(host) => item.kind == "host" && host.index() == index,
        Subject::Raw(raw, _) => item.kind == "raw" && raw.index() == index,
        Subject::Workload(at) => plan.workloads.get(at).is_some_and(|own| own.span == item.name_span),
        Subject::Namespace(at) => {
            item.kind == "namespace" && plan.namespaces.get(at).is_some_and(|own| *own.name == *item.name)
        }
        Subject::Balancer(at) => {
            item.kind == "balancer" && plan.balancers.get(at).is_some_and(|own| *own.name == *item.name)
        }
    }
}

/// What the cursor is on: a property, a value, a field with its block, or the name of the declaration.
fn span_at(spot: &Spot) -> Span {
    let tree = spot.tree();
    if let Some(entry) = tree.entry_at(spot.offset) {
        return entry.span();
    }
    match tree.node_at(spot.offset) {
        Some(node) if node.parent().is_none() => node.header_span(),
        Some(node) => node.span(),
        None => Span::new(spot.file(), spot.offset, spot.offset),
    }
}

fn shown(emitted: &Emitted, job: &Job, cursor: Span) -> Shown {
    let text = String::from_utf8_lossy(&emitted.bytes).into_owned();
    let origins = origins_by_line(&text, emitted.artifact.docs());
    let here = |span: &Span| span.file == cursor.file && cursor.start <= span.start && span.end <= cursor.end;
    let lines =
        origins.iter().zip(0_u32..).filter(|(origin, _)| origin.as_ref().is_some_and(|(span, _)| here(span)));
    let lines = lines.map(|(_, number)| number).collect();
    let target = match &job.target {
        Target::Platform => "platform".to_owned(),
        Target::Cluster(name) => format!("cluster {name}"),
        Target::Host(name) => format!("host {name}"),
    };
    Shown { path: job.path.as_str().to_owned(), kind: job.kind.to_owned(), target, text, lines }
}

/// Where a line comes from, and the rule that decided it.
type LineOrigin = Option<(Span, Option<&'static str>)>;

/// Where each line of an artifact comes from. Values are printed in the order in which they are visited,
/// so each is looked for from the line of the one before it.
fn origins_by_line(text: &str, docs: &[Doc]) -> Vec<LineOrigin> {
    let lines: Vec<&str> = text.lines().collect();
    let mut origins: Vec<LineOrigin> = vec![None; lines.len()];
    let mut next = 0;
    for doc in docs {
        doc.visit(|pointer, node| {
            let key = pointer.rsplit('/').next().unwrap_or("");
            let value = match node.value() {
                platc_artifact::Value::Map | platc_artifact::Value::Seq => return,
                _ => scalar_text(node),
            };
            let is_index = key.bytes().all(|byte| byte.is_ascii_digit());
            let first = value.lines().next().unwrap_or("").trim();
            let fits = |line: &&str| (is_index || line.contains(key)) && line.contains(first);
            let found = lines.get(next..).and_then(|rest| rest.iter().position(fits));
            let (Some(found), Some(span)) = (found, node.origin().span()) else { return };
            let rule = match node.origin().why() {
                platc_diag::Why::Decided(rule) => Some(rule.name()),
                _ => None,
            };
            next += found;
            if let Some(slot) = origins.get_mut(next) {
                slot.get_or_insert((span, rule));
            }
        });
    }
    origins
}

fn scalar_text(node: platc_artifact::Node<'_>) -> String {
    if let Some(text) = node.as_str() {
        return text.to_owned();
    }
    let mut out = String::new();
    node.write_json(&mut out);
    out
}

/// `platc/origin`.
pub(crate) fn origin(desk: &Desk<'_>, params: &OriginParams) -> Result<Option<OriginAnswer>, Fault> {
    let Some(spot) = desk.spot(&params.text_document.uri, Position::default()) else { return Ok(None) };
    let plan = spot.known.plan();
    let Some((emitter, job)) = jobs(plan).into_iter().find(|(_, job)| job.path.as_str() == params.path)
    else {
        return Ok(None);
    };
    let Ok(emitted) = emit(plan, emitter, &job) else { return Ok(None) };
    let text = String::from_utf8_lossy(&emitted.bytes).into_owned();
    let origins = origins_by_line(&text, emitted.artifact.docs());
    // A line that only opens a block belongs to what follows it.
    let below = origins.get(params.line as usize..).unwrap_or(&[]);
    let above = origins.get(..params.line as usize).unwrap_or(&[]);
    let found = below.iter().flatten().next().or_else(|| above.iter().flatten().next_back());
    let Some((span, rule)) = found else { return Ok(None) };
    let Some(Location { uri, range }) = desk.location(&spot.known, *span) else { return Ok(None) };
    Ok(Some(OriginAnswer { uri, range, rule: rule.map(str::to_owned) }))
}
