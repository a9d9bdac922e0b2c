//! The typed view: [`Node`], [`Entry`] and [`Value`], small handles that borrow the [`Tree`].
//!
//! Not here: what an editor asks by position (`lookup.rs`), and names that mean something.
//!
//! Start with [`Tree::nodes`] and [`Node`]. What is commented out by `/-`, and what belongs to no node, is
//! not seen from here. Values are decoded when they are asked for.

use std::borrow::Cow;
use std::iter::FusedIterator;

use platc_diag::Span;

use crate::expr::{ParsedExpr, ParsedTemplate, parse_expr, parse_template};
use crate::literal;
use crate::source_map::SourceMap;
use crate::text;
use crate::token::TokenKind;
use crate::tree::{EntryData, NONE, NodeData, NodeFlags, Tree};
use crate::types::{ParsedType, parse_type};

/// A node: `service api replicas=3 { … }`.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree,
    index: u32,
}

/// Names a node of one tree, for tables beside it. Ordered as the text is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(u32);

/// An argument or a property of a node.
#[derive(Clone, Copy)]
pub struct Entry<'t> {
    tree: &'t Tree,
    data: EntryData,
}

/// The value of an entry.
#[derive(Clone, Copy)]
pub struct Value<'t> {
    tree: &'t Tree,
    token: u32,
    missing: bool,
}

/// `(name)` before a node or a value.
#[derive(Clone, Copy)]
pub struct Annotation<'t> {
    tree: &'t Tree,
    name: u32,
}

/// What a value is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ValueKind {
    /// `#null`.
    Null,
    /// `#true` or `#false`.
    Bool,
    /// A whole number that fits into 128 bits.
    Int,
    /// A number with a fraction or an exponent, `#inf`, `#-inf` or `#nan`.
    Float,
    /// Text, bare or in quotes.
    Str,
    /// Missing or broken, which was reported: it may be taken for anything.
    Bad,
}

/// A value, decoded.
#[derive(Clone, PartialEq, Debug)]
pub enum Literal<'t> {
    /// `#null`.
    Null,
    /// `#true` or `#false`.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// Any other number.
    Float(f64),
    /// Text.
    Str(Cow<'t, str>),
    /// Missing or broken, which was reported: it may be taken for anything.
    Bad,
}

/// Siblings in the order of the text.
#[derive(Clone)]
pub struct Nodes<'t> {
    tree: &'t Tree,
    next: u32,
    end: u32,
}

/// The entries of a node in the order of the text.
#[derive(Clone)]
pub struct Entries<'t> {
    tree: &'t Tree,
    range: std::ops::Range<u32>,
}

impl Tree {
    /// The nodes of the document, without those inside of others.
    pub fn nodes(&self) -> Nodes<'_> {
        Nodes { tree: self, next: 0, end: crate::tree::index32(self.nodes.len()) }
    }

    /// All nodes at any depth, in the order of the text: each before its children.
    pub fn all_nodes(&self) -> impl Iterator<Item = Node<'_>> {
        let all = 0..crate::tree::index32(self.nodes.len());
        all.map(|index| Node { tree: self, index }).filter(|node| !node.is_hidden())
    }

    /// The node of that name, which [`Node::id`] of the same tree gave.
    pub fn node(&self, id: NodeId) -> Node<'_> {
        Node { tree: self, index: id.0 }
    }

    pub(crate) fn node_at_index(&self, index: u32) -> Node<'_> {
        Node { tree: self, index }
    }

    pub(crate) fn entry_at_index(&self, index: u32) -> Entry<'_> {
        Entry { tree: self, data: self.entry_data(index) }
    }
}

