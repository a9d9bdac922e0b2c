//! Two manifests side by side: which files came, went, or are not what they were.
//!
//! Not here: what a difference means for pods and hosts; that is the business of `platc diff`, which
//! reads these. Start at [`compare`].

use std::cmp::Ordering;

use crate::{ArtifactPath, Entry, Manifest};

/// One path that is not the same in both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change<'a> {
    /// Only in the second.
    Added(&'a Entry),
    /// Only in the first.
    Removed(&'a Entry),
    /// Other bytes; the mode or the words may differ too.
    Changed {
        /// In the first.
        before: &'a Entry,
        /// In the second.
        after: &'a Entry,
    },
    /// The same bytes with another mode; the words may differ too.
    ModeChanged {
        /// In the first.
        before: &'a Entry,
        /// In the second.
        after: &'a Entry,
    },
    /// The same bytes and mode; another kind or target.
    Relabelled {
        /// In the first.
        before: &'a Entry,
        /// In the second.
        after: &'a Entry,
    },
}

impl<'a> Change<'a> {
    /// The path.
    pub fn path(&self) -> &'a ArtifactPath {
        match self {
            Self::Added(entry) | Self::Removed(entry) => &entry.path,
            Self::Changed { after, .. }
            | Self::ModeChanged { after, .. }
            | Self::Relabelled { after, .. } => &after.path,
        }
    }
}

/// What is to be done to `before` so that it becomes `after`, sorted by path.
pub fn compare<'a>(before: &'a Manifest, after: &'a Manifest) -> Vec<Change<'a>> {
    let mut changes = Vec::new();
    let mut old = before.entries().iter().peekable();
    let mut new = after.entries().iter().peekable();
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return changes,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(before), Some(after)) => before.path.cmp(&after.path),
        };
        match order {
            Ordering::Less => changes.extend(old.next().map(Change::Removed)),
            Ordering::Greater => changes.extend(new.next().map(Change::Added)),
            Ordering::Equal => {
                changes
                    .extend(old.next().zip(new.next()).and_then(|(before, after)| difference(before, after)));
            }
        }
    }
}

fn difference<'a>(before: &'a Entry, after: &'a Entry) -> Option<Change<'a>> {
    if before.digest != after.digest {
        Some(Change::Changed { before, after })
    } else if before.mode != after.mode {
        Some(Change::ModeChanged { before, after })
    } else if before != after {
        Some(Change::Relabelled { before, after })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Digest, Kind, Mode, Target};

    fn entry(path: &str, bytes: &str, mode: Mode, kind: &str) -> Entry {
        Entry {
            path: ArtifactPath::parse(path).unwrap(),
            kind: Kind::parse(kind).unwrap(),
            target: Target::Platform,
            mode,
            size: bytes.len() as u64,
            digest: Digest::of(bytes.as_bytes()),
        }
    }

    #[test]
    fn each_sort_of_change_is_told_apart() {
        let before = Manifest::new(vec![
            entry("bytes", "a", Mode::FILE, "k"),
            entry("gone", "a", Mode::FILE, "k"),
            entry("kind", "a", Mode::FILE, "k"),
            entry("mode", "a", Mode::FILE, "k"),
            entry("same", "a", Mode::FILE, "k"),
        ])
        .unwrap();
        let after = Manifest::new(vec![
            entry("bytes", "b", Mode::PROGRAM, "k"),
            entry("kind", "a", Mode::FILE, "l"),
            entry("mode", "a", Mode::PROGRAM, "l"),
            entry("new", "a", Mode::FILE, "k"),
            entry("same", "a", Mode::FILE, "k"),
        ])
        .unwrap();
        let changes = compare(&before, &after);
        let words: Vec<(&str, &str)> = changes
            .iter()
            .map(|change| {
                let word = match change {
                    Change::Added(_) => "added",
                    Change::Removed(_) => "removed",
                    Change::Changed { .. } => "changed",
                    Change::ModeChanged { .. } => "mode",
                    Change::Relabelled { .. } => "relabelled",
                };
                (change.path().as_str(), word)
            })
            .collect();
        assert_eq!(
            words,
            [
                ("bytes", "changed"),
                ("gone", "removed"),
                ("kind", "relabelled"),
                ("mode", "mode"),
                ("new", "added")
            ]
        );
        assert!(compare(&before, &before).is_empty());
    }
}
