//! Which files there are, and who writes each.
//!
//! Start with [`Manifests`].

use platc_artifact::{Artifact, Target};
use platc_model::Id;
use platc_model::generated::Cluster;
use platc_plan::Plan;
use platc_plan::{Shape, Workload};

use super::{namespace, service, task, workload};
use crate::object::OBJECTS;
use crate::{Emitter, Job, Subject};

/// Manifests of namespaces and workloads.
#[derive(Clone, Copy, Debug)]
pub struct Manifests;

impl Emitter for Manifests {
    fn name(&self) -> &'static str {
        "k8s"
    }

    fn jobs(&self, plan: &Plan) -> Vec<Job> {
        let mut jobs = Vec::new();
        for (id, cluster) in plan.clusters.iter() {
            let of = |step: &str, name: &str, subject: Subject| {
                let path = format!("clusters/{}/{step}/{name}.yaml", cluster.name);
                Job::new(path, OBJECTS, Target::Cluster(cluster.name.to_string()), subject)
            };
            if plan.workloads_at(id).next().is_some() {
                jobs.push(of("20-namespaces", "priorities", Subject::Cluster(id)));
            }
            for (nth, namespace) in plan.namespaces.iter().enumerate() {
                if namespace.cluster == id {
                    jobs.push(of("20-namespaces", &namespace.name, Subject::Namespace(nth)));
                }
            }
            for step in [Step::Services, Step::Jobs, Step::Workloads, Step::Proxies] {
                for (nth, workload) in workloads_of(plan, id) {
                    if step.has(workload) {
                        let name = format!("{}.{}", workload.namespace.value, workload.name);
                        jobs.push(of(step.folder(), &name, Subject::Workload(nth)));
                    }
                }
            }
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
            Subject::Workload(nth) => {
                let Some(workload) = plan.workloads.get(nth) else { return };
                if job.path.as_str().contains(Step::Services.folder()) {
                    service::write(plan, workload, artifact);
                } else {
                    write(plan, workload, artifact);
                }
            }
            Subject::Platform | Subject::Host(_) | Subject::Balancer(_) => {}
        }
    }
}

/// When the objects of a workload are applied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Services,
    Jobs,
    Workloads,
    Proxies,
}

impl Step {
    const fn folder(self) -> &'static str {
        match self {
            Self::Services => "30-services",
            Self::Jobs => "35-jobs",
            Self::Workloads => "40-workloads",
            Self::Proxies => "50-proxies",
        }
    }

    fn has(self, workload: &Workload) -> bool {
        let own = match &workload.shape {
            Shape::Job(task) if !task.before.is_empty() => Self::Jobs,
            Shape::Service(_) | Shape::Daemon(_) | Shape::Job(_) | Shape::Cron(_) => Self::Workloads,
            Shape::Proxy(_) => Self::Proxies,
        };
        self == Self::Services || self == own
    }
}

fn workloads_of(plan: &Plan, cluster: Id<Cluster>) -> impl Iterator<Item = (usize, &Workload)> {
    plan.workloads.iter().enumerate().filter(move |(_, workload)| workload.cluster == cluster)
}

fn write(plan: &Plan, own: &Workload, artifact: &mut Artifact) {
    match &own.shape {
        Shape::Service(shape) => workload::service(plan, own, shape, artifact),
        Shape::Daemon(shape) => workload::daemon(plan, own, shape, artifact),
        Shape::Job(shape) => task::job(plan, own, shape, artifact),
        Shape::Cron(shape) => task::cron(plan, own, shape, artifact),
        Shape::Proxy(_) => {}
    }
}
