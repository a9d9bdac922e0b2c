//! Decisions of the plan beside the declarations that they are about.
//!
//! Start with [`hints`].

use lsp_types::{
    InlayHint, InlayHintKind, InlayHintLabel, InlayHintParams, InlayHintTooltip, MarkupContent, MarkupKind,
};

use crate::desk::Desk;
use crate::features::plan::hints_of;
use crate::handlers::Fault;

/// `textDocument/inlayHint`.
pub(crate) fn hints(desk: &Desk<'_>, params: &InlayHintParams) -> Result<Option<Vec<InlayHint>>, Fault> {
    let Some(spot) = desk.spot(&params.text_document.uri, params.range.start) else { return Ok(None) };
    let end = spot.known.text_of(spot.file()).offset(params.range.end, spot.encoding);
    let mut found: Vec<(u32, InlayHint)> = Vec::new();
    for hint in hints_of(&spot.known, spot.file()) {
        let Some(node) = spot.tree().node_at(hint.name.start) else { continue };
        let at = node.header_span();
        if at.end < spot.offset || at.end > end {
            continue;
        }
        let place = spot.range(platc_diag::Span { start: at.end, ..at }).start;
        let tooltip = MarkupContent { kind: MarkupKind::Markdown, value: hint.more };
        found.push((
            at.end,
            InlayHint {
                position: place,
                label: InlayHintLabel::String(hint.text),
                kind: Some(InlayHintKind::TYPE),
                text_edits: None,
                tooltip: Some(InlayHintTooltip::MarkupContent(tooltip)),
                padding_left: Some(true),
                padding_right: None,
                data: None,
            },
        ));
    }
    found.sort_by_key(|(at, _)| *at);
    Ok(Some(found.into_iter().map(|(_, hint)| hint).collect()))
}
