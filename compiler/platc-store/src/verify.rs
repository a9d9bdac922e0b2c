//! Looking at every byte: does each file still say what it said when it was built?
//!
//! Each object is hashed once; a file of a build that is the same inode needs no second look. Beside the
//! bytes go names (nothing missing, nothing that does not belong), modes, `current`, the lists for hosts
//! and coreutils, what is said about builds, the log. Nothing is changed here; what is
//! found becomes data in a [`Report`], and [`Store::distrust`](crate::Store::distrust) tells it to the
//! next build. Temporary names are passed over: a build may be running.
//!
//! Not here: repairing; see `publish`. Start at [`everything`] and [`one`].

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::num::NonZeroUsize;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::host::{self, HostManifest};
use crate::limits::MANIFEST_BYTES_MAX;
use crate::manifest::{BUILD_JSON, SUMS};
use crate::names::in_host;
use crate::parallel::{FILES_MIN, in_parts};
use crate::site::{BUILDS, CURRENT, LOG, Place, SUSPECTS, Site, about_name, id_of_target, place};
use crate::suspects::Suspects;
use crate::sys::{Dir, SEALED_DIR, SEALED_FILE, Shape, Stat};
use crate::{BuildId, Digest, Fault, Manifest, Name, Result, StoredBuild, lines};

/// What was looked at, and what is wrong.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Builds that were looked at.
    pub builds: u64,
    /// Files of builds and objects that were looked at. Names of one file count each.
    pub files: u64,
    /// Bytes that were hashed.
    pub bytes: u64,
    /// What is wrong, sorted by path. Empty: all is as it was built.
    pub troubles: Vec<Trouble>,
}

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Trouble {
    /// Where.
    pub path: PathBuf,
    /// What.
    pub fault: Fault,
    blame: Blame,
}

/// What must not be trusted because of a trouble.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Blame {
    Object(Digest),
    Build(BuildId),
    About(BuildId),
    /// Something that a build looks at closely anyway.
    Nothing,
}

/// An object as it was found.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Object {
    digest: Digest,
    stat: Option<Stat>,
    fault: Option<Fault>,
}

/// A file that a build must have.
#[derive(Clone, Copy)]
struct Expected<'a> {
    path: &'a str,
    digest: Digest,
    size: u64,
}

