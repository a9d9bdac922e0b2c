//! [`Lock`]: what was given out once and is never given out anew: `platc.lock`, as data.
//!
//! Not here: its text (`platc-driver` writes it, `platc-sema` reads it) and who gives out what (the plan).
//!
//! Start with [`Lock`].

use std::collections::BTreeMap;

use crate::ports::CallPorts;
use crate::scalar::Digest;
use crate::value::Text;

/// Allocations of a platform. What is gone keeps its number until somebody releases it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Lock {
    /// What image tags mean.
    pub images: BTreeMap<Text, Digest>,
    /// Which part of its cluster's pod range a host has, by cluster and host. Part 0 is nobody's.
    pub pods: BTreeMap<Text, BTreeMap<Text, u32>>,
    /// VRRP router ids, by datacenter and virtual address.
    pub vrids: BTreeMap<Text, BTreeMap<Text, u8>>,
    /// Routing tables, by datacenter and network.
    pub tables: BTreeMap<Text, BTreeMap<Text, u8>>,
    /// Local ports of calls.
    pub ports: CallPorts,
    /// Hosts of the members of each stateful, in the order in which they were first planned: CPUs are given
    /// out in this order, so a later stateful never moves an earlier one's.
    pub statefuls: Vec<(Text, Vec<Text>)>,
    /// What does not change by itself when its declaration does, as it was: ranges of clusters, addresses of
    /// nodes, sizes of what holds data. By sort and name, then by key: `cluster`, `prod-a`, `pods`.
    pub settled: BTreeMap<(Text, Text), BTreeMap<Text, Text>>,
    /// Which bytes the plugins are.
    pub plugins: BTreeMap<Text, PluginPin>,
}

/// A plugin, pinned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PluginPin {
    /// SHA-256 of its file.
    pub digest: Digest,
    /// Where in a registry it was found; nothing for a file of the platform. With another `from`, the pin is
    /// one of something else.
    pub from: Option<Text>,
}

impl Lock {
    /// Whether nothing was given out yet.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Place of a stateful among those that were planned before; new ones come last.
    pub fn stateful_rank(&self, name: &str) -> usize {
        self.statefuls.iter().position(|(own, _)| **own == *name).unwrap_or(usize::MAX)
    }
}
