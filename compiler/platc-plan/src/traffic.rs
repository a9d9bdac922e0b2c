//! Who calls whom: each call and route is led to what listens, with its timeouts and tries.
//!
//! Start with [`call`] and [`proxy`].

use std::collections::BTreeMap;

use platc_diag::{Origin, Sourced, Span};
use platc_model::generated::{Call, Cluster, Datacenter, Host, Protocol, Proxy, RetryOn, Route, Service};
use platc_model::scalar::Duration;
use platc_model::{Id, Items, Text};

use crate::plan::{
    BalancerPlan, BalancerRoutePlan, CallPlan, ClusterPlan, HostPlan, ListenPlan, ProxyPlan, RoutePlan,
    ServerPlan, Shape, TargetPlan, VirtualHostPlan, Workload,
};
use crate::workloads::{At, call_name, namespace};
use crate::{Planner, errors, place, rules};

/// Envoy waits between tries, at first at most this long (fully jittered).
pub const BACKOFF_BASE: Duration = Duration::millis(25);
/// And never longer than this.
pub const BACKOFF_MAX: Duration = Duration::millis(100);
/// Admin interfaces of proxies are given ports from here.
const FIRST_PROXY_ADMIN_PORT: u16 = 9911;
/// Path on which a proxy says whether it takes traffic.
pub const PROXY_HEALTH_PATH: &str = "/_edge/healthz";

/// Where each service answers.
pub(crate) struct Directory {
    services: BTreeMap<(Id<Service>, Id<Cluster>), Entry>,
}

struct Entry {
    namespace: Text,
    ports: Vec<(Text, u16, Protocol)>,
    replicas: u32,
    /// Path and port of the readiness probe, if it is an HTTP one.
    health: Option<(Text, Option<Text>)>,
}

impl Directory {
    pub(crate) fn new(planner: &Planner<'_>, clusters: &Items<Cluster, ClusterPlan>) -> Self {
        let mut services = BTreeMap::new();
        for (id, item) in planner.model.services.iter() {
            for at in item.at.iter().filter(|at| clusters.get(at.place).is_some()) {
                let value = &at.value;
                let ports = value.port.iter();
                let readiness = value.probes.readiness.as_ref();
                let health = readiness.and_then(|probe| {
                    let path = probe.http.as_ref()?;
                    Some((Text::clone(&path.value), probe.port.as_ref().map(|port| Text::clone(&port.value))))
                });
                let entry = Entry {
                    namespace: namespace(planner, &value.placed, item.head.span).value,
                    ports: ports
                        .map(|port| (Text::clone(&port.name.value), *port.port, *port.protocol))
                        .collect(),
                    replicas: u32::try_from(*value.replicas).unwrap_or(0),
                    health,
                };
                services.insert((id, at.place), entry);
            }
        }
        Self { services }
    }

    fn places(&self, service: Id<Service>) -> Vec<Id<Cluster>> {
        self.services.keys().filter(|(own, _)| *own == service).map(|(_, place)| *place).collect()
    }
}

/// What a call and a route say alike.
struct Said<'m> {
    name: Text,
    to: Sourced<Id<Service>>,
    port: Option<&'m Sourced<Text>>,
    cluster: Option<Sourced<Id<Cluster>>>,
    timeout: Sourced<Duration>,
    retries: Sourced<i64>,
    per_try: Option<Sourced<Duration>>,
    retry_on: Sourced<RetryOn>,
    origin: Origin,
}

/// A call through a sidecar.
pub(crate) fn call(
    planner: &mut Planner<'_>,
    directory: &Directory,
    at: &At<'_>,
    call: &Sourced<Call>,
) -> Option<CallPlan> {
    let name = call_name(planner, call);
    let local_port = planner.lock.ports.port(&at.head.name, &name);
    let said = Said {
        name,
        to: call.to,
        port: call.port.as_ref(),
        cluster: call.in_,
        timeout: call.timeout,
        retries: call.retries,
        per_try: call.per_try,
        retry_on: call.retry_on,
        origin: call.origin,
    };
    let plan = lead(planner, directory, at, &said)?;
    Some(CallPlan { local_port, ..plan })
}

fn lead(planner: &mut Planner<'_>, directory: &Directory, at: &At<'_>, said: &Said<'_>) -> Option<CallPlan> {
    let span = place(said.origin, at.head.span);
    let target = target(planner, directory, at, said, span)?;
    let per_try = per_try(planner, said, span);
    Some(CallPlan {
        name: Text::clone(&said.name),
        local_port: None,
        target,
        timeout: said.timeout,
        per_try,
        retries: said.retries,
        retry_on: said.retry_on,
        origin: said.origin,
    })
}

