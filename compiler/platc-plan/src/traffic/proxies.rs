//! The way in: what a proxy listens on, which names and paths it answers, and by whom.
//!
//! Start with [`proxy`].

use platc_diag::{Origin, Sourced};
use platc_model::generated::{Host, Protocol, Proxy, Route, SecretKind};
use platc_model::scalar::{Bytes, Duration};
use platc_model::{Id, Text};

use super::upstreams::{Side, Upstreams, heap};
use super::{IDLE_MARGIN, PROXY_HEALTH_PATH, Said, lead};
use crate::plan::{ListenPlan, ProxyPlan, RoutePlan, VirtualHostPlan};
use crate::workloads::At;
use crate::{Planner, errors, place, rules};

/// Admin interfaces of proxies are given ports from here.
const FIRST_ADMIN_PORT: u16 = 9911;
/// A client may take so long to send a request, however short its route's timeout is: it may be far away.
const REQUEST_TIMEOUT: Duration = Duration::seconds(30);
/// And nothing may move for so long.
const IDLE_TIMEOUT: Duration = Duration::seconds(60);

/// What is particular to a proxy.
pub(crate) fn proxy(
    planner: &mut Planner<'_>,
    at: &At<'_>,
    proxy: &Proxy,
    hosts: Vec<Id<Host>>,
    memory: Sourced<Bytes>,
) -> ProxyPlan {
    let mut upstreams = Upstreams::new(Side::Proxy);
    let virtual_hosts = virtual_hosts(planner, at, proxy, &mut upstreams);
    let routes = virtual_hosts.iter().flat_map(|host| &host.routes);
    let longest = routes.map(|route| route.call.timeout).max_by_key(|timeout| timeout.value);
    let patience = |least: Duration, more: Duration| {
        let longest = longest.unwrap_or_else(|| Origin::written(at.head.span).of(least));
        let needed = longest.value.plus(more);
        longest.origin.decided_by(&rules::PROXY_PATIENCE).of(needed.max(least))
    };
    let listens = proxy.listen.iter().zip(FIRST_ADMIN_PORT..).map(|(listen, free)| ListenPlan {
        port: listen.port,
        admin_port: listen.admin.map_or(free, |admin| admin.value),
        tls: listen.tls.map(|tls| certificate(planner, at, tls)),
    });
    let listens: Vec<ListenPlan> = listens.collect();
    ProxyPlan {
        on_control_plane: hosts == at.cluster_plan.control_plane,
        hosts,
        listens,
        virtual_hosts,
        upstreams: upstreams.finish(),
        max_connections: proxy.max_connections,
        health_path: PROXY_HEALTH_PATH,
        trusted_hops: trusted_hops(planner, at),
        request_timeout: patience(REQUEST_TIMEOUT, Duration::default()),
        idle_timeout: patience(IDLE_TIMEOUT, IDLE_MARGIN),
        heap: heap(memory),
    }
}

/// The secret with a certificate, by name.
fn certificate(
    planner: &mut Planner<'_>,
    at: &At<'_>,
    tls: Sourced<Id<platc_model::generated::Secret>>,
) -> Sourced<Text> {
    let secret = &planner.model.secrets.at(tls.value);
    if secret.value.kind.value != SecretKind::Tls {
        let span = place(tls.origin, at.head.span);
        let problem = errors::no_certificate(span, &secret.head.name, secret.head.span);
        planner.report(problem.about(Text::clone(&at.head.name)));
    }
    tls.origin.of(Text::clone(&secret.head.name))
}

/// Requests come through one balancer of ours, or through none.
fn trusted_hops(planner: &Planner<'_>, at: &At<'_>) -> Sourced<u32> {
    let model = planner.model;
    let mut routes = model.balancers.values().flat_map(|balancer| &balancer.value.route);
    match routes.find(|route| model.proxies.at(route.to.value).head.name == at.head.name) {
        Some(route) => route.to.origin.decided_by(&rules::TRUSTED_HOPS).of(1),
        None => Origin::decided(&rules::TRUSTED_HOPS, at.head.span).of(0),
    }
}

/// Names in the order in which they are written, then any name. What is answered under any name is answered
/// under each of them, where it has no route of that path itself.
fn virtual_hosts(
    planner: &mut Planner<'_>,
    at: &At<'_>,
    proxy: &Proxy,
    upstreams: &mut Upstreams,
) -> Vec<VirtualHostPlan> {
    let any = routes(planner, at, proxy, &proxy.route, upstreams);
    let mut hosts = Vec::new();
    for domain in &proxy.domain {
        let mut own = routes(planner, at, proxy, &domain.route, upstreams);
        let more = any.iter().filter(|route| own.iter().all(|own| own.path.value != route.path.value));
        let more: Vec<RoutePlan> = more.cloned().collect();
        own.extend(more);
        longest_first(&mut own);
        hosts.push(VirtualHostPlan { domain: Some(domain.name.clone()), routes: own });
    }
    if !any.is_empty() {
        hosts.push(VirtualHostPlan { domain: None, routes: any });
    }
    hosts
}

/// Routes, the longest path first: Envoy takes the first that fits.
fn routes(
    planner: &mut Planner<'_>,
    at: &At<'_>,
    proxy: &Proxy,
    said: &[Sourced<Route>],
    upstreams: &mut Upstreams,
) -> Vec<RoutePlan> {
    let mut plans = Vec::new();
    for route in said {
        let target = Text::clone(&planner.model.services.at(route.to.value).head.name);
        let all = proxy.max_connections.origin.decided_by(&rules::ROUTE_CONCURRENCY);
        let one = Said {
            name: target,
            to: route.to,
            port: route.port.as_ref(),
            cluster: route.in_,
            timeout: route.timeout,
            retries: route.retries,
            per_try: route.per_try,
            retry_on: route.retry_on,
            concurrency: route.concurrency.unwrap_or_else(|| all.of(proxy.max_connections.value)),
            origin: route.origin,
        };
        let Some(call) = lead(planner, at, &one, upstreams) else { continue };
        if call.target.protocol == Protocol::Tcp {
            let span = place(route.to.origin, at.head.span);
            planner.report(
                errors::tcp_has_no_paths(span, &call.target.service).about(Text::clone(&at.head.name)),
            );
        }
        plans.push(RoutePlan { path: route.path.clone(), call });
    }
    longest_first(&mut plans);
    plans
}

fn longest_first(plans: &mut [RoutePlan]) {
    plans.sort_by(|a, b| b.path.len().cmp(&a.path.len()).then_with(|| a.path.value.cmp(&b.path.value)));
}
