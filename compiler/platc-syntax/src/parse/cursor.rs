//! The parser's place among the tokens: white space, `\` and `/-`, spans, and notes on nodes.
//!
//! Not here: any decision about what a token means.
//!
//! Start with `Parser::line_space` and `Parser::node_space`: between nodes a line break is nothing, within
//! one it ends it.

use platc_diag::{Diagnostic, Span};

use super::nodes::Parser;
use crate::chars::len_without_space;
use crate::errors;
use crate::token::TokenKind as Kind;
use crate::tree::{NodeFlags, index32};

impl Parser<'_> {
    /// Passes over white space, line breaks and comments.
    pub(super) fn line_space(&mut self) {
        while let Some(kind) = self.kind() {
            match kind {
                Kind::Continuation => match self.continuation_end(self.at) {
                    Some(end) => self.at = end,
                    None => return,
                },
                kind if kind.is_trivia() => self.at += 1,
                _ => return,
            }
        }
    }

    /// Passes over comments and continued lines within a node.
    pub(super) fn node_space(&mut self) {
        while let Some(kind) = self.kind() {
            match kind {
                Kind::BlockComment => self.at += 1,
                Kind::Continuation => match self.continuation_end(self.at) {
                    Some(end) => self.at = end,
                    None => break,
                },
                _ => break,
            }
        }
    }

    /// Where the next line begins, if nothing but a comment stands behind the `\` at `at`.
    pub(super) fn continuation_end(&self, at: usize) -> Option<usize> {
        let mut at = at + 1;
        loop {
            match self.kind_at(at) {
                Some(Kind::BlockComment) => at += 1,
                Some(Kind::LineComment | Kind::DocComment) => {
                    return Some((at + 2).min(self.kinds.len()));
                }
                Some(Kind::Newline) => return Some(at + 1),
                None => return Some(at),
                Some(_) => return None,
            }
        }
    }

    /// Passes over `/-` and what may stand between it and what it comments out. Says whether there is
    /// something for it.
    pub(super) fn slashdash(&mut self, node: u32) -> bool {
        let slashdash = self.span();
        self.bump();
        self.line_space();
        // A second one is a mistake, but what it was meant for is clear.
        while self.kind() == Some(Kind::Slashdash) {
            if !self.recovering {
                self.problem(node, |parser| errors::second_slashdash(parser.span()));
                self.recovering = true;
            }
            self.bump();
            self.line_space();
        }
        let target = |kind: Kind| kind.is_value() || matches!(kind, Kind::OpenParen | Kind::OpenBrace);
        let found = self.kind().is_some_and(target);
        if !found && !self.recovering {
            self.problem(node, |_| errors::slashdash_without_target(slashdash));
            self.recovering = true;
        }
        found
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        self.kinds.get(self.at).copied()
    }

    pub(super) fn kind_at(&self, at: usize) -> Option<Kind> {
        self.kinds.get(at).copied()
    }

    /// Takes the current token into the node that is being read.
    pub(super) fn bump(&mut self) {
        self.at += 1;
        self.end = self.at;
    }

    pub(super) fn start_of(&self, token: usize) -> u32 {
        self.starts.get(token).copied().unwrap_or(index32(self.text.len()))
    }

    /// Where a token ends, without the white space behind it.
    pub(super) fn end_of(&self, token: usize) -> u32 {
        let start = self.start_of(token);
        let with_space = self.text.get(start as usize..self.start_of(token + 1) as usize);
        start + index32(with_space.map_or(0, len_without_space))
    }

    /// From one token to before another, without the white space behind the last.
    pub(super) fn tokens_span(&self, from: usize, to: usize) -> Span {
        Span::new(self.file, self.start_of(from), self.end_of(to.max(from + 1) - 1))
    }

    pub(super) fn token_span(&self, token: usize) -> Span {
        self.tokens_span(token, token + 1)
    }

    pub(super) fn span(&self) -> Span {
        self.token_span(self.at)
    }

    /// From a token to the last one that was taken.
    pub(super) fn span_from(&self, first: usize) -> Span {
        self.tokens_span(first, self.end.max(first + 1))
    }

    pub(super) fn last_span(&self) -> Span {
        self.token_span(self.end.saturating_sub(1))
    }

    pub(super) fn token_source(&self, token: usize) -> &str {
        self.text.get(self.token_span(token).range()).unwrap_or("")
    }

    pub(super) fn source(&self) -> &str {
        self.token_source(self.at)
    }

    /// The token with the white space on both sides of it.
    pub(super) fn gap_around(&self, token: usize) -> Span {
        let from = token.checked_sub(1).map_or(0, |before| self.end_of(before));
        Span::new(self.file, from, self.start_of(token + 1))
    }

    /// Indentation of the line of a token if the token is the first in it.
    pub(super) fn indent_at(&self, token: usize) -> Option<u32> {
        let Some(before) = token.checked_sub(1) else { return Some(0) };
        match self.kind_at(before)? {
            Kind::Newline | Kind::Bom => Some(self.start_of(token) - self.end_of(before)),
            Kind::Whitespace => Some(self.start_of(token)),
            _ => None,
        }
    }

    #[cold]
    pub(super) fn problem(&mut self, node: u32, make: impl FnOnce(&Self) -> Diagnostic) {
        self.flag(node, NodeFlags::BROKEN);
        let mut found = std::mem::take(&mut self.out.found);
        found.push(|| make(self));
        self.out.found = found;
    }

    pub(super) fn flag(&mut self, node: u32, flag: NodeFlags) {
        if let Some(data) = self.out.nodes.get_mut(node as usize) {
            data.flags.add(flag);
        }
    }

    pub(super) fn is(&self, node: u32, flag: NodeFlags) -> bool {
        self.out.nodes.get(node as usize).is_some_and(|data| data.flags.has(flag))
    }

    pub(super) fn set_name(&mut self, node: u32, token: usize) {
        if let Some(data) = self.out.nodes.get_mut(node as usize) {
            data.name = index32(token);
        }
    }

    pub(super) fn name_of(&self, node: u32) -> usize {
        self.out.nodes.get(node as usize).map_or(0, |data| data.name as usize)
    }
}
