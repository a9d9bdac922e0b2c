//! Containers: probes, handlers, environment, mounts, resources.

use crate::check::Cx;
use crate::errors;
use crate::node::{At, Node, Value};
use crate::quantity::Quantity;

use super::{has_one, listed, present};

/// Where a container stands, which decides what it may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// One that the pod is for.
    Main,
    /// One that ends before the others start.
    Init,
    /// An init container that stays (`restartPolicy: Always`).
    Sidecar,
}

/// Checks a container of a pod.
pub(crate) fn check<'d, N: Node<'d>>(cx: &mut Cx<'_>, container: &At<'_, N>, role: Role) {
    probes(cx, container, role);
    lifecycle(cx, container, role);
    environment(cx, container);
    resources(cx, container);
    mounts(cx, container);
    security(cx, container);
    if role == Role::Main
        && let Some(policy) = container.get("restartPolicy")
        && policy.node.text() == Some("Always")
        && cx.gates().is_on("ContainerRestartRules") != Some(true)
    {
        let message = "only an init container has a `restartPolicy` of its own";
        cx.push(errors::refused(policy.pointer(), message, "set `restartPolicy` of the pod"));
    }
}

fn probes<'d, N: Node<'d>>(cx: &mut Cx<'_>, container: &At<'_, N>, role: Role) {
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let Some(probe) = container.get(name) else { continue };
        if role == Role::Init {
            let message = format!("an init container that ends has no `{name}`");
            let help = "leave it out, or make it a sidecar with `restartPolicy: Always`";
            cx.push(errors::refused(probe.pointer(), message, help));
            continue;
        }
        one_handler(cx, &probe, &["exec", "grpc", "httpGet", "tcpSocket"], "a probe");
        let threshold = probe.node.get("successThreshold").and_then(N::int);
        if name != "readinessProbe" && threshold.is_some_and(|threshold| threshold != 1) {
            let message = format!("the `successThreshold` of a `{name}` must be 1");
            cx.push(errors::refused(probe.pointer_of("successThreshold"), message, "leave it out"));
        }
        if name == "readinessProbe" && probe.has("terminationGracePeriodSeconds") {
            let message = "a `readinessProbe` ends nothing and has no `terminationGracePeriodSeconds`";
            cx.push(errors::refused(
                probe.pointer_of("terminationGracePeriodSeconds"),
                message,
                "leave it out",
            ));
        }
        let (timeout, period) = (probe.node.get("timeoutSeconds"), probe.node.get("periodSeconds"));
        let seconds = |node: Option<N>, default| node.and_then(N::int).unwrap_or(default);
        let (timeout, period) = (seconds(timeout, 1), seconds(period, 10));
        if timeout > period && period > 0 {
            let message = format!("a probe that may take {timeout} s is started every {period} s");
            let help = "let `timeoutSeconds` be at most `periodSeconds`";
            cx.push(errors::trap(probe.pointer_of("timeoutSeconds"), message, help));
        }
    }
}

fn lifecycle<'d, N: Node<'d>>(cx: &mut Cx<'_>, container: &At<'_, N>, role: Role) {
    let Some(lifecycle) = container.get("lifecycle") else { return };
    if role == Role::Init {
        let message = "an init container that ends has no `lifecycle`";
        let help = "leave it out, or make it a sidecar with `restartPolicy: Always`";
        cx.push(errors::refused(lifecycle.pointer(), message, help));
        return;
    }
    for name in ["postStart", "preStop"] {
        let Some(handler) = lifecycle.get(name) else { continue };
        one_handler(cx, &handler, &["exec", "httpGet", "sleep", "tcpSocket"], "a handler");
        if handler.has("tcpSocket") {
            let message = "a handler with `tcpSocket` is accepted and does nothing";
            cx.push(errors::trap(
                handler.pointer_of("tcpSocket"),
                message,
                "use `exec`, `httpGet` or `sleep`",
            ));
        }
        let seconds = handler.node.below(&["sleep", "seconds"]).and_then(N::int);
        if seconds == Some(0) && cx.gates().is_on("PodLifecycleSleepActionAllowZero") == Some(false) {
            let message = "a handler cannot sleep for 0 s here";
            cx.push(errors::refused(handler.pointer_of("sleep"), message, "sleep for at least 1 s"));
        }
    }
}

