//! From outcomes to findings: one for each thing that breaks, whatever the number of cases that break it.
//!
//! Start with `proof`.

use std::collections::BTreeMap;

use platc_diag::{Diagnostic, Problems, Span};
use platc_model::generated::Cluster;
use platc_model::{Id, Text};
use platc_plan::{ClusterPlan, Plan};

use crate::claims::{Claim, Proof};
use crate::drain::{Drain, End};
use crate::errors::{self, When};
use crate::loss::{Break, Case, Outcome, Scope};
use crate::pack::Verdict;
use crate::room::Room;
use crate::shortage::{Kind, Shortage, shortages};

pub(crate) use crate::errors::nothing_to_lose;

/// Whether the pods of a cluster have places as it is.
pub(crate) fn placement(cluster: &ClusterPlan, room: &Room<'_>, verdict: &Verdict, problems: &mut Problems) {
    match verdict {
        Verdict::Fits(_) => {}
        Verdict::Unknown => problems.push(errors::placement_unknown(cluster.span, &cluster.name)),
        Verdict::Refuted(bounds) => {
            let when = When { span: cluster.span, loss: None };
            let found = shortages(room, bounds);
            problems.extend(found.iter().map(|shortage| errors::shortage(when, &cluster.name, shortage)));
        }
    }
}

/// Drains that never end: one finding for each cluster, about the first host, with the others named.
pub(crate) fn drains(plan: &Plan, drains: &[Drain], problems: &mut Problems) {
    let mut found: BTreeMap<Id<Cluster>, Vec<(&Drain, &[Shortage])>> = BTreeMap::new();
    for drain in drains {
        if let End::Never(reasons) = &drain.end {
            found.entry(drain.cluster).or_default().push((drain, reasons));
        }
    }
    for (cluster, stuck) in found {
        let Some((first, others)) = stuck.split_first() else { continue };
        let host = plan.hosts.at(first.0.host);
        let others: Vec<&str> = others.iter().map(|(drain, _)| &*plan.hosts.at(drain.host).name).collect();
        let finding = errors::drain_never_ends(plan.clusters.at(cluster), (&host.name, host.span), first.1);
        problems.push(errors::the_same(finding, "the same with", &others));
    }
}

/// What a claim comes to.
pub(crate) fn proof(plan: &Plan, proof: &Proof, problems: &mut Problems) {
    let Proof { claim, outcomes: cases, too_many } = proof;
    outcomes(plan, cases, claim.span, &claim.scope, problems);
    if *too_many {
        problems.push(errors::claim_unknown(claim, None));
    }
    let open = cases.iter().find(|outcome| !outcome.open.is_empty() && outcome.breaks.is_empty());
    if let Some(outcome) = open {
        problems.push(unknown(claim, &outcome.case));
    }
}

fn unknown(claim: &Claim, case: &Case) -> Diagnostic {
    errors::claim_unknown(claim, Some(&case.name))
}

/// A finding with how bad it is and the cases that it was found in.
struct Found<'a> {
    badness: u64,
    finding: Diagnostic,
    case: &'a Case,
    also: Vec<&'a str>,
}

/// What breaks: one finding for each thing, about the worst case, with the others named.
pub(crate) fn outcomes(plan: &Plan, cases: &[Outcome], span: Span, scope: &Scope, problems: &mut Problems) {
    let mut found: BTreeMap<(String, String), Found<'_>> = BTreeMap::new();
    for outcome in cases {
        for (badness, finding) in findings(plan, outcome, span, scope) {
            let key = (finding.code().id().to_owned(), about(&finding));
            let names =
                || std::iter::once(&*outcome.case.name).chain(outcome.case.alike.iter().map(|name| &**name));
            match found.get_mut(&key) {
                None => {
                    let also = outcome.case.alike.iter().map(|name| &**name).collect();
                    found.insert(key, Found { badness, finding, case: &outcome.case, also });
                }
                // Two bounds of one case are two findings, if they are of one kind: the worse is enough.
                Some(known) if known.case == &outcome.case => {
                    if badness > known.badness {
                        (known.badness, known.finding) = (badness, finding);
                    }
                }
                Some(known) if badness > known.badness => {
                    known.also.insert(0, &known.case.name);
                    known.also.extend(outcome.case.alike.iter().map(|name| &**name));
                    (known.badness, known.finding, known.case) = (badness, finding, &outcome.case);
                }
                Some(known) => known.also.extend(names()),
            }
        }
    }
    problems.extend(found.into_values().map(|found| errors::also(found.finding, &found.also)));
}

/// The thing that a finding is about; CPU and memory of one cluster are two things.
fn about(finding: &Diagnostic) -> String {
    let of = if finding.message().contains(" of memory") { " memory" } else { "" };
    format!("{}{of}", finding.subject().unwrap_or(""))
}

