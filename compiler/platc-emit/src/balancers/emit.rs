//! The files: one for each balancer, beside those of its datacenter.
//!
//! Start with [`Balancers`].

use platc_artifact::{Artifact, Format, Target};
use platc_diag::Problems;
use platc_model::generated::Software;
use platc_plan::Plan;

use super::{check, envoy, haproxy, nginx};
use crate::{Emitter, Job, Subject};

/// Configuration of balancers outside.
#[derive(Debug)]
pub struct Balancers;

impl Emitter for Balancers {
    fn name(&self) -> &'static str {
        "balancers"
    }

    fn check(&self, plan: &Plan, problems: &mut Problems) {
        check::check(plan, problems);
    }

    fn jobs(&self, plan: &Plan) -> Vec<Job> {
        let jobs = plan.balancers.iter().enumerate().map(|(at, balancer)| {
            let (software, extension, kind) = match balancer.software.value {
                Software::Haproxy => ("haproxy", "cfg", "haproxy-config"),
                Software::Nginx => ("nginx", "conf", "nginx-config"),
                Software::Envoy => ("envoy", "yaml", "envoy-balancer"),
            };
            let datacenter = &plan.model.datacenters.at(balancer.datacenter).head.name;
            let path = format!("balancers/{datacenter}/{software}.{}.{extension}", balancer.name);
            Job::new(path, kind, Target::Platform, Subject::Balancer(at))
        });
        jobs.collect()
    }

    fn emit(&self, plan: &Plan, job: &Job, artifact: &mut Artifact) {
        let Subject::Balancer(at) = job.subject else { return };
        let Some(balancer) = plan.balancers.get(at) else { return };
        match balancer.software.value {
            Software::Haproxy => artifact.doc(Format::Haproxy).lines(|l| haproxy::config(l, balancer)),
            Software::Nginx => artifact.doc(Format::Nginx).lines(|l| nginx::config(l, balancer)),
            Software::Envoy => artifact.doc(Format::Yaml).map(|m| envoy::bootstrap(m, balancer)),
        }
    }
}
