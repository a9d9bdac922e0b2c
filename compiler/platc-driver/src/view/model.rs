//! [`ModelView`]: the model and the plan's decisions, as nodes.
//!
//! Start with [`ModelView::new`].

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use platc_artifact::view::{NodeId, Pointer, Value, View};
use platc_diag::{Origin, Sourced, Span, Why};
use platc_model::types::{Role, Types};
use platc_model::{Model, Ref};
use platc_plan::facts::fact;
use platc_plan::{Plan, Shape, Workload};
use sha2::{Digest as _, Sha256};

use super::ledger::ledger;
use super::nodes::{Node, Nodes, nodes};
use super::values;
use crate::analysis::Analysis;

/// Version of the language that models are written in.
const MODEL_VERSION: &str = "0.1";

/// The model of a platform as judges see it.
#[derive(Debug)]
pub struct ModelView {
    model: Arc<Model>,
    plan: Arc<Plan>,
    nodes: Nodes,
    all: Vec<NodeId>,
    /// For each node, the text in which a literal is its own and nobody else's.
    own: Vec<Vec<Span>>,
    texts: Vec<Arc<str>>,
    platform: Span,
    /// What the plan was made from beside the model.
    lock: String,
    digest: OnceLock<[u8; 32]>,
}

impl ModelView {
    /// What judges see of a platform.
    pub fn new(analysis: &Analysis) -> Self {
        let nodes = nodes(&analysis.model);
        let own = nodes.all.iter().map(|node| own_text(analysis, node)).collect();
        let count = u32::try_from(nodes.all.len()).unwrap_or(u32::MAX);
        Self {
            model: Arc::clone(&analysis.model),
            plan: Arc::clone(&analysis.plan),
            all: (0..count).map(NodeId).collect(),
            own,
            texts: analysis.files.iter().map(|(_, file)| file.shared_text()).collect(),
            platform: analysis.platform_span(),
            lock: platc_sema::lock::write(&analysis.lock) + &platc_sema::lock::write(&analysis.plan.lock),
            digest: OnceLock::new(),
            nodes,
        }
    }

    pub(crate) fn types(&self) -> &Types {
        &self.model.types
    }

    /// A value of a node.
    pub(crate) fn json(&self, node: NodeId, pointer: Pointer<'_>) -> Option<serde_json::Value> {
        Some(match self.value(node, pointer)? {
            Value::Str(text) => text.as_ref().into(),
            Value::Int(number) => number.into(),
            Value::Bool(truth) => truth.into(),
            Value::Json(json) => serde_json::from_str(&json).ok()?,
        })
    }

