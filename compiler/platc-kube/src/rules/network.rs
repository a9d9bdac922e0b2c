//! Ingresses and network policies: what the API server refuses beyond the fields' types.

use crate::check::Cx;
use crate::errors;
use crate::format::parse_cidr;
use crate::node::{At, Node, Value};

use super::{listed, present};

/// An Ingress leads somewhere.
pub(crate) fn ingress<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    let has_rules = spec.node.get("rules").is_some_and(|rules| rules.items().next().is_some());
    if !has_rules && !spec.has("defaultBackend") {
        let message = "an Ingress needs `rules` or a `defaultBackend`";
        cx.push(errors::missing_in(spec.pointer_of("rules"), message));
    }
}

/// A path begins with `/`, except where the controller decides.
pub(crate) fn ingress_path<'d, N: Node<'d>>(cx: &mut Cx<'_>, path: &At<'_, N>) {
    let kind = path.node.get("pathType").and_then(N::text);
    let text = path.node.get("path").and_then(N::text);
    let is_strict = matches!(kind, Some("Exact" | "Prefix"));
    match text {
        Some(text) if !text.is_empty() && !text.starts_with('/') => {
            let message = format!("the path `{}` does not begin with `/`", errors::shown(text));
            cx.push(errors::refused(path.pointer_of("path"), message, "put a `/` before it"));
        }
        Some(text)
            if is_strict && ["//", "/./", "/../", "%2f", "%2F"].iter().any(|part| text.contains(part)) =>
        {
            let message = format!("the path `{}` has a part that is never compared", errors::shown(text));
            cx.push(errors::refused(
                path.pointer_of("path"),
                message,
                "leave out `//`, `/./`, `/../` and `%2f`",
            ));
        }
        None if is_strict => {
            let message = format!("a path of type `{}` is missing", kind.unwrap_or(""));
            cx.push(errors::missing_in(path.pointer_of("path"), message));
        }
        _ => {}
    }
}

/// A backend is a port of a Service, or another object.
pub(crate) fn ingress_backend<'d, N: Node<'d>>(cx: &mut Cx<'_>, backend: &At<'_, N>) {
    if present(backend, &["resource", "service"]).len() != 1 {
        let message = "a backend is one of `service` and `resource`";
        cx.push(errors::refused(backend.pointer(), message, "give one"));
    }
    let Some(service) = backend.get("service") else { return };
    match service.get("port") {
        Some(port) if present(&port, &["name", "number"]).len() != 1 => {
            let message = "the port of a Service is one of `name` and `number`";
            cx.push(errors::refused(port.pointer(), message, "give one"));
        }
        None if service.node.value() == Value::Map => {
            cx.push(errors::missing_in(service.pointer_of("port"), "the port of the Service is missing"));
        }
        _ => {}
    }
}

/// What is excepted lies inside.
pub(crate) fn ip_block<'d, N: Node<'d>>(cx: &mut Cx<'_>, block: &At<'_, N>) {
    let outer = block.node.get("cidr").and_then(N::text).and_then(parse_cidr);
    let (Some(outer), Some(except)) = (outer, block.get("except")) else { return };
    for item in except.items() {
        let Some(inner) = item.node.text().and_then(parse_cidr) else { continue };
        if !lies_within(inner, outer) || inner.1 == outer.1 {
            let message =
                format!("`{}` is not a smaller range within the block", item.node.text().unwrap_or(""));
            cx.push(errors::refused(item.pointer(), message, "except part of the block"));
        }
    }
}

/// Whether the first range lies within the second.
pub(crate) fn lies_within(inner: (std::net::IpAddr, u8), outer: (std::net::IpAddr, u8)) -> bool {
    let bits = |address: std::net::IpAddr| match address {
        std::net::IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
        std::net::IpAddr::V6(address) => u128::from(address),
    };
    let shift = 128 - u32::from(outer.1);
    let same = |a: u128, b: u128| a.checked_shr(shift).unwrap_or(0) == b.checked_shr(shift).unwrap_or(0);
    inner.0.is_ipv4() == outer.0.is_ipv4() && inner.1 >= outer.1 && same(bits(inner.0), bits(outer.0))
}

/// A peer is a range of addresses or selected pods, and never nothing.
pub(crate) fn peer<'d, N: Node<'d>>(cx: &mut Cx<'_>, peer: &At<'_, N>) {
    let found = present(peer, &["ipBlock", "namespaceSelector", "podSelector"]);
    if found.is_empty() {
        let message = "a peer must say who it is";
        let help =
            "give a `podSelector`, a `namespaceSelector` or an `ipBlock`; leave the list out for everybody";
        cx.push(errors::refused(peer.pointer(), message, help));
    }
    if found.contains(&"ipBlock") && found.len() > 1 {
        let message = format!("a peer with an `ipBlock` has nothing else, and this has {}", listed(&found));
        cx.push(errors::refused(peer.pointer(), message, "make two peers of it"));
    }
}

/// A range of ports begins with a number.
pub(crate) fn port<'d, N: Node<'d>>(cx: &mut Cx<'_>, port: &At<'_, N>) {
    let Some(end) = port.node.get("endPort").and_then(N::int) else { return };
    let message = match port.node.get("port").map(Node::value) {
        None => "a range of ports needs the first one",
        Some(Value::Text(_)) => "a range of ports cannot begin with the name of a port",
        Some(Value::Int(first)) if end < first => "the last port of the range is before the first",
        _ => return,
    };
    cx.push(errors::refused(
        port.pointer_of("endPort"),
        message,
        "give `port` as a number that is not above it",
    ));
}

/// Rules of a direction that the policy is not for are never looked at.
pub(crate) fn policy<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    let Some(types) = spec.node.get("policyTypes") else { return };
    let has = |direction: &str| types.items().any(|item| item.text() == Some(direction));
    for (key, direction) in [("egress", "Egress"), ("ingress", "Ingress")] {
        let has_rules = spec.node.get(key).is_some_and(|rules| rules.items().next().is_some());
        if has_rules && !has(direction) {
            let message =
                format!("the rules in `{key}` are not looked at: `policyTypes` does not have `{direction}`");
            cx.push(errors::trap(
                spec.pointer_of(key),
                message,
                format!("add `{direction}` to `policyTypes`"),
            ));
        }
    }
}
