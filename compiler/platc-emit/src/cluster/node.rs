//! Node objects. They are applied before hosts join: a pod range is set once and never changes, and with
//! the allocator of the controller manager it would be that of who comes first.
//!
//! Start with [`write`]; [`placing`] is what pods go by that belong on certain hosts.

use platc_artifact::Artifact;
use platc_diag::Origin;
use platc_model::Id;
use platc_model::generated::{Cluster, Host};
use platc_plan::{ClusterPlan, Plan};

use crate::object::Object;

/// Label of hosts with their name.
pub(crate) const HOSTNAME: &str = "kubernetes.io/hostname";
/// Label of hosts with the name of their datacenter.
pub(crate) const ZONE: &str = "topology.kubernetes.io/zone";
/// Label of hosts with the region of their datacenter.
const REGION: &str = "topology.kubernetes.io/region";
/// Label of hosts with the name of their rack.
pub(crate) const RACK: &str = "platc/rack";
/// Label that kubeadm gives to hosts of the control plane, and the key of their taint.
pub(crate) const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";

/// Which hosts something belongs on, as labels say it. Names would do, too, but then one host more would
/// be another pod template, and all pods would roll.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum On {
    /// All nodes.
    All,
    /// Exactly the control plane.
    ControlPlane,
    /// Those with a label of ours.
    Label(String),
}

impl On {
    /// The label to select by.
    pub(crate) fn selector(&self) -> Option<(&str, &'static str)> {
        match self {
            Self::All => None,
            Self::ControlPlane => Some((CONTROL_PLANE, "")),
            Self::Label(key) => Some((key, "true")),
        }
    }
}

/// How those hosts are found that `owner` belongs on.
pub(crate) fn placing(cluster: &ClusterPlan, owner: &str, hosts: &[Id<Host>]) -> On {
    if hosts == cluster.nodes {
        On::All
    } else if hosts == cluster.control_plane {
        On::ControlPlane
    } else {
        On::Label(format!("platc/on-{owner}"))
    }
}

/// Labels of ours that a host has because of what belongs on it.
fn labels(plan: &Plan, id: Id<Cluster>, host: Id<Host>) -> Vec<String> {
    let cluster = plan.clusters.at(id);
    let dns = ("coredns", &*cluster.dns.hosts);
    // Static pods need no label: no scheduler puts them anywhere.
    let bound = plan.workloads_on(host).filter(|own| !own.is_static_pod());
    let workloads = bound.filter_map(|own| own.hosts().map(|hosts| (&*own.name, hosts)));
    let label = |(owner, hosts): (&str, &[Id<Host>])| match placing(cluster, owner, hosts) {
        On::Label(key) if hosts.contains(&host) => Some(key),
        _ => None,
    };
    let mut labels: Vec<String> = std::iter::once(dns).chain(workloads).filter_map(label).collect();
    labels.sort();
    labels
}

/// A host as a node of its cluster.
pub(super) fn write(plan: &Plan, id: Id<Host>, artifact: &mut Artifact) {
    let host = plan.hosts.at(id);
    let Some(cluster) = host.cluster else { return };
    let mut object = Object::new("v1", "Node", &*host.name, Origin::written(host.span))
        .label(HOSTNAME, &*host.name)
        .label(ZONE, &*host.zone);
    if let Some(region) = &host.region {
        object = object.label(REGION, &**region);
    }
    if let Some(rack) = &host.rack {
        object = object.label(RACK, &**rack);
    }
    for label in labels(plan, cluster, id) {
        object = object.label(label, "true");
    }
    object.write(artifact, |m| {
        if let Some(pods) = host.pods {
            let range = pods.map(|range| range.to_string());
            m.map("spec", |m| {
                m.put("podCIDR", &range);
                m.list("podCIDRs", [&range]);
            });
        }
    });
}
