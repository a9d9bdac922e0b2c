//! The tables of the warm path: records of one length, each with its own check, added at the end.
//!
//! A table is a memory, never an authority: it may be deleted at any time, and a record whose check does
//! not fit is left out as if it had never been written. Who finds another process writing leaves the
//! table alone, because what is not remembered is only built again. Not here: what is remembered; see
//! `memo` and `recall`. Start at [`read`] and [`append`].

use std::sync::Arc;

use rustix::fs::{FlockOperation, OFlags, SeekFrom, flock, ftruncate, seek};
use rustix::io::Errno;

use crate::scratch::Scratch;
use crate::site::Site;
use crate::sys::stat_of;
use crate::{Action, Digest, Result};

/// A key and what it stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Record {
    pub(crate) key: Digest,
    pub(crate) value: Digest,
    pub(crate) number: u64,
}

/// What a table holds, oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Table {
    pub(crate) records: Vec<Record>,
    /// The numbers, from 1, of records that are not what was written.
    pub(crate) damaged: Vec<usize>,
}

const KEY: usize = 32;
const WORD: usize = 8;
/// Key, value, number and check.
const RECORD_BYTES: usize = 2 * KEY + 2 * WORD;
/// A table that is larger was not written by us: a million records of the memo are a tenth of it.
const TABLE_BYTES_MAX: u64 = 1 << 30;

/// Reads a table; one that is not there is empty.
pub(crate) fn read(site: &Site, name: &str) -> Result<Table> {
    Ok(site.store.read(name, TABLE_BYTES_MAX)?.as_deref().map(parse).unwrap_or_default())
}

/// Adds records. Where that would make the table longer than `records_max`, or it has damaged ones, it
/// is written anew with those that `keep` leaves.
pub(crate) fn append(
    site: &Arc<Site>,
    name: &str,
    new: &[Record],
    records_max: usize,
    keep: impl FnOnce(Vec<Record>) -> Vec<Record>,
) -> Result<()> {
    let store = &site.store;
    let file = store
        .open_or_create_own(name, OFlags::empty())
        .map_err(|errno| store.failed(Action::Open, name, errno))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Ok(()),
        Err(errno) => return Err(store.failed(Action::Lock, name, errno)),
    }
    let own = stat_of(&file).map_err(|errno| store.failed(Action::Inspect, name, errno))?;
    if store.stat(name)?.is_none_or(|there| there.inode != own.inode) {
        // Another process has just written it anew.
        return Ok(());
    }
    let mut table = read(site, name)?;
    if table.damaged.is_empty() && table.records.len() + new.len() <= records_max {
        seek(&file, SeekFrom::End(0)).map_err(|errno| store.failed(Action::Write, name, errno))?;
        return store.write_all(&file, &to_bytes(new)).map_err(|errno| {
            // Half a record would be noticed, but would cost those after it.
            let _ = ftruncate(&file, own.size);
            store.failed(Action::Write, name, errno)
        });
    }
    table.records.extend_from_slice(new);
    let scratch = Scratch::new(site)?;
    let temporary = scratch.table();
    let anew =
        store.create_own(&temporary).map_err(|errno| store.failed(Action::Create, &temporary, errno))?;
    store
        .write_all(&anew, &to_bytes(&keep(table.records)))
        .map_err(|errno| store.failed(Action::Write, &temporary, errno))?;
    store.rename(&temporary, store, name).map_err(|errno| store.failed(Action::Rename, name, errno))
}

/// The newest `count` records.
pub(crate) fn newest(mut records: Vec<Record>, count: usize) -> Vec<Record> {
    records.split_off(records.len().saturating_sub(count))
}

fn parse(bytes: &[u8]) -> Table {
    let mut table = Table::default();
    for (at, record) in bytes.chunks(RECORD_BYTES).enumerate() {
        match Record::parse(record) {
            Some(record) => table.records.push(record),
            None => table.damaged.push(at + 1),
        }
    }
    table
}

fn to_bytes(records: &[Record]) -> Vec<u8> {
    let mut out = Vec::with_capacity(records.len() * RECORD_BYTES);
    for record in records {
        let start = out.len();
        out.extend_from_slice(record.key.as_bytes());
        out.extend_from_slice(record.value.as_bytes());
        out.extend_from_slice(&record.number.to_le_bytes());
        let check = check(out.get(start..).unwrap_or_default());
        out.extend_from_slice(&check.to_le_bytes());
    }
    out
}

impl Record {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (body, found) = bytes.split_last_chunk::<WORD>()?;
        let (key, rest) = body.split_first_chunk::<KEY>()?;
        let (value, number) = rest.split_first_chunk::<KEY>()?;
        let number = u64::from_le_bytes(number.try_into().ok()?);
        (check(body) == u64::from_le_bytes(*found)).then_some(Self {
            key: Digest::from_bytes(*key),
            value: Digest::from_bytes(*value),
            number,
        })
    }
}

/// Notices damage, not malice. Each step is a bijection of the state for a given word and of the word for
/// a given state, so a change within one word always changes the result; and it costs a few cycles a
/// word, where SHA-256 would cost more than the `stat` that the table saves.
fn check(bytes: &[u8]) -> u64 {
    let words = bytes.as_chunks::<WORD>().0;
    words
        .iter()
        .fold(SEED, |state, word| (state ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR).rotate_left(29))
}

/// Any odd factor serves; this is the golden ratio's, which spreads neighbouring words.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
/// Not zero, so that a hole in the file is no record.
const SEED: u64 = u64::from_le_bytes(*b"platc-1\n");

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: u64) -> Record {
        Record { key: Digest::of(&number.to_le_bytes()), value: Digest::of(b"value"), number }
    }

    #[test]
    fn each_flipped_bit_costs_its_own_record_only() {
        let records: Vec<Record> = (0..3).map(record).collect();
        let bytes = to_bytes(&records);
        assert_eq!(parse(&bytes), Table { records: records.clone(), damaged: vec![] });
        for bit in 0..bytes.len() * 8 {
            let mut wrong = bytes.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            let table = parse(&wrong);
            let hit = bit / 8 / RECORD_BYTES;
            assert_eq!(table.damaged, [hit + 1], "bit {bit}");
            assert!(table.records.iter().all(|record| records.contains(record)));
        }
    }

    #[test]
    fn a_torn_or_empty_record_is_none() {
        let bytes = to_bytes(&[record(1), record(2)]);
        for cut in 1..RECORD_BYTES {
            assert_eq!(parse(&bytes[..bytes.len() - cut]).damaged, [2]);
        }
        assert_eq!(parse(&[0; RECORD_BYTES]).damaged, [1]);
    }
}
