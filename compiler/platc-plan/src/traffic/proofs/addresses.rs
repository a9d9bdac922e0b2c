//! Nothing needs a virtual address of a Service where nobody makes those work: not in environments, not in
//! configs, not among what is declared as external, and no raw Service asks for one.
//!
//! Start with [`check`].

use std::net::IpAddr;

use platc_diag::{Diagnostic, Sourced, Span};
use platc_model::generated::{Cluster, ServiceProxy};
use platc_model::{Items, Text, Value};
use rayon::prelude::*;

use super::report;
use crate::plan::{ClusterPlan, EnvValue, Workload};
use crate::{Planner, errors, place};

pub(super) fn check(
    planner: &mut Planner<'_>,
    clusters: &Items<Cluster, ClusterPlan>,
    workloads: &[Workload],
) {
    let lacks = |cluster: &ClusterPlan| cluster.service_proxy.value == ServiceProxy::None;
    let said = |workload: &Workload| {
        let cluster = clusters.at(workload.cluster);
        if lacks(cluster) { said_by(cluster, workload) } else { Vec::new() }
    };
    let found: Vec<Vec<Diagnostic>> = workloads.par_iter().map(said).collect();
    found.into_iter().flatten().for_each(|problem| report(planner, problem));
    for item in planner.model.externals.values() {
        let address = item.value.address.value.to_string();
        let found = clusters
            .values()
            .filter(|cluster| lacks(cluster))
            .find_map(|cluster| Some((virtual_address(cluster, &address)?, cluster)));
        if let Some((ip, cluster)) = found {
            let span = place(item.value.address.origin, item.head.span);
            let problem = errors::virtual_address(span, ip, &cluster.name);
            report(planner, problem.about(Text::clone(&item.head.name)));
        }
    }
    for raw in planner.model.raws.values() {
        for at in raw.at.iter().filter(|at| clusters.get(at.place).is_some_and(lacks)) {
            for object in at.value.object.iter().filter(|object| wants_address(&object.value.value)) {
                let span = place(object.origin, raw.head.span);
                let problem = errors::virtual_service(span, &clusters.at(at.place).name);
                report(planner, problem.about(Text::clone(&raw.head.name)));
            }
        }
    }
}

/// Addresses in what a program is told.
fn said_by(cluster: &ClusterPlan, workload: &Workload) -> Vec<Diagnostic> {
    let mut found: Vec<(IpAddr, Span)> = Vec::new();
    for env in &workload.app.env {
        if let EnvValue::Text(text) = &env.value {
            found.extend(virtual_address(cluster, text).map(|ip| (ip, place(env.origin, workload.span))));
        }
    }
    if let Some(config) = &workload.app.config {
        addresses(cluster, &config.value, &mut |ip, value| {
            found.push((ip, place(value.origin, workload.span)));
        });
    }
    let problem =
        |(ip, span)| errors::virtual_address(span, ip, &cluster.name).about(Text::clone(&workload.name));
    found.into_iter().map(problem).collect()
}

/// An address of the cluster's Services that stands in a text.
fn virtual_address(cluster: &ClusterPlan, text: &str) -> Option<IpAddr> {
    // Most texts have none: four parts, or a colon.
    if !text.bytes().any(|byte| byte == b':') && text.bytes().filter(|byte| *byte == b'.').count() < 3 {
        return None;
    }
    let words = text.split(|c: char| !(c.is_ascii_hexdigit() || c == '.' || c == ':'));
    // `10.96.0.10:443` is an address and a port; in IPv6 the brackets around it part the two.
    let without_port = |word: &str| match word.split_once(':') {
        Some((ip, port)) if ip.contains('.') && !port.contains(':') => ip.parse().ok(),
        _ => word.parse().ok(),
    };
    words.filter_map(without_port).find(|ip| cluster.services.contains(*ip))
}

/// Addresses of the cluster's Services in a value, each with the value that it stands in.
fn addresses(cluster: &ClusterPlan, value: &Sourced<Value>, take: &mut impl FnMut(IpAddr, &Sourced<Value>)) {
    let mut inner = |inner: &Sourced<Value>| addresses(cluster, inner, take);
    let found = match &value.value {
        Value::Text(text) => virtual_address(cluster, text),
        Value::Ip(ip) => Some(*ip).filter(|ip| cluster.services.contains(*ip)),
        Value::HostPort(address) => address.host.as_ref().and_then(|host| virtual_address(cluster, host)),
        Value::List(values) => return values.iter().for_each(inner),
        Value::Map(entries) => return entries.iter().for_each(|(_, value)| inner(value)),
        Value::Record(record) => return record.slots.iter().flatten().for_each(inner),
        _ => None,
    };
    if let Some(ip) = found {
        take(ip, value);
    }
}

/// Whether a raw object is a Service that is given a virtual address.
fn wants_address(object: &Value) -> bool {
    let is = |value: Option<&Value>, wanted: &str| {
        value.and_then(Value::text).is_some_and(|text| **text == *wanted)
    };
    let spec = entry(object, "spec");
    let field = |name: &str| spec.and_then(|spec| entry(spec, name));
    is(entry(object, "kind"), "Service")
        && is(entry(object, "apiVersion"), "v1")
        && !is(field("clusterIP"), "None")
        && !is(field("type"), "ExternalName")
}

fn entry<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Map(entries) => entries.iter().find(|(own, _)| **own == *name).map(|(_, value)| &value.value),
        _ => None,
    }
}
