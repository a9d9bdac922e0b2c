//! [`Limits`]: what one run may spend, from the usual limits, the size of the model and the platform's word.
//!
//! Not here: the usual limits themselves, with their reasons (`platc_diag::limits`).
//!
//! Start with [`Limits::of`].

use platc_artifact::judge::LimitOverrides;
use platc_diag::limits;

/// What one run may spend.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Units of WebAssembly fuel.
    pub fuel: u64,
    /// Bytes of memory of the instance.
    pub memory_bytes: usize,
    /// Units of work that it may ask of the host.
    pub host_work: u64,
    /// Findings or patches.
    pub findings: usize,
}

impl Limits {
    /// For a model of that many nodes.
    pub fn of(overrides: &LimitOverrides, n_nodes: u32) -> Self {
        let scaled = |base: u64, per_node: u64| base.saturating_add(per_node.saturating_mul(n_nodes.into()));
        let bytes = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        Self {
            fuel: overrides.fuel.unwrap_or(scaled(limits::POLICY_FUEL, limits::POLICY_FUEL_PER_NODE)),
            memory_bytes: overrides.memory_bytes.map_or(limits::POLICY_MEMORY_BYTES, bytes),
            host_work: overrides
                .host_work
                .unwrap_or(scaled(limits::POLICY_HOST_WORK, limits::POLICY_HOST_WORK_PER_NODE)),
            findings: overrides.findings.map_or(limits::POLICY_FINDINGS, |n| bytes(n.into())),
        }
    }
}
