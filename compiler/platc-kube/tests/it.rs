//! The tables as a whole, the documents of the node's programs, agreement with an independent validator.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and reads files and runs tools"
)]

#[path = "support.rs"]
mod support;

#[path = "it/agreement.rs"]
mod agreement;
#[path = "it/configs.rs"]
mod configs;
#[path = "it/differences.rs"]
mod differences;
#[path = "it/fresh.rs"]
mod fresh;
#[path = "it/tables.rs"]
mod tables;
