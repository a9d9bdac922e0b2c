//! Configuration of the kubelet: what is the same on all hosts of a cluster, and what is this host's.
//!
//! No key is in both, so that both together are one document, which is also what is checked.

use platc_artifact::{Artifact, Map, Shown};
use platc_diag::{Origin, Sourced};
use platc_kube::Target;
use platc_kube::config::{Usable, kubelet_field};
use platc_model::generated::{Resolver, Rootfs};
use platc_model::scalar::Bytes;
use platc_plan::{ClusterPlan, Plan, clusters::minor};

use crate::hosts::{OnHost, yaml};
use crate::object::quantity;
use crate::rules;

/// Where systemd-resolved writes the real resolvers; `/etc/resolv.conf` names only itself, on a loopback
/// address that is another one in each pod.
const RESOLVED: &str = "/run/systemd/resolve/resolv.conf";
/// What is always waited for at a shutdown, and what is left of it for critical pods.
const SHUTDOWN_S: (u64, u64) = (70, 20);
/// Signals that evict, as the kubelet has them by default, but for memory. One that is not named would
/// be zero.
const EVICTION: [(&str, &str); 4] = [
    ("nodefs.available", "10%"),
    ("nodefs.inodesFree", "5%"),
    ("imagefs.available", "15%"),
    ("imagefs.inodesFree", "5%"),
];

/// The document that a cluster begins with.
pub(super) fn base(m: &mut Map<'_>, plan: &Plan, cluster: &ClusterPlan) {
    head(m);
    m.put("clusterDomain", &cluster.dns.domain);
    m.list("clusterDNS", cluster.dns.resolvers.iter());
    m.put("maxPods", cluster.max_pods);
    // With it the kubelet sets no kernel settings itself and ends if they are not as it needs them: the
    // host's sysctl file has them.
    m.put("protectKernelDefaults", true);
    m.put("nodeStatusUpdateFrequency", "10s");
    m.put("nodeLeaseDurationSeconds", 40);
    m.put("imageGCHighThresholdPercent", 85);
    m.put("imageGCLowThresholdPercent", 75);
    m.put("containerLogMaxSize", "50Mi");
    m.put("containerLogMaxFiles", 5);
    m.list("enforceNodeAllocatable", ["pods"]);
    let first = cluster.nodes.first().map(|host| plan.hosts.at(*host).reservation.eviction);
    m.map("evictionHard", |m| {
        m.maybe("memory.available", first.map(quantity));
        for (signal, threshold) in EVICTION {
            m.put(signal, threshold);
        }
    });
    // A service that was mended should not have to wait for five minutes.
    let target = Target::of(minor(cluster.version.value));
    if kubelet_field("crashLoopBackOff", &target) == Usable::Yes {
        m.map("crashLoopBackOff", |m| m.put("maxContainerRestartPeriod", "60s"));
    }
}

fn head(m: &mut Map<'_>) {
    m.put("apiVersion", "kubelet.config.k8s.io/v1beta1");
    m.put("kind", "KubeletConfiguration");
}

/// Writes the patch of a host.
pub(super) fn patch(on: &OnHost<'_>, artifact: &mut Artifact) {
    yaml(artifact, Origin::decided(&rules::NODE_SETUP, on.host.span), |m| {
        m.comment(describe(on));
        head(m);
        own(m, on);
    });
}

/// Who has which CPUs, for whoever reads the file on the host.
fn describe(on: &OnHost<'_>) -> String {
    let mut text = format!("{}: {} CPUs", on.host.name, on.host.capacity.cpu);
    if on.host.reservation.pinned {
        text += &format!("; system and kubelet {}", on.host.reservation.system_cpus);
    }
    for carved in &on.host.carve_outs {
        text += &format!("; {} {}", carved.name, carved.cpus);
    }
    text
}

/// Both together.
pub(super) fn merged(m: &mut Map<'_>, on: &OnHost<'_>, cluster: &ClusterPlan) {
    base(m, on.plan, cluster);
    own(m, on);
}

fn own(m: &mut Map<'_>, on: &OnHost<'_>) {
    let host = on.host;
    let driver = if on.is_systemd() { "systemd" } else { "cgroupfs" };
    m.put("cgroupDriver", host.init.origin.of(driver));
    reservations(m, on);
    let resolver = match host.resolver.value {
        Resolver::Resolved => RESOLVED,
        Resolver::File => "/etc/resolv.conf",
    };
    m.put("resolvConf", host.resolver.origin.of(resolver));
    if host.rootfs.value == Rootfs::Btrfs {
        // The kubelet cannot measure there.
        m.put("localStorageCapacityIsolation", host.rootfs.origin.of(false));
    }
    if on.is_systemd() {
        shutdown(m, on);
    }
}

/// Memory of carve-outs is the system's: only so does the kubelet keep its hands off it. Where CPUs are
/// pinned they are said by number, and by number only: amounts beside them would be overridden.
fn reservations(m: &mut Map<'_>, on: &OnHost<'_>) {
    let reservation = &on.host.reservation;
    let because = on.host.carve_outs.first().map_or(Origin::written(on.host.span), |carved| carved.origin);
    m.from(because, |m| {
        if reservation.pinned {
            m.put("cpuManagerPolicy", "static");
            m.map("cpuManagerPolicyOptions", |m| {
                // Without it pods that are not pinned run on reserved CPUs as well.
                m.put("strict-cpu-reservation", "true");
                m.put("full-pcpus-only", "false");
            });
            m.put("reservedSystemCPUs", Shown(&reservation.reserved_cpus));
        }
    });
    let storage = on.host.rootfs.value != Rootfs::Btrfs;
    m.map("systemReserved", |m| {
        if !reservation.pinned {
            m.put("cpu", Shown(reservation.system_cpu));
        }
        let memory = reservation.system_memory.get() + reservation.carved_memory.get();
        m.put("memory", because.of(quantity(Bytes::new(memory))));
        if storage {
            m.put("ephemeral-storage", "10Gi");
        }
        m.put("pid", "4096");
    });
    m.map("kubeReserved", |m| {
        if !reservation.pinned {
            m.put("cpu", Shown(reservation.kube_cpu));
        }
        m.put("memory", quantity(reservation.kube_memory));
        if storage {
            m.put("ephemeral-storage", "5Gi");
        }
    });
}

/// systemd's logind lets the kubelet hold a shutdown back until pods have gone.
fn shutdown(m: &mut Map<'_>, on: &OnHost<'_>) {
    let own = Origin::decided(&rules::SHUTDOWN_GRACE, on.host.span);
    let (mut slowest, mut critical) = (own.of(SHUTDOWN_S.0), own.of(SHUTDOWN_S.1));
    let at_least = |most: &mut Sourced<u64>, grace: Sourced<u64>| {
        if grace.value > most.value {
            *most = grace.origin.decided_by(&rules::SHUTDOWN_GRACE).of(grace.value);
        }
    };
    if let Some(grace) = on.plan.cluster_of(on.host).and_then(|cluster| cluster.grace_s) {
        at_least(&mut slowest, grace);
    }
    // Static pods are critical, so they go after all others. Of those elsewhere none comes here.
    for own in on.plan.workloads_on(on.id).filter(|own| own.is_static_pod()) {
        at_least(&mut critical, own.shutdown.grace_s);
    }
    let whole = slowest.value.saturating_add(critical.value);
    m.put("shutdownGracePeriod", slowest.origin.of(format!("{whole}s")));
    m.put("shutdownGracePeriodCriticalPods", critical.map(|seconds| format!("{seconds}s")));
}
