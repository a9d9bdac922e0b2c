//! [`Memo`]: where results of policies are kept, so that the same question is not answered twice.
//!
//! Here: the trait, and two places to keep results in, one for an editor and one for builds.
//! Not here: what makes two questions the same ([`crate::panel`] works out the keys).
//!
//! Start with [`Memo`].

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::cache::Directory;
use crate::hex;

/// Keeps results. One for each slot is enough: the last.
pub trait Memo: Send + Sync {
    /// What was last put into the slot, if it was for this input.
    fn get(&self, key: &MemoKey) -> Option<Vec<u8>>;

    /// Keeps a result. If it cannot be kept, it is worked out again the next time, and nothing is lost.
    fn put(&self, key: &MemoKey, result: &[u8]);
}

/// Of what a result is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct MemoKey {
    /// Digest of everything but the input: plugin, settings, limits, question, version of the host.
    pub slot: [u8; 32],
    /// Digest of the input.
    pub input: [u8; 32],
}

/// Results of this process, for an editor.
#[derive(Default)]
pub struct MemoryMemo {
    results: Mutex<BTreeMap<[u8; 32], Kept>>,
}

/// A result and the digest of the input that it is of.
type Kept = ([u8; 32], Vec<u8>);

/// Results in a directory of its own, for builds: one directory for each platform, or they would take each
/// other's slots. The same rules of trust hold as for compiled plugins.
pub struct DirectoryMemo {
    directory: Directory,
}

impl Memo for MemoryMemo {
    fn get(&self, key: &MemoKey) -> Option<Vec<u8>> {
        let results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        let (input, result) = results.get(&key.slot)?;
        (*input == key.input).then(|| result.clone())
    }

    fn put(&self, key: &MemoKey, result: &[u8]) {
        let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        results.insert(key.slot, (key.input, result.to_owned()));
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
    fn get(&self, key: &MemoKey) -> Option<Vec<u8>> {
        // A file that cannot be trusted is as good as none: the result is worked out and written anew.
        let file = self.directory.read(&file_name(key)).ok()??;
        let (input, result) = file.contents().split_at_checked(key.input.len())?;
        (input == key.input).then(|| result.to_owned())
    }

    fn put(&self, key: &MemoKey, result: &[u8]) {
        let _ = self.directory.write(&file_name(key), &[&key.input, result].concat());
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

fn file_name(key: &MemoKey) -> String {
    format!("{}.verdict", hex(&key.slot))
}
