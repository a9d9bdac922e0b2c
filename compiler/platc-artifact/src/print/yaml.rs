//! YAML, so that every reader in use, of YAML 1.1 (PyYAML, go-yaml below kubectl, yaml-cpp in Envoy) and
//! of 1.2, gets exactly the tree that was built.
//!
//! - Block style, two blanks a level, sequences below their key without further indentation, `{}` and `[]`
//!   for what is empty. Order is the order of building. Nothing is ever folded.
//! - **Plain** where no reader sees anything but this string: see [`style`]. Words such as `no`, whatever
//!   looks like a number, a date or a time in any version, and all that begins or contains an indicator is
//!   not plain.
//! - **`|`** for text of several lines that shows itself: no control characters, no blank at a line's end, no
//!   tab at a line's beginning (go-yaml refuses that), at most one line break at the end (`|-` for none).
//! - **Double quotes** for the rest, with escapes for all that is not a plain character.
//! - Keys alike, but never `|`; readers give up on a key of more than 1,024 characters, so a long one is
//!   written as `? key` and `: value`.
//! - A document as a value is a `|` block, and documents in YAML are written straight into it.
//! - Under [`Guard::EnvValue`] a string that Kubernetes would change has every `$` as `\x24`.
//!
//! Refused: lines. Not here: numbers (`number.rs`). Start with [`print`].

use std::io::Write;
use std::ops::Range;

use crate::doc::Event;
use crate::expand::{self, Guard};
use crate::print::text::{Dollar, comment_lines, is_plain_char, push_line, push_part, push_quoted};
use crate::print::{Format, Printer, Reason, number};

/// Readers look for the `:` of a key in its first 1,024 characters; this many bytes are fewer.
const SIMPLE_KEY_BYTES: usize = 1000;

/// Prints the document in `region`.
pub(crate) fn print(printer: &mut Printer<'_, '_>, region: Range<usize>, guard: Guard) {
    let fresh = printer.out.len();
    Yaml { text: printer.doc.all_text(), printer, guard, fresh }.document(region, 0);
    // Ends the last line. A document inside of a block gets this from the line behind the block.
    printer.out.push(b'\n');
}

struct Yaml<'p, 'd, 'o> {
    printer: &'p mut Printer<'d, 'o>,
    text: &'d str,
    guard: Guard,
    /// Length of the output at which no line break is needed: nothing of this document is there yet.
    fresh: usize,
}

/// How a string is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Style {
    Plain,
    Quoted,
    Block,
}

