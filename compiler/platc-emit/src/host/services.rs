//! Services of the init system: what OpenRC lacks, and which of our units come up at boot.

use platc_artifact::{Artifact, Fixed, Format};

use super::emit::origin;
use crate::hosts::OnHost;

/// Writes how OpenRC makes control groups: the unified ones; without them their settings do nothing, and
/// the kubelet does not start.
pub(super) fn control_groups(on: &OnHost<'_>, artifact: &mut Artifact) {
    artifact
        .doc(Format::Shell)
        .from(origin(on), |root| root.lines(|l| l.line(("rc_cgroup_mode", "unified"))));
}

/// What a unit of kubeadm's package does under systemd: it puts the kubelet's arguments together.
const KUBELET: Fixed = Fixed(
    r#"[ ! -r /var/lib/kubelet/kubeadm-flags.env ] || . /var/lib/kubelet/kubeadm-flags.env
command_args="--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf --config=/var/lib/kubelet/config.yaml ${KUBELET_KUBEADM_ARGS} ${KUBELET_EXTRA_ARGS}""#,
);

/// Writes the kubelet's `conf.d`.
pub(super) fn kubelet(on: &OnHost<'_>, artifact: &mut Artifact) {
    artifact.doc(Format::Shell).from(origin(on), |root| root.lines(|l| l.line(KUBELET)));
}

/// Writes the mount that Cilium's maps live through, as a line of fstab.
pub(super) fn mounts(on: &OnHost<'_>, artifact: &mut Artifact) {
    artifact.doc(Format::Lines).from(origin(on), |root| {
        root.lines(|l| {
            l.line(("bpffs", "/sys/fs/bpf", "bpf", "rw,nosuid,nodev,noexec,relatime,mode=700", 0, 0));
        });
    });
}

/// Writes the timer of etcd's snapshots.
pub(super) fn backup_timer(on: &OnHost<'_>, artifact: &mut Artifact) {
    artifact.doc(Format::Systemd).from(origin(on), |root| {
        root.lines(|l| {
            l.block("Unit", |l| l.line(("Description", "A snapshot of etcd each hour")));
            l.block("Timer", |l| {
                l.line(("OnCalendar", "*-*-* *:17:00"));
                l.line(("RandomizedDelaySec", 300));
                l.line(("Persistent", "true"));
            });
            l.block("Install", |l| l.line(("WantedBy", "timers.target")));
        });
    });
}

/// Writes what the timer starts.
pub(super) fn backup_unit(on: &OnHost<'_>, artifact: &mut Artifact) {
    artifact.doc(Format::Systemd).from(origin(on), |root| {
        root.lines(|l| {
            l.block("Unit", |l| {
                l.line(("Description", "Snapshot of etcd"));
                // Before the cluster is there, there is nothing to save.
                l.line(("ConditionPathExists", "/etc/kubernetes/manifests/etcd.yaml"));
            });
            l.block("Service", |l| {
                l.line(("Type", "oneshot"));
                l.line(("ExecStart", "/usr/local/lib/platc/etcd-backup"));
            });
        });
    });
}
