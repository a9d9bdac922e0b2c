//! A build from a registry, whole or one part of it.
//!
//! A whole build goes through the store like one that was made here: it has its name when all of it is there,
//! and parts whose files the store has are not asked for. A part goes to a directory that takes its name in
//! one instant. Not here: when `current` moves; the caller says. Start at [`pull`] and [`pull_part`].

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use platc_store::{
    About, Build, BuildId, Current, Entry, Finish, Finished, Known, Manifest, Store, Tally, Target, Timestamp,
};
use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::image::{ANNOTATION_BUILD, BLOB_BYTES_MAX, Image, MEDIA_ABOUT, not_a_build, tampered};
use crate::part::{Broken, Part, for_each_file, parts};
use crate::progress::Count;
use crate::{
    Descriptor, Error, MEDIA_BUILD, Progress, Purpose, Reference, Registry, Result, Signature, Trust,
    parallel, signature,
};

/// How a build is taken over.
#[derive(Clone, Debug)]
pub struct PullOptions {
    /// When, for the log of builds only.
    pub at: Timestamp,
    /// Whether it is the one that counts from now on.
    pub current: Current,
    /// Who may sign, if it must be signed.
    pub trust: Option<Trust>,
}

/// What came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The reference with the manifest's digest.
    pub reference: Reference,
    /// The build.
    pub finished: Finished,
    /// Who signed it, where that was asked.
    pub signer: Option<String>,
    /// Parts that came over the network.
    pub received: Tally,
    /// Parts whose files the store had.
    pub there: Tally,
}

/// What is asked for, of which a host needs no more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// `DATACENTER/HOST`, or the host alone where only one has that name.
    Host(String),
    /// A cluster.
    Cluster(String),
}

/// A part that was pulled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PulledPart {
    /// The build that it is a part of.
    pub id: BuildId,
    /// The reference with the manifest's digest.
    pub reference: Reference,
    /// Whom it is for.
    pub target: Target,
    /// Who signed the build, where that was asked.
    pub signer: Option<String>,
    /// Its files.
    pub files: Tally,
}

/// An image that says that it is a build, with the build's own list.
struct Remote {
    reference: Reference,
    image: Image,
    json: Vec<u8>,
    manifest: Manifest,
    signatures: Vec<Vec<u8>>,
}

/// Pulls a whole build into a store.
///
/// # Errors
/// Where the registry cannot be reached, what arrives is not what was pushed, and where the store refuses.
/// The builds before stay as they are.
pub fn pull(
    registry: &Registry,
    store: &Store,
    options: &PullOptions,
    progress: &dyn Progress,
) -> Result<Outcome> {
    let remote = Remote::look(registry, progress)?;
    let signer = remote.signer(options)?;
    let parts = remote.parts()?;
    let building = store.begin()?;
    let (received, there) = (Count::default(), Count::default());
    progress.expect(parts.iter().map(|(_, layer)| layer.size).sum());
    parallel::each(&parts, |(part, layer)| {
        if has_all(&building, part)? {
            there.add(layer.size);
            progress.advance(layer.size);
            return Ok(());
        }
        let bytes = registry.blob(layer, progress)?;
        part.unpack(&bytes, &remote.subject(), |_, bytes| Ok(building.put_object(bytes).map(drop)?))?;
        received.add(layer.size);
        Ok(())
    })?;
    let about = remote.about(registry, progress)?;
    let finish = Finish { about, at: options.at.clone(), current: options.current };
    let finished = building.adopt(&remote.manifest, &finish)?;
    for text in &remote.signatures {
        // One that is none says nothing; the others do.
        if let Ok(signature) = Signature::parse(text) {
            signature::keep(store.dist(), &finished.id, &signature)?;
        }
    }
    Ok(Outcome {
        reference: remote.reference,
        finished,
        signer,
        received: received.tally(),
        there: there.tally(),
    })
}

