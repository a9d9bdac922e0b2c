//! From tokens to an expression.
//!
//! Not here: tokens (`lex.rs`) and strings around expressions (`template.rs`).
//!
//! Start with [`parse_expr`] and `Parser::expression`. The grammar, loosest first:
//!
//! ```text
//! expression := binary ('?' expression ':' expression)?
//! binary     := unary (operator unary)*          see BinaryOp::precedence
//! unary      := ('!' | '-') unary | postfix
//! postfix    := primary ('.' name | '[' expression ']' | '(' arguments ')')*
//! primary    := literal | name | '(' expression ')' | list
//! list       := '[' arguments ']' | '[' expression 'for' name 'in' expression ('if' expression)? ']'
//! ```

use platc_diag::{Diagnostic, Problems, Span, limits};

use super::lex::{Ending, Lexed, Token, TokenKind, Within, lex};
use super::{BinaryOp, Expr, ExprKind, ParsedExpr, UnaryOp};
use crate::errors;
use crate::name::Name;
use crate::source_map::SourceMap;

/// Reads a text that is an expression as a whole. `map` says where it is written; see
/// [`crate::Value::source_map`].
pub fn parse_expr(text: &str, map: &SourceMap) -> ParsedExpr {
    let mut problems = Problems::new();
    let lexed = lex(text, 0, Within::Text, map, &mut problems);
    let expr = parse(text, 0, &lexed, map, &mut problems);
    ParsedExpr { expr, problems }
}

/// Reads the expression that begins at `start` from its tokens.
pub(super) fn parse(
    text: &str,
    start: usize,
    lexed: &Lexed,
    map: &SourceMap,
    problems: &mut Problems,
) -> Expr {
    if lexed.ending == Ending::TooLong {
        let span = map.span_of(start..lexed.end);
        problems.clear();
        problems.push(errors::expression_too_long(span));
        return Expr { kind: ExprKind::Error, span };
    }
    // A token that was reported leaves a gap, and what the gap causes is no mistake of its own.
    let quiet = !problems.is_empty();
    let tokens = &lexed.tokens;
    let mut parser = Parser { text, tokens, at: 0, end: lexed.end, start, map, depth: 0, quiet, problems };
    let tall = parser.expression();
    if let Some(token) = parser.peek() {
        let span = parser.span_of(token);
        let found = parser.source(token);
        let touching = errors::expression_unexpected(span, found);
        parser.problem(touching);
    }
    tall.expr
}

struct Parser<'t> {
    text: &'t str,
    tokens: &'t [Token],
    at: usize,
    /// Where the expression begins and ends in the text.
    start: usize,
    end: usize,
    map: &'t SourceMap,
    depth: usize,
    /// A mistake was reported, and nothing is reported after it.
    quiet: bool,
    problems: &'t mut Problems,
}

/// An expression, how deep its tree is, and where it is written with parentheses around it.
struct Tall {
    expr: Expr,
    height: usize,
    outer: Span,
}

impl<'t> Parser<'t> {
    fn expression(&mut self) -> Tall {
        self.depth += 1;
        let found = if self.depth > limits::EXPRESSION_NESTING { self.give_up() } else { self.conditional() };
        self.depth -= 1;
        found
    }

    fn conditional(&mut self) -> Tall {
        let condition = self.binary(0);
        if !self.take(&TokenKind::Question) {
            return condition;
        }
        let then = self.expression();
        if !self.take(&TokenKind::Colon) {
            self.expected("`:` and a value for the other case");
        }
        let otherwise = self.expression();
        let span = condition.outer.to(otherwise.outer);
        let height = condition.height.max(then.height).max(otherwise.height);
        let kind = ExprKind::Conditional {
            condition: Box::new(condition.expr),
            then: Box::new(then.expr),
            otherwise: Box::new(otherwise.expr),
        };
        self.tall(kind, span, height)
    }

    /// Operators that bind tighter than `loosest`, from the left.
    fn binary(&mut self, loosest: u8) -> Tall {
        let mut left = self.unary();
        let mut compared = false;
        while let Some((op, token)) = self.operator().filter(|(op, _)| op.precedence() > loosest) {
            let op_span = self.span_of(token);
            if op == BinaryOp::Subtract && !self.is_spaced(token) {
                let around = self.map.span_of(token.start..token.end);
                self.problem(errors::expression_tight_minus(around));
            }
            if op.is_comparison() && compared {
                self.problem(errors::expression_chained(op_span, op.sign()));
            }
            compared = op.is_comparison();
            self.at += 1;
            let right = self.binary(op.precedence());
            let span = left.outer.to(right.outer);
            let height = left.height.max(right.height);
            let kind =
                ExprKind::Binary { op, op_span, left: Box::new(left.expr), right: Box::new(right.expr) };
            left = self.tall(kind, span, height);
        }
        left
    }

