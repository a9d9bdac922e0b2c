//! Claims: what a platform says that it survives, every case of it tried, and what is found.
//!
//! Start with [`prove`].

use std::collections::{BTreeMap, BTreeSet};

use platc_diag::{Diagnostic, Problems, Sourced, Span};
use platc_model::generated::{Cluster, Datacenter, Host, Survives};
use platc_model::{Id, Text};
use platc_plan::{Plan, Shape};

use crate::drain::every_drain;
use crate::findings;
use crate::loss::{Case, Outcome, Prover, Scope};
use crate::pack::{Level, Limits};
use crate::rollout;
use crate::room::Room;

/// Cases of one claim that are tried; alike ones are one. Two hosts of 1,000 that differ are 499,500: past
/// this the claim is unknown.
pub const LOSS_CASES: usize = 20_000;

/// A claim about one kind of loss.
#[derive(Clone, PartialEq, Debug)]
pub struct Claim {
    /// Who claims it: the name of the platform, a cluster or a service.
    pub who: Text,
    /// Where the number is written.
    pub span: Span,
    /// What it is about.
    pub scope: Scope,
    /// What is lost.
    pub loss: Loss,
}

/// What is lost.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Loss {
    /// Any so many hosts.
    Hosts(usize),
    /// Any rack.
    Rack,
    /// Any datacenter.
    Datacenter,
}

/// What came of a claim.
#[derive(Clone, PartialEq, Debug)]
pub struct Proof {
    /// The claim.
    pub claim: Claim,
    /// Every case, alike ones once.
    pub outcomes: Vec<Outcome>,
    /// Whether there were more cases than are tried.
    pub too_many: bool,
}

/// How a claim or a case ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// Every case was shown to hold.
    Proven,
    /// Neither was shown within the limits.
    Unknown,
    /// A case was shown not to hold.
    Refuted,
}

impl Loss {
    /// `host=2`.
    pub fn word(self) -> String {
        match self {
            Self::Hosts(n) => format!("host={n}"),
            Self::Rack => "rack=1".to_owned(),
            Self::Datacenter => "datacenter=1".to_owned(),
        }
    }
}

impl Outcome {
    /// How the case ended.
    pub fn standing(&self) -> Standing {
        match (self.breaks.is_empty(), self.open.is_empty()) {
            (false, _) => Standing::Refuted,
            (true, false) => Standing::Unknown,
            (true, true) => Standing::Proven,
        }
    }
}

impl Proof {
    /// How the claim ended.
    pub fn standing(&self) -> Standing {
        let unknown = if self.too_many { Standing::Unknown } else { Standing::Proven };
        self.outcomes.iter().map(Outcome::standing).fold(unknown, Standing::max)
    }

    /// Cases that were shown, alike ones each.
    pub fn n_cases(&self) -> usize {
        self.outcomes.iter().map(|outcome| 1 + outcome.case.alike.len()).sum()
    }
}

/// Everything that was tried to show of a plan.
#[derive(Debug)]
pub struct Proofs<'p> {
    /// Placements.
    pub prover: Prover<'p>,
    /// Claims.
    pub claims: Vec<Proof>,
}

/// Tries to show that everything has a place, can roll, and survives what is claimed.
pub fn prove(plan: &Plan, limits: Limits) -> (Proofs<'_>, Problems) {
    let prover = Prover::new(plan, limits);
    let mut problems = Problems::new();
    for (id, cluster) in plan.clusters.iter() {
        if let Some((room, verdict)) = prover.room(id) {
            findings::placement(cluster, room, verdict, &mut problems);
            rollout::prove(room, verdict, limits, &mut problems);
        }
    }
    let mut proofs = Vec::new();
    let mut trials = prover.trials();
    for claim in claims(plan) {
        let (cases, too_many) = cases(&prover, &claim);
        if cases.is_empty() && claim.loss == Loss::Rack {
            problems.push(findings::nothing_to_lose(&claim));
        }
        let outcomes = cases.iter().map(|case| trials.after(case, &claim.scope)).collect();
        let proof = Proof { claim, outcomes, too_many };
        findings::proof(plan, &proof, &mut problems);
        proofs.push(proof);
    }
    // Where the loss of a host is claimed and refuted, that is said, and a drain is no news.
    let mut drains = every_drain(&prover);
    drains.retain(|drain| !proofs.iter().any(|proof| refutes_hosts_of(proof, drain.cluster)));
    findings::drains(plan, &drains, &mut problems);
    for (id, span) in clusters_that_lose_hosts(plan) {
        if let Some((room, verdict)) = prover.room(id) {
            rollout::after_a_loss(room, verdict, span, &mut problems);
        }
    }
    problems.sort_by(Diagnostic::report_order);
    problems.dedup();
    (Proofs { prover, claims: proofs }, problems)
}

