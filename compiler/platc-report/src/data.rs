//! The ledger, placements and losses of a plan as one tree of values.
//!
//! CPU is in millicores (`cpu_millis`), memory in bytes (`memory_bytes`), shares in percent, rounded down.
//! Lists are in the order of the plan: clusters, hosts and services by name.
//!
//! Start with [`capacity`].

use std::collections::BTreeMap;

use platc_model::generated::{Cluster, Host};
use platc_model::scalar::{Bytes, Cpu};
use platc_model::{Id, Text};
use platc_plan::ledger::{Load, pod_request};
use platc_plan::{Amount, HostPlan, Plan, ServiceShape, Shape, Workload};
use platc_proof::claims::{self, Proofs};
use platc_proof::drain::{End, every_drain};
use platc_proof::pack::Verdict;
use platc_proof::room::{Room, service};
use platc_proof::{Break, Case, Fit, Outcome, Prover, Scope, Standing, findings, what_if};
use serde_json::{Value, json};

/// Everything that is known of room: the ledger, who is where, what is claimed, what each loss does.
pub fn capacity(plan: &Plan, proofs: &Proofs<'_>) -> Value {
    let prover = &proofs.prover;
    json!({
        "platform": *plan.platform.value,
        "clusters": plan.clusters.ids().map(|id| cluster(prover, id)).collect::<Vec<_>>(),
        "outside": outside(plan),
        "claims": proofs.claims.iter().map(|proof| claim(plan, proof)).collect::<Vec<_>>(),
        "losses": losses(prover),
        "drains": drains(prover),
    })
}

fn amount(amount: Amount) -> Value {
    json!({ "cpu_millis": amount.cpu.as_milli(), "memory_bytes": amount.memory.get() })
}

/// Part of a whole in percent, rounded down; 0 of nothing.
fn percent(part: u64, whole: u64) -> u64 {
    (part.saturating_mul(100)).checked_div(whole).unwrap_or(0)
}

fn percents(part: Amount, whole: Amount) -> Value {
    json!({
        "cpu": percent(part.cpu.as_milli(), whole.cpu.as_milli()),
        "memory": percent(part.memory.get(), whole.memory.get()),
    })
}

fn loads(loads: &[Load]) -> Value {
    let each = loads.iter().map(|load| {
        json!({
            "name": *load.name,
            "cpu_millis": load.amount.cpu.as_milli(),
            "memory_bytes": load.amount.memory.get(),
        })
    });
    each.collect()
}

fn total(loads: &[Load]) -> Amount {
    loads.iter().fold(Amount::default(), |sum, load| sum.plus(load.amount))
}

fn cluster(prover: &Prover<'_>, id: Id<Cluster>) -> Value {
    let plan = prover.plan();
    let (own, ledger) = (plan.clusters.at(id), plan.ledger.clusters.at(id));
    let placed = prover.room(id).map(|(room, verdict)| pods_on(room, verdict)).unwrap_or_default();
    let verdict = prover.room(id).map(|(_, verdict)| match verdict {
        Verdict::Fits(_) => "fits",
        Verdict::Refuted(_) => "does not fit",
        Verdict::Unknown => "unknown",
    });
    let none = Vec::new();
    let hosts = own.nodes.iter().map(|node| host(plan, *node, placed.get(node).unwrap_or(&none)));
    json!({
        "name": *own.name,
        "kubernetes": own.version.value.to_string(),
        "placement": verdict.unwrap_or("unknown"),
        "free": amount(ledger.free),
        "demand": amount(ledger.demand),
        "percent": percents(ledger.demand, ledger.free),
        "pods": ledger.pods,
        "hosts": hosts.collect::<Vec<_>>(),
        "services": services(prover, id),
        "tasks": tasks(plan, id),
    })
}

/// Pods of one Deployment on one host.
struct Here<'p> {
    workload: &'p Workload,
    variant: usize,
    count: u64,
}

fn pods_on<'p>(room: &Room<'p>, verdict: &Verdict) -> BTreeMap<Id<Host>, Vec<Here<'p>>> {
    let mut found: BTreeMap<Id<Host>, Vec<Here<'p>>> = BTreeMap::new();
    let Verdict::Fits(placement) = verdict else { return found };
    for (pods, bins) in room.pods.iter().zip(&placement.bins_of) {
        let mut counts: BTreeMap<usize, u64> = BTreeMap::new();
        for bin in bins {
            *counts.entry(*bin).or_insert(0) += 1;
        }
        for (bin, count) in counts {
            if let Some(host) = room.hosts.get(bin) {
                let here = Here { workload: pods.workload, variant: pods.variant, count };
                found.entry(*host).or_default().push(here);
            }
        }
    }
    found
}

