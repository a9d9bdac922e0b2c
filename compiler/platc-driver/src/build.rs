//! From a platform to a build in `dist`: analyse, judge, allocate, write, and only then let it count.
//!
//! Nothing is delivered of a platform with an error, and a build of inputs that have not changed is found
//! without doing any of it again: what was asked of the world is remembered beside the build, and asked
//! again ([`crate::record`]).
//!
//! Not here: what is said on a terminal, and how bytes come to the disk (`platc-store`).
//!
//! Start with [`build`].

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use platc_artifact::judge::Judge;
use platc_artifact::{Artifact, DocRefusal};
use platc_diag::{Diagnostic, Level};
use platc_store::{
    About, ArtifactPath, Build, BuildId, Current, Delivery, Finish, Finished, Kind, Meta, Mode, Name, Owner,
    Presence, Store, Timestamp, Unit,
};
use rayon::prelude::*;

use crate::analysis::{Analysis, AnalysisOptions, analyse};
use crate::discover::LOCK_FILE;
use crate::emission::{EmitError, emit};
use crate::judge::{self, Judgement};
use crate::record::{Inputs, at_rest};
use crate::world::World;
use crate::{findings, provenance, trace};

/// The file beside a build that says what it depends on.
const INPUTS: &str = "inputs.txt";
/// The file beside a build with its findings.
const FINDINGS: &str = "findings.json";
/// The file beside a build that says where each of its files comes from.
const ORIGINS: &str = "origins.json";
/// The file beside a build that says what it was made of.
const PROVENANCE: &str = "provenance.json";
/// Where a build lies if nobody says otherwise, in the platform's directory.
pub const DIST: &str = "dist";

/// How a platform is built.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// Where builds lie.
    pub out: PathBuf,
    /// The day on which ends of waivers are judged, and what else an analysis depends on.
    pub analysis: AnalysisOptions,
    /// Threads of the store.
    pub threads: NonZeroUsize,
    /// Whether `platc.lock` must stay as it is.
    pub locked: bool,
    /// Whether warnings count as errors.
    pub deny_warnings: bool,
    /// When, for the log of builds only.
    pub at: Timestamp,
    /// What tells one compiler from another of the same version: a build by another is not taken over.
    pub compiler: String,
}

/// What came of it.
#[derive(Debug)]
pub enum Built {
    /// Nothing it depends on has changed, and the build is there.
    Unchanged {
        /// Its id.
        id: BuildId,
        /// Its findings, as they were written beside it.
        findings: Vec<u8>,
    },
    /// There is a build; it may have warnings.
    Done {
        /// The platform as it was understood.
        analysis: Box<Analysis>,
        /// What was written.
        finished: Finished,
        /// The lock file's new text, if it changed.
        lock: Option<String>,
    },
    /// There are errors, so there is no build, and the one before counts.
    Refused {
        /// The platform as far as it was understood; its problems say why.
        analysis: Box<Analysis>,
    },
}

/// Why there is no build, although nothing is known to be wrong with the platform.
#[derive(Debug)]
pub enum BuildError {
    /// The disk, or another process.
    Store(platc_store::Error),
    /// Its files change each time that they are read.
    Restless,
    /// `platc.lock` would change, and `--locked` forbids it.
    Locked,
    /// `platc.lock` cannot be written.
    Lock(std::io::Error),
    /// A format cannot say what an emitter wants: a bug in platc.
    Refused {
        /// The file.
        path: String,
        /// What the format refuses.
        refusal: DocRefusal,
    },
}

/// Reads, checks, plans and judges the platform in `root`: all that can be said about it without writing.
///
/// # Errors
/// If a format cannot say what an emitter wants: a bug in platc.
pub fn judged(
    world: &dyn World,
    root: &Path,
    options: AnalysisOptions,
    judge: &dyn Judge,
    threads: NonZeroUsize,
) -> Result<Judgement, BuildError> {
    judged_analysis(world, analyse(world, root, options), judge, threads)
}

