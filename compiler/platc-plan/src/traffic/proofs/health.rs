//! How often a pod is asked for its health. Each Envoy asks for itself, so the answer grows with whoever calls.
//!
//! Start with [`loads`].

use std::collections::BTreeMap;

use platc_model::generated::Cluster;
use platc_model::{Id, Text};

use super::report;
use crate::plan::{Shape, UpstreamPlan, Workload};
use crate::{Planner, errors};

/// More questions than this in a second to one pod are a load of their own.
pub const CHECKS_PER_S_MAX: u64 = 100;

/// What a pod of a service has to answer beside requests.
#[derive(Clone, Debug)]
pub struct HealthLoad {
    /// The service.
    pub service: Text,
    /// Where.
    pub cluster: Id<Cluster>,
    /// Envoys that ask.
    pub envoys: u64,
    /// Questions to one pod in ten seconds.
    pub checks_in_10_s: u64,
}

/// The load of each service that an Envoy asks, by cluster and name.
pub fn loads(workloads: &[Workload]) -> Vec<HealthLoad> {
    let mut loads: BTreeMap<(Id<Cluster>, &Text), HealthLoad> = BTreeMap::new();
    for workload in workloads {
        let envoys = envoys(workload);
        for upstream in upstreams(workload) {
            let target = &upstream.target;
            let load = loads.entry((target.cluster, &target.service)).or_insert_with(|| HealthLoad {
                service: Text::clone(&target.service),
                cluster: target.cluster,
                envoys: 0,
                checks_in_10_s: 0,
            });
            load.envoys += envoys;
            let interval = upstream.health.interval.as_micros().max(1);
            load.checks_in_10_s += envoys.saturating_mul(10_000_000) / interval;
        }
    }
    loads.into_values().collect()
}

fn upstreams(workload: &Workload) -> &[UpstreamPlan] {
    match (&workload.sidecar, &workload.shape) {
        (Some(sidecar), _) => &sidecar.upstreams,
        (None, Shape::Proxy(proxy)) => &proxy.upstreams,
        _ => &[],
    }
}

/// How many pods with an Envoy a workload is.
fn envoys(workload: &Workload) -> u64 {
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    match &workload.shape {
        Shape::Service(service) => u64::from(service.replicas.value),
        Shape::Daemon(daemon) => count(daemon.hosts.len()),
        Shape::Proxy(proxy) => count(proxy.hosts.len()),
        Shape::Job(_) | Shape::Cron(_) => 1,
    }
}

pub(super) fn check(planner: &mut Planner<'_>, workloads: &[Workload]) {
    for load in loads(workloads).iter().filter(|load| load.checks_in_10_s > CHECKS_PER_S_MAX * 10) {
        let asked = |workload: &&Workload| workload.cluster == load.cluster && workload.name == load.service;
        let Some(workload) = workloads.iter().find(asked) else { continue };
        let problem =
            errors::health_load(workload.span, &load.service, load.checks_in_10_s / 10, load.envoys);
        report(planner, problem.about(Text::clone(&load.service)));
    }
}
