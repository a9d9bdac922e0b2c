//! The scripts that apply files of ours on a host: fixed texts. `run:NAME` in a manifest is the one of that
//! name. Each may run at any time, again and again, and also before what it changes is there at all.

use std::borrow::Cow;

use platc_artifact::{Artifact, Mode};
use platc_model::generated::{NetConfig, Routing};

use super::emit::has_etcd;
use crate::hosts::{OnHost, balances_itself};

struct Script {
    path: &'static str,
    is_on: fn(&OnHost<'_>) -> bool,
    text: &'static str,
}

static SCRIPTS: &[Script] = &[
    Script {
        path: "/usr/local/lib/platc/run/control-plane",
        is_on: |on| on.cluster.is_some() && on.host.control_plane,
        text: include_str!("run/control-plane.sh"),
    },
    Script { path: "/usr/local/lib/platc/run/fstab", is_on: has_mounts, text: include_str!("run/fstab.sh") },
    Script {
        path: "/usr/local/lib/platc/run/keepalived",
        is_on: |on| !on.host.vips.is_empty(),
        text: include_str!("run/keepalived.sh"),
    },
    Script {
        path: "/usr/local/lib/platc/run/kubeadm-config",
        is_on: |on| on.is_first(),
        text: include_str!("run/kubeadm-config.sh"),
    },
    Script {
        path: "/usr/local/lib/platc/run/kubelet-config",
        is_on: |on| on.cluster.is_some(),
        text: include_str!("run/kubelet-config.sh"),
    },
    Script {
        path: "/usr/local/lib/platc/run/modules",
        is_on: |on| on.cluster.is_some(),
        text: include_str!("run/modules.sh"),
    },
    Script {
        path: "/usr/local/lib/platc/run/netplan",
        is_on: |on| on.host.net_config.value == NetConfig::Netplan,
        text: include_str!("run/netplan.sh"),
    },
    Script {
        path: "/usr/local/lib/platc/run/networkd",
        is_on: |on| matches!(on.host.net_config.value, NetConfig::Networkd | NetConfig::Netplan),
        text: include_str!("run/networkd.sh"),
    },
    Script {
        path: "/usr/local/lib/platc/run/routes",
        is_on: |on| !matches!(on.host.net_config.value, NetConfig::Networkd | NetConfig::Netplan),
        text: include_str!("run/routes.sh"),
    },
    Script { path: "/usr/local/lib/platc/run/sysctl", is_on: |_| true, text: include_str!("run/sysctl.sh") },
    Script {
        path: "/usr/local/lib/platc/run/units",
        is_on: |on| on.is_systemd(),
        text: include_str!("run/units.sh"),
    },
    Script {
        path: "/usr/local/lib/platc/etcd-backup",
        is_on: has_etcd,
        text: include_str!("run/etcd-backup.sh"),
    },
    Script {
        path: "/usr/local/lib/platc/join-name",
        is_on: |on| on.cluster.is_some_and(balances_itself),
        text: include_str!("run/join-name.sh"),
    },
];

/// Whether something is to be mounted that the init system does not mount of its own.
pub(super) fn has_mounts(on: &OnHost<'_>) -> bool {
    !on.is_systemd() && on.cluster.is_some_and(|cluster| cluster.routing.value == Routing::Cilium)
}

/// The scripts of a host.
pub(super) fn paths(on: &OnHost<'_>) -> Vec<Cow<'static, str>> {
    of(on).map(|script| script.path.into()).collect()
}

/// Writes one.
pub(super) fn write(on: &OnHost<'_>, nth: usize, artifact: &mut Artifact) {
    artifact.mode = Mode::SCRIPT;
    if let Some(script) = of(on).nth(nth) {
        artifact.text(script.text);
    }
}

fn of(on: &OnHost<'_>) -> impl Iterator<Item = &'static Script> {
    SCRIPTS.iter().filter(|script| (script.is_on)(on))
}
