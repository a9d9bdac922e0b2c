//! Removing the builds that nothing keeps, and then the objects that no build has.
//!
//! It holds the store alone, so no build can be counting on an object. A build goes by one rename to a
//! temporary name, so it is never half there; and an object goes only when the manifests of all builds
//! that stay were read. Killed at any instant, it leaves objects that nobody needs, which the next run
//! removes, and never the other way round. Not here: who decides what to keep. Start at [`sweep`].

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::sync::Arc;

use crate::journal::LogEntry;
use crate::lock::{Hold, hold};
use crate::manifest::BUILD_JSON;
use crate::scratch::Scratch;
use crate::site::{LOG, Place, STORE, Site, about_name, place};
use crate::suspects::{self, Known};
use crate::sys::{Dir, Shape};
use crate::verify::manifest_of;
use crate::{Action, BuildId, Digest, Error, Fault, Result, journal, lines};

/// What stays besides the build that `current` points to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keep {
    /// That many of those that were built, added or switched to last, by the log.
    pub newest: usize,
    /// These, whatever their age.
    pub pinned: Vec<BuildId>,
}

/// What `gc` did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Swept {
    /// Builds that stay, sorted.
    pub kept: Vec<BuildId>,
    /// Builds that went, sorted.
    pub removed: Vec<BuildId>,
    /// Objects that went.
    pub objects: u64,
    /// Bytes in them.
    pub bytes: u64,
}

/// Removes what nothing keeps.
pub(crate) fn sweep(site: &Arc<Site>, keep: &Keep) -> Result<Swept> {
    // Somebody gave the store to several trees, and only one of them can be seen from here.
    if site.root.stat(STORE)?.is_some_and(|stat| stat.shape == Shape::Symlink) {
        return Err(site.root.damaged(STORE, Fault::NotA { expected: "directory of this tree alone" }));
    }
    let _alone = hold(site, Hold::Alone)?;
    let standing = site.build_ids()?;
    let kept = keepers(site, &standing, keep)?;
    let needed = needed(site, &kept)?;
    let mut swept = Swept::default();
    let scratch = Scratch::new(site)?;
    for id in standing {
        if kept.contains(&id) {
            swept.kept.push(id);
        } else {
            remove_build(site, &id, &scratch)?;
            swept.removed.push(id);
        }
    }
    remove_orphans(site, &kept)?;
    remove_objects(site, &needed, &mut swept)?;
    journal::tidy(site, &scratch)?;
    forget_suspects(site, &scratch)?;
    Ok(swept)
}

/// What [`sweep`] would do now. Nothing is held and nothing is changed: a build may begin meanwhile.
pub(crate) fn would_sweep(site: &Site, keep: &Keep) -> Result<Swept> {
    let standing = site.build_ids()?;
    let kept = keepers(site, &standing, keep)?;
    let needed = needed(site, &kept)?;
    let mut swept = Swept::default();
    (swept.kept, swept.removed) = standing.into_iter().partition(|id| kept.contains(id));
    each_orphan(site, &needed, &mut swept, |_, _| Ok(()))?;
    Ok(swept)
}

/// The builds that stay. A build that the log never named was not finished, and is older than all that
/// it names; but where the log is gone or damaged, nobody knows what it named, and all stay.
fn keepers(site: &Site, standing: &[BuildId], keep: &Keep) -> Result<BTreeSet<BuildId>> {
    let mut kept: BTreeSet<BuildId> = keep.pinned.iter().copied().chain(site.current()?).collect();
    let log: Vec<LogEntry> = journal::read(site)?;
    let whole = site.root.stat(LOG)?.is_some() && lines::read(&site.root, LOG)?.damaged.is_empty();
    let mut newest: Vec<BuildId> = Vec::new();
    for entry in log.iter().rev() {
        if standing.binary_search(&entry.id).is_ok() && !newest.contains(&entry.id) {
            newest.push(entry.id);
        }
    }
    let unnamed = standing.iter().filter(|id| !newest.contains(id));
    if !whole {
        kept.extend(unnamed);
    }
    kept.extend(newest.iter().take(keep.newest));
    kept.retain(|id| standing.binary_search(id).is_ok());
    Ok(kept)
}

/// Every object that one of these builds has.
fn needed(site: &Site, kept: &BTreeSet<BuildId>) -> Result<BTreeSet<Digest>> {
    let mut needed = BTreeSet::new();
    for id in kept {
        let Some(manifest) = manifest_of(site, id)? else {
            let path = site.builds.join(format!("{id}/{BUILD_JSON}"));
            let reason = "without it nobody knows which objects the build needs".to_owned();
            return Err(Error::Damaged { path, fault: Fault::Unreadable { reason } });
        };
        needed.extend(manifest.entries().iter().map(|entry| entry.digest));
        needed.extend([*id.digest(), Digest::of(&manifest.sums_with(id))]);
    }
    Ok(needed)
}

fn remove_build(site: &Site, id: &BuildId, scratch: &Scratch) -> Result<()> {
    let old = scratch.old();
    site.builds
        .rename(&id.to_string(), &site.builds, &old)
        .map_err(|errno| site.builds.failed(Action::Rename, id.to_string(), errno))?;
    site.builds.remove(about_name(id))?;
    site.builds.remove(old)
}

/// What is said about builds that are gone: of this run, and of one that was killed.
fn remove_orphans(site: &Site, kept: &BTreeSet<BuildId>) -> Result<()> {
    for listed in site.builds.list()? {
        match place(&listed.name) {
            Place::About(id) if !kept.contains(&id) => site.builds.remove(&listed.name)?,
            _ => {}
        }
    }
    Ok(())
}

fn remove_objects(site: &Site, needed: &BTreeSet<Digest>, swept: &mut Swept) -> Result<()> {
    each_orphan(site, needed, swept, |dir, name| dir.remove(name))
}

/// Counts the objects that nobody needs, and does something with each.
fn each_orphan(
    site: &Site,
    needed: &BTreeSet<Digest>,
    swept: &mut Swept,
    act: impl Fn(&Dir, &OsStr) -> Result<()>,
) -> Result<()> {
    for shard in site.objects.list()? {
        let Some(first) = shard.name.to_str().filter(|_| shard.is_directory) else { continue };
        let dir = site.objects.sub(first)?;
        for object in dir.list()? {
            let digest = object.name.to_str().and_then(|rest| Digest::of_object_name(first, rest));
            // What is not an object is not ours to remove; `verify` names it.
            if digest.is_none_or(|digest| needed.contains(&digest)) {
                continue;
            }
            swept.objects += 1;
            swept.bytes += dir.stat(&object.name)?.map_or(0, |stat| stat.size);
            act(&dir, &object.name)?;
        }
    }
    Ok(())
}

/// Suspects that are gone harm nobody.
fn forget_suspects(site: &Site, scratch: &Scratch) -> Result<()> {
    let Known::Exactly(before) = suspects::read(site)? else { return Ok(()) };
    let mut now = before.clone();
    let there = |name: String| site.builds.stat(name).map_or(true, |stat| stat.is_some());
    now.builds.retain(|id| there(id.to_string()));
    now.abouts.retain(|id| there(about_name(id)));
    now.objects.retain(|digest| site.objects.stat(digest.object_name()).map_or(true, |stat| stat.is_some()));
    if now == before { Ok(()) } else { suspects::rewrite(site, &now, scratch) }
}