    /// An image as it will run: at the digest that the lock has for its tag.
    fn pinned(&self, value: &platc_model::Value) -> Option<Value<'static>> {
        let platc_model::Value::Image(image) = value else { return None };
        let digest = self.plan.lock.images.get(image.to_string().as_str())?;
        Some(Value::Str(Cow::Owned(image.as_ref().clone().pinned(digest.clone()).to_string())))
    }

    pub(super) fn node(&self, node: NodeId) -> Option<&Node> {
        self.nodes.get(node)
    }

    pub(super) fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The node of a declaration by its number; at a cluster, if it is one thing there and another elsewhere.
    pub(super) fn find(&self, kind: &'static str, index: u32, cluster: Option<u32>) -> Option<NodeId> {
        let all = self.nodes.of(&Ref { kind, index, name: "".into() });
        let here = |id: &&NodeId| {
            cluster.is_some_and(|at| self.node(**id).is_some_and(|node| node.places.contains(&at)))
        };
        all.iter().find(here).or(all.first()).copied()
    }

    /// The node of a declaration by its name, as it is at a cluster.
    pub(super) fn at_cluster(&self, kind: &str, name: &str, cluster: u32) -> Option<NodeId> {
        let named = |id: &&NodeId| self.node(**id).is_some_and(|node| *node.name == *name);
        let of_kind = self.nodes.by_kind.get(kind)?;
        let here = |id: &&NodeId| self.node(**id).is_some_and(|node| node.places.contains(&cluster));
        of_kind.iter().filter(named).find(here).or_else(|| of_kind.iter().find(named)).copied()
    }

    /// What a patch of a node edits.
    pub(crate) fn target(&self, node: NodeId) -> Option<Target<'_>> {
        let node = self.node(node)?;
        let place = |index: &u32| match node.place_kind {
            "cluster" => Some(&*self.model.clusters.get(platc_model::Id::new(*index))?.head.name),
            "datacenter" => Some(&*self.model.datacenters.get(platc_model::Id::new(*index))?.head.name),
            _ => None,
        };
        let places =
            if node.everywhere { Vec::new() } else { node.places.iter().filter_map(place).collect() };
        Some(Target {
            kind: node.kind,
            name: &node.name,
            library: node.library.as_deref(),
            record: &node.record,
            places,
        })
    }

    fn workload(&self, node: &Node) -> Option<&Workload> {
        let cluster = platc_model::Id::new(*node.places.first()?);
        self.plan
            .workloads
            .iter()
            .find(|own| own.cluster == cluster && own.name == node.name && kind_of(&own.shape) == node.kind)
    }

    /// What the plan decides for what becomes pods.
    fn decided(&self, node: &Node, name: &str) -> Option<(i64, Origin)> {
        let shutdown = &self.workload(node)?.shutdown;
        let seconds = match name {
            "pre-stop-s" => shutdown.pre_stop_s,
            "drain-s" => shutdown.drain_s,
            "grace-s" => shutdown.grace_s,
            _ => return None,
        };
        Some((i64::try_from(seconds.value).ok()?, seconds.origin))
    }

    /// A value of a declaration, and where it comes from.
    fn found<'a>(&self, node: &'a Node, pointer: Pointer<'_>) -> Option<&'a Sourced<platc_model::Value>> {
        let mut parts = pointer.parts();
        let mut slot = values::slot(self.types(), &node.record, &parts.next()?)?;
        for part in parts {
            slot = values::step(self.types(), &slot.value, &part)?;
        }
        Some(slot)
    }

    /// A fact: what the plan decides and the kind declares.
    fn fact(&self, node: &Node, pointer: Pointer<'_>) -> Option<Value<'static>> {
        let mut parts = pointer.parts();
        let name = parts.next()?;
        let (_, field) = self.types().record(node.record.ty).field(&name)?;
        if field.role != Role::Fact {
            return None;
        }
        let found = fact(&self.plan, node.kind, node.index, node.places.first().copied(), &name)?;
        let mut value = &found;
        for part in parts {
            value = values::step(self.types(), value, &part)?;
        }
        Some(values::read_owned(self.types(), value))
    }

    fn sum(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(concat!("model ", env!("CARGO_PKG_VERSION"), "\n"));
        hasher.update(MODEL_VERSION);
        let mut line = String::new();
        for node in &self.nodes.all {
            line.clear();
            line += &format!("\n{} {:?} {:?} {:?} ", node.kind, node.name, node.parent, node.places);
            values::record_json(self.types(), &node.record, &mut line);
            hasher.update(&line);
        }
        // The plan is a function of the model, of these, and of the compiler.
        hasher.update(&self.lock);
        for text in self.model.topologies.values().flatten() {
            hasher.update(format!("\ntopology {}\n", text.1.len()));
            hasher.update(&*text.1);
        }
        hasher.finalize().into()
    }
}

/// What a patch of a node edits.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    pub(crate) kind: &'static str,
    pub(crate) name: &'a str,
    pub(crate) library: Option<&'a str>,
    pub(crate) record: &'a platc_model::Record,
    /// The places to speak of; empty for all.
    pub(crate) places: Vec<&'a str>,
}

/// The kind that a workload is declared as.
pub(super) const fn kind_of(shape: &Shape) -> &'static str {
    match shape {
        Shape::Service(_) => "service",
        Shape::Daemon(_) => "daemon",
        Shape::Job(_) => "job",
        Shape::Cron(_) => "cron",
        Shape::Proxy(_) => "proxy",
    }
}

/// The text of a declaration that no other declaration is made of too: not that of templates, of defaults,
/// or of a loop that makes several.
fn own_text(analysis: &Analysis, node: &Node) -> Vec<Span> {
    let items = &analysis.expanded.items;
    let Some(item) = items.at(node.kind, node.index).map(|id| items.get(id)) else { return Vec::new() };
    let shared = items.of_kind(item.kind).filter(|(_, other)| other.node == item.node).count() > 1;
    let policys = analysis.project.source(item.node.source).policy;
    if shared || policys || !node.everywhere {
        return Vec::new();
    }
    vec![analysis.project.node(item.node).span()]
}

