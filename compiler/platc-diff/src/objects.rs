//! Kubernetes objects in the files of a build, and which of them two builds do not share.
//!
//! Only files that differ are read. An object is known by cluster, kind, namespace and name, whatever file
//! it lies in. Not here: what a change of one does (`pods`).
//!
//! Start with [`changes`].

use std::collections::BTreeMap;

use platc_store::{Change, Entry};
use serde_json::Value;

use crate::side::Side;

/// The annotation with the hash of an object: it changes with everything.
const HASH: &str = "platc/content-sha256";

/// What an object is known by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Key {
    pub(crate) cluster: String,
    pub(crate) kind: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

/// An object that is not what it was.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) key: Key,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

/// The objects in which two sides differ, by key; and what could not be read.
pub(crate) fn changes(sides: [&dyn Side; 2], files: &[Change<'_>]) -> (Vec<Changed>, Vec<String>) {
    let mut found: BTreeMap<Key, (Option<Value>, Option<Value>)> = BTreeMap::new();
    let mut unread = Vec::new();
    for change in files {
        let (before, after) = match *change {
            Change::Added(entry) => (None, Some(entry)),
            Change::Removed(entry) => (Some(entry), None),
            Change::Changed { before, after } => (Some(before), Some(after)),
            Change::ModeChanged { .. } | Change::Relabelled { .. } => continue,
        };
        for (side, entry, is_after) in [(sides[0], before, false), (sides[1], after, true)] {
            let Some((entry, cluster)) = entry.and_then(|entry| Some((entry, cluster_of(entry)?))) else {
                continue;
            };
            match read(side, entry) {
                Ok(objects) => {
                    for (key, object) in objects.into_iter().filter_map(|object| keyed(cluster, object)) {
                        let place = found.entry(key).or_default();
                        if is_after {
                            place.1 = Some(object);
                        } else {
                            place.0 = Some(object);
                        }
                    }
                }
                Err(reason) => unread.push(format!("{} of {}: {reason}", entry.path.as_str(), side.name())),
            }
        }
    }
    let changed = found.into_iter().filter(|(_, (before, after))| before != after);
    (changed.map(|(key, (before, after))| Changed { key, before, after }).collect(), unread)
}

/// The cluster that a file is applied to.
pub(crate) fn cluster_of(entry: &Entry) -> Option<&str> {
    let rest = entry.path.as_str().strip_prefix("clusters/")?;
    rest.split_once('/').map(|(cluster, _)| cluster)
}

/// All objects of a file.
pub(crate) fn read(side: &dyn Side, entry: &Entry) -> Result<Vec<Value>, String> {
    let bytes = side.bytes(entry)?;
    let text = String::from_utf8(bytes).map_err(|_| "it is no text".to_owned())?;
    parse(&text)
}

/// All objects of a text of YAML, as kubectl reads it; those of lists one by one.
pub(crate) fn parse(text: &str) -> Result<Vec<Value>, String> {
    let options = serde_saphyr::options! { legacy_octal_numbers: true, with_snippet: false };
    let documents: Vec<Value> =
        serde_saphyr::from_multiple_with_options(text, options).map_err(|error| error.to_string())?;
    let mut objects = Vec::new();
    for mut document in documents {
        let is_list = document.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
        match document.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) if is_list => objects.extend(items),
            _ if document.is_null() => {}
            _ => objects.push(document),
        }
    }
    Ok(objects)
}

/// An object with its key and without what follows from the rest of it.
pub(crate) fn keyed(cluster: &str, mut object: Value) -> Option<(Key, Value)> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let key = Key {
        cluster: cluster.to_owned(),
        kind: text("/kind"),
        namespace: text("/metadata/namespace"),
        name: text("/metadata/name"),
    };
    if key.kind.is_empty() || key.name.is_empty() {
        return None;
    }
    if let Some(metadata) = object.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        let annotations = metadata.get_mut("annotations").and_then(Value::as_object_mut);
        let empty = annotations.is_some_and(|annotations| {
            annotations.shift_remove(HASH);
            annotations.is_empty()
        });
        if empty {
            metadata.shift_remove("annotations");
        }
    }
    Some((key, object))
}

/// Nodes of a cluster, with their labels: what a DaemonSet's pods are counted by.
pub(crate) fn nodes(side: &dyn Side, cluster: &str) -> Vec<Value> {
    let folder = format!("clusters/{cluster}/00-nodes/");
    let entries = side.manifest().entries().iter().filter(|entry| entry.path.as_str().starts_with(&folder));
    entries.filter_map(|entry| read(side, entry).ok()).flatten().collect()
}
