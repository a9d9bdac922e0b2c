//! From artifacts to a build: put together, brought to the disk, and only then the one that counts.
//!
//! The order is what makes a kill harmless. The directory is complete before it gets its name; what is
//! said about the build is there before it; one `syncfs` comes before `current` moves; and `current`
//! moves by one rename. Whatever the instant, `current` points to a build that is whole, and what is
//! half done has a temporary name that the next build removes.
//!
//! Not here: taking artifacts; see `write`. Start at [`Build::finish`].

use std::num::NonZeroUsize;
use std::sync::Arc;

use rustix::io::Errno;

use crate::checked::first_fault;
use crate::limits::MANIFEST_BYTES_MAX;
use crate::lock::{Hold, hold};
use crate::manifest::{BUILD_JSON, SUMS};
use crate::objects::Objects;
use crate::parallel::{FILES_MIN, in_parts};
use crate::scratch::{Scratch, install};
use crate::site::{CURRENT, Site, about_name, target_of};
use crate::suspects::{self, Suspects};
use crate::sys::{Dir, SEALED_DIR, cannot_link};
use crate::write::{Place, Work};
use crate::{
    About, Action, ArtifactPath, Build, BuildId, Digest, Error, Event, Fault, Known, LogEntry, Manifest,
    Result, Timestamp, journal,
};

/// How a build ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finish {
    /// What is said about it.
    pub about: About,
    /// When, by the caller's clock: for the log only.
    pub at: Timestamp,
    /// Whether it is the one that counts from now on.
    pub current: Current,
}

/// Whether `current` moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Current {
    /// To the new build.
    Move,
    /// It stays: the new build is only kept.
    Keep,
}

/// A build that is whole, on the disk, and has its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Finished {
    /// Its id.
    pub id: BuildId,
    /// Artifacts, the build's own lists included, that the store had not.
    pub written: Tally,
    /// Artifacts that it had.
    pub reused: Tally,
    /// Whether its directory is new, or was put together anew because it was damaged.
    pub assembled: bool,
    /// Whether `current` pointed elsewhere before.
    pub moved: bool,
}

/// How many files with how many bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Files.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
}

/// The files that a build's directory consists of, and those that lie there already.
struct Plan<'a> {
    manifest: &'a Manifest,
    files: Vec<(&'a str, Known)>,
}

impl Build {
    /// Puts the build together from what was taken. Where it stands already and nothing changed, nothing
    /// is written.
    ///
    /// # Errors
    /// Where an artifact failed before, where paths exclude each other, and where the system refuses;
    /// the builds before stay as they are.
    pub fn finish(self, how: &Finish) -> Result<Finished> {
        self.finish_saying(how, |_, _| Ok(()))
    }

    /// As [`finish`](Self::finish); `say` adds what can only be said when the manifest is known, such as a
    /// provenance that names the build's id.
    ///
    /// # Errors
    /// As [`finish`](Self::finish), and those of `say`.
    pub fn finish_saying(
        self,
        how: &Finish,
        say: impl FnOnce(&Manifest, &mut About) -> Result<()>,
    ) -> Result<Finished> {
        self.complete()?;
        self.put_host_lists()?;
        let (entries, placed) = self.entries();
        // The entries are in the manifest's order already, so each is still beside its place.
        let manifest = Manifest::new(entries)?;
        let mut how = how.clone();
        say(&manifest, &mut how.about)?;
        self.publish(&manifest, &placed, &how)
    }

    /// Puts together the build of a manifest that was made elsewhere. Its artifacts were stored with
    /// [`put_object`](Self::put_object), or were there.
    ///
    /// # Errors
    /// As [`finish`](Self::finish), and where the store lacks an artifact, or artifacts with paths were
    /// taken as well.
    pub fn adopt(self, manifest: &Manifest, how: &Finish) -> Result<Finished> {
        self.complete()?;
        if let Some(entry) = self.entries().0.into_iter().next() {
            let rule = "a build that adopts a manifest takes objects only";
            return Err(Error::Misplaced { path: entry.path, rule });
        }
        for entry in manifest.entries() {
            if !self.has(Known { digest: entry.digest, size: entry.size })? {
                return Err(self.site.objects.damaged(entry.digest.object_name(), Fault::Missing));
            }
        }
        self.publish(manifest, &[], how)
    }

