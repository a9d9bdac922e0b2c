//! Pod ranges, which never change once they are given out; and that no two ranges of addresses overlap.

use std::collections::BTreeMap;

use platc_diag::{Origin, Sourced, Span};
use platc_model::generated::{Cluster, Host};
use platc_model::scalar::Cidr;
use platc_model::{Items, Text};

use crate::plan::{ClusterPlan, HostPlan};
use crate::{Planner, errors, place, rules};

/// Docker's bridge, on hosts where it is installed beside containerd: a pod range on it would be cut off.
const DOCKER: &str = "172.17.0.0/16";
const LINK_LOCAL: &str = "169.254.0.0/16";
const LOOPBACK: &str = "127.0.0.0/8";

/// Gives each node its pod range: what is written, else what the lock has, else the lowest that nobody
/// ever had.
pub(crate) fn allocate(
    planner: &mut Planner<'_>,
    clusters: &Items<Cluster, ClusterPlan>,
    hosts: &mut Items<Host, HostPlan>,
) {
    for cluster in clusters.values() {
        pods_fit(planner, cluster);
        let mut given = planner.lock.pods.get(&cluster.name).cloned().unwrap_or_default();
        let mut spans: BTreeMap<u32, (Text, Span)> = BTreeMap::new();
        let model = planner.model;
        // What is written is taken first, so that nobody is given what another one says.
        for id in &cluster.nodes {
            let host = model.hosts.at(*id);
            if let Some(said) = host.value.pods {
                said_range(planner, cluster, &host.head.name, said, &mut given, &mut spans);
            }
        }
        for id in &cluster.nodes {
            let Some(host) = hosts.get_mut(*id) else { continue };
            let said = model.hosts.at(*id).value.pods;
            let known = given.get(&host.name).copied();
            let index = known.or_else(|| lowest_free(cluster, &given));
            let range = index.and_then(|index| cluster.pods.subnet(cluster.per_host, u128::from(index)));
            match (said, index, range) {
                (Some(said), index, _) => {
                    host.pods = Some(said);
                    host.pod_index = index;
                }
                (None, Some(index), Some(range)) => {
                    let rule = if known.is_some() { &rules::POD_RANGE_LOCKED } else { &rules::POD_RANGE };
                    host.pods = Some(Origin::decided(rule, host.span).of(range));
                    host.pod_index = Some(index);
                    given.insert(Text::clone(&host.name), index);
                }
                _ => {
                    let parts = cluster.pods.count(cluster.per_host);
                    let problem = errors::range_exhausted(host.span, &host.name, cluster.pods.value, parts);
                    planner.report(problem.about(Text::clone(&host.name)));
                }
            }
        }
        planner.lock.to_mut().pods.insert(Text::clone(&cluster.name), given);
    }
    overlaps(planner, clusters);
}

fn lowest_free(cluster: &ClusterPlan, given: &BTreeMap<Text, u32>) -> Option<u32> {
    let parts = u32::try_from(cluster.pods.count(cluster.per_host)).unwrap_or(u32::MAX);
    let taken: std::collections::BTreeSet<u32> = given.values().copied().collect();
    (1..parts).find(|index| !taken.contains(index))
}

fn said_range(
    planner: &mut Planner<'_>,
    cluster: &ClusterPlan,
    host: &Text,
    said: Sourced<Cidr>,
    given: &mut BTreeMap<Text, u32>,
    spans: &mut BTreeMap<u32, (Text, Span)>,
) {
    let span = place(said.origin, cluster.span);
    let index = cluster.pods.index_of(said.value).filter(|_| said.prefix() == cluster.per_host);
    let Some(index) = index.and_then(|index| u32::try_from(index).ok()) else {
        planner.report(errors::range_outside(span, said.value, cluster.pods.value, cluster.per_host));
        return;
    };
    if index == 0 {
        planner.report(errors::range_index_zero(span, said.value));
        return;
    }
    if let Some((other, first)) = spans.get(&index) {
        planner.report(errors::range_of_two(span, said.value, other, *first));
        return;
    }
    let locked = given.get(host).copied();
    if let Some(locked) = locked.filter(|locked| *locked != index)
        && let Some(from) = cluster.pods.subnet(cluster.per_host, u128::from(locked))
        && !crate::consents::renumber(planner, host, &from.to_string(), &said.value.to_string())
    {
        planner.report(errors::renumbered(span, host, from, said.value).about(Text::clone(host)));
    }
    spans.insert(index, (Text::clone(host), span));
    given.insert(Text::clone(host), index);
}

/// Addresses for pods on a host: all but the network's, the bridge's and the broadcast.
fn pods_fit(planner: &mut Planner<'_>, cluster: &ClusterPlan) {
    let addresses = (1_u128 << (32 - cluster.per_host.min(32))).saturating_sub(3);
    let max_pods = cluster.max_pods;
    let span = place(max_pods.origin, cluster.span);
    let wanted = u128::try_from(max_pods.value).unwrap_or(0);
    if wanted > addresses {
        planner.report(errors::pods_per_host(span, max_pods.value, addresses, cluster.per_host));
    } else if wanted * 5 > addresses * 4 {
        planner.report(
            errors::pods_per_host_tight(span, max_pods.value, addresses).about(Text::clone(&cluster.name)),
        );
    }
}

/// A range of addresses and what it is.
struct Range {
    what: String,
    range: Cidr,
    span: Span,
}

/// No two ranges overlap, in the whole platform: packets go between all its sites.
fn overlaps(planner: &mut Planner<'_>, clusters: &Items<Cluster, ClusterPlan>) {
    let mut ranges: Vec<Range> = Vec::new();
    for cluster in clusters.values() {
        let mut add = |what: &str, range: Sourced<Cidr>| {
            let what = format!("{what} of `{}`", cluster.name);
            ranges.push(Range { what, range: range.value, span: place(range.origin, cluster.span) });
        };
        add("the pods", cluster.pods);
        add("the Services", cluster.services);
    }
    for datacenter in planner.model.datacenters.values() {
        for network in &datacenter.value.network {
            ranges.push(Range {
                what: format!("the network `{}` of `{}`", *network.name, datacenter.head.name),
                range: network.cidr.value,
                span: place(network.cidr.origin, datacenter.head.span),
            });
        }
    }
    for (text, what) in
        [(DOCKER, "Docker's bridge"), (LINK_LOCAL, "link-local addresses"), (LOOPBACK, "loopback")]
    {
        let Ok(range) = Cidr::parse(text) else { unreachable!("written above") };
        for own in &ranges {
            if own.range.overlaps(range) {
                planner.problems.push(errors::overlap(
                    own.span,
                    (what, range, own.span),
                    (&own.what, own.range),
                ));
            }
        }
    }
    // Sorted by address, a range can only overlap with those that are still open before it.
    ranges.sort_by_key(|range| (range.range.first(), range.range.prefix(), range.span));
    let mut open: Vec<&Range> = Vec::new();
    for range in &ranges {
        open.retain(|earlier| earlier.range.overlaps(range.range));
        if let Some(earlier) = open.last() {
            let (first, second) =
                if earlier.span <= range.span { (*earlier, range) } else { (range, *earlier) };
            planner.problems.push(errors::overlap(
                second.span,
                (&first.what, first.range, first.span),
                (&second.what, second.range),
            ));
        }
        open.push(range);
    }
}
