//! Any text is read without panic, without losing a byte, and every place that is reported is one.
//!
//! Not here: the promise itself. Start with `tree_holds` in `platc-syntax/tests/promises.rs`.
#![no_main]
#![allow(dead_code, reason = "the promises of all targets are in one file")]

#[path = "../../platc-syntax/tests/promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|text: &str| {
    promises::tree_holds(text);
});
