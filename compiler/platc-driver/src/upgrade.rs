//! An upgrade of Kubernetes as steps in an order that cannot break the version-skew policy: API servers one minor
//! at a time and at most one apart, kubelets never newer than any of them and at most three minors older.
//!
//! What the platform would be with the new version is asked of the compiler itself: the version is put in where it
//! is written, in memory, and everything is checked again. `ansible/upgrade.yml` of a build does the same steps.
//!
//! Not here: how any of it is printed. Start with [`upgrade`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use platc_artifact::Judge;
use platc_diag::Sourced;
use platc_kube::facts::{crossings, facts, supported};
use platc_model::Id;
use platc_model::generated::{Cluster, Host, Init};
use platc_model::scalar::Version;
use platc_plan::clusters::minor;
use platc_plan::{ClusterPlan, Plan};
use platc_proof::drain::{End, every_drain};
use platc_proof::loss::Prover;
use platc_proof::pack::Limits;

use crate::analysis::Analysis;
use crate::build::settled;
use crate::world::{Entry, World, normal};

/// Where kubeadm finds what an upgrade is to do.
const CONFIG: &str = "/etc/kubernetes/kubeadm/upgrade.yaml";

/// An upgrade.
#[derive(Clone, PartialEq, Debug)]
pub struct Upgrade {
    /// The clusters, one after the other.
    pub clusters: Vec<ClusterUpgrade>,
    /// What the compiler finds with the new version and not with the old one: place, code, and what it is.
    pub found: Vec<(String, String, String)>,
}

/// What is done to a cluster.
#[derive(Clone, PartialEq, Debug)]
pub struct ClusterUpgrade {
    /// Its name.
    pub name: String,
    /// What it runs.
    pub from: Version,
    /// What it will run.
    pub to: Version,
    /// Where its version is written.
    pub written: String,
    /// What must be so before: what changes, and what has to be done.
    pub before: Vec<(String, String)>,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// A step: nothing of the next one is begun before it is done on all its hosts, one after the other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// What is done.
    pub what: &'static str,
    /// Which part of a host it upgrades, if any.
    pub part: Option<Part>,
    /// On which hosts, in this order.
    pub on: Vec<String>,
    /// By which commands; `HOST` stands for the host.
    pub run: Vec<String>,
    /// What shows that it is done.
    pub check: Option<&'static str>,
    /// What to know of it.
    pub notes: Vec<String>,
}

/// A part of a host that has a version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// Its API server, and what goes with it.
    ControlPlane,
    /// Its kubelet.
    Kubelet,
}

/// Why there is no such upgrade.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// That is no version.
    NoVersion(String),
    /// The compiler does not know it: the version, and the oldest and newest that it knows.
    Unknown(Version, String, String),
    /// A cluster is further back than one minor: its name, its version, and what comes next.
    Skips(String, Version, String),
    /// A cluster is newer: its name and version.
    Back(String, Version),
    /// There is no such cluster: its name, and those that there are.
    NoCluster(String, Vec<String>),
    /// No cluster is older.
    Nothing(Version),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVersion(text) => write!(f, "`{text}` is no version of Kubernetes"),
            Self::Unknown(version, ..) => write!(f, "Kubernetes {version} is not supported"),
            Self::Skips(cluster, version, _) => {
                write!(f, "`{cluster}` runs {version}, and kubeadm goes up one minor at a time")
            }
            Self::Back(cluster, version) => {
                write!(f, "`{cluster}` runs {version}, and there is no way back but a snapshot of etcd")
            }
            Self::NoCluster(name, _) => write!(f, "there is no cluster `{name}`"),
            Self::Nothing(version) => write!(f, "no cluster is older than {version}"),
        }
    }
}

