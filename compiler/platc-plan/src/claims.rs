//! Ports: local ones of calls, which configs speak of and which never change; and those of hosts, which
//! only one can listen on.

use std::net::{IpAddr, Ipv4Addr};

use platc_diag::{Origin, Span};
use platc_model::generated::{ApiBalancer, Cluster, Datacenter, Host, Routing, ServiceProxy};
use platc_model::{CallDemand, CallPorts, Id, Items, Lock, Text};

use crate::plan::{
    API_BALANCER_HEALTH_PORT, APISERVER_PORT, BalancerPlan, ClusterPlan, HostPlan, NODE_CACHE_PORTS,
    PortClaim, Shape, Workload,
};
use crate::workloads::{SIDECAR_ADMIN_PORT, SIDECAR_PROBE_PORT};
use crate::{Planner, errors};

/// Local ports of calls are given out from here.
const FIRST_CALL_PORT: u16 = 8101;

/// Gives a local port to each call of each workload: the one that the lock has, else the lowest free one.
pub fn call_ports(demands: &[CallDemand], old: &Lock) -> CallPorts {
    // What is gone keeps its port: it may come back, and nothing else should be found there.
    let mut ports = old.ports.clone();
    for demand in demands {
        for call in &demand.calls {
            if ports.port(&demand.workload, call).is_some() {
                continue;
            }
            let free = (FIRST_CALL_PORT..u16::MAX).find(|port| {
                let taken =
                    demand.taken.contains(port) || [SIDECAR_ADMIN_PORT, SIDECAR_PROBE_PORT].contains(port);
                !taken && !ports.of(&demand.workload).any(|(_, own)| own == *port)
            });
            if let Some(port) = free {
                ports.insert(&demand.workload, call, port);
            }
        }
    }
    ports
}

/// Lists who listens where on each host, and finds what clashes.
pub(crate) fn check(
    planner: &mut Planner<'_>,
    clusters: &Items<Cluster, ClusterPlan>,
    hosts: &mut Items<Host, HostPlan>,
    workloads: &[Workload],
    balancers: &[BalancerPlan],
) {
    let ids: Vec<Id<Host>> = hosts.ids().collect();
    for id in ids {
        let Some(host) = hosts.get(id) else { continue };
        let mut claims = system(host, clusters);
        claims.extend(stateful(planner, host, id));
        let cluster = host.cluster.and_then(|cluster| clusters.get(cluster));
        for workload in cluster.into_iter().flat_map(|cluster| cluster.workloads_on(id, workloads)) {
            claims.extend(workload_claims(workload));
        }
        for balancer in balancers.iter().filter(|balancer| balancer.hosts.contains(&id)) {
            claims.push(claim(balancer.listen.value, None, &balancer.name, balancer.listen.origin));
        }
        conflicts(planner, host, &claims);
        if let Some(host) = hosts.get_mut(id) {
            host.ports = claims;
        }
    }
}

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn claim(port: u16, address: Option<IpAddr>, owner: &str, origin: Origin) -> PortClaim {
    PortClaim { port, udp: false, address, owner: owner.into(), origin }
}

