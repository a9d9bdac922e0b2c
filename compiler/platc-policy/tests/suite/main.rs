//! The host, tried by policies that behave and by policies that do not.
//!
//! Hostile ones are written in WebAssembly's text format ([`guest`]); the ones that behave are those of the
//! library, compiled from Rust. Both judge a platform made by hand ([`fake`]).

mod cache;
mod fake;
mod files;
mod guest;
mod hostile;
mod library;
mod limits;
mod mutate;
mod support;
