//! [`Tree`]: one file as flat arrays. It holds the text, so nothing of it can be lost.
//!
//! Not here: how it is made (`parse.rs`) and how it is read (`view.rs`, `lookup.rs`). Nobody outside of
//! this crate sees the arrays.
//!
//! Start with [`Tree`], then [`NodeData`]: nodes lie in the order of the text, so the children of a node
//! are the nodes behind it up to its `next`, and a walk over the array is a walk over the tree.

use std::fmt;
use std::sync::Arc;

use platc_diag::{FileId, Span};

use crate::chars::len_without_space;
use crate::token::{Token, TokenKind};

/// No token, no node.
pub(crate) const NONE: u32 = u32::MAX;

/// One file: its text, its tokens, its nodes and their entries.
#[derive(Clone)]
pub struct Tree {
    pub(crate) file: FileId,
    pub(crate) text: Arc<str>,
    /// What each token is.
    pub(crate) kinds: Vec<TokenKind>,
    /// Where each token begins; with the white space behind it, it goes on to where the next begins.
    pub(crate) starts: Vec<u32>,
    pub(crate) nodes: Vec<NodeData>,
    pub(crate) entries: Vec<EntryData>,
    /// Each `{` and `}` of a block that is commented out by a `/-` of its own, in order. No node knows
    /// them, because there can be any number.
    pub(crate) slashdashed_blocks: Vec<(u32, u32)>,
}

/// A node, by the numbers of its tokens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NodeData {
    /// Its name; its first token if it has none.
    pub(crate) name: u32,
    /// Its first entry; the last one is before the first of the next node.
    pub(crate) entries: u32,
    /// The `{` of its block, or [`NONE`].
    pub(crate) open: u32,
    /// The `}` of its block, or [`NONE`], also if the block is not closed.
    pub(crate) close: u32,
    /// The token after its last one, without what ends it.
    pub(crate) end: u32,
    /// The node after its last descendant.
    pub(crate) next: u32,
    /// The node around it, or [`NONE`].
    pub(crate) parent: u32,
    pub(crate) flags: NodeFlags,
}

/// Facts of a node, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct NodeFlags(u8);

impl NodeFlags {
    /// `/-` stands before it.
    pub(crate) const SLASHDASHED: Self = Self(1);
    /// It is commented out, itself or with something around it, or it is no node at all.
    pub(crate) const HIDDEN: Self = Self(1 << 1);
    /// A mistake in its own line was reported, so it is not laid out anew.
    pub(crate) const BROKEN: Self = Self(1 << 2);
    /// There is no name: its tokens belong to no node.
    pub(crate) const NAMELESS: Self = Self(1 << 3);
    /// `/-` or a type annotation stands before its name.
    pub(crate) const PREFIXED: Self = Self(1 << 4);

    pub(crate) const fn has(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }

    pub(crate) const fn add(&mut self, flag: Self) {
        self.0 |= flag.0;
    }
}

/// An argument or a property, by the numbers of its tokens. Eight bytes: there are many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct EntryData {
    /// Its first token: the name, a type annotation's `(`, or the value.
    pub(crate) first: u32,
    /// Its value token with the flags in the bits that a token's number never reaches.
    marked: u32,
}

impl EntryData {
    /// It has a name.
    pub(crate) const PROPERTY: u32 = 1 << 31;
    /// It is commented out.
    pub(crate) const SLASHDASHED: u32 = 1 << 30;
    /// It has no value: its value token is the `=`.
    pub(crate) const MISSING: u32 = 1 << 29;
    const MARKS: u32 = Self::PROPERTY | Self::SLASHDASHED | Self::MISSING;

    pub(crate) const fn new(first: usize, value: usize, marks: u32) -> Self {
        Self { first: index32(first), marked: index32(value) | marks }
    }

    pub(crate) const fn value(self) -> u32 {
        self.marked & !Self::MARKS
    }

    pub(crate) const fn is(self, mark: u32) -> bool {
        self.marked & mark != 0
    }
}

/// A position in one of the arrays. They are no longer than the text, which `limits::FILE_BYTES` bounds
/// far below the three bits that entries use for marks.
pub(crate) const fn index32(index: usize) -> u32 {
    const { assert!(platc_diag::limits::FILE_BYTES < 1 << 28, "entries keep marks in the upper bits") };
    #[expect(clippy::cast_possible_truncation, reason = "the assertion above")]
    let short = index as u32;
    short
}

impl Tree {
    /// The file that it was made from.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The whole text, byte for byte as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text that a span of this file covers.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// Where the whole file is.
    pub fn span(&self) -> Span {
        Span::new(self.file, 0, index32(self.text.len()))
    }

    /// All tokens in order. Side by side they are the text.
    pub fn tokens(&self) -> impl Iterator<Item = Token> {
        (0..index32(self.kinds.len())).flat_map(|index| {
            let space = self.space_behind(index);
            std::iter::once(self.token(index)).filter(|token| !token.span.is_empty()).chain(space)
        })
    }

