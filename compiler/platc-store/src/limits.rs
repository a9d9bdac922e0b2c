//! The limits of this crate, each with its reason. Each has two tests: at it, and one above.

/// Longest path of an artifact, in bytes. `PATH_MAX` is 4,096, and the directory that the user chose
/// comes before it.
pub const PATH_BYTES_MAX: usize = 1024;

/// Longest component of a path, in bytes: what every common file system takes (`NAME_MAX`).
pub const COMPONENT_BYTES_MAX: usize = 255;

/// Deepest path, in components. Removing a tree keeps a directory open for each.
pub const PATH_DEPTH_MAX: usize = 32;

/// Longest kind, name, owner or unit, in bytes.
pub const WORD_BYTES_MAX: usize = 255;

/// Largest manifest that is read, in bytes: about four million artifacts. What is larger is not a
/// manifest, and reading it would take the memory of the machine.
pub const MANIFEST_BYTES_MAX: u64 = 1 << 30;
