//! Our parser and the `kdl` crate accept the same documents, with the same names and values.
//!
//! Not here: the promise itself. Start with `parsers_agree` in `platc-syntax/tests/promises.rs`.
#![no_main]
#![allow(dead_code, reason = "the promises of all targets are in one file")]

#[path = "../../platc-syntax/tests/promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|text: &str| {
    promises::parsers_agree(text);
});
