//! What if: a plan with other hosts or other numbers of pods, and how many more would fit.
//!
//! The plan is changed, not the model: nothing is planned again, so nothing is given out and no lock
//! changes. What the proofs ask of a plan is all there: hosts, what is on them, pods.
//!
//! Start with [`apply`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use platc_diag::Origin;
use platc_model::generated::{Cluster, Datacenter, Host};
use platc_model::scalar::{Bytes, Cpu};
use platc_model::{Id, Items, Text};
use platc_plan::{Amount, HostPlan, Plan, Reservation, Shape, carve, ledger};

use crate::claims;
use crate::loss::{Case, Prover};
use crate::pack::{State, Verdict};
use crate::room::share;

/// Hosts that are added at once, at most.
pub const HOSTS_ADDED: u32 = 1000;
/// Replicas of a service, at most; the language has the same limit.
pub const REPLICAS: u32 = 10_000;

/// A change to try.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// More workers.
    AddHost {
        /// Where.
        datacenter: String,
        /// Its cluster; may be left out while there is one in the datacenter.
        cluster: Option<String>,
        /// What each has.
        capacity: Amount,
        /// How many.
        count: u32,
    },
    /// Other numbers of pods.
    Scale {
        /// Which service, at each of its places.
        service: String,
        /// To how many.
        to: Factor,
    },
}

/// How many pods.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Factor {
    /// So many times as many, in thousandths: `2x`, `1.5x`.
    Times(u64),
    /// So many: `12`.
    Exactly(u32),
    /// So many more: `+3`.
    More(u32),
}

/// Why a change or a loss cannot be tried: words for who typed it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal(pub String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

fn refuse<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal(message.into()))
}

/// Reads `ingest=2x`, `ingest=12` or `ingest=+3`.
///
/// # Errors
///
/// If it is none of these.
pub fn parse_scale(text: &str) -> Result<Change, Refusal> {
    let help = "write SERVICE=2x, SERVICE=12 or SERVICE=+3";
    let Some((service, number)) = text.split_once('=') else { return refuse(format!("`{text}`: {help}")) };
    let factor = if let Some(times) = number.strip_suffix('x') {
        thousandths(times).map(Factor::Times)
    } else if let Some(more) = number.strip_prefix('+') {
        more.parse().ok().map(Factor::More)
    } else {
        number.parse().ok().map(Factor::Exactly)
    };
    match factor {
        Some(to) => Ok(Change::Scale { service: service.to_owned(), to }),
        None => refuse(format!("`{number}` is no number of pods: {help}")),
    }
}

/// `1.5` as 1500; three digits behind the point at most.
fn thousandths(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    if part.is_empty() || part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part: u64 = format!("{part:0<3}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(part)
}

/// Reads `dc1:cpu=48,memory=256GiB`, with `count=3` and `cluster=prod` where they are needed.
///
/// # Errors
///
/// If it is not of that form.
pub fn parse_add_host(text: &str) -> Result<Change, Refusal> {
    let help = "write DATACENTER:cpu=48,memory=256GiB, and count=3 or cluster=NAME behind it where needed";
    let Some((datacenter, rest)) = text.split_once(':') else { return refuse(format!("`{text}`: {help}")) };
    let (mut cpu, mut memory, mut count, mut cluster) = (None, None, 1, None);
    for part in rest.split(',') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let wrong = || Refusal(format!("`{part}`: {help}"));
        match name {
            "cpu" => cpu = Some(value.parse::<u64>().map_err(|_| wrong())?),
            "memory" => memory = Some(Bytes::parse(value).map_err(|_| wrong())?),
            "count" => count = value.parse().map_err(|_| wrong())?,
            "cluster" => cluster = Some(value.to_owned()),
            _ => return Err(wrong()),
        }
    }
    let (Some(cpu), Some(memory)) = (cpu, memory) else { return refuse(format!("`{text}`: {help}")) };
    if cpu == 0 || memory.get() == 0 || count == 0 {
        return refuse(format!("`{text}`: a host without CPU or memory, or no host, changes nothing"));
    }
    if count > HOSTS_ADDED {
        return refuse(format!("{count} hosts are more than {HOSTS_ADDED}, which are added at most"));
    }
    let capacity = Amount { cpu: Cpu::whole(cpu), memory };
    Ok(Change::AddHost { datacenter: datacenter.to_owned(), cluster, capacity, count })
}

