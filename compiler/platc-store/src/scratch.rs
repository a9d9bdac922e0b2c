//! The temporary names of a process that writes, and how those of a dead one are found and removed.
//!
//! A process that writes has a name, `<pid>-<counter>-<boot>`, and an exclusive lock on
//! `store/tmp/<name>.lock` for as long as it lives. Its temporary files carry that name: a build that is
//! being assembled is `builds/.new-<name>`. Whoever gets the lock of a name knows that its owner is dead,
//! and may remove what it left. The names never reach a build, so what is in them harms nothing.
//!
//! A lock file also says that there may be objects that were not brought to the disk yet, so it goes only
//! after a `syncfs`. One of another boot of the machine therefore means that the machine went down before
//! that: files can then have their names and sizes without their bytes, and [`Leftovers`] says so.
//!
//! Not here: what is done with the names. Start at [`Scratch`].

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;

use crate::site::Site;
use crate::sys::{Dir, cannot_exchange, stat_of};
use crate::{Action, Result};

/// The temporary names of this writer. Dropping it removes all that has them.
#[derive(Debug)]
pub(crate) struct Scratch {
    site: Arc<Site>,
    name: String,
    _lock: OwnedFd,
    counter: AtomicU64,
    unsynced: AtomicBool,
}

/// What dead processes left besides temporary files, which are gone.
#[derive(Debug)]
#[must_use = "the lock files stay until it is known what they tell of"]
pub(crate) struct Leftovers {
    /// Whether the machine went down while somebody wrote: what was stored may lack its bytes.
    pub(crate) unsynced: bool,
    /// The lock files, locked by us now.
    claimed: Vec<(String, OwnedFd)>,
}

impl Leftovers {
    /// Forgets them. What they told of is on the disk by then, or on the list of suspects.
    pub(crate) fn forget(self, site: &Site) -> Result<()> {
        if self.claimed.is_empty() {
            return Ok(());
        }
        site.sync()?;
        for (file, _lock) in self.claimed {
            // One that stays is found again next time.
            let _ = site.tmp.remove(file);
        }
        Ok(())
    }
}

/// Names of this process that were given before.
static NAMES: AtomicU64 = AtomicU64::new(0);

const LOCK_SUFFIX: &str = ".lock";
/// What a temporary name begins with, and the directories that have such names.
const TREE: &str = ".new-";
const ABOUT: &str = ".about-";
const OLD: &str = ".old-";
const LINK: &str = ".current-";
const LINES: &str = ".lines-";
const IN_BUILDS: [&str; 3] = [TREE, ABOUT, OLD];
const IN_ROOT: [&str; 2] = [LINK, LINES];
const IN_STORE: [&str; 1] = [LINES];

impl Scratch {
    /// Takes a name that nobody has.
    pub(crate) fn new(site: &Arc<Site>) -> Result<Self> {
        loop {
            let count = NAMES.fetch_add(1, Ordering::Relaxed);
            let name = format!("{}-{count}-{}", std::process::id(), boot());
            let file = lock_name(&name);
            let fail = |errno| site.tmp.failed(Action::Create, &file, errno);
            let lock = match site.tmp.create_own(&file) {
                Ok(lock) => lock,
                // Of a dead process with our number, or of a living one in another container.
                Err(Errno::EXIST) => continue,
                Err(errno) => return Err(fail(errno)),
            };
            if claim(&site.tmp, &file, &lock)? {
                let unsynced = AtomicBool::new(false);
                let site = Arc::clone(site);
                return Ok(Self { site, name, _lock: lock, counter: AtomicU64::new(0), unsynced });
            }
        }
    }

    /// In `builds/`: the build that is being assembled.
    pub(crate) fn tree(&self) -> String {
        format!("{TREE}{}", self.name)
    }

    /// In `builds/`: what is said about it.
    pub(crate) fn about(&self) -> String {
        format!("{ABOUT}{}", self.name)
    }

    /// In `builds/`: something on its way out.
    pub(crate) fn old(&self) -> String {
        self.numbered(OLD)
    }

    /// In `dist`: the link that becomes `current`.
    pub(crate) fn link(&self) -> String {
        format!("{LINK}{}", self.name)
    }

    /// In `dist` or `store/`: a file of lines that is being written anew.
    pub(crate) fn lines(&self) -> String {
        format!("{LINES}{}", self.name)
    }

    /// In `store/tmp`: a file that becomes an object.
    pub(crate) fn object(&self) -> String {
        self.numbered("")
    }

    fn numbered(&self, prefix: &str) -> String {
        format!("{prefix}{}.{}", self.name, self.counter.fetch_add(1, Ordering::Relaxed))
    }

    /// Something was stored that the disk may not have yet.
    pub(crate) fn stored(&self) {
        self.unsynced.store(true, Ordering::Relaxed);
    }

    /// Whether something was stored that the disk may not have yet.
    pub(crate) fn is_unsynced(&self) -> bool {
        self.unsynced.load(Ordering::Relaxed)
    }