impl Refusal {
    /// The way out.
    pub fn help(&self) -> String {
        match self {
            Self::NoVersion(_) => "write it as 1.36 or 1.36.3".to_owned(),
            Self::Unknown(_, oldest, newest) => format!("this platc knows {oldest} to {newest}"),
            Self::Skips(cluster, _, next) => {
                format!("go to {next} first, all of it: `platc upgrade --to {next} --cluster {cluster}`")
            }
            Self::Back(..) => "name a newer version, or another cluster with `--cluster`".to_owned(),
            Self::NoCluster(_, names) => format!("its clusters: {}", names.join(", ")),
            Self::Nothing(_) => "there is nothing to do".to_owned(),
        }
    }
}

/// What an upgrade of all clusters, or of one, is.
///
/// # Errors
///
/// If there is no such upgrade.
pub fn upgrade(
    world: &dyn World,
    analysis: &Analysis,
    (to, only): (&str, Option<&str>),
    (judge, threads): (&dyn Judge, NonZeroUsize),
) -> Result<Upgrade, Refusal> {
    let to = Version::parse(to.trim_start_matches('v')).map_err(|_| Refusal::NoVersion(to.to_owned()))?;
    if to.major != 1 || facts(minor(to)).is_none() {
        let known: Vec<String> = supported().map(|minor| minor.to_string()).collect();
        let (oldest, newest) = (known.first().cloned(), known.last().cloned());
        return Err(Refusal::Unknown(to, oldest.unwrap_or_default(), newest.unwrap_or_default()));
    }
    let plan = &*analysis.plan;
    let ids = clusters(plan, to, only)?;
    let drains = drains(plan);
    let clusters = ids.iter().map(|id| {
        let cluster = plan.clusters.at(*id);
        let from = cluster.version.value;
        let crossed = crossings(minor(from), minor(to));
        ClusterUpgrade {
            name: cluster.name.to_string(),
            from,
            to,
            written: cluster.version.origin.span().map(|span| analysis.files.place(span)).unwrap_or_default(),
            before: crossed.map(|own| (own.what.to_owned(), own.needs.to_owned())).collect(),
            steps: steps(plan, cluster, &drains),
        }
    });
    let clusters = clusters.collect();
    Ok(Upgrade { clusters, found: found_with(world, analysis, &ids, to, (judge, threads)) })
}

/// The clusters to upgrade: small ones first, because there it hurts least if something was not thought of.
fn clusters(plan: &Plan, to: Version, only: Option<&str>) -> Result<Vec<Id<Cluster>>, Refusal> {
    let name = |id: &Id<Cluster>| &plan.clusters.at(*id).name;
    let mut ids: Vec<Id<Cluster>> = plan.clusters.ids().collect();
    if let Some(only) = only {
        let names = ids.iter().map(|id| name(id).to_string()).collect();
        ids.retain(|id| **name(id) == *only);
        if ids.is_empty() {
            return Err(Refusal::NoCluster(only.to_owned(), names));
        }
    }
    let is_newer = |version: Version| {
        (version.minor, version.patch.unwrap_or(0)) > (to.minor, to.patch.unwrap_or(u32::MAX))
    };
    let there = |version: Version| version.minor == to.minor && to.patch.is_none_or(|_| version == to);
    for id in &ids {
        let version = plan.clusters.at(*id).version.value;
        if is_newer(version) && only.is_some() {
            return Err(Refusal::Back(name(id).to_string(), version));
        }
        if version.minor + 1 < to.minor {
            let next = format!("1.{}", version.minor + 1);
            return Err(Refusal::Skips(name(id).to_string(), version, next));
        }
    }
    ids.retain(|id| {
        let version = plan.clusters.at(*id).version.value;
        !there(version) && !is_newer(version)
    });
    if ids.is_empty() {
        return Err(Refusal::Nothing(to));
    }
    ids.sort_by_key(|id| (plan.clusters.at(*id).nodes.len(), name(id).clone()));
    Ok(ids)
}

