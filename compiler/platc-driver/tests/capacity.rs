//! What the estate of the talk holds and what it survives: the figures that were worked out by hand before
//! there was a compiler (the sample platform of the domain's specification).

#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test: it fails loudly")]

use std::path::Path;

use platc_diag::{FileId, Problems, Span};
use platc_driver::analysis::{Analysis, AnalysisOptions, analyse};
use platc_driver::world::Disk;
use platc_model::Id;
use platc_model::generated::Host;
use platc_model::scalar::Cpu;
use platc_plan::{Amount, Plan, ledger};
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
    let one = what_if::more_replicas(&prover, cluster(plan, "prod-a"), "ingest");
    assert_eq!(one, Some(1), "seven hosts, six pods that share none");
    assert!(what_if::loss(plan, &["a-w9".to_owned()]).is_err());
    assert!(what_if::parse_scale("ingest=lots").is_err());
}
