//! The way in: Envoys on the network of certain hosts, whose addresses balancers know.
//!
//! A proxy that goes says so first, on the path that balancers ask, and goes on serving until they know.
//!
//! What is in the bootstrap is in `envoy/`. Start with [`write`].

use platc_artifact::{Artifact, Map, Seq, shown};
use platc_diag::Origin;
use platc_plan::{ListenPlan, Plan, ProxyPlan, Workload};

use super::bootstrap::Source;
use super::pod::said;
use super::service::of;
use super::sidecar::{ENVOY_USER, field};
use super::workload::daemon_set;
use crate::cluster::node::{CONTROL_PLANE, placing};
use crate::envoy::{self, NODE_NAME_ENV, PROGRAM};
use crate::object::{NAME, sized};

/// How long a new one must be ready before the next host is taken: balancers must have seen it.
const MIN_READY_S: u64 = 15;
/// Ports below this need a right of their own.
const FIRST_FREE_PORT: u16 = 1024;

/// The DaemonSet of a proxy.
pub(super) fn write(plan: &Plan, workload: &Workload, proxy: &ProxyPlan, artifact: &mut Artifact) {
    let on = placing(plan.clusters.at(workload.cluster), &workload.name, &proxy.hosts);
    of(workload, "apps/v1", "DaemonSet", Origin::written(workload.span)).write(artifact, |m| {
        m.map("spec", |m| {
            daemon_set(m, workload, MIN_READY_S);
            m.map("template", |m| {
                m.map("metadata", |m| {
                    m.map("labels", |m| {
                        m.put(NAME, &workload.name);
                        said(m, workload);
                    });
                });
                m.map("spec", |m| {
                    m.put("serviceAccountName", &workload.name);
                    m.put("automountServiceAccountToken", false);
                    m.put("enableServiceLinks", false);
                    // Nothing of a team may push the way in off its hosts.
                    m.put("priorityClassName", "system-cluster-critical");
                    m.put("terminationGracePeriodSeconds", workload.shutdown.grace_s);
                    m.put("hostNetwork", true);
                    m.put("dnsPolicy", "ClusterFirstWithHostNet");
                    if let Some((key, value)) = on.selector() {
                        m.map("nodeSelector", |m| m.put(key, value));
                    }
                    m.seq("tolerations", |s| {
                        s.map(|m| {
                            m.put("key", CONTROL_PLANE);
                            m.put("operator", "Exists");
                            m.put("effect", "NoSchedule");
                        });
                    });
                    let source = Source::of(plan, workload);
                    m.seq("containers", |s| s.map(|m| container(m, plan, workload, (proxy, &source))));
                    volumes(m, proxy, &source);
                });
            });
        });
    });
}

fn container(m: &mut Map<'_>, plan: &Plan, workload: &Workload, (proxy, source): (&ProxyPlan, &Source)) {
    let app = &workload.app;
    // One thread for each CPU that it may use, as for sidecars.
    let cpu = app.cpu_limit.unwrap_or(app.cpu_request);
    let concurrency = cpu.as_milli().div_ceil(1000).max(1);
    m.put("name", "envoy");
    m.put("image", shown(&app.image));
    m.put("imagePullPolicy", "IfNotPresent");
    m.list("command", [PROGRAM]);
    m.list("args", envoy::proxy_args(&workload.name, concurrency, source.flag()));
    m.seq("env", |s| {
        field(s, NODE_NAME_ENV, "spec.nodeName");
        source.variable(s, plan, workload);
    });
    m.seq("ports", |s| {
        for listen in &proxy.listens {
            s.map(|m| {
                m.put("name", (format!("port-{}", listen.port.value), listen.port.origin));
                m.put("containerPort", listen.port);
                m.put("hostPort", listen.port);
                m.put("protocol", "TCP");
            });
        }
    });
    if let Some(listen) = proxy.listens.first() {
        probes(m, proxy, listen);
        let pre_stop = workload.shutdown.pre_stop_s;
        m.from(pre_stop.origin, |m| {
            m.map("lifecycle", |m| {
                m.map("preStop", |m| {
                    m.map("exec", |m| m.list("command", envoy::drain_command(listen, pre_stop.value)));
                });
            });
        });
    }
    if let Some(variant) = workload.variants.first() {
        m.map("resources", |m| {
            m.map("requests", |m| {
                m.put("cpu", shown(&app.cpu_request));
                m.put("memory", sized(variant.memory_request));
            });
            m.map("limits", |m| {
                m.maybe("cpu", app.cpu_limit.as_ref().map(shown));
                m.put("memory", sized(variant.memory_limit));
            });
        });
    }
    context(m, proxy);
    if has_certificates(proxy) || source.is_file() {
        m.seq("volumeMounts", |s| {
            source.mount(s);
            each_certificate(proxy, |secret| mount(s, secret));
        });
    }
}

