//! [`Overlay`]: the world as an editor sees it: what is open stands in for what is on the disk, also where
//! the disk has nothing.
//!
//! Start with [`Overlay`].

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use platc_driver::world::{Entry, EntryKind, World, normal};

/// Documents that are open, by path.
pub(crate) type Open = BTreeMap<PathBuf, Arc<str>>;

/// A world with open documents over it.
pub(crate) struct Overlay<'w> {
    pub(crate) below: &'w dyn World,
    pub(crate) open: &'w Open,
}

impl World for Overlay<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.open.get(&normal(path)) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.below.read(path),
        }
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let dir = normal(dir);
        let mut opened: Vec<Entry> = Vec::new();
        for path in below(self.open, &dir) {
            let Ok(rest) = path.strip_prefix(&dir) else { continue };
            let mut parts = rest.components();
            let Some(Component::Normal(name)) = parts.next() else { continue };
            let kind = if parts.next().is_some() { EntryKind::Directory } else { EntryKind::File };
            opened.push(Entry { name: name.to_string_lossy().into_owned(), kind });
        }
        let mut entries = match self.below.list(&dir) {
            Ok(entries) => entries,
            Err(_) if !opened.is_empty() => Vec::new(),
            Err(error) => return Err(error),
        };
        entries.retain(|entry| !opened.iter().any(|own| own.name == entry.name));
        entries.extend(opened);
        entries.sort();
        entries.dedup();
        Ok(entries)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.open.contains_key(&normal(path)) || self.below.is_file(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        let dir = normal(path);
        below(self.open, &dir).next().is_some() || self.below.is_dir(path)
    }
}

/// Open documents below a directory.
fn below<'o>(open: &'o Open, dir: &'o Path) -> impl Iterator<Item = &'o PathBuf> {
    open.keys().filter(move |path| path.starts_with(dir) && *path != dir)
}

/// One document and nothing else: a file that belongs to no platform.
pub(crate) struct Alone<'w> {
    /// The document.
    pub(crate) path: &'w Path,
    /// Where its text and the files that it names come from.
    pub(crate) world: &'w Overlay<'w>,
}

impl World for Alone<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.world.read(path)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned());
        match name {
            Some(name) if self.path.parent() == Some(dir) => Ok(vec![Entry { name, kind: EntryKind::File }]),
            _ => Err(io::Error::from(io::ErrorKind::NotFound)),
        }
    }

    fn is_file(&self, path: &Path) -> bool {
        self.world.is_file(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.world.is_dir(path)
    }
}
