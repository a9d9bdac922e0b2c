//! Virtual addresses: which hosts may hold them, who holds them first, and by which VRRP router id.
//!
//! Each host's priority is another one, so that nobody has to be asked twice; several addresses are spread
//! over the hosts: `priority(host, address) = 100 - ((address - host) mod hosts)`.

use std::net::IpAddr;

use platc_diag::{Sourced, Span};
use platc_model::generated::{ApiBalancer, Cluster, Host};
use platc_model::scalar::Cidr;
use platc_model::{Id, Items, Model, Text};

use crate::plan::{BalancerPlan, ClusterPlan, HostPlan, Shape, VipCheck, VipPlan, Workload};
use crate::{Planner, errors, place};

/// VRRP router ids of platc's are numbered from here.
const FIRST_VRID: u8 = 51;
/// Priority of the host that holds an address first.
const TOP_PRIORITY: usize = 100;

/// Addresses that move between the same hosts.
struct Group<'a> {
    owner: &'a Text,
    hosts: Vec<Id<Host>>,
    addresses: Vec<Sourced<IpAddr>>,
    check: VipCheck,
    span: Span,
}

/// Whether a host may hold an address of that range.
pub(crate) fn may_hold(model: &Model, host: &HostPlan, range: Cidr) -> bool {
    let in_range =
        |vips: &Option<Vec<Sourced<IpAddr>>>| vips.iter().flatten().any(|vip| range.contains(vip.value));
    let balances = model.balancers.values().any(|balancer| {
        in_range(&balancer.value.vips)
            && balancer.value.on.iter().any(|on| model.hosts.at(on.value).head.name == host.name)
    });
    let proxies = host.cluster.is_some_and(|cluster| {
        model.proxies.values().filter_map(|proxy| proxy.at(cluster)).any(|proxy| in_range(&proxy.value.vips))
    });
    balances || proxies
}

/// Gives out router ids and priorities.
pub(crate) fn allocate(
    planner: &mut Planner<'_>,
    clusters: &mut Items<Cluster, ClusterPlan>,
    hosts: &mut Items<Host, HostPlan>,
    workloads: &[Workload],
    balancers: &[BalancerPlan],
) {
    let model = planner.model;
    let ids: Vec<Id<Cluster>> = clusters.ids().collect();
    for id in ids {
        api(planner, clusters, id, hosts);
    }
    let mut groups = Vec::new();
    for workload in workloads {
        let Shape::Proxy(proxy) = &workload.shape else { continue };
        let declared = model.proxies.values().find(|own| own.head.name == workload.name);
        let vips = declared.and_then(|own| own.at(workload.cluster)).and_then(|at| at.value.vips.clone());
        let port = proxy.listens.first().map_or(80, |listen| listen.port.value);
        groups.push(Group {
            owner: &workload.name,
            hosts: proxy.hosts.clone(),
            addresses: vips.unwrap_or_default(),
            check: VipCheck::Proxy(port),
            span: workload.span,
        });
    }
    for balancer in balancers {
        let declared = model.balancers.values().find(|own| own.head.name == balancer.name);
        groups.push(Group {
            owner: &balancer.name,
            hosts: balancer.hosts.clone(),
            addresses: declared.and_then(|own| own.value.vips.clone()).unwrap_or_default(),
            check: VipCheck::Listens(balancer.listen.value),
            span: balancer.span,
        });
    }
    for group in groups {
        spread(planner, hosts, &group);
    }
}

/// The virtual address of an API server, with keepalived.
fn api(
    planner: &mut Planner<'_>,
    clusters: &mut Items<Cluster, ClusterPlan>,
    id: Id<Cluster>,
    hosts: &mut Items<Host, HostPlan>,
) {
    let Some(cluster) = clusters.get(id) else { return };
    if cluster.api.balancer.value != ApiBalancer::Keepalived {
        return;
    }
    let span = place(cluster.api.endpoint.origin, cluster.span);
    let address = cluster.api.endpoint.host.as_deref().and_then(|host| host.parse::<IpAddr>().ok());
    let Some(address) = address else {
        planner.report(errors::vip_not_address(span).about(Text::clone(&cluster.name)));
        return;
    };
    let holders = &cluster.control_plane;
    let wire = |host: &Id<Host>| {
        hosts.at(*host).nics.iter().find(|nic| nic.range.contains(address)).map(|nic| nic.range)
    };
    let mut wires: Vec<Option<Cidr>> = holders.iter().map(wire).collect();
    wires.dedup();
    let datacenters: std::collections::BTreeSet<_> =
        holders.iter().map(|host| hosts.at(*host).datacenter).collect();
    if datacenters.len() > 1 || wires.len() > 1 {
        planner.report(errors::vip_across(span, &cluster.name).about(Text::clone(&cluster.name)));
        return;
    }
    let owner: Text = format!("{} api", cluster.name).into();
    let group = Group {
        owner: &owner,
        hosts: holders.clone(),
        addresses: vec![cluster.api.endpoint.origin.of(address)],
        check: VipCheck::ApiServer,
        span,
    };
    let vrids = spread(planner, hosts, &group);
    if let Some(cluster) = clusters.get_mut(id) {
        cluster.api.vip = Some(address);
        cluster.api.vrid = vrids.first().copied();
    }
}

fn spread(planner: &mut Planner<'_>, hosts: &mut Items<Host, HostPlan>, group: &Group<'_>) -> Vec<u8> {
    let model = planner.model;
    let mut vrids = Vec::new();
    let n = group.hosts.len();
    for (v, address) in group.addresses.iter().enumerate() {
        let Some(first) = group.hosts.first() else { break };
        let datacenter = hosts.at(*first).datacenter;
        let zone = Text::clone(&model.datacenters.at(datacenter).head.name);
        let network = crate::hosts::network_of(&model.datacenters.at(datacenter).value, address.value);
        let Some(network) = network else {
            let span = place(address.origin, group.span);
            planner.report(errors::vip_outside(span, address.value, &zone).about(Text::clone(group.owner)));
            continue;
        };
        let known = planner.lock.to_mut().vrids.entry(zone).or_default();
        let text: Text = address.value.to_string().into();
        let free = || (FIRST_VRID..=u8::MAX).find(|vrid| !known.values().any(|taken| taken == vrid));
        let Some(vrid) = known.get(&text).copied().or_else(free) else { continue };
        known.insert(text, vrid);
        vrids.push(vrid);
        let addresses: Vec<IpAddr> = group.hosts.iter().map(|host| hosts.at(*host).address.value).collect();
        for (h, host) in group.hosts.iter().enumerate() {
            let priority = TOP_PRIORITY - (v % n + n - h) % n;
            let peers =
                addresses.iter().enumerate().filter(|(other, _)| *other != h).map(|(_, ip)| *ip).collect();
            if let Some(host) = hosts.get_mut(*host) {
                host.vips.push(VipPlan {
                    address: *address,
                    prefix: network.cidr.prefix(),
                    interface: Text::clone(&network.interface.value),
                    vrid,
                    priority: u8::try_from(priority).unwrap_or(1),
                    peers,
                    owner: Text::clone(group.owner),
                    check: group.check.clone(),
                });
            }
        }
    }
    vrids
}
