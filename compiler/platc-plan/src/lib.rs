//! From the model to the plan: every default, allocation, order and size, and the proofs.

pub mod cpus;
