//! Tests of the crate from outside: one module for each promise it makes.
//!
//! Not here: small tests of single functions; they are beside the functions.
//!
//! Start with `conformance.rs` for the language, `recovery.rs` for mistakes, `layout.rs` for the formatter.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops where something is not as it must be"
)]

mod agreement;
mod common;
mod conformance;
mod expressions;
mod layout;
mod limits;
mod lossless;
mod pages;
mod promises;
mod recovery;
mod view;
