//! `store/suspects`: what `verify` found wrong, until a build has repaired it.
//!
//! A build trusts objects by their size, because hashing each would cost as much as writing it. So what
//! `verify` found must be told to the next build: it hashes these objects before it uses them, and puts
//! these builds together anew. Not here: finding them (`verify`) and repairing them (`publish`). Start
//! at [`Suspects`].

use std::collections::BTreeSet;

use crate::lines;
use crate::scratch::Scratch;
use crate::site::{SUSPECTS, Site};
use crate::{BuildId, Digest, Manifest, Result};

/// What is not to be trusted by its looks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Suspects {
    /// Objects.
    pub(crate) objects: BTreeSet<Digest>,
    /// Directories of builds.
    pub(crate) builds: BTreeSet<BuildId>,
    /// What is said about builds.
    pub(crate) abouts: BTreeSet<BuildId>,
}

/// The list, or that it cannot be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Known {
    /// These, and only these.
    Exactly(Suspects),
    /// A line is damaged: whatever it named is not known, so everything is suspect.
    Damaged,
}

const OBJECT: &str = "object";
const BUILD: &str = "build";
const ABOUT: &str = "about";

impl Suspects {
    pub(crate) fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.builds.is_empty() && self.abouts.is_empty()
    }

    /// Whether this build, or anything in it, is among them.
    pub(crate) fn touch(&self, id: &BuildId, manifest: &Manifest) -> bool {
        self.builds.contains(id)
            || self.abouts.contains(id)
            || !self.objects.is_empty()
                && manifest.entries().iter().any(|entry| self.objects.contains(&entry.digest))
    }

    /// As lines, sorted.
    fn lines(&self) -> Vec<String> {
        let objects = self.objects.iter().map(|digest| format!("{OBJECT} {digest}"));
        let builds = self.builds.iter().map(|id| format!("{BUILD} {id}"));
        objects.chain(builds).chain(self.abouts.iter().map(|id| format!("{ABOUT} {id}"))).collect()
    }

    fn add(&mut self, line: &str) -> Option<()> {
        let (what, digest) = line.split_once(' ')?;
        let digest = Digest::parse(digest).ok()?;
        match what {
            OBJECT => self.objects.insert(digest),
            BUILD => self.builds.insert(digest.into()),
            ABOUT => self.abouts.insert(digest.into()),
            _ => return None,
        };
        Some(())
    }
}

/// Reads the list.
pub(crate) fn read(site: &Site) -> Result<Known> {
    let lines = lines::read(&site.store, SUSPECTS)?;
    let mut suspects = Suspects::default();
    let readable = lines.whole.iter().all(|line| suspects.add(line).is_some());
    Ok(if readable && lines.damaged.is_empty() { Known::Exactly(suspects) } else { Known::Damaged })
}

/// Adds to the list.
pub(crate) fn append(site: &Site, new: &Suspects) -> Result<()> {
    let before = lines::read(&site.store, SUSPECTS)?;
    let mut new = new.lines();
    new.retain(|line| !before.whole.contains(line));
    if new.is_empty() { Ok(()) } else { lines::append(&site.store, SUSPECTS, &before, &new) }
}

/// Replaces the list. Only for who holds the store alone.
pub(crate) fn rewrite(site: &Site, suspects: &Suspects, scratch: &Scratch) -> Result<()> {
    lines::rewrite(&site.store, SUSPECTS, &scratch.lines(), &suspects.lines())
}
