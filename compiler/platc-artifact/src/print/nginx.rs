//! nginx: directives end in `;`, blocks stand in braces, four blanks a level.
//!
//! A word stands bare unless it is empty or has a blank, a quote, a brace, `;`, `#` or a backslash; then it
//! stands in double quotes with `\` before quotes and backslashes, and line breaks and tabs as `\n`, `\r`,
//! `\t`. Words of data with a `$` are refused: nginx takes it for a variable and has no escape for it; a
//! variable that is meant is `Fixed("$host")`.
//!
//! Also refused: other controls, and words longer than nginx' read buffer.
//!
//! Source: `ngx_conf_read_token()` in nginx' `src/core/ngx_conf_file.c`. Start with [`print`].

use std::ops::Range;

use platc_diag::limits;

use crate::doc::Node;
use crate::expand::Guard;
use crate::print::text::{is_plain_char, push_indent};
use crate::print::words::{self, Entry, Word};
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
            Entry::Line(line) => {
                words::push_words(printer, line, indent, push_word);
                match line.block {
                    None => printer.out.extend_from_slice(b";\n"),
                    Some(inner) => {
                        printer.out.extend_from_slice(b" {\n");
                        block(printer, inner, indent + 4);
                        push_indent(printer.out, indent);
                        printer.out.extend_from_slice(b"}\n");
                    }
                }
            }
        }
    }
}

fn push_word(printer: &mut Printer<'_, '_>, word: &Word<'_>) {
    let text = &*word.text;
    let is_sayable = |c: char| is_plain_char(c) && c != '$' || matches!(c, '\n' | '\r' | '\t');
    if let Some(c) = text.chars().find(|c| !is_sayable(*c)) {
        printer.refuse(word.at, Reason::Character(c));
    }
    let start = printer.out.len();
    let special = [' ', '\t', '\n', '\r', ';', '{', '}', '"', '\'', '\\', '#'];
    if text.is_empty() || text.contains(special) {
        push_quoted(printer.out, text);
    } else {
        printer.out.extend_from_slice(text.as_bytes());
    }
    if printer.out.len() - start > limits::NGINX_WORD_BYTES {
        printer.refuse(word.at, Reason::WordTooLong);
    }
}

fn push_quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            byte => out.push(byte),
        }
    }
    out.push(b'"');
}
