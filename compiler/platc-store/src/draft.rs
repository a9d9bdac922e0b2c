//! A build that is not written: its manifest and its hosts' lists, as they would be.
//!
//! What a build would deliver can be compared with one that stands before anything touches the disk. The
//! manifest is the one that [`Build`](crate::Build) would give, so their ids are equal where their files
//! are. Start at [`Draft::new`].

use std::collections::BTreeMap;

use crate::write::{HostLists, delivered, host_files};
use crate::{ArtifactPath, Entry, Known, Manifest, Meta, Result};

/// What a build would deliver.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    manifest: Manifest,
    lists: BTreeMap<ArtifactPath, Vec<u8>>,
}

impl Draft {
    /// The build of these artifacts, in whatever order they come.
    ///
    /// # Errors
    /// As [`Build::put`](crate::Build::put) and [`Build::finish`](crate::Build::finish), as far as those
    /// are about paths.
    pub fn new(artifacts: Vec<(ArtifactPath, Meta, Known)>) -> Result<Self> {
        let mut entries = Vec::with_capacity(artifacts.len());
        let mut hosts = HostLists::default();
        for (path, meta, known) in artifacts {
            let Meta { kind, mode, delivery } = meta;
            let (target, install) = delivered(&path, delivery)?;
            let entry = Entry { path, kind, target, mode, size: known.size, digest: known.digest };
            if let Some(install) = &install {
                hosts.add(&entry, install);
            }
            entries.push(entry);
        }
        let mut lists = BTreeMap::new();
        for (entry, bytes) in host_files(hosts)? {
            lists.insert(entry.path.clone(), bytes);
            entries.push(entry);
        }
        Ok(Self { manifest: Manifest::new(entries)?, lists })
    }

    /// What it would deliver.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The bytes of a host's `MANIFEST` or `ROOT`.
    pub fn list(&self, path: &ArtifactPath) -> Option<&[u8]> {
        self.lists.get(path).map(Vec::as_slice)
    }
}
