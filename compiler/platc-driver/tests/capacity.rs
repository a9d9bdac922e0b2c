//! What the estate of the talk holds and what it survives: the figures that were worked out by hand before
//! there was a compiler (the sample platform of the domain's specification).

#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test: it fails loudly")]

use std::path::Path;

use platc_diag::{FileId, Problems, Span};
use platc_driver::analysis::{Analysis, AnalysisOptions, analyse};
use platc_driver::world::Disk;
use platc_model::Id;
use platc_model::generated::{Host, RetryOn};
use platc_model::scalar::Cpu;
use platc_plan::{Amount, Plan, Shape, ledger};
use platc_proof::drain::{End, every_drain};
use platc_proof::pack::{Limits, Verdict};
use platc_proof::shortage::Kind;
use platc_proof::what_if::{self, Change, Factor};
use platc_proof::{Break, Case, Fit, Prover, Scope, Standing};

fn okmeter() -> Analysis {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/okmeter");
    analyse(&Disk, &root, AnalysisOptions::default())
}

/// Where the loss would be written.
fn span() -> Span {
    Span::start_of(FileId(0))
}

fn cluster(plan: &Plan, name: &str) -> Id<platc_model::generated::Cluster> {
    plan.clusters.iter().find(|(_, own)| *own.name == *name).expect("a cluster of that name").0
}

fn host(plan: &Plan, name: &str) -> Id<Host> {
    plan.hosts.iter().find(|(_, own)| *own.name == *name).expect("a host of that name").0
}

fn case(plan: &Plan, names: &[&str]) -> Case {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    what_if::loss(plan, &names).expect("hosts of those names")
}

/// CPU that pods ask for of what is free for them, in percent, rounded: each host with its name.
fn cpu_percent(prover: &Prover<'_>, name: &str) -> Vec<(String, u64)> {
    let (room, verdict) = prover.room(cluster(prover.plan(), name)).expect("a room");
    let Verdict::Fits(placement) = verdict else { panic!("{verdict:?}") };
    let mut used = vec![0; room.hosts.len()];
    for (group, bins) in placement.bins_of.iter().enumerate() {
        bins.iter().for_each(|bin| used[*bin] += room.instance.groups[group].demand[0]);
    }
    let each = room.hosts.iter().zip(&room.instance.bins).zip(used);
    each.map(|((host, bin), used)| {
        let percent = (used * 100 + bin.free[0] / 2) / bin.free[0];
        (prover.plan().hosts.at(*host).name.to_string(), percent)
    })
    .collect()
}

fn codes_on(problems: &Problems) -> Vec<String> {
    let mut found: Vec<String> = problems
        .iter()
        .map(|problem| format!("{} {}", problem.code().name(), problem.subject().unwrap_or("")))
        .collect();
    found.sort();
    found
}

#[test]
fn everything_fits_and_the_load_is_even() {
    let analysis = okmeter();
    let plan = &analysis.plan;
    let ledger = plan.ledger.clusters.at(cluster(plan, "prod-a"));
    assert_eq!(ledger.free.cpu, Cpu::milli(100_825));
    assert_eq!(ledger.free.memory.get() >> 20, 424_074);
    assert_eq!(ledger.demand.cpu, Cpu::milli(70_600));
    assert_eq!(ledger.demand.memory.get() >> 20, 84_120);
    assert_eq!(ledger.pods, 51);
    let prover = Prover::new(plan, Limits::default());
    for (host, percent) in cpu_percent(&prover, "prod-a") {
        assert!((66..=73).contains(&percent), "{host} has {percent} % of its CPU asked for");
    }
}

#[test]
fn each_host_has_a_ledger_that_adds_up() {
    let analysis = okmeter();
    let plan = &analysis.plan;
    for (id, host) in plan.hosts.iter().filter(|(_, host)| host.cluster.is_some()) {
        let own = plan.ledger.hosts.at(id);
        let sum =
            |loads: &[ledger::Load]| loads.iter().fold(Amount::default(), |sum, load| sum.plus(load.amount));
        assert_eq!(sum(&own.reserved).plus(own.allocatable), own.capacity, "{}", host.name);
        assert_eq!(sum(&own.fixed).plus(own.free), own.allocatable, "{}", host.name);
    }
}

