//! What a change does to machines: which files another text gets, what is run or restarted because of it,
//! and which of it stops something.
//!
//! Start with [`hosts`].

use std::collections::BTreeMap;

use platc_store::host::{HostManifest, MANIFEST, ROOT};
use platc_store::{Change, Entry};
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use crate::pods::Came;
use crate::side::Side;

/// What changes on a machine.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct HostDiff {
    /// Its datacenter.
    pub datacenter: String,
    /// Its name.
    pub host: String,
    /// Whether it is new, gone, or changes.
    pub how: Came,
    /// Files, by path.
    pub files: Vec<FileDiff>,
    /// What is done there, in this order: `restart:containerd`, `run:sysctl`, `reboot`.
    pub actions: Vec<String>,
}

/// A file that is not what it was.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FileDiff {
    /// Path: on a machine the one there, elsewhere the one in the build.
    pub path: String,
    /// Whether it came, went or changed.
    pub how: Came,
    /// Lines that came and went, each with its sign; the first of them.
    pub lines: Vec<String>,
    /// How many lines came and went in all.
    pub n_lines: usize,
    /// Permissions before and after, where they differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modes: Option<(String, String)>,
}

/// Where a kubelet finds static pods. It starts one anew when its file is another one, and nobody runs anything.
pub(crate) const MANIFESTS: &str = "/etc/kubernetes/manifests/";

/// Lines of a file that are kept.
const LINES_KEPT: usize = 8;

/// What changes on each machine.
pub(crate) fn hosts(sides: [&dyn Side; 2], changes: &[Change<'_>]) -> Vec<HostDiff> {
    let mut found: BTreeMap<(String, String), Vec<&Change<'_>>> = BTreeMap::new();
    for change in changes {
        if let Some((datacenter, host, _)) = parts(change.path().as_str()) {
            found.entry((datacenter.to_owned(), host.to_owned())).or_default().push(change);
        }
    }
    found.into_iter().map(|((datacenter, host), changes)| one(sides, datacenter, host, &changes)).collect()
}

/// Datacenter, host and the rest of the path of a file that is for a machine.
pub(crate) fn parts(path: &str) -> Option<(&str, &str, &str)> {
    let (datacenter, rest) = path.strip_prefix("hosts/")?.split_once('/')?;
    let (host, rest) = rest.split_once('/')?;
    Some((datacenter, host, rest))
}

fn one(sides: [&dyn Side; 2], datacenter: String, host: String, changes: &[&Change<'_>]) -> HostDiff {
    let folder = format!("hosts/{datacenter}/{host}/");
    let is_there = |side: &dyn Side| {
        side.manifest().entries().iter().any(|entry| entry.path.as_str().starts_with(&folder))
    };
    let how = match (is_there(sides[0]), is_there(sides[1])) {
        (false, _) => Came::Added,
        (_, false) => Came::Removed,
        _ => Came::Changed,
    };
    let lists = sides.map(|side| list(side, &folder));
    let mut files = Vec::new();
    let mut actions: Vec<String> = Vec::new();
    for change in changes {
        let path = change.path().as_str();
        let Some((.., rest)) = parts(path).filter(|(.., rest)| !matches!(*rest, MANIFEST | ROOT)) else {
            continue;
        };
        let on_host = rest.strip_prefix("rootfs").unwrap_or(rest);
        // What is gone is done by the old list, the rest by the new one.
        let list = if matches!(change, Change::Removed(_)) { &lists[0] } else { &lists[1] };
        let line = list.as_ref().and_then(|list| list.lines().iter().find(|line| *line.path == *on_host));
        for unit in line.into_iter().flat_map(|line| &line.restart) {
            if !actions.iter().any(|action| action == unit.as_str()) {
                actions.push(unit.as_str().to_owned());
            }
        }
        // All files of a machine that comes or goes do: their number says it.
        let mut file = file(sides, on_host, change);
        if how != Came::Changed {
            file.lines.clear();
        }
        files.push(file);
    }
    HostDiff { datacenter, host, how, files, actions }
}

fn list(side: &dyn Side, folder: &str) -> Option<HostManifest> {
    let entry = side.manifest().get(&format!("{folder}{MANIFEST}"))?;
    HostManifest::parse(&side.bytes(entry).ok()?).ok()
}

/// A file that differs, with the lines that do.
pub(crate) fn file(sides: [&dyn Side; 2], path: &str, change: &Change<'_>) -> FileDiff {
    let (how, pair) = match change {
        Change::Added(_) => (Came::Added, None),
        Change::Removed(_) => (Came::Removed, None),
        Change::Changed { before, after }
        | Change::ModeChanged { before, after }
        | Change::Relabelled { before, after } => (Came::Changed, Some((*before, *after))),
    };
    let (lines, n_lines) = pair.map_or_else(Default::default, |(before, after)| lines(sides, before, after));
    let modes = pair.filter(|(before, after)| before.mode != after.mode);
    let modes = modes.map(|(before, after)| (before.mode.to_string(), after.mode.to_string()));
    FileDiff { path: path.to_owned(), how, lines, n_lines, modes }
}

fn lines(sides: [&dyn Side; 2], before: &Entry, after: &Entry) -> (Vec<String>, usize) {
    let text =
        |side: &dyn Side, entry| side.bytes(entry).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let (Some(before), Some(after)) = (text(sides[0], before), text(sides[1], after)) else {
        return (Vec::new(), 0);
    };
    let diff = TextDiff::from_lines(&before, &after);
    let mut kept = Vec::new();
    let mut n_lines = 0;
    for change in diff.iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Equal => continue,
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        n_lines += 1;
        if kept.len() < LINES_KEPT {
            kept.push(format!("{sign} {}", change.value().trim_end()));
        }
    }
    (kept, n_lines)
}

/// What an action does to a machine, and whether something stops meanwhile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Meaning {
    /// In words.
    pub words: &'static str,
    /// What stops meanwhile.
    pub stops: Stops,
}