fn one_handler<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>, handlers: &[&str], what: &str) {
    if has_one(at, handlers) || at.node.value() != Value::Map {
        return;
    }
    let found = present(at, handlers);
    let message = match found.len() {
        0 => format!("{what} needs something to do"),
        _ => format!("{what} does one thing, and this has {}", listed(&found)),
    };
    cx.push(errors::refused(at.pointer(), message, format!("give it one of {}", listed(handlers))));
}

fn environment<'d, N: Node<'d>>(cx: &mut Cx<'_>, container: &At<'_, N>) {
    if let Some(env) = container.get("env") {
        for variable in env.items() {
            let Some(source) = variable.get("valueFrom") else { continue };
            if variable.node.get("value").and_then(N::text).is_some_and(|value| !value.is_empty()) {
                let message = "a variable has a `value` or a `valueFrom`, not both";
                cx.push(errors::refused(variable.pointer(), message, "remove one"));
            }
            let sources = ["configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef"];
            if !has_one(&source, &sources) && source.node.value() == Value::Map {
                let message = format!("`valueFrom` has {} sources", present(&source, &sources).len());
                let help = format!("give it one of {}", listed(&sources));
                cx.push(errors::refused(source.pointer(), message, help));
            }
        }
    }
    if let Some(env) = container.get("envFrom") {
        for source in env.items() {
            let sources = ["configMapRef", "secretRef"];
            if !has_one(&source, &sources) && source.node.value() == Value::Map {
                let message =
                    format!("an item of `envFrom` has {} sources", present(&source, &sources).len());
                let help = "give it one of `configMapRef` and `secretRef`";
                cx.push(errors::refused(source.pointer(), message, help));
            }
        }
    }
}

/// Requests are within limits, and equal to them where a resource cannot be overcommitted.
pub(crate) fn resources<'d, N: Node<'d>>(cx: &mut Cx<'_>, holder: &At<'_, N>) {
    let Some(resources) = holder.get("resources") else { return };
    let limits = resources.node.get("limits");
    if let Some(requests) = resources.get("requests") {
        for (name, request) in requests.entries() {
            milli_bytes(cx, name, &request);
            let Some(wanted) = amount(request.node) else { continue };
            let limit = limits.and_then(|limits| limits.get(name)).and_then(amount);
            match limit {
                Some(limit) if limit < wanted => {
                    let message = format!("the request of `{name}` is above its limit");
                    cx.push(errors::refused(
                        request.pointer(),
                        message,
                        "raise the limit or lower the request",
                    ));
                }
                Some(limit) if limit != wanted && !can_overcommit(name) => {
                    let message =
                        format!("`{name}` cannot be overcommitted: request and limit must be equal");
                    cx.push(errors::refused(request.pointer(), message, "leave the request out"));
                }
                None if !can_overcommit(name) => {
                    let message = format!("`{name}` cannot be overcommitted: it needs a limit");
                    cx.push(errors::refused(request.pointer(), message, "give the limit"));
                }
                _ => {}
            }
        }
    }
    if let Some(limits) = resources.get("limits") {
        for (name, limit) in limits.entries() {
            milli_bytes(cx, name, &limit);
        }
    }
}

fn can_overcommit(resource: &str) -> bool {
    let is_own = !resource.contains('/') || resource.contains("kubernetes.io/");
    is_own && !resource.starts_with("hugepages-")
}

/// The amount of a quantity, if it is one.
pub(crate) fn amount<'d, N: Node<'d>>(node: N) -> Option<Quantity> {
    match node.value() {
        Value::Text(text) => Quantity::parse(text).ok(),
        Value::Int(number) => Some(Quantity::whole(number)),
        _ => None,
    }
}

