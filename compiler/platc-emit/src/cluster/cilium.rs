//! Values for Cilium's own chart. It is installed by whoever installs charts: its objects are its own.
//!
//! Start with [`values`].

use platc_artifact::{Artifact, Format, shown};
use platc_diag::Origin;
use platc_model::generated::ApiBalancer;
use platc_plan::ClusterPlan;

/// `values.yaml`: native routing over the pod ranges that Node objects have, no translation of addresses,
/// and Cilium as the only service proxy.
pub(super) fn values(cluster: &ClusterPlan, artifact: &mut Artifact) {
    let api = &cluster.api;
    let host = match (api.balancer.value, api.vip) {
        (ApiBalancer::Keepalived, Some(vip)) => Some(vip.to_string()),
        (ApiBalancer::Keepalived, None) => api.endpoint.host.as_deref().map(str::to_owned),
        (ApiBalancer::StaticPod | ApiBalancer::HostService, _) => Some("127.0.0.1".to_owned()),
    };
    artifact.doc(Format::Yaml).from(Origin::written(cluster.span), |doc| {
        doc.map(|m| {
            m.put("kubeProxyReplacement", true);
            m.maybe("k8sServiceHost", host);
            m.put("k8sServicePort", (api.endpoint.port, api.endpoint.origin));
            m.map("ipam", |m| m.put("mode", "kubernetes"));
            m.put("routingMode", "native");
            m.put("autoDirectNodeRoutes", true);
            m.put("ipv4NativeRoutingCIDR", shown(&cluster.pods));
            m.put("enableIPv4Masquerade", false);
            m.map("bpf", |m| m.put("masquerade", false));
            // Proxies are on the network of their hosts: policies name them by address.
            m.map("extraConfig", |m| m.put("policy-cidr-match-mode", "nodes"));
        });
    });
}
