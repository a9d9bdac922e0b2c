//! Where things lie in `dist`, and the open directories that everything else works in.
//!
//! ```text
//! dist/
//!   current -> builds/<id>       the build that counts
//!   log                          when `current` moved, and to what
//!   builds/<id>/                 a build, read-only
//!   builds/<id>.about/           what is said about it
//!   store/sha256/ab/cdef…        each artifact once
//!   store/suspects               what `verify` found wrong and no build has repaired yet
//!   store/lock, store/tmp/       who works here, and with what temporary files
//! ```
//!
//! Not here: what happens to any of it. Start at [`Site`].

use std::ffi::OsStr;
use std::path::Path;

use crate::sys::{Dir, Faults};
use crate::{Action, BuildId, Error, Result};

pub(crate) const CURRENT: &str = "current";
pub(crate) const LOG: &str = "log";
pub(crate) const BUILDS: &str = "builds";
pub(crate) const STORE: &str = "store";
pub(crate) const OBJECTS: &str = "sha256";
pub(crate) const TMP: &str = "tmp";
pub(crate) const LOCK: &str = "lock";
pub(crate) const SUSPECTS: &str = "suspects";
const ABOUT_SUFFIX: &str = ".about";

/// The directories of a `dist` that was written to at least once.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) root: Dir,
    pub(crate) builds: Dir,
    pub(crate) store: Dir,
    pub(crate) objects: Dir,
    pub(crate) tmp: Dir,
}

/// What an entry of `builds/` is by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    Build(BuildId),
    About(BuildId),
    /// The temporary name of a process; see the module `scratch`.
    Temporary,
    Unknown,
}

impl Site {
    /// Opens the directories, making those that are missing.
    pub(crate) fn create(dist: &Path, faults: &Faults) -> Result<Self> {
        if !dist.is_dir() {
            std::fs::create_dir_all(dist).map_err(|source| Error::Io {
                action: Action::Create,
                path: dist.to_owned(),
                source,
            })?;
        }
        let root = Dir::open(dist, faults)?;
        let builds = open_or_make(&root, BUILDS)?;
        let store = open_or_make(&root, STORE)?;
        let tmp = open_or_make(&store, TMP)?;
        // Last, because `open` takes it as the sign that all are there.
        let objects = open_or_make(&store, OBJECTS)?;
        Ok(Self { root, builds, store, objects, tmp })
    }

    /// Opens the directories; nothing where there is no store.
    pub(crate) fn open(dist: &Path, faults: &Faults) -> Result<Option<Self>> {
        if !dist.join(STORE).join(OBJECTS).is_dir() {
            return Ok(None);
        }
        let root = Dir::open(dist, faults)?;
        let builds = root.sub(BUILDS)?;
        let store = root.sub(STORE)?;
        let objects = store.sub(OBJECTS)?;
        let tmp = store.sub(TMP)?;
        Ok(Some(Self { root, builds, store, objects, tmp }))
    }

    /// The names of the builds, sorted.
    pub(crate) fn build_ids(&self) -> Result<Vec<BuildId>> {
        let listed = self.builds.list()?;
        Ok(listed
            .iter()
            .filter_map(|listed| match place(&listed.name) {
                Place::Build(id) => Some(id),
                _ => None,
            })
            .collect())
    }

    /// The build that `current` points to, where it has the form that a build gives it.
    pub(crate) fn current(&self) -> Result<Option<BuildId>> {
        let target = self.root.read_link(CURRENT)?;
        Ok(target.as_deref().and_then(id_of_target))
    }

    /// Brings what was written to the disk: one call for each file system involved.
    pub(crate) fn sync(&self) -> Result<()> {
        let root = self.root.own_stat()?.device();
        let mut done = vec![root];
        self.root.sync_file_system()?;
        for dir in [&self.builds, &self.store, &self.objects] {
            let device = dir.own_stat()?.device();
            if !done.contains(&device) {
                dir.sync_file_system()?;
                done.push(device);
            }
        }
        Ok(())
    }
}

/// `builds/<id>`: what `current` points to.
pub(crate) fn target_of(id: &BuildId) -> String {
    format!("{BUILDS}/{id}")
}

/// The build of a link's target, where it has that form.
pub(crate) fn id_of_target(target: &Path) -> Option<BuildId> {
    let id = target.to_str()?.strip_prefix(BUILDS)?.strip_prefix('/')?;
    BuildId::parse(id).ok()
}

/// `<id>.about`.
pub(crate) fn about_name(id: &BuildId) -> String {
    format!("{id}{ABOUT_SUFFIX}")
}

/// What an entry of `builds/` is.
pub(crate) fn place(name: &OsStr) -> Place {
    let Some(name) = name.to_str() else { return Place::Unknown };
    if name.starts_with('.') {
        return Place::Temporary;
    }
    let (id, make): (&str, fn(BuildId) -> Place) = match name.strip_suffix(ABOUT_SUFFIX) {
        Some(id) => (id, Place::About),
        None => (name, Place::Build),
    };
    BuildId::parse(id).map_or(Place::Unknown, make)
}

/// Opens first: a store that is there costs no system call that could write.
fn open_or_make(dir: &Dir, name: &str) -> Result<Dir> {
    match dir.sub(name) {
        Err(error) if error.io_kind() == Some(std::io::ErrorKind::NotFound) => dir.make_sub(name),
        opened => opened,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_known_by_their_names() {
        let id = BuildId::of(b"");
        assert_eq!(place(OsStr::new(&id.to_string())), Place::Build(id));
        assert_eq!(place(OsStr::new(&about_name(&id))), Place::About(id));
        assert_eq!(place(OsStr::new(".new-1-0")), Place::Temporary);
        assert_eq!(place(OsStr::new("notes.txt")), Place::Unknown);
        assert_eq!(id_of_target(Path::new(&target_of(&id))), Some(id));
        assert_eq!(id_of_target(Path::new("../builds")), None);
    }
}
