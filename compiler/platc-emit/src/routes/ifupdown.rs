//! ifupdown: a file of our own with stanzas of our own. All stanzas of an interface are applied, so its
//! address can stand in the host's own file.

use platc_artifact::{Artifact, Fixed, Format, Shown};
use platc_model::scalar::Cidr;

use super::emit::origin;
use super::ip::{Device, IpRoute, IpRule};
use crate::hosts::OnHost;

/// Writes `interfaces.d/pod-routes`.
pub(super) fn write(on: &OnHost<'_>, artifact: &mut Artifact) {
    let doc = artifact.doc(Format::Lines);
    doc.from(origin(on), |root| {
        root.lines(|l| {
            let mut names = on.interfaces();
            if names.is_empty() {
                names.push(&on.host.interface);
            }
            for name in names {
                l.block(("iface", name, "inet", "manual"), |l| stanza(l, on, name));
            }
        });
    });
}

fn stanza(l: &mut platc_artifact::Lines<'_>, on: &OnHost<'_>, name: &str) {
    if let Some(cluster) = on.service_address().filter(|_| name == &*on.host.interface) {
        let address = Shown(Cidr::single(cluster.service_ip));
        l.line(("up", "ip", "addr", "replace", cluster.services.origin.of(address), "dev", "lo"));
    }
    for rule in on.rules_over(name) {
        l.from(rule.origin, |l| {
            l.line(("up", "ip", "rule", "del", IpRule(rule), OR_NOT));
            l.line(("up", "ip", "rule", "add", IpRule(rule)));
            l.line(("down", "ip", "rule", "del", IpRule(rule), OR_NOT));
        });
    }
    for route in on.routes_over(name) {
        l.from(route.origin, |l| {
            l.line(("up", "ip", "route", "replace", IpRoute(route, Device::Variable)));
            l.line(("down", "ip", "route", "del", IpRoute(route, Device::Variable), OR_NOT));
        });
    }
}

/// What may be gone already.
const OR_NOT: Fixed = Fixed("2>/dev/null || true");