/// Judges what was analysed already, as [`judged`] does.
///
/// # Errors
/// If a format cannot say what an emitter wants: a bug in platc.
pub fn judged_analysis(
    world: &dyn World,
    analysis: Analysis,
    judge: &dyn Judge,
    threads: NonZeroUsize,
) -> Result<Judgement, BuildError> {
    let mut judgement = judge::model(world, analysis, judge, threads);
    match judge::artifacts(&mut judgement, threads) {
        Ok(()) => Ok(judgement),
        Err(EmitError::Refused { path, refusal }) => Err(BuildError::Refused { path, refusal }),
        Err(EmitError::Taker(())) => unreachable!("nobody takes anything yet"),
    }
}

/// Reads, checks and plans the platform in `root`, with what its policies change: what `explain`, `show` and
/// `plan` speak of.
pub fn settled(
    world: &dyn World,
    root: &Path,
    options: AnalysisOptions,
    judge: &dyn Judge,
    threads: NonZeroUsize,
) -> Analysis {
    judge::model(world, analyse(world, root, options), judge, threads).analysis
}

/// Builds the platform in `root`. `write_lock` replaces the lock file's text.
///
/// # Errors
/// Where the disk refuses, and where the lock file may not or cannot be written. What is wrong with the
/// platform is no error but [`Built::Refused`].
pub fn build(
    world: &dyn World,
    root: &Path,
    options: &BuildOptions,
    judge: &dyn Judge,
    write_lock: &dyn Fn(&Path, &str) -> std::io::Result<()>,
) -> Result<Built, BuildError> {
    let store = Store::open(&options.out, options.threads);
    let key = provenance::key(options);
    let looking = trace::span("look for changes");
    if let Some((id, findings)) = unchanged(&store, world, root, &key)? {
        return Ok(Built::Unchanged { id, findings });
    }
    drop(looking);
    let work = |world: &dyn World| judged(world, root, options.analysis, judge, options.threads);
    let Some((judgement, mut inputs)) = at_rest(world, root, work)? else { return Err(BuildError::Restless) };
    let analysis = Box::new(judgement.analysis);
    if !is_good(&analysis, options) {
        return Ok(Built::Refused { analysis });
    }
    let lock = new_lock(&analysis);
    if let Some(text) = &lock {
        if options.locked {
            return Err(BuildError::Locked);
        }
        write_lock(&root.join(LOCK_FILE), text).map_err(BuildError::Lock)?;
        inputs.will_read(LOCK_FILE, text.as_bytes());
    }
    let writing = store.begin()?;
    let emitting = trace::span("emit and store");
    write(&analysis, &writing)?;
    drop(emitting);
    let _publishing = trace::span("publish");
    // `dist` itself may have come to be: directories are asked again, files are not, so that an edit made
    // meanwhile is noticed next time.
    inputs.ask_again(world, root);
    let about = about(&analysis, &inputs, &key)?;
    let how = Finish { about, at: options.at.clone(), current: Current::Move };
    let finished = writing.finish_saying(&how, |manifest, about| {
        about.insert(PROVENANCE, provenance::statement(&manifest.id(), &inputs).into_bytes())
    })?;
    Ok(Built::Done { analysis, finished, lock })
}

/// Whether a build may be made of it.
fn is_good(analysis: &Analysis, options: &BuildOptions) -> bool {
    let stops = |problem: &Diagnostic| {
        problem.is_error() || (options.deny_warnings && problem.level() == Level::Warning)
    };
    !analysis.problems.iter().any(stops)
}

/// The current build and its findings, if its inputs are what they were and all of its files are there.
fn unchanged(
    store: &Store,
    world: &dyn World,
    root: &Path,
    key: &str,
) -> Result<Option<(BuildId, Vec<u8>)>, BuildError> {
    // Whatever is wrong with the build that stands is no reason not to build: building repairs it.
    let Ok(Some(id)) = store.current() else { return Ok(None) };
    let Ok(stored) = store.find(&id.to_string()) else { return Ok(None) };
    let read = |name: &str| stored.about(&Name::parse(name).ok()?).ok()?;
    let (Some(text), Some(findings)) = (read(INPUTS), read(FINDINGS)) else { return Ok(None) };
    let text = String::from_utf8(text).unwrap_or_default();
    let Some(inputs) = text.strip_prefix(key).and_then(Inputs::parse) else { return Ok(None) };
    let same = inputs.unchanged(world, root) && store.check_present(&id)? == Presence::Whole;
    Ok(same.then_some((id, findings)))
}

