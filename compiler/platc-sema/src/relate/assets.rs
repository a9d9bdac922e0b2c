//! Files that declarations put into pods or clusters as they are: files of programs, and manifests.
//!
//! Not here: files that are read for what is in them (topologies, schemas). Start with [`read`].

use std::collections::BTreeMap;
use std::sync::Arc;

use platc_diag::{FileId, Problems, Sourced};
use platc_model::generated::{Declarations, PodFile};
use platc_model::{Head, Text, Value};

use crate::cx::Cx;
use crate::errors;

type Found = BTreeMap<(FileId, Text), (FileId, Arc<str>)>;

/// Reads all of them. One that cannot be read is said once for each place that names it.
pub(super) fn read(cx: Cx<'_>, declarations: &Declarations, problems: &mut Problems) -> Found {
    let mut found = Found::new();
    for (head, path) in paths(declarations) {
        let Some(span) = path.origin.span() else { continue };
        let key = (span.file, Text::clone(&path.value));
        if found.contains_key(&key) {
            continue;
        }
        match cx.assets.text(span.file, &path.value) {
            Ok(file) => {
                found.insert(key, file);
            }
            Err(reason) => {
                let problem = errors::asset_unreadable(span, &path.value, &reason);
                if !problems.iter().any(|known| known.span() == span && known.message() == problem.message())
                {
                    problems.push(problem.about(Text::clone(&head.name)));
                }
            }
        }
    }
    found
}

fn paths(declarations: &Declarations) -> Vec<(&Head, Sourced<Text>)> {
    let mut paths = Vec::new();
    macro_rules! files {
        ($($kind:ident)*) => {$(
            for item in declarations.$kind.values() {
                for file in item.at.iter().flat_map(|at| &at.value.workload.file) {
                    paths.extend(path_of(file).map(|path| (&item.head, path)));
                }
            }
        )*};
    }
    files!(services daemons jobs crons);
    for item in declarations.raws.values() {
        let named = item.at.iter().filter_map(|at| at.value.from.clone());
        paths.extend(named.map(|path| (&item.head, path)));
    }
    paths
}

fn path_of(file: &PodFile) -> Option<Sourced<Text>> {
    match &file.from.value {
        Value::Text(path) => Some(file.from.origin.of(Text::clone(path))),
        _ => None,
    }
}
