//! What a platform would deliver, without writing any of it: one side of `platc diff`.
//!
//! Every file is emitted once for its digest and dropped; those that differ are emitted again, because
//! emitting is a pure function of the plan.
//!
//! Start with [`Rendered::new`].

use std::collections::BTreeMap;

use platc_diff::Side;
use platc_diff::facts::Facts;
use platc_emit::{Emitter, Job};
use platc_store::{ArtifactPath, Digest, Draft, Entry, Known, Manifest};
use rayon::prelude::*;

use crate::analysis::Analysis;
use crate::build::{BuildError, meta};
use crate::emission::emit;
use crate::facts;

/// What a platform would deliver.
pub struct Rendered {
    name: String,
    analysis: Analysis,
    facts: Facts,
    draft: Draft,
    jobs: BTreeMap<String, (&'static dyn Emitter, Job)>,
}

impl Rendered {
    /// All that a platform without errors delivers. `name` is what people call it: `working tree`.
    ///
    /// # Errors
    /// If a format cannot say what an emitter wants: a bug in platc.
    pub fn new(name: String, analysis: Analysis) -> Result<Self, BuildError> {
        let jobs = platc_emit::jobs(&analysis.plan);
        let digested = |(emitter, job): &(&'static dyn Emitter, Job)| {
            let made = emit(&analysis.plan, *emitter, job);
            let file =
                made.map_err(|refusal| BuildError::Refused { path: job.path.as_str().to_owned(), refusal })?;
            let path = ArtifactPath::parse(job.path.as_str()).map_err(platc_store::Error::from)?;
            let known = Known { digest: Digest::of(&file.bytes), size: file.bytes.len() as u64 };
            Ok((path, meta(&analysis, &file.artifact)?, known))
        };
        let artifacts = jobs.par_iter().map(digested).collect::<Result<Vec<_>, BuildError>>()?;
        let draft = Draft::new(artifacts)?;
        let facts = facts::facts(&analysis);
        let jobs = jobs.into_iter().map(|job| (job.1.path.as_str().to_owned(), job)).collect();
        Ok(Self { name, analysis, facts, draft, jobs })
    }

    /// The platform that delivers it.
    pub fn into_analysis(self) -> Analysis {
        self.analysis
    }
}

impl Side for Rendered {
    fn name(&self) -> &str {
        &self.name
    }

    fn manifest(&self) -> &Manifest {
        self.draft.manifest()
    }

    fn bytes(&self, entry: &Entry) -> Result<Vec<u8>, String> {
        if let Some(list) = self.draft.list(&entry.path) {
            return Ok(list.to_vec());
        }
        let no_file = || format!("`{}` is no file of {}", entry.path.as_str(), self.name);
        let (emitter, job) = self.jobs.get(entry.path.as_str()).ok_or_else(no_file)?;
        let made = emit(&self.analysis.plan, *emitter, job);
        made.map(|file| file.bytes).map_err(|refusal| refusal.to_string())
    }

    fn facts(&self) -> Option<&Facts> {
        Some(&self.facts)
    }
}

impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rendered").field("name", &self.name).finish_non_exhaustive()
    }
}
