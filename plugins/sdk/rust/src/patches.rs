//! [`Patches`]: what a policy changes.
//!
//! Not here: what becomes of patches of several policies that meet; the host puts them together.
//!
//! Start with [`Patches::set`].

use serde::Serialize;

use crate::{Location, Rule};

/// A list to fill. Each patch addresses the model as it was before any.
#[derive(Debug)]
pub struct Patches {
    rules: &'static [Rule],
    patches: Vec<Patch>,
}

/// One patch.
#[derive(Clone, PartialEq, Debug)]
pub struct Patch {
    /// Where.
    pub at: Location,
    /// What.
    pub change: Change,
    /// JSON that the old value must equal.
    pub expect: Option<String>,
    /// Id of its rule.
    pub rule: &'static str,
    /// Why, for `platc explain`.
    pub reason: String,
}

/// What a patch does. Values are JSON.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// This is the value.
    Set(String),
    /// There is none.
    Remove,
    /// The list has this element too.
    Append(String),
}

impl Patches {
    /// A list for the patches of these rules.
    pub fn of(rules: &'static [Rule]) -> Self {
        Self { rules, patches: Vec::new() }
    }

    /// Sets a value.
    #[track_caller]
    pub fn set(
        &mut self,
        rule: &'static str,
        at: impl Into<Location>,
        value: impl Serialize,
        reason: impl Into<String>,
    ) -> &mut Patch {
        self.push(rule, at.into(), Change::set(value), reason.into())
    }

    /// Takes a value out.
    #[track_caller]
    pub fn remove(
        &mut self,
        rule: &'static str,
        at: impl Into<Location>,
        reason: impl Into<String>,
    ) -> &mut Patch {
        self.push(rule, at.into(), Change::Remove, reason.into())
    }

    /// Adds an element to a list.
    #[track_caller]
    pub fn append(
        &mut self,
        rule: &'static str,
        at: impl Into<Location>,
        value: impl Serialize,
        reason: impl Into<String>,
    ) -> &mut Patch {
        self.push(rule, at.into(), Change::Append(json(value)), reason.into())
    }

    /// All of them.
    pub fn into_vec(self) -> Vec<Patch> {
        self.patches
    }

    #[track_caller]
    fn push(&mut self, rule: &'static str, at: Location, change: Change, reason: String) -> &mut Patch {
        let declared = self.rules.iter().any(|declared| declared.id == rule && declared.mutates);
        assert!(declared, "the policy declares no rule `{rule}` that mutates");
        self.patches.push(Patch { at, change, expect: None, rule, reason });
        let last = self.patches.len() - 1;
        &mut self.patches[last]
    }
}

impl Patch {
    /// The old value must be this, or nothing is built; `()` stands for nothing there.
    pub fn expect(&mut self, value: impl Serialize) -> &mut Self {
        self.expect = Some(json(value));
        self
    }
}

impl Change {
    /// Sets a value.
    pub fn set(value: impl Serialize) -> Self {
        Self::Set(json(value))
    }
}

/// # Panics
///
/// If the value cannot be JSON: a map whose keys are no texts, say, which is a slip in the policy's code.
pub(crate) fn json(value: impl Serialize) -> String {
    match serde_json::to_string(&value) {
        Ok(json) => json,
        Err(error) => panic!("a value of a patch cannot be written as JSON: {error}"),
    }
}
