//! Who calls whom: each call and route is led to what listens, with its timeouts and tries.
//!
//! | module | decides |
//! |---|---|
//! | here | where a call leads, how long a try may take |
//! | [`upstreams`](self) | how an Envoy keeps the pods that it sends to |
//! | `proxies`, `balancers` | the ways in |
//! | [`graph`] | all of it as one graph, for proofs and figures |
//! | `proofs` | that timeouts shrink, that retries stay bounded, that there is no way round in a circle |
//!
//! Start with [`call`] and [`proxy`].

mod balancers;
pub mod graph;
pub(crate) mod plan;
pub mod proofs;
mod proxies;
mod upstreams;

use platc_diag::{Origin, Sourced, Span};
use platc_model::generated::{Call, Cluster, Protocol, RetryOn, Service};
use platc_model::scalar::Duration;
use platc_model::{Id, Text};

use crate::plan::{CallPlan, TargetPlan, TracingPlan};
use crate::workloads::{At, call_name, namespace};
use crate::{Planner, errors, place, rules};

pub(crate) use balancers::balancers;
pub(crate) use proofs::prove;
pub(crate) use proxies::proxy;
pub(crate) use upstreams::{Side, Upstreams, heap, sidecar_connections};

/// Envoy waits between tries, at first at most this long (fully jittered).
pub const BACKOFF_BASE: Duration = Duration::millis(25);
/// And never longer than this.
pub const BACKOFF_MAX: Duration = Duration::millis(100);
/// Path on which a proxy says whether it takes traffic.
pub const PROXY_HEALTH_PATH: &str = "/_edge/healthz";
/// How long a proxy keeps a client's connection without requests.
pub const PROXY_KEEP_ALIVE: Duration = Duration::seconds(75);
/// How long a balancer keeps its own to a proxy: less, so that it never sends into one that just closes.
pub const BALANCER_KEEP_ALIVE: Duration = Duration::seconds(60);
/// How long a balancer waits for a connection to a proxy.
pub const BALANCER_CONNECT_TIMEOUT: Duration = Duration::seconds(1);
/// A balancer asks each proxy so often whether it takes traffic.
pub const BALANCER_CHECK_INTERVAL: Duration = Duration::seconds(1);
/// How long it waits for the answer.
pub const BALANCER_CHECK_TIMEOUT: Duration = Duration::seconds(1);
/// So many failures in a row, and the proxy gets nothing more.
pub const BALANCER_CHECK_FALL: u32 = 2;
/// So many successes in a row, and it does again.
pub const BALANCER_CHECK_RISE: u32 = 2;
/// What an Envoy waits longer for something to move than for an answer: the answer's timeout comes first and
/// says what was the matter.
pub const IDLE_MARGIN: Duration = Duration::seconds(5);
/// An Envoy sends to pods that it believes ill, too, when fewer than this share of them are well, in percent:
/// it is then likelier that the checks are wrong.
pub const PANIC_BELOW: u32 = 30;

const _: () = assert!(BALANCER_KEEP_ALIVE.as_micros() < PROXY_KEEP_ALIVE.as_micros());

/// How long a balancer may go on sending to a proxy that said that it goes.
pub const fn balancer_detection() -> Duration {
    let checks = BALANCER_CHECK_INTERVAL.as_micros() * BALANCER_CHECK_FALL as u64;
    Duration::micros(checks + BALANCER_CHECK_TIMEOUT.as_micros())
}

/// Where traces are sent.
pub(crate) fn tracing(planner: &mut Planner<'_>) -> Option<TracingPlan> {
    let platform = planner.model.platforms.values().next()?;
    let said = platform.value.tracing.as_ref()?;
    let collector = &said.collector;
    let Some(host) = &collector.host else {
        planner.report(errors::no_collector(place(collector.origin, platform.head.span)));
        return None;
    };
    Some(TracingPlan {
        host: collector.origin.of(host.as_ref().into()),
        port: collector.port,
        sample: said.sample,
    })
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
    concurrency: Sourced<i64>,
    origin: Origin,
}

/// A call through a sidecar.
pub(crate) fn call(
    planner: &mut Planner<'_>,
    at: &At<'_>,
    call: &Sourced<Call>,
    upstreams: &mut Upstreams,
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
        concurrency: call.concurrency,
        origin: call.origin,
    };
    let plan = lead(planner, at, &said, upstreams)?;
    if plan.target.protocol == Protocol::Tcp && said.retry_on.value > RetryOn::Reset {
        let span = place(said.retry_on.origin, place(said.origin, at.head.span));
        planner
            .report(errors::tcp_has_no_answers(span, &plan.target.service).about(Text::clone(&at.head.name)));
    }
    Some(CallPlan { local_port, ..plan })
}

