//! Type expressions: `int`, `list<T>`, `map<T>`, `T?`, `A|B|c`, `ref<service>`, `ref<a|b>`.
//!
//! Not here: what any name in them means. Whether `A|B` is a choice of types or of words, only the
//! checker knows.
//!
//! Start with [`parse_type`]. The grammar:
//!
//! ```text
//! type    := part ('|' part)*
//! part    := core '?'?
//! core    := name | ('list' | 'map') '<' type '>' | 'ref' '<' name ('|' name)* '>' | '(' type ')'
//! name    := a letter, digit or '_', then those, '-' and '.'
//! ```

use platc_diag::{Diagnostic, Problems, Span, limits};

use crate::errors;
use crate::name::Name;
use crate::source_map::SourceMap;

/// A type as it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypeExpr {
    /// What it is.
    pub kind: TypeKind,
    /// Where it is written.
    pub span: Span,
}

/// The forms of a type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TypeKind {
    /// A scalar, a user type, or one word of a choice.
    Name(String),
    /// `list<T>`.
    List(Box<TypeExpr>),
    /// `map<T>`.
    Map(Box<TypeExpr>),
    /// `ref<service>` or `ref<service|daemon>`: the kinds that the name may be of.
    Ref(Vec<Name>),
    /// `T?`.
    Optional(Box<TypeExpr>),
    /// `A|B|c`: two or more, none of them a union itself.
    Union(Vec<TypeExpr>),
    /// Not readable, which was reported: it may be taken for any type.
    Error,
}

/// What a text gives: a type in any case, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct ParsedType {
    /// The type; where it cannot be read, [`TypeKind::Error`].
    pub ty: TypeExpr,
    /// What is wrong with it.
    pub problems: Problems,
}

/// Reads a type. `map` says where `text` is written; see [`crate::Value::source_map`].
pub fn parse_type(text: &str, map: &SourceMap) -> ParsedType {
    let mut parser = Parser { text, map, at: 0, depth: 0, problems: Vec::new(), gave_up: false };
    let ty = parser.union();
    parser.space();
    if parser.at < text.len() {
        let span = parser.span(parser.at, text.len());
        let rest = text.get(parser.at..).unwrap_or("");
        parser.problem(errors::type_unexpected(span, rest));
    }
    ParsedType { ty, problems: parser.problems }
}

struct Parser<'t> {
    text: &'t str,
    map: &'t SourceMap,
    at: usize,
    depth: usize,
    problems: Problems,
    /// A mistake was reported: what else is wrong behind it may be its consequence.
    gave_up: bool,
}

