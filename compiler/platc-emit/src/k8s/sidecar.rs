//! The Envoy beside a pod: a container that starts before the program and stops after it, with its whole
//! bootstrap in its environment, or in a file where that is too large for it (`bootstrap.rs`).
//!
//! What is in the bootstrap is in `envoy/`. Start with [`container`].

use platc_artifact::{Map, Seq, shown};
use platc_plan::{Plan, SidecarPlan, Workload};

use super::bootstrap::Source;
use crate::envoy::{self, POD_NAME_ENV, PROGRAM, READY_PATH};
use crate::object::sized;

/// Nobody of importance in any image.
pub(super) const ENVOY_USER: u64 = 101;
/// Name of the port that the kubelet asks.
const PROBE_PORT: &str = "envoy-probe";

/// The sidecar among the `initContainers`: one that restarts always is beside the pod's containers for as long
/// as they run, and keeps no Job from ending.
pub(super) fn container(
    m: &mut Map<'_>,
    plan: &Plan,
    workload: &Workload,
    (sidecar, source): (&SidecarPlan, &Source),
) {
    m.put("name", "envoy");
    m.put("restartPolicy", "Always");
    m.put("image", shown(&plan.clusters.at(workload.cluster).images.envoy_sidecar));
    m.put("imagePullPolicy", "IfNotPresent");
    m.list("command", [PROGRAM]);
    m.list("args", envoy::sidecar_args(&workload.name, sidecar, source.flag()));
    m.seq("env", |s| {
        field(s, POD_NAME_ENV, "metadata.name");
        source.variable(s, plan, workload);
    });
    m.seq("ports", |s| {
        s.map(|m| {
            m.put("name", PROBE_PORT);
            m.put("containerPort", sidecar.probe_port);
            m.put("protocol", "TCP");
        });
    });
    // The program starts only when calls go through.
    probe(m, "startupProbe", [("periodSeconds", 1), ("timeoutSeconds", 1), ("failureThreshold", 30)]);
    probe(m, "livenessProbe", [("periodSeconds", 10), ("timeoutSeconds", 2), ("failureThreshold", 6)]);
    m.map("resources", |m| {
        for key in ["requests", "limits"] {
            m.map(key, |m| {
                m.put("cpu", shown(&sidecar.cpu));
                m.put("memory", sized(sidecar.memory));
            });
        }
    });
    m.map("securityContext", |m| {
        m.put("runAsNonRoot", true);
        m.put("runAsUser", ENVOY_USER);
        m.put("allowPrivilegeEscalation", false);
        m.put("readOnlyRootFilesystem", true);
        m.map("capabilities", |m| m.list("drop", ["ALL"]));
    });
    if source.is_file() {
        m.seq("volumeMounts", |s| source.mount(s));
    }
}

/// A variable with a field of the pod.
pub(super) fn field(s: &mut Seq<'_>, name: &str, path: &str) {
    s.map(|m| {
        m.put("name", name);
        m.map("valueFrom", |m| m.map("fieldRef", |m| m.put("fieldPath", path)));
    });
}

fn probe(m: &mut Map<'_>, key: &str, numbers: [(&str, u64); 3]) {
    m.map(key, |m| {
        m.map("httpGet", |m| {
            m.put("path", READY_PATH);
            m.put("port", PROBE_PORT);
        });
        numbers.into_iter().for_each(|(name, number)| m.put(name, number));
    });
}
