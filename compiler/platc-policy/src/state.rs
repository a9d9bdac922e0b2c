//! [`State`]: what one run of a policy may ask of the host, and what it has left to spend on asking.
//!
//! Not here: WebAssembly's own fuel and stack (the engine counts those), names of the contract
//! ([`crate::contract`] calls these functions from each version) and what is said about a limit
//! ([`crate::errors`]).
//!
//! Every answer is charged before or as it is made, and the charge depends on the answer alone: not on
//! the clock, nor on whether another policy has asked the same.
//!
//! Start with [`State::select`].

use std::fmt;
use std::sync::Arc;

use platc_artifact::view::{NodeId, Pointer, PointerError, Value, View};
use platc_diag::limits;
use wasmtime::component::Resource;
use wasmtime::{ResourceLimiter, Result};

use crate::budget::Limits;
use crate::questions::{Asked, Question};
use crate::selects::Selects;

/// Type of the handles that a guest holds. The number behind a handle is the node's: there is no table.
#[derive(Debug)]
#[expect(unreachable_pub, reason = "generated code re-exports it, though nobody outside can reach that")]
pub struct NodeHandle;

/// What one run may see and spend.
pub(crate) struct State {
    /// `None` while the policy describes or configures itself.
    view: Option<(Arc<dyn View>, Arc<Selects>)>,
    work_limit: u64,
    work_done: u64,
    memory_limit: usize,
    memory_held: usize,
    memory_max: usize,
    table_limit: usize,
    table_held: usize,
    handles: usize,
    asked: Asked,
    last_words: Option<String>,
    log: Vec<String>,
    log_bytes: usize,
}

/// Why the host stopped a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Stop {
    /// More bytes of memory than it may have.
    Memory {
        /// Bytes.
        limit: usize,
    },
    /// More entries in its tables than it may have.
    Table {
        /// Entries.
        limit: usize,
    },
    /// More work of the host than it may ask for.
    HostWork {
        /// Units.
        limit: u64,
    },
    /// More handles than it may hold at once.
    Handles {
        /// Handles.
        limit: usize,
    },
    /// A text that is no pointer where one is needed.
    Pointer {
        /// The text.
        text: String,
        /// Why not.
        error: PointerError,
    },
}

/// Units for a call, whatever it does: about 100 ns.
const CALL: u64 = 100;
/// Units for a value or a node that is looked at.
const VALUE: u64 = 20;
/// Units for the text of an artifact, beside its bytes: it is made anew each time.
const TEXT: u64 = 1_000;

impl State {
    /// A run that sees `view`, or nothing.
    pub(crate) fn new(limits: &Limits, view: Option<(Arc<dyn View>, Arc<Selects>)>) -> Self {
        Self {
            view,
            work_limit: limits.host_work,
            work_done: 0,
            memory_limit: limits.memory_bytes,
            memory_held: 0,
            memory_max: 0,
            table_limit: limits::POLICY_TABLE_ELEMENTS,
            table_held: 0,
            handles: 0,
            asked: Asked::nothing(),
            last_words: None,
            log: Vec::new(),
            log_bytes: 0,
        }
    }

    /// Shows the view to a run that has configured itself.
    pub(crate) fn open(&mut self, view: Arc<dyn View>, selects: Arc<Selects>) {
        // Until now every answer was empty, whatever the model.
        self.asked = Asked::nothing();
        self.view = Some((view, selects));
    }

    /// Units of work done so far.
    pub(crate) fn work_done(&self) -> u64 {
        self.work_done
    }

    /// Most bytes of memory held at once.
    pub(crate) fn memory_max(&self) -> usize {
        self.memory_max
    }

    /// What it said before it stopped itself.
    pub(crate) fn last_words(&self) -> Option<&str> {
        self.last_words.as_deref()
    }

