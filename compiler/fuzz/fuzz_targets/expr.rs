//! Any text is read as an expression, as a template and as a type.
#![no_main]
#![allow(dead_code, reason = "the promises of all targets are in one file")]

#[path = "../../platc-syntax/tests/promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|text: &str| {
    promises::expressions_hold(text);
});
