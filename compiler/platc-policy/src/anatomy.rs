//! [`anatomy`]: what a policy's file is made of, for its author; and [`component`], the form to hand on.
//!
//! Not here: whether the file can be used, and what is wrong with it if not: loading it says that.
//!
//! Start with [`anatomy`].

use std::borrow::Cow;

use crate::contract;
use crate::inspect::{Form, Surface, inspect, surface};
use crate::wrap::wrap;

/// What a policy's file is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Anatomy {
    /// Whether it is a component already; else a core module, as cargo leaves one.
    pub is_component: bool,
    /// The version of the contract that it speaks: `0.1.0`.
    pub contract: String,
    /// The interfaces that it imports, sorted: `platc:policy/model@0.1.0`.
    pub imports: Vec<String>,
}

/// Takes a file apart; `None` for one that is no policy.
pub fn anatomy(bytes: &[u8]) -> Option<Anatomy> {
    let form = inspect(bytes).ok()?;
    let Surface { imports, exports } = surface(bytes).ok()?;
    let guest = format!("{}/{}@", contract::PACKAGE, contract::GUEST);
    let version = |export: &String| {
        let version = export.strip_prefix(&guest)?.split('#').next()?;
        contract::understands(version).then(|| version.to_owned())
    };
    // A core module names function by function what a component imports as a whole.
    let interface = |import: &String| {
        let name = import.strip_prefix("[export]").unwrap_or(import);
        let parts: Vec<&str> = name.splitn(3, '/').take(2).collect();
        parts.join("/")
    };
    let mut imports: Vec<String> = imports.iter().map(interface).collect();
    imports.retain(|import| !import.starts_with(&guest));
    imports.sort();
    imports.dedup();
    Some(Anatomy {
        is_component: form == Form::Component,
        contract: exports.iter().find_map(version)?,
        imports,
    })
}

/// The file as a component: as it is, or wrapped; `None` for one that is no policy.
pub fn component(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    match inspect(bytes).ok()? {
        Form::Component => Some(Cow::Borrowed(bytes)),
        Form::CoreModule { version } => wrap(bytes, &version).ok().map(Cow::Owned),
    }
}
