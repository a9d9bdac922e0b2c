//! What goes on running: Deployments, StatefulSets and DaemonSets. What is in their pods is in `pod.rs`.
//!
//! Start with [`service`].

use platc_artifact::{Artifact, Map};
use platc_diag::Origin;
use platc_plan::Plan;
use platc_plan::{DaemonShape, ServiceShape, VariantPlan, VolumePlan, Workload};

use super::pod::{self, Placing, VARIANT, narrow};
use super::scale;
use super::service::{of, wide};
use crate::cluster::node::placing;
use crate::object::{NAME, Object, sized};

/// Revisions that are kept for a rollback. A revision carries the whole config.
const REVISIONS: u64 = 3;
/// How long a new pod must be ready before the next one is replaced.
const MIN_READY_S: u64 = 10;
/// After so long without progress a roll counts as failed, if pods come up in less.
const PROGRESS_S: u64 = 600;
/// What scheduling and pulling may take of that.
const PULL_S: u64 = 120;

/// The Deployments of a service, or StatefulSets where its pods have volumes.
pub(super) fn service(plan: &Plan, workload: &Workload, shape: &ServiceShape, artifact: &mut Artifact) {
    for variant in &workload.variants {
        let object =
            of_variant(workload, variant, "apps/v1", workload.kind(), Origin::written(workload.span));
        object.write(artifact, |m| {
            m.map("spec", |m| {
                // Where load decides, its controller owns the number: said here, it would be set back.
                if shape.scale.is_none() {
                    m.put("replicas", (variant.replicas, shape.replicas.origin));
                }
                m.put("revisionHistoryLimit", REVISIONS);
                m.put("minReadySeconds", MIN_READY_S);
                if workload.volumes.is_empty() {
                    m.put("progressDeadlineSeconds", progress_s(workload));
                }
                m.map("selector", |m| m.map("matchLabels", |m| narrow(m, workload, variant)));
                if workload.volumes.is_empty() {
                    deployment(m, shape);
                } else {
                    stateful_set(m, workload);
                }
                pod::template(m, plan, workload, variant, Placing::Apart(shape), None);
                claims(m, &workload.volumes);
            });
        });
        if let Some(scale) = &shape.scale {
            scale::write(workload, variant, (shape, scale), artifact);
        }
    }
}

/// An object that is called like a variant.
pub(super) fn of_variant<'a>(
    workload: &'a Workload,
    variant: &'a VariantPlan,
    api_version: &'static str,
    kind: &'static str,
    origin: Origin,
) -> Object<'a> {
    let object = Object::new(api_version, kind, &*variant.name, origin)
        .within(&workload.namespace.value)
        .label(NAME, &*workload.name)
        .labels(&workload.labels);
    match variant.letter {
        Some(letter) => object.label(VARIANT, letter.to_string()),
        None => object,
    }
}

/// Seconds after which a roll that does not get on has failed: pods must be able to come up and go.
fn progress_s(workload: &Workload) -> u64 {
    let startup = workload.app.startup.as_ref().map_or(0, |probe| {
        probe.period_s.value.saturating_mul(u64::try_from(probe.failures.value).unwrap_or(0))
    });
    PROGRESS_S.max(startup + MIN_READY_S + workload.shutdown.grace_s.value + PULL_S)
}

fn deployment(m: &mut Map<'_>, shape: &ServiceShape) {
    m.map("strategy", |m| {
        m.put("type", "RollingUpdate");
        m.map("rollingUpdate", |m| {
            m.put("maxUnavailable", shape.unavailable);
            m.put("maxSurge", shape.surge);
        });
    });
}

fn stateful_set(m: &mut Map<'_>, workload: &Workload) {
    m.put("serviceName", &workload.name);
    // Pods are found by the name of all of them, so none waits for another.
    m.put("podManagementPolicy", "Parallel");
    m.map("updateStrategy", |m| m.put("type", "RollingUpdate"));
    m.map("persistentVolumeClaimRetentionPolicy", |m| {
        m.put("whenDeleted", "Retain");
        m.put("whenScaled", "Retain");
    });
}

fn claims(m: &mut Map<'_>, volumes: &[VolumePlan]) {
    if volumes.is_empty() {
        return;
    }
    m.seq("volumeClaimTemplates", |s| {
        for volume in volumes {
            s.map(|m| {
                m.map("metadata", |m| m.put("name", &volume.name));
                m.map("spec", |m| {
                    m.list("accessModes", ["ReadWriteOnce"]);
                    m.maybe("storageClassName", volume.class.as_ref());
                    m.map("resources", |m| m.map("requests", |m| m.put("storage", sized(volume.size))));
                });
            });
        }
    });
}

/// The DaemonSet of a daemon.
pub(super) fn daemon(plan: &Plan, workload: &Workload, shape: &DaemonShape, artifact: &mut Artifact) {
    let Some(variant) = workload.variants.first() else { return };
    let on = placing(plan.clusters.at(workload.cluster), &workload.name, &shape.hosts);
    let placing = Placing::Hosts { on: &on, host_network: shape.host_network.value };
    of(workload, "apps/v1", "DaemonSet", Origin::written(workload.span)).write(artifact, |m| {
        m.map("spec", |m| {
            daemon_set(m, workload, MIN_READY_S);
            pod::template(m, plan, workload, variant, placing, None);
        });
    });
}

/// What all DaemonSets have: one host after the other, and the old pod first, because ports of a host
/// cannot be had twice.
pub(super) fn daemon_set(m: &mut Map<'_>, workload: &Workload, min_ready_s: u64) {
    m.put("revisionHistoryLimit", REVISIONS);
    m.put("minReadySeconds", min_ready_s);
    m.map("selector", |m| m.map("matchLabels", |m| wide(m, workload)));
    m.map("updateStrategy", |m| {
        m.put("type", "RollingUpdate");
        m.map("rollingUpdate", |m| {
            m.put("maxUnavailable", 1);
            m.put("maxSurge", 0);
        });
    });
}
