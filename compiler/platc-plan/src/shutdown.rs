//! How a pod goes: it serves on until nobody knows its address any more, finishes what it has, and is
//! killed only after both. The numbers are derived and add up.
//!
//! ```text
//! lag      = 2 s (API) + DNS TTL + Envoy's refresh and jitter + 1 s (a DNS timeout)
//! pre-stop = lag + 1 s
//! drain    = the longest call into the service
//! grace    = pre-stop + drain + 5 s (sidecar) + 5 s (to spare)
//! ```

use std::collections::BTreeMap;

use platc_diag::{Diagnostic, Origin, Sourced, Span};
use platc_model::generated::{Cluster, Shutdown};
use platc_model::{Id, Text};
use rayon::prelude::*;

use crate::plan::{CallPlan, Shape, ShutdownPlan, Workload};
use crate::{Planner, errors, place, rules, traffic};

/// How long the API server and the endpoint controllers need to take a pod out, in seconds.
const API_LAG_S: u64 = 2;
/// TTL of cluster DNS; its cache does not make it longer.
const DNS_TTL_S: u64 = 5;
/// Envoy asks DNS again after so long.
pub const ENVOY_DNS_REFRESH_S: u64 = 5;
/// And at most so much later.
pub const ENVOY_DNS_JITTER_S: u64 = 1;
/// One DNS timeout.
pub const DNS_TIMEOUT_S: u64 = 1;
/// What a sidecar needs to stop.
const SIDECAR_STOP_S: u64 = 5;
/// To spare.
const MARGIN_S: u64 = 5;
/// What a program needs that nobody calls.
const QUIET_DRAIN_S: u64 = 5;
/// Proxies go on answering so long at least after they said that they go: balancers that are not ours may
/// be slower to notice.
const PROXY_PRE_STOP_S: u64 = 20;

/// How long a pod goes on being called after it was told to go.
pub const fn lag_s() -> u64 {
    API_LAG_S + DNS_TTL_S + ENVOY_DNS_REFRESH_S + ENVOY_DNS_JITTER_S + DNS_TIMEOUT_S
}

/// What is said, with stand-ins for the rest until calls are known.
pub(crate) fn said(shutdown: &Sourced<Shutdown>, span: Span) -> ShutdownPlan {
    let unsaid = unsaid(span);
    let seconds = |value: Option<Sourced<platc_model::scalar::Duration>>| {
        value.map(|value| value.map(platc_model::scalar::Duration::as_seconds_up))
    };
    ShutdownPlan {
        pre_stop_s: seconds(shutdown.pre_stop).unwrap_or(unsaid.pre_stop_s),
        drain_s: seconds(shutdown.drain).unwrap_or(unsaid.drain_s),
        grace_s: seconds(shutdown.grace).unwrap_or(unsaid.grace_s),
    }
}

/// Stand-ins for what is not said: [`decide`] replaces zeros.
pub(crate) fn unsaid(span: Span) -> ShutdownPlan {
    ShutdownPlan {
        pre_stop_s: Origin::decided(&rules::PRE_STOP, span).of(0),
        drain_s: Origin::decided(&rules::DRAIN, span).of(0),
        grace_s: Origin::decided(&rules::GRACE, span).of(0),
    }
}

/// Fills in what was not said, now that all calls are known, and checks what was.
pub(crate) fn decide(planner: &mut Planner<'_>, workloads: &mut [Workload]) {
    let mut longest: BTreeMap<(Id<Cluster>, Text), u64> = BTreeMap::new();
    for workload in workloads.iter() {
        for call in calls(workload) {
            let seconds = call.timeout.as_seconds_up();
            let slot = longest.entry((call.target.cluster, Text::clone(&call.target.service))).or_default();
            *slot = (*slot).max(seconds);
        }
    }
    let longest = &longest;
    let short = workloads.par_iter_mut().filter_map(|workload| {
        let called = longest.get(&(workload.cluster, Text::clone(&workload.name))).copied();
        fill(workload, called)
    });
    let short: Vec<Diagnostic> = short.collect();
    planner.problems.extend(short);
}

/// Derives what was not said; says where what was said is too short.
fn fill(workload: &mut Workload, called: Option<u64>) -> Option<Diagnostic> {
    let derived =
        |value: Sourced<u64>| value.value == 0 && matches!(value.origin.why(), platc_diag::Why::Decided(_));
    let longest_route =
        calls(workload).map(|call| call.timeout.as_seconds_up()).max().unwrap_or(QUIET_DRAIN_S);
    let (pre_stop, drain) = match &workload.shape {
        Shape::Service(_) => (lag_s() + 1, called.unwrap_or(QUIET_DRAIN_S)),
        Shape::Proxy(_) => {
            // What a balancer sends until it notices may take as long as the longest route.
            let needed = traffic::balancer_detection().as_seconds_up() + longest_route;
            (PROXY_PRE_STOP_S.max(needed), QUIET_DRAIN_S)
        }
        // Nobody calls these by a name that would have to be forgotten.
        Shape::Daemon(_) | Shape::Job(_) | Shape::Cron(_) => (0, QUIET_DRAIN_S),
    };
    let plan = &mut workload.shutdown;
    if derived(plan.pre_stop_s) {
        plan.pre_stop_s.value = pre_stop;
    }
    if derived(plan.drain_s) {
        plan.drain_s.value = drain;
    }
    let needed = plan.pre_stop_s.value + plan.drain_s.value + SIDECAR_STOP_S + MARGIN_S;
    if derived(plan.grace_s) {
        plan.grace_s.value = needed;
    } else if plan.grace_s.value < needed && matches!(workload.shape, Shape::Service(_)) {
        let span = place(plan.grace_s.origin, workload.span);
        let problem = errors::grace_short(span, &workload.name, plan, needed);
        return Some(problem.about(Text::clone(&workload.name)));
    }
    None
}

/// All calls and routes of a workload.
pub fn calls(workload: &Workload) -> impl Iterator<Item = &CallPlan> {
    let through_sidecar = workload.sidecar.iter().flat_map(|sidecar| &sidecar.calls);
    let routes = match &workload.shape {
        Shape::Proxy(proxy) => Some(proxy),
        _ => None,
    };
    let routes =
        routes.into_iter().flat_map(|proxy| proxy.virtual_hosts.iter().flat_map(|host| &host.routes));
    through_sidecar.chain(routes.map(|route| &route.call))
}
