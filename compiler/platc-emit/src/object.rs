//! Kubernetes objects: what all of them have, and the check that each of them goes through.
//!
//! Not here: any one kind of object (`k8s/`, `cluster/`), and what Kubernetes accepts (`platc-kube`).
//!
//! Start with [`Object`].

use std::borrow::Cow;

use platc_artifact::{Artifact, ContentHash, Doc, Format, Map, Shown};
use platc_diag::{Diagnostic, Origin, Problems, Sourced, Span, codes};
use platc_kube::{Crds, Target, check_object};
use platc_model::scalar::Bytes;
use platc_model::types::Types;
use platc_model::{Text, Value};
use platc_plan::clusters::minor;
use platc_plan::{ClusterPlan, Plan};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::kube::{Checked, report};
use crate::{Emitter, Job, Subject};

/// Label that says whose pods they are. Selectors are made of it, so it never changes.
pub(crate) const NAME: &str = "app.kubernetes.io/name";
/// Label of everything that platc writes.
pub(crate) const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "platc");
/// Annotation with the SHA-256 of the object.
pub(crate) const CONTENT: &str = "platc/content-sha256";

/// The kind of artifact that all files of objects are.
pub(crate) const OBJECTS: &str = "kubernetes-objects";

/// An object before its fields.
#[derive(Clone, Debug)]
pub(crate) struct Object<'a> {
    api_version: &'static str,
    kind: &'static str,
    name: Cow<'a, str>,
    namespace: Option<&'a str>,
    labels: Vec<(Cow<'static, str>, Cow<'a, str>)>,
    origin: Origin,
}

impl<'a> Object<'a> {
    /// An object, because of what stands at `origin`.
    pub(crate) fn new(
        api_version: &'static str,
        kind: &'static str,
        name: impl Into<Cow<'a, str>>,
        origin: Origin,
    ) -> Self {
        let labels = vec![(MANAGED_BY.0.into(), MANAGED_BY.1.into())];
        Self { api_version, kind, name: name.into(), namespace: None, labels, origin }
    }

    /// The same in a namespace.
    pub(crate) fn within(self, namespace: &'a str) -> Self {
        Self { namespace: Some(namespace), ..self }
    }

    /// The same with a label.
    pub(crate) fn label(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Cow<'a, str>>) -> Self {
        self.labels.push((key.into(), value.into()));
        self.labels.sort();
        self
    }

    /// The same with labels that the author gives. None of them is one of ours: the plan sees to that.
    pub(crate) fn labels(self, said: &'a [(Text, Sourced<Text>)]) -> Self {
        said.iter().fold(self, |object, (key, value)| object.label(key.to_string(), &*value.value))
    }

