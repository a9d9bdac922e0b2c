//! The static pod of the balancer.

use platc_artifact::{Artifact, Doc, Format, Map};
use platc_diag::{Origin, Problems};
use platc_model::generated::ApiBalancer;
use platc_model::scalar::Bytes;
use platc_plan::ledger::system::API_BALANCER;
use platc_plan::{API_BALANCER_HEALTH_PORT, API_BALANCER_NAME, Plan};

use super::{haproxy, hash};
use crate::hosts::{OnHost, all, map_of, yaml};
use crate::kube::check_one;
use crate::object::{node_critical, quantity};
use crate::rules;

/// Where its configuration lies: on the host, and in the container, where the image looks for it.
const CONFIG: [&str; 2] = ["/etc/kubernetes/api-lb", "/usr/local/etc/haproxy"];

/// Writes the manifest.
pub(super) fn write(on: &OnHost<'_>, artifact: &mut Artifact) {
    let origin = on.cluster.map_or(Origin::NONE, |cluster| cluster.api.balancer.origin);
    yaml(artifact, origin.decided_by(&rules::NODE_SETUP), |m| pod(m, on));
}

fn pod(m: &mut Map<'_>, on: &OnHost<'_>) {
    m.put("apiVersion", "v1");
    m.put("kind", "Pod");
    m.map("metadata", |m| {
        m.put("name", API_BALANCER_NAME);
        m.put("namespace", "kube-system");
        m.map("labels", |m| m.put("app", API_BALANCER_NAME));
        m.map("annotations", |m| m.put("platc/config-hash", config_hash(on)));
    });
    m.map("spec", |m| {
        m.put("hostNetwork", true);
        node_critical(m);
        m.put("terminationGracePeriodSeconds", 10);
        m.map("securityContext", |m| m.map("seccompProfile", |m| m.put("type", "RuntimeDefault")));
        m.seq("containers", |s| s.map(|m| container(m, on)));
        m.seq("volumes", |s| {
            s.map(|m| {
                m.put("name", "cfg");
                m.map("hostPath", |m| {
                    m.put("path", CONFIG[0]);
                    m.put("type", "Directory");
                });
            });
        });
    });
}

fn container(m: &mut Map<'_>, on: &OnHost<'_>) {
    m.put("name", "haproxy");
    m.maybe("image", on.cluster.map(|cluster| platc_artifact::shown(&cluster.images.haproxy)));
    m.list("command", ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]);
    m.map("securityContext", |m| {
        // Port 443 on the address of the Service.
        m.put("runAsUser", 0);
        m.map("capabilities", |m| {
            m.list("drop", ["ALL"]);
            m.list("add", ["NET_BIND_SERVICE"]);
        });
    });
    m.map("resources", |m| {
        m.map("requests", |m| {
            m.put("cpu", API_BALANCER.cpu.to_string());
            m.put("memory", quantity(API_BALANCER.memory));
        });
        m.map("limits", |m| m.put("memory", quantity(Bytes::new(API_BALANCER.memory.get() * 2))));
    });
    m.map("livenessProbe", |m| {
        m.map("httpGet", |m| {
            m.put("host", "127.0.0.1");
            m.put("path", "/healthz");
            m.put("port", API_BALANCER_HEALTH_PORT);
        });
        m.put("periodSeconds", 10);
        m.put("timeoutSeconds", 2);
    });
    m.seq("volumeMounts", |s| {
        s.map(|m| {
            m.put("name", "cfg");
            m.put("mountPath", CONFIG[1]);
            m.put("readOnly", true);
        });
    });
}

fn config_hash(on: &OnHost<'_>) -> String {
    let (mut doc, mut bytes) = (Doc::new(), Vec::new());
    haproxy::fill(on, &mut doc);
    // What cannot be printed is reported where the file itself is.
    let _ = doc.print(Format::Haproxy, &mut bytes);
    format!("{:016x}", hash(&bytes))
}

/// Whether Kubernetes takes it.
pub(super) fn check(plan: &Plan, problems: &mut Problems) {
    // It is the same on all hosts of a cluster but for the hash.
    for on in all(plan).filter(OnHost::is_first) {
        let Some(cluster) = on.cluster.filter(|cluster| cluster.api.balancer.value == ApiBalancer::StaticPod)
        else {
            continue;
        };
        let mut doc = Doc::new();
        map_of(&mut doc, cluster.api.balancer.origin, |m| pod(m, &on));
        check_one(&doc, cluster, &cluster.name, problems);
    }
}
