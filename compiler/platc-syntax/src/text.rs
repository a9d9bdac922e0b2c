//! What a string token says: its text, and from where in the file each part of that text comes.
//!
//! Not here: where a string ends (`lex/string.rs`). Strings that were reported are read as well as can
//! be, because an editor completes inside them.
//!
//! Start with [`decode`]. The order of steps is the specification's: white-space escapes go first, then
//! the indentation of a multi-line string, then all other escapes.

use std::borrow::Cow;
use std::ops::Range;

use crate::chars::{is_blank, is_space, newline_len};
use crate::source_map::{Segment, SourceMap};
use crate::token::TokenKind;
use platc_diag::Span;

/// A part of a string's body, by its place in the string's source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Piece {
    /// Stands for itself.
    Literal(Range<usize>),
    /// An escape that stands for one character.
    Escape(Range<usize>, char),
    /// A line break, which is read as `\n` whatever it is.
    Break(Range<usize>),
}

/// What breaks the rules of multi-line strings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trouble {
    /// The closing quotes share their line with text.
    ClosingNotAlone,
    /// A line does not begin with the white space of the last line.
    Indentation,
}

/// The source of a sound multi-line string with another indentation: the same text. `None` if white-space
/// escapes stand in the indentation itself, where only the author knows what was meant.
pub(crate) fn reindent(kind: TokenKind, source: &str, prefix: &str) -> Option<String> {
    let shape = shape(kind, source);
    let breaks: Vec<Range<usize>> =
        pieces(source, &shape).into_iter().filter_map(Piece::into_break).collect();
    let (first, last) = (breaks.first()?, breaks.last()?);
    let closing = source.get(last.end..shape.body.end)?;
    if first.start != shape.body.start || !closing.chars().all(is_space) {
        return None;
    }
    let mut out = source.get(..first.start)?.to_owned();
    for (from, to) in breaks.iter().zip(breaks.iter().skip(1)) {
        out.push('\n');
        let line = source.get(from.end..to.start)?;
        if !line.chars().all(is_space) {
            out.push_str(prefix);
            out.push_str(line.strip_prefix(closing)?);
        }
    }
    out.push('\n');
    out.push_str(prefix);
    out.push_str(source.get(shape.body.end..)?);
    Some(out)
}

impl Piece {
    fn into_break(self) -> Option<Range<usize>> {
        match self {
            Self::Break(range) => Some(range),
            Self::Literal(_) | Self::Escape(..) => None,
        }
    }
}

/// How a string token is written, read off the token itself: a broken one keeps its parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Shape {
    /// What stands between the quotes.
    pub(crate) body: Range<usize>,
    /// Backslashes stand for themselves.
    pub(crate) raw: bool,
    /// Opened by `"""`.
    pub(crate) multiline: bool,
    /// Has its closing quotes.
    pub(crate) closed: bool,
}

/// The text that a string token stands for.
pub(crate) fn decode(kind: TokenKind, source: &str) -> Cow<'_, str> {
    let shape = shape(kind, source);
    let body = source.get(shape.body.clone()).unwrap_or("");
    if !shape.multiline && (shape.raw || !body.contains('\\')) {
        return Cow::Borrowed(body);
    }
    let mut text = String::with_capacity(body.len());
    for piece in pieces_of(source, &shape) {
        match piece {
            Piece::Literal(range) => text.push_str(source.get(range).unwrap_or("")),
            Piece::Escape(_, c) => text.push(c),
            Piece::Break(_) => text.push('\n'),
        }
    }
    Cow::Owned(text)
}

/// From where in the file each part of [`decode`]'s text comes; `span` is the token's place.
pub(crate) fn source_map(kind: TokenKind, source: &str, span: Span) -> SourceMap {
    let shape = shape(kind, source);
    let body = source.get(shape.body.clone()).unwrap_or("");
    let (start, len) = (offset(span.start, shape.body.start), body.len());
    if !shape.multiline && (shape.raw || !body.contains('\\')) {
        return SourceMap::straight(Span::new(span.file, start, offset(start, len)));
    }
    let mut segments = Vec::new();
    let mut decoded = 0;
    for piece in pieces_of(source, &shape) {
        let (range, length, verbatim) = match piece {
            Piece::Literal(range) => (range.clone(), range.len(), true),
            Piece::Escape(range, c) => (range, c.len_utf8(), false),
            Piece::Break(range) => (range, 1, false),
        };
        let (from, to) = (offset(span.start, range.start), offset(span.start, range.end));
        segments.push(Segment { decoded, source: from, source_end: to, verbatim });
        decoded = offset(decoded, length);
    }
    SourceMap::of_segments(span.file, segments, decoded, start)
}

/// What is wrong with the lines of a multi-line string, by place in its source.
pub(crate) fn troubles(kind: TokenKind, source: &str) -> Vec<(Range<usize>, Trouble)> {
    dedent(source, &shape(kind, source)).1
}

