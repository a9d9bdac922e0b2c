//! What a loss does: hosts are gone, and with them their pods, members and machines at the edge.
//!
//! After a loss each service needs as many pods as it keeps up while it rolls: its replicas less
//! `rollout unavailable`. Where a whole cluster is gone, each of its services needs that many of its largest
//! place at every place that is left (language, section 7). Members of statefuls do not move, nor do pods whose volumes
//! lie on a host; of these so many must be left, however they were placed, as `max-unavailable` lets be away.
//!
//! Pods that were on a lost host are placed first while all others stay where they are, which is what the
//! scheduler does. Only if that fails everything is placed anew.
//!
//! Start with [`Trials::after`].

use std::collections::{BTreeMap, BTreeSet};

use platc_model::generated::{By, Cluster, Datacenter, Host, Priority, Stateful, Strictness};
use platc_model::{Id, Text};
use platc_plan::{Plan, ServiceShape, Shape, Workload};

use crate::pack::{Group, Limits, Trial, Verdict, pack};
use crate::room::{Room, service};
use crate::shortage::{Shortage, shortages};

/// What is lost together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// What it is called: `a-w4`, `a-m1 and a-w2`, `rack r1`, `dc-a`.
    pub name: String,
    /// Hosts that are gone.
    pub hosts: Vec<Id<Host>>,
    /// Other cases that differ from this one in names only: same room, same members, same roles.
    pub alike: Vec<String>,
}

/// What a claim is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Everything.
    Platform,
    /// A cluster, and what its services need elsewhere.
    Cluster(Id<Cluster>),
    /// Services; others count only where they are at least as important.
    Services(BTreeSet<Text>),
}

/// What is left after a loss.
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome {
    /// What is lost.
    pub case: Case,
    /// What no longer holds; with nothing here and in `open` the claim is proven for this case.
    pub breaks: Vec<Break>,
    /// Clusters of which neither was shown within the limits.
    pub open: Vec<Id<Cluster>>,
    /// How the pods find their places, by cluster that has lost something.
    pub rooms: Vec<RoomAfter>,
}

/// How the pods of a cluster find their places after a loss.
#[derive(Clone, PartialEq, Debug)]
pub struct RoomAfter {
    /// The cluster.
    pub cluster: Id<Cluster>,
    /// How.
    pub fit: Fit,
    /// Pods that wait for lost hosts, because their volumes are there.
    pub waiting: usize,
    /// Share of the CPU of the hosts left that is asked for, in thousandths.
    pub cpu_permille: u64,
}

/// How pods find their places.
#[derive(Clone, PartialEq, Debug)]
pub enum Fit {
    /// So many pods go elsewhere, all others stay.
    Moves(usize),
    /// Only if others move, too.
    Anew,
    /// Only if these, which are less important, make way.
    Displaces(Vec<Text>),
    /// They do not.
    No,
    /// Neither was shown within the limits.
    Unknown,
}

/// Something that no longer holds.
#[derive(Clone, PartialEq, Debug)]
pub enum Break {
    /// Pods find no place.
    NoRoom(Shortage),
    /// etcd has no majority: the API takes no changes, and nothing is scheduled.
    Quorum {
        /// Of which cluster.
        cluster: Id<Cluster>,
        /// So many members,
        members: usize,
        /// so many of them left,
        alive: usize,
        /// and so many are needed.
        needed: usize,
    },
    /// A stateful has fewer members than must be alive.
    Members {
        /// Which.
        stateful: Id<Stateful>,
        /// Where.
        datacenter: Id<Datacenter>,
        /// So many members there,
        members: usize,
        /// so many of them left,
        alive: usize,
        /// and so many are needed.
        needed: usize,
    },
    /// Pods of a place have nobody left of a stateful.
    Unserved {
        /// Which.
        stateful: Id<Stateful>,
        /// Whose pods.
        datacenter: Id<Datacenter>,
    },
    /// A call or a route has nobody left to answer.
    Nobody {
        /// Who calls.
        caller: Text,
        /// Its cluster.
        cluster: Id<Cluster>,
        /// Who is called,
        target: Text,
        /// and where.
        at: Id<Cluster>,
    },
    /// A service is nowhere else.
    Gone {
        /// Which.
        service: Text,
        /// Where it was.
        cluster: Id<Cluster>,
    },
    /// Too few pods are left of a service whose volumes lie on hosts, if its pods lay as badly as they may.
    Bound {
        /// Which.
        service: Text,
        /// Where.
        cluster: Id<Cluster>,
        /// So many pods,
        pods: u32,
        /// so many of them left,
        alive: u32,
        /// and so many are needed.
        needed: u32,
    },
    /// No API server is left, though etcd is, which is elsewhere.
    Api {
        /// Of which cluster.
        cluster: Id<Cluster>,
    },
    /// Names of a cluster are answered by nobody.
    Dns {
        /// Which cluster.
        cluster: Id<Cluster>,
    },
    /// A way in has no host left.
    Edge {
        /// Proxy or balancer.
        name: Text,
    },
}

