//! Names: `/etc/hosts` and resolvers. Not here: which names and resolvers a host has; the plan says that.

use platc_artifact::{Artifact, Format};
use platc_diag::Origin;
use platc_model::generated::{NetConfig, Resolver};

use super::emit::origin;
use crate::hosts::{OnHost, balances_itself};

/// Writes `/etc/hosts`. Control-plane hosts must be found without DNS, and nobody's name may be a loopback
/// address, which the kubelet and etcd would take for the host's.
pub(super) fn hosts(on: &OnHost<'_>, artifact: &mut Artifact) {
    let Some(cluster) = on.cluster else { return };
    artifact.doc(Format::Lines).from(origin(on), |root| {
        root.lines(|l| {
            l.line(("127.0.0.1", "localhost"));
            l.line(("::1", "localhost", "ip6-localhost", "ip6-loopback"));
            for node in &cluster.nodes {
                let node = on.plan.hosts.at(*node);
                l.from(Origin::written(node.span), |l| l.line((node.address, &*node.name)));
            }
            if let Some(name) = cluster.api.endpoint.host.as_ref().filter(|_| balances_itself(cluster)) {
                // An address needs no name.
                if name.parse::<std::net::IpAddr>().is_err() {
                    l.line(("127.0.0.1", cluster.api.endpoint.origin.of(name)));
                }
            }
        });
    });
}

/// Whether resolvers stand in a file that is ours: of nodes, because pods get it, too.
pub(super) fn has_file(on: &OnHost<'_>) -> bool {
    on.cluster.is_some() && on.host.resolver.value == Resolver::File
}

/// Writes `/etc/resolv.conf`: two at most, as the third place is for whoever adds one in a pod.
pub(super) fn resolvers(on: &OnHost<'_>, artifact: &mut Artifact) {
    artifact.doc(Format::Lines).from(on.host.resolver.origin, |root| {
        root.lines(|l| {
            for server in &on.host.nameservers {
                l.line(("nameserver", *server));
            }
            l.line(("options", "timeout:1", "attempts:3"));
        });
    });
}

/// Whether systemd-resolved is told in a file of its own: with networkd, the card's file tells it.
pub(super) fn has_resolved(on: &OnHost<'_>) -> bool {
    let is_told = on.host.net_config.value == NetConfig::Networkd;
    on.cluster.is_some() && on.host.resolver.value == Resolver::Resolved && !is_told
}

/// Writes the drop-in of systemd-resolved.
pub(super) fn resolved(on: &OnHost<'_>, artifact: &mut Artifact) {
    artifact.doc(Format::Systemd).from(on.host.resolver.origin, |root| {
        root.lines(|l| {
            l.block("Resolve", |l| {
                for server in &on.host.nameservers {
                    l.line(("DNS", *server));
                }
            });
        });
    });
}