#[test]
fn any_host_of_either_cluster_may_be_lost() {
    let analysis = okmeter();
    let (proofs, problems) = platc_proof::prove(&analysis.plan, Limits::default());
    for proof in &proofs.claims {
        let claim = &proof.claim;
        assert_eq!(proof.standing(), Standing::Proven, "{} {}", claim.who, claim.loss.word());
    }
    let cases: usize = proofs.claims.iter().map(platc_proof::Proof::n_cases).sum();
    // Seven hosts, five hosts, and two datacenters for the three services that claim them.
    assert_eq!(cases, 7 + 5 + 2);
    // What must be apart on six hosts of seven cannot roll while one is away; nothing else is said.
    let expected = ["rollout-n1 ingest", "rollout-n1 query", "rollout-n1 storage"];
    assert_eq!(codes_on(&problems), expected);
}

/// Domain, section 7: the loss of any two hosts is refused, with exactly the bounds that are broken.
#[test]
fn no_two_hosts_may_be_lost_and_each_bound_is_named() {
    let analysis = okmeter();
    let plan = &analysis.plan;
    let prover = Prover::new(plan, Limits::default());
    let names = ["a-m1", "a-m2", "a-m3", "a-w1", "a-w2", "a-w3", "a-w4"];
    let is_worker = |name: &str| name.contains("-w");
    for (at, first) in names.iter().enumerate() {
        for second in &names[at + 1..] {
            let outcome =
                prover.after(&case(plan, &[first, second]), &Scope::Cluster(cluster(plan, "prod-a")));
            let rooms = outcome.breaks.iter().filter_map(|broken| match broken {
                Break::NoRoom(shortage) => Some(&shortage.kind),
                _ => None,
            });
            let (mut apart, mut sums, mut others) = (0, 0, 0);
            for kind in rooms {
                match kind {
                    Kind::Apart { pods: 6, places: 5, .. } => apart += 1,
                    Kind::Sum { what, .. } if what.dim() == 0 => sums += 1,
                    _ => others += 1,
                }
            }
            let workers = u32::from(is_worker(first)) + u32::from(is_worker(second));
            let sum = workers == 2 || (workers == 1 && *second == "a-w4");
            assert_eq!((apart, sums, others), (3, u32::from(sum), 0), "{first} and {second}");
        }
    }
}

#[test]
fn eight_cpus_less_and_the_largest_host_is_missed() {
    let analysis = okmeter();
    let mut plan = (*analysis.plan).clone();
    let less = host(&plan, "a-w1");
    let own = plan.hosts.get_mut(less).expect("a-w1");
    let cpus = Amount { cpu: Cpu::whole(8), ..Amount::default() };
    (own.capacity, own.allocatable) = (own.capacity.minus(cpus), own.allocatable.minus(cpus));
    plan.ledger = ledger::count(&plan.clusters, &plan.hosts, &plan.workloads);
    let (proofs, problems) = platc_proof::prove(&plan, Limits::default());
    let (_, verdict) = proofs.prover.room(cluster(&plan, "prod-a")).expect("a room");
    assert!(matches!(verdict, Verdict::Fits(_)), "{verdict:?}");
    let errors: Vec<_> = problems.iter().filter(|problem| problem.is_error()).collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0].code().id(), "E0508");
    let message = errors[0].message();
    assert!(
        message.starts_with("after the loss of `a-w4`, the services of `prod-a` ask for 70600m"),
        "{message}"
    );
    assert!(errors[0].notes().iter().any(|note| note.contains("`storage`")), "{:?}", errors[0].notes());
}

