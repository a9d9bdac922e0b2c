//! The ledger: what each host has, what is taken off before any service, what is left, and what services
//! ask for. All sums are of integers, and each line says who it is.
//!
//! Start with [`Ledger`].

use platc_diag::Origin;
use platc_model::generated::{ApiBalancer, Cluster, Host, Routing};
use platc_model::scalar::{Bytes, Cpu};
use platc_model::{Id, Items, Text};

use crate::plan::{API_BALANCER_NAME, Amount, ClusterPlan, HostPlan, Shape, Workload};
use crate::{Planner, errors};

/// Requests of what platc itself puts onto hosts. The manifests are written from these.
pub mod system {
    use super::{Amount, Bytes, Cpu};

    const fn amount(milli: u64, mib: u64) -> Amount {
        Amount { cpu: Cpu::milli(milli), memory: Bytes::mib(mib) }
    }

    /// Pod network, on each node.
    pub const FLANNEL: Amount = amount(100, 50);
    /// Balancer before the API servers, on each node.
    pub const API_BALANCER: Amount = amount(25, 64);
    /// Cluster DNS, on its hosts.
    pub const COREDNS: Amount = amount(200, 128);
    /// DNS cache, on each node that has one.
    pub const NODE_CACHE: Amount = amount(25, 64);
}

/// What everything needs and what is left.
#[derive(Clone, Default, Debug)]
pub struct Ledger {
    /// By host.
    pub hosts: Items<Host, HostLedger>,
    /// By cluster.
    pub clusters: Items<Cluster, ClusterLedger>,
}

/// A host's side of the ledger.
#[derive(Clone, Default, Debug)]
pub struct HostLedger {
    /// What it has.
    pub capacity: Amount,
    /// What pods never get: the system, the kubelet, the eviction threshold, carve-outs. With what is
    /// allocatable it adds up to what the host has.
    pub reserved: Vec<Load>,
    /// What pods may use.
    pub allocatable: Amount,
    /// What is on it before any service: DaemonSets, static pods, proxies.
    pub fixed: Vec<Load>,
    /// What is left for services.
    pub free: Amount,
}

/// Something that takes a part of a host.
#[derive(Clone, PartialEq, Debug)]
pub struct Load {
    /// What it is.
    pub name: Text,
    /// What it takes.
    pub amount: Amount,
    /// Where it is written, if anywhere.
    pub origin: Origin,
}

/// A cluster's side of the ledger.
#[derive(Clone, Default, Debug)]
pub struct ClusterLedger {
    /// What is left for services on all its workers: other nodes are tainted.
    pub free: Amount,
    /// What its services ask for.
    pub demand: Amount,
    /// Their pods.
    pub pods: u64,
}

/// What one pod asks for: the scheduler and quotas count alike (KEP-753). The sidecar is there all the time;
/// beside it runs either the main program or one of those before it, so the largest of them counts.
pub fn pod_request(workload: &Workload, variant: usize) -> Amount {
    let own = workload.variants.get(variant);
    let memory = own.map_or(Bytes::default(), |variant| variant.memory_request.value);
    let app = Amount { cpu: workload.app.cpu_request.value, memory };
    let inits = workload.inits.iter().zip(own.into_iter().flat_map(|variant| &variant.inits));
    let most = inits.fold(app, |most, (init, memory)| {
        most.or_more(Amount { cpu: init.cpu_request.value, memory: memory.request.value })
    });
    match &workload.sidecar {
        Some(sidecar) => most.plus(Amount { cpu: sidecar.cpu.value, memory: sidecar.memory.value }),
        None => most,
    }
}

/// What one pod may use at most, counted alike; `None` where nothing limits it.
pub fn pod_limit(workload: &Workload, variant: usize) -> (Option<Cpu>, Option<Bytes>) {
    let own = workload.variants.get(variant);
    let sidecar = workload.sidecar.as_ref();
    let inits = workload.inits.iter().map(|init| init.cpu_limit);
    let cpu = std::iter::once(workload.app.cpu_limit)
        .chain(inits)
        .try_fold(Cpu::default(), |most, limit| Some(most.max(limit?.value)))
        .map(|cpu| cpu.as_milli().saturating_add(sidecar.map_or(0, |sidecar| sidecar.cpu.as_milli())));
    let memory = own.map(|variant| {
        let inits = variant.inits.iter().map(|init| init.limit.value);
        let most = inits.fold(variant.memory_limit.value, Ord::max);
        most.get().saturating_add(sidecar.map_or(0, |sidecar| sidecar.memory.get()))
    });
    (cpu.map(Cpu::milli), memory.map(Bytes::new))
}

/// What all pods of a workload ask for.
pub fn workload_request(workload: &Workload) -> Amount {
    let each = workload.variants.iter().enumerate();
    each.fold(Amount::default(), |sum, (at, variant)| {
        sum.plus(pod_request(workload, at).times(u64::from(variant.replicas)))
    })
}

