//! Lines above declarations: where it runs, what it needs, and the way to what it becomes.
//!
//! Start with [`lenses`].

use lsp_types::{CodeLens, CodeLensParams, Command};
use serde_json::json;

use crate::desk::Desk;
use crate::features::plan::lenses_of;
use crate::handlers::Fault;

/// The command that shows the artifacts of a place; clients that say `showArtifacts` have it.
pub(crate) const SHOW: &str = "platc.showArtifacts";

/// `textDocument/codeLens`.
pub(crate) fn lenses(desk: &Desk<'_>, params: &CodeLensParams) -> Result<Option<Vec<CodeLens>>, Fault> {
    let uri = &params.text_document.uri;
    let Some(spot) = desk.spot(uri, lsp_types::Position::default()) else { return Ok(None) };
    let mut found: Vec<(u32, CodeLens)> = Vec::new();
    for (name, title) in lenses_of(&spot.known, spot.file()) {
        let range = spot.range(name);
        // Clients draw a command of an empty name as text.
        let command = if desk.client().shows_artifacts { SHOW } else { "" };
        let arguments = Some(vec![json!(uri), json!(range.start)]);
        let command = Command { title, command: command.to_owned(), arguments };
        found.push((name.start, CodeLens { range, command: Some(command), data: None }));
    }
    found.sort_by_key(|(at, _)| *at);
    Ok(Some(found.into_iter().map(|(_, lens)| lens).collect()))
}