fn host(plan: &Plan, id: Id<Host>, pods: &[Here<'_>]) -> Value {
    let (own, ledger) = (plan.hosts.at(id), plan.ledger.hosts.at(id));
    let asked = pods.iter().fold(Amount::default(), |sum, here| {
        sum.plus(pod_request(here.workload, here.variant).times(here.count))
    });
    let pods: Vec<Value> = pods
        .iter()
        .map(|here| {
            let each = pod_request(here.workload, here.variant);
            let name = here.workload.variants.get(here.variant).map_or("", |variant| &*variant.name);
            json!({
                "service": *here.workload.name,
                "deployment": name,
                "count": here.count,
                "each": amount(each),
            })
        })
        .collect();
    let left = ledger.free.minus(asked);
    json!({
        "name": *own.name,
        "datacenter": *own.zone,
        "rack": own.rack.as_deref(),
        "roles": roles(own),
        "address": own.address.value.to_string(),
        "pod_range": own.pods.map(|pods| pods.value.to_string()),
        "routes": own.routes.len(),
        "capacity": amount(ledger.capacity),
        "reserved": loads(&ledger.reserved),
        "reserved_total": amount(total(&ledger.reserved)),
        "allocatable": amount(ledger.allocatable),
        "fixed": loads(&ledger.fixed),
        "fixed_total": amount(total(&ledger.fixed)),
        "free": amount(ledger.free),
        "pods": pods,
        "asked": amount(asked),
        "left": amount(left),
        "percent": percents(asked, ledger.free),
    })
}

fn roles(host: &HostPlan) -> Vec<&'static str> {
    let mut roles = Vec::new();
    if host.control_plane {
        roles.push("control-plane");
    }
    if host.worker {
        roles.push("worker");
    }
    if host.cluster.is_none() {
        roles.push("outside");
    }
    roles
}

/// Machines in no cluster.
fn outside(plan: &Plan) -> Vec<Value> {
    let outside = plan.hosts.iter().filter(|(_, host)| host.cluster.is_none());
    let each = outside.map(|(id, host)| {
        let statefuls = plan.model.statefuls.values().filter(|stateful| {
            stateful.at.iter().flat_map(|at| &at.value.on).any(|member| member.host.value == id)
        });
        let statefuls = statefuls.map(|stateful| stateful.head.name.to_string());
        let balancers = plan.balancers.iter().filter(|balancer| balancer.hosts.contains(&id));
        let on: Vec<String> = statefuls.chain(balancers.map(|balancer| balancer.name.to_string())).collect();
        json!({
            "name": *host.name,
            "datacenter": *host.zone,
            "rack": host.rack.as_deref(),
            "address": host.address.value.to_string(),
            "routes": host.routes.len(),
            "on": on,
        })
    });
    each.collect()
}

fn services(prover: &Prover<'_>, id: Id<Cluster>) -> Vec<Value> {
    let plan = prover.plan();
    let each = plan.workloads_at(id).filter_map(|workload| Some((workload, service(workload)?)));
    let more = what_if::more_replicas(prover, id);
    each.map(|(workload, shape)| service_value(workload, shape, more.get(&*workload.name))).collect()
}

fn service_value(workload: &Workload, shape: &ServiceShape, more: Option<&u64>) -> Value {
    let mut surge = Amount::default();
    let variants: Vec<Value> = workload
        .variants
        .iter()
        .enumerate()
        .map(|(at, variant)| {
            let each = pod_request(workload, at);
            surge = surge.plus(each.times(u64::from(shape.surge.value)));
            json!({
                "name": *variant.name,
                "replicas": variant.replicas,
                "request": amount(each),
                "limit": limit(workload, at),
            })
        })
        .collect();
    json!({
        "name": *workload.name,
        "namespace": *workload.namespace.value,
        "replicas": shape.replicas.value,
        "replicas_at_least": shape.scale.as_ref().map_or(shape.replicas.value, |scale| scale.least.value),
        "variants": variants,
        "sidecar": workload.sidecar.as_ref().map(|sidecar| amount(Amount {
            cpu: sidecar.cpu.value,
            memory: sidecar.memory.value,
        })),
        "request": amount(platc_plan::ledger::workload_request(workload)),
        "surge": amount(surge),
        "more_replicas": more,
    })
}

/// What one pod may use at most; `null` where there is no limit.
fn limit(workload: &Workload, variant: usize) -> Value {
    let (cpu, memory) = platc_plan::ledger::pod_limit(workload, variant);
    json!({ "cpu_millis": cpu.map(Cpu::as_milli), "memory_bytes": memory.map(Bytes::get) })
}

/// Tasks take room while they run; they wait for it.
fn tasks(plan: &Plan, id: Id<Cluster>) -> Vec<Value> {
    let tasks = plan.workloads_at(id).filter(|own| matches!(own.shape, Shape::Job(_) | Shape::Cron(_)));
    tasks.map(|own| json!({ "name": *own.name, "request": amount(pod_request(own, 0)) })).collect()
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Proven => "proven",
        Standing::Unknown => "unknown",
        Standing::Refuted => "refuted",
    }
}

fn claim(plan: &Plan, proof: &platc_proof::Proof) -> Value {
    let services: Vec<&Text> = match &proof.claim.scope {
        Scope::Services(names) => names.iter().collect(),
        Scope::Platform | Scope::Cluster(_) => vec![&proof.claim.who],
    };
    json!({
        "of": services.iter().map(|name| &***name).collect::<Vec<_>>(),
        "loss": proof.claim.loss.word(),
        "standing": word(proof.standing()),
        "cases": proof.n_cases(),
        "tried": proof.outcomes.iter().map(|outcome| case(plan, outcome)).collect::<Vec<_>>(),
    })
}