/// Pulls what is for one host or cluster into a directory: its files under the paths that they have in the
/// build, `build.json`, and a `SHA256SUMS` of the part alone. The directory is replaced in one instant.
///
/// # Errors
/// As [`pull`]; where the build has no such part; and where the directory holds anything else.
pub fn pull_part(
    registry: &Registry,
    wanted: &Wanted,
    out: &Path,
    options: &PullOptions,
    progress: &dyn Progress,
) -> Result<PulledPart> {
    check_replaceable(out)?;
    let remote = Remote::look(registry, progress)?;
    let signer = remote.signer(options)?;
    let parts = remote.parts()?;
    let (part, layer) = wanted.find(&parts)?;
    progress.expect(layer.size);
    let bytes = registry.blob(layer, progress)?;
    let staged = Staged::new(out)?;
    let files = Count::default();
    part.unpack(&bytes, &remote.subject(), |entry, bytes| {
        files.add(entry.size);
        staged.write(entry.path.as_str(), u32::from(entry.mode.bits()), bytes)
    })?;
    staged.write("build.json", 0o644, &remote.json)?;
    staged.write("SHA256SUMS", 0o644, &sums(&remote.manifest, part))?;
    for (nth, text) in (1..).zip(&remote.signatures) {
        let name = if nth == 1 { "build.json.sig".to_owned() } else { format!("build.json.{nth}.sig") };
        staged.write(&name, 0o644, text)?;
    }
    staged.publish(out)?;
    let (id, target) = (remote.manifest.id(), part.target.clone());
    Ok(PulledPart { id, reference: remote.reference, target, signer, files: files.tally() })
}

impl Remote {
    fn look(registry: &Registry, progress: &dyn Progress) -> Result<Self> {
        let (image, digest) = registry.image()?;
        let reference = Reference { digest: Some(digest), ..registry.reference().clone() };
        let subject = reference.to_string();
        let refused = |message: &str| not_a_build(&subject, message.to_owned());
        let layer = image.layer(MEDIA_BUILD).ok_or_else(|| refused("it has no `build.json`"))?;
        progress.expect(layer.size);
        let json = registry.blob(layer, progress)?;
        let manifest = Manifest::parse(&json)
            .map_err(|bad| refused(&format!("its `build.json` cannot be read, {bad}")))?;
        let id = BuildId::of(&json).to_string();
        if image.annotations.get(ANNOTATION_BUILD).is_some_and(|said| *said != id) {
            let message = format!("it says that it is another build than its `build.json`, which is `{id}`");
            return Err(tampered(&subject, message).into());
        }
        let signatures =
            image.signatures().map(|layer| registry.blob(layer, progress)).collect::<Result<_>>()?;
        Ok(Self { reference, image, json, manifest, signatures })
    }

    /// Who signed it, where that is asked.
    fn signer(&self, options: &PullOptions) -> Result<Option<String>> {
        let Some(trust) = options.trust.as_ref().filter(|trust| trust.demands(Purpose::Build)) else {
            return Ok(None);
        };
        let signer =
            trust.signer(Purpose::Build, &self.json, &self.signatures, &options.at, &self.subject())?;
        Ok(Some(signer.to_owned()))
    }

    fn subject(&self) -> String {
        self.reference.to_string()
    }

    /// Each part with its layer. A part without a layer and a layer without a part are refused.
    fn parts(&self) -> Result<Vec<(Part<'_>, &Descriptor)>> {
        let wrong = |message: String| tampered(&self.subject(), message);
        let parts = parts(&self.manifest);
        let layers: Vec<&Descriptor> =
            self.image.layers.iter().filter(|layer| layer.target().is_some()).collect();
        let known =
            |layer: &&Descriptor| parts.iter().any(|part| layer.target() == Some(&*part.target.to_string()));
        if let Some(strange) = layers.iter().find(|layer| !known(layer)) {
            let target = strange.target().unwrap_or_default();
            return Err(
                wrong(format!("it has a layer for `{target}`, for which `build.json` has nothing")).into()
            );
        }
        let paired = parts.iter().map(|part| {
            let target = part.target.to_string();
            let layer = layers.iter().find(|layer| layer.target() == Some(&*target));
            let layer = layer.ok_or_else(|| wrong(format!("it has no layer for `{target}`")))?;
            Ok((part.clone(), *layer))
        });
        paired.collect()
    }

    /// What is said about the build. It is outside the id, so only the manifest's digest vouches for it.
    fn about(&self, registry: &Registry, progress: &dyn Progress) -> Result<About> {
        let mut about = About::new();
        let Some(layer) = self.image.layer(MEDIA_ABOUT) else { return Ok(about) };
        progress.expect(layer.size);
        let bytes = registry.blob(layer, progress)?;
        let read = for_each_file(&bytes, BLOB_BYTES_MAX, |name, _, read| {
            let bytes = read().map_err(|reason| tampered(&self.subject(), format!("`{name}`: {reason}")))?;
            Ok(about.insert(name, bytes)?)
        });
        match read {
            Ok(()) => Ok(about),
            Err(Broken::Tar(reason)) => {
                Err(tampered(&self.subject(), format!("what it says about the build: {reason}")).into())
            }
            Err(Broken::Other(error)) => Err(error),
        }
    }
}