    /// What it wrote to its log.
    pub(crate) fn take_log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }

    /// What it asked of the view.
    pub(crate) fn take_asked(&mut self) -> Asked {
        std::mem::replace(&mut self.asked, Asked::nothing())
    }

    // The functions of `model`.

    pub(crate) fn nodes(&mut self, kind: &str) -> Result<Vec<Resource<NodeHandle>>> {
        self.charge(CALL)?;
        self.asked.add(|| Question::Nodes(kind.to_owned()));
        let Some(view) = self.view() else { return Ok(Vec::new()) };
        self.hand_out(&view.nodes(kind))
    }

    pub(crate) fn lookup(&mut self, kind: &str, name: &str) -> Result<Option<Resource<NodeHandle>>> {
        self.charge(CALL)?;
        self.asked.add(|| Question::Lookup(kind.to_owned(), name.to_owned()));
        let found = self.view().and_then(|view| view.lookup(kind, name));
        found.map(|node| self.hand(node)).transpose()
    }

    pub(crate) fn by_id(&mut self, node: u32) -> Result<Option<Resource<NodeHandle>>> {
        self.charge(CALL)?;
        self.asked.add(|| Question::Exists(node));
        let exists = self.view().is_some_and(|view| node < view.node_count());
        exists.then(|| self.hand(NodeId(node))).transpose()
    }

    pub(crate) fn select(&mut self, kind: &str, paths: &[String]) -> Result<String> {
        self.charge(CALL)?;
        let pointers = paths.iter().map(|path| parse(path)).collect::<Result<Vec<_>, _>>()?;
        self.asked.add(|| Question::Select(kind.to_owned(), paths.to_vec()));
        let Some((view, selects)) = self.view.clone() else { return Ok("[]".into()) };
        // The whole price of looking is paid before anything is looked at.
        let n_nodes = view.nodes(kind).len() as u64;
        let n_values = n_nodes.saturating_mul(1 + pointers.len() as u64);
        self.charge(n_values.saturating_mul(VALUE))?;
        let rows = selects.rows(view.as_ref(), kind, &pointers);
        self.charge(rows.json().len() as u64)?;
        Ok(rows.json().to_owned())
    }

    pub(crate) fn model_version(&mut self) -> Result<String> {
        self.charge(CALL)?;
        self.asked.add(|| Question::Version);
        Ok(self.view().map(|view| view.model_version().to_owned()).unwrap_or_default())
    }

    // The methods of `node`.

    pub(crate) fn id(&mut self, node: &Resource<NodeHandle>) -> Result<u32> {
        self.charge(CALL)?;
        Ok(node.rep())
    }

    pub(crate) fn kind(&mut self, node: &Resource<NodeHandle>) -> Result<String> {
        self.charge(CALL)?;
        self.asked.add(|| Question::Kind(node.rep()));
        let kind = self.view().map(|view| view.kind(number(node)).to_owned());
        self.give(kind.unwrap_or_default())
    }

    pub(crate) fn name(&mut self, node: &Resource<NodeHandle>) -> Result<String> {
        self.charge(CALL)?;
        self.asked.add(|| Question::Name(node.rep()));
        let name = self.view().map(|view| view.name(number(node)).to_owned());
        self.give(name.unwrap_or_default())
    }

    pub(crate) fn parent(&mut self, node: &Resource<NodeHandle>) -> Result<Option<Resource<NodeHandle>>> {
        self.charge(CALL)?;
        self.asked.add(|| Question::Parent(node.rep()));
        let parent = self.view().and_then(|view| view.parent(number(node)));
        parent.map(|node| self.hand(node)).transpose()
    }

    pub(crate) fn children(
        &mut self,
        node: &Resource<NodeHandle>,
        kind: &str,
    ) -> Result<Vec<Resource<NodeHandle>>> {
        self.charge(CALL)?;
        self.asked.add(|| Question::Children(node.rep(), kind.to_owned()));
        let Some(view) = self.view() else { return Ok(Vec::new()) };
        self.hand_out(&view.children(number(node), kind))
    }

    pub(crate) fn links(
        &mut self,
        node: &Resource<NodeHandle>,
        relation: &str,
    ) -> Result<Vec<Resource<NodeHandle>>> {
        self.charge(CALL)?;
        self.asked.add(|| Question::Links(node.rep(), relation.to_owned()));
        let Some(view) = self.view() else { return Ok(Vec::new()) };
        self.hand_out(&view.links(number(node), relation))
    }

    pub(crate) fn get_str(&mut self, node: &Resource<NodeHandle>, path: &str) -> Result<Option<String>> {
        self.read(node, path, |value| match value {
            Value::Str(text) => Some(text.into_owned()),
            Value::Int(_) | Value::Bool(_) | Value::Json(_) => None,
        })?
        .map(|text| self.give(text))
        .transpose()
    }

    pub(crate) fn get_int(&mut self, node: &Resource<NodeHandle>, path: &str) -> Result<Option<i64>> {
        self.read(node, path, |value| match value {
            Value::Int(number) => Some(number),
            Value::Str(_) | Value::Bool(_) | Value::Json(_) => None,
        })
    }

    pub(crate) fn get_bool(&mut self, node: &Resource<NodeHandle>, path: &str) -> Result<Option<bool>> {
        self.read(node, path, |value| match value {
            Value::Bool(truth) => Some(truth),
            Value::Str(_) | Value::Int(_) | Value::Json(_) => None,
        })
    }

    pub(crate) fn get_json(&mut self, node: &Resource<NodeHandle>, path: &str) -> Result<Option<String>> {
        self.read(node, path, |value| {
            let mut json = String::new();
            crate::json::write_value(&value, &mut json);
            Some(json)
        })?
        .map(|json| self.give(json))
        .transpose()
    }

    pub(crate) fn text(&mut self, node: &Resource<NodeHandle>) -> Result<Option<String>> {
        self.charge(CALL + TEXT)?;
        self.asked.add(|| Question::Text(node.rep()));
        let text = self.view().and_then(|view| view.text(number(node)).map(std::borrow::Cow::into_owned));
        text.map(|text| self.give(text)).transpose()
    }

    /// A guest has let go of a handle.
    pub(crate) fn release(&mut self, _node: &Resource<NodeHandle>) {
        self.handles = self.handles.saturating_sub(1);
    }

    // The functions of `log`.

    pub(crate) fn debug(&mut self, message: String) -> Result<()> {
        self.charge(CALL + message.len() as u64)?;
        self.log_bytes = self.log_bytes.saturating_add(message.len());
        if self.log_bytes <= limits::POLICY_LOG_BYTES {
            self.log.push(message);
        }
        Ok(())
    }

    pub(crate) fn abort(&mut self, message: String) {
        // The first words tell the cause; what a failing clean-up adds does not.
        self.last_words.get_or_insert(message);
    }

    fn view(&self) -> Option<Arc<dyn View>> {
        self.view.as_ref().map(|(view, _)| Arc::clone(view))
    }

    fn read<T>(
        &mut self,
        node: &Resource<NodeHandle>,
        path: &str,
        take: impl FnOnce(Value<'_>) -> Option<T>,
    ) -> Result<Option<T>> {
        self.charge(CALL + VALUE)?;
        self.asked.add(|| Question::Value(node.rep(), path.to_owned()));
        let pointer = parse(path)?;
        Ok(self.view().and_then(|view| view.value(number(node), pointer).and_then(take)))
    }

    fn give(&mut self, text: String) -> Result<String> {
        self.charge(text.len() as u64)?;
        Ok(text)
    }

    fn hand(&mut self, node: NodeId) -> Result<Resource<NodeHandle>> {
        self.charge(VALUE)?;
        if self.handles >= limits::POLICY_HANDLES {
            return Err(Stop::Handles { limit: limits::POLICY_HANDLES }.into());
        }
        self.handles += 1;
        Ok(Resource::new_own(node.0))
    }

    fn hand_out(&mut self, nodes: &[NodeId]) -> Result<Vec<Resource<NodeHandle>>> {
        nodes.iter().map(|node| self.hand(*node)).collect()
    }

    fn charge(&mut self, units: u64) -> Result<()> {
        self.work_done = self.work_done.saturating_add(units);
        if self.work_done > self.work_limit {
            // Exactly at the limit in the report, however large the last charge was.
            self.work_done = self.work_limit;
            return Err(Stop::HostWork { limit: self.work_limit }.into());
        }
        Ok(())
    }
}

