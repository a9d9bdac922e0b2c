//! What the compiler decides for the author, each with the rule that decided it and the place that it was
//! decided because of: what `platc plan` prints and the editor shows as hints.
//!
//! Not here: deciding (`platc-plan`).
//!
//! Start with [`decisions`].

use std::collections::BTreeMap;
use std::fmt::Display;

use platc_diag::{Origin, Rule, Sourced, Span, Why};
use platc_model::Id;
use platc_model::generated::{Cluster, Host};
use platc_plan::{CallPlan, ClusterPlan, HostPlan, Plan, ScalePlan, Shape, Workload};
use platc_proof::Prover;
use platc_proof::pack::{Limits, Verdict};
use platc_proof::room::Room;

platc_diag::rules! {
    PLACEMENT "a-way-that-fits":
        "One way in which all pods fit, as a proof that there is one; the scheduler chooses its own.";
}

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
    let mut list = List { plan, subject: String::new(), found: Vec::new() };
    let prover = Prover::new(plan, Limits::default());
    plan.clusters.values().for_each(|cluster| list.cluster(cluster));
    plan.hosts.values().for_each(|host| list.host(host));
    let placed: Vec<Placed<'_>> = plan.clusters.ids().filter_map(|id| placed(&prover, id)).collect();
    for workload in &plan.workloads {
        list.workload(workload, placed.iter().find(|own| own.cluster == workload.cluster));
    }
    list.found
}

/// Where the pods of a cluster go, in one way that fits.
struct Placed<'p> {
    cluster: Id<Cluster>,
    room: &'p Room<'p>,
    /// For each group of pods the bin of each.
    bins_of: &'p [Vec<usize>],
}

fn placed<'p>(prover: &'p Prover<'p>, cluster: Id<Cluster>) -> Option<Placed<'p>> {
    let (room, verdict) = prover.room(cluster)?;
    let Verdict::Fits(placement) = verdict else { return None };
    Some(Placed { cluster, room, bins_of: &placement.bins_of })
}

struct List<'p> {
    plan: &'p Plan,
    subject: String,
    found: Vec<Decision>,
}