    /// `placed` says of each file of the manifest whether the tree has it; of those beyond, it has none.
    fn publish(self, manifest: &Manifest, placed: &[bool], how: &Finish) -> Result<Finished> {
        let json = manifest.to_bytes();
        let id = BuildId::of(&json);
        let sums = manifest.sums_with(&id);
        let stands = self.stands(&id, manifest)?;
        let mut lists = Vec::new();
        for (name, bytes) in [(BUILD_JSON, &json), (SUMS, &sums)] {
            let (path, place, known) = (ArtifactPath::parse(name)?, Place::default(), known(bytes));
            self.store(&known.digest, bytes, (!stands).then_some((&path, &place)))?;
            lists.push((name, known, place.is_taken()));
        }
        if !stands {
            assemble(self.work()?, &self.site, &Plan::new(manifest, placed, &lists), self.threads)?;
        }
        if !how.about.lies(&self.site, &id)? {
            how.about.put(&self.site, &id, &self.work()?.scratch)?;
        }
        if !stands {
            let Work { scratch, .. } = self.work()?;
            // Another process may have made the same build meanwhile.
            let beaten = || self.stands(&id, manifest);
            install(&self.site, (&scratch.tree(), &id.to_string()), scratch, beaten)?;
        }
        let restored = self.restore_others(&id)?;
        let moves = how.current == Current::Move && self.site.current()? != Some(id);
        if moves || self.work.get().is_some_and(|work| work.scratch.is_unsynced()) {
            self.work()?.scratch.sync()?;
        }
        if moves {
            let entry = LogEntry { at: how.at.clone(), id, event: Event::Build };
            point(&self.site, &self.work()?.scratch, &entry)?;
        } else if how.current == Current::Keep && !stands {
            journal::append(&self.site, &LogEntry { at: how.at.clone(), id, event: Event::Add })?;
        }
        let finished = Finished {
            id,
            written: self.written.tally(),
            reused: self.reused.tally(),
            assembled: !stands,
            moved: moves,
        };
        self.settle(&id, &restored);
        Ok(finished)
    }

    /// Whether the build stands as its manifest says, as far as its looks tell.
    fn stands(&self, id: &BuildId, manifest: &Manifest) -> Result<bool> {
        let suspect = self.suspects.touch(id, manifest);
        Ok(!suspect && first_fault(&self.site, id, manifest, self.threads)?.is_none())
    }

    /// Other builds that `verify` found damaged are put together anew, where the store has all that
    /// they need. Gives those that are right again.
    fn restore_others(&self, own: &BuildId) -> Result<Vec<BuildId>> {
        let mut restored = Vec::new();
        for id in self.suspects.builds.iter().filter(|id| *id != own) {
            let Some((manifest, [json, sums])) = self.restorable(id)? else { continue };
            let scratch = Scratch::new(&self.site)?;
            let tree = self.site.builds.make_sub(&scratch.tree())?;
            let work = Work { tree, scratch };
            let lists = [(BUILD_JSON, json, false), (SUMS, sums, false)];
            assemble(&work, &self.site, &Plan::new(&manifest, &[], &lists), self.threads)?;
            install(&self.site, (&work.scratch.tree(), &id.to_string()), &work.scratch, || Ok(false))?;
            work.scratch.sync()?;
            restored.push(*id);
        }
        Ok(restored)
    }

    /// The manifest of a build that stands, damaged, and its own two files, if the store has all of it.
    fn restorable(&self, id: &BuildId) -> Result<Option<(Manifest, [Known; 2])>> {
        if self.site.builds.stat(id.to_string())?.is_none() {
            return Ok(None);
        }
        let object = id.digest().object_name();
        let Some(json) = self.site.objects.read(&object, MANIFEST_BYTES_MAX)? else { return Ok(None) };
        if BuildId::of(&json) != *id {
            return Ok(None);
        }
        let Ok(manifest) = Manifest::parse(&json) else { return Ok(None) };
        for entry in manifest.entries() {
            if !self.has(Known { digest: entry.digest, size: entry.size })? {
                return Ok(None);
            }
        }
        let sums = manifest.sums_with(id);
        self.store(&Digest::of(&sums), &sums, None)?;
        Ok(Some((manifest, [known(&json), known(&sums)])))
    }

    /// Strikes from the list of suspects what is right again, and tidies the log. That needs the store
    /// alone; where another build runs, the next one does it.
    fn settle(self, id: &BuildId, restored: &[BuildId]) {
        let Self { work, held, site, suspects, objects, .. } = self;
        let nothing = suspects::Known::Exactly(Suspects::default());
        if suspects::read(&site).is_ok_and(|list| list == nothing)
            && !journal::damaged(&site).unwrap_or(false)
        {
            return;
        }
        drop((work, held));
        let Ok(_alone) = hold(&site, Hold::Alone) else { return };
        let right = |build: &BuildId| build == id || restored.contains(build);
        // An error leaves what was there, which the next build finds again; this one is finished.
        let _ = tidy(&site, &objects, &suspects, right);
    }
}

