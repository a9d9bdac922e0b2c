//! flannel: a route to each neighbour's pod range, and no translation of addresses.
//!
//! That takes two settings: flanneld runs without `--ip-masq`, and its CNI plugin is told `ipMasq: false`,
//! because that plugin does what flanneld does not.
//!
//! Start with [`write`].

use platc_artifact::{Artifact, Format, Guard, Map, Seq, Shown, shown};
use platc_diag::Origin;
use platc_model::generated::Routing;
use platc_plan::ClusterPlan;
use platc_plan::ledger::system;

use super::coredns::{api_server, host_path, rbac, requests};
use crate::object::{Object, short_hash};

const NAMESPACE: &str = "kube-flannel";
const NAME: &str = "flannel";
/// Port on loopback where flanneld says that it is well; its own default is one that others like.
const HEALTH_PORT: u16 = 8087;

/// Everything of flannel.
pub(super) fn write(cluster: &ClusterPlan, artifact: &mut Artifact) {
    let origin = cluster.routing.origin;
    let origin = if origin.is_known() { origin } else { Origin::written(cluster.span) };
    Object::new("v1", "Namespace", NAMESPACE, origin)
        .label("pod-security.kubernetes.io/enforce", "privileged")
        .write(artifact, |_| {});
    let rules: [(&str, &[&str], &[&str]); 3] = [
        ("", &["pods"], &["get"]),
        ("", &["nodes"], &["get", "list", "watch"]),
        ("", &["nodes/status"], &["patch"]),
    ];
    rbac(NAME, NAME, NAMESPACE, &rules, origin, artifact);
    let data = |m: &mut Map<'_>| config(m, cluster);
    let config_name = format!("kube-flannel-cfg-{}", short_hash(data));
    Object::new("v1", "ConfigMap", &*config_name, origin).within(NAMESPACE).write(artifact, |m| {
        m.put("immutable", true);
        data(m);
    });
    Object::new("apps/v1", "DaemonSet", "kube-flannel-ds", origin)
        .within(NAMESPACE)
        .label("app", NAME)
        .write(artifact, |m| m.map("spec", |m| daemon_set(m, cluster, &config_name)));
}

fn config(m: &mut Map<'_>, cluster: &ClusterPlan) {
    m.map("data", |m| {
        m.embed("cni-conf.json", Format::JsonPretty, Guard::None, |doc| {
            doc.map(|m| {
                m.put("name", "cbr0");
                m.put("cniVersion", "0.3.1");
                m.seq("plugins", |s| {
                    s.map(|m| {
                        m.put("type", "flannel");
                        m.map("delegate", |m| {
                            m.put("hairpinMode", true);
                            m.put("isDefaultGateway", true);
                            m.put("ipMasq", false);
                        });
                    });
                    s.map(|m| {
                        m.put("type", "portmap");
                        m.map("capabilities", |m| m.put("portMappings", true));
                    });
                });
            });
        });
        m.embed("net-conf.json", Format::JsonPretty, Guard::None, |doc| {
            doc.map(|m| {
                m.put("Network", shown(&cluster.pods));
                m.put("EnableIPv4", true);
                m.put("EnableIPv6", false);
                m.map("Backend", |m| {
                    if cluster.routing.value == Routing::FlannelVxlan {
                        m.put("Type", "vxlan");
                        // On one wire nothing is wrapped.
                        m.put("DirectRouting", true);
                    } else {
                        m.put("Type", "host-gw");
                    }
                });
            });
        });
    });
}

fn daemon_set(m: &mut Map<'_>, cluster: &ClusterPlan, config: &str) {
    m.map("selector", |m| m.map("matchLabels", |m| m.put("app", NAME)));
    m.map("updateStrategy", |m| {
        m.put("type", "RollingUpdate");
        m.map("rollingUpdate", |m| m.put("maxUnavailable", 1));
    });
    m.map("template", |m| {
        m.map("metadata", |m| m.map("labels", |m| m.put("app", NAME)));
        m.map("spec", |m| {
            m.put("hostNetwork", true);
            m.put("enableServiceLinks", false);
            m.put("priorityClassName", "system-node-critical");
            m.put("serviceAccountName", NAME);
            everywhere(m);
            m.seq("initContainers", |s| install(s, cluster));
            m.seq("containers", |s| s.map(|m| flanneld(m, cluster)));
            m.seq("volumes", |s| {
                host_path(s, "run", "/run/flannel", None);
                host_path(s, "cni-plugin", "/opt/cni/bin", None);
                host_path(s, "cni", "/etc/cni/net.d", None);
                host_path(s, "xtables-lock", "/run/xtables.lock", Some("FileOrCreate"));
                s.map(|m| {
                    m.put("name", "config");
                    m.map("configMap", |m| m.put("name", config));
                });
            });
        });
    });
}