/// Takes a string token apart. Works on broken ones too: what is missing is simply not there.
pub(crate) fn shape(kind: TokenKind, source: &str) -> Shape {
    let all = 0..source.len();
    let legacy = usize::from(kind == TokenKind::LegacyRawText);
    let rest = source.get(legacy..).unwrap_or("");
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    let raw = hashes > 0 || legacy > 0;
    let quoted = rest.get(hashes..).unwrap_or("");
    if kind == TokenKind::Word || !quoted.starts_with('"') {
        return Shape { body: all, raw: true, multiline: false, closed: true };
    }
    // `""` is an empty string, so three quotes need more to be the multi-line opening of a closed one.
    let multiline = legacy == 0 && quoted.starts_with("\"\"\"");
    let quotes = if multiline { 3 } else { 1 };
    let start = legacy + hashes + quotes;
    let closing = quotes + hashes;
    let closed = source.len() >= start + closing && is_closing(source, quotes, hashes, raw);
    let end = if closed { source.len() - closing } else { source.len() };
    Shape { body: start.min(end)..end, raw, multiline, closed }
}

fn is_closing(source: &str, quotes: usize, hashes: usize, raw: bool) -> bool {
    let before = source.trim_end_matches('#');
    if source.len() - before.len() < hashes {
        return false;
    }
    let body = before.trim_end_matches('"');
    if before.len() - body.len() < quotes {
        return false;
    }
    // An odd number of backslashes takes the last quote for the text; with more quotes than needed
    // it is one of the text's own.
    let slashes = body.len() - body.trim_end_matches('\\').len();
    raw || slashes.is_multiple_of(2) || before.len() - body.len() > quotes
}

fn pieces_of(source: &str, shape: &Shape) -> Vec<Piece> {
    if shape.multiline { dedent(source, shape).0 } else { pieces(source, shape) }
}

/// Cuts a string's body into pieces. White-space escapes leave nothing behind.
fn pieces(source: &str, shape: &Shape) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut at = shape.body.start;
    let mut literal = at;
    while let Some(rest) = source.get(at..shape.body.end).filter(|rest| !rest.is_empty()) {
        let newline = newline_len(rest);
        let length = if newline > 0 {
            newline
        } else if !shape.raw && rest.starts_with('\\') {
            escape_len(rest)
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        if literal < at {
            found.push(Piece::Literal(literal..at));
        }
        let range = at..at + length;
        if newline > 0 {
            found.push(Piece::Break(range));
        } else if let Some(c) = escape_value(rest.get(..length).unwrap_or("")) {
            found.push(Piece::Escape(range, c));
        } else if !rest.get(1..).unwrap_or("").starts_with(is_blank) {
            // An escape that KDL does not know was reported; it is read as it is written.
            found.push(Piece::Literal(range));
        }
        at += length;
        literal = at;
    }
    if literal < shape.body.end {
        found.push(Piece::Literal(literal..shape.body.end));
    }
    found
}

/// Length of the escape that `rest` begins with. A backslash takes all white space after it; an unknown
/// escape is as long as its two characters, and `\u` as what looks like its digits.
pub(crate) fn escape_len(rest: &str) -> usize {
    let after = rest.get(1..).unwrap_or("");
    match after.chars().next() {
        Some(c) if is_blank(c) => 1 + (after.len() - after.trim_start_matches(is_blank).len()),
        Some('u') => 2 + unicode_digits(after.get(1..).unwrap_or("")),
        Some(c) => 1 + c.len_utf8(),
        None => 1,
    }
}

/// Length of `{…}` that follows `\u`, closed or not; 0 if there is no brace.
fn unicode_digits(rest: &str) -> usize {
    let Some(digits) = rest.strip_prefix('{') else { return 0 };
    let count = digits.bytes().take_while(u8::is_ascii_hexdigit).count();
    1 + count + usize::from(digits.as_bytes().get(count) == Some(&b'}'))
}

/// The character that a whole escape stands for; `None` for white space and what KDL does not know.
pub(crate) fn escape_value(escape: &str) -> Option<char> {
    Some(match escape {
        "\\n" => '\n',
        "\\r" => '\r',
        "\\t" => '\t',
        "\\\\" => '\\',
        "\\\"" => '"',
        "\\b" => '\u{8}',
        "\\f" => '\u{C}',
        "\\s" => ' ',
        // Only KDL 1 has it. It is reported, and read as what everybody means by it.
        "\\/" => '/',
        _ => {
            let digits = escape.strip_prefix("\\u{")?.strip_suffix('}')?;
            let known = (1..=6).contains(&digits.len()).then(|| u32::from_str_radix(digits, 16).ok())?;
            known.and_then(char::from_u32)?
        }
    })
}

