//! The pipeline: projects, phases, memo; and the world outside as a trait.