/// Runs also where nothing else may: without it a host has no network.
pub(super) fn everywhere(m: &mut Map<'_>) {
    m.seq("tolerations", |s| {
        for effect in ["NoSchedule", "NoExecute"] {
            s.map(|m| {
                m.put("operator", "Exists");
                m.put("effect", effect);
            });
        }
    });
}

fn install(s: &mut Seq<'_>, cluster: &ClusterPlan) {
    s.map(|m| {
        m.put("name", "install-cni-plugin");
        m.put("image", shown(&cluster.images.flannel_cni));
        m.list("command", ["cp"]);
        m.list("args", ["-f", "/flannel", "/opt/cni/bin/flannel"]);
        requests(m, system::FLANNEL);
        m.seq("volumeMounts", |s| mount(s, "cni-plugin", "/opt/cni/bin"));
    });
    s.map(|m| {
        m.put("name", "install-cni");
        m.put("image", shown(&cluster.images.flannel));
        m.list("command", ["/opt/bin/install-conf"]);
        m.list("args", ["/etc/kube-flannel/cni-conf.json", "/etc/cni/net.d/10-flannel.conflist"]);
        requests(m, system::FLANNEL);
        m.seq("volumeMounts", |s| {
            mount(s, "cni", "/etc/cni/net.d");
            mount(s, "config", "/etc/kube-flannel/");
        });
    });
}

fn flanneld(m: &mut Map<'_>, cluster: &ClusterPlan) {
    m.put("name", "kube-flannel");
    m.put("image", shown(&cluster.images.flannel));
    m.list("command", ["/opt/bin/flanneld"]);
    m.seq("args", |s| {
        s.put("--kube-subnet-mgr");
        // Hosts with several cards: the one with the node's address.
        s.put("--iface=$(HOST_IP)");
        s.put(Shown(format_args!("--healthz-port={HEALTH_PORT}")));
        s.put("--healthz-ip=127.0.0.1");
    });
    m.seq("env", |s| {
        for (name, field) in [
            ("HOST_IP", "status.hostIP"),
            ("POD_NAME", "metadata.name"),
            ("POD_NAMESPACE", "metadata.namespace"),
        ] {
            field_env(s, name, field);
        }
        api_server(s, cluster);
    });
    m.map("livenessProbe", |m| {
        m.map("httpGet", |m| {
            m.put("host", "127.0.0.1");
            m.put("path", "/healthz");
            m.put("port", HEALTH_PORT);
        });
        m.put("initialDelaySeconds", 10);
        m.put("periodSeconds", 30);
    });
    requests(m, system::FLANNEL);
    m.map("securityContext", |m| {
        m.put("privileged", false);
        m.map("capabilities", |m| m.list("add", ["NET_ADMIN", "NET_RAW"]));
    });
    m.seq("volumeMounts", |s| {
        mount(s, "run", "/run/flannel");
        mount(s, "config", "/etc/kube-flannel/");
        mount(s, "xtables-lock", "/run/xtables.lock");
    });
}

/// A variable with a field of the pod.
pub(super) fn field_env(s: &mut Seq<'_>, name: &str, field: &str) {
    s.map(|m| {
        m.put("name", name);
        m.map("valueFrom", |m| m.map("fieldRef", |m| m.put("fieldPath", field)));
    });
}

/// A volume at its path.
pub(super) fn mount(s: &mut Seq<'_>, name: &str, path: &str) {
    s.map(|m| {
        m.put("name", name);
        m.put("mountPath", path);
    });
}
