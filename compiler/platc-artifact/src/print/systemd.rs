//! Units, drop-ins and networks of systemd: `[Section]` and `Key=value` below it; both may come again.
//!
//! A section is a line of one word with a block. In a section the first word is the key and the others are
//! the value. One word is written as it is, blanks and all, because most settings are plain text. Several
//! are a list: each is quoted with C escapes if it has blanks, quotes or backslashes. No word at all
//! (`ExecStart=`) clears what was set before.
//!
//! Refused: `%`, which begins a specifier in some settings and not in others (one that is meant, or `%%`, is
//! `Fixed`); blanks around a value and a backslash at its end, which systemd drops or takes for a continuation;
//! controls and line breaks; keys with anything but letters, digits and `-`; lines of a megabyte.
//!
//! Source: `config_parse()` in systemd's `src/shared/conf-parser.c`, systemd.syntax(7). Start with [`print`].

use std::ops::Range;

use platc_diag::limits;

use crate::expand::Guard;
use crate::print::words::{self, Entry, Line, Word};
use crate::print::{Printer, Reason};

/// Prints the document in `region`.
pub(crate) fn print(printer: &mut Printer<'_, '_>, region: Range<usize>, _guard: Guard) {
    words::head(printer, &region, "#");
    let Some(root) = words::root(printer, &region) else { return };
    let mut is_first = true;
    for entry in words::entries(root) {
        match entry {
            Entry::Comment(text) => words::comment(printer, text, "#", 0),
            Entry::Line(line) => {
                if !std::mem::replace(&mut is_first, false) {
                    printer.out.push(b'\n');
                }
                section(printer, line);
            }
        }
    }
}

fn section(printer: &mut Printer<'_, '_>, line: Line<'_>) {
    let Some(block) = line.block else {
        printer.refuse(line.node.number(), Reason::NoSection);
        return;
    };
    let names: Vec<Word<'_>> = line.words().map(|node| words::word(printer, node)).collect();
    match names.as_slice() {
        [name] if is_name(&name.text, b"- ") => {
            printer.out.push(b'[');
            printer.out.extend_from_slice(name.text.as_bytes());
            printer.out.extend_from_slice(b"]\n");
        }
        _ => printer.refuse(line.node.number(), Reason::Name),
    }
    for entry in words::entries(block) {
        match entry {
            Entry::Comment(text) => words::comment(printer, text, "#", 0),
            Entry::Line(Line { block: Some(block), .. }) => printer.refuse(block.number(), Reason::NoBlock),
            Entry::Line(line) => setting(printer, line),
        }
    }
}

fn setting(printer: &mut Printer<'_, '_>, line: Line<'_>) {
    let start = printer.out.len();
    let words: Vec<Word<'_>> = line.words().map(|node| words::word(printer, node)).collect();
    let Some((key, values)) = words.split_first() else {
        printer.refuse(line.node.number(), Reason::NoWords);
        return;
    };
    if !is_name(&key.text, b"-") {
        printer.refuse(key.at, Reason::Name);
    }
    printer.out.extend_from_slice(key.text.as_bytes());
    printer.out.push(b'=');
    match values {
        [value] => push_value(printer, value),
        values => {
            for (nth, value) in values.iter().enumerate() {
                if nth > 0 {
                    printer.out.push(b' ');
                }
                push_item(printer, value);
            }
        }
    }
    words::refuse_long(printer, line, start, limits::SYSTEMD_LINE_BYTES);
    printer.out.push(b'\n');
}

/// The whole value of a setting.
fn push_value(printer: &mut Printer<'_, '_>, word: &Word<'_>) {
    let text = &*word.text;
    if !word.is_fixed {
        refuse_unsayable(printer, word);
        if text.starts_with(' ') || text.ends_with([' ', '\\']) {
            printer.refuse(word.at, Reason::Word);
        }
    }
    printer.out.extend_from_slice(text.as_bytes());
}

/// One item of a list.
fn push_item(printer: &mut Printer<'_, '_>, word: &Word<'_>) {
    let text = &*word.text;
    if word.is_fixed {
        printer.out.extend_from_slice(text.as_bytes());
        return;
    }
    refuse_unsayable(printer, word);
    if !text.is_empty() && !text.contains([' ', '"', '\'', '\\']) {
        printer.out.extend_from_slice(text.as_bytes());
        return;
    }
    printer.out.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            printer.out.push(b'\\');
        }
        printer.out.push(byte);
    }
    printer.out.push(b'"');
}

fn refuse_unsayable(printer: &mut Printer<'_, '_>, word: &Word<'_>) {
    words::refuse_odd(printer, word);
    if word.text.contains('%') {
        printer.refuse(word.at, Reason::Character('%'));
    }
}

fn is_name(text: &str, also: &[u8]) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || also.contains(&byte))
}
