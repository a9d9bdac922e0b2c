//! Characters, and the small copies that printing consists of.
//!
//! Not here: what a format quotes. Start with [`is_plain_char`].

use crate::print::Guard;

/// Whether a character shows itself: no control, no invisible or formatting character, no blank other
/// than U+0020, no private use. What is not plain is escaped where a format has escapes, and refused
/// where it has none: text that looks like other text has no place in a configuration.
///
/// Some of these also end a line for one reader of YAML and not for another (U+0085, U+2028, U+2029), or
/// are dropped at the beginning (U+FEFF).
pub(crate) fn is_plain_char(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\0'..='\u{a0}' => false,
        // Most text that is not ASCII.
        '\u{a1}'..='\u{5ff}' => !matches!(c, '\u{ad}'),
        '\u{fe00}'..='\u{fe0f}' => false, // variation selectors
        _ => !c.is_whitespace() && !is_format(c) && !is_no_character(c),
    }
}

/// General category Cf, and marks that are as invisible.
fn is_format(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
        | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Private use and noncharacters, which mean nothing or something else everywhere.
fn is_no_character(c: char) -> bool {
    let code = u32::from(c);
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{f0000}'..) || code & 0xfffe == 0xfffe
}

/// The first character of `text` that is not plain.
pub(crate) fn odd_char(text: &str) -> Option<char> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return None;
    }
    text.chars().find(|c| !is_plain_char(*c))
}

/// Appends `text` in double quotes. Quotes, backslashes and characters that are not plain, and with
/// `Dollar::Hidden` every `$`, are written by `escape`.
pub(crate) fn push_quoted(out: &mut Vec<u8>, text: &str, dollar: Dollar, escape: fn(&mut Vec<u8>, char)) {
    let stops = |byte: u8| match byte {
        b'"' | b'\\' | 0x7f.. | ..0x20 => true,
        b'$' => dollar == Dollar::Hidden,
        _ => false,
    };
    out.push(b'"');
    let mut rest = text;
    // Runs of plain ASCII are copied whole.
    while let Some((run, tail)) = rest.bytes().position(stops).and_then(|at| rest.split_at_checked(at)) {
        out.extend_from_slice(run.as_bytes());
        let Some(c) = tail.chars().next() else { break };
        let (character, behind) = tail.split_at_checked(c.len_utf8()).unwrap_or((tail, ""));
        if c.is_ascii() || !is_plain_char(c) {
            escape(out, c);
        } else {
            out.extend_from_slice(character.as_bytes());
        }
        rest = behind;
    }
    out.extend_from_slice(rest.as_bytes());
    out.push(b'"');
}

/// What becomes of a `$` in quotes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dollar {
    /// It stands there.
    Shown,
    /// It is escaped, because the text would be changed on its way.
    Hidden,
}

impl Dollar {
    /// For `text` under `guard`.
    pub(crate) fn of(text: &str, guard: Guard) -> Self {
        if guard.changes(text) { Self::Hidden } else { Self::Shown }
    }
}

/// Appends `text`, which is `all[start..start + len]`, with one copy of fixed size if it is short.
#[inline]
pub(crate) fn push_part(out: &mut Vec<u8>, all: &[u8], start: usize, len: usize) {
    const SHORT: usize = 32;
    match all.get(start..).and_then(|rest| rest.first_chunk::<SHORT>()) {
        Some(chunk) if len <= SHORT => {
            let end = out.len() + len;
            out.extend_from_slice(chunk);
            out.truncate(end);
        }
        _ => out.extend_from_slice(all.get(start..start + len).unwrap_or_default()),
    }
}

/// Appends a line break and `indent` blanks.
#[inline]
pub(crate) fn push_line(out: &mut Vec<u8>, indent: usize) {
    const SHORT: usize = 32;
    const BREAK: [u8; SHORT] = *b"\n                               ";
    if indent < SHORT {
        let end = out.len() + 1 + indent;
        out.extend_from_slice(&BREAK);
        out.truncate(end);
    } else {
        out.push(b'\n');
        out.resize(out.len() + indent, b' ');
    }
}

/// Appends `indent` blanks.
pub(crate) fn push_indent(out: &mut Vec<u8>, indent: usize) {
    out.resize(out.len() + indent, b' ');
}

/// The lines of a comment, each with what is not plain written as `\u{…}`, so that a comment can never
/// end early. Under a guard a `$` that would be expanded is written that way, too.
pub(crate) fn comment_lines(text: &str, guard: Guard) -> impl Iterator<Item = String> {
    text.lines().map(move |line| {
        let line = line.trim_end();
        let hide_dollar = guard.changes(line);
        let mut clean = String::with_capacity(line.len());
        for c in line.chars() {
            let shown = c == '\t' || is_plain_char(c) && !(hide_dollar && c == '$');
            if shown { clean.push(c) } else { clean.extend(c.escape_unicode()) }
        }
        clean
    })
}

/// Appends a comment at the head of a file: `# text` lines.
pub(crate) fn push_comment(out: &mut Vec<u8>, text: &str, mark: &str, indent: usize, guard: Guard) {
    for line in comment_lines(text, guard) {
        push_indent(out, indent);
        out.extend_from_slice(mark.as_bytes());
        if !line.is_empty() {
            out.push(b' ');
            out.extend_from_slice(line.as_bytes());
        }
        out.push(b'\n');
    }
}
