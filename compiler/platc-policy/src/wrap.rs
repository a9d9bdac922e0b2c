//! Makes a component of a core module, as bare `cargo build` leaves one, so that authors need no further tool.
//!
//! A module built with an SDK says in a section of its own which contract its functions are meant for. That
//! section is thrown away unread, and ours is put in its place: the library that reads it trusts it, and one
//! flipped bit there could send it into endless recursion and take the process down. Nothing is lost, because
//! the names of the functions say which version they are of, and the types are checked against it.
//!
//! Not here: which modules get this far ([`crate::inspect`]).
//!
//! Start with [`wrap`].

use wasmparser::{Parser, Payload, Validator, WasmFeatures};
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

use crate::contract;
use crate::inspect::Refusal;

/// The component, for a module whose functions are named after that version of the contract.
pub(crate) fn wrap(module: &[u8], version: &str) -> Result<Vec<u8>, Refusal> {
    // First, because what wraps takes a module to be valid.
    Validator::new_with_features(WasmFeatures::default())
        .validate_all(module)
        .map_err(|error| Refusal::Damaged { reason: error.to_string() })?;
    let mut module = without_contract(module);
    let (resolve, world) = contract_of(version);
    let encoded = wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .and_then(|()| ComponentEncoder::default().module(&module)?.validate(false).encode());
    encoded.map_err(|error| Refusal::OtherContract {
        reason: format!("its functions are not those of version {version}: {}", error.root_cause()),
    })
}

/// The module without the sections that describe a contract.
fn without_contract(module: &[u8]) -> Vec<u8> {
    const HEADER: usize = 8;
    let mut kept = module.get(..HEADER).unwrap_or_default().to_owned();
    let mut begin = HEADER;
    for payload in Parser::new(0).parse_all(module).flatten() {
        let Some((_, contents)) = payload.as_section() else { continue };
        let describes = matches!(&payload, Payload::CustomSection(section) if section.name().starts_with("component-type"));
        if !describes {
            kept.extend_from_slice(module.get(begin..contents.end).unwrap_or_default());
        }
        begin = contents.end;
    }
    kept
}

fn contract_of(version: &str) -> (Resolve, wit_parser::WorldId) {
    let mut resolve = Resolve::default();
    let world = resolve
        .push_str("policy.wit", &contract::wit(version))
        .and_then(|package| resolve.select_world(&[package], Some("policy")));
    match world {
        Ok(world) => (resolve, world),
        Err(error) => unreachable!("our own contract is valid: {error}"),
    }
}
