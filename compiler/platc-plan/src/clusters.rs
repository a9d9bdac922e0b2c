//! What a cluster is made of: versions, nodes, where its API server is found, DNS, images.

use std::net::{IpAddr, Ipv4Addr};

use platc_diag::{Origin, Sourced, Span};
use platc_kube::Minor;
use platc_kube::facts::{facts, supported, takes_containerd};
use platc_model::generated::{ApiBalancer, Cluster, ControlPlane, On, Role, Routing, ServiceProxy};
use platc_model::scalar::{Bytes, Cpu, Duration, HostPort, Image, Version};
use platc_model::{Declared, Id, Items, Text};

use crate::plan::{
    APISERVER_PORT, ApiPlan, ClusterPlan, DnsPlan, EtcdPlan, NodeCachePlan, StaticPodPlan, SystemImages,
};
use crate::{Planner, errors, etcd, place, rules};

/// Port of the balancer before the API servers, on each host. Not 6443: API servers have that, on all
/// addresses of their hosts.
const API_BALANCER_PORT: u16 = 7443;
/// How long cluster DNS lets its answers be kept. kubeadm's 30 s would be the time that a gone pod is
/// still called.
const DNS_TTL: Duration = Duration::seconds(5);
/// Where the DNS cache of a node listens, on every node: the address that its authors use.
const NODE_CACHE_ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 20, 10));
/// Kubelets and resolvers use no more nameservers than this (resolv.conf(5), MAXNS).
const NAMESERVERS_MAX: usize = 3;

/// Decides what there is to a cluster, before its hosts are looked at.
pub(crate) fn decide(planner: &mut Planner<'_>) -> Items<Cluster, ClusterPlan> {
    let model = planner.model;
    let plans = model.clusters.iter().map(|(id, cluster)| cluster_plan(planner, id, cluster)).collect();
    Items::new(plans)
}

fn cluster_plan(planner: &mut Planner<'_>, id: Id<Cluster>, cluster: &Declared<Cluster>) -> ClusterPlan {
    let model = planner.model;
    let span = cluster.head.span;
    let value = &cluster.value;
    let nodes: Vec<_> =
        model.sites.iter().filter(|(_, site)| site.cluster == Some(id)).map(|(host, _)| host).collect();
    let has_role = |host, role: Role| model.hosts.at(host).value.roles.iter().any(|own| own.value == role);
    let control_plane: Vec<_> =
        nodes.iter().copied().filter(|host| has_role(*host, Role::ControlPlane)).collect();
    match control_plane.len() {
        0 => planner.report(errors::no_control_plane(span, &cluster.head.name)),
        1 => planner.report(errors::no_ha(span, &cluster.head.name)),
        3 | 5 => {}
        _ if value.etcd.is_some() => {}
        n => planner.report(
            errors::even_control_plane(span, &cluster.head.name, n).about(Text::clone(&cluster.head.name)),
        ),
    }
    let version = version(planner, cluster);
    let containerd = containerd(planner, version);
    let pods = value.pods.range;
    let services = value.services;
    for (range, what) in [(pods, "the pod range"), (services, "the range of Services")] {
        if !range.is_ipv4() {
            planner.report(errors::not_ipv4(place(range.origin, span), what));
        }
    }
    let service_proxy = service_proxy(planner, cluster);
    let platform = model.platforms.values().next();
    let envoy = platform.map_or_else(
        || Origin::decided(&rules::SYSTEM_IMAGE, span).of(Version { major: 1, minor: 38, patch: Some(0) }),
        |platform| platform.value.envoy,
    );
    let dns = dns(planner, cluster, &nodes, &control_plane);
    let etcd = etcd::decide(planner, cluster);
    ClusterPlan {
        name: Text::clone(&cluster.head.name),
        span,
        version,
        containerd,
        envoy,
        datacenters: value.in_.iter().map(|dc| dc.value).collect(),
        api: api(cluster),
        service_ip: services.host(1).unwrap_or(services.first()),
        pods,
        per_host: u8::try_from(*value.pods.per_host).unwrap_or(24),
        services,
        routing: value.routing,
        service_proxy,
        dns,
        max_pods: value.max_pods,
        control_plane_requests: control_plane_requests(&value.control_plane, etcd.as_ref(), span),
        etcd,
        on_hosts: Vec::new(),
        grace_s: None,
        images: images(planner, version, envoy, span),
        nodes,
        control_plane,
    }
}

