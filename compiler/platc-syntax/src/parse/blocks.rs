//! Blocks: how they open and close, and what is done where braces do not match.
//!
//! Not here: the nodes in them (`nodes.rs`).
//!
//! Start with `Parser::open_block` and `Parser::close_brace`.

use platc_diag::{Span, limits};

use super::nodes::{Blocks, Frame, Indentation, Parser};
use crate::errors;
use crate::token::TokenKind as Kind;
use crate::tree::{NONE, NodeFlags, index32};

impl Parser<'_> {
    /// Opens the block at the current `{`. Says whether the loop goes on inside; not if it is too deep.
    pub(super) fn open_block(&mut self, node: u32, blocks: Blocks, live: bool) -> bool {
        let open = self.at;
        if live {
            self.set_block(node, Some(open), None);
        }
        if self.frames.len() >= limits::NESTING {
            self.too_deep(node, live);
            return false;
        }
        let outside = self.hidden;
        self.hidden = outside || !live || self.is(node, NodeFlags::HIDDEN);
        let indent = self.line_indent;
        self.frames.push(Frame { node, open, live, blocks, hidden_outside: outside, indent });
        self.waiting = None;
        self.bump();
        true
    }

    /// Passes over a block that is nested too deeply, up to its `}`.
    pub(super) fn too_deep(&mut self, node: u32, live: bool) {
        self.flag(node, NodeFlags::BROKEN);
        if !self.deep_reported {
            self.problem(node, |parser| errors::too_deep(parser.span()));
            self.deep_reported = true;
        }
        let mut depth = 0_usize;
        while let Some(kind) = self.kind() {
            match kind {
                Kind::OpenBrace => depth += 1,
                Kind::CloseBrace => depth -= 1,
                _ => {}
            }
            self.bump();
            if depth == 0 {
                if live {
                    self.set_block(node, None, Some(self.at - 1));
                }
                return;
            }
        }
    }

    pub(super) fn close_brace(&mut self) {
        self.waiting = None;
        if self.indentation == Indentation::Believed
            && let Some(indent) = self.indent_at(self.at)
        {
            self.line_indent = indent;
            if self.frames.iter().any(|frame| frame.indent <= indent) {
                self.close_blocks_deeper_than(indent + 1, self.at);
            }
        }
        let Some(frame) = self.frames.pop() else {
            self.out.braces_wrong = true;
            self.start = self.at;
            let node = self.push_node();
            self.nameless(node, |parser| errors::stray_brace(parser.span()));
            self.bump();
            self.finish(node);
            return;
        };
        if frame.live {
            self.set_block(frame.node, None, Some(self.at));
        } else {
            self.out.slashdashed_blocks.push((index32(frame.open), index32(self.at)));
        }
        self.bump();
        self.hidden = frame.hidden_outside;
        let block = if frame.live { Blocks::Live } else { Blocks::Slashdashed };
        self.recovering = false;
        self.rest(frame.node, frame.blocks.max(block));
    }

    /// Ends every open block whose line is indented at least as far as `indent`: the `}` is missing.
    pub(super) fn close_blocks_deeper_than(&mut self, indent: u32, outside: usize) {
        while let Some(frame) = self.frames.pop_if(|frame| frame.indent >= indent) {
            let (open, outside) = (self.token_span(frame.open), self.token_span(outside));
            self.problem(frame.node, |_| errors::unclosed_block(open, Some(outside), &[]));
            self.leave(&frame);
        }
    }

    /// Ends all open blocks at the end of the file, with one problem at the innermost.
    pub(super) fn unclosed_at_end(&mut self) {
        let mut opens: Vec<Span> =
            self.frames.iter().rev().map(|frame| self.token_span(frame.open)).collect();
        self.out.more_unclosed += opens.len() - 1;
        let inner = opens.remove(0);
        self.out.found.push(|| errors::unclosed_block(inner, None, &opens));
        while let Some(frame) = self.frames.pop() {
            self.flag(frame.node, NodeFlags::BROKEN);
            self.leave(&frame);
        }
    }

    pub(super) fn leave(&mut self, frame: &Frame) {
        self.out.braces_wrong = true;
        self.hidden = frame.hidden_outside;
        self.waiting = None;
        self.finish(frame.node);
    }

    /// A `{` in a line of its own, below the node that it was meant for.
    pub(super) fn block_in_next_line(&mut self, node: u32) {
        let gap = self.end_of(self.end.saturating_sub(1))..self.start_of(self.at);
        let between = self.text.get(gap.start as usize..gap.end as usize).unwrap_or("x");
        let blank = between.chars().all(crate::chars::is_blank);
        let gap = blank.then(|| Span::new(self.file, gap.start, gap.end));
        self.problem(node, |parser| errors::block_in_next_line(parser.span(), gap));
        self.rest(node, Blocks::None);
    }

    fn set_block(&mut self, node: u32, open: Option<usize>, close: Option<usize>) {
        if let Some(data) = self.out.nodes.get_mut(node as usize) {
            // Of two blocks, which is reported, the first begins and the last ends what is shown.
            if let Some(open) = open.filter(|_| data.open == NONE) {
                data.open = index32(open);
            }
            if let Some(close) = close {
                data.close = index32(close);
            }
        }
    }
}
