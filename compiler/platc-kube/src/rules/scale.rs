//! Autoscalers, disruption budgets, priorities: what the API server refuses beyond the fields' types.

use crate::check::Cx;
use crate::errors;
use crate::node::{At, Node, Value};

use super::{listed, present};

/// Checks an autoscaler's spec.
pub(crate) fn autoscaler<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    let int = |key: &str| spec.node.get(key).and_then(N::int);
    let least = int("minReplicas").unwrap_or(1);
    if let Some(most) = int("maxReplicas")
        && most < least
    {
        let message = format!("`maxReplicas` is {most}, below `minReplicas`, which is {least}");
        cx.push(errors::refused(spec.pointer_of("maxReplicas"), message, "put them in order"));
    }
    if least == 0
        && let Some(stage) = cx.gates().off("HPAScaleToZero")
    {
        let minor = cx.minor();
        cx.push(errors::gate_off(
            spec.pointer_of("minReplicas"),
            "`minReplicas: 0`",
            "HPAScaleToZero",
            stage,
            minor,
        ));
    }
    let Some(metrics) = spec.get("metrics") else { return };
    for metric in metrics.items() {
        metric_source(cx, &metric);
    }
}

fn metric_source<'d, N: Node<'d>>(cx: &mut Cx<'_>, metric: &At<'_, N>) {
    let Some(kind) = metric.node.get("type").and_then(N::text) else { return };
    let wanted = match kind {
        "ContainerResource" => "containerResource",
        "External" => "external",
        "Object" => "object",
        "Pods" => "pods",
        "Resource" => "resource",
        _ => return,
    };
    let found = present(metric, &["containerResource", "external", "object", "pods", "resource"]);
    if found != [wanted] {
        let has = if found.is_empty() { String::from("nothing") } else { listed(&found) };
        let message = format!("a metric of type `{kind}` has `{wanted}`, and this has {has}");
        cx.push(errors::refused(metric.pointer(), message, format!("give `{wanted}` and nothing else")));
        return;
    }
    let Some(source) = metric.get(wanted) else { return };
    let Some(target) = source.get("target") else { return };
    let field = match target.node.get("type").and_then(N::text) {
        Some("Utilization") => "averageUtilization",
        Some("Value") => "value",
        Some("AverageValue") => "averageValue",
        _ => return,
    };
    if !target.has(field) {
        let message = format!("the target's type asks for `{field}`");
        cx.push(errors::missing_in(target.pointer_of(field), message));
    }
}

/// A budget bounds one side.
pub(crate) fn disruption_budget<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    match present(spec, &["maxUnavailable", "minAvailable"]).len() {
        2 => {
            let message = "a disruption budget has a `minAvailable` or a `maxUnavailable`, not both";
            cx.push(errors::refused(spec.pointer(), message, "remove one"));
        }
        0 if spec.node.value() == Value::Map => {
            let message =
                "a disruption budget without `minAvailable` and `maxUnavailable` means `minAvailable: 1`";
            cx.push(errors::trap(spec.pointer(), message, "say so"));
        }
        _ => {}
    }
    let selector = spec.node.get("selector");
    if selector.is_none_or(|selector| selector.value() == Value::Null) {
        let message = "a disruption budget without a selector protects no pod";
        cx.push(errors::trap(spec.pointer_of("selector"), message, "give the labels of the pods"));
    }
}

/// Names that begin with `system-` are Kubernetes's own.
pub(crate) fn priority_class<'d, N: Node<'d>>(cx: &mut Cx<'_>, class: &At<'_, N>) {
    let Some(metadata) = class.get("metadata") else { return };
    let name = metadata.node.get("name").and_then(N::text).unwrap_or("");
    let is_own = matches!(name, "system-node-critical" | "system-cluster-critical");
    if name.starts_with("system-") && !is_own {
        let message = "names of priority classes that begin with `system-` are reserved";
        cx.push(errors::refused(metadata.pointer_of("name"), message, "choose another name"));
    }
}