/// What is lost, by names of hosts, racks and datacenters.
///
/// # Errors
///
/// If one of the names is nothing that can be lost.
pub fn loss(plan: &Plan, names: &[String]) -> Result<Case, Refusal> {
    let all: Vec<Id<Host>> = plan.hosts.ids().collect();
    let larger: Vec<Case> =
        claims::datacenters(plan, &all).into_iter().chain(claims::racks(plan, &all)).collect();
    let mut lost: Vec<Id<Host>> = Vec::new();
    for name in names {
        if let Some((id, _)) = plan.hosts.iter().find(|(_, host)| *host.name == **name) {
            lost.push(id);
            continue;
        }
        // `r1`, or `dc-a/r1` where several places have a rack of that name.
        let part = larger.iter().filter(|case| {
            let rack = case.name.strip_prefix("rack ");
            let rack_is =
                |rack: &str| rack == name || rack.rsplit_once('/').is_some_and(|(_, rack)| rack == name);
            case.name == *name || rack.is_some_and(rack_is)
        });
        match part.collect::<Vec<_>>().as_slice() {
            [case] => lost.extend(&case.hosts),
            [] => {
                let names = plan.hosts.values().map(|host| &*host.name);
                let names = names.chain(larger.iter().map(|case| case.name.trim_start_matches("rack ")));
                let near = did_you_mean(name, names);
                return refuse(format!("`{name}` is no host, rack or datacenter{near}"));
            }
            several => {
                let names = several.iter().map(|case| format!("`{}`", case.name.trim_start_matches("rack ")));
                let names: Vec<String> = names.collect();
                return refuse(format!("there are several racks `{name}`: say {}", names.join(" or ")));
            }
        }
    }
    lost.sort_unstable();
    lost.dedup();
    Ok(Case { name: names.join(" and "), hosts: lost, alike: Vec::new() })
}

/// The plan with everything changed.
///
/// # Errors
///
/// If a change names what is not there.
pub fn apply(plan: &Plan, changes: &[Change]) -> Result<Plan, Refusal> {
    let mut changed = plan.clone();
    for change in changes {
        match change {
            Change::AddHost { datacenter, cluster, capacity, count } => {
                add_hosts(&mut changed, datacenter, cluster.as_deref(), *capacity, *count)?;
            }
            Change::Scale { service, to } => scale(&mut changed, service, *to)?,
        }
    }
    changed.ledger = ledger::count(&changed.clusters, &changed.hosts, &changed.workloads);
    Ok(changed)
}

fn scale(plan: &mut Plan, name: &str, to: Factor) -> Result<(), Refusal> {
    let mut found = false;
    for workload in plan.workloads.iter_mut().filter(|workload| *workload.name == *name) {
        let Shape::Service(shape) = &mut workload.shape else { continue };
        found = true;
        let now = shape.replicas.value;
        let wanted = match to {
            Factor::Times(thousandths) => {
                let times = u64::from(now).saturating_mul(thousandths).div_ceil(1000);
                u32::try_from(times).unwrap_or(u32::MAX)
            }
            Factor::Exactly(n) => n,
            Factor::More(n) => now.saturating_add(n),
        };
        if wanted > REPLICAS {
            return refuse(format!("{wanted} replicas of `{name}` are more than {REPLICAS}"));
        }
        shape.replicas.value = wanted;
        let n = workload.variants.len();
        for (at, variant) in workload.variants.iter_mut().enumerate() {
            variant.replicas = share(wanted, n, at);
            variant.least = variant.least.min(variant.replicas);
        }
    }
    if found {
        return Ok(());
    }
    let services = plan.workloads.iter().filter(|workload| matches!(workload.shape, Shape::Service(_)));
    let near = did_you_mean(name, services.map(|workload| &*workload.name));
    refuse(format!("there is no service `{name}`{near}"))
}

