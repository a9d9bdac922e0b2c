//! A platform with one thing changed, as a policy sees it; and which things are worth changing: those that the
//! policy reads.
//!
//! Start with [`of`].

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use platc_artifact::view::{NodeId, Pointer, Value, View};
use platc_diag::Span;
use platc_model::scalar::Scalar;
use platc_model::types::{Type, Types};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

/// What a policy has read, by kind.
pub(super) type Reads = BTreeSet<(String, Read)>;

/// One thing that a policy has read of a kind.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Read {
    /// Which nodes there are, or parts of others.
    Nodes,
    /// Their names.
    Name,
    /// The text of an artifact.
    Text,
    /// What they refer to.
    Links(String),
    /// A value.
    Value(String),
}

/// What is tried, and what is not because the language does not have it.
pub(super) struct Trials {
    pub(super) mutants: Box<dyn Iterator<Item = Mutant>>,
    pub(super) nowhere: Vec<String>,
}

/// A platform with something changed.
pub(super) struct Mutant {
    base: Arc<dyn View>,
    changes: Vec<Change>,
}

/// A change of one node, or of all of a kind.
#[derive(Clone)]
struct Change {
    kind: String,
    node: Option<NodeId>,
    edit: Edit,
}

#[derive(Clone)]
enum Edit {
    Vanish,
    Name(String),
    Text(String),
    Unlink(String),
    Value(String, Option<Value<'static>>),
}

/// How many changed platforms a policy is shown at most: fewer of a large one, because each costs more.
pub(super) fn most(n_nodes: u32) -> usize {
    const SHOWN: usize = 4_000;
    const NODES: usize = 8_000_000;
    NODES.checked_div(usize::try_from(n_nodes).unwrap_or(usize::MAX)).unwrap_or(SHOWN).clamp(100, SHOWN)
}

/// What to try: each thing that was read, by itself, and then pairs of values of one kind.
pub(super) fn of(base: &Arc<dyn View>, reads: &Reads, types: &Types, settings: &str) -> Trials {
    let words = words(settings);
    let mut nowhere = Vec::new();
    let mut single: Vec<Change> = Vec::new();
    let mut paired: Vec<Vec<Change>> = Vec::new();
    for (kind, read) in reads {
        let edits = match read {
            Read::Nodes => vec![Edit::Vanish],
            Read::Name => names(&words).into_iter().map(Edit::Name).collect(),
            Read::Text => vec![Edit::Text(String::new()), Edit::Text("mutant".to_owned())],
            Read::Links(relation) => vec![Edit::Unlink(relation.clone())],
            Read::Value(pointer) => {
                let Some(values) = values(base.as_ref(), types, kind, pointer, &words) else {
                    nowhere.push(format!("{kind} {pointer}"));
                    continue;
                };
                let edits: Vec<Edit> =
                    values.into_iter().map(|value| Edit::Value(pointer.clone(), value)).collect();
                paired.push(edits.iter().map(|edit| everywhere(kind, edit)).collect());
                edits
            }
        };
        let first = base.nodes(kind).first().copied();
        for edit in edits {
            single.push(everywhere(kind, &edit));
            single.extend(first.map(|node| Change { kind: kind.clone(), node: Some(node), edit }));
        }
    }
    let pairs = pairs(&paired);
    let own = Arc::clone(base);
    let changes = single.into_iter().map(|change| vec![change]).chain(pairs);
    let mutants = Box::new(changes.map(move |changes| Mutant { base: Arc::clone(&own), changes }));
    Trials { mutants, nowhere }
}

fn everywhere(kind: &str, edit: &Edit) -> Change {
    Change { kind: kind.to_owned(), node: None, edit: edit.clone() }
}

/// Pairs of values at different pointers: a rule may compare two.
fn pairs(paired: &[Vec<Change>]) -> Vec<Vec<Change>> {
    let mut found = Vec::new();
    for (n, first) in paired.iter().enumerate() {
        for second in paired.iter().skip(n + 1) {
            for a in first {
                found.extend(second.iter().map(|b| vec![a.clone(), b.clone()]));
            }
        }
    }
    found
}

/// Texts that the settings have: what a policy compares with.
fn words(settings: &str) -> Vec<String> {
    fn collect(json: &Json, found: &mut Vec<String>) {
        match json {
            Json::String(text) => found.push(text.clone()),
            Json::Array(items) => items.iter().for_each(|item| collect(item, found)),
            Json::Object(fields) => {
                for (name, value) in fields {
                    found.push(name.clone());
                    collect(value, found);
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }
    let mut found = Vec::new();
    collect(&serde_json::from_str(settings).unwrap_or_default(), &mut found);
    found.sort();
    found.dedup();
    found
}

fn names(words: &[String]) -> Vec<String> {
    let usual =
        ["mutant", "mutant-1", "m", "mutant-with-a-name-that-is-as-long-as-names-may-be-and-no-longer"];
    usual.iter().map(|name| (*name).to_owned()).chain(words.iter().cloned()).collect()
}

/// Values to try at a pointer: of its type, if it is the model's; like those that are there, if it is a
/// document's. `None` for a pointer that the language does not have.
fn values(
    base: &dyn View,
    types: &Types,
    kind: &str,
    pointer: &str,
    words: &[String],
) -> Option<Vec<Option<Value<'static>>>> {
    /// What every Kubernetes object has.
    const ALWAYS: &[&str] = &["/apiVersion", "/kind", "/metadata", "/metadata/name"];
    let parsed = Pointer::parse(pointer).ok()?;
    if parsed.is_root() {
        return Some(Vec::new());
    }
    let nodes = base.nodes(kind);
    let now = nodes.iter().find_map(|node| base.value(*node, parsed)).map(owned);
    let mut found: Vec<Value<'static>> = Vec::new();
    let may_be_absent = match types.kind(kind) {
        Some(own) => {
            let parts: Vec<String> = parsed.parts().map(Cow::into_owned).collect();
            let is_planned = parts.first().is_some_and(|part| part == "plan");
            match leads(types, &Type::Record(own.record), &parts) {
                Some((ty, optional)) => {
                    found.extend(of_type(ty, words));
                    optional
                }
                None if is_planned && now.is_some() => {
                    nodes.iter().any(|node| base.value(*node, parsed).is_none())
                }
                None => return None,
            }
        }
        None => {
            let texts = ["mutant", ""].map(|text| Value::Str(Cow::Borrowed(text)));
            found.extend(texts);
            let is_always = ALWAYS.contains(&pointer);
            if !is_always {
                found.extend([Value::Bool(true), Value::Bool(false), Value::Int(0)]);
            }
            !is_always
        }
    };
    // A field of a document is of one type; a map of the language may be shown as a list.
    let is_document = types.kind(kind).is_none();
    found.retain(|value| {
        let fits = now.as_ref().is_none_or(|now| is_alike(now, value));
        fits || !is_document && !matches!(value, Value::Json(_))
    });
    found.extend(now.iter().flat_map(like));
    Some(may_be_absent.then_some(None).into_iter().chain(found.into_iter().map(Some)).collect())
}

/// Whether two values are of one sort.
fn is_alike(one: &Value<'_>, other: &Value<'_>) -> bool {
    match (one, other) {
        (Value::Str(_), Value::Str(_))
        | (Value::Int(_), Value::Int(_))
        | (Value::Bool(_), Value::Bool(_)) => true,
        (Value::Json(one), Value::Json(other)) => one.as_bytes().first() == other.as_bytes().first(),
        _ => false,
    }
}

/// The type at a pointer, and whether there may be nothing there.
fn leads<'t>(types: &'t Types, ty: &'t Type, parts: &[String]) -> Option<(&'t Type, bool)> {
    let Some((part, rest)) = parts.split_first() else { return Some((ty, false)) };
    match ty {
        Type::Record(record) => {
            let (_, field) = types.record(*record).field(part)?;
            let (ty, optional) = leads(types, &field.ty, rest)?;
            Some((ty, optional || field.optional))
        }
        // An element or an entry more or less is nothing that a type says.
        Type::List(inner) => part.parse::<usize>().ok().and_then(|_| leads(types, inner, rest)).map(absent),
        Type::Map(inner) => leads(types, inner, rest).map(absent),
        Type::Optional(inner) => leads(types, inner, parts).map(absent),
        Type::Union(all) => all.iter().find_map(|one| leads(types, one, parts)).map(absent),
        Type::Any => Some((ty, true)),
        Type::Scalar(_) | Type::Words(_) | Type::Ref(_) | Type::TypeName | Type::Secret => None,
    }
}

fn absent((ty, _): (&Type, bool)) -> (&Type, bool) {
    (ty, true)
}

/// Values of a type that rules are about: the least, the most, the plainest.
fn of_type(ty: &Type, words: &[String]) -> Vec<Value<'static>> {
    let text = |text: &str| Value::Str(Cow::Owned(text.to_owned()));
    match ty {
        Type::Scalar(scalar) => of_scalar(*scalar, words),
        Type::Words(all) => all.iter().map(|word| text(word)).collect(),
        Type::Ref(_) | Type::TypeName | Type::Secret => {
            words.iter().map(|word| text(word)).chain([text("mutant")]).collect()
        }
        Type::Optional(inner) => of_type(inner, words),
        Type::Union(all) => all.iter().flat_map(|one| of_type(one, words)).collect(),
        Type::Record(_) | Type::Map(_) => vec![Value::Json(Cow::Borrowed("{}"))],
        Type::List(_) => vec![Value::Json(Cow::Borrowed("[]"))],
        Type::Any => vec![text("mutant"), Value::Int(1)],
    }
}

fn of_scalar(scalar: Scalar, words: &[String]) -> Vec<Value<'static>> {
    let texts = |texts: &[&str]| -> Vec<Value<'static>> {
        texts.iter().map(|text| Value::Str(Cow::Owned((*text).to_owned()))).collect()
    };
    match scalar {
        Scalar::Bool => vec![Value::Bool(true), Value::Bool(false)],
        Scalar::Int => [0, 1, 2, 100, 1_000_000].map(Value::Int).to_vec(),
        Scalar::Port => [1, 80, 65_535].map(Value::Int).to_vec(),
        Scalar::Cpu => texts(&["1m", "1", "1000"]),
        Scalar::Bytes => texts(&["1KiB", "1GiB", "100TiB"]),
        Scalar::Duration => texts(&["1ms", "1s", "24h"]),
        Scalar::Percent => texts(&["0%", "1%", "100%"]),
        Scalar::Rate => texts(&["1/s", "1000000/s"]),
        Scalar::Image => {
            let mut found = texts(&["mutant:latest", "mutant:1", "registry.example/mutant:1"]);
            found.extend(words.iter().map(|word| Value::Str(Cow::Owned(format!("{word}/mutant:1")))));
            found
        }
        Scalar::String | Scalar::DnsLabel | Scalar::DnsName => {
            let mut found = texts(&["mutant", "m", ""]);
            found.extend(words.iter().map(|word| Value::Str(Cow::Owned(word.clone()))));
            found
        }
        other => {
            // As KDL writes it.
            let like = other.like().trim_matches('"');
            vec![Value::Str(Cow::Borrowed(like))]
        }
    }
}