/// What a loss does: what breaks, and how pods find their places.
pub fn case(plan: &Plan, outcome: &Outcome) -> Value {
    let rooms = outcome.rooms.iter().map(|room| {
        json!({
            "cluster": *plan.clusters.at(room.cluster).name,
            "fit": match room.waiting {
                0 => fit(&room.fit),
                1 => format!("1 pod waits for its host, {}", fit(&room.fit)),
                n => format!("{n} pods wait for their hosts, {}", fit(&room.fit)),
            },
            "cpu_percent": room.cpu_permille.div_ceil(10),
        })
    });
    json!({
        "lost": outcome.case.name,
        "alike": outcome.case.alike,
        "standing": word(outcome.standing()),
        "rooms": rooms.collect::<Vec<_>>(),
        "breaks": breaks(plan, outcome),
    })
}

/// What breaks; services that are nowhere else are one line for each cluster.
fn breaks(plan: &Plan, outcome: &Outcome) -> Vec<Value> {
    let mut gone: BTreeMap<Id<Cluster>, Vec<&str>> = BTreeMap::new();
    let mut breaks = Vec::new();
    for broken in &outcome.breaks {
        if let Break::Gone { service, cluster } = broken {
            gone.entry(*cluster).or_default().push(service);
        } else {
            breaks.push(json!({ "what": aspect(broken), "why": findings::sentence(plan, broken) }));
        }
    }
    for (cluster, names) in gone {
        let why = format!("only in `{}`: {}", plan.clusters.at(cluster).name, names.join(", "));
        breaks.push(json!({ "what": "pods", "why": why }));
    }
    breaks
}

fn fit(fit: &Fit) -> String {
    match fit {
        Fit::Moves(1) => "1 pod moves".to_owned(),
        Fit::Moves(n) => format!("{n} pods move"),
        Fit::Anew => "others move, too".to_owned(),
        Fit::Displaces(names) => format!("displaces {}", names.join(", ")),
        Fit::No => "does not fit".to_owned(),
        Fit::Unknown => "unknown".to_owned(),
    }
}

/// Columns of the matrix of losses.
pub const ASPECTS: [&str; 4] = ["pods", "control plane", "statefuls", "calls and ways in"];

fn aspect(broken: &Break) -> &'static str {
    match broken {
        Break::NoRoom(_) | Break::Gone { .. } | Break::Bound { .. } => "pods",
        Break::Quorum { .. } | Break::Api { .. } | Break::Dns { .. } => "control plane",
        Break::Members { .. } | Break::Unserved { .. } => "statefuls",
        Break::Nobody { .. } | Break::Edge { .. } => "calls and ways in",
    }
}

/// What the loss of each host, rack and datacenter does, claimed or not.
fn losses(prover: &Prover<'_>) -> Vec<Value> {
    let all = claims::every_loss(prover);
    let mut trials = prover.trials();
    let each = all.iter().map(|(kind, own): &(&str, Case)| {
        let outcome = trials.after(own, &Scope::Platform);
        let mut value = case(prover.plan(), &outcome);
        if let Some(value) = value.as_object_mut() {
            value.insert("kind".to_owned(), json!(kind));
        }
        value
    });
    each.collect()
}

/// What a drain of each host does; hosts with which the same happens once.
fn drains(prover: &Prover<'_>) -> Vec<Value> {
    let plan = prover.plan();
    // By cluster, standing and what happens; the best first.
    let mut ends: BTreeMap<(Id<Cluster>, Standing, String), Vec<&str>> = BTreeMap::new();
    for drain in every_drain(prover) {
        let (standing, what) = end(&drain.end);
        let name = &*plan.hosts.at(drain.host).name;
        ends.entry((drain.cluster, standing, what)).or_default().push(name);
    }
    let each = ends.into_iter().map(|((cluster, standing, what), hosts)| {
        json!({
            "cluster": *plan.clusters.at(cluster).name,
            "hosts": hosts,
            "standing": word(standing),
            "what": what,
        })
    });
    each.collect()
}

fn end(end: &End) -> (Standing, String) {
    let names = |names: &[Text]| names.iter().map(|name| &**name).collect::<Vec<_>>().join(", ");
    match end {
        End::Moves(n) => (Standing::Proven, fit(&Fit::Moves(*n))),
        End::Fewer(services) => (
            Standing::Proven,
            format!("ends; until the host is back there are fewer pods of {}", names(services)),
        ),
        End::Stuck(services) => {
            (Standing::Unknown, format!("may stop: no place for {} unless others move, too", names(services)))
        }
        End::Never(shortages) => {
            let reasons: Vec<String> = shortages.iter().filter_map(findings::reason).collect();
            (Standing::Refuted, format!("never ends: {}", reasons.join("; ")))
        }
        End::Unknown => (Standing::Unknown, "unknown".to_owned()),
    }
}
