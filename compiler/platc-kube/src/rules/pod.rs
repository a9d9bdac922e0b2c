//! Pods: what binds containers, volumes, ports, networks and scheduling together.

use crate::check::Cx;
use crate::errors;
use crate::node::{At, Node, Value};

use super::container::{self, Role};

/// A resolver reads three servers; the API server refuses more.
const NAMESERVERS_MAX: usize = 3;

/// Checks a pod's spec.
pub(crate) fn pod<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    containers(cx, spec);
    names(cx, spec);
    mounts(cx, spec);
    host_ports(cx, spec);
    host(cx, spec);
    dns(cx, spec);
    container::resources(cx, spec);
    security(cx, spec);
}

/// The containers of a pod with their places: init containers, then the others.
const LISTS: [&str; 2] = ["initContainers", "containers"];

fn containers<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    for key in LISTS {
        let Some(list) = spec.get(key) else { continue };
        for container in list.items() {
            let stays = container.node.get("restartPolicy").and_then(N::text) == Some("Always");
            let role = match key {
                "containers" => Role::Main,
                _ if stays => Role::Sidecar,
                _ => Role::Init,
            };
            container::check(cx, &container, role);
        }
    }
    let is_empty = spec
        .node
        .get("containers")
        .is_some_and(|list| list.value() == Value::List && list.items().next().is_none());
    if is_empty {
        let message = "a pod without a container does nothing";
        cx.push(errors::refused(spec.pointer_of("containers"), message, "give it one"));
    }
}

/// Names are unique over both lists; within one, the list's key sees to that.
fn names<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    let (Some(init), Some(main)) = (spec.node.get("initContainers"), spec.get("containers")) else { return };
    for container in main.items() {
        let name = container.node.get("name").and_then(N::text);
        if let Some(name) = name
            && init.items().any(|other| other.get("name").and_then(N::text) == Some(name))
        {
            let message = format!("the name `{name}` belongs to an init container, too");
            cx.push(errors::refused(container.pointer_of("name"), message, "change one"));
        }
    }
}

fn mounts<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    let volumes = spec.node.get("volumes");
    for key in LISTS {
        let Some(list) = spec.get(key) else { continue };
        for container in list.items() {
            for (field, what) in [("volumeMounts", "mount"), ("volumeDevices", "device")] {
                let Some(mounts) = container.get(field) else { continue };
                for mount in mounts.items() {
                    let Some(name) = mount.node.get("name").and_then(N::text) else { continue };
                    let is_volume = |volume: N| volume.get("name").and_then(N::text) == Some(name);
                    if !volumes.is_some_and(|volumes| volumes.items().any(is_volume)) && !cx.is_claimed(name)
                    {
                        let known: Vec<&str> = volumes
                            .into_iter()
                            .flat_map(N::items)
                            .filter_map(|volume| volume.get("name").and_then(N::text))
                            .collect();
                        let message = format!(
                            "the {what} names the volume `{}`, which the pod does not have",
                            errors::shown(name)
                        );
                        let help = platc_diag::did_you_mean(name, known, "its volumes")
                            .unwrap_or_else(|| String::from("add it to `volumes`"));
                        cx.push(errors::refused(mount.pointer_of("name"), message, help));
                    }
                }
            }
        }
    }
}

/// With the host's network, ports are the host's; and a host's port is taken once.
fn host_ports<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    let on_host = spec.node.get("hostNetwork").and_then(N::bool) == Some(true);
    let mut taken: Vec<(i64, &str, &str)> = Vec::new();
    let Some(list) = spec.get("containers") else { return };
    for container in list.items() {
        let Some(ports) = container.get("ports") else { continue };
        for port in ports.items() {
            let number = |key: &str| port.node.get(key).and_then(N::int);
            let (inside, outside) = (number("containerPort"), number("hostPort"));
            if on_host
                && let (Some(inside), Some(outside)) = (inside, outside)
                && inside != outside
            {
                let message = format!(
                    "with `hostNetwork` the port {inside} is the host's own and cannot be {outside} there"
                );
                cx.push(errors::refused(
                    port.pointer_of("hostPort"),
                    message,
                    "give both the same number, or leave `hostPort` out",
                ));
            }
            let Some(host) = (if on_host { inside } else { outside }) else { continue };
            let text = |key: &str, default| port.node.get(key).and_then(N::text).unwrap_or(default);
            let claim = (host, text("protocol", "TCP"), text("hostIP", ""));
            if taken.contains(&claim) {
                let message = format!("the port {host} of the host is taken twice in this pod");
                cx.push(errors::refused(port.pointer(), message, "change one"));
            }
            taken.push(claim);
        }
    }
}

fn host<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    let flag = |key: &str| spec.node.get(key).and_then(N::bool);
    if flag("hostUsers") == Some(false) {
        for key in ["hostNetwork", "hostPID", "hostIPC"] {
            if flag(key) == Some(true) {
                let message = format!("`{key}: true` contradicts `hostUsers: false`");
                cx.push(errors::refused(spec.pointer_of(key), message, "remove one"));
            }
        }
    }
    if flag("shareProcessNamespace") == Some(true) && flag("hostPID") == Some(true) {
        let message = "`shareProcessNamespace` contradicts `hostPID`";
        cx.push(errors::refused(spec.pointer_of("shareProcessNamespace"), message, "remove one"));
    }
    let policy = spec.node.get("dnsPolicy").and_then(N::text);
    if flag("hostNetwork") == Some(true) && policy == Some("ClusterFirst") {
        let message = "with `hostNetwork` the policy `ClusterFirst` means `Default`: names of the \
            cluster do not resolve";
        cx.push(errors::trap(
            spec.pointer_of("dnsPolicy"),
            message,
            "use `ClusterFirstWithHostNet`, or `Default`",
        ));
    }
}

