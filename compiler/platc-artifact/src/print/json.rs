//! JSON, on one line or with two blanks a level, always with a line break at the end.
//!
//! Strings escape quotes, backslashes, controls and every character that does not show itself, so that
//! JSON inside of YAML or of a ConfigMap needs no further quoting. Under [`Guard::EnvValue`] a string that
//! Kubernetes would change has every `$` as `\u0024`. Comments are left out: JSON has none.
//!
//! Refused: lines, and numbers that are not finite. Start with [`print`].

use std::io::Write;
use std::ops::Range;

use crate::doc::{Doc, Event, Node};
use crate::expand::{self, Guard};
use crate::print::text::{Dollar, push_line, push_quoted};
use crate::print::{Format, Printer, Reason, number};

/// Prints the document in `region` on one line.
pub(crate) fn print(printer: &mut Printer<'_, '_>, region: Range<usize>, guard: Guard) {
    document(printer, &region, guard, Layout::Compact);
}

/// Prints the document in `region`, indented.
pub(crate) fn print_pretty(printer: &mut Printer<'_, '_>, region: Range<usize>, guard: Guard) {
    document(printer, &region, guard, Layout::Indented);
}

/// Appends `node` as it is meant: embedded documents are nested values, lines are arrays.
pub(crate) fn write_meant(node: Node<'_>, out: &mut String) {
    let mut bytes = std::mem::take(out).into_bytes();
    let mut printer = Printer::new(node.doc(), Format::Json, &mut bytes);
    Json { printer: &mut printer, guard: Guard::None, layout: Layout::Compact, reading: Reading::Meant }
        .value(node.number(), 0);
    *out = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => unreachable!("printers write whole characters"),
    };
}

fn document(printer: &mut Printer<'_, '_>, region: &Range<usize>, guard: Guard, layout: Layout) {
    let Some(root) = printer.root(region) else { return };
    Json { printer, guard, layout, reading: Reading::Spelled }.value(root, 0);
    printer.out.push(b'\n');
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Layout {
    Compact,
    Indented,
}

/// What of a document is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reading {
    /// What a reader of the file gets: an embedded document is a string.
    Spelled,
    /// What the document says: see [`write_meant`].
    Meant,
}

struct Json<'p, 'd, 'o> {
    printer: &'p mut Printer<'d, 'o>,
    guard: Guard,
    layout: Layout,
    reading: Reading,
}

impl Json<'_, '_, '_> {
    fn value(&mut self, at: usize, indent: usize) {
        let doc = self.printer.doc;
        let out = &mut *self.printer.out;
        match doc.event(at) {
            Some(Event::Text { part, guard, .. }) => self.text(doc.part(*part), *guard),
            Some(Event::Fixed { index, .. }) => self.text(doc.fixed(*index), Guard::None),
            Some(Event::Int { value, .. }) => number::push_int(out, *value),
            Some(Event::Uint { value, .. }) => number::push_uint(out, *value),
            Some(Event::Bool { value, .. }) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Some(Event::Float { value, .. }) if value.is_finite() => number::push_float(out, *value),
            Some(Event::Float { .. }) if self.reading == Reading::Spelled => {
                self.printer.refuse(at, Reason::NotFinite);
            }
            Some(Event::Map { end, .. }) => self.container(at, *end, indent, *b"{}"),
            Some(Event::Seq { end, .. }) => self.container(at, *end, indent, *b"[]"),
            Some(Event::Embed { .. }) => self.embedded(at, indent),
            Some(Event::ContentHash { .. }) => self.content_hash(at),
            Some(Event::Lines { end, .. } | Event::Line { end, .. }) if self.reading == Reading::Meant => {
                self.container(at, *end, indent, *b"[]");
            }
            Some(Event::Prop { part }) if self.reading == Reading::Meant => {
                self.prop(doc, doc.part(*part), at);
            }
            Some(Event::Lines { .. } | Event::Line { .. } | Event::Prop { .. }) => {
                self.printer.refuse(at, Reason::NotData);
            }
            _ => out.extend_from_slice(b"null"),
        }
    }

    /// The container at `at`, which the event `end` is the first behind.
    fn container(&mut self, at: usize, end: u32, indent: usize, brackets: [u8; 2]) {
        let doc = self.printer.doc;
        let [open, close] = brackets;
        self.printer.out.push(open);
        let mut is_first = true;
        let mut next = at + 1;
        while let Some(entry) = doc.skip_comments(next, end as usize) {
            self.next_entry(&mut is_first, indent);
            let value = match doc.event(entry) {
                Some(Event::Key { part }) => {
                    push_string(self.printer.out, doc.part(*part), self.guard);
                    let colon: &[u8] = if self.layout == Layout::Indented { b": " } else { b":" };
                    self.printer.out.extend_from_slice(colon);
                    entry + 1
                }
                _ => entry,
            };
            self.value(value, indent + 2);
            next = doc.event(value).map_or(value + 1, |event| event.behind(value));
        }
        self.end(is_first, indent, close);
    }

    fn next_entry(&mut self, is_first: &mut bool, indent: usize) {
        if !std::mem::replace(is_first, false) {
            self.printer.out.push(b',');
        }
        if self.layout == Layout::Indented {
            push_line(self.printer.out, indent + 2);
        }
    }

    fn end(&mut self, is_empty: bool, indent: usize, bracket: u8) {
        if self.layout == Layout::Indented && !is_empty {
            push_line(self.printer.out, indent);
        }
        self.printer.out.push(bracket);
    }

    fn text(&mut self, text: &str, guard: Guard) {
        match (guard, self.reading) {
            (Guard::EnvValue, Reading::Spelled) => {
                push_string(self.printer.out, &expand::escape(text), self.guard);
            }
            _ => push_string(self.printer.out, text, self.guard),
        }
    }

    fn embedded(&mut self, at: usize, indent: usize) {
        match self.reading {
            Reading::Spelled => {
                let text = self.printer.embedded_text(at, self.guard);
                push_string(self.printer.out, &text, self.guard);
            }
            Reading::Meant => match self.printer.doc.node(at).embedded() {
                Some(value) => self.value(value.number(), indent),
                None => self.printer.out.extend_from_slice(b"null"),
            },
        }
    }

    fn content_hash(&mut self, at: usize) {
        self.printer.out.push(b'"');
        if self.reading == Reading::Spelled {
            self.printer.content_hash(at);
        }
        self.printer.out.push(b'"');
    }

    fn prop(&mut self, doc: &Doc, name: &str, at: usize) {
        let mut word = format!("{name}=");
        crate::print::words::push_scalar(&mut word, doc.node(at + 1));
        push_string(self.printer.out, &word, self.guard);
    }
}

fn push_string(out: &mut Vec<u8>, text: &str, guard: Guard) {
    push_quoted(out, text, Dollar::of(text, guard), push_escape);
}

fn push_escape(out: &mut Vec<u8>, c: char) {
    // Writing into a vector does not fail.
    let _ = match c {
        '"' => out.write_all(b"\\\""),
        '\\' => out.write_all(b"\\\\"),
        '\n' => out.write_all(b"\\n"),
        '\t' => out.write_all(b"\\t"),
        '\r' => out.write_all(b"\\r"),
        c => c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}")),
    };
}
