//! `Deployment`, `DaemonSet`, `StatefulSet`, `ReplicaSet`, `Job`, `CronJob`.

use crate::check::Cx;
use crate::errors;
use crate::node::{At, Node, Value};

use super::selector::matches_template;

/// Below this many seconds a CronJob's controller, which looks every ten, may miss every start.
const CRON_LOOK_SECONDS: i64 = 10;

/// Checks a Deployment's spec.
pub(crate) fn deployment<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    matches_template(cx, spec, "Deployment");
    restarts_always(cx, spec, "Deployment");
    let int = |key: &str, default| spec.node.get(key).and_then(N::int).unwrap_or(default);
    let (deadline, ready) = (int("progressDeadlineSeconds", 600), int("minReadySeconds", 0));
    if deadline <= ready {
        let message =
            format!("a rollout that must progress within {deadline} s waits {ready} s for each pod");
        let help = "let `progressDeadlineSeconds` be greater than `minReadySeconds`";
        cx.push(errors::refused(spec.pointer_of("progressDeadlineSeconds"), message, help));
    }
    let Some(strategy) = spec.get("strategy") else { return };
    let is_recreate = strategy.node.get("type").and_then(N::text) == Some("Recreate");
    let Some(rolling) = strategy.get("rollingUpdate") else { return };
    if is_recreate {
        let message = "`rollingUpdate` contradicts `type: Recreate`";
        cx.push(errors::refused(rolling.pointer(), message, "remove one"));
        return;
    }
    if is_zero(rolling.node.get("maxUnavailable")) && is_zero(rolling.node.get("maxSurge")) {
        let message = "with `maxUnavailable` and `maxSurge` both 0 a rollout cannot begin";
        cx.push(errors::refused(rolling.pointer(), message, "raise one of them"));
    }
}

fn is_zero<'d, N: Node<'d>>(amount: Option<N>) -> bool {
    match amount.map(Node::value) {
        Some(Value::Int(0)) => true,
        Some(Value::Text(text)) => {
            text.strip_suffix('%').is_some_and(|digits| digits.bytes().all(|b| b == b'0'))
        }
        _ => false,
    }
}

/// Pods of a controller are started again by it: their own policy and deadline have no place.
fn restarts_always<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>, kind: &str) {
    let Some(template) = spec.get("template") else { return };
    let Some(pod) = template.get("spec") else { return };
    if let Some(policy) = pod.node.get("restartPolicy").and_then(N::text)
        && policy != "Always"
    {
        let message = format!("the pods of a {kind} have `restartPolicy: Always`");
        cx.push(errors::refused(pod.pointer_of("restartPolicy"), message, "leave it out, or use a Job"));
    }
    if pod.has("activeDeadlineSeconds") {
        let message = format!("the pods of a {kind} have no `activeDeadlineSeconds`");
        cx.push(errors::refused(
            pod.pointer_of("activeDeadlineSeconds"),
            message,
            "leave it out, or use a Job",
        ));
    }
}

/// Checks the spec of a `ReplicaSet`.
pub(crate) fn replica_set<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    matches_template(cx, spec, "ReplicaSet");
    restarts_always(cx, spec, "ReplicaSet");
}

/// Checks a DaemonSet's spec.
pub(crate) fn daemon_set<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    matches_template(cx, spec, "DaemonSet");
    restarts_always(cx, spec, "DaemonSet");
    let Some(strategy) = spec.get("updateStrategy") else { return };
    let Some(rolling) = strategy.get("rollingUpdate") else { return };
    let surge = rolling.node.get("maxSurge");
    let surges = surge.is_some_and(|surge| surge.value() != Value::Null) && !is_zero(surge);
    let unavailable = rolling.node.get("maxUnavailable");
    if surges && !is_zero(unavailable) {
        // The default of `maxUnavailable` is 1, so leaving it out is refused, too.
        let message = "a DaemonSet surges or lets pods be unavailable, not both";
        let help = "set `maxUnavailable: 0` beside `maxSurge`";
        cx.push(errors::refused(rolling.pointer_of("maxUnavailable"), message, help));
    }
    if !surges && is_zero(unavailable) {
        let message = "with `maxUnavailable` and `maxSurge` both 0 a rollout cannot begin";
        cx.push(errors::refused(rolling.pointer_of("maxUnavailable"), message, "raise one of them"));
    }
}