fn dns<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    let servers = spec.node.below(&["dnsConfig", "nameservers"]).map_or(0, |list| list.items().count());
    if spec.node.get("dnsPolicy").and_then(N::text) == Some("None") && servers == 0 {
        let message = "`dnsPolicy: None` needs at least one server in `dnsConfig`";
        cx.push(errors::refused(spec.pointer_of("dnsPolicy"), message, "give `dnsConfig.nameservers`"));
    }
    if servers > NAMESERVERS_MAX
        && let Some(config) = spec.get("dnsConfig")
    {
        let message = format!("`nameservers` has {servers} servers, more than {NAMESERVERS_MAX}");
        cx.push(errors::refused(config.pointer_of("nameservers"), message, "remove some"));
    }
}

fn security<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    let Some(context) = spec.get("securityContext") else { return };
    container::profile(cx, &context);
    if context.node.get("runAsNonRoot").and_then(N::bool) == Some(true)
        && context.node.get("runAsUser").and_then(N::int) == Some(0)
    {
        let message = "`runAsNonRoot: true` contradicts `runAsUser: 0`: no container would start";
        cx.push(errors::refused(
            context.pointer_of("runAsUser"),
            message,
            "give another user, or remove one",
        ));
    }
    let on_host = spec.node.get("hostNetwork").and_then(N::bool) == Some(true);
    let Some(sysctls) = context.get("sysctls") else { return };
    for sysctl in sysctls.items() {
        let name = sysctl.node.get("name").and_then(N::text).unwrap_or("").replace('/', ".");
        if on_host && name.starts_with("net.") {
            let message = format!("`{name}` belongs to the host's network, which this pod shares");
            cx.push(errors::refused(sysctl.pointer_of("name"), message, "set it on the host"));
        }
    }
}

/// A toleration for everything has no value, and only evictions wait.
pub(crate) fn toleration<'d, N: Node<'d>>(cx: &mut Cx<'_>, toleration: &At<'_, N>) {
    let text = |key: &str| toleration.node.get(key).and_then(N::text).filter(|text| !text.is_empty());
    let operator = text("operator").unwrap_or("Equal");
    if operator == "Exists" && text("value").is_some() {
        let message = "a toleration with `operator: Exists` has no `value`";
        cx.push(errors::refused(toleration.pointer_of("value"), message, "remove it, or use `Equal`"));
    }
    if text("key").is_none() && operator != "Exists" {
        let message = "a toleration without a `key` tolerates everything and needs `operator: Exists`";
        cx.push(errors::refused(toleration.pointer(), message, "give a `key`, or `operator: Exists`"));
    }
    if toleration.has("tolerationSeconds") && text("effect") != Some("NoExecute") {
        let message = "`tolerationSeconds` goes with `effect: NoExecute` only";
        cx.push(errors::refused(toleration.pointer_of("tolerationSeconds"), message, "remove it"));
    }
}

/// A minimum of domains is for a constraint that is enforced, and pods are counted by labels.
pub(crate) fn spread<'d, N: Node<'d>>(cx: &mut Cx<'_>, constraint: &At<'_, N>) {
    let when = constraint.node.get("whenUnsatisfiable").and_then(N::text);
    if constraint.has("minDomains") && when == Some("ScheduleAnyway") {
        let message = "`minDomains` goes with `whenUnsatisfiable: DoNotSchedule` only";
        cx.push(errors::refused(constraint.pointer_of("minDomains"), message, "remove it"));
    }
    if !constraint.has("labelSelector") {
        let message = "a spread constraint without a `labelSelector` counts no pods and so spreads nothing";
        cx.push(errors::trap(constraint.pointer(), message, "give the labels of the pods"));
    }
    if constraint.has("matchLabelKeys") && !constraint.has("labelSelector") {
        let message = "`matchLabelKeys` needs a `labelSelector`";
        cx.push(errors::refused(constraint.pointer_of("matchLabelKeys"), message, "give one"));
    }
}

/// A topology key is a label of hosts, and never empty.
pub(crate) fn affinity_term<'d, N: Node<'d>>(cx: &mut Cx<'_>, term: &At<'_, N>) {
    if term.node.get("topologyKey").map(Node::value) == Some(Value::Text("")) {
        let message = "an empty `topologyKey` is not a label of hosts";
        cx.push(errors::refused(term.pointer_of("topologyKey"), message, "use `kubernetes.io/hostname`"));
    }
    for key in ["matchLabelKeys", "mismatchLabelKeys"] {
        if term.has(key) && !term.has("labelSelector") {
            let message = format!("`{key}` needs a `labelSelector`");
            cx.push(errors::refused(term.pointer_of(key), message, "give one"));
        }
    }
}