/// Placements of a plan, found once; losses are tried on them.
#[derive(Debug)]
pub struct Prover<'p> {
    plan: &'p Plan,
    limits: Limits,
    rooms: BTreeMap<Id<Cluster>, (Room<'p>, Verdict)>,
}

impl<'p> Prover<'p> {
    /// Places the pods of each cluster.
    pub fn new(plan: &'p Plan, limits: Limits) -> Self {
        let place = |cluster: Id<Cluster>| {
            let room = Room::planned(plan, cluster);
            let verdict = pack(&room.instance, limits);
            (cluster, (room, verdict))
        };
        Self { plan, limits, rooms: plan.clusters.ids().map(place).collect() }
    }

    /// The plan.
    pub fn plan(&self) -> &'p Plan {
        self.plan
    }

    /// How long is looked for an answer.
    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// The pods of a cluster, and whether they have a place.
    pub fn room(&self, cluster: Id<Cluster>) -> Option<(&Room<'p>, &Verdict)> {
        self.rooms.get(&cluster).map(|(room, verdict)| (room, verdict))
    }

    /// Losses to be tried one after the other.
    pub fn trials(&self) -> Trials<'_, 'p> {
        Trials { prover: self, placed: BTreeMap::new(), needed: BTreeMap::new() }
    }

    /// What is left after one loss, as far as the scope cares.
    pub fn after(&self, case: &Case, scope: &Scope) -> Outcome {
        self.trials().after(case, scope)
    }
}

/// Losses tried one after the other. What they have in common is found once: with a thousand hosts and five
/// thousand services it is most of the work.
#[derive(Debug)]
pub struct Trials<'a, 'p> {
    prover: &'a Prover<'p>,
    /// Where pods are before each loss.
    placed: BTreeMap<Id<Cluster>, Trial<'a>>,
    /// What must find a place after each loss that takes no whole cluster.
    needed: BTreeMap<Id<Cluster>, Room<'p>>,
}

impl<'p> Trials<'_, 'p> {
    /// What is left after a loss, as far as the scope cares.
    pub fn after(&mut self, case: &Case, scope: &Scope) -> Outcome {
        let plan = self.prover.plan;
        let loss = Loss::new(self.prover, &case.hosts, scope);
        let mut outcome =
            Outcome { case: case.clone(), breaks: Vec::new(), open: Vec::new(), rooms: Vec::new() };
        for cluster in plan.clusters.ids().filter(|cluster| loss.concerns(*cluster)) {
            if loss.is_gone(cluster) {
                outcome.breaks.extend(loss.gone(cluster));
            } else {
                outcome.breaks.extend(loss.control_plane(cluster));
                outcome.breaks.extend(loss.bound(cluster));
                self.room(&loss, cluster, &mut outcome);
            }
        }
        outcome.breaks.extend(loss.calls());
        if !matches!(scope, Scope::Services(_)) {
            outcome.breaks.extend(loss.statefuls());
            outcome.breaks.extend(loss.edge());
        }
        outcome
    }

    /// Places for the pods of a cluster, if it has lost something or takes something over.
    fn room(&mut self, loss: &Loss<'_, 'p>, cluster: Id<Cluster>, outcome: &mut Outcome) {
        let takes_over = loss.takes_over(cluster);
        if !takes_over && !loss.takes_from(cluster) {
            return;
        }
        let after = if takes_over { None } else { self.evacuated(cluster, loss.lost) };
        let (fit, cpu_permille) = match after {
            Some(moved) => (Fit::Moves(moved), used_permille(self.needed(loss, cluster), loss.lost)),
            None => {
                let mut room =
                    if takes_over { loss.needs(cluster) } else { self.needed(loss, cluster).clone() };
                loss.pin(&mut room);
                let cpu_permille = used_permille(&room, loss.lost);
                (loss.fit(room.without(loss.lost), outcome), cpu_permille)
            }
        };
        if fit == Fit::Unknown {
            outcome.open.push(cluster);
        }
        let waiting = self.waiting(cluster, loss.lost);
        outcome.rooms.push(RoomAfter { cluster, fit, waiting, cpu_permille });
    }

    /// Pods that were on lost hosts and are bound to them.
    fn waiting(&self, cluster: Id<Cluster>, lost: &[Id<Host>]) -> usize {
        let Some((room, Verdict::Fits(placement))) = self.prover.room(cluster) else { return 0 };
        let bound = room.instance.groups.iter().zip(&placement.bins_of).filter(|(group, _)| group.bound);
        let bins = bound.flat_map(|(_, bins)| bins);
        bins.filter(|bin| room.hosts.get(**bin).is_some_and(|host| lost.contains(host))).count()
    }

    /// What a cluster needs after a loss that leaves each of its services where they are.
    fn needed(&mut self, loss: &Loss<'_, 'p>, cluster: Id<Cluster>) -> &Room<'p> {
        self.needed.entry(cluster).or_insert_with(|| loss.needs(cluster))
    }

    /// The pods that were on lost hosts, placed while all others stay.
    fn evacuated(&mut self, cluster: Id<Cluster>, lost: &[Id<Host>]) -> Option<usize> {
        let (room, Verdict::Fits(placement)) = self.prover.room(cluster)? else { return None };
        let trial = self.placed.entry(cluster).or_insert_with(|| Trial::of(&room.instance, placement));
        let done = trial.without(&room.bins(lost)).ok()?;
        Some(done.moves.len())
    }
}

