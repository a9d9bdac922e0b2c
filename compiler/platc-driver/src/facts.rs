//! What was decided, as data that outlives this compiler: `plan.json` beside a build, by which two builds
//! are compared; and `origins.json`, where each file of a build comes from.
//!
//! Not here: what a difference of two of them means (`platc-diff`).
//!
//! Start with [`facts`].

use std::collections::BTreeMap;

use platc_diag::{Files, Span};
use platc_diff::facts::{
    Cluster, FORMAT, Facts, Host, Member, Policy, Route, Stateful, Volume, Waiver, Workload,
};
use platc_model::generated::{Datacenter, Stateful as StatefulKind};
use platc_model::{Id, Value};
use platc_plan::{CallPlan, Hop, HostPlan, Plan, RouteTarget, Shape};
use serde_json::{Map, json};

use crate::analysis::Analysis;

/// What was decided of a platform.
pub fn facts(analysis: &Analysis) -> Facts {
    let plan = &*analysis.plan;
    let mut workloads: Vec<Workload> =
        plan.workloads.iter().map(|own| workload(&analysis.files, plan, own)).collect();
    workloads.sort_by(|a, b| (&a.cluster, &a.namespace, &a.name).cmp(&(&b.cluster, &b.namespace, &b.name)));
    Facts {
        format: FORMAT.to_owned(),
        platform: plan.platform.value.to_string(),
        clusters: plan.clusters.values().map(|own| cluster(plan, own)).collect(),
        hosts: plan.hosts.values().map(|own| host(plan, own)).collect(),
        statefuls: plan.model.statefuls.iter().map(|(id, _)| stateful(plan, id)).collect(),
        workloads,
        routes: routes(plan),
        policies: policies(plan),
        waivers: waivers(plan),
    }
}

fn cluster(plan: &Plan, own: &platc_plan::ClusterPlan) -> Cluster {
    let names = |ids: &[Id<platc_model::generated::Host>]| {
        ids.iter().map(|id| plan.hosts.at(*id).name.to_string()).collect()
    };
    Cluster {
        name: own.name.to_string(),
        version: own.version.to_string(),
        pods: own.pods.to_string(),
        services: own.services.to_string(),
        endpoint: own.api.endpoint.to_string(),
        nodes: names(&own.nodes),
        control_plane: names(&own.control_plane),
        etcd: own.etcd.iter().flat_map(|etcd| &etcd.members).map(|member| member.at.to_string()).collect(),
    }
}

fn host(plan: &Plan, own: &HostPlan) -> Host {
    Host {
        name: own.name.to_string(),
        datacenter: own.zone.to_string(),
        cluster: plan.cluster_of(own).map(|cluster| cluster.name.to_string()),
        address: own.address.to_string(),
        pods: own.pods.map(|pods| pods.to_string()),
        memory: if own.cluster.is_some() { own.allocatable.memory.get() } else { 0 },
        cpu_milli: if own.cluster.is_some() { own.allocatable.cpu.as_milli() } else { 0 },
        routes: own.routes.iter().map(route).collect(),
    }
}

fn route(route: &platc_plan::Route) -> String {
    let to = match route.to {
        RouteTarget::Default => "default".to_owned(),
        RouteTarget::Range(range) => range.to_string(),
    };
    let via = match &route.via {
        Hop::Gateway(address, interface) => format!("via {address} dev {interface}"),
        Hop::Link(interface) => format!("dev {interface}"),
        Hop::Unreachable => return format!("unreachable {to}"),
    };
    let table = route.table.as_ref().map(|table| format!(" table {}", table.name)).unwrap_or_default();
    format!("{to} {via}{table}")
}

fn stateful(plan: &Plan, id: Id<StatefulKind>) -> Stateful {
    let item = plan.model.statefuls.at(id);
    let mut members: Vec<Member> = Vec::new();
    let mut min_alive = BTreeMap::new();
    let mut unit = item.head.name.to_string();
    for at in &item.at {
        if let Some(said) = &at.value.unit {
            unit = said.value.to_string();
        }
        let here =
            at.value.on.iter().filter(|member| plan.hosts.at(member.value.host.value).datacenter == at.place);
        for one in here.clone() {
            members.push(member(plan, id, &one.value));
        }
        let n = here.count();
        if n > 0 {
            let said = at.value.min_alive.map(|said| u64::try_from(said.value).unwrap_or(0));
            let roles = at.value.on.iter().any(|member| member.value.role.is_some());
            let majority = if roles { 1 } else { n / 2 + 1 };
            let needed = said.unwrap_or(u64::try_from(majority).unwrap_or(u64::MAX));
            min_alive.insert(zone(plan, at.place), needed);
        }
    }
    members.sort_by(|a, b| (&a.datacenter, &a.host).cmp(&(&b.datacenter, &b.host)));
    members.dedup_by(|a, b| a.host == b.host);
    Stateful { name: item.head.name.to_string(), unit, members, min_alive }
}

fn zone(plan: &Plan, id: Id<Datacenter>) -> String {
    plan.model.datacenters.at(id).head.name.to_string()
}

