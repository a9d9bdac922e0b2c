//! The layout of any text says what the text says, keeps its comments, and is its own layout.
//!
//! Not here: the promise itself. Start with `layout_holds` in `platc-syntax/tests/promises.rs`.
#![no_main]
#![allow(dead_code, reason = "the promises of all targets are in one file")]

#[path = "../../platc-syntax/tests/promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|text: &str| {
    promises::layout_holds(text);
});
