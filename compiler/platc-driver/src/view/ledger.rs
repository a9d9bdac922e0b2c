//! The ledger as policies see it: under `/plan/ledger` of hosts, clusters and what becomes pods.
//!
//! CPU is in millicores (`cpu-m`), memory in bytes (`memory-b`): a policy adds up and compares.
//!
//! Not here: how it is worked out (`platc_plan::ledger`).
//!
//! Start with [`ledger`].

use platc_artifact::view::Value;
use platc_model::Id;
use platc_plan::ledger::{Load, pod_request, workload_request};
use platc_plan::{Amount, Plan, Shape, Workload};
use serde_json::json;

use super::nodes::Node;

/// What the ledger has on a node, at a pointer below `/plan/ledger`; the whole of it at "".
pub(super) fn ledger(
    plan: &Plan,
    node: &Node,
    workload: Option<&Workload>,
    pointer: &str,
) -> Option<Value<'static>> {
    let whole = match (node.kind, workload) {
        ("host", _) => host(plan, node.index)?,
        ("cluster", _) => cluster(plan, node.index)?,
        (_, Some(workload)) => pods(workload),
        _ => return None,
    };
    Some(match whole.pointer(pointer)? {
        serde_json::Value::String(text) => Value::Str(text.clone().into()),
        serde_json::Value::Number(number) => Value::Int(number.as_i64()?),
        other => Value::Json(other.to_string().into()),
    })
}

fn amount(amount: Amount) -> serde_json::Value {
    json!({ "cpu-m": amount.cpu.as_milli(), "memory-b": amount.memory.get() })
}

fn loads(loads: &[Load]) -> serde_json::Value {
    let each = loads.iter().map(|load| {
        json!({ "name": *load.name, "cpu-m": load.amount.cpu.as_milli(), "memory-b": load.amount.memory.get() })
    });
    each.collect()
}

/// A host: what it has, who takes what of it before any service, and what is left.
fn host(plan: &Plan, index: u32) -> Option<serde_json::Value> {
    let own = plan.ledger.hosts.get(Id::new(index))?;
    plan.hosts.get(Id::new(index))?.cluster?;
    Some(json!({
        "capacity": amount(own.capacity),
        "reserved": loads(&own.reserved),
        "allocatable": amount(own.allocatable),
        "fixed": loads(&own.fixed),
        "free": amount(own.free),
    }))
}

/// A cluster: what its workers have left for services, and what services ask for.
fn cluster(plan: &Plan, index: u32) -> Option<serde_json::Value> {
    let own = plan.ledger.clusters.get(Id::new(index))?;
    Some(json!({ "free": amount(own.free), "demand": amount(own.demand), "pods": own.pods }))
}

/// What becomes pods: what one of them asks for (the largest variant), all of them, and what comes on top
/// while a service rolls.
fn pods(workload: &Workload) -> serde_json::Value {
    let last = workload.variants.len().saturating_sub(1);
    let surge = match &workload.shape {
        Shape::Service(service) => u64::from(service.surge.value),
        Shape::Daemon(_) | Shape::Job(_) | Shape::Cron(_) | Shape::Proxy(_) => 0,
    };
    let each = (0..workload.variants.len()).map(|variant| pod_request(workload, variant).times(surge));
    json!({
        "pod": amount(pod_request(workload, last)),
        "all": amount(workload_request(workload)),
        "surge": amount(each.fold(Amount::default(), Amount::plus)),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use platc_artifact::view::{Pointer, Value, View};

    use crate::analysis::{AnalysisOptions, analyse};
    use crate::view::ModelView;
    use crate::world::Memory;

    #[test]
    fn the_ledger_is_beside_what_the_author_says() {
        let mut world = Memory::default();
        world.insert("p/platform.kdl", include_str!("../../tests/base.kdl"));
        let analysis = analyse(&world, Path::new("p"), AnalysisOptions::default());
        let view = ModelView::new(&analysis);
        let value = |kind: &str, name: &str, pointer: &str| {
            let node = view.lookup(kind, name).expect("a node");
            view.value(node, Pointer::parse(pointer).expect("a pointer")).map(|value| match value {
                Value::Json(text) | Value::Str(text) => text.into_owned(),
                Value::Int(number) => number.to_string(),
                Value::Bool(truth) => truth.to_string(),
            })
        };
        let free = |host: &str| {
            let cpu = value("host", host, "/plan/ledger/free/cpu-m").expect("a figure");
            cpu.parse::<u64>().expect("a whole number")
        };
        let hosts = ["m1", "m2", "m3", "w1", "w2"];
        let sum: u64 = hosts.into_iter().map(free).sum();
        assert_eq!(value("cluster", "home", "/plan/ledger/free/cpu-m"), Some(sum.to_string()));
        assert_eq!(value("cluster", "home", "/plan/ledger/pods").as_deref(), Some("2"));
        assert_eq!(value("service", "web", "/plan/ledger/pod/cpu-m").as_deref(), Some("500"));
        assert_eq!(value("service", "web", "/plan/ledger/all/cpu-m").as_deref(), Some("1000"));
        assert_eq!(value("service", "web", "/plan/ledger/surge/cpu-m").as_deref(), Some("500"));
        let fixed = value("host", "w1", "/plan/ledger/fixed").expect("a list");
        assert!(fixed.contains("flannel"), "{fixed}");
        assert_eq!(value("host", "db1", "/plan/ledger"), None, "it is in no cluster");
        assert_eq!(value("host", "w1", "/plan/ledger/fee"), None);
    }
}
