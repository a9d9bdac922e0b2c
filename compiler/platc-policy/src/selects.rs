//! [`Selects`]: answers to `select`, shared by the policies that judge one view.
//!
//! Not here: what an answer costs a policy ([`crate::state`] charges each as if it were the first).
//!
//! Start with [`Selects::rows`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use platc_artifact::view::{Pointer, View};
use sha2::{Digest as _, Sha256};

use crate::json;

/// Kind and pointers of a question.
type Question = (String, Vec<String>);
/// An answer that is made once; who asks meanwhile waits for it.
type Answer = Arc<OnceLock<Arc<Rows>>>;

/// An answer.
pub(crate) struct Rows {
    json: String,
    digest: OnceLock<[u8; 32]>,
}

/// Answers for one view.
#[derive(Default)]
pub(crate) struct Selects {
    answers: Mutex<BTreeMap<Question, Answer>>,
}

/// Questions that are remembered. Policies that share a view ask a few dozen different ones; one that
/// makes up new ones for ever gets its answers all the same, but fills no memory with them.
const REMEMBERED: usize = 256;

impl Selects {
    /// JSON rows `[[id, value, …], …]` of the nodes of a kind.
    pub(crate) fn rows(&self, view: &dyn View, kind: &str, pointers: &[Pointer<'_>]) -> Arc<Rows> {
        match self.answer(kind, pointers) {
            Some(answer) => Arc::clone(answer.get_or_init(|| rows(view, kind, pointers))),
            None => rows(view, kind, pointers),
        }
    }

    fn answer(&self, kind: &str, pointers: &[Pointer<'_>]) -> Option<Answer> {
        let question = (kind.to_owned(), pointers.iter().map(ToString::to_string).collect());
        // A panic elsewhere cannot leave this map half changed.
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= REMEMBERED && !answers.contains_key(&question) {
            return None;
        }
        Some(Arc::clone(answers.entry(question).or_default()))
    }
}

impl Rows {
    /// The JSON.
    pub(crate) fn json(&self) -> &str {
        &self.json
    }

    /// Its SHA-256, worked out once.
    pub(crate) fn digest(&self) -> [u8; 32] {
        *self.digest.get_or_init(|| Sha256::digest(&self.json).into())
    }
}

fn rows(view: &dyn View, kind: &str, pointers: &[Pointer<'_>]) -> Arc<Rows> {
    let mut rows = String::from("[");
    for (n, node) in view.nodes(kind).iter().enumerate() {
        rows.push_str(if n > 0 { ",[" } else { "[" });
        json::write_int(i64::from(node.0), &mut rows);
        for pointer in pointers {
            rows.push(',');
            match view.value(*node, *pointer) {
                Some(value) => json::write_value(&value, &mut rows),
                None => rows.push_str("null"),
            }
        }
        rows.push(']');
    }
    rows.push(']');
    Arc::new(Rows { json: rows, digest: OnceLock::new() })
}