/// Others of the same sort.
fn like(value: &Value<'static>) -> Vec<Value<'static>> {
    match value {
        Value::Str(text) => vec![Value::Str(Cow::Owned(format!("{text}-mutant")))],
        Value::Int(number) => {
            [0, 1, number.saturating_mul(1_000), number.saturating_add(1)].map(Value::Int).to_vec()
        }
        Value::Bool(truth) => vec![Value::Bool(!truth)],
        Value::Json(json) => {
            let empty = if json.starts_with('[') { "[]" } else { "{}" };
            let numbered = [0, 100].into_iter().filter_map(|number| {
                let mut inner: Json = serde_json::from_str(json).ok()?;
                set_numbers(&mut inner, number).then(|| Value::Json(Cow::Owned(inner.to_string())))
            });
            [Value::Json(Cow::Borrowed(empty))].into_iter().chain(numbered).collect()
        }
    }
}

/// Sets each number inside, and says whether there is one.
fn set_numbers(json: &mut Json, to: i64) -> bool {
    let mut inner: Vec<&mut Json> = match json {
        Json::Number(number) => {
            *number = to.into();
            return true;
        }
        Json::Array(items) => items.iter_mut().collect(),
        Json::Object(fields) => fields.values_mut().collect(),
        Json::Null | Json::Bool(_) | Json::String(_) => return false,
    };
    inner.iter_mut().filter_map(|inner| set_numbers(inner, to).then_some(())).count() > 0
}

fn owned(value: Value<'_>) -> Value<'static> {
    match value {
        Value::Str(text) => Value::Str(Cow::Owned(text.into_owned())),
        Value::Json(json) => Value::Json(Cow::Owned(json.into_owned())),
        Value::Int(number) => Value::Int(number),
        Value::Bool(truth) => Value::Bool(truth),
    }
}

impl Mutant {
    /// In words.
    pub(super) fn what(&self) -> String {
        let change = |change: &Change| match change.node {
            Some(node) => format!("{} `{}`: {}", change.kind, self.base.name(node), change.edit),
            None => format!("every {}: {}", change.kind, change.edit),
        };
        self.changes.iter().map(change).collect::<Vec<_>>().join(", ")
    }

    /// As a policy sees it.
    pub(super) fn view(self) -> Arc<dyn View> {
        Arc::new(self)
    }

    fn edits(&self, node: NodeId) -> impl Iterator<Item = &Edit> {
        let kind = self.base.kind(node);
        let meant = move |change: &&Change| match change.node {
            Some(own) => own == node,
            None => change.kind == kind,
        };
        self.changes.iter().filter(meant).map(|change| &change.edit)
    }

    fn is_there(&self, node: NodeId) -> bool {
        !self.edits(node).any(|edit| matches!(edit, Edit::Vanish))
    }

    fn without<'a>(&'a self, nodes: Cow<'a, [NodeId]>) -> Cow<'a, [NodeId]> {
        if self.changes.iter().any(|change| matches!(change.edit, Edit::Vanish)) {
            return nodes.iter().copied().filter(|node| self.is_there(*node)).collect();
        }
        nodes
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vanish => f.write_str("is not there"),
            Self::Name(name) => write!(f, "its name is `{name}`"),
            Self::Text(text) => write!(f, "its text is `{text}`"),
            Self::Unlink(relation) => write!(f, "without `{relation}`"),
            Self::Value(pointer, None) => write!(f, "without {pointer}"),
            Self::Value(pointer, Some(value)) => match value {
                Value::Str(text) => write!(f, "{pointer} is `{text}`"),
                Value::Json(json) => write!(f, "{pointer} is {json}"),
                Value::Int(number) => write!(f, "{pointer} is {number}"),
                Value::Bool(truth) => write!(f, "{pointer} is {truth}"),
            },
        }
    }
}

impl View for Mutant {
    fn model_version(&self) -> &str {
        self.base.model_version()
    }

    fn node_count(&self) -> u32 {
        self.base.node_count()
    }

    fn kind(&self, node: NodeId) -> &str {
        self.base.kind(node)
    }

    fn name(&self, node: NodeId) -> &str {
        let renamed = self.edits(node).find_map(|edit| match edit {
            Edit::Name(name) => Some(name.as_str()),
            _ => None,
        });
        renamed.unwrap_or_else(|| self.base.name(node))
    }

    fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.base.parent(node)
    }

    fn nodes(&self, kind: &str) -> Cow<'_, [NodeId]> {
        self.without(self.base.nodes(kind))
    }

    fn children(&self, node: NodeId, kind: &str) -> Cow<'_, [NodeId]> {
        self.without(self.base.children(node, kind))
    }

    fn links(&self, node: NodeId, relation: &str) -> Cow<'_, [NodeId]> {
        let unlinked = self.edits(node).any(|edit| matches!(edit, Edit::Unlink(own) if own == relation));
        if unlinked { Cow::Borrowed(&[]) } else { self.without(self.base.links(node, relation)) }
    }

    fn lookup(&self, kind: &str, name: &str) -> Option<NodeId> {
        self.base.lookup(kind, name).filter(|node| self.is_there(*node))
    }

    fn value(&self, node: NodeId, pointer: Pointer<'_>) -> Option<Value<'_>> {
        for edit in self.edits(node) {
            let Edit::Value(own, value) = edit else { continue };
            if own == pointer.as_str() {
                return value.clone();
            }
            // What is inside of what is not there, or is something else, is not there.
            let inside =
                pointer.as_str().strip_prefix(own.as_str()).is_some_and(|rest| rest.starts_with('/'));
            if inside {
                return None;
            }
        }
        self.base.value(node, pointer)
    }

    fn text(&self, node: NodeId) -> Option<Cow<'_, str>> {
        let changed = self.edits(node).find_map(|edit| match edit {
            Edit::Text(text) => Some(text.as_str()),
            _ => None,
        });
        changed.map_or_else(|| self.base.text(node), |text| Some(Cow::Borrowed(text)))
    }

    fn span(&self, node: NodeId, pointer: Pointer<'_>) -> Option<Span> {
        self.base.span(node, pointer)
    }

    fn platform_span(&self) -> Span {
        self.base.platform_span()
    }

    fn literal(&self, _: NodeId, _: Pointer<'_>) -> Option<Span> {
        // The author's text does not have what the policy was shown.
        None
    }

    fn digest(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.base.digest());
        hasher.update(self.what());
        hasher.finalize().into()
    }

    fn subject(&self, node: NodeId) -> Option<&str> {
        self.base.subject(node)
    }
}

