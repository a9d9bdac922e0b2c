//! The files of hosts, and on which hosts they are.

use platc_artifact::{Mode, OnChange};
use platc_diag::Origin;
use platc_model::generated::Routing;

use super::{carve, kernel, names, runtime, scripts, services};
use crate::hosts::{HostEmitter, HostFile, OnHost, one};
use crate::rules;

pub(crate) static EMITTER: HostEmitter = HostEmitter { name: "host", files: FILES, check: |_, _| {} };

static FILES: &[HostFile] = &[
    HostFile {
        kind: "sysctl",
        paths: |on| one(kernel::has_settings(on), "/etc/sysctl.d/95-platform.conf"),
        write: |on, _, artifact| {
            artifact.on_change.push(OnChange::Run("sysctl"));
            kernel::settings(on, artifact);
        },
    },
    HostFile {
        kind: "modules",
        paths: |on| one(on.cluster.is_some(), "/etc/modules-load.d/k8s.conf"),
        write: |on, _, artifact| {
            artifact.on_change.push(OnChange::Run("modules"));
            kernel::modules(on, artifact);
        },
    },
    HostFile {
        kind: "carve-parent",
        paths: |on| one(on.is_systemd() && has_carve_outs(on), "/etc/systemd/system/carve.slice"),
        write: |on, _, artifact| carve::parent(on, artifact),
    },
    HostFile {
        kind: "carve-slice",
        paths: |on| {
            let all = on.host.carve_outs.iter().filter(|_| on.is_systemd());
            all.map(|own| format!("/etc/systemd/system/{}", carve::slice_of(own)).into()).collect()
        },
        write: carve::slice,
    },
    HostFile {
        kind: "carve-drop-in",
        paths: |on| {
            let all = on.host.carve_outs.iter().filter(|_| on.is_systemd());
            all.map(|own| format!("/etc/systemd/system/{}.service.d/10-carve.conf", own.unit).into())
                .collect()
        },
        write: carve::drop_in,
    },
    HostFile {
        kind: "carve-openrc",
        paths: |on| {
            let all = on.host.carve_outs.iter().filter(|_| !on.is_systemd());
            all.map(|own| format!("/etc/conf.d/{}", own.unit).into()).collect()
        },
        write: carve::openrc,
    },
    HostFile {
        kind: "hosts",
        paths: |on| one(on.cluster.is_some(), "/etc/hosts"),
        write: |on, _, artifact| names::hosts(on, artifact),
    },
    HostFile {
        kind: "resolv-conf",
        paths: |on| one(names::has_file(on), "/etc/resolv.conf"),
        write: |on, _, artifact| names::resolvers(on, artifact),
    },
    HostFile {
        kind: "resolved",
        paths: |on| one(names::has_resolved(on), "/etc/systemd/resolved.conf.d/platc.conf"),
        write: |on, _, artifact| {
            artifact.on_change.push(OnChange::Restart("systemd-resolved.service".into()));
            names::resolved(on, artifact);
        },
    },
    HostFile {
        kind: "containerd",
        paths: |on| one(on.cluster.is_some(), "/etc/containerd/config.toml"),
        write: |on, _, artifact| {
            // Pods run on meanwhile.
            artifact.on_change.push(OnChange::Restart("containerd".into()));
            runtime::containerd(on, artifact);
        },
    },
    HostFile {
        kind: "crictl",
        paths: |on| one(on.cluster.is_some(), "/etc/crictl.yaml"),
        write: |on, _, artifact| runtime::crictl(on, artifact),
    },
    HostFile {
        kind: "pod-network",
        paths: |on| {
            let is_static = on.cluster.is_some_and(|cluster| cluster.routing.value == Routing::Static);
            one(is_static, "/etc/cni/net.d/10-podnet.conflist")
        },
        write: |on, _, artifact| runtime::pod_network(on, artifact),
    },
    HostFile {
        kind: "openrc-cgroups",
        paths: |on| {
            one(!on.is_systemd() && (on.cluster.is_some() || has_carve_outs(on)), "/etc/rc.conf.d/platc.conf")
        },
        write: |on, _, artifact| {
            artifact.on_change.push(OnChange::Reboot);
            services::control_groups(on, artifact);
        },
    },
    HostFile {
        kind: "openrc-kubelet",
        paths: |on| one(!on.is_systemd() && on.cluster.is_some(), "/etc/conf.d/kubelet"),
        write: |on, _, artifact| {
            artifact.on_change.push(OnChange::Run("kubelet-config"));
            services::kubelet(on, artifact);
        },
    },
    HostFile {
        kind: "fstab",
        paths: |on| one(scripts::has_mounts(on), "/etc/platc/fstab"),
        write: |on, _, artifact| {
            artifact.on_change.push(OnChange::Run("fstab"));
            services::mounts(on, artifact);
        },
    },
    HostFile {
        kind: "etcd-backup-timer",
        paths: |on| one(has_etcd(on) && on.is_systemd(), "/etc/systemd/system/platc-etcd-backup.timer"),
        write: |on, _, artifact| {
            artifact.on_change.push(OnChange::Run("units"));
            services::backup_timer(on, artifact);
        },
    },
    HostFile {
        kind: "etcd-backup-unit",
        paths: |on| one(has_etcd(on) && on.is_systemd(), "/etc/systemd/system/platc-etcd-backup.service"),
        write: |on, _, artifact| {
            artifact.on_change.push(OnChange::Run("units"));
            services::backup_unit(on, artifact);
        },
    },
    HostFile {
        kind: "etcd-backup-cron",
        paths: |on| one(has_etcd(on) && !on.is_systemd(), "/etc/cron.hourly/platc-etcd-backup"),
        write: |_, _, artifact| {
            artifact.mode = Mode::SCRIPT;
            artifact.text("#!/bin/sh\nexec /usr/local/lib/platc/etcd-backup\n");
        },
    },
    HostFile { kind: "script", paths: scripts::paths, write: scripts::write },
];

fn has_carve_outs(on: &OnHost<'_>) -> bool {
    !on.host.carve_outs.is_empty()
}

/// Whether a member of its cluster's etcd that kubeadm runs lives there.
pub(super) fn has_etcd(on: &OnHost<'_>) -> bool {
    on.host.control_plane && on.cluster.is_some_and(|cluster| cluster.etcd.is_none())
}

/// What a file of a host comes from, if nothing closer is known.
pub(super) fn origin(on: &OnHost<'_>) -> Origin {
    Origin::decided(&rules::HOST_SETUP, on.host.span)
}