/// The name that was meant, as the end of a sentence.
fn did_you_mean<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> String {
    let near = platc_diag::closest(name, names);
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

fn add_hosts(
    plan: &mut Plan,
    datacenter: &str,
    cluster: Option<&str>,
    capacity: Amount,
    count: u32,
) -> Result<(), Refusal> {
    let places = plan.model.datacenters.iter();
    let place = places.into_iter().find(|(_, place)| *place.head.name == *datacenter).map(|(id, _)| id);
    let Some(place) = place else {
        let names = plan.model.datacenters.values().map(|place| &*place.head.name);
        return refuse(format!("there is no datacenter `{datacenter}`{}", did_you_mean(datacenter, names)));
    };
    let cluster = cluster_there(plan, place, datacenter, cluster)?;
    let nodes = plan.clusters.at(cluster).nodes.iter().map(|node| plan.hosts.at(*node));
    let mut there = nodes.filter(|host| host.datacenter == place);
    let Some(like) = there.clone().find(|host| !host.control_plane).or_else(|| there.next()).cloned() else {
        return refuse(format!(
            "no host of `{datacenter}` is in a cluster yet, so what is on each is not known"
        ));
    };
    let mut hosts: Vec<HostPlan> = plan.hosts.values().cloned().collect();
    for name in free_names(&plan.hosts, count) {
        let id = Id::new(u32::try_from(hosts.len()).unwrap_or(u32::MAX));
        hosts.push(bare_worker(&like, name, capacity));
        join(plan, cluster, id);
    }
    plan.hosts = Items::new(hosts);
    Ok(())
}

fn cluster_there(
    plan: &Plan,
    place: Id<Datacenter>,
    datacenter: &str,
    cluster: Option<&str>,
) -> Result<Id<Cluster>, Refusal> {
    let there: Vec<(Id<Cluster>, &Text)> = plan
        .clusters
        .iter()
        .filter(|(_, own)| own.datacenters.contains(&place))
        .filter(|(_, own)| cluster.is_none_or(|name| *own.name == *name))
        .map(|(id, own)| (id, &own.name))
        .collect();
    match there.as_slice() {
        [(id, _)] => Ok(*id),
        [] => {
            let own = plan.clusters.values().filter(|own| own.datacenters.contains(&place));
            let near = cluster.map(|name| did_you_mean(name, own.map(|own| &*own.name)));
            let which =
                cluster.map_or_else(|| "no cluster".to_owned(), |name| format!("no cluster `{name}`"));
            refuse(format!("there is {which} in `{datacenter}`{}", near.unwrap_or_default()))
        }
        several => {
            let names: Vec<String> = several.iter().map(|(_, name)| format!("`{name}`")).collect();
            refuse(format!("`{datacenter}` has several clusters; add cluster=NAME: {}", names.join(", ")))
        }
    }
}

/// Names that no host has: `new-1`, `new-2`.
fn free_names(hosts: &Items<Host, HostPlan>, count: u32) -> Vec<Text> {
    let taken: BTreeSet<&str> = hosts.values().map(|host| &*host.name).collect();
    let names = (1_u32..).map(|n| format!("new-{n}")).filter(|name| !taken.contains(&**name));
    names.take(usize::try_from(count).unwrap_or(0)).map(Text::from).collect()
}

/// A worker like another one, with nothing carved out.
fn bare_worker(like: &HostPlan, name: Text, capacity: Amount) -> HostPlan {
    let reservation: Reservation = carve::bare(capacity);
    let kept = Amount {
        cpu: Cpu::milli(reservation.system_cpu.as_milli() + reservation.kube_cpu.as_milli()),
        memory: Bytes::new(
            reservation.system_memory.get() + reservation.kube_memory.get() + reservation.eviction.get(),
        ),
    };
    HostPlan {
        name,
        rack: None,
        control_plane: false,
        worker: true,
        capacity,
        reservation,
        allocatable: capacity.minus(kept),
        carve_outs: Vec::new(),
        pods: None,
        pod_index: None,
        routes: Vec::new(),
        rules: Vec::new(),
        vips: Vec::new(),
        ports: Vec::new(),
        address: Origin::NONE.of(like.address.value),
        ..like.clone()
    }
}

/// What runs on every host of a cluster runs on the new one, too.
fn join(plan: &mut Plan, cluster: Id<Cluster>, host: Id<Host>) {
    if let Some(cluster) = plan.clusters.get_mut(cluster) {
        cluster.nodes.push(host);
    }
    for workload in plan.workloads.iter_mut().filter(|workload| workload.cluster == cluster) {
        if let Shape::Daemon(daemon) = &mut workload.shape
            && daemon.everywhere
        {
            daemon.hosts.push(host);
        }
    }
}

/// How many more pods of each service find a place at a cluster while all others stay where they are; nothing
/// where nothing is placed.
pub fn more_replicas<'p>(prover: &Prover<'p>, cluster: Id<Cluster>) -> BTreeMap<&'p str, u64> {
    let Some((room, Verdict::Fits(placement))) = prover.room(cluster) else { return BTreeMap::new() };
    let state = State::of(&room.instance, placement);
    // Variants differ in memory only, and the largest one comes last.
    let last: BTreeMap<&str, usize> =
        room.pods.iter().enumerate().map(|(group, pods)| (&*pods.workload.name, group)).collect();
    last.into_iter().map(|(service, group)| (service, state.room_for(group))).collect()
}