/// Adds everything up, and finds hosts that cannot take what runs on every host.
pub(crate) fn add_up(
    planner: &mut Planner<'_>,
    clusters: &Items<Cluster, ClusterPlan>,
    hosts: &Items<Host, HostPlan>,
    workloads: &[Workload],
) -> Ledger {
    let ledger = count(clusters, hosts, workloads);
    for (host, own) in hosts.values().zip(ledger.hosts.values()) {
        let load = total(&own.fixed);
        if host.cluster.is_some() && !load.fits(host.allocatable) && host.allocatable != Amount::default() {
            let problem = errors::fixed_load(host.span, &host.name, load, host.allocatable);
            planner.report(problem.about(Text::clone(&host.name)));
        }
    }
    ledger
}

/// Adds everything up. What if there were another host is asked with this, too.
pub fn count(
    clusters: &Items<Cluster, ClusterPlan>,
    hosts: &Items<Host, HostPlan>,
    workloads: &[Workload],
) -> Ledger {
    let by_host = hosts.iter().map(|(id, host)| {
        let fixed = host.cluster.map(|cluster| fixed_load(clusters.at(cluster), host, id, workloads));
        let fixed = fixed.unwrap_or_default();
        let free = host.allocatable.minus(total(&fixed));
        let reserved = if host.cluster.is_some() { reserved(host) } else { Vec::new() };
        HostLedger { capacity: host.capacity, reserved, allocatable: host.allocatable, fixed, free }
    });
    let by_host = Items::new(by_host.collect());
    let by_cluster =
        clusters.iter().map(|(id, cluster)| cluster_ledger(id, cluster, hosts, &by_host, workloads));
    let clusters = Items::new(by_cluster.collect());
    Ledger { hosts: by_host, clusters }
}

fn total(loads: &[Load]) -> Amount {
    loads.iter().fold(Amount::default(), |sum, load| sum.plus(load.amount))
}

/// What a node keeps back.
fn reserved(host: &HostPlan) -> Vec<Load> {
    let own = |name: &str, cpu: Cpu, memory: Bytes| Load {
        name: name.into(),
        amount: Amount { cpu, memory },
        origin: Origin::NONE,
    };
    let reservation = &host.reservation;
    let mut reserved = vec![
        own("system", reservation.system_cpu, reservation.system_memory),
        own("kubelet and containerd", reservation.kube_cpu, reservation.kube_memory),
        own("eviction threshold", Cpu::default(), reservation.eviction),
    ];
    reserved.extend(host.carve_outs.iter().map(|carve| Load {
        name: Text::clone(&carve.name),
        amount: Amount {
            cpu: Cpu::whole(u64::try_from(carve.cpus.len()).unwrap_or(u64::MAX)),
            memory: carve.memory_max.value,
        },
        origin: carve.origin,
    }));
    reserved
}

/// What is on a node before any service: network, balancer, control plane, DNS, daemons, proxies.
fn fixed_load(cluster: &ClusterPlan, host: &HostPlan, id: Id<Host>, workloads: &[Workload]) -> Vec<Load> {
    let own = |name: &str, amount: Amount| Load { name: name.into(), amount, origin: Origin::NONE };
    let mut fixed = Vec::new();
    if matches!(cluster.routing.value, Routing::FlannelHostGw | Routing::FlannelVxlan) {
        fixed.push(own("flannel", system::FLANNEL));
    }
    if cluster.api.balancer.value == ApiBalancer::StaticPod {
        fixed.push(own(API_BALANCER_NAME, system::API_BALANCER));
    }
    if host.control_plane {
        fixed.extend(cluster.control_plane_requests.iter().map(|pod| Load {
            name: pod.name.into(),
            amount: Amount {
                cpu: pod.cpu.value,
                memory: pod.memory.map_or(Bytes::default(), |memory| memory.value),
            },
            origin: pod.cpu.origin,
        }));
    }
    if cluster.dns.hosts.contains(&id) {
        fixed.push(own("coredns", system::COREDNS));
    }
    if cluster.dns.node_local.is_some() {
        fixed.push(own("node-local-dns", system::NODE_CACHE));
    }
    fixed.extend(cluster.workloads_on(id, workloads).map(|workload| Load {
        name: Text::clone(&workload.name),
        amount: pod_request(workload, 0),
        origin: Origin::written(workload.span),
    }));
    fixed
}

fn cluster_ledger(
    id: Id<Cluster>,
    cluster: &ClusterPlan,
    hosts: &Items<Host, HostPlan>,
    ledgers: &Items<Host, HostLedger>,
    workloads: &[Workload],
) -> ClusterLedger {
    let workers = cluster.nodes.iter().filter(|node| hosts.at(**node).worker);
    let free = workers.fold(Amount::default(), |sum, node| sum.plus(ledgers.at(*node).free));
    let mut ledger = ClusterLedger { free, ..ClusterLedger::default() };
    for workload in workloads.iter().filter(|workload| workload.cluster == id) {
        if let Shape::Service(service) = &workload.shape {
            ledger.demand = ledger.demand.plus(workload_request(workload));
            ledger.pods += u64::from(service.replicas.value);
        }
    }
    ledger
}
