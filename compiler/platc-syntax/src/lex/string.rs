//! Strings: where they end, what is wrong in them, and where one that is never closed is taken to end.
//!
//! Not here: what a string says (`text.rs`).
//!
//! Start with `quoted`, `raw` and `legacy_raw`, one for each way in which a string begins.
//!
//! A string that is not closed would swallow everything up to the next one's opening quote and turn the
//! file inside out. So a guess is made where the author meant it to end: a string of one line with its
//! line, but before the braces that close what the line opened; one of several lines before the first
//! line that is indented no more than the line on which it begins.

use platc_diag::limits;

use super::{Dialect, Lexer};
use crate::chars::{Class, is_blank, is_newline, is_space, is_text, newline_len, text_prefix};
use crate::errors;
use crate::text::{self, Trouble};
use crate::token::TokenKind;

/// Searches for a closing quote that failed, so that a file full of opening ones is still read in linear
/// time: each search may run to the end of its line or of the file.
#[derive(Debug, Default)]
pub(super) struct Searches {
    /// Before this offset there is no closing `"` with so many `#`.
    raw: Option<(usize, usize)>,
    /// How many searches for a raw string's end failed in that line.
    raw_failures: usize,
    /// How many strings of several lines had no end, or one that cannot have been meant.
    multiline_failures: usize,
}

/// After so many failures nothing is searched any more: what follows is taken to be unclosed as well.
const FAILURES_MAX: usize = 16;

