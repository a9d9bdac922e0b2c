//! Pods: what all workloads' templates have in common.
//!
//! Start with [`template`].

use std::borrow::Cow;

use platc_artifact::{Map, Seq};
use platc_diag::Sourced;
use platc_model::Text;
use platc_model::generated::{By, Security, Strictness};
use platc_plan::Plan;
use platc_plan::{FileSource, ServiceShape, VariantPlan, Workload};

use super::bootstrap::Source;
use super::service::wide;
use super::{container, namespace, sidecar};
use crate::cluster::node::{CONTROL_PLANE, HOSTNAME, On, RACK, ZONE};
use crate::object::{NAME, node_critical, short_hash};

/// Label that tells the Deployments of one service apart.
pub(super) const VARIANT: &str = "platc/variant";
/// What the volume with a workload's files is called.
const FILES: &str = "files";
/// How long a pod stays on a host that does not answer. Kubernetes' own five minutes are long for a
/// service, and its other pods carry the load meanwhile.
const GONE_HOST_S: u64 = 30;

/// A file or directory in a container.
pub(super) struct Mount<'a> {
    pub(super) volume: Cow<'a, str>,
    pub(super) path: &'a Sourced<Text>,
    pub(super) sub_path: Option<Cow<'a, str>>,
    pub(super) read_only: bool,
}

/// Where pods of a workload go, and what is special about them there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Placing<'a> {
    /// Anywhere, but apart.
    Apart(&'a ServiceShape),
    /// On certain hosts, those of the control plane too.
    Hosts { on: &'a On, host_network: bool },
    /// On the host whose kubelet reads it.
    Here { host_network: bool },
    /// Anywhere.
    Anywhere,
}

/// `template:` of a workload's variant.
pub(super) fn template(
    m: &mut Map<'_>,
    plan: &Plan,
    workload: &Workload,
    variant: &VariantPlan,
    placing: Placing<'_>,
    restart: Option<&str>,
) {
    m.map("template", |m| {
        m.map("metadata", |m| m.map("labels", |m| of_pods(m, workload, variant)));
        spec(m, plan, workload, variant, placing, restart);
    });
}

/// `spec:` of a pod.
pub(super) fn spec(
    m: &mut Map<'_>,
    plan: &Plan,
    workload: &Workload,
    variant: &VariantPlan,
    placing: Placing<'_>,
    restart: Option<&str>,
) {
    let security = namespace::security(plan, workload.cluster, &workload.namespace.value);
    m.map("spec", |m| {
        if !matches!(placing, Placing::Here { .. }) {
            m.put("serviceAccountName", &workload.name);
        }
        m.put("automountServiceAccountToken", false);
        m.put("enableServiceLinks", false);
        match placing {
            Placing::Here { .. } => m.from(workload.priority.origin, node_critical),
            _ => m.put("priorityClassName", workload.priority.map(namespace::class)),
        }
        m.put("terminationGracePeriodSeconds", workload.shutdown.grace_s);
        m.maybe("restartPolicy", restart);
        network(m, placing);
        place(m, workload, placing);
        if security != Security::Privileged {
            m.map("securityContext", |m| {
                m.map("seccompProfile", |m| m.put("type", "RuntimeDefault"));
            });
        }
        let source = Source::of(plan, workload);
        before(m, plan, workload, variant, (security, &source));
        m.seq("containers", |s| {
            container::app(s, &plan.model.types, workload, variant, security);
        });
        volumes(m, workload, &source);
    });
}

/// What starts before the program: the sidecar, and behind it, because they may call something, the programs
/// that run to their end.
fn before(
    m: &mut Map<'_>,
    plan: &Plan,
    workload: &Workload,
    variant: &VariantPlan,
    (security, source): (Security, &Source),
) {
    if workload.sidecar.is_none() && workload.inits.is_empty() {
        return;
    }
    m.seq("initContainers", |s| {
        if let Some(own) = &workload.sidecar {
            s.from(own.cpu.origin, |s| s.map(|m| sidecar::container(m, plan, workload, (own, source))));
        }
        for init in workload.inits.iter().zip(&variant.inits) {
            container::init(s, &plan.model.types, workload, init, security);
        }
    });
}

/// Labels of pods: those that select them, and those that the author gives.
pub(super) fn of_pods(m: &mut Map<'_>, workload: &Workload, variant: &VariantPlan) {
    narrow(m, workload, variant);
    said(m, workload);
}

/// The labels that the author gives.
pub(super) fn said(m: &mut Map<'_>, workload: &Workload) {
    for (key, value) in &workload.labels {
        m.put(key, value);
    }
}

/// What selects the pods of one variant only.
pub(super) fn narrow(m: &mut Map<'_>, workload: &Workload, variant: &VariantPlan) {
    m.put(NAME, &workload.name);
    m.maybe(VARIANT, variant.letter.map(String::from));
}

fn network(m: &mut Map<'_>, placing: Placing<'_>) {
    if let Placing::Hosts { host_network: true, .. } | Placing::Here { host_network: true } = placing {
        m.put("hostNetwork", true);
        m.put("dnsPolicy", "ClusterFirstWithHostNet");
    } else {
        m.put("dnsPolicy", "ClusterFirst");
    }
    m.map("dnsConfig", |m| {
        // Names of services are complete, so what has two dots is not tried with suffixes first.
        m.seq("options", |s| {
            for (name, value) in [("ndots", "2"), ("timeout", "1"), ("attempts", "3")] {
                s.map(|m| {
                    m.put("name", name);
                    m.put("value", value);
                });
            }
        });
    });
}

fn place(m: &mut Map<'_>, workload: &Workload, placing: Placing<'_>) {
    match placing {
        Placing::Apart(shape) => {
            gone_hosts(m);
            apart(m, workload, shape);
        }
        Placing::Hosts { on, .. } => {
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
        }
        // Nobody schedules what is there; and the kubelet has it tolerate whatever would evict it.
        Placing::Here { .. } | Placing::Anywhere => {}
    }
}

fn gone_hosts(m: &mut Map<'_>) {
    m.seq("tolerations", |s| {
        for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
            s.map(|m| {
                m.put("key", key);
                m.put("operator", "Exists");
                m.put("effect", "NoExecute");
                m.put("tolerationSeconds", GONE_HOST_S);
            });
        }
    });
}

