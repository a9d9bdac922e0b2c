//! The checked words: path of an artifact, its kind, target, mode, owner, and what to restart.
//!
//! A value of one of these types can go into every file of a build without quoting that anybody could
//! get wrong: none holds a control character, and only a path may hold a blank, a quote or a backslash.
//! Not here: which kinds or targets exist; the store does not know. Start at [`ArtifactPath`].

use std::fmt;
use std::sync::Arc;

use crate::limits::{COMPONENT_BYTES_MAX, PATH_BYTES_MAX, PATH_DEPTH_MAX, WORD_BYTES_MAX};

/// A word that is not what it should be: which, and what would be right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadName {
    /// What it was to be: `a mode`.
    pub what: &'static str,
    /// What stood there.
    pub text: Box<str>,
    /// What would be right.
    pub rule: &'static str,
}

/// Where an artifact lies in the build: relative, `/` between components.
///
/// Any UTF-8 that sits in one line of a `SHA256SUMS` or a host's `MANIFEST`: systemd's `\x2d`, blanks
/// and quotes are in, control characters and `.`, `..` or empty components are not.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArtifactPath(Arc<str>);

/// What an artifact is, in the compiler's words: `host-file`, `workload`. Lower-case letters, digits
/// and `-`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(Arc<str>);

/// The name of a datacenter, cluster or host: letters, digits, `.`, `_` and `-`, a letter or digit first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

/// `user:group` of a file on a host. Names, not numbers: `stat` prints names, and so a host can compare.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(Arc<str>);

/// What to restart when a file changes: `kubelet.service`. Printable ASCII without commas, no blank at
/// either end.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unit(Arc<str>);

/// The permission bits that a file must have where it is delivered; in the build it is 0444.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mode(u16);

/// Whom an artifact is for. Written `platform`, `datacenter:dc1`, `cluster:a`, `host:dc1/web1`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Target {
    /// Everything at once: an inventory, a summary.
    Platform,
    /// Machines of a datacenter that are in no cluster.
    Datacenter(Name),
    /// A cluster.
    Cluster(Name),
    /// One host.
    Host {
        /// Its datacenter.
        datacenter: Name,
        /// Its name there.
        host: Name,
    },
}

/// A path below `hosts/<dc>/<host>/rootfs`, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct HostFile<'a> {
    pub(crate) datacenter: Name,
    pub(crate) host: Name,
    /// Where it lies on the host, absolute: `/etc/hosts`.
    pub(crate) on_host: &'a str,
}

impl BadName {
    pub(crate) fn new(what: &'static str, text: &str, rule: &'static str) -> Self {
        Self { what, text: text.into(), rule }
    }
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not {}: it must be {}", self.text, self.what, self.rule)
    }
}

impl std::error::Error for BadName {}

impl ArtifactPath {
    /// Checks a path.
    ///
    /// # Errors
    /// Where it is absolute, climbs, has an empty component or a control character, or breaks one of
    /// [`limits`](crate::limits).
    pub fn parse(text: &str) -> Result<Self, BadName> {
        Self::check(text).map(|()| Self(text.into()))
    }

    fn check(text: &str) -> Result<(), BadName> {
        let bad = |rule| Err(BadName::new("a path of an artifact", text, rule));
        if text.len() > PATH_BYTES_MAX {
            return bad("at most 1024 bytes long");
        }
        if text.bytes().any(|byte| byte.is_ascii_control()) {
            return bad("free of control characters");
        }
        let mut depth = 0;
        for component in text.split('/') {
            depth += 1;
            match component {
                "" | "." | ".." => {
                    return bad("relative, with no empty component, no `.` and no `..`");
                }
                _ if component.len() > COMPONENT_BYTES_MAX => {
                    return bad("made of components of at most 255 bytes");
                }
                _ => {}
            }
        }
        if depth > PATH_DEPTH_MAX {
            return bad("at most 32 components deep");
        }
        Ok(())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Taken apart, where it is a file on a host: `hosts/<dc>/<host>/rootfs/…`.
    pub(crate) fn host_file(&self) -> Option<HostFile<'_>> {
        let (datacenter, host, rest) = self.host_parts()?;
        let on_host = rest.strip_prefix(ROOTFS)?;
        on_host.starts_with('/').then_some(HostFile { datacenter, host, on_host })
    }

