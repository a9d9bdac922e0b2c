//! Native unit tests of policies: a [`Mock`] of a model, and the policy asked as the host would ask it.
//!
//! ```
//! use platc_policy_sdk::testing::Mock;
//! use serde_json::json;
//!
//! let mut mock = Mock::default();
//! let web = mock.node("service", "web", json!({ "image": "web:1", "probes": { "readiness": { "http": "/ready" } } }));
//! mock.child(web, "calls", "storage", json!({ "timeout": "3s" }));
//! ```
//!
//! Not here: anything that runs WebAssembly. A policy's cases, over whole platforms, are in its `cases/`.
//!
//! Start with [`Mock`], then [`validate`].

use std::fmt;
use std::rc::Rc;

use serde_json::{Value, json};

use crate::{Finding, Findings, Model, NodeId, Patch, Patches, Phase, Policy, SettingError, Settings};

/// A model made by hand.
#[derive(Clone, Default)]
pub struct Mock {
    nodes: Vec<MockNode>,
}

#[derive(Clone)]
struct MockNode {
    kind: String,
    name: String,
    parent: Option<NodeId>,
    values: Value,
    links: Vec<(String, NodeId)>,
    text: Option<String>,
}

/// A finding with the names of its node, as a test wants to read it.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    /// `POLICY/RULE`.
    pub code: String,
    /// Kind and name of the node: ``service `web` ``.
    pub place: String,
    /// The finding.
    pub finding: Finding,
}

impl Mock {
    /// Adds a declaration. `values` is an object: `{ "probes": { "readiness": … } }`.
    pub fn node(&mut self, kind: &str, name: &str, values: Value) -> NodeId {
        self.add(MockNode {
            kind: kind.into(),
            name: name.into(),
            parent: None,
            values,
            links: Vec::new(),
            text: None,
        })
    }

    /// Adds a part of a declaration.
    pub fn child(&mut self, parent: NodeId, kind: &str, name: &str, values: Value) -> NodeId {
        let node = self.node(kind, name, values);
        self.at(node).parent = Some(parent);
        node
    }

    /// Adds an artifact.
    pub fn artifact(&mut self, kind: &str, name: &str, values: Value, text: impl Into<String>) -> NodeId {
        let node = self.node(kind, name, values);
        self.at(node).text = Some(text.into());
        node
    }

    /// Makes one node refer to another.
    pub fn link(&mut self, from: NodeId, relation: &str, to: NodeId) {
        self.at(from).links.push((relation.into(), to));
    }

    /// The model that a policy sees.
    pub fn model(&self) -> Model {
        Model { imp: ModelImp { mock: Rc::new(self.clone()) } }
    }

    fn add(&mut self, node: MockNode) -> NodeId {
        self.nodes.push(node);
        NodeId(u32::try_from(self.nodes.len() - 1).expect("a mock has few nodes"))
    }

    fn at(&mut self, node: NodeId) -> &mut MockNode {
        &mut self.nodes[node.0 as usize]
    }

    fn place(&self, node: NodeId) -> String {
        match self.nodes.get(node.0 as usize) {
            Some(node) => format!("{} `{}`", node.kind, node.name),
            None => format!("no node {}", node.0),
        }
    }
}

/// What a policy finds in the model, in the order that the host gives: by node, path and rule.
///
/// # Panics
///
/// If the settings are none of the policy's.
pub fn validate<P: Policy>(mock: &Mock, settings: &Value) -> Vec<Found> {
    in_phase::<P>(Phase::Model, mock, settings)
}

/// What a policy finds in artifacts.
///
/// # Panics
///
/// If the settings are none of the policy's.
pub fn validate_artifacts<P: Policy>(mock: &Mock, settings: &Value) -> Vec<Found> {
    in_phase::<P>(Phase::Artifacts, mock, settings)
}

/// What a policy wants to change.
///
/// # Panics
///
/// If the settings are none of the policy's.
pub fn mutate<P: Policy>(mock: &Mock, settings: &Value) -> Vec<Patch> {
    let mut patches = Patches::of(P::RULES);
    P::mutate(&mock.model(), &read::<P>(settings), &mut patches);
    patches.into_vec()
}

/// Whether a policy takes its settings.
///
/// # Errors
///
/// What it says against them.
pub fn configure<P: Policy>(settings: &Value) -> Result<(), Vec<SettingError>> {
    P::configure(&P::Settings::read(settings)?)
}

