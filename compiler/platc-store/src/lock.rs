//! Who works in the store: builds share it, `gc` has it alone. Nothing waits.
//!
//! The system gives the lock back when a process ends, however it ends, so there is no stale one. A
//! build writes nothing into the lock file (an unchanged build writes nothing at all); who holds it is
//! asked of the system. Not here: the locks that tell a living process's temporary files from a dead
//! one's; see `scratch`. Start at [`hold`].

use std::os::fd::OwnedFd;

use rustix::fs::{self as sys, FlockOperation};
use rustix::io::Errno;

use crate::site::{LOCK, Site};
use crate::sys::stat_of;
use crate::{Action, Error, Result};

/// How the store is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hold {
    /// With others that add: builds, a switch, `verify`.
    Shared,
    /// Alone: whoever removes objects.
    Alone,
}

/// The store is held for as long as this lives.
#[derive(Debug)]
pub(crate) struct Held {
    file: OwnedFd,
}

impl Drop for Held {
    fn drop(&mut self) {
        // Closing would be enough, were it not for a process that another thread is just starting: it has
        // our open files until it becomes another program.
        let _ = sys::flock(&self.file, FlockOperation::Unlock);
    }
}

/// Holds the store, or says who does.
pub(crate) fn hold(site: &Site, how: Hold) -> Result<Held> {
    let file = open(site)?;
    let operation = match how {
        Hold::Shared => FlockOperation::NonBlockingLockShared,
        Hold::Alone => FlockOperation::NonBlockingLockExclusive,
    };
    match sys::flock(&file, operation) {
        Ok(()) => Ok(Held { file }),
        Err(Errno::WOULDBLOCK) => Err(Error::Busy { path: site.store.join(LOCK), holder: holders(&file) }),
        Err(errno) => Err(site.store.failed(Action::Lock, LOCK, errno)),
    }
}

/// For reading alone is enough on a read-only medium, and for another user's store.
fn open(site: &Site) -> Result<OwnedFd> {
    let fail = |errno| site.store.failed(Action::Open, LOCK, errno);
    match site.store.open_existing(LOCK) {
        Ok(file) => Ok(file),
        Err(Errno::NOENT) => match site.store.create_own(LOCK) {
            // Two processes came first at the same time.
            Err(Errno::EXIST) => site.store.open_existing(LOCK).map_err(fail),
            made => made.map_err(|errno| site.store.failed(Action::Create, LOCK, errno)),
        },
        Err(errno) => Err(fail(errno)),
    }
}

/// Who holds the lock on this file, as far as Linux tells: each process with its name.
fn holders(file: &OwnedFd) -> String {
    let inode = stat_of(file).map_or(0, |stat| stat.inode_number()).to_string();
    let table = std::fs::read_to_string("/proc/locks").unwrap_or_default();
    let mut holders: Vec<String> = table
        .lines()
        .filter_map(|line| holder(line, &inode))
        .map(|process| {
            let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
            match name.trim_end() {
                "" => format!("process {process}"),
                name => format!("process {process} (`{name}`)"),
            }
        })
        .collect();
    holders.sort_unstable();
    holders.dedup();
    if holders.is_empty() { "another process".to_owned() } else { holders.join(", ") }
}

/// The process of a line like `1: FLOCK  ADVISORY  READ  812 fe:00:131115 0 EOF`. Those that wait for a
/// lock have `->` in the second field; processes of another container have number 0.
fn holder<'a>(line: &'a str, inode: &str) -> Option<&'a str> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let (kind, process, place) = (fields.next()?, fields.nth(2)?, fields.next()?);
    let (_, found) = place.rsplit_once(':')?;
    (kind == "FLOCK" && found == inode && process != "0").then_some(process)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holders_are_read_from_the_systems_table() {
        let line = "17: FLOCK  ADVISORY  READ  812 fe:00:131115 0 EOF";
        assert_eq!(holder(line, "131115"), Some("812"));
        assert_eq!(holder(line, "131116"), None);
        assert_eq!(holder("17: -> FLOCK  ADVISORY  WRITE 812 fe:00:131115 0 EOF", "131115"), None);
        assert_eq!(holder("17: POSIX  ADVISORY  WRITE 812 fe:00:131115 0 EOF", "131115"), None);
        assert_eq!(holder("17: FLOCK  ADVISORY  WRITE 0 fe:00:131115 0 EOF", "131115"), None);
        assert_eq!(holder("", "131115"), None);
    }
}
