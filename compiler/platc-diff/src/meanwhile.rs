//! What is weaker while a change is made, and what stays weaker afterwards: how many more may be lost
//! before something stops.
//!
//! Start with [`meanwhile`] and [`afterwards`].

use serde::Serialize;

use crate::facts::{Cluster, Facts, Stateful};
use crate::hosts::{HostDiff, Stops};
use crate::pods::{Came, ClusterDiff, How};

/// Something that is weaker.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Weaker {
    /// What: `control plane of prod-a`, `stateful kafka at dc-a`, `edge/edge of prod-a`.
    pub subject: String,
    /// How much, and what may still be lost.
    pub text: String,
    /// Whether nothing more may be lost.
    pub last: bool,
}

/// What is weaker while hosts and pods are changed one by one.
pub(crate) fn meanwhile(
    clusters: &[ClusterDiff],
    hosts: &[HostDiff],
    [before, after]: [Option<&Facts>; 2],
) -> Vec<Weaker> {
    let mut found = Vec::new();
    if let Some(facts) = after {
        for cluster in &facts.clusters {
            let was = before.and_then(|before| before.cluster(&cluster.name));
            let upgraded = was.is_some_and(|was| was.version != cluster.version);
            control_plane(cluster, upgraded, hosts, &mut found);
        }
        for stateful in &facts.statefuls {
            members(stateful, hosts, &mut found);
        }
        reboots(hosts, facts, &mut found);
    }
    for cluster in clusters {
        for roll in cluster.rolls.iter().filter(|roll| roll.unavailable > 0 && roll.pods > 0) {
            let left = roll.pods.saturating_sub(roll.unavailable);
            let text = match roll.how {
                How::AllAtOnce => {
                    format!("no pod serves until the new ones are ready: all {} go at once", roll.pods)
                }
                How::WithHost if left > 0 => {
                    "its pod is away on one host after the other, and the next does not wait until it is ready"
                        .to_owned()
                }
                _ if left == 0 => "its only pod is away meanwhile: nobody serves".to_owned(),
                _ => format!("{left} of {} pods serve", roll.pods),
            };
            let subject = format!("{}/{} of {}", roll.namespace, roll.name, cluster.cluster);
            found.push(Weaker { subject, text, last: left <= 1 });
        }
    }
    found
}

fn control_plane(cluster: &Cluster, upgraded: bool, hosts: &[HostDiff], found: &mut Vec<Weaker>) {
    let touched = |host: &&HostDiff| {
        host.how == Came::Changed
            && host.stops() >= Stops::ControlPlane
            && cluster.control_plane.contains(&host.host)
    };
    let n = cluster.control_plane.len();
    let n_touched = if upgraded { n } else { hosts.iter().filter(touched).count() };
    if n_touched == 0 {
        return;
    }
    let left = n.saturating_sub(1);
    // With etcd elsewhere one API server is as good as three.
    let (what, more, otherwise) = if cluster.etcd.is_empty() {
        ("API servers and etcd members", left.saturating_sub(n / 2 + 1), "etcd takes no changes")
    } else {
        ("API servers", left.saturating_sub(1), "the API is away")
    };
    let text = format!("{left} of {n} {what}, {}; {}", times(n_touched), may_be_lost(more, otherwise));
    found.push(Weaker { subject: format!("control plane of {}", cluster.name), text, last: more == 0 });
}

fn members(stateful: &Stateful, hosts: &[HostDiff], found: &mut Vec<Weaker>) {
    for (datacenter, min) in &stateful.min_alive {
        let is_away = |host: &HostDiff| {
            host.how == Came::Changed
                && (host.stops() == Stops::Everything
                    || host.carved().iter().any(|unit| *unit == stateful.unit || *unit == stateful.name))
        };
        let touched = |member: &&crate::facts::Member| {
            hosts.iter().any(|host| host.host == member.host && is_away(host))
        };
        let n_touched = stateful.members_at(datacenter).filter(touched).count();
        if n_touched == 0 {
            continue;
        }
        let n = stateful.members_at(datacenter).count();
        let left = n.saturating_sub(1);
        let more = left.saturating_sub(usize::try_from(*min).unwrap_or(usize::MAX));
        let text = format!(
            "{left} of {n} members while one restarts or moves, {}; {}",
            times(n_touched),
            may_be_lost(more, "it stops")
        );
        let subject = format!("stateful {} at {datacenter}", stateful.name);
        found.push(Weaker { subject, text, last: more == 0 });
    }
}

