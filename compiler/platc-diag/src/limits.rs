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
