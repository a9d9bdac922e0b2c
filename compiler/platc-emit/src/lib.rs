//! From the plan to artifacts: one folder a target. Nothing is decided here; whatever two targets must
//! agree on is in the plan.
//!
//! An emitter lists its files ([`Emitter::jobs`]) and writes each of them when asked ([`Emitter::emit`]), as
//! documents and never as text. A file is a pure function of the plan, so it can be written in any order,
//! on any thread, and again. What a target cannot say is found before ([`Emitter::check`]).
//!
//! To add a target: a folder with `emit.rs`, `check.rs` and `cases/*.md`, and a line in [`EMITTERS`].

mod ansible;
mod api;
pub mod balancers;
pub mod cluster;
pub mod envoy;
mod host;
mod hosts;
pub mod k8s;
mod keepalived;
mod kube;
mod kubeadm;
mod object;
mod routes;
pub mod rules;

use platc_artifact::{Artifact, ArtifactPath, Target};
use platc_diag::{Problems, Span};
use platc_model::Id;
use platc_model::generated::{Cluster, Host, Raw};
use platc_plan::Plan;

/// A target: what writes one sort of file.
pub trait Emitter: Sync {
    /// Its name, as in `--timings`.
    fn name(&self) -> &'static str;

    /// What this target cannot say, or what would not work there.
    fn check(&self, _plan: &Plan, _problems: &mut Problems) {}

    /// The files that it writes, in order.
    fn jobs(&self, plan: &Plan) -> Vec<Job>;

    /// Writes one of them. The artifact has its path, kind and target already.
    fn emit(&self, plan: &Plan, job: &Job, artifact: &mut Artifact);
}

/// A file to be written.
#[derive(Clone, Debug)]
pub struct Job {
    /// Where it goes in the build.
    pub path: ArtifactPath,
    /// What it is: `kubeadm-init`, `envoy-sidecar`, ….
    pub kind: &'static str,
    /// Whom it is for.
    pub target: Target,
    /// What it is about.
    pub subject: Subject,
}

/// What a file is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject {
    /// The platform as a whole.
    Platform,
    /// A cluster.
    Cluster(Id<Cluster>),
    /// A host.
    Host(Id<Host>),
    /// A workload: its place in [`Plan::workloads`].
    Workload(usize),
    /// A namespace: its place in [`Plan::namespaces`].
    Namespace(usize),
    /// A balancer: its place in [`Plan::balancers`].
    Balancer(usize),
    /// Objects that pass as they are, at a cluster.
    Raw(Id<Raw>, Id<Cluster>),
}

impl Subject {
    /// Its name.
    pub fn name(self, plan: &Plan) -> &str {
        match self {
            Self::Platform => &plan.platform.value,
            Self::Cluster(id) => &plan.clusters.at(id).name,
            Self::Host(id) => &plan.hosts.at(id).name,
            Self::Workload(nth) => plan.workloads.get(nth).map_or("", |own| &own.name),
            Self::Namespace(nth) => plan.namespaces.get(nth).map_or("", |own| &own.name),
            Self::Balancer(nth) => plan.balancers.get(nth).map_or("", |own| &own.name),
            Self::Raw(id, _) => &plan.model.raws.at(id).head.name,
        }
    }

    /// Where it is declared, if anywhere.
    pub fn span(self, plan: &Plan) -> Option<Span> {
        match self {
            Self::Platform => plan.platform.origin.span(),
            Self::Cluster(id) => Some(plan.clusters.at(id).span),
            Self::Host(id) => Some(plan.hosts.at(id).span),
            Self::Workload(nth) => plan.workloads.get(nth).map(|own| own.span),
            Self::Namespace(nth) => plan.namespaces.get(nth).and_then(|own| own.origin.span()),
            Self::Balancer(nth) => plan.balancers.get(nth).map(|own| own.span),
            Self::Raw(id, _) => Some(plan.model.raws.at(id).head.span),
        }
    }
}

/// All targets, in the order in which their files are listed.
pub static EMITTERS: &[&dyn Emitter] = &[
    &kubeadm::EMITTER,
    &host::EMITTER,
    &api::EMITTER,
    &keepalived::EMITTER,
    &routes::EMITTER,
    &cluster::emit::Nodes,
    &cluster::emit::Network,
    &cluster::emit::Dns,
    &cluster::emit::NodeCache,
    &k8s::emit::Namespaces,
    &k8s::emit::Raws,
    &k8s::emit::Services,
    &k8s::emit::Workloads,
    &k8s::static_pod::EMITTER,
    &envoy::Envoy,
    &balancers::Balancers,
    &ansible::Ansible, //
];

impl Job {
    /// A file. Its path is made of names that were checked, so it always is one.
    pub fn new(path: String, kind: &'static str, target: Target, subject: Subject) -> Self {
        match ArtifactPath::parse(path) {
            Ok(path) => Self { path, kind, target, subject },
            Err(fault) => unreachable!("paths are made of checked names: {fault:?}"),
        }
    }
}

/// All files of a plan, in order, each with its emitter.
pub fn jobs(plan: &Plan) -> Vec<(&'static dyn Emitter, Job)> {
    let of = |emitter: &&'static dyn Emitter| {
        emitter.jobs(plan).into_iter().map(|job| (*emitter, job)).collect::<Vec<_>>()
    };
    EMITTERS.iter().flat_map(of).collect()
}

/// What any target finds.
pub fn check(plan: &Plan, problems: &mut Problems) {
    for emitter in EMITTERS {
        emitter.check(plan, problems);
    }
}