#[test]
fn the_other_datacenter_carries_what_is_critical_and_not_everything() {
    let analysis = okmeter();
    let plan = &analysis.plan;
    let (_, _, problems) = platc_proof::lose(plan, &case(plan, &["dc-a"]), span(), Limits::default());
    assert_eq!(codes_on(&problems), ["dc-loss prod-a"]);
    let prover = Prover::new(plan, Limits::default());
    let critical = ["auth", "ingest", "storage"].map(platc_model::Text::from);
    let outcome = prover.after(&case(plan, &["dc-a"]), &Scope::Services(critical.into()));
    assert_eq!(outcome.standing(), Standing::Proven);
    let room = outcome.rooms.iter().find(|room| room.cluster == cluster(plan, "prod-b")).expect("prod-b");
    assert_eq!(room.fit, Fit::Anew);
}

#[test]
fn two_hosts_are_too_many_and_not_for_want_of_capacity() {
    let analysis = okmeter();
    let plan = &analysis.plan;
    let lost = case(plan, &["a-m1", "a-w2"]);
    let (_, _, problems) = platc_proof::lose(plan, &lost, span(), Limits::default());
    let expected = ["too-few-hosts ingest", "too-few-hosts query", "too-few-hosts storage"];
    assert_eq!(codes_on(&problems), expected);
}

#[test]
fn what_if_is_answered_without_planning_again() {
    let analysis = okmeter();
    let plan = &analysis.plan;
    let twice =
        what_if::apply(plan, &[Change::Scale { service: "ingest".to_owned(), to: Factor::Times(2000) }]);
    let problems = platc_proof::prove(&twice.expect("a plan"), Limits::default()).1;
    let found = codes_on(&problems);
    assert!(found.contains(&"too-few-hosts ingest".to_owned()), "twelve pods, seven hosts: {found:?}");
    let more = what_if::parse_add_host("dc-a:cpu=32,memory=128GiB,count=6").expect("a change");
    let both = [more, Change::Scale { service: "ingest".to_owned(), to: Factor::Times(2000) }];
    let larger = what_if::apply(plan, &both).expect("a plan");
    assert_eq!(larger.clusters.at(cluster(&larger, "prod-a")).nodes.len(), 13);
    let found = codes_on(&platc_proof::prove(&larger, Limits::default()).1);
    assert!(!found.iter().any(|code| code.starts_with("too-few")), "{found:?}");
    // A bare host of 32 CPUs has 29 left, less flannel and the balancer.
    assert_eq!(
        larger.ledger.clusters.at(cluster(&larger, "prod-a")).free.cpu,
        Cpu::milli(100_825 + 6 * 29_875)
    );
    let prover = Prover::new(plan, Limits::default());
    let one = what_if::more_replicas(&prover, cluster(plan, "prod-a"));
    assert_eq!(one.get("ingest"), Some(&1), "seven hosts, six pods that share none");
}

/// What somebody mistypes is answered with what was meant.
#[test]
fn a_what_if_that_cannot_be_asked_says_why() {
    let analysis = okmeter();
    let plan = &analysis.plan;
    let lose = |name: &str| what_if::loss(plan, &[name.to_owned()]).expect_err("no such thing").0;
    assert_eq!(lose("a-w9"), "`a-w9` is no host, rack or datacenter; did you mean `a-w1`?");
    assert_eq!(lose("dc-c"), "`dc-c` is no host, rack or datacenter; did you mean `dc-a`?");
    let try_it = |changes: &[Change]| what_if::apply(plan, changes).expect_err("no such thing").0;
    let scale = |text: &str| what_if::parse_scale(text).expect("a change");
    assert_eq!(try_it(&[scale("injest=2x")]), "there is no service `injest`; did you mean `ingest`?");
    assert_eq!(try_it(&[scale("edge=2x")]), "there is no service `edge`", "a proxy is on its hosts");
    assert!(try_it(&[scale("ingest=100000")]).starts_with("100000 replicas of `ingest`"));
    let host = |text: &str| what_if::parse_add_host(text).expect("a change");
    assert_eq!(
        try_it(&[host("dc-d:cpu=4,memory=8GiB")]),
        "there is no datacenter `dc-d`; did you mean `dc-a`?"
    );
    assert_eq!(
        try_it(&[host("dc-a:cpu=4,memory=8GiB,cluster=prod-b")]),
        "there is no cluster `prod-b` in `dc-a`; did you mean `prod-a`?"
    );
    for text in ["ingest", "ingest=", "ingest=lots", "ingest=-1", "ingest=1.2345x", "ingest=+"] {
        assert!(what_if::parse_scale(text).is_err(), "{text}");
    }
    for text in [
        "dc-a",
        "dc-a:cpu=4",
        "dc-a:cpu=4,memory=lots",
        "dc-a:cpu=0,memory=8GiB",
        "dc-a:cpu=4,memory=8GiB,count=0",
        "dc-a:cpu=4,memory=8GiB,count=1001",
        "dc-a:cpu=4,memory=8GiB,disks=2",
    ] {
        assert!(what_if::parse_add_host(text).is_err(), "{text}");
    }
}