    /// Writes it as the next document of `artifact`; `build` adds what comes after its metadata.
    pub(crate) fn write(self, artifact: &mut Artifact, build: impl FnOnce(&mut Map<'_>)) {
        artifact.doc(Format::Yaml).from(self.origin, |doc| {
            doc.map(|m| {
                m.put("apiVersion", self.api_version);
                m.put("kind", self.kind);
                m.map("metadata", |m| {
                    m.put("name", &self.name);
                    m.maybe("namespace", self.namespace);
                    m.pairs("labels", self.labels.iter().map(|(key, value)| (key, value)));
                    m.map("annotations", |m| m.put(CONTENT, ContentHash));
                });
                build(m);
            });
        });
    }
}

/// The priority of a static pod, as class and as number: admission, which looks the number up, may not be there
/// yet. When it is, it refuses one that is not the number of the class.
pub(crate) fn node_critical(m: &mut Map<'_>) {
    m.put("priorityClassName", "system-node-critical");
    m.put("priority", 2_000_001_000);
}

/// An amount of memory or storage as Kubernetes spells it: in the largest unit that divides it.
pub(crate) fn quantity(bytes: Bytes) -> String {
    let units = [("Gi", 1_u64 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)];
    let fits = |(_, factor): &&(&str, u64)| bytes.get() >= *factor && bytes.get().is_multiple_of(*factor);
    match units.iter().find(fits) {
        Some((unit, factor)) => format!("{}{unit}", bytes.get() / factor),
        None => bytes.get().to_string(),
    }
}

/// The same with its origin.
pub(crate) fn sized(bytes: Sourced<Bytes>) -> Sourced<String> {
    bytes.map(quantity)
}

/// A value of the language as data: numbers stay numbers, scalars with units become their text.
pub(crate) fn put_value(slot: platc_artifact::Slot<'_>, types: &Types, value: &Sourced<Value>) {
    slot.from(value.origin, |slot| match &value.value {
        Value::Null => drop(slot),
        Value::Bool(value) => slot.put(*value),
        Value::Int(value) => slot.put(*value),
        Value::Float(value) => slot.put(*value),
        Value::Port(value) => slot.put(*value),
        Value::List(values) => {
            slot.seq(|s| values.iter().for_each(|value| put_value(s.slot(), types, value)));
        }
        Value::Map(entries) => {
            slot.map(|m| entries.iter().for_each(|(key, value)| put_value(m.slot(key), types, value)));
        }
        Value::Record(record) => slot.map(|m| {
            let fields = types.record(record.ty).fields.iter().zip(&record.slots);
            for (field, value) in fields.filter_map(|(field, slot)| Some((field, slot.as_ref()?))) {
                put_value(m.slot(&field.name), types, value);
            }
        }),
        scalar => slot.put(Shown(scalar)),
    });
}

/// What is known before the objects of an emitter are checked.
#[derive(Clone, Copy, Default)]
pub(crate) struct Known<'k> {
    /// The kinds that each cluster has been taught; or nothing.
    pub(crate) taught: &'k [Crds],
    /// The most bytes that objects of each workload embed, configs and bootstraps; or nothing.
    pub(crate) embedded: &'k [usize],
}

/// Writes every file of objects that `emitter` has and checks each object against the tables of the minor
/// that its cluster runs. Findings stand at the lines that the values come from.
pub(crate) fn check_all(emitter: &dyn Emitter, plan: &Plan, known: Known<'_>, problems: &mut Problems) {
    let jobs = emitter.jobs(plan);
    let found: Vec<Problems> = jobs
        .par_iter()
        .map_init(Artifact::new, |artifact, job| {
            let mut own = Problems::new();
            check_job(emitter, plan, known, job, artifact, &mut own);
            own
        })
        .collect();
    for problem in found.into_iter().flatten() {
        add(problem, problems);
    }
}

fn check_job(
    emitter: &dyn Emitter,
    plan: &Plan,
    known: Known<'_>,
    job: &Job,
    artifact: &mut Artifact,
    problems: &mut Problems,
) {
    let own = |(_, cluster): &(usize, &ClusterPlan)| job.target.name() == Some(&*cluster.name);
    let Some((nth, cluster)) = plan.clusters.values().enumerate().find(own) else { return };
    if job.kind != OBJECTS {
        return;
    }
    written(emitter, plan, known, job, artifact);
    let target = Target { crds: known.taught.get(nth), ..Target::of(minor(cluster.version.value)) };
    let about = job.subject.name(plan);
    for doc in artifact.docs() {
        let mut findings = Vec::new();
        if let Some(root) = doc.root() {
            check_object(Checked(root), &target, &mut findings);
        }
        report(doc, findings, cluster.span, about, problems);
        problems.extend(large(doc, cluster.span, about));
    }
}

