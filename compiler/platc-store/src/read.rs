//! Finding and reading a build that stands.
//!
//! What is read is checked: a manifest against the id, a file against the manifest. Not here: checking
//! all of it at once; see `verify`. Start at [`StoredBuild`].

use std::path::{Path, PathBuf};

use crate::limits::MANIFEST_BYTES_MAX;
use crate::manifest::{BUILD_JSON, SUMS};
use crate::site::{BUILDS, CURRENT, about_name};
use crate::sys::{Dir, Faults};
use crate::{BuildId, Entry, Error, Fault, Manifest, Name, Result, Store};

/// A build that stands: its manifest, and where its files are.
#[derive(Clone, Debug)]
pub struct StoredBuild {
    id: BuildId,
    dir: PathBuf,
    manifest: Manifest,
}

impl StoredBuild {
    /// Opens a build by the path of its directory, in a store or outside.
    ///
    /// # Errors
    /// Where there is no manifest, or it is not one, or not that of the directory's name.
    pub fn open(dir: &Path) -> Result<Self> {
        let open = Dir::open(dir, &Faults::default())?;
        let json = open.read(BUILD_JSON, MANIFEST_BYTES_MAX)?;
        let json = json.ok_or_else(|| open.damaged(BUILD_JSON, Fault::Missing))?;
        let id = BuildId::of(&json);
        // A directory that has the name of a build must be that build; others may have any name.
        let named = dir.file_name().and_then(|name| name.to_str()).and_then(|name| BuildId::parse(name).ok());
        if let Some(expected) = named.filter(|named| *named != id) {
            let fault = Fault::Bytes { expected: *expected.digest(), found: *id.digest() };
            return Err(open.damaged(BUILD_JSON, fault));
        }
        let manifest = Manifest::parse(&json).map_err(|bad| Error::Format {
            path: open.join(BUILD_JSON),
            line: bad.line,
            reason: bad.reason,
        })?;
        Ok(Self { id, dir: dir.to_owned(), manifest })
    }

    pub(crate) fn find(store: &Store, name: &str) -> Result<Self> {
        let no_build = || Error::NoBuild { name: name.to_owned() };
        let by_id = |id: &BuildId| Self::open(&store.dist().join(BUILDS).join(id.to_string()));
        if name == CURRENT {
            return by_id(&store.current()?.ok_or_else(no_build)?);
        }
        let digits = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        if digits {
            let prefix = name.to_ascii_lowercase();
            let mut ids = store.builds()?;
            ids.retain(|id| id.to_string().starts_with(&prefix));
            match ids.as_slice() {
                [] => {}
                [id] => return by_id(id),
                _ => return Err(Error::Ambiguous { prefix: name.to_owned(), ids }),
            }
        }
        let path = Path::new(name);
        if path.join(BUILD_JSON).is_file() { Self::open(path) } else { Err(no_build()) }
    }

    /// Its id.
    pub const fn id(&self) -> &BuildId {
        &self.id
    }

    /// Its directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What it delivers.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The bytes of a file, checked.
    ///
    /// # Errors
    /// [`Error::Damaged`] where they are not those of the manifest.
    pub fn read(&self, entry: &Entry) -> Result<Vec<u8>> {
        let dir = Dir::open(&self.dir, &Faults::default())?;
        let path = entry.path.as_str();
        let damaged = |fault| Err(dir.damaged(path, fault));
        let Some(bytes) = dir.read(path, entry.size)? else { return damaged(Fault::Missing) };
        let found = crate::Digest::of(&bytes);
        if found != entry.digest {
            return damaged(Fault::Bytes { expected: entry.digest, found });
        }
        Ok(bytes)
    }

    /// What is said about it under a name: `plan.json`. Nothing where nothing is.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn about(&self, name: &Name) -> Result<Option<Vec<u8>>> {
        let Some(parent) = self.dir.parent() else { return Ok(None) };
        let about = parent.join(about_name(&self.id));
        if !about.is_dir() {
            return Ok(None);
        }
        Dir::open(&about, &Faults::default())?.read(name.as_str(), MANIFEST_BYTES_MAX)
    }

    /// Everything that is said about it, by name, except its own `SHA256SUMS`: for taking it elsewhere.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn about_files(&self) -> Result<Vec<(Name, Vec<u8>)>> {
        let about = self.dir.with_file_name(about_name(&self.id));
        if !about.is_dir() {
            return Ok(Vec::new());
        }
        let names = Dir::open(&about, &Faults::default())?.list()?;
        let names = names.iter().filter_map(|listed| Name::parse(listed.name.to_str()?).ok());
        let read = |name: Name| Ok(self.about(&name)?.map(|bytes| (name, bytes)));
        names.filter(|name| name.as_str() != SUMS).filter_map(|name| read(name).transpose()).collect()
    }
}
