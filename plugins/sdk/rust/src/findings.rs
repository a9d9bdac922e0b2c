//! [`Findings`]: what a policy says about a platform.
//!
//! Not here: where in the author's source a finding is shown; the host works that out from its [`Location`].
//!
//! Start with [`Findings::report`].

use std::fmt;

use serde::Serialize;

use crate::{Change, Location, Patch, Rule, Severity};

/// A list to fill.
#[derive(Debug)]
pub struct Findings {
    rules: &'static [Rule],
    found: Vec<Finding>,
}

/// One finding. Its methods add to it.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// Id of its rule.
    pub rule: &'static str,
    /// How serious it is.
    pub severity: Severity,
    /// What is the matter: lower case, no full stop, the author's text in backticks.
    pub message: String,
    /// Where.
    pub primary: Location,
    /// Other places.
    pub related: Vec<Location>,
    /// The way out.
    pub help: Option<String>,
    /// Edits, each of which resolves it.
    pub fixes: Vec<Patch>,
    /// JSON for tools.
    pub data: Option<String>,
}

impl Findings {
    /// A list for the findings of these rules.
    pub fn of(rules: &'static [Rule]) -> Self {
        Self { rules, found: Vec::new() }
    }

    /// Reports that a rule is broken at a place: a [`crate::NodeId`], or a [`Location`] in one.
    ///
    /// # Panics
    ///
    /// If the policy has no such rule, which is a slip in its code.
    #[track_caller]
    pub fn report(
        &mut self,
        rule: &'static str,
        at: impl Into<Location>,
        message: impl Into<String>,
    ) -> &mut Finding {
        let Some(declared) = self.rules.iter().find(|declared| declared.id == rule) else {
            panic!("the policy declares no rule `{rule}`")
        };
        self.found.push(Finding {
            rule,
            severity: declared.severity,
            message: message.into(),
            primary: at.into(),
            related: Vec::new(),
            help: None,
            fixes: Vec::new(),
            data: None,
        });
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    /// All of them.
    pub fn into_vec(self) -> Vec<Finding> {
        self.found
    }
}

impl Finding {
    /// Another level than its rule's.
    pub fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    /// The way out.
    pub fn help(&mut self, text: impl Into<String>) -> &mut Self {
        self.help = Some(text.into());
        self
    }

    /// Another place, with what is to be said there.
    pub fn related(&mut self, at: impl Into<Location>, text: impl Into<String>) -> &mut Self {
        self.related.push(at.into().label(text));
        self
    }

    /// Offers to set a value; `title` says in the imperative what that does.
    pub fn fix(
        &mut self,
        at: impl Into<Location>,
        value: impl Serialize,
        title: impl Into<String>,
    ) -> &mut Self {
        let change = Change::set(value);
        self.fixes.push(Patch { at: at.into(), change, expect: None, rule: self.rule, reason: title.into() });
        self
    }

    /// JSON for tools that read findings.
    pub fn data(&mut self, value: impl Serialize) -> &mut Self {
        self.data = Some(crate::patches::json(value));
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}[{}] node {} {}: {}",
            self.severity.word(),
            self.rule,
            self.primary.node.0,
            self.primary.path,
            self.message
        )
    }
}