fn in_phase<P: Policy>(phase: Phase, mock: &Mock, settings: &Value) -> Vec<Found> {
    let settings = read::<P>(settings);
    let mut findings = Findings::of(P::RULES);
    match phase {
        Phase::Model => P::validate_model(&mock.model(), &settings, &mut findings),
        Phase::Artifacts => P::validate_artifacts(&mock.model(), &settings, &mut findings),
    }
    let mut found = findings.into_vec();
    found.sort_by(|a, b| (&a.primary, a.rule, &a.message).cmp(&(&b.primary, b.rule, &b.message)));
    let named = |finding: Finding| Found {
        code: format!("{}/{}", P::NAME, finding.rule),
        place: mock.place(finding.primary.node),
        finding,
    };
    found.into_iter().map(named).collect()
}

fn read<P: Policy>(settings: &Value) -> P::Settings {
    let read = P::Settings::read(settings).and_then(|settings| P::configure(&settings).map(|()| settings));
    read.unwrap_or_else(|errors| panic!("the policy does not take these settings: {errors:?}"))
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = match self.finding.primary.path.as_str() {
            "" => String::new(),
            path => format!(" {path}"),
        };
        write!(
            f,
            "{}[{}] {}{path}: {}",
            self.finding.severity.word(),
            self.code,
            self.place,
            self.finding.message
        )
    }
}

/// Answers in place of the host.
pub(crate) struct ModelImp {
    mock: Rc<Mock>,
}

/// A node of a mock.
pub(crate) struct NodeImp {
    mock: Rc<Mock>,
    id: NodeId,
}

impl ModelImp {
    pub(crate) fn select(&self, kind: &str, paths: &[&str]) -> String {
        let row = |node: NodeImp| {
            let values = paths.iter().map(|path| node.value(path).cloned().unwrap_or(Value::Null));
            std::iter::once(json!(node.id.0)).chain(values).collect::<Value>()
        };
        self.nodes(kind).into_iter().map(row).collect::<Value>().to_string()
    }

    pub(crate) fn nodes(&self, kind: &str) -> Vec<NodeImp> {
        self.filter(|node| kind.is_empty() || node.kind == kind)
    }

    pub(crate) fn lookup(&self, kind: &str, name: &str) -> Option<NodeImp> {
        self.filter(|node| node.kind == kind && node.name == name).into_iter().next()
    }

    pub(crate) fn by_id(&self, node: NodeId) -> Option<NodeImp> {
        ((node.0 as usize) < self.mock.nodes.len()).then(|| NodeImp { mock: Rc::clone(&self.mock), id: node })
    }

    #[expect(clippy::unused_self, reason = "the host's counterpart asks")]
    pub(crate) fn version(&self) -> String {
        "mock".into()
    }

    fn filter(&self, wanted: impl Fn(&MockNode) -> bool) -> Vec<NodeImp> {
        let nodes = (0_u32..).zip(&self.mock.nodes).filter(|(_, node)| wanted(node));
        nodes.map(|(id, _)| NodeImp { mock: Rc::clone(&self.mock), id: NodeId(id) }).collect()
    }
}

impl NodeImp {
    pub(crate) fn id(&self) -> NodeId {
        self.id
    }

    pub(crate) fn kind(&self) -> String {
        self.node().kind.clone()
    }

    pub(crate) fn name(&self) -> String {
        self.node().name.clone()
    }

    pub(crate) fn parent(&self) -> Option<Self> {
        self.node().parent.map(|id| self.other(id))
    }

    pub(crate) fn children(&self, kind: &str) -> Vec<Self> {
        let fits = |node: &MockNode| node.parent == Some(self.id) && (kind.is_empty() || node.kind == kind);
        let nodes = (0_u32..).zip(&self.mock.nodes).filter(|(_, node)| fits(node));
        nodes.map(|(id, _)| self.other(NodeId(id))).collect()
    }

    pub(crate) fn links(&self, relation: &str) -> Vec<Self> {
        let links = self.node().links.iter().filter(|(name, _)| name == relation);
        links.map(|(_, to)| self.other(*to)).collect()
    }

    pub(crate) fn get_str(&self, path: &str) -> Option<String> {
        self.value(path)?.as_str().map(str::to_owned)
    }

    pub(crate) fn get_int(&self, path: &str) -> Option<i64> {
        self.value(path)?.as_i64()
    }

    pub(crate) fn get_bool(&self, path: &str) -> Option<bool> {
        self.value(path)?.as_bool()
    }

    pub(crate) fn get_json(&self, path: &str) -> Option<String> {
        self.value(path).map(Value::to_string)
    }

    pub(crate) fn text(&self) -> Option<String> {
        self.node().text.clone()
    }

    fn value(&self, path: &str) -> Option<&Value> {
        assert!(
            path.is_empty() || path.starts_with('/'),
            "`{path}` is no pointer: the host would stop the policy"
        );
        self.node().values.pointer(path)
    }

    fn node(&self) -> &MockNode {
        &self.mock.nodes[self.id.0 as usize]
    }

    fn other(&self, id: NodeId) -> Self {
        Self { mock: Rc::clone(&self.mock), id }
    }
}
