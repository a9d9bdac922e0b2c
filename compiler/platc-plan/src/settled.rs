//! What does not change by itself when its declaration does: addresses that other machines know by heart,
//! and sizes of what holds data. `platc.lock` has them as they were; a change that loses something takes a
//! `consent` that names both ends, or there is no build.
//!
//! Not here: pod ranges of hosts (`ranges`) and members of statefuls (`carve`), which are given out.
//!
//! Start with [`check`].

use std::collections::BTreeMap;

use platc_diag::{Diagnostic, Span};
use platc_model::generated::{Cluster, Host};
use platc_model::scalar::Bytes;
use platc_model::{Items, Text};

use crate::plan::{ClusterPlan, HostPlan, Workload};
use crate::{Planner, consents, errors, place};

/// Something that is settled.
struct Fact {
    /// Under which sort and name the lock has it.
    of: (Text, Text),
    key: Text,
    value: Text,
    /// What a consent calls it.
    on: Text,
    /// What it is, in a message.
    what: String,
    span: Span,
    loss: Loss,
}

/// Which changes lose something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Loss {
    /// Any: others know the old value.
    Any,
    /// Less than before, in bytes.
    LessRoom,
    /// Fewer than before.
    Fewer,
}

/// Compares what is with what the lock has, asks for consent, and remembers.
pub(crate) fn check(
    planner: &mut Planner<'_>,
    clusters: &Items<Cluster, ClusterPlan>,
    hosts: &Items<Host, HostPlan>,
    workloads: &[Workload],
) {
    let mut now: BTreeMap<(Text, Text), BTreeMap<Text, Text>> = BTreeMap::new();
    for fact in facts(clusters, hosts, workloads) {
        let before = planner.lock.settled.get(&fact.of).and_then(|known| known.get(&fact.key)).cloned();
        if let Some(before) = before.filter(|before| *before != fact.value)
            && let Some(problem) = refused(planner, &fact, &before)
        {
            planner.report(problem.about(Text::clone(&fact.on)));
        }
        now.entry(fact.of).or_default().insert(fact.key, fact.value);
    }
    planner.lock.to_mut().settled = now;
}

fn refused(planner: &Planner<'_>, fact: &Fact, before: &str) -> Option<Diagnostic> {
    let (on, now) = (&*fact.on, &*fact.value);
    let is_less = match fact.loss {
        Loss::Any => {
            let agreed = consents::renumber(planner, on, before, now);
            return (!agreed).then(|| errors::address_changed(fact.span, &fact.what, on, before, now));
        }
        Loss::LessRoom => Bytes::parse(now).ok()? < Bytes::parse(before).ok()?,
        Loss::Fewer => now.parse::<u64>().ok()? < before.parse::<u64>().ok()?,
    };
    let lost = is_less && !consents::shrunk(planner, on, before, now);
    lost.then(|| errors::shrunk(fact.span, &fact.what, on, before, now))
}

fn facts(
    clusters: &Items<Cluster, ClusterPlan>,
    hosts: &Items<Host, HostPlan>,
    workloads: &[Workload],
) -> Vec<Fact> {
    let mut facts = Vec::new();
    for cluster in clusters.values() {
        let name = &cluster.name;
        for (key, what, range) in [
            ("pods", "the pod range of", &cluster.pods),
            ("services", "the Service range of", &cluster.services),
        ] {
            let span = place(range.origin, cluster.span);
            let what = format!("{what} `{name}`");
            facts.push(fact("cluster", name, key, &range.value.to_string(), (name, what, span), Loss::Any));
        }
        for host in cluster.nodes.iter().map(|id| hosts.at(*id)) {
            let span = place(host.address.origin, host.span);
            let what = format!("the address of the node `{}`", host.name);
            let address = host.address.value.to_string();
            facts.push(fact("address", name, &host.name, &address, (&host.name, what, span), Loss::Any));
        }
    }
    for host in hosts.values() {
        for carved in &host.carve_outs {
            let span = place(carved.memory_max.origin, host.span);
            let what = format!("the memory of `{}` on `{}`", carved.name, host.name);
            let memory = carved.memory_max.value.to_string();
            let on = (&carved.name, what, span);
            facts.push(fact("memory", &carved.name, &host.name, &memory, on, Loss::LessRoom));
        }
    }
    for workload in workloads.iter().filter(|own| !own.volumes.is_empty()) {
        volumes(workload, &clusters.at(workload.cluster).name, &mut facts);
    }
    facts
}

fn volumes(workload: &Workload, cluster: &Text, facts: &mut Vec<Fact>) {
    let name = &workload.name;
    let of: Text = format!("{cluster}/{}/{name}", workload.namespace.value).into();
    for volume in &workload.volumes {
        let span = place(volume.size.origin, workload.span);
        let what = format!("the volume `{}` of `{name}`", volume.name);
        let size = volume.size.value.to_string();
        facts.push(fact("volume", &of, &volume.name, &size, (name, what, span), Loss::LessRoom));
    }
    let pods: u64 = workload.variants.iter().map(|variant| u64::from(variant.replicas)).sum();
    let what = format!("the number of pods with volumes of `{name}`");
    facts.push(fact("members", &of, "pods", &pods.to_string(), (name, what, workload.span), Loss::Fewer));
}

fn fact(
    sort: &str,
    of: &Text,
    key: &str,
    value: &str,
    (on, what, span): (&Text, String, Span),
    loss: Loss,
) -> Fact {
    Fact {
        of: (sort.into(), Text::clone(of)),
        key: key.into(),
        value: value.into(),
        on: Text::clone(on),
        what,
        span,
        loss,
    }
}
