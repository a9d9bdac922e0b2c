//! From tokens to nodes and entries.
//!
//! Not here: what is wrong within one token (`lex.rs`).
//!
//! Start with [`parse`] and `Parser::document`, the only loop over the file. A block that opens is put
//! on `frames` and the loop goes on; nothing here calls itself, whatever the nesting.

use platc_diag::{FileId, Span, limits};

use crate::chars::len_without_space;
use crate::errors;
use crate::found::Found;
use crate::lex::Lexed;
use crate::token::TokenKind as Kind;
use crate::tree::{EntryData, NONE, NodeData, NodeFlags, index32};

/// Whether indentation says where a block ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Indentation {
    /// Only braces count, as the language has it.
    Ignored,
    /// A line that is indented no more than the line that opened a block is outside of it. Used for files
    /// whose braces do not match, where it finds the brace that is missing.
    Believed,
}

/// The nodes of a file, as arrays.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    pub(super) nodes: Vec<NodeData>,
    pub(super) entries: Vec<EntryData>,
    pub(super) found: Found,
    /// Each `{` and `}` of a block that is commented out by a `/-` of its own.
    pub(super) slashdashed_blocks: Vec<(u32, u32)>,
    /// Tokens as KDL 1 wrote them, up to [`limits::LEGACY_PLACES`].
    pub(super) legacy: Vec<u32>,
    /// A brace is missing or superfluous.
    pub(super) braces_wrong: bool,
    /// Unclosed blocks beyond those that a problem of their own was made for.
    more_unclosed: usize,
}

impl Nodes {
    /// How bad this reading is: the number of its mistakes.
    pub(super) fn cost(&self) -> usize {
        self.found.count() + self.more_unclosed
    }
}

/// A block that is open.
struct Frame {
    /// The node that it belongs to.
    node: u32,
    /// Its `{`.
    open: usize,
    /// Not commented out by a `/-` of its own.
    live: bool,
    /// What the node had before it.
    blocks: Blocks,
    /// Whether what surrounds the node is commented out.
    hidden_outside: bool,
    /// Indentation of the line that it was opened in.
    indent: u32,
}

/// Which blocks a node has had so far: after one, no entry may follow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Blocks {
    None,
    Slashdashed,
    Live,
}

struct Parser<'t> {
    file: FileId,
    text: &'t str,
    kinds: &'t [Kind],
    starts: &'t [u32],
    /// The token that is looked at.
    at: usize,
    /// Behind the last token that belongs to a node.
    end: usize,
    /// Where the node began that is being read up to its name.
    start: usize,
    out: Nodes,
    frames: Vec<Frame>,
    indentation: Indentation,
    /// What is read now is commented out.
    hidden: bool,
    /// Indentation of the line that is being read, if it is believed.
    line_indent: u32,
    /// A sibling that ended with its line and has no block: a `{` in the next line was meant for it.
    waiting: Option<u32>,
    /// Something unexpected was just reported, so what else is unexpected behind it is not.
    recovering: bool,
    /// `(` of broken type annotations, whose `)` is not reported as well.
    open_parens: usize,
    deep_reported: bool,
}

/// Reads tokens into nodes.
pub(super) fn parse(file: FileId, text: &str, lexed: &Lexed, indentation: Indentation) -> Nodes {
    let mut parser = Parser {
        file,
        text,
        kinds: &lexed.kinds,
        starts: &lexed.starts,
        at: 0,
        end: 0,
        start: 0,
        out: Nodes::default(),
        frames: Vec::new(),
        indentation,
        hidden: false,
        line_indent: 0,
        waiting: None,
        recovering: false,
        open_parens: 0,
        deep_reported: false,
    };
    // What a file can need at most, about: memory that is not touched costs nothing and is given back.
    parser.out.nodes.reserve(lexed.kinds.len() / 4 + 4);
    parser.out.entries.reserve(lexed.kinds.len() / 2 + 4);
    parser.document();
    parser.out
}

