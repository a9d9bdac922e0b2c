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
/// Bytes of one text that an expression gives (`E0318`): more fits into no environment variable.
pub const VALUE_BYTES: usize = 1 << 20;
/// Elements of one list that an expression gives (`E0318`).
pub const LIST_ELEMENTS: usize = 10_000;
/// Steps of one expression (`E0318`). A step is one operation; a large real one takes a hundred.
pub const EXPRESSION_STEPS: u32 = 100_000;
/// Values that depend on values (`E0319`), before it is said that they go round in circles.
pub const VALUE_DEPTH: usize = 32;
/// Declarations of one platform, templates and loops expanded (`E0212`).
pub const DECLARATIONS: usize = 200_000;
/// Templates within templates (`E0211`).
pub const TEMPLATE_DEPTH: usize = 32;

/// Bytes of text in one document of an artifact. Kubernetes refuses objects beyond 1.5 MiB and the
/// largest single document a build writes is a list of routes; offsets must fit 32 bits in any case.
pub const DOC_BYTES: usize = 64 << 20;
/// Entries on the tape of one document, sixteen bytes each. A host's routes to ten thousand others are
/// 3 % of this; a runaway loop ends here.
pub const DOC_EVENTS: usize = 4 << 20;
/// Containers within containers in one document, embedded documents included. Source nests at most
/// [`NESTING`] deep; what an emitter wraps around it has a dozen levels.
pub const DOC_NESTING: usize = 2 * NESTING;
/// Bytes of the path of an artifact. Layers of an OCI image cut longer ones.
pub const ARTIFACT_PATH_BYTES: usize = 1024;
/// Bytes of one part of the path of an artifact: `NAME_MAX` of every file system in use.
pub const ARTIFACT_NAME_BYTES: usize = 255;
/// Bytes of one line for HAProxy: its `LINESIZE` is 2048 with the line's end.
pub const HAPROXY_LINE_BYTES: usize = 2046;
/// Words in one line for HAProxy: its `MAX_LINE_ARGS`; it drops what is beyond.
pub const HAPROXY_LINE_WORDS: usize = 64;
/// Bytes of one word for nginx, quotes included: it reads through a buffer of 4096 (`NGX_CONF_BUFFER`).
pub const NGINX_WORD_BYTES: usize = 4000;
/// Bytes of one line for keepalived: its `MAXBUF` is 1024 with the line's end.
pub const KEEPALIVED_LINE_BYTES: usize = 1022;
/// Bytes of one line for systemd: its `LONG_LINE_MAX`.
pub const SYSTEMD_LINE_BYTES: usize = (1 << 20) - 1;

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
/// Bytes of stack of a thread on which a server works: as much as a process's first thread has.
pub const SERVER_STACK_BYTES: usize = 8 << 20;
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

/// Bytes of one environment variable or argument of a program (`E0416`, `E0622`), `NAME=VALUE` without the final
/// zero: Linux takes no longer string (`MAX_ARG_STRLEN`, 32 pages).
pub const ENV_BYTES: usize = 131_071;
/// Bytes of such a variable from which on it is said (`E0620`): three quarters, so that there is time.
pub const ENV_BYTES_TIGHT: usize = ENV_BYTES / 4 * 3;
