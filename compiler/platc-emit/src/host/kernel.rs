//! Settings and modules of the kernel.
//!
//! The number of the file is high, because the last file that sets a key wins, and what distributions bring
//! has lower ones.

use platc_artifact::{Artifact, Fixed, Format, IntoWords, Lines};
use platc_diag::Origin;
use platc_model::generated::{Routing, ServiceProxy};
use platc_plan::ClusterPlan;

use super::emit::origin;
use crate::hosts::OnHost;
use crate::rules;

/// What the kubelet looks for when it is told to leave the kernel alone; anything else, and it ends
/// (`pkg/kubelet/cm`, `setupKernelTunables`).
const KUBELET: [(&str, &str); 6] = [
    ("vm.overcommit_memory", "1"),
    ("vm.panic_on_oom", "0"),
    ("kernel.panic", "10"),
    ("kernel.panic_on_oops", "1"),
    ("kernel.keys.root_maxkeys", "1000000"),
    ("kernel.keys.root_maxbytes", "25000000"),
];
/// Programs that watch files are many on a host of pods.
const INOTIFY: [(&str, &str); 2] =
    [("fs.inotify.max_user_instances", "8192"), ("fs.inotify.max_user_watches", "524288")];
/// What databases with large files and caches of their own need.
const CARVED: [(&str, &str); 2] = [("vm.max_map_count", "1048576"), ("vm.swappiness", "1")];
/// Ports that the kernel takes for connections to elsewhere, unless they are reserved.
const EPHEMERAL: std::ops::RangeInclusive<u16> = 32768..=60999;

/// Whether a packet may come in by another card than the answer would leave by.
fn is_multi_homed(on: &OnHost<'_>) -> bool {
    on.host.nics.len() > 1 || !on.host.rules.is_empty()
}

/// Whether anything is set on a host.
pub(super) fn has_settings(on: &OnHost<'_>) -> bool {
    on.cluster.is_some() || is_multi_homed(on) || !on.host.vips.is_empty()
}

/// Writes the settings.
pub(super) fn settings(on: &OnHost<'_>, artifact: &mut Artifact) {
    artifact.doc(Format::Lines).from(origin(on), |root| {
        root.lines(|l| {
            if let Some(cluster) = on.cluster {
                node(l, on, cluster);
            }
            // Loose where there are several ways: strict would drop what comes in by the other one.
            set(l, "net.ipv4.conf.all.rp_filter", if is_multi_homed(on) { "2" } else { "1" });
            if let Some(vip) = on.host.vips.first() {
                // Who holds an address for others listens on it before it is here.
                set(l, "net.ipv4.ip_nonlocal_bind", vip.address.origin.of("1"));
            }
            if let Some(own) = on.host.carve_outs.first() {
                l.from(own.origin, |l| CARVED.into_iter().for_each(|(key, value)| set(l, key, value)));
            }
        });
    });
}

fn node(l: &mut Lines<'_>, on: &OnHost<'_>, cluster: &ClusterPlan) {
    l.from(Origin::decided(&rules::NODE_SETUP, on.host.span), |l| {
        set(l, "net.ipv4.ip_forward", "1");
        let proxy = cluster.service_proxy;
        match (proxy.value, cluster.routing.value) {
            (ServiceProxy::KubeProxy, _) => {
                set(l, "net.bridge.bridge-nf-call-iptables", proxy.origin.of("1"));
                set(l, "net.netfilter.nf_conntrack_max", proxy.origin.of("1048576"));
            }
            // No rule is for packets that stay on the bridge, so they need not be shown to any.
            (ServiceProxy::None, _) => set(l, "net.bridge.bridge-nf-call-iptables", proxy.origin.of("0")),
            (ServiceProxy::Cilium, Routing::Cilium) => {}
            (ServiceProxy::Cilium, _) => set(l, "net.bridge.bridge-nf-call-iptables", proxy.origin.of("1")),
        }
        let mut ports: Vec<u16> =
            on.host.ports.iter().map(|claim| claim.port).filter(|port| EPHEMERAL.contains(port)).collect();
        ports.sort_unstable();
        ports.dedup();
        if !ports.is_empty() {
            let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
            set(l, "net.ipv4.ip_local_reserved_ports", ports.join(","));
        }
        for (key, value) in KUBELET.into_iter().chain(INOTIFY) {
            set(l, key, value);
        }
    });
}

fn set(l: &mut Lines<'_>, key: &'static str, value: impl IntoWords) {
    l.line((Fixed(key), "=", value));
}

/// Writes the modules that are loaded at boot.
pub(super) fn modules(on: &OnHost<'_>, artifact: &mut Artifact) {
    artifact.doc(Format::Lines).from(origin(on), |root| {
        root.lines(|l| {
            l.line("overlay");
            l.line("br_netfilter");
            if on.cluster.is_some_and(|cluster| cluster.service_proxy.value == ServiceProxy::KubeProxy) {
                l.line("nf_conntrack");
            }
        });
    });
}
