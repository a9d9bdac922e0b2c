//! The files of hosts, and on which hosts they are.

use platc_artifact::OnChange;
use platc_diag::Origin;

use super::{carve, kernel};
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
];

fn has_carve_outs(on: &OnHost<'_>) -> bool {
    !on.host.carve_outs.is_empty()
}

/// What a file of a host comes from, if nothing closer is known.
pub(super) fn origin(on: &OnHost<'_>) -> Origin {
    Origin::decided(&rules::HOST_SETUP, on.host.span)
}