/// Readiness is what balancers ask, too. Whether it is alive is asked on loopback, where the drain does not
/// show.
fn probes(m: &mut Map<'_>, proxy: &ProxyPlan, listen: &ListenPlan) {
    m.map("livenessProbe", |m| {
        m.map("httpGet", |m| {
            m.put("host", "127.0.0.1");
            m.put("path", "/server_info");
            m.put("port", listen.admin_port);
        });
        m.put("periodSeconds", 10);
        m.put("timeoutSeconds", 2);
        m.put("failureThreshold", 6);
    });
    m.map("readinessProbe", |m| {
        m.map("httpGet", |m| {
            m.put("path", proxy.health_path);
            m.put("port", listen.port);
            m.maybe("scheme", listen.tls.as_ref().map(|tls| ("HTTPS", tls.origin)));
        });
        m.put("periodSeconds", 2);
        m.put("timeoutSeconds", 1);
        m.put("failureThreshold", 2);
    });
}

/// On the network of a host no sysctl of the pod lowers the first free port, so an Envoy below it is root,
/// with that right and no other.
fn context(m: &mut Map<'_>, proxy: &ProxyPlan) {
    let low = proxy.listens.iter().find(|listen| listen.port.value < FIRST_FREE_PORT);
    m.map("securityContext", |m| {
        match low {
            Some(listen) => m.put("runAsUser", (0, listen.port.origin)),
            None => {
                m.put("runAsNonRoot", true);
                m.put("runAsUser", ENVOY_USER);
            }
        }
        m.put("allowPrivilegeEscalation", false);
        m.put("readOnlyRootFilesystem", true);
        m.map("capabilities", |m| {
            if low.is_some() {
                m.list("add", ["NET_BIND_SERVICE"]);
            }
            m.list("drop", ["ALL"]);
        });
        m.map("seccompProfile", |m| m.put("type", "RuntimeDefault"));
    });
}

fn has_certificates(proxy: &ProxyPlan) -> bool {
    proxy.listens.iter().any(|listen| listen.tls.is_some())
}

/// Calls `each` with every secret of a certificate, once.
fn each_certificate(proxy: &ProxyPlan, mut each: impl FnMut(&str)) {
    let mut secrets: Vec<&str> =
        proxy.listens.iter().filter_map(|listen| Some(&*listen.tls.as_ref()?.value)).collect();
    secrets.sort_unstable();
    secrets.dedup();
    secrets.into_iter().for_each(&mut each);
}

fn volume(secret: &str) -> String {
    format!("tls-{secret}")
}

fn mount(s: &mut Seq<'_>, secret: &str) {
    s.map(|m| {
        m.put("name", volume(secret));
        m.put("mountPath", envoy::certificate_folder(secret));
        m.put("readOnly", true);
    });
}

fn volumes(m: &mut Map<'_>, proxy: &ProxyPlan, source: &Source) {
    if !has_certificates(proxy) && !source.is_file() {
        return;
    }
    m.seq("volumes", |s| {
        source.volume(s);
        each_certificate(proxy, |secret| {
            s.map(|m| {
                m.put("name", volume(secret));
                m.map("secret", |m| m.put("secretName", secret));
            });
        });
    });
}
