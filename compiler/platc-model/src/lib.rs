//! Typed kinds and scalars, generated from stdlib/kinds: the contract between phases.
//!
//! The checker fills [`Record`]s by the types of [`types`]; [`generated`] has a struct for each kind,
//! read from a record by [`read`]; a [`Model`] holds them all. Plan and emitters read the structs,
//! expressions and policies the records.
//!
//! Not here: trees, files, decisions.
//!
//! Start with [`Model`].

mod declared;

pub mod generated;
mod ids;
mod lock;
mod model;
mod ports;
pub mod read;
pub mod scalar;
pub mod types;
mod value;

pub use declared::{AtPlace, AtPlaces, Declared, Head, Records};
pub use ids::{Id, Items, Kind};
pub use lock::{Lock, PluginPin};
pub use model::{HostSite, Model};
pub use ports::{CallDemand, CallPorts};
pub use value::{Record, Ref, SecretKey, Text, Value};
