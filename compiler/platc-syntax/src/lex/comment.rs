//! Comments, and where an unclosed one is taken to end.
//!
//! Not here: slashdash, which is a sign of its own.
//!
//! Start with `line_comment` and `block_comment`.

use super::Lexer;
use crate::chars::{Class, is_comment, is_space};
use crate::errors;
use crate::token::TokenKind;

/// How often an unclosed comment is searched for its end. Each search may run to the end of the file, so
/// this keeps the time linear; from here on an unclosed comment hides the rest of the file.
const SEARCHES_MAX: usize = 16;

impl Lexer<'_> {
    pub(super) fn line_comment(&mut self, start: usize) -> usize {
        let end = self.comment_run(start + 2, |byte| byte == b'*' || byte == b'/');
        let doc = self.byte(start + 2) == b'/' && self.byte(start + 3) != b'/';
        let kind = if doc { TokenKind::DocComment } else { TokenKind::LineComment };
        self.token(kind, start, end)
    }

    pub(super) fn block_comment(&mut self, start: usize) -> usize {
        let end = match self.comment_end(start) {
            Some(end) => end,
            None => self.unclosed_comment(start),
        };
        self.report_forbidden(start, end);
        self.token(TokenKind::BlockComment, start, end)
    }

    /// Passes over a comment up to its line break, and reports what may not stand even in one.
    fn comment_run(&mut self, mut at: usize, also: impl Fn(u8) -> bool) -> usize {
        loop {
            at = self.skip(at, |byte| is_comment(byte) || also(byte));
            match self.char_at(at) {
                Some((_, Class::Newline)) | None => return at,
                Some((c, Class::Forbidden)) => at = self.forbidden(at, c),
                Some((c, _)) => at += c.len_utf8(),
            }
        }
    }

    /// The end of a block comment with all the comments in it; `None` if it is never closed.
    fn comment_end(&self, start: usize) -> Option<usize> {
        let mut depth = 1_usize;
        let mut at = start + 2;
        while depth > 0 {
            at = self.skip(at, |byte| byte != b'*' && byte != b'/');
            match (self.bytes.get(at)?, self.byte(at + 1)) {
                (b'*', b'/') => {
                    depth -= 1;
                    at += 2;
                }
                (b'/', b'*') => {
                    depth += 1;
                    at += 2;
                }
                _ => at += 1,
            }
        }
        Some(at)
    }

    /// An unclosed comment is taken to end with its line, or with the last line below it that begins
    /// with `*` as block comments are drawn: so one slip does not hide the rest of the file.
    fn unclosed_comment(&mut self, start: usize) -> usize {
        self.problem(start, start + 2, |span, _| errors::unclosed_comment(span));
        self.unclosed_comments += 1;
        if self.unclosed_comments >= SEARCHES_MAX {
            return self.bytes.len();
        }
        let mut end = self.line_end(start);
        loop {
            let next = end + crate::chars::newline_len(self.rest(end));
            if next == end || !self.rest(next).trim_start_matches(is_space).starts_with('*') {
                return end;
            }
            end = self.line_end(next);
        }
    }
}
