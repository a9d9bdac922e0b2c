//! The pipeline: from a directory to a model, a plan and artifacts, phase by phase; and the world outside
//! as a trait.
//!
//! Not here: what a phase does (each has a crate), and what is said on a terminal (the binary).
//!
//! Start with [`analysis::analyse`], then [`judge::model`] and [`build::build`].

pub mod analysis;
mod assets;
pub mod audit;
pub mod build;
pub mod cases;
pub mod decisions;
pub mod discover;
pub mod emission;
mod errors;
pub mod explain;
pub mod facts;
pub mod findings;
pub mod fix;
pub mod golden;
pub mod images;
pub mod judge;
pub mod plugins;
mod provenance;
pub mod record;
pub mod rendered;
pub mod schema;
pub mod tests;
pub mod trace;
pub mod upgrade;
pub mod values;
pub mod view;
pub mod waivers;
pub mod world;
