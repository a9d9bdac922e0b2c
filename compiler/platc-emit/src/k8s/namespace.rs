//! Namespaces, with what a team may have and do in them, and the priority classes of a cluster.
//!
//! Start with [`write`].

use platc_artifact::{Artifact, Map, shown};
use platc_diag::Origin;
use platc_model::generated::{Cluster, Priority, Quota, Security};
use platc_model::{Id, Text};
use platc_plan::NamespacePlan;
use platc_plan::Plan;

use crate::object::{Object, sized};

/// What a container gets that says nothing, where a quota wants it to say something: only objects that
/// pass as they are have such containers.
const DEFAULT_REQUEST: [(&str, &str); 2] = [("cpu", "50m"), ("memory", "64Mi")];
const DEFAULT_LIMIT: [(&str, &str); 1] = [("memory", "256Mi")];

const RBAC: &str = "rbac.authorization.k8s.io/v1";

/// A namespace.
pub(super) fn write(namespace: &NamespacePlan, artifact: &mut Artifact) {
    let name = &namespace.name;
    let warn = match namespace.security.value {
        Security::Privileged => None,
        Security::Baseline | Security::Restricted => Some("restricted"),
    };
    let mut object = Object::new("v1", "Namespace", &**name, namespace.origin)
        .labels(&namespace.labels)
        .label("pod-security.kubernetes.io/enforce", level(namespace.security.value));
    if let Some(warn) = warn {
        object = object.label("pod-security.kubernetes.io/warn", warn);
    }
    object.write(artifact, |_| {});
    if let Some(quota) = &namespace.quota {
        let object = Object::new("v1", "ResourceQuota", "quota", quota.origin).within(name);
        object.write(artifact, |m| m.map("spec", |m| m.map("hard", |m| hard(m, quota))));
        let object = Object::new("v1", "LimitRange", "defaults", quota.origin).within(name);
        object.write(artifact, |m| {
            m.map("spec", |m| {
                m.seq("limits", |s| {
                    s.map(|m| {
                        m.put("type", "Container");
                        m.pairs("defaultRequest", DEFAULT_REQUEST);
                        m.pairs("default", DEFAULT_LIMIT);
                    });
                });
            });
        });
    }
    if let Some(first) = namespace.deployers.first() {
        deployers(namespace, first.origin, artifact);
    }
}

const fn level(security: Security) -> &'static str {
    match security {
        Security::Baseline => "baseline",
        Security::Restricted => "restricted",
        Security::Privileged => "privileged",
    }
}

fn hard(m: &mut Map<'_>, quota: &Quota) {
    m.maybe("requests.cpu", quota.cpu.as_ref().map(shown));
    m.maybe("requests.memory", quota.memory.map(sized));
    m.maybe("limits.memory", quota.memory_limit.map(sized));
    m.maybe("pods", quota.pods.as_ref().map(shown));
    m.maybe("count/deployments.apps", quota.deployments.as_ref().map(shown));
    m.maybe("count/jobs.batch", quota.jobs.as_ref().map(shown));
}

/// What groups may do that deploy: all that a workload needs, and look at what came of it.
fn deployers(namespace: &NamespacePlan, origin: Origin, artifact: &mut Artifact) {
    let object = |kind| Object::new(RBAC, kind, "deployer", origin).within(&namespace.name);
    let write = ["get", "list", "watch", "create", "patch", "update", "delete"];
    let read = ["get", "list", "watch"];
    let rules: [(&str, &[&str], &[&str]); 6] = [
        ("apps", &["deployments", "daemonsets", "statefulsets"], &write),
        ("batch", &["jobs", "cronjobs"], &write),
        ("autoscaling", &["horizontalpodautoscalers"], &write),
        ("policy", &["poddisruptionbudgets"], &write),
        ("", &["services", "serviceaccounts"], &write),
        ("", &["pods", "pods/log", "events"], &read),
    ];
    object("Role").write(artifact, |m| {
        m.seq("rules", |s| {
            for (group, resources, verbs) in rules {
                s.map(|m| {
                    m.list("apiGroups", [group]);
                    m.list("resources", resources);
                    m.list("verbs", verbs);
                });
            }
        });
    });
    object("RoleBinding").write(artifact, |m| {
        m.seq("subjects", |s| {
            for group in &namespace.deployers {
                s.map(|m| {
                    m.put("kind", "Group");
                    m.put("name", group);
                    m.put("apiGroup", "rbac.authorization.k8s.io");
                });
            }
        });
        m.map("roleRef", |m| {
            m.put("kind", "Role");
            m.put("name", "deployer");
            m.put("apiGroup", "rbac.authorization.k8s.io");
        });
    });
}

/// The priority classes that workloads of a cluster have.
pub(super) fn priorities(plan: &Plan, cluster: Id<Cluster>, artifact: &mut Artifact) {
    let origin = Origin::written(plan.clusters.at(cluster).span);
    for (name, value, preempts, description) in [
        ("platc-critical", 100_000, true, "last to go; evicts others when there is no room"),
        ("platc-normal", 0, true, "most services"),
        ("platc-batch", -100_000, false, "first to go; waits for room"),
    ] {
        Object::new("scheduling.k8s.io/v1", "PriorityClass", name, origin).write(artifact, |m| {
            m.put("value", value);
            m.put("globalDefault", false);
            m.put("preemptionPolicy", if preempts { "PreemptLowerPriority" } else { "Never" });
            m.put("description", description);
        });
    }
}

/// The class of a priority.
pub(super) const fn class(priority: Priority) -> &'static str {
    match priority {
        Priority::Critical => "platc-critical",
        Priority::Normal => "platc-normal",
        Priority::Batch => "platc-batch",
    }
}

/// The level that pods of a namespace are held to.
pub(super) fn security(plan: &Plan, cluster: Id<Cluster>, name: &Text) -> Security {
    let own = plan.namespaces.iter().find(|own| own.cluster == cluster && own.name == *name);
    own.map_or(Security::Baseline, |own| own.security.value)
}
