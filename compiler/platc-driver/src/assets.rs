//! Files that declarations name: topologies, schemas, configs. Read once, through the world, and
//! remembered as inputs of the build.
//!
//! Start with [`AssetFiles`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use platc_diag::{File, FileId, Files};
use platc_sema::cx::Assets;

use crate::discover::shown;
use crate::world::{World, normal};

/// Files that declarations name.
pub(crate) struct AssetFiles<'w> {
    world: &'w dyn World,
    root: &'w Path,
    /// Shown paths of the files that may name others.
    names: Vec<String>,
    read: Mutex<Read>,
}

#[derive(Default)]
struct Read {
    by_path: BTreeMap<PathBuf, Result<(FileId, Arc<str>), String>>,
    /// In the order of their numbers, which begin after those of the sources.
    files: Vec<File>,
}

impl<'w> AssetFiles<'w> {
    /// Files named by `files`, which lie in `root`.
    pub(crate) fn new(world: &'w dyn World, root: &'w Path, files: &Files) -> Self {
        let names = files.iter().map(|(_, file)| file.path().to_owned()).collect();
        Self { world, root, names, read: Mutex::new(Read::default()) }
    }

    /// What was read, to be put behind the sources.
    pub(crate) fn into_files(self) -> Vec<File> {
        self.read.into_inner().unwrap_or_else(PoisonError::into_inner).files
    }
}

impl Assets for AssetFiles<'_> {
    fn text(&self, from: FileId, path: &str) -> Result<(FileId, Arc<str>), String> {
        let by = self.names.get(from.0 as usize).map_or("", String::as_str);
        let dir = Path::new(by).parent().unwrap_or(Path::new(""));
        let full = normal(&self.root.join(dir).join(path));
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.by_path.get(&full) {
            return known.clone();
        }
        let bytes = self.world.read(&full).map_err(|error| crate::errors::io_reason(&error));
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()));
        let found = text.map(|text| {
            let number = self.names.len() + read.files.len();
            let file = File::new(shown(self.root, &full), text);
            let shared = file.shared_text();
            read.files.push(file);
            (FileId(u32::try_from(number).unwrap_or(u32::MAX)), shared)
        });
        read.by_path.insert(full, found.clone());
        found
    }
}
