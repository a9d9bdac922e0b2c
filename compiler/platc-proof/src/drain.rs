//! What a drain does: the pods of one host go elsewhere, one after the other, while all others stay. An
//! upgrade drains every host once, one at a time.
//!
//! A drain evicts pods as far as the disruption budget of each service allows: so many of its pods may be
//! without a place at once. When one more of them would have to wait for a place, the drain waits, too, and
//! for ever, if there is no place. What must be placed is therefore what each service has, less what may be
//! away by `max-unavailable`.
//!
//! Start with [`every_drain`].

use std::collections::BTreeMap;

use platc_model::generated::{Cluster, Host};
use platc_model::{Id, Text};

use crate::loss::Prover;
use crate::pack::{Trial, Verdict, pack};
use crate::room::{Room, service};
use crate::shortage::{Shortage, shortages};

/// A drain of one host.
#[derive(Clone, PartialEq, Debug)]
pub struct Drain {
    /// Its cluster.
    pub cluster: Id<Cluster>,
    /// The host.
    pub host: Id<Host>,
    /// What comes of it.
    pub end: End,
}

/// What comes of a drain.
#[derive(Clone, PartialEq, Debug)]
pub enum End {
    /// So many pods go elsewhere.
    Moves(usize),
    /// It ends, but these services have fewer pods than they want until the host is back.
    Fewer(Vec<Text>),
    /// As the pods lie it stops at these services; it would not if others moved, too.
    Stuck(Vec<Text>),
    /// However the pods lie, it never ends.
    Never(Vec<Shortage>),
    /// Neither was shown within the limits.
    Unknown,
}

/// The drain of each host of each cluster whose pods have a place. Nothing can move where a single host
/// carries all pods, and nothing is said of it.
pub fn every_drain(prover: &Prover<'_>) -> Vec<Drain> {
    prover.plan().clusters.ids().flat_map(|cluster| drains(prover, cluster)).collect()
}

fn drains(prover: &Prover<'_>, cluster: Id<Cluster>) -> Vec<Drain> {
    let Some((room, Verdict::Fits(placement))) = prover.room(cluster) else { return Vec::new() };
    if room.hosts.len() < 2 {
        return Vec::new();
    }
    let mut trial = Trial::of(&room.instance, placement);
    let nodes = &prover.plan().clusters.at(cluster).nodes;
    let each =
        nodes.iter().map(|host| Drain { cluster, host: *host, end: drain(prover, room, &mut trial, *host) });
    each.collect()
}

fn drain(prover: &Prover<'_>, room: &Room<'_>, trial: &mut Trial<'_>, host: Id<Host>) -> End {
    let left = match trial.without(&room.bins(&[host])) {
        Ok(done) if done.waiting.is_empty() => return End::Moves(done.moves.len()),
        Ok(done) => done.waiting.into_iter().map(|(group, _)| group).collect(),
        Err(left) => left,
    };
    let mut waiting: BTreeMap<&Text, (u32, u32)> = BTreeMap::new();
    for pods in left.iter().filter_map(|group| room.pods.get(*group)) {
        let may = service(pods.workload).map_or(0, |shape| shape.max_unavailable.value);
        waiting.entry(&pods.workload.name).or_insert((0, may)).0 += 1;
    }
    let stops = |(waiting, may): &(u32, u32)| waiting > may;
    if !waiting.values().any(stops) {
        return End::Fewer(waiting.into_keys().map(Text::clone).collect());
    }
    let needed = Room::new(prover.plan(), room.cluster, |_, shape| {
        shape.replicas.value.saturating_sub(shape.max_unavailable.value)
    });
    let needed = needed.without(&[host]);
    match pack(&needed.instance, prover.limits()) {
        Verdict::Refuted(bounds) => End::Never(shortages(&needed, &bounds)),
        Verdict::Unknown => End::Unknown,
        Verdict::Fits(_) => {
            let stopped = waiting.into_iter().filter(|(_, counts)| stops(counts));
            End::Stuck(stopped.map(|(name, _)| Text::clone(name)).collect())
        }
    }
}
