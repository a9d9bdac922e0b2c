//! The store of a `dist`: where everything starts.
//!
//! Opening it does nothing; reading makes no file, and only a build makes directories. Not here: how any
//! of it is done; each method names a module of its own. Start at [`Store::begin`] or [`Store::find`].

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::checked::presence;
use crate::lock::{Hold, hold};
use crate::publish::point;
use crate::scratch::{Scratch, clear_leftovers};
use crate::site::Site;
use crate::suspects::{self, Known, Suspects};
use crate::sys::Faults;
use crate::{
    Build, BuildId, Error, Event, Keep, LogEntry, Presence, Report, Result, StoredBuild, Swept, Timestamp,
    gc, journal, verify,
};

/// The builds below one directory, usually `dist`, and the store that their files are links into.
#[derive(Clone, Debug)]
pub struct Store {
    dist: PathBuf,
    threads: NonZeroUsize,
    pub(crate) faults: Faults,
}

impl Store {
    /// The store of `dist`, which need not be there yet. At most `threads` threads work at a time for
    /// what this crate does by itself; the results do not depend on it.
    pub fn open(dist: impl Into<PathBuf>, threads: NonZeroUsize) -> Self {
        Self { dist: dist.into(), threads, faults: Faults::default() }
    }

    /// The directory.
    pub fn dist(&self) -> &Path {
        &self.dist
    }

    /// Begins a build: removes what killed ones left, and sees to it that nobody removes objects
    /// meanwhile. Other builds may run.
    ///
    /// # Errors
    /// [`Error::Busy`] where `gc` runs; and where the directories cannot be made.
    pub fn begin(&self) -> Result<Build> {
        let site = Arc::new(Site::create(&self.dist, &self.faults)?);
        let held = hold(&site, Hold::Shared)?;
        let leftovers = clear_leftovers(&site)?;
        let suspects = match suspects::read(&site)? {
            Known::Exactly(suspects) if !leftovers.unsynced => suspects,
            // Rare and slow: only a look at every byte tells what can be trusted now.
            known => self.suspect_everything(&site, known)?,
        };
        leftovers.forget(&site)?;
        Ok(Build::new(site, held, suspects, self.threads))
    }

    fn suspect_everything(&self, site: &Site, known: Known) -> Result<Suspects> {
        let mut found = verify::everything(site, self.threads)?.suspects();
        suspects::append(site, &found)?;
        if let Known::Exactly(before) = known {
            found.objects.extend(before.objects);
            found.builds.extend(before.builds);
            found.abouts.extend(before.abouts);
        }
        Ok(found)
    }

