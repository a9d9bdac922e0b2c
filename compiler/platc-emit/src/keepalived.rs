//! Virtual addresses that move between hosts: keepalived, with VRRP from host to host, and a check on each
//! host that gives the address away when what stands behind it fails.
//!
//! Who holds what first and by which id is decided in the plan. Not here: the network that the addresses
//! are on (`routes`).

mod emit;

pub(crate) use emit::EMITTER;
