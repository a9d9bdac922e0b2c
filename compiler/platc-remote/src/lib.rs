//! Builds in OCI registries: pushed, pulled whole or in parts, signed, and checked on arrival.
//!
//! A build becomes one image: its `build.json`, whose digest is the build's id, and one layer for each host,
//! cluster and datacenter. So a host pulls a few kilobytes, Flux reads a cluster's layer as it is, and what
//! two builds have in common is stored and moved once. Nothing that arrives is believed: a blob must have the
//! digest that the manifest names, and each file in it the digest that `build.json` names.
//!
//! Not here: the command line, the environment and what a platform is. Start at [`push`] and [`pull`]; the
//! wire is in [`Registry`], what lies in a layer in [`part`], who vouches for a build in [`signature`] and [`trust`].
#![allow(
    clippy::disallowed_methods,
    reason = "moving files between disk and network is what this crate is for"
)]

pub mod credentials;
mod error;
mod http;
mod image;
mod parallel;
pub mod part;
pub mod plugin;
mod progress;
pub mod pull;
pub mod push;
mod reference;
mod registry;
pub mod signature;
pub mod tags;
pub mod trust;

pub use credentials::Credentials;
pub use error::{Error, Refusal, Result};
pub use image::{Descriptor, MEDIA_BUILD, MEDIA_CLUSTER, MEDIA_PART};
pub use progress::{Progress, Silent};
pub use pull::{Outcome, PullOptions, pull, pull_part};
pub use push::{Pushed, push};
pub use reference::Reference;
pub use registry::Registry;
pub use signature::{Key, Purpose, Signature};
pub use trust::{TRUST_FILE, Trust};
