//! Writing artifacts: every file of a plan, one at a time a thread, in order.
//!
//! A document is built, printed, hashed and dropped; nothing holds them all. While a batch is handed over, the next
//! one is written, in the buffers of the one before: so output keeps its order, and memory stays near the size of two
//! batches.
//!
//! Start with [`emit_all`].

use std::sync::{Mutex, PoisonError};

use platc_artifact::{Artifact, DocRefusal};
use platc_emit::{Emitter, Job};
use platc_plan::Plan;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

/// Files that are written between two hand-overs, for each thread.
const BATCH: usize = 16;

/// A file, written.
#[derive(Default, Debug)]
pub struct Emitted {
    /// Where it goes, what it is, and for whom.
    pub artifact: Artifact,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Writes the files of a plan whose paths are `wanted` and hands them over in order, without their documents. Ends
/// early when `take` gives an error.
pub fn emit_all<E: Send>(
    plan: &Plan,
    wanted: impl Fn(&str) -> bool,
    mut take: impl FnMut(&Emitted) -> Result<(), E> + Send,
) -> Result<(), EmitError<E>> {
    let mut jobs = platc_emit::jobs(plan);
    jobs.retain(|(_, job)| wanted(job.path.as_str()));
    let spare = Spare::default();
    let (mut written, mut ahead) = (Batch::default(), Batch::default());
    // On one of the threads that share the work: each batch would have to wake one otherwise.
    rayon::scope(|_| {
        for jobs in jobs.chunks(BATCH * rayon::current_num_threads().max(1)) {
            let (taken, ()) =
                rayon::join(|| written.hand_over(&mut take), || ahead.write(plan, jobs, &spare));
            taken?;
            std::mem::swap(&mut written, &mut ahead);
        }
        written.hand_over(&mut take)
    })
}

/// Files that are written on all threads and handed over together.
#[derive(Default)]
struct Batch {
    /// Those behind the end of `said` are of a batch before.
    files: Vec<Emitted>,
    said: Vec<Result<(), DocRefusal>>,
}

impl Batch {
    fn write(&mut self, plan: &Plan, jobs: &[(&'static dyn Emitter, Job)], spare: &Spare) {
        if self.files.len() < jobs.len() {
            self.files.resize_with(jobs.len(), Emitted::default);
        }
        let work = jobs.par_iter().zip(&mut self.files);
        work.map(|((emitter, job), file)| {
            let mut artifact = spare.take();
            let said = write(plan, *emitter, job, &mut artifact, &mut file.bytes);
            file.artifact = artifact.without_docs();
            spare.give(artifact);
            said
        })
        .collect_into_vec(&mut self.said);
    }

    fn hand_over<E>(&self, take: &mut impl FnMut(&Emitted) -> Result<(), E>) -> Result<(), EmitError<E>> {
        for (file, said) in self.files.iter().zip(&self.said) {
            match said {
                Ok(()) => take(file).map_err(EmitError::Taker)?,
                Err(refusal) => {
                    let (path, refusal) = (file.artifact.path.as_str().to_owned(), refusal.clone());
                    return Err(EmitError::Refused { path, refusal });
                }
            }
        }
        Ok(())
    }
}

/// Artifacts that nobody writes: the buffers of the one that was given back last are still in a core's cache.
#[derive(Default)]
struct Spare(Mutex<Vec<Artifact>>);

impl Spare {
    fn take(&self) -> Artifact {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give(&self, artifact: Artifact) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(artifact);
    }
}

/// Why files were not all written.
#[derive(Debug)]
pub enum EmitError<E> {
    /// Whoever takes them had enough.
    Taker(E),
    /// A format cannot say what an emitter wants: a bug in platc.
    Refused {
        /// The file.
        path: String,
        /// What the format refuses.
        refusal: DocRefusal,
    },
}

/// Writes one file.
pub fn emit(plan: &Plan, emitter: &dyn Emitter, job: &Job) -> Result<Emitted, DocRefusal> {
    let mut file = Emitted::default();
    write(plan, emitter, job, &mut file.artifact, &mut file.bytes)?;
    Ok(file)
}

fn write(
    plan: &Plan,
    emitter: &dyn Emitter,
    job: &Job,
    artifact: &mut Artifact,
    bytes: &mut Vec<u8>,
) -> Result<(), DocRefusal> {
    artifact.begin(job.path.clone(), job.kind, job.target.clone());
    emitter.emit(plan, job, artifact);
    bytes.clear();
    artifact.print(bytes, sha256)
}

fn sha256(pieces: [&[u8]; 2]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for piece in pieces {
        hasher.update(piece);
    }
    hasher.finalize().into()
}
