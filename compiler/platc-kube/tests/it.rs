//! The tables as a whole, the documents of the node's programs, agreement with an independent validator.

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
