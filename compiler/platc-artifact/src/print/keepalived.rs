//! keepalived: blocks in braces, four blanks a level.
//!
//! A word of letters, digits and `_ . / : @ % + , = * -` stands bare. Any other of plain characters stands
//! in double quotes, inside of which keepalived knows no escape.
//!
//! Refused, because keepalived would read something else and has no way to say it: `"` and `\`, `'` (which
//! `script` reads as a quote once more), `$` and `~` (definitions and sequences), an empty word, a first word
//! with `@` at its beginning (a condition), controls, lines of more than 1,022 bytes.
//!
//! Source: `decomment()`, `alloc_strvec_r()` and `MAXBUF` in keepalived's `lib/parser.c`. Start with [`print`].

use std::ops::Range;

use platc_diag::limits;

use crate::doc::Node;
use crate::expand::Guard;
use crate::print::text::push_indent;
use crate::print::words::{self, Entry, Line, Word};
use crate::print::{Printer, Reason};

/// Prints the document in `region`.
pub(crate) fn print(printer: &mut Printer<'_, '_>, region: Range<usize>, _guard: Guard) {
    words::head(printer, &region, "#");
    if let Some(root) = words::root(printer, &region) {
        block(printer, root, 0);
    }
}

fn block(printer: &mut Printer<'_, '_>, lines: Node<'_>, indent: usize) {
    for entry in words::entries(lines) {
        match entry {
            Entry::Comment(text) => words::comment(printer, text, "#", indent),
            Entry::Line(line) => push_line(printer, line, indent),
        }
    }
}

fn push_line(printer: &mut Printer<'_, '_>, line: Line<'_>, indent: usize) {
    let start = printer.out.len();
    words::push_words(printer, line, indent, push_word);
    if printer.out.get(start + indent) == Some(&b'@') {
        printer.refuse(line.node.number(), Reason::Word);
    }
    let Some(inner) = line.block else {
        words::refuse_long(printer, line, start, limits::KEEPALIVED_LINE_BYTES);
        printer.out.push(b'\n');
        return;
    };
    printer.out.extend_from_slice(b" {");
    words::refuse_long(printer, line, start, limits::KEEPALIVED_LINE_BYTES);
    printer.out.push(b'\n');
    block(printer, inner, indent + 4);
    push_indent(printer.out, indent);
    printer.out.extend_from_slice(b"}\n");
}

fn push_word(printer: &mut Printer<'_, '_>, word: &Word<'_>) {
    words::refuse_odd(printer, word);
    let text = &*word.text;
    if text.is_empty() {
        printer.refuse(word.at, Reason::EmptyWord);
    }
    if let Some(c) = text.chars().find(|c| matches!(c, '"' | '\'' | '\\' | '$' | '~')) {
        printer.refuse(word.at, Reason::Character(c));
    }
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_./:@%+,=*-".contains(&byte);
    if text.bytes().all(is_bare) {
        printer.out.extend_from_slice(text.as_bytes());
    } else {
        printer.out.push(b'"');
        printer.out.extend_from_slice(text.as_bytes());
        printer.out.push(b'"');
    }
}
