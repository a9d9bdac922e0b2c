//! Typed kinds and scalars, generated from stdlib/kinds: the contract between phases.

mod ids;
pub mod read;
pub mod scalar;
pub mod types;
mod value;

pub use ids::{Id, Items, Kind};
pub use value::{Record, Ref, SecretKey, Text, Value};
