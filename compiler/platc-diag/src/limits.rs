//! Named limits. Everything that an input can make large has one here, with the reason for its size;
//! the code that reports it is named beside it, and its cases try it at the limit and one above.

/// Bytes of one source file (`E0108`). The largest real platform file seen has 1 % of this.
pub const FILE_BYTES: usize = 16 << 20;
/// Blocks within blocks (`E0107`). Nothing real nests deeper than twenty.
pub const NESTING: usize = 256;
