//! Static routes, worked out once for every host and printed in its dialect.
//!
//! A host of a cluster never gets a route to its own pod range: the kernel would prefer it to the bridge,
//! and traffic between local pods would leave the host. Under flannel, nodes get no routes to each other
//! either: flannel owns those, and takes others away. Pod ranges of another site are reached through the
//! router, as one range; the router must know the single ones, which [`router_routes`] lists.

use std::collections::BTreeMap;
use std::net::IpAddr;

use platc_diag::{Origin, Span};
use platc_model::generated::{Cluster, Datacenter, Host, Network, Routing};
use platc_model::scalar::Cidr;
use platc_model::{Id, Items, Text};

use crate::plan::{ClusterPlan, Hop, HostPlan, Plan, Route, RouteRule, RouteTarget, Table};
use crate::{Planner, errors, place, rules};

/// Routing tables of platc's are numbered from here; 0 and 253 to 255 are the kernel's.
const FIRST_TABLE: u8 = 100;
const LAST_TABLE: u8 = 252;
/// Priority of rules that lead to a table: before the main table, which has 32766.
const RULE_PRIORITY: u32 = 1000;

/// A pod range and the host that it is behind, on one wire.
struct Behind {
    host: Id<Host>,
    range: Cidr,
    address: IpAddr,
    span: Span,
}

/// Works out the routes of every host.
pub(crate) fn compute(
    planner: &mut Planner<'_>,
    clusters: &Items<Cluster, ClusterPlan>,
    hosts: &mut Items<Host, HostPlan>,
) {
    for cluster in clusters.values() {
        on_one_wire(planner, cluster, hosts);
    }
    let wires = wires(clusters, hosts);
    let tables = tables(planner);
    let ids: Vec<Id<Host>> = hosts.ids().collect();
    for id in ids {
        let Some(host) = hosts.get(id) else { continue };
        let mut routes = Vec::new();
        for (cluster_id, cluster) in clusters.iter() {
            pod_routes(planner, host, id, cluster_id, cluster, &wires, &mut routes);
        }
        // More special first, and what leads nowhere last: that is how people read a routing table.
        routes.sort_by_key(|route: &Route| route.via == Hop::Unreachable);
        let (table_routes, rules) = table_routes(planner, host, &tables);
        routes.extend(table_routes);
        if let Some(host) = hosts.get_mut(id) {
            host.routes = routes;
            host.rules = rules;
        }
    }
}

/// Pod ranges by cluster and wire: the network's range.
type Wires = BTreeMap<(Id<Cluster>, Cidr), Vec<Behind>>;

fn wires(clusters: &Items<Cluster, ClusterPlan>, hosts: &Items<Host, HostPlan>) -> Wires {
    let mut wires: Wires = BTreeMap::new();
    for (id, cluster) in clusters.iter() {
        for node in &cluster.nodes {
            let host = hosts.at(*node);
            let (Some(range), Some(wire)) = (host.pods, wire_of(host)) else { continue };
            let behind =
                Behind { host: *node, range: range.value, address: host.address.value, span: host.span };
            wires.entry((id, wire)).or_default().push(behind);
        }
    }
    for behind in wires.values_mut() {
        behind.sort_by_key(|behind| (behind.range.first(), behind.range.prefix()));
    }
    wires
}

/// The network that a host's address is in.
fn wire_of(host: &HostPlan) -> Option<Cidr> {
    host.nics.iter().find(|nic| nic.address.value == host.address.value).map(|nic| nic.range)
}

