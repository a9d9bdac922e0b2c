//! Volumes of pods, claims, and volumes of the cluster.

use crate::check::Cx;
use crate::errors;
use crate::node::{At, Node, Value};

use super::container::milli_bytes;
use super::{listed, present};

/// What a volume of a pod can be, besides `name`.
const SOURCES_NAME: &str = "name";

/// A volume of a pod has one source.
pub(crate) fn pod_volume<'d, N: Node<'d>>(cx: &mut Cx<'_>, volume: &At<'_, N>) {
    let sources: Vec<&str> = volume
        .node
        .entries()
        .filter(|(key, value)| *key != SOURCES_NAME && value.value() != Value::Null)
        .map(|(key, _)| key)
        .collect();
    match sources.as_slice() {
        [_] => {}
        [] => {
            let message = "a volume without a source is an `emptyDir`";
            cx.push(errors::trap(volume.pointer(), message, "say so: `emptyDir: {}`"));
        }
        several => {
            let message = format!("a volume has one source, and this has {}", listed(several));
            cx.push(errors::refused(volume.pointer(), message, "make several volumes of it"));
        }
    }
    if volume.has("gitRepo") && cx.gates().is_on("GitRepoVolumeDriver") == Some(false) {
        let message =
            format!("Kubernetes {} does not mount a `gitRepo` volume: the pod would not start", cx.minor());
        let help = "clone in an init container into an `emptyDir`";
        cx.push(errors::refused(volume.pointer_of("gitRepo"), message, help));
    }
    if let Some(empty) = volume.get("emptyDir")
        && let Some(limit) = empty.get("sizeLimit")
    {
        milli_bytes(cx, "storage", &limit);
    }
}

/// A part of a projected volume has one source.
pub(crate) fn projection<'d, N: Node<'d>>(cx: &mut Cx<'_>, projection: &At<'_, N>) {
    let sources =
        ["clusterTrustBundle", "configMap", "downwardAPI", "podCertificate", "secret", "serviceAccountToken"];
    let found = present(projection, &sources);
    if found.len() != 1 {
        let message = format!("a part of a projected volume has one source, and this has {}", found.len());
        cx.push(errors::refused(
            projection.pointer(),
            message,
            format!("give it one of {}", listed(&sources)),
        ));
    }
}

/// A claim says how much.
pub(crate) fn claim<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    access_modes(cx, spec);
    let Some(resources) = spec.get("resources") else { return };
    let Some(requests) = resources.get("requests") else {
        cx.push(errors::missing_in(
            resources.pointer_of("requests"),
            "a claim must say how much storage it asks for",
        ));
        return;
    };
    match requests.get("storage") {
        Some(storage) => milli_bytes(cx, "storage", &storage),
        None => {
            let message = "a claim must say how much storage it asks for";
            cx.push(errors::missing_in(requests.pointer_of("storage"), message));
        }
    }
}

fn access_modes<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    let Some(modes) = spec.get("accessModes") else { return };
    let n_modes = modes.node.items().count();
    let is_single = modes.node.items().any(|mode| mode.text() == Some("ReadWriteOncePod"));
    if n_modes == 0 {
        cx.push(errors::refused(
            modes.pointer(),
            "at least one access mode is needed",
            "give `ReadWriteOnce`",
        ));
    }
    if is_single && n_modes > 1 {
        let message = "`ReadWriteOncePod` cannot be combined with other access modes";
        cx.push(errors::refused(modes.pointer(), message, "remove the others"));
    }
}

/// A volume of the cluster has a size and one source.
pub(crate) fn volume<'d, N: Node<'d>>(cx: &mut Cx<'_>, spec: &At<'_, N>) {
    const NOT_SOURCES: [&str; 9] = [
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeAttributesClassName",
        "volumeMode",
    ];
    access_modes(cx, spec);
    let sources: Vec<&str> = spec
        .node
        .entries()
        .filter(|(key, value)| !NOT_SOURCES.contains(key) && value.value() != Value::Null)
        .map(|(key, _)| key)
        .collect();
    if sources.len() != 1 {
        let has = if sources.is_empty() { String::from("none") } else { listed(&sources) };
        let message = format!("a PersistentVolume has one source, and this has {has}");
        cx.push(errors::refused(spec.pointer(), message, "give it one"));
    }
    if spec.has("local") && spec.node.below(&["nodeAffinity", "required"]).is_none() {
        let message = "a `local` volume needs a `nodeAffinity` that says on which host it is";
        cx.push(errors::missing_in(spec.pointer_of("nodeAffinity"), message));
    }
    if let Some(capacity) = spec.get("capacity") {
        match capacity.get("storage") {
            Some(storage) => milli_bytes(cx, "storage", &storage),
            None => cx.push(errors::missing_in(
                capacity.pointer_of("storage"),
                "the size of the volume is missing",
            )),
        }
    }
}
