//! Who a host's CPUs and memory belong to: the system, the kubelet, carve-outs; what is left is for pods.
//! Kubelet configuration, slices and the capacity sum all read this, so they agree.
//!
//! Rules: one CPU for the system (two on hosts of 64 and more) and one for kubelet and container runtime,
//! together in whole cores; 1 GiB and 2 GiB (1 GiB below 48 GiB); then each carve-out in whole cores, in the
//! order in which `platc.lock` first saw them, so that a later one never moves an earlier one's CPUs.
//! CPUs are pinned only where something is carved out.

use platc_diag::{Sourced, Span};
use platc_model::generated::{Host, Member, Reserve, Stateful};
use platc_model::scalar::{Bytes, Cpu};
use platc_model::{AtPlaces, Id, Items, Text};

use crate::cpus::{CpuMap, CpuSet};
use crate::plan::{Amount, CarveOut, HostPlan, Reservation};
use crate::{Planner, consents, errors, place, rules};

/// `evictionHard` of `memory.available`.
const EVICTION: Bytes = Bytes::mib(500);
/// From this many CPUs on, the system has a second one.
const MANY_CPUS: Cpu = Cpu::whole(64);
/// Below this much memory, the kubelet has half.
const SMALL_MEMORY: Bytes = Bytes::mib(48 << 10);
/// kubeadm refuses control-plane hosts below these (kubeadm's preflight checks).
const CONTROL_PLANE_MIN: (u64, Bytes) = (2, Bytes::mib(1700));

/// A member of something stateful on one host.
struct Claim<'m> {
    stateful: Id<Stateful>,
    name: &'m Text,
    value: &'m Stateful,
    member: &'m Sourced<Member>,
}

/// Gives out CPUs and memory of every node.
pub(crate) fn allocate(planner: &mut Planner<'_>, hosts: &mut Items<Host, HostPlan>) {
    let ids: Vec<Id<Host>> = hosts.ids().collect();
    for id in ids {
        let Some(host) = hosts.get_mut(id) else { continue };
        if host.cluster.is_some() {
            node(planner, id, host);
        }
    }
    remember(planner);
}

fn node(planner: &mut Planner<'_>, id: Id<Host>, host: &mut HostPlan) {
    let model = planner.model;
    let source = model.hosts.at(id);
    let (cpus_span, memory_span) = (
        source.value.cpu.and_then(|cpu| cpu.origin.span()),
        source.value.memory.and_then(|memory| memory.origin.span()),
    );
    let claims = claims(planner, id);
    // Most nodes are whole, and nobody needs to know their cores one by one.
    let said = model.topologies.get(id).is_some_and(Option::is_some);
    host.reservation =
        if claims.is_empty() && !said { bare(host.capacity) } else { carve(planner, id, host, claims) };
    host.allocatable = if minimum(planner, host) {
        allocatable(planner, host, cpus_span, memory_span)
    } else {
        Amount::default()
    };
}

