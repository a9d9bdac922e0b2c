//! [`Memo`]: where results of policies are kept, so that the same question is not answered twice.
//!
//! Here: the trait, and two places to keep results in, one for an editor and one for builds.
//! Not here: when a result that is kept still holds ([`crate::recall`]).
//!
//! Start with [`Memo`].

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::cache::Directory;
use crate::hex;

/// Keeps results: the last for each slot.
///
/// A slot is a digest of everything that a result depends on but the model: plugin, settings, question,
/// version of the host. What the result says of the model that it is for is the host's business.
pub trait Memo: Send + Sync {
    /// What was last put into the slot.
    fn get(&self, slot: &[u8; 32]) -> Option<Vec<u8>>;

    /// Keeps a result. If it cannot be kept, it is worked out again the next time, and nothing is lost.
    fn put(&self, slot: &[u8; 32], result: &[u8]);
}

/// Results of this process, for an editor.
#[derive(Default)]
pub struct MemoryMemo {
    results: Mutex<BTreeMap<[u8; 32], Vec<u8>>>,
}

/// Results in a directory of its own, for builds: one directory for each platform, or they would take each
/// other's slots. The same rules of trust hold as for compiled plugins.
pub struct DirectoryMemo {
    directory: Directory,
}

impl Memo for MemoryMemo {
    fn get(&self, slot: &[u8; 32]) -> Option<Vec<u8>> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner).get(slot).cloned()
    }

    fn put(&self, slot: &[u8; 32], result: &[u8]) {
        self.results.lock().unwrap_or_else(PoisonError::into_inner).insert(*slot, result.to_owned());
    }
}

impl DirectoryMemo {
    /// Results in that directory, which is made if there is none.
    ///
    /// # Errors
    ///
    /// A sentence for people, if the directory cannot be made or cannot be trusted.
    pub fn open(path: &Path) -> Result<Self, String> {
        Directory::open(path).map(|directory| Self { directory }).map_err(|trouble| trouble.to_string())
    }
}

impl Memo for DirectoryMemo {
    fn get(&self, slot: &[u8; 32]) -> Option<Vec<u8>> {
        // A file that cannot be trusted is as good as none: the result is worked out and written anew.
        let file = self.directory.read(&file_name(slot)).ok()??;
        Some(file.contents().to_owned())
    }

    fn put(&self, slot: &[u8; 32], result: &[u8]) {
        // What cannot be kept is worked out again; the plugin cache has told of the same trouble.
        let _ = self.directory.write(&file_name(slot), result);
    }
}

impl fmt::Debug for MemoryMemo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryMemo").finish_non_exhaustive()
    }
}

impl fmt::Debug for DirectoryMemo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectoryMemo").finish_non_exhaustive()
    }
}

fn file_name(slot: &[u8; 32]) -> String {
    format!("{}.verdict", hex(slot))
}
