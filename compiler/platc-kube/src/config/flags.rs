//! Flags of the components that are gone: setting one stops the component (KA-9).
//!
//! Upstream looks at the names of flags only when the component starts, so an unknown name is found on
//! the host. There is no complete list of flags per minor here; what was removed is known for certain.

use crate::errors;
use crate::finding::Finding;
use crate::minor::Minor;

/// A program that takes flags.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Component {
    /// `kube-apiserver`.
    ApiServer,
    /// `kube-controller-manager`.
    ControllerManager,
    /// `kube-scheduler`.
    Scheduler,
    /// `kubelet`.
    Kubelet,
    /// `etcd`.
    Etcd,
}

/// A flag that a component no longer has.
#[derive(Debug)]
pub struct RemovedFlag {
    /// Whose flag it was.
    pub component: Component,
    /// Its name, without dashes.
    pub name: &'static str,
    /// The first minor without it.
    pub removed: Minor,
    /// What to do instead.
    pub instead: &'static str,
}

impl Component {
    /// The name of its program.
    pub const fn program(self) -> &'static str {
        match self {
            Self::ApiServer => "kube-apiserver",
            Self::ControllerManager => "kube-controller-manager",
            Self::Scheduler => "kube-scheduler",
            Self::Kubelet => "kubelet",
            Self::Etcd => "etcd",
        }
    }
}

const LEAVE_OUT: &str = "leave it out";
const RUNTIME: &str = "leave it out: this is set in the container runtime";

/// Sources: the change logs of the minors named (sections on deprecation, "no, really, you must read
/// this before you upgrade").
static REMOVED: &[RemovedFlag] = &[
    gone(Component::ApiServer, "address", 24, "use `bind-address`"),
    gone(Component::ApiServer, "basic-auth-file", 19, "use client certificates or OIDC"),
    gone(Component::ApiServer, "cloud-config", 33, "run the provider's cloud-controller-manager"),
    gone(Component::ApiServer, "cloud-provider", 33, "run the provider's cloud-controller-manager"),
    gone(Component::ApiServer, "enable-swagger-ui", 22, LEAVE_OUT),
    gone(Component::ApiServer, "insecure-bind-address", 24, "use `bind-address`"),
    gone(Component::ApiServer, "insecure-port", 24, "use `secure-port`"),
    gone(Component::ApiServer, "kubelet-https", 22, LEAVE_OUT),
    gone(Component::ApiServer, "port", 24, "use `secure-port`"),
    gone(Component::ControllerManager, "address", 24, "use `bind-address`"),
    gone(Component::ControllerManager, "enable-taint-manager", 27, LEAVE_OUT),
    gone(
        Component::ControllerManager,
        "pod-eviction-timeout",
        27,
        "use `default-not-ready-toleration-seconds` and `default-unreachable-toleration-seconds` of \
            kube-apiserver",
    ),
    gone(Component::ControllerManager, "port", 24, "use `secure-port`"),
    gone(Component::Scheduler, "address", 24, "use `bind-address`"),
    gone(Component::Scheduler, "algorithm-provider", 23, "use a KubeSchedulerConfiguration"),
    gone(Component::Scheduler, "policy-config-file", 23, "use a KubeSchedulerConfiguration"),
    gone(Component::Scheduler, "policy-configmap", 23, "use a KubeSchedulerConfiguration"),
    gone(Component::Scheduler, "policy-configmap-namespace", 23, "use a KubeSchedulerConfiguration"),
    gone(Component::Scheduler, "port", 24, "use `secure-port`"),
    gone(Component::Scheduler, "use-legacy-policy-config", 23, "use a KubeSchedulerConfiguration"),
    gone(Component::Kubelet, "cloud-config", 34, "run the provider's cloud-controller-manager"),
    gone(Component::Kubelet, "cni-bin-dir", 24, RUNTIME),
    gone(Component::Kubelet, "cni-cache-dir", 24, RUNTIME),
    gone(Component::Kubelet, "cni-conf-dir", 24, RUNTIME),
    gone(Component::Kubelet, "container-runtime", 27, LEAVE_OUT),
    gone(Component::Kubelet, "docker-endpoint", 24, RUNTIME),
    gone(Component::Kubelet, "dynamic-config-dir", 24, "use the drop-in directory (`config-dir`)"),
    gone(Component::Kubelet, "experimental-dockershim-root-directory", 24, RUNTIME),
    gone(Component::Kubelet, "image-pull-progress-deadline", 24, RUNTIME),
    gone(Component::Kubelet, "keep-terminated-pod-volumes", 31, LEAVE_OUT),
    gone(Component::Kubelet, "network-plugin", 24, RUNTIME),
    gone(Component::Kubelet, "network-plugin-mtu", 24, RUNTIME),
    gone(Component::Kubelet, "pod-infra-container-image", 35, "set the runtime's sandbox image"),
];

const fn gone(component: Component, name: &'static str, minor: u8, instead: &'static str) -> RemovedFlag {
    RemovedFlag { component, name, removed: Minor::new(minor), instead }
}

/// All flags that are known to be gone.
pub fn removed_flags() -> &'static [RemovedFlag] {
    REMOVED
}

/// Checks the name of a flag, given without dashes.
pub fn check_flag(component: Component, name: &str, minor: Minor, pointer: String) -> Option<Finding> {
    let flag = REMOVED.iter().find(|flag| flag.component == component && flag.name == name)?;
    (flag.removed <= minor)
        .then(|| errors::flag_gone(pointer, component.program(), name, flag.removed, flag.instead))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_gone_from_its_minor_on() {
        let check = |minor| {
            check_flag(Component::Kubelet, "pod-infra-container-image", Minor::new(minor), String::new())
        };
        assert!(check(34).is_none());
        assert!(check(35).unwrap().message.contains("removed in Kubernetes 1.35"));
        let others = check_flag(Component::Kubelet, "node-ip", Minor::new(35), String::new());
        assert!(others.is_none());
    }
}
