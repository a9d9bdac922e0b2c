//! How an Envoy keeps the pods that it sends to: one upstream for each service and port, however many calls
//! and routes lead there, so that a pod is asked once for its health and counted once for its failures.
//!
//! Start with [`Upstreams::add`].

use platc_diag::{Origin, Sourced};
use platc_model::Text;
use platc_model::generated::{Protocol, Runtime, Service};
use platc_model::scalar::{Bytes, Duration};

use super::Said;
use crate::plan::{EjectionPlan, HealthCheck, HealthPlan, TargetPlan, UpstreamPlan};
use crate::workloads::At;
use crate::{Planner, rules};

/// Within a site a connection comes up in a millisecond; one that has not by now met a dead host, or lost a
/// packet that TCP sends again only after a second. Another pod is nearer than that.
const CONNECT_TIMEOUT: Duration = Duration::millis(250);
/// Pods are asked for their health so often: two failures are 4 s, less than it takes to get out of DNS.
const HEALTH_INTERVAL: Duration = Duration::seconds(2);
/// Checks of many Envoys are spread by this much.
const HEALTH_JITTER: Duration = Duration::millis(500);
/// Before the first request Envoy would ask once a minute; the first one should not be the one that finds out.
const QUIET_INTERVAL: Duration = Duration::seconds(10);
/// A check without a probe to take it from waits so long: the kubelet's default.
const HEALTH_TIMEOUT: Duration = Duration::seconds(1);

/// Whose upstreams these are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    /// Beside one pod: a failing pod is seen by few requests, so few must do.
    Sidecar,
    /// At the edge, where everybody's requests go through: rows of failures come by chance sooner.
    Proxy,
}

/// The upstreams of one Envoy.
pub(crate) struct Upstreams {
    side: Side,
    all: Vec<UpstreamPlan>,
}

impl Upstreams {
    pub(crate) fn new(side: Side) -> Self {
        Self { side, all: Vec::new() }
    }

    /// All of them, by name.
    pub(crate) fn finish(mut self) -> Vec<UpstreamPlan> {
        self.all.sort_by(|a, b| a.name.cmp(&b.name));
        self.all
    }

    /// The name of the upstream that a call leads to, which is there from now on. `share` is what a try of it
    /// may take if all of its tries are to fit.
    pub(super) fn add(
        &mut self,
        planner: &Planner<'_>,
        at: &At<'_>,
        said: &Said<'_>,
        service: &Service,
        target: &TargetPlan,
        share: Duration,
    ) -> Text {
        let name = name(planner, at, service, target);
        let connect_timeout =
            said.timeout.origin.decided_by(&rules::CONNECT_TIMEOUT).of(CONNECT_TIMEOUT.min(share));
        let concurrency = said.concurrency.map(|concurrency| u32::try_from(concurrency).unwrap_or(u32::MAX));
        if let Some(known) = self.all.iter_mut().find(|known| known.name == name) {
            if connect_timeout.value < known.connect_timeout.value {
                known.connect_timeout = connect_timeout;
            }
            if concurrency.value > known.concurrency.value {
                known.concurrency = concurrency;
            }
            return name;
        }
        self.all.push(UpstreamPlan {
            name: Text::clone(&name),
            target: target.clone(),
            connect_timeout,
            concurrency,
            keep_alive: said
                .to
                .origin
                .decided_by(&rules::KEEP_ALIVE)
                .of(keep_alive(service.workload.runtime.value, target)),
            health: health(service, target, said.to.origin),
            ejection: ejection(self.side, target, said.to.origin),
            origin: said.origin,
        });
        name
    }
}

/// The service; its port and its cluster only where there is a choice, so that names do not change with what
/// is elsewhere.
fn name(planner: &Planner<'_>, at: &At<'_>, service: &Service, target: &TargetPlan) -> Text {
    let mut name = target.service.to_string();
    let port = service.port.iter().find(|port| *port.port == target.port);
    if let Some(port) = port.filter(|_| service.port.len() > 1) {
        name += "_";
        name += &port.name.value;
    }
    if target.cluster != at.cluster {
        name += "_";
        name += &planner.model.clusters.at(target.cluster).head.name;
    }
    name.into()
}

