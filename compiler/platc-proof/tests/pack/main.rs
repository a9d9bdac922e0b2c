//! The packer: against a search that is too simple to be wrong, and against the best known lower bound.
//!
//! Start with `brute_force` for whether it is right, `quality` for how well it packs.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test: it fails loudly")]

mod bound;
mod brute_force;
mod quality;
mod random;
