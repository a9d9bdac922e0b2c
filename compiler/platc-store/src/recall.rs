//! `store/recall`: which build the same inputs gave before.
//!
//! Not here: whether that build is still whole; that is [`Store::check_present`](crate::Store), which
//! the caller asks next. Start at [`recall`].

use std::sync::Arc;

use crate::site::{RECALL, Site};
use crate::table::{self, Record};
use crate::{BuildId, Digest, Result};

/// Records that are kept: whoever goes back further builds again. 320 KB, read in one go.
pub(crate) const RECALL_RECORDS_MAX: usize = 4096;

/// The build that these inputs gave, where it is remembered.
pub(crate) fn recall(site: &Site, inputs: &Digest) -> Option<BuildId> {
    // A table that cannot be read remembers nothing.
    let table = table::read(site, RECALL).ok()?;
    let record = table.records.iter().rev().find(|record| record.key == *inputs)?;
    Some(record.value.into())
}

/// Remembers which build these inputs gave. Nothing is written where that is known.
pub(crate) fn remember(site: &Arc<Site>, inputs: &Digest, id: &BuildId) -> Result<()> {
    let damaged = table::read(site, RECALL).is_ok_and(|table| !table.damaged.is_empty());
    let known = recall(site, inputs) == Some(*id);
    if known && !damaged {
        return Ok(());
    }
    let record = Record { key: *inputs, value: *id.digest(), number: 0 };
    let new: &[Record] = if known { &[] } else { &[record] };
    table::append(site, RECALL, new, RECALL_RECORDS_MAX, |records| {
        table::newest(records, RECALL_RECORDS_MAX / 2)
    })
}
