//! Tests of the pipeline over whole platforms: those in `examples/`, with the programs that will read what
//! comes out.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "tests: they fail loudly")]

mod manifests;
mod nasty;
mod order;
mod sizes;
