//! Words with one blank between them, one line each; lines of a block four blanks in. For `ip -batch`,
//! sysctl.d (`key = value` is three words), modules-load.d, interfaces(5), hosts, resolv.conf and fstab.
//!
//! These readers have no quotes in common, so nothing is quoted, and what one of them would take apart is
//! refused: words that are empty or have a blank, a `#` or a control in them, a `;` at a line's beginning, a
//! backslash at its end.
//!
//! Start with [`print`].

use std::ops::Range;

use crate::doc::Node;
use crate::expand::Guard;
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
            Entry::Line(line) => {
                push_line(printer, line, indent);
                if let Some(inner) = line.block {
                    block(printer, inner, indent + 4);
                }
            }
        }
    }
}

fn push_line(printer: &mut Printer<'_, '_>, line: Line<'_>, indent: usize) {
    let start = printer.out.len();
    words::push_words(printer, line, indent, push_word);
    if printer.out.get(start + indent) == Some(&b';') || printer.out.ends_with(b"\\") {
        printer.refuse(line.node.number(), Reason::Word);
    }
    printer.out.push(b'\n');
}

fn push_word(printer: &mut Printer<'_, '_>, word: &Word<'_>) {
    words::refuse_odd(printer, word);
    if word.text.is_empty() {
        printer.refuse(word.at, Reason::EmptyWord);
    }
    if let Some(byte) = word.text.bytes().find(|byte| matches!(byte, b' ' | b'#')) {
        printer.refuse(word.at, Reason::Character(char::from(byte)));
    }
    printer.out.extend_from_slice(word.text.as_bytes());
}
