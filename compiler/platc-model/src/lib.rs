//! Typed kinds and scalars, generated from stdlib/kinds: the contract between phases.
