//! Files that declarations name: topologies of hosts, files that are put into pods or clusters as they are.
//!
//! Not here: files that are read for what is in them while values are checked (schemas, configs). Start with
//! [`read`].

use std::collections::BTreeMap;
use std::sync::Arc;

use platc_diag::{FileId, Problems, Sourced};
use platc_model::{Record, Text, Value};

use super::ByItem;
use crate::cx::Cx;
use crate::errors;
use crate::item::Item;

/// Texts by the file that names them and the path in it.
type Found = BTreeMap<(FileId, Text), (FileId, Arc<str>)>;

/// What was read.
#[derive(Clone, Default, Debug)]
pub(super) struct Named {
    /// Files with the CPUs of hosts.
    pub(super) topologies: Found,
    /// Files of programs, and manifests.
    pub(super) assets: Found,
}

/// Reads all of them. One that cannot be read is said once for each place that names it.
pub(super) fn read(cx: Cx<'_>, by_item: &ByItem, problems: &mut Problems) -> Named {
    let mut named = Named::default();
    let records = |kind: &'static str| {
        let of_item = |(id, item)| by_item.of(id).iter().map(move |settled| (item, &settled.record));
        cx.items.of_kind(kind).flat_map(of_item).collect::<Vec<(&Item, &Arc<Record>)>>()
    };
    for (item, record) in records("host") {
        let path = slot(cx, record, "topology");
        one(cx, item, path, &mut named.topologies, problems);
    }
    for kind in ["service", "daemon", "job", "cron"] {
        for (item, record) in records(kind) {
            for file in slot(cx, record, "file").into_iter().flat_map(|files| files.list()) {
                let path = file.value.record().and_then(|file| slot(cx, file, "from"));
                one(cx, item, path, &mut named.assets, problems);
            }
        }
    }
    for (item, record) in records("raw") {
        one(cx, item, slot(cx, record, "from"), &mut named.assets, problems);
    }
    named
}

fn slot<'r>(cx: Cx<'_>, record: &'r Record, field: &str) -> Option<&'r Sourced<Value>> {
    let (at, _) = cx.types.record(record.ty).field(field)?;
    record.slots.get(at)?.as_ref()
}

fn one(cx: Cx<'_>, item: &Item, path: Option<&Sourced<Value>>, found: &mut Found, problems: &mut Problems) {
    // A key of a secret is no path.
    let Some((Value::Text(text), Some(span))) = path.map(|path| (&path.value, path.origin.span())) else {
        return;
    };
    let key = (span.file, Text::clone(text));
    if found.contains_key(&key) {
        return;
    }
    match cx.assets.text(span.file, text) {
        Ok(file) => drop(found.insert(key, file)),
        Err(reason) => {
            let problem = errors::asset_unreadable(span, text, &reason);
            if !problems.iter().any(|known| known.span() == span && known.message() == problem.message()) {
                problems.push(problem.about(Text::clone(&item.name)));
            }
        }
    }
}
