//! What judges see: the model with the plan's decisions in it ([`ModelView`]), and the same with the files
//! that would be delivered ([`ArtifactView`]).
//!
//! A declaration is a node, with the name of its kind. One that is something else at some of its places is
//! a node for each thing that it is, all under its name; the link `place` says where each of them is. What
//! the plan decides stands beside what the author says: facts under their own names (`/allocatable`), and
//! for what becomes pods, under `/plan`, the seconds `pre-stop-s`, `drain-s` and `grace-s` of its shutdown.
//! Under `/plan/ledger`, hosts, clusters and what becomes pods have what they have, take and leave.
//!
//! Policies see neither each other nor each other's settings: `use` and `plugin` are no nodes.
//!
//! Start with [`ModelView::new`].

mod artifacts;
mod ledger;
mod model;
mod nodes;
mod values;

pub use artifacts::ArtifactView;
pub use model::ModelView;
pub(crate) use model::Target;
pub(crate) use values::{index, json, slot};
