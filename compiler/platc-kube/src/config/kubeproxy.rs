//! Rules of a `KubeProxyConfiguration`: KP-1 to KP-4 of `schemas/README.md`.

use crate::check::Cx;
use crate::errors;
use crate::minor::Minor;
use crate::node::{At, Node};

use super::{check_gates, check_hidden_metrics, duration, families_differ};

/// KP-4: schedulers of Linux's IPVS.
const SCHEDULERS: [&str; 13] =
    ["dh", "fo", "lblc", "lblcr", "lc", "mh", "nq", "ovf", "rr", "sed", "sh", "wlc", "wrr"];

/// Since when the mode `ipvs` should not be used, and since when a gate guards it.
const IPVS_DEPRECATED: Minor = Minor::new(35);

/// Checks a document.
pub(super) fn check<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    check_gates(cx, at);
    check_hidden_metrics(cx, at);
    mode(cx, at);
    if let Some(ranges) = at.get("clusterCIDR")
        && ranges.node.text().is_some_and(|text| !families_differ(text))
    {
        let message = "two ranges are one of IPv4 and one of IPv6";
        cx.push(errors::refused(ranges.pointer(), message, "give one of each, or one alone"));
    }
    addresses(cx, at);
    port_range(cx, at);
}

fn mode<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let name = match at.node.get("mode").and_then(N::text) {
        None | Some("") => "iptables",
        Some(name) => name,
    };
    let Some(part) = at.get(name) else {
        ipvs(cx, at, name);
        return;
    };
    // KP-1: the default of the upper bound is 30 s, of the lower 1 s (0 for ipvs).
    let second = super::SECOND;
    let least = duration(&part, "minSyncPeriod").unwrap_or(if name == "ipvs" { 0 } else { second });
    let most = duration(&part, "syncPeriod").filter(|span| *span != 0).unwrap_or(30 * second);
    if least > most {
        let message = "`minSyncPeriod` is above `syncPeriod`";
        cx.push(errors::refused(part.pointer_of("minSyncPeriod"), message, "put them in order"));
    }
    ipvs(cx, at, name);
}

/// KP-4, and the end of the mode.
fn ipvs<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>, name: &str) {
    if name != "ipvs" {
        return;
    }
    if cx.minor() >= IPVS_DEPRECATED {
        cx.push(errors::deprecated(at.pointer_of("mode"), Some(IPVS_DEPRECATED), "use `nftables`"));
    }
    if let Some(stage) = cx.gates().off("KubeProxyIPVS") {
        let minor = cx.minor();
        cx.push(errors::gate_off(at.pointer_of("mode"), "the mode `ipvs`", "KubeProxyIPVS", stage, minor));
    }
    if let Some(part) = at.get("ipvs")
        && let Some(scheduler) = part.get("scheduler")
        && let Some(text) = scheduler.node.text().filter(|text| !text.is_empty())
        && !SCHEDULERS.contains(&text)
    {
        cx.push(errors::not_one_of(scheduler.pointer(), text, SCHEDULERS));
    }
}

/// KP-3.
fn addresses<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let Some(list) = at.get("nodePortAddresses") else { return };
    let has_primary = list.node.items().any(|item| item.text() == Some("primary"));
    if has_primary && list.node.items().count() > 1 {
        let message = "`primary` stands alone in `nodePortAddresses`";
        cx.push(errors::refused(list.pointer(), message, "remove the others, or `primary`"));
    }
}

/// KP-4.
fn port_range<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let Some(range) = at.get("portRange") else { return };
    let Some(text) = range.node.text().filter(|text| !text.is_empty()) else { return };
    let number = |text: &str| text.parse::<u32>().unwrap_or(u32::MAX);
    let (low, high) = match (text.split_once('-'), text.split_once('+')) {
        (Some((low, high)), _) => (number(low), number(high)),
        (_, Some((low, more))) => (number(low), number(low).saturating_add(number(more))),
        _ => (number(text), number(text)),
    };
    if low > high || high > 65535 {
        let message = format!("`{}` is not a range of ports", errors::shown(text));
        cx.push(errors::bad_value(range.pointer(), message, "the lower port first, and none above 65535"));
    }
}