impl Yaml<'_, '_, '_> {
    fn document(&mut self, region: Range<usize>, indent: usize) {
        let Some(root) = self.printer.root(&region) else { return };
        self.comments(region.start, indent);
        match self.printer.doc.event(root) {
            Some(Event::Map { end, len: 1.., .. }) => self.map(root, *end, indent, false),
            Some(Event::Seq { end, len: 1.., .. }) => self.seq(root, *end, indent, false),
            _ => {
                self.line(indent);
                self.scalar(root, None);
            }
        }
    }

    /// The entries of the map at `at`. `inline` says that the first stands on a line begun already.
    fn map(&mut self, at: usize, end: u32, indent: usize, inline: bool) {
        let end = end as usize;
        let mut inline = inline;
        let mut next = at + 1;
        while next < end {
            match self.printer.doc.event(next) {
                Some(Event::Key { part }) => {
                    if !inline {
                        self.line(indent);
                    }
                    inline = false;
                    let range = part.range();
                    self.key(range, indent);
                    next = self.value(next + 1, indent);
                }
                Some(Event::Comment { part }) => {
                    // Comments above the first entry stand above the dash: `hoisted` wrote them.
                    if !inline {
                        self.comment(part.range(), indent);
                    }
                    next += 1;
                }
                _ => unreachable!("a map holds keys, each with its value, and comments"),
            }
        }
    }

    /// The value behind `key:`. Gives the number of the event behind it.
    #[inline]
    fn value(&mut self, at: usize, indent: usize) -> usize {
        match self.printer.doc.event(at) {
            Some(Event::Map { end, len: 1.., .. }) => {
                let end = *end;
                self.map(at, end, indent + 2, false);
                end as usize
            }
            Some(Event::Seq { end, len: 1.., .. }) => {
                let end = *end;
                self.seq(at, end, indent, false);
                end as usize
            }
            Some(event) => {
                let behind = event.behind(at);
                self.printer.out.push(b' ');
                self.scalar(at, Some(indent));
                behind
            }
            None => at + 1,
        }
    }

    /// The items of the sequence at `at`. `inline` says that the first dash stands on a line begun already.
    fn seq(&mut self, at: usize, end: u32, indent: usize, inline: bool) {
        let end = end as usize;
        let mut inline = inline;
        let mut next = at + 1;
        while next < end {
            if let Some(Event::Comment { part }) = self.printer.doc.event(next) {
                if !inline {
                    self.comment(part.range(), indent);
                }
                next += 1;
                continue;
            }
            if !inline {
                self.hoisted(next, indent);
                self.line(indent);
            }
            inline = false;
            self.printer.out.extend_from_slice(b"- ");
            next = self.item(next, indent);
        }
    }

    /// The value behind `- `. Gives the number of the event behind it.
    fn item(&mut self, at: usize, indent: usize) -> usize {
        match self.printer.doc.event(at) {
            Some(Event::Map { end, len: 1.., .. }) => {
                let end = *end;
                self.map(at, end, indent + 2, true);
                end as usize
            }
            Some(Event::Seq { end, len: 1.., .. }) => {
                let end = *end;
                self.seq(at, end, indent + 2, true);
                end as usize
            }
            Some(event) => {
                let behind = event.behind(at);
                self.scalar(at, Some(indent));
                behind
            }
            None => at + 1,
        }
    }

    /// The comments above the first entry of what begins at `at`, which shares its line with the dash.
    fn hoisted(&mut self, at: usize, indent: usize) {
        let mut at = at;
        while let Some(Event::Map { len: 1.., .. } | Event::Seq { len: 1.., .. }) = self.printer.doc.event(at)
        {
            at += 1;
            while let Some(Event::Comment { part }) = self.printer.doc.event(at) {
                self.comment(part.range(), indent);
                at += 1;
            }
        }
    }

    fn comments(&mut self, at: usize, indent: usize) {
        let mut at = at;
        while let Some(Event::Comment { part }) = self.printer.doc.event(at) {
            self.comment(part.range(), indent);
            at += 1;
        }
    }

    fn comment(&mut self, range: Range<usize>, indent: usize) {
        let text = self.text.get(range).unwrap_or_default();
        for line in comment_lines(text, self.guard) {
            self.line(indent);
            self.printer.out.push(b'#');
            if !line.is_empty() {
                self.printer.out.push(b' ');
                self.printer.out.extend_from_slice(line.as_bytes());
            }
        }
    }

    #[inline]
    fn line(&mut self, indent: usize) {
        if self.printer.out.len() != self.fresh {
            push_line(self.printer.out, indent);
        }
    }

    #[inline]
    fn key(&mut self, range: Range<usize>, indent: usize) {
        let bytes = self.text.as_bytes().get(range.clone()).unwrap_or_default();
        if bytes.len() <= SIMPLE_KEY_BYTES / 8 && style(bytes, self.guard) == Style::Plain {
            push_part(self.printer.out, self.text.as_bytes(), range.start, range.len());
        } else {
            self.odd_key(range, indent);
        }
        self.printer.out.push(b':');
    }

    /// A key that is quoted, or so long that it needs a line of its own.
    #[cold]
    fn odd_key(&mut self, range: Range<usize>, indent: usize) {
        let text = self.text.get(range).unwrap_or_default();
        let start = self.printer.out.len();
        self.one_line(text);
        if self.printer.out.len() - start > SIMPLE_KEY_BYTES {
            self.printer.out.splice(start..start, *b"? ");
            push_line(self.printer.out, indent);
        }
    }

    /// A string that cannot be a block: plain or in quotes.
    fn one_line(&mut self, text: &str) {
        match style(text.as_bytes(), self.guard) {
            Style::Plain => self.printer.out.extend_from_slice(text.as_bytes()),
            Style::Quoted | Style::Block => self.quoted(text),
        }
    }

    /// The scalar at `at`, or an empty container, or a document as text. `indent` is that of the map or
    /// sequence that it stands in; blocks need one.
    #[inline]
    fn scalar(&mut self, at: usize, indent: Option<usize>) {
        match self.printer.doc.event(at) {
            Some(Event::Text { part, guard: Guard::None, .. }) => {
                let range = part.range();
                let bytes = self.text.as_bytes().get(range.clone()).unwrap_or_default();
                if style(bytes, self.guard) == Style::Plain {
                    push_part(self.printer.out, self.text.as_bytes(), range.start, range.len());
                } else {
                    let text = self.text.get(range).unwrap_or_default();
                    self.string(text, indent);
                }
            }
            _ => self.other_scalar(at, indent),
        }
    }

    fn other_scalar(&mut self, at: usize, indent: Option<usize>) {
        let doc = self.printer.doc;
        let out = &mut *self.printer.out;
        match doc.event(at) {
            Some(Event::Int { value, .. }) => number::push_int(out, *value),
            Some(Event::Uint { value, .. }) => number::push_uint(out, *value),
            Some(Event::Bool { value, .. }) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Some(Event::Map { .. }) => out.extend_from_slice(b"{}"),
            Some(Event::Seq { .. }) => out.extend_from_slice(b"[]"),
            Some(Event::Text { part, guard, .. }) => {
                let text = doc.part(*part);
                match guard {
                    Guard::EnvValue => self.string(&expand::escape(text), indent),
                    Guard::None => self.string(text, indent),
                }
            }
            Some(Event::Fixed { index, .. }) => self.string(doc.fixed(*index), indent),
            Some(Event::Embed { .. }) => self.embedded(at, indent),
            Some(Event::Float { value, .. }) if value.is_finite() => number::push_float(out, *value),
            Some(Event::Float { value, .. }) if value.is_nan() => out.extend_from_slice(b".nan"),
            Some(Event::Float { value, .. }) => {
                out.extend_from_slice(if *value > 0.0 { b".inf" } else { b"-.inf" });
            }
            Some(Event::ContentHash { .. }) => {
                // In quotes whatever the digits are: some hashes are whole numbers, some have one `e`.
                out.push(b'"');
                self.printer.content_hash(at);
                self.printer.out.push(b'"');
            }
            Some(Event::Null { .. }) => out.extend_from_slice(b"null"),
            _ => self.printer.refuse(at, Reason::NotData),
        }
    }

    fn embedded(&mut self, at: usize, indent: Option<usize>) {
        let doc = self.printer.doc;
        match (doc.event(at), indent) {
            (Some(Event::Embed { format: Format::Yaml, guard, end, .. }), Some(indent)) => {
                let region = at + 1..*end as usize;
                let guard = if self.guard == Guard::None { *guard } else { self.guard };
                // What a document prints is always fit for a block: it begins without a blank, no line
                // ends in one, and it ends with one line break.
                self.printer.out.push(b'|');
                let text = self.text;
                self.printer.inside(Format::Yaml, |printer| {
                    // Nothing counts as fresh: the first line breaks off from the `|` as well.
                    Yaml { text, printer, guard, fresh: usize::MAX }.document(region, indent + 2);
                });
            }
            _ => {
                let text = self.printer.embedded_text(at, self.guard);
                self.string(&text, indent);
            }
        }
    }

    /// A string of any style.
    fn string(&mut self, text: &str, indent: Option<usize>) {
        match (style(text.as_bytes(), self.guard), indent) {
            (Style::Plain, _) => self.printer.out.extend_from_slice(text.as_bytes()),
            (Style::Block, Some(indent)) => self.block(text, indent),
            (Style::Quoted | Style::Block, _) => self.quoted(text),
        }
    }

    fn block(&mut self, text: &str, indent: usize) {
        let body = text.strip_suffix('\n');
        self.printer.out.push(b'|');
        if text.starts_with(' ') {
            // Readers would take the first line's blanks for indentation.
            self.printer.out.push(b'2');
        }
        if body.is_none() {
            self.printer.out.push(b'-');
        }
        for line in body.unwrap_or(text).split('\n') {
            if line.is_empty() {
                self.printer.out.push(b'\n');
            } else {
                push_line(self.printer.out, indent + 2);
                self.printer.out.extend_from_slice(line.as_bytes());
            }
        }
    }

    fn quoted(&mut self, text: &str) {
        push_quoted(self.printer.out, text, Dollar::of(text, self.guard), push_escape);
    }
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
        _ if code <= 0xff => write!(out, "\\x{code:02X}"),
        _ if code <= 0xffff => write!(out, "\\u{code:04X}"),
        _ => write!(out, "\\U{code:08X}"),
    };
}

