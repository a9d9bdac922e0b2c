//! What Kubernetes accepts, for each minor version that platc compiles for: the fields of every kind,
//! the documents of kubeadm, kubelet and kube-proxy, CRDs, feature gates, versions that belong together.
//!
//! A document comes in as a [`Node`], whatever holds it, and findings come out with JSON pointers; who
//! made the document knows which line of source each pointer stands for.
//!
//! Not here: KDL, artifacts, any text that is read or written. This crate knows no platform and no plan.
//!
//! Start with [`check_object`] for manifests, [`config::check_config`] for the node's programs,
//! [`facts::facts`] for versions, and [`Tables`] for hover and completion.

mod check;
pub mod config;
mod crd;
pub mod describe;
mod errors;
pub mod facts;
mod finding;
mod format;
pub mod gates;
mod minor;
mod node;
mod quantity;
mod rules;
mod schema;
pub mod secrets;
mod table;
mod unique;

pub use check::{Target, check_object, check_patch};
pub use crd::{Crds, CustomKind};
pub use finding::{Finding, Place};
pub use format::Format;
pub use minor::{Minor, Minors};
pub use node::{Node, Value};
pub use quantity::Quantity;
pub use table::{
    Choice, Field, Holds, Items, Kind, Lifecycle, Lookup, Mark, Scalar, Scope, Tables, Type, TypeId, Walked,
};