impl<'t> Node<'t> {
    /// The tree that it belongs to.
    pub fn tree(self) -> &'t Tree {
        self.tree
    }

    /// Its number in the tree.
    pub fn id(self) -> NodeId {
        NodeId(self.index)
    }

    /// Its name, decoded.
    pub fn name(self) -> Cow<'t, str> {
        decoded(self.tree, self.data().name)
    }

    /// Where its name is written, quotes included.
    pub fn name_span(self) -> Span {
        self.tree.token_span(self.data().name)
    }

    /// Whether its name is written without quotes.
    pub fn name_is_bare(self) -> bool {
        self.tree.kind(self.data().name) == Some(TokenKind::Word)
    }

    /// The type annotation before its name.
    pub fn type_annotation(self) -> Option<Annotation<'t>> {
        Annotation::before(self.tree, self.data().name)
    }

    /// Its arguments and properties, in order.
    pub fn entries(self) -> Entries<'t> {
        Entries { tree: self.tree, range: self.tree.entry_range(self.index) }
    }

    /// Its arguments, in order.
    pub fn args(self) -> impl Iterator<Item = Value<'t>> + Clone {
        self.entries().filter(|entry| !entry.is_property()).map(Entry::value)
    }

    /// Its argument number `n`, from 0.
    pub fn arg(self, n: usize) -> Option<Value<'t>> {
        self.args().nth(n)
    }

    /// Its properties, in order. A name may come twice: KDL lets the last one count, our language allows
    /// neither, so all are here.
    pub fn props(self) -> impl Iterator<Item = Entry<'t>> + Clone {
        self.entries().filter(|entry| entry.is_property())
    }

    /// The property of that name; of several, the last, as KDL has it.
    pub fn prop(self, name: &str) -> Option<Entry<'t>> {
        self.props().filter(|entry| entry.name().is_some_and(|own| own == name)).last()
    }

    /// The nodes in its block.
    pub fn children(self) -> Nodes<'t> {
        Nodes { tree: self.tree, next: self.index + 1, end: self.data().next }
    }

    /// The first node of that name in its block.
    pub fn child(self, name: &str) -> Option<Node<'t>> {
        self.children().find(|child| child.name() == name)
    }

    /// The node in whose block it is; `None` at the top of the document.
    pub fn parent(self) -> Option<Node<'t>> {
        let parent = self.data().parent;
        (parent != NONE).then_some(Node { tree: self.tree, index: parent })
    }

    /// The nodes around it, from the nearest to the outermost.
    pub fn ancestors(self) -> impl Iterator<Item = Node<'t>> {
        std::iter::successors(self.parent(), |node| node.parent())
    }

    /// Whether it has a block, an empty one included, but none that is commented out.
    pub fn has_block(self) -> bool {
        self.data().open != NONE
    }

    /// Its block with both braces. One that is not closed ends with the node.
    pub fn block_span(self) -> Option<Span> {
        let data = self.data();
        let end = if data.close == NONE { data.end } else { data.close + 1 };
        (data.open != NONE).then(|| self.tree.tokens_span(data.open, end))
    }

    /// Where a child that is added at the end of its block goes: before the `}`, or where that is missing.
    pub fn block_end(self) -> Option<u32> {
        let data = self.data();
        let place = if data.close == NONE { data.end } else { data.close };
        (data.open != NONE).then(|| self.tree.token_start(place))
    }

    /// From its type annotation or name to the end of its block or last value.
    pub fn span(self) -> Span {
        let annotation = self.tree.annotation_before(self.data().name);
        let prefixed = self.has(NodeFlags::PREFIXED) && !self.has(NodeFlags::NAMELESS);
        let first = annotation.filter(|_| prefixed).unwrap_or(self.data().name);
        self.tree.tokens_span(first, self.data().end)
    }

    /// [`Node::span`] without the block and the space before it.
    pub fn header_span(self) -> Span {
        let whole = self.span();
        let last = self.entries().last().map_or(self.name_span(), Entry::span);
        Span::new(whole.file, whole.start, last.end)
    }

    /// The text of the `///` lines directly above it, without the slashes; `None` if there are none.
    pub fn doc(self) -> Option<String> {
        crate::lookup::doc_above(self.tree, self.tree.first_token(self.index))
    }

    /// Whether a mistake in its own line was reported: complaints about what is missing in it may be its
    /// consequence. Mistakes in its children do not count.
    pub fn is_broken(self) -> bool {
        self.has(NodeFlags::BROKEN)
    }

    /// Whether it is commented out or no node at all. Only look-ups by position give such a node.
    pub fn is_hidden(self) -> bool {
        self.has(NodeFlags::HIDDEN)
    }

    pub(crate) fn has(self, flag: NodeFlags) -> bool {
        self.data().flags.has(flag)
    }

    pub(crate) fn data(self) -> &'t NodeData {
        self.tree.node_data(self.index)
    }

    pub(crate) fn index(self) -> u32 {
        self.index
    }
}

impl<'t> Entry<'t> {
    /// Whether it has a name.
    pub fn is_property(self) -> bool {
        self.data.is(EntryData::PROPERTY)
    }

    /// Its name, decoded; `None` for an argument.
    pub fn name(self) -> Option<Cow<'t, str>> {
        self.is_property().then(|| decoded(self.tree, self.data.first))
    }

    /// Where its name is written, quotes included.
    pub fn name_span(self) -> Option<Span> {
        self.is_property().then(|| self.tree.token_span(self.data.first))
    }

    /// Its value.
    pub fn value(self) -> Value<'t> {
        let missing = self.data.is(EntryData::MISSING);
        Value { tree: self.tree, token: self.data.value(), missing }
    }

    /// From its name or type annotation to the end of its value.
    pub fn span(self) -> Span {
        self.tree.tokens_span(self.data.first, self.data.value() + 1)
    }

    pub(crate) fn is_slashdashed(self) -> bool {
        self.data.is(EntryData::SLASHDASHED)
    }
}

impl<'t> Value<'t> {
    /// What it is.
    pub fn kind(self) -> ValueKind {
        match self.token_kind() {
            _ if self.missing => ValueKind::Bad,
            TokenKind::Null => ValueKind::Null,
            TokenKind::True | TokenKind::False => ValueKind::Bool,
            TokenKind::LegacyKeyword if self.source() == "null" => ValueKind::Null,
            TokenKind::LegacyKeyword => ValueKind::Bool,
            TokenKind::Integer => ValueKind::Int,
            TokenKind::Float | TokenKind::Inf | TokenKind::NegativeInf | TokenKind::NaN => ValueKind::Float,
            TokenKind::BadText => ValueKind::Bad,
            kind if kind.is_text() => ValueKind::Str,
            _ => ValueKind::Bad,
        }
    }

