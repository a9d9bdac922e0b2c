//! Named limits. Everything that an input can make large has one here, with the reason for its size;
//! the code that reports it is named beside it, and its cases try it at the limit and one above.

/// Bytes of one source file (`E0108`). The largest real platform file seen has 1 % of this.
pub const FILE_BYTES: usize = 16 << 20;
/// Blocks within blocks (`E0107`). Nothing real nests deeper than twenty.
pub const NESTING: usize = 256;

/// Bytes of a policy's file (`E0707`). Rust gives 100 KB, JavaScript 2 MB, Python 18 MB; three times that.
pub const POLICY_FILE_BYTES: usize = 64 << 20;
/// WebAssembly fuel of one policy in one phase (`E0720`): some tenths of a second of computing. A rule that
/// looks at 5,000 services takes 1 % of it.
pub const POLICY_FUEL: u64 = 2_000_000_000;
/// What each node of the model adds to it: a rule that looks at everything takes a few percent of this.
pub const POLICY_FUEL_PER_NODE: u64 = 200_000;
/// Memory of one instance of a policy (`E0721`). A Rust policy over 5,000 services takes 4 MiB; an interpreter
/// with its libraries takes tens.
pub const POLICY_MEMORY_BYTES: usize = 256 << 20;
/// Core instances of one policy, and as many memories, and as many tables (`E0721`). A wrapped module has four
/// instances; a component that is linked from shared libraries has a few dozen.
pub const POLICY_PARTS: usize = 256;
/// Elements of all of a policy's tables (`E0721`). They hold the functions that are called indirectly: hundreds in a
/// Rust policy, tens of thousands in an interpreter.
pub const POLICY_TABLE_ELEMENTS: usize = 1 << 17;
/// Units of work that a policy may ask of the host in one phase (`E0722`); fuel does not count host calls.
/// A call is 100, a value 20, a byte 1, so this too is a few tenths of a second.
pub const POLICY_HOST_WORK: u64 = 50_000_000;
/// What each node of the model adds to it: a dozen values and their text.
pub const POLICY_HOST_WORK_PER_NODE: u64 = 2_000;
/// Stack of a policy (`E0723`). Real ones stay under 100 KiB.
pub const POLICY_STACK_BYTES: usize = 1 << 20;
/// Stack of the thread that a policy runs on. WebAssembly's own limit above counts only its frames; those
/// of the host functions that it calls come on top, and with 2 MiB a recursive policy took the process down.
pub const POLICY_THREAD_STACK_BYTES: usize = 8 << 20;
/// Bytes that a policy may hand to the host in one call, its findings above all (`E0724`).
pub const POLICY_OUTPUT_BYTES: usize = 16 << 20;
/// Findings, or patches, of one policy in one phase (`E0725`). Nobody reads the ten-thousandth.
pub const POLICY_FINDINGS: usize = 10_000;
/// Handles of nodes that a policy may hold at once (`E0722`). Every node of the largest model, twice.
pub const POLICY_HANDLES: usize = 1 << 20;
/// Bytes of one text of a finding; the rest is cut off, and the cut is visible.
pub const POLICY_TEXT_BYTES: usize = 8 << 10;
/// Bytes of the JSON Schema of a policy's settings (`E0708`).
pub const POLICY_SCHEMA_BYTES: usize = 256 << 10;
/// Rules of one policy (`E0708`).
pub const POLICY_RULES: usize = 256;
/// Bytes of a policy's log that are kept for its author; the rest is dropped.
pub const POLICY_LOG_BYTES: usize = 64 << 10;