impl Wanted {
    fn find<'a, 'm>(
        &self,
        parts: &'a [(Part<'m>, &'m Descriptor)],
    ) -> Result<&'a (Part<'m>, &'m Descriptor)> {
        let fits = |(part, _): &&(Part<'_>, &Descriptor)| match (self, &part.target) {
            (Self::Cluster(wanted), Target::Cluster(name)) => wanted == name.as_str(),
            (Self::Host(wanted), Target::Host { datacenter, host }) => {
                wanted == host.as_str() || *wanted == format!("{datacenter}/{host}")
            }
            _ => false,
        };
        let mut fitting = parts.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Ok(one),
            (_, several) => {
                let of_kind = |(part, _): &&(Part<'_>, &Descriptor)| match self {
                    Self::Cluster(_) => matches!(part.target, Target::Cluster(_)),
                    Self::Host(_) => matches!(part.target, Target::Host { .. }),
                };
                let there = parts.iter().filter(of_kind).map(|(part, _)| format!("`{}`", part.target));
                let one = if several.is_some() { "single " } else { "" };
                let wanted = match self {
                    Self::Host(name) => format!("{one}host `{name}`"),
                    Self::Cluster(name) => format!("{one}cluster `{name}`"),
                };
                Err(Error::NoPart { wanted, there: there.collect() })
            }
        }
    }
}

fn has_all(build: &Build, part: &Part<'_>) -> Result<bool> {
    for Entry { digest, size, .. } in &part.entries {
        if !build.has(Known { digest: *digest, size: *size })? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The lines of the build's `SHA256SUMS` that are about the part, and that of `build.json`. The lines stand in
/// the order of the paths.
fn sums(manifest: &Manifest, part: &Part<'_>) -> Vec<u8> {
    let all = manifest.sums();
    let mut paths: Vec<&str> =
        manifest.entries().iter().map(|entry| entry.path.as_str()).chain(["build.json"]).collect();
    paths.sort_unstable();
    let own =
        |path: &str| path == "build.json" || part.entries.iter().any(|entry| entry.path.as_str() == path);
    let lines = all.split_inclusive(|byte| *byte == b'\n').zip(paths);
    lines.filter(|(_, path)| own(path)).flat_map(|(line, _)| line.iter().copied()).collect()
}

/// A directory under a temporary name beside the one that it becomes. It goes when it does not.
struct Staged {
    dir: PathBuf,
}

impl Staged {
    fn new(out: &Path) -> Result<Self> {
        let name = out.file_name().ok_or_else(|| not_replaceable(out))?;
        let mut temporary = std::ffi::OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}.new", std::process::id()));
        let staged = Self { dir: out.with_file_name(temporary) };
        // One that was killed with our number left it.
        let _ = fs::remove_dir_all(&staged.dir);
        fs::create_dir_all(&staged.dir).map_err(Error::io("create", &staged.dir))?;
        Ok(staged)
    }

    fn write(&self, path: &str, mode: u32, bytes: &[u8]) -> Result<()> {
        let path = self.dir.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        }
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&path);
        let write = |mut file: fs::File| file.write_all(bytes).and_then(|()| file.sync_all());
        file.and_then(write).map_err(Error::io("write", path))
    }

    /// Gives it its name. What had the name before goes.
    fn publish(self, out: &Path) -> Result<()> {
        let swapped = renameat_with(CWD, &self.dir, CWD, out, RenameFlags::EXCHANGE);
        if swapped.is_err() {
            // Nothing has the name yet, or the file system cannot exchange two.
            if out.exists() {
                fs::remove_dir_all(out).map_err(Error::io("replace", out))?;
            }
            fs::rename(&self.dir, out).map_err(Error::io("rename", out))?;
        }
        let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::File::open(parent).and_then(|dir| dir.sync_all()).map_err(Error::io("sync", parent))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Nothing more can be done where this fails.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// A directory may be replaced if it is not there, is empty, or was made by an earlier pull.
fn check_replaceable(out: &Path) -> Result<()> {
    let ours = match fs::read_dir(out) {
        Ok(mut entries) => entries.next().is_none() || out.join("build.json").is_file(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(_) => false,
    };
    let store = out.join("builds").is_dir() || out.join("hosts").is_dir() && out.join("clusters").is_dir();
    if ours && !store { Ok(()) } else { Err(not_replaceable(out)) }
}

fn not_replaceable(out: &Path) -> Error {
    let reason = "something else than a pulled part is there; name a new directory";
    Error::Io { action: "replace", path: out.to_owned(), source: std::io::Error::other(reason) }
}