/// Gives a node's claims their cores and memory; what is left of them is the kubelet's.
fn carve(
    planner: &mut Planner<'_>,
    id: Id<Host>,
    host: &mut HostPlan,
    mut claims: Vec<Claim<'_>>,
) -> Reservation {
    let source = &planner.model.hosts.at(id).value;
    let n_cpus = source.cpu.map_or(0, |cpu| *cpu);
    let mut map = topology(planner, id, n_cpus, source.smt.value);
    claims.sort_by_key(|claim| (planner.lock.stateful_rank(claim.name), Text::clone(claim.name)));
    let bare = bare(host.capacity);
    // What is said by number is taken first, so that nobody else gets it.
    let explicit: Vec<Option<CpuSet>> =
        claims.iter().map(|claim| explicit_cpus(planner, host, &map, claim)).collect();
    let mut free = map.clone();
    for cpus in explicit.iter().flatten() {
        free.take(cpus);
    }
    let system = free.allocate(whole(bare.system_cpu) + whole(bare.kube_cpu)).unwrap_or_default();
    map.take(&system);
    let mut reserved = system.clone();
    let mut carved = Bytes::default();
    for (claim, explicit) in claims.iter().zip(explicit) {
        let Some(reserve) = reserve_of(claim) else {
            let span = place(claim.member.origin, host.span);
            planner
                .report(errors::reserve_missing(span, claim.name, &host.name).about(Text::clone(claim.name)));
            continue;
        };
        let span = place(reserve.origin, host.span);
        let cpus = if let Some(cpus) = explicit {
            overlap(planner, span, claim.name, &cpus, &reserved, host);
            cpus
        } else {
            let wanted = u16::try_from(*reserve.cpu).unwrap_or(u16::MAX);
            free.allocate(wanted).unwrap_or_default()
        };
        if cpus.is_empty() {
            let wanted =
                u64::try_from(*reserve.cpu).unwrap_or(0) + u64::try_from(reserved.len()).unwrap_or(0);
            let problem =
                errors::over_reserved(span, &host.name, "CPU", &wanted.to_string(), &n_cpus.to_string());
            planner.report(problem.about(Text::clone(&host.name)));
        }
        reserved.extend(&cpus);
        carved = Bytes::new(carved.get().saturating_add(reserve.memory.get()));
        host.carve_outs.push(carve_out(planner, claim, &reserve, cpus, &map));
    }
    let pinned = !host.carve_outs.is_empty();
    Reservation {
        pinned,
        carved_memory: carved,
        system_cpus: if pinned { system } else { CpuSet::default() },
        reserved_cpus: if pinned { reserved } else { CpuSet::default() },
        ..bare
    }
}

/// What a node of that size keeps back while nothing is carved out of it.
pub fn bare(capacity: Amount) -> Reservation {
    Reservation {
        system_cpu: Cpu::whole(if capacity.cpu >= MANY_CPUS { 2 } else { 1 }),
        kube_cpu: Cpu::whole(1),
        system_memory: Bytes::mib(1 << 10),
        kube_memory: Bytes::mib(if capacity.memory < SMALL_MEMORY { 1 << 10 } else { 2 << 10 }),
        eviction: EVICTION,
        ..Reservation::default()
    }
}

fn whole(cpu: Cpu) -> u16 {
    u16::try_from(cpu.floor()).unwrap_or(u16::MAX)
}

fn allocatable(
    planner: &mut Planner<'_>,
    host: &HostPlan,
    cpu: Option<Span>,
    memory: Option<Span>,
) -> Amount {
    let reservation = &host.reservation;
    let taken_cpu = if reservation.pinned {
        Cpu::whole(u64::try_from(reservation.reserved_cpus.len()).unwrap_or(u64::MAX))
    } else {
        Cpu::milli(reservation.system_cpu.as_milli() + reservation.kube_cpu.as_milli())
    };
    let parts =
        [reservation.system_memory, reservation.carved_memory, reservation.kube_memory, reservation.eviction];
    let taken_memory = Bytes::new(parts.iter().map(|part| part.get()).sum());
    let taken = Amount { cpu: taken_cpu, memory: taken_memory };
    if !taken.fits(host.capacity) && host.capacity.memory.get() > 0 && host.capacity.cpu.as_milli() > 0 {
        let memory_short = taken.memory > host.capacity.memory;
        let (what, wanted, has, span) = if memory_short {
            ("memory", taken.memory.to_string(), host.capacity.memory.to_string(), memory)
        } else {
            ("CPU", taken.cpu.to_string(), host.capacity.cpu.to_string(), cpu)
        };
        let span = span.unwrap_or(host.span);
        let problem = errors::over_reserved(span, &host.name, what, &wanted, &has);
        planner.report(problem.about(Text::clone(&host.name)));
        // That nothing else fits, either, is a consequence.
        return Amount::default();
    }
    host.capacity.minus(taken)
}

