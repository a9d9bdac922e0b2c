//! Named limits. Everything that an input can make large has one here, with the reason for its size;
//! the code that reports it is named beside it, and its cases try it at the limit and one above.

/// Bytes of one source file (`E0108`). The largest real platform file seen has 1 % of this.
pub const FILE_BYTES: usize = 16 << 20;
/// Blocks within blocks (`E0107`). Nothing real nests deeper than twenty.
pub const NESTING: usize = 256;
/// Problems of one file that are kept (`E0110`). Nobody reads more, and a file of nothing but mistakes
/// would otherwise take gigabytes.
pub const FILE_PROBLEMS: usize = 256;
/// Places of one file that the fix of `E0102` changes at once; it can be applied again.
pub const LEGACY_PLACES: usize = 10_000;
/// Longest text that a fix repeats. What is longer was not meant to be one value.
pub const FIX_BYTES: usize = 4096;
/// Depth of one expression's tree (`E0107`), so that whoever walks it may recurse.
pub const EXPRESSION_NESTING: usize = 64;
/// Bytes of one expression (`E0113`). Longer ones have parts that deserve a `let`.
pub const EXPRESSION_BYTES: usize = 4096;
/// Depth of one type expression (`E0107`). Real ones have three levels.
pub const TYPE_NESTING: usize = 16;