impl Parser<'_> {
    fn union(&mut self) -> TypeExpr {
        let first = self.part();
        self.space();
        if self.peek() != Some('|') {
            return first;
        }
        let start = first.span;
        let mut parts = vec![first];
        while self.take('|') {
            parts.push(self.part());
            self.space();
        }
        let flat = parts.into_iter().flat_map(|part| match part.kind {
            TypeKind::Union(inner) => inner,
            _ => vec![part],
        });
        let parts: Vec<TypeExpr> = flat.collect();
        let span = parts.last().map_or(start, |last| start.to(last.span));
        TypeExpr { kind: TypeKind::Union(parts), span }
    }

    fn part(&mut self) -> TypeExpr {
        let mut core = self.core();
        loop {
            self.space();
            let question = self.at;
            if !self.take('?') {
                return core;
            }
            if matches!(core.kind, TypeKind::Optional(_)) {
                let span = self.span(question, self.at);
                self.problem(errors::type_twice_optional(span));
                continue;
            }
            let span = core.span.to(self.span(question, self.at));
            core = TypeExpr { kind: TypeKind::Optional(Box::new(core)), span };
        }
    }

    fn core(&mut self) -> TypeExpr {
        self.space();
        let start = self.at;
        if self.depth >= limits::TYPE_NESTING {
            let span = self.span(start, self.text.len());
            self.problem(errors::type_too_deep(span));
            self.at = self.text.len();
            return TypeExpr { kind: TypeKind::Error, span };
        }
        self.depth += 1;
        let core = if self.take('(') { self.group(start) } else { self.named(start) };
        self.depth -= 1;
        core
    }

    fn group(&mut self, start: usize) -> TypeExpr {
        let inner = self.union();
        self.close(')', start);
        inner
    }

    fn named(&mut self, start: usize) -> TypeExpr {
        let Some(name) = self.name() else {
            let span = self.span(start, self.next_end());
            let found = self.text.get(start..self.next_end()).unwrap_or("");
            self.problem(errors::type_expected(span, found));
            return TypeExpr { kind: TypeKind::Error, span };
        };
        self.space();
        let open = self.at;
        let takes_one = matches!(name.text.as_str(), "list" | "map" | "ref");
        if !self.take('<') {
            if takes_one {
                self.problem(errors::type_needs_argument(name.span, &name.text));
                return TypeExpr { kind: TypeKind::Error, span: name.span };
            }
            return TypeExpr { span: name.span, kind: TypeKind::Name(name.text) };
        }
        let kind = match name.text.as_str() {
            "list" => TypeKind::List(Box::new(self.union())),
            "map" => TypeKind::Map(Box::new(self.union())),
            "ref" => self.reference(),
            other => {
                self.problem(errors::type_takes_none(name.span, other));
                self.union();
                TypeKind::Error
            }
        };
        self.close('>', open);
        TypeExpr { kind, span: self.span(start, self.at) }
    }

    fn reference(&mut self) -> TypeKind {
        let mut kinds = Vec::new();
        loop {
            self.space();
            match self.name() {
                Some(name) => kinds.push(name),
                None => {
                    let span = self.span(self.at, self.next_end());
                    let found = self.text.get(self.at..self.next_end()).unwrap_or("");
                    self.problem(errors::type_kind_expected(span, found));
                }
            }
            self.space();
            if !self.take('|') {
                return TypeKind::Ref(kinds);
            }
        }
    }

    fn close(&mut self, sign: char, open: usize) {
        self.space();
        if !self.take(sign) {
            let opened = self.span(open, open + 1);
            let place = self.span(self.at, self.at);
            self.problem(errors::type_unclosed(place, opened, sign));
        }
    }

    fn name(&mut self) -> Option<Name> {
        let rest = self.text.get(self.at..)?;
        let first = |c: char| c.is_alphanumeric() || c == '_';
        if !rest.starts_with(first) {
            return None;
        }
        let end = rest.find(|c: char| !(first(c) || c == '-' || c == '.')).unwrap_or(rest.len());
        let start = self.at;
        self.at += end;
        let text = rest.get(..end)?.to_owned();
        Some(Name { text, span: self.span(start, self.at) })
    }

    fn space(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or("");
        self.at += rest.len() - rest.trim_start().len();
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn take(&mut self, sign: char) -> bool {
        let there = self.peek() == Some(sign);
        if there {
            self.at += sign.len_utf8();
        }
        there
    }

    fn next_end(&self) -> usize {
        self.at + self.peek().map_or(0, char::len_utf8)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        self.map.span_of(start..end)
    }

    fn problem(&mut self, problem: Diagnostic) {
        if !self.gave_up {
            self.problems.push(problem);
        }
        self.gave_up = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use platc_diag::FileId;

    fn read(text: &str) -> ParsedType {
        let end = u32::try_from(text.len()).unwrap();
        parse_type(text, &SourceMap::straight(Span::new(FileId(0), 0, end)))
    }

    /// A type with its structure spelled out.
    fn spelled(ty: &TypeExpr) -> String {
        match &ty.kind {
            TypeKind::Name(name) => name.clone(),
            TypeKind::List(inner) => format!("list<{}>", spelled(inner)),
            TypeKind::Map(inner) => format!("map<{}>", spelled(inner)),
            TypeKind::Ref(kinds) => {
                let names: Vec<&str> = kinds.iter().map(|name| name.text.as_str()).collect();
                format!("ref<{}>", names.join(" or "))
            }
            TypeKind::Optional(inner) => format!("({})?", spelled(inner)),
            TypeKind::Union(parts) => {
                format!("[{}]", parts.iter().map(spelled).collect::<Vec<_>>().join(" or "))
            }
            TypeKind::Error => "error".to_owned(),
        }
    }

    #[test]
    fn sound_types() {
        for (text, expected) in [
            ("int", "int"),
            ("host-port", "host-port"),
            ("common.Kafka", "common.Kafka"),
            ("list<host-port>", "list<host-port>"),
            ("map<list<int?>>", "map<list<(int)?>>"),
            ("url?", "(url)?"),
            ("http|grpc|tcp", "[http or grpc or tcp]"),
            ("int|string?", "[int or (string)?]"),
            ("(int|string)?", "([int or string])?"),
            ("a|(b|c)|d", "[a or b or c or d]"),
            ("ref<service>", "ref<service>"),
            ("list<ref<service|daemon>>?", "(list<ref<service or daemon>>)?"),
            (" list < int > ", "list<int>"),
        ] {
            let parsed = read(text);
            assert_eq!(parsed.problems, [], "{text}");
            assert_eq!(spelled(&parsed.ty), expected, "{text}");
        }
    }

    #[test]
    fn each_mistake_is_one_problem_at_its_place() {
        for (text, place, expected) in [
            ("", (0, 0), "error"),
            ("list", (0, 4), "error"),
            ("list<", (5, 5), "list<error>"),
            ("list<int", (8, 8), "list<int>"),
            ("list<int>>", (9, 10), "list<int>"),
            ("set<int>", (0, 3), "error"),
            ("a||b", (2, 3), "[a or error or b]"),
            ("a|", (2, 2), "[a or error]"),
            ("int??", (4, 5), "(int)?"),
            ("ref<>", (4, 5), "ref<>"),
            ("ref<a|>", (6, 7), "ref<a>"),
            ("int string", (4, 10), "int"),
            ("list<$>", (5, 6), "list<error>"),
        ] {
            let parsed = read(text);
            assert_eq!(parsed.problems.len(), 1, "{text}: {:?}", parsed.problems);
            let span = parsed.problems[0].span();
            assert_eq!((span.start, span.end), place, "{text}: {}", parsed.problems[0].message());
            assert_eq!(spelled(&parsed.ty), expected, "{text}");
        }
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth: usize| format!("{}int{}", "list<".repeat(depth), ">".repeat(depth));
        assert_eq!(read(&nested(limits::TYPE_NESTING - 1)).problems, []);
        let deep = read(&nested(limits::TYPE_NESTING));
        assert_eq!(deep.problems.len(), 1);
        assert_eq!(deep.problems[0].code().id(), "E0107");
        assert_eq!(read(&nested(100_000)).problems.len(), 1);
    }
}
