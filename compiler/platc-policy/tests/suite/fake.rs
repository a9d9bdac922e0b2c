//! A platform made by hand: nodes with JSON values and made-up places in the source.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use platc_artifact::view::{NodeId, Pointer, Value, View};
use platc_diag::{FileId, Span};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

/// A platform.
#[derive(Default)]
pub(crate) struct Fake {
    nodes: Vec<Node>,
    kinds: BTreeMap<String, Vec<NodeId>>,
    all: Vec<NodeId>,
    digest: [u8; 32],
}

struct Node {
    kind: String,
    name: String,
    values: Json,
    parent: Option<NodeId>,
    text: Option<String>,
}

/// Characters of source that each node takes. Its values begin at its tenth.
const NODE_CHARS: u32 = 100;

impl Fake {
    /// Adds a declaration; its place is a hundred characters after the last one's.
    pub(crate) fn node(&mut self, kind: &str, name: &str, values: Json) -> NodeId {
        self.add(Node { kind: kind.into(), name: name.into(), values, parent: None, text: None })
    }

    /// Adds an artifact of a node.
    pub(crate) fn artifact(&mut self, parent: NodeId, kind: &str, values: Json, text: &str) -> NodeId {
        let text = Some(text.to_owned());
        self.add(Node { kind: kind.into(), name: String::new(), values, parent: Some(parent), text })
    }

    /// As judges want it.
    pub(crate) fn view(self) -> Arc<dyn View> {
        Arc::new(self)
    }

    fn add(&mut self, node: Node) -> NodeId {
        let id = NodeId(self.nodes.len().try_into().expect("few nodes"));
        let told = format!(
            "{:?} {} {} {} {:?} {:?};",
            self.digest, node.kind, node.name, node.values, node.parent, node.text
        );
        self.digest = Sha256::digest(told).into();
        self.kinds.entry(node.kind.clone()).or_default().push(id);
        self.all.push(id);
        self.nodes.push(node);
        id
    }

    fn get(&self, node: NodeId) -> Option<&Node> {
        self.nodes.get(node.0 as usize)
    }
}

/// Services that each break every rule of the library every so often.
pub(crate) fn services(n: u32) -> Fake {
    let mut fake = Fake::default();
    for i in 0..n {
        let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        let image = if i % 100 == 7 {
            format!("okm/service-{i}:1")
        } else {
            format!("okm/service-{i}:1@sha256:{digest}")
        };
        let probes = if i % 100 == 3 {
            json!({})
        } else {
            json!({ "readiness": { "http": "/readyz" }, "liveness": { "http": "/healthz" } })
        };
        let memory = if i % 100 == 5 {
            json!({ "limit": "1GiB" })
        } else {
            json!({ "request": "512MiB", "limit": "1GiB" })
        };
        let values = json!({
            "image": image, "replicas": 3, "cpu": { "request": "500m", "limit": "2" }, "memory": memory,
            "probes": probes, "env": { "LOG_LEVEL": "info", "REGION": "eu-1" }, "in": ["prod-a", "prod-b"],
        });
        fake.node("service", &format!("service-{i}"), values);
    }
    fake
}

impl View for Fake {
    fn model_version(&self) -> &str {
        "1"
    }

    fn node_count(&self) -> u32 {
        self.nodes.len().try_into().expect("few nodes")
    }

    fn kind(&self, node: NodeId) -> &str {
        self.get(node).map_or("", |node| &node.kind)
    }

    fn name(&self, node: NodeId) -> &str {
        self.get(node).map_or("", |node| &node.name)
    }

    fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.get(node)?.parent
    }

    fn nodes(&self, kind: &str) -> Cow<'_, [NodeId]> {
        if kind.is_empty() {
            return Cow::Borrowed(&self.all);
        }
        self.kinds.get(kind).map_or(Cow::Borrowed(&[]), |nodes| Cow::Borrowed(nodes))
    }

    fn children(&self, node: NodeId, kind: &str) -> Cow<'_, [NodeId]> {
        let fits = |child: &&NodeId| self.parent(**child) == Some(node);
        self.nodes(kind).iter().filter(fits).copied().collect()
    }

    fn links(&self, _node: NodeId, _relation: &str) -> Cow<'_, [NodeId]> {
        Cow::Borrowed(&[])
    }

    fn lookup(&self, kind: &str, name: &str) -> Option<NodeId> {
        self.nodes(kind).iter().copied().find(|node| self.name(*node) == name)
    }

    fn value(&self, node: NodeId, pointer: Pointer<'_>) -> Option<Value<'_>> {
        Some(match self.get(node)?.values.pointer(pointer.as_str())? {
            Json::String(text) => Value::Str(Cow::Borrowed(text)),
            Json::Bool(truth) => Value::Bool(*truth),
            Json::Number(number) if number.is_i64() => Value::Int(number.as_i64().expect("it is one")),
            other => Value::Json(Cow::Owned(other.to_string())),
        })
    }

    fn text(&self, node: NodeId) -> Option<Cow<'_, str>> {
        self.get(node)?.text.as_deref().map(Cow::Borrowed)
    }

    fn span(&self, node: NodeId, pointer: Pointer<'_>) -> Option<Span> {
        let found = self.get(node)?;
        // An artifact has no place of its own, as a rendered file has none.
        if found.text.is_some() {
            return None;
        }
        let start = node.0 * NODE_CHARS;
        match pointer.parts().next() {
            None => Some(Span::new(FileId(0), start, start + 9)),
            Some(field) => {
                let fields = found.values.as_object()?;
                let n: u32 = fields.keys().position(|name| *name == field)?.try_into().ok()?;
                // Only the field as a whole: what is inside it falls back to it.
                let at = start + 10 + n * 10;
                (pointer.parts().count() == 1).then(|| Span::new(FileId(0), at, at + 9))
            }
        }
    }

    fn platform_span(&self) -> Span {
        Span::new(FileId(0), 0, 1)
    }

    fn literal(&self, node: NodeId, pointer: Pointer<'_>) -> Option<Span> {
        matches!(self.value(node, pointer)?, Value::Str(_) | Value::Int(_) | Value::Bool(_))
            .then(|| self.span(node, pointer))?
    }

    fn digest(&self) -> [u8; 32] {
        self.digest
    }
}
