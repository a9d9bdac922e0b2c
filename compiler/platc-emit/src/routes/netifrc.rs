//! netifrc of OpenRC: `/etc/conf.d/net`, variables of a shell, one route a line. It stands for the whole
//! network of a host.

use platc_artifact::{Artifact, Fixed, Format, Lines, Shown};
use platc_model::scalar::Cidr;
use platc_plan::{Hop, NicPlan, RouteTarget, UNREACHABLE_METRIC};

use super::emit::origin;
use super::ip::{Device, IpRoute};
use crate::hosts::OnHost;

/// A route that leads nowhere is over no interface, so it is set when the main one comes up.
const POSTUP: Fixed = Fixed(
    r#"postup() {
    [ "${IFACE}" = "${platc_interface}" ] || return 0
    for range in ${platc_unreachable}; do
        ip route replace unreachable "${range}" metric "${platc_metric}" proto static
    done
    return 0
}"#,
);

/// Writes `conf.d/net`.
pub(super) fn write(on: &OnHost<'_>, artifact: &mut Artifact) {
    artifact.doc(Format::Shell).from(origin(on), |root| {
        root.lines(|l| {
            if let Some(cluster) = on.service_address() {
                let address = Shown(Cidr::single(cluster.service_ip));
                l.line(("config_lo", "127.0.0.1/8", cluster.services.origin.of(address)));
            }
            for name in on.cards() {
                match on.host.nics.iter().find(|nic| &*nic.name == name) {
                    Some(nic) => l.from(nic.address.origin, |l| card(l, nic)),
                    // No address of the host's own is on it, only those that move.
                    None => l.line((variable("config", name), "null")),
                }
                ways(l, on, name);
            }
            nowhere(l, on);
        });
    });
}

fn card(l: &mut Lines<'_>, nic: &NicPlan) {
    l.line((variable("config", &nic.name), format!("{}/{}", nic.address.value, nic.range.prefix())));
    l.line((variable("mtu", &nic.name), nic.mtu));
}

/// Routes and rules of an interface.
fn ways(l: &mut Lines<'_>, on: &OnHost<'_>, name: &str) {
    let out = on.way_out().filter(|(_, own)| *own == name);
    let routes = || on.routes_over(name).filter(|route| route.via != Hop::Unreachable);
    if out.is_some() || routes().next().is_some() {
        l.block(variable("routes", name), |l| {
            if let Some((gateway, _)) = out {
                l.line(("default", "via", gateway));
            }
            for route in routes() {
                l.from(route.origin, |l| l.line(IpRoute(route, Device::Implied)));
            }
        });
    }
    if on.rules_over(name).next().is_some() {
        l.block(variable("rules", name), |l| {
            for rule in on.rules_over(name) {
                let words = ("from", Shown(rule.from), "table", rule.table.id, "priority", rule.priority);
                l.from(rule.origin, |l| l.line(words));
            }
        });
    }
}

/// netifrc asks for the variables of `eth1.100` as `…_eth1_100`.
fn variable(what: &str, name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("{what}_{name}")
}

fn nowhere(l: &mut Lines<'_>, on: &OnHost<'_>) {
    let nowhere = on.host.routes.iter().filter(|route| route.via == Hop::Unreachable);
    let ranges: Vec<_> = nowhere
        .filter_map(|route| match route.to {
            RouteTarget::Range(range) => Some(route.origin.of(Shown(range))),
            RouteTarget::Default => None,
        })
        .collect();
    if ranges.is_empty() {
        return;
    }
    l.line(("platc_interface", &*on.host.interface));
    l.line(("platc_metric", UNREACHABLE_METRIC));
    l.line(("platc_unreachable", ranges));
    l.line(POSTUP);
}

/// Writes the rules of udev by which cards have their names.
pub(super) fn udev(on: &OnHost<'_>, artifact: &mut Artifact) {
    artifact.doc(Format::Lines).from(origin(on), |root| {
        root.lines(|l| {
            for nic in &on.host.nics {
                let Some(mac) = nic.mac else { continue };
                l.from(mac.origin, |l| {
                    l.line((
                        Fixed("SUBSYSTEM==\"net\","),
                        Fixed("ACTION==\"add\","),
                        format!("ATTR{{address}}==\"{}\",", mac.value),
                        format!("NAME=\"{}\"", nic.name),
                    ));
                });
            }
        });
    });
}
