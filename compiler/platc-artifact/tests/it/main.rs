//! The tests of this crate that need more than one of its files: printers against independent readers,
//! documents from end to end.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

mod artifacts;
mod documents;
mod formats;
mod kubernetes;
mod properties;
mod readers;
mod strings;
mod tree;
