//! Objects that the language has no word for. They pass as they are, with the labels of all others.
//!
//! Start with [`write`]; [`check`] gives what they teach clusters.

use platc_artifact::{Artifact, ContentHash, Doc, Format, Map};
use platc_diag::{Diagnostic, Origin, Problems, Sourced, Span, codes};
use platc_kube::Crds;
use platc_model::generated::{Cluster, Raw};
use platc_model::types::Types;
use platc_model::{Id, Text, Value};
use platc_plan::Plan;

use crate::kube::{Checked, report};
use crate::object::{CONTENT, MANAGED_BY, add, put_value};

/// Which objects of a `raw`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Share {
    /// Those that teach a cluster new kinds. They go first: nobody takes an object of a kind before that.
    Definitions,
    /// All others.
    Rest,
}

impl Share {
    fn has(self, object: &Value) -> bool {
        (kind(object) == Some(DEFINITION)) == (self == Self::Definitions)
    }
}

/// A kind of kinds.
const DEFINITION: &str = "CustomResourceDefinition";

/// Objects of one `raw` at a cluster: those that are written, then those of its file.
pub(super) fn write(
    plan: &Plan,
    raw: Id<Raw>,
    (cluster, share): (Id<Cluster>, Share),
    artifact: &mut Artifact,
) {
    let Some(at) = plan.model.raws.at(raw).at(cluster) else { return };
    for object in objects(plan, &at.value, &mut Vec::new()).iter().filter(|object| share.has(object)) {
        build(artifact.doc(Format::Yaml), &plan.model.types, object);
    }
}

/// Whether a `raw` has such objects at a cluster.
pub(super) fn has(plan: &Plan, raw: Id<Raw>, cluster: Id<Cluster>, share: Share) -> bool {
    let at = plan.model.raws.at(raw).at(cluster);
    at.is_some_and(|at| objects(plan, &at.value, &mut Vec::new()).iter().any(|object| share.has(object)))
}

/// Whether an object of that kind and name is applied to a cluster.
pub(super) fn brings(plan: &Plan, cluster: Id<Cluster>, wanted: &str, name: &str) -> bool {
    let named = |object: &Value| {
        let metadata = entries(object).iter().find(|(key, _)| **key == *"metadata");
        let said = metadata.and_then(|(_, own)| entries(own).iter().find(|(key, _)| **key == *"name"));
        said.and_then(|(_, own)| own.value.text()).is_some_and(|own| **own == *name)
    };
    plan.model.raws.values().filter_map(|raw| raw.at(cluster)).any(|at| {
        let objects = objects(plan, &at.value, &mut Vec::new());
        objects.iter().any(|object| kind(object) == Some(wanted) && named(object))
    })
}

/// Reports files that are no manifests, and CRDs that teach nothing. Gives what clusters are taught.
pub(super) fn check(plan: &Plan, problems: &mut Problems) -> Vec<Crds> {
    let taught = plan.clusters.ids().map(|cluster| {
        let mut found = Problems::new();
        for raw in plan.model.raws.values() {
            let mut own = Vec::new();
            if let Some(at) = raw.at(cluster) {
                objects(plan, &at.value, &mut own);
            }
            found.extend(own.into_iter().map(|problem| problem.about(Text::clone(&raw.head.name))));
        }
        let crds = crds(plan, cluster, &mut found);
        found.into_iter().for_each(|problem| add(problem, problems));
        crds
    });
    taught.collect()
}

/// The kinds that raw objects teach a cluster.
fn crds(plan: &Plan, cluster: Id<Cluster>, problems: &mut Problems) -> Crds {
    let mut crds = Crds::new();
    for raw in plan.model.raws.values() {
        let Some(at) = raw.at(cluster) else { continue };
        let objects = objects(plan, &at.value, &mut Vec::new());
        for object in objects.iter().filter(|object| kind(object) == Some(DEFINITION)) {
            let mut doc = Doc::new();
            build(&mut doc, &plan.model.types, object);
            let mut findings = Vec::new();
            if let Some(root) = doc.root() {
                crds.add(Checked(root), &mut findings);
            }
            report(&doc, findings, raw.head.span, &raw.head.name, problems);
        }
    }
    crds
}

