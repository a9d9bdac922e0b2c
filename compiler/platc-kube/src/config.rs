//! The documents of kubeadm, kubelet and kube-proxy: strict schemas, and the rules that a schema cannot
//! express.
//!
//! No binary of kubeadm is needed, and the kubelet itself would not do: it logs what it does not know
//! and starts. Where the schemas come from, what they leave out and what is not known stands in
//! `schemas/README.md`; the rules have the numbers (KA-1 …, KL-1 …, KP-1 …) that they have there.
//!
//! Start with [`check_config`] for one document and [`check_files`] for those of one file.

mod flags;
mod kubeadm;
mod kubelet;
mod kubeproxy;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::check::{Cx, Form, Target};
use crate::errors;
use crate::finding::Finding;
use crate::format::go_duration;
use crate::gates;
use crate::minor::Minor;
use crate::node::{At, Node, Path, Value};
use crate::schema::{self, Dialect, Scene, Schema};
use crate::table::Tables;

pub use flags::{Component, RemovedFlag, check_flag, removed_flags};
pub use kubeadm::{FLAGS_BESIDE_CONFIG, check_files};

/// What is known of the host that a document is for.
#[derive(Clone, Copy, Default, Debug)]
pub struct Host {
    /// The cgroup version that its kernel mounts.
    pub cgroup: Cgroup,
    /// How many CPUs are online, numbered from 0; `None` if that is not known.
    pub n_cpus: Option<u32>,
    /// Sockets and NUMA nodes; `None` if they are not known.
    pub sockets_and_numa_nodes: Option<(u32, u32)>,
}

/// The version of control groups.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Cgroup {
    /// Not known.
    #[default]
    Unknown,
    /// The old one.
    V1,
    /// The unified one.
    V2,
}

/// A document of the node's programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Program {
    Kubeadm,
    Kubelet,
    KubeProxy,
}

impl Program {
    const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Kubeadm, "kubeadm.k8s.io/v1beta4", include_str!("../schemas/kubeadm-v1beta4.schema.json")),
        (
            Self::Kubelet,
            "kubelet.config.k8s.io/v1beta1",
            include_str!("../schemas/kubelet-v1beta1.schema.json"),
        ),
        (
            Self::KubeProxy,
            "kubeproxy.config.k8s.io/v1alpha1",
            include_str!("../schemas/kubeproxy-v1alpha1.schema.json"),
        ),
    ];

    fn of(api_version: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, version, _)| *version == api_version).map(|(program, ..)| *program)
    }

    /// The schema, read when the first document of the program is checked.
    fn schema(self) -> &'static Loaded {
        static SCHEMAS: [OnceLock<Loaded>; 3] = [const { OnceLock::new() }; 3];
        let at = Self::ALL.iter().position(|(program, ..)| *program == self).unwrap_or(0);
        let (slot, text) = match (SCHEMAS.get(at), Self::ALL.get(at)) {
            (Some(slot), Some((_, _, text))) => (slot, *text),
            _ => unreachable!("there is a slot for each program"),
        };
        slot.get_or_init(|| Loaded::read(text))
    }
}

/// A schema document: its root and what it refers to.
#[derive(Debug)]
struct Loaded {
    root: Schema,
    definitions: BTreeMap<String, Schema>,
}

impl Loaded {
    fn read(text: &str) -> Self {
        let json: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        let (node, mut flaws) = (&json, Vec::new());
        let root = Schema::read(node, Dialect::Json, &mut flaws);
        let definitions = Node::get(node, "$defs").into_iter().flat_map(Node::entries);
        let definitions = definitions
            .map(|(name, definition)| (name.to_owned(), Schema::read(definition, Dialect::Json, &mut flaws)))
            .collect();
        debug_assert!(flaws.is_empty(), "our own schemas have no flaws: {flaws:?}");
        Self { root, definitions }
    }
}

/// Whether an API version is that of a document that [`check_config`] knows, or an old one of those.
pub fn is_config(api_version: &str) -> bool {
    let group = crate::table::group_of(api_version);
    Program::ALL.iter().any(|(_, version, _)| crate::table::group_of(version) == group)
}

/// Whether a field may be written for a cluster.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Usable {
    /// It may.
    Yes,
    /// Not before this minor.
    Since(Minor),
    /// Not after this minor.
    Until(Minor),
    /// Not while this feature gate is off: the program would refuse to start.
    GateOff(String),
    /// There is no such field.
    Unknown,
}