/// What the bytes of a string have in them: bits of [`classes`].
mod class {
    /// A control character other than a line break or a tab.
    pub(super) const CONTROL: u8 = 1;
    pub(super) const BREAK: u8 = 2;
    pub(super) const TAB: u8 = 4;
    pub(super) const BLANK: u8 = 8;
    /// `:` or `#`: indicators beside a blank.
    pub(super) const INDICATOR: u8 = 16;
    pub(super) const DOLLAR: u8 = 32;
    /// Part of a character that is not ASCII.
    pub(super) const HIGH: u8 = 64;

    pub(super) const OF: [u8; 256] = {
        let mut table = [0; 256];
        let mut byte = 0_usize;
        while byte < 256 {
            #[allow(clippy::indexing_slicing, reason = "in a constant, within its bounds")]
            {
                table[byte] = match byte {
                    0x0a => BREAK,
                    0x09 => TAB,
                    0x00..0x20 | 0x7f => CONTROL,
                    0x20 => BLANK,
                    0x23 | 0x3a => INDICATOR,
                    0x24 => DOLLAR,
                    0x80.. => HIGH,
                    _ => 0,
                };
            }
            byte += 1;
        }
        table
    };
}

/// The classes of all bytes. No early exit: without branches this is a few cycles for a usual string.
#[inline]
fn classes(text: &[u8]) -> u8 {
    text.iter().fold(0, |seen, byte| seen | class::OF.get(usize::from(*byte)).copied().unwrap_or(0))
}