impl View for ModelView {
    fn model_version(&self) -> &str {
        MODEL_VERSION
    }

    fn node_count(&self) -> u32 {
        u32::try_from(self.all.len()).unwrap_or(u32::MAX)
    }

    fn kind(&self, node: NodeId) -> &str {
        self.node(node).map_or("", |node| node.kind)
    }

    fn name(&self, node: NodeId) -> &str {
        self.node(node).map_or("", |node| &node.name)
    }

    fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.node(node)?.parent
    }

    fn nodes(&self, kind: &str) -> Cow<'_, [NodeId]> {
        match kind {
            "" => Cow::Borrowed(&self.all),
            kind => Cow::Borrowed(self.nodes.by_kind.get(kind).map_or(&[], Vec::as_slice)),
        }
    }

    fn children(&self, node: NodeId, kind: &str) -> Cow<'_, [NodeId]> {
        let children = self.node(node).map_or(&[][..], |node| &node.children);
        if kind.is_empty() {
            return Cow::Borrowed(children);
        }
        children.iter().copied().filter(|child| self.kind(*child) == kind).collect()
    }

    fn links(&self, node: NodeId, relation: &str) -> Cow<'_, [NodeId]> {
        let Some(node) = self.node(node) else { return Cow::Borrowed(&[]) };
        if relation == "place" {
            let kind = node.place_kind;
            return node.places.iter().filter_map(|place| self.find(kind, *place, None)).collect();
        }
        let Some(slot) = values::slot(self.types(), &node.record, relation) else {
            return Cow::Borrowed(&[]);
        };
        let mut found = Vec::new();
        values::references(slot, &mut found);
        found.into_iter().flat_map(|to| self.nodes.near(node, to)).collect()
    }

    fn lookup(&self, kind: &str, name: &str) -> Option<NodeId> {
        self.nodes.lookup(kind, name)
    }

    fn value(&self, node: NodeId, pointer: Pointer<'_>) -> Option<Value<'_>> {
        let node = self.node(node)?;
        if pointer.is_root() {
            let mut json = String::new();
            values::record_json(self.types(), &node.record, &mut json);
            return Some(Value::Json(Cow::Owned(json)));
        }
        if let Some(below) = pointer.as_str().strip_prefix("/plan/ledger") {
            return ledger(&self.plan, node, self.workload(node), below);
        }
        if let Some(name) = pointer.as_str().strip_prefix("/plan/") {
            return self.decided(node, name).map(|(seconds, _)| Value::Int(seconds));
        }
        match self.found(node, pointer) {
            Some(found) => {
                self.pinned(&found.value).or_else(|| Some(values::read(self.types(), &found.value)))
            }
            None => self.fact(node, pointer),
        }
    }

    fn text(&self, _: NodeId) -> Option<Cow<'_, str>> {
        None
    }

    fn span(&self, node: NodeId, pointer: Pointer<'_>) -> Option<Span> {
        let node = self.node(node)?;
        if pointer.is_root() {
            return Some(node.span);
        }
        if let Some(name) = pointer.as_str().strip_prefix("/plan/") {
            return self.decided(node, name).and_then(|(_, origin)| origin.span());
        }
        let origin = self.found(node, pointer)?.origin;
        origin.span().filter(|_| origin.why() == Why::Written)
    }

    fn platform_span(&self) -> Span {
        self.platform
    }

    fn literal(&self, node: NodeId, pointer: Pointer<'_>) -> Option<Span> {
        let scalar = matches!(self.value(node, pointer)?, Value::Str(_) | Value::Int(_) | Value::Bool(_));
        let span = self.span(node, pointer).filter(|_| scalar && !pointer.is_root())?;
        let inside = |own: &Span| own.file == span.file && own.start <= span.start && span.end <= own.end;
        if !self.own.get(node.0 as usize)?.iter().any(inside) {
            return None;
        }
        let text = self.texts.get(usize::try_from(span.file.0).ok()?)?;
        let written = text.get(span.start as usize..span.end as usize)?;
        (!written.is_empty() && !written.contains("${")).then_some(span)
    }

    fn digest(&self) -> [u8; 32] {
        *self.digest.get_or_init(|| self.sum())
    }
}