/// What every host and every node listens on.
fn system(host: &HostPlan, clusters: &Items<Cluster, ClusterPlan>) -> Vec<PortClaim> {
    let none = Origin::NONE;
    let mut claims = vec![claim(22, None, "sshd", none)];
    let Some(cluster) = host.cluster.and_then(|id| clusters.get(id)) else { return claims };
    let own = Some(host.address.value);
    claims.push(claim(10248, Some(LOOPBACK), "kubelet", none));
    claims.push(claim(10250, None, "kubelet", none));
    if host.control_plane {
        claims.push(claim(APISERVER_PORT, None, "kube-apiserver", none));
        if cluster.etcd.is_none() {
            for (port, address) in [(2379, own), (2379, Some(LOOPBACK)), (2380, own), (2381, Some(LOOPBACK))]
            {
                claims.push(claim(port, address, "etcd", none));
            }
        }
        for (port, address, owner) in
            [(10257, Some(LOOPBACK), "kube-controller-manager"), (10259, Some(LOOPBACK), "kube-scheduler")]
        {
            claims.push(claim(port, address, owner, none));
        }
    }
    if cluster.api.balancer.value != ApiBalancer::Keepalived {
        let origin = cluster.api.endpoint.origin;
        claims.push(claim(cluster.api.endpoint.port, Some(LOOPBACK), "the API balancer", origin));
        claims.push(claim(API_BALANCER_HEALTH_PORT, Some(LOOPBACK), "the API balancer", none));
        claims.push(claim(443, Some(cluster.service_ip), "the API balancer", none));
    }
    if matches!(cluster.routing.value, Routing::FlannelHostGw | Routing::FlannelVxlan) {
        claims.push(claim(8087, Some(LOOPBACK), "flannel", none));
    }
    if cluster.service_proxy.value == ServiceProxy::KubeProxy {
        claims.push(claim(10249, Some(LOOPBACK), "kube-proxy", none));
        claims.push(claim(10256, None, "kube-proxy", none));
    }
    let on_dns = cluster.dns.addresses.contains(&host.address.value);
    if on_dns {
        claims.push(PortClaim { udp: true, ..claim(53, own, "CoreDNS", none) });
        for port in [53, 8180, 8181, 9153] {
            claims.push(claim(port, own, "CoreDNS", none));
        }
    }
    if let Some(cache) = &cluster.dns.node_local {
        let local = Some(cache.address.value);
        let origin = cache.address.origin;
        claims.push(PortClaim { udp: true, ..claim(53, local, "the DNS cache", origin) });
        claims.push(claim(53, local, "the DNS cache", origin));
        claims.push(claim(NODE_CACHE_PORTS.health, local, "the DNS cache", origin));
        for port in [NODE_CACHE_PORTS.metrics, NODE_CACHE_PORTS.setup_metrics] {
            claims.push(claim(port, own, "the DNS cache", origin));
        }
    }
    claims
}

fn stateful(planner: &Planner<'_>, host: &HostPlan, id: Id<Host>) -> Vec<PortClaim> {
    let at = |item: &platc_model::AtPlaces<platc_model::generated::Stateful, Datacenter>| -> Vec<PortClaim> {
        let Some(at) = item.at(host.datacenter) else { return Vec::new() };
        if !at.value.on.iter().any(|member| member.host.value == id) {
            return Vec::new();
        }
        let ports = at.value.port.iter();
        ports.map(|port| claim(port.port.value, None, &item.head.name, port.port.origin)).collect()
    };
    planner.model.statefuls.values().flat_map(at).collect()
}

/// What a workload listens on, on each host that it belongs on.
fn workload_claims(workload: &Workload) -> Vec<PortClaim> {
    match &workload.shape {
        Shape::Proxy(proxy) => {
            let each = proxy.listens.iter().flat_map(|listen| {
                let admin = claim(listen.admin_port, Some(LOOPBACK), &workload.name, listen.port.origin);
                [claim(listen.port.value, None, &workload.name, listen.port.origin), admin]
            });
            each.collect()
        }
        Shape::Daemon(daemon) if daemon.host_network.value => {
            let ports = workload.app.ports.iter();
            ports.map(|port| claim(port.number.value, None, &workload.name, port.number.origin)).collect()
        }
        _ => Vec::new(),
    }
}

/// The same port at the same address, or at all addresses, twice.
fn conflicts(planner: &mut Planner<'_>, host: &HostPlan, claims: &[PortClaim]) {
    for (at, second) in claims.iter().enumerate() {
        let clash = claims.iter().take(at).find(|first| {
            let addresses =
                first.address.is_none() || second.address.is_none() || first.address == second.address;
            first.port == second.port && first.udp == second.udp && addresses
        });
        let Some(first) = clash else { continue };
        let (who, other) = if second.origin.is_known() { (second, first) } else { (first, second) };
        let span: Option<Span> = who.origin.span();
        let rival = (who.owner != other.owner).then(|| shown(&other.owner, other.origin));
        let problem = errors::port_conflict(
            span.unwrap_or(host.span),
            &host.name,
            who.port,
            &who.owner,
            rival.as_deref(),
            other.origin.span(),
        );
        // The same two on each of many hosts are one mistake.
        let known =
            |known: &platc_diag::Diagnostic| known.span() == problem.span() && known.code() == problem.code();
        if !planner.problems.iter().any(known) {
            planner.report(problem.about(Text::clone(&who.owner)));
        }
    }
}

fn shown(owner: &str, origin: Origin) -> String {
    if origin.is_known() { format!("`{owner}`") } else { owner.to_owned() }
}
