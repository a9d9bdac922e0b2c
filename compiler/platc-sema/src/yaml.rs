//! YAML files that configs are taken from: a tree in which each value knows its place, so that a finding
//! points into the file.
//!
//! One document, scalars by the core schema of YAML 1.2: `yes` is a text, `true` is a truth value. Aliases
//! stand for what they name, up to a limit.
//!
//! Not here: types and expressions (`check::file`).
//!
//! Start with [`parse`].

use granit_parser::{Event, Parser, ScalarStyle};
use platc_diag::{Diagnostic, FileId, Span, limits};
use platc_syntax::Literal;

use crate::errors;

/// A value of a YAML file.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Yaml {
    /// Where it is written; of a text, without quotes.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) what: What,
}

/// What a value is.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum What {
    /// A scalar.
    Scalar(Literal<'static>),
    /// A sequence.
    List(Vec<Yaml>),
    /// A mapping: key, its place, value.
    Map(Vec<(String, Span, Yaml)>),
}

/// Reads a file with one document; an empty one is an empty map.
pub(crate) fn parse(file: FileId, text: &str) -> Result<Yaml, Diagnostic> {
    let events = Parser::new_from_str(text);
    let mut reader = Reader { file, text, events, anchors: Vec::new(), n_values: 0 };
    let mut found: Option<Yaml> = None;
    while let Some((event, span)) = reader.next()? {
        match event {
            Event::DocumentStart(..) if found.is_some() => return Err(errors::second_document(span)),
            Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) | Event::Alias(_) => {
                found = Some(reader.value(event, span, 0)?);
            }
            _ => {}
        }
    }
    Ok(found.unwrap_or_else(|| Yaml { span: Span::start_of(file), what: What::Map(Vec::new()) }))
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    events: Parser<'t, granit_parser::StrInput<'t>>,
    anchors: Vec<(usize, Yaml)>,
    /// Values so far, those that aliases stand for included: a few aliases of aliases make billions.
    n_values: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Option<(Event<'t>, Span)>, Diagnostic> {
        match self.events.next() {
            None => Ok(None),
            Some(Ok((event, span))) => Ok(Some((event, self.span(&span)))),
            Some(Err(error)) => {
                let at = self.offset(error.marker());
                Err(errors::bad_yaml(Span::new(self.file, at, at), &error.kind().to_string()))
            }
        }
    }

    fn offset(&self, marker: &granit_parser::Marker) -> u32 {
        let bytes = marker.byte_offset().unwrap_or_else(|| {
            self.text.char_indices().nth(marker.index()).map_or(self.text.len(), |(at, _)| at)
        });
        u32::try_from(bytes.min(self.text.len())).unwrap_or(u32::MAX)
    }

    fn span(&self, span: &granit_parser::Span) -> Span {
        let (start, end) = (self.offset(&span.start), self.offset(&span.end));
        Span::new(self.file, start, end.max(start))
    }

    fn value(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Yaml, Diagnostic> {
        self.n_values += 1;
        if depth > limits::NESTING || self.n_values > limits::LIST_ELEMENTS * 10 {
            return Err(errors::yaml_too_large(span));
        }
        let (yaml, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => (self.scalar(&text, style, span), anchor),
            Event::SequenceStart(_, anchor, _) => (self.list(span, depth)?, anchor),
            Event::MappingStart(_, anchor, _) => (self.map(span, depth)?, anchor),
            Event::Alias(anchor) => {
                let Some((_, known)) = self.anchors.iter().find(|(own, _)| *own == anchor) else {
                    return Err(errors::bad_yaml(span, "nothing is anchored under this name"));
                };
                let known = known.clone();
                self.n_values += size(&known);
                (known, 0)
            }
            _ => return Err(errors::bad_yaml(span, "a value is wanted here")),
        };
        if anchor > 0 {
            self.anchors.push((anchor, yaml.clone()));
        }
        Ok(yaml)
    }

    fn scalar(&self, text: &str, style: ScalarStyle, span: Span) -> Yaml {
        if style == ScalarStyle::Plain {
            return Yaml { span, what: What::Scalar(plain(text)) };
        }
        let source = self.text.get(span.start as usize..span.end as usize).unwrap_or("");
        // A text that stands in its quotes as it is has each character at its own place.
        let inner = source.get(1..source.len().saturating_sub(1)).unwrap_or("");
        let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        let span =
            if quoted && inner == text { Span::new(span.file, span.start + 1, span.end - 1) } else { span };
        Yaml { span, what: What::Scalar(Literal::Str(text.to_owned().into())) }
    }

    fn list(&mut self, start: Span, depth: usize) -> Result<Yaml, Diagnostic> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::SequenceEnd) {
                break;
            }
            if !matches!(event, Event::Comment(..)) {
                items.push(self.value(event, span, depth + 1)?);
            }
        }
        let span = items.first().map_or(start, |first| first.span);
        Ok(Yaml { span, what: What::List(items) })
    }

    fn map(&mut self, start: Span, depth: usize) -> Result<Yaml, Diagnostic> {
        let mut entries: Vec<(String, Span, Yaml)> = Vec::new();
        while let Some((event, span)) = self.next()? {
            let key = match event {
                Event::MappingEnd => break,
                Event::Comment(..) => continue,
                Event::Scalar(text, ..) => text.into_owned(),
                _ => return Err(errors::bad_yaml(span, "a key is a text")),
            };
            if key == "<<" {
                return Err(errors::bad_yaml(span, "`<<` is of YAML 1.1: name the fields"));
            }
            if let Some((_, first, _)) = entries.iter().find(|(own, ..)| *own == key) {
                return Err(errors::said_twice(span, &key, *first));
            }
            let value = loop {
                match self.next()? {
                    Some((Event::Comment(..), _)) => {}
                    Some((event, span)) => break self.value(event, span, depth + 1)?,
                    None => return Err(errors::bad_yaml(span, "this key has no value")),
                }
            };
            entries.push((key, span, value));
        }
        let span = entries.first().map_or(start, |(_, span, _)| *span);
        Ok(Yaml { span, what: What::Map(entries) })
    }
}