/// What is to be known of the drain of each host that does not just end.
fn drains(plan: &Plan) -> BTreeMap<Id<Host>, String> {
    let prover = Prover::new(plan, Limits::default());
    let told = every_drain(&prover).into_iter().filter_map(|drain| {
        let name = &plan.hosts.at(drain.host).name;
        let names = |names: &[platc_model::Text]| {
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        };
        let text = match &drain.end {
            End::Moves(_) => return None,
            End::Fewer(services) => {
                format!("while `{name}` is empty there are fewer pods of {}", names(services))
            }
            End::Stuck(services) => {
                format!("the drain of `{name}` may stop: no place for {}", names(services))
            }
            End::Never(_) => format!("the drain of `{name}` never ends: `platc capacity` says why"),
            End::Unknown => format!("whether the drain of `{name}` ends was not shown"),
        };
        Some((drain.host, text))
    });
    told.collect()
}

fn steps(plan: &Plan, cluster: &ClusterPlan, drains: &BTreeMap<Id<Host>, String>) -> Vec<Step> {
    let (masters, workers) = (&cluster.control_plane, workers(cluster));
    let names = |ids: &[Id<Host>]| ids.iter().map(|id| plan.hosts.at(*id).name.to_string()).collect();
    let step = |what, part, on: &[Id<Host>], run: &[&str], check| Step {
        what,
        part,
        on: names(on),
        run: run.iter().map(|line| (*line).to_owned()).collect(),
        check,
        notes: Vec::new(),
    };
    let (first, others) = masters.split_at(masters.len().min(1));
    let mut steps = vec![snapshot(cluster, step("take a snapshot of etcd", None, first, &[], None))];
    let ready = Some("kubectl --server https://127.0.0.1:6443 get --raw /readyz");
    let apply = format!("kubeadm upgrade apply --config {CONFIG} --yes");
    let node = format!("kubeadm upgrade node --config {CONFIG}");
    let plan_it = format!("kubeadm upgrade plan --config {CONFIG}");
    let run = ["install the new kubeadm", &*plan_it, &*apply];
    steps.push(step("upgrade the first control plane", Some(Part::ControlPlane), first, &run, ready));
    if !others.is_empty() {
        let run = ["install the new kubeadm", &*node];
        let mut others =
            step("upgrade the other control planes", Some(Part::ControlPlane), others, &run, ready);
        others.notes.push(meanwhile(cluster));
        steps.push(others);
    }
    let drain = "kubectl drain HOST --ignore-daemonsets --delete-emptydir-data";
    let kubelet = |what, on: &[Id<Host>], before: &[&str]| {
        let restart = restart(plan, on);
        let run: Vec<&str> = before
            .iter()
            .copied()
            .chain(["install the new kubelet and kubectl", restart, "kubectl uncordon HOST"])
            .collect();
        let mut step =
            step(what, Some(Part::Kubelet), on, &run, Some("kubectl get node HOST: Ready, the new version"));
        step.notes.extend(on.iter().filter_map(|host| drains.get(host).cloned()));
        step
    };
    steps.push(kubelet("upgrade kubelets of control planes", masters, &[drain]));
    if !workers.is_empty() {
        let before = ["install the new kubeadm", drain, &*node];
        steps.push(kubelet("upgrade workers", &workers, &before));
    }
    let rest = ["ansible-playbook -i ansible/inventory.yml ansible/site.yml"];
    steps.push(step(
        "bring what else the build changes: pod network, DNS, workloads",
        None,
        &[],
        &rest,
        None,
    ));
    steps
}

fn workers(cluster: &ClusterPlan) -> Vec<Id<Host>> {
    let masters: BTreeSet<_> = cluster.control_plane.iter().collect();
    cluster.nodes.iter().filter(|node| !masters.contains(node)).copied().collect()
}

