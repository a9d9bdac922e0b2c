//! Writing a build: artifacts come in from any thread, and are on the disk when `put` returns.
//!
//! A new artifact is written once, straight to its place in the directory that becomes the build, and
//! the store gets a hard link to it when all its bytes are there: two names for one file, and no third
//! that is renamed away. (A temporary file in the store that is renamed and then linked costs twice as
//! much on ext4, an unnamed one ten times.) An artifact whose object is there costs a `stat`; and a
//! build of nothing new makes no file at all, not even a temporary one.
//!
//! Not here: what happens when all are in; see `publish`. Start at [`Build::put`].

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rustix::io::Errno;

use crate::host::{self, HostLine, HostManifest};
use crate::lock::Held;
use crate::names::in_host;
use crate::objects::{Entered, Objects, State};
use crate::publish::Tally;
use crate::scratch::Scratch;
use crate::site::Site;
use crate::suspects::Suspects;
use crate::sys::Dir;
use crate::{
    Action, ArtifactPath, Digest, Entry, Error, Kind, Known, Mode, Name, Owner, Result, Target, Unit,
};

/// A build that is being written. Threads share it; dropping it leaves nothing but objects.
#[derive(Debug)]
pub struct Build {
    // Dropped in this order: the temporary files go while the store is still held.
    pub(crate) work: OnceLock<Work>,
    pub(crate) held: Held,
    pub(crate) site: Arc<Site>,
    pub(crate) threads: NonZeroUsize,
    pub(crate) objects: Objects,
    pub(crate) suspects: Suspects,
    starting: Mutex<()>,
    recorded: Mutex<BTreeMap<ArtifactPath, Recorded>>,
    failed: AtomicBool,
    pub(crate) written: Counter,
    pub(crate) reused: Counter,
}

/// What is known of an artifact besides its path and its bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Meta {
    /// What it is.
    pub kind: Kind,
    /// Permission bits where it is delivered.
    pub mode: Mode,
    /// How it gets there.
    pub delivery: Delivery,
}

/// How an artifact gets to where it counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// Somebody applies or reads it.
    To(Target),
    /// It is installed on the host that its path, `hosts/<dc>/<host>/rootfs/…`, names. These and only
    /// these get a line in the host's `MANIFEST`.
    Install {
        /// Who owns it there.
        owner: Owner,
        /// What to restart there when it changes, in this order.
        restart: Vec<Unit>,
    },
}

/// What exists from the first new file on.
#[derive(Debug)]
pub(crate) struct Work {
    /// The directory that becomes the build.
    pub(crate) tree: Dir,
    pub(crate) scratch: Scratch,
}

#[derive(Debug)]
struct Recorded {
    entry: Entry,
    install: Option<Install>,
    place: Arc<Place>,
}

/// Whether the tree has an artifact's file already.
#[derive(Debug, Default)]
pub(crate) struct Place(AtomicBool);

/// How a file is installed on its host.
#[derive(Debug)]
pub(crate) struct Install {
    owner: Owner,
    restart: Vec<Unit>,
}

/// What is installed on each host.
#[derive(Debug, Default)]
pub(crate) struct HostLists(BTreeMap<(Name, Name), Vec<HostLine>>);

impl HostLists {
    /// Adds a file; one that is not installed anywhere is none of theirs.
    pub(crate) fn add(&mut self, entry: &Entry, install: &Install) {
        let Some(file) = entry.path.host_file() else { return };
        self.0.entry((file.datacenter, file.host)).or_default().push(HostLine {
            path: file.on_host.into(),
            mode: entry.mode,
            owner: install.owner.clone(),
            digest: entry.digest,
            restart: install.restart.clone(),
        });
    }
}