/// Whether a field of a `KubeletConfiguration` may be written: `crashLoopBackOff` not before 1.35, unless
/// its gate is on.
pub fn kubelet_field(name: &str, target: &Target<'_>) -> Usable {
    let fields =
        Program::Kubelet.schema().definitions.get("Fields").and_then(|fields| fields.object.as_ref());
    let Some(field) = fields.and_then(|fields| fields.properties.get(name)) else { return Usable::Unknown };
    let gates = gates::Gates::new(target.minor, target.gates);
    match (field.since, field.until, &field.gate) {
        (Some(since), _, _) if target.minor < since => Usable::Since(since),
        (_, Some(until), _) if until < target.minor => Usable::Until(until),
        (_, _, Some(gate)) if gates.off(gate).is_some() => Usable::GateOff(gate.clone()),
        _ => Usable::Yes,
    }
}

/// The description of a field of a `KubeletConfiguration`.
pub fn describe_kubelet_field(name: &str) -> Option<&'static str> {
    let fields = Program::Kubelet.schema().definitions.get("Fields")?.object.as_ref()?;
    fields.properties.get(name)?.description.as_deref()
}

/// Checks a whole document of kubeadm, kubelet or kube-proxy, merged from all its parts.
pub fn check_config<'d, N: Node<'d>>(document: N, target: &Target<'_>, host: &Host, out: &mut Vec<Finding>) {
    let at = At::new(document, Path::ROOT);
    let Some(api_version) = document.get("apiVersion").and_then(N::text) else {
        out.push(errors::missing_field(at.pointer_of("apiVersion"), "the document"));
        return;
    };
    let Some(program) = Program::of(api_version) else {
        out.push(unknown_version(&at, api_version));
        return;
    };
    check_parsed(&at, program, Form::Whole, target, host, out);
}

/// Checks part of a `KubeletConfiguration`: a patch of kubeadm, or a file of the drop-in directory. Only
/// fields are looked at; check the merged document with [`check_config`], too.
pub fn check_kubelet_fragment<'d, N: Node<'d>>(
    fragment: N,
    target: &Target<'_>,
    host: &Host,
    out: &mut Vec<Finding>,
) {
    check_parsed(&At::new(fragment, Path::ROOT), Program::Kubelet, Form::Patch, target, host, out);
}

fn check_parsed<'d, N: Node<'d>>(
    at: &At<'_, N>,
    program: Program,
    form: Form,
    target: &Target<'_>,
    host: &Host,
    out: &mut Vec<Finding>,
) {
    let tables = Tables::get();
    if !tables.covers(target.minor) {
        out.push(errors::unknown_version(String::new(), &target.minor.to_string(), tables.minors()));
        return;
    }
    // A program's own gates decide whether it takes its own fields.
    let own = if program == Program::Kubeadm { Vec::new() } else { gates_of(at) };
    let all: Vec<(&str, bool)> = target.gates.iter().copied().chain(own).collect();
    let target = Target { gates: &all, ..*target };
    let mut cx = Cx::new(&target, form, out);
    let loaded = program.schema();
    let kind = at.node.get("kind").and_then(N::text).unwrap_or("KubeletConfiguration");
    let noun = errors::with_article(kind);
    let scene = Scene { dialect: Dialect::Json, definitions: &loaded.definitions, noun: &noun };
    let schema = match form {
        Form::Whole => &loaded.root,
        Form::Patch => loaded.definitions.get("KubeletConfigurationFragment").unwrap_or(&loaded.root),
    };
    schema::check(&mut cx, scene, schema, at);
    match program {
        Program::Kubeadm => kubeadm::check(&mut cx, at, kind),
        Program::Kubelet => kubelet::check(&mut cx, at, host),
        Program::KubeProxy => kubeproxy::check(&mut cx, at),
    }
}

/// Old versions of the same group name the one that replaces them.
fn unknown_version<'d, N: Node<'d>>(at: &At<'_, N>, api_version: &str) -> Finding {
    let group = crate::table::group_of(api_version);
    let kind = at.node.get("kind").and_then(N::text).unwrap_or("");
    let newer = Program::ALL
        .iter()
        .map(|(_, version, _)| *version)
        .find(|version| crate::table::group_of(version) == group);
    let pointer = at.pointer_of("apiVersion");
    match (newer, removed_in(api_version)) {
        (Some(newer), Some(removed)) => errors::api_removed(pointer, api_version, kind, removed, Some(newer)),
        (newer, _) => {
            let versions: Vec<&str> = Program::ALL.iter().map(|(_, version, _)| *version).collect();
            let versions = newer.map_or(versions, |newer| vec![newer]);
            errors::kind_elsewhere(pointer, api_version, kind, &versions)
        }
    }
}

