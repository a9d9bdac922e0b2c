//! From tokens to nodes and entries.
//!
//! Not here: what is wrong within one token (`lex.rs`); entries, blocks and the way through the tokens have
//! files of their own beside this one.
//!
//! Start with [`parse`] and `Parser::document`, the only loop over the file. A block that opens is put
//! on `frames` and the loop goes on; nothing here calls itself, whatever the nesting.

use platc_diag::{Diagnostic, FileId};

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
    /// Tokens as KDL 1 wrote them, up to `limits::LEGACY_PLACES`.
    pub(super) legacy: Vec<u32>,
    /// A brace is missing or superfluous.
    pub(super) braces_wrong: bool,
    /// Unclosed blocks beyond those that a problem of their own was made for.
    pub(super) more_unclosed: usize,
}

impl Nodes {
    /// How bad this reading is: the number of its mistakes.
    pub(super) fn cost(&self) -> usize {
        self.found.count() + self.more_unclosed
    }
}

/// A block that is open.
pub(super) struct Frame {
    /// The node that it belongs to.
    pub(super) node: u32,
    /// Its `{`.
    pub(super) open: usize,
    /// Not commented out by a `/-` of its own.
    pub(super) live: bool,
    /// What the node had before it.
    pub(super) blocks: Blocks,
    /// Whether what surrounds the node is commented out.
    pub(super) hidden_outside: bool,
    /// Indentation of the line that it was opened in.
    pub(super) indent: u32,
}

/// Which blocks a node has had so far: after one, no entry may follow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Blocks {
    None,
    Slashdashed,
    Live,
}

pub(super) struct Parser<'t> {
    pub(super) file: FileId,
    pub(super) text: &'t str,
    pub(super) kinds: &'t [Kind],
    pub(super) starts: &'t [u32],
    /// The token that is looked at.
    pub(super) at: usize,
    /// Behind the last token that belongs to a node.
    pub(super) end: usize,
    /// Where the node began that is being read up to its name.
    pub(super) start: usize,
    pub(super) out: Nodes,
    pub(super) frames: Vec<Frame>,
    pub(super) indentation: Indentation,
    /// What is read now is commented out.
    pub(super) hidden: bool,
    /// Indentation of the line that is being read, if it is believed.
    pub(super) line_indent: u32,
    /// A sibling that ended with its line and has no block: a `{` in the next line was meant for it.
    pub(super) waiting: Option<u32>,
    /// Something unexpected was just reported, so what else is unexpected behind it is not.
    pub(super) recovering: bool,
    /// `(` of broken type annotations, whose `)` is not reported as well.
    pub(super) open_parens: usize,
    pub(super) deep_reported: bool,
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

    pub(super) fn push_node(&mut self) -> u32 {
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
    pub(super) fn nameless(&mut self, node: u32, make: impl FnOnce(&Self) -> Diagnostic) {
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
    pub(super) fn rest(&mut self, node: u32, mut blocks: Blocks) {
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

    pub(super) fn finish(&mut self, node: u32) {
        let (end, next) = (index32(self.end), index32(self.out.nodes.len()));
        if let Some(data) = self.out.nodes.get_mut(node as usize) {
            data.end = end;
            data.next = next;
        }
    }
}