/// Writes a job for who looks at objects. What they embed, the config of a program and the bootstrap of its Envoy, is
/// more than all else of them and text to Kubernetes, so it is left out where it matters to no size either.
fn written(emitter: &dyn Emitter, plan: &Plan, known: Known<'_>, job: &Job, artifact: &mut Artifact) {
    let begin = |artifact: &mut Artifact| artifact.begin(job.path.clone(), job.kind, job.target.clone());
    if let Subject::Workload(nth) = job.subject {
        begin(artifact);
        artifact.outline();
        emitter.emit(plan, job, artifact);
        let embeds_little = || known.embedded.get(nth).is_some_and(|bytes| *bytes <= NOT_LARGE / 2);
        let is_small = |doc: &Doc| doc.size_hint() <= NOT_LARGE / 2;
        if !artifact.docs().iter().any(Doc::is_outline)
            || artifact.docs().iter().all(is_small) && embeds_little()
        {
            return;
        }
    }
    begin(artifact);
    emitter.emit(plan, job, artifact);
}

/// What etcd takes in one request.
const REQUEST_BYTES: usize = 3 << 19;
/// All annotations of an object: a client that applies by itself keeps a copy of the object in one. And each
/// revision and each pod repeats the template of a workload, so there it is much in any case.
const COPY_BYTES: usize = 256 << 10;
/// Bytes of an object that is far from any limit.
const NOT_LARGE: usize = COPY_BYTES / 4 * 3;
/// What the template of pods is in.
const TEMPLATES: [&str; 5] = ["CronJob", "DaemonSet", "Deployment", "Job", "StatefulSet"];

/// An object that is too large, or grows to be.
fn large(doc: &Doc, otherwise: Span, about: &str) -> Option<Diagnostic> {
    if doc.size_hint() <= NOT_LARGE {
        return None;
    }
    let mut out = Vec::new();
    // What cannot be printed is refused when it is.
    let _ = doc.print(Format::Yaml, &mut out);
    let bytes = out.len();
    let kind = doc.root().and_then(|root| match root.entry("kind")?.value() {
        platc_artifact::Value::Text(kind) => Some(kind),
        _ => None,
    });
    let kind = kind.unwrap_or("object");
    let span = doc.origin_at("/metadata").span().unwrap_or(otherwise);
    let problem = if bytes > REQUEST_BYTES {
        let message = format!("this {kind} has {bytes} bytes, and etcd takes {REQUEST_BYTES} at once");
        Diagnostic::new(codes::E0614, span, message).help("split it")
    } else if bytes > REQUEST_BYTES / 4 * 3 {
        let message = format!(
            "this {kind} has {bytes} bytes, more than three quarters of the {REQUEST_BYTES} that etcd takes"
        );
        Diagnostic::new(codes::E0611, span, message).help("split it before it grows over the limit")
    } else if bytes > NOT_LARGE && TEMPLATES.contains(&kind) {
        let message = format!(
            "this {kind} has {bytes} bytes, more than three quarters of the {COPY_BYTES} that a client-side \
             `kubectl apply` can keep"
        );
        Diagnostic::new(codes::E0611, span, message)
            .help("put the large part into a file of its own with `file`")
            .note("each of its revisions, and each of its pods, is as large")
    } else {
        return None;
    };
    Some(problem.about(about))
}

/// One mistake is said once, however many objects have it: variants, clusters.
pub(crate) fn add(problem: Diagnostic, problems: &mut Problems) {
    let known = |other: &Diagnostic| {
        other.code() == problem.code()
            && other.span() == problem.span()
            && other.message() == problem.message()
    };
    if !problems.iter().any(known) {
        problems.push(problem);
    }
}

/// Eight digits of the SHA-256 of what `build` makes: for names of what cannot be changed once it is there.
pub(crate) fn short_hash(build: impl FnOnce(&mut Map<'_>)) -> String {
    let mut doc = Doc::new();
    doc.map(build);
    let mut bytes = Vec::new();
    // What cannot be printed is refused when the object itself is.
    let _ = doc.print(Format::Yaml, &mut bytes);
    Sha256::digest(&bytes).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_has_the_largest_unit_that_divides_it() {
        let cases =
            [(0, "0"), (1, "1"), (1024, "1Ki"), (1 << 30, "1Gi"), (1096 << 20, "1096Mi"), (1500, "1500")];
        for (bytes, text) in cases {
            assert_eq!(quantity(Bytes::new(bytes)), text);
        }
    }
}