/// Whether the loss of hosts of a cluster is claimed and refuted.
fn refutes_hosts_of(proof: &Proof, cluster: Id<Cluster>) -> bool {
    let about = match &proof.claim.scope {
        Scope::Platform => true,
        Scope::Cluster(own) => *own == cluster,
        Scope::Services(_) => false,
    };
    about && matches!(proof.claim.loss, Loss::Hosts(_)) && proof.standing() == Standing::Refuted
}

/// All that is claimed, in the order of platform, clusters, services.
pub fn claims(plan: &Plan) -> Vec<Claim> {
    let model = &plan.model;
    let mut claims = Vec::new();
    for platform in model.platforms.values() {
        if let Some(survives) = &platform.value.survives {
            add(&mut claims, &platform.head.name, platform.head.span, &Scope::Platform, survives);
        }
    }
    for (id, cluster) in model.clusters.iter().filter(|(id, _)| plan.clusters.get(*id).is_some()) {
        if let Some(survives) = &cluster.value.survives {
            add(&mut claims, &cluster.head.name, cluster.head.span, &Scope::Cluster(id), survives);
        }
    }
    claims.extend(service_claims(plan));
    claims
}

fn add(claims: &mut Vec<Claim>, who: &Text, span: Span, scope: &Scope, survives: &Sourced<Survives>) {
    let value = &survives.value;
    for (n, loss) in [
        (value.host, Loss::Hosts(usize::try_from(value.host.value).unwrap_or(0))),
        (value.rack, Loss::Rack),
        (value.datacenter, Loss::Datacenter),
    ] {
        if n.value > 0 {
            let span = n.origin.span().or(survives.origin.span()).unwrap_or(span);
            claims.push(Claim { who: Text::clone(who), span, scope: scope.clone(), loss });
        }
    }
}

/// Services that claim the same are carried together: the room that one takes over is not the other's.
fn service_claims(plan: &Plan) -> Vec<Claim> {
    let mut by_loss: BTreeMap<Loss, Vec<Claim>> = BTreeMap::new();
    for item in plan.model.services.values() {
        let mut own: Vec<Claim> = Vec::new();
        for at in &item.at {
            let Some(survives) = &at.value.survives else { continue };
            let scope = Scope::Services(BTreeSet::from([Text::clone(&item.head.name)]));
            add(&mut own, &item.head.name, item.head.span, &scope, survives);
        }
        own.sort_by_key(|claim| claim.loss);
        own.dedup_by(|a, b| a.loss == b.loss);
        for claim in own {
            by_loss.entry(claim.loss).or_default().push(claim);
        }
    }
    let mut claims = Vec::new();
    for (_, group) in by_loss {
        let names: BTreeSet<Text> = group.iter().map(|claim| Text::clone(&claim.who)).collect();
        if let Some(first) = group.into_iter().next() {
            claims.push(Claim { scope: Scope::Services(names), ..first });
        }
    }
    claims
}

/// Every case of a claim, alike ones once; and whether there are more than are tried.
fn cases(prover: &Prover<'_>, claim: &Claim) -> (Vec<Case>, bool) {
    let plan = prover.plan();
    let hosts = hosts_of(plan, &claim.scope);
    match claim.loss {
        Loss::Hosts(n) => hosts_lost(prover, &hosts, n),
        Loss::Rack => (racks(plan, &hosts), false),
        Loss::Datacenter => (datacenters(plan, &hosts), false),
    }
}

/// The loss of each host (alike ones once), of each rack and of each datacenter, whatever is claimed.
pub fn every_loss(prover: &Prover<'_>) -> Vec<(&'static str, Case)> {
    let plan = prover.plan();
    let all: Vec<Id<Host>> = plan.hosts.ids().collect();
    let hosts = hosts_lost(prover, &all, 1).0.into_iter().map(|case| ("host", case));
    let racks = racks(plan, &all).into_iter().map(|case| ("rack", case));
    let datacenters = datacenters(plan, &all).into_iter().map(|case| ("datacenter", case));
    hosts.chain(racks).chain(datacenters).collect()
}