/// The text of `platc.lock`, if something was given out that it does not say.
fn new_lock(analysis: &Analysis) -> Option<String> {
    let text = platc_sema::lock::write(&analysis.plan.lock);
    (text != platc_sema::lock::write(&analysis.lock)).then_some(text)
}

/// Writes every file into the store, each on the thread that made it.
fn write(analysis: &Analysis, build: &Build) -> Result<(), BuildError> {
    let jobs = platc_emit::jobs(&analysis.plan);
    jobs.par_iter().try_for_each(|(emitter, job)| {
        let _file = trace::file(job.path.as_str());
        let made = emit(&analysis.plan, *emitter, job);
        let file =
            made.map_err(|refusal| BuildError::Refused { path: job.path.as_str().to_owned(), refusal })?;
        let path = ArtifactPath::parse(file.artifact.path.as_str()).map_err(platc_store::Error::from)?;
        build.put(&path, meta(analysis, &file.artifact)?, &file.bytes)?;
        Ok(())
    })
}

/// What the manifest says of a file.
pub(crate) fn meta(analysis: &Analysis, artifact: &Artifact) -> Result<Meta, platc_store::Error> {
    let installed = artifact.path.as_str().split('/').nth(3) == Some("rootfs");
    let delivery = if installed {
        let owner = Owner::parse(&format!("{}:{}", artifact.owner.user, artifact.owner.group))?;
        let restart = artifact.on_change.iter().map(|change| Unit::parse(&change.to_string()));
        Delivery::Install { owner, restart: restart.collect::<Result<_, _>>()? }
    } else {
        Delivery::To(target(analysis, &artifact.target)?)
    };
    let mode = Mode::new(artifact.mode.bits())?;
    Ok(Meta { kind: Kind::parse(artifact.kind)?, mode, delivery })
}

fn target(
    analysis: &Analysis,
    target: &platc_artifact::Target,
) -> Result<platc_store::Target, platc_store::Error> {
    Ok(match target {
        platc_artifact::Target::Platform => platc_store::Target::Platform,
        platc_artifact::Target::Cluster(name) => platc_store::Target::Cluster(Name::parse(name)?),
        platc_artifact::Target::Host(name) => {
            let datacenter = analysis.plan.hosts.values().find(|host| *host.name == **name);
            let datacenter = datacenter.map_or("", |host| &host.zone);
            let (datacenter, host) = (Name::parse(datacenter)?, Name::parse(name)?);
            platc_store::Target::Host { datacenter, host }
        }
    })
}

fn about(analysis: &Analysis, inputs: &Inputs, key: &str) -> Result<About, platc_store::Error> {
    let mut about = About::new();
    about.insert(INPUTS, format!("{key}{}", inputs.to_text()).into_bytes())?;
    about.insert(FINDINGS, findings::to_json(&analysis.files, &analysis.problems).into_bytes())?;
    about.insert(platc_diff::PLAN, crate::facts::facts(analysis).to_bytes())?;
    about.insert(ORIGINS, crate::facts::origins(analysis).into_bytes())?;
    Ok(about)
}

impl From<platc_store::Error> for BuildError {
    fn from(error: platc_store::Error) -> Self {
        Self::Store(error)
    }
}

impl std::fmt::Display for BuildError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Restless => f.write_str("the platform's files change while they are read"),
            Self::Locked => f.write_str("`platc.lock` would change, and `--locked` forbids it"),
            Self::Lock(error) => write!(f, "cannot write `platc.lock`: {error}"),
            Self::Refused { path, refusal } => write!(f, "`{path}` cannot be written: {refusal}"),
        }
    }
}

impl std::error::Error for BuildError {}
