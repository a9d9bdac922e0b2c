//! Balancers on machines outside: to the proxies of their own datacenter, and to others when none answers.
//!
//! Start with [`balancers`].

use platc_diag::Sourced;
use platc_model::generated::{Balancer, BalancerRoute, Cluster, Datacenter, Host, Software};
use platc_model::{Declared, Id, Items, Text};

use crate::plan::{BalancerPlan, BalancerRoutePlan, HostPlan, ProxyPlan, ServerPlan, Shape, Workload};
use crate::{Planner, errors, place, rules};

/// Admin interfaces of Envoys that balance are given ports from here.
const FIRST_ADMIN_PORT: u16 = 9911;

/// Decides all balancers.
pub(crate) fn balancers(
    planner: &mut Planner<'_>,
    hosts: &Items<Host, HostPlan>,
    workloads: &[Workload],
) -> Vec<BalancerPlan> {
    let model = planner.model;
    let mut plans = Vec::new();
    let mut admin_ports = FIRST_ADMIN_PORT..;
    for item in model.balancers.values() {
        let mut machines: Vec<Id<Host>> = item.value.on.iter().map(|host| host.value).collect();
        machines.sort_unstable();
        machines.dedup();
        let Some(first) = machines.first() else { continue };
        let datacenter = hosts.at(*first).datacenter;
        if machines.iter().any(|host| hosts.at(*host).datacenter != datacenter) {
            planner.report(
                errors::balancer_across(item.head.span, &item.head.name).about(Text::clone(&item.head.name)),
            );
        }
        let routes = item.value.route.iter();
        let mut routes: Vec<BalancerRoutePlan> = routes
            .filter_map(|route| {
                route_plan(planner, hosts, workloads, item, route, datacenter, machines.len())
            })
            .collect();
        routes.sort_by(|a, b| b.path.len().cmp(&a.path.len()).then_with(|| a.path.value.cmp(&b.path.value)));
        let admin_port = if item.value.software.value == Software::Envoy { admin_ports.next() } else { None };
        plans.push(BalancerPlan {
            name: Text::clone(&item.head.name),
            span: item.head.span,
            hosts: machines,
            datacenter,
            software: item.value.software,
            listen: item.value.listen,
            vips: item.value.vips.clone().unwrap_or_default(),
            admin_port,
            routes,
        });
    }
    plans
}

/// A server, with the port and the connections of the proxy on it.
struct Server {
    plan: ServerPlan,
    port: u16,
    connections: Sourced<i64>,
}

fn route_plan(
    planner: &mut Planner<'_>,
    hosts: &Items<Host, HostPlan>,
    workloads: &[Workload],
    item: &Declared<Balancer>,
    route: &Sourced<BalancerRoute>,
    datacenter: Id<Datacenter>,
    n_machines: usize,
) -> Option<BalancerRoutePlan> {
    let model = planner.model;
    let name = &model.proxies.at(route.to.value).head.name;
    let span = place(route.origin, item.head.span);
    let about = || Text::clone(&item.head.name);
    let at = place(route.to.origin, span);
    let proxies = proxies(workloads, name);
    if proxies.iter().any(|(_, proxy)| plain_port(proxy).is_none()) {
        planner.report(errors::only_tls(at, name).about(about()));
        return None;
    }
    let servers = servers(&proxies, hosts, datacenter, route.backup.map(|cluster| cluster.value));
    if !servers.iter().any(|server| !server.plan.backup) {
        let dc = &model.datacenters.at(datacenter).head.name;
        planner.report(errors::balancer_without_proxy(span, name, dc).about(about()));
    }
    let first = servers.first()?;
    let least =
        servers.iter().map(|server| server.connections).min_by_key(|connections| connections.value)?;
    let share =
        u32::try_from(least.value).unwrap_or(u32::MAX) / u32::try_from(n_machines).unwrap_or(1).max(1);
    if let Some(other) = servers.iter().find(|server| server.port != first.port) {
        planner.report(errors::ports_differ(at, name, first.port, other.port).about(about()));
    }
    Some(BalancerRoutePlan {
        path: route.path.clone(),
        proxy: Text::clone(name),
        port: first.port,
        health_path: super::PROXY_HEALTH_PATH,
        connections: least.origin.decided_by(&rules::BALANCER_SHARE).of(share.max(1)),
        servers: servers.into_iter().map(|server| server.plan).collect(),
        timeout: route.timeout,
        retries: route.retries,
        origin: route.origin,
    })
}

fn proxies<'w>(workloads: &'w [Workload], name: &Text) -> Vec<(Id<Cluster>, &'w ProxyPlan)> {
    let of = |workload: &'w Workload| match &workload.shape {
        Shape::Proxy(proxy) if workload.name == *name => Some((workload.cluster, proxy)),
        _ => None,
    };
    workloads.iter().filter_map(of).collect()
}

/// The port on which a proxy takes requests that are not encrypted: a balancer reads and adds headers.
fn plain_port(proxy: &ProxyPlan) -> Option<u16> {
    proxy.listens.iter().find(|listen| listen.tls.is_none()).map(|listen| listen.port.value)
}

/// Hosts of a proxy: those in the datacenter, then those of the cluster that stands in, each by name.
fn servers(
    proxies: &[(Id<Cluster>, &ProxyPlan)],
    hosts: &Items<Host, HostPlan>,
    datacenter: Id<Datacenter>,
    backup: Option<Id<Cluster>>,
) -> Vec<Server> {
    let mut servers = Vec::new();
    for (cluster, proxy) in proxies {
        let Some(port) = plain_port(proxy) else { continue };
        for host in &proxy.hosts {
            let host = &hosts.at(*host);
            let stands_in = host.datacenter != datacenter;
            if stands_in && backup != Some(*cluster) {
                continue;
            }
            let plan = ServerPlan {
                name: Text::clone(&host.name),
                address: host.address.value,
                cluster: *cluster,
                backup: stands_in,
            };
            servers.push(Server { plan, port, connections: proxy.max_connections });
        }
    }
    servers.sort_by(|a, b| (a.plan.backup, &a.plan.name).cmp(&(b.plan.backup, &b.plan.name)));
    servers
}
