//! The files: the same bootstraps that pods carry, each by itself, so that tools and people can read them.
//!
//! Start with [`Envoy`].

use platc_artifact::{Artifact, Format, Target};
use platc_plan::{Plan, Shape, Workload};

use super::{proxy, sidecar};
use crate::{Emitter, Job, Subject};

/// Bootstraps of sidecars and proxies.
#[derive(Debug)]
pub struct Envoy;

impl Emitter for Envoy {
    fn name(&self) -> &'static str {
        "envoy"
    }

    fn jobs(&self, plan: &Plan) -> Vec<Job> {
        let job = |(at, workload): (usize, &Workload)| {
            let kind = match (&workload.shape, &workload.sidecar) {
                (Shape::Proxy(_), _) => "envoy-proxy",
                (_, Some(_)) => "envoy-sidecar",
                (_, None) => return None,
            };
            let cluster = &plan.clusters.at(workload.cluster).name;
            let path = format!("envoy/{cluster}/{}.yaml", workload.name);
            Some(Job::new(path, kind, Target::Cluster(cluster.to_string()), Subject::Workload(at)))
        };
        plan.workloads.iter().enumerate().filter_map(job).collect()
    }

    fn emit(&self, plan: &Plan, job: &Job, artifact: &mut Artifact) {
        let Subject::Workload(at) = job.subject else { return };
        let Some(workload) = plan.workloads.get(at) else { return };
        artifact.doc(Format::Yaml).map(|m| match (&workload.shape, &workload.sidecar) {
            (Shape::Proxy(edge), _) => proxy(m, plan, workload, edge),
            (_, Some(beside)) => sidecar(m, plan, workload, beside),
            (_, None) => {}
        });
    }
}
