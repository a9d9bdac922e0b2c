//! Writing artifacts: every file of a plan, one at a time a thread, in order.
//!
//! A document is built, printed, hashed and dropped; nothing holds them all. All threads write a batch, then it is
//! handed over: so output keeps its order, and memory stays near the size of a batch.
//!
//! Start with [`emit_all`].

use platc_artifact::{Artifact, DocRefusal};
use platc_emit::{Emitter, Job};
use platc_plan::Plan;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

/// Files that are written between two hand-overs, for each thread.
const BATCH: usize = 32;

/// A file, written.
#[derive(Debug)]
pub struct Emitted {
    /// Where it goes, what it is, and for whom.
    pub artifact: Artifact,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Writes the files of a plan whose paths are `wanted` and hands them over in order, without their documents. Ends early
/// when `take` gives an error.
pub fn emit_all<E>(
    plan: &Plan,
    wanted: impl Fn(&str) -> bool,
    mut take: impl FnMut(Emitted) -> Result<(), E>,
) -> Result<(), EmitError<E>> {
    let mut jobs = platc_emit::jobs(plan);
    jobs.retain(|(_, job)| wanted(job.path.as_str()));
    for batch in jobs.chunks(BATCH * rayon::current_num_threads().max(1)) {
        let written: Vec<Result<Emitted, DocRefusal>> = batch
            .par_iter()
            .map_init(Writer::default, |writer, (emitter, job)| {
                let bytes = writer.write(plan, *emitter, job)?;
                Ok(Emitted { artifact: writer.artifact.without_docs(), bytes })
            })
            .collect();
        for (file, (_, job)) in written.into_iter().zip(batch) {
            match file {
                Ok(file) => take(file).map_err(EmitError::Taker)?,
                Err(refusal) => {
                    return Err(EmitError::Refused { path: job.path.as_str().to_owned(), refusal });
                }
            }
        }
    }
    Ok(())
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
    let mut writer = Writer::default();
    let bytes = writer.write(plan, emitter, job)?;
    Ok(Emitted { artifact: writer.artifact, bytes })
}

/// Writes files one after the other, in the same buffers.
#[derive(Default)]
struct Writer {
    artifact: Artifact,
    /// Bytes of the last file: neighbours are mostly of one sort.
    n_bytes: usize,
}

impl Writer {
    fn write(&mut self, plan: &Plan, emitter: &dyn Emitter, job: &Job) -> Result<Vec<u8>, DocRefusal> {
        self.artifact.begin(job.path.clone(), job.kind, job.target.clone());
        emitter.emit(plan, job, &mut self.artifact);
        let mut bytes = Vec::with_capacity(self.n_bytes);
        self.artifact.print(&mut bytes, sha256)?;
        self.n_bytes = bytes.len();
        Ok(bytes)
    }
}

fn sha256(pieces: [&[u8]; 2]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for piece in pieces {
        hasher.update(piece);
    }
    hasher.finalize().into()
}
