//! Writes tokens in the canonical layout.
//!
//! Not here: which part of a file is written (`fmt.rs`).
//!
//! Start with `Printer::items`, which writes what stands side by side in a block, and `Printer::node`. The
//! printer goes through the tokens from left to right and never back, but for a declaration in one line
//! that turns out to be too long. It calls itself for blocks only, and those are nested
//! `limits::NESTING` deep at most.

use std::ops::Range;

use platc_diag::Span;

use super::WIDTH;
use crate::chars::is_newline;
use crate::text;
use crate::token::TokenKind as Kind;
use crate::tree::{NodeData, NodeFlags, Tree, index32};

/// Spaces for each level of blocks.
const INDENT: usize = 4;

/// Whether blocks may go over several lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// All in one line; given up if it gets too long.
    Flat,
    /// Blocks that are not empty are written over several lines.
    Lines,
}

/// What stands in the line that is being written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// Nothing yet.
    Empty,
    /// The `{` of the block that the items are in.
    Opened,
    /// A comment that belongs to what follows it in the same line.
    Leading,
    /// A whole item.
    Full,
}

/// Writes one file.
pub(super) struct Printer<'t> {
    tree: &'t Tree,
    out: String,
    /// The node that comes next.
    node: u32,
    /// What is written flat has become too long.
    overflow: bool,
    /// Up to this token, the comments of a line are known to lead to a node in it, or not to.
    leads: (u32, bool),
}

/// How a header is being written.
struct Header {
    node: u32,
    layout: Layout,
    depth: usize,
    /// No space before the next token.
    glue: bool,
    /// The next line break of the source is one of the output.
    continued: bool,
    /// A continued line has just begun.
    fresh: bool,
}

impl<'t> Printer<'t> {
    pub(super) fn new(tree: &'t Tree) -> Self {
        let out = String::with_capacity(tree.text.len() + tree.text.len() / 8);
        Self { tree, out, node: 0, overflow: false, leads: (0, false) }
    }

    /// Begins with the first node whose name is at or behind a token.
    pub(super) fn start_at(&mut self, token: u32) {
        let before = |node: &NodeData| node.name < token;
        self.node = index32(self.tree.nodes.partition_point(before));
    }