    /// What it stands for.
    pub fn decode(self) -> Literal<'t> {
        match self.kind() {
            ValueKind::Null => Literal::Null,
            ValueKind::Bool => Literal::Bool(self.source().ends_with("true")),
            ValueKind::Int => literal::integer(self.source()).map_or(Literal::Bad, Literal::Int),
            ValueKind::Float => self.float().map_or(Literal::Bad, Literal::Float),
            ValueKind::Str => Literal::Str(decoded(self.tree, self.token)),
            ValueKind::Bad => Literal::Bad,
        }
    }

    /// Its text; `None` if it is no text. A string that was reported has the text that can be made out,
    /// for an editor that completes inside of it; see [`Value::kind`] for whether it counts.
    pub fn text(self) -> Option<Cow<'t, str>> {
        (!self.missing && self.token_kind().is_text()).then(|| decoded(self.tree, self.token))
    }

    /// Whether it is text without quotes.
    pub fn is_bare(self) -> bool {
        !self.missing && self.token_kind() == TokenKind::Word
    }

    /// Whether it is text in which a backslash stands for itself: `#"…"#`.
    pub fn is_raw(self) -> bool {
        let raw = matches!(self.token_kind(), TokenKind::RawText | TokenKind::RawMultilineText);
        !self.missing && (raw || self.token_kind() == TokenKind::LegacyRawText)
    }

    /// Its text, taken apart at each `${…}`; `None` if it is no text.
    pub fn template(self) -> Option<ParsedTemplate> {
        self.text().map(|text| parse_template(&text, &self.source_map()))
    }

    /// Its text as an expression; `None` if it is no text.
    pub fn expr(self) -> Option<ParsedExpr> {
        self.text().map(|text| parse_expr(&text, &self.source_map()))
    }

    /// Its text as a type; `None` if it is no text.
    pub fn type_expr(self) -> Option<ParsedType> {
        self.text().map(|text| parse_type(&text, &self.source_map()))
    }

    /// As it is written, quotes included; empty if it is missing.
    pub fn source(self) -> &'t str {
        self.tree.slice(self.span())
    }

    /// Where it is written, quotes included. A missing value is the place behind the `=`.
    pub fn span(self) -> Span {
        let span = self.tree.token_span(self.token);
        if self.missing { Span::new(span.file, span.end, span.end) } else { span }
    }

    /// From where in the file each part of its text comes. For what is no text, the source itself.
    pub fn source_map(self) -> SourceMap {
        if self.missing {
            return SourceMap::straight(self.span());
        }
        text::source_map(self.token_kind(), self.source(), self.span())
    }

    /// The type annotation before it.
    pub fn type_annotation(self) -> Option<Annotation<'t>> {
        Annotation::before(self.tree, self.token)
    }

    fn token_kind(self) -> TokenKind {
        self.tree.kind(self.token).unwrap_or(TokenKind::Unknown)
    }

    fn float(self) -> Option<f64> {
        match self.token_kind() {
            TokenKind::Inf => Some(f64::INFINITY),
            TokenKind::NegativeInf => Some(f64::NEG_INFINITY),
            TokenKind::NaN => Some(f64::NAN),
            _ => literal::float(self.source()),
        }
    }
}

impl<'t> Annotation<'t> {
    fn before(tree: &'t Tree, token: u32) -> Option<Self> {
        let open = tree.annotation_before(token)?;
        let name = (open..token).find(|token| tree.kind(*token).is_some_and(TokenKind::is_text))?;
        Some(Self { tree, name })
    }

    /// The name in it, decoded.
    pub fn name(self) -> Cow<'t, str> {
        decoded(self.tree, self.name)
    }

    /// Where the name is written, quotes included.
    pub fn span(self) -> Span {
        self.tree.token_span(self.name)
    }
}

impl<'t> Iterator for Nodes<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        while self.next < self.end {
            let node = Node { tree: self.tree, index: self.next };
            self.next = node.data().next;
            if !node.is_hidden() {
                return Some(node);
            }
        }
        None
    }
}

impl FusedIterator for Nodes<'_> {}

impl<'t> Iterator for Entries<'t> {
    type Item = Entry<'t>;

    fn next(&mut self) -> Option<Entry<'t>> {
        let tree = self.tree;
        self.range.by_ref().map(|index| tree.entry_at_index(index)).find(|entry| !entry.is_slashdashed())
    }
}

impl FusedIterator for Entries<'_> {}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.tree.slice(self.header_span()))
    }
}

impl std::fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.tree.slice(self.span()))
    }
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.source())
    }
}

/// The text of a token: of a word or string, what it stands for; of anything else, what is written.
fn decoded(tree: &Tree, token: u32) -> Cow<'_, str> {
    let (kind, source) = (tree.kind(token).unwrap_or(TokenKind::Unknown), tree.token_text(token));
    if kind == TokenKind::Word || !kind.is_text() {
        return Cow::Borrowed(source);
    }
    text::decode(kind, source)
}
