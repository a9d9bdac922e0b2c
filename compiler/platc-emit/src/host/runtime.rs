//! The container runtime: containerd and `crictl`.
//!
//! containerd ignores keys of another version of its file, so the version that is declared decides. Source:
//! `docs/cri/config.md` of containerd.

use platc_artifact::{Artifact, Format, Map, Shown};
use platc_diag::Sourced;

use super::emit::origin;
use crate::hosts::{OnHost, map_of, yaml};

const SOCKET: &str = "unix:///run/containerd/containerd.sock";
/// A folder for each registry, read at each pull.
const REGISTRIES: &str = "/etc/containerd/certs.d";

/// Writes `config.toml`.
pub(super) fn containerd(on: &OnHost<'_>, artifact: &mut Artifact) {
    let Some(cluster) = on.cluster else { return };
    let sandbox = platc_artifact::shown(&cluster.images.pause);
    let by_systemd = on.host.init.origin.of(on.is_systemd());
    map_of(artifact.doc(Format::Toml), origin(on), |m| {
        if cluster.containerd.major >= 2 {
            m.put("version", cluster.containerd.origin.of(3));
            m.map("plugins", |m| third(m, sandbox, by_systemd));
        } else {
            m.put("version", cluster.containerd.origin.of(2));
            m.map("plugins", |m| m.map("io.containerd.grpc.v1.cri", |m| second(m, sandbox, by_systemd)));
        }
    });
}

fn third(m: &mut Map<'_>, sandbox: impl platc_artifact::IntoScalar, by_systemd: Sourced<bool>) {
    m.map("io.containerd.cri.v1.images", |m| {
        m.map("pinned_images", |m| m.put("sandbox", sandbox));
        m.map("registry", |m| m.put("config_path", REGISTRIES));
    });
    m.map("io.containerd.cri.v1.runtime", |m| m.map("containerd", |m| runc(m, by_systemd)));
}

fn second(m: &mut Map<'_>, sandbox: impl platc_artifact::IntoScalar, by_systemd: Sourced<bool>) {
    m.put("sandbox_image", sandbox);
    m.map("registry", |m| m.put("config_path", REGISTRIES));
    m.map("containerd", |m| runc(m, by_systemd));
}

/// The kubelet and containerd must agree on who makes control groups.
fn runc(m: &mut Map<'_>, by_systemd: Sourced<bool>) {
    m.map("runtimes", |m| {
        m.map("runc", |m| {
            m.put("runtime_type", "io.containerd.runc.v2");
            m.map("options", |m| m.put("SystemdCgroup", by_systemd));
        });
    });
}

/// Writes `crictl.yaml`.
pub(super) fn crictl(on: &OnHost<'_>, artifact: &mut Artifact) {
    yaml(artifact, origin(on), |m| {
        m.put("runtime-endpoint", SOCKET);
        m.put("image-endpoint", SOCKET);
        m.put("timeout", 10);
        m.put("debug", false);
    });
}

/// Writes how the CNI plugins make a pod's network without any daemon.
pub(super) fn pod_network(on: &OnHost<'_>, artifact: &mut Artifact) {
    let (Some(pods), Some(mtu)) = (on.host.pods, on.host.nics.iter().map(|nic| nic.mtu).min()) else {
        return;
    };
    map_of(artifact.doc(Format::JsonPretty), pods.origin, |m| {
        m.put("cniVersion", "1.0.0");
        m.put("name", "podnet");
        m.seq("plugins", |s| {
            s.map(|m| {
                m.put("type", "bridge");
                m.put("bridge", "cni0");
                m.put("isDefaultGateway", true);
                // Addresses of pods are real ones everywhere.
                m.put("ipMasq", false);
                m.put("hairpinMode", true);
                m.put("mtu", mtu);
                m.map("ipam", |m| {
                    m.put("type", "host-local");
                    m.seq("ranges", |s| {
                        s.seq(|s| s.map(|m| m.put("subnet", pods.map(Shown))));
                    });
                });
            });
        });
    });
}