/// Removes the indentation of a multi-line string, the first line break and the last line.
fn dedent(source: &str, shape: &Shape) -> (Vec<Piece>, Vec<(Range<usize>, Trouble)>) {
    let all = pieces(source, shape);
    let mut lines: Vec<&[Piece]> = all.split(|piece| matches!(piece, Piece::Break(_))).collect();
    let mut breaks = all.iter().filter(|piece| matches!(piece, Piece::Break(_)));
    let mut troubles = Vec::new();
    let closing = if lines.len() > 1 && shape.closed { lines.pop().unwrap_or_default() } else { &[] };
    let prefix = if is_blank_line(source, closing) {
        written(source, closing)
    } else {
        troubles.push((range_of(closing, shape), Trouble::ClosingNotAlone));
        String::new()
    };
    let mut kept = Vec::with_capacity(all.len());
    // Before the first break there is nothing in a sound string; a broken one keeps what it has there.
    for (n, line) in lines.iter().enumerate() {
        if n > 0 {
            let end = breaks.next();
            // The break after the opening quotes is not part of the text.
            if n > 1 || !kept.is_empty() {
                kept.extend(end.cloned());
            }
        }
        if is_blank_line(source, line) {
            continue;
        }
        let sound = strip(source, line, &prefix, &mut kept);
        if !sound && n > 0 {
            troubles.push((range_of(line, shape), Trouble::Indentation));
        }
    }
    (kept, troubles)
}

/// Whether a line is literal white space only, which makes it empty whatever it holds.
fn is_blank_line(source: &str, line: &[Piece]) -> bool {
    line.iter().all(|piece| match piece {
        Piece::Literal(range) => source.get(range.clone()).is_some_and(|text| text.chars().all(is_space)),
        Piece::Escape(..) | Piece::Break(_) => false,
    })
}

fn written(source: &str, line: &[Piece]) -> String {
    let literal = |piece: &Piece| match piece {
        Piece::Literal(range) => source.get(range.clone()),
        Piece::Escape(..) | Piece::Break(_) => None,
    };
    line.iter().filter_map(literal).collect()
}

/// Copies a line without its prefix. If the prefix does not match, copies all of it and says so.
fn strip(source: &str, line: &[Piece], prefix: &str, kept: &mut Vec<Piece>) -> bool {
    let mut rest = prefix;
    let before = kept.len();
    for piece in line {
        match piece {
            Piece::Literal(range) if !rest.is_empty() => {
                let text = source.get(range.clone()).unwrap_or("");
                if let Some(left) = rest.strip_prefix(text) {
                    rest = left;
                } else if text.starts_with(rest) {
                    kept.push(Piece::Literal(range.start + rest.len()..range.end));
                    rest = "";
                } else {
                    kept.truncate(before);
                    kept.extend_from_slice(line);
                    return false;
                }
            }
            Piece::Escape(..) if !rest.is_empty() => {
                kept.truncate(before);
                kept.extend_from_slice(line);
                return false;
            }
            piece => kept.push(piece.clone()),
        }
    }
    true
}

fn range_of(line: &[Piece], shape: &Shape) -> Range<usize> {
    let of = |piece: &Piece| match piece {
        Piece::Literal(range) | Piece::Escape(range, _) | Piece::Break(range) => range.clone(),
    };
    match (line.first(), line.last()) {
        (Some(first), Some(last)) => of(first).start..of(last).end,
        _ => shape.body.end..shape.body.end,
    }
}

/// Adds a length within one file to an offset. Files are far below 4 GiB (`limits::FILE_BYTES`).
fn offset(start: u32, length: usize) -> u32 {
    start.saturating_add(u32::try_from(length).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: TokenKind, source: &str) -> String {
        decode(kind, source).into_owned()
    }

    #[test]
    fn escapes_stand_for_their_characters() {
        let source = r#""a\n\t\\\"\u{e9}\s\   b""#;
        assert_eq!(text(TokenKind::EscapedText, source), "a\n\t\\\"é b");
    }

    #[test]
    fn a_multi_line_string_loses_its_indentation() {
        let source = "\"\"\"\n    one\n\n      two\\\n   \\n\n    \"\"\"";
        assert_eq!(text(TokenKind::MultilineText, source), "one\n\n  two\n");
    }

    #[test]
    fn white_space_escapes_are_resolved_before_the_indentation() {
        let source = "\"\"\"\n  foo \\\nbar\n  baz\n  \\   \"\"\"";
        assert_eq!(text(TokenKind::MultilineText, source), "foo bar\nbaz");
        assert_eq!(troubles(TokenKind::MultilineText, source), []);
    }

    #[test]
    fn wrong_lines_are_named() {
        let source = "\"\"\"\n    a\n  b\n    \"\"\"";
        assert_eq!(troubles(TokenKind::MultilineText, source), [(10..13, Trouble::Indentation)]);
        let source = "\"\"\"\n    a\"\"\"";
        assert_eq!(troubles(TokenKind::MultilineText, source), [(4..9, Trouble::ClosingNotAlone)]);
    }

    #[test]
    fn broken_strings_keep_what_they_have() {
        assert_eq!(text(TokenKind::BadText, "\"${kafka."), "${kafka.");
        assert_eq!(text(TokenKind::BadText, "\"a\\\""), "a\"");
        assert_eq!(text(TokenKind::BadText, "\"\"\"one line\"\"\""), "one line");
        assert_eq!(text(TokenKind::BadText, "##\"a\"#"), "a\"#");
        assert_eq!(text(TokenKind::BadText, "nginx/web:1"), "nginx/web:1");
        assert_eq!(text(TokenKind::LegacyRawText, "r##\"a\\\"##"), "a\\");
    }
}
