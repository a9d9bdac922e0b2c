//! [`Judge`] and [`Policies`]: what the pipeline asks of whoever judges a platform, and the shapes that
//! pass between them.
//!
//! Not here: how a policy is run (`platc-policy` knows WebAssembly, nobody else does) and what a `use`
//! node looks like (the driver reads it into a [`PolicyUse`]). Tests give a judge of their own.
//!
//! Start with [`Judge::load`], then [`Policies::validate`].

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use platc_diag::{Level, Problems, Span};

use crate::view::{NodeId, View};

/// Loads policies.
pub trait Judge: Send + Sync {
    /// Loads what a platform uses, on up to `threads` threads. What cannot be loaded, or gets settings that
    /// it does not take, is a finding ([`Policies::problems`]) and is left out; the rest judges all the same.
    fn load(&self, uses: &[PolicyUse], threads: NonZeroUsize) -> Box<dyn Policies>;
}

/// Policies that are loaded and configured. The editor keeps them between keystrokes.
pub trait Policies: Send + Sync {
    /// What was loaded, in the order of names.
    fn loaded(&self) -> &[Loaded];

    /// Why the others were not, in the order of names.
    fn problems(&self) -> &[platc_diag::Diagnostic];

    /// One verdict for each policy that has a rule for this phase, in the order of names; the findings
    /// of a verdict in the order of node, path and rule. Neither depends on `threads`.
    fn validate(&self, phase: Phase, view: &Arc<dyn View>, threads: NonZeroUsize) -> Vec<Verdict>;

    /// What the policies want to change, merged: the result does not depend on their order either.
    fn mutate(&self, view: &Arc<dyn View>, threads: NonZeroUsize) -> Mutation;

    /// Time spent on first compiles since the last call, which a report of timings shows apart: it is
    /// paid once for each plugin and machine.
    fn take_compile_times(&self) -> Vec<(Arc<str>, Duration)>;
}

/// What is judged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Phase {
    /// The model, with the plan's decisions in it.
    Model,
    /// The files that will be delivered.
    Artifacts,
}

/// A `use NAME` of a platform, with what `plugin NAME` says about it.
#[derive(Clone, Debug)]
pub struct PolicyUse {
    /// As the platform calls it; findings are `NAME/RULE`.
    pub name: Arc<str>,
    /// Where its code comes from.
    pub source: Source,
    /// The settings as a JSON object, `{}` where the platform says nothing.
    pub settings: String,
    /// The `use` node's name.
    pub span: Span,
    /// Places of the settings, by RFC 6901 pointer into [`PolicyUse::settings`].
    pub setting_spans: BTreeMap<String, Span>,
    /// `level=…`: every finding of this policy gets this level.
    pub level: Option<Level>,
    /// Limits other than the usual ones.
    pub limits: LimitOverrides,
}

/// Where a policy's code comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// The library that ships with platc.
    Library,
    /// A file that the platform names.
    File {
        /// As the platform writes it, for messages.
        path: Arc<str>,
        /// A component, or a core module that carries the contract.
        bytes: Arc<[u8]>,
    },
}

/// Limits of one policy, where they differ from the usual ones (`platc_diag::limits`). Totals: what the
/// usual ones add for each node is not added to an override.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct LimitOverrides {
    /// Units of WebAssembly fuel for one phase, about one for each instruction.
    pub fuel: Option<u64>,
    /// Bytes of memory of one instance.
    pub memory_bytes: Option<u64>,
    /// Units of work that one phase may ask of the host.
    pub host_work: Option<u64>,
    /// Findings or patches of one phase.
    pub findings: Option<u32>,
}

/// A policy that is ready.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loaded {
    /// As the platform calls it.
    pub name: Arc<str>,
    /// What it says of itself.
    pub description: Description,
    /// SHA-256 of its file, for the lock and the provenance.
    pub digest: [u8; 32],
    /// Whether its compiled form was there already.
    pub cached: bool,
}

