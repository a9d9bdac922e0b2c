//! Arguments, properties and type annotations.
//!
//! Not here: what is between them (`cursor.rs`) and the node that they belong to (`nodes.rs`).
//!
//! Start with `Parser::entry`.

use platc_diag::{Span, limits};

use super::nodes::{Blocks, Parser};
use crate::errors;
use crate::token::TokenKind as Kind;
use crate::tree::{EntryData, NodeFlags, index32};

impl Parser<'_> {
    pub(super) fn entry_after(&mut self, node: u32, blocks: Blocks, marks: u32) {
        if blocks != Blocks::None {
            self.problem(node, |parser| errors::entry_after_block(parser.span()));
        }
        self.entry(node, marks);
    }

    pub(super) fn entry(&mut self, node: u32, marks: u32) {
        let first = self.at;
        let annotated = self.kind() == Some(Kind::OpenParen);
        if annotated {
            self.type_annotation(node);
            self.node_space();
        }
        let Some(kind) = self.kind().filter(|kind| kind.is_value()) else {
            if annotated && !self.recovering {
                self.problem(node, |parser| errors::annotation_without_value(parser.span_from(first)));
                self.recovering = true;
            }
            return;
        };
        if let Some(equals) = self.equals_after(self.at + 1) {
            if annotated {
                self.problem(node, |parser| errors::annotation_before_key(parser.span_from(first)));
            }
            self.property(node, kind, first, equals, marks);
        } else {
            self.value(node, kind);
            self.out.entries.push(EntryData::new(first, self.at, marks));
            self.bump();
        }
    }

    pub(super) fn property(&mut self, node: u32, key: Kind, first: usize, equals: usize, marks: u32) {
        if key == Kind::LegacyKeyword {
            self.problem(node, |parser| errors::reserved_name(parser.span(), parser.source()));
        } else if key.is_legacy() {
            self.legacy(node);
        } else if key.is_bad() {
            self.flag(node, NodeFlags::BROKEN);
        } else if !key.is_text() {
            self.problem(node, |parser| errors::key_is_not_text(parser.span(), parser.source()));
        }
        self.at = equals;
        self.bump();
        let tight = self.start_of(self.at) == self.start_of(equals) + 1;
        self.node_space();
        if self.kind() == Some(Kind::Slashdash) {
            self.problem(node, |parser| errors::slashdash_before_value(parser.span()));
            self.bump();
            self.line_space();
        }
        if self.kind() == Some(Kind::OpenParen) {
            self.type_annotation(node);
            self.node_space();
        }
        // In `a= b=1` the value of `a` is missing: `b` is the next name, not the value.
        let is_key = |parser: &Self| !tight && parser.equals_after(parser.at + 1).is_some();
        match self.kind().filter(|kind| kind.is_value() && !is_key(self)) {
            Some(kind) => {
                self.value(node, kind);
                self.out.entries.push(EntryData::new(first, self.at, marks | EntryData::PROPERTY));
                self.bump();
            }
            None => {
                let marks = marks | EntryData::PROPERTY | EntryData::MISSING;
                self.out.entries.push(EntryData::new(first, equals, marks));
                if !self.recovering && !self.kind().is_some_and(Kind::is_bad) {
                    let span = self.tokens_span(first, equals + 1);
                    let key = self.token_source(first).to_owned();
                    self.problem(node, |_| errors::missing_value(span, &key));
                }
                self.recovering = true;
            }
        }
    }

    /// Notes what is special about the value that is looked at.
    pub(super) fn value(&mut self, node: u32, kind: Kind) {
        self.recovering = false;
        if kind.is_legacy() {
            self.legacy(node);
        } else if kind.is_bad() {
            self.flag(node, NodeFlags::BROKEN);
        }
    }

    pub(super) fn legacy(&mut self, node: u32) {
        self.flag(node, NodeFlags::BROKEN);
        if self.out.legacy.len() < limits::LEGACY_PLACES {
            self.out.legacy.push(index32(self.at));
        }
    }

    /// Where the `=` is, if the next thing from `at` on is one.
    pub(super) fn equals_after(&self, mut at: usize) -> Option<usize> {
        loop {
            match self.kind_at(at)? {
                Kind::Equals => return Some(at),
                Kind::BlockComment => at += 1,
                Kind::Continuation => at = self.continuation_end(at)?,
                _ => return None,
            }
        }
    }

    /// `(name)`. What is wrong in it is reported once.
    pub(super) fn type_annotation(&mut self, node: u32) {
        let open = self.at;
        self.bump();
        self.node_space();
        let named = self.kind().is_some_and(Kind::is_text);
        if named {
            if self.kind().is_some_and(Kind::is_legacy) {
                self.legacy(node);
            } else if self.kind().is_some_and(Kind::is_bad) {
                self.flag(node, NodeFlags::BROKEN);
            }
            self.bump();
            self.node_space();
        }
        let closed = self.kind() == Some(Kind::CloseParen);
        if !named || !closed {
            if !self.kind().is_some_and(Kind::is_bad) {
                self.problem(node, |parser| errors::bad_annotation(parser.span_from(open)));
            }
            self.flag(node, NodeFlags::BROKEN);
            self.recovering = true;
        }
        if closed {
            self.bump();
        } else {
            self.open_parens += 1;
        }
    }

    /// Reports two values without a space between them.
    pub(super) fn touching(&mut self, node: u32, kind: Kind) {
        let place = self.start_of(self.at);
        let spaced = matches!(self.text.as_bytes().get((place as usize).wrapping_sub(1)), Some(b' ' | b'\t'));
        if spaced || kind.is_bad() || self.recovering || self.at == 0 {
            return;
        }
        let before = self.kind_at(self.at - 1);
        let value = before.is_some_and(|before| before.is_value() && !before.is_bad());
        if value && self.end_of(self.at - 1) == place {
            let both = self.tokens_span(self.at - 1, self.at + 1);
            let place = Span::new(self.file, place, place);
            self.problem(node, |_| errors::missing_space(both, place));
        }
    }

    /// A token that no node can have where it stands.
    pub(super) fn unexpected(&mut self, node: u32, kind: Kind) {
        self.flag(node, NodeFlags::BROKEN);
        let expected_close = kind == Kind::CloseParen && self.open_parens > 0;
        if expected_close {
            self.open_parens -= 1;
        } else if !self.recovering && !kind.is_bad() {
            let name = self.name_of(node);
            let after_name = kind == Kind::Equals && self.end == name + 1;
            if after_name {
                let gap = self.gap_around(self.at);
                let named = self.token_source(name).to_owned();
                self.problem(node, |parser| errors::equals_after_name(parser.span(), &named, gap));
            } else if kind == Kind::Continuation {
                self.problem(node, |parser| errors::bad_continuation(parser.span()));
            } else {
                self.problem(node, |parser| errors::unexpected(parser.span(), parser.source()));
            }
            self.recovering = true;
        }
        self.bump();
    }
}
