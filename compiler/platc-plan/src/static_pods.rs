//! Static pods: daemons that kubelets start from a file of their host, before anybody answers for the cluster.
//!
//! A kubelet refuses one that refers to objects of the cluster, since 1.34 for each sort of them, and an API server
//! refuses the picture of one that does, the mirror pod. So whatever would be such an object in the pod of a
//! DaemonSet is a finding here. Not here: a bootstrap that is too large for a variable; only who writes it knows.
//!
//! Start with [`check`].

use std::collections::BTreeMap;

use platc_diag::{Sourced, Why};
use platc_model::generated::{ApiBalancer, Cluster, Daemon, Host, Priority};
use platc_model::{Head, Items, Text};

use crate::plan::{API_BALANCER_NAME, ClusterPlan, EnvPlan, EnvValue, FileSource, HostPlan, Shape, Workload};
use crate::{Planner, errors, place, rules};

/// The namespace of static pods that are there anyway.
const SYSTEM: &str = "kube-system";

/// The priority of one, whatever is said. A kubelet evicts none and makes room for each, so a lower priority would
/// be a promise to the scheduler that nobody keeps: it would delete the mirror pod, and the room would stay taken.
pub(crate) fn priority(planner: &mut Planner<'_>, head: &Head, daemon: &Daemon) -> Sourced<Priority> {
    let said = daemon.placed.priority;
    if said.value == Priority::Critical {
        return said;
    }
    if said.origin.why() == Why::Written {
        let span = place(said.origin, head.span);
        let problem = errors::static_pod_priority(span, &head.name, said.value.word());
        planner.report(problem.about(Text::clone(&head.name)));
    }
    daemon.static_pod.origin.decided_by(&rules::STATIC_POD).of(Priority::Critical)
}

/// Finds what static pods refer to and cannot have, and those that would have one name.
pub(crate) fn check(
    planner: &mut Planner<'_>,
    clusters: &Items<Cluster, ClusterPlan>,
    hosts: &Items<Host, HostPlan>,
    workloads: &[Workload],
) {
    for workload in workloads.iter().filter(|own| own.is_static_pod()) {
        secrets(planner, workload);
        files(planner, workload);
        pull_secret(planner, workload);
    }
    names(planner, clusters, hosts, workloads);
}

/// Variables from secrets.
fn secrets(planner: &mut Planner<'_>, workload: &Workload) {
    let of_inits = workload.inits.iter().flat_map(|init| &init.env);
    for EnvPlan { name, value, origin } in workload.app.env.iter().chain(of_inits) {
        let EnvValue::Secret(key) = value else { continue };
        let what = format!("its variable `{name}`");
        let span = place(*origin, workload.span);
        let problem = errors::static_pod_secret(span, &workload.name, &key.secret, &what);
        planner.report(problem.about(Text::clone(&workload.name)));
    }
}

/// Files from secrets, and from the platform, which would be in a ConfigMap.
fn files(planner: &mut Planner<'_>, workload: &Workload) {
    for file in &workload.files {
        let span = place(file.path.origin, workload.span);
        let problem = match &file.from {
            FileSource::Secret(key) => {
                let what = format!("its file `{}`", file.path.value);
                errors::static_pod_secret(span, &workload.name, &key.secret, &what)
            }
            FileSource::Path(..) => errors::static_pod_file(span, &workload.name, &file.path.value),
        };
        planner.report(problem.about(Text::clone(&workload.name)));
    }
}

/// Images of a registry that wants to know who pulls: that is told in the account of a pod, and it has none.
fn pull_secret(planner: &mut Planner<'_>, workload: &Workload) {
    let platform = planner.model.platforms.values().next();
    let Some(registry) = platform.and_then(|platform| platform.value.registry.as_ref()) else { return };
    let Some(secret) = &registry.pull_secret else { return };
    let secret = Text::clone(&planner.model.secrets.at(secret.value).head.name);
    let of_inits = workload.inits.iter().map(|init| &init.image);
    for image in std::iter::once(&workload.app.image).chain(of_inits) {
        if image.registry.as_deref() != Some(&**registry.host) {
            continue;
        }
        let span = place(image.origin, workload.span);
        let problem = errors::static_pod_pull(span, &workload.name, &registry.host, &secret);
        planner.report(problem.about(Text::clone(&workload.name)));
    }
}

/// The kubelet adds the name of the host to that of the pod; what comes of it must be one pod in its namespace.
fn names(
    planner: &mut Planner<'_>,
    clusters: &Items<Cluster, ClusterPlan>,
    hosts: &Items<Host, HostPlan>,
    workloads: &[Workload],
) {
    for (id, cluster) in clusters.iter() {
        let on = |name: &str, host| format!("{name}-{}", hosts.at(host).name);
        let mut taken: BTreeMap<(&str, String), (&str, &str)> = BTreeMap::new();
        let balanced = cluster.api.balancer.value == ApiBalancer::StaticPod;
        for host in &cluster.nodes {
            let leads = hosts.at(*host).control_plane;
            let system = cluster.control_plane_requests.iter().map(|part| part.name).filter(|_| leads);
            for name in system.chain(balanced.then_some(API_BALANCER_NAME)) {
                taken.insert((SYSTEM, on(name, *host)), (name, &*hosts.at(*host).name));
            }
        }
        let here = workloads.iter().filter(|own| own.cluster == id && own.is_static_pod());
        for workload in here {
            let Shape::Daemon(daemon) = &workload.shape else { continue };
            let clash = daemon.hosts.iter().find_map(|host| {
                let pod = on(&workload.name, *host);
                let key = (&*workload.namespace.value, pod);
                let other = taken.insert(key.clone(), (&*workload.name, &*hosts.at(*host).name))?;
                Some((key.1, other))
            });
            if let Some((pod, (other, host))) = clash {
                let problem = errors::static_pod_name(workload.span, &workload.name, &pod, (other, host));
                planner.report(problem.about(Text::clone(&workload.name)));
            }
        }
    }
}
