//! What a host is: its cards and networks, and what it is run with. Numbers of CPUs and memory are given
//! out in `carve`, pod ranges in `ranges`, routes in `routes`.

use std::net::IpAddr;

use platc_diag::Sourced;
use platc_model::generated::{Cluster, Datacenter, Host, Init, NetConfig, Network, Resolver, Role};
use platc_model::{Declared, Id, Items, Text};

use crate::cpus::CpuSet;
use crate::plan::{Amount, ClusterPlan, HostPlan, NicPlan, Reservation};
use crate::{Planner, errors, place, rules};

/// Decides what there is to each host.
pub(crate) fn decide(
    planner: &mut Planner<'_>,
    clusters: &Items<Cluster, ClusterPlan>,
) -> Items<Host, HostPlan> {
    let model = planner.model;
    let plans: Vec<HostPlan> =
        model.hosts.iter().map(|(id, host)| host_plan(planner, clusters, id, host)).collect();
    unique_addresses(planner, &plans);
    networks(planner);
    Items::new(plans)
}

fn host_plan(
    planner: &mut Planner<'_>,
    clusters: &Items<Cluster, ClusterPlan>,
    id: Id<Host>,
    host: &Declared<Host>,
) -> HostPlan {
    let model = planner.model;
    let site = model.sites.at(id);
    let span = host.head.span;
    let value = &host.value;
    let datacenter = model.datacenters.at(site.datacenter);
    let nics = cards(planner, host, site.datacenter);
    let main = nics.iter().find(|nic| nic.address.value == site.address);
    let address = main.map(|nic| nic.address).or(value.address);
    let role = |wanted: Role| value.roles.iter().any(|role| role.value == wanted);
    if role(Role::Outside) && value.roles.len() > 1 {
        planner.report(errors::roles(span, &host.head.name));
    }
    if site.cluster.is_some() {
        for (what, missing) in [("cpu", value.cpu.is_none()), ("memory", value.memory.is_none())] {
            if missing {
                planner.report(
                    errors::size_missing(span, &host.head.name, what).about(Text::clone(&host.head.name)),
                );
            }
        }
    }
    let (init, net_config) = (value.init, net_config(host));
    debug_assert!(site.cluster.is_none_or(|cluster| clusters.get(cluster).is_some()));
    HostPlan {
        name: Text::clone(&host.head.name),
        span,
        datacenter: site.datacenter,
        zone: Text::clone(&datacenter.head.name),
        region: datacenter.value.region.as_ref().map(|region| Text::clone(&region.value)),
        rack: site.rack.map(|rack| Text::clone(&model.racks.at(rack).head.name)),
        cluster: site.cluster,
        control_plane: role(Role::ControlPlane),
        worker: role(Role::Worker),
        address: address.unwrap_or_else(|| platc_diag::Origin::written(span).of(site.address)),
        interface: main.map_or_else(|| "eth0".into(), |nic| Text::clone(&nic.name)),
        gateway: main.and_then(|nic| nic.gateway),
        nics,
        nameservers: datacenter.value.nameservers.clone(),
        pods: None,
        pod_index: None,
        capacity: Amount {
            cpu: platc_model::scalar::Cpu::whole(value.cpu.map_or(0, |cpu| u64::try_from(*cpu).unwrap_or(0))),
            memory: value.memory.map_or(platc_model::scalar::Bytes::default(), |memory| memory.value),
        },
        reservation: Reservation { system_cpus: CpuSet::default(), ..Reservation::default() },
        allocatable: Amount::default(),
        carve_outs: Vec::new(),
        routes: Vec::new(),
        rules: Vec::new(),
        vips: Vec::new(),
        ports: Vec::new(),
        init,
        net_config,
        resolver: resolver(host, net_config),
        rootfs: value.rootfs,
    }
}

fn net_config(host: &Declared<Host>) -> Sourced<NetConfig> {
    host.value.net_config.unwrap_or_else(|| {
        let of_init = match host.value.init.value {
            Init::Systemd => NetConfig::Networkd,
            Init::Openrc => NetConfig::Openrc,
        };
        host.value.init.origin.decided_by(&rules::NET_CONFIG).of(of_init)
    })
}

fn resolver(host: &Declared<Host>, net_config: Sourced<NetConfig>) -> Sourced<Resolver> {
    host.value.resolver.unwrap_or_else(|| {
        let of_config = match net_config.value {
            NetConfig::Networkd | NetConfig::Netplan => Resolver::Resolved,
            NetConfig::Ifupdown | NetConfig::Openrc | NetConfig::Script => Resolver::File,
        };
        net_config.origin.decided_by(&rules::RESOLVER).of(of_config)
    })
}

/// The network of a datacenter that an address is in.
pub(crate) fn network_of(datacenter: &Datacenter, address: IpAddr) -> Option<&Network> {
    datacenter.network.iter().map(|network| &network.value).find(|network| network.cidr.contains(address))
}

/// A host's cards: those that it names, or the one that has its address.
fn cards(planner: &mut Planner<'_>, host: &Declared<Host>, datacenter: Id<Datacenter>) -> Vec<NicPlan> {
    let place_name = &planner.model.datacenters.at(datacenter).head.name;
    let networks = &planner.model.datacenters.at(datacenter).value;
    let mut cards = Vec::new();
    let named = host.value.nic.iter().map(|nic| (Some(Text::clone(&nic.name)), nic.mac, nic.address));
    let plain = host.value.address.map(|address| (None, None, address));
    for (name, mac, address) in named.chain(plain) {
        let Some(network) = network_of(networks, address.value) else {
            let span = place(address.origin, host.head.span);
            let problem = errors::address_outside(span, &host.head.name, address.value, place_name);
            planner.problems.push(problem.about(Text::clone(&host.head.name)));
            continue;
        };
        cards.push(NicPlan {
            name: name.unwrap_or_else(|| Text::clone(&network.interface.value)),
            mac,
            address,
            network: Text::clone(&network.name.value),
            range: network.cidr.value,
            gateway: network.gateway.map(|gateway| gateway.value),
            mtu: *network.mtu,
        });
    }
    cards
}

/// Each address and each card belongs to one machine.
fn unique_addresses(planner: &mut Planner<'_>, hosts: &[HostPlan]) {
    let mut addresses: Vec<(String, &HostPlan, platc_diag::Span)> = Vec::new();
    for host in hosts {
        for nic in &host.nics {
            let span = place(nic.address.origin, host.span);
            let mac = nic.mac.map(|mac| (mac.value.to_string(), place(mac.origin, host.span)));
            for (text, span) in std::iter::once((nic.address.value.to_string(), span)).chain(mac) {
                match addresses.iter().find(|(known, _, _)| *known == text) {
                    Some((_, other, first)) => {
                        planner.problems.push(errors::address_twice(span, &text, &other.name, *first));
                    }
                    None => addresses.push((text, host, span)),
                }
            }
        }
    }
}

/// A router is reached over the wire that it is on.
fn networks(planner: &mut Planner<'_>) {
    let model = planner.model;
    for datacenter in model.datacenters.values() {
        for network in &datacenter.value.network {
            if !network.cidr.is_ipv4() {
                let span = place(network.cidr.origin, datacenter.head.span);
                planner.report(errors::not_ipv4(span, "the network"));
            }
            if let Some(gateway) = network.gateway
                && !network.cidr.contains(gateway.value)
            {
                let span = place(gateway.origin, datacenter.head.span);
                planner.report(errors::gateway_outside(span, gateway.value, network.cidr.value));
            }
        }
    }
}
