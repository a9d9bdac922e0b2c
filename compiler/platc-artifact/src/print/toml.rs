//! TOML 1.0, as containerd reads it.
//!
//! A map is a table with a header, a sequence of maps is an array of tables, everything else is
//! `key = value`. A table's own values come before its tables, because behind a header they would belong
//! to that; otherwise order is the order of building. Keys stand bare if they are letters, digits, `-` and
//! `_`, else in quotes; strings stand in quotes with escapes. Maps inside of other sequences are inline tables.
//!
//! Refused: lines, a root that is no map, null, whole numbers beyond 64 bits with sign. Start with [`print`].

use std::io::Write;
use std::ops::Range;

use crate::doc::{Event, Node, Value};
use crate::expand::{self, Guard};
use crate::print::text::{Dollar, push_comment, push_quoted};
use crate::print::{Printer, Reason, number, words};

/// Prints the document in `region`.
pub(crate) fn print(printer: &mut Printer<'_, '_>, region: Range<usize>, _guard: Guard) {
    let Some(root) = printer.root(&region) else { return };
    words::head(printer, &region, "#");
    let root = printer.doc.node(root);
    match root.value() {
        Value::Map => table(printer, root, &mut String::new()),
        Value::Lines => printer.refuse(root.number(), Reason::NotData),
        _ => printer.refuse(root.number(), Reason::RootNotMap),
    }
}

/// Whether a value gets headers of its own: a map that is not empty, or a sequence of such.
fn is_table(value: Node<'_>) -> bool {
    match value.value() {
        Value::Map => true,
        Value::Seq => !value.is_empty() && value.items().all(|item| matches!(item.value(), Value::Map)),
        _ => false,
    }
}

/// The values of a table, then its tables. `path` is its name, as it stands in headers.
fn table(printer: &mut Printer<'_, '_>, map: Node<'_>, path: &mut String) {
    for (key, value) in map.entries().filter(|(_, value)| !is_table(*value)) {
        comments(printer, value);
        let mut name = String::new();
        push_key(&mut name, key);
        printer.out.extend_from_slice(name.as_bytes());
        printer.out.extend_from_slice(b" = ");
        inline(printer, value);
        printer.out.push(b'\n');
    }
    let outer = path.len();
    for (key, value) in map.entries().filter(|(_, value)| is_table(*value)) {
        if outer > 0 {
            path.push('.');
        }
        push_key(path, key);
        comments(printer, value);
        match value.value() {
            Value::Seq => {
                for item in value.items() {
                    header(printer, path, ["[[", "]]"]);
                    table(printer, item, path);
                }
            }
            _ => {
                // A table that only holds tables needs no header of its own.
                let holds_values = value.is_empty() || value.entries().any(|(_, inner)| !is_table(inner));
                if holds_values {
                    header(printer, path, ["[", "]"]);
                }
                table(printer, value, path);
            }
        }
        path.truncate(outer);
    }
}

fn header(printer: &mut Printer<'_, '_>, path: &str, brackets: [&str; 2]) {
    if printer.out.len() > printer.start {
        printer.out.push(b'\n');
    }
    let [open, close] = brackets;
    for text in [open, path, close, "\n"] {
        printer.out.extend_from_slice(text.as_bytes());
    }
}

/// The comments above the key of `value`: they stand before the key's event.
fn comments(printer: &mut Printer<'_, '_>, value: Node<'_>) {
    let key = value.number().saturating_sub(1);
    let mut first = key;
    while let Some(Event::Comment { .. }) = first.checked_sub(1).and_then(|before| printer.doc.event(before))
    {
        first -= 1;
    }
    let texts: Vec<&str> = printer.comments(first).collect();
    texts.iter().for_each(|text| push_comment(printer.out, text, "#", 0, Guard::None));
}

fn inline(printer: &mut Printer<'_, '_>, value: Node<'_>) {
    let at = value.number();
    let doc = printer.doc;
    match value.event() {
        Some(Event::Text { part, guard: Guard::EnvValue, .. }) => {
            push_string(printer.out, &expand::escape(doc.part(*part)));
        }
        Some(Event::Embed { .. }) => {
            let text = printer.embedded_text(at, Guard::None);
            push_string(printer.out, &text);
        }
        Some(Event::ContentHash { .. }) => {
            printer.out.push(b'"');
            printer.content_hash(at);
            printer.out.push(b'"');
        }
        _ => inline_value(printer, value),
    }
}

fn inline_value(printer: &mut Printer<'_, '_>, value: Node<'_>) {
    let out = &mut *printer.out;
    match value.value() {
        Value::Text(text) => push_string(out, text),
        Value::Int(value) => number::push_int(out, value),
        Value::Uint(number) => match i64::try_from(number) {
            Ok(number) => number::push_int(out, number),
            Err(_) => printer.refuse(value.number(), Reason::NumberTooLarge),
        },
        Value::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
        Value::Float(value) if value.is_finite() => number::push_float(out, value),
        Value::Float(value) if value.is_nan() => out.extend_from_slice(b"nan"),
        Value::Float(value) => out.extend_from_slice(if value > 0.0 { b"inf" } else { b"-inf" }),
        Value::Seq => list(printer, value),
        Value::Map => inline_table(printer, value),
        Value::Null => printer.refuse(value.number(), Reason::Null),
        _ => printer.refuse(value.number(), Reason::NotData),
    }
}

fn list(printer: &mut Printer<'_, '_>, seq: Node<'_>) {
    printer.out.push(b'[');
    for (nth, item) in seq.items().enumerate() {
        if nth > 0 {
            printer.out.extend_from_slice(b", ");
        }
        inline(printer, item);
    }
    printer.out.push(b']');
}

fn inline_table(printer: &mut Printer<'_, '_>, map: Node<'_>) {
    printer.out.push(b'{');
    for (nth, (key, value)) in map.entries().enumerate() {
        if nth > 0 {
            printer.out.push(b',');
        }
        let mut name = String::from(" ");
        push_key(&mut name, key);
        name.push_str(" = ");
        printer.out.extend_from_slice(name.as_bytes());
        inline(printer, value);
    }
    printer.out.extend_from_slice(if map.is_empty() { b"}" } else { b" }" });
}

fn push_key(path: &mut String, key: &str) {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !key.is_empty() && key.bytes().all(is_bare) {
        path.push_str(key);
        return;
    }
    let mut quoted = Vec::with_capacity(key.len() + 2);
    push_string(&mut quoted, key);
    path.push_str(&String::from_utf8_lossy(&quoted));
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
        _ if code <= 0xffff => write!(out, "\\u{code:04X}"),
        _ => write!(out, "\\U{code:08X}"),
    };
}
