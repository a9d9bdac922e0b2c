//! What a cluster needs before anything of its owner's can run: Node objects with their pod ranges, the pod
//! network, DNS.
//!
//! | step | what |
//! |---|---|
//! | `00-nodes` | a Node object for each host, so that pod ranges are ours and not those of who comes first |
//! | `10-network` | flannel, where it routes pods |
//! | `11-dns` | CoreDNS on its hosts, and a cache on each node that wants one |
//!
//! Cilium is installed by its own chart; its values are in `values/cilium.yaml`, beside the steps.
//!
//! Not here: later steps (`k8s/`), and any decision. Start with `emit.rs`.

mod cilium;
mod coredns;
pub mod emit;
mod flannel;
pub(crate) mod node;
mod node_cache;
