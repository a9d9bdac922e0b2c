//! What an editor asks a [`Tree`] by position: tokens, nodes, entries and comments at an offset.
//!
//! Not here: colours and folds (`outline.rs`), and anything that needs the meaning of names.
//!
//! Start with [`Tree::place_at`]: it says what could be typed at an offset.

use platc_diag::Span;

use crate::token::{Token, TokenKind};
use crate::tree::{NONE, Tree, index32};
use crate::view::{Entry, Node, Value};

/// What an offset is to the nodes around it: which kind of thing is, or could be, typed there.
#[derive(Clone, Copy, Debug)]
pub enum Place<'t> {
    /// A name of a node, or the beginning of a line, in the block of `parent` or at the top.
    NodeName {
        /// The node whose block it is; `None` at the top of the document.
        parent: Option<Node<'t>>,
        /// The node whose name it is, if one is there.
        node: Option<Node<'t>>,
    },
    /// The name of a property.
    PropertyName {
        /// The node that it belongs to.
        node: Node<'t>,
        /// The property.
        entry: Entry<'t>,
    },
    /// An argument or the value of a property.
    Value {
        /// The node that it belongs to.
        node: Node<'t>,
        /// The entry whose value it is.
        entry: Entry<'t>,
        /// The value.
        value: Value<'t>,
    },
    /// Between entries, where an argument, a property or a block could begin.
    EntryStart {
        /// The node that it belongs to.
        node: Node<'t>,
    },
    /// In the parentheses of a type annotation.
    Annotation,
    /// In a comment.
    Comment,
    /// In something that is commented out by `/-`, or that belongs to no node.
    Hidden,
}

impl Tree {
    /// The token that holds the byte at `offset`; at the end of the file, its last token.
    pub fn token_at(&self, offset: u32) -> Option<Token> {
        let index = self.token_index_at(offset)?;
        let token = self.token(index);
        let inside = offset < token.span.end;
        if inside { Some(token) } else { self.space_behind(index).or(Some(token)) }
    }

    /// The tokens that touch a cursor at `offset`: the one it is in, or the two that it is between.
    pub fn tokens_touching(&self, offset: u32) -> impl Iterator<Item = Token> {
        let right = self.token_at(offset);
        let left = offset.checked_sub(1).and_then(|before| self.token_at(before));
        let pair = left.filter(|left| Some(*left) != right).into_iter().chain(right);
        pair.filter(move |token| token.span.touches(offset))
    }

