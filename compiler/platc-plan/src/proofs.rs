//! What must hold of a plan as a whole, beside its sums: that quotas take it, that packets find their way out.
//!
//! Not here: whether pods find places, can roll and survive losses (`platc-proof`).
//!
//! Start with [`prove`].

use platc_model::generated::{Cluster, Egress, Host};
use platc_model::{Items, Text};

use crate::plan::{Amount, ClusterPlan, DaemonShape, HostPlan, NamespacePlan, ProxyPlan, Shape, Workload};
use crate::{Planner, errors, ledger, place};

/// Tries to refute what must hold.
pub(crate) fn prove(
    planner: &mut Planner<'_>,
    clusters: &Items<Cluster, ClusterPlan>,
    hosts: &Items<Host, HostPlan>,
    workloads: &[Workload],
    namespaces: &[NamespacePlan],
) {
    for workload in workloads {
        egress(planner, clusters.at(workload.cluster), hosts, workload);
    }
    for namespace in namespaces {
        quota(planner, &clusters.at(namespace.cluster).name, namespace, workloads);
    }
}

/// Pods keep their addresses on the way out, so the border must translate them.
fn egress(
    planner: &mut Planner<'_>,
    cluster: &ClusterPlan,
    hosts: &Items<Host, HostPlan>,
    workload: &Workload,
) {
    if workload.egress.value != Egress::Internet {
        return;
    }
    for id in &cluster.datacenters {
        let datacenter = planner.model.datacenters.at(*id);
        let has_nodes = cluster.nodes.iter().any(|host| hosts.at(*host).datacenter == *id);
        let nat = datacenter.value.border.as_ref().map(|border| &border.nat);
        let covered = nat.is_some_and(|ranges| ranges.iter().any(|range| range.covers(cluster.pods.value)));
        if has_nodes && !covered {
            let span = place(workload.egress.origin, workload.span);
            let problem = errors::no_egress_nat(
                span,
                &workload.name,
                cluster.pods.value,
                &datacenter.head.name,
                datacenter.head.span,
            );
            planner.problems.push(problem.about(Text::clone(&workload.name)));
        }
    }
}

/// A quota must take all pods of the namespace while they roll. Tasks wait for room, so they are not counted.
fn quota(planner: &mut Planner<'_>, cluster: &str, namespace: &NamespacePlan, workloads: &[Workload]) {
    let Some(quota) = &namespace.quota else { return };
    let here = |workload: &&Workload| {
        workload.cluster == namespace.cluster && workload.namespace.value == namespace.name
    };
    let mut total = Amount::default();
    for workload in workloads.iter().filter(here) {
        match &workload.shape {
            Shape::Service(service) => {
                total = total.plus(ledger::workload_request(workload));
                for at in 0..workload.variants.len() {
                    total =
                        total.plus(ledger::pod_request(workload, at).times(u64::from(service.surge.value)));
                }
            }
            // No quota keeps a kubelet from starting a static pod, but its mirror pod is refused as any other: it
            // is then seen by nobody, and the scheduler gives its room away.
            Shape::Daemon(DaemonShape { hosts: on, .. }) | Shape::Proxy(ProxyPlan { hosts: on, .. }) => {
                let pods = u64::try_from(on.len()).unwrap_or(u64::MAX);
                total = total.plus(ledger::pod_request(workload, 0).times(pods));
            }
            Shape::Job(_) | Shape::Cron(_) => {}
        }
    }
    let file = platc_diag::Span::start_of(platc_diag::FileId(0));
    let span = place(quota.origin, place(namespace.origin, file));
    let about = Text::clone(&namespace.name);
    if let Some(cpu) = quota.cpu.filter(|cpu| total.cpu > cpu.value) {
        let at = place(cpu.origin, span);
        planner.report(
            errors::quota(at, (&about, cluster), "CPU", &total.cpu.to_string(), &cpu.value.to_string())
                .about(Text::clone(&about)),
        );
    }
    if let Some(memory) = quota.memory.filter(|memory| total.memory > memory.value) {
        let at = place(memory.origin, span);
        let problem = errors::quota(
            at,
            (&about, cluster),
            "memory",
            &total.memory.to_string(),
            &memory.value.to_string(),
        );
        planner.report(problem.about(Text::clone(&about)));
    }
}
