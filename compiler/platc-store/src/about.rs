//! `builds/<id>.about/`: what is said about a build and is not part of it.
//!
//! Plan, origins, findings and provenance change when only a comment does, so they are outside the id.
//! They are replaced as a set, in one instant, and only when one of them differs; those that do not
//! stay the same files. A `SHA256SUMS` of their own makes a damaged one noticed. Not here: what they
//! say; the caller gives bytes. Start at [`About`].

use std::collections::BTreeMap;

use crate::manifest::{SUMS, write_sum};
use crate::scratch::{Scratch, install};
use crate::site::{Site, about_name};
use crate::sys::{Dir, SEALED_DIR, SEALED_FILE, Shape, cannot_link};
use crate::{Action, BuildId, Digest, Error, Name, Result};

/// The files beside a build, by name: `plan.json`, `origins.json`, `findings.json`, `provenance.json`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct About {
    files: BTreeMap<Name, Vec<u8>>,
}

impl About {
    /// Nothing is said.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says something; what was said under that name before is forgotten.
    ///
    /// # Errors
    /// Where the name is `SHA256SUMS`, which is made here, or no name at all.
    pub fn insert(&mut self, name: &str, bytes: Vec<u8>) -> Result<()> {
        let path = Name::parse(name)?;
        if name == SUMS {
            let path = crate::ArtifactPath::parse(name)?;
            return Err(Error::Misplaced { path, rule: "`SHA256SUMS` is made from the other files" });
        }
        self.files.insert(path, bytes);
        Ok(())
    }

    /// The files with their sums, by name.
    fn complete(&self) -> BTreeMap<&str, &[u8]> {
        self.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect()
    }

    fn sums(&self) -> Vec<u8> {
        let mut sums = Vec::new();
        for (name, bytes) in &self.files {
            write_sum(&mut sums, &Digest::of(bytes), name.as_str());
        }
        sums
    }

    /// Whether exactly this lies there already.
    pub(crate) fn lies(&self, site: &Site, id: &BuildId) -> Result<bool> {
        let name = about_name(id);
        let standing = site.builds.stat(&name)?;
        if standing.is_none_or(|stat| stat.shape != Shape::Directory || stat.mode != SEALED_DIR) {
            return Ok(false);
        }
        let dir = site.builds.sub(&name)?;
        let sums = self.sums();
        let mut files = self.complete();
        files.insert(SUMS, &sums);
        let names = dir.list()?;
        if !names.iter().map(|listed| listed.name.to_str()).eq(files.keys().map(|name| Some(*name))) {
            return Ok(false);
        }
        for (name, bytes) in files {
            if !same(&dir, name, bytes)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Puts this there, whatever lies there.
    pub(crate) fn put(&self, site: &Site, id: &BuildId, scratch: &Scratch) -> Result<()> {
        let (temporary, name) = (scratch.about(), about_name(id));
        let dir = site.builds.make_sub(&temporary)?;
        let before = site.builds.sub(&name).ok();
        let sums = self.sums();
        let mut files = self.complete();
        files.insert(SUMS, &sums);
        for (name, bytes) in files {
            let linked = match &before {
                Some(before) if same(before, name, bytes)? => link(before, name, &dir)?,
                _ => false,
            };
            if !linked {
                dir.write_new(name, bytes)?;
            }
        }
        site.builds.change_mode(&temporary, SEALED_DIR)?;
        install(site, (&temporary, &name), scratch, || Ok(false))
    }
}

fn same(dir: &Dir, name: &str, bytes: &[u8]) -> Result<bool> {
    let size = bytes.len() as u64;
    Ok(dir.stat(name)?.is_some_and(|stat| stat.mode == SEALED_FILE && stat.size == size)
        && dir.read(name, size)?.is_some_and(|there| there == bytes))
}

fn link(from: &Dir, name: &str, to: &Dir) -> Result<bool> {
    match from.link(name, to, name) {
        Ok(()) => Ok(true),
        Err(errno) if cannot_link(errno) => Ok(false),
        Err(errno) => Err(to.failed(Action::Link, name, errno)),
    }
}
