//! The language's promises that are held elsewhere than in case files: pages of codes, examples of kinds.
//!
//! Not here: cases of the language (`cases.rs`, `platc-sema/cases`).
//!
//! Start with `pages`.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test: it reads its inputs, makes a directory, and fails loudly"
)]

mod language {
    mod drafts;
    mod examples;
    mod files;
    mod kinds;
    mod limits;
    mod pages;
    pub(crate) mod platform;
    mod thirty;
    mod views;
}