/// Hosts whose loss a scope is about.
fn hosts_of(plan: &Plan, scope: &Scope) -> Vec<Id<Host>> {
    match scope {
        Scope::Platform => plan.hosts.ids().collect(),
        Scope::Cluster(cluster) => {
            let cluster = plan.clusters.at(*cluster);
            let members = cluster.etcd.iter().flat_map(|etcd| &etcd.members);
            let elsewhere = members.filter_map(|member| member.host);
            let elsewhere = elsewhere.filter(|host| !cluster.nodes.contains(host));
            cluster.nodes.iter().copied().chain(elsewhere).collect()
        }
        Scope::Services(names) => {
            let mut hosts = BTreeSet::new();
            for workload in plan.workloads.iter().filter(|workload| names.contains(&workload.name)) {
                hosts.extend(plan.clusters.at(workload.cluster).nodes.iter().copied());
            }
            hosts.into_iter().collect()
        }
    }
}

/// Any one host, and any two.
fn hosts_lost(prover: &Prover<'_>, hosts: &[Id<Host>], n: usize) -> (Vec<Case>, bool) {
    let plan = prover.plan();
    let signatures = signatures(prover, hosts);
    let mut known: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
    let mut cases: Vec<Case> = Vec::new();
    let mut add = |lost: Vec<(Id<Host>, usize)>| -> bool {
        let mut key: Vec<usize> = lost.iter().map(|(_, signature)| *signature).collect();
        key.sort_unstable();
        let names: Vec<&str> = lost.iter().map(|(host, _)| &*plan.hosts.at(*host).name).collect();
        let name = names.join(" and ");
        if let Some(case) = known.get(&key).and_then(|at| cases.get_mut(*at)) {
            case.alike.push(name);
        } else {
            known.insert(key, cases.len());
            let hosts = lost.into_iter().map(|(host, _)| host).collect();
            cases.push(Case { name, hosts, alike: Vec::new() });
        }
        cases.len() < LOSS_CASES
    };
    let each: Vec<(Id<Host>, usize)> = hosts.iter().copied().zip(signatures).collect();
    for (at, first) in each.iter().enumerate() {
        if !add(vec![*first]) {
            return (cases, true);
        }
        for second in each.iter().skip(at + 1).filter(|_| n > 1) {
            if !add(vec![*first, *second]) {
                return (cases, true);
            }
        }
    }
    (cases, false)
}

/// A number for each host that is the same for hosts that differ in names only.
fn signatures(prover: &Prover<'_>, hosts: &[Id<Host>]) -> Vec<usize> {
    let plan = prover.plan();
    let mut known: BTreeMap<Vec<u64>, usize> = BTreeMap::new();
    let each = hosts.iter().map(|id| {
        let key = signature(prover, plan, *id);
        let next = known.len();
        *known.entry(key).or_insert(next)
    });
    each.collect()
}

fn signature(prover: &Prover<'_>, plan: &Plan, id: Id<Host>) -> Vec<u64> {
    let host = plan.hosts.at(id);
    let mut key = vec![u64::from(host.datacenter.index()), u64::from(host.control_plane)];
    key.push(host.cluster.map_or(u64::MAX, |cluster| u64::from(cluster.index())));
    if let Some((room, _)) = host.cluster.and_then(|cluster| prover.room(cluster)) {
        let bin = room.bins(&[id]).first().and_then(|bin| room.instance.bins.get(*bin));
        key.extend(bin.map_or([u64::MAX; 3], |bin| bin.free));
        let racks = room.instance.classes.contains(&Level::Rack);
        key.extend(bin.filter(|_| racks).map(|bin| bin.rack.map_or(u64::MAX, u64::from)));
        key.push(u64::from(plan.clusters.at(room.cluster).dns.hosts.contains(&id)));
    }
    let etcds = plan.clusters.values().filter(|cluster| cluster.etcd.is_some());
    key.extend(etcds.map(|cluster| u64::from(cluster.has_etcd_on(id))));
    for stateful in plan.model.statefuls.values() {
        let members = stateful.at.iter().flat_map(|at| &at.value.on);
        let mut own = members.filter(|member| member.host.value == id);
        // Who serves elsewhere, or has a part of its own, is like nobody else.
        key.push(match own.next() {
            Some(member) if member.serves.is_some() || member.role.is_some() => 2 + u64::from(id.index()),
            Some(_) => 1,
            None => 0,
        });
    }
    for workload in &plan.workloads {
        if let Shape::Proxy(proxy) = &workload.shape {
            key.push(u64::from(proxy.hosts.contains(&id)));
        }
    }
    for balancer in &plan.balancers {
        let serves = balancer.routes.iter().flat_map(|route| &route.servers);
        let serves = serves.filter(|server| server.name == host.name).count();
        key.push(u64::from(balancer.hosts.contains(&id)));
        key.push(u64::try_from(serves).unwrap_or(u64::MAX));
    }
    key
}

