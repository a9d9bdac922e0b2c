//! Configuration of kubeadm and the kubelet: how a cluster begins, how hosts join it, how it is upgraded,
//! and what is different on each host.
//!
//! A `KubeletConfiguration` counts only where a cluster begins; from there it goes into the cluster and to
//! every host. So the base has what is the same on all hosts, and all the rest is in a patch on each host,
//! which kubeadm applies at `init`, `join` and `upgrade`.
//!
//! Secrets are holes, `@@secret:NAME@@`, which delivery fills. Not here: units of the kubelet (`host`).

mod check;
mod emit;
mod init;
mod join;
mod kubelet;
mod patches;

pub(crate) use emit::EMITTER;

/// Patches of this host; the target's name is the beginning of each file's name.
const PATCHES: &str = "/etc/kubernetes/patches";
/// The token with which hosts join; it lives for a day.
const TOKEN: &str = "@@secret:bootstrap-token@@";
/// The key under which a control plane's certificates lie in the cluster for two hours.
const CERTIFICATE_KEY: &str = "@@secret:certificate-key@@";
/// `sha256:` and the hash of the public key of the cluster's authority.
const AUTHORITY: &str = "@@secret:ca-spki-sha256@@";
const KUBEADM_API: &str = "kubeadm.k8s.io/v1beta4";