impl Parser<'_> {
    fn document(&mut self) {
        loop {
            self.line_space();
            match self.kind() {
                None if self.frames.is_empty() => return,
                None => self.unclosed_at_end(),
                Some(Kind::CloseBrace) => self.close_brace(),
                Some(kind) => self.node(kind),
            }
        }
    }

    // Nodes.

    fn node(&mut self, kind: Kind) {
        if self.indentation == Indentation::Believed
            && let Some(indent) = self.indent_at(self.at)
        {
            self.line_indent = indent;
            self.close_blocks_deeper_than(indent, self.at);
        }
        let waiting = self.waiting.take();
        self.recovering = false;
        self.open_parens = 0;
        if kind == Kind::OpenBrace
            && let Some(node) = waiting
        {
            return self.block_in_next_line(node);
        }
        self.start = self.at;
        let node = self.push_node();
        if self.prefix(node, kind) && self.name(node) {
            self.rest(node, Blocks::None);
        } else {
            self.finish(node);
        }
    }

    fn push_node(&mut self) -> u32 {
        let node = index32(self.out.nodes.len());
        let mut flags = NodeFlags::default();
        if self.hidden {
            flags.add(NodeFlags::HIDDEN);
        }
        self.out.nodes.push(NodeData {
            name: index32(self.at),
            entries: index32(self.out.entries.len()),
            open: NONE,
            close: NONE,
            end: NONE,
            next: NONE,
            parent: self.frames.last().map_or(NONE, |frame| frame.node),
            flags,
        });
        node
    }

    /// Reads `/-` and a type annotation. Says whether a name can follow.
    fn prefix(&mut self, node: u32, kind: Kind) -> bool {
        if kind == Kind::Slashdash {
            self.flag(node, NodeFlags::SLASHDASHED);
            self.flag(node, NodeFlags::HIDDEN);
            self.flag(node, NodeFlags::PREFIXED);
            if !self.slashdash(node) {
                self.flag(node, NodeFlags::NAMELESS);
                self.set_name(node, self.start);
                return false;
            }
        }
        if self.kind() == Some(Kind::OpenParen) {
            self.flag(node, NodeFlags::PREFIXED);
            self.type_annotation(node);
            self.node_space();
        }
        true
    }

    /// Reads the name. Says whether the rest of a node can follow.
    fn name(&mut self, node: u32) -> bool {
        self.set_name(node, self.at);
        let Some(kind) = self.kind() else {
            self.nameless(node, |parser| errors::name_expected(parser.last_span(), "the end of the file"));
            return false;
        };
        match kind {
            kind if kind.is_text() => {
                if kind.is_legacy() {
                    self.legacy(node);
                } else if kind.is_bad() {
                    self.flag(node, NodeFlags::BROKEN);
                }
                self.bump();
                true
            }
            Kind::LegacyKeyword => {
                self.problem(node, |parser| errors::reserved_name(parser.span(), parser.source()));
                self.bump();
                true
            }
            Kind::BadKeyword => {
                self.flag(node, NodeFlags::BROKEN);
                self.bump();
                true
            }
            Kind::OpenBrace => {
                self.nameless(node, |parser| errors::block_without_name(parser.span()));
                true
            }
            Kind::Semicolon => {
                self.nameless(node, |parser| errors::stray_semicolon(parser.span()));
                self.bump();
                false
            }
            Kind::CloseBrace => {
                self.nameless(node, |parser| errors::name_expected(parser.last_span(), "`}`"));
                false
            }
            kind => {
                self.nameless(node, |parser| match kind {
                    Kind::Continuation => errors::bad_continuation(parser.span()),
                    Kind::Newline | Kind::LineComment | Kind::DocComment => {
                        errors::name_expected(parser.last_span(), "the end of the line")
                    }
                    _ => errors::name_expected(parser.span(), &format!("`{}`", parser.source())),
                });
                self.recovering = true;
                // What may be an entry is read as one.
                if !kind.is_value() && kind != Kind::OpenParen && !kind.is_trivia() {
                    self.bump();
                }
                true
            }
        }
    }

    /// Marks a node that is none, and reports why, unless the lexer did.
    fn nameless(&mut self, node: u32, make: impl FnOnce(&Self) -> platc_diag::Diagnostic) {
        self.flag(node, NodeFlags::NAMELESS);
        self.flag(node, NodeFlags::HIDDEN);
        self.set_name(node, self.start);
        if self.recovering || self.kind().is_some_and(Kind::is_bad) {
            self.flag(node, NodeFlags::BROKEN);
        } else {
            self.problem(node, make);
        }
    }

    /// Reads what stands behind the name, or behind a block, up to the end of the node or a `{`.
    fn rest(&mut self, node: u32, mut blocks: Blocks) {
        loop {
            self.node_space();
            let Some(kind) = self.kind() else { break };
            match kind {
                Kind::Newline | Kind::LineComment | Kind::DocComment => {
                    let plain = blocks == Blocks::None && !self.is(node, NodeFlags::NAMELESS);
                    self.waiting = plain.then_some(node);
                    break;
                }
                Kind::Semicolon => {
                    self.finish(node);
                    self.at += 1;
                    return;
                }
                Kind::CloseBrace => break,
                Kind::OpenBrace => {
                    if blocks == Blocks::Live {
                        self.problem(node, |parser| errors::second_block(parser.span()));
                    }
                    if self.open_block(node, blocks, true) {
                        return;
                    }
                    blocks = Blocks::Live;
                }
                Kind::Slashdash => {
                    if !self.slashdash(node) {
                        continue;
                    }
                    if self.kind() == Some(Kind::OpenBrace) {
                        if self.open_block(node, blocks, false) {
                            return;
                        }
                        blocks = blocks.max(Blocks::Slashdashed);
                    } else {
                        self.entry_after(node, blocks, EntryData::SLASHDASHED);
                    }
                }
                kind if kind.is_value() || kind == Kind::OpenParen => {
                    if blocks == Blocks::Live {
                        self.problem(node, |parser| errors::missing_semicolon(parser.span()));
                        break;
                    }
                    self.touching(node, kind);
                    self.entry_after(node, blocks, 0);
                }
                kind => self.unexpected(node, kind),
            }
        }
        self.finish(node);
    }

    fn finish(&mut self, node: u32) {
        let (end, next) = (index32(self.end), index32(self.out.nodes.len()));
        if let Some(data) = self.out.nodes.get_mut(node as usize) {
            data.end = end;
            data.next = next;
        }
    }

    // Entries.

    fn entry_after(&mut self, node: u32, blocks: Blocks, marks: u32) {
        if blocks != Blocks::None {
            self.problem(node, |parser| errors::entry_after_block(parser.span()));
        }
        self.entry(node, marks);
    }

    fn entry(&mut self, node: u32, marks: u32) {
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

    fn property(&mut self, node: u32, key: Kind, first: usize, equals: usize, marks: u32) {
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
    fn value(&mut self, node: u32, kind: Kind) {
        self.recovering = false;
        if kind.is_legacy() {
            self.legacy(node);
        } else if kind.is_bad() {
            self.flag(node, NodeFlags::BROKEN);
        }
    }

    fn legacy(&mut self, node: u32) {
        self.flag(node, NodeFlags::BROKEN);
        if self.out.legacy.len() < limits::LEGACY_PLACES {
            self.out.legacy.push(index32(self.at));
        }
    }

    /// Where the `=` is, if the next thing from `at` on is one.
    fn equals_after(&self, mut at: usize) -> Option<usize> {
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
    fn type_annotation(&mut self, node: u32) {
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
    fn touching(&mut self, node: u32, kind: Kind) {
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
    fn unexpected(&mut self, node: u32, kind: Kind) {
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

    // Blocks.

    /// Opens the block at the current `{`. Says whether the loop goes on inside; not if it is too deep.
    fn open_block(&mut self, node: u32, blocks: Blocks, live: bool) -> bool {
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
    fn too_deep(&mut self, node: u32, live: bool) {
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

    fn close_brace(&mut self) {
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
    fn close_blocks_deeper_than(&mut self, indent: u32, outside: usize) {
        while let Some(frame) = self.frames.pop_if(|frame| frame.indent >= indent) {
            let (open, outside) = (self.token_span(frame.open), self.token_span(outside));
            self.problem(frame.node, |_| errors::unclosed_block(open, Some(outside), &[]));
            self.leave(&frame);
        }
    }

    /// Ends all open blocks at the end of the file, with one problem at the innermost.
    fn unclosed_at_end(&mut self) {
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

    fn leave(&mut self, frame: &Frame) {
        self.out.braces_wrong = true;
        self.hidden = frame.hidden_outside;
        self.waiting = None;
        self.finish(frame.node);
    }

    /// A `{` in a line of its own, below the node that it was meant for.
    fn block_in_next_line(&mut self, node: u32) {
        let gap = self.end_of(self.end.saturating_sub(1))..self.start_of(self.at);
        let between = self.text.get(gap.start as usize..gap.end as usize).unwrap_or("x");
        let blank = between.chars().all(crate::chars::is_blank);
        let gap = blank.then(|| Span::new(self.file, gap.start, gap.end));
        self.problem(node, |parser| errors::block_in_next_line(parser.span(), gap));
        self.rest(node, Blocks::None);
    }

    // Space.

    /// Passes over white space, line breaks and comments.
    fn line_space(&mut self) {
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
    fn node_space(&mut self) {
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
    fn continuation_end(&self, at: usize) -> Option<usize> {
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
    fn slashdash(&mut self, node: u32) -> bool {
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

    // Small helpers.

    fn kind(&self) -> Option<Kind> {
        self.kinds.get(self.at).copied()
    }

    fn kind_at(&self, at: usize) -> Option<Kind> {
        self.kinds.get(at).copied()
    }

    /// Takes the current token into the node that is being read.
    fn bump(&mut self) {
        self.at += 1;
        self.end = self.at;
    }

    fn start_of(&self, token: usize) -> u32 {
        self.starts.get(token).copied().unwrap_or(index32(self.text.len()))
    }

    /// Where a token ends, without the white space behind it.
    fn end_of(&self, token: usize) -> u32 {
        let start = self.start_of(token);
        let with_space = self.text.get(start as usize..self.start_of(token + 1) as usize);
        start + index32(with_space.map_or(0, len_without_space))
    }

    /// From one token to before another, without the white space behind the last.
    fn tokens_span(&self, from: usize, to: usize) -> Span {
        Span::new(self.file, self.start_of(from), self.end_of(to.max(from + 1) - 1))
    }

    fn token_span(&self, token: usize) -> Span {
        self.tokens_span(token, token + 1)
    }

    fn span(&self) -> Span {
        self.token_span(self.at)
    }

    /// From a token to the last one that was taken.
    fn span_from(&self, first: usize) -> Span {
        self.tokens_span(first, self.end.max(first + 1))
    }

    fn last_span(&self) -> Span {
        self.token_span(self.end.saturating_sub(1))
    }

    fn token_source(&self, token: usize) -> &str {
        self.text.get(self.token_span(token).range()).unwrap_or("")
    }

    fn source(&self) -> &str {
        self.token_source(self.at)
    }

    /// The token with the white space on both sides of it.
    fn gap_around(&self, token: usize) -> Span {
        let from = token.checked_sub(1).map_or(0, |before| self.end_of(before));
        Span::new(self.file, from, self.start_of(token + 1))
    }

    /// Indentation of the line of a token if the token is the first in it.
    fn indent_at(&self, token: usize) -> Option<u32> {
        let Some(before) = token.checked_sub(1) else { return Some(0) };
        match self.kind_at(before)? {
            Kind::Newline | Kind::Bom => Some(self.start_of(token) - self.end_of(before)),
            Kind::Whitespace => Some(self.start_of(token)),
            _ => None,
        }
    }

    #[cold]
    fn problem(&mut self, node: u32, make: impl FnOnce(&Self) -> platc_diag::Diagnostic) {
        self.flag(node, NodeFlags::BROKEN);
        let mut found = std::mem::take(&mut self.out.found);
        found.push(|| make(self));
        self.out.found = found;
    }

    fn flag(&mut self, node: u32, flag: NodeFlags) {
        if let Some(data) = self.out.nodes.get_mut(node as usize) {
            data.flags.add(flag);
        }
    }

    fn is(&self, node: u32, flag: NodeFlags) -> bool {
        self.out.nodes.get(node as usize).is_some_and(|data| data.flags.has(flag))
    }

    fn set_name(&mut self, node: u32, token: usize) {
        if let Some(data) = self.out.nodes.get_mut(node as usize) {
            data.name = index32(token);
        }
    }

    fn name_of(&self, node: u32) -> usize {
        self.out.nodes.get(node as usize).map_or(0, |data| data.name as usize)
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
