//! CoreDNS as a DaemonSet on the network of its hosts, so that its addresses are those of hosts and never
//! change. It binds to the address of its host alone and leaves `127.0.0.53` to systemd-resolved.
//!
//! Start with [`write`].

use platc_artifact::{Artifact, Fixed, Format, Guard, Lines, Map, Seq, Shown, shown};
use platc_diag::Origin;

use platc_model::generated::ApiBalancer;
use platc_plan::ledger::system;
use platc_plan::{Amount, ClusterPlan};

use super::flannel::{everywhere, field_env};
use super::node::placing;
use crate::object::{Object, quantity, short_hash};

const NAMESPACE: &str = "kube-system";
const NAME: &str = "coredns";
const LABEL: (&str, &str) = ("k8s-app", "kube-dns");
/// Ports on the host's address; 8080 and 8181 are liked by others.
const HEALTH_PORT: u16 = 8180;
const READY_PORT: u16 = 8181;
const METRICS_PORT: u16 = 9153;
/// It goes on answering so long after it was told to stop: kubelets and Envoys ask another one by then.
const LAME_DUCK: &str = "10s";
const GRACE_S: u64 = 30;
const MIN_READY_S: u64 = 20;
const MEMORY_LIMIT: &str = "256Mi";
const RBAC: &str = "rbac.authorization.k8s.io/v1";

/// Everything of CoreDNS.
pub(super) fn write(cluster: &ClusterPlan, artifact: &mut Artifact) {
    let origin = Origin::written(cluster.span);
    let rules: [(&str, &[&str], &[&str]); 2] = [
        ("", &["services", "pods", "namespaces"], &["list", "watch"]),
        ("discovery.k8s.io", &["endpointslices"], &["list", "watch"]),
    ];
    rbac(NAME, "system:coredns", NAMESPACE, &rules, origin, artifact);
    let data = |m: &mut Map<'_>| {
        m.map("data", |m| {
            m.embed("Corefile", Format::Corefile, Guard::None, |doc| doc.lines(|l| corefile(l, cluster)));
        });
    };
    let config_name = format!("{NAME}-{}", short_hash(data));
    Object::new("v1", "ConfigMap", &*config_name, origin).within(NAMESPACE).write(artifact, |m| {
        m.put("immutable", true);
        data(m);
    });
    Object::new("apps/v1", "DaemonSet", NAME, origin)
        .within(NAMESPACE)
        .label(LABEL.0, LABEL.1)
        .write(artifact, |m| m.map("spec", |m| daemon_set(m, cluster, &config_name)));
}

fn corefile(l: &mut Lines<'_>, cluster: &ClusterPlan) {
    let domain = &cluster.dns.domain;
    let ttl = cluster.dns.ttl.as_seconds_up();
    let bind = Fixed("{$HOST_IP}");
    let zone = |zone: &str| format!("{zone}:53");
    l.block((zone(domain), zone("in-addr.arpa"), zone("ip6.arpa")), |l| {
        l.line(("bind", bind));
        l.line("errors");
        l.block(("health", Fixed("{$HOST_IP}:8180")), |l| l.line(("lameduck", LAME_DUCK)));
        l.line(("ready", Fixed("{$HOST_IP}:8181")));
        l.block(("kubernetes", domain, "in-addr.arpa", "ip6.arpa"), |l| {
            l.line(("pods", "disabled"));
            l.line(("ttl", ttl));
            l.line(("fallthrough", "in-addr.arpa", "ip6.arpa"));
        });
        l.line(("prometheus", Fixed("{$HOST_IP}:9153")));
        l.line("loadbalance");
        l.line(("cache", ttl));
    });
    l.block(".:53", |l| {
        l.line(("bind", bind));
        l.line("errors");
        let upstream: Vec<_> = cluster.dns.upstream.iter().collect();
        l.block(("forward", ".", upstream), |l| l.line(("policy", "sequential")));
        l.line(("cache", 30));
        l.line("loop");
    });
}

fn daemon_set(m: &mut Map<'_>, cluster: &ClusterPlan, config: &str) {
    m.put("minReadySeconds", MIN_READY_S);
    m.map("selector", |m| m.map("matchLabels", |m| m.put(LABEL.0, LABEL.1)));
    m.map("updateStrategy", |m| {
        m.put("type", "RollingUpdate");
        m.map("rollingUpdate", |m| {
            m.put("maxUnavailable", 1);
            m.put("maxSurge", 0);
        });
    });
    m.map("template", |m| {
        m.map("metadata", |m| m.map("labels", |m| m.put(LABEL.0, LABEL.1)));
        m.map("spec", |m| {
            m.put("hostNetwork", true);
            // Its own resolver must not be itself.
            m.put("dnsPolicy", "Default");
            m.put("enableServiceLinks", false);
            m.put("priorityClassName", "system-node-critical");
            m.put("serviceAccountName", NAME);
            m.put("terminationGracePeriodSeconds", GRACE_S);
            let on = placing(cluster, NAME, &cluster.dns.hosts);
            if let Some((key, value)) = on.selector() {
                m.map("nodeSelector", |m| m.put(key, value));
            }
            everywhere(m);
            m.map("securityContext", |m| {
                m.map("seccompProfile", |m| m.put("type", "RuntimeDefault"));
            });
            m.seq("containers", |s| s.map(|m| container(m, cluster)));
            m.seq("volumes", |s| {
                s.map(|m| {
                    m.put("name", "config");
                    m.map("configMap", |m| m.put("name", config));
                });
            });
        });
    });
}