/// Whether a host is large enough for its role; if it is not, that is reported.
fn minimum(planner: &mut Planner<'_>, host: &HostPlan) -> bool {
    let (cpus, memory) = CONTROL_PLANE_MIN;
    if !host.control_plane || host.capacity.memory.get() == 0 || host.capacity.cpu.as_milli() == 0 {
        return true;
    }
    let (cpu_fits, memory_fits) = (host.capacity.cpu >= Cpu::whole(cpus), host.capacity.memory >= memory);
    if !cpu_fits {
        let problem = errors::host_too_small(host.span, &host.name, "CPU", &cpus.to_string());
        planner.report(problem.about(Text::clone(&host.name)));
    }
    if !memory_fits {
        let problem = errors::host_too_small(host.span, &host.name, "memory", &memory.to_string());
        planner.report(problem.about(Text::clone(&host.name)));
    }
    cpu_fits && memory_fits
}

fn topology(planner: &mut Planner<'_>, id: Id<Host>, n_cpus: i64, smt: bool) -> CpuMap {
    let uniform = || CpuMap::uniform(u16::try_from(n_cpus).unwrap_or(0), smt);
    let model = planner.model;
    let Some((file, text)) = model.topologies.get(id).and_then(Option::as_ref) else { return uniform() };
    match CpuMap::from_lscpu(text) {
        Ok(map) => {
            if i64::try_from(map.n_cpus()).ok() != Some(n_cpus) {
                let said = model.hosts.at(id).value.topology.as_ref();
                let span = said
                    .map_or(Span::start_of(*file), |said| place(said.origin, model.hosts.at(id).head.span));
                planner.report(errors::topology_count(span, map.n_cpus(), n_cpus));
            }
            map
        }
        Err(error) => {
            let mut starts = text.split_inclusive('\n').scan(0_u32, |at, line| {
                let start = *at;
                *at += u32::try_from(line.len()).unwrap_or(0);
                Some((start, line.trim_end().len()))
            });
            let line = starts.nth(error.line.saturating_sub(1) as usize);
            let span = line.map_or(Span::start_of(*file), |(start, length)| {
                Span::new(*file, start, start + u32::try_from(length).unwrap_or(0))
            });
            planner.report(errors::topology(span, error.what));
            uniform()
        }
    }
}

/// Members of anything stateful on a host. They are the same at each place where they are members.
fn claims<'m>(planner: &Planner<'m>, host: Id<Host>) -> Vec<Claim<'m>> {
    let model = planner.model;
    let datacenter = model.sites.at(host).datacenter;
    let of = |(stateful, item): (Id<Stateful>, &'m AtPlaces<Stateful, _>)| {
        let at = item.at(datacenter)?;
        let member = at.value.on.iter().find(|member| member.host.value == host)?;
        Some(Claim { stateful, name: &item.head.name, value: &at.value, member })
    };
    model.statefuls.iter().filter_map(of).collect()
}

fn reserve_of(claim: &Claim<'_>) -> Option<Sourced<Reserve>> {
    claim.member.reserve.clone().or_else(|| claim.value.reserve.clone())
}

fn explicit_cpus(
    planner: &mut Planner<'_>,
    host: &HostPlan,
    map: &CpuMap,
    claim: &Claim<'_>,
) -> Option<CpuSet> {
    let reserve = reserve_of(claim)?;
    let said = reserve.cpus.as_ref()?;
    let span = place(said.origin, host.span);
    let cpus = CpuSet::parse(&said.value)?;
    if cpus.common(&map.all()) != cpus {
        planner.report(errors::cpus_not_there(span, &host.name, &said.value));
        return None;
    }
    if i64::try_from(cpus.len()).ok() != Some(*reserve.cpu) {
        planner.report(errors::cpus_count(span, cpus.len(), *reserve.cpu));
    }
    Some(cpus)
}

fn overlap(
    planner: &mut Planner<'_>,
    span: Span,
    who: &str,
    cpus: &CpuSet,
    reserved: &CpuSet,
    host: &HostPlan,
) {
    let common = cpus.common(reserved);
    if common.is_empty() {
        return;
    }
    let by = host.carve_outs.iter().find(|other| !other.cpus.common(cpus).is_empty());
    let by = by.map_or_else(|| "the system".to_owned(), |other| format!("`{}`", other.name));
    planner.report(errors::cpus_taken(span, who, &common.to_string(), &by).about(who));
}

