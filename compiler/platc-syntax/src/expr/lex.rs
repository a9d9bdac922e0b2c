//! Cuts the text of one expression into tokens, up to the `}` that ends it.
//!
//! Not here: which tokens may follow which (`parse.rs`).
//!
//! Start with [`lex`]. It looks at no more than `limits::EXPRESSION_BYTES` and one token, whatever follows.

use platc_diag::{Diagnostic, Problems, limits};

use super::BinaryOp;
use crate::errors;
use crate::source_map::SourceMap;

/// A token, by its place in the decoded text.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a token is.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum TokenKind {
    Name,
    Int(i128),
    Float(f64),
    /// With its escapes resolved.
    Text(String),
    Dot,
    Comma,
    Colon,
    Question,
    Not,
    /// An operator between operands; the minus is also one before its operand.
    Binary(BinaryOp),
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    /// A number that was reported.
    Bad,
    /// Nothing begins like this.
    Unknown,
}

/// How the tokens of an expression end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ending {
    /// With the text.
    Text,
    /// Before a `}`.
    Brace,
    /// Before another `${`: the `}` of this one is missing.
    Opening,
    /// It is longer than the limit; the rest was not looked at.
    TooLong,
}

/// The tokens of an expression.
pub(super) struct Lexed {
    pub(super) tokens: Vec<Token>,
    pub(super) ending: Ending,
    /// Where it ends in the text.
    pub(super) end: usize,
}

struct Lexer<'t> {
    text: &'t str,
    map: &'t SourceMap,
    problems: &'t mut Problems,
}

/// Whether `}` ends the expression or is a mistake in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Within {
    /// `${…}`.
    Braces,
    /// The whole text of a `check`.
    Text,
}

/// Cuts the expression that begins at `start` into tokens. `problems` is that expression's own list.
pub(super) fn lex(
    text: &str,
    start: usize,
    within: Within,
    map: &SourceMap,
    problems: &mut Problems,
) -> Lexed {
    let mut lexer = Lexer { text, map, problems };
    let mut tokens = Vec::new();
    let mut at = start;
    let ending = loop {
        let rest = lexer.rest(at);
        at += rest.len() - rest.trim_start().len();
        let Some(next) = lexer.rest(at).chars().next() else { break Ending::Text };
        if next == '}' && within == Within::Braces {
            break Ending::Brace;
        }
        if lexer.rest(at).starts_with("${") && within == Within::Braces {
            break Ending::Opening;
        }
        if at - start >= limits::EXPRESSION_BYTES {
            break Ending::TooLong;
        }
        let token = lexer.token(at, next, within);
        at = token.end;
        tokens.push(token);
    };
    let ending = if at - start > limits::EXPRESSION_BYTES { Ending::TooLong } else { ending };
    Lexed { tokens, ending, end: at }
}

