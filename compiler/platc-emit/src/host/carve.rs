//! Carve-outs: what holds a daemon to its cores and its memory. The kubelet's reservation and the capacity
//! sum read the same numbers.
//!
//! In systemd a slice for each below a common parent: what the parent does not protect, no child can. In
//! OpenRC settings of the service's control group, in plain bytes.

use std::fmt;

use platc_artifact::{Artifact, Fixed, Format, Lines, OnChange, Shown};
use platc_diag::Origin;
use platc_model::scalar::Bytes;
use platc_plan::CarveOut;

use super::emit::origin;
use crate::hosts::OnHost;

/// Four times the share of anything else, for CPU and disks.
const WEIGHT: u32 = 400;
const TASKS_MAX: u32 = 16384;

/// Bytes as systemd writes them: its `G` is of 1024, and `Gi` is ignored with a warning.
#[derive(Clone, Copy)]
struct Size(Bytes);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0.get();
        let units = [("G", 1_u64 << 30), ("M", 1 << 20), ("K", 1 << 10)];
        match units.into_iter().find(|(_, unit)| bytes > 0 && bytes.is_multiple_of(*unit)) {
            Some((name, unit)) => write!(f, "{}{name}", bytes / unit),
            None => write!(f, "{bytes}"),
        }
    }
}

/// The name of a carve-out's slice. A dash would begin a level, and names have no underscore.
pub(super) fn slice_of(own: &CarveOut) -> String {
    format!("carve-{}.slice", own.name.replace('-', "_"))
}

/// Writes the slice that all others are in.
pub(super) fn parent(on: &OnHost<'_>, artifact: &mut Artifact) {
    let low: u64 = on.host.carve_outs.iter().map(|own| own.memory_low.get()).sum();
    let because = on.host.carve_outs.first().map_or_else(|| origin(on), |own| own.origin);
    unit(artifact, because, |l| {
        l.block("Unit", |l| {
            l.line(("Description", "Daemons outside Kubernetes with cores of their own"));
            l.line(("Before", "slices.target"));
        });
        l.block("Slice", |l| {
            for what in ["CPUAccounting", "MemoryAccounting", "IOAccounting"] {
                l.line((what, "yes"));
            }
            l.line(("MemoryLow", Shown(Size(Bytes::new(low)))));
        });
    });
}

/// Writes the slice of one.
pub(super) fn slice(on: &OnHost<'_>, nth: usize, artifact: &mut Artifact) {
    let Some(own) = on.host.carve_outs.get(nth) else { return };
    unit(artifact, own.origin, |l| {
        l.block("Unit", |l| l.line(("Description", format!("Cores and memory of {}", own.name))));
        l.block("Slice", |l| {
            l.line(("AllowedCPUs", Shown(&own.cpus)));
            if let Some(node) = own.numa_node {
                l.line(("AllowedMemoryNodes", node));
            }
            l.line(("CPUWeight", WEIGHT));
            l.line(("MemoryLow", Shown(Size(own.memory_low))));
            l.line(("MemoryHigh", Shown(Size(own.memory_high))));
            l.line(("MemoryMax", own.memory_max.map(|max| Shown(Size(max)))));
            l.line(("MemorySwapMax", 0));
            l.line(("IOWeight", WEIGHT));
            l.line(("TasksMax", TASKS_MAX));
        });
    });
}

/// Writes what puts the daemon's unit into its slice.
pub(super) fn drop_in(on: &OnHost<'_>, nth: usize, artifact: &mut Artifact) {
    let Some(own) = on.host.carve_outs.get(nth) else { return };
    unit(artifact, own.origin, |l| {
        l.block("Service", |l| {
            l.line(("Slice", slice_of(own)));
            l.line(("OOMScoreAdjust", -900));
            l.line(("LimitNOFILE", 1_048_576));
        });
    });
}

fn unit(artifact: &mut Artifact, origin: Origin, build: impl FnOnce(&mut Lines<'_>)) {
    // A slice changes while its processes run. A daemon that is to change its slice has to be restarted,
    // which is nobody's to do but its owner's: the script says so.
    artifact.on_change.push(OnChange::Run("units"));
    artifact.doc(Format::Systemd).from(origin, |root| root.lines(build));
}

/// Writes the settings of one under OpenRC. They are all that the file has; the daemon's own stand beside.
pub(super) fn openrc(on: &OnHost<'_>, nth: usize, artifact: &mut Artifact) {
    let Some(own) = on.host.carve_outs.get(nth) else { return };
    artifact.doc(Format::Shell).from(own.origin, |root| {
        root.lines(|l| {
            l.block("rc_cgroup_settings", |l| {
                l.line(("cpuset.cpus", Shown(&own.cpus)));
                if let Some(node) = own.numa_node {
                    l.line(("cpuset.mems", node));
                }
                l.line(("cpu.weight", WEIGHT));
                l.line(("memory.low", own.memory_low.get()));
                l.line(("memory.high", own.memory_high.get()));
                l.line(("memory.max", own.memory_max.map(Bytes::get)));
                l.line(("memory.swap.max", 0));
                l.line(("pids.max", TASKS_MAX));
            });
            l.line(Fixed(
                "[ ! -r \"/etc/conf.d/${RC_SVCNAME}.local\" ] || . \"/etc/conf.d/${RC_SVCNAME}.local\"",
            ));
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_the_letters_of_systemd() {
        assert_eq!(Size(Bytes::mib(12 << 10)).to_string(), "12G");
        assert_eq!(Size(Bytes::mib(11_264)).to_string(), "11G");
        assert_eq!(Size(Bytes::mib(5 * 10)).to_string(), "50M");
        assert_eq!(Size(Bytes::new(1 << 10)).to_string(), "1K");
        assert_eq!(Size(Bytes::new(7)).to_string(), "7");
    }
}