    /// The build that `current` points to; nothing where no build was finished yet.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn current(&self) -> Result<Option<BuildId>> {
        self.site()?.map_or(Ok(None), |site| site.current())
    }

    /// The builds that stand, sorted by id.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn builds(&self) -> Result<Vec<BuildId>> {
        self.site()?.map_or_else(|| Ok(Vec::new()), |site| site.build_ids())
    }

    /// When `current` moved and to what, oldest first. Damaged lines are left out; `verify` names them.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn log(&self) -> Result<Vec<LogEntry>> {
        self.site()?.map_or_else(|| Ok(Vec::new()), |site| journal::read(&site))
    }

    /// The build to which `current` pointed before it pointed to the one that it points to now, as far as
    /// the log tells and it still stands.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn previous(&self) -> Result<Option<BuildId>> {
        let Some(site) = self.site()? else { return Ok(None) };
        let current = site.current()?;
        let standing = site.build_ids()?;
        let log = journal::read(&site)?;
        let mut before = log.iter().rev().filter(|entry| entry.event.moves()).map(|entry| entry.id);
        // The newest entry may tell of a build that was killed before `current` moved.
        before.by_ref().find(|id| Some(*id) == current);
        Ok(before.find(|id| Some(*id) != current && standing.binary_search(id).is_ok()))
    }

    /// Opens a build by `current`, by its id or the beginning of it, or by the path of its directory: a
    /// name with a `/` is a path, and so is one that is no beginning of an id.
    ///
    /// # Errors
    /// [`Error::NoBuild`], [`Error::Ambiguous`], and where its manifest is damaged.
    pub fn find(&self, name: &str) -> Result<StoredBuild> {
        StoredBuild::find(self, name)
    }

    /// Whether a build is there, as far as a `stat` of each of its files tells. The bytes of its manifest
    /// are checked, those of its artifacts are not.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn check_present(&self, id: &BuildId) -> Result<Presence> {
        match self.site()? {
            Some(site) => presence(&site, id, self.threads),
            None => Ok(Presence::Lacking { path: self.dist.clone(), fault: crate::Fault::Missing }),
        }
    }

    /// Points `current` to a build that stands: a rollback, or back again.
    ///
    /// # Errors
    /// [`Error::NoBuild`], and [`Error::Damaged`] where it is not whole.
    pub fn switch(&self, id: &BuildId, at: &Timestamp) -> Result<()> {
        let no_build = || Error::NoBuild { name: id.to_string() };
        let site = Arc::new(self.site()?.ok_or_else(no_build)?);
        let _held = hold(&site, Hold::Shared)?;
        if site.build_ids()?.binary_search(id).is_err() {
            return Err(no_build());
        }
        match presence(&site, id, self.threads)? {
            Presence::Whole => {}
            Presence::Lacking { path, fault } => return Err(Error::Damaged { path, fault }),
            Presence::Suspect => {
                let reason = "verify found it damaged, and no build has repaired it".to_owned();
                return Err(site.builds.damaged(id.to_string(), crate::Fault::Unreadable { reason }));
            }
        }
        if site.current()? == Some(*id) {
            return Ok(());
        }
        let scratch = Scratch::new(&site)?;
        // It was brought to the disk when it was built, unless that build was killed just before.
        scratch.sync()?;
        point(&site, &scratch, &LogEntry { at: at.clone(), id: *id, event: Event::Switch })
    }

    /// Looks at every byte of every build and object, and reports all that is wrong. Changes nothing.
    ///
    /// # Errors
    /// Where there is no store, `gc` runs, or a directory cannot be listed.
    pub fn verify(&self) -> Result<Report> {
        let site = self.existing()?;
        let _held = hold_for_reading(&site)?;
        verify::everything(&site, self.threads)
    }

    /// As [`verify`](Self::verify), for one build and the objects that it needs; also one that lies
    /// outside any store.
    ///
    /// # Errors
    /// Where `gc` runs, or a directory cannot be listed.
    pub fn verify_build(&self, build: &StoredBuild) -> Result<Report> {
        let site = self.site()?;
        let _held = site.as_ref().map(hold_for_reading).transpose()?;
        verify::one(site.as_ref(), build, self.threads)
    }

    /// Tells the next builds what was found wrong, so that they repair it: a build looks at sizes only,
    /// and would not see it.
    ///
    /// # Errors
    /// Where `gc` runs, or the list cannot be written.
    pub fn distrust(&self, report: &Report) -> Result<()> {
        let mut suspects = report.suspects();
        if suspects.is_empty() {
            return Ok(());
        }
        let site = self.existing()?;
        let _held = hold(&site, Hold::Shared)?;
        // The files of other builds may be the damaged object under other names.
        for id in site.build_ids()? {
            if verify::manifest_of(&site, &id)?.is_none_or(|manifest| suspects.touch(&id, &manifest)) {
                suspects.builds.insert(id);
            }
        }
        suspects::append(&site, &suspects)
    }

    /// Removes the builds that nothing keeps, and then the objects that no build has.
    ///
    /// # Errors
    /// [`Error::Busy`] where a build runs; and where a build that stays cannot be read, because then
    /// nobody knows what it needs.
    pub fn gc(&self, keep: &Keep) -> Result<Swept> {
        self.site()?.map_or_else(|| Ok(Swept::default()), |site| gc::sweep(&Arc::new(site), keep))
    }

    /// What [`gc`](Self::gc) would remove now.
    ///
    /// # Errors
    /// Where a build that stays cannot be read, because then nobody knows what it needs.
    pub fn would_gc(&self, keep: &Keep) -> Result<Swept> {
        self.site()?.map_or_else(|| Ok(Swept::default()), |site| gc::would_sweep(&site, keep))
    }

    pub(crate) fn site(&self) -> Result<Option<Site>> {
        Site::open(&self.dist, &self.faults)
    }

    fn existing(&self) -> Result<Site> {
        self.site()?.ok_or_else(|| Error::NoBuild { name: self.dist.display().to_string() })
    }
}

/// Where nobody may write, nobody removes objects either, so there is nothing to hold.
fn hold_for_reading(site: &Site) -> Result<Option<crate::lock::Held>> {
    match hold(site, Hold::Shared) {
        Err(error)
            if matches!(
                error.io_kind(),
                Some(std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied)
            ) =>
        {
            Ok(None)
        }
        held => held.map(Some),
    }
}
