//! What a policy asked of a view, and a digest of what it was told: whoever asks the same and is told the same
//! says the same. So a verdict survives every change of the model that its policy has not looked at.
//!
//! Not here: answering while a policy runs ([`crate::state`]) and keeping results ([`crate::memo`]).
//!
//! Start with [`Asked`].

use platc_artifact::view::{NodeId, Pointer, Value, View};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::json;
use crate::selects::Selects;

/// A question, in a form that can be asked again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Question {
    Version,
    Nodes(String),
    Lookup(String, String),
    Exists(u32),
    Kind(u32),
    Name(u32),
    Parent(u32),
    Children(u32, String),
    Links(u32, String),
    Value(u32, String),
    Text(u32),
    Select(String, Vec<String>),
}

/// The questions of one run, or that there were too many.
#[derive(Debug)]
pub(crate) struct Asked(Option<Vec<Question>>);

/// Questions that are remembered. A policy that reads with `select` asks a handful, and two more for each
/// finding; one that goes from node to node asks thousands, and asking those again costs as much as a run.
const REMEMBERED: usize = 512;

impl Asked {
    /// Nothing yet.
    pub(crate) fn nothing() -> Self {
        Self(Some(Vec::new()))
    }

    /// One more. Made only if it is remembered.
    pub(crate) fn add(&mut self, question: impl FnOnce() -> Question) {
        match &mut self.0 {
            Some(questions) if questions.len() < REMEMBERED => questions.push(question()),
            _ => self.0 = None,
        }
    }

    /// All of them, unless there were too many.
    pub(crate) fn into_questions(self) -> Option<Vec<Question>> {
        self.0
    }
}

/// Digest of what a view answers.
pub(crate) fn answers(view: &dyn View, selects: &Selects, questions: &[Question]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for question in questions {
        answer(view, selects, question, &mut hasher);
    }
    hasher.finalize().into()
}

fn answer(view: &dyn View, selects: &Selects, question: &Question, to: &mut Sha256) {
    match question {
        Question::Version => text(view.model_version(), to),
        Question::Nodes(kind) => nodes(&view.nodes(kind), to),
        Question::Lookup(kind, name) => nodes(view.lookup(kind, name).as_slice(), to),
        Question::Exists(node) => to.update([u8::from(*node < view.node_count())]),
        Question::Kind(node) => text(view.kind(NodeId(*node)), to),
        Question::Name(node) => text(view.name(NodeId(*node)), to),
        Question::Parent(node) => nodes(view.parent(NodeId(*node)).as_slice(), to),
        Question::Children(node, kind) => nodes(&view.children(NodeId(*node), kind), to),
        Question::Links(node, relation) => nodes(&view.links(NodeId(*node), relation), to),
        Question::Value(node, path) => value(view, *node, path, to),
        Question::Text(node) => match view.text(NodeId(*node)) {
            Some(found) => text(&found, to),
            None => to.update([0xff]),
        },
        Question::Select(kind, paths) => {
            let pointers: Option<Vec<_>> = paths.iter().map(|path| Pointer::parse(path).ok()).collect();
            to.update(selects.rows(view, kind, &pointers.unwrap_or_default()).digest());
        }
    }
}

fn value(view: &dyn View, node: u32, path: &str, to: &mut Sha256) {
    let found = Pointer::parse(path).ok().and_then(|pointer| view.value(NodeId(node), pointer));
    let Some(found) = found else { return to.update([0xff]) };
    // A text and JSON that looks like it are two answers: only one of them is a string to a policy.
    to.update([matches!(found, Value::Json(_)).into()]);
    let mut written = String::new();
    json::write_value(&found, &mut written);
    text(&written, to);
}

/// With its length, so that no two sequences of texts run together into one.
fn text(text: &str, to: &mut Sha256) {
    to.update((text.len() as u64).to_le_bytes());
    to.update(text);
}

fn nodes(nodes: &[NodeId], to: &mut Sha256) {
    to.update((nodes.len() as u64).to_le_bytes());
    for node in nodes {
        to.update(node.0.to_le_bytes());
    }
}
