//! Which files there are, and who writes each: an emitter for each sort of file.
//!
//! Start with [`Workloads`].

use platc_artifact::{Artifact, Target};
use platc_diag::Problems;
use platc_model::Id;
use platc_model::generated::Cluster;
use platc_plan::{ClusterPlan, Plan, Shape, Workload};
use rayon::prelude::*;

use super::raw::Share;
use super::{check, namespace, proxy, raw, scale, service, task, workload};
use crate::object::{Known, OBJECTS, check_all};
use crate::{Emitter, Job, Subject};

/// The step of what teaches a cluster new kinds.
const DEFINITIONS: &str = "22-definitions";

/// Namespaces and priority classes.
#[derive(Clone, Copy, Debug)]
pub struct Namespaces;

/// Objects that pass as they are.
#[derive(Clone, Copy, Debug)]
pub struct Raws;

/// What stands around the pods of a workload.
#[derive(Clone, Copy, Debug)]
pub struct Services;

/// Workloads, tasks and proxies.
#[derive(Clone, Copy, Debug)]
pub struct Workloads;

impl Emitter for Namespaces {
    fn name(&self) -> &'static str {
        "namespaces"
    }

    fn check(&self, plan: &Plan, problems: &mut Problems) {
        check_all(self, plan, Known::default(), problems);
    }

    fn jobs(&self, plan: &Plan) -> Vec<Job> {
        let mut jobs = Vec::new();
        for (id, cluster) in plan.clusters.iter() {
            let of = |name: &str, subject| job(cluster, "20-namespaces", name, subject);
            if plan.workloads_at(id).next().is_some() {
                // Names of namespaces have no dots.
                jobs.push(of("priority.classes", Subject::Cluster(id)));
            }
            let namespaces = plan.namespaces.iter().enumerate().filter(|(_, own)| own.cluster == id);
            jobs.extend(namespaces.map(|(nth, own)| of(&own.name, Subject::Namespace(nth))));
        }
        jobs
    }

    fn emit(&self, plan: &Plan, job: &Job, artifact: &mut Artifact) {
        match job.subject {
            Subject::Cluster(id) => namespace::priorities(plan, id, artifact),
            Subject::Namespace(nth) => {
                if let Some(namespace) = plan.namespaces.get(nth) {
                    namespace::write(namespace, artifact);
                }
            }
            _ => {}
        }
    }
}

impl Emitter for Raws {
    fn name(&self) -> &'static str {
        "raw"
    }

    fn check(&self, plan: &Plan, problems: &mut Problems) {
        let taught = raw::check(plan, problems);
        check_all(self, plan, Known { taught: &taught, ..Known::default() }, problems);
    }

    fn jobs(&self, plan: &Plan) -> Vec<Job> {
        let mut jobs = Vec::new();
        for (id, cluster) in plan.clusters.iter() {
            for (raw, item) in plan.model.raws.iter() {
                for (share, step) in [(Share::Definitions, DEFINITIONS), (Share::Rest, "25-raw")] {
                    if raw::has(plan, raw, id, share) {
                        jobs.push(job(cluster, step, &item.head.name, Subject::Raw(raw, id)));
                    }
                }
            }
        }
        jobs.sort_by(|a, b| a.path.cmp(&b.path));
        jobs
    }

    fn emit(&self, plan: &Plan, job: &Job, artifact: &mut Artifact) {
        if let Subject::Raw(raw, cluster) = job.subject {
            let is_first = job.path.as_str().split('/').any(|part| part == DEFINITIONS);
            let share = if is_first { Share::Definitions } else { Share::Rest };
            raw::write(plan, raw, (cluster, share), artifact);
        }
    }
}

impl Emitter for Services {
    fn name(&self) -> &'static str {
        "services"
    }

    fn check(&self, plan: &Plan, problems: &mut Problems) {
        check_all(self, plan, Known::default(), problems);
    }

    fn jobs(&self, plan: &Plan) -> Vec<Job> {
        workload_jobs(plan, |workload| service::has_any(plan, workload).then_some("30-services"))
    }

    fn emit(&self, plan: &Plan, job: &Job, artifact: &mut Artifact) {
        if let Some(workload) = subject(plan, job) {
            service::write(plan, workload, artifact);
        }
    }
}

impl Emitter for Workloads {
    fn name(&self) -> &'static str {
        "workloads"
    }

    fn check(&self, plan: &Plan, problems: &mut Problems) {
        let embedded = check::sizes(plan, problems);
        scale::check(plan, problems);
        check_all(self, plan, Known { embedded: &embedded, ..Known::default() }, problems);
    }

    fn jobs(&self, plan: &Plan) -> Vec<Job> {
        let mut jobs = workload_jobs(plan, |workload| match &workload.shape {
            _ if workload.is_static_pod() => None,
            Shape::Job(task) if !task.before.is_empty() => Some("35-jobs"),
            Shape::Service(_) | Shape::Daemon(_) | Shape::Job(_) | Shape::Cron(_) => Some("40-workloads"),
            Shape::Proxy(_) => Some("50-proxies"),
        });
        jobs.sort_by(|a, b| a.path.cmp(&b.path));
        jobs
    }

    fn emit(&self, plan: &Plan, job: &Job, artifact: &mut Artifact) {
        let Some(own) = subject(plan, job) else { return };
        match &own.shape {
            Shape::Service(shape) => workload::service(plan, own, shape, artifact),
            Shape::Daemon(shape) => workload::daemon(plan, own, shape, artifact),
            Shape::Job(shape) => task::job(plan, own, shape, artifact),
            Shape::Cron(shape) => task::cron(plan, own, shape, artifact),
            Shape::Proxy(shape) => proxy::write(plan, own, shape, artifact),
        }
    }
}

fn job(cluster: &ClusterPlan, step: &str, name: &str, subject: Subject) -> Job {
    let path = format!("clusters/{}/{step}/{name}.yaml", cluster.name);
    Job::new(path, OBJECTS, Target::Cluster(cluster.name.to_string()), subject)
}

/// A file for each workload, at the step that `step` gives.
fn workload_jobs(plan: &Plan, step: impl Fn(&Workload) -> Option<&'static str> + Sync) -> Vec<Job> {
    let cluster = |id: Id<Cluster>| plan.clusters.at(id);
    let of = |(nth, own): (usize, &Workload)| {
        let name = format!("{}.{}", own.namespace.value, own.name);
        Some(job(cluster(own.cluster), step(own)?, &name, Subject::Workload(nth)))
    };
    plan.workloads.par_iter().enumerate().filter_map(of).collect()
}

fn subject<'p>(plan: &'p Plan, job: &Job) -> Option<&'p Workload> {
    match job.subject {
        Subject::Workload(nth) => plan.workloads.get(nth),
        _ => None,
    }
}
