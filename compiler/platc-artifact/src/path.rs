//! [`ArtifactPath`]: where an artifact lies in a build. A path that exists is safe to join to a directory,
//! on every system that a build may be unpacked on.
//!
//! Not here: the layout of a build; emitters know theirs. Start with [`ArtifactPath::parse`].

use std::fmt;

use platc_diag::limits;

/// A relative path of portable names with `/` between them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ArtifactPath(String);

/// What keeps a text from being the path of an artifact.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PathFault {
    /// It has no characters.
    Empty,
    /// It begins with `/`.
    Absolute,
    /// A part of it is empty, `.` or `..`.
    Dots,
    /// A part begins with `-`, which commands take for an option, or ends in `.`, which Windows drops.
    Edge,
    /// A character is none of ASCII letters, digits and `. _ - + @ = , ~`.
    Character(char),
    /// Beyond `limits::ARTIFACT_PATH_BYTES`, or a part beyond `limits::ARTIFACT_NAME_BYTES`.
    TooLong,
}

impl ArtifactPath {
    /// The path that `text` is.
    ///
    /// # Errors
    ///
    /// If it leads elsewhere, or if it has a name that not every file system takes.
    pub fn parse(text: impl Into<String>) -> Result<Self, PathFault> {
        let text = text.into();
        check(&text).map(|()| Self(text))
    }

    /// The path as text, with `/` between its parts on every system.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ArtifactPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for PathFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a path has at least one name"),
            Self::Absolute => f.write_str("a path in a build is relative"),
            Self::Dots => f.write_str("a part of a path is a name, not empty, `.` or `..`"),
            Self::Edge => f.write_str("a name in a path neither begins with `-` nor ends in `.`"),
            Self::Character(c) => {
                write!(f, "a name in a path is letters, digits and `._-+@=,~`, not U+{:04X}", u32::from(*c))
            }
            Self::TooLong => write!(
                f,
                "a path has at most {} bytes and a name in it {}",
                limits::ARTIFACT_PATH_BYTES,
                limits::ARTIFACT_NAME_BYTES
            ),
        }
    }
}

impl std::error::Error for PathFault {}

fn check(path: &str) -> Result<(), PathFault> {
    if path.is_empty() {
        return Err(PathFault::Empty);
    }
    if path.starts_with('/') {
        return Err(PathFault::Absolute);
    }
    if path.len() > limits::ARTIFACT_PATH_BYTES {
        return Err(PathFault::TooLong);
    }
    path.split('/').try_for_each(check_name)
}

fn check_name(name: &str) -> Result<(), PathFault> {
    let is_portable = |c: char| c.is_ascii_alphanumeric() || "._-+@=,~".contains(c);
    if matches!(name, "" | "." | "..") {
        return Err(PathFault::Dots);
    }
    if let Some(c) = name.chars().find(|c| !is_portable(*c)) {
        return Err(PathFault::Character(c));
    }
    if name.starts_with('-') || name.ends_with('.') {
        return Err(PathFault::Edge);
    }
    if name.len() > limits::ARTIFACT_NAME_BYTES {
        return Err(PathFault::TooLong);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_a_build_is_a_path() {
        for path in [
            "hosts/dc-a/a-m1/rootfs/etc/kubernetes/patches/kubeletconfiguration0+merge.yaml",
            "clusters/prod-a/30-workloads/metrics.ingest.yaml",
            "rootfs/etc/systemd/network/10-eth1.network.d/50-pod-routes.conf",
            "rootfs/etc/systemd/system/getty@tty1.service",
            "a",
            "..a/.b",
        ] {
            assert_eq!(ArtifactPath::parse(path).map(|path| path.0).as_deref(), Ok(path));
        }
    }

    #[test]
    fn what_leads_elsewhere_is_none() {
        for (path, fault) in [
            ("", PathFault::Empty),
            ("/etc/passwd", PathFault::Absolute),
            ("a/../b", PathFault::Dots),
            ("..", PathFault::Dots),
            ("a//b", PathFault::Dots),
            ("a/", PathFault::Dots),
            ("./a", PathFault::Dots),
            ("a\\b", PathFault::Character('\\')),
            ("C:a", PathFault::Character(':')),
            ("a b", PathFault::Character(' ')),
            ("a\n", PathFault::Character('\n')),
            ("ä", PathFault::Character('ä')),
            ("-rf", PathFault::Edge),
            ("a./b", PathFault::Edge),
        ] {
            assert_eq!(ArtifactPath::parse(path), Err(fault), "{path:?}");
        }
    }

    #[test]
    fn limits_hold_at_their_edge() {
        let name = "n".repeat(limits::ARTIFACT_NAME_BYTES);
        assert!(ArtifactPath::parse(name.clone()).is_ok());
        assert_eq!(ArtifactPath::parse(format!("{name}n")), Err(PathFault::TooLong));
        let path = "a/".repeat(limits::ARTIFACT_PATH_BYTES / 2 - 1) + "aa";
        assert_eq!(path.len(), limits::ARTIFACT_PATH_BYTES);
        assert!(ArtifactPath::parse(path.clone()).is_ok());
        assert_eq!(ArtifactPath::parse(format!("{path}a")), Err(PathFault::TooLong));
    }
}
