//! What the API server enforces across fields and a schema cannot say, one file for each family of kinds.
//!
//! A rule is bound to a type, so a pod's rules hold in a Deployment and in a CronJob alike. Each is here
//! because it bites: the object passes every schema and is refused, or does something else, on delivery.
//! Source: `pkg/apis/*/validation` of Kubernetes.
//!
//! Not here: rules for one field alone (`tables/marks.txt`). To add one: a row in [`Rules`], a function.

mod access;
mod config;
mod container;
mod network;
pub(crate) mod object;
mod pod;
mod scale;
mod selector;
mod service;
mod storage;
mod webhook;
mod workload;

use crate::check::Cx;
use crate::node::{At, Node};

pub(crate) use container::amount;

macro_rules! rules {
    ($($name:ident $type:literal $check:path,)*) => {
        /// The rules of a type.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(crate) enum Rules {
            /// There are none.
            None,
            $(#[doc = $type] $name,)*
        }

        impl Rules {
            /// The rules of the type of that name.
            pub(crate) fn of(type_name: &str) -> Self {
                match type_name {
                    $($type => Self::$name,)*
                    _ => Self::None,
                }
            }
        }

        /// Checks a value of a type by its rules.
        pub(crate) fn apply<'d, N: Node<'d>>(cx: &mut Cx<'_>, rules: Rules, at: &At<'_, N>) {
            match rules {
                Rules::None => {}
                $(Rules::$name => $check(cx, at),)*
            }
        }

        /// Names of the types that have rules, for the test that looks for them in the tables.
        #[cfg(test)]
        pub(crate) const TYPES: &[&str] = &[$($type),*];
    };
}

rules! {
    ClusterRole "rbac.v1.ClusterRole" access::cluster_role,
    ClusterRoleBinding "rbac.v1.ClusterRoleBinding" access::cluster_role_binding,
    ConfigMap "core.v1.ConfigMap" config::config_map,
    CronJob "batch.v1.CronJob" workload::cron_job,
    DaemonSetSpec "apps.v1.DaemonSetSpec" workload::daemon_set,
    DeploymentSpec "apps.v1.DeploymentSpec" workload::deployment,
    HorizontalPodAutoscalerSpec "autoscaling.v2.HorizontalPodAutoscalerSpec" scale::autoscaler,
    HttpIngressPath "networking.v1.HTTPIngressPath" network::ingress_path,
    IngressBackend "networking.v1.IngressBackend" network::ingress_backend,
    IngressSpec "networking.v1.IngressSpec" network::ingress,
    IpBlock "networking.v1.IPBlock" network::ip_block,
    JobSpec "batch.v1.JobSpec" workload::job,
    LabelSelector "meta.v1.LabelSelector" selector::label_selector,
    LimitRangeItem "core.v1.LimitRangeItem" config::limit_range_item,
    MutatingWebhook "admissionregistration.v1.MutatingWebhook" webhook::webhook,
    NetworkPolicyPeer "networking.v1.NetworkPolicyPeer" network::peer,
    NetworkPolicyPort "networking.v1.NetworkPolicyPort" network::port,
    NetworkPolicySpec "networking.v1.NetworkPolicySpec" network::policy,
    NodeSpec "core.v1.NodeSpec" object::node,
    NodeSelector "core.v1.NodeSelector" selector::node_selector,
    NodeSelectorRequirement "core.v1.NodeSelectorRequirement" selector::node_requirement,
    PersistentVolumeClaimSpec "core.v1.PersistentVolumeClaimSpec" storage::claim,
    PersistentVolumeSpec "core.v1.PersistentVolumeSpec" storage::volume,
    PodAffinityTerm "core.v1.PodAffinityTerm" pod::affinity_term,
    PodDisruptionBudgetSpec "policy.v1.PodDisruptionBudgetSpec" scale::disruption_budget,
    PodSpec "core.v1.PodSpec" pod::pod,
    PolicyRule "rbac.v1.PolicyRule" access::policy_rule,
    PriorityClass "scheduling.v1.PriorityClass" scale::priority_class,
    ReplicaSetSpec "apps.v1.ReplicaSetSpec" workload::replica_set,
    Role "rbac.v1.Role" access::role,
    RoleBinding "rbac.v1.RoleBinding" access::role_binding,
    Secret "core.v1.Secret" config::secret,
    ServiceSpec "core.v1.ServiceSpec" service::service,
    StatefulSetSpec "apps.v1.StatefulSetSpec" workload::stateful_set,
    Subject "rbac.v1.Subject" access::subject,
    Toleration "core.v1.Toleration" pod::toleration,
    TopologySpreadConstraint "core.v1.TopologySpreadConstraint" pod::spread,
    ValidatingWebhook "admissionregistration.v1.ValidatingWebhook" webhook::webhook,
    VolumeProjection "core.v1.VolumeProjection" storage::projection,
    Volume "core.v1.Volume" storage::pod_volume,
}

/// Names of the keys of a map that are one of `keys`, in the order of the document.
pub(crate) fn present<'d, N: Node<'d>>(at: &At<'_, N>, keys: &[&str]) -> Vec<&'d str> {
    named(at, keys).collect()
}

/// Whether it has exactly one of `keys`.
pub(crate) fn has_one<'d, N: Node<'d>>(at: &At<'_, N>, keys: &[&str]) -> bool {
    named(at, keys).count() == 1
}

fn named<'d, N: Node<'d>>(at: &At<'_, N>, keys: &[&str]) -> impl Iterator<Item = &'d str> {
    let has_value = |entry: &N| entry.value() != crate::node::Value::Null;
    let entries = at.node.entries();
    entries.filter(move |(key, entry)| keys.contains(key) && has_value(entry)).map(|(key, _)| key)
}

/// `` `a`, `b` and `c` ``.
pub(crate) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} and `{last}`", first.join(", "))
        }
    }
}