#[inline]
fn style(text: &[u8], guard: Guard) -> Style {
    let seen = classes(text);
    if seen & !(class::BLANK | class::INDICATOR) == 0 {
        // The usual case: one line of plain ASCII.
        return if is_plain_start(text) && is_plain_rest(text, seen) { Style::Plain } else { Style::Quoted };
    }
    odd_style(text, seen, guard)
}

fn odd_style(text: &[u8], seen: u8, guard: Guard) -> Style {
    let Ok(text) = str::from_utf8(text) else {
        unreachable!("the text of a document is cut between characters")
    };
    let is_clean = |c: char| is_plain_char(c) || c == '\n' || c == '\t';
    if seen & class::CONTROL != 0
        || seen & class::DOLLAR != 0 && guard.changes(text)
        || seen & class::HIGH != 0 && !text.chars().all(is_clean)
    {
        return Style::Quoted;
    }
    if seen & class::BREAK != 0 {
        return if is_block(text, seen) { Style::Block } else { Style::Quoted };
    }
    let plain =
        seen & class::TAB == 0 && is_plain_start(text.as_bytes()) && is_plain_rest(text.as_bytes(), seen);
    if plain { Style::Plain } else { Style::Quoted }
}

/// Whether text of several lines, of characters that show themselves, is the same in a `|` block.
fn is_block(text: &str, seen: u8) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    // A first line that is empty, or blank to begin with, is read differently where indentation is
    // guessed from it; line breaks at the end are easily lost.
    let ends_well = !body.starts_with('\n') && !body.ends_with('\n') && !body.is_empty();
    let lines_end_well = || body.split('\n').all(|line| !line.ends_with([' ', '\t']));
    let lines_begin_well = || body.split('\n').all(|line| !line.starts_with('\t'));
    ends_well
        && (seen & (class::BLANK | class::TAB) == 0 || lines_end_well())
        && (seen & class::TAB == 0 || lines_begin_well())
}