/// Each host's `MANIFEST` and `ROOT`, as entries with their bytes.
pub(crate) fn host_files(lists: HostLists) -> Result<Vec<(Entry, Vec<u8>)>> {
    let mut files = Vec::new();
    for ((datacenter, host), lines) in lists.0 {
        let list = HostManifest::new(lines);
        for (file, kind, bytes) in
            [(host::MANIFEST, "host-manifest", list.to_bytes()), (host::ROOT, "host-root", list.root_bytes())]
        {
            let entry = Entry {
                path: in_host(&datacenter, &host, file),
                kind: Kind::parse(kind)?,
                target: Target::host(datacenter.clone(), host.clone()),
                mode: Mode::FILE,
                size: bytes.len() as u64,
                digest: Digest::of(&bytes),
            };
            files.push((entry, bytes));
        }
    }
    Ok(files)
}

/// Files and bytes, counted by all threads.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    files: AtomicU64,
    bytes: AtomicU64,
}

impl Build {
    pub(crate) fn new(site: Arc<Site>, held: Held, suspects: Suspects, threads: NonZeroUsize) -> Self {
        Self {
            work: OnceLock::new(),
            held,
            threads,
            objects: Objects::new(&site, suspects.objects.clone()),
            site,
            suspects,
            starting: Mutex::default(),
            recorded: Mutex::default(),
            failed: AtomicBool::new(false),
            written: Counter::default(),
            reused: Counter::default(),
        }
    }

    /// Takes an artifact. When this returns, its bytes are stored; they are on the disk for good when
    /// [`finish`](Self::finish) returns.
    ///
    /// # Errors
    /// Where the path was given before or is not one of an artifact of this delivery, and where the
    /// system refuses. After that the build cannot be finished.
    pub fn put(&self, path: &ArtifactPath, meta: Meta, bytes: &[u8]) -> Result<Digest> {
        self.poisoning(|| {
            let digest = Digest::of(bytes);
            let place = self.record(path, meta, Known { digest, size: bytes.len() as u64 })?;
            self.store(&digest, bytes, Some((path, &place)))?;
            Ok(digest)
        })
    }

    /// Stores bytes that no path was said for: what [`adopt`](Self::adopt) needs.
    ///
    /// # Errors
    /// Where the system refuses. After that the build cannot be finished.
    pub fn put_object(&self, bytes: &[u8]) -> Result<Digest> {
        self.poisoning(|| {
            let digest = Digest::of(bytes);
            self.store(&digest, bytes, None)?;
            Ok(digest)
        })
    }

    /// Whether the store has these bytes.
    ///
    /// # Errors
    /// Where the system refuses to say.
    pub fn has(&self, known: Known) -> Result<bool> {
        let mut shard = self.objects.shard(&known.digest);
        Ok(self.objects.examine(&mut shard, &known.digest, known.size)? == State::Present)
    }

    /// An error leaves the build without one of its artifacts; nobody shall finish it by mistake.
    fn poisoning<T>(&self, act: impl FnOnce() -> Result<T>) -> Result<T> {
        act().inspect_err(|_| self.failed.store(true, Ordering::Relaxed))
    }

    /// Whether every artifact that was given is in.
    pub(crate) fn complete(&self) -> Result<()> {
        if self.failed.load(Ordering::Relaxed) { Err(Error::Incomplete) } else { Ok(()) }
    }

    fn record(&self, path: &ArtifactPath, meta: Meta, known: Known) -> Result<Arc<Place>> {
        let Meta { kind, mode, delivery } = meta;
        let (target, install) = delivered(path, delivery)?;
        let entry = Entry { path: path.clone(), kind, target, mode, size: known.size, digest: known.digest };
        let place = Arc::new(Place::default());
        let recorded = Recorded { entry, install, place: Arc::clone(&place) };
        match lock(&self.recorded).insert(path.clone(), recorded) {
            Some(_) => Err(Error::Twice { path: path.clone() }),
            None => Ok(place),
        }
    }

