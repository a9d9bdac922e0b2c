//! The canonical layout, of a whole file or of what is selected. Only what changes is sent.
//!
//! Start with [`whole`] and [`range`].

use lsp_types::{DocumentFormattingParams, DocumentRangeFormattingParams, TextEdit};
use platc_diag::Span;
use platc_syntax::fmt;

use crate::desk::{Desk, Spot};
use crate::handlers::Fault;

/// `textDocument/formatting`.
pub(crate) fn whole(
    desk: &Desk<'_>,
    params: &DocumentFormattingParams,
) -> Result<Option<Vec<TextEdit>>, Fault> {
    let Some(spot) = desk.spot(&params.text_document.uri, lsp_types::Position::default()) else {
        return Ok(None);
    };
    let after = fmt::format(spot.tree());
    Ok(Some(edits(&spot, spot.tree().text(), &after)))
}

/// `textDocument/rangeFormatting`.
pub(crate) fn range(
    desk: &Desk<'_>,
    params: &DocumentRangeFormattingParams,
) -> Result<Option<Vec<TextEdit>>, Fault> {
    let Some(spot) = desk.spot(&params.text_document.uri, params.range.start) else { return Ok(None) };
    let end = spot.known.text_of(spot.file()).offset(params.range.end, spot.encoding);
    let (start, end) = (spot.offset.min(end), spot.offset.max(end));
    let edit = fmt::format_range(spot.tree(), start..end);
    let edits = edit.map(|edit| TextEdit { range: spot.range(edit.span), new_text: edit.text });
    Ok(Some(edits.into_iter().collect()))
}

/// One edit for the lines between what stays at the beginning and at the end: the cursor outside stays.
fn edits(spot: &Spot, before: &str, after: &str) -> Vec<TextEdit> {
    if before == after {
        return Vec::new();
    }
    let (old, new): (Vec<&str>, Vec<&str>) =
        (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (old.get(same..).unwrap_or(&[]), new.get(same..).unwrap_or(&[]));
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let length = |lines: &[&str]| lines.iter().map(|line| line.len()).sum::<usize>();
    let kept = old.get(..same).map_or(0, length);
    let end = before.len() - old_rest.get(old_rest.len() - tail..).map_or(0, length);
    let text = new_rest.get(..new_rest.len() - tail).unwrap_or(&[]).concat();
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let span = Span::new(spot.file(), offset(kept), offset(end));
    vec![TextEdit { range: spot.range(span), new_text: text }]
}
