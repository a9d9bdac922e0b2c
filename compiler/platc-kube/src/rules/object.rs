//! What holds for every object: a name of the right form, a namespace where there is one, and no
//! metadata that only the API server writes.

use crate::check::Cx;
use crate::errors;
use crate::format::{self, Format};
use crate::node::{At, Node, Value};
use crate::table::Scope;

/// Kinds whose names end up in a URL and may have almost any letter.
const PATH_NAMES: &[&str] = &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];

/// Kinds whose names are one DNS label.
const LABEL_NAMES: &[&str] = &["Namespace"];

/// All annotations of an object together, keys and values.
const ANNOTATIONS_BYTES_MAX: usize = 256 << 10;

/// A CronJob's name is part of its Jobs' names, which get eleven more characters.
const CRON_JOB_NAME_MAX: usize = 52;

/// A name that becomes the value of a label of the pods.
const LABEL_MAX: usize = 63;

/// Checks metadata. `scope` is `None` for a kind that is not known.
pub(crate) fn check<'d, N: Node<'d>>(cx: &mut Cx<'_>, object: &At<'_, N>, kind: &str, scope: Option<Scope>) {
    let Some(metadata) = object.get("metadata") else {
        if scope.is_none() {
            cx.push(errors::missing_field(object.pointer_of("metadata"), "an object"));
        }
        return;
    };
    if metadata.node.value() != Value::Map {
        return;
    }
    name(cx, &metadata, kind, scope.is_some());
    if scope == Some(Scope::Cluster)
        && let Some(namespace) = metadata.get("namespace")
    {
        let message = format!("a {kind} belongs to the whole cluster and has no namespace");
        cx.push(errors::refused(namespace.pointer(), message, "leave it out"));
    }
    annotations(cx, &metadata);
    if metadata.get("managedFields").is_some_and(|fields| fields.node.items().next().is_some()) {
        let message =
            "`managedFields` is kept by the API server, which refuses a server-side apply that has it";
        cx.push(errors::refused(metadata.pointer_of("managedFields"), message, "leave it out"));
    }
    for key in ["resourceVersion", "uid"] {
        if let Some(found) = metadata.get(key) {
            let message = format!("`{key}` ties the manifest to one object of one cluster");
            let help = "leave it out: the object can otherwise not be made again";
            cx.push(errors::trap(found.pointer(), message, help));
        }
    }
    labels(cx, &metadata, kind);
}

fn name<'d, N: Node<'d>>(cx: &mut Cx<'_>, metadata: &At<'_, N>, kind: &str, is_known: bool) {
    let Some(name) = metadata.get("name") else {
        if metadata.has("generateName") {
            let help = "give it a `name`: server-side apply needs one";
            let message = "an object that is applied needs a name of its own";
            cx.push(errors::refused(metadata.pointer_of("generateName"), message, help));
        } else {
            cx.push(errors::missing_field(metadata.pointer_of("name"), "an object"));
        }
        return;
    };
    let Some(text) = name.node.text() else {
        if !is_known && name.node.value() != Value::Unseen {
            cx.push(errors::wrong_type(name.pointer(), "text", name.node.value().noun()));
        }
        return;
    };
    let (noun, checked) = match kind {
        _ if PATH_NAMES.contains(&kind) => ("a name of this kind", format::path_segment(text)),
        _ if LABEL_NAMES.contains(&kind) => (Format::DnsLabel.noun(), format::dns_label(text)),
        // Names of Services become names of DNS; since 1.36 they may begin with a digit.
        "Service" if cx.gates().is_on("RelaxedServiceNameValidation") != Some(true) => {
            (Format::Dns1035.noun(), format::dns_1035(text))
        }
        "Service" => (Format::DnsLabel.noun(), format::dns_label(text)),
        _ => (Format::DnsName.noun(), format::dns_name(text)),
    };
    if let Err(right) = checked {
        cx.push(errors::bad_name(name.pointer(), text, noun, right));
        return;
    }
    let limit = match kind {
        "CronJob" => Some((CRON_JOB_NAME_MAX, "its Jobs' names have eleven characters more")),
        "Job" | "StatefulSet" => Some((LABEL_MAX, "it becomes the value of a label of its pods")),
        _ => None,
    };
    if let Some((most, why)) = limit.filter(|(most, _)| text.len() > *most) {
        let message =
            format!("the name of a {kind} has at most {most} characters, and this has {}", text.len());
        cx.push(errors::refused(name.pointer(), message, why));
    }
}

fn annotations<'d, N: Node<'d>>(cx: &mut Cx<'_>, metadata: &At<'_, N>) {
    let Some(annotations) = metadata.get("annotations") else { return };
    let bytes: usize =
        annotations.node.entries().map(|(key, value)| key.len() + value.text().map_or(0, str::len)).sum();
    if bytes > ANNOTATIONS_BYTES_MAX {
        let message = format!("the annotations have {bytes} bytes, more than {ANNOTATIONS_BYTES_MAX}");
        cx.push(errors::refused(
            annotations.pointer(),
            message,
            "keep the data in a ConfigMap or in a volume",
        ));
    }
}

/// Labels that Kubernetes gives a meaning to.
fn labels<'d, N: Node<'d>>(cx: &mut Cx<'_>, metadata: &At<'_, N>, kind: &str) {
    let Some(labels) = metadata.get("labels") else { return };
    for (key, value) in labels.entries() {
        let text = value.node.text().unwrap_or("");
        match key.strip_prefix("pod-security.kubernetes.io/") {
            Some("enforce" | "audit" | "warn") => {
                let levels = ["privileged", "baseline", "restricted"];
                if !levels.contains(&text) {
                    cx.push(errors::not_one_of(value.pointer(), text, levels));
                }
            }
            Some("enforce-version" | "audit-version" | "warn-version") => {
                let is_version = text == "latest"
                    || text.strip_prefix("v1.").is_some_and(|minor| minor.parse::<u8>().is_ok());
                if !is_version {
                    let message =
                        format!("`{}` is not a version of the pod security standards", errors::shown(text));
                    cx.push(errors::bad_value(
                        value.pointer(),
                        message,
                        format!("right is `latest` or `v{}`", cx.minor()),
                    ));
                }
            }
            _ => {}
        }
        if kind == "Node" && key == "node-role.kubernetes.io/master" {
            let message = "the label `node-role.kubernetes.io/master` has been without meaning since 1.24";
            cx.push(errors::trap(value.pointer(), message, "use `node-role.kubernetes.io/control-plane`"));
        }
    }
}

/// `podCIDR` is the first of `podCIDRs`.
pub(crate) fn node<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    let Some(ranges) = spec.get("podCIDRs") else { return };
    let first = ranges.node.items().next().and_then(N::text);
    let one = spec.node.get("podCIDR").and_then(N::text);
    if one.is_some() && first.is_some() && one != first {
        let message = "`podCIDR` is not the first of `podCIDRs`";
        cx.push(errors::refused(spec.pointer_of("podCIDR"), message, "give both the same range"));
    }
}
