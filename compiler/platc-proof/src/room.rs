//! From a plan to instances of packing: what pods of a cluster are to find a place, and where.
//!
//! Hosts are the workers of the cluster: others are tainted. What is on a host before any service is off
//! already, by the ledger. Tasks are not counted: they wait for room, and their deadline says how long.
//!
//! Start with [`Room::new`].

use std::collections::BTreeMap;

use platc_model::generated::{By, Cluster, Host, Strictness};
use platc_model::{Id, Text};
use platc_plan::ledger::pod_request;
use platc_plan::{Amount, Plan, ServiceShape, Shape, Workload};

use crate::pack::{Bin, Group, Instance, Level, Vector};

/// The pods of a cluster and its hosts.
#[derive(Clone, Debug)]
pub struct Room<'p> {
    /// The plan.
    pub plan: &'p Plan,
    /// The cluster.
    pub cluster: Id<Cluster>,
    /// Hosts, by bin.
    pub hosts: Vec<Id<Host>>,
    /// Pods, by group.
    pub pods: Vec<Pods<'p>>,
    /// Services whose pods must be apart, by class.
    pub apart: Vec<&'p Workload>,
    /// What is packed.
    pub instance: Instance,
}

/// Pods that are all alike: those of a variant.
#[derive(Clone, Copy, Debug)]
pub struct Pods<'p> {
    /// Of which service.
    pub workload: &'p Workload,
    /// Which of its variants.
    pub variant: usize,
}

/// What is special about a service.
pub fn service(workload: &Workload) -> Option<&ServiceShape> {
    match &workload.shape {
        Shape::Service(service) => Some(service),
        Shape::Daemon(_) | Shape::Job(_) | Shape::Cron(_) | Shape::Proxy(_) => None,
    }
}

impl<'p> Room<'p> {
    /// The pods of a cluster, as many as `wanted` says of each service, and its hosts.
    pub fn new(
        plan: &'p Plan,
        cluster: Id<Cluster>,
        wanted: impl Fn(&Workload, &ServiceShape) -> u32,
    ) -> Self {
        let (hosts, bins) = bins(plan, cluster);
        let mut room =
            Self { plan, cluster, hosts, pods: Vec::new(), apart: Vec::new(), instance: Instance::default() };
        room.instance.bins = bins;
        for workload in plan.workloads_at(cluster) {
            if let Some(service) = service(workload) {
                room.add(workload, service, wanted(workload, service));
            }
        }
        room
    }

    /// The pods as they are planned.
    pub fn planned(plan: &'p Plan, cluster: Id<Cluster>) -> Self {
        Self::new(plan, cluster, |_, service| service.replicas.value)
    }

    fn add(&mut self, workload: &'p Workload, service: &ServiceShape, wanted: u32) {
        let class = (service.anti_affinity.value == Strictness::Required).then(|| {
            self.apart.push(workload);
            self.instance.classes.push(level(service.anti_affinity_by.value));
            self.apart.len() - 1
        });
        for variant in 0..workload.variants.len() {
            self.pods.push(Pods { workload, variant });
            self.instance.groups.push(Group {
                demand: vector(pod_request(workload, variant)),
                count: share(wanted, workload.variants.len(), variant),
                class,
                only: None,
                bound: workload.is_bound(),
            });
        }
    }

    /// The same with hosts gone. Bins keep their numbers.
    #[must_use]
    pub fn without(mut self, lost: &[Id<Host>]) -> Self {
        for (bin, host) in self.instance.bins.iter_mut().zip(&self.hosts) {
            if lost.contains(host) {
                bin.free = [0; 3];
            }
        }
        self
    }

    /// The bins of hosts.
    pub fn bins(&self, hosts: &[Id<Host>]) -> Vec<usize> {
        let each = self.hosts.iter().enumerate();
        each.filter(|(_, host)| hosts.contains(host)).map(|(bin, _)| bin).collect()
    }

    /// Services of groups, each once, in the order of the groups.
    pub fn services(&self, groups: &[usize]) -> Vec<&'p Workload> {
        let mut services: Vec<&Workload> = Vec::new();
        for pods in groups.iter().filter_map(|group| self.pods.get(*group)) {
            if !services.iter().any(|own| std::ptr::eq(*own, pods.workload)) {
                services.push(pods.workload);
            }
        }
        services
    }
}

/// Replicas are shared evenly between variants; the first ones get one more. The plan does the same.
pub(crate) fn share(replicas: u32, variants: usize, variant: usize) -> u32 {
    let n = u32::try_from(variants).unwrap_or(u32::MAX).max(1);
    let at = u32::try_from(variant).unwrap_or(u32::MAX);
    replicas / n + u32::from(at < replicas % n)
}

fn bins(plan: &Plan, cluster: Id<Cluster>) -> (Vec<Id<Host>>, Vec<Bin>) {
    let cluster = plan.clusters.at(cluster);
    let max_pods = u64::try_from(cluster.max_pods.value).unwrap_or(0);
    let mut racks: BTreeMap<(u32, &Text), u32> = BTreeMap::new();
    let mut hosts = Vec::new();
    let mut bins = Vec::new();
    for id in &cluster.nodes {
        let (host, ledger) = (plan.hosts.at(*id), plan.ledger.hosts.at(*id));
        if !host.worker {
            continue;
        }
        let next = u32::try_from(racks.len()).unwrap_or(u32::MAX);
        let datacenter = host.datacenter.index();
        let rack = host.rack.as_ref().map(|rack| *racks.entry((datacenter, rack)).or_insert(next));
        let pods = max_pods.saturating_sub(ledger.fixed.len() as u64);
        hosts.push(*id);
        bins.push(Bin {
            free: [ledger.free.cpu.as_milli(), ledger.free.memory.get(), pods],
            rack,
            datacenter,
        });
    }
    (hosts, bins)
}

fn level(by: By) -> Level {
    match by {
        By::Host => Level::Host,
        By::Rack => Level::Rack,
        By::Datacenter => Level::Datacenter,
    }
}

fn vector(amount: Amount) -> Vector {
    [amount.cpu.as_milli(), amount.memory.get(), 1]
}