/// `400m` of memory is less than a byte: somebody meant `400Mi`.
pub(crate) fn milli_bytes<'d, N: Node<'d>>(cx: &mut Cx<'_>, resource: &str, at: &At<'_, N>) {
    let is_bytes = matches!(resource, "memory" | "ephemeral-storage" | "storage")
        || resource.starts_with("hugepages-")
        || resource.ends_with(".memory")
        || resource.ends_with(".storage")
        || resource.ends_with(".ephemeral-storage");
    // Only these can be fractions; the others need not be read once more.
    let may_be_part = |text: &str| text.ends_with(['m', 'u', 'n']) || text.contains(['.', 'e', 'E']);
    let is_part = || {
        at.node.text().is_some_and(may_be_part) && amount(at.node).is_some_and(|amount| !amount.is_whole())
    };
    if is_bytes && is_part() {
        let text = at.node.text().unwrap_or("");
        let message =
            format!("`{text}` of `{resource}` is not a whole number of bytes: `m` means thousandths");
        let help = format!("`{}Mi` is meant, or `{0}M`", text.trim_end_matches(['m', 'u', 'n']));
        cx.push(errors::trap(at.pointer(), message, help));
    }
}

fn mounts<'d, N: Node<'d>>(cx: &mut Cx<'_>, container: &At<'_, N>) {
    let Some(mounts) = container.get("volumeMounts") else { return };
    for mount in mounts.items() {
        let text = |key: &str| mount.node.get(key).and_then(N::text).filter(|text| !text.is_empty());
        if text("subPath").is_some() && text("subPathExpr").is_some() {
            let message = "a mount has a `subPath` or a `subPathExpr`, not both";
            cx.push(errors::refused(mount.pointer_of("subPathExpr"), message, "remove one"));
        }
        let privileged =
            container.node.below(&["securityContext", "privileged"]).and_then(N::bool) == Some(true);
        if text("mountPropagation") == Some("Bidirectional") && !privileged {
            let message = "`mountPropagation: Bidirectional` is for privileged containers only";
            let help = "set `securityContext.privileged`, or use `HostToContainer`";
            cx.push(errors::refused(mount.pointer_of("mountPropagation"), message, help));
        }
        let recursive = text("recursiveReadOnly").filter(|mode| *mode != "Disabled");
        if recursive.is_some() && mount.node.get("readOnly").and_then(N::bool) != Some(true) {
            let message = "`recursiveReadOnly` is for mounts with `readOnly: true`";
            cx.push(errors::refused(mount.pointer_of("recursiveReadOnly"), message, "set `readOnly: true`"));
        }
    }
}

fn security<'d, N: Node<'d>>(cx: &mut Cx<'_>, container: &At<'_, N>) {
    let Some(context) = container.get("securityContext") else { return };
    let flag = |key: &str| context.node.get(key).and_then(N::bool);
    if flag("allowPrivilegeEscalation") == Some(false) {
        let added = context.node.below(&["capabilities", "add"]);
        let is_admin = |name: N| matches!(name.text(), Some("CAP_SYS_ADMIN" | "SYS_ADMIN"));
        let why = if flag("privileged") == Some(true) {
            Some("`privileged: true`")
        } else if added.is_some_and(|added| added.items().any(is_admin)) {
            Some("the capability `SYS_ADMIN`")
        } else {
            None
        };
        if let Some(why) = why {
            let message = format!("`allowPrivilegeEscalation: false` contradicts {why}");
            cx.push(errors::refused(context.pointer_of("allowPrivilegeEscalation"), message, "remove one"));
        }
    }
    if flag("runAsNonRoot") == Some(true) && context.node.get("runAsUser").and_then(N::int) == Some(0) {
        let message = "`runAsNonRoot: true` contradicts `runAsUser: 0`: the container would never start";
        cx.push(errors::refused(
            context.pointer_of("runAsUser"),
            message,
            "give another user, or remove one",
        ));
    }
    profile(cx, &context);
}

/// A local profile needs its name, and no other may have one.
pub(crate) fn profile<'d, N: Node<'d>>(cx: &mut Cx<'_>, context: &At<'_, N>) {
    for key in ["seccompProfile", "appArmorProfile"] {
        let Some(profile) = context.get(key) else { continue };
        let is_local = profile.node.get("type").and_then(N::text) == Some("Localhost");
        if is_local != profile.has("localhostProfile") && profile.node.value() == Value::Map {
            let message = "`localhostProfile` goes with `type: Localhost`, and only with that";
            cx.push(errors::refused(profile.pointer(), message, "give both, or another type alone"));
        }
    }
}