fn snapshot(cluster: &ClusterPlan, mut step: Step) -> Step {
    match &cluster.etcd {
        None => {
            step.run = vec!["/usr/local/lib/platc/etcd-backup".to_owned()];
            step.check = Some("a file of now in /var/backups/etcd: take a copy off the host");
        }
        Some(etcd) => {
            step.on = etcd.members.iter().map(|member| member.at.to_string()).take(1).collect();
            step.run = vec!["etcdctl snapshot save".to_owned()];
            step.notes = vec!["it is not kubeadm's: whoever runs it upgrades it, before or after".to_owned()];
        }
    }
    step
}

/// What may be lost while one API server, and the member of etcd beside it, is away.
fn meanwhile(cluster: &ClusterPlan) -> String {
    let n = cluster.control_plane.len();
    let (left, needed) = (n.saturating_sub(1), if cluster.etcd.is_some() { 1 } else { n / 2 + 1 });
    match left.saturating_sub(needed) {
        0 => format!("{left} of {n} are left meanwhile, and none of them may be lost"),
        more => format!("{left} of {n} are left meanwhile, and {more} of them may be lost"),
    }
}

fn restart(plan: &Plan, on: &[Id<Host>]) -> &'static str {
    let mut inits = on.iter().map(|host| plan.hosts.at(*host).init.value);
    if inits.all(|init| init == Init::Systemd) {
        "systemctl daemon-reload && systemctl restart kubelet"
    } else {
        "systemctl restart kubelet, or rc-service kubelet restart"
    }
}

/// What is wrong with the new version and was not with the old one.
fn found_with(
    world: &dyn World,
    analysis: &Analysis,
    ids: &[Id<Cluster>],
    to: Version,
    (judge, threads): (&dyn Judge, NonZeroUsize),
) -> Vec<(String, String, String)> {
    // A version without its patch would be a finding of its own.
    let to = Version { patch: Some(to.patch.unwrap_or(0)), ..to };
    let versions = ids.iter().map(|id| analysis.plan.clusters.at(*id).version);
    let changed = Changed { world, files: edited(analysis, versions, to) };
    let then = settled(&changed, &analysis.root, analysis.options, judge, threads);
    let known: BTreeSet<(&str, &str)> =
        analysis.problems.iter().map(|problem| (problem.code().id(), problem.message())).collect();
    let new = then.problems.iter().filter(|problem| {
        problem.level() != platc_diag::Level::Info
            && !known.contains(&(problem.code().id(), problem.message()))
    });
    let told = new.map(|problem| {
        let place = then.files.place(problem.span());
        (place, problem.code().id().to_owned(), problem.message().to_owned())
    });
    told.collect()
}

/// The files in which versions are written, with the new one. What is worked out from something else stays.
fn edited(
    analysis: &Analysis,
    versions: impl Iterator<Item = Sourced<Version>>,
    to: Version,
) -> BTreeMap<PathBuf, Vec<u8>> {
    let spans: BTreeSet<_> = versions
        .filter_map(|version| {
            let span = version.origin.span()?;
            let is_literal = analysis.files.text(span).trim_matches('"') == version.value.to_string();
            is_literal.then_some((span.file, span.start, span.end))
        })
        .collect();
    let mut files: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
    // From the back, so that places before stay where they are.
    for (file, start, end) in spans.into_iter().rev() {
        let file = analysis.files.get(file);
        let path = normal(&analysis.root.join(file.path()));
        let bytes = files.entry(path).or_insert_with(|| file.text().as_bytes().to_vec());
        let (start, end) = (usize::try_from(start).unwrap_or(0), usize::try_from(end).unwrap_or(0));
        if start <= end && end <= bytes.len() {
            bytes.splice(start..end, format!("\"{to}\"").into_bytes());
        }
    }
    files
}

/// A world in which some files are different.
struct Changed<'w> {
    world: &'w dyn World,
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl World for Changed<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.files.get(&normal(path)) {
            Some(bytes) => Ok(bytes.clone()),
            None => self.world.read(path),
        }
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        self.world.list(dir)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.world.is_file(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.world.is_dir(path)
    }
}
