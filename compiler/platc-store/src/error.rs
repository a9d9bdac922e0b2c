//! What can go wrong with the world, and what can be wrong with a build that was found.
//!
//! An [`Error`] says that something could not be done, to which path, and what was being done to it. A
//! [`Fault`] is data: what `verify` found about one path. Not here: findings with codes; the driver
//! makes those. Start at [`Error`].

use std::path::{Path, PathBuf};
use std::{fmt, io};

use crate::{ArtifactPath, BadName, BuildId, Digest};

/// The result of everything here that touches the disk.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be done. Messages are lower case and name the path.
#[derive(Debug)]
pub enum Error {
    /// The system refused: full disk, missing permission, read-only file system, and so on.
    Io {
        /// What was being done.
        action: Action,
        /// To what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process holds the store in a way that excludes what was asked. Nothing waits here.
    Busy {
        /// The lock.
        path: PathBuf,
        /// Who holds it, as far as the system tells: ``process 4711 (`platc`)``.
        holder: String,
    },
    /// There is no build of that name.
    NoBuild {
        /// The name that was asked for.
        name: String,
    },
    /// Several builds begin with those digits.
    Ambiguous {
        /// The digits.
        prefix: String,
        /// The builds, sorted.
        ids: Vec<BuildId>,
    },
    /// A word has not the shape that it must have.
    Name(BadName),
    /// Two artifacts were given for one path.
    Twice {
        /// The path.
        path: ArtifactPath,
    },
    /// A path is at once a file and a directory of the build.
    Conflict {
        /// The artifact.
        file: ArtifactPath,
        /// The one that lies below it.
        below: ArtifactPath,
    },
    /// An artifact may not lie there.
    Misplaced {
        /// The path.
        path: ArtifactPath,
        /// Where it may.
        rule: &'static str,
    },
    /// A file of the store says something that it cannot say.
    Format {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Something that is needed is there, but wrong; `verify` finds everything of that sort.
    Damaged {
        /// Where.
        path: PathBuf,
        /// What is wrong.
        fault: Fault,
    },
    /// An artifact of this build could not be stored, so there is no build.
    Incomplete,
}

/// What was being done when the system refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the words are the documentation")]
pub enum Action {
    Create,
    Open,
    Read,
    Write,
    Link,
    Rename,
    Remove,
    List,
    Inspect,
    ChangeMode,
    Sync,
    Lock,
}

/// What is wrong with a path of a build or of the store.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fault {
    /// Nothing is there.
    Missing,
    /// Something is there that does not belong.
    Extra,
    /// Something other than what is expected: a directory, a link.
    NotA {
        /// What is expected: `file`, `directory`.
        expected: &'static str,
    },
    /// The wrong number of bytes.
    Size {
        /// As it should be.
        expected: u64,
        /// As it is.
        found: u64,
    },
    /// The wrong bytes.
    Bytes {
        /// Digest as it should be.
        expected: Digest,
        /// Digest as it is.
        found: Digest,
    },
    /// The wrong permission bits on disk.
    Mode {
        /// As they should be.
        expected: u32,
        /// As they are.
        found: u32,
    },
    /// A symbolic link that points elsewhere.
    Points {
        /// What it should look like.
        expected: String,
        /// Where it points.
        found: PathBuf,
    },
    /// It cannot be read.
    Unreadable {
        /// What the system said.
        reason: String,
    },
    /// It is not what its format allows.
    Format {
        /// The line or record, from 1.
        line: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl Error {
    /// The path that this is about, where there is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Io { path, .. }
            | Self::Busy { path, .. }
            | Self::Format { path, .. }
            | Self::Damaged { path, .. } => Some(path),
            Self::Twice { path } | Self::Misplaced { path, .. } | Self::Conflict { file: path, .. } => {
                Some(Path::new(path.as_str()))
            }
            Self::NoBuild { .. } | Self::Ambiguous { .. } | Self::Name(_) | Self::Incomplete => None,
        }
    }

    /// What sort of refusal this is, where the system refused: [`io::ErrorKind::StorageFull`],
    /// [`io::ErrorKind::PermissionDenied`], [`io::ErrorKind::ReadOnlyFilesystem`].
    pub fn io_kind(&self) -> Option<io::ErrorKind> {
        match self {
            Self::Io { source, .. } => Some(source.kind()),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { action, path, source } => write!(f, "cannot {action} `{}`: {source}", path.display()),
            Self::Busy { path, holder } => write!(f, "`{}` is held by {holder}", path.display()),
            Self::NoBuild { name } => write!(f, "there is no build `{name}`"),
            Self::Ambiguous { prefix, ids } => {
                write!(f, "`{prefix}` begins the ids of {} builds", ids.len())?;
                ids.iter()
                    .enumerate()
                    .try_for_each(|(at, id)| write!(f, "{} `{id}`", if at == 0 { ":" } else { "," }))
            }
            Self::Name(bad) => bad.fmt(f),
            Self::Twice { path } => write!(f, "two artifacts were given for `{path}`"),
            Self::Conflict { file, below } => {
                write!(f, "`{file}` is an artifact, so `{below}` cannot lie below it")
            }
            Self::Misplaced { path, rule } => write!(f, "`{path}` cannot be an artifact: {rule}"),
            Self::Format { path, line, reason } => write!(f, "`{}`, line {line}: {reason}", path.display()),
            Self::Damaged { path, fault } => write!(f, "`{}` {fault}", path.display()),
            Self::Incomplete => f.write_str("an artifact of this build could not be stored"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Name(bad) => Some(bad),
            _ => None,
        }
    }
}

impl From<BadName> for Error {
    fn from(bad: BadName) -> Self {
        Self::Name(bad)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Open => "open",
            Self::Read => "read",
            Self::Write => "write",
            Self::Link => "link",
            Self::Rename => "rename",
            Self::Remove => "remove",
            Self::List => "list",
            Self::Inspect => "inspect",
            Self::ChangeMode => "change the mode of",
            Self::Sync => "bring to disk",
            Self::Lock => "lock",
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing"),
            Self::Extra => f.write_str("does not belong there"),
            Self::NotA { expected } => write!(f, "is not a {expected}"),
            Self::Size { expected, found } => write!(f, "has {found} bytes, expected {expected}"),
            Self::Bytes { expected, found } => write!(f, "has SHA-256 {found}, expected {expected}"),
            Self::Mode { expected, found } => write!(f, "has mode {found:04o}, expected {expected:04o}"),
            Self::Points { expected, found } => {
                write!(f, "points to `{}`, expected {expected}", found.display())
            }
            Self::Unreadable { reason } => write!(f, "cannot be read: {reason}"),
            Self::Format { line, reason } => write!(f, "is damaged at line {line}: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_action_and_path() {
        let full = Error::Io {
            action: Action::Create,
            path: PathBuf::from("dist/store"),
            source: io::Error::from(io::ErrorKind::StorageFull),
        };
        assert_eq!(full.to_string(), "cannot create `dist/store`: no storage space");
        assert_eq!(full.io_kind(), Some(io::ErrorKind::StorageFull));
        assert_eq!(full.path(), Some(Path::new("dist/store")));
        let ids = vec![BuildId::of(b"a"), BuildId::of(b"b")];
        let message = Error::Ambiguous { prefix: "c".to_owned(), ids: ids.clone() }.to_string();
        assert_eq!(message, format!("`c` begins the ids of 2 builds: `{}`, `{}`", ids[0], ids[1]));
    }
}
