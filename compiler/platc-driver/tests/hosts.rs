//! What the programs of hosts make of the files that are written for them: packets over the routes, and
//! delivery into the folders of two hosts.
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
#[path = "hosts/tree.rs"]
mod tree;