/// Forgets the suspects that are right or gone, and damaged lines of the log.
fn tidy(
    site: &Arc<Site>,
    objects: &Objects,
    before: &Suspects,
    right: impl Fn(&BuildId) -> bool,
) -> Result<()> {
    let scratch = Scratch::new(site)?;
    journal::tidy(site, &scratch)?;
    // `verify` may have added something since this build began; that stays.
    let mut now = match suspects::read(site)? {
        suspects::Known::Exactly(now) => now,
        suspects::Known::Damaged => before.clone(),
    };
    for digest in &before.objects {
        // Nobody gets these bytes any more; whoever needs the right ones stores them.
        objects.remove_wrong(digest)?;
        now.objects.remove(digest);
    }
    let there = |name: String| site.builds.stat(name).map_or(true, |stat| stat.is_some());
    now.builds.retain(|build| !(before.builds.contains(build) && right(build)) && there(build.to_string()));
    now.abouts.retain(|build| !(before.abouts.contains(build) && right(build)) && there(about_name(build)));
    suspects::rewrite(site, &now, &scratch)
}

/// Moves `current`, in one instant, and says so in the log before.
pub(crate) fn point(site: &Site, scratch: &Scratch, entry: &LogEntry) -> Result<()> {
    journal::append(site, entry)?;
    let temporary = scratch.link();
    site.root.symlink(&target_of(&entry.id), &temporary)?;
    site.root
        .rename(&temporary, &site.root, CURRENT)
        .map_err(|errno| site.root.failed(Action::Rename, CURRENT, errno))
}

fn known(bytes: &[u8]) -> Known {
    Known { digest: Digest::of(bytes), size: bytes.len() as u64 }
}

impl<'a> Plan<'a> {
    /// The files of a build without those that are placed; see [`Build::publish`].
    fn new(manifest: &'a Manifest, placed: &[bool], lists: &[(&'static str, Known, bool)]) -> Self {
        let placed = placed.iter().copied().chain(std::iter::repeat(false));
        let entries = manifest.entries().iter().zip(placed);
        let files = entries
            .map(|(entry, placed)| {
                (entry.path.as_str(), Known { digest: entry.digest, size: entry.size }, placed)
            })
            .chain(lists.iter().copied())
            .filter_map(|(path, known, placed)| (!placed).then_some((path, known)))
            .collect();
        Self { manifest, files }
    }
}

/// Gives the objects of a build their names in its directory, and seals it.
fn assemble(work: &Work, site: &Site, plan: &Plan<'_>, threads: NonZeroUsize) -> Result<()> {
    let Work { tree, scratch } = work;
    scratch.stored();
    let place_all =
        |files: &[(&str, Known)]| files.iter().try_for_each(|(path, known)| place(tree, site, path, *known));
    in_parts(threads, &plan.files, FILES_MIN, place_all).into_iter().collect::<Result<()>>()?;
    let directories: Vec<&str> = plan.manifest.directories().collect();
    let seal = |names: &[&str]| names.iter().try_for_each(|name| tree.change_mode(name, SEALED_DIR));
    in_parts(threads, &directories, FILES_MIN, seal).into_iter().collect::<Result<()>>()?;
    site.builds.change_mode(scratch.tree(), SEALED_DIR)
}

/// Gives an object a name in the tree; where it can have no second one, the name gets a copy.
fn place(tree: &Dir, site: &Site, path: &str, known: Known) -> Result<()> {
    let object = known.digest.object_name();
    let link = || site.objects.link(&object, tree, path);
    let linked = match link() {
        Err(Errno::NOENT) => {
            tree.make_above(path)?;
            link()
        }
        done => done,
    };
    match linked {
        Ok(()) => Ok(()),
        Err(Errno::NOENT) => Err(site.objects.damaged(object, Fault::Missing)),
        Err(errno) if cannot_link(errno) => copy(tree, site, path, known),
        Err(errno) => Err(tree.failed(Action::Link, path, errno)),
    }
}

fn copy(tree: &Dir, site: &Site, path: &str, known: Known) -> Result<()> {
    let object = known.digest.object_name();
    let missing = || site.objects.damaged(&object, Fault::Missing);
    let bytes = site.objects.read(&object, known.size)?.ok_or_else(missing)?;
    let found = Digest::of(&bytes);
    if found != known.digest {
        return Err(site.objects.damaged(&object, Fault::Bytes { expected: known.digest, found }));
    }
    tree.make_above(path)?;
    tree.write_new(path, &bytes)
}