fn pod_routes(
    planner: &mut Planner<'_>,
    host: &HostPlan,
    id: Id<Host>,
    cluster_id: Id<Cluster>,
    cluster: &ClusterPlan,
    wires: &Wires,
    routes: &mut Vec<Route>,
) {
    let member = host.cluster == Some(cluster_id);
    // Flannel and Cilium route between the nodes of their cluster; everything else is ours.
    if member && cluster.routing.value != Routing::Static {
        // What the cluster's nodes do not have of its range is nowhere.
        routes.push(unreachable(cluster));
        return;
    }
    let mut neighbours = false;
    let mut elsewhere = false;
    for ((of, wire), behind) in wires.iter().filter(|((of, _), _)| *of == cluster_id) {
        debug_assert_eq!(*of, cluster_id);
        let card = host.nics.iter().find(|nic| nic.range == *wire);
        match card {
            Some(card) => {
                neighbours = true;
                for peer in behind.iter().filter(|peer| peer.host != id) {
                    routes.push(Route {
                        to: RouteTarget::Range(peer.range),
                        via: Hop::Gateway(peer.address, Text::clone(&card.name)),
                        table: None,
                        origin: Origin::decided(&rules::NODE_ROUTE, peer.span),
                    });
                }
            }
            None => elsewhere |= !behind.is_empty(),
        }
    }
    if elsewhere {
        remote_routes(planner, host, cluster_id, cluster, neighbours, wires, routes);
    }
    if neighbours {
        routes.push(unreachable(cluster));
    }
}

fn unreachable(cluster: &ClusterPlan) -> Route {
    Route {
        to: RouteTarget::Range(cluster.pods.value),
        via: Hop::Unreachable,
        table: None,
        origin: Origin::decided(&rules::UNREACHABLE, place(cluster.pods.origin, cluster.span)),
    }
}

/// Through the router: the whole range of a cluster that is all elsewhere; of one that is here, too, the
/// parts that are elsewhere, put together where they make whole ranges.
fn remote_routes(
    planner: &mut Planner<'_>,
    host: &HostPlan,
    cluster_id: Id<Cluster>,
    cluster: &ClusterPlan,
    neighbours: bool,
    wires: &Wires,
    routes: &mut Vec<Route>,
) {
    let Some(gateway) = host.gateway else {
        let problem = errors::no_way(host.span, &host.name, &cluster.name);
        planner.report(problem.about(Text::clone(&host.name)));
        return;
    };
    let ranges = if neighbours {
        let own: Vec<Cidr> = host.nics.iter().map(|nic| nic.range).collect();
        let far = wires.iter().filter(|((of, wire), _)| *of == cluster_id && !own.contains(wire));
        compress(far.flat_map(|(_, behind)| behind.iter().map(|behind| behind.range)).collect())
    } else {
        vec![cluster.pods.value]
    };
    for range in ranges {
        routes.push(Route {
            to: RouteTarget::Range(range),
            via: Hop::Gateway(gateway, Text::clone(&host.interface)),
            table: None,
            origin: Origin::decided(&rules::REMOTE_ROUTE, place(cluster.pods.origin, cluster.span)),
        });
    }
}

/// Neighbouring ranges as one, only where the union is exact.
pub fn compress(mut ranges: Vec<Cidr>) -> Vec<Cidr> {
    ranges.sort_by_key(|range| (range.first(), range.prefix()));
    let mut out: Vec<Cidr> = Vec::new();
    for range in ranges {
        out.push(range);
        while let [.., a, b] = out.as_slice() {
            let (a, b) = (*a, *b);
            let whole =
                (a.prefix() == b.prefix() && a.prefix() > 0).then(|| Cidr::around(a.first(), a.prefix() - 1));
            match whole {
                Some(whole) if whole.first() == a.first() && whole.last() == b.last() && a != b => {
                    out.truncate(out.len() - 2);
                    out.push(whole);
                }
                _ => break,
            }
        }
    }
    out
}

/// Flannel's host-gw wants all nodes on one wire.
fn on_one_wire(planner: &mut Planner<'_>, cluster: &ClusterPlan, hosts: &Items<Host, HostPlan>) {
    if !matches!(cluster.routing.value, Routing::FlannelHostGw) {
        return;
    }
    let mut first: Option<&HostPlan> = None;
    for node in &cluster.nodes {
        let host = hosts.at(*node);
        match first {
            None => first = Some(host),
            Some(first) if wire_of(first) != wire_of(host) => {
                let span = place(cluster.routing.origin, cluster.span);
                let problem = errors::host_gw_across(span, &cluster.name, &first.name, &host.name);
                planner.report(problem.related(host.span, "this one").about(Text::clone(&cluster.name)));
                return;
            }
            Some(_) => {}
        }
    }
}

