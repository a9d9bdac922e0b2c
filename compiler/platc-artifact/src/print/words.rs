//! What the printers of lines share: going through lines with their comments, and the text of a word.
//!
//! A word is *data*: the reader's tokenizer must give back exactly this text, so each format quotes it or
//! refuses it. Only [`Fixed`](crate::Fixed), which stands in our own source, is written as it is.
//!
//! Not here: any format's quotes. Start with [`entries`].

use std::borrow::Cow;
use std::ops::Range;

use crate::doc::{Doc, Event, Node, Value};
use crate::expand::Guard;
use crate::print::text::{odd_char, push_comment, push_indent};
use crate::print::{Printer, Reason, number};

/// What stands in a block of lines.
pub(crate) enum Entry<'d> {
    Comment(&'d str),
    Line(Line<'d>),
}

/// A line: its words, and its block if it has one.
#[derive(Clone, Copy)]
pub(crate) struct Line<'d> {
    pub(crate) node: Node<'d>,
    pub(crate) block: Option<Node<'d>>,
}

/// The text of a word.
pub(crate) struct Word<'d> {
    /// The event to name in a refusal.
    pub(crate) at: usize,
    pub(crate) text: Cow<'d, str>,
    /// Syntax from our own source: written as it is.
    pub(crate) is_fixed: bool,
}

impl<'d> Line<'d> {
    /// The nodes of its words.
    pub(crate) fn words(self) -> impl Iterator<Item = Node<'d>> {
        let doc = self.node.doc();
        // The words come first, then the block or the next line.
        let end = self.block.map_or_else(|| self.end(), Node::number);
        let mut at = self.node.number() + 1;
        std::iter::from_fn(move || {
            let here = at;
            let event = doc.event(here).filter(|_| here < end)?;
            at = event.behind(here);
            Some(doc.node(here))
        })
    }

    /// How many words it has.
    pub(crate) fn n_words(self) -> usize {
        self.node.len() - usize::from(self.block.is_some())
    }

    fn end(self) -> usize {
        self.node.event().map_or(0, |event| event.behind(self.node.number()))
    }
}

/// The lines of the document in `region`, which is refused if it has none.
pub(crate) fn root<'d>(printer: &mut Printer<'d, '_>, region: &Range<usize>) -> Option<Node<'d>> {
    let root = printer.doc.node(printer.root(region)?);
    match root.value() {
        Value::Lines => Some(root),
        _ => {
            printer.refuse(root.number(), Reason::NotLines);
            None
        }
    }
}

/// The comments at the head of a file.
pub(crate) fn head(printer: &mut Printer<'_, '_>, region: &Range<usize>, mark: &str) {
    let comments: Vec<&str> = printer.head(region).collect();
    comments.iter().for_each(|text| push_comment(printer.out, text, mark, 0, Guard::None));
}

/// Lines and comments of a block, in order.
pub(crate) fn entries(lines: Node<'_>) -> impl Iterator<Item = Entry<'_>> {
    let doc = lines.doc();
    let end = lines.event().map_or(0, |event| event.behind(lines.number()));
    let mut at = lines.number() + 1;
    std::iter::from_fn(move || {
        if at >= end {
            return None;
        }
        let here = at;
        let event = doc.event(here)?;
        at = event.behind(here);
        match event {
            Event::Comment { part } => Some(Entry::Comment(doc.part(*part))),
            _ => {
                let node = doc.node(here);
                Some(Entry::Line(Line { node, block: block(doc, here, at) }))
            }
        }
    })
}

/// The block of the line whose events are `line..end`.
fn block(doc: &Doc, line: usize, end: usize) -> Option<Node<'_>> {
    let mut at = line + 1;
    while at < end {
        match doc.event(at)? {
            Event::Lines { .. } => return Some(doc.node(at)),
            event => at = event.behind(at),
        }
    }
    None
}

/// A comment among lines.
pub(crate) fn comment(printer: &mut Printer<'_, '_>, text: &str, mark: &str, indent: usize) {
    push_comment(printer.out, text, mark, indent, Guard::None);
}

/// Writes the words of `line`, each by `push`, with blanks between them.
pub(crate) fn push_words(
    printer: &mut Printer<'_, '_>,
    line: Line<'_>,
    indent: usize,
    mut push: impl FnMut(&mut Printer<'_, '_>, &Word<'_>),
) {
    push_indent(printer.out, indent);
    let mut is_first = true;
    for node in line.words() {
        if !std::mem::replace(&mut is_first, false) {
            printer.out.push(b' ');
        }
        let word = word(printer, node);
        if word.is_fixed {
            printer.out.extend_from_slice(word.text.as_bytes());
        } else {
            push(printer, &word);
        }
    }
    if is_first {
        printer.refuse(line.node.number(), Reason::NoWords);
    }
}

/// The text of a word: numbers and booleans as text, `name=value` joined. Controls and characters that do
/// not show themselves are refused here, because none of these formats needs them.
pub(crate) fn word<'d>(printer: &mut Printer<'_, '_>, node: Node<'d>) -> Word<'d> {
    let (name, value) = match node.value() {
        Value::Prop(name, value) => (Some(name), value),
        _ => (None, node),
    };
    let reason = match (value.event(), value.value()) {
        (Some(Event::ContentHash { .. }), _) => Some(Reason::ContentHash),
        (_, Value::Null) => Some(Reason::Null),
        (_, Value::Embedded(..)) => Some(Reason::EmbeddedWord),
        (_, Value::Float(number)) if !number.is_finite() => Some(Reason::NotFinite),
        _ => None,
    };
    if let Some(reason) = reason {
        printer.refuse(node.number(), reason);
    }
    let text = match (name, value.value()) {
        (None, Value::Text(text)) => Cow::Borrowed(text),
        (name, _) => {
            let mut text = name.map_or_else(String::new, |name| format!("{name}="));
            push_scalar(&mut text, value);
            Cow::Owned(text)
        }
    };
    Word { at: node.number(), text, is_fixed: matches!(value.event(), Some(Event::Fixed { .. })) }
}

/// Refuses a word with a character that does not show itself; a line break is one.
pub(crate) fn refuse_odd(printer: &mut Printer<'_, '_>, word: &Word<'_>) {
    if let Some(c) = odd_char(&word.text) {
        printer.refuse(word.at, Reason::Character(c));
    }
}

/// Refuses a line that is longer than `limit` bytes; it begins at `start` and has just been written.
pub(crate) fn refuse_long(printer: &mut Printer<'_, '_>, line: Line<'_>, start: usize, limit: usize) {
    if printer.out.len() - start > limit {
        printer.refuse(line.node.number(), Reason::LineTooLong);
    }
}

/// Appends a scalar as text.
pub(crate) fn push_scalar(text: &mut String, value: Node<'_>) {
    match value.value() {
        Value::Text(value) => text.push_str(value),
        Value::Int(value) => text.push_str(itoa::Buffer::new().format(value)),
        Value::Uint(value) => text.push_str(itoa::Buffer::new().format(value)),
        Value::Float(value) if value.is_finite() => {
            let mut digits = Vec::new();
            number::push_float(&mut digits, value);
            text.push_str(&String::from_utf8_lossy(&digits));
        }
        Value::Bool(value) => text.push_str(if value { "true" } else { "false" }),
        _ => {}
    }
}
