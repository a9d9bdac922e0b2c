//! Tests only: Markdown cases, cursor markers, golden files, sandboxes.

pub mod tools;
