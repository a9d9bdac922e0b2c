//! Values that name files and directories, as links.
//!
//! Start with [`links`].

use std::path::PathBuf;

use lsp_types::{DocumentLink, DocumentLinkParams};
use platc_driver::world::normal;
use platc_model::scalar::Scalar;
use platc_model::types::Type;
use platc_sema::project::UnitId;
use platc_syntax::Value;

use crate::desk::{Desk, Spot};
use crate::handlers::Fault;
use crate::sense::Wants;
use crate::symbol::Symbol;
use crate::uri;

/// `textDocument/documentLink`.
pub(crate) fn links(
    desk: &Desk<'_>,
    params: &DocumentLinkParams,
) -> Result<Option<Vec<DocumentLink>>, Fault> {
    let Some(spot) = desk.spot(&params.text_document.uri, lsp_types::Position::default()) else {
        return Ok(None);
    };
    let mut found = Vec::new();
    for node in spot.tree().all_nodes() {
        let at = spot.at(node);
        let mut sense = None;
        for entry in node.entries() {
            let value = entry.value();
            if value.text().is_none_or(|text| text.is_empty()) {
                continue;
            }
            let sense = sense.get_or_insert_with(|| spot.known.sense(at));
            let wants = spot.known.expected(sense, at, entry).wants;
            let target = match &wants {
                Wants::Path => library(desk, &spot, at.id()),
                wants if names_a_file(wants) => {
                    file_of(desk, &spot, value).and_then(|path| uri::of_path(&path))
                }
                _ => None,
            };
            if let Some(target) = target {
                found.push(DocumentLink {
                    range: spot.range(value.source_map().span()),
                    target: Some(target),
                    tooltip: None,
                    data: None,
                });
            }
        }
    }
    Ok(Some(found))
}

/// The first file of the library that an `import` brings in.
fn library(desk: &Desk<'_>, spot: &Spot, import: platc_sema::project::NodeAt) -> Option<lsp_types::Uri> {
    let mut units = spot.known.analysis.project.units.iter().zip(0_u32..);
    let (_, unit) = units.find(|(unit, _)| unit.imports.contains(&import))?;
    let span = spot.known.declared(&Symbol::Library(UnitId(unit)))?;
    desk.uri_of(&spot.known, span.file)
}

/// The file that a value names, if there is one. Paths are from the file that names them.
pub(crate) fn file_of(desk: &Desk<'_>, spot: &Spot, value: Value<'_>) -> Option<PathBuf> {
    let text = value.text()?;
    let from = spot.known.path_of(spot.file())?;
    let path = normal(&from.parent()?.join(&*text));
    desk.is_file(&path).then_some(path)
}

fn names_a_file(wants: &Wants) -> bool {
    let path = |ty: &Type| matches!(ty, Type::Scalar(Scalar::Path | Scalar::String));
    match wants {
        Wants::Value(Type::Union(types)) => types.iter().any(path),
        Wants::Value(ty) => path(ty),
        _ => false,
    }
}