/// Any rack with one of the hosts in it.
pub(crate) fn racks(plan: &Plan, hosts: &[Id<Host>]) -> Vec<Case> {
    let rack_of = |id: &Id<Host>| {
        let host = plan.hosts.at(*id);
        host.rack.as_ref().map(|rack| (host.datacenter, Text::clone(rack)))
    };
    let racks: BTreeSet<_> = hosts.iter().filter_map(rack_of).collect();
    let every: BTreeSet<_> = plan.hosts.ids().filter_map(|id| rack_of(&id)).collect();
    let case = |rack: (Id<Datacenter>, Text)| {
        let all = plan.hosts.ids().filter(|id| rack_of(id).as_ref() == Some(&rack));
        // Racks are named within their datacenter.
        let alone = every.iter().filter(|other| other.1 == rack.1).count() == 1;
        let place = &plan.model.datacenters.at(rack.0).head.name;
        let name = if alone { format!("rack {}", rack.1) } else { format!("rack {place}/{}", rack.1) };
        Case { name, hosts: all.collect(), alike: Vec::new() }
    };
    racks.into_iter().map(case).collect()
}

/// Any datacenter with one of the hosts in it.
pub(crate) fn datacenters(plan: &Plan, hosts: &[Id<Host>]) -> Vec<Case> {
    let places: BTreeSet<_> = hosts.iter().map(|id| plan.hosts.at(*id).datacenter).collect();
    let case = |place| {
        let all = plan.hosts.iter().filter(|(_, host)| host.datacenter == place);
        let name = plan.model.datacenters.at(place).head.name.to_string();
        Case { name, hosts: all.map(|(id, _)| id).collect(), alike: Vec::new() }
    };
    places.into_iter().map(case).collect()
}

/// Clusters that are claimed to survive the loss of a host, and where.
fn clusters_that_lose_hosts(plan: &Plan) -> Vec<(Id<Cluster>, Span)> {
    let mut found: BTreeMap<Id<Cluster>, Span> = BTreeMap::new();
    for claim in claims(plan).into_iter().filter(|claim| matches!(claim.loss, Loss::Hosts(_))) {
        let clusters: Vec<Id<Cluster>> = match &claim.scope {
            Scope::Platform => plan.clusters.ids().collect(),
            Scope::Cluster(cluster) => vec![*cluster],
            Scope::Services(_) => Vec::new(),
        };
        for cluster in clusters {
            found.entry(cluster).or_insert(claim.span);
        }
    }
    found.into_iter().collect()
}

/// A case that is made up: these hosts are gone.
pub fn lose<'p>(plan: &'p Plan, case: &Case, span: Span, limits: Limits) -> (Outcome, Prover<'p>, Problems) {
    let prover = Prover::new(plan, limits);
    let outcome = prover.after(case, &Scope::Platform);
    let mut problems = Problems::new();
    findings::outcomes(plan, std::slice::from_ref(&outcome), span, &Scope::Platform, &mut problems);
    problems.extend(critical(&prover, &outcome.case));
    problems.sort_by(Diagnostic::report_order);
    problems.dedup();
    (outcome, prover, problems)
}

/// What is claimed of services for a loss like this one.
fn critical(prover: &Prover<'_>, case: &Case) -> Problems {
    let plan = prover.plan();
    let mut problems = Problems::new();
    for claim in service_claims(plan) {
        let of_this_kind = cases(prover, &claim).0.iter().any(|own| own.hosts == case.hosts);
        if of_this_kind {
            let outcome = prover.after(case, &claim.scope);
            findings::outcomes(plan, &[outcome], claim.span, &claim.scope, &mut problems);
        }
    }
    problems
}

/// The room of a cluster, for who wants to look at it.
pub fn rooms<'a, 'p>(prover: &'a Prover<'p>) -> impl Iterator<Item = &'a Room<'p>> {
    prover.plan().clusters.ids().filter_map(|cluster| prover.room(cluster)).map(|(room, _)| room)
}