    /// `hosts/<dc>/<host>` and what is below, where it is below a host.
    pub(crate) fn host_parts(&self) -> Option<(Name, Name, &str)> {
        let (datacenter, rest) = self.0.strip_prefix(HOSTS)?.split_once('/')?;
        let (host, rest) = rest.split_once('/')?;
        Some((Name::parse(datacenter).ok()?, Name::parse(host).ok()?, rest))
    }
}

const HOSTS: &str = "hosts/";
const ROOTFS: &str = "rootfs";

/// The directories above `path`, outermost first.
pub(crate) fn ancestors(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at))
}

/// `hosts/<dc>/<host>/<file>`.
pub(crate) fn in_host(datacenter: &Name, host: &Name, file: &str) -> ArtifactPath {
    ArtifactPath(format!("{HOSTS}{}/{}/{file}", datacenter.as_str(), host.as_str()).into())
}

impl Mode {
    /// 0644: what most files have.
    pub const FILE: Self = Self(0o644);
    /// 0755: what programs have.
    pub const PROGRAM: Self = Self(0o755);
    /// 0600: what only the owner reads.
    pub const PRIVATE: Self = Self(0o600);

    /// Checks permission bits.
    ///
    /// # Errors
    /// Above 07777.
    pub fn new(bits: u16) -> Result<Self, BadName> {
        if bits > 0o7777 {
            return Err(BadName::new("a mode", &format!("{bits:o}"), "at most 7777, octal"));
        }
        Ok(Self(bits))
    }

    /// Reads four octal digits: `0644`.
    ///
    /// # Errors
    /// Where `text` is anything else.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let bad = || BadName::new("a mode", text, "four octal digits");
        if text.len() != 4 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'7')) {
            return Err(bad());
        }
        u16::from_str_radix(text, 8).map(Self).map_err(|_| bad())
    }

    /// The bits.
    pub const fn bits(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

impl fmt::Debug for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Target {
    /// A host.
    pub const fn host(datacenter: Name, host: Name) -> Self {
        Self::Host { datacenter, host }
    }

    /// Reads what [`Display`](fmt::Display) writes.
    ///
    /// # Errors
    /// Where `text` is anything else.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let bad = || {
            BadName::new(
                "a target",
                text,
                "`platform`, `datacenter:NAME`, `cluster:NAME` or `host:NAME/NAME`",
            )
        };
        if text == "platform" {
            return Ok(Self::Platform);
        }
        let (scope, name) = text.split_once(':').ok_or_else(bad)?;
        match scope {
            "datacenter" => Name::parse(name).map(Self::Datacenter),
            "cluster" => Name::parse(name).map(Self::Cluster),
            "host" => {
                let (datacenter, host) = name.split_once('/').ok_or_else(bad)?;
                Ok(Self::host(Name::parse(datacenter)?, Name::parse(host)?))
            }
            _ => Err(bad()),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Platform => f.write_str("platform"),
            Self::Datacenter(name) => write!(f, "datacenter:{name}"),
            Self::Cluster(name) => write!(f, "cluster:{name}"),
            Self::Host { datacenter, host } => write!(f, "host:{datacenter}/{host}"),
        }
    }
}

