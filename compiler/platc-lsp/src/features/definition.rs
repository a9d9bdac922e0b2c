//! From a use to its meaning, into the standard library, too.
//!
//! Start with [`definition`].

use lsp_types::{GotoDefinitionParams, GotoDefinitionResponse, LocationLink};
use platc_diag::Span;
use platc_syntax::Place;

use crate::desk::{Desk, Spot};
use crate::handlers::Fault;
use crate::sense::Wants;

/// `textDocument/definition`.
pub(crate) fn definition(
    desk: &Desk<'_>,
    params: &GotoDefinitionParams,
) -> Result<Option<GotoDefinitionResponse>, Fault> {
    let at = &params.text_document_position_params;
    let Some(spot) = desk.spot(&at.text_document.uri, at.position) else { return Ok(None) };
    Ok(link_of_symbol(desk, &spot).or_else(|| link_of_path(desk, &spot)))
}

fn link_of_symbol(desk: &Desk<'_>, spot: &Spot) -> Option<GotoDefinitionResponse> {
    let found = spot.known.occurrence_at(spot.source, spot.offset)?;
    let name = spot.known.declared(&found.symbol)?;
    let whole = spot.known.declared_whole(&found.symbol).unwrap_or(name);
    response(desk, spot, found.span, name, whole)
}

/// `import "../common"` leads to a file of the library, `config from="x.yaml"` to that file.
fn link_of_path(desk: &Desk<'_>, spot: &Spot) -> Option<GotoDefinitionResponse> {
    let Place::Value { node, entry, value } = spot.tree().place_at(spot.offset) else { return None };
    let at = spot.at(node);
    let sense = spot.known.sense(at);
    let expected = spot.known.expected(&sense, at, entry);
    if expected.wants == Wants::Path {
        let mut units = spot.known.analysis.project.units.iter().zip(0_u32..);
        let (_, unit) = units.find(|(unit, _)| unit.imports.contains(&at.id()))?;
        let symbol = crate::symbol::Symbol::Library(platc_sema::project::UnitId(unit));
        let target = spot.known.declared(&symbol)?;
        return response(desk, spot, value.span(), target, target);
    }
    let target = super::links::file_of(desk, spot, value)?;
    let uri = crate::uri::of_path(&target)?;
    let start = lsp_types::Range::default();
    Some(GotoDefinitionResponse::Scalar(lsp_types::Location { uri, range: start }))
}

fn response(
    desk: &Desk<'_>,
    spot: &Spot,
    from: Span,
    name: Span,
    whole: Span,
) -> Option<GotoDefinitionResponse> {
    let target = desk.location(&spot.known, name)?;
    if !desk.client().definition_links {
        return Some(GotoDefinitionResponse::Scalar(target));
    }
    let whole = if whole.file == name.file { whole.to(name) } else { name };
    Some(GotoDefinitionResponse::Link(vec![LocationLink {
        origin_selection_range: Some(spot.range(from)),
        target_uri: target.uri,
        target_range: desk.range(&spot.known, whole),
        target_selection_range: target.range,
    }]))
}