/// Whether a string of one line of plain characters holds nothing that ends a plain scalar.
#[inline]
fn is_plain_rest(text: &[u8], seen: u8) -> bool {
    if seen & (class::BLANK | class::INDICATOR) == 0 {
        return true;
    }
    if matches!(text, [b' ', ..] | [.., b' ' | b':']) {
        return false;
    }
    // A `:` before a blank ends a key, a `#` behind one begins a comment.
    seen & class::BLANK == 0
        || seen & class::INDICATOR == 0
        || !text.windows(2).any(|pair| matches!(pair, b": " | b" #"))
}

/// Whether the beginning of a string of plain characters lets every reader take it for a string.
#[inline]
fn is_plain_start(text: &[u8]) -> bool {
    match text {
        [] => false,
        [b'/' | b'_' | b'$' | 0x80.., ..] => true,
        [first, ..] if first.is_ascii_alphabetic() => text.len() > LONGEST_WORD || !is_word(text),
        [b'0'..=b'9', ..] => !looks_like_number(text),
        // An option: `-f`, `--log-level`. Alone or before a blank a dash begins an item.
        [b'-', b'-', third, ..] => third.is_ascii_alphabetic(),
        [b'-', second, ..] if second.is_ascii_alphabetic() => {
            !text.get(1..).is_some_and(|rest| rest.len() <= LONGEST_WORD && is_word(rest))
        }
        _ => false,
    }
}

const LONGEST_WORD: usize = "infinity".len();

/// Booleans and null of YAML 1.1 and 1.2 in any case, and what else a reader may take for a float.
fn is_word(text: &[u8]) -> bool {
    const WORDS: [&[u8]; 12] =
        [b"y", b"n", b"yes", b"no", b"on", b"off", b"true", b"false", b"null", b"nan", b"inf", b"infinity"];
    let may_be = matches!(
        text.first(),
        Some(b'y' | b'n' | b'o' | b't' | b'f' | b'i' | b'Y' | b'N' | b'O' | b'T' | b'F' | b'I')
    );
    may_be && WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Whether a string that begins with a digit could be a number, a date or a time for some reader: it has
/// nothing but digits, signs, hexadecimal digits, prefixes (`0x`, `0o`), separators and what dates are made of.
/// Quantities (`500m`, `1Gi`), durations, addresses and versions are not.
fn looks_like_number(text: &[u8]) -> bool {
    let tells = |byte: &u8| match byte {
        b'/' | b'%' | b'@' => true,
        b'a'..=b'f' | b'A'..=b'F' | b'x' | b'X' | b'o' | b'O' | b't' | b'T' | b'z' | b'Z' => false,
        byte => byte.is_ascii_alphabetic(),
    };
    !text.iter().any(tells) && !is_dotted(text)
}

/// `1.35.7`, `10.1.0.11`, `10.1.0.11:6443`: three or more groups of digits, and a port at most.
fn is_dotted(text: &[u8]) -> bool {
    let is_digits = |group: &[u8]| !group.is_empty() && group.iter().all(u8::is_ascii_digit);
    let mut sides = text.split(|byte| *byte == b':');
    let (dotted, port, more) = (sides.next().unwrap_or_default(), sides.next(), sides.next());
    let n_groups = dotted.split(|byte| *byte == b'.').count();
    n_groups >= 3
        && dotted.split(|byte| *byte == b'.').all(is_digits)
        && port.is_none_or(is_digits)
        && more.is_none()
}
