//! How far a transfer is: told to whoever wants to draw it.

use std::sync::atomic::{AtomicU64, Ordering};

/// Is told of bytes that are to be moved and bytes that were. Called from any thread.
pub trait Progress: Sync {
    /// So many more bytes are to be moved.
    fn expect(&self, bytes: u64);
    /// So many more were, or need not be.
    fn advance(&self, bytes: u64);
}

/// Nobody looks.
#[derive(Clone, Copy, Default, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn expect(&self, _: u64) {}
    fn advance(&self, _: u64) {}
}

/// Files or blobs with their bytes, counted by all threads.
#[derive(Debug, Default)]
pub(crate) struct Count {
    number: AtomicU64,
    bytes: AtomicU64,
}

impl Count {
    pub(crate) fn add(&self, bytes: u64) {
        self.number.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn tally(&self) -> platc_store::Tally {
        let (files, bytes) = (self.number.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed));
        platc_store::Tally { files, bytes }
    }
}
