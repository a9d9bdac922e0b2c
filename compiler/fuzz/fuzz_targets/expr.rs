//! Any text is read as an expression, as a template and as a type.
//!
//! Not here: the promise itself. Start with `expressions_hold` in `platc-syntax/tests/promises.rs`.
#![no_main]
#![allow(dead_code, reason = "the promises of all targets are in one file")]

#[path = "../../platc-syntax/tests/promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|text: &str| {
    promises::expressions_hold(text);
});