fn size(yaml: &Yaml) -> usize {
    1 + match &yaml.what {
        What::Scalar(_) => 0,
        What::List(items) => items.iter().map(size).sum(),
        What::Map(entries) => entries.iter().map(|(_, _, value)| size(value)).sum(),
    }
}

/// A plain scalar by the core schema.
fn plain(text: &str) -> Literal<'static> {
    let float = |text: &str| {
        let digits = text.trim_start_matches(['+', '-']);
        let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && digits.chars().all(|c| c.is_ascii_digit() || ".eE+-".contains(c));
        numeric.then(|| text.parse::<f64>().ok()).flatten()
    };
    let radix = |prefix: &str, radix: u32| {
        text.strip_prefix(prefix).and_then(|digits| i128::from_str_radix(digits, radix).ok())
    };
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Literal::Null,
        "true" | "True" | "TRUE" => Literal::Bool(true),
        "false" | "False" | "FALSE" => Literal::Bool(false),
        _ => match text.parse::<i128>().ok().or_else(|| radix("0x", 16)).or_else(|| radix("0o", 8)) {
            Some(number) => Literal::Int(number),
            None => float(text).map_or_else(|| Literal::Str(text.to_owned().into()), Literal::Float),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Yaml, Diagnostic> {
        parse(FileId(0), text)
    }

    #[test]
    fn scalars_are_those_of_the_core_schema() {
        let kinds = |text: &str| match read(text).unwrap().what {
            What::List(items) => items.into_iter().map(|item| item.what).collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        let str = |text: &str| What::Scalar(Literal::Str(text.to_owned().into()));
        assert_eq!(
            kinds("[1, 0x10, 1.5, true, yes, ~, '1', 1.2.3]"),
            [
                What::Scalar(Literal::Int(1)),
                What::Scalar(Literal::Int(16)),
                What::Scalar(Literal::Float(1.5)),
                What::Scalar(Literal::Bool(true)),
                str("yes"),
                What::Scalar(Literal::Null),
                str("1"),
                str("1.2.3"),
            ]
        );
    }

    #[test]
    fn aliases_of_aliases_end() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let inner = vec![format!("*a{}", level - 1); 10].join(", ");
            text += &format!("a{level}: &a{level} [{inner}]\n");
        }
        assert_eq!(read(&text).unwrap_err().code().id(), "E0318");
    }

    #[test]
    fn a_place_is_that_of_the_value() {
        let text = "a:\n  b: \"x y\"\n";
        let What::Map(outer) = read(text).unwrap().what else { unreachable!() };
        let What::Map(inner) = &outer[0].2.what else { unreachable!() };
        let span = inner[0].2.span;
        assert_eq!(&text[span.start as usize..span.end as usize], "x y");
    }
}
