//! What the compiler decides for the author, each with the rule that decided it and the place that it was
//! decided because of: what `platc plan` prints and the editor shows as hints.
//!
//! Not here: deciding (`platc-plan`).
//!
//! Start with [`decisions`].

use std::fmt::Display;

use platc_diag::{Origin, Rule, Sourced, Span, Why};
use platc_plan::{ClusterPlan, HostPlan, Plan, Workload};

/// One thing that was decided, or taken as written.
#[derive(Clone, Debug)]
pub struct Decision {
    /// What it is about: `host a-m1`, `service ingest at prod-a`.
    pub subject: String,
    /// Which value: `pod range`.
    pub what: &'static str,
    /// The value.
    pub value: String,
    /// The rule that decided it; `None` for what is written.
    pub rule: Option<&'static Rule>,
    /// Where it is written, or because of what it was decided.
    pub span: Option<Span>,
}

/// All of a plan's decisions: clusters, hosts, workloads.
pub fn decisions(plan: &Plan) -> Vec<Decision> {
    let mut list = List { subject: String::new(), found: Vec::new() };
    plan.clusters.values().for_each(|cluster| list.cluster(cluster));
    plan.hosts.values().for_each(|host| list.host(host));
    for workload in &plan.workloads {
        let place = &plan.clusters.at(workload.cluster).name;
        list.workload(workload, place);
    }
    list.found
}

struct List {
    subject: String,
    found: Vec<Decision>,
}

impl List {
    fn add(&mut self, what: &'static str, value: impl Display, origin: Origin) {
        let rule = match origin.why() {
            Why::Decided(rule) => Some(rule),
            Why::Written | Why::Unknown => None,
        };
        let (subject, value, span) = (self.subject.clone(), value.to_string(), origin.span());
        self.found.push(Decision { subject, what, value, rule, span });
    }

    fn sourced<T: Display>(&mut self, what: &'static str, value: &Sourced<T>) {
        self.add(what, &value.value, value.origin);
    }

    fn cluster(&mut self, cluster: &ClusterPlan) {
        self.subject = format!("cluster {}", cluster.name);
        self.sourced("Kubernetes", &cluster.version);
        self.sourced("containerd", &cluster.containerd);
        self.sourced("pods", &cluster.pods);
        self.sourced("Services", &cluster.services);
    }

    fn host(&mut self, host: &HostPlan) {
        self.subject = format!("host {}", host.name);
        if let Some(pods) = &host.pods {
            self.sourced("pod range", pods);
        }
        let here = Origin::written(host.span);
        for carve_out in &host.carve_outs {
            self.add("carve-out", format!("{} on CPUs {}", carve_out.name, carve_out.cpus), here);
        }
        if host.cluster.is_some() {
            let room = host.allocatable;
            self.add("allocatable", format!("{} CPU, {}", room.cpu, room.memory), here);
        }
    }

    fn workload(&mut self, workload: &Workload, place: &str) {
        self.subject = format!("{} at {place}", workload.name);
        self.sourced("namespace", &workload.namespace);
        for variant in &workload.variants {
            let limit = &variant.memory_limit;
            self.add(
                "Deployment",
                format!("{}: {} pods, {}", variant.name, variant.replicas, limit.value),
                limit.origin,
            );
        }
        self.sourced("seconds served on after DNS forgets it", &workload.shutdown.pre_stop_s);
        self.sourced("seconds to finish", &workload.shutdown.drain_s);
        self.sourced("seconds until it is killed", &workload.shutdown.grace_s);
    }
}
