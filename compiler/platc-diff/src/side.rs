//! [`Side`]: one of the two things that are compared: a list of files, their bytes on demand, and the plan
//! behind them where that is known.
//!
//! Bytes are asked for only where two sides differ, so a side that renders may render again instead of
//! keeping everything. Not here: sides that render (`platc-driver`).
//!
//! Start with [`Side`].

use platc_store::{Entry, Manifest, Name, StoredBuild};

use crate::facts::Facts;

/// The name of the facts beside a build.
pub const PLAN: &str = "plan.json";

/// One of two things that are compared.
pub trait Side: Sync {
    /// What people call it: `build 4c1d02a7e9b8`, `working tree`, `HEAD~1`.
    fn name(&self) -> &str;

    /// What it delivers.
    fn manifest(&self) -> &Manifest;

    /// The bytes of one of its files.
    ///
    /// # Errors
    /// A sentence for people, where they cannot be had.
    fn bytes(&self, entry: &Entry) -> Result<Vec<u8>, String>;

    /// The plan behind it, where that is known.
    fn facts(&self) -> Option<&Facts>;
}

/// A build that stands, or a directory with one.
#[derive(Debug)]
pub struct Stored {
    name: String,
    build: StoredBuild,
    facts: Option<Facts>,
}

impl Stored {
    /// A build, as people call it.
    pub fn new(name: String, build: StoredBuild) -> Self {
        let plan = Name::parse(PLAN).ok().and_then(|plan| build.about(&plan).ok().flatten());
        let facts = plan.and_then(|bytes| Facts::parse(&bytes));
        Self { name, build, facts }
    }
}

impl Side for Stored {
    fn name(&self) -> &str {
        &self.name
    }

    fn manifest(&self) -> &Manifest {
        self.build.manifest()
    }

    fn bytes(&self, entry: &Entry) -> Result<Vec<u8>, String> {
        self.build.read(entry).map_err(|error| error.to_string())
    }

    fn facts(&self) -> Option<&Facts> {
        self.facts.as_ref()
    }
}
