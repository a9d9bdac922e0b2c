//! Lines that can be folded away.
//!
//! Start with [`folding`].

use lsp_types::{FoldingRange, FoldingRangeKind, FoldingRangeParams};
use platc_syntax::FoldKind;

use crate::desk::Desk;
use crate::handlers::Fault;

/// `textDocument/foldingRange`.
pub(crate) fn folding(
    desk: &Desk<'_>,
    params: &FoldingRangeParams,
) -> Result<Option<Vec<FoldingRange>>, Fault> {
    let Some(spot) = desk.spot(&params.text_document.uri, lsp_types::Position::default()) else {
        return Ok(None);
    };
    let folds = spot.tree().folds().into_iter().map(|fold| {
        let range = spot.range(fold.span);
        FoldingRange {
            start_line: range.start.line,
            start_character: Some(range.start.character),
            end_line: range.end.line,
            end_character: Some(range.end.character),
            kind: (fold.kind == FoldKind::Comment).then_some(FoldingRangeKind::Comment),
            collapsed_text: None,
        }
    });
    Ok(Some(folds.collect()))
}
