//! A DNS cache on each node, at the same link-local address everywhere: what pods ask most is answered
//! without a network, and what must be asked goes to CoreDNS by TCP, which loses nothing and waits for nothing.
//!
//! The address is put on an interface of its own and stays there while the cache is away, so that who asks
//! then is refused at once, and goes on to CoreDNS, which is named after it.
//!
//! Start with [`write`].

use platc_artifact::{Artifact, Fixed, Format, Guard, Lines, Map, shown};
use platc_model::generated::ServiceProxy;
use platc_plan::ledger::system;
use platc_plan::{ClusterPlan, NODE_CACHE_PORTS, NodeCachePlan};

use super::coredns::{amount, host_path};
use super::flannel::{everywhere, field_env, mount};
use crate::object::{Object, short_hash};

const NAMESPACE: &str = "kube-system";
const NAME: &str = "node-local-dns";
const LABEL: (&str, &str) = ("k8s-app", NAME);
/// Answers that are kept of each sort, and for how many seconds at most those of other people's names are.
const ENTRIES: u32 = 9984;
const OTHERS_S: u64 = 30;
const MEMORY_LIMIT: &str = "128Mi";

/// Everything of the cache, if there is one.
pub(super) fn write(cluster: &ClusterPlan, artifact: &mut Artifact) {
    let Some(cache) = &cluster.dns.node_local else { return };
    let origin = cache.address.origin;
    Object::new("v1", "ServiceAccount", NAME, origin).within(NAMESPACE).write(artifact, |_| {});
    let data = |m: &mut Map<'_>| {
        m.map("data", |m| {
            m.embed("Corefile", Format::Corefile, Guard::None, |doc| {
                doc.lines(|l| corefile(l, cluster, cache));
            });
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
        .write(artifact, |m| m.map("spec", |m| daemon_set(m, cluster, cache, &config_name)));
}

fn corefile(l: &mut Lines<'_>, cluster: &ClusterPlan, cache: &NodeCachePlan) {
    let zone = |zone: &str| format!("{zone}:53");
    l.block((zone(&cluster.dns.domain), zone("in-addr.arpa"), zone("ip6.arpa")), |l| {
        l.line(("bind", shown(&cache.address)));
        l.line("errors");
        l.line((Fixed("health"), format!("{}:{}", cache.address.value, NODE_CACHE_PORTS.health)));
        keep(l, cluster.dns.ttl.as_seconds_up());
        l.block(("forward", ".", cluster.dns.addresses.iter().collect::<Vec<_>>()), |l| l.line("force_tcp"));
        l.line(("prometheus", Fixed("{$HOST_IP}:9253")));
        l.line("loop");
    });
    l.block(".:53", |l| {
        l.line(("bind", shown(&cache.address)));
        l.line("errors");
        keep(l, OTHERS_S);
        let upstream: Vec<_> = cluster.dns.upstream.iter().collect();
        l.block(("forward", ".", upstream), |l| l.line(("policy", "sequential")));
        l.line(("prometheus", Fixed("{$HOST_IP}:9253")));
        l.line("loop");
    });
}

/// Without a least time of nothing, what CoreDNS may keep for one more second would be kept for five here,
/// and pods that have gone would be called for longer than all plans of theirs say.
fn keep(l: &mut Lines<'_>, seconds: u64) {
    l.block("cache", |l| {
        l.line(("success", ENTRIES, seconds, 0));
        l.line(("denial", ENTRIES, seconds.min(5), 0));
    });
}

fn daemon_set(m: &mut Map<'_>, cluster: &ClusterPlan, cache: &NodeCachePlan, config: &str) {
    m.map("selector", |m| m.map("matchLabels", |m| m.put(LABEL.0, LABEL.1)));
    m.map("updateStrategy", |m| {
        m.put("type", "RollingUpdate");
        m.map("rollingUpdate", |m| m.put("maxUnavailable", "10%"));
    });
    m.map("template", |m| {
        m.map("metadata", |m| m.map("labels", |m| m.put(LABEL.0, LABEL.1)));
        m.map("spec", |m| {
            m.put("hostNetwork", true);
            // It must not ask itself.
            m.put("dnsPolicy", "Default");
            m.put("enableServiceLinks", false);
            m.put("automountServiceAccountToken", false);
            m.put("priorityClassName", "system-node-critical");
            m.put("serviceAccountName", NAME);
            everywhere(m);
            m.map("securityContext", |m| {
                m.map("seccompProfile", |m| m.put("type", "RuntimeDefault"));
            });
            m.seq("containers", |s| s.map(|m| container(m, cluster, cache)));
            m.seq("volumes", |s| {
                s.map(|m| {
                    m.put("name", "config");
                    m.map("configMap", |m| m.put("name", config));
                });
                s.map(|m| {
                    m.put("name", "run");
                    m.map("emptyDir", |m| m.put("medium", "Memory"));
                });
                if has_iptables(cluster) {
                    host_path(s, "xtables-lock", "/run/xtables.lock", Some("FileOrCreate"));
                }
            });
        });
    });
}

/// Rules that keep packets for the cache out of the table of connections, which is small and lossy where
/// kube-proxy translates addresses. Elsewhere nothing on a host speaks iptables, and nothing begins to.
fn has_iptables(cluster: &ClusterPlan) -> bool {
    cluster.service_proxy.value == ServiceProxy::KubeProxy
}

fn container(m: &mut Map<'_>, cluster: &ClusterPlan, cache: &NodeCachePlan) {
    let has_iptables = has_iptables(cluster);
    m.put("name", "node-cache");
    m.put("image", shown(&cluster.images.node_cache));
    m.put("imagePullPolicy", "IfNotPresent");
    m.seq("args", |s| {
        s.put("-localip");
        s.put(shown(&cache.address));
        s.put("-setupinterface=true");
        s.put(cluster.service_proxy.origin.of(format!("-setupiptables={has_iptables}")));
        // The address outlives the cache; see the head of this file.
        s.put("-skipteardown=true");
        s.put(format!("-health-port={}", NODE_CACHE_PORTS.health));
        s.put(format!("-metrics-listen-address=$(HOST_IP):{}", NODE_CACHE_PORTS.setup_metrics));
        // It copies the one to the other, to fill holes that ours has not.
        s.put("-basecorefile=/etc/coredns/Corefile");
        s.put("-conf");
        s.put("/run/node-cache/Corefile");
        s.put("-pidfile");
        s.put("/run/node-cache/pid");
    });
    m.seq("env", |s| field_env(s, "HOST_IP", "status.hostIP"));
    m.seq("ports", |s| {
        s.map(|m| {
            m.put("name", "metrics");
            m.put("containerPort", NODE_CACHE_PORTS.metrics);
            m.put("hostPort", NODE_CACHE_PORTS.metrics);
            m.put("protocol", "TCP");
        });
    });
    for (key, delay_s) in [("livenessProbe", Some(60)), ("readinessProbe", None)] {
        m.map(key, |m| {
            m.map("httpGet", |m| {
                m.put("host", shown(&cache.address));
                m.put("path", "/health");
                m.put("port", NODE_CACHE_PORTS.health);
            });
            m.maybe("initialDelaySeconds", delay_s);
            m.put("periodSeconds", 10);
            m.put("timeoutSeconds", 5);
        });
    }
    m.map("resources", |m| {
        amount(m, "requests", system::NODE_CACHE);
        m.map("limits", |m| m.put("memory", MEMORY_LIMIT));
    });
    m.map("securityContext", |m| {
        m.put("allowPrivilegeEscalation", false);
        m.put("readOnlyRootFilesystem", true);
        m.map("capabilities", |m| {
            let raw = has_iptables.then_some("NET_RAW");
            m.list("add", ["NET_ADMIN", "NET_BIND_SERVICE"].into_iter().chain(raw));
            m.list("drop", ["ALL"]);
        });
    });
    m.seq("volumeMounts", |s| {
        s.map(|m| {
            m.put("name", "config");
            m.put("mountPath", "/etc/coredns");
            m.put("readOnly", true);
        });
        mount(s, "run", "/run/node-cache");
        if has_iptables {
            mount(s, "xtables-lock", "/run/xtables.lock");
        }
    });
}
