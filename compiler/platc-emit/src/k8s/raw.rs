//! Objects that the language has no word for. They pass as they are, with the labels of all others.
//!
//! Start with [`write`]; [`crds`] is what they teach a cluster.

use platc_artifact::{Artifact, ContentHash, Doc, Format, Map};
use platc_diag::{Problems, Sourced};
use platc_kube::Crds;
use platc_model::generated::{Cluster, Raw, RawObject};
use platc_model::types::Types;
use platc_model::{Id, Text, Value};
use platc_plan::Plan;

use crate::kube::{Checked, report};
use crate::object::{CONTENT, MANAGED_BY, put_value};

/// Objects of one `raw` at a cluster, in the order in which they are written.
pub(super) fn write(plan: &Plan, raw: Id<Raw>, cluster: Id<Cluster>, artifact: &mut Artifact) {
    let Some(at) = plan.model.raws.at(raw).at(cluster) else { return };
    for object in &at.value.object {
        build(artifact.doc(Format::Yaml), &plan.model.types, object);
    }
}

/// The kinds that raw objects teach a cluster.
pub(crate) fn crds(plan: &Plan, cluster: Id<Cluster>, problems: &mut Problems) -> Crds {
    let mut crds = Crds::new();
    for raw in plan.model.raws.values() {
        let objects = raw.at(cluster).map_or(&[][..], |at| &at.value.object);
        for object in objects.iter().filter(|object| kind(object) == Some("CustomResourceDefinition")) {
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

fn kind(object: &RawObject) -> Option<&str> {
    let (_, value) = entries(&object.value).iter().find(|(key, _)| **key == *"kind")?;
    value.value.text().map(|text| &**text)
}

fn entries(value: &Value) -> &[(Text, Sourced<Value>)] {
    match value {
        Value::Map(entries) => entries,
        _ => &[],
    }
}

fn build(doc: &mut Doc, types: &Types, object: &Sourced<RawObject>) {
    doc.from(object.origin, |doc| {
        doc.map(|m| {
            for (key, value) in entries(&object.value.value) {
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