/// The directory of a build, while it is walked.
struct Walk<'a> {
    id: BuildId,
    store: Option<(&'a Site, &'a [Object])>,
    /// Files that are not known to be an object under another name.
    alone: Vec<Expected<'a>>,
    report: Report,
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` {}", self.path.display(), self.fault)
    }
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.troubles.is_empty()
    }

    pub(crate) fn suspects(&self) -> Suspects {
        let mut suspects = Suspects::default();
        for trouble in &self.troubles {
            match trouble.blame {
                Blame::Object(digest) => drop(suspects.objects.insert(digest)),
                Blame::Build(id) => drop(suspects.builds.insert(id)),
                Blame::About(id) => drop(suspects.abouts.insert(id)),
                Blame::Nothing => {}
            }
        }
        suspects
    }

    fn say(&mut self, path: PathBuf, fault: Fault, blame: Blame) {
        self.troubles.push(Trouble { path, fault, blame });
    }

    fn add(&mut self, other: Self) {
        self.builds += other.builds;
        self.files += other.files;
        self.bytes += other.bytes;
        self.troubles.extend(other.troubles);
    }

    fn sorted(mut self) -> Self {
        self.troubles.sort();
        self.troubles.dedup();
        self
    }
}

/// Verifies a whole `dist`.
pub(crate) fn everything(site: &Site, threads: NonZeroUsize) -> Result<Report> {
    let mut report = Report::default();
    // Builds first: one that is finished meanwhile is not looked at, and needs no object that was not
    // listed.
    let ids = builds(site, &mut report)?;
    let objects = objects(site, threads, &mut report)?;
    for id in ids {
        let name = id.to_string();
        let dir = match site.builds.sub(&name) {
            Ok(dir) => dir,
            Err(error) => {
                report.say(site.builds.join(name), unreadable(&error), Blame::Build(id));
                continue;
            }
        };
        match manifest_of(site, &id)? {
            Some(manifest) => report.add(build(&dir, &id, &manifest, Some((site, &objects)), threads)?),
            None => report.say(dir.join(BUILD_JSON), bad_manifest(&dir, &id)?, Blame::Build(id)),
        }
        report.add(about(site, &id)?);
    }
    current(site, &mut report)?;
    own_files(site, &mut report)?;
    Ok(report.sorted())
}

/// Verifies one build, and its objects where it lies in the store.
pub(crate) fn one(site: Option<&Site>, build_: &StoredBuild, threads: NonZeroUsize) -> Result<Report> {
    let dir = Dir::open(build_.dir(), &crate::sys::Faults::default())?;
    let (id, manifest) = (build_.id(), build_.manifest());
    let inside = match site {
        Some(site)
            if site.builds.stat(id.to_string())?.map(|stat| stat.inode) == Some(dir.own_stat()?.inode) =>
        {
            Some(site)
        }
        _ => None,
    };
    let Some(site) = inside else { return Ok(build(&dir, id, manifest, None, threads)?.sorted()) };
    let mut report = Report::default();
    let mut digests: Vec<Digest> = expected(id, manifest).iter().map(|expected| expected.digest).collect();
    digests.sort_unstable();
    digests.dedup();
    let parts = in_parts(threads, &digests, FILES_MIN, |digests| objects_named(site, digests));
    let mut found = Vec::with_capacity(digests.len());
    for (objects, part) in parts {
        found.extend(objects);
        report.add(part);
    }
    report.add(build(&dir, id, manifest, Some((site, &found)), threads)?);
    report.add(about(site, id)?);
    Ok(report.sorted())
}

/// The manifest of a build that stands: from its directory or, where that is damaged, from the store.
pub(crate) fn manifest_of(site: &Site, id: &BuildId) -> Result<Option<Manifest>> {
    let in_tree = site.builds.read(format!("{id}/{BUILD_JSON}"), MANIFEST_BYTES_MAX);
    let in_store = || site.objects.read(id.digest().object_name(), MANIFEST_BYTES_MAX);
    let right = |bytes: &Vec<u8>| BuildId::of(bytes) == *id;
    let bytes = match in_tree.unwrap_or(None).filter(right) {
        Some(bytes) => Some(bytes),
        None => in_store()?.filter(right),
    };
    Ok(bytes.and_then(|bytes| Manifest::parse(&bytes).ok()))
}

fn builds(site: &Site, report: &mut Report) -> Result<Vec<BuildId>> {
    let mut ids = Vec::new();
    for listed in site.builds.list()? {
        match place(&listed.name) {
            Place::Build(id) => ids.push(id),
            // One without its build may be that of a build that is about to get its name; `gc` removes
            // what a killed one left.
            Place::About(_) | Place::Temporary => {}
            Place::Unknown => report.say(site.builds.join(&listed.name), Fault::Extra, Blame::Nothing),
        }
    }
    Ok(ids)
}

/// Hashes every object, each shard on one thread. They come back sorted by digest.
fn objects(site: &Site, threads: NonZeroUsize, report: &mut Report) -> Result<Vec<Object>> {
    let mut shards = Vec::new();
    for listed in site.objects.list()? {
        let name = listed.name.to_str().filter(|name| listed.is_directory && is_hex(name, 2));
        match name {
            Some(name) => shards.push(name.to_owned()),
            None => report.say(site.objects.join(&listed.name), Fault::Extra, Blame::Nothing),
        }
    }
    let mut objects = Vec::new();
    let parts = in_parts(threads, &shards, SHARDS_MIN, |shards| -> Result<(Vec<Object>, Report)> {
        let mut part = (Vec::new(), Report::default());
        let mut buffer = vec![0; BUFFER_BYTES];
        for name in shards {
            shard(&site.objects.sub(name)?, name, &mut buffer, &mut part)?;
        }
        Ok(part)
    });
    for part in parts {
        let (found, part) = part?;
        objects.extend(found);
        report.add(part);
    }
    Ok(objects)
}

/// Shards that are worth a thread.
const SHARDS_MIN: usize = 8;
/// What is read at a time: larger than most artifacts, small beside the caches.
const BUFFER_BYTES: usize = 128 * 1024;

fn shard(
    dir: &Dir,
    name: &str,
    buffer: &mut [u8],
    (objects, report): &mut (Vec<Object>, Report),
) -> Result<()> {
    for listed in dir.list()? {
        let digest = listed.name.to_str().and_then(|rest| Digest::of_object_name(name, rest));
        let Some(digest) = digest else {
            report.say(dir.join(&listed.name), Fault::Extra, Blame::Nothing);
            continue;
        };
        objects.push(look(dir, &listed.name, digest, buffer, report));
    }
    Ok(())
}

fn objects_named(site: &Site, digests: &[Digest]) -> (Vec<Object>, Report) {
    let mut report = Report::default();
    let mut buffer = vec![0; BUFFER_BYTES];
    let look = |digest: &Digest| {
        look(&site.objects, digest.object_name().as_ref(), *digest, &mut buffer, &mut report)
    };
    let objects: Vec<Object> = digests.iter().map(look).collect();
    // Those that are missing are named with the file that needs them.
    report.troubles.retain(|trouble| trouble.fault != Fault::Missing);
    (objects, report)
}

fn look(dir: &Dir, name: &OsStr, digest: Digest, buffer: &mut [u8], report: &mut Report) -> Object {
    report.files += 1;
    let (stat, fault) = hashed(dir, Path::new(name), digest, None, buffer);
    report.bytes += stat.map_or(0, |stat| stat.size);
    if let Some(fault) = &fault {
        report.say(dir.join(name), fault.clone(), Blame::Object(digest));
    }
    Object { digest, stat, fault }
}

/// Hashes a file; of several faults the gravest is told.
fn hashed(
    dir: &Dir,
    name: &Path,
    expected: Digest,
    size: Option<u64>,
    buffer: &mut [u8],
) -> (Option<Stat>, Option<Fault>) {
    let (stat, found) = match dir.digest(name, buffer) {
        Ok(Some(found)) => found,
        Ok(None) => return (None, Some(Fault::Missing)),
        Err(error) => return (None, Some(unreadable(&error))),
    };
    let fault = match stat.fault(size.unwrap_or(stat.size)) {
        Some(Fault::Mode { .. }) | None if found != expected => Some(Fault::Bytes { expected, found }),
        fault => fault,
    };
    (Some(stat), fault)
}

/// Verifies the directory of a build: every file that belongs, and that no other is there.
fn build(
    dir: &Dir,
    id: &BuildId,
    manifest: &Manifest,
    store: Option<(&Site, &[Object])>,
    threads: NonZeroUsize,
) -> Result<Report> {
    let files = expected(id, manifest);
    let mut walk = Walk { id: *id, store, alone: Vec::new(), report: Report::default() };
    walk.report.builds += 1;
    walk.directory(dir, &files, 0)?;
    let Walk { alone, mut report, .. } = walk;
    let parts = in_parts(threads, &alone, FILES_MIN, |files| {
        let mut report = Report::default();
        let mut buffer = vec![0; BUFFER_BYTES];
        for file in files {
            let (stat, fault) = hashed(dir, Path::new(file.path), file.digest, Some(file.size), &mut buffer);
            report.bytes += stat.map_or(0, |stat| stat.size);
            if let Some(fault) = fault {
                report.say(dir.join(file.path), fault, Blame::Build(*id));
            }
        }
        report
    });
    parts.into_iter().for_each(|part| report.add(part));
    host_lists(dir, id, manifest, &mut report)?;
    Ok(report)
}

/// Every file of a build, sorted by path.
fn expected<'a>(id: &BuildId, manifest: &'a Manifest) -> Vec<Expected<'a>> {
    let json = manifest.to_bytes();
    let sums = manifest.sums_with(id);
    let own = [
        Expected { path: BUILD_JSON, digest: *id.digest(), size: json.len() as u64 },
        Expected { path: SUMS, digest: Digest::of(&sums), size: sums.len() as u64 },
    ];
    let entries = manifest.entries().iter();
    let mut files: Vec<Expected<'_>> = entries
        .map(|entry| Expected { path: entry.path.as_str(), digest: entry.digest, size: entry.size })
        .collect();
    for file in own {
        files.insert(files.partition_point(|other| other.path < file.path), file);
    }
    files
}

impl<'a> Walk<'a> {
    /// Compares a directory with the files that must lie in it or below, whose paths are sorted and begin
    /// with `own` bytes that name the directory itself.
    fn directory(&mut self, dir: &Dir, files: &[Expected<'a>], own: usize) -> Result<()> {
        let stat = dir.own_stat()?;
        if stat.mode != SEALED_DIR {
            let fault = Fault::Mode { expected: SEALED_DIR, found: stat.mode };
            self.say(dir.path().to_owned(), fault);
        }
        let (here, below) = split(files, own);
        let mut here = here.into_iter().peekable();
        let mut below = below.into_iter().peekable();
        for listed in dir.list()? {
            let name = listed.name.as_bytes();
            if listed.is_directory {
                // What comes before in order is not in the list.
                while let Some((_, files)) = below.next_if(|(expected, _)| expected.as_bytes() < name) {
                    files.iter().for_each(|file| self.by_itself(*file));
                }
                match below.next_if(|(expected, _)| expected.as_bytes() == name) {
                    Some((name, files)) => self.directory(&dir.sub(name)?, files, own + name.len() + 1)?,
                    None => self.say(dir.join(&listed.name), Fault::Extra),
                }
            } else {
                while let Some((_, file)) = here.next_if(|(expected, _)| expected.as_bytes() < name) {
                    self.by_itself(file);
                }
                match here.next_if(|(expected, _)| expected.as_bytes() == name) {
                    Some((_, file)) => self.file(dir, file, stat.device(), listed.inode_number),
                    None => self.say(dir.join(&listed.name), Fault::Extra),
                }
            }
        }
        here.for_each(|(_, file)| self.by_itself(file));
        below.flat_map(|(_, files)| files).for_each(|file| self.by_itself(*file));
        Ok(())
    }

    /// Where a name of a build is an object under another name, that was hashed; the list of the
    /// directory says so, and saves a call for each file.
    fn file(&mut self, dir: &Dir, file: Expected<'a>, device: u64, inode_number: u64) {
        let object = self.store.and_then(|(_, objects)| find(objects, &file.digest));
        let Some((object, stat)) = object.and_then(|object| Some((object, object.stat?))) else {
            return self.by_itself(file);
        };
        if (stat.device(), stat.inode_number()) != (device, inode_number) {
            return self.by_itself(file);
        }
        self.report.files += 1;
        if let Some(fault) = object.fault.clone().or_else(|| stat.fault(file.size)) {
            let name = file.path.rsplit('/').next().unwrap_or(file.path);
            self.say(dir.join(name), fault);
        }
    }

    /// A file that must be looked at under its own name; its object must be there all the same.
    fn by_itself(&mut self, file: Expected<'a>) {
        self.report.files += 1;
        self.alone.push(file);
        let Some((site, objects)) = self.store else { return };
        if find(objects, &file.digest).is_none_or(|object| object.fault == Some(Fault::Missing)) {
            let path = site.objects.join(file.digest.object_name());
            self.report.say(path, Fault::Missing, Blame::Object(file.digest));
        }
    }

    fn say(&mut self, path: PathBuf, fault: Fault) {
        self.report.say(path, fault, Blame::Build(self.id));
    }
}

/// Files by name.
type Here<'a> = Vec<(&'a str, Expected<'a>)>;
/// The files below each directory, by its name.
type Below<'a, 'b> = Vec<(&'a str, &'b [Expected<'a>])>;

/// What lies in a directory itself, and what below, each sorted by name.
fn split<'a, 'b>(files: &'b [Expected<'a>], own: usize) -> (Here<'a>, Below<'a, 'b>) {
    let (mut here, mut below) = (Vec::new(), Vec::new());
    let mut rest = files;
    while let [file, others @ ..] = rest {
        let name = file.path.get(own..).unwrap_or_default();
        let Some((directory, _)) = name.split_once('/') else {
            here.push((name, *file));
            rest = others;
            continue;
        };
        let inside = |other: &Expected<'_>| {
            let name = other.path.get(own..).and_then(|name| name.strip_prefix(directory));
            name.is_some_and(|rest| rest.starts_with('/'))
        };
        let (these, after) = rest.split_at(rest.partition_point(inside));
        below.push((directory, these));
        rest = after;
    }
    // `a/b` comes after `a-b`, but `a` before.
    below.sort_unstable_by_key(|(directory, _)| *directory);
    (here, below)
}

fn find<'a>(objects: &'a [Object], digest: &Digest) -> Option<&'a Object> {
    let at = objects.binary_search_by_key(digest, |object| object.digest).ok()?;
    objects.get(at)
}

/// Whether each host's `MANIFEST` and `ROOT` say what the manifest of the build says. Their bytes are
/// those of the manifest; but a build that came from elsewhere may never have been right.
fn host_lists(dir: &Dir, id: &BuildId, manifest: &Manifest, report: &mut Report) -> Result<()> {
    let mut hosts: BTreeMap<(Name, Name), Vec<(&str, &crate::Entry)>> = BTreeMap::new();
    for entry in manifest.entries() {
        if let Some(file) = entry.path.host_file() {
            hosts.entry((file.datacenter, file.host)).or_default().push((file.on_host, entry));
        }
    }
    for ((datacenter, host), files) in hosts {
        let path = in_host(&datacenter, &host, host::MANIFEST);
        let mut say = |path: &crate::ArtifactPath, line, reason| {
            report.say(dir.join(path.as_str()), Fault::Format { line, reason }, Blame::Build(*id));
        };
        // One that is missing or has other bytes was named before.
        let Some(bytes) = intact(dir, manifest, path.as_str())? else {
            if manifest.get(path.as_str()).is_none() {
                say(&path, 1, "the build does not list it");
            }
            continue;
        };
        let list = match HostManifest::parse(&bytes) {
            Ok(list) => list,
            Err(line) => {
                say(&path, line, "not a line of a host's MANIFEST");
                continue;
            }
        };
        let said = list.lines().iter().map(|line| (&*line.path, line.mode, line.digest));
        let built = files.iter().map(|(on_host, entry)| (*on_host, entry.mode, entry.digest));
        if !said.clone().eq(built.clone()) {
            let line = said.zip(built).take_while(|(said, built)| said == built).count() + 1;
            say(&path, line, "the build installs something else");
        }
        let root = in_host(&datacenter, &host, host::ROOT);
        match intact(dir, manifest, root.as_str())? {
            Some(bytes) if bytes != list.root_bytes() => say(&root, 1, "not the hash of the host's MANIFEST"),
            None if manifest.get(root.as_str()).is_none() => say(&root, 1, "the build does not list it"),
            _ => {}
        }
    }
    Ok(())
}

/// The bytes of a file of the build, where they are the right ones.
fn intact(dir: &Dir, manifest: &Manifest, path: &str) -> Result<Option<Vec<u8>>> {
    let Some(entry) = manifest.get(path) else { return Ok(None) };
    let bytes = dir.read(path, entry.size).unwrap_or(None);
    Ok(bytes.filter(|bytes| Digest::of(bytes) == entry.digest))
}

/// Verifies what is said about a build against its own sums.
fn about(site: &Site, id: &BuildId) -> Result<Report> {
    let mut report = Report::default();
    let blame = Blame::About(*id);
    let name = about_name(id);
    let Some(stat) = site.builds.stat(&name)? else {
        report.say(site.builds.join(name), Fault::Missing, blame);
        return Ok(report);
    };
    if stat.shape != Shape::Directory {
        report.say(site.builds.join(name), Fault::NotA { expected: "directory" }, blame);
        return Ok(report);
    }
    if stat.mode != SEALED_DIR {
        let fault = Fault::Mode { expected: SEALED_DIR, found: stat.mode };
        report.say(site.builds.join(&name), fault, blame);
    }
    let dir = site.builds.sub(&name)?;
    let Some(sums) = dir.read(SUMS, MANIFEST_BYTES_MAX)? else {
        report.say(dir.join(SUMS), Fault::Missing, blame);
        return Ok(report);
    };
    if let Some(mode) = dir.stat(SUMS)?.map(|stat| stat.mode).filter(|mode| *mode != SEALED_FILE) {
        report.say(dir.join(SUMS), Fault::Mode { expected: SEALED_FILE, found: mode }, blame);
    }
    let mut names = BTreeSet::from([SUMS.to_owned()]);
    let mut buffer = vec![0; BUFFER_BYTES];
    for (at, line) in sums.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let Some((digest, name)) = read_sum(line) else {
            let fault = Fault::Format { line: at + 1, reason: "not a line of `sha256sum`" };
            report.say(dir.join(SUMS), fault, blame);
            continue;
        };
        report.files += 1;
        let (stat, fault) = hashed(&dir, Path::new(name), digest, None, &mut buffer);
        report.bytes += stat.map_or(0, |stat| stat.size);
        if let Some(fault) = fault {
            report.say(dir.join(name), fault, blame);
        }
        names.insert(name.to_owned());
    }
    for listed in dir.list()? {
        if listed.name.to_str().is_none_or(|name| !names.contains(name)) {
            report.say(dir.join(&listed.name), Fault::Extra, blame);
        }
    }
    Ok(report)
}

/// A line of the sums beside a build, whose names need no escapes.
fn read_sum(line: &[u8]) -> Option<(Digest, &str)> {
    let line = str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (digest, name) = line.split_once("  ")?;
    Some((Digest::parse(digest).ok()?, Name::parse(name).is_ok().then_some(name)?))
}

fn current(site: &Site, report: &mut Report) -> Result<()> {
    let path = site.root.join(CURRENT);
    let Some(stat) = site.root.stat(CURRENT)? else {
        // Where no build was finished yet there is none. The newest line of the log is written just before
        // `current` moves, so one line alone may be of a build that was killed in between.
        if crate::journal::read(site)?.iter().filter(|entry| entry.event.moves()).count() < 2 {
            return Ok(());
        }
        report.say(path, Fault::Missing, Blame::Nothing);
        return Ok(());
    };
    if stat.shape != Shape::Symlink {
        report.say(path, Fault::NotA { expected: "symbolic link" }, Blame::Nothing);
        return Ok(());
    }
    let found = site.root.read_link(CURRENT)?.unwrap_or_default();
    let stands = match id_of_target(&found) {
        Some(id) => site.builds.stat(id.to_string())?.is_some_and(|stat| stat.shape == Shape::Directory),
        None => false,
    };
    if !stands {
        let expected = format!("`{BUILDS}/<id>` of a build that stands");
        report.say(path, Fault::Points { expected, found }, Blame::Nothing);
    }
    Ok(())
}

/// The log and the list of suspects: each line has its own check.
fn own_files(site: &Site, report: &mut Report) -> Result<()> {
    for (dir, name) in [(&site.root, LOG), (&site.store, SUSPECTS)] {
        for line in lines::read(dir, name)?.damaged {
            report.say(dir.join(name), Fault::Format { line, reason: "the line is damaged" }, Blame::Nothing);
        }
    }
    Ok(())
}

fn bad_manifest(dir: &Dir, id: &BuildId) -> Result<Fault> {
    let Some(bytes) = dir.read(BUILD_JSON, MANIFEST_BYTES_MAX)? else { return Ok(Fault::Missing) };
    let found = Digest::of(&bytes);
    if found != *id.digest() {
        return Ok(Fault::Bytes { expected: *id.digest(), found });
    }
    Ok(match Manifest::parse(&bytes) {
        Err(bad) => Fault::Format { line: bad.line, reason: bad.reason },
        Ok(_) => Fault::Unreadable { reason: "it changed while it was read".to_owned() },
    })
}

fn unreadable(error: &crate::Error) -> Fault {
    Fault::Unreadable { reason: error.to_string() }
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