/// All objects of a `raw`. What is wrong with its file goes to `problems`.
fn objects(plan: &Plan, raw: &Raw, problems: &mut Vec<Diagnostic>) -> Vec<Sourced<Value>> {
    let written = raw.object.iter().map(|object| object.origin.of(object.value.value.value.clone()));
    let mut objects: Vec<Sourced<Value>> = written.collect();
    // A file that cannot be read was reported.
    let Some((path, (file, text))) = raw.from.as_ref().and_then(|path| Some((path, plan.model.asset(path)?)))
    else {
        return objects;
    };
    match read(text) {
        Ok(documents) => {
            for document in documents {
                if document.is_object() {
                    objects.push(value(&document, path.origin));
                } else {
                    let span = path.origin.span().unwrap_or(Span::start_of(file));
                    problems.push(
                        Diagnostic::new(
                            codes::E0640,
                            span,
                            format!("a document of `{}` is no object", path.value),
                        )
                        .help("an object has `apiVersion`, `kind` and `metadata`"),
                    );
                }
            }
        }
        Err(error) => {
            let (at, end) = place(text, &error);
            let why = error.without_snippet().to_string();
            let why = why.lines().next().unwrap_or_default();
            let why = why.split(" at line ").next().unwrap_or_default();
            problems.push(
                Diagnostic::new(
                    codes::E0640,
                    Span::new(file, at, end),
                    format!("`{}` is no YAML: {why}", path.value),
                )
                .help("`kubectl apply --dry-run=client -f` says the same of it"),
            );
        }
    }
    objects
}

/// The line of a manifest that an error is in.
fn place(text: &str, error: &serde_saphyr::Error) -> (u32, u32) {
    let wanted = error.location().map_or(1, |location| location.line());
    let mut start = 0;
    for (nth, line) in (1..).zip(text.split_inclusive('\n')) {
        if nth == wanted {
            let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            return (offset(start), offset(start + line.trim_end().len()));
        }
        start += line.len();
    }
    (0, 0)
}

/// The documents of a manifest, as kubectl reads them: `0644` is a mode and no decimal number.
fn read(text: &str) -> Result<Vec<serde_json::Value>, serde_saphyr::Error> {
    let options = serde_saphyr::options! { legacy_octal_numbers: true, with_snippet: false };
    serde_saphyr::from_multiple_with_options(text, options)
}

/// A value of a manifest as one of the language.
fn value(json: &serde_json::Value, origin: Origin) -> Sourced<Value> {
    use serde_json::Value as Json;
    origin.of(match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::Float(number.as_f64().unwrap_or(f64::INFINITY)),
        },
        Json::String(text) => Value::Text(text.as_str().into()),
        Json::Array(items) => Value::List(items.iter().map(|item| value(item, origin)).collect()),
        Json::Object(entries) => {
            Value::Map(entries.iter().map(|(key, item)| (key.as_str().into(), value(item, origin))).collect())
        }
    })
}

fn kind(object: &Value) -> Option<&str> {
    let (_, value) = entries(object).iter().find(|(key, _)| **key == *"kind")?;
    value.value.text().map(|text| &**text)
}

fn entries(value: &Value) -> &[(Text, Sourced<Value>)] {
    match value {
        Value::Map(entries) => entries,
        _ => &[],
    }
}

fn build(doc: &mut Doc, types: &Types, object: &Sourced<Value>) {
    doc.from(object.origin, |doc| {
        doc.map(|m| {
            for (key, value) in entries(&object.value) {
                if **key == *"metadata" && matches!(value.value, Value::Map(_)) {
                    m.from(value.origin, |m| m.map("metadata", |m| metadata(m, types, value)));
                } else {
                    put_value(m.slot(key), types, value);
                }
            }
        });
    });
}

fn metadata(m: &mut Map<'_>, types: &Types, value: &Value) {
    let is_ours = |key: &str| key == "labels" || key == "annotations";
    for (key, value) in entries(value).iter().filter(|(key, _)| !is_ours(key)) {
        put_value(m.slot(key), types, value);
    }
    let said = |name: &str| entries(value).iter().find(|(key, _)| **key == *name).map(|(_, value)| value);
    m.map("labels", |m| {
        pairs(m, types, said("labels"), MANAGED_BY.0);
        m.put(MANAGED_BY.0, MANAGED_BY.1);
    });
    m.map("annotations", |m| {
        pairs(m, types, said("annotations"), CONTENT);
        m.put(CONTENT, ContentHash);
    });
}

/// What the author says, but for the one that is ours.
fn pairs(m: &mut Map<'_>, types: &Types, said: Option<&Sourced<Value>>, ours: &str) {
    let said = said.map_or(&[][..], |said| entries(said));
    for (key, value) in said.iter().filter(|(key, _)| **key != *ours) {
        put_value(m.slot(key), types, value);
    }
}
