//! Which files there are, and who writes each: an emitter for each step.
//!
//! Start with [`Nodes`].

use platc_artifact::{Artifact, Target};
use platc_diag::Problems;
use platc_model::generated::Routing;
use platc_plan::{ClusterPlan, Plan};

use super::{cilium, coredns, flannel, node, node_cache};
use crate::object::{Known, OBJECTS, check_all};
use crate::{Emitter, Job, Subject};

/// Node objects.
#[derive(Clone, Copy, Debug)]
pub struct Nodes;

/// The pod network.
#[derive(Clone, Copy, Debug)]
pub struct Network;

/// Cluster DNS.
#[derive(Clone, Copy, Debug)]
pub struct Dns;

/// The DNS cache of each node.
#[derive(Clone, Copy, Debug)]
pub struct NodeCache;

impl Emitter for Nodes {
    fn name(&self) -> &'static str {
        "nodes"
    }

    fn check(&self, plan: &Plan, problems: &mut Problems) {
        check_all(self, plan, Known::default(), problems);
    }

    fn jobs(&self, plan: &Plan) -> Vec<Job> {
        let of = |cluster: &ClusterPlan| {
            let name = cluster.name.clone();
            let job = move |host| {
                let path = format!("clusters/{name}/00-nodes/{}.yaml", plan.hosts.at(host).name);
                Job::new(path, OBJECTS, Target::Cluster(name.to_string()), Subject::Host(host))
            };
            cluster.nodes.clone().into_iter().map(job).collect::<Vec<_>>()
        };
        plan.clusters.values().flat_map(of).collect()
    }

    fn emit(&self, plan: &Plan, job: &Job, artifact: &mut Artifact) {
        if let Subject::Host(host) = job.subject {
            node::write(plan, host, artifact);
        }
    }
}

impl Emitter for Network {
    fn name(&self) -> &'static str {
        "network"
    }

    fn check(&self, plan: &Plan, problems: &mut Problems) {
        check_all(self, plan, Known::default(), problems);
    }

    fn jobs(&self, plan: &Plan) -> Vec<Job> {
        let of = |(id, cluster): (_, &ClusterPlan)| {
            let (file, kind) = match cluster.routing.value {
                Routing::FlannelHostGw | Routing::FlannelVxlan => ("10-network/flannel.yaml", OBJECTS),
                Routing::Cilium => ("values/cilium.yaml", "helm-values"),
                Routing::Static => return None,
            };
            let path = format!("clusters/{}/{file}", cluster.name);
            Some(Job::new(path, kind, Target::Cluster(cluster.name.to_string()), Subject::Cluster(id)))
        };
        plan.clusters.iter().filter_map(of).collect()
    }

    fn emit(&self, plan: &Plan, job: &Job, artifact: &mut Artifact) {
        let Subject::Cluster(id) = job.subject else { return };
        let cluster = plan.clusters.at(id);
        match cluster.routing.value {
            Routing::Cilium => cilium::values(cluster, artifact),
            Routing::FlannelHostGw | Routing::FlannelVxlan | Routing::Static => {
                flannel::write(cluster, artifact);
            }
        }
    }
}

impl Emitter for Dns {
    fn name(&self) -> &'static str {
        "dns"
    }

    fn check(&self, plan: &Plan, problems: &mut Problems) {
        check_all(self, plan, Known::default(), problems);
    }

    fn jobs(&self, plan: &Plan) -> Vec<Job> {
        let of = |(id, cluster): (_, &ClusterPlan)| {
            let path = format!("clusters/{}/11-dns/coredns.yaml", cluster.name);
            Job::new(path, OBJECTS, Target::Cluster(cluster.name.to_string()), Subject::Cluster(id))
        };
        plan.clusters.iter().map(of).collect()
    }

    fn emit(&self, plan: &Plan, job: &Job, artifact: &mut Artifact) {
        if let Subject::Cluster(id) = job.subject {
            coredns::write(plan.clusters.at(id), artifact);
        }
    }
}

impl Emitter for NodeCache {
    fn name(&self) -> &'static str {
        "node-cache"
    }

    fn check(&self, plan: &Plan, problems: &mut Problems) {
        check_all(self, plan, Known::default(), problems);
    }

    fn jobs(&self, plan: &Plan) -> Vec<Job> {
        let of = |(id, cluster): (_, &ClusterPlan)| {
            let path = format!("clusters/{}/11-dns/node-local-dns.yaml", cluster.name);
            Job::new(path, OBJECTS, Target::Cluster(cluster.name.to_string()), Subject::Cluster(id))
        };
        plan.clusters.iter().filter(|(_, cluster)| cluster.dns.node_local.is_some()).map(of).collect()
    }

    fn emit(&self, plan: &Plan, job: &Job, artifact: &mut Artifact) {
        if let Subject::Cluster(id) = job.subject {
            node_cache::write(plan.clusters.at(id), artifact);
        }
    }
}
