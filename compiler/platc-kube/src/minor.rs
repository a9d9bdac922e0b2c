//! [`Minor`]: a minor version of Kubernetes, and [`Minors`], a range of them.

use std::fmt;

/// A minor version of Kubernetes 1: `1.35`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Minor(u8);

impl Minor {
    /// `1.minor`.
    pub const fn new(minor: u8) -> Self {
        Self(minor)
    }

    /// The minor of `1.35`, `v1.35.7` or `1.36.0-rc.1`.
    pub fn parse(version: &str) -> Option<Self> {
        let rest = version.strip_prefix('v').unwrap_or(version).strip_prefix("1.")?;
        let (minor, patch) = rest.split_once('.').map_or((rest, None), |(minor, patch)| (minor, Some(patch)));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let patch_is_right = patch.is_none_or(|patch| digits(patch.split(['-', '+']).next().unwrap_or("")));
        if digits(minor) && patch_is_right { minor.parse().ok().map(Self) } else { None }
    }

    /// The number behind `1.`.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The one after it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Minor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.0)
    }
}

/// From which minor to which something exists.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Minors {
    /// The first; `None` if it is older than the tables.
    pub since: Option<Minor>,
    /// The last; `None` if the newest minor still has it.
    pub until: Option<Minor>,
}

impl Minors {
    /// As long as the tables know.
    pub const ALWAYS: Self = Self { since: None, until: None };

    /// Whether `minor` is one of them.
    pub fn contains(self, minor: Minor) -> bool {
        self.since.is_none_or(|since| since <= minor) && self.until.is_none_or(|until| minor <= until)
    }

    /// Reads `34-`, `-35` and `34-35`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (since, until) = text.split_once('-')?;
        let side = |text: &str| match text {
            "" => Some(None),
            digits => digits.parse().ok().map(Minor).map(Some),
        };
        Some(Self { since: side(since)?, until: side(until)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_with_and_without_patch() {
        for text in ["1.35", "v1.35", "1.35.7", "v1.35.0-rc.1", "1.35.7+build"] {
            assert_eq!(Minor::parse(text), Some(Minor::new(35)), "{text}");
        }
        for text in ["", "35", "2.35", "1.", "1.x", "1.35.", "1.35.x", "1.350", "stable-1"] {
            assert_eq!(Minor::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_range_is_closed_at_both_ends() {
        let range = Minors::parse("34-35").unwrap();
        let inside: Vec<u8> = (33..=36).filter(|minor| range.contains(Minor::new(*minor))).collect();
        assert_eq!(inside, [34, 35]);
        assert!(Minors::parse("-35").unwrap().contains(Minor::new(1)));
        assert!(!Minors::parse("34-").unwrap().contains(Minor::new(33)));
    }
}