fn target(
    planner: &mut Planner<'_>,
    directory: &Directory,
    at: &At<'_>,
    said: &Said<'_>,
    span: Span,
) -> Option<TargetPlan> {
    let model = planner.model;
    let name = Text::clone(&model.services.at(said.to.value).head.name);
    let about = Text::clone(&at.head.name);
    let cluster = said.cluster.map_or(at.cluster, |cluster| cluster.value);
    let Some(entry) = directory.services.get(&(said.to.value, cluster)) else {
        let places = directory.places(said.to.value);
        let names: Vec<&str> = places.iter().map(|place| &*model.clusters.at(*place).head.name).collect();
        let wanted = &model.clusters.at(cluster).head.name;
        let at = place(said.cluster.map_or(said.to.origin, |cluster| cluster.origin), span);
        planner.report(errors::not_at_cluster(at, &name, wanted, &names).about(about));
        return None;
    };
    let names: Vec<&str> = entry.ports.iter().map(|(name, ..)| &**name).collect();
    let found = match (said.port, entry.ports.as_slice()) {
        (Some(port), ports) => match ports.iter().find(|(own, ..)| *own == port.value) {
            Some(found) => found,
            None => {
                planner.report(
                    errors::unknown_port(place(port.origin, span), &name, &port.value, &names).about(about),
                );
                return None;
            }
        },
        (None, [only]) => only,
        (None, []) => {
            planner.report(errors::no_port(place(said.to.origin, span), &name).about(about));
            return None;
        }
        (None, _) => {
            planner.report(errors::which_port(place(said.to.origin, span), &name, &names).about(about));
            return None;
        }
    };
    let (port_name, port, protocol) = found;
    let health_path = entry.health.as_ref().filter(|(_, asked)| match asked {
        Some(asked) => asked == port_name,
        None => entry.ports.len() == 1 || **port_name == *"http",
    });
    let domain = &model.clusters.at(cluster).value.dns.domain;
    Some(TargetPlan {
        dns_name: format!("{name}.{}.svc.{}.", entry.namespace, domain.trim_end_matches('.')).into(),
        service: name,
        namespace: Text::clone(&entry.namespace),
        cluster,
        port: *port,
        protocol: *protocol,
        replicas: entry.replicas,
        health_path: health_path.map(|(path, _)| Text::clone(path)),
    })
}

/// The longest that Envoy may wait before the `k`-th retry, `k` from 1.
fn backoff(k: u32) -> u64 {
    let factor = 1_u64.checked_shl(k).unwrap_or(u64::MAX).saturating_sub(1);
    BACKOFF_BASE.as_micros().saturating_mul(factor).min(BACKOFF_MAX.as_micros())
}

/// All waits between tries together.
pub fn backoffs(retries: u32) -> Duration {
    Duration::micros((1..=retries).map(backoff).sum())
}

/// What one try may take: what is said, if all tries and waits fit into the timeout; else its share.
fn per_try(planner: &mut Planner<'_>, said: &Said<'_>, span: Span) -> Sourced<Duration> {
    let retries = u32::try_from(said.retries.value).unwrap_or(0);
    let waits = backoffs(retries).as_micros();
    let tries = u64::from(retries) + 1;
    let timeout = said.timeout.as_micros();
    if let Some(per_try) = said.per_try {
        let needed = per_try.as_micros().saturating_mul(tries).saturating_add(waits);
        if needed > timeout {
            let at = place(said.timeout.origin, span);
            let needed = Duration::micros(needed).to_string();
            let n = i64::from(retries) + 1;
            planner.report(errors::timeout_too_short(at, &said.timeout.value.to_string(), &needed, n));
        }
        return per_try;
    }
    // Whole milliseconds: nobody wants to read anything finer.
    let share = timeout.saturating_sub(waits) / tries / 1000 * 1000;
    if share == 0 {
        let at = place(said.timeout.origin, span);
        let needed = Duration::micros(waits + tries * 1000).to_string();
        planner.report(errors::timeout_too_short(
            at,
            &said.timeout.value.to_string(),
            &needed,
            i64::from(retries) + 1,
        ));
    }
    said.timeout.origin.decided_by(&rules::PER_TRY).of(Duration::micros(share))
}

/// What is particular to a proxy.
pub(crate) fn proxy(
    planner: &mut Planner<'_>,
    directory: &Directory,
    at: &At<'_>,
    proxy: &Proxy,
    hosts: Vec<Id<Host>>,
) -> ProxyPlan {
    let mut virtual_hosts = Vec::new();
    for domain in &proxy.domain {
        let routes = routes(planner, directory, at, &domain.route);
        virtual_hosts.push(VirtualHostPlan { domain: Some(domain.name.clone()), routes });
    }
    if !proxy.route.is_empty() {
        let routes = routes(planner, directory, at, &proxy.route);
        virtual_hosts.push(VirtualHostPlan { domain: None, routes });
    }
    let listens = proxy.listen.iter().zip(FIRST_PROXY_ADMIN_PORT..).map(|(listen, free)| ListenPlan {
        port: listen.port,
        admin_port: listen.admin.map_or(free, |admin| admin.value),
        tls: listen
            .tls
            .as_ref()
            .map(|tls| tls.origin.of(Text::clone(&planner.model.secrets.at(tls.value).head.name))),
    });
    let listens = listens.collect();
    ProxyPlan {
        on_control_plane: hosts == at.cluster_plan.control_plane,
        hosts,
        listens,
        virtual_hosts,
        max_connections: proxy.max_connections,
        health_path: PROXY_HEALTH_PATH,
    }
}