    /// The innermost node that covers a cursor at `offset`, from its name to the end of its block or last
    /// value. It may be commented out: see [`Node::is_hidden`].
    pub fn node_at(&self, offset: u32) -> Option<Node<'_>> {
        let mut index = self.last_node_before(offset)?;
        loop {
            let node = self.node_at_index(index);
            if node.span().touches(offset) {
                return Some(node);
            }
            match node.data().parent {
                NONE => return None,
                parent => index = parent,
            }
        }
    }

    /// The innermost node in whose block `offset` lies; `None` at the top of the document.
    pub fn block_at(&self, offset: u32) -> Option<Node<'_>> {
        let inner = self.owner_of(offset)?;
        std::iter::once(inner).chain(inner.ancestors()).find(|node| self.is_in_block(*node, offset))
    }

    /// The entry that covers a cursor at `offset`, commented-out ones included.
    pub fn entry_at(&self, offset: u32) -> Option<Entry<'_>> {
        let after = self.entries.partition_point(|entry| self.token_start(entry.first) <= offset);
        let entry = self.entry_at_index(index32(after.checked_sub(1)?));
        entry.span().touches(offset).then_some(entry)
    }

    /// All comments, in order.
    pub fn comments(&self) -> impl Iterator<Item = Token> {
        self.tokens().filter(|token| token.kind.is_comment())
    }

    /// The white space and comments before the token at `offset`, from the end of the token before them.
    pub fn trivia_before(&self, offset: u32) -> Span {
        let token = self.token_index_at(offset).unwrap_or(0);
        let before = (0..token).rev().find(|token| !self.kind(*token).is_some_and(TokenKind::is_trivia));
        let start = before.map_or(0, |token| self.token_span(token).end);
        Span::new(self.file, start, self.token_start(token))
    }

    /// What could be typed at `offset`.
    pub fn place_at(&self, offset: u32) -> Place<'_> {
        let touching: Vec<Token> = self.tokens_touching(offset).collect();
        if touching.iter().any(|token| is_inside_comment(*token, offset)) {
            return Place::Comment;
        }
        let node = self.owner_of(offset);
        if node.is_some_and(Node::is_hidden) {
            return Place::Hidden;
        }
        if let Some(place) = node.and_then(|node| self.place_in_header(node, offset)) {
            return place;
        }
        match node {
            Some(node) if !self.is_in_block(node, offset) && !self.begins_declaration(node, offset) => {
                Place::EntryStart { node }
            }
            Some(node) if self.is_in_block(node, offset) => {
                Place::NodeName { parent: Some(node), node: None }
            }
            Some(node) => Place::NodeName { parent: node.parent(), node: None },
            None => Place::NodeName { parent: None, node: None },
        }
    }

    /// The node whose line or block `offset` is in, also behind its last value.
    fn owner_of(&self, offset: u32) -> Option<Node<'_>> {
        let node = self.node_at_index(self.last_node_before(offset)?);
        let chain = std::iter::once(node).chain(node.ancestors());
        chain.into_iter().find(|node| {
            node.span().touches(offset) || self.is_behind(*node, offset) || self.is_in_block(*node, offset)
        })
    }

    /// The last node that begins at `offset` or before, be it with a type annotation.
    fn last_node_before(&self, offset: u32) -> Option<u32> {
        let after = self.nodes.partition_point(|node| self.token_start(node.name) <= offset);
        let annotated = after < self.nodes.len() && {
            let first = self.first_token(index32(after));
            self.token_start(first) <= offset
        };
        if annotated { Some(index32(after)) } else { after.checked_sub(1).map(index32) }
    }

    /// Whether only spaces lie between the end of a node and `offset`, so that it could go on there.
    fn is_behind(&self, node: Node<'_>, offset: u32) -> bool {
        let end = node.span().end;
        let gap = self.text.get(end as usize..offset as usize);
        gap.is_some_and(|gap| gap.chars().all(crate::chars::is_space))
    }

    /// Whether `offset` is between the braces of a node. A block without an end goes on to the next node
    /// that is outside of it.
    fn is_in_block(&self, node: Node<'_>, offset: u32) -> bool {
        let data = node.data();
        if data.open == NONE || offset <= self.token_start(data.open) {
            return false;
        }
        if data.close != NONE {
            return offset <= self.token_start(data.close);
        }
        let outside = self.nodes.get(data.next as usize).map(|next| self.token_start(next.name));
        let around = node.parent().filter(|parent| parent.data().close != NONE);
        let around = around.map(|parent| self.token_start(parent.data().close));
        outside.into_iter().chain(around).all(|end| offset <= end)
    }

    /// Whether `offset` is behind the block of a node, where only another node can follow.
    fn begins_declaration(&self, node: Node<'_>, offset: u32) -> bool {
        node.block_span().is_some_and(|block| block.end <= offset)
    }

    fn place_in_header<'t>(&'t self, node: Node<'t>, offset: u32) -> Option<Place<'t>> {
        if node.name_span().touches(offset) {
            return Some(Place::NodeName { parent: node.parent(), node: Some(node) });
        }
        let annotation = |annotation: crate::view::Annotation<'_>| annotation.span().touches(offset);
        if node.type_annotation().is_some_and(annotation) {
            return Some(Place::Annotation);
        }
        let mut entries = self.entry_range(node.index()).map(|index| self.entry_at_index(index));
        let entry = entries.find(|entry| entry.span().touches(offset))?;
        let value = entry.value();
        Some(match entry.name_span() {
            _ if entry.is_slashdashed() => Place::Hidden,
            _ if value.type_annotation().is_some_and(annotation) => Place::Annotation,
            Some(name) if name.touches(offset) => Place::PropertyName { node, entry },
            _ => Place::Value { node, entry, value },
        })
    }

    pub(crate) fn token_index_at(&self, offset: u32) -> Option<u32> {
        let after = self.starts.partition_point(|start| *start <= offset);
        after.checked_sub(1).map(index32)
    }
}

/// Whether a cursor at `offset` types into a comment. Right behind a line comment it still does.
fn is_inside_comment(token: Token, offset: u32) -> bool {
    let inside = token.span.start < offset && offset < token.span.end;
    token.kind.is_comment() && (inside || token.kind.is_line_comment() && offset == token.span.end)
}

/// The text of the `///` lines directly above a token.
pub(crate) fn doc_above(tree: &Tree, first: u32) -> Option<String> {
    let mut lines = Vec::new();
    let mut token = first;
    while let Some(comment) = line_above(tree, token) {
        let text = tree.token_text(comment);
        let text = text.strip_prefix("///").unwrap_or(text);
        lines.push(text.strip_prefix(' ').unwrap_or(text).trim_end());
        token = comment;
    }
    lines.reverse();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The documentation comment that is alone in the line above the line of `token`, which begins its own.
fn line_above(tree: &Tree, token: u32) -> Option<u32> {
    let at = |token: u32, kind: TokenKind| tree.kind(token) == Some(kind);
    let comment = token.checked_sub(2)?;
    let above = at(comment, TokenKind::DocComment) && at(comment + 1, TokenKind::Newline);
    let alone = comment.checked_sub(1).is_none_or(|before| {
        matches!(tree.kind(before), Some(TokenKind::Newline | TokenKind::Bom | TokenKind::Whitespace))
    });
    (above && alone).then_some(comment)
}
