//! What an editor draws from syntax alone: colours and folds.
//!
//! Not here: colours that depend on the meaning of names.
//!
//! Start with [`Tree::highlights`] and [`Tree::folds`].

use platc_diag::Span;

use crate::chars::is_newline;
use crate::token::TokenKind;
use crate::tree::{EntryData, NONE, NodeFlags, Tree, index32};

/// What a stretch of text is to the eye.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Highlight {
    /// The name of a node.
    NodeName,
    /// The name of a property.
    PropertyName,
    /// The name in a type annotation.
    Annotation,
    /// A value without quotes.
    Word,
    /// A value in quotes of any kind.
    Text,
    /// A number.
    Number,
    /// `#true` and its kin.
    Keyword,
    /// Braces, parentheses, `=`, `;` and `\`.
    Punctuation,
    /// A comment.
    Comment,
    /// A comment that documents the node below it.
    DocComment,
    /// Commented out by `/-`, that sign included.
    Disabled,
    /// What was reported by itself.
    Error,
}

/// Lines that can be folded away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fold {
    /// From the first character to the last; over more than one line.
    pub span: Span,
    /// What is folded.
    pub kind: FoldKind,
}

/// What can be folded away.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FoldKind {
    /// A block with its braces.
    Block,
    /// A block comment, or line comments below each other.
    Comment,
    /// A string of several lines.
    Text,
}

impl Tree {
    /// The whole file in colours, without white space, in order. Nothing overlaps.
    pub fn highlights(&self) -> Vec<(Span, Highlight)> {
        let mut kinds: Vec<Option<Highlight>> = self.kinds.iter().map(|kind| plain(*kind)).collect();
        let mut set = |token: u32, highlight: Highlight| {
            if let Some(slot) = kinds.get_mut(token as usize) {
                *slot = Some(highlight);
            }
        };
        for node in self.nodes.iter().filter(|node| !node.flags.has(NodeFlags::NAMELESS)) {
            set(node.name, Highlight::NodeName);
        }
        for entry in self.entries.iter().filter(|entry| entry.is(EntryData::PROPERTY)) {
            set(entry.first, Highlight::PropertyName);
        }
        for token in self.annotation_names() {
            set(token, Highlight::Annotation);
        }
        for token in self.disabled().into_iter().flatten() {
            if !self.kind(token).is_some_and(TokenKind::is_comment) {
                set(token, Highlight::Disabled);
            }
        }
        let spans = (0..).zip(kinds).filter_map(|(token, highlight)| {
            let visible = self.kind(token) != Some(TokenKind::Newline);
            highlight.filter(|_| visible).map(|highlight| (self.token_span(token), highlight))
        });
        spans.filter(|(span, _)| !span.is_empty()).collect()
    }

    /// What can be folded away, in the order of their beginnings.
    pub fn folds(&self) -> Vec<Fold> {
        let blocks = self
            .nodes
            .iter()
            .filter(|node| node.open != NONE && node.close != NONE)
            .map(|node| Fold { span: self.tokens_span(node.open, node.close + 1), kind: FoldKind::Block });
        let mut folds: Vec<Fold> = blocks.chain(self.token_folds()).collect();
        folds.retain(|fold| self.slice(fold.span).contains(is_newline));
        folds.sort_by_key(|fold| (fold.span.start, fold.span.end));
        folds
    }

    /// Folds that are tokens: long comments and strings, and runs of line comments.
    fn token_folds(&self) -> Vec<Fold> {
        let mut folds: Vec<Fold> = Vec::new();
        let (mut comments, mut breaks): (Option<Span>, usize) = (None, 0);
        for token in self.tokens() {
            match token.kind {
                TokenKind::LineComment | TokenKind::DocComment => {
                    comments = match comments.filter(|_| breaks == 1) {
                        Some(run) => Some(run.to(token.span)),
                        None => {
                            folds.extend(comments.map(|span| Fold { span, kind: FoldKind::Comment }));
                            Some(token.span)
                        }
                    };
                    breaks = 0;
                }
                TokenKind::Newline => breaks += 1,
                TokenKind::Whitespace => {}
                kind => {
                    folds.extend(comments.take().map(|span| Fold { span, kind: FoldKind::Comment }));
                    let fold = match kind {
                        TokenKind::BlockComment => Some(FoldKind::Comment),
                        kind if kind.is_text() => Some(FoldKind::Text),
                        _ => None,
                    };
                    folds.extend(fold.map(|kind| Fold { span: token.span, kind }));
                }
            }
        }
        folds.extend(comments.map(|span| Fold { span, kind: FoldKind::Comment }));
        folds
    }

