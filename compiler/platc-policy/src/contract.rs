//! The versions of the contract that this host speaks, each in a file of its own that adapts it to the
//! host's shapes ([`crate::guest`]).
//!
//! Not here: what a policy may ask ([`crate::state`] answers, whatever the version) and when it is run.
//! To speak one more version: its frozen folder in `plugins/wit/`, a file beside `v0_1.rs`, a variant here.
//!
//! Start with [`Offers::bind`].

mod v0_1;

use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

use crate::guest::{Edit, Finding, Metadata, SettingError};
use crate::state::State;
use platc_artifact::judge::Phase;

/// Name of the contract's package.
pub(crate) const PACKAGE: &str = "platc:policy";
/// The interface that a policy exports.
pub(crate) const GUEST: &str = "guest";
/// The interfaces that a policy may import.
pub(crate) const OFFERED: [&str; 3] = ["types", "model", "log"];
/// The versions that are understood, for messages.
pub(crate) const VERSIONS: &str = "0.1";

/// Compiled code of a policy, bound to the version of the contract that it was built for.
#[derive(Clone)]
pub(crate) enum Code {
    /// 0.1.x.
    V0_1(v0_1::PolicyPre<State>),
}

/// What is offered to policies, for each version: made once, used by all.
pub(crate) struct Offers {
    v0_1: Linker<State>,
}

/// An instance of a policy, which lives for one task.
pub(crate) enum Instance {
    /// 0.1.x.
    V0_1(v0_1::Policy),
}

/// The text of the contract for a version that is understood, under that version's name.
pub(crate) fn wit(version: &str) -> String {
    let text = include_str!("../../../plugins/wit/v0.1/policy.wit");
    text.replacen("package platc:policy@0.1.0;", &format!("package {PACKAGE}@{version};"), 1)
}

/// Whether a version in the name of an interface (`0.1.3`) is understood.
pub(crate) fn understands(version: &str) -> bool {
    version.strip_prefix("0.1.").is_some_and(|patch| patch.parse::<u32>().is_ok())
}

impl Offers {
    /// All that there are.
    pub(crate) fn new(engine: &Engine) -> wasmtime::Result<Self> {
        let mut v0_1 = Linker::new(engine);
        v0_1::offer(&mut v0_1)?;
        Ok(Self { v0_1 })
    }

    /// Checks that the component fits the contract: each import is offered with these types, and each
    /// export is there.
    pub(crate) fn bind(&self, component: &Component) -> wasmtime::Result<Code> {
        v0_1::PolicyPre::new(self.v0_1.instantiate_pre(component)?).map(Code::V0_1)
    }
}

impl Code {
    /// A fresh instance.
    pub(crate) fn instantiate(&self, store: &mut Store<State>) -> wasmtime::Result<Instance> {
        match self {
            Self::V0_1(code) => code.instantiate(store).map(Instance::V0_1),
        }
    }
}

impl Instance {
    /// What it says of itself.
    pub(crate) fn describe(&self, store: &mut Store<State>) -> wasmtime::Result<Metadata> {
        match self {
            Self::V0_1(policy) => v0_1::describe(policy, store),
        }
    }

    /// Whether it takes the settings.
    pub(crate) fn configure(
        &self,
        store: &mut Store<State>,
        settings: &str,
    ) -> wasmtime::Result<Result<(), Vec<SettingError>>> {
        match self {
            Self::V0_1(policy) => v0_1::configure(policy, store, settings),
        }
    }

    /// What it finds.
    pub(crate) fn validate(
        &self,
        store: &mut Store<State>,
        phase: Phase,
    ) -> wasmtime::Result<Result<Vec<Finding>, String>> {
        match self {
            Self::V0_1(policy) => v0_1::validate(policy, store, phase),
        }
    }

    /// What it wants to change.
    pub(crate) fn mutate(&self, store: &mut Store<State>) -> wasmtime::Result<Result<Vec<Edit>, String>> {
        match self {
            Self::V0_1(policy) => v0_1::mutate(policy, store),
        }
    }
}