    fn unary(&mut self) -> Tall {
        let op = match self.kind() {
            Some(TokenKind::Not) => UnaryOp::Not,
            Some(TokenKind::Binary(BinaryOp::Subtract)) => UnaryOp::Negate,
            _ => return self.postfix(),
        };
        let start = self.place();
        self.at += 1;
        self.depth += 1;
        let operand = if self.depth > limits::EXPRESSION_NESTING { self.give_up() } else { self.unary() };
        self.depth -= 1;
        let span = start.to(operand.outer);
        self.tall(ExprKind::Unary { op, operand: Box::new(operand.expr) }, span, operand.height)
    }

    fn postfix(&mut self) -> Tall {
        let mut base = self.primary();
        loop {
            let start = base.outer;
            match self.kind() {
                Some(TokenKind::Dot) => {
                    self.at += 1;
                    let name = self.name_after_dot();
                    let span = start.to(name.span);
                    let kind = ExprKind::Field { base: Box::new(base.expr), name };
                    base = self.tall(kind, span, base.height);
                }
                Some(TokenKind::OpenBracket) => {
                    let open = self.place();
                    self.at += 1;
                    let index = self.expression();
                    self.close(&TokenKind::CloseBracket, "`]`", open);
                    let height = base.height.max(index.height);
                    let kind = ExprKind::Index { base: Box::new(base.expr), index: Box::new(index.expr) };
                    let span = start.to(self.last_span());
                    base = self.tall(kind, span, height);
                }
                Some(TokenKind::OpenParen) => base = self.call(base),
                _ => return base,
            }
        }
    }

    fn call(&mut self, callee: Tall) -> Tall {
        let named = matches!(callee.expr.kind, ExprKind::Name(_) | ExprKind::Field { .. } | ExprKind::Error);
        if !named {
            self.problem(errors::expression_not_callable(callee.expr.span));
        }
        let open = self.place();
        self.at += 1;
        let (arguments, height) = self.items(&TokenKind::CloseParen);
        self.close(&TokenKind::CloseParen, "`)`", open);
        let arguments_span = open.to(self.last_span());
        let span = callee.outer.to(arguments_span);
        let height = height.max(callee.height);
        let kind = ExprKind::Call { callee: Box::new(callee.expr), arguments, arguments_span };
        self.tall(kind, span, height)
    }

    /// Expressions with commas between them, up to the token that closes them. One more comma is allowed.
    fn items(&mut self, close: &TokenKind) -> (Vec<Expr>, usize) {
        let (mut items, mut height) = (Vec::new(), 0);
        while self.kind().is_some_and(|kind| kind != close) {
            let before = self.at;
            let item = self.expression();
            height = height.max(item.height);
            items.push(item.expr);
            if !self.take(&TokenKind::Comma) && (self.kind() != Some(close) || self.at == before) {
                break;
            }
        }
        (items, height)
    }

    fn primary(&mut self) -> Tall {
        let Some(token) = self.peek() else { return self.missing("a value") };
        let span = self.span_of(token);
        let kind = match &token.kind {
            TokenKind::Int(value) => ExprKind::Int(*value),
            TokenKind::Float(value) => ExprKind::Float(*value),
            TokenKind::Text(text) => ExprKind::Text(text.clone()),
            TokenKind::Name => match self.source(token) {
                "null" => ExprKind::Null,
                "true" => ExprKind::Bool(true),
                "false" => ExprKind::Bool(false),
                "for" | "in" | "if" => return self.missing("a value"),
                name => ExprKind::Name(name.to_owned()),
            },
            TokenKind::OpenParen => return self.group(span),
            TokenKind::OpenBracket => return self.list(span),
            TokenKind::Bad | TokenKind::Unknown => {
                // Reported by the lexer.
                self.quiet = true;
                ExprKind::Error
            }
            _ => return self.missing("a value"),
        };
        self.at += 1;
        self.tall(kind, span, 0)
    }

    fn group(&mut self, open: Span) -> Tall {
        self.at += 1;
        let inner = self.expression();
        self.close(&TokenKind::CloseParen, "`)`", open);
        Tall { outer: open.to(self.last_span()), ..inner }
    }

    fn list(&mut self, open: Span) -> Tall {
        self.at += 1;
        let (mut items, height) = self.items(&TokenKind::CloseBracket);
        if self.is_word("for") {
            // Between `[` and `for` stands one expression; if there is none, or more, that is a mistake.
            if items.len() > 1 {
                let span = open.to(self.place());
                self.problem(errors::expression_many_elements(span));
            }
            let element = items.drain(..).next();
            return self.comprehension(open, element, height);
        }
        self.close(&TokenKind::CloseBracket, "`]`", open);
        let span = open.to(self.last_span());
        self.tall(ExprKind::List(items), span, height)
    }

    fn comprehension(&mut self, open: Span, element: Option<Expr>, height: usize) -> Tall {
        let element = element.unwrap_or_else(|| Expr { kind: ExprKind::Error, span: self.place() });
        self.at += 1;
        let variable = self.name("a name for each item");
        if self.is_word("in") {
            self.at += 1;
        } else {
            self.expected("`in` and a list");
        }
        let list = self.expression();
        let mut height = height.max(list.height);
        let mut condition = None;
        if self.is_word("if") {
            self.at += 1;
            let found = self.expression();
            height = height.max(found.height);
            condition = Some(Box::new(found.expr));
        }
        self.close(&TokenKind::CloseBracket, "`]`", open);
        let span = open.to(self.last_span());
        let kind = ExprKind::Comprehension {
            element: Box::new(element),
            variable,
            list: Box::new(list.expr),
            condition,
        };
        self.tall(kind, span, height)
    }

