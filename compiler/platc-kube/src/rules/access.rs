//! Roles and their bindings: what the API server refuses beyond the fields' types.

use crate::check::Cx;
use crate::errors;
use crate::node::{At, Node, Value};

const GROUP: &str = "rbac.authorization.k8s.io";

/// Checks a role of a namespace.
pub(crate) fn role<'d, N: Node<'d>>(cx: &mut Cx<'_>, role: &At<'_, N>) {
    let Some(rules) = role.get("rules") else { return };
    for rule in rules.items() {
        if has_any(rule.node.get("nonResourceURLs")) {
            let message = "a Role belongs to a namespace, and a URL does not";
            cx.push(errors::refused(rule.pointer_of("nonResourceURLs"), message, "use a ClusterRole"));
        }
    }
}

/// A role that others are gathered into has no rules of its own.
pub(crate) fn cluster_role<'d, N: Node<'d>>(cx: &mut Cx<'_>, role: &At<'_, N>) {
    if role.has("aggregationRule") && has_any(role.node.get("rules")) {
        let message =
            "the rules of a ClusterRole with an `aggregationRule` are overwritten by its controller";
        cx.push(errors::trap(
            role.pointer_of("rules"),
            message,
            "put them into a ClusterRole that is gathered",
        ));
    }
}

fn has_any<'d, N: Node<'d>>(list: Option<N>) -> bool {
    list.is_some_and(|list| list.items().next().is_some())
}

/// A rule allows something on something.
pub(crate) fn policy_rule<'d, N: Node<'d>>(cx: &mut Cx<'_>, rule: &At<'_, N>) {
    let has = |key: &str| has_any(rule.node.get(key));
    if rule.node.get("verbs").is_some_and(|verbs| verbs.value() == Value::List) && !has("verbs") {
        cx.push(errors::refused(
            rule.pointer_of("verbs"),
            "a rule without verbs allows nothing",
            "give at least one",
        ));
    }
    if has("nonResourceURLs") {
        if has("apiGroups") || has("resources") || has("resourceNames") {
            let message = "a rule is about URLs or about resources, not both";
            cx.push(errors::refused(rule.pointer(), message, "make two rules of it"));
        }
        return;
    }
    for key in ["apiGroups", "resources"] {
        if !has(key) {
            let message = format!("a rule about resources needs `{key}`");
            cx.push(errors::missing_in(rule.pointer_of(key), message));
        }
    }
}

/// Checks a binding of a namespace.
pub(crate) fn role_binding<'d, N: Node<'d>>(cx: &mut Cx<'_>, binding: &At<'_, N>) {
    role_ref(cx, binding);
}

/// Checks a binding of the cluster.
pub(crate) fn cluster_role_binding<'d, N: Node<'d>>(cx: &mut Cx<'_>, binding: &At<'_, N>) {
    role_ref(cx, binding);
    if let Some(reference) = binding.get("roleRef")
        && reference.node.get("kind").and_then(N::text) == Some("Role")
    {
        let message = "a ClusterRoleBinding binds a ClusterRole";
        cx.push(errors::refused(reference.pointer_of("kind"), message, "use a RoleBinding for a Role"));
    }
}

fn role_ref<'d, N: Node<'d>>(cx: &mut Cx<'_>, binding: &At<'_, N>) {
    let Some(reference) = binding.get("roleRef") else { return };
    if reference.node.get("name").map(Node::value) == Some(Value::Text("")) {
        cx.push(errors::refused(reference.pointer_of("name"), "the name of the role is empty", "give it"));
    }
}

/// An account has a namespace; users and groups have a group of the API.
pub(crate) fn subject<'d, N: Node<'d>>(cx: &mut Cx<'_>, subject: &At<'_, N>) {
    let text = |key: &str| subject.node.get(key).and_then(N::text).filter(|text| !text.is_empty());
    match text("kind") {
        Some("ServiceAccount") => {
            if text("namespace").is_none() && !subject.has("namespace") {
                let message = "a ServiceAccount as a subject needs its namespace";
                cx.push(errors::missing_in(subject.pointer_of("namespace"), message));
            }
            if let Some(group) = text("apiGroup") {
                let message =
                    format!("a ServiceAccount has no `apiGroup`, and this has `{}`", errors::shown(group));
                cx.push(errors::refused(subject.pointer_of("apiGroup"), message, "leave it out"));
            }
        }
        Some(kind @ ("User" | "Group")) => {
            if let Some(group) = text("apiGroup")
                && group != GROUP
            {
                let message = format!("the `apiGroup` of a {kind} is `{GROUP}`");
                cx.push(errors::refused(subject.pointer_of("apiGroup"), message, "leave it out"));
            }
        }
        _ => {}
    }
}
