//! Rules of a `KubeletConfiguration`: KL-1 to KL-21 of `schemas/README.md`.
//!
//! Not here: KL-10 (a cgroup exists on the host), KL-13 (kubeadm gives the endpoint), KL-16 (the schema
//! looks at addresses), KL-20 (merging), KL-21 (in the schema).

use crate::check::{Cx, Form};
use crate::errors;
use crate::node::{At, Node, Value};
use crate::quantity::Quantity;
use crate::rules::amount;

use super::{Cgroup, Host, MILLISECOND, SECOND, check_gates, check_hidden_metrics, duration, is_true};

/// The signals that one named signal sets to zero, unless it names them, too.
const HARD_SIGNALS: [&str; 5] =
    ["memory.available", "nodefs.available", "nodefs.inodesFree", "imagefs.available", "imagefs.inodesFree"];

/// Checks a document, or a fragment if `cx` says so.
pub(super) fn check<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>, host: &Host) {
    check_gates(cx, at);
    check_hidden_metrics(cx, at);
    spans(cx, at);
    cpus(cx, at, host);
    allowlist(cx, at);
    cgroups(cx, at, host);
    if cx.form == Form::Whole {
        images(cx, at);
        shutdown(cx, at);
        reserved_memory(cx, at);
        throttling(cx, at);
        pod_range(cx, at);
    }
    eviction(cx, at);
}

/// KL-4, KL-5, KL-6.
fn spans<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    if let Some(back_off) = at.get("crashLoopBackOff")
        && let Some(span) = duration(&back_off, "maxContainerRestartPeriod")
        && !(SECOND..=300 * SECOND).contains(&span)
    {
        let message = "the longest wait before a restart is 1 s to 300 s";
        cx.push(errors::bad_value(
            back_off.pointer_of("maxContainerRestartPeriod"),
            message,
            "right is `1s` to `300s`",
        ));
    }
    if let Some(period) = duration(at, "cpuCFSQuotaPeriod") {
        let pointer = at.pointer_of("cpuCFSQuotaPeriod");
        if !(MILLISECOND..=SECOND).contains(&period) {
            let message = "the period of CPU limits is 1 ms to 1 s";
            cx.push(errors::bad_value(pointer, message, "right is `1ms` to `1s`"));
        } else if period != 100 * MILLISECOND
            && let Some(stage) = cx.gates().off("CustomCPUCFSQuotaPeriod")
        {
            let minor = cx.minor();
            cx.push(errors::gate_off(
                pointer,
                "a period other than `100ms`",
                "CustomCPUCFSQuotaPeriod",
                stage,
                minor,
            ));
        }
    }
    if duration(at, "containerLogMonitorInterval").is_some_and(|span| span < 3 * SECOND) {
        let message = "logs are looked at every 3 s at most";
        cx.push(errors::bad_value(
            at.pointer_of("containerLogMonitorInterval"),
            message,
            "right is at least `3s`",
        ));
    }
}

/// KL-1, KL-2.
fn images<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let int = |key: &str, default| at.node.get(key).and_then(N::int).unwrap_or(default);
    let (low, high) = (int("imageGCLowThresholdPercent", 80), int("imageGCHighThresholdPercent", 85));
    if low >= high {
        let message = format!("images are removed from {high} % down to {low} %, which is no way down");
        let help = "let `imageGCLowThresholdPercent` (default 80) be below \
            `imageGCHighThresholdPercent` (default 85)";
        cx.push(errors::refused(at.pointer_of("imageGCLowThresholdPercent"), message, help));
    }
    let youngest = duration(at, "imageMinimumGCAge").unwrap_or(120 * SECOND);
    if duration(at, "imageMaximumGCAge").is_some_and(|oldest| oldest != 0 && oldest <= youngest) {
        let message = "images are removed by age before they may be removed at all";
        let help = "let `imageMaximumGCAge` be above `imageMinimumGCAge` (default 2m), or 0";
        cx.push(errors::refused(at.pointer_of("imageMaximumGCAge"), message, help));
    }
}

/// KL-3.
fn shutdown<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let total = duration(at, "shutdownGracePeriod").unwrap_or(0);
    let critical = duration(at, "shutdownGracePeriodCriticalPods").unwrap_or(0);
    for (key, span) in [("shutdownGracePeriod", total), ("shutdownGracePeriodCriticalPods", critical)] {
        if span != 0 && span < SECOND {
            let message = "a shutdown is held back for at least 1 s";
            cx.push(errors::bad_value(at.pointer_of(key), message, "right is `0s`, or at least `1s`"));
        }
    }
    if critical > total {
        let message = "the part for critical pods is longer than the whole";
        let help = "let `shutdownGracePeriodCriticalPods` be at most `shutdownGracePeriod`";
        cx.push(errors::refused(at.pointer_of("shutdownGracePeriodCriticalPods"), message, help));
    }
}