impl<'t> Lexer<'t> {
    fn rest(&self, at: usize) -> &'t str {
        self.text.get(at..).unwrap_or("")
    }

    /// Reports a mistake if it is the first of this expression.
    fn problem(&mut self, problem: Diagnostic) {
        if self.problems.is_empty() {
            self.problems.push(problem);
        }
    }

    fn token(&mut self, at: usize, next: char, within: Within) -> Token {
        if next.is_ascii_digit() {
            return self.number(at);
        }
        if is_name_start(next) {
            let end = at + name_len(self.rest(at));
            return Token { kind: TokenKind::Name, start: at, end };
        }
        if next == '\'' {
            return self.text_literal(at, within);
        }
        if next == '"' {
            return self.double_quoted(at);
        }
        let (kind, length) = sign(self.rest(at));
        if kind == TokenKind::Unknown {
            return self.unknown(at);
        }
        Token { kind, start: at, end: at + length }
    }

    /// A number and what is stuck to it: `500m` is one mistake.
    fn number(&mut self, at: usize) -> Token {
        let rest = self.rest(at);
        let mut length = digits_len(rest);
        let mut whole = true;
        let fraction = rest.get(length..).and_then(|rest| rest.strip_prefix('.')).map_or(0, digits_len);
        if fraction > 0 {
            length += 1 + fraction;
            whole = false;
        }
        let exponent = exponent_len(rest.get(length..).unwrap_or(""));
        whole &= exponent == 0;
        length += exponent;
        let stuck = rest.get(length..).unwrap_or("");
        let end = at + length + if stuck.starts_with(is_name_start) { name_len(stuck) } else { 0 };
        let word = self.text.get(at..end).unwrap_or("");
        let value = if end > at + length {
            None
        } else if whole {
            crate::literal::integer(word).map(TokenKind::Int)
        } else {
            crate::literal::float(word).map(TokenKind::Float)
        };
        let kind = value.unwrap_or_else(|| {
            self.problem(errors::expression_bad_number(self.map.span_of(at..end), word));
            TokenKind::Bad
        });
        Token { kind, start: at, end }
    }

    /// `'text'`. One that is not closed ends before the next `}`, so that the rest can be read.
    fn text_literal(&mut self, at: usize, within: Within) -> Token {
        let mut text = String::new();
        let mut end = at + 1;
        let limit = at + limits::EXPRESSION_BYTES;
        while end < limit {
            let Some(c) = self.rest(end).chars().next() else { break };
            let start = end;
            end += c.len_utf8();
            match c {
                '\'' => return Token { kind: TokenKind::Text(text), start: at, end },
                '\\' => {
                    let escaped = self.rest(end).chars().next();
                    end += escaped.map_or(0, char::len_utf8);
                    match escaped {
                        Some('\'') => text.push('\''),
                        Some('\\') => text.push('\\'),
                        Some('n') => text.push('\n'),
                        Some('t') => text.push('\t'),
                        other => {
                            let span = self.map.span_of(start..end);
                            self.problem(errors::expression_bad_escape(span, other));
                            text.extend(other);
                        }
                    }
                }
                c => text.push(c),
            }
        }
        let end = end.min(self.text.len());
        let body = self.text.get(at + 1..end).unwrap_or("");
        let brace = body.find('}').filter(|_| within == Within::Braces);
        let body = brace.and_then(|brace| body.get(..brace)).unwrap_or(body);
        self.problem(errors::expression_unclosed_text(self.map.span_of(at..at + 1)));
        Token { kind: TokenKind::Text(body.to_owned()), start: at, end: at + 1 + body.len() }
    }

    /// Text as KDL writes it. It is read as text, so that this is the only complaint.
    fn double_quoted(&mut self, at: usize) -> Token {
        let body = self.rest(at + 1);
        let near = body.char_indices().take(limits::EXPRESSION_BYTES).find(|(_, c)| *c == '"');
        let length = near.map_or(0, |(length, _)| length);
        let end = at + 1 + length + usize::from(near.is_some());
        let text = body.get(..length).unwrap_or("");
        self.problem(errors::expression_double_quotes(self.map.span_of(at..end), text));
        Token { kind: TokenKind::Text(text.to_owned()), start: at, end }
    }

    fn unknown(&mut self, at: usize) -> Token {
        let rest = self.rest(at);
        let stops = |c: char| c.is_whitespace() || c.is_alphanumeric() || "_{}'\"()[]$".contains(c);
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let more = rest.get(first..).unwrap_or("");
        // A run of signs is one mistake, `===` as well as `:=`.
        let length = first + more.find(stops).unwrap_or(more.len());
        let end = at + length.min(8.max(first));
        let end = if self.text.is_char_boundary(end) { end } else { at + first };
        let source = self.text.get(at..end).unwrap_or("");
        self.problem(errors::expression_unknown_sign(self.map.span_of(at..end), source));
        Token { kind: TokenKind::Unknown, start: at, end }
    }
}

/// The sign that a text begins with, and its length.
fn sign(rest: &str) -> (TokenKind, usize) {
    use BinaryOp as Op;
    let two = [
        ("===", TokenKind::Unknown),
        ("!==", TokenKind::Unknown),
        ("**", TokenKind::Unknown),
        ("++", TokenKind::Unknown),
        ("<>", TokenKind::Unknown),
        ("==", TokenKind::Binary(Op::Equal)),
        ("!=", TokenKind::Binary(Op::NotEqual)),
        ("<=", TokenKind::Binary(Op::LessOrEqual)),
        (">=", TokenKind::Binary(Op::GreaterOrEqual)),
        ("&&", TokenKind::Binary(Op::And)),
        ("||", TokenKind::Binary(Op::Or)),
    ];
    if let Some((sign, kind)) = two.into_iter().find(|(sign, _)| rest.starts_with(sign)) {
        return (kind, sign.len());
    }
    let kind = match rest.chars().next() {
        Some('.') => TokenKind::Dot,
        Some(',') => TokenKind::Comma,
        Some(':') => TokenKind::Colon,
        Some('?') => TokenKind::Question,
        Some('!') => TokenKind::Not,
        Some('(') => TokenKind::OpenParen,
        Some(')') => TokenKind::CloseParen,
        Some('[') => TokenKind::OpenBracket,
        Some(']') => TokenKind::CloseBracket,
        Some('<') => TokenKind::Binary(Op::Less),
        Some('>') => TokenKind::Binary(Op::Greater),
        Some('*') => TokenKind::Binary(Op::Multiply),
        Some('/') => TokenKind::Binary(Op::Divide),
        Some('%') => TokenKind::Binary(Op::Remainder),
        Some('+') => TokenKind::Binary(Op::Add),
        Some('-') => TokenKind::Binary(Op::Subtract),
        _ => TokenKind::Unknown,
    };
    (kind, 1)
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Length of the name that a text begins with. A dash belongs to it if more of the name follows.
fn name_len(text: &str) -> usize {
    let inner = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let end = text.find(|c| !inner(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or("").trim_end_matches('-').len()
}

fn digits_len(text: &str) -> usize {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len())
}

/// Length of `e-3` and the like; 0 if there is none.
fn exponent_len(text: &str) -> usize {
    let Some(rest) = text.strip_prefix(['e', 'E']) else { return 0 };
    let sign = usize::from(rest.starts_with(['+', '-']));
    match digits_len(rest.get(sign..).unwrap_or("")) {
        0 => 0,
        digits => 1 + sign + digits,
    }
}