    /// The name of a field. Words like `in` and `if` are names here.
    fn name_after_dot(&mut self) -> Name {
        if let Some(token) = self.peek().filter(|token| token.kind == TokenKind::Name) {
            self.at += 1;
            return Name { text: self.source(token).to_owned(), span: self.span_of(token) };
        }
        self.expected("a name");
        // Right behind the dot, where it would be typed, not where the next token is.
        let behind =
            self.at.checked_sub(1).and_then(|before| self.tokens.get(before)).map_or(0, |dot| dot.end);
        Name { text: String::new(), span: self.map.span_of(behind..behind) }
    }

    fn name(&mut self, what: &str) -> Name {
        let reserved = ["for", "in", "if", "true", "false", "null"];
        match self.peek().filter(|token| token.kind == TokenKind::Name) {
            Some(token) if !reserved.contains(&self.source(token)) => {
                self.at += 1;
                Name { text: self.source(token).to_owned(), span: self.span_of(token) }
            }
            _ => {
                self.expected(what);
                Name { text: String::new(), span: self.place() }
            }
        }
    }

    fn operator(&self) -> Option<(BinaryOp, &'t Token)> {
        let token = self.tokens.get(self.at)?;
        match token.kind {
            TokenKind::Binary(op) => Some((op, token)),
            _ => None,
        }
    }

    /// Whether white space stands between an operator and its operands.
    fn is_spaced(&self, token: &Token) -> bool {
        let next = self.tokens.get(self.at + 1).map_or(usize::MAX, |next| next.start);
        let before = self.text.get(..token.start).unwrap_or("");
        before.ends_with(char::is_whitespace) && next > token.end
    }

    fn close(&mut self, kind: &TokenKind, sign: &str, open: Span) {
        if !self.take(kind) && !self.quiet {
            let place = self.place();
            let found = self.found();
            self.problem(errors::expression_unclosed(place, sign, open, &found));
        }
    }

    fn missing(&mut self, what: &str) -> Tall {
        self.expected(what);
        let span = self.gap();
        Tall { expr: Expr { kind: ExprKind::Error, span }, height: 1, outer: span }
    }

    fn expected(&mut self, what: &str) {
        if !self.quiet {
            let (place, found) = (self.place(), self.found());
            let before = self.at.checked_sub(1).and_then(|before| self.tokens.get(before));
            let before = before.map(|token| self.source(token).to_owned());
            self.problem(errors::expression_expected(place, what, &found, before.as_deref()));
        }
    }

    /// Stops at an expression that is nested too deeply: what follows is not looked at.
    fn give_up(&mut self) -> Tall {
        let span = self.map.span_of(self.start..self.end);
        self.problem(errors::expression_too_deep(span));
        self.at = self.tokens.len();
        Tall { expr: Expr { kind: ExprKind::Error, span }, height: 1, outer: span }
    }

    /// An expression one level above `height`, unless that is too deep.
    fn tall(&mut self, kind: ExprKind, span: Span, height: usize) -> Tall {
        let height = height + 1;
        if height > limits::EXPRESSION_NESTING {
            return self.give_up();
        }
        Tall { expr: Expr { kind, span }, height, outer: span }
    }

    /// Reports a mistake if it is the first: what follows may be its consequence.
    fn problem(&mut self, problem: Diagnostic) {
        if !self.quiet {
            self.problems.push(problem);
        }
        self.quiet = true;
    }

    fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    fn kind(&self) -> Option<&TokenKind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn is_word(&self, word: &str) -> bool {
        self.tokens
            .get(self.at)
            .is_some_and(|token| token.kind == TokenKind::Name && self.source(token) == word)
    }

    fn take(&mut self, kind: &TokenKind) -> bool {
        let there = self.kind() == Some(kind);
        self.at += usize::from(there);
        there
    }

    fn source(&self, token: &Token) -> &'t str {
        self.text.get(token.start..token.end).unwrap_or("")
    }

    fn span_of(&self, token: &Token) -> Span {
        self.map.span_of(token.start..token.end)
    }

    /// The next token, or the place where the expression ends.
    fn place(&self) -> Span {
        match self.tokens.get(self.at) {
            Some(token) => self.span_of(token),
            None => self.map.span_of(self.end..self.end),
        }
    }

    /// The place right before the next token: where something is missing.
    fn gap(&self) -> Span {
        let at = self.tokens.get(self.at).map_or(self.end, |token| token.start);
        self.map.span_of(at..at)
    }

    fn last_span(&self) -> Span {
        let before = self.at.checked_sub(1).and_then(|before| self.tokens.get(before));
        before.map_or_else(|| self.place(), |token| self.span_of(token))
    }

    fn found(&self) -> String {
        match self.tokens.get(self.at) {
            Some(token) => format!("`{}`", self.source(token)),
            None => "the end of the expression".to_owned(),
        }
    }
}
