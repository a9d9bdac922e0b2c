//! The order in which objects are applied: step after step, and whatever an object needs is there before it.
//!
//! Not here: the steps themselves (`platc-emit/src/k8s.rs`). Start with [`rank`].

use std::path::Path;

use platc_driver::analysis::{AnalysisOptions, analyse};
use platc_driver::world::Memory;

use crate::manifests::{examples, manifests};

/// Where a kind stands in the order; an object needs only what stands before it. `None` for what nobody knows.
fn rank(kind: &str) -> Option<usize> {
    const ORDER: [&[&str]; 9] = [
        &["Node"],
        &["Namespace", "PriorityClass"],
        &["CustomResourceDefinition"],
        &["ServiceAccount"],
        &["ConfigMap", "LimitRange", "ResourceQuota", "Role", "ClusterRole"],
        &["RoleBinding", "ClusterRoleBinding"],
        &["NetworkPolicy", "PodDisruptionBudget", "Service"],
        &["CronJob", "DaemonSet", "Deployment", "Job", "StatefulSet"],
        &["HorizontalPodAutoscaler"],
    ];
    ORDER.iter().position(|kinds| kinds.contains(&kind))
}

/// An object by what its file says of it.
#[derive(Clone, Debug)]
struct Known {
    path: String,
    kind: String,
    api: String,
    name: String,
    namespace: Option<String>,
}

impl Known {
    fn all(path: &str, text: &str) -> Vec<Self> {
        let of = |doc: &str| {
            let top = |key: &str| {
                let line = doc.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))?;
                Some(line.trim_matches('"').to_owned())
            };
            let metadata = doc.split_once("\nmetadata:\n").expect("metadata").1;
            let own = |key: &str| {
                let lines = metadata.lines().take_while(|line| line.starts_with(' '));
                let mut values =
                    lines.filter_map(|line| line.strip_prefix("  ")?.strip_prefix(key)?.strip_prefix(": "));
                values.next().map(|value| value.trim_matches('"').to_owned())
            };
            Self {
                path: path.to_owned(),
                kind: top("kind").expect("a kind"),
                api: top("apiVersion").expect("a version"),
                name: own("name").expect("a name"),
                namespace: own("namespace"),
            }
        };
        text.split("\n---\n").map(of).collect()
    }
}

fn check(name: &str, files: &[(String, String)]) -> Vec<Known> {
    let mut sorted: Vec<&(String, String)> = files.iter().collect();
    sorted.sort();
    let all: Vec<Known> = sorted.iter().flat_map(|(path, text)| Known::all(path, text)).collect();
    for (nth, object) in all.iter().enumerate() {
        let cluster = |other: &Known| other.path.split('/').nth(1) == object.path.split('/').nth(1);
        let (before, after) = (all.get(..nth).unwrap_or_default(), all.get(nth + 1..).unwrap_or_default());
        if let Some(namespace) = &object.namespace
            && !namespace.starts_with("kube-")
        {
            let is_there =
                |other: &Known| cluster(other) && other.kind == "Namespace" && other.name == *namespace;
            assert!(before.iter().any(is_there), "{name}: {object:?} has no namespace yet");
        }
        let Some(own) = rank(&object.kind) else { continue };
        // Within a thing of one name; what belongs to others is none of its business.
        let related = |other: &&Known| {
            cluster(other) && other.namespace == object.namespace && other.name == object.name
        };
        for other in after.iter().filter(related) {
            let theirs = rank(&other.kind).unwrap_or(own);
            assert!(own <= theirs, "{name}: {object:?} comes before {other:?}");
        }
    }
    for object in &all {
        let defined = |other: &Known| {
            other.kind == "CustomResourceDefinition"
                && object
                    .api
                    .split_once('/')
                    .is_some_and(|(group, _)| other.name.ends_with(&format!(".{group}")))
        };
        for definition in all.iter().filter(|other| defined(other)) {
            let step = |own: &Known| own.path.split('/').nth(2).map(str::to_owned);
            assert!(step(definition) < step(object), "{name}: {object:?} is in the step of its definition");
        }
    }
    all
}

#[test]
fn what_an_object_needs_is_there_before_it() {
    for (name, analysis) in examples() {
        let all = check(name, &manifests(&analysis));
        assert!(all.len() > 20, "{name}: {} objects", all.len());
    }
}

#[test]
fn each_kind_has_its_place() {
    let mut world = Memory::default();
    world.insert(
        "p/platform.kdl",
        format!("{}{}", include_str!("../base.kdl"), include_str!("workloads.kdl")),
    );
    world.insert("p/tools.yaml", include_str!("tools.yaml"));
    world.insert("p/shop.txt", "a file of the program");
    let analysis = analyse(&world, Path::new("p"), AnalysisOptions::default());
    let all = check("workloads", &manifests(&analysis));
    for (kind, step) in [
        ("Node", "00-nodes"),
        ("PriorityClass", "20-namespaces"),
        ("Namespace", "20-namespaces"),
        ("ResourceQuota", "20-namespaces"),
        ("LimitRange", "20-namespaces"),
        ("Role", "20-namespaces"),
        ("RoleBinding", "20-namespaces"),
        ("CustomResourceDefinition", "22-definitions"),
        ("Backup", "25-raw"),
        ("ServiceAccount", "30-services"),
        ("ConfigMap", "30-services"),
        ("Service", "30-services"),
        ("PodDisruptionBudget", "30-services"),
        ("NetworkPolicy", "30-services"),
        ("Job", "35-jobs"),
        ("Deployment", "40-workloads"),
        ("HorizontalPodAutoscaler", "40-workloads"),
        ("StatefulSet", "40-workloads"),
        ("CronJob", "40-workloads"),
        ("DaemonSet", "50-proxies"),
    ] {
        let steps: Vec<&str> =
            all.iter().filter(|own| own.kind == kind).filter_map(|own| own.path.split('/').nth(2)).collect();
        assert!(steps.contains(&step), "{kind} is in {steps:?}, not in {step}");
    }
}