    /// Bytes that the tree keeps in memory, the text included.
    pub fn bytes_kept(&self) -> usize {
        size_of::<Self>()
            + self.text.len()
            + self.kinds.capacity() * size_of::<TokenKind>()
            + self.starts.capacity() * size_of::<u32>()
            + self.nodes.capacity() * size_of::<NodeData>()
            + self.entries.capacity() * size_of::<EntryData>()
            + self.slashdashed_blocks.capacity() * size_of::<(u32, u32)>()
    }

    pub(crate) fn kind(&self, token: u32) -> Option<TokenKind> {
        self.kinds.get(token as usize).copied()
    }

    /// Where a token is; behind the last one, the end of the file.
    pub(crate) fn token_span(&self, token: u32) -> Span {
        let start = self.token_start(token);
        Span::new(self.file, start, start + index32(len_without_space(self.with_space(token))))
    }

    /// The white space behind a token, as a token.
    pub(crate) fn space_behind(&self, token: u32) -> Option<Token> {
        let end = self.token_start(token.saturating_add(1));
        let span = Span::new(self.file, self.token_span(token).end, end);
        (!span.is_empty()).then_some(Token { kind: TokenKind::Whitespace, span })
    }

    pub(crate) fn token_start(&self, token: u32) -> u32 {
        self.starts.get(token as usize).copied().unwrap_or(index32(self.text.len()))
    }

    /// A token with the white space behind it.
    fn with_space(&self, token: u32) -> &str {
        let (start, end) = (self.token_start(token), self.token_start(token.saturating_add(1)));
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    pub(crate) fn token_text(&self, token: u32) -> &str {
        self.slice(self.token_span(token))
    }

    pub(crate) fn token(&self, index: u32) -> Token {
        Token { kind: self.kind(index).unwrap_or(TokenKind::Unknown), span: self.token_span(index) }
    }

    /// From the beginning of one token to the end of the one before another.
    pub(crate) fn tokens_span(&self, from: u32, to: u32) -> Span {
        let last = to.max(from.saturating_add(1)).saturating_sub(1);
        self.token_span(from).to(self.token_span(last))
    }

    /// The node of that number. Numbers come from the parser, which made the node.
    pub(crate) fn node_data(&self, node: u32) -> &NodeData {
        match self.nodes.get(node as usize) {
            Some(data) => data,
            None => unreachable!("a node's number comes from the tree that holds it"),
        }
    }

    /// The entry of that number.
    pub(crate) fn entry_data(&self, entry: u32) -> EntryData {
        match self.entries.get(entry as usize) {
            Some(data) => *data,
            None => unreachable!("an entry's number comes from the tree that holds it"),
        }
    }

    /// The entries of a node, commented-out ones included, as numbers.
    pub(crate) fn entry_range(&self, node: u32) -> std::ops::Range<u32> {
        let end = self.nodes.get(node as usize + 1).map_or(index32(self.entries.len()), |next| next.entries);
        self.node_data(node).entries..end
    }

    /// The first token of a node: `/-`, a type annotation's `(`, or the name.
    pub(crate) fn first_token(&self, node: u32) -> u32 {
        let data = self.node_data(node);
        if !data.flags.has(NodeFlags::PREFIXED) || data.flags.has(NodeFlags::NAMELESS) {
            return data.name;
        }
        let annotation = self.annotation_before(data.name).unwrap_or(data.name);
        if !data.flags.has(NodeFlags::SLASHDASHED) {
            return annotation;
        }
        let before = (0..annotation).rev().find(|token| self.kind(*token) == Some(TokenKind::Slashdash));
        before.unwrap_or(annotation)
    }

    /// The `}` of the block of a node that is opened by the token `open`, commented out or not.
    pub(crate) fn close_of(&self, node: u32, open: u32) -> Option<u32> {
        let data = self.node_data(node);
        if data.open == open {
            return Some(data.close).filter(|close| *close != NONE);
        }
        let block = self.slashdashed_blocks.binary_search_by_key(&open, |(open, _)| *open).ok()?;
        self.slashdashed_blocks.get(block).map(|(_, close)| *close)
    }

    /// The `(` of the type annotation that ends right before `token`, if there is one.
    pub(crate) fn annotation_before(&self, token: u32) -> Option<u32> {
        let mut before = (0..token).rev();
        let close = before.find(|token| !self.kind(*token).is_some_and(TokenKind::is_trivia))?;
        if self.kind(close) != Some(TokenKind::CloseParen) {
            return None;
        }
        before.find(|token| self.kind(*token) == Some(TokenKind::OpenParen))
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree")
            .field("file", &self.file)
            .field("bytes", &self.text.len())
            .field("tokens", &self.kinds.len())
            .field("nodes", &self.nodes.len())
            .field("entries", &self.entries.len())
            .finish()
    }
}