fn version(planner: &mut Planner<'_>, cluster: &Declared<Cluster>) -> Sourced<Version> {
    let platform = planner.model.platforms.values().next();
    let span = cluster.head.span;
    let said = cluster.value.kubernetes.or_else(|| platform.map(|platform| platform.value.kubernetes));
    let Some(version) = said else {
        return Origin::written(span).of(Version { major: 1, minor: 0, patch: None });
    };
    let at = place(version.origin, span);
    if facts(minor(version.value)).is_none() || version.major != 1 {
        let known: Vec<String> = supported().map(|minor| minor.to_string()).collect();
        let (oldest, newest) =
            (known.first().map_or("", String::as_str), known.last().map_or("", String::as_str));
        planner.report(errors::unsupported_version(at, version.value, oldest, newest));
    } else if version.patch.is_none() {
        planner.report(errors::patch_missing(at, version.value));
    }
    version
}

/// The minor of a version, as the tables of Kubernetes call it.
pub fn minor(version: Version) -> Minor {
    Minor::new(u8::try_from(version.minor).unwrap_or(0))
}

fn containerd(planner: &mut Planner<'_>, kubernetes: Sourced<Version>) -> Sourced<Version> {
    let lines = facts(minor(kubernetes.value)).map_or(&[][..], |facts| facts.containerd);
    let said = planner.model.platforms.values().next().and_then(|platform| platform.value.containerd);
    if let Some(said) = said {
        let text = said.value.to_string();
        let full = if said.patch.is_some() { text } else { format!("{text}.0") };
        if takes_containerd(minor(kubernetes.value), &full) == Some(false) {
            let span = place(said.origin, place(kubernetes.origin, Span::start_of(platc_diag::FileId(0))));
            planner.report(errors::containerd_does_not_fit(
                span,
                said.value,
                kubernetes.value,
                &lines.join(", "),
            ));
        }
        return said;
    }
    let newest = lines.first().and_then(|line| Version::parse(line).ok());
    let newest = newest.unwrap_or(Version { major: 2, minor: 2, patch: Some(0) });
    kubernetes.origin.decided_by(&rules::NEWEST_CONTAINERD).of(newest)
}

fn service_proxy(planner: &mut Planner<'_>, cluster: &Declared<Cluster>) -> Sourced<ServiceProxy> {
    let routing = cluster.value.routing;
    let cilium = routing.value == Routing::Cilium;
    match cluster.value.service_proxy {
        Some(said) => {
            if cilium != (said.value == ServiceProxy::Cilium) {
                planner.report(errors::proxy_of_cilium(place(said.origin, cluster.head.span)));
            }
            said
        }
        None => {
            let proxy = if cilium { ServiceProxy::Cilium } else { ServiceProxy::None };
            routing.origin.decided_by(&rules::SERVICE_PROXY).of(proxy)
        }
    }
}

fn api(cluster: &Declared<Cluster>) -> ApiPlan {
    let api = &cluster.value.api;
    let endpoint = api.endpoint.clone().unwrap_or_else(|| {
        let port =
            if api.balancer.value == ApiBalancer::Keepalived { APISERVER_PORT } else { API_BALANCER_PORT };
        let host = format!("api.{}.internal", cluster.head.name);
        Origin::decided(&rules::API_ENDPOINT, cluster.head.span)
            .of(HostPort { host: Some(host.into()), port })
    });
    ApiPlan { endpoint, balancer: api.balancer, vip: None, vrid: None }
}