    /// Text between parentheses.
    fn annotation_names(&self) -> impl Iterator<Item = u32> {
        let mut inside = false;
        (0..index32(self.kinds.len())).filter(move |token| match self.kind(*token) {
            Some(TokenKind::OpenParen) => {
                inside = true;
                false
            }
            Some(TokenKind::CloseParen | TokenKind::Newline) => {
                inside = false;
                false
            }
            kind => inside && kind.is_some_and(TokenKind::is_text),
        })
    }

    /// The tokens that each outermost `/-` comments out.
    fn disabled(&self) -> Vec<std::ops::Range<u32>> {
        let mut found: Vec<std::ops::Range<u32>> = Vec::new();
        let nodes = self.nodes.iter().filter(|node| node.flags.has(NodeFlags::SLASHDASHED));
        let nodes = nodes.map(|node| (node.name, node.end));
        let entries = self.entries.iter().filter(|entry| entry.is(EntryData::SLASHDASHED));
        let entries = entries.map(|entry| (entry.first, entry.value() + 1));
        let mut ends: Vec<(u32, u32)> = nodes.chain(entries).collect();
        ends.sort_unstable();
        for (token, kind) in (0..).zip(&self.kinds) {
            let inside = found.last().is_some_and(|last| token < last.end);
            if *kind != TokenKind::Slashdash || inside {
                continue;
            }
            let target = (token + 1..index32(self.kinds.len()))
                .find(|token| !self.kind(*token).is_some_and(TokenKind::is_trivia));
            let end = match target {
                Some(open) if self.kind(open) == Some(TokenKind::OpenBrace) => {
                    let block = self.slashdashed_blocks.binary_search_by_key(&open, |(open, _)| *open);
                    let block = block.ok().and_then(|block| self.slashdashed_blocks.get(block));
                    block.map_or(open, |(_, close)| close + 1)
                }
                Some(first) => {
                    let after = ends.partition_point(|(start, _)| *start < first);
                    let own = |(start, _): &&(u32, u32)| {
                        *start == first || self.annotation_before(*start) == Some(first)
                    };
                    ends.get(after).filter(own).map_or(first, |(_, end)| *end)
                }
                None => token + 1,
            };
            found.push(token..end.max(token + 1));
        }
        found
    }
}

/// The colour of a token that has no part in a node; `None` for white space.
fn plain(kind: TokenKind) -> Option<Highlight> {
    use TokenKind as Kind;
    Some(match kind {
        Kind::Bom | Kind::Whitespace | Kind::Newline => return None,
        Kind::LineComment | Kind::BlockComment => Highlight::Comment,
        Kind::DocComment => Highlight::DocComment,
        Kind::Slashdash => Highlight::Disabled,
        Kind::Continuation | Kind::OpenBrace | Kind::CloseBrace | Kind::OpenParen => Highlight::Punctuation,
        Kind::CloseParen | Kind::Equals | Kind::Semicolon => Highlight::Punctuation,
        Kind::Word => Highlight::Word,
        Kind::Text | Kind::EscapedText | Kind::MultilineText | Kind::RawText => Highlight::Text,
        Kind::RawMultilineText | Kind::LegacyRawText | Kind::LegacyText => Highlight::Text,
        Kind::Integer | Kind::Float | Kind::Inf | Kind::NegativeInf | Kind::NaN => Highlight::Number,
        Kind::True | Kind::False | Kind::Null | Kind::LegacyKeyword => Highlight::Keyword,
        Kind::BadText | Kind::BadNumber | Kind::BadKeyword | Kind::Unknown => Highlight::Error,
    })
}
