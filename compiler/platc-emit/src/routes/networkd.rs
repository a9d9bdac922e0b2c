//! systemd-networkd: a file for each card, and its routes in a drop-in beside it.
//!
//! networkd takes away what it finds and did not set: the routes of flannel, the addresses of keepalived. On
//! nodes it is told not to.

use platc_artifact::{Artifact, Format, Lines, OnChange, Shown};
use platc_model::generated::{NetConfig, Resolver};
use platc_model::scalar::Cidr;
use platc_plan::{Hop, NicPlan, Route, RouteTarget, UNREACHABLE_METRIC};

use super::emit::{is, origin};
use crate::hosts::OnHost;

/// Whether networkd runs on a host: of its own, or because netplan writes for it.
pub(super) fn runs(on: &OnHost<'_>) -> bool {
    is(on, NetConfig::Networkd) || is(on, NetConfig::Netplan)
}

/// Writes a file that networkd reads again when it is told to.
pub(super) fn write(on: &OnHost<'_>, artifact: &mut Artifact, build: impl FnOnce(&mut Lines<'_>)) {
    artifact.on_change.push(OnChange::Run("networkd"));
    artifact.doc(Format::Systemd).from(origin(on), |root| root.lines(build));
}

/// Writes what networkd leaves alone.
pub(super) fn config(on: &OnHost<'_>, artifact: &mut Artifact) {
    artifact.doc(Format::Systemd).from(origin(on), |root| {
        root.lines(|l| {
            l.block("Network", |l| {
                l.line(("ManageForeignRoutes", "no"));
                l.line(("ManageForeignRoutingPolicyRules", "no"));
            });
        });
    });
}

/// Interfaces of pods are not networkd's.
pub(super) fn pods(l: &mut Lines<'_>) {
    l.block("Match", |l| l.line(("Name", "cni0", "veth*", "flannel*", "cilium*", "lxc*")));
    l.block("Link", |l| l.line(("Unmanaged", "yes")));
}

/// The address of the Service `kubernetes`.
pub(super) fn loopback(on: &OnHost<'_>, l: &mut Lines<'_>) {
    l.block("Match", |l| l.line(("Name", "lo")));
    l.block("Network", |l| {
        if let Some(cluster) = on.service_address() {
            l.line(("Address", cluster.services.origin.of(Shown(Cidr::single(cluster.service_ip)))));
        }
    });
}

/// Cards that are known by their hardware address.
pub(super) fn pinned<'p>(on: &OnHost<'p>) -> impl Iterator<Item = &'p NicPlan> {
    let is_systemd = on.is_systemd();
    on.host.nics.iter().filter(move |nic| is_systemd && nic.mac.is_some())
}

/// Writes the name of a card.
pub(super) fn link(on: &OnHost<'_>, nth: usize, artifact: &mut Artifact) {
    let Some((nic, mac)) = pinned(on).nth(nth).and_then(|nic| Some((nic, nic.mac?))) else { return };
    artifact.doc(Format::Systemd).from(mac.origin, |root| {
        root.lines(|l| {
            l.block("Match", |l| l.line(("PermanentMACAddress", Shown(mac.value))));
            l.block("Link", |l| l.line(("Name", &*nic.name)));
        });
    });
}

/// A card: its address, its router, its resolvers.
pub(super) fn network(l: &mut Lines<'_>, on: &OnHost<'_>, nth: usize) {
    let Some(nic) = on.host.nics.get(nth) else {
        // No address of the host's own is on it, only those that move.
        let names = on.cards();
        l.block("Match", |l| l.line(("Name", names.get(nth).copied().unwrap_or_default())));
        l.block("Network", |l| {
            l.line(("LinkLocalAddressing", "no"));
            l.line(("KeepConfiguration", "static"));
        });
        return;
    };
    l.block("Match", |l| l.line(("Name", &*nic.name)));
    l.block("Link", |l| l.line(("MTUBytes", nic.mtu)));
    l.block("Network", |l| {
        let address = format!("{}/{}", nic.address.value, nic.range.prefix());
        l.line(("Address", nic.address.origin.of(address)));
        if let Some((gateway, _)) = on.way_out().filter(|(_, name)| *name == &*nic.name) {
            l.line(("Gateway", gateway));
        }
        if on.host.resolver.value == Resolver::Resolved && nic.name == on.host.interface {
            for server in &on.host.nameservers {
                l.line(("DNS", *server));
            }
        }
        if on.host.vips.iter().any(|vip| vip.interface == nic.name) {
            // Addresses that keepalived has put there stay when networkd starts again.
            l.line(("KeepConfiguration", "static"));
        }
    });
}

/// The routes and rules of an interface.
pub(super) fn routes(l: &mut Lines<'_>, on: &OnHost<'_>, nth: usize) {
    let names = on.interfaces();
    let Some(name) = names.get(nth) else { return };
    for route in on.routes_over(name) {
        l.from(route.origin, |l| l.block("Route", |l| one(l, route)));
    }
    for rule in on.rules_over(name) {
        l.from(rule.origin, |l| {
            l.block("RoutingPolicyRule", |l| {
                l.line(("From", Shown(rule.from)));
                l.line(("Table", rule.table.id));
                l.line(("Priority", rule.priority));
            });
        });
    }
}

fn one(l: &mut Lines<'_>, route: &Route) {
    if let RouteTarget::Range(range) = route.to {
        l.line(("Destination", Shown(range)));
    }
    match &route.via {
        Hop::Gateway(gateway, _) => l.line(("Gateway", *gateway)),
        Hop::Link(_) => l.line(("Scope", "link")),
        Hop::Unreachable => {
            l.line(("Type", "unreachable"));
            l.line(("Metric", UNREACHABLE_METRIC));
        }
    }
    if let Some(table) = &route.table {
        l.line(("Table", table.id));
    }
}