    /// The text, with one line break at its end.
    pub(super) fn finish(mut self) -> String {
        let end = self.out.trim_end_matches([' ', '\n']).len();
        self.out.truncate(end);
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    /// Writes nodes and comments, each in a line of its own but for comments that share one.
    pub(super) fn items(&mut self, tokens: Range<u32>, depth: usize, mut line: Line) {
        let mut token = tokens.start;
        // Line breaks since the last item, whether a `;` ended it, and the token behind it.
        let (mut breaks, mut ended, mut behind) = (0_usize, line == Line::Opened, token);
        while token < tokens.end
            && let Some(kind) = self.tree.kind(token)
        {
            let own = self.begins_node(token);
            match kind {
                Kind::Newline => breaks += 1,
                Kind::Semicolon if !own => ended = true,
                Kind::Bom | Kind::Whitespace | Kind::Continuation if !own => {}
                _ => {
                    let leads = kind == Kind::BlockComment && self.leads_to_node(token, tokens.end);
                    let trails = kind.is_comment() && line != Line::Empty && !(leads && ended);
                    if breaks == 0 && (trails || line == Line::Leading) {
                        self.out.push(' ');
                    } else if breaks == 0 && !ended && line == Line::Full {
                        self.copy_gap(behind, token);
                    } else {
                        self.new_line(line, breaks, depth);
                    }
                    token = self.item(token, kind, depth);
                    line = if leads { Line::Leading } else { Line::Full };
                    // A `;` that ends nothing is an item by itself.
                    (breaks, ended, behind) = (0, kind == Kind::Semicolon, token);
                    continue;
                }
            }
            token += 1;
        }
    }

    /// Ends the line before the next item.
    fn new_line(&mut self, line: Line, breaks: usize, depth: usize) {
        match line {
            Line::Empty => {}
            Line::Full if breaks > 1 => self.out.push_str("\n\n"),
            Line::Opened | Line::Leading | Line::Full => self.out.push('\n'),
        }
        self.indent(depth);
    }

    /// Copies what stands between two items that nothing separates, which was reported: a line break would
    /// make something else of them.
    fn copy_gap(&mut self, behind: u32, token: u32) {
        let start = behind.checked_sub(1).map_or(0, |last| self.tree.token_span(last).end);
        let gap = Span::new(self.tree.file, start, self.tree.token_start(token));
        self.out.push_str(self.tree.slice(gap));
    }

    /// Writes the comment or node that begins at a token, and gives the token behind it.
    fn item(&mut self, token: u32, kind: Kind, depth: usize) -> u32 {
        if kind.is_comment() || !self.is_next_node(token) {
            self.copy(token);
            return token + 1;
        }
        let end = self.tree.node_data(self.node).end.max(token + 1);
        if !self.try_flat(token, end, depth) {
            self.node(token, depth, Layout::Lines);
        }
        end
    }

    /// Writes a node in one line if that is how the author wrote it, and it fits.
    fn try_flat(&mut self, first: u32, end: u32, depth: usize) -> bool {
        let source = self.tree.slice(self.tree.tokens_span(first, end));
        if !source.contains('{') || source.contains(is_newline) {
            return false;
        }
        let (length, node) = (self.out.len(), self.node);
        self.overflow = false;
        self.node(first, depth, Layout::Flat);
        let fits = !self.overflow && self.columns() <= WIDTH;
        if !fits {
            self.out.truncate(length);
            self.node = node;
        }
        self.overflow = false;
        fits
    }

    /// Writes the next node, which begins at `first`.
    fn node(&mut self, first: u32, depth: usize, layout: Layout) {
        let data = *self.tree.node_data(self.node);
        if data.flags.has(NodeFlags::BROKEN) {
            let source = self.tree.slice(self.tree.tokens_span(first, data.end));
            self.out.push_str(source);
            self.node = data.next;
            return;
        }
        let mut header =
            Header { node: self.node, layout, depth, glue: true, continued: false, fresh: false };
        self.node += 1;
        let mut token = first;
        while token < data.end
            && !self.overflow
            && let Some(kind) = self.tree.kind(token)
        {
            token = self.token(token, kind, &mut header);
        }
        self.node = data.next;
    }

    /// Writes one token of a header, or a whole block, and gives the token behind it.
    fn token(&mut self, token: u32, kind: Kind, header: &mut Header) -> u32 {
        match kind {
            Kind::Whitespace | Kind::Bom => return token + 1,
            Kind::Newline => {
                if header.continued {
                    self.out.push('\n');
                    self.indent(header.depth + 1);
                    (header.continued, header.glue, header.fresh) = (false, true, true);
                }
                return token + 1;
            }
            // One continued line is as good as two.
            Kind::Continuation if header.fresh && self.tree.kind(token + 1) == Some(Kind::Newline) => {
                return token + 2;
            }
            _ => {}
        }
        header.fresh = false;
        let tight = matches!(kind, Kind::CloseParen | Kind::Equals);
        let behind_sign = kind.is_comment() && self.out.ends_with([')', '=']);
        if behind_sign || !header.glue && !tight {
            self.out.push(' ');
        }
        header.glue = matches!(kind, Kind::OpenParen | Kind::CloseParen | Kind::Equals);
        match kind {
            Kind::OpenBrace => return self.block(token, header),
            Kind::Continuation | Kind::LineComment | Kind::DocComment => header.continued = true,
            // As the author has it: `/-node`, but `/- kdl-version 2`.
            Kind::Slashdash => header.glue = !self.is_spaced(token),
            Kind::MultilineText | Kind::RawMultilineText => {
                self.multiline(token, kind, header.depth);
                return token + 1;
            }
            _ => {}
        }
        self.copy(token);
        self.check_width(header.layout);
        token + 1
    }

    /// Writes a block, and gives the token behind its `}`.
    fn block(&mut self, open: u32, header: &Header) -> u32 {
        // A block without an end makes its node a broken one, which is copied.
        let close = self.tree.close_of(header.node, open).unwrap_or(open);
        let inside = open + 1..close.max(open + 1);
        let blank = |token: u32| {
            matches!(self.tree.kind(token), Some(Kind::Newline | Kind::Whitespace | Kind::Continuation))
        };
        self.out.push('{');
        if inside.clone().all(blank) {
            // An empty block has no inside.
        } else if header.layout == Layout::Flat {
            self.out.push(' ');
            self.flat_items(inside);
            self.out.push(' ');
        } else {
            self.items(inside, header.depth + 1, Line::Opened);
            self.out.push('\n');
            self.indent(header.depth);
        }
        self.out.push('}');
        close + 1
    }

    /// Writes nodes and comments in one line. There is no line break among the tokens.
    fn flat_items(&mut self, tokens: Range<u32>) {
        let mut token = tokens.start;
        // What goes before the next item, whether the `;` behind the last one was passed, and the token
        // behind that.
        let (mut separator, mut ended, mut behind) = ("", true, token);
        while token < tokens.end
            && !self.overflow
            && let Some(kind) = self.tree.kind(token)
        {
            if kind == Kind::Semicolon && !self.begins_node(token) {
                ended = true;
                token += 1;
            } else if kind.is_comment() {
                let leads = ended && self.leads_to_node(token, tokens.end);
                self.out.push_str(if leads || separator.is_empty() { separator } else { " " });
                self.copy(token);
                if leads || separator.is_empty() {
                    separator = if leads { " " } else { "; " };
                }
                token += 1;
                behind = token;
            } else {
                if separator == "; " && !ended {
                    self.copy_gap(behind, token);
                } else {
                    self.out.push_str(separator);
                }
                let end = self.tree.node_data(self.node).end.max(token + 1);
                self.node(token, 0, Layout::Flat);
                (separator, ended) = ("; ", false);
                token = end;
                behind = end;
            }
            self.check_width(Layout::Flat);
        }
    }

    /// Writes a string of several lines, one level deeper than the node that it belongs to.
    fn multiline(&mut self, token: u32, kind: Kind, depth: usize) {
        let source = self.tree.token_text(token);
        let prefix = " ".repeat((depth + 1) * INDENT);
        match text::reindent(kind, source, &prefix) {
            Some(text) => self.out.push_str(&text),
            None => self.out.push_str(source),
        }
    }

    fn copy(&mut self, token: u32) {
        self.out.push_str(self.tree.token_text(token));
    }

    fn indent(&mut self, depth: usize) {
        self.out.extend(std::iter::repeat_n(' ', depth * INDENT));
    }

    /// Gives up a line that is written flat once it cannot fit whatever its characters are.
    fn check_width(&mut self, layout: Layout) {
        if layout == Layout::Flat {
            let start = self.out.rfind('\n').map_or(0, |at| at + 1);
            self.overflow |= self.out.len() - start > WIDTH * char::MAX_LEN_UTF8;
        }
    }

    /// Columns of the line that is being written.
    fn columns(&self) -> usize {
        let start = self.out.rfind('\n').map_or(0, |at| at + 1);
        self.out.get(start..).map_or(0, |line| line.chars().count())
    }

    /// Whether the next node begins with this very token, which is no sign that stands between nodes.
    fn begins_node(&self, token: u32) -> bool {
        self.tree.nodes.get(self.node as usize).is_some_and(|node| node.name == token)
    }

    /// Whether the next node begins at a token: with its name or with what stands before that.
    fn is_next_node(&self, token: u32) -> bool {
        (self.node as usize) < self.tree.nodes.len() && self.tree.first_token(self.node) <= token
    }

    /// Whether white space or more stands between a token and the next one that counts.
    fn is_spaced(&self, token: u32) -> bool {
        let newline = self.tree.kind(token + 1) == Some(Kind::Newline);
        newline || self.tree.space_behind(token).is_some()
    }

    /// Whether a node follows a comment in the same line.
    fn leads_to_node(&mut self, comment: u32, end: u32) -> bool {
        if comment < self.leads.0 {
            return self.leads.1;
        }
        let mut token = comment;
        while token < end && self.tree.kind(token) == Some(Kind::BlockComment) {
            token += 1;
        }
        let next = self.tree.kind(token).filter(|_| token < end);
        let stops = |kind: Kind| kind.is_trivia() || kind == Kind::Semicolon;
        self.leads = (token, next.is_some_and(|kind| !stops(kind)));
        self.leads.1
    }
}
