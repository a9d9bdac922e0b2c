//! Facts of a plan, by name: what `expect "a-m1.allocatable.cpu == 10"` asks for. The kinds declare them.

use platc_diag::Origin;
use platc_model::types::{RecordId, Types};
use platc_model::{Record, Text, Value};

use crate::plan::{Amount, Hop, HostPlan, Plan, Route, RouteTarget, Shape, UNREACHABLE_METRIC};

/// A fact of the declaration of that kind and number, at the cluster of that number.
pub fn fact(plan: &Plan, kind: &str, index: u32, cluster: Option<u32>, name: &str) -> Option<Value> {
    let types = &plan.model.types;
    match kind {
        "host" => host_fact(plan.hosts.get(platc_model::Id::new(index))?, types, name),
        "cluster" => {
            let ledger = plan.ledger.clusters.get(platc_model::Id::new(index))?;
            match name {
                "free" => amount(types, ledger.free),
                "demand" => amount(types, ledger.demand),
                _ => None,
            }
        }
        "service" => {
            let service = &plan.model.services.at(platc_model::Id::new(index)).head.name;
            let cluster = platc_model::Id::new(cluster?);
            let workload = plan
                .workloads_at(cluster)
                .find(|own| own.name == *service && matches!(own.shape, Shape::Service(_)))?;
            let variants = workload.variants.iter().map(|variant| {
                let name = variant
                    .letter
                    .map_or_else(|| Text::clone(&variant.name), |letter| letter.to_string().into());
                record(
                    types,
                    "Variant",
                    vec![
                        Value::Text(name),
                        Value::Int(i64::from(variant.replicas)),
                        Value::Bytes(variant.memory_limit.value),
                    ],
                )
            });
            list(variants.collect::<Option<Vec<_>>>()?)
        }
        _ => None,
    }
}

fn host_fact(host: &HostPlan, types: &Types, name: &str) -> Option<Value> {
    match name {
        "allocatable" => amount(types, host.allocatable),
        "routes" => list(host.routes.iter().map(|route| Value::Text(route_text(route).into())).collect()),
        "pod-range" => host.pods.map(|pods| Value::Cidr(pods.value)),
        _ => None,
    }
}

/// A route as `ip route` shows it.
pub fn route_text(route: &Route) -> String {
    let to = match route.to {
        RouteTarget::Default => "default".to_owned(),
        RouteTarget::Range(range) => range.to_string(),
    };
    let table = route.table.as_ref().map_or_else(String::new, |table| format!(" table {}", table.name));
    match &route.via {
        Hop::Gateway(gateway, interface) => format!("{to} via {gateway} dev {interface}{table}"),
        Hop::Link(interface) => format!("{to} dev {interface} scope link{table}"),
        Hop::Unreachable => format!("unreachable {to} metric {UNREACHABLE_METRIC}{table}"),
    }
}

fn list(values: Vec<Value>) -> Option<Value> {
    Some(Value::List(values.into_iter().map(|value| Origin::NONE.of(value)).collect()))
}

fn amount(types: &Types, amount: Amount) -> Option<Value> {
    record(types, "Amount", vec![Value::Cpu(amount.cpu), Value::Bytes(amount.memory)])
}

fn record(types: &Types, name: &str, values: Vec<Value>) -> Option<Value> {
    let ty: RecordId = types.records().find(|(_, record)| *record.name == *name).map(|(id, _)| id)?;
    let slots = values.into_iter().map(|value| Some(Origin::NONE.of(value))).collect();
    let span = types.record(ty).span;
    Some(Value::Record(std::sync::Arc::new(Record { ty, span, slots })))
}
