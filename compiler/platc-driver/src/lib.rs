//! The pipeline: from a directory to a model, a plan and artifacts, phase by phase; and the world outside
//! as a trait.
//!
//! Not here: what a phase does (each has a crate), and what is said on a terminal (the binary).
//!
//! Start with [`analysis::analyse`].

pub mod analysis;
pub mod discover;
mod errors;
pub mod world;