fn container(m: &mut Map<'_>, cluster: &ClusterPlan) {
    m.put("name", NAME);
    m.put("image", shown(&cluster.images.coredns));
    m.put("imagePullPolicy", "IfNotPresent");
    m.list("args", ["-conf", "/etc/coredns/Corefile"]);
    m.seq("env", |s| {
        field_env(s, "HOST_IP", "status.hostIP");
        api_server(s, cluster);
    });
    m.seq("ports", |s| {
        for (name, port, protocol) in
            [("dns", 53, "UDP"), ("dns-tcp", 53, "TCP"), ("metrics", METRICS_PORT, "TCP")]
        {
            s.map(|m| {
                m.put("name", name);
                m.put("containerPort", port);
                m.put("hostPort", port);
                m.put("protocol", protocol);
            });
        }
    });
    probe(
        m,
        "livenessProbe",
        "/health",
        HEALTH_PORT,
        &[("initialDelaySeconds", 30), ("periodSeconds", 10), ("timeoutSeconds", 5), ("failureThreshold", 5)],
    );
    probe(m, "readinessProbe", "/ready", READY_PORT, &[("periodSeconds", 5), ("timeoutSeconds", 2)]);
    m.map("resources", |m| {
        amount(m, "requests", system::COREDNS);
        m.map("limits", |m| m.put("memory", MEMORY_LIMIT));
    });
    m.map("securityContext", |m| {
        m.put("allowPrivilegeEscalation", false);
        m.put("readOnlyRootFilesystem", true);
        m.map("capabilities", |m| {
            m.list("add", ["NET_BIND_SERVICE"]);
            m.list("drop", ["ALL"]);
        });
    });
    m.seq("volumeMounts", |s| {
        s.map(|m| {
            m.put("name", "config");
            m.put("mountPath", "/etc/coredns");
            m.put("readOnly", true);
        });
    });
}

fn probe(m: &mut Map<'_>, key: &str, path: &str, port: u16, numbers: &[(&str, u64)]) {
    m.map(key, |m| {
        m.map("httpGet", |m| {
            m.put("path", path);
            m.put("port", port);
        });
        for (name, number) in numbers {
            m.put(name, *number);
        }
    });
}

/// An account that may do what `rules` say: API group, resources, verbs.
pub(super) fn rbac(
    account: &str,
    role: &'static str,
    namespace: &str,
    rules: &[(&str, &[&str], &[&str])],
    origin: Origin,
    artifact: &mut Artifact,
) {
    Object::new("v1", "ServiceAccount", account, origin).within(namespace).write(artifact, |_| {});
    Object::new(RBAC, "ClusterRole", role, origin).write(artifact, |m| {
        m.seq("rules", |s| {
            for (group, resources, verbs) in rules {
                s.map(|m| {
                    m.list("apiGroups", [group]);
                    m.list("resources", *resources);
                    m.list("verbs", *verbs);
                });
            }
        });
    });
    Object::new(RBAC, "ClusterRoleBinding", role, origin).write(artifact, |m| {
        m.map("roleRef", |m| {
            m.put("apiGroup", "rbac.authorization.k8s.io");
            m.put("kind", "ClusterRole");
            m.put("name", role);
        });
        m.seq("subjects", |s| {
            s.map(|m| {
                m.put("kind", "ServiceAccount");
                m.put("name", account);
                m.put("namespace", namespace);
            });
        });
    });
}

/// Where a program on the network of its host finds an API server: the address that kubelets inject leads
/// nowhere on a host without kube-proxy.
pub(super) fn api_server(s: &mut Seq<'_>, cluster: &ClusterPlan) {
    let api = &cluster.api;
    let host = match (api.balancer.value, api.vip) {
        (ApiBalancer::Keepalived, Some(vip)) => vip.to_string(),
        (ApiBalancer::Keepalived, None) => api.endpoint.host.as_deref().unwrap_or("127.0.0.1").to_owned(),
        (ApiBalancer::StaticPod | ApiBalancer::HostService, _) => "127.0.0.1".to_owned(),
    };
    for (name, value) in
        [("KUBERNETES_SERVICE_HOST", host), ("KUBERNETES_SERVICE_PORT", api.endpoint.port.to_string())]
    {
        s.map(|m| {
            m.put("name", name);
            m.put("value", (value, api.endpoint.origin));
        });
    }
}

/// `resources:` with requests as the ledger counts them.
pub(super) fn requests(m: &mut Map<'_>, of: Amount) {
    m.map("resources", |m| amount(m, "requests", of));
}

pub(super) fn amount(m: &mut Map<'_>, key: &str, of: Amount) {
    m.map(key, |m| {
        m.put("cpu", Shown(of.cpu));
        m.put("memory", quantity(of.memory));
    });
}

/// A volume that is a path of the host.
pub(super) fn host_path(s: &mut Seq<'_>, name: &str, path: &str, kind: Option<&str>) {
    s.map(|m| {
        m.put("name", name);
        m.map("hostPath", |m| {
            m.put("path", path);
            m.maybe("type", kind);
        });
    });
}