/// A failing limit must stop the run and not merely answer -1: most allocators would loop or abort with no
/// word about memory.
impl ResourceLimiter for State {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool> {
        let held = self.memory_held.saturating_add(desired.saturating_sub(current));
        if held > self.memory_limit {
            return Err(Stop::Memory { limit: self.memory_limit }.into());
        }
        self.memory_held = held;
        self.memory_max = self.memory_max.max(held);
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool> {
        let held = self.table_held.saturating_add(desired.saturating_sub(current));
        if held > self.table_limit {
            return Err(Stop::Table { limit: self.table_limit }.into());
        }
        self.table_held = held;
        Ok(true)
    }

    fn instances(&self) -> usize {
        limits::POLICY_PARTS
    }

    fn tables(&self) -> usize {
        limits::POLICY_PARTS
    }

    fn memories(&self) -> usize {
        limits::POLICY_PARTS
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory { limit } => write!(f, "more than {limit} bytes of memory"),
            Self::Table { limit } => write!(f, "more than {limit} entries in its tables"),
            Self::HostWork { limit } => write!(f, "more than {limit} units of host work"),
            Self::Handles { limit } => write!(f, "more than {limit} handles"),
            Self::Pointer { text, error } => write!(f, "`{text}`: {error}"),
        }
    }
}

impl std::error::Error for Stop {}

fn number(node: &Resource<NodeHandle>) -> NodeId {
    NodeId(node.rep())
}

fn parse(path: &str) -> Result<Pointer<'_>, Stop> {
    Pointer::parse(path).map_err(|error| Stop::Pointer { text: path.to_owned(), error })
}
