//! What the programs of hosts make of the files that are written for them: packets over the routes, delivery into
//! the folders of two hosts, upgrades, and objects that are gone.
//!
//! Not here: what stands in a file; the cases of `platc-emit` show that. Start with [`packets_arrive`].

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "a test: it starts programs, reads what they say and fails loudly"
)]

#[path = "hosts/delivery.rs"]
mod delivery;
#[path = "hosts/dialects.rs"]
mod dialects;
#[path = "hosts/network.rs"]
mod network;
#[path = "hosts/objects.rs"]
mod objects;
#[path = "hosts/renumber.rs"]
mod renumber;
#[path = "hosts/tree.rs"]
mod tree;
#[path = "hosts/upgrade.rs"]
mod upgrade;
