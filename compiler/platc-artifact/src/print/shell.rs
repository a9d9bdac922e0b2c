//! Variables for a shell, as `/etc/conf.d` of OpenRC has them: `name="value"`.
//!
//! The first word of a line is the name. One word behind it is the value, with any text in it; several are
//! joined by blanks. A block is a value of several lines, each the words of a line joined by blanks, with
//! line breaks around them. Values stand in double quotes with a backslash before `$`, backtick, `"` and `\`,
//! so nothing is expanded; an expansion that is meant is `Fixed("${KUBELET_EXTRA_ARGS}")`. A line of one fixed
//! word is a piece of script from our own source, written as it is.
//!
//! Refused: names that are no shell variable; a blank inside of one of several words, which the reader would
//! split; blocks in blocks; comments in a block, which would be part of the value; controls other than line
//! breaks and tabs.
//!
//! Source: POSIX.1-2024, Shell Command Language, 2.2.3. Start with [`print`].

use std::ops::Range;

use crate::doc::Node;
use crate::expand::Guard;
use crate::print::text::is_plain_char;
use crate::print::words::{self, Entry, Line, Word};
use crate::print::{Printer, Reason};

/// Prints the document in `region`.
pub(crate) fn print(printer: &mut Printer<'_, '_>, region: Range<usize>, _guard: Guard) {
    words::head(printer, &region, "#");
    let Some(root) = words::root(printer, &region) else { return };
    for entry in words::entries(root) {
        match entry {
            Entry::Comment(text) => words::comment(printer, text, "#", 0),
            Entry::Line(line) => push_line(printer, line),
        }
    }
}

fn push_line(printer: &mut Printer<'_, '_>, line: Line<'_>) {
    let words: Vec<Word<'_>> = line.words().map(|node| words::word(printer, node)).collect();
    match (words.as_slice(), line.block) {
        ([script], None) if script.is_fixed => {
            printer.out.extend_from_slice(script.text.trim_end().as_bytes());
        }
        ([name, values @ ..], None) => {
            push_name(printer, name);
            push_values(printer, values);
            printer.out.push(b'"');
        }
        ([name], Some(block)) => {
            push_name(printer, name);
            printer.out.push(b'\n');
            push_block(printer, block);
            printer.out.push(b'"');
        }
        (_, Some(block)) => printer.refuse(block.number(), Reason::OneValue),
        ([], None) => printer.refuse(line.node.number(), Reason::NoWords),
    }
    printer.out.push(b'\n');
}

fn push_block(printer: &mut Printer<'_, '_>, block: Node<'_>) {
    for entry in words::entries(block) {
        match entry {
            Entry::Comment(_) => printer.refuse(block.number(), Reason::Comment),
            Entry::Line(Line { block: Some(inner), .. }) => printer.refuse(inner.number(), Reason::NoBlock),
            Entry::Line(line) => {
                let words: Vec<Word<'_>> = line.words().map(|node| words::word(printer, node)).collect();
                push_values(printer, &words);
                printer.out.push(b'\n');
            }
        }
    }
}

fn push_name(printer: &mut Printer<'_, '_>, word: &Word<'_>) {
    let begins_well = !word.text.starts_with(|c: char| c.is_ascii_digit()) && !word.text.is_empty();
    if !begins_well || !word.text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        printer.refuse(word.at, Reason::Name);
    }
    printer.out.extend_from_slice(word.text.as_bytes());
    printer.out.extend_from_slice(b"=\"");
}

fn push_values(printer: &mut Printer<'_, '_>, words: &[Word<'_>]) {
    for (nth, word) in words.iter().enumerate() {
        if nth > 0 {
            printer.out.push(b' ');
        }
        if word.is_fixed {
            printer.out.extend_from_slice(word.text.as_bytes());
        } else {
            push_value(printer, word, words.len());
        }
    }
}

fn push_value(printer: &mut Printer<'_, '_>, word: &Word<'_>, n_words: usize) {
    let is_sayable = |c: char| is_plain_char(c) || matches!(c, '\n' | '\t');
    if let Some(c) = word.text.chars().find(|c| !is_sayable(*c)) {
        printer.refuse(word.at, Reason::Character(c));
    }
    if n_words > 1 && (word.text.is_empty() || word.text.contains([' ', '\t', '\n'])) {
        printer.refuse(word.at, Reason::Word);
    }
    for byte in word.text.bytes() {
        if matches!(byte, b'$' | b'`' | b'"' | b'\\') {
            printer.out.push(b'\\');
        }
        printer.out.push(byte);
    }
}
