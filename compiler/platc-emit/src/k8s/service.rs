//! What stands around the pods of a workload: its account, its files, its headless Service, its disruption budget.
//!
//! Start with [`write`].

use platc_artifact::{Artifact, Map};
use platc_diag::Origin;
use platc_plan::Plan;
use platc_plan::{Shape, Workload};

use super::pod::{files, files_name};
use super::{bootstrap, policy};
use crate::object::{NAME, Object};

/// Whether a workload has any of them. A static pod has no account, and refers to nothing; but its mirror pod has
/// labels, by which a Service and a policy find it.
pub(super) fn has_any(plan: &Plan, workload: &Workload) -> bool {
    !workload.is_static_pod() || is_named(workload) || policy::is_enforced(plan, workload)
}

/// Whether its pods are looked up by a name.
fn is_named(workload: &Workload) -> bool {
    !workload.app.ports.is_empty() || !workload.volumes.is_empty()
}

/// All of them that a workload has.
pub(super) fn write(plan: &Plan, workload: &Workload, artifact: &mut Artifact) {
    if !workload.is_static_pod() {
        account(plan, workload, artifact);
    }
    if let Some(name) = files_name(workload) {
        let object = Object::new("v1", "ConfigMap", name, Origin::written(workload.span));
        object.within(&workload.namespace.value).label(NAME, &*workload.name).write(artifact, |m| {
            m.put("immutable", true);
            files(m, workload);
        });
    }
    bootstrap::config_map(plan, workload, artifact);
    if is_named(workload) {
        headless(workload, artifact);
    }
    if policy::is_enforced(plan, workload) {
        policy::write(plan, workload, artifact);
    }
    if let Shape::Service(shape) = &workload.shape {
        let object = of(workload, "policy/v1", "PodDisruptionBudget", shape.max_unavailable.origin);
        object.write(artifact, |m| {
            m.map("spec", |m| {
                m.put("maxUnavailable", shape.max_unavailable);
                // A pod that is broken anyway must not keep its host from being drained.
                m.put("unhealthyPodEvictionPolicy", "AlwaysAllow");
                m.map("selector", |m| m.map("matchLabels", |m| wide(m, workload)));
            });
        });
    }
}

/// An object that is called like its workload.
pub(super) fn of<'a>(
    workload: &'a Workload,
    api_version: &'static str,
    kind: &'static str,
    origin: Origin,
) -> Object<'a> {
    let origin = if origin.is_known() { origin } else { Origin::written(workload.span) };
    Object::new(api_version, kind, &*workload.name, origin)
        .within(&workload.namespace.value)
        .label(NAME, &*workload.name)
        .labels(&workload.labels)
}

/// What selects all pods of a workload, whichever Deployment they are of.
pub(super) fn wide(m: &mut Map<'_>, workload: &Workload) {
    m.put(NAME, &workload.name);
}

/// Pods have an account of their own, so that rights can be given to one of them, and no token, because
/// none of them talks to the API server unless somebody says so.
fn account(plan: &Plan, workload: &Workload, artifact: &mut Artifact) {
    of(workload, "v1", "ServiceAccount", Origin::written(workload.span)).write(artifact, |m| {
        m.put("automountServiceAccountToken", false);
        let secret = plan.registry.as_ref().and_then(|registry| registry.pull_secret.as_ref());
        if let Some(secret) = secret {
            m.seq("imagePullSecrets", |s| s.map(|m| m.put("name", secret)));
        }
    });
}

/// A name for the addresses of all ready pods. It maps no ports, so they are the containers'.
fn headless(workload: &Workload, artifact: &mut Artifact) {
    of(workload, "v1", "Service", Origin::written(workload.span)).write(artifact, |m| {
        m.map("spec", |m| {
            m.put("clusterIP", "None");
            m.put("publishNotReadyAddresses", false);
            m.map("selector", |m| wide(m, workload));
            if workload.app.ports.is_empty() {
                return;
            }
            m.seq("ports", |s| {
                for port in &workload.app.ports {
                    s.from(port.name.origin, |s| {
                        s.map(|m| {
                            m.put("name", &port.name);
                            m.put("port", port.number);
                            m.put("targetPort", port.number);
                            m.put("protocol", "TCP");
                        });
                    });
                }
            });
        });
    });
}