fn carve_out(
    planner: &mut Planner<'_>,
    claim: &Claim<'_>,
    reserve: &Sourced<Reserve>,
    cpus: CpuSet,
    map: &CpuMap,
) -> CarveOut {
    let max = reserve.memory;
    // Twelfths: of 12 GiB, 11 GiB before it is slowed down and 10 GiB that nobody takes.
    let twelfths = |n: u64| Bytes::mib((max.get() >> 20) * n / 12);
    if let Some(heap) = reserve.heap
        && heap.get().saturating_mul(10) > max.get().saturating_mul(7)
    {
        let span = place(heap.origin, place(reserve.origin, Span::start_of(platc_diag::FileId(0))));
        planner.report(errors::heap_large(span, claim.name).about(Text::clone(claim.name)));
    }
    let node = if map.n_nodes() > 1 { map.node_of(&cpus) } else { None };
    CarveOut {
        stateful: claim.stateful,
        name: Text::clone(claim.name),
        unit: claim
            .value
            .unit
            .as_ref()
            .map_or_else(|| Text::clone(claim.name), |unit| Text::clone(&unit.value)),
        origin: reserve.origin.decided_by(&rules::CARVED),
        cpus,
        numa_node: node,
        memory_max: max,
        memory_high: twelfths(11),
        memory_low: twelfths(10),
        data: claim.value.data.clone(),
    }
}

/// Writes down who has which members, and asks for consent where one is gone that was there.
fn remember(planner: &mut Planner<'_>) {
    let model = planner.model;
    for (id, item) in model.statefuls.iter() {
        let name = &item.head.name;
        let now = members(model, id);
        let known = planner.lock.statefuls.iter().position(|(own, _)| own == name);
        let Some(known) = known else {
            planner.lock.to_mut().statefuls.push((Text::clone(name), now));
            continue;
        };
        let before = planner.lock.statefuls.get(known).map(|(_, hosts)| hosts.clone()).unwrap_or_default();
        let gone: Vec<&Text> = before.iter().filter(|host| !now.contains(host)).collect();
        let new: Vec<&Text> = now.iter().filter(|host| !before.contains(host)).collect();
        for (at, host) in gone.iter().enumerate() {
            let to = new.get(at).copied();
            let agreed = match to {
                Some(to) => consents::moved(planner, name, host, to),
                None => consents::removed(planner, name, host),
            };
            if !agreed {
                let problem = errors::stateful_moved(item.head.span, name, host, to.map(|to| &**to));
                planner.report(problem.about(Text::clone(name)));
            }
        }
        if let Some((_, hosts)) = planner.lock.to_mut().statefuls.get_mut(known) {
            *hosts = now;
        }
    }
    let gone: Vec<(Text, Vec<Text>)> = planner
        .lock
        .statefuls
        .iter()
        .filter(|(name, _)| !model.statefuls.values().any(|item| item.head.name == *name))
        .cloned()
        .collect();
    for (name, hosts) in gone {
        let platform = model.platforms.values().next();
        let span = platform.map_or(Span::start_of(platc_diag::FileId(0)), |platform| platform.head.span);
        if !hosts.iter().all(|host| consents::removed(planner, &name, host)) {
            planner.report(errors::stateful_removed(span, &name).about(Text::clone(&name)));
        } else {
            planner.lock.to_mut().statefuls.retain(|(own, _)| *own != name);
        }
    }
}

/// Hosts of the members, in the order in which they are written.
fn members(model: &platc_model::Model, id: Id<Stateful>) -> Vec<Text> {
    let mut hosts = Vec::new();
    for at in &model.statefuls.at(id).at {
        for member in &at.value.on {
            let name = &model.hosts.at(member.host.value).head.name;
            if !hosts.contains(name) {
                hosts.push(Text::clone(name));
            }
        }
    }
    hosts
}
