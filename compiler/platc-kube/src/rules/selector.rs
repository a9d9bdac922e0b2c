//! Selectors: which operators take values, and whether a selector matches labels.

use crate::check::Cx;
use crate::errors;
use crate::node::{At, Node, Value};

/// `In` and `NotIn` need values, the others must not have any.
pub(crate) fn label_selector<'d, N: Node<'d>>(cx: &mut Cx<'_>, selector: &At<'_, N>) {
    let Some(expressions) = selector.get("matchExpressions") else { return };
    for expression in expressions.items() {
        let n_values = expression.node.get("values").map_or(0, |values| values.items().count());
        match expression.node.get("operator").and_then(N::text) {
            Some(operator @ ("In" | "NotIn")) if n_values == 0 => {
                let message = format!("the operator `{operator}` needs values");
                cx.push(errors::refused(expression.pointer_of("values"), message, "give at least one"));
            }
            Some(operator @ ("Exists" | "DoesNotExist")) if n_values > 0 => {
                let message = format!("the operator `{operator}` takes no values");
                cx.push(errors::refused(expression.pointer_of("values"), message, "leave them out"));
            }
            _ => {}
        }
    }
}

/// A node selector without a term matches no node, and is refused.
pub(crate) fn node_selector<'d, N: Node<'d>>(cx: &mut Cx<'_>, selector: &At<'_, N>) {
    if let Some(terms) = selector.get("nodeSelectorTerms")
        && terms.node.items().next().is_none()
    {
        let message = "a node selector without a term matches no node";
        cx.push(errors::refused(terms.pointer(), message, "give at least one term"));
    }
}

/// `Gt` and `Lt` compare with exactly one whole number.
pub(crate) fn node_requirement<'d, N: Node<'d>>(cx: &mut Cx<'_>, requirement: &At<'_, N>) {
    let Some(operator) = requirement.node.get("operator").and_then(N::text) else { return };
    let values = requirement.node.get("values");
    let n_values = values.map_or(0, |values| values.items().count());
    let pointer = requirement.pointer_of("values");
    match operator {
        "In" | "NotIn" if n_values == 0 => {
            let message = format!("the operator `{operator}` needs values");
            cx.push(errors::refused(pointer, message, "give at least one"));
        }
        "Exists" | "DoesNotExist" if n_values > 0 => {
            let message = format!("the operator `{operator}` takes no values");
            cx.push(errors::refused(pointer, message, "leave them out"));
        }
        "Gt" | "Lt" => {
            let first = values.and_then(|values| values.items().next()).and_then(N::text);
            if n_values != 1 || first.is_none_or(|first| first.parse::<i64>().is_err()) {
                let message = format!("the operator `{operator}` compares with one whole number");
                cx.push(errors::refused(pointer, message, "give one number, in quotes"));
            }
        }
        _ => {}
    }
}

/// Says so if the selector of a workload does not match the labels of its own pods, or matches all.
pub(crate) fn matches_template<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>, kind: &str) {
    let Some(selector) = spec.get("selector") else { return };
    let labels = spec.node.below(&["template", "metadata", "labels"]);
    let has_labels = selector.node.get("matchLabels").is_some_and(|map| map.entries().next().is_some());
    let has_expressions =
        selector.node.get("matchExpressions").is_some_and(|list| list.items().next().is_some());
    if !has_labels && !has_expressions {
        let message = format!("the selector of a {kind} must not be empty");
        cx.push(errors::refused(selector.pointer(), message, "name a label of the pod template"));
        return;
    }
    if let Some(wanted) = selector.get("matchLabels") {
        for (key, value) in wanted.entries() {
            let label = labels.and_then(|labels| labels.get(key));
            if label.map(Node::value) != Some(value.node.value()) && value.node.value() != Value::Unseen {
                let has = match label.and_then(N::text) {
                    Some(label) => format!("there it is `{}`", errors::shown(label)),
                    None => String::from("there it is missing"),
                };
                let message = format!(
                    "the selector asks for a label `{key}` that the pod template does not have: {has}"
                );
                let help = "the template's labels must match: the API server refuses the object, \
                    and a selector cannot be changed later";
                cx.push(errors::refused(value.pointer(), message, help));
            }
        }
    }
    if let Some(expressions) = selector.get("matchExpressions") {
        for expression in expressions.items() {
            if !expression_matches(expression.node, labels) {
                let message = "the labels of the pod template do not satisfy this expression";
                let help = "the template's labels must match the selector";
                cx.push(errors::refused(expression.pointer(), message, help));
            }
        }
    }
}

fn expression_matches<'d, N: Node<'d>>(expression: N, labels: Option<N>) -> bool {
    let Some(key) = expression.get("key").and_then(N::text) else { return true };
    let label = labels.and_then(|labels| labels.get(key)).and_then(N::text);
    let is_in = || {
        let values = expression.get("values");
        values.is_some_and(|values| values.items().any(|value| value.text() == label && label.is_some()))
    };
    match expression.get("operator").and_then(N::text) {
        Some("In") => is_in(),
        Some("NotIn") => !is_in(),
        Some("Exists") => label.is_some(),
        Some("DoesNotExist") => label.is_none(),
        _ => true,
    }
}