/// A word: its type, what it is called in messages, how it is checked, and what would be right.
macro_rules! words {
    ($($type:ident, $what:literal, $check:ident, $rule:literal;)*) => {$(
        impl $type {
            #[doc = concat!("Checks ", $what, ": ", $rule, ".")]
            ///
            /// # Errors
            /// Where it is anything else, or longer than 255 bytes.
            pub fn parse(text: &str) -> Result<Self, BadName> {
                if text.is_empty() || text.len() > WORD_BYTES_MAX || !$check(text) {
                    return Err(BadName::new($what, text, concat!($rule, ", at most 255 bytes")));
                }
                Ok(Self(text.into()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )*};
}

words! {
    Kind, "a kind of artifact", is_kind, "lower-case letters, digits and `-`, a letter first";
    Name, "a name", is_name, "letters, digits, `.`, `_` and `-`, a letter or digit first";
    Owner, "an owner", is_owner, "`user:group`, each of letters, digits, `.`, `_` and `-`, a letter or `_` first";
    Unit, "a unit", is_unit, "printable ASCII without commas, no blank at either end, not `-` alone";
}

fn is_kind(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

fn is_owner(text: &str) -> bool {
    text.split_once(':').is_some_and(|(user, group)| {
        [user, group].into_iter().all(|part| {
            let part = part.strip_prefix('_').unwrap_or(part);
            is_name(part) && !part.starts_with(|first: char| first.is_ascii_digit())
        })
    })
}

fn is_unit(text: &str) -> bool {
    text != "-"
        && text.trim_ascii() == text
        && text.bytes().all(|byte| (byte == b' ' || byte.is_ascii_graphic()) && byte != b',')
}

macro_rules! shown_as_text {
    ($($type:ident)*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        /// For looking up by plain text: the order is that of the bytes.
        impl std::borrow::Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

shown_as_text! { ArtifactPath Kind Name Owner Unit }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_hold_everything_that_fits_a_line() {
        for right in [
            "a",
            "a/b.c",
            "hosts/dc1/h/rootfs/etc/systemd/system/dev-disk-by\\x2duuid.mount",
            "with blank/and 'quotes\"",
            "-leading",
            "*?[",
            "ünïcode/界",
            " ",
            ".hidden/...",
        ] {
            assert!(ArtifactPath::parse(right).is_ok(), "{right}");
        }
        for wrong in ["", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a\nb", "a\tb", "a\u{7f}", "a\0"] {
            assert!(ArtifactPath::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn limits_of_paths() {
        let component = "c".repeat(COMPONENT_BYTES_MAX);
        assert!(ArtifactPath::parse(&component).is_ok());
        assert!(ArtifactPath::parse(&format!("{component}c")).is_err());
        let long = format!("{component}/{component}/{component}/{component}/c");
        assert_eq!(long.len(), PATH_BYTES_MAX + 1);
        assert!(ArtifactPath::parse(&long[1..]).is_ok());
        assert!(ArtifactPath::parse(&long).is_err());
        let deep = vec!["d"; PATH_DEPTH_MAX].join("/");
        assert!(ArtifactPath::parse(&deep).is_ok());
        assert!(ArtifactPath::parse(&format!("{deep}/d")).is_err());
        assert!(Name::parse(&"n".repeat(WORD_BYTES_MAX)).is_ok());
        assert!(Name::parse(&"n".repeat(WORD_BYTES_MAX + 1)).is_err());
    }

    #[test]
    fn words_are_what_they_say() {
        assert!(Kind::parse("host-file").is_ok());
        assert!(Name::parse("dc1.eu_west-2").is_ok());
        assert!(Owner::parse("root:systemd-network").is_ok() && Owner::parse("_apt:nogroup").is_ok());
        assert!(Unit::parse("foo@bar\\x2dbaz.service").is_ok() && Unit::parse("run:sysctl --system").is_ok());
        assert!(["", "A", "1a", "a b"].iter().all(|text| Kind::parse(text).is_err()));
        assert!(["", "-a", ".a", "a/b", "a:b", "ä"].iter().all(|text| Name::parse(text).is_err()));
        assert!(
            ["root", "root:", ":root", "a:b:c", "a b:c", "0:0"]
                .iter()
                .all(|text| Owner::parse(text).is_err())
        );
        assert!(["", "-", " a", "a ", "a,b", "a\tb", "ä"].iter().all(|text| Unit::parse(text).is_err()));
    }

    #[test]
    fn modes_and_targets_are_read_as_written() {
        for bits in [0, 0o600, 0o644, 0o4755, 0o7777] {
            let mode = Mode::new(bits).unwrap();
            assert_eq!(Mode::parse(&mode.to_string()), Ok(mode));
        }
        assert!(Mode::new(0o10000).is_err());
        assert!(["644", "00644", "0648", "", "+644"].iter().all(|text| Mode::parse(text).is_err()));
        for text in ["platform", "datacenter:dc1", "cluster:a", "host:dc1/web-1"] {
            assert_eq!(Target::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "cluster", "cluster:", "host:a", "host:a/b/c", "rack:r"] {
            assert!(Target::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_file_on_a_host_is_known_by_its_path() {
        let path = ArtifactPath::parse("hosts/dc1/web1/rootfs/etc/hosts").unwrap();
        let file = path.host_file().unwrap();
        assert_eq!(
            (file.datacenter.as_str(), file.host.as_str(), file.on_host),
            ("dc1", "web1", "/etc/hosts")
        );
        for other in ["hosts/dc1/web1/rootfs", "hosts/dc1/web1/MANIFEST", "clusters/a/rootfs/x"] {
            assert_eq!(ArtifactPath::parse(other).unwrap().host_file(), None, "{other}");
        }
    }
}