/// v1beta3 still was accepted by kubeadm 1.33, with a warning; nothing that is compiled for today takes
/// it for granted, so it counts as removed in the oldest covered minor.
fn removed_in(api_version: &str) -> Option<Minor> {
    Some(Minor::new(match api_version {
        "kubeadm.k8s.io/v1alpha1" => 12,
        "kubeadm.k8s.io/v1alpha2" => 13,
        "kubeadm.k8s.io/v1alpha3" => 14,
        "kubeadm.k8s.io/v1beta1" => 22,
        "kubeadm.k8s.io/v1beta2" => 27,
        "kubeadm.k8s.io/v1beta3" => 33,
        _ => return None,
    }))
}

/// `featureGates` of a document.
fn gates_of<'d, N: Node<'d>>(at: &At<'_, N>) -> Vec<(&'d str, bool)> {
    let map = at.node.get("featureGates").into_iter().flat_map(Node::entries);
    map.filter_map(|(name, value)| Some((name, value.bool()?))).collect()
}

/// KL-11: an unknown name or a locked gate stops the program.
fn check_gates<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let Some(map) = at.get("featureGates") else { return };
    for (name, entry) in map.entries() {
        if let Some(value) = entry.node.bool() {
            let minor = cx.minor();
            cx.out.extend(gates::check_setting(name, value, minor, entry.pointer()));
        }
    }
}

/// KL-12: metrics that were hidden one minor ago can be shown, and no others.
fn check_hidden_metrics<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let previous = format!("1.{}", cx.minor().number().saturating_sub(1));
    if let Some(version) = at.get("showHiddenMetricsForVersion")
        && let Some(text) = version.node.text()
        && !text.is_empty()
        && text != previous
    {
        let message = format!("`{}` is not the minor before the one that runs", errors::shown(text));
        cx.push(errors::bad_value(version.pointer(), message, format!("right is `{previous}`, or nothing")));
    }
}

/// The nanoseconds of a field that is a Go duration.
fn duration<'d, N: Node<'d>>(at: &At<'_, N>, key: &str) -> Option<i128> {
    go_duration(at.node.get(key).and_then(N::text)?)
}

const SECOND: i128 = 1_000_000_000;
const MILLISECOND: i128 = 1_000_000;
const HOUR: i128 = 3600 * SECOND;

/// Two ranges are right if one is IPv4 and the other IPv6 (KA-1, KP-2).
fn families_differ(text: &str) -> bool {
    let families: Vec<bool> = text.split(',').map(|range| range.contains(':')).collect();
    !matches!(families.as_slice(), [a, b] if a == b)
}

fn is_true<'d, N: Node<'d>>(at: &At<'_, N>, key: &str) -> bool {
    at.node.get(key).map(Node::value) == Some(Value::Bool(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_schemas_have_no_flaws_and_their_patterns_compile() {
        for (program, version, text) in Program::ALL {
            let json: serde_json::Value = serde_json::from_str(text).unwrap();
            let mut flaws = Vec::new();
            let _ = Schema::read(&json, Dialect::Json, &mut flaws);
            assert!(flaws.is_empty(), "{version}: {flaws:?}");
            let mut n_patterns = 0;
            patterns(&json, &mut |pattern| {
                n_patterns += 1;
                let read = schema::Pattern::read(pattern).unwrap();
                assert_eq!(read.error(), None, "{version}: {pattern}");
            });
            assert!(n_patterns > 5, "{version}");
            assert!(!program.schema().definitions.is_empty());
        }
    }

    fn patterns(json: &serde_json::Value, visit: &mut impl FnMut(&str)) {
        match json {
            serde_json::Value::Object(map) => {
                for (key, value) in map {
                    match value.as_str() {
                        Some(pattern) if key == "pattern" => visit(pattern),
                        _ => patterns(value, visit),
                    }
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| patterns(item, visit)),
            _ => {}
        }
    }

    #[test]
    fn a_field_may_be_written_from_its_minor_and_with_its_gate() {
        let at = |name, minor| kubelet_field(name, &Target::of(Minor::new(minor)));
        let gate = String::from("KubeletCrashLoopBackOffMax");
        assert_eq!(at("crashLoopBackOff", 34), Usable::GateOff(gate));
        assert_eq!(at("crashLoopBackOff", 35), Usable::Yes);
        assert_eq!(at("tlsCurvePreferences", 35), Usable::Since(Minor::new(36)));
        assert_eq!(at("maxPods", 33), Usable::Yes);
        assert_eq!(at("maxPod", 33), Usable::Unknown);
        assert!(describe_kubelet_field("maxPods").is_some());
    }
}