impl List<'_> {
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

    /// A list, unless it is empty.
    fn names(&mut self, what: &'static str, names: impl Iterator<Item = String>, origin: Origin) {
        let names: Vec<String> = names.collect();
        if !names.is_empty() {
            self.add(what, names.join(", "), origin);
        }
    }

    fn hosts(&mut self, what: &'static str, hosts: &[Id<Host>], origin: Origin) {
        let plan = self.plan;
        self.names(what, hosts.iter().map(|host| plan.hosts.at(*host).name.to_string()), origin);
    }

    fn cluster(&mut self, cluster: &ClusterPlan) {
        self.subject = format!("cluster {}", cluster.name);
        let here = Origin::written(cluster.span);
        self.sourced("Kubernetes", &cluster.version);
        self.sourced("containerd", &cluster.containerd);
        self.sourced("Envoy", &cluster.envoy);
        self.sourced("pods", &cluster.pods);
        self.sourced("Services", &cluster.services);
        self.add("address of Service `kubernetes`", cluster.service_ip, cluster.services.origin);
        self.sourced("API server", &cluster.api.endpoint);
        self.add("balanced by", cluster.api.balancer.value.word(), cluster.api.balancer.origin);
        if let Some(vip) = cluster.api.vip {
            let vrid = cluster.api.vrid.map_or_else(String::new, |vrid| format!(", VRRP router {vrid}"));
            self.add("address that moves", format!("{vip}{vrid}"), cluster.api.endpoint.origin);
        }
        self.add("routing", cluster.routing.value.word(), cluster.routing.origin);
        self.add("service proxy", cluster.service_proxy.value.word(), cluster.service_proxy.origin);
        self.hosts("control plane", &cluster.control_plane, here);
        if let Some(etcd) = &cluster.etcd {
            let members = etcd.members.iter().map(|member| member.at.to_string());
            self.names("etcd at", members, etcd.origin);
        }
        self.hosts("DNS on", &cluster.dns.hosts, here);
        self.names("resolvers of pods", cluster.dns.resolvers.iter().map(ToString::to_string), here);
        self.sourced("pods of a host, at most", &cluster.max_pods);
        for pod in &cluster.control_plane_requests {
            self.add("request", format!("{}: {} CPU", pod.name, pod.cpu.value), pod.cpu.origin);
        }
    }

    fn host(&mut self, host: &HostPlan) {
        self.subject = format!("host {}", host.name);
        let here = Origin::written(host.span);
        self.add("address", format!("{} on {}", host.address.value, host.interface), host.address.origin);
        if let Some(pods) = &host.pods {
            self.sourced("pod range", pods);
        }
        self.add("init", host.init.value.word(), host.init.origin);
        self.add("network config", host.net_config.value.word(), host.net_config.origin);
        if !host.routes.is_empty() {
            self.add("static routes", host.routes.len(), here);
        }
        for vip in &host.vips {
            let text = format!(
                "{} for {}, VRRP router {}, priority {}",
                vip.address.value, vip.owner, vip.vrid, vip.priority
            );
            self.add("may hold", text, vip.address.origin);
        }
        for carve_out in &host.carve_outs {
            self.add("carve-out", format!("{} on CPUs {}", carve_out.name, carve_out.cpus), carve_out.origin);
        }
        if host.reservation.pinned {
            self.add("CPUs that no pod gets", &host.reservation.reserved_cpus, here);
        }
        if host.cluster.is_some() {
            let room = host.allocatable;
            self.add("allocatable", format!("{} CPU, {}", room.cpu, room.memory), here);
        }
        let ports = host
            .ports
            .iter()
            .map(|claim| format!("{}{} {}", claim.port, if claim.udp { "/udp" } else { "" }, claim.owner));
        self.names("ports", ports, here);
    }

    fn workload(&mut self, workload: &Workload, placed: Option<&Placed<'_>>) {
        let place = &self.plan.clusters.at(workload.cluster).name;
        self.subject = format!("{} at {place}", workload.name);
        let here = Origin::written(workload.span);
        self.sourced("namespace", &workload.namespace);
        self.sourced("image", &workload.app.image);
        self.inits(workload);
        self.shape(&workload.shape, here);
        for variant in &workload.variants {
            let limit = &variant.memory_limit;
            let pods = match &workload.shape {
                Shape::Service(_) => format!("{}: {} pods, {}", variant.name, variant.pods(), limit.value),
                Shape::Daemon(_) | Shape::Proxy(_) | Shape::Job(_) | Shape::Cron(_) => {
                    format!("{}: {}", variant.name, limit.value)
                }
            };
            self.add(workload.kind(), pods, limit.origin);
        }
        for volume in &workload.volumes {
            let size = format!("{} {}", volume.name, volume.size.value);
            let bound = if volume.local.value { ", and keeps its pod on its host" } else { "" };
            self.add("volume", format!("{size}{bound}"), volume.size.origin);
        }
        if let Some(placed) = placed {
            self.placement(workload, placed, here);
        }
        for port in &workload.app.ports {
            self.add("port", format!("{} {}", port.name.value, port.number.value), port.number.origin);
        }
        for call in workload.sidecar.iter().flat_map(|sidecar| &sidecar.calls) {
            self.call(call);
        }
        self.sourced("seconds served on after DNS forgets it", &workload.shutdown.pre_stop_s);
        self.sourced("seconds to finish", &workload.shutdown.drain_s);
        self.sourced("seconds until it is killed", &workload.shutdown.grace_s);
    }

    fn shape(&mut self, shape: &Shape, here: Origin) {
        match shape {
            Shape::Service(service) => {
                match &service.scale {
                    None => self.sourced("replicas", &service.replicas),
                    Some(scale) => self.scale(scale, &service.replicas),
                }
                self.sourced("pods more during a roll", &service.surge);
                self.sourced("pods fewer during a roll", &service.unavailable);
            }
            Shape::Daemon(daemon) => {
                if daemon.static_pod.value {
                    self.add("static pod", "started by the kubelet of each host", daemon.static_pod.origin);
                }
                self.hosts("on", &daemon.hosts, here);
            }
            Shape::Proxy(proxy) => {
                self.hosts("on", &proxy.hosts, here);
                for listen in &proxy.listens {
                    self.sourced("listens on", &listen.port);
                }
            }
            Shape::Job(task) => self.sourced("deadline", &task.deadline),
            Shape::Cron(cron) => {
                self.sourced("schedule", &cron.schedule);
                self.sourced("time zone", &cron.zone);
            }
        }
    }

    fn scale(&mut self, scale: &ScalePlan, most: &Sourced<u32>) {
        self.sourced("replicas at least", &scale.least);
        self.sourced("replicas at most, of which all is proven", most);
        for (what, target) in
            [("percent of its CPU request", scale.cpu), ("percent of its memory request", scale.memory)]
        {
            target.iter().for_each(|target| self.sourced(what, target));
        }
        for (what, speed) in [("pods are added", &scale.up), ("pods are taken away", &scale.down)] {
            let (looks, period) = (speed.after_s.value, speed.every_s.value);
            let pods = speed.pods.map(|pods| format!("{} pods", pods.value));
            let share = speed.share.map(|share| format!("{} %", share.value));
            let most: Vec<String> = pods.into_iter().chain(share).collect();
            let text = format!("{} in {period} s, looking back {looks} s", most.join(" or "));
            self.add(what, text, speed.after_s.origin);
        }
    }

    fn inits(&mut self, workload: &Workload) {
        let memories = workload.variants.first().map_or(&[][..], |variant| &variant.inits);
        for (init, memory) in workload.inits.iter().zip(memories) {
            let text = format!(
                "{}: {} CPU, {}, {}",
                init.name.value, init.cpu_request.value, memory.request.value, init.image.value
            );
            self.add("runs before it", text, init.cpu_request.origin);
        }
    }

    fn placement(&mut self, workload: &Workload, placed: &Placed<'_>, here: Origin) {
        let mut counts: BTreeMap<usize, u64> = BTreeMap::new();
        for (pods, bins) in placed.room.pods.iter().zip(placed.bins_of) {
            let own = pods.workload.name == workload.name && pods.workload.span == workload.span;
            bins.iter().filter(|_| own).for_each(|bin| *counts.entry(*bin).or_default() += 1);
        }
        let plan = self.plan;
        let each = counts.iter().filter_map(|(bin, count)| {
            let host = &plan.hosts.at(*placed.room.hosts.get(*bin)?).name;
            Some(if *count == 1 { host.to_string() } else { format!("{host} ×{count}") })
        });
        self.names("fits on", each, here.decided_by(&PLACEMENT));
    }

    fn call(&mut self, call: &CallPlan) {
        let port = call.local_port.map_or_else(String::new, |port| format!(" on 127.0.0.1:{port}"));
        let target = format!("{}:{}", call.target.dns_name, call.target.port);
        let tries =
            format!("{} and {} tries of {}", call.timeout.value, call.retries.value + 1, call.per_try.value);
        self.add("calls", format!("{}{port}: {target}, {tries}", call.name), call.origin);
    }
}
