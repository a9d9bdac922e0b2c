//! What belongs to each minor besides its fields: versions of etcd, CoreDNS, pause and containerd, control
//! groups, and what an upgrade crosses.
//!
//! Sources, for each figure: `kubeadm config images list` and `cmd/kubeadm/app/constants` of the minor
//! for etcd, CoreDNS and pause; the table of Kubernetes versions in containerd's `RELEASES.md`; KEP-5573
//! for control groups; the change logs of the minors for the rest. Patch releases raise the version of
//! etcd, so it is the first that a minor came with. What was not determined is `None`.
//!
//! Not here: fields ([`crate::Tables`]), gates ([`crate::gates`]), flags ([`crate::config::removed_flags`]).
//! Start with [`facts`]; [`parse_supported`] is the way in for a version that an author wrote.

use crate::errors;
use crate::finding::Finding;
use crate::minor::Minor;
use crate::table::Tables;

/// What belongs to a minor.
#[derive(Debug)]
pub struct MinorFacts {
    /// The minor.
    pub minor: Minor,
    /// The version of kubeadm's documents.
    pub kubeadm_api: &'static str,
    /// The first version of etcd that kubeadm came with.
    pub etcd: Option<&'static str>,
    /// The version of CoreDNS that kubeadm installs.
    pub coredns: Option<&'static str>,
    /// The version of the pause image that kubeadm names to the runtime.
    pub pause: Option<&'static str>,
    /// Lines of containerd that are supported, newest first, each by its first right version. Empty if
    /// that is not determined.
    pub containerd: &'static [&'static str],
    /// Whether the kubelet refuses to start on cgroup v1 when `failCgroupV1` is not set.
    pub fails_on_cgroup_v1: bool,
    /// Whether the data is of the released minor; before that, fields and gates may still change.
    pub is_final: bool,
}

static FACTS: &[MinorFacts] = &[
    MinorFacts {
        minor: Minor::new(33),
        kubeadm_api: "v1beta4",
        etcd: Some("3.5.21"),
        coredns: Some("1.12.0"),
        pause: Some("3.10"),
        containerd: &["2.1.0", "2.0.4", "1.7.24", "1.6.36"],
        fails_on_cgroup_v1: false,
        is_final: true,
    },
    MinorFacts {
        minor: Minor::new(34),
        kubeadm_api: "v1beta4",
        etcd: Some("3.6.4"),
        coredns: Some("1.12.1"),
        pause: Some("3.10.1"),
        containerd: &["2.1.3", "2.0.6", "1.7.28", "1.6.39"],
        fails_on_cgroup_v1: false,
        is_final: true,
    },
    MinorFacts {
        minor: Minor::new(35),
        kubeadm_api: "v1beta4",
        etcd: Some("3.6.6"),
        coredns: Some("1.13.1"),
        pause: Some("3.10.1"),
        containerd: &["2.2.0", "2.1.5", "1.7.28"],
        fails_on_cgroup_v1: true,
        is_final: true,
    },
    MinorFacts {
        minor: Minor::new(36),
        kubeadm_api: "v1beta4",
        etcd: Some("3.6.8"),
        coredns: Some("1.14.2"),
        pause: Some("3.10.2"),
        containerd: &["2.3.0", "2.2.0"],
        fails_on_cgroup_v1: true,
        is_final: true,
    },
    MinorFacts {
        minor: Minor::new(37),
        kubeadm_api: "v1beta4",
        etcd: None,
        coredns: None,
        pause: None,
        containerd: &[],
        fails_on_cgroup_v1: true,
        is_final: false,
    },
];

/// What belongs to `minor`; `None` if it is not covered.
pub fn facts(minor: Minor) -> Option<&'static MinorFacts> {
    FACTS.iter().find(|facts| facts.minor == minor)
}

/// The covered minors, oldest first.
pub fn supported() -> impl Iterator<Item = Minor> {
    FACTS.iter().map(|facts| facts.minor)
}

/// The minor of a version that an author wrote. The finding lists what is supported.
pub fn parse_supported(version: &str, pointer: &str) -> Result<Minor, Finding> {
    let minor = Minor::parse(version).filter(|minor| facts(*minor).is_some());
    minor.ok_or_else(|| errors::unknown_version(pointer.to_owned(), version, Tables::get().minors()))
}

/// Whether a version of containerd is supported with a minor; `None` if that is not determined.
pub fn takes_containerd(minor: Minor, version: &str) -> Option<bool> {
    let lines = facts(minor)?.containerd;
    let wanted = numbers(version)?;
    let is_right = |line: &&str| {
        numbers(line).is_some_and(|first| (first.0, first.1) == (wanted.0, wanted.1) && first.2 <= wanted.2)
    };
    // A line that is newer than the table may well work; nobody has said so.
    let newest = lines.iter().filter_map(|line| numbers(line)).max()?;
    let is_newer = (wanted.0, wanted.1) > (newest.0, newest.1);
    if is_newer { None } else { Some(lines.iter().any(is_right)) }
}