/// A network for virtual addresses, with a routing table of its own.
struct VipNetwork {
    datacenter: Id<Datacenter>,
    network: Network,
    table: Table,
    span: Span,
}

/// Networks on which no host has an address carry virtual ones; what leaves from those goes back through
/// their own router.
fn tables(planner: &mut Planner<'_>) -> Vec<VipNetwork> {
    let model = planner.model;
    let mut found = Vec::new();
    for (id, datacenter) in model.datacenters.iter() {
        for network in &datacenter.value.network {
            let here = |host: &platc_model::Declared<Host>| {
                let cards = host.value.nic.iter().map(|nic| nic.address.value);
                cards
                    .chain(host.value.address.map(|address| address.value))
                    .any(|ip| network.cidr.contains(ip))
            };
            let used =
                model.hosts.iter().any(|(host, own)| model.sites.at(host).datacenter == id && here(own));
            if used || network.gateway.is_none() {
                continue;
            }
            let known = planner.lock.to_mut().tables.entry(Text::clone(&datacenter.head.name)).or_default();
            let number = known.get(&network.name.value).copied().or_else(|| {
                (FIRST_TABLE..=LAST_TABLE).find(|number| !known.values().any(|taken| taken == number))
            });
            let Some(number) = number else { continue };
            known.insert(Text::clone(&network.name.value), number);
            found.push(VipNetwork {
                datacenter: id,
                network: network.value.clone(),
                table: Table { id: number, name: Text::clone(&network.name.value) },
                span: place(network.origin, datacenter.head.span),
            });
        }
    }
    found
}

/// Only who may hold a virtual address of the network needs its table.
fn table_routes(
    planner: &Planner<'_>,
    host: &HostPlan,
    tables: &[VipNetwork],
) -> (Vec<Route>, Vec<RouteRule>) {
    let (mut routes, mut rules_) = (Vec::new(), Vec::new());
    for vips in tables.iter().filter(|vips| vips.datacenter == host.datacenter) {
        if !crate::addresses::may_hold(planner.model, host, vips.network.cidr.value) {
            continue;
        }
        let origin = Origin::decided(&rules::VIP_TABLE, vips.span);
        let interface = Text::clone(&vips.network.interface.value);
        let route = |to: RouteTarget, via: Hop| Route { to, via, table: Some(vips.table.clone()), origin };
        routes.push(route(RouteTarget::Range(vips.network.cidr.value), Hop::Link(Text::clone(&interface))));
        if let Some(gateway) = vips.network.gateway {
            routes.push(route(RouteTarget::Default, Hop::Gateway(gateway.value, interface)));
        }
        let from = vips.network.cidr.value;
        rules_.push(RouteRule { from, table: vips.table.clone(), priority: RULE_PRIORITY, origin });
    }
    (routes, rules_)
}

/// What the router of a datacenter must know so that the rest of the platform reaches the pods there: each
/// pod range, and the host that it is behind.
pub fn router_routes(plan: &Plan, datacenter: Id<Datacenter>) -> Vec<(Cidr, IpAddr)> {
    let hosts = plan.hosts.values().filter(|host| host.datacenter == datacenter);
    let mut routes: Vec<(Cidr, IpAddr)> =
        hosts.filter_map(|host| Some((host.pods?.value, host.address.value))).collect();
    routes.sort_by_key(|(range, _)| (range.first(), range.prefix()));
    routes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(texts: &[&str]) -> Vec<Cidr> {
        texts.iter().map(|text| Cidr::parse(text).unwrap()).collect()
    }

    #[test]
    fn ranges_are_put_together_only_where_the_union_is_exact() {
        let four = ranges(&["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"]);
        assert_eq!(compress(four), ranges(&["10.0.0.0/22"]));
        let odd = ranges(&["10.0.1.0/24", "10.0.2.0/24"]);
        assert_eq!(compress(odd.clone()), odd);
        let gap = ranges(&["10.0.0.0/24", "10.0.1.0/24", "10.0.3.0/24"]);
        assert_eq!(compress(gap), ranges(&["10.0.0.0/23", "10.0.3.0/24"]));
    }
}
