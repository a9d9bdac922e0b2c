//! Services: what the API server refuses beyond the fields' types.

use crate::check::Cx;
use crate::errors;
use crate::node::{At, Node, Value};

/// What a Service is, as far as its fields depend on it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Shape<'d> {
    kind: &'d str,
    is_headless: bool,
}

impl Shape<'_> {
    fn is_outside(self) -> bool {
        matches!(self.kind, "NodePort" | "LoadBalancer")
    }
}

/// Checks a Service's spec.
pub(crate) fn service<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    let text = |key: &str| spec.node.get(key).and_then(N::text);
    let shape =
        Shape { kind: text("type").unwrap_or("ClusterIP"), is_headless: text("clusterIP") == Some("None") };
    address(cx, spec, shape);
    ports(cx, spec, shape);
    policies(cx, spec, shape);
    families(cx, spec);
}

fn address<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>, shape: Shape<'_>) {
    if shape.is_headless && shape.is_outside() {
        let message = format!(
            "a Service of type `{}` needs an address, and `clusterIP: None` gives it none",
            shape.kind
        );
        cx.push(errors::refused(spec.pointer_of("clusterIP"), message, "remove one"));
    }
    if shape.kind == "ExternalName" {
        if !spec.has("externalName") {
            let message = "a Service of type `ExternalName` needs an `externalName`";
            cx.push(errors::missing_in(spec.pointer_of("externalName"), message));
        }
        if spec.node.get("clusterIP").and_then(N::text).is_some_and(|ip| !ip.is_empty()) {
            let message = "a Service of type `ExternalName` has no address";
            cx.push(errors::refused(spec.pointer_of("clusterIP"), message, "leave it out"));
        }
    }
    if let (Some(one), Some(all)) =
        (spec.node.get("clusterIP").and_then(N::text), spec.node.get("clusterIPs"))
        && all.items().next().and_then(N::text) != Some(one)
    {
        let message = "`clusterIP` is not the first of `clusterIPs`";
        cx.push(errors::refused(spec.pointer_of("clusterIPs"), message, "leave one of them out"));
    }
}

fn ports<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>, shape: Shape<'_>) {
    let ports = spec.get("ports");
    let n_ports = ports.map_or(0, |ports| ports.node.items().count());
    if n_ports == 0 && !shape.is_headless && shape.kind != "ExternalName" {
        let message = "a Service with an address needs ports";
        cx.push(errors::missing_in(spec.pointer_of("ports"), message));
    }
    let Some(ports) = ports else { return };
    let mut names: Vec<&str> = Vec::new();
    let mut node_ports: Vec<(i64, &str)> = Vec::new();
    for port in ports.items() {
        let name = port.node.get("name").and_then(N::text).filter(|name| !name.is_empty());
        match name {
            None if n_ports > 1 && port.node.value() == Value::Map => {
                let message = "with several ports each needs a name";
                cx.push(errors::missing_in(port.pointer_of("name"), message));
            }
            Some(name) if names.contains(&name) => {
                let message = format!("two ports have the name `{name}`");
                cx.push(errors::refused(port.pointer_of("name"), message, "change one"));
            }
            _ => {}
        }
        names.extend(name);
        let protocol = port.node.get("protocol").and_then(N::text).unwrap_or("TCP");
        let node_port = port.node.get("nodePort").and_then(N::int).filter(|port| *port != 0);
        if let Some(number) = node_port {
            if !shape.is_outside() {
                let message = format!("a Service of type `{}` has no `nodePort`", shape.kind);
                cx.push(errors::refused(
                    port.pointer_of("nodePort"),
                    message,
                    "leave it out, or set `type: NodePort`",
                ));
            }
            if node_ports.contains(&(number, protocol)) {
                let message = format!("two ports have the `nodePort` {number}");
                cx.push(errors::refused(port.pointer_of("nodePort"), message, "change one"));
            }
            node_ports.push((number, protocol));
        }
        if shape.is_headless {
            unmapped(cx, &port);
        }
    }
}

/// A headless Service is names only: who connects uses the port of the pod.
fn unmapped<'d, N: Node<'d>>(cx: &mut Cx<'_>, port: &At<'_, N>) {
    let number = |key: &str| port.node.get(key).and_then(N::int);
    if let (Some(outside), Some(inside)) = (number("port"), number("targetPort"))
        && outside != inside
    {
        let message =
            format!("a headless Service maps no ports: connections to {outside} do not reach {inside}");
        cx.push(errors::trap(port.pointer_of("targetPort"), message, "give both the same number"));
    }
}

fn policies<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>, shape: Shape<'_>) {
    let text = |key: &str| spec.node.get(key).and_then(N::text);
    let has_external_ips = spec.node.get("externalIPs").is_some_and(|ips| ips.items().next().is_some());
    let local = text("externalTrafficPolicy");
    if local.is_some() && !shape.is_outside() && !has_external_ips {
        let message = format!("a Service of type `{}` has no traffic from outside", shape.kind);
        cx.push(errors::refused(spec.pointer_of("externalTrafficPolicy"), message, "leave it out"));
    }
    let health = spec.node.get("healthCheckNodePort").and_then(N::int).is_some_and(|port| port != 0);
    if health && !(shape.kind == "LoadBalancer" && local == Some("Local")) {
        let message =
            "`healthCheckNodePort` goes with `type: LoadBalancer` and `externalTrafficPolicy: Local` only";
        cx.push(errors::refused(spec.pointer_of("healthCheckNodePort"), message, "leave it out"));
    }
    for key in ["allocateLoadBalancerNodePorts", "loadBalancerClass", "loadBalancerSourceRanges"] {
        let is_empty = spec
            .get(key)
            .is_some_and(|at| at.node.value() == Value::List && at.node.items().next().is_none());
        if spec.has(key) && !is_empty && shape.kind != "LoadBalancer" {
            let message = format!("`{key}` goes with `type: LoadBalancer` only");
            cx.push(errors::refused(spec.pointer_of(key), message, "leave it out"));
        }
    }
    if spec.has("sessionAffinityConfig") && text("sessionAffinity") != Some("ClientIP") {
        let message = "`sessionAffinityConfig` goes with `sessionAffinity: ClientIP` only";
        cx.push(errors::refused(spec.pointer_of("sessionAffinityConfig"), message, "set that, or remove it"));
    }
    if shape.is_headless && text("sessionAffinity") == Some("ClientIP") {
        let message = "a headless Service has no address that could stick to a client";
        cx.push(errors::trap(spec.pointer_of("sessionAffinity"), message, "leave it out"));
    }
}

fn families<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    let Some(families) = spec.node.get("ipFamilies") else { return };
    let n_families = families.items().count();
    let single = spec.node.get("ipFamilyPolicy").and_then(N::text).unwrap_or("SingleStack") == "SingleStack";
    if n_families > 2 || (n_families > 1 && single) {
        let message = format!("`ipFamilies` has {n_families} entries");
        let help = "one for `SingleStack`, at most two for the other policies";
        cx.push(errors::refused(spec.pointer_of("ipFamilies"), message, help));
    }
}
