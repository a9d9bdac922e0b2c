//! netplan: a file with routes alone. Lists of all files are put together, so the address stays where the
//! host has it.

use platc_artifact::{Artifact, Map, Shown};
use platc_model::scalar::Cidr;
use platc_plan::{Hop, Route, RouteTarget, UNREACHABLE_METRIC};

use super::emit::origin;
use crate::hosts::{OnHost, yaml};

/// Writes the file.
pub(super) fn write(on: &OnHost<'_>, artifact: &mut Artifact) {
    yaml(artifact, origin(on), |m| {
        m.map("network", |m| {
            m.put("version", 2);
            m.map("ethernets", |m| {
                if let Some(cluster) = on.service_address() {
                    let address = Cidr::single(cluster.service_ip).to_string();
                    m.map("lo", |m| {
                        m.seq("addresses", |s| {
                            s.put("127.0.0.1/8");
                            s.put(cluster.services.origin.of(address));
                        });
                    });
                }
                for name in on.interfaces() {
                    m.map(name, |m| interface(m, on, name));
                }
            });
        });
    });
}

fn interface(m: &mut Map<'_>, on: &OnHost<'_>, name: &str) {
    m.seq("routes", |s| {
        for route in on.routes_over(name) {
            s.from(route.origin, |s| s.map(|m| one(m, route)));
        }
    });
    if on.rules_over(name).next().is_none() {
        return;
    }
    m.seq("routing-policy", |s| {
        for rule in on.rules_over(name) {
            s.from(rule.origin, |s| {
                s.map(|m| {
                    m.put("from", Shown(rule.from));
                    m.put("table", rule.table.id);
                    m.put("priority", rule.priority);
                });
            });
        }
    });
}

fn one(m: &mut Map<'_>, route: &Route) {
    match route.to {
        RouteTarget::Default => m.put("to", "default"),
        RouteTarget::Range(range) => m.put("to", Shown(range)),
    }
    match &route.via {
        Hop::Gateway(gateway, _) => m.put("via", *gateway),
        Hop::Link(_) => m.put("scope", "link"),
        Hop::Unreachable => {
            m.put("type", "unreachable");
            m.put("metric", UNREACHABLE_METRIC);
        }
    }
    m.maybe("table", route.table.as_ref().map(|table| table.id));
}