/// What a policy says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Description {
    /// The name that its author gave it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its rules, as it lists them.
    pub rules: Vec<RuleInfo>,
    /// JSON Schema of its settings.
    pub settings_schema: String,
    /// JSON for tools.
    pub data: Option<String>,
}

/// A rule of a policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleInfo {
    /// The part behind the slash of `POLICY/RULE`.
    pub id: String,
    /// The level that its findings usually have.
    pub level: Level,
    /// One sentence.
    pub summary: String,
    /// The phases in which it is asked.
    pub phases: Vec<Phase>,
    /// The kinds that it reads. Only artifacts of these kinds need be made.
    pub kinds: Vec<String>,
    /// Whether it gives patches.
    pub mutates: bool,
}

/// What one policy found in one phase.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// As the platform calls it.
    pub policy: Arc<str>,
    /// The phase.
    pub phase: Phase,
    /// Its findings, and those about itself (`E07xx`) if it did not behave.
    pub findings: Problems,
    /// JSON for tools that a policy attached to a finding, by the finding's place in `findings`.
    pub data: BTreeMap<usize, String>,
    /// What it cost. The same on every machine.
    pub cost: Cost,
    /// Whether it ran, or had judged the same before.
    pub freshness: Freshness,
    /// What it wrote to its log, for its own author.
    pub log: Vec<String>,
}

/// Whether a result is new.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Freshness {
    /// It ran.
    Ran,
    /// Plugin, settings and input are those of an earlier run, whose result this is.
    Recalled,
}

/// What a run cost, in units that depend on no clock.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Cost {
    /// Units of WebAssembly fuel.
    pub fuel: u64,
    /// Units of work that the host did for it.
    pub host_work: u64,
    /// Most bytes of memory held at once.
    pub memory_bytes_max: u64,
}

/// What all policies together want to change.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Mutation {
    /// Patches that agree, in the order of node, path and value. Each addresses the model as it was
    /// before any of them.
    pub patches: Vec<Patch>,
    /// Conflicts, and patches that are none.
    pub problems: Problems,
    /// What each policy cost, in the order of names.
    pub costs: Vec<(Arc<str>, Cost)>,
}

/// An edit of the model whose author is a policy: an `amend` of the highest level.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Patch {
    /// What is edited.
    pub node: NodeId,
    /// Where in it, an RFC 6901 pointer that is not the node itself.
    pub pointer: String,
    /// What is done there.
    pub change: Change,
    /// The policy, as the platform calls it.
    pub policy: Arc<str>,
    /// Its rule.
    pub rule: String,
    /// Why, for `platc explain`.
    pub reason: String,
}

/// What a patch does. Values are JSON without blanks, the keys of objects sorted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Change {
    /// This is the value.
    Set(String),
    /// There is no value.
    Remove,
    /// The list has this element too.
    Append(String),
}

impl PolicyUse {
    /// The place of a setting: its own, or that of the nearest thing around it that has one.
    pub fn setting_span(&self, pointer: &str) -> Span {
        let mut around = pointer;
        loop {
            if let Some(span) = self.setting_spans.get(around) {
                return *span;
            }
            match around.rfind('/').and_then(|at| around.get(..at)) {
                Some(outer) => around = outer,
                None => return self.span,
            }
        }
    }
}

impl Description {
    /// Whether some rule wants to be asked in this phase.
    pub fn judges(&self, phase: Phase) -> bool {
        self.rules.iter().any(|rule| rule.phases.contains(&phase))
    }

    /// Whether some rule gives patches.
    pub fn mutates(&self) -> bool {
        self.rules.iter().any(|rule| rule.mutates)
    }

    /// The kinds that are read in this phase, sorted.
    pub fn kinds(&self, phase: Phase) -> Vec<&str> {
        let rules = self.rules.iter().filter(|rule| rule.phases.contains(&phase));
        let mut kinds: Vec<&str> = rules.flat_map(|rule| rule.kinds.iter().map(String::as_str)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }
}

impl Phase {
    /// `model` or `artifacts`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Artifacts => "artifacts",
        }
    }
}
