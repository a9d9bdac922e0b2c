//! Version 0.1 of the contract, `plugins/wit/v0.1`: the generated bindings, and the way from and to the
//! host's own shapes.
//!
//! Not here: anything that decides. This file only renames, so that a later version can stand beside it.
//!
//! Start with [`offer`], then [`validate`].

use platc_artifact::judge::{Phase, RuleInfo};
use platc_diag::Level;
use wasmtime::component::{HasSelf, Linker, Resource};
use wasmtime::{Result, Store};

use crate::guest::{Edit, Finding, Location, Metadata, Op, SettingError};
use crate::state::{NodeHandle, State};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../plugins/wit/v0.1",
        world: "platc:policy/policy@0.1.0",
        imports: { default: trappable },
        with: { "platc:policy/model.node": crate::state::NodeHandle },
    });
}

use bindings::platc::policy::{log, model, types};
pub(crate) use bindings::{Policy, PolicyPre};

type Node = Resource<NodeHandle>;

/// Offers everything that a policy may import.
pub(super) fn offer(linker: &mut Linker<State>) -> Result<()> {
    Policy::add_to_linker::<_, HasSelf<State>>(linker, |state| state)
}

pub(super) fn describe(policy: &Policy, store: &mut Store<State>) -> Result<Metadata> {
    policy.platc_policy_guest().call_describe(store).map(metadata)
}

pub(super) fn configure(
    policy: &Policy,
    store: &mut Store<State>,
    settings: &str,
) -> Result<std::result::Result<(), Vec<SettingError>>> {
    let answer = policy.platc_policy_guest().call_configure(store, settings)?;
    Ok(answer.map_err(|errors| {
        errors.into_iter().map(|error| SettingError { path: error.path, message: error.message }).collect()
    }))
}

pub(super) fn validate(
    policy: &Policy,
    store: &mut Store<State>,
    phase: Phase,
) -> Result<std::result::Result<Vec<Finding>, String>> {
    let phase = match phase {
        Phase::Model => types::Phase::Model,
        Phase::Artifacts => types::Phase::Artifacts,
    };
    let answer = policy.platc_policy_guest().call_validate(store, phase)?;
    Ok(answer.map(|findings| findings.into_iter().map(finding).collect()))
}

pub(super) fn mutate(
    policy: &Policy,
    store: &mut Store<State>,
) -> Result<std::result::Result<Vec<Edit>, String>> {
    let answer = policy.platc_policy_guest().call_mutate(store)?;
    Ok(answer.map(|patches| patches.into_iter().map(edit).collect()))
}

fn metadata(told: types::Metadata) -> Metadata {
    Metadata {
        name: told.name,
        version: told.version,
        rules: told.rules.into_iter().map(rule).collect(),
        settings_schema: told.settings_schema,
        data: told.data,
    }
}

fn rule(told: types::RuleInfo) -> RuleInfo {
    let phase = |phase| match phase {
        types::Phase::Model => Phase::Model,
        types::Phase::Artifacts => Phase::Artifacts,
    };
    RuleInfo {
        id: told.id,
        level: level(told.severity),
        summary: told.summary,
        phases: told.phases.into_iter().map(phase).collect(),
        kinds: told.kinds,
        mutates: told.mutates,
    }
}

fn finding(told: types::Diagnostic) -> Finding {
    Finding {
        rule: told.rule,
        level: level(told.severity),
        message: told.message,
        primary: location(told.primary),
        related: told.related.into_iter().map(location).collect(),
        help: told.help,
        fixes: told.fixes.into_iter().map(edit).collect(),
        data: told.data,
    }
}

fn edit(told: types::Patch) -> Edit {
    Edit {
        op: match told.op {
            types::PatchOp::Set => Op::Set,
            types::PatchOp::Remove => Op::Remove,
            types::PatchOp::Append => Op::Append,
        },
        at: location(told.at),
        value: told.value,
        expect: told.expect,
        rule: told.rule,
        reason: told.reason,
    }
}

fn location(told: types::Location) -> Location {
    Location { node: told.node, path: told.path, label: told.label }
}

fn level(told: types::Severity) -> Level {
    match told {
        types::Severity::Error => Level::Error,
        types::Severity::Warning => Level::Warning,
        types::Severity::Info => Level::Info,
    }
}

impl types::Host for State {}

impl model::Host for State {
    fn nodes(&mut self, kind: String) -> Result<Vec<Node>> {
        self.nodes(&kind)
    }

    fn lookup(&mut self, kind: String, name: String) -> Result<Option<Node>> {
        self.lookup(&kind, &name)
    }

    fn by_id(&mut self, node: u32) -> Result<Option<Node>> {
        self.by_id(node)
    }

    fn select(&mut self, kind: String, paths: Vec<String>) -> Result<String> {
        self.select(&kind, &paths)
    }

    fn model_version(&mut self) -> Result<String> {
        self.model_version()
    }
}

impl model::HostNode for State {
    fn id(&mut self, node: Node) -> Result<u32> {
        self.id(&node)
    }

    fn kind(&mut self, node: Node) -> Result<String> {
        self.kind(&node)
    }

    fn name(&mut self, node: Node) -> Result<String> {
        self.name(&node)
    }

    fn parent(&mut self, node: Node) -> Result<Option<Node>> {
        self.parent(&node)
    }

    fn children(&mut self, node: Node, kind: String) -> Result<Vec<Node>> {
        self.children(&node, &kind)
    }

    fn links(&mut self, node: Node, relation: String) -> Result<Vec<Node>> {
        self.links(&node, &relation)
    }

    fn get_str(&mut self, node: Node, path: String) -> Result<Option<String>> {
        self.get_str(&node, &path)
    }

    fn get_int(&mut self, node: Node, path: String) -> Result<Option<i64>> {
        self.get_int(&node, &path)
    }

    fn get_bool(&mut self, node: Node, path: String) -> Result<Option<bool>> {
        self.get_bool(&node, &path)
    }

    fn get_json(&mut self, node: Node, path: String) -> Result<Option<String>> {
        self.get_json(&node, &path)
    }

    fn text(&mut self, node: Node) -> Result<Option<String>> {
        self.text(&node)
    }

    fn drop(&mut self, node: Node) -> Result<()> {
        self.release(&node);
        Ok(())
    }
}

impl log::Host for State {
    fn debug(&mut self, message: String) -> Result<()> {
        self.debug(message)
    }

    fn abort(&mut self, message: String) -> Result<()> {
        self.abort(message);
        Ok(())
    }
}
