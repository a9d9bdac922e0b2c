//! `store/sha256`: each artifact once, under its digest.
//!
//! An object gets its name only when all its bytes are written, by a hard link or a rename, so a name
//! that is there means a whole object, and a build looks at type, size and mode only. What `verify`
//! found wrong, and what has another mode than we give, is read and hashed before it is trusted.
//!
//! Not here: where new bytes are written first; that is the build's business. Start at
//! [`Objects::examine`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::io::Errno;

use crate::scratch::Scratch;
use crate::site::Site;
use crate::sys::{Dir, Made, OPEN_DIR, SEALED_FILE, Shape, cannot_link};
use crate::{Action, Digest, Fault, Result};

/// The objects, as one build sees them.
#[derive(Debug)]
pub(crate) struct Objects {
    site: Arc<Site>,
    shards: Vec<Mutex<Shard>>,
    suspects: BTreeSet<Digest>,
}

/// One of the 256 directories. Its lock makes two threads with equal bytes store them once.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    /// This build made the directory, so what it does not know of is hardly there: not worth a look.
    /// Should another process have stored it meanwhile, the link says so.
    fresh: bool,
    /// What is there, with its size.
    known: BTreeMap<Digest, u64>,
}

/// How an object stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    Present,
    Missing,
    /// Something of that name is there that is not the object.
    Wrong,
}

/// Whether a file got the name of an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Entered {
    /// By a link: the file and the object are one.
    Linked,
    /// By a copy, because here are no links: the file is on its own.
    Copied,
    /// Another process was first; its object has the right size.
    WasThere,
}

impl Objects {
    pub(crate) fn new(site: &Arc<Site>, suspects: BTreeSet<Digest>) -> Self {
        let shards = (0..=u8::MAX).map(|_| Mutex::default()).collect();
        Self { site: Arc::clone(site), shards, suspects }
    }

    /// The directory of a digest, for this thread alone.
    pub(crate) fn shard(&self, digest: &Digest) -> MutexGuard<'_, Shard> {
        let shard = self.shards.get(digest.shard());
        let shard = shard.unwrap_or_else(|| unreachable!("there is a shard for each first byte"));
        // What a panicking thread left is a set of digests that were stored.
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the object of a digest stands.
    pub(crate) fn examine(&self, shard: &mut Shard, digest: &Digest, size: u64) -> Result<State> {
        if let Some(known) = shard.known.get(digest) {
            // Whoever names another size means other bytes, which cannot have this digest.
            return Ok(if *known == size { State::Present } else { State::Missing });
        }
        if shard.fresh {
            return Ok(State::Missing);
        }
        let state = self.look(digest, size)?;
        if state == State::Present {
            shard.known.insert(*digest, size);
        }
        Ok(state)
    }

    fn look(&self, digest: &Digest, size: u64) -> Result<State> {
        let name = digest.object_name();
        let Some(stat) = self.site.objects.stat(&name)? else { return Ok(State::Missing) };
        match stat.fault(size) {
            None if !self.suspects.contains(digest) => Ok(State::Present),
            Some(Fault::NotA { .. } | Fault::Size { .. }) => Ok(State::Wrong),
            _ => self.look_closely(digest, size),
        }
    }

    /// Removes an object whose bytes are wrong. Only for who holds the store alone.
    pub(crate) fn remove_wrong(&self, digest: &Digest) -> Result<()> {
        let name = digest.object_name();
        match self.site.objects.stat(&name)? {
            Some(stat) if self.look(digest, stat.size)? == State::Wrong => self.site.objects.remove(name),
            _ => Ok(()),
        }
    }

    /// Somebody changed the mode, or `verify` found something: only the bytes count now.
    fn look_closely(&self, digest: &Digest, size: u64) -> Result<State> {
        let name = digest.object_name();
        let bytes = self.site.objects.read(&name, size)?;
        if bytes.is_none_or(|bytes| Digest::of(&bytes) != *digest) {
            return Ok(State::Wrong);
        }
        self.site.objects.change_mode(&name, SEALED_FILE)?;
        Ok(State::Present)
    }

    /// Gives a whole file that was just written the name of its object.
    pub(crate) fn enter(
        &self,
        shard: &mut Shard,
        (dir, file): (&Dir, &str),
        (digest, bytes): (&Digest, &[u8]),
        scratch: &Scratch,
    ) -> Result<Entered> {
        let name = digest.object_name();
        let entered = match self.in_shard(shard, digest, || dir.link(file, &self.site.objects, &name)) {
            Ok(()) => Entered::Linked,
            Err(Errno::EXIST) if self.look(digest, bytes.len() as u64)? == State::Present => {
                Entered::WasThere
            }
            Err(Errno::EXIST) => {
                self.replace(shard, digest, bytes, scratch)?;
                Entered::Copied
            }
            Err(errno) if cannot_link(errno) => {
                self.replace(shard, digest, bytes, scratch)?;
                Entered::Copied
            }
            Err(errno) => return Err(self.site.objects.failed(Action::Link, name, errno)),
        };
        shard.known.insert(*digest, bytes.len() as u64);
        Ok(entered)
    }

    /// Writes an object whatever has its name: a temporary file that is renamed.
    pub(crate) fn replace(
        &self,
        shard: &mut Shard,
        digest: &Digest,
        bytes: &[u8],
        scratch: &Scratch,
    ) -> Result<()> {
        let (tmp, objects) = (&self.site.tmp, &self.site.objects);
        let (temporary, name) = (scratch.object(), digest.object_name());
        // A file takes the place of a file, but not that of a directory.
        if objects.stat(&name)?.is_some_and(|stat| stat.shape == Shape::Directory) {
            objects.remove(&name)?;
        }
        tmp.write_new(&temporary, bytes)?;
        self.in_shard(shard, digest, || tmp.rename(&temporary, objects, &name))
            .map_err(|errno| objects.failed(Action::Rename, &name, errno))?;
        shard.known.insert(*digest, bytes.len() as u64);
        Ok(())
    }

    /// Does something with a name in a shard, making its directory where it is missing.
    fn in_shard(
        &self,
        shard: &mut Shard,
        digest: &Digest,
        act: impl Fn() -> rustix::io::Result<()>,
    ) -> rustix::io::Result<()> {
        match act() {
            Err(Errno::NOENT) => {}
            done => return done,
        }
        let name = digest.shard_name();
        if self.site.objects.make(&name)? == Made::New {
            self.site.objects.change_mode_raw(&name, OPEN_DIR)?;
            shard.fresh = true;
        }
        act()
    }
}
