//! How a host joins a cluster and how it is upgraded.

use platc_artifact::{Artifact, Map};
use platc_diag::Origin;
use platc_model::scalar::HostPort;
use platc_plan::{APISERVER_PORT, ClusterPlan};

use super::init::{local_endpoint, registration};
use super::{AUTHORITY, CERTIFICATE_KEY, KUBEADM_API, PATCHES, TOKEN};
use crate::hosts::{OnHost, balances_itself, yaml};
use crate::rules;

/// Writes what `kubeadm join --config` reads.
pub(super) fn write(on: &OnHost<'_>, artifact: &mut Artifact) {
    let Some(cluster) = on.cluster else { return };
    yaml(artifact, Origin::decided(&rules::NODE_SETUP, on.host.span), |m| {
        m.put("apiVersion", KUBEADM_API);
        m.put("kind", "JoinConfiguration");
        m.map("discovery", |m| {
            m.map("bootstrapToken", |m| {
                m.put("apiServerEndpoint", discovery(on, cluster));
                m.put("token", TOKEN);
                m.list("caCertHashes", [AUTHORITY]);
            });
        });
        if on.host.control_plane {
            m.map("controlPlane", |m| {
                m.map("localAPIEndpoint", |m| local_endpoint(m, on));
                m.put("certificateKey", CERTIFICATE_KEY);
            });
        }
        m.map("nodeRegistration", |m| registration(m, on));
        m.map("patches", |m| m.put("directory", PATCHES));
    });
}

/// Where a host that joins asks first. A balancer that is a static pod runs only after the kubelet does, so
/// it is the first control-plane host itself; a virtual address is there before.
fn discovery(on: &OnHost<'_>, cluster: &ClusterPlan) -> platc_diag::Sourced<String> {
    let first = cluster.control_plane.first().map(|host| on.plan.hosts.at(*host));
    match first {
        Some(first) if balances_itself(cluster) => {
            first.address.map(|address| HostPort::at(address, APISERVER_PORT).to_string())
        }
        _ => cluster.api.endpoint.as_ref().map(ToString::to_string),
    }
}

/// Writes what `kubeadm upgrade --config` reads. It names the patches: without them an upgrade would take a
/// host back to the base of its cluster, and its carve-outs' cores with it.
pub(super) fn upgrade(on: &OnHost<'_>, artifact: &mut Artifact) {
    let Some(cluster) = on.cluster else { return };
    yaml(artifact, Origin::decided(&rules::NODE_SETUP, on.host.span), |m| {
        m.put("apiVersion", KUBEADM_API);
        m.put("kind", "UpgradeConfiguration");
        let version = cluster.version.map(|version| format!("v{version}"));
        if on.is_first() {
            m.map("apply", |m| {
                m.put("kubernetesVersion", &version);
                steps(m, cluster);
            });
        }
        m.map("node", |m| steps(m, cluster));
        if on.is_first() {
            m.map("plan", |m| m.put("kubernetesVersion", &version));
        }
    });
}

fn steps(m: &mut Map<'_>, cluster: &ClusterPlan) {
    m.put("certificateRenewal", true);
    // An etcd that others run is theirs to upgrade.
    m.put("etcdUpgrade", cluster.etcd.is_none());
    m.map("patches", |m| m.put("directory", PATCHES));
}