/// A loss under examination.
struct Loss<'a, 'p> {
    prover: &'a Prover<'p>,
    plan: &'p Plan,
    lost: &'a [Id<Host>],
    scope: &'a Scope,
    /// Clusters that have no host left.
    gone: BTreeSet<Id<Cluster>>,
}

impl<'a, 'p> Loss<'a, 'p> {
    fn new(prover: &'a Prover<'p>, lost: &'a [Id<Host>], scope: &'a Scope) -> Self {
        let plan = prover.plan;
        let gone = plan.clusters.iter().filter(|(_, cluster)| {
            !cluster.nodes.is_empty() && cluster.nodes.iter().all(|node| lost.contains(node))
        });
        Self { prover, plan, lost, scope, gone: gone.map(|(id, _)| id).collect() }
    }

    fn is_gone(&self, cluster: Id<Cluster>) -> bool {
        self.gone.contains(&cluster)
    }

    fn left<'h>(&self, hosts: &'h [Id<Host>]) -> impl Iterator<Item = &'h Id<Host>> {
        hosts.iter().filter(|host| !self.lost.contains(host))
    }

    /// Whether the scope cares for a cluster: for its own, and for those that must take over.
    fn concerns(&self, cluster: Id<Cluster>) -> bool {
        match self.scope {
            Scope::Platform => true,
            Scope::Cluster(own) => *own == cluster || (self.is_gone(*own) && self.takes_over(cluster)),
            Scope::Services(names) => {
                self.plan.workloads_at(cluster).any(|workload| names.contains(&workload.name))
            }
        }
    }

    /// Whether a service of a cluster that is gone is there, too.
    fn takes_over(&self, cluster: Id<Cluster>) -> bool {
        !self.gone.is_empty() && self.plan.workloads_at(cluster).any(|workload| self.lost_place(workload))
    }

    /// Whether the service of a workload was at a cluster that is gone.
    fn lost_place(&self, workload: &Workload) -> bool {
        self.gone.iter().any(|gone| {
            let there = self.plan.workloads_at(*gone);
            there.into_iter().any(|other| other.name == workload.name && service(other).is_some())
        })
    }

    /// Whether a host of a cluster is lost.
    fn takes_from(&self, cluster: Id<Cluster>) -> bool {
        let nodes = &self.plan.clusters.at(cluster).nodes;
        nodes.iter().any(|node| self.lost.contains(node))
    }

    /// How many pods a service needs now.
    fn needed(&self, workload: &Workload, shape: &ServiceShape) -> u32 {
        let cares = match self.scope {
            Scope::Services(names) => names.contains(&workload.name),
            Scope::Platform | Scope::Cluster(_) => true,
        };
        let mut most = shape.replicas.value;
        if cares && self.lost_place(workload) {
            let places = self.plan.workloads.iter().filter(|other| other.name == workload.name);
            most = places.filter_map(service).map(|other| other.replicas.value).fold(most, u32::max);
        }
        most.saturating_sub(shape.unavailable.value)
    }

    /// What a cluster needs now, on all of its hosts.
    fn needs(&self, cluster: Id<Cluster>) -> Room<'p> {
        Room::new(self.plan, cluster, |workload, shape| self.needed(workload, shape))
    }

    /// Pods that are bound to a host which is left stay on it, whatever else is placed anew. More of them are wanted only
    /// where a place of theirs is gone: what waits for a lost host needs no other.
    fn pin(&self, room: &mut Room<'p>) {
        let Some((planned, Verdict::Fits(placement))) = self.prover.room(room.cluster) else { return };
        for nth in 0..planned.pods.len() {
            let (Some(pods), Some(bins)) = (planned.pods.get(nth).copied(), placement.bins_of.get(nth))
            else {
                continue;
            };
            let Some(group) = room.instance.groups.get_mut(nth).filter(|group| group.bound) else { continue };
            let mut on: BTreeMap<usize, u32> = BTreeMap::new();
            for bin in
                bins.iter().filter(|bin| room.hosts.get(**bin).is_some_and(|host| !self.lost.contains(host)))
            {
                *on.entry(*bin).or_default() += 1;
            }
            let more = group.count.saturating_sub(on.values().sum());
            group.count = if self.lost_place(pods.workload) { more } else { 0 };
            let group = group.clone();
            for (bin, count) in on {
                let only = (0..room.hosts.len()).map(|other| other == bin).collect();
                room.instance.groups.push(Group { count, only: Some(only), ..group.clone() });
                room.pods.push(pods);
            }
        }
    }

    /// Services of which too few pods are left, because the others wait for lost hosts. Where pods need not be apart,
    /// all of them may have been there.
    fn bound(&self, id: Id<Cluster>) -> Vec<Break> {
        let lost = || {
            self.lost
                .iter()
                .map(|host| (*host, self.plan.hosts.at(*host)))
                .filter(|(_, host)| host.worker && host.cluster == Some(id))
        };
        let mut breaks = Vec::new();
        for workload in self.plan.workloads_at(id).filter(|own| own.is_bound()) {
            let Some(shape) = service(workload) else { continue };
            if matches!(self.scope, Scope::Services(names) if !names.contains(&workload.name)) {
                continue;
            }
            let pods = shape.replicas.value;
            let places = match (shape.anti_affinity.value, shape.anti_affinity_by.value) {
                (Strictness::Required, By::Host) => lost().count(),
                (Strictness::Required, By::Rack) => {
                    // Hosts without a rack are not kept apart.
                    if lost().any(|(_, host)| host.rack.is_none()) {
                        usize::MAX
                    } else {
                        lost().map(|(_, host)| (host.datacenter, &host.rack)).collect::<BTreeSet<_>>().len()
                    }
                }
                (Strictness::Required, By::Datacenter) => {
                    lost().map(|(_, host)| host.datacenter).collect::<BTreeSet<_>>().len()
                }
                (Strictness::Preferred | Strictness::None, _) => {
                    if lost().next().is_some() {
                        usize::MAX
                    } else {
                        0
                    }
                }
            };
            let alive = pods.saturating_sub(u32::try_from(places).unwrap_or(u32::MAX));
            let away = shape.max_unavailable.value.max(shape.unavailable.value);
            let needed = pods.saturating_sub(away).max(1).min(pods);
            if alive < needed {
                let service = Text::clone(&workload.name);
                breaks.push(Break::Bound { service, cluster: id, pods, alive, needed });
            }
        }
        breaks
    }

    /// Everything placed anew.
    fn fit(&self, room: Room<'p>, outcome: &mut Outcome) -> Fit {
        match pack(&room.instance, self.prover.limits) {
            Verdict::Fits(_) => Fit::Anew,
            Verdict::Unknown => Fit::Unknown,
            Verdict::Refuted(bounds) => {
                let Scope::Services(names) = self.scope else {
                    outcome.breaks.extend(shortages(&room, &bounds).into_iter().map(Break::NoRoom));
                    return Fit::No;
                };
                self.without_lesser(room, names, outcome)
            }
        }
    }

    /// Less important pods make way for those that a claim is about.
    fn without_lesser(&self, room: Room<'p>, names: &BTreeSet<Text>, outcome: &mut Outcome) -> Fit {
        let mut room = room;
        let claimed = room.pods.iter().filter(|pods| names.contains(&pods.workload.name));
        let least = claimed.map(|pods| rank(pods.workload.priority.value)).min().unwrap_or(0);
        let mut displaced: Vec<Text> = Vec::new();
        for (pods, group) in room.pods.iter().zip(&mut room.instance.groups) {
            if rank(pods.workload.priority.value) < least && group.count > 0 {
                group.count = 0;
                displaced.push(Text::clone(&pods.workload.name));
            }
        }
        displaced.dedup();
        match pack(&room.instance, self.prover.limits) {
            Verdict::Fits(_) => Fit::Displaces(displaced),
            Verdict::Unknown => Fit::Unknown,
            Verdict::Refuted(bounds) => {
                outcome.breaks.extend(shortages(&room, &bounds).into_iter().map(Break::NoRoom));
                Fit::No
            }
        }
    }

    /// A cluster without hosts: what was nowhere else is gone. The rest takes over elsewhere.
    fn gone(&self, cluster: Id<Cluster>) -> Vec<Break> {
        let cares = |workload: &&Workload| match self.scope {
            Scope::Services(names) => names.contains(&workload.name),
            Scope::Platform | Scope::Cluster(_) => true,
        };
        let elsewhere = |workload: &Workload| {
            self.plan.workloads.iter().any(|other| {
                other.name == workload.name && service(other).is_some() && !self.is_gone(other.cluster)
            })
        };
        let services = self.plan.workloads_at(cluster).filter(|workload| service(workload).is_some());
        let gone = services.filter(cares).filter(|workload| !elsewhere(workload));
        gone.map(|workload| Break::Gone { service: Text::clone(&workload.name), cluster }).collect()
    }

    /// etcd and DNS.
    fn control_plane(&self, id: Id<Cluster>) -> Vec<Break> {
        if matches!(self.scope, Scope::Services(_)) {
            return Vec::new();
        }
        let cluster = self.plan.clusters.at(id);
        let mut breaks = Vec::new();
        let (members, alive) = match &cluster.etcd {
            None => (cluster.control_plane.len(), self.left(&cluster.control_plane).count()),
            Some(etcd) => {
                // Of members that are no hosts of ours nothing is known, so nothing is lost.
                let is_left = |host: Option<Id<Host>>| host.is_none_or(|host| !self.lost.contains(&host));
                let alive = etcd.members.iter().filter(|member| is_left(member.host)).count();
                (etcd.members.len(), alive)
            }
        };
        let needed = members / 2 + 1;
        if alive < needed && alive < members {
            breaks.push(Break::Quorum { cluster: id, members, alive, needed });
        }
        let servers = &cluster.control_plane;
        if cluster.etcd.is_some() && !servers.is_empty() && self.left(servers).next().is_none() {
            breaks.push(Break::Api { cluster: id });
        }
        let dns = &cluster.dns.hosts;
        if !dns.is_empty() && self.left(dns).next().is_none() {
            breaks.push(Break::Dns { cluster: id });
        }
        breaks
    }

    /// Calls and routes of what is left into clusters that are gone.
    fn calls(&self) -> Vec<Break> {
        let mut breaks = Vec::new();
        if self.gone.is_empty() {
            return breaks;
        }
        for workload in self.plan.workloads.iter().filter(|workload| !self.is_gone(workload.cluster)) {
            let cares = match self.scope {
                Scope::Platform => true,
                Scope::Cluster(own) => *own == workload.cluster,
                Scope::Services(names) => names.contains(&workload.name),
            };
            let targets: BTreeSet<(&Text, Id<Cluster>)> = targets(workload).collect();
            for (target, at) in targets.into_iter().filter(|(_, at)| cares && self.is_gone(*at)) {
                breaks.push(Break::Nobody {
                    caller: Text::clone(&workload.name),
                    cluster: workload.cluster,
                    target: Text::clone(target),
                    at,
                });
            }
        }
        breaks
    }

    fn statefuls(&self) -> Vec<Break> {
        let mut breaks = Vec::new();
        let places = self.plan.model.datacenters.ids();
        for (id, stateful) in self.plan.model.statefuls.iter() {
            for datacenter in places.clone().filter(|place| self.cares_for_place(*place)) {
                let Some(at) = stateful.at(datacenter) else { continue };
                let here = |host: Id<Host>| self.plan.hosts.at(host).datacenter == datacenter;
                let alive = |host: Id<Host>| !self.lost.contains(&host);
                let members: Vec<_> = at.value.on.iter().map(|member| &member.value).collect();
                let own = members.iter().filter(|member| here(member.host.value));
                let (n, n_alive) =
                    (own.clone().count(), own.filter(|member| alive(member.host.value)).count());
                let roles = members.iter().any(|member| member.role.is_some());
                let majority = if roles { usize::from(n > 0) } else { n / 2 + usize::from(n > 0) };
                let said = at.value.min_alive.map(|said| usize::try_from(said.value).unwrap_or(0));
                let needed = said.unwrap_or(majority).min(n);
                if n_alive < needed && n_alive < n {
                    let (members, alive) = (n, n_alive);
                    breaks.push(Break::Members { stateful: id, datacenter, members, alive, needed });
                }
                let serves = |member: &&&platc_model::generated::Member| {
                    let said = member.serves.iter().flatten().any(|place| place.value == datacenter);
                    said || here(member.host.value)
                };
                let servers = members.iter().filter(serves);
                let left = servers.clone().filter(|member| alive(member.host.value)).count();
                if n == 0 && left == 0 && servers.count() > 0 {
                    breaks.push(Break::Unserved { stateful: id, datacenter });
                }
            }
        }
        breaks
    }

    /// Places that the scope cares for and that are not lost as a whole.
    fn cares_for_place(&self, datacenter: Id<Datacenter>) -> bool {
        let in_scope = match self.scope {
            Scope::Platform => true,
            Scope::Cluster(own) => self.plan.clusters.at(*own).datacenters.contains(&datacenter),
            Scope::Services(_) => false,
        };
        let mut hosts = self.plan.hosts.iter().filter(|(_, host)| host.datacenter == datacenter);
        in_scope && hosts.any(|(id, _)| !self.lost.contains(&id))
    }

    /// Proxies of clusters that are left, and balancers.
    fn edge(&self) -> Vec<Break> {
        let mut breaks = Vec::new();
        for workload in self.plan.workloads.iter().filter(|workload| !self.is_gone(workload.cluster)) {
            let Shape::Proxy(proxy) = &workload.shape else { continue };
            let cares = !matches!(self.scope, Scope::Cluster(own) if *own != workload.cluster);
            if cares && !proxy.hosts.is_empty() && self.left(&proxy.hosts).next().is_none() {
                breaks.push(Break::Edge { name: Text::clone(&workload.name) });
            }
        }
        if *self.scope == Scope::Platform {
            for balancer in &self.plan.balancers {
                let all_gone = self.left(&balancer.hosts).next().is_none();
                let unserved = balancer.routes.iter().any(|route| {
                    !route.servers.is_empty() && route.servers.iter().all(|server| self.is_lost(&server.name))
                });
                if all_gone || unserved {
                    breaks.push(Break::Edge { name: Text::clone(&balancer.name) });
                }
            }
        }
        breaks
    }

    fn is_lost(&self, name: &Text) -> bool {
        self.lost.iter().any(|host| self.plan.hosts.at(*host).name == *name)
    }
}

