//! Static pods: files of hosts with the pod of a daemon, which the kubelets there start by themselves.
//!
//! They are the same bytes on each host, and the kubelet makes the pod anew when they change. They have none of our
//! labels but those that find pods: who prunes the cluster must not take the mirror pod for an object of a build.
//!
//! Not here: what they may not have; the plan says that. Start with [`EMITTER`].

use platc_artifact::{Doc, Map, Mode};
use platc_diag::{Origin, Problems};
use platc_plan::{DaemonShape, Plan, Shape, Workload};

use super::pod::{self, Placing};
use crate::hosts::{HostEmitter, HostFile, OnHost, map_of, yaml};
use crate::kube::check_one;

pub(crate) static EMITTER: HostEmitter = HostEmitter { name: "static-pods", files: FILES, check };

static FILES: &[HostFile] = &[HostFile {
    kind: "static-pod",
    paths: |on| of(on).map(|(own, _)| path(own).into()).collect(),
    write: |on, nth, artifact| {
        artifact.mode = Mode::PRIVATE;
        if let Some((own, shape)) = of(on).nth(nth) {
            yaml(artifact, Origin::written(own.span), |m| write(m, on.plan, own, shape));
        }
    },
}];

/// Those of a host, in order.
fn of<'p>(on: &OnHost<'p>) -> impl Iterator<Item = (&'p Workload, &'p DaemonShape)> {
    on.plan.workloads_on(on.id).filter_map(shape)
}

fn shape(workload: &Workload) -> Option<(&Workload, &DaemonShape)> {
    match &workload.shape {
        Shape::Daemon(daemon) if daemon.static_pod.value => Some((workload, daemon)),
        _ => None,
    }
}

/// Names of namespaces have no dots, nor have those of kubeadm's manifests and of the balancer's.
fn path(workload: &Workload) -> String {
    format!("/etc/kubernetes/manifests/{}.{}.yaml", workload.namespace.value, workload.name)
}

fn write(m: &mut Map<'_>, plan: &Plan, workload: &Workload, shape: &DaemonShape) {
    let Some(variant) = workload.variants.first() else { return };
    m.put("apiVersion", "v1");
    m.put("kind", "Pod");
    m.map("metadata", |m| {
        m.put("name", &workload.name);
        m.put("namespace", &workload.namespace);
        m.map("labels", |m| pod::of_pods(m, workload, variant));
    });
    pod::spec(m, plan, workload, variant, Placing::Here { host_network: shape.host_network.value }, None);
}

/// Whether Kubernetes takes each of them.
fn check(plan: &Plan, problems: &mut Problems) {
    for (own, daemon) in plan.workloads.iter().filter_map(shape) {
        let mut doc = Doc::new();
        map_of(&mut doc, Origin::written(own.span), |m| write(m, plan, own, daemon));
        check_one(&doc, plan.clusters.at(own.cluster), &own.name, problems);
    }
}