fn numbers(version: &str) -> Option<(u32, u32, u32)> {
    let mut parts = version.trim_start_matches('v').split(['.', '-', '+']);
    Some((
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
        parts.next().unwrap_or("0").parse().ok()?,
    ))
}

/// Something that an upgrade crosses and that has to be done before.
#[derive(Debug)]
pub struct Crossing {
    /// The minor on whose other side it has to be done.
    pub before: Minor,
    /// What changes.
    pub what: &'static str,
    /// What has to be so before the upgrade.
    pub needs: &'static str,
}

static CROSSINGS: &[Crossing] = &[
    Crossing {
        before: Minor::new(34),
        what: "etcd goes from 3.5 to 3.6",
        needs: "all members run the newest patch of etcd 3.5 (at least 3.5.32): older ones can \
            leave members of two kinds in the list",
    },
    Crossing {
        before: Minor::new(35),
        what: "the kubelet refuses to start on cgroup v1",
        needs: "every host boots with cgroup v2, or has `failCgroupV1: false` for a while",
    },
    Crossing {
        before: Minor::new(35),
        what: "the kubelet's flag `--pod-infra-container-image` is gone",
        needs: "no host sets it in `/var/lib/kubelet/kubeadm-flags.env` or in a unit; the runtime \
            names the sandbox image",
    },
    Crossing {
        before: Minor::new(36),
        what: "containerd 1.x is no longer supported",
        needs: "every host runs containerd 2.2 or newer",
    },
    Crossing {
        before: Minor::new(36),
        what: "kubeadm no longer knows its feature gate `ControlPlaneKubeletLocalMode`",
        needs: "no document of kubeadm sets it",
    },
    Crossing {
        before: Minor::new(37),
        what: "kubeadm no longer knows its feature gate `NodeLocalCRISocket`",
        needs: "no document of kubeadm sets it",
    },
];

/// What an upgrade from one minor to another crosses, in order.
pub fn crossings(from: Minor, to: Minor) -> impl Iterator<Item = &'static Crossing> {
    CROSSINGS.iter().filter(move |crossing| from < crossing.before && crossing.before <= to)
}

/// Whether a kubelet may run with a control plane: never newer, and at most three minors older.
pub fn kubelet_fits(control_plane: Minor, kubelet: Minor) -> bool {
    kubelet <= control_plane && control_plane.number() - kubelet.number() <= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_covered_minor_has_facts_and_no_other() {
        let minors: Vec<Minor> = supported().collect();
        assert_eq!(minors, Tables::get().minors());
        for facts in FACTS.iter().filter(|facts| facts.is_final) {
            assert!(facts.etcd.is_some() && facts.coredns.is_some() && facts.pause.is_some());
            assert!(!facts.containerd.is_empty());
        }
    }

    #[test]
    fn a_version_outside_is_a_finding_with_the_list() {
        assert_eq!(parse_supported("1.35.7", "").unwrap(), Minor::new(35));
        let finding = parse_supported("1.32.0", "/kubernetes").unwrap_err();
        assert_eq!(finding.code.id(), "E0616");
        assert!(finding.help.unwrap().contains("`1.33`, `1.34`"));
        assert!(parse_supported("latest", "").is_err());
    }

    #[test]
    fn containerd_lines_are_told_apart() {
        let takes = |minor, version| takes_containerd(Minor::new(minor), version);
        assert_eq!(takes(33, "1.7.27"), Some(true));
        assert_eq!(takes(33, "1.7.23"), Some(false));
        assert_eq!(takes(35, "1.6.39"), Some(false));
        assert_eq!(takes(36, "1.7.99"), Some(false));
        assert_eq!(takes(36, "v2.2.1"), Some(true));
        assert_eq!(takes(36, "2.4.0"), None);
        assert_eq!(takes(37, "2.3.0"), None);
    }

    #[test]
    fn an_upgrade_names_what_it_crosses() {
        let between = |from, to| crossings(Minor::new(from), Minor::new(to)).count();
        assert_eq!(between(33, 34), 1);
        assert_eq!(between(33, 36), 5);
        assert_eq!(between(36, 36), 0);
        assert!(kubelet_fits(Minor::new(36), Minor::new(33)));
        assert!(!kubelet_fits(Minor::new(36), Minor::new(37)));
        assert!(!kubelet_fits(Minor::new(37), Minor::new(33)));
    }
}