/// Keeps pods of one service apart: of all its variants, because they fail alike.
fn apart(m: &mut Map<'_>, workload: &Workload, shape: &ServiceShape) {
    let key = shape.anti_affinity_by.map(|by| match by {
        By::Host => HOSTNAME,
        By::Rack => RACK,
        By::Datacenter => ZONE,
    });
    let term = |m: &mut Map<'_>| {
        m.put("topologyKey", key);
        m.map("labelSelector", |m| m.map("matchLabels", |m| wide(m, workload)));
    };
    let strictness = shape.anti_affinity;
    if strictness.value != Strictness::None {
        m.from(strictness.origin, |m| {
            m.map("affinity", |m| {
                m.map("podAntiAffinity", |m| match strictness.value {
                    Strictness::Required => {
                        m.seq("requiredDuringSchedulingIgnoredDuringExecution", |s| s.map(term));
                    }
                    Strictness::Preferred | Strictness::None => {
                        m.seq("preferredDuringSchedulingIgnoredDuringExecution", |s| {
                            s.map(|m| {
                                m.put("weight", 100);
                                m.map("podAffinityTerm", term);
                            });
                        });
                    }
                });
            });
        });
    }
    m.seq("topologySpreadConstraints", |s| {
        s.map(|m| {
            m.put("maxSkew", 1);
            m.put("topologyKey", ZONE);
            m.put("whenUnsatisfiable", "ScheduleAnyway");
            m.map("labelSelector", |m| m.map("matchLabels", |m| wide(m, workload)));
        });
    });
}

/// What is mounted where.
pub(super) fn mounts(workload: &Workload) -> Vec<Mount<'_>> {
    let volumes = workload.volumes.iter().map(|volume| Mount {
        volume: Cow::Borrowed(&*volume.name),
        path: &volume.path,
        sub_path: None,
        read_only: false,
    });
    let files = workload.files.iter().enumerate().map(|(nth, file)| match &file.from {
        FileSource::Secret(key) => Mount {
            volume: secret_volume(&key.secret).into(),
            path: &file.path,
            sub_path: Some(Cow::Borrowed(&*key.key)),
            read_only: true,
        },
        FileSource::Path(..) => Mount {
            volume: FILES.into(),
            path: &file.path,
            sub_path: Some(file_key(nth, &file.path).into()),
            read_only: true,
        },
    });
    volumes.chain(files).collect()
}

fn secret_volume(secret: &str) -> String {
    format!("secret-{secret}")
}

/// Volumes other than those that a StatefulSet claims.
fn volumes(m: &mut Map<'_>, workload: &Workload, source: &Source) {
    let mut secrets: Vec<&Text> = Vec::new();
    for file in &workload.files {
        if let FileSource::Secret(key) = &file.from
            && !secrets.contains(&&key.secret)
        {
            secrets.push(&key.secret);
        }
    }
    let files = files_name(workload);
    if secrets.is_empty() && files.is_none() && !source.is_file() {
        return;
    }
    m.seq("volumes", |s| {
        source.volume(s);
        secrets.iter().for_each(|secret| secret_files(s, workload, secret));
        if let Some(files) = files {
            s.map(|m| {
                m.put("name", FILES);
                m.map("configMap", |m| m.put("name", files));
            });
        }
    });
}

/// The name of the ConfigMap with a workload's files, by the hash of what is in it: each revision has its
/// own, and a rollback finds the old one.
pub(super) fn files_name(workload: &Workload) -> Option<String> {
    let any = workload.files.iter().any(|file| matches!(file.from, FileSource::Path(..)));
    any.then(|| format!("{}-{FILES}-{}", workload.name, short_hash(|m| files(m, workload))))
}

/// `data:` of that ConfigMap.
pub(super) fn files(m: &mut Map<'_>, workload: &Workload) {
    m.map("data", |m| {
        for (nth, file) in workload.files.iter().enumerate() {
            if let FileSource::Path(path, text) = &file.from {
                m.put(&file_key(nth, &file.path), (text, path.origin));
            }
        }
    });
}

/// A key that a ConfigMap takes and that says which file it is.
fn file_key(nth: usize, path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or("");
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '_' };
    format!("{nth}-{}", name.chars().map(plain).collect::<String>())
}

fn secret_files(s: &mut Seq<'_>, workload: &Workload, secret: &Text) {
    s.map(|m| {
        m.put("name", secret_volume(secret));
        m.map("secret", |m| {
            m.put("secretName", secret);
            m.seq("items", |s| {
                let mut seen: Vec<&Text> = Vec::new();
                for file in &workload.files {
                    let FileSource::Secret(key) = &file.from else { continue };
                    if key.secret == *secret && !seen.contains(&&key.key) {
                        seen.push(&key.key);
                        s.map(|m| {
                            m.put("key", &key.key);
                            m.put("path", &key.key);
                        });
                    }
                }
            });
        });
    });
}
