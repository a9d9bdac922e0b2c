//! KDL 2, for `platc.lock` and `platc show`: a line is a node, its block are its children.
//!
//! The first word is the node's name, the others are arguments, `Prop`s are properties. Names stand bare if
//! they are identifiers of letters, digits, `-`, `_` and `.`; strings always stand in quotes, so that a number
//! among them cannot be mistaken. Numbers, `#true`, `#false` and `#null` are what they are, floats that are not
//! finite are `#inf`, `#-inf` and `#nan`.
//!
//! Refused: documents as words, and a node without a name. Start with [`print`].

use std::io::Write;
use std::ops::Range;

use crate::doc::{Event, Node, Value};
use crate::expand::Guard;
use crate::print::text::{Dollar, push_indent, push_quoted};
use crate::print::words::{self, Entry, Line};
use crate::print::{Printer, Reason, number};

/// Prints the document in `region`.
pub(crate) fn print(printer: &mut Printer<'_, '_>, region: Range<usize>, _guard: Guard) {
    words::head(printer, &region, "//");
    if let Some(root) = words::root(printer, &region) {
        block(printer, root, 0);
    }
}

fn block(printer: &mut Printer<'_, '_>, lines: Node<'_>, indent: usize) {
    for entry in words::entries(lines) {
        match entry {
            Entry::Comment(text) => words::comment(printer, text, "//", indent),
            Entry::Line(line) => node(printer, line, indent),
        }
    }
}

fn node(printer: &mut Printer<'_, '_>, line: Line<'_>, indent: usize) {
    push_indent(printer.out, indent);
    let mut words = line.words();
    match words.next().map(|word| (word, word.as_str())) {
        Some((_, Some(name))) => push_name(printer.out, name),
        Some((word, None)) => printer.refuse(word.number(), Reason::Name),
        None => printer.refuse(line.node.number(), Reason::NoWords),
    }
    for word in words {
        printer.out.push(b' ');
        match word.value() {
            Value::Prop(name, value) => {
                push_name(printer.out, name);
                printer.out.push(b'=');
                push_value(printer, value);
            }
            _ => push_value(printer, word),
        }
    }
    if let Some(inner) = line.block {
        printer.out.extend_from_slice(b" {\n");
        block(printer, inner, indent + 4);
        push_indent(printer.out, indent);
        printer.out.push(b'}');
    }
    printer.out.push(b'\n');
}

fn push_value(printer: &mut Printer<'_, '_>, value: Node<'_>) {
    if matches!(value.event(), Some(Event::ContentHash { .. })) {
        printer.refuse(value.number(), Reason::ContentHash);
    }
    let out = &mut *printer.out;
    match value.value() {
        Value::Text(text) => push_string(out, text),
        Value::Int(value) => number::push_int(out, value),
        Value::Uint(value) => number::push_uint(out, value),
        Value::Float(value) if value.is_finite() => number::push_float(out, value),
        Value::Float(value) if value.is_nan() => out.extend_from_slice(b"#nan"),
        Value::Float(value) => out.extend_from_slice(if value > 0.0 { b"#inf" } else { b"#-inf" }),
        Value::Bool(value) => out.extend_from_slice(if value { b"#true" } else { b"#false" }),
        Value::Null => out.extend_from_slice(b"#null"),
        _ => printer.refuse(value.number(), Reason::EmbeddedWord),
    }
}

/// Keywords without their `#`, and what looks like a number, are not identifiers in KDL 2.
fn is_identifier(text: &str) -> bool {
    let is_keyword = matches!(text, "true" | "false" | "null" | "inf" | "-inf" | "nan");
    let begins_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    !is_keyword
        && begins_well
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn push_name(out: &mut Vec<u8>, name: &str) {
    if is_identifier(name) { out.extend_from_slice(name.as_bytes()) } else { push_string(out, name) }
}

fn push_string(out: &mut Vec<u8>, text: &str) {
    push_quoted(out, text, Dollar::Shown, push_escape);
}

fn push_escape(out: &mut Vec<u8>, c: char) {
    let code = u32::from(c);
    // Writing into a vector does not fail.
    let _ = match c {
        '"' => out.write_all(b"\\\""),
        '\\' => out.write_all(b"\\\\"),
        '\n' => out.write_all(b"\\n"),
        '\t' => out.write_all(b"\\t"),
        '\r' => out.write_all(b"\\r"),
        _ => write!(out, "\\u{{{code:x}}}"),
    };
}
