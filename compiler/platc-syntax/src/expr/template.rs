//! Strings with `${…}` in them.
//!
//! Not here: the expressions themselves (`parse.rs`).
//!
//! Start with [`Template`] and [`parse_template`].

use platc_diag::{Problems, Span};

use super::lex::{Ending, Within, lex};
use super::parse::parse;
use super::{Expr, ExprKind};
use crate::errors;
use crate::source_map::SourceMap;

/// A string, taken apart. Side by side its pieces are the string.
#[derive(Clone, PartialEq, Debug)]
pub struct Template {
    /// The pieces in order; an empty string has none. No two of [`Piece::Text`] follow each other.
    pub pieces: Vec<Piece>,
    /// Where the string is written, without its quotes.
    pub span: Span,
}

/// A part of a [`Template`].
#[derive(Clone, PartialEq, Debug)]
pub enum Piece {
    /// Literal text, in which `$${` is read as `${`.
    Text {
        /// The text.
        text: String,
        /// Where it is written.
        span: Span,
    },
    /// `${…}`.
    Expr {
        /// What stands between the braces.
        expr: Expr,
        /// Where it is written, from `$` to `}`.
        span: Span,
    },
}

/// What a text gives: a template in any case, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct ParsedTemplate {
    /// The template, with [`ExprKind::Error`] in it where it cannot be read.
    pub template: Template,
    /// What is wrong with it.
    pub problems: Problems,
}

impl Template {
    /// Whether it is one expression and nothing else, so that it has the expression's type.
    pub fn is_single_expr(&self) -> bool {
        self.single_expr().is_some()
    }

    /// The expression, if it is one and nothing else.
    pub fn single_expr(&self) -> Option<&Expr> {
        match self.pieces.as_slice() {
            [Piece::Expr { expr, .. }] => Some(expr),
            _ => None,
        }
    }

    /// Its text, if there is no expression in it.
    pub fn literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text { text, .. }] => Some(text),
            _ => None,
        }
    }

    /// The expressions in it, in order.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Expr { expr, .. } => Some(expr),
            Piece::Text { .. } => None,
        })
    }
}

/// Whether a text has a `${` at all, so that [`parse_template`] is worth calling. Also true for `$${`.
pub fn has_expression(text: &str) -> bool {
    text.contains("${")
}

/// Takes a string apart. `map` says where `text` is written; see [`crate::Value::source_map`].
pub fn parse_template(text: &str, map: &SourceMap) -> ParsedTemplate {
    let mut builder = Builder { map, pieces: Vec::new(), literal: String::new(), literal_start: 0 };
    let mut problems = Problems::new();
    let mut at = 0;
    while let Some(dollar) = text.get(at..).and_then(|rest| rest.find('$')).map(|found| at + found) {
        builder.literal.push_str(text.get(at..dollar).unwrap_or(""));
        let rest = text.get(dollar..).unwrap_or("");
        if rest.starts_with("$${") {
            builder.literal.push_str("${");
            at = dollar + 3;
        } else if rest.starts_with("${") {
            builder.end_text(dollar);
            let (expr, end) = expression(text, dollar, map, &mut problems);
            builder.pieces.push(Piece::Expr { expr, span: map.span_of(dollar..end) });
            builder.literal_start = end;
            at = end;
        } else {
            builder.literal.push('$');
            at = dollar + 1;
        }
    }
    builder.literal.push_str(text.get(at..).unwrap_or(""));
    builder.end_text(text.len());
    ParsedTemplate { template: Template { pieces: builder.pieces, span: map.span() }, problems }
}

struct Builder<'m> {
    map: &'m SourceMap,
    pieces: Vec<Piece>,
    /// Text that no piece was made of yet, and where it begins.
    literal: String,
    literal_start: usize,
}

impl Builder<'_> {
    fn end_text(&mut self, end: usize) {
        if !self.literal.is_empty() {
            let span = self.map.span_of(self.literal_start..end);
            self.pieces.push(Piece::Text { text: std::mem::take(&mut self.literal), span });
        }
    }
}

/// Reads `${…}` at `dollar`, and gives the expression and where it ends.
fn expression(text: &str, dollar: usize, map: &SourceMap, problems: &mut Problems) -> (Expr, usize) {
    let start = dollar + 2;
    let mut own = Problems::new();
    let lexed = lex(text, start, Within::Braces, map, &mut own);
    let readable = own.is_empty();
    let expr = if lexed.tokens.is_empty() && lexed.ending == Ending::Brace {
        own.push(errors::expression_empty(map.span_of(dollar..lexed.end + 1)));
        Expr { kind: ExprKind::Error, span: map.span_of(start..start) }
    } else {
        parse(text, start, &lexed, map, &mut own)
    };
    let end = match lexed.ending {
        Ending::Brace => lexed.end + 1,
        Ending::TooLong => {
            let rest = text.get(lexed.end..).unwrap_or("");
            lexed.end + rest.find('}').map_or(rest.len(), |brace| brace + 1)
        }
        Ending::Text | Ending::Opening => {
            // What is missing in it is most likely behind the place where it should have ended.
            if readable {
                own.clear();
                own.push(errors::expression_unclosed_braces(map.span_of(dollar..start)));
            }
            lexed.end
        }
    };
    problems.append(&mut own);
    (expr, end)
}
