//! `store/memo`: which bytes the inputs of one artifact gave before.
//!
//! The driver hashes what goes into an artifact to a fingerprint of 32 bytes. Where the memo knows it and
//! the object is still there, the artifact need not be emitted. Not here: what is hashed; a fingerprint
//! that leaves out an input would be the driver's mistake. Start at [`Memo`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::site::{MEMO, Site};
use crate::table::{self, Record, Table};
use crate::{Digest, Result};

/// What an artifact was: enough to find its object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Their number.
    pub size: u64,
}

/// The memo as it was when it was read, with what was learned since. Threads share it.
#[derive(Debug)]
pub struct Memo {
    /// Sorted by fingerprint, each once.
    known: Vec<(Digest, Known, AtomicBool)>,
    learned: Mutex<Vec<Record>>,
    damaged: bool,
}

/// How many records are kept besides four for each artifact of the build that saves: a small project
/// changes back and forth for months before one is forgotten.
const RECORDS_SPARE: usize = 1 << 16;

impl Memo {
    pub(crate) fn new(table: Table) -> Self {
        let mut known: Vec<(Digest, Known, AtomicBool)> = table
            .records
            .into_iter()
            // Newest first, so that of equal fingerprints the newest stays.
            .rev()
            .map(|record| {
                (record.key, Known { digest: record.value, size: record.number }, AtomicBool::default())
            })
            .collect();
        known.sort_by_key(|(fingerprint, ..)| *fingerprint);
        known.dedup_by_key(|(fingerprint, ..)| *fingerprint);
        Self { known, learned: Mutex::default(), damaged: !table.damaged.is_empty() }
    }

    /// What the inputs with this fingerprint gave.
    pub fn get(&self, fingerprint: &Digest) -> Option<Known> {
        let at = self.known.binary_search_by_key(fingerprint, |(fingerprint, ..)| *fingerprint).ok()?;
        let (_, known, used) = self.known.get(at)?;
        used.store(true, Ordering::Relaxed);
        Some(*known)
    }

    /// Remembers what the inputs with this fingerprint gave.
    pub fn learn(&self, fingerprint: Digest, known: Known) {
        if self.get(&fingerprint) != Some(known) {
            let record = Record { key: fingerprint, value: known.digest, number: known.size };
            self.learned.lock().unwrap_or_else(PoisonError::into_inner).push(record);
        }
    }

    /// Writes what was learned. Nothing is written where nothing was.
    pub(crate) fn save(&self, site: &Arc<Site>) -> Result<()> {
        let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if learned.is_empty() && !self.damaged {
            return Ok(());
        }
        // The threads' order means nothing.
        learned.sort_unstable_by_key(|record| (record.key, record.value));
        let live = learned.len() + self.used().count();
        let records_max = RECORDS_SPARE + 4 * live;
        table::append(site, MEMO, &learned, records_max, |records| {
            self.keep(&learned, records, records_max / 2)
        })
    }

    /// What stays when there are too many: all that this build used, and the newest of the rest.
    fn keep(&self, learned: &[Record], records: Vec<Record>, count: usize) -> Vec<Record> {
        let mut live: Vec<Digest> = self.used().copied().collect();
        live.extend(learned.iter().map(|record| record.key));
        live.sort_unstable();
        let rest = count.saturating_sub(live.len());
        let (live, other): (Vec<Record>, Vec<Record>) =
            records.into_iter().partition(|record| live.binary_search(&record.key).is_ok());
        let mut kept = table::newest(other, rest);
        kept.extend(live);
        kept
    }

    fn used(&self) -> impl Iterator<Item = &Digest> {
        let used = self.known.iter().filter(|(_, _, used)| used.load(Ordering::Relaxed));
        used.map(|(fingerprint, ..)| fingerprint)
    }
}
