//! [`Diff`]: what changes, by consequence: what cannot be taken back, which pods roll, which hosts are
//! touched, which ways change, what is weaker meanwhile, and which files are left over.
//!
//! Start with [`diff`].

use platc_store::{Change, compare};
use serde::Serialize;

use crate::hosts::{self, FileDiff, HostDiff};
use crate::irreversible::{self, Irreversible};
use crate::meanwhile::{self, Weaker};
use crate::objects;
use crate::pods::{self, ClusterDiff};
use crate::routes::{self, Judging, Routes};
use crate::side::Side;
use crate::static_pods;

/// The form of the JSON.
pub const FORMAT: &str = "platc-diff-1";

/// What changes, by consequence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Diff {
    /// [`FORMAT`].
    pub format: &'static str,
    /// What it was.
    pub before: Named,
    /// What it becomes.
    pub after: Named,
    /// Files that came, went and changed.
    pub files: Tally,
    /// What cannot be taken back.
    pub irreversible: Vec<Irreversible>,
    /// What changes in each cluster.
    pub clusters: Vec<ClusterDiff>,
    /// What changes on each machine.
    pub hosts: Vec<HostDiff>,
    /// Ways that came and went.
    pub routes: Routes,
    /// What is weaker while it is done.
    pub meanwhile: Vec<Weaker>,
    /// What is weaker from now on.
    pub afterwards: Vec<Weaker>,
    /// Who judges.
    pub judging: Vec<Judging>,
    /// Files that nothing above speaks of.
    pub others: Vec<FileDiff>,
    /// What could not be said, and why.
    pub unknown: Vec<String>,
}

/// One of the two.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Named {
    /// What people call it.
    pub name: String,
    /// The id of the build that it is, or would be.
    pub id: String,
}

/// How many files.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Tally {
    /// That came.
    pub added: usize,
    /// That went.
    pub removed: usize,
    /// That have other bytes or another mode.
    pub changed: usize,
}

impl Diff {
    /// Whether nothing is delivered otherwise, and nobody else judges.
    pub fn is_empty(&self) -> bool {
        self.files == Tally::default() && self.judging.is_empty()
    }

    /// Pods that are replaced.
    pub fn pods(&self) -> u64 {
        self.clusters.iter().flat_map(|cluster| &cluster.rolls).map(|roll| roll.pods).sum()
    }
}

/// What changes from `before` to `after`.
pub fn diff(before: &dyn Side, after: &dyn Side) -> Diff {
    let sides = [before, after];
    let changes = compare(before.manifest(), after.manifest());
    let (changed, mut unknown) = objects::changes(sides, &changes);
    let mut irreversible = Vec::new();
    let mut judging = Vec::new();
    let mut routes = Routes::default();
    let mut afterwards = Vec::new();
    if let (Some(old), Some(new)) = (before.facts(), after.facts()) {
        irreversible = irreversible::of_plans(old, new);
        judging = routes::judging(old, new);
        routes = routes::routes(old, new);
        afterwards = meanwhile::afterwards(old, new);
    } else {
        for side in sides.iter().filter(|side| side.facts().is_none()) {
            unknown.push(format!(
                "{} has no plan beside it, so moves, routes and redundancy are not compared",
                side.name()
            ));
        }
    }
    let mut clusters = pods::clusters(&changed, sides, &mut irreversible);
    static_pods::add(sides, &changes, &mut clusters);
    let hosts = hosts::hosts(sides, &changes);
    let meanwhile = meanwhile::meanwhile(&clusters, &hosts, [before.facts(), after.facts()]);
    Diff {
        format: FORMAT,
        before: named(before),
        after: named(after),
        files: tally(&changes),
        irreversible,
        clusters,
        hosts,
        routes,
        meanwhile,
        afterwards,
        judging,
        others: others(sides, &changes),
        unknown,
    }
}

fn named(side: &dyn Side) -> Named {
    Named { name: side.name().to_owned(), id: side.manifest().id().to_string() }
}

fn tally(changes: &[Change<'_>]) -> Tally {
    let mut tally = Tally::default();
    for change in changes {
        match change {
            Change::Added(_) => tally.added += 1,
            Change::Removed(_) => tally.removed += 1,
            _ => tally.changed += 1,
        }
    }
    tally
}

/// Files that are neither for a cluster nor for a machine of ours.
fn others(sides: [&dyn Side; 2], changes: &[Change<'_>]) -> Vec<FileDiff> {
    let is_other = |change: &&Change<'_>| {
        let path = change.path().as_str();
        // What lies in `envoy` is what the pods get, once more, for people.
        !["clusters/", "hosts/", "envoy/"].iter().any(|folder| path.starts_with(folder))
    };
    changes.iter().filter(is_other).map(|change| hosts::file(sides, change.path().as_str(), change)).collect()
}