fn member(plan: &Plan, id: Id<StatefulKind>, own: &platc_model::generated::Member) -> Member {
    let host = plan.hosts.at(own.host.value);
    let carved = host.carve_outs.iter().find(|carved| carved.stateful == id);
    Member {
        host: host.name.to_string(),
        datacenter: host.zone.to_string(),
        role: own.role.map(|role| role.value.word().to_owned()),
        cpus: carved.map(|carved| carved.cpus.to_string()),
        memory: carved.map(|carved| carved.memory_max.value.get()),
        data: carved.and_then(|carved| carved.data.as_ref()).map(|data| data.value.to_string()),
    }
}

fn workload(files: &Files, plan: &Plan, own: &platc_plan::Workload) -> Workload {
    let (kind, pods) = match &own.shape {
        Shape::Service(service) => ("service", u64::from(service.replicas.value)),
        Shape::Daemon(daemon) => ("daemon", count(daemon.hosts.len())),
        Shape::Proxy(proxy) => ("proxy", count(proxy.hosts.len())),
        Shape::Job(_) => ("job", 1),
        Shape::Cron(_) => ("cron", 1),
    };
    let volume = |volume: &platc_plan::VolumePlan| Volume {
        name: volume.name.to_string(),
        size: volume.size.value.get(),
    };
    Workload {
        cluster: plan.clusters.at(own.cluster).name.to_string(),
        namespace: own.namespace.to_string(),
        name: own.name.to_string(),
        kind: kind.to_owned(),
        pods,
        volumes: own.volumes.iter().map(volume).collect(),
        place: line(files, own.span),
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// File and line of a place.
fn line(files: &Files, span: Span) -> String {
    let place = files.place(span);
    place.rsplit_once(':').map_or_else(|| place.clone(), |(line, _)| line.to_owned())
}

fn routes(plan: &Plan) -> Vec<Route> {
    let mut found = Vec::new();
    for own in &plan.workloads {
        let Shape::Proxy(proxy) = &own.shape else { continue };
        let at = format!("proxy {} at {}", own.name, plan.clusters.at(own.cluster).name);
        for host in &proxy.virtual_hosts {
            let domain = host.domain.as_ref().map_or("*", |domain| &domain.value);
            for route in &host.routes {
                found.push(Route {
                    at: at.clone(),
                    path: format!("{domain}{}", route.path.value),
                    to: called(plan, own, &route.call),
                    timeout: route.call.timeout.to_string(),
                });
            }
        }
    }
    for own in &plan.balancers {
        found.extend(own.routes.iter().map(|route| Route {
            at: format!("balancer {}", own.name),
            path: format!("*{}", route.path.value),
            to: route.proxy.to_string(),
            timeout: route.timeout.to_string(),
        }));
    }
    found
}

fn called(plan: &Plan, from: &platc_plan::Workload, call: &CallPlan) -> String {
    let target = &call.target;
    if target.cluster == from.cluster {
        target.service.to_string()
    } else {
        format!("{} of {}", target.service, plan.clusters.at(target.cluster).name)
    }
}

fn policies(plan: &Plan) -> Vec<Policy> {
    let of = |own: &platc_model::Declared<platc_model::generated::Use>| {
        let level = own.value.level.map(|level| format!("level={}", level.value.word()));
        let settings = match &own.value.settings.value {
            Value::Null => None,
            settings => Some(written(settings)),
        };
        let said: Vec<String> = level.into_iter().chain(settings).filter(|text| !text.is_empty()).collect();
        let settings = if said.is_empty() { "used as it comes".to_owned() } else { said.join(" ") };
        Policy { name: own.head.name.to_string(), settings }
    };
    plan.model.uses.values().map(of).collect()
}

/// Settings in one line: `registries=[a b] strict=true`.
fn written(value: &Value) -> String {
    let each = |values: &mut dyn Iterator<Item = String>| values.collect::<Vec<_>>().join(" ");
    match value {
        Value::Map(entries) => {
            each(&mut entries.iter().map(|(key, value)| format!("{key}={}", written(&value.value))))
        }
        Value::List(values) => {
            format!("[{}]", each(&mut values.iter().map(|value| written(&value.value))))
        }
        Value::Record(record) => each(&mut record.slots.iter().flatten().map(|value| written(&value.value))),
        scalar => scalar.to_string(),
    }
}

fn waivers(plan: &Plan) -> Vec<Waiver> {
    let of = |own: &platc_model::Declared<platc_model::generated::Allow>| {
        let parent = own.head.parent.as_ref().map(|parent| parent.name.to_string());
        let on = own.value.on.iter().flatten().map(|on| on.value.to_string()).chain(parent);
        let on: Vec<String> = on.collect();
        let until = own.value.until.map(|until| format!(" until {}", until.value)).unwrap_or_default();
        let about = format!("{} ({}){until}", on.join(" "), own.value.reason.value);
        Waiver { finding: own.head.name.to_string(), about }
    };
    plan.model.allows.values().map(of).collect()
}

/// The bytes of `origins.json`: for each file of the build, who writes it and the declaration that it is
/// about. Where a single value of it comes from is asked of the sources, with `platc explain`.
pub(crate) fn origins(analysis: &Analysis) -> String {
    let plan = &*analysis.plan;
    let mut files = Map::new();
    for (emitter, job) in platc_emit::jobs(plan) {
        let about = job.subject.span(plan).map(|span| line(&analysis.files, span));
        let origin = json!({ "by": emitter.name(), "about": job.subject.name(plan), "place": about });
        files.insert(job.path.as_str().to_owned(), origin);
    }
    format!("{:#}\n", json!({ "format": "platc-origins-1", "files": files }))
}