/// What is refuted can be asked for by the name that it is given, and the same breaks again.
#[test]
fn every_counterexample_replays() {
    let mut plan = (*okmeter().plan).clone();
    // Too small for several claims at once.
    for name in ["a-w1", "a-w4", "b-w1"] {
        let own = host(&plan, name);
        let own = plan.hosts.get_mut(own).expect("a host");
        let cpus = Amount { cpu: Cpu::whole(12), ..Amount::default() };
        (own.capacity, own.allocatable) = (own.capacity.minus(cpus), own.allocatable.minus(cpus));
    }
    plan.ledger = ledger::count(&plan.clusters, &plan.hosts, &plan.workloads);
    let (proofs, _) = platc_proof::prove(&plan, Limits::default());
    let mut replayed = 0;
    for proof in proofs.claims.iter().filter(|proof| proof.standing() == Standing::Refuted) {
        for outcome in proof.outcomes.iter().filter(|outcome| outcome.standing() == Standing::Refuted) {
            let alike = outcome.case.alike.iter().chain(std::iter::once(&outcome.case.name));
            for name in alike {
                let names: Vec<&str> = name.split(" and ").collect();
                let again = proofs.prover.after(&case(&plan, &names), &proof.claim.scope);
                let kinds = |outcome: &platc_proof::Outcome| -> Vec<std::mem::Discriminant<Break>> {
                    outcome.breaks.iter().map(std::mem::discriminant).collect()
                };
                assert_eq!(kinds(&again), kinds(outcome), "{name}");
                replayed += 1;
            }
        }
    }
    assert!(replayed >= 3, "{replayed}");
}

/// An upgrade drains every host once: in the estate each drain ends, and on hosts that are too full none does.
#[test]
fn a_drain_of_each_host_ends() {
    let analysis = okmeter();
    let plan = &analysis.plan;
    let drains = every_drain(&Prover::new(plan, Limits::default()));
    assert_eq!(drains.len(), 12, "seven hosts and five");
    assert!(drains.iter().all(|drain| matches!(drain.end, End::Moves(_))), "{drains:?}");
    let change = what_if::parse_scale("rollup=24").expect("a change");
    let fuller = what_if::apply(plan, &[change]).expect("a plan");
    let (proofs, problems) = platc_proof::prove(&fuller, Limits::default());
    let never = |drain: &platc_proof::drain::Drain| match &drain.end {
        End::Never(reasons) => Some(reasons.len()),
        _ => None,
    };
    let stuck: Vec<usize> = every_drain(&proofs.prover).iter().filter_map(never).collect();
    assert!(!stuck.is_empty() && stuck.iter().all(|reasons| *reasons > 0), "{stuck:?}");
    // The claim that any host may be lost is refuted by then, and says so; the drain is no news.
    let found = codes_on(&problems);
    assert!(found.contains(&"capacity prod-a".to_owned()), "{found:?}");
    assert!(!found.iter().any(|code| code.starts_with("drain-stuck")), "{found:?}");
}