/// Routes, the longest path first: Envoy takes the first that fits.
fn routes(
    planner: &mut Planner<'_>,
    directory: &Directory,
    at: &At<'_>,
    said: &[Sourced<Route>],
) -> Vec<RoutePlan> {
    let mut plans = Vec::new();
    for route in said {
        let target = Text::clone(&planner.model.services.at(route.to.value).head.name);
        let one = Said {
            name: target,
            to: route.to,
            port: route.port.as_ref(),
            cluster: route.in_,
            timeout: route.timeout,
            retries: route.retries,
            per_try: route.per_try,
            retry_on: route.retry_on,
            origin: route.origin,
        };
        if let Some(call) = lead(planner, directory, at, &one) {
            plans.push(RoutePlan { path: route.path.clone(), call });
        }
    }
    plans.sort_by(|a, b| b.path.len().cmp(&a.path.len()).then_with(|| a.path.value.cmp(&b.path.value)));
    plans
}

/// Balancers on machines outside: to the proxies of their own datacenter, and to others when none answers.
pub(crate) fn balancers(
    planner: &mut Planner<'_>,
    hosts: &Items<Host, HostPlan>,
    workloads: &[Workload],
) -> Vec<BalancerPlan> {
    let model = planner.model;
    let mut plans = Vec::new();
    for item in model.balancers.values() {
        let value = &item.value;
        let mut machines: Vec<Id<Host>> = value.on.iter().map(|host| host.value).collect();
        machines.sort_unstable();
        machines.dedup();
        let Some(first) = machines.first() else { continue };
        let datacenter = hosts.at(*first).datacenter;
        if machines.iter().any(|host| hosts.at(*host).datacenter != datacenter) {
            planner.report(
                errors::balancer_across(item.head.span, &item.head.name).about(Text::clone(&item.head.name)),
            );
        }
        let mut routes = Vec::new();
        for route in &value.route {
            let name = &model.proxies.at(route.to.value).head.name;
            let backup = route.backup.map(|cluster| cluster.value);
            let servers = servers(workloads, hosts, name, datacenter, backup);
            let span = place(route.origin, item.head.span);
            if !servers.iter().any(|(_, server)| !server.backup) {
                let dc = &model.datacenters.at(datacenter).head.name;
                planner.report(
                    errors::balancer_without_proxy(span, name, dc).about(Text::clone(&item.head.name)),
                );
            }
            let Some((port, _)) = servers.first() else { continue };
            routes.push(BalancerRoutePlan {
                path: route.path.clone(),
                proxy: Text::clone(name),
                port: *port,
                servers: servers.iter().map(|(_, server)| server.clone()).collect(),
                timeout: route.timeout,
                retries: route.retries,
            });
        }
        routes.sort_by(|a, b| b.path.len().cmp(&a.path.len()).then_with(|| a.path.value.cmp(&b.path.value)));
        plans.push(BalancerPlan {
            name: Text::clone(&item.head.name),
            span: item.head.span,
            hosts: machines,
            datacenter,
            software: value.software,
            listen: value.listen,
            routes,
        });
    }
    plans
}

/// Hosts of a proxy: those in the datacenter, then those of the cluster that stands in, each by name.
fn servers(
    workloads: &[Workload],
    hosts: &Items<Host, HostPlan>,
    name: &Text,
    datacenter: Id<Datacenter>,
    backup: Option<Id<Cluster>>,
) -> Vec<(u16, ServerPlan)> {
    let mut servers = Vec::new();
    for workload in workloads.iter().filter(|workload| workload.name == *name) {
        let Shape::Proxy(proxy) = &workload.shape else { continue };
        let Some(listen) = proxy.listens.first() else { continue };
        for host in &proxy.hosts {
            let host = hosts.at(*host);
            let stands_in = host.datacenter != datacenter;
            if stands_in && backup != Some(workload.cluster) {
                continue;
            }
            let server =
                ServerPlan { name: Text::clone(&host.name), address: host.address.value, backup: stands_in };
            servers.push((listen.port.value, server));
        }
    }
    servers.sort_by(|(_, a), (_, b)| (a.backup, &a.name).cmp(&(b.backup, &b.name)));
    servers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_between_tries_grow_up_to_their_limit() {
        let millis = |retries| backoffs(retries).as_micros() / 1000;
        assert_eq!(millis(0), 0);
        assert_eq!(millis(1), 25);
        assert_eq!(millis(2), 25 + 75);
        assert_eq!(millis(4), 25 + 75 + 100 + 100);
    }
}
