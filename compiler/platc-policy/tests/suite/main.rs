//! The host, tried by policies that behave and by policies that do not.
//!
//! Hostile ones are written in WebAssembly's text format ([`guest`]); the ones that behave are those of the
//! library, compiled from Rust. Both judge a platform made by hand ([`fake`]).
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, which clippy does not know for such; a directory of a test's own is real"
)]

mod cache;
mod fake;
mod files;
mod guest;
mod hostile;
mod library;
mod limits;
mod mutate;
mod support;