fn lead(
    planner: &mut Planner<'_>,
    at: &At<'_>,
    said: &Said<'_>,
    upstreams: &mut Upstreams,
) -> Option<CallPlan> {
    let span = place(said.origin, at.head.span);
    let (service, target) = target(planner, at, said, span)?;
    if target.replicas == 0 {
        let problem = errors::nobody_there(
            place(said.to.origin, span),
            &target.service,
            &planner.model.clusters.at(target.cluster).head.name,
        );
        planner.report(problem.about(Text::clone(&at.head.name)));
    }
    let (per_try, share) = per_try(planner, said, span);
    let upstream = upstreams.add(planner, at, said, service, &target, share);
    Some(CallPlan {
        name: Text::clone(&said.name),
        local_port: None,
        target,
        upstream,
        timeout: said.timeout,
        per_try,
        retries: said.retries,
        retry_on: said.retry_on,
        origin: said.origin,
    })
}

/// Who answers: what the service is where it is called, and where that is.
fn target<'m>(
    planner: &mut Planner<'m>,
    at: &At<'_>,
    said: &Said<'_>,
    span: Span,
) -> Option<(&'m Service, TargetPlan)> {
    let model = planner.model;
    let declared = model.services.at(said.to.value);
    let name = Text::clone(&declared.head.name);
    let about = Text::clone(&at.head.name);
    let cluster = said.cluster.map_or(at.cluster, |cluster| cluster.value);
    let places = declared.at.iter().filter(|at_place| at.clusters.get(at_place.place).is_some());
    let Some(service) = places.clone().find(|place| place.place == cluster).map(|place| &place.value) else {
        let names: Vec<&str> = places.map(|place| &*model.clusters.at(place.place).head.name).collect();
        let wanted = &model.clusters.at(cluster).head.name;
        let at = place(said.cluster.map_or(said.to.origin, |cluster| cluster.origin), span);
        planner.report(errors::not_at_cluster(at, &name, wanted, &names).about(about));
        return None;
    };
    let names = || -> Vec<&str> { service.port.iter().map(|port| &*port.name.value).collect() };
    let found = match (said.port, service.port.as_slice()) {
        (Some(port), ports) => match ports.iter().find(|own| own.name.value == port.value) {
            Some(found) => found,
            None => {
                planner.report(
                    errors::unknown_port(place(port.origin, span), &name, &port.value, &names()).about(about),
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
            planner.report(errors::which_port(place(said.to.origin, span), &name, &names()).about(about));
            return None;
        }
    };
    let domain = &model.clusters.at(cluster).value.dns.domain;
    let namespace = namespace(planner, &service.placed, declared.head.span).value;
    let target = TargetPlan {
        dns_name: format!("{name}.{namespace}.svc.{}.", domain.trim_end_matches('.')).into(),
        service: name,
        namespace,
        cluster,
        port: *found.port,
        protocol: *found.protocol,
        // The fewest, where load decides: what is safe with them is safe with more.
        replicas: u32::try_from(*service.replicas).unwrap_or(0),
    };
    Some((service, target))
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

/// Whether an answer can be what makes another try: else only what never arrived is sent again.
pub fn repeats_answers(call: &CallPlan) -> bool {
    call.target.protocol != Protocol::Tcp && call.retry_on.value >= RetryOn::Unavailable
}

/// What one try may take, and what each try may take at most if all are to fit into the timeout.
///
/// Only `gateway` makes a try again that took too long (Envoy counts one that it cut off as a gateway's
/// error), so only there a try must leave room for the next. Elsewhere a shorter one would cut off the only
/// try that there is.
fn per_try(planner: &mut Planner<'_>, said: &Said<'_>, span: Span) -> (Sourced<Duration>, Duration) {
    let retries = u32::try_from(said.retries.value).unwrap_or(0);
    let waits = backoffs(retries).as_micros();
    let tries = u64::from(retries) + 1;
    let timeout = said.timeout.as_micros();
    // Whole milliseconds: nobody wants to read anything finer.
    let share = timeout.saturating_sub(waits) / tries / 1000 * 1000;
    let needed = match said.per_try {
        Some(per_try) => per_try.as_micros().saturating_mul(tries).saturating_add(waits),
        None => waits + tries * 1000,
    };
    if needed > timeout {
        let at = place(said.timeout.origin, span);
        let (timeout, needed) = (said.timeout.value.to_string(), Duration::micros(needed).to_string());
        planner.report(errors::timeout_too_short(at, &timeout, &needed, i64::from(retries) + 1));
    }
    let decided = said.timeout.origin.decided_by(&rules::PER_TRY);
    let per_try = match (said.per_try, said.retry_on.value) {
        (Some(per_try), _) => per_try,
        (None, RetryOn::Gateway) => decided.of(Duration::micros(share)),
        (None, _) => decided.of(said.timeout.value),
    };
    (per_try, Duration::micros(share))
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

    #[test]
    fn a_balancer_notices_within_its_checks() {
        assert_eq!(balancer_detection(), Duration::seconds(3));
    }
}