    /// Brings what was written to the disk.
    pub(crate) fn sync(&self) -> Result<()> {
        self.site.sync()?;
        self.unsynced.store(false, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nobody hears an error here; what stays is found by the next build.
        let _ = clear(&self.site, &self.name);
        // Objects of a build that failed stay, and the next one trusts them by their size; so they must
        // be on the disk before the lock file, which tells of them, is gone.
        if !self.is_unsynced() || self.site.sync().is_ok() {
            let _ = self.site.tmp.remove(lock_name(&self.name));
        }
    }
}

/// Gives a directory of `builds/` its final name. What has it goes, and is never missing in between,
/// unless `beaten` says that it is the same.
pub(crate) fn install(
    site: &Site,
    (temporary, name): (&str, &str),
    scratch: &Scratch,
    beaten: impl FnOnce() -> Result<bool>,
) -> Result<()> {
    let builds = &site.builds;
    let fail = |errno| builds.failed(Action::Rename, name, errno);
    match builds.rename(temporary, builds, name) {
        Ok(()) => return Ok(()),
        Err(Errno::NOTEMPTY | Errno::EXIST | Errno::NOTDIR) => {}
        Err(errno) => return Err(fail(errno)),
    }
    if beaten()? {
        return Ok(());
    }
    match builds.exchange(temporary, name) {
        Ok(()) => Ok(()),
        Err(errno) if cannot_exchange(errno) => {
            builds.rename(name, builds, &scratch.old()).map_err(fail)?;
            builds.rename(temporary, builds, name).map_err(fail)
        }
        Err(errno) => Err(fail(errno)),
    }
}

/// Removes what dead processes left. What belongs to living ones, or cannot be removed because another
/// user left it, stays.
pub(crate) fn clear_leftovers(site: &Site) -> Result<Leftovers> {
    let mut leftovers = Leftovers { unsynced: false, claimed: Vec::new() };
    let boot = boot();
    for name in names(site)? {
        // Also where it is locked: then another build is finding out what it means.
        leftovers.unsynced |= name.rsplit('-').next() != Some(&boot);
        let file = lock_name(&name);
        let lock = match site.tmp.open_own_existing(&file, OFlags::empty()) {
            // Its owner has finished since the names were listed, or somebody removed the file by hand.
            Err(Errno::NOENT) if !names(site)?.contains(&name) => continue,
            Err(Errno::NOENT) => site.tmp.create_own(&file),
            opened => opened,
        };
        // Another user's, or gone again.
        let Ok(lock) = lock else { continue };
        // An error is of somebody else's making; what stays is found again next time.
        if claim(&site.tmp, &file, &lock)? && clear(site, &name).is_ok() {
            leftovers.claimed.push((file, lock));
        }
    }
    Ok(leftovers)
}

/// Locks the file of a name, unless its owner lives or the file is no longer the one of that name.
fn claim(tmp: &Dir, file: &str, lock: &OwnedFd) -> Result<bool> {
    match flock(lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Ok(false),
        Err(errno) => return Err(tmp.failed(Action::Lock, file, errno)),
    }
    let own = stat_of(lock).map_err(|errno| tmp.failed(Action::Inspect, file, errno))?;
    Ok(tmp.stat(file)?.is_some_and(|there| there.inode == own.inode))
}

/// Removes all that has a name, except its lock file: that goes last, so that a kill loses nothing.
fn clear(site: &Site, name: &str) -> Result<()> {
    let of_name =
        |rest: &str| rest == name || rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    for (dir, prefixes) in places(site) {
        for listed in dir.list()? {
            let text = listed.name.to_str().unwrap_or_default();
            if prefixes.iter().any(|prefix| text.strip_prefix(prefix).is_some_and(of_name)) {
                dir.remove(&listed.name)?;
            }
        }
    }
    let lock = lock_name(name);
    for listed in site.tmp.list()? {
        let text = listed.name.to_str().unwrap_or_default();
        if of_name(text) && text != lock {
            site.tmp.remove(&listed.name)?;
        }
    }
    Ok(())
}

/// Every name that a lock file or a temporary file has, sorted.
fn names(site: &Site) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for (dir, prefixes) in places(site) {
        for listed in dir.list()? {
            let text = listed.name.to_str().unwrap_or_default();
            names.extend(prefixes.iter().filter_map(|prefix| text.strip_prefix(prefix)).map(owner));
        }
    }
    names.extend(site.tmp.list()?.iter().filter_map(|listed| listed.name.to_str()).map(owner));
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

fn places(site: &Site) -> [(&Dir, &'static [&'static str]); 3] {
    [(&site.builds, &IN_BUILDS), (&site.root, &IN_ROOT), (&site.store, &IN_STORE)]
}

/// The name in `<name>.<anything>`.
fn owner(rest: &str) -> String {
    rest.split('.').next().unwrap_or_default().to_owned()
}

fn lock_name(name: &str) -> String {
    format!("{name}{LOCK_SUFFIX}")
}

/// Which boot of the machine this is, in as many digits as tell two apart; always the same where the
/// system does not say.
fn boot() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let digits: String = id.chars().filter(char::is_ascii_hexdigit).take(BOOT_DIGITS).collect();
    if digits.is_empty() { "0".to_owned() } else { digits }
}

const BOOT_DIGITS: usize = 16;