/// Racks are named within their datacenter.
#[test]
fn racks_of_one_name_are_told_apart() {
    let mut plan = (*okmeter().plan).clone();
    for name in ["a-w1", "a-w2", "b-w1"] {
        let id = host(&plan, name);
        plan.hosts.get_mut(id).expect("a host").rack = Some("r1".into());
    }
    let lose = |name: &str| what_if::loss(&plan, &[name.to_owned()]);
    assert_eq!(
        lose("r1").expect_err("two of them").0,
        "there are several racks `r1`: say `dc-a/r1` or `dc-b/r1`"
    );
    assert_eq!(lose("dc-a/r1").expect("a rack").hosts, [host(&plan, "a-w1"), host(&plan, "a-w2")]);
    plan.hosts.get_mut(host(&plan, "b-w1")).expect("a host").rack = Some("r2".into());
    assert_eq!(what_if::loss(&plan, &["r1".to_owned()]).expect("a rack").hosts.len(), 2);
}

/// Domain, section 7: what a namespace asks for while everything in it rolls, and its quota.
#[test]
fn the_quota_takes_a_rollout_of_everything() {
    let analysis = okmeter();
    let plan = &analysis.plan;
    let (mut all, mut surge) = (Amount::default(), Amount::default());
    for workload in plan.workloads_at(cluster(plan, "prod-a")) {
        let Shape::Service(shape) = &workload.shape else { continue };
        if *workload.namespace.value != *"metrics" {
            continue;
        }
        all = all.plus(ledger::workload_request(workload));
        for variant in 0..workload.variants.len() {
            surge = surge.plus(ledger::pod_request(workload, variant).times(u64::from(shape.surge.value)));
        }
    }
    assert_eq!((all.cpu, surge.cpu), (Cpu::milli(62_700), Cpu::milli(13_300)));
    // Of 80 CPUs, which the author grants; one millicore less than is asked for would be a finding.
    let quota = plan.namespaces.iter().find(|own| *own.name == *"metrics").and_then(|own| own.quota.as_ref());
    let granted = quota.and_then(|quota| quota.cpu).expect("a quota of CPU").value;
    assert!(all.plus(surge).cpu <= granted, "{granted}");
    assert!(!codes_on(&analysis.found).contains(&"quota metrics".to_owned()));
}

/// Domain, section 7: how often one request is tried on its way from the balancer to the storage, and that each
/// on the way waits longer than what it waits for.
#[test]
fn tries_and_timeouts_on_the_way_in() {
    let analysis = okmeter();
    let plan = &analysis.plan;
    let at = cluster(plan, "prod-a");
    let find = |name: &str| plan.workloads_at(at).find(|own| *own.name == *name).expect("a workload");
    let Shape::Proxy(edge) = &find("edge").shape else { panic!("a proxy") };
    let mut routes = edge.virtual_hosts.iter().flat_map(|host| &host.routes).map(|route| &route.call);
    let route = routes.find(|call| *call.target.service == *"ingest").expect("a route");
    let sidecar = find("ingest").sidecar.as_ref().expect("a sidecar");
    let call = sidecar.calls.iter().find(|call| *call.target.service == *"storage").expect("a call");
    let balancer = plan.balancers.iter().flat_map(|own| &own.routes).next().expect("a balancer");
    let tries = [balancer.retries.value, route.retries.value, call.retries.value].map(|retries| retries + 1);
    assert_eq!(tries.iter().product::<i64>(), 12, "if nothing accepts: {tries:?}");
    // Only the last of them tries again when there was an answer.
    let retry_on = [route.retry_on.value, call.retry_on.value];
    assert_eq!(retry_on, [RetryOn::Connect, RetryOn::Unavailable]);
    assert_eq!(call.retries.value + 1, 3);
    let found = codes_on(&analysis.found);
    assert!(found.contains(&"many-connections ingest".to_owned()), "{found:?}");
    assert!(
        !found.iter().any(|code| code.starts_with("retries-multiply") || code.starts_with("many-retries"))
    );
    let millis = |duration: platc_model::scalar::Duration| duration.as_micros() / 1000;
    let waits = [balancer.timeout.value, route.timeout.value, call.timeout.value].map(millis);
    assert_eq!(waits, [35_000, 5000, 3000]);
    // Three tries of 0.9 s, with the pauses between them.
    assert_eq!(millis(call.per_try.value), 900);
    assert!(3 * 900 + 25 + 75 <= waits[2]);
}
