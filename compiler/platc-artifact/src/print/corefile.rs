//! Corefile: server blocks and directives with braces, four blanks a level.
//!
//! A word stands bare unless it is empty, has a blank or a `#`, or begins with a `"`; then it stands in double
//! quotes, where `\"` is a quote and every other backslash is itself.
//!
//! Refused, because there is no way to say it: a quoted word with a backslash before a quote or at its end,
//! `{` and `}` as words, `{$…}` and `{%…%}` (variables of the environment; one that is meant is
//! `Fixed("{$HOST_IP}")`), `import` or a snippet's `(name)` as the first word, a comma at the end of a server
//! block's key, controls and line breaks.
//!
//! Source: `caddyfile/lexer.go` and `parse.go` of `coredns/caddy`. Start with [`print`].

use std::ops::Range;

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
    if line
        .words()
        .next()
        .and_then(Node::as_str)
        .is_some_and(|word| word == "import" || word.starts_with('('))
    {
        printer.refuse(line.node.number(), Reason::Word);
    }
    words::push_words(printer, line, indent, |printer, word| {
        if indent == 0 && word.text.ends_with(',') {
            printer.refuse(word.at, Reason::Word);
        }
        push_word(printer, word);
    });
    if let Some(inner) = line.block {
        printer.out.extend_from_slice(b" {\n");
        block(printer, inner, indent + 4);
        push_indent(printer.out, indent);
        printer.out.push(b'}');
    }
    printer.out.push(b'\n');
}

fn push_word(printer: &mut Printer<'_, '_>, word: &Word<'_>) {
    words::refuse_odd(printer, word);
    let text = &*word.text;
    if matches!(text, "{" | "}") || text.contains("{$") || text.contains("{%") {
        printer.refuse(word.at, Reason::Word);
    }
    let needs_quotes = text.is_empty() || text.starts_with('"') || text.contains([' ', '#']);
    if !needs_quotes {
        printer.out.extend_from_slice(text.as_bytes());
        return;
    }
    if text.contains("\\\"") || text.ends_with('\\') {
        printer.refuse(word.at, Reason::Word);
    }
    printer.out.push(b'"');
    printer.out.extend_from_slice(text.replace('"', "\\\"").as_bytes());
    printer.out.push(b'"');
}
