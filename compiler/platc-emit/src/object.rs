//! Kubernetes objects: what all of them have, and how amounts are spelled there.
//!
//! Not here: any one kind of object (`k8s/`, `cluster/`), and what Kubernetes accepts (`platc-kube`).
//!
//! Start with [`Object`].

use std::borrow::Cow;

use platc_artifact::{Artifact, ContentHash, Format, Map};
use platc_diag::{Origin, Sourced};
use platc_model::Value;
use platc_model::scalar::Bytes;
use platc_model::types::Types;

/// Label that says whose pods they are. Selectors are made of it, so it never changes.
pub(crate) const NAME: &str = "app.kubernetes.io/name";
/// Label of everything that platc writes.
const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "platc");
/// Annotation with the SHA-256 of the object.
const CONTENT: &str = "platc/content-sha256";

/// The kind of artifact that all files of objects are.
pub(crate) const OBJECTS: &str = "kubernetes-objects";

/// An object before its fields.
#[derive(Clone, Debug)]
pub(crate) struct Object<'a> {
    api_version: &'static str,
    kind: &'static str,
    name: Cow<'a, str>,
    namespace: Option<&'a str>,
    labels: Vec<(&'static str, Cow<'a, str>)>,
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
        let labels = vec![(MANAGED_BY.0, MANAGED_BY.1.into())];
        Self { api_version, kind, name: name.into(), namespace: None, labels, origin }
    }

    /// The same in a namespace.
    pub(crate) fn within(self, namespace: &'a str) -> Self {
        Self { namespace: Some(namespace), ..self }
    }

    /// The same with a label.
    pub(crate) fn label(mut self, key: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        self.labels.push((key, value.into()));
        self.labels.sort_by_key(|(key, _)| *key);
        self
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
        scalar => slot.put(platc_artifact::Shown(scalar)),
    });
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
