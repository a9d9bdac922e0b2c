//! The way to and from the host: generated bindings, and a policy behind them.
//!
//! Not here: anything that a policy's author sees.
//!
//! Start with [`Exported`].

use std::cell::RefCell;
use std::marker::PhantomData;
use std::panic::PanicHookInfo;

use crate::{
    Change, Finding, Findings, Location, Model, NodeId, Patch, Patches, Phase, Policy, Rule, Settings,
    Severity,
};

pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit/v0.1",
        world: "policy",
        pub_export_macro: true,
    });
}

use bindings::exports::platc::policy::guest::Guest;
use bindings::platc::policy::{log, model, types};

pub use bindings::export;

/// A policy as the host sees it.
pub struct Exported<P>(PhantomData<P>);

/// The host answers.
pub(crate) struct ModelImp;

/// A handle that the host gave.
pub(crate) struct NodeImp(model::Node);

thread_local! {
    // An instance lives for one question and is configured first.
    static SETTINGS: RefCell<String> = const { RefCell::new(String::new()) };
}

impl<P: Policy> Guest for Exported<P> {
    fn describe() -> types::Metadata {
        speak_before_dying();
        types::Metadata {
            name: P::NAME.into(),
            version: P::VERSION.into(),
            rules: P::RULES.iter().map(rule_info).collect(),
            settings_schema: P::Settings::schema().to_string(),
            data: None,
        }
    }

    fn configure(settings: String) -> Result<(), Vec<types::SettingError>> {
        speak_before_dying();
        let told = read::<P>(&settings);
        SETTINGS.set(settings);
        told.and_then(|settings| P::configure(&settings)).map_err(|errors| {
            errors
                .into_iter()
                .map(|error| types::SettingError { path: error.path, message: error.message })
                .collect()
        })
    }

    fn validate(phase: types::Phase) -> Result<Vec<types::Diagnostic>, String> {
        let settings = settings::<P>()?;
        let mut findings = Findings::of(P::RULES);
        let model = Model { imp: ModelImp };
        match phase {
            types::Phase::Model => P::validate_model(&model, &settings, &mut findings),
            types::Phase::Artifacts => P::validate_artifacts(&model, &settings, &mut findings),
        }
        Ok(findings.into_vec().into_iter().map(diagnostic).collect())
    }

    fn mutate() -> Result<Vec<types::Patch>, String> {
        let mut patches = Patches::of(P::RULES);
        P::mutate(&Model { imp: ModelImp }, &settings::<P>()?, &mut patches);
        Ok(patches.into_vec().into_iter().map(patch).collect())
    }
}

fn read<P: Policy>(settings: &str) -> Result<P::Settings, Vec<crate::SettingError>> {
    let json = serde_json::from_str(settings).map_err(|error| {
        vec![crate::SettingError {
            path: String::new(),
            message: format!("the settings are no JSON: {error}"),
        }]
    })?;
    P::Settings::read(&json)
}

fn settings<P: Policy>() -> Result<P::Settings, String> {
    SETTINGS
        .with_borrow(|settings| read::<P>(settings))
        .map_err(|errors| format!("it was not configured: {errors:?}"))
}

/// A panic ends in a trap that says nothing; its words must reach the author by another way.
fn speak_before_dying() {
    fn hook(panic: &PanicHookInfo<'_>) {
        let words = panic.payload_as_str().unwrap_or("for a reason that is no text");
        match panic.location() {
            Some(place) => log::abort(&format!("{words}, at {place}")),
            None => log::abort(words),
        }
    }
    std::panic::set_hook(Box::new(hook));
}

fn rule_info(rule: &Rule) -> types::RuleInfo {
    let phase = |phase: &Phase| match phase {
        Phase::Model => types::Phase::Model,
        Phase::Artifacts => types::Phase::Artifacts,
    };
    types::RuleInfo {
        id: rule.id.into(),
        severity: severity(rule.severity),
        summary: rule.summary.into(),
        phases: rule.phases.iter().map(phase).collect(),
        kinds: rule.kinds.iter().map(|kind| (*kind).into()).collect(),
        mutates: rule.mutates,
    }
}

fn severity(severity: Severity) -> types::Severity {
    match severity {
        Severity::Error => types::Severity::Error,
        Severity::Warning => types::Severity::Warning,
        Severity::Info => types::Severity::Info,
    }
}

fn diagnostic(finding: Finding) -> types::Diagnostic {
    types::Diagnostic {
        rule: finding.rule.into(),
        severity: severity(finding.severity),
        message: finding.message,
        primary: location(finding.primary),
        related: finding.related.into_iter().map(location).collect(),
        help: finding.help,
        fixes: finding.fixes.into_iter().map(patch).collect(),
        data: finding.data,
    }
}

fn patch(patch: Patch) -> types::Patch {
    let (op, value) = match patch.change {
        Change::Set(value) => (types::PatchOp::Set, Some(value)),
        Change::Remove => (types::PatchOp::Remove, None),
        Change::Append(value) => (types::PatchOp::Append, Some(value)),
    };
    types::Patch {
        op,
        at: location(patch.at),
        value,
        expect: patch.expect,
        rule: patch.rule.into(),
        reason: patch.reason,
    }
}

fn location(at: Location) -> types::Location {
    types::Location { node: at.node.0, path: at.path, label: at.label }
}

impl ModelImp {
    pub(crate) fn select(&self, kind: &str, paths: &[&str]) -> String {
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        model::select(kind, &paths)
    }

    pub(crate) fn nodes(&self, kind: &str) -> Vec<NodeImp> {
        model::nodes(kind).into_iter().map(NodeImp).collect()
    }

    pub(crate) fn lookup(&self, kind: &str, name: &str) -> Option<NodeImp> {
        model::lookup(kind, name).map(NodeImp)
    }

    pub(crate) fn by_id(&self, node: NodeId) -> Option<NodeImp> {
        model::by_id(node.0).map(NodeImp)
    }

    pub(crate) fn version(&self) -> String {
        model::model_version()
    }
}

impl NodeImp {
    pub(crate) fn id(&self) -> NodeId {
        NodeId(self.0.id())
    }

    pub(crate) fn kind(&self) -> String {
        self.0.kind()
    }

    pub(crate) fn name(&self) -> String {
        self.0.name()
    }

    pub(crate) fn parent(&self) -> Option<Self> {
        self.0.parent().map(Self)
    }

    pub(crate) fn children(&self, kind: &str) -> Vec<Self> {
        self.0.children(kind).into_iter().map(Self).collect()
    }

    pub(crate) fn links(&self, relation: &str) -> Vec<Self> {
        self.0.links(relation).into_iter().map(Self).collect()
    }

    pub(crate) fn get_str(&self, path: &str) -> Option<String> {
        self.0.get_str(path)
    }

    pub(crate) fn get_int(&self, path: &str) -> Option<i64> {
        self.0.get_int(path)
    }

    pub(crate) fn get_bool(&self, path: &str) -> Option<bool> {
        self.0.get_bool(path)
    }

    pub(crate) fn get_json(&self, path: &str) -> Option<String> {
        self.0.get_json(path)
    }

    pub(crate) fn text(&self) -> Option<String> {
        self.0.text()
    }
}
