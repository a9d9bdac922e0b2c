//! Whether a build that stands is there, as far as a `stat` of each of its files tells.
//!
//! This is what makes a build of unchanged inputs cheap: one system call for each artifact, and none
//! for its bytes. Not here: hashing; see `verify`. Start at [`Presence`].

use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::limits::MANIFEST_BYTES_MAX;
use crate::manifest::{BUILD_JSON, SUMS};
use crate::parallel::{FILES_MIN, in_parts};
use crate::site::{Site, about_name};
use crate::suspects::{self, Known};
use crate::sys::{Dir, Shape};
use crate::{BuildId, Digest, Entry, Fault, Manifest, Result};

/// Whether a build is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Presence {
    /// Every file of it, with the right size and mode, and nothing about it is suspect.
    Whole,
    /// The first thing that is not as it should be. Building again repairs it.
    Lacking {
        /// Where.
        path: PathBuf,
        /// What.
        fault: Fault,
    },
    /// `verify` found something wrong with it that no build has repaired yet.
    Suspect,
}

/// Checks the build of an id, manifest included.
pub(crate) fn presence(site: &Site, id: &BuildId, threads: NonZeroUsize) -> Result<Presence> {
    let lacking = |path, fault| Ok(Presence::Lacking { path, fault });
    let dir = id.to_string();
    let json = format!("{dir}/{BUILD_JSON}");
    let path = site.builds.join(&json);
    let Some(bytes) = site.builds.read(&json, MANIFEST_BYTES_MAX)? else {
        return lacking(path, Fault::Missing);
    };
    let found = Digest::of(&bytes);
    if found != *id.digest() {
        return lacking(path, Fault::Bytes { expected: *id.digest(), found });
    }
    let manifest = match Manifest::parse(&bytes) {
        Ok(manifest) => manifest,
        Err(bad) => return lacking(path, Fault::Format { line: bad.line, reason: bad.reason }),
    };
    match suspects::read(site)? {
        Known::Exactly(suspects) if !suspects.touch(id, &manifest) => {}
        _ => return Ok(Presence::Suspect),
    }
    let about = about_name(id);
    if site.builds.stat(&about)?.is_none_or(|stat| stat.shape != Shape::Directory) {
        return lacking(site.builds.join(about), Fault::Missing);
    }
    Ok(match first_fault(site, id, &manifest, threads)? {
        Some((path, fault)) => Presence::Lacking { path, fault },
        None => Presence::Whole,
    })
}

/// The first file of a build that is not there as its manifest says.
pub(crate) fn first_fault(
    site: &Site,
    id: &BuildId,
    manifest: &Manifest,
    threads: NonZeroUsize,
) -> Result<Option<(PathBuf, Fault)>> {
    let name = id.to_string();
    match site.builds.stat(&name)?.map(|stat| stat.shape) {
        None => return Ok(Some((site.builds.join(name), Fault::Missing))),
        Some(Shape::Directory) => {}
        Some(_) => return Ok(Some((site.builds.join(name), Fault::NotA { expected: "directory" }))),
    }
    let dir = site.builds.sub(&name)?;
    let own = [(BUILD_JSON, None), (SUMS, Some(manifest.sums_size() as u64))];
    for (name, size) in own {
        // The manifest's own size is not told by anybody; whoever asks has its bytes.
        let fault = match dir.stat(name)? {
            None => Some(Fault::Missing),
            Some(stat) => stat.fault(size.unwrap_or(stat.size)),
        };
        if let Some(fault) = fault {
            return Ok(Some((dir.join(name), fault)));
        }
    }
    let parts = in_parts(threads, manifest.entries(), FILES_MIN, |entries| first_of(&dir, entries));
    parts.into_iter().find_map(Result::transpose).transpose()
}

fn first_of(dir: &Dir, entries: &[Entry]) -> Result<Option<(PathBuf, Fault)>> {
    for entry in entries {
        let path = entry.path.as_str();
        let fault = match dir.stat(path)? {
            None => Some(Fault::Missing),
            Some(stat) => stat.fault(entry.size),
        };
        if let Some(fault) = fault {
            return Ok(Some((dir.join(path), fault)));
        }
    }
    Ok(None)
}
