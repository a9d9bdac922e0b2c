//! The files of kubeadm on each node.

use std::borrow::Cow;

use platc_artifact::{Artifact, Mode, OnChange};

use super::{check, init, join, kubelet, patches};
use crate::hosts::{HostEmitter, HostFile, OnHost, one};

pub(crate) static EMITTER: HostEmitter = HostEmitter { name: "kubeadm", files: FILES, check: check::check };

static FILES: &[HostFile] = &[
    HostFile {
        kind: "kubeadm-init",
        paths: |on| one(on.is_first(), "/etc/kubernetes/kubeadm/init.yaml"),
        write: |on, _, artifact| {
            artifact.mode = Mode::PRIVATE;
            artifact.on_change.push(OnChange::Run("kubeadm-config"));
            init::write(on, artifact);
        },
    },
    HostFile {
        kind: "kubeadm-join",
        paths: |on| one(on.cluster.is_some() && !on.is_first(), "/etc/kubernetes/kubeadm/join.yaml"),
        write: |on, _, artifact| {
            artifact.mode = Mode::PRIVATE;
            join::write(on, artifact);
        },
    },
    HostFile {
        kind: "kubeadm-upgrade",
        paths: |on| one(on.cluster.is_some(), "/etc/kubernetes/kubeadm/upgrade.yaml"),
        write: |on, _, artifact| join::upgrade(on, artifact),
    },
    HostFile {
        kind: "kubelet-patch",
        paths: |on| one(on.cluster.is_some(), "/etc/kubernetes/patches/kubeletconfiguration0+merge.yaml"),
        write: |on, _, artifact| {
            artifact.on_change.push(OnChange::Run("kubelet-config"));
            kubelet::patch(on, artifact);
        },
    },
    HostFile { kind: "static-pod-patch", paths: patch_paths, write: patch },
];

fn patch_paths(on: &OnHost<'_>) -> Vec<Cow<'static, str>> {
    let names = patches::of(on).map(|part| part.name);
    names.map(|name| format!("{}/{name}0+strategic.yaml", super::PATCHES).into()).collect()
}

fn patch(on: &OnHost<'_>, nth: usize, artifact: &mut Artifact) {
    artifact.on_change.push(OnChange::Run("control-plane"));
    if let Some(part) = patches::of(on).nth(nth) {
        patches::write(on, part, artifact);
    }
}
