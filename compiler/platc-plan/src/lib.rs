//! From the model to the plan: every default, allocation, order and size, and the proofs.
//!
//! Nothing is decided after this. Each decided value carries the rule that decided it and the place that
//! made it so; what was given out once is kept in the [`platc_model::Lock`].
//!
//! | module | decides |
//! |---|---|
//! | [`clusters`] | versions, nodes, API endpoint, DNS, images |
//! | [`hosts`] | cards, networks, init and the like |
//! | [`ranges`] | pod ranges, and that no ranges overlap |
//! | [`carve`] | CPUs and memory of the system, the kubelet and carve-outs |
//! | [`routes`] | static routes of every host, on all sites |
//! | [`workloads`] | what becomes pods and how many, [`traffic`] who calls whom, [`shutdown`] how a pod goes |
//! | [`static_pods`] | what pods may have that kubelets start by themselves |
//! | [`addresses`] | virtual addresses, [`claims`] ports of hosts |
//! | [`ledger`] | what everything needs and what is left |
//!
//! Not here: how anything is written down (`platc-emit`).
//!
//! Start with [`plan()`] and [`Plan`].

pub mod addresses;
pub mod carve;
pub mod claims;
pub mod clusters;
mod consents;
pub mod cpus;
mod errors;
mod etcd;
pub mod facts;
pub mod hosts;
mod inits;
pub mod ledger;
mod plan;
mod proofs;
pub mod ranges;
pub mod routes;
pub mod rules;
mod scale;
mod settled;
pub mod shutdown;
mod static_pods;
pub mod traffic;
pub mod workloads;

use std::borrow::Cow;
use std::sync::Arc;

use platc_diag::{Diagnostic, Origin, Problems, Span};
use platc_model::{Lock, Model};

pub use claims::call_ports;
pub use plan::*;

/// Decides everything. `old` is what was given out before; the plan has what is given out now.
pub fn plan(model: Arc<Model>, old: &Lock) -> (Plan, Problems) {
    let lock = Cow::Borrowed(old);
    let mut planner = Planner { model: &model, lock, tags: Tags::new(), problems: Problems::new() };
    let mut clusters = clusters::decide(&mut planner);
    let mut hosts = hosts::decide(&mut planner, &clusters);
    ranges::allocate(&mut planner, &clusters, &mut hosts);
    carve::allocate(&mut planner, &mut hosts);
    routes::compute(&mut planner, &clusters, &mut hosts);
    let workloads = workloads::decide(&mut planner, &clusters, &hosts);
    workloads::sum_up(&mut clusters, &workloads);
    let balancers = traffic::balancers(&mut planner, &hosts, &workloads);
    addresses::allocate(&mut planner, &mut clusters, &mut hosts, &workloads, &balancers);
    claims::check(&mut planner, &clusters, &mut hosts, &workloads, &balancers);
    settled::check(&mut planner, &clusters, &hosts, &workloads);
    let (mut amounts, mut calls) = (planner.apart(), planner.apart());
    let add_up = || {
        static_pods::check(&mut amounts, &clusters, &hosts, &workloads);
        let namespaces = workloads::namespaces(&mut amounts, &clusters, &workloads);
        let ledger = ledger::add_up(&mut amounts, &clusters, &hosts, &workloads);
        proofs::prove(&mut amounts, &clusters, &hosts, &workloads, &namespaces);
        (namespaces, ledger)
    };
    let follow = || traffic::prove(&mut calls, &clusters, &workloads, &balancers);
    let ((namespaces, ledger), ()) = rayon::join(add_up, follow);
    let found = [amounts.found(), calls.found()];
    found.into_iter().for_each(|found| planner.join(found));
    let platform = model.platforms.values().next();
    let span = platform.map_or(Span::start_of(platc_diag::FileId(0)), |platform| platform.head.span);
    let registry =
        platform.and_then(|platform| platform.value.registry.as_ref()).map(|registry| RegistryPlan {
            host: registry.host.clone(),
            pull_secret: registry.pull_secret.as_ref().map(|secret| {
                secret.origin.of(platc_model::Text::clone(&model.secrets.at(secret.value).head.name))
            }),
        });
    let tracing = traffic::tracing(&mut planner);
    let Planner { lock, tags, problems, .. } = planner;
    let name = platform.map_or_else(|| "".into(), |platform| platc_model::Text::clone(&platform.head.name));
    let plan = Plan {
        platform: Origin::written(span).of(name),
        registry,
        tracing,
        clusters,
        hosts,
        namespaces,
        workloads,
        balancers,
        lock: lock.into_owned(),
        tags,
        ledger,
        model,
    };
    (plan, problems)
}

/// What a part of the work finds.
pub(crate) type Found = (Tags, Problems);

/// What the parts of planning share.
pub(crate) struct Planner<'m> {
    pub(crate) model: &'m Model,
    /// What was given out; grows.
    pub(crate) lock: Cow<'m, Lock>,
    /// Images that are written by tag.
    pub(crate) tags: Tags,
    pub(crate) problems: Problems,
}

impl Planner<'_> {
    pub(crate) fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// One for a part of the work that gives nothing out, to be done beside others.
    pub(crate) fn apart(&self) -> Planner<'_> {
        Planner {
            model: self.model,
            lock: Cow::Borrowed(&self.lock),
            tags: Tags::new(),
            problems: Problems::new(),
        }
    }

    /// What it found, without what it worked on.
    pub(crate) fn found(self) -> Found {
        (self.tags, self.problems)
    }

    /// Takes over what one beside found, in the order of the work.
    pub(crate) fn join(&mut self, (tags, problems): Found) {
        for (written, image) in tags {
            self.tags.entry(written).or_insert(image);
        }
        self.problems.extend(problems);
    }
}

/// Where to point for a value.
pub(crate) fn place(origin: Origin, otherwise: Span) -> Span {
    origin.span().unwrap_or(otherwise)
}