fn reboots(hosts: &[HostDiff], facts: &Facts, found: &mut Vec<Weaker>) {
    let is_node = |host: &&HostDiff| {
        host.how == Came::Changed
            && host.stops() == Stops::Everything
            && facts.host(&host.host).is_some_and(|host| host.cluster.is_some())
    };
    let n = hosts.iter().filter(is_node).count();
    if n > 0 {
        let text = format!("one node fewer, {}: its pods go elsewhere or wait", times(n));
        found.push(Weaker { subject: "clusters".to_owned(), text, last: false });
    }
}

fn may_be_lost(more: usize, otherwise: &str) -> String {
    match more {
        0 => format!("if another is lost meanwhile, {otherwise}"),
        1 => "one more may be lost".to_owned(),
        n => format!("{n} more may be lost"),
    }
}

/// What is weaker from now on.
pub(crate) fn afterwards(before: &Facts, after: &Facts) -> Vec<Weaker> {
    let mut found = Vec::new();
    for old in &before.clusters {
        let Some(new) = after.cluster(&old.name) else { continue };
        let members = |cluster: &Cluster| match cluster.etcd.len() {
            0 => cluster.control_plane.len(),
            n => n,
        };
        let tolerates = |cluster: &Cluster| members(cluster).saturating_sub(1) / 2;
        let (was, is) = (tolerates(old), tolerates(new));
        if is < was || members(new) < members(old) {
            let text = format!(
                "{} instead of {}; {}",
                count(members(new), "member"),
                members(old),
                may_be_lost(is, "etcd takes no changes").replace(" meanwhile", "")
            );
            found.push(Weaker { subject: format!("control plane of {}", old.name), text, last: is == 0 });
        }
    }
    for old in &before.statefuls {
        let Some(new) = after.stateful(&old.name) else { continue };
        for (datacenter, min) in &new.min_alive {
            let n = |own: &Stateful| own.members_at(datacenter).count();
            let (was, is) = (n(old), n(new));
            if is < was {
                let more = is.saturating_sub(usize::try_from(*min).unwrap_or(usize::MAX));
                let text = format!(
                    "{} instead of {was}; {}",
                    count(is, "member"),
                    may_be_lost(more, "it stops").replace(" meanwhile", "")
                );
                let subject = format!("stateful {} at {datacenter}", old.name);
                found.push(Weaker { subject, text, last: more == 0 });
            }
        }
    }
    for old in before.workloads.iter().filter(|own| matches!(own.kind.as_str(), "service" | "proxy")) {
        let same = |own: &&crate::facts::Workload| {
            (&own.cluster, &own.namespace, &own.name) == (&old.cluster, &old.namespace, &old.name)
        };
        if let Some(new) = after.workloads.iter().find(same)
            && new.pods == 1
            && old.pods > 1
        {
            let subject = format!("{}/{} of {}", old.namespace, old.name, old.cluster);
            let text = format!("1 pod instead of {}: nobody serves while it is away", old.pods);
            found.push(Weaker { subject, text, last: true });
        }
    }
    room(before, after, &mut found);
    found
}

/// Less room for pods, because hosts are gone or have less.
fn room(before: &Facts, after: &Facts, found: &mut Vec<Weaker>) {
    for old in &before.clusters {
        if after.cluster(&old.name).is_none() {
            continue;
        }
        let sum = |facts: &Facts| {
            let of = facts.hosts.iter().filter(|host| host.cluster.as_deref() == Some(&*old.name));
            of.fold((0_u64, 0_u64), |(cpu, memory), host| {
                (cpu.saturating_add(host.cpu_milli), memory.saturating_add(host.memory))
            })
        };
        let ((cpu_was, memory_was), (cpu, memory)) = (sum(before), sum(after));
        if cpu < cpu_was || memory < memory_was {
            let gib = |bytes: u64| bytes >> 30;
            let text = format!(
                "room for pods is {} CPUs and {} GiB instead of {} and {}; `platc capacity` says what may be lost now",
                cpu / 1000,
                gib(memory),
                cpu_was / 1000,
                gib(memory_was)
            );
            found.push(Weaker { subject: format!("cluster {}", old.name), text, last: false });
        }
    }
}

/// `once`, `3 times`.
fn times(n: usize) -> String {
    match n {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    }
}

/// `1 member`, `3 members`.
pub(crate) fn count(n: usize, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}