    /// Makes sure that the store has these bytes. New ones are first written to their place in the tree.
    pub(crate) fn store(
        &self,
        digest: &Digest,
        bytes: &[u8],
        place: Option<(&ArtifactPath, &Place)>,
    ) -> Result<()> {
        let size = bytes.len() as u64;
        let mut shard = self.objects.shard(digest);
        let state = self.objects.examine(&mut shard, digest, size)?;
        if state == State::Present {
            self.reused.add(size);
            return Ok(());
        }
        let work = self.work()?;
        work.scratch.stored();
        match (state, place) {
            (State::Missing, Some((path, place))) => {
                work.write(path, bytes)?;
                let file = (&work.tree, path.as_str());
                match self.objects.enter(&mut shard, file, (digest, bytes), &work.scratch)? {
                    Entered::Linked | Entered::Copied => place.take(),
                    // Each artifact once: ours goes, and the other gets this name with the rest.
                    Entered::WasThere => work.tree.remove(path.as_str())?,
                }
            }
            _ => self.objects.replace(&mut shard, digest, bytes, &work.scratch)?,
        }
        self.written.add(size);
        Ok(())
    }

    /// The directory that becomes the build, made when it is first needed.
    pub(crate) fn work(&self) -> Result<&Work> {
        if let Some(work) = self.work.get() {
            return Ok(work);
        }
        let _starting = lock(&self.starting);
        if let Some(work) = self.work.get() {
            return Ok(work);
        }
        let scratch = Scratch::new(&self.site)?;
        let tree = self.site.builds.make_sub(&scratch.tree())?;
        Ok(self.work.get_or_init(|| Work { tree, scratch }))
    }

    /// Adds each host's `MANIFEST` and `ROOT`, made of what is installed there.
    pub(crate) fn put_host_lists(&self) -> Result<()> {
        let mut lists = HostLists::default();
        for Recorded { entry, install, .. } in lock(&self.recorded).values() {
            if let Some(install) = install {
                lists.add(entry, install);
            }
        }
        for (entry, bytes) in host_files(lists)? {
            let (path, place) = (entry.path.clone(), Arc::new(Place::default()));
            self.store(&entry.digest, &bytes, Some((&path, &place)))?;
            lock(&self.recorded).insert(path, Recorded { entry, install: None, place });
        }
        Ok(())
    }

    /// What was taken, in the order of the paths, and whether each has its place in the tree.
    pub(crate) fn entries(&self) -> (Vec<Entry>, Vec<bool>) {
        let recorded = lock(&self.recorded);
        recorded.values().map(|recorded| (recorded.entry.clone(), recorded.place.is_taken())).unzip()
    }
}

impl Place {
    fn take(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_taken(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Work {
    fn write(&self, path: &ArtifactPath, bytes: &[u8]) -> Result<()> {
        let path = path.as_str();
        let fail = |errno| self.tree.failed(Action::Create, path, errno);
        let file = match self.tree.create(path) {
            Err(Errno::NOENT) => {
                self.tree.make_above(path)?;
                self.tree.create(path).map_err(fail)?
            }
            made => made.map_err(fail)?,
        };
        self.tree.write_all(&file, bytes).map_err(|errno| self.tree.failed(Action::Write, path, errno))
    }
}

impl Counter {
    pub(crate) fn add(&self, bytes: u64) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn tally(&self) -> Tally {
        Tally { files: self.files.load(Ordering::Relaxed), bytes: self.bytes.load(Ordering::Relaxed) }
    }
}

/// For whom an artifact is, and how it is installed: its path and its delivery must agree.
pub(crate) fn delivered(path: &ArtifactPath, delivery: Delivery) -> Result<(Target, Option<Install>)> {
    let misplaced = |rule| Err(Error::Misplaced { path: path.clone(), rule });
    if path.host_parts().is_some_and(|(.., rest)| matches!(rest, host::MANIFEST | host::ROOT)) {
        return misplaced("`MANIFEST` and `ROOT` of a host are made from what is installed there");
    }
    match (path.host_file(), delivery) {
        (None, Delivery::To(target)) => Ok((target, None)),
        (Some(file), Delivery::Install { owner, restart }) => {
            Ok((Target::host(file.datacenter, file.host), Some(Install { owner, restart })))
        }
        (Some(_), Delivery::To(_)) => misplaced("what lies below a host's `rootfs` is installed there"),
        (None, Delivery::Install { .. }) => {
            misplaced("what is installed on a host lies below `hosts/<dc>/<host>/rootfs`")
        }
    }
}

/// What another thread left when it panicked is still a list of what was done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