fn dns(
    planner: &mut Planner<'_>,
    cluster: &Declared<Cluster>,
    nodes: &[Id<platc_model::generated::Host>],
    control_plane: &[Id<platc_model::generated::Host>],
) -> DnsPlan {
    let model = planner.model;
    let dns = &cluster.value.dns;
    let mut hosts = Vec::new();
    for on in &dns.on {
        let chosen: Vec<_> = match on.value {
            On::ControlPlane => control_plane.to_vec(),
            On::Worker => nodes.iter().copied().filter(|host| !control_plane.contains(host)).collect(),
            On::Host(host) => nodes.iter().copied().filter(|node| *node == host).collect(),
        };
        for host in chosen {
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
    }
    hosts.sort_unstable();
    hosts.truncate(NAMESERVERS_MAX);
    let addresses: Vec<_> = hosts.iter().map(|host| model.sites.at(*host).address).collect();
    let mut upstream: Vec<Sourced<IpAddr>> = Vec::new();
    for dc in &cluster.value.in_ {
        for server in &model.datacenters.at(dc.value).value.nameservers {
            let known = upstream.iter().any(|known| known.value == server.value);
            if !known && !addresses.contains(&server.value) && !server.is_loopback() {
                upstream.push(*server);
            }
        }
    }
    if upstream.is_empty() {
        planner.report(errors::no_upstream_dns(cluster.head.span, &cluster.head.name));
    }
    let node_local = dns.node_local.value.then(|| NodeCachePlan {
        address: dns.node_local.origin.decided_by(&rules::NODE_CACHE).of(NODE_CACHE_ADDRESS),
    });
    let mut resolvers: Vec<_> = node_local.iter().map(|cache| cache.address.value).collect();
    resolvers.extend(&addresses);
    resolvers.truncate(NAMESERVERS_MAX);
    DnsPlan { hosts, addresses, resolvers, domain: dns.domain.clone(), upstream, node_local, ttl: DNS_TTL }
}

/// kubeadm's CPU requests, in thousandths, and etcd's memory; the others have no memory request, and the
/// scheduler then believes that the memory is free.
fn control_plane_requests(
    said: &ControlPlane,
    elsewhere: Option<&EtcdPlan>,
    span: Span,
) -> Vec<StaticPodPlan> {
    let parts = [
        ("kube-apiserver", &said.apiserver, 250, None),
        ("kube-controller-manager", &said.controller_manager, 200, None),
        ("kube-scheduler", &said.scheduler, 100, None),
        ("etcd", &said.etcd, 100, Some(Bytes::mib(100))),
    ];
    let plan = |(name, part, milli, memory): (
        &'static str,
        &Sourced<platc_model::generated::Component>,
        u64,
        Option<Bytes>,
    )| {
        let default = Origin::decided(&rules::KUBEADM, span);
        StaticPodPlan {
            name,
            cpu: part.cpu.unwrap_or_else(|| default.of(Cpu::milli(milli))),
            memory: part.memory.or_else(|| memory.map(|memory| default.of(memory))),
            patched: part.cpu.is_some() || part.memory.is_some(),
        }
    };
    let is_here = |(name, ..): &(&str, _, _, _)| elsewhere.is_none() || *name != "etcd";
    parts.into_iter().filter(is_here).map(plan).collect()
}

fn images(
    planner: &mut Planner<'_>,
    version: Sourced<Version>,
    envoy: Sourced<Version>,
    span: Span,
) -> SystemImages {
    let facts = facts(minor(version.value));
    let coredns = facts.and_then(|facts| facts.coredns).unwrap_or("1.14.2");
    let pause = facts.and_then(|facts| facts.pause).unwrap_or("3.10.2");
    let envoy_version = match envoy.patch {
        Some(_) => envoy.value.to_string(),
        None => format!("{}.0", envoy.value),
    };
    let image = |text: &str, because: Origin| -> Sourced<Image> {
        let parsed = Image::parse(text);
        let plain = parsed.unwrap_or_else(|_| unreachable!("`{text}` is written by platc itself"));
        let origin = if because.is_known() { because } else { Origin::written(span) };
        pinned(planner, origin.decided_by(&rules::SYSTEM_IMAGE).of(plain))
    };
    SystemImages {
        coredns: image(&format!("registry.k8s.io/coredns/coredns:v{coredns}"), version.origin),
        pause: image(&format!("registry.k8s.io/pause:{pause}"), version.origin),
        flannel: image("ghcr.io/flannel-io/flannel:v0.28.9", version.origin),
        flannel_cni: image("ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3", version.origin),
        haproxy: image("docker.io/library/haproxy:3.2.4", version.origin),
        envoy_sidecar: image(
            &format!("docker.io/envoyproxy/envoy:distroless-v{envoy_version}"),
            envoy.origin,
        ),
        envoy_proxy: image(&format!("docker.io/envoyproxy/envoy:v{envoy_version}"), envoy.origin),
        node_cache: image("registry.k8s.io/dns/k8s-dns-node-cache:1.26.4", version.origin),
    }
}

/// An image at the digest that the lock has for its tag, if it names none itself.
pub(crate) fn pinned(planner: &Planner<'_>, image: Sourced<Image>) -> Sourced<Image> {
    if image.digest.is_some() {
        return image;
    }
    match planner.lock.images.get(image.value.to_string().as_str()) {
        Some(digest) => image.origin.decided_by(&rules::LOCKED_DIGEST).of(image.value.pinned(digest.clone())),
        None => image,
    }
}