/// How long a server of that runtime keeps a connection without requests, and less. A request that meets a
/// closing connection is lost: nobody knows whether it was worked on.
fn keep_alive(runtime: Runtime, target: &TargetPlan) -> Duration {
    match (target.protocol, runtime) {
        // HTTP/2 says before it closes.
        (Protocol::Grpc, _) => Duration::seconds(60),
        // gunicorn: 2 s; uvicorn: 5 s.
        (_, Runtime::Python) => Duration::seconds(1),
        // Tomcat: 20 s; Jetty: 30 s.
        (_, Runtime::Java) => Duration::seconds(15),
        // net/http: without end.
        (_, Runtime::Go) => Duration::seconds(30),
        // Node: 5 s.
        (_, Runtime::Other) => Duration::seconds(4),
    }
}

/// The readiness probe, asked by the caller's Envoy: it knows of a dead pod before DNS does. Where it cannot
/// ask that, it connects.
fn health(service: &Service, target: &TargetPlan, otherwise: Origin) -> HealthPlan {
    let probe = service.probes.readiness.as_ref();
    let origin = probe.map_or(otherwise, |probe| probe.origin).decided_by(&rules::HEALTH_CHECK);
    let asked = probe.and_then(|probe| {
        let port = match &probe.port {
            Some(port) => service.port.iter().find(|own| own.name.value == port.value),
            None => match service.port.as_slice() {
                [only] => Some(only),
                several => several.iter().find(|own| *own.name.value == *"http"),
            },
        };
        let port = *port?.port;
        match (&probe.http, &probe.grpc) {
            (Some(path), _) => Some((HealthCheck::Http(Text::clone(&path.value)), port)),
            // Envoy asks over the same sort of connection as it sends requests.
            (_, Some(service)) if target.protocol == Protocol::Grpc => {
                Some((HealthCheck::Grpc(Text::clone(&service.value)), port))
            }
            _ => None,
        }
    });
    let (check, port) = asked.unwrap_or((HealthCheck::Tcp, target.port));
    HealthPlan {
        check,
        port,
        host: format!("{}.{}", target.service, target.namespace).into(),
        interval: origin.of(HEALTH_INTERVAL),
        jitter: HEALTH_JITTER,
        quiet_interval: QUIET_INTERVAL,
        timeout: probe.map_or_else(|| origin.of(HEALTH_TIMEOUT), |probe| probe.timeout),
        unhealthy_after: 2,
        healthy_after: 1,
    }
}

fn ejection(side: Side, target: &TargetPlan, origin: Origin) -> EjectionPlan {
    let (errors, gateway_errors) = match side {
        Side::Sidecar => (5, 3),
        Side::Proxy => (10, 5),
    };
    EjectionPlan {
        errors,
        gateway_errors,
        interval: Duration::seconds(5),
        base: Duration::seconds(10),
        longest: Duration::seconds(60),
        percent_max: origin.decided_by(&rules::EJECTION).of(percent_max(target.replicas)),
    }
}

/// One pod at least and a third, but never more than half. Envoy's default of 10 % is no pod at all below ten.
fn percent_max(replicas: u32) -> u32 {
    100_u32.div_ceil(replicas.max(1)).clamp(34, 50)
}

/// What an Envoy may allocate: three quarters of its memory, the rest is for code, stacks and sockets.
pub(crate) fn heap(memory: Sourced<Bytes>) -> Sourced<Bytes> {
    memory.origin.decided_by(&rules::ENVOY_HEAP).of(Bytes::new(memory.get() / 4 * 3))
}

/// Connections of a program to its own sidecar: some are between two requests, so more than requests.
pub(crate) fn sidecar_connections(upstreams: &[UpstreamPlan], origin: Origin) -> Sourced<u32> {
    let concurrency: u32 =
        upstreams.iter().fold(0, |sum, upstream| sum.saturating_add(upstream.concurrency.value));
    origin.decided_by(&rules::SIDECAR_CONNECTIONS).of(concurrency.saturating_mul(4).max(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pod_may_be_left_out_of_two_but_never_the_only_one() {
        // Envoy leaves out while the share stays at or below the limit.
        for (replicas, percent, pods) in [(1, 50, 0), (2, 50, 1), (3, 34, 1), (6, 34, 2), (100, 34, 34)] {
            assert_eq!(percent_max(replicas), percent);
            assert_eq!(replicas * percent / 100, pods);
        }
    }
}