/// Who a workload calls, and where.
fn targets(workload: &Workload) -> impl Iterator<Item = (&Text, Id<Cluster>)> {
    let calls = workload.sidecar.iter().flat_map(|sidecar| &sidecar.calls);
    let routes = match &workload.shape {
        Shape::Proxy(proxy) => proxy.virtual_hosts.as_slice(),
        _ => &[],
    };
    let routes = routes.iter().flat_map(|host| &host.routes).map(|route| &route.call);
    calls.chain(routes).map(|call| (&call.target.service, call.target.cluster))
}

/// How important: the more, the higher.
fn rank(priority: Priority) -> u8 {
    match priority {
        Priority::Batch => 0,
        Priority::Normal => 1,
        Priority::Critical => 2,
    }
}

/// Share of all CPU left that all pods ask for, in thousandths; rounded up.
fn used_permille(room: &Room<'_>, lost: &[Id<Host>]) -> u64 {
    let left = room.instance.bins.iter().zip(&room.hosts).filter(|(_, host)| !lost.contains(host));
    let free: u64 = left.map(|(bin, _)| bin.free[0]).sum();
    let wanted: u64 =
        room.instance.groups.iter().map(|group| group.demand[0].saturating_mul(u64::from(group.count))).sum();
    (wanted.saturating_mul(1000)).div_ceil(free.max(1))
}