/// What stops on a machine meanwhile.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stops {
    /// Nothing that serves.
    Nothing,
    /// Its part of the control plane.
    ControlPlane,
    /// Everything on it.
    Everything,
}

/// The actions of a host's `MANIFEST`, each with what it does.
const ACTIONS: &[(&str, &str, Stops)] = &[
    ("reboot", "reboots: its pods and daemons are away meanwhile", Stops::Everything),
    ("restart:containerd", "containerd restarts; pods run on", Stops::Nothing),
    ("restart:platc-api-lb", "the balancer before the API servers restarts; pods run on", Stops::Nothing),
    ("restart:systemd-resolved.service", "the resolver restarts", Stops::Nothing),
    ("restart:systemd-networkd.service", "networkd restarts; addresses and routes stay", Stops::Nothing),
    ("run:control-plane", "API server, scheduler and controller manager start anew", Stops::ControlPlane),
    ("run:fstab", "what fstab names is mounted", Stops::Nothing),
    ("run:keepalived", "keepalived reads its configuration; a virtual address may move", Stops::Nothing),
    ("run:kubeadm-config", "the cluster is told its configuration; nothing restarts", Stops::Nothing),
    ("run:kubelet-config", "the kubelet restarts; pods run on", Stops::Nothing),
    ("run:modules", "kernel modules are loaded", Stops::Nothing),
    ("run:netplan", "netplan applies its files", Stops::Nothing),
    ("run:networkd", "networkd reads its files again", Stops::Nothing),
    ("run:routes", "routes are set", Stops::Nothing),
    ("run:sysctl", "kernel settings are applied", Stops::Nothing),
    (
        "run:units",
        "systemd reads its units again; a daemon in another slice than before waits for its owner to restart it",
        Stops::Nothing,
    ),
];

/// What an action does; nothing is known of those of another version of platc.
pub fn meaning(action: &str) -> Option<Meaning> {
    let (_, words, stops) = ACTIONS.iter().find(|(name, ..)| *name == action)?;
    Some(Meaning { words, stops: *stops })
}

impl HostDiff {
    /// The worst that happens to it meanwhile.
    pub fn stops(&self) -> Stops {
        let of_actions =
            self.actions.iter().filter_map(|action| meaning(action)).map(|meaning| meaning.stops);
        let worst = of_actions.max().unwrap_or(Stops::Nothing);
        let of_control_plane = |file: &FileDiff| {
            let manifest = file.path.strip_prefix(MANIFESTS);
            manifest.is_some_and(|name| name.starts_with("kube-apiserver") || name.starts_with("etcd"))
        };
        if self.files.iter().any(of_control_plane) { worst.max(Stops::ControlPlane) } else { worst }
    }

    /// Whether the kubelet has to do with the file of a static pod.
    pub fn static_pods(&self) -> bool {
        self.files.iter().any(|file| file.path.starts_with(MANIFESTS))
    }

    /// Daemons with cores of their own whose slice or service is another one: their units.
    pub fn carved(&self) -> Vec<&str> {
        let mut units: Vec<&str> = Vec::new();
        for file in &self.files {
            let below = file.path.strip_prefix("/etc/systemd/system/").unwrap_or_default();
            let slice = below.strip_prefix("carve-").and_then(|name| name.strip_suffix(".slice"));
            let unit = below.strip_suffix(".service.d/10-carve.conf");
            for name in slice.into_iter().chain(unit) {
                if !units.contains(&name) {
                    units.push(name);
                }
            }
        }
        units
    }
}