/// A platform that remembers what it was asked.
pub(super) struct Recorder {
    base: Arc<dyn View>,
    reads: Mutex<Reads>,
}

impl Recorder {
    pub(super) fn new(base: Arc<dyn View>) -> Self {
        Self { base, reads: Mutex::default() }
    }

    /// What was read so far.
    pub(super) fn reads(&self) -> Reads {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, kind: &str, read: Read) {
        if !kind.is_empty() {
            self.reads.lock().unwrap_or_else(PoisonError::into_inner).insert((kind.to_owned(), read));
        }
    }
}

impl View for Recorder {
    fn model_version(&self) -> &str {
        self.base.model_version()
    }

    fn node_count(&self) -> u32 {
        self.base.node_count()
    }

    fn kind(&self, node: NodeId) -> &str {
        self.base.kind(node)
    }

    fn name(&self, node: NodeId) -> &str {
        self.note(self.base.kind(node), Read::Name);
        self.base.name(node)
    }

    fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.base.parent(node)
    }

    fn nodes(&self, kind: &str) -> Cow<'_, [NodeId]> {
        self.note(kind, Read::Nodes);
        self.base.nodes(kind)
    }

    fn children(&self, node: NodeId, kind: &str) -> Cow<'_, [NodeId]> {
        self.note(kind, Read::Nodes);
        self.base.children(node, kind)
    }

    fn links(&self, node: NodeId, relation: &str) -> Cow<'_, [NodeId]> {
        self.note(self.base.kind(node), Read::Links(relation.to_owned()));
        self.base.links(node, relation)
    }

    fn lookup(&self, kind: &str, name: &str) -> Option<NodeId> {
        self.note(kind, Read::Nodes);
        self.base.lookup(kind, name)
    }

    fn value(&self, node: NodeId, pointer: Pointer<'_>) -> Option<Value<'_>> {
        self.note(self.base.kind(node), Read::Value(pointer.as_str().to_owned()));
        self.base.value(node, pointer)
    }

    fn text(&self, node: NodeId) -> Option<Cow<'_, str>> {
        self.note(self.base.kind(node), Read::Text);
        self.base.text(node)
    }

    fn span(&self, node: NodeId, pointer: Pointer<'_>) -> Option<Span> {
        self.base.span(node, pointer)
    }

    fn platform_span(&self) -> Span {
        self.base.platform_span()
    }

    fn literal(&self, node: NodeId, pointer: Pointer<'_>) -> Option<Span> {
        self.base.literal(node, pointer)
    }

    fn digest(&self) -> [u8; 32] {
        self.base.digest()
    }

    fn subject(&self, node: NodeId) -> Option<&str> {
        self.base.subject(node)
    }
}
