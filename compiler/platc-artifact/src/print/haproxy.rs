//! HAProxy: sections at the left, their lines four blanks in.
//!
//! A word stands bare unless it has a blank, a quote, a backslash or a `#`. Then it stands in strong
//! quotes (`'…'`), where nothing is special, or, if it has a `'` itself, in weak ones with `\`, `"` and `$`
//! escaped. `%` is left alone: what a log format makes of it is that directive's business.
//!
//! Refused: lines outside a section, blocks within one, words that are empty (HAProxy takes them for the
//! line's end) or hold controls, lines of more than 64 words or 2,046 bytes. Data.
//!
//! Source: `parse_line()` in HAProxy's `src/tools.c`. Start with [`print`].

use std::ops::Range;

use platc_diag::limits;

use crate::expand::Guard;
use crate::print::words::{self, Entry, Line, Word};
use crate::print::{Printer, Reason};

/// Prints the document in `region`.
pub(crate) fn print(printer: &mut Printer<'_, '_>, region: Range<usize>, _guard: Guard) {
    words::head(printer, &region, "#");
    let Some(root) = words::root(printer, &region) else { return };
    for entry in words::entries(root) {
        match entry {
            Entry::Comment(text) => words::comment(printer, text, "#", 0),
            Entry::Line(line) => section(printer, line),
        }
    }
}

fn section(printer: &mut Printer<'_, '_>, line: Line<'_>) {
    let Some(block) = line.block else {
        printer.refuse(line.node.number(), Reason::NoSection);
        return;
    };
    push_line(printer, line, 0);
    for entry in words::entries(block) {
        match entry {
            Entry::Comment(text) => words::comment(printer, text, "#", 4),
            Entry::Line(Line { block: Some(block), .. }) => printer.refuse(block.number(), Reason::NoBlock),
            Entry::Line(line) => push_line(printer, line, 4),
        }
    }
}

fn push_line(printer: &mut Printer<'_, '_>, line: Line<'_>, indent: usize) {
    let start = printer.out.len();
    words::push_words(printer, line, indent, push_word);
    words::refuse_long(printer, line, start, limits::HAPROXY_LINE_BYTES);
    if line.n_words() > limits::HAPROXY_LINE_WORDS {
        printer.refuse(line.node.number(), Reason::TooManyWords);
    }
    printer.out.push(b'\n');
}

fn push_word(printer: &mut Printer<'_, '_>, word: &Word<'_>) {
    words::refuse_odd(printer, word);
    let text = &*word.text;
    let out = &mut *printer.out;
    if text.is_empty() {
        printer.refuse(word.at, Reason::EmptyWord);
    } else if !text.bytes().any(|byte| matches!(byte, b' ' | b'\'' | b'"' | b'\\' | b'#')) {
        out.extend_from_slice(text.as_bytes());
    } else if !text.contains('\'') {
        out.push(b'\'');
        out.extend_from_slice(text.as_bytes());
        out.push(b'\'');
    } else {
        out.push(b'"');
        for byte in text.bytes() {
            if matches!(byte, b'"' | b'\\' | b'$') {
                out.push(b'\\');
            }
            out.push(byte);
        }
        out.push(b'"');
    }
}