impl Lexer<'_> {
    /// A string that begins with `"`.
    pub(super) fn quoted(&mut self, start: usize) -> usize {
        if self.rest(start).starts_with("\"\"\"") {
            return self.multiline(start, start, 0);
        }
        let (mut at, mut kind, mut over_lines) = (start + 1, TokenKind::Text, false);
        loop {
            at = self.text_end(at);
            match self.byte(at) {
                b'"' if over_lines => return self.over_lines(kind, start, at + 1),
                b'"' => return self.token(kind, start, at + 1),
                b'\\' => {
                    kind = worse(kind, self.escape(at));
                    at += text::escape_len(self.rest(at));
                }
                _ => match self.char_at(at) {
                    Some((c, Class::Newline)) if self.dialect != Dialect::V2 => {
                        over_lines = true;
                        at += c.len_utf8();
                    }
                    Some((_, Class::Newline)) | None => return self.unclosed(start, at),
                    Some((c, Class::Forbidden)) => at = self.forbidden(at, c),
                    Some((c, _)) => at += c.len_utf8(),
                },
            }
        }
    }

    /// A string in single quotes that went over several lines.
    fn over_lines(&mut self, kind: TokenKind, start: usize, end: usize) -> usize {
        if self.dialect == Dialect::V1 {
            return self.token(worse(kind, TokenKind::LegacyText), start, end);
        }
        self.problem(start, end, |span, _| errors::string_over_lines(span));
        self.token(TokenKind::BadText, start, end)
    }

    /// Passes over what means nothing within a quoted string.
    fn text_end(&self, mut at: usize) -> usize {
        while let Some(next) = self.bytes.get(at..).and_then(|rest| rest.first_chunk()) {
            match text_prefix(*next) {
                8 => at += 8,
                length => {
                    at += length;
                    break;
                }
            }
        }
        if is_text(self.byte(at)) { self.skip(at, is_text) } else { at }
    }

    /// A string that begins with `#`; `quotes` is where its quotes are.
    pub(super) fn raw(&mut self, start: usize, quotes: usize) -> usize {
        if self.rest(quotes).starts_with("\"\"\"") {
            return self.multiline(start, quotes, quotes - start);
        }
        match self.raw_end(quotes + 1, quotes - start, self.dialect) {
            Ok(end) => {
                self.report_forbidden(quotes + 1, end);
                self.token(TokenKind::RawText, start, end)
            }
            Err(line_end) => self.unclosed_raw(start, quotes, line_end),
        }
    }

    /// `r"…"` and `r#"…"#`. If it is not even closed, it is the word `r` and something else.
    pub(super) fn legacy_raw(&mut self, start: usize) -> usize {
        let quotes = self.skip(start + 1, |byte| byte == b'#');
        if self.byte(quotes) == b'"'
            && let Ok(end) = self.raw_end(quotes + 1, quotes - start - 1, self.dialect)
        {
            self.report_forbidden(quotes + 1, end);
            return self.token(TokenKind::LegacyRawText, start, end);
        }
        self.token(TokenKind::Word, start, start + 1)
    }

    /// What the escape at `at` makes of its string. One that KDL does not know is reported.
    fn escape(&mut self, at: usize) -> TokenKind {
        let rest = self.rest(at);
        let escape = rest.get(..text::escape_len(rest)).unwrap_or("");
        let (start, end) = (at, at + escape.len());
        if escape == "\\/" {
            if self.out.solidus_escapes.len() < limits::LEGACY_PLACES {
                let span = self.span(start, end);
                self.out.solidus_escapes.push(span);
            }
            if self.dialect == Dialect::V1 {
                return TokenKind::LegacyText;
            }
        } else if text::escape_value(escape).is_some() || escape.get(1..).unwrap_or("").starts_with(is_blank)
        {
            return TokenKind::EscapedText;
        }
        self.problem(start, end, errors::unknown_escape);
        TokenKind::BadText
    }

    /// The end of a raw string of one line, behind its closing `#`s; or where the search ended.
    fn raw_end(&mut self, from: usize, hashes: usize, dialect: Dialect) -> Result<usize, usize> {
        match self.searches.raw {
            Some((end, least)) if from <= end => {
                if hashes >= least || self.searches.raw_failures >= FAILURES_MAX {
                    return Err(end);
                }
            }
            _ => self.searches.raw_failures = 0,
        }
        let mut at = from;
        loop {
            at = self.skip(at, |byte| byte != b'"' && is_text(byte));
            match self.char_at(at) {
                Some(('"', _)) => {
                    if self.has_hashes(at + 1, hashes) {
                        return Ok(at + 1 + hashes);
                    }
                    at += 1;
                }
                Some((_, Class::Newline)) if dialect != Dialect::V1 => break,
                Some((c, _)) => at += c.len_utf8(),
                None => break,
            }
        }
        self.searches.raw = Some((at, hashes));
        self.searches.raw_failures += 1;
        Err(at)
    }

    fn has_hashes(&self, at: usize, hashes: usize) -> bool {
        let found = self.bytes.get(at..at + hashes);
        found.is_some_and(|found| found.iter().all(|byte| *byte == b'#'))
    }

    fn unclosed(&mut self, start: usize, line_end: usize) -> usize {
        let end = self.give_back_braces(start, line_end);
        self.out.unclosed += 1;
        self.problem(start, end, |span, _| errors::unclosed_string(span, "\""));
        self.token(TokenKind::BadText, start, end)
    }

    /// Too few `#` are the commonest reason why a raw string goes on: it is taken to end there.
    fn unclosed_raw(&mut self, start: usize, quotes: usize, line_end: usize) -> usize {
        let body = self.slice(quotes + 1, line_end);
        let end = match body.find("\"#") {
            Some(at) => self.skip(quotes + 1 + at + 1, |byte| byte == b'#'),
            None => self.give_back_braces(start, line_end),
        };
        let closing = format!("\"{}", "#".repeat(quotes - start));
        self.problem(start, end, |span, _| errors::unclosed_string(span, &closing));
        self.token(TokenKind::BadText, start, end)
    }

    /// Where an unclosed string of one line ends if the `}` at the end of the line close blocks that the
    /// line opened before it, as in `service web { image "okm/web:1 }`.
    fn give_back_braces(&self, start: usize, line_end: usize) -> usize {
        use TokenKind::{CloseBrace, Newline, OpenBrace};
        let line = self.out.kinds.iter().rev().take_while(|kind| **kind != Newline);
        let open = line.fold(0_isize, |open, kind| match kind {
            OpenBrace => open + 1,
            CloseBrace => open - 1,
            _ => open,
        });
        // The braces of a `${…}` within the string are its own.
        let count = |brace: u8| self.slice(start, line_end).bytes().filter(|byte| *byte == brace).count();
        let own = count(b'}').saturating_sub(count(b'{'));
        let mut left = own.min(usize::try_from(open).unwrap_or(0));
        let mut end = line_end;
        while left > 0 {
            let body = self.slice(start, end).trim_end_matches(|c| is_space(c) || c == ';');
            let Some(before) = body.strip_suffix('}') else { break };
            end = start + before.len();
            left -= 1;
        }
        start + self.slice(start, end).trim_end_matches(is_space).len().max(1)
    }

    /// A string that begins with `"""`, and with `hashes` times `#` before it if it is raw.
    fn multiline(&mut self, start: usize, quotes: usize, hashes: usize) -> usize {
        let body = quotes + 3;
        let begins_late = newline_len(self.rest(body)) == 0;
        if begins_late && let Some(end) = self.one_line_end(body, hashes) {
            let text = self.slice(body, end - 3 - hashes);
            self.problem(start, end, |span, _| errors::multiline_on_one_line(span, text, hashes));
            return self.token(TokenKind::BadText, start, end);
        }
        match self.multiline_end(body, hashes) {
            Some(end) if !begins_late && self.is_alone(end - 3 - hashes) => {
                self.check_multiline(start, body, end, hashes)
            }
            // Perhaps those are the opening quotes of another string, and this one is not closed.
            found => {
                let limit = found.unwrap_or(self.bytes.len());
                match (found, self.dedent_before(start, limit)) {
                    (Some(end), kept) if kept == end => self.check_multiline(start, body, end, hashes),
                    (_, kept) => self.unclosed_multiline(start, kept, hashes),
                }
            }
        }
    }

    fn unclosed_multiline(&mut self, start: usize, end: usize, hashes: usize) -> usize {
        self.searches.multiline_failures += 1;
        let closing = format!("\"\"\"{}", "#".repeat(hashes));
        let line_end = self.line_end(start);
        self.problem(start, line_end, |span, _| errors::unclosed_string(span, &closing));
        self.token(TokenKind::BadText, start, end)
    }

    /// Whether nothing but white space stands before `at` in its line.
    fn is_alone(&self, at: usize) -> bool {
        let before = self.slice(0, at).trim_end_matches(|c| is_space(c) || c == '\\');
        before.ends_with(is_newline)
    }

    /// Reports what is wrong with a closed string of several lines, and gives its end.
    fn check_multiline(&mut self, start: usize, body: usize, end: usize, hashes: usize) -> usize {
        let raw = hashes > 0;
        let kind = if raw { TokenKind::RawMultilineText } else { TokenKind::MultilineText };
        let troubles = text::troubles(kind, self.slice(start, end));
        let mut sound = newline_len(self.rest(body)) > 0;
        if !sound {
            self.problem(start, body, |span, _| errors::multiline_begins_late(span));
        }
        // One wrong line is shown: the others are wrong for the same reason.
        if let Some((range, trouble)) = troubles.first().filter(|_| sound) {
            let closing = self.span(end - 3 - hashes, end);
            self.problem(start + range.start, start + range.end, |span, _| match trouble {
                Trouble::ClosingNotAlone => errors::multiline_ends_in_text(closing),
                Trouble::Indentation => errors::multiline_indentation(span, closing),
            });
        }
        sound &= troubles.is_empty();
        let mut at = body;
        while at < end && !raw {
            at = self.skip_within(at, end, |byte| byte != b'\\');
            if at < end {
                sound &= self.escape(at) == TokenKind::EscapedText;
                at += text::escape_len(self.rest(at));
            }
        }
        self.report_forbidden(body, end);
        let kind = match (sound, raw) {
            (false, _) => TokenKind::BadText,
            (true, true) => TokenKind::RawMultilineText,
            (true, false) => TokenKind::MultilineText,
        };
        self.token(kind, start, end)
    }

    /// The end of `"""…"""` if it is closed in the line in which it begins.
    fn one_line_end(&self, body: usize, hashes: usize) -> Option<usize> {
        let mut at = body;
        loop {
            at = self.skip(at, |byte| byte != b'"' && byte != b'\\' && !matches!(byte, b'\n' | b'\r'));
            match self.byte(at) {
                b'"' if self.is_triple(at, hashes) => return Some(at + 3 + hashes),
                b'"' => at += 1,
                b'\\' if hashes == 0 && !self.rest(at + 1).starts_with(is_newline) => {
                    at += text::escape_len(self.rest(at));
                }
                b'\\' if hashes > 0 => at += 1,
                _ => return None,
            }
        }
    }

    fn is_triple(&self, at: usize, hashes: usize) -> bool {
        self.rest(at).starts_with("\"\"\"") && self.has_hashes(at + 3, hashes)
    }

    /// The end of a string of several lines, behind its closing quotes.
    fn multiline_end(&self, body: usize, hashes: usize) -> Option<usize> {
        if self.searches.multiline_failures >= FAILURES_MAX {
            return None;
        }
        let mut at = body;
        loop {
            at = self.skip(at, |byte| byte != b'"' && (byte != b'\\' || hashes > 0));
            match self.bytes.get(at)? {
                b'"' if self.is_triple(at, hashes) => return Some(at + 3 + hashes),
                b'\\' => at += text::escape_len(self.rest(at)),
                _ => at += 1,
            }
        }
    }

    /// The end of the last line before `limit` that is indented deeper than the line of `start`, or is
    /// blank; `limit` if there is no other line.
    fn dedent_before(&self, start: usize, limit: usize) -> usize {
        let line_start =
            self.slice(0, start).rfind(is_newline).map_or(0, |at| at + newline_len(self.rest(at)));
        let indent = |at: usize| self.rest(at).len() - self.rest(at).trim_start_matches(is_space).len();
        let own = indent(line_start);
        let mut end = self.line_end(start);
        let mut kept = end;
        loop {
            let next = end + newline_len(self.rest(end));
            if next == end || next >= limit {
                return limit;
            }
            end = self.line_end(next);
            let blank = next + indent(next) >= end;
            if !blank && indent(next) <= own {
                return kept;
            }
            // Blank lines at the end belong to what follows.
            if !blank {
                kept = end;
            }
        }
    }
}

/// What a string is that has two properties: the one that leaves less of it.
fn worse(a: TokenKind, b: TokenKind) -> TokenKind {
    use TokenKind::{BadText, EscapedText, LegacyText};
    let order = [BadText, LegacyText, EscapedText];
    order.into_iter().find(|kind| *kind == a || *kind == b).unwrap_or(a)
}