/// Checks a StatefulSet's spec.
pub(crate) fn stateful_set<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    matches_template(cx, spec, "StatefulSet");
    restarts_always(cx, spec, "StatefulSet");
    if !spec.has("serviceName") {
        let message = "a StatefulSet without a `serviceName` gives its pods no names in DNS";
        let help = "name its headless Service: the field cannot be changed later";
        cx.push(errors::trap(spec.pointer_of("serviceName"), message, help));
    }
    if let Some(strategy) = spec.get("updateStrategy")
        && strategy.node.get("type").and_then(N::text) == Some("OnDelete")
        && strategy.has("rollingUpdate")
    {
        let message = "`rollingUpdate` contradicts `type: OnDelete`";
        cx.push(errors::refused(strategy.pointer_of("rollingUpdate"), message, "remove one"));
    }
    let Some(rolling) = spec.node.below(&["updateStrategy", "rollingUpdate"]) else { return };
    if is_zero(rolling.get("maxUnavailable"))
        && let Some(strategy) = spec.get("updateStrategy")
    {
        let message = "with `maxUnavailable` 0 a rollout cannot begin";
        cx.push(errors::refused(strategy.pointer_of("rollingUpdate"), message, "raise it"));
    }
}

/// Checks a Job's spec.
pub(crate) fn job<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    let policy = job_policy(cx, spec);
    if let Some(selector) = spec.get("selector")
        && spec.node.get("manualSelector").and_then(N::bool) != Some(true)
    {
        let message = "the selector of a Job is made by the API server";
        cx.push(errors::refused(selector.pointer(), message, "leave it out"));
    }
    let is_indexed = spec.node.get("completionMode").and_then(N::text) == Some("Indexed");
    if is_indexed && !spec.has("completions") {
        let message = "a Job with `completionMode: Indexed` needs `completions`";
        cx.push(errors::missing_in(spec.pointer_of("completions"), message));
    }
    for key in ["backoffLimitPerIndex", "successPolicy"] {
        if spec.has(key) && !is_indexed {
            let message = format!("`{key}` goes with `completionMode: Indexed` only");
            cx.push(errors::refused(spec.pointer_of(key), message, "set the mode, or remove it"));
        }
    }
    if spec.has("maxFailedIndexes") && !spec.has("backoffLimitPerIndex") {
        let message = "`maxFailedIndexes` goes with `backoffLimitPerIndex` only";
        cx.push(errors::refused(spec.pointer_of("maxFailedIndexes"), message, "give that, or remove it"));
    }
    if let Some(failure) = spec.get("podFailurePolicy") {
        if policy == Some("OnFailure") {
            let message = "`podFailurePolicy` goes with `restartPolicy: Never` only";
            cx.push(errors::refused(failure.pointer(), message, "set the pods' `restartPolicy: Never`"));
        }
        if spec.node.get("podReplacementPolicy").and_then(N::text) == Some("TerminatingOrFailed") {
            let message = "with a `podFailurePolicy` the `podReplacementPolicy` is `Failed`";
            cx.push(errors::refused(spec.pointer_of("podReplacementPolicy"), message, "leave it out"));
        }
        failure_rules(cx, &failure);
    }
}

fn failure_rules<'d, N: Node<'d>>(cx: &mut Cx<'_>, failure: &At<'_, N>) {
    let Some(rules) = failure.get("rules") else { return };
    for rule in rules.items() {
        let found = super::present(&rule, &["onExitCodes", "onPodConditions"]);
        if found.len() != 1 && rule.node.value() == Value::Map {
            let message =
                format!("a rule looks at exit codes or at conditions, and this has {}", found.len());
            cx.push(errors::refused(
                rule.pointer(),
                message,
                "give it one of `onExitCodes` and `onPodConditions`",
            ));
        }
    }
}

/// A Job's pods end, so their policy cannot be `Always`, which is also what leaving it out means.
fn job_policy<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) -> Option<&'d str> {
    let template = spec.get("template")?;
    let pod = template.get("spec")?;
    let policy = pod.node.get("restartPolicy").and_then(N::text);
    let message = match policy {
        None if pod.node.value() == Value::Map => "the pods of a Job need a `restartPolicy`",
        Some("Always") => "the pods of a Job end: they cannot have `restartPolicy: Always`",
        _ => return policy,
    };
    let help = "set it to `Never`, or to `OnFailure`";
    cx.push(errors::refused(pod.pointer_of("restartPolicy"), message, help));
    policy
}

/// Checks a CronJob.
pub(crate) fn cron_job<'d, N: Node<'d>>(cx: &mut Cx<'_>, object: &At<'_, N>) {
    let Some(spec) = object.get("spec") else { return };
    if let Some(zone) = spec.get("timeZone")
        && let Some(text) = zone.node.text()
        && (text.is_empty() || text.eq_ignore_ascii_case("local"))
    {
        let message = format!("`{text}` is not a time zone of the database");
        cx.push(errors::bad_value(
            zone.pointer(),
            message,
            "right is a name such as `Etc/UTC` or `Europe/Berlin`",
        ));
    }
    if let Some(deadline) = spec.node.get("startingDeadlineSeconds").and_then(N::int)
        && (0..CRON_LOOK_SECONDS).contains(&deadline)
    {
        let message = format!(
            "within {deadline} s the controller, which looks every {CRON_LOOK_SECONDS} s, may never \
                start a Job"
        );
        cx.push(errors::trap(spec.pointer_of("startingDeadlineSeconds"), message, "give it more time"));
    }
}
