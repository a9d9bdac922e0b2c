//! Static pods: files of machines that kubelets make pods of, and make anew when they are others, while nothing of
//! it is an object that is applied to a cluster.
//!
//! As with a DaemonSet, machines that come or go are not told here: their pods do with them.
//!
//! Start with [`add`].

use std::collections::{BTreeMap, BTreeSet};

use platc_store::{Change, Entry};
use serde_json::Value;

use crate::fields::differences;
use crate::hosts::{MANIFESTS, parts};
use crate::objects::{Key, keyed, read};
use crate::pods::{ClusterDiff, How, Own, Roll, Scale, place};
use crate::side::Side;

/// The manifests of one file name in a cluster, by host.
type Manifests<'s> = BTreeMap<&'s str, &'s Entry>;

/// Adds what becomes of static pods to what changes in each cluster.
pub(crate) fn add(sides: [&dyn Side; 2], changes: &[Change<'_>], clusters: &mut Vec<ClusterDiff>) {
    let nodes = sides.map(|side| nodes(side));
    let mut touched: BTreeSet<(&str, &str)> = BTreeSet::new();
    for change in changes {
        let Some((host, file)) = manifest(change.path().as_str()) else { continue };
        touched.extend(nodes.iter().filter_map(|nodes| Some((*nodes.get(host)?, file))));
    }
    for (cluster, file) in touched {
        let stays = |host: &str| nodes.iter().all(|nodes| nodes.get(host) == Some(&cluster));
        let is_new = !nodes.iter().all(|nodes| nodes.values().any(|own| *own == cluster));
        let own = std::array::from_fn(|at| {
            let (Some(side), Some(nodes)) = (sides.get(at), nodes.get(at)) else { return Manifests::new() };
            let all = side.manifest().entries().iter().filter_map(|entry| {
                let (host, own) = manifest(entry.path.as_str())?;
                (own == file && nodes.get(host) == Some(&cluster)).then_some((host, entry))
            });
            all.filter(|(host, _)| is_new || stays(host)).collect()
        });
        let at = clusters.iter().position(|own| own.cluster == cluster).unwrap_or(clusters.len());
        if at == clusters.len() {
            clusters.push(ClusterDiff { cluster: cluster.to_owned(), ..ClusterDiff::default() });
        }
        if let Some(into) = clusters.get_mut(at) {
            one(sides, cluster, &own, into);
        }
    }
    clusters.retain(|own| *own != ClusterDiff { cluster: own.cluster.clone(), ..ClusterDiff::default() });
    clusters.sort_by(|a, b| a.cluster.cmp(&b.cluster));
}

/// The cluster of each machine that is a node.
fn nodes(side: &dyn Side) -> BTreeMap<&str, &str> {
    side.manifest().entries().iter().filter_map(node).collect()
}

fn node(entry: &Entry) -> Option<(&str, &str)> {
    let (cluster, rest) = entry.path.as_str().strip_prefix("clusters/")?.split_once('/')?;
    Some((rest.strip_prefix("00-nodes/")?.strip_suffix(".yaml")?, cluster))
}

/// Host and file name of a manifest.
fn manifest(path: &str) -> Option<(&str, &str)> {
    let (_, host, rest) = parts(path)?;
    Some((host, rest.strip_prefix("rootfs")?.strip_prefix(MANIFESTS)?))
}

fn one(sides: [&dyn Side; 2], cluster: &str, own: &[Manifests<'_>; 2], into: &mut ClusterDiff) {
    let [before, after] = own;
    let replaced: Vec<&str> = after
        .iter()
        .filter(|(host, entry)| before.get(*host).is_some_and(|before| before.digest != entry.digest))
        .map(|(host, _)| *host)
        .collect();
    // All that are replaced have one text, but for what is of their host.
    let shown = |side: &dyn Side, own: &Manifests<'_>| {
        let entry = replaced.first().and_then(|host| own.get(host)).or_else(|| own.values().next())?;
        keyed(cluster, read(side, entry).ok()?.into_iter().next()?)
    };
    let pods = own.each_ref().map(|own| count(own.len()));
    let [side_before, side_after] = sides;
    match (shown(side_before, before), shown(side_after, after)) {
        (None, Some((key, object))) => into.starts.push(run(key, &object, pods[1], side_after)),
        (Some((key, object)), None) => into.ends.push(run(key, &object, pods[0], side_before)),
        (Some((_, before)), Some((key, after))) if !replaced.is_empty() => {
            into.rolls.push(roll(key, [&before, &after], (count(replaced.len()), pods), side_after));
        }
        (Some(_), Some((key, object))) if pods[0] != pods[1] => {
            let own = run(key, &object, pods[1], side_after);
            into.scales.push(Scale { own, pods_before: pods[0] });
        }
        _ => {}
    }
}

fn run(key: Key, object: &Value, pods: u64, side: &dyn Side) -> Own {
    let place = place(&key, object, side.facts());
    Own { kind: key.kind, namespace: key.namespace, name: key.name, pods, place }
}

fn roll(
    key: Key,
    [before, after]: [&Value; 2],
    (pods, [n_before, n_after]): (u64, [u64; 2]),
    side: &dyn Side,
) -> Roll {
    Roll {
        place: place(&key, after, side.facts()),
        kind: key.kind,
        namespace: key.namespace,
        name: key.name,
        pods,
        steps: pods,
        surge: 0,
        unavailable: 1,
        seconds_min: 0,
        how: How::WithHost,
        pods_before: (n_before != n_after).then_some(n_before),
        fields: differences(before, after),
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