/// The findings of one case, each with how bad it is.
fn findings(plan: &Plan, outcome: &Outcome, span: Span, scope: &Scope) -> Vec<(u64, Diagnostic)> {
    let what = errors::quoted(&outcome.case.name);
    let lost = match outcome.case.hosts.as_slice() {
        [host] => Some(plan.hosts.at(*host).span),
        _ => None,
    };
    let when = When { span, loss: Some((&what, lost)) };
    let gone: Vec<&ClusterPlan> = match scope {
        Scope::Services(_) => Vec::new(),
        Scope::Platform | Scope::Cluster(_) => clusters_gone(plan, &outcome.case),
    };
    let mut found = Vec::new();
    let mut reasons = Vec::new();
    for broken in &outcome.breaks {
        // What follows from the loss of a whole cluster is one finding.
        if !gone.is_empty()
            && let Some(reason) = consequence(plan, broken)
        {
            reasons.push(reason);
            continue;
        }
        found.push((badness(broken), finding(plan, when, broken)));
    }
    if !reasons.is_empty() {
        found.extend(gone.iter().map(|cluster| (0, errors::dc_loss(when, &cluster.name, reasons.clone()))));
    }
    found
}

fn clusters_gone<'p>(plan: &'p Plan, case: &Case) -> Vec<&'p ClusterPlan> {
    let gone = |cluster: &&ClusterPlan| {
        !cluster.nodes.is_empty() && cluster.nodes.iter().all(|node| case.hosts.contains(node))
    };
    plan.clusters.values().filter(gone).collect()
}

/// How the loss of a cluster shows in this, as half a sentence; `None` if it is something else.
fn consequence(plan: &Plan, broken: &Break) -> Option<String> {
    let name = |cluster: Id<Cluster>| &plan.clusters.at(cluster).name;
    match broken {
        Break::NoRoom(shortage) => {
            errors::reason(shortage).map(|reason| format!("in `{}`: {reason}", name(shortage.cluster)))
        }
        Break::Gone { service, .. } => Some(format!("`{service}` is nowhere else")),
        Break::Nobody { caller, cluster, target, .. } => Some(format!(
            "nobody is left to answer the calls of `{caller}` in `{}` to `{target}`",
            name(*cluster)
        )),
        Break::Edge { name } => Some(format!("no host is left for `{name}`, a way in")),
        Break::Bound { .. }
        | Break::Quorum { .. }
        | Break::Members { .. }
        | Break::Unserved { .. }
        | Break::Api { .. }
        | Break::Dns { .. } => None,
    }
}

/// A shortage as half a sentence.
pub fn reason(shortage: &Shortage) -> Option<String> {
    errors::reason(shortage)
}

/// What a break is, as a sentence without what is lost.
pub fn sentence(plan: &Plan, broken: &Break) -> String {
    let when = When { span: Span::start_of(platc_diag::FileId(0)), loss: None };
    finding(plan, when, broken).message().to_owned()
}

fn badness(broken: &Break) -> u64 {
    match broken {
        Break::NoRoom(Shortage { kind: Kind::Sum { demand, free, .. }, .. }) => demand.saturating_sub(*free),
        Break::NoRoom(Shortage { kind: Kind::Apart { pods, places, .. }, .. }) => {
            pods.saturating_sub(*places)
        }
        Break::Quorum { alive, needed, .. } | Break::Members { alive, needed, .. } => {
            u64::try_from(needed.saturating_sub(*alive)).unwrap_or(0)
        }
        Break::Bound { alive, needed, .. } => u64::from(needed.saturating_sub(*alive)),
        _ => 0,
    }
}

fn finding(plan: &Plan, when: When<'_>, broken: &Break) -> Diagnostic {
    let cluster_name = |cluster: Id<Cluster>| &plan.clusters.at(cluster).name;
    let workload = |name: &Text| {
        let found = plan.workloads.iter().find(|workload| workload.name == *name);
        let balancer = plan.balancers.iter().find(|balancer| balancer.name == *name);
        found.map(|workload| workload.span).or(balancer.map(|balancer| balancer.span)).unwrap_or(when.span)
    };
    let stateful = |id| {
        let head = &plan.model.statefuls.at(id).head;
        (&*head.name, head.span)
    };
    match broken {
        Break::NoRoom(shortage) => errors::shortage(when, cluster_name(shortage.cluster), shortage),
        Break::Quorum { cluster, members, alive, needed } => {
            let cluster = plan.clusters.at(*cluster);
            errors::quorum(when, cluster, *members, *alive, *needed)
        }
        Break::Members { stateful: id, datacenter, members, alive, needed } => {
            let place = &plan.model.datacenters.at(*datacenter).head.name;
            errors::members(when, stateful(*id), place, (*members, *alive, *needed))
        }
        Break::Unserved { stateful: id, datacenter } => {
            errors::unserved(when, stateful(*id), &plan.model.datacenters.at(*datacenter).head.name)
        }
        Break::Nobody { caller, cluster, target, at } => {
            errors::nobody(when, caller, cluster_name(*cluster), target, cluster_name(*at))
        }
        Break::Gone { service, cluster } => {
            errors::gone(when, (service, workload(service)), cluster_name(*cluster))
        }
        Break::Bound { service, cluster, pods, alive, needed } => {
            let cluster = cluster_name(*cluster);
            errors::bound(when, (service, workload(service)), cluster, (*pods, *alive, *needed))
        }
        Break::Api { cluster } => errors::api(when, cluster_name(*cluster)),
        Break::Dns { cluster } => errors::dns(when, cluster_name(*cluster)),
        Break::Edge { name } => errors::edge(when, (name, workload(name))),
    }
}
