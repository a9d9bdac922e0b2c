//! The canonical layout of a file.
//!
//! Not here: any change of what a file says. Names, values, comments, their order and the way in which
//! the author wrote a text (bare, quoted, raw, over several lines) stay as they are.
//!
//! Start with [`format()`], then `fmt/print.rs`. The layout in short: four spaces a level; a declaration a
//! line; nothing is aligned; a block that was written in one line stays in one line if it fits into
//! [`WIDTH`] columns; one blank line at most, none where a block begins or ends; one line break at the end
//! of the file. What was reported as a mistake is copied byte for byte, with all that is in it.

mod print;

use std::ops::Range;

use platc_diag::{Edit, Span, limits};

use crate::chars::is_newline;
use crate::tree::{NONE, NodeFlags, Tree, index32};
use print::{Line, Printer};

/// Columns that a block in one line may reach.
pub const WIDTH: usize = 100;

/// The file in its canonical layout.
pub fn format(tree: &Tree) -> String {
    if tree.text().len() > limits::FILE_BYTES {
        return tree.text().to_owned();
    }
    let mut printer = Printer::new(tree);
    printer.items(0..index32(tree.kinds.len()), 0, Line::Empty);
    printer.finish()
}

/// Lays out only what `range` touches, as whole declarations and comments. `None` if nothing changes, or
/// if the range lies in something that was reported as a mistake.
pub fn format_range(tree: &Tree, range: Range<u32>) -> Option<Edit> {
    let area = area_of(tree, &range)?;
    let tokens = items_touching(tree, &area, &range)?;
    let mut printer = Printer::new(tree);
    printer.start_at(tokens.start);
    printer.items(tokens.clone(), area.depth, Line::Empty);
    let text = printer.finish();
    let text = text.trim_end_matches('\n');

    let span = whole_lines(tree, tree.tokens_span(tokens.start, tokens.end));
    let indented = span.start == 0 || tree.text().get(..span.start as usize)?.ends_with(is_newline);
    // In a line that something else begins, the indentation is not ours to write.
    let text = if indented { text } else { text.trim_start_matches(' ') };
    (tree.slice(span) != text).then(|| Edit { span, text: text.to_owned() })
}

/// The inside of a block over several lines, or the document.
struct Area {
    /// Its tokens.
    tokens: Range<u32>,
    /// Blocks around its items.
    depth: usize,
}

/// The innermost area that holds the whole range.
fn area_of(tree: &Tree, range: &Range<u32>) -> Option<Area> {
    let inner = tree.block_at(range.start);
    let chain: Vec<_> = inner.into_iter().chain(inner.into_iter().flat_map(crate::Node::ancestors)).collect();
    // What is copied byte for byte is not laid out in parts either.
    if chain.iter().any(|node| node.has(NodeFlags::BROKEN) || node.is_hidden()) {
        return None;
    }
    for (n, node) in chain.iter().enumerate() {
        let (open, close) = (node.data().open, node.data().close);
        let block = tree.tokens_span(open, close);
        let several_lines = tree.slice(block).contains(is_newline);
        if close != NONE && several_lines && block.start < range.start && range.end <= block.end {
            return Some(Area { tokens: open + 1..close, depth: chain.len() - n });
        }
    }
    Some(Area { tokens: 0..index32(tree.kinds.len()), depth: 0 })
}

/// The tokens of the items in an area that a range touches, from the first item to the last.
fn items_touching(tree: &Tree, area: &Area, range: &Range<u32>) -> Option<Range<u32>> {
    let mut found: Option<Range<u32>> = None;
    let mut token = area.tokens.start;
    let mut node = tree.nodes.partition_point(|node| node.name < area.tokens.start);
    while token < area.tokens.end {
        let item = match tree.nodes.get(node) {
            Some(data) if tree.first_token(index32(node)) <= token => {
                node = data.next as usize;
                token..data.end.max(token + 1)
            }
            _ => token..token + 1,
        };
        token = item.end;
        let span = tree.tokens_span(item.start, item.end);
        let trivia = tree.kind(item.start).is_some_and(|kind| kind.is_trivia() && !kind.is_comment());
        if !trivia && span.start <= range.end && range.start <= span.end {
            found = Some(found.map_or(item.start, |found| found.start)..item.end);
        }
    }
    found
}

/// The span with the indentation before it.
fn whole_lines(tree: &Tree, span: Span) -> Span {
    let before = tree.text().get(..span.start as usize).unwrap_or("");
    let start = before.trim_end_matches(crate::chars::is_space).len();
    let begins = start == 0 || before.get(..start).is_some_and(|before| before.ends_with(is_newline));
    if begins { Span::new(span.file, index32(start), span.end) } else { span }
}
