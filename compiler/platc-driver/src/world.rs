//! [`World`]: all that the compiler learns from outside: files, directories and today's date. Nothing
//! else here asks the disk, the clock or the environment, so the editor and the tests can stand in.
//!
//! Not here: writing. `platc-store` writes builds; commands that are asked to write files do so.
//!
//! Start with [`World`]; [`Disk`] is the real one, [`Memory`] the tests'.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

/// What the compiler learns from outside.
pub trait World: Sync {
    /// The bytes of a file. A file that changes while it is read gives
    /// [`io::ErrorKind::Interrupted`]: half of two versions is no input.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// What is in a directory, in the order of the names' bytes.
    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>>;

    /// Whether there is a file of that path.
    fn is_file(&self, path: &Path) -> bool;

    /// Whether there is a directory of that path.
    fn is_dir(&self, path: &Path) -> bool;
}

/// One name in a directory.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Entry {
    /// The name. One that is not UTF-8 is left out: no source or directory of ours has such a name.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
}

/// What a directory's entry is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EntryKind {
    /// A file, or a link to one.
    File,
    /// A directory. Links to directories are not followed, so that no walk can go round in circles; an
    /// `import` that names one is.
    Directory,
    /// A link that leads nowhere or in circles, a socket, a device.
    Other,
}

/// The disk.
#[derive(Clone, Copy, Default, Debug)]
pub struct Disk;

#[expect(clippy::disallowed_methods, reason = "this is the place that the ban points to")]
impl World for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut file = std::fs::File::open(path)?;
        let before = file.metadata()?;
        if before.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(before.len()).unwrap_or(0).saturating_add(1));
        // One byte past the largest file that anybody takes, a plugin, says as much as all of a larger one.
        let most = u64::try_from(platc_diag::limits::POLICY_FILE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        io::Read::by_ref(&mut file).take(most).read_to_end(&mut bytes)?;
        let after = file.metadata()?;
        let same = before.modified().ok() == after.modified().ok() && before.len() == after.len();
        if same { Ok(bytes) } else { Err(io::Error::from(io::ErrorKind::Interrupted)) }
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let kind = match entry.file_type()? {
                kind if kind.is_dir() => EntryKind::Directory,
                kind if kind.is_file() => EntryKind::File,
                kind if kind.is_symlink() => match std::fs::metadata(entry.path()) {
                    Ok(target) if target.is_file() => EntryKind::File,
                    _ => EntryKind::Other,
                },
                _ => EntryKind::Other,
            };
            entries.push(Entry { name, kind });
        }
        entries.sort();
        Ok(entries)
    }

    fn is_file(&self, path: &Path) -> bool {
        std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
    }

    fn is_dir(&self, path: &Path) -> bool {
        std::fs::metadata(path).is_ok_and(|metadata| metadata.is_dir())
    }
}

/// Files in memory, by path.
#[derive(Clone, Default, Debug)]
pub struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Memory {
    /// Adds or replaces a file.
    pub fn insert(&mut self, path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(normal(path.as_ref()), bytes.into());
    }
}

impl World for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(&normal(path)).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let dir = normal(dir);
        let mut entries: Vec<Entry> = Vec::new();
        for path in self.files.keys() {
            let Ok(below) = path.strip_prefix(&dir) else { continue };
            let mut parts = below.components();
            let Some(Component::Normal(name)) = parts.next() else { continue };
            let kind = if parts.next().is_some() { EntryKind::Directory } else { EntryKind::File };
            entries.push(Entry { name: name.to_string_lossy().into_owned(), kind });
        }
        entries.sort();
        entries.dedup();
        if entries.is_empty() { Err(io::Error::from(io::ErrorKind::NotFound)) } else { Ok(entries) }
    }

    fn is_file(&self, path: &Path) -> bool {
        self.files.contains_key(&normal(path))
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.list(path).is_ok()
    }
}

/// The path without `.` and, where it can be seen from the text alone, without `..`.
pub fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_lists_files_and_directories_by_name() {
        let mut world = Memory::default();
        world.insert("p/platform.kdl", "");
        world.insert("p/services/web.kdl", "");
        world.insert("p/./services/../a.kdl", "x");
        let names: Vec<String> = world.list(Path::new("p")).unwrap().into_iter().map(|e| e.name).collect();
        assert_eq!(names, ["a.kdl", "platform.kdl", "services"]);
        assert!(world.is_dir(Path::new("p/services")) && !world.is_dir(Path::new("p/other")));
        assert_eq!(world.read(Path::new("p/a.kdl")).unwrap(), b"x");
    }

    #[test]
    fn paths_lose_their_detours() {
        assert_eq!(normal(Path::new("a/./b/../c")), Path::new("a/c"));
        assert_eq!(normal(Path::new("../a/../..")), Path::new("../.."));
        assert_eq!(normal(Path::new("/../a")), Path::new("/../a"));
    }
}
