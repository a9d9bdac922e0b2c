//! Texts that several test modules try, and a source of chance that is the same in each run.
//!
//! Not here: what must hold for them (`promises.rs`).
//!
//! Start with [`INPUTS`] and [`FRAGMENTS`].

use platc_syntax::Tree;

use crate::promises::{read, shown};

/// Reads a text that must be sound.
pub(crate) fn sound(text: &str) -> Tree {
    let parsed = read(text);
    assert!(parsed.problems.is_empty(), "{text:?} has problems: {}", shown(&parsed.problems));
    parsed.tree
}

/// Files as people write them.
pub(crate) const INPUTS: &[&str] = &[
    include_str!("inputs/platform.kdl"),
    include_str!("inputs/services.kdl"),
    include_str!("inputs/types.kdl"),
    include_str!("inputs/odd.kdl"),
];

/// What texts are made of where random characters would rarely mean anything.
pub(crate) const FRAGMENTS: &[&str] = &[
    "a",
    "b-c",
    " ",
    " ",
    " ",
    "\n",
    "\n",
    "\n    ",
    "\r\n",
    ";",
    "; ",
    "{",
    "}",
    " { ",
    " }",
    "{ x; y }",
    "(",
    ")",
    "(t)",
    "=",
    "k=",
    "k=1",
    " 1",
    " -2.5e3",
    " 0x1F",
    "12GiB",
    " #true",
    " #null",
    "#inf",
    "#",
    "##",
    "true",
    " null",
    "\"",
    "\"\"\"",
    "\"\"\"\n",
    " \"text\"",
    " \"a\\nb\"",
    "\\",
    "\\\n",
    "\\ // c\n",
    "\\/",
    "\\u{e9}",
    "\\u{",
    "#\"",
    "\"#",
    "#\"raw\"#",
    "#\"\"\"\n  x\n  \"\"\"#",
    "r\"old\"",
    "r#\"",
    "/-",
    "/- ",
    "/",
    "//",
    "// note",
    "/// doc\n",
    "/*",
    "*/",
    "/* c */",
    "[",
    "]",
    ",",
    ".",
    ".5",
    "\u{feff}",
    "\u{7f}",
    "\u{202e}",
    "\u{85}",
    "\u{2028}",
    "\u{3000}",
    "é",
    "🦀",
    "${",
    "${a.b}",
    "$${",
    "'",
    "  ",
    "\t",
];

/// Texts made of [`FRAGMENTS`].
pub(crate) fn texts() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    prop::collection::vec(prop::sample::select(FRAGMENTS), 0..40).prop_map(|parts| parts.concat())
}

/// Numbers that look random and are the same in each run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number below `end`, or 0 if that is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // xorshift64*, from Vigna, "An experimental exploration of Marsaglia's xorshift generators".
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap() % end.max(1)
    }

    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}