/// KL-7.
fn reserved_memory<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let Some(list) = at.get("reservedMemory") else { return };
    let mut seen: Vec<(i64, &str)> = Vec::new();
    let mut total = Quantity::whole(0);
    for item in list.items() {
        let Some(node) = item.node.get("numaNode").and_then(N::int) else { continue };
        let Some(limits) = item.get("limits") else { continue };
        for (name, entry) in limits.entries() {
            if seen.contains(&(node, name)) {
                let message = format!("`{name}` of the NUMA node {node} is reserved twice");
                cx.push(errors::refused(entry.pointer(), message, "add them up"));
            }
            seen.push((node, name));
            if name == "memory" {
                total = total.plus(amount(entry.node).unwrap_or(Quantity::whole(0)));
            }
        }
    }
    if at.node.get("memoryManagerPolicy").and_then(N::text) != Some("Static") {
        return;
    }
    let of = |keys: &[&str]| at.node.below(keys).and_then(amount).unwrap_or(Quantity::whole(0));
    let threshold = at.node.below(&["evictionHard", "memory.available"]).and_then(N::text).unwrap_or("100Mi");
    // A percentage is of the host's memory, which is not known here.
    let Ok(threshold) = Quantity::parse(threshold) else { return };
    let wanted = of(&["kubeReserved", "memory"]).plus(of(&["systemReserved", "memory"])).plus(threshold);
    if total != wanted {
        let message = "`reservedMemory` is not the sum of what is reserved: the kubelet would not start";
        let help = "its `memory` over all NUMA nodes equals `kubeReserved` + `systemReserved` + \
            hard eviction of `memory.available`";
        cx.push(errors::refused(list.pointer(), message, help));
    }
}

/// KL-8, KL-18.
fn cpus<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>, host: &Host) {
    if let Some(list) = at.get("reservedSystemCPUs")
        && let Some(text) = list.node.text().filter(|text| !text.is_empty())
    {
        let ranges = text.split(',').map(|range| {
            let (from, to) = range.split_once('-').unwrap_or((range, range));
            Some((from.parse::<u32>().ok()?, to.parse::<u32>().ok()?))
        });
        let ranges: Vec<(u32, u32)> = ranges.flatten().collect();
        if let Some((from, to)) = ranges.iter().find(|(from, to)| from > to) {
            let message = format!("`{from}-{to}` goes downwards");
            cx.push(errors::bad_value(list.pointer(), message, "put the lower number first"));
        }
        let highest = ranges.iter().map(|(_, to)| *to).max();
        if let (Some(highest), Some(n_cpus)) = (highest, host.n_cpus)
            && highest >= n_cpus
        {
            let message =
                format!("the host has no CPU {highest}: its CPUs are 0 to {}", n_cpus.saturating_sub(1));
            cx.push(errors::refused(list.pointer(), message, "reserve CPUs that are online"));
        }
        for key in ["kubeReserved", "systemReserved"] {
            if let Some(map) = at.get(key)
                && map.has("cpu")
            {
                let message = "`reservedSystemCPUs` overrides this";
                cx.push(errors::trap(map.pointer_of("cpu"), message, "leave `cpu` out of it"));
            }
        }
    }
    if let Some(options) = at.get("cpuManagerPolicyOptions")
        && options.node.get("align-by-socket").and_then(N::text) == Some("true")
        && let Some((sockets, numa_nodes)) = host.sockets_and_numa_nodes
        && sockets > numa_nodes
    {
        let message = format!(
            "`align-by-socket` is for hosts with no more sockets than NUMA nodes, and this has \
                {sockets} and {numa_nodes}"
        );
        cx.push(errors::refused(options.pointer_of("align-by-socket"), message, "leave it out"));
    }
}

/// KL-9.
fn eviction<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let Some(hard) = at.get("evictionHard") else { return };
    if is_true(at, "mergeDefaultEvictionSettings") || hard.node.entries().next().is_none() {
        return;
    }
    let missing: Vec<&str> = HARD_SIGNALS.into_iter().filter(|signal| !hard.has(signal)).collect();
    if !missing.is_empty() {
        let message = format!(
            "one named signal sets the others to zero: nothing is evicted for {}",
            crate::rules::listed(&missing)
        );
        let help = "name all five, or set `mergeDefaultEvictionSettings: true`";
        cx.push(errors::trap(hard.pointer(), message, help));
    }
}

/// KL-14.
fn cgroups<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>, host: &Host) {
    if host.cgroup != Cgroup::V1 {
        return;
    }
    let fails = at.node.get("failCgroupV1").and_then(N::bool);
    let default = crate::facts::facts(cx.minor()).is_some_and(|facts| facts.fails_on_cgroup_v1);
    if fails.unwrap_or(default) && cx.form == Form::Whole {
        let message = "the host has cgroup v1, and the kubelet would not start";
        cx.push(errors::refused(
            at.pointer_of("failCgroupV1"),
            message,
            "boot with cgroup v2, or set it to `false` for a while",
        ));
    }
    if at.node.get("singleProcessOOMKill").and_then(N::bool) == Some(false) {
        let message = "`singleProcessOOMKill: false` needs cgroup v2, and the host has v1";
        cx.push(errors::refused(at.pointer_of("singleProcessOOMKill"), message, "leave it out"));
    }
}

/// KL-15.
fn throttling<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    if cx.gates().is_on("MemoryQoS") == Some(true) && !at.has("memoryThrottlingFactor") {
        let message = "with the feature gate `MemoryQoS` some releases refuse to start without \
            `memoryThrottlingFactor`";
        cx.push(errors::trap(
            at.pointer_of("memoryThrottlingFactor"),
            message,
            "set it: upstream's default is 0.9",
        ));
    }
}

/// KL-17.
fn pod_range<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    if at.node.get("podCIDR").and_then(N::text).is_some_and(|range| !range.is_empty()) {
        let message = "`podCIDR` has an effect only on a kubelet without a control plane";
        cx.push(errors::trap(at.pointer_of("podCIDR"), message, "set it on the Node object"));
    }
}

/// KL-19.
fn allowlist<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let Some(list) = at.get("preloadedImagesVerificationAllowlist") else { return };
    for item in list.items() {
        let Value::Text(text) = item.node.value() else { continue };
        let last = text.rsplit('/').next().unwrap_or(text);
        if last.contains(':') && last != "*" {
            let message = format!("`{}` has a tag, and images are listed without", errors::shown(text));
            cx.push(errors::refused(item.pointer(), message, "leave the tag out"));
        }
    }
}
