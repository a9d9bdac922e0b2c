//! Cuts a text into tokens that cover every byte of it, and reports what is wrong within one token.
//!
//! Not here: how tokens belong together (`parse.rs`) and what strings say (`text.rs`).
//!
//! The white space behind a token is part of it: most tokens have one space behind them, and a token of its
//! own for each would cost a third of time and memory. [`Tree`](crate::Tree) takes it off again.
//!
//! Start with [`lex`]. What a token is never depends on the tokens around it, but for two kindnesses in
//! broken files (`string.rs`, `comment.rs`). Every step takes at least one byte, and no text is searched
//! more than a fixed number of times, so the time is linear for any input.

mod comment;
mod number;
mod string;

use platc_diag::{Diagnostic, FileId, Span};

use crate::chars::{
    Class, classify, is_blank, is_harmless, is_plain, newline_len, plain_prefix, starts_word,
};
use crate::errors;
use crate::found::Found;
use crate::token::TokenKind;
use crate::tree::index32;

/// Which language the text is taken for. Only the first is the one that platc reads; the others tell
/// what the author meant, so that one habit is one mistake.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dialect {
    /// KDL 2.
    V2,
    /// KDL 2 by an author who lets strings in single quotes go over several lines, which is reported.
    V2LongStrings,
    /// KDL 1, where strings do go over several lines.
    V1,
}

/// The tokens of a text, as two arrays of equal length: together five bytes a token.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lexed {
    /// What each token is.
    pub(crate) kinds: Vec<TokenKind>,
    /// Where each begins; with the white space behind it, it goes on to where the next one begins.
    pub(crate) starts: Vec<u32>,
    /// What is wrong within tokens.
    pub(crate) found: Found,
    /// `\/` escapes: a sign of KDL 1.
    pub(crate) solidus_escapes: Vec<Span>,
    /// Strings in single quotes that do not end in their line.
    pub(crate) unclosed: usize,
}

struct Lexer<'t> {
    file: FileId,
    text: &'t str,
    bytes: &'t [u8],
    dialect: Dialect,
    out: Lexed,
    /// `[` that have not met their `]`; only the first of a pair is reported.
    open_brackets: usize,
    /// A `[` stands in this line, so commas behind it are part of the same mistake.
    brackets_in_line: bool,
    searches: string::Searches,
    unclosed_comments: usize,
}

/// Cuts `text` into tokens.
pub(crate) fn lex(file: FileId, text: &str, dialect: Dialect) -> Lexed {
    let mut lexer = Lexer {
        file,
        text,
        bytes: text.as_bytes(),
        dialect,
        out: Lexed::default(),
        open_brackets: 0,
        brackets_in_line: false,
        searches: string::Searches::default(),
        unclosed_comments: 0,
    };
    // A platform file has a token for each three bytes; one growth at most corrects a wrong guess.
    lexer.out.kinds.reserve(text.len() / 3 + 8);
    lexer.out.starts.reserve(text.len() / 3 + 8);
    lexer.run();
    lexer.out
}

impl<'t> Lexer<'t> {
    fn run(&mut self) {
        let mut at = 0;
        if self.text.starts_with('\u{FEFF}') {
            at = self.token(TokenKind::Bom, 0, '\u{FEFF}'.len_utf8());
        } else if self.space_end(0) > 0 {
            at = self.token(TokenKind::Whitespace, 0, 0);
        }
        // The commonest tokens are told apart one by one, because the processor foresees such a branch
        // better than where a jump through a table leads.
        while let Some(byte) = self.bytes.get(at).copied() {
            at = if starts_word(byte) {
                self.word(at)
            } else if byte == b'\n' {
                self.brackets_in_line = false;
                self.token(TokenKind::Newline, at, at + 1)
            } else if byte == b'"' {
                self.quoted(at)
            } else {
                self.rarer(byte, at)
            };
        }
    }

    /// Reads the token that begins with `byte` at `at`, and gives where it ends.
    fn rarer(&mut self, byte: u8, at: usize) -> usize {
        use TokenKind as Kind;
        match byte {
            b'{' => self.token(Kind::OpenBrace, at, at + 1),
            b'}' => self.token(Kind::CloseBrace, at, at + 1),
            b'=' => self.token(Kind::Equals, at, at + 1),
            b';' => self.token(Kind::Semicolon, at, at + 1),
            b'(' => self.token(Kind::OpenParen, at, at + 1),
            b')' => self.token(Kind::CloseParen, at, at + 1),
            b'\\' => self.token(Kind::Continuation, at, at + 1),
            b'/' => self.slash(at),
            b'#' => self.hash(at),
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.number_or_word(at),
            b'[' | b']' => self.bracket(byte, at),
            _ => self.by_character(at),
        }
    }

    /// Adds a token, and gives where the next one begins: behind the white space after this one.
    fn token(&mut self, kind: TokenKind, start: usize, end: usize) -> usize {
        self.out.kinds.push(kind);
        self.out.starts.push(index32(start));
        self.space_end(end)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Span::new(self.file, offset(start), offset(end))
    }

    /// Reports what is wrong with a stretch of the text, given its place and its source.
    #[cold]
    fn problem(&mut self, start: usize, end: usize, make: impl FnOnce(Span, &str) -> Diagnostic) {
        let (span, source) = (self.span(start, end), self.slice(start, end));
        self.out.found.push(|| make(span, source));
    }

    fn rest(&self, at: usize) -> &'t str {
        self.text.get(at..).unwrap_or("")
    }

    fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or("")
    }

    /// The byte at `at`, or 0 behind the end; 0 itself means nothing in KDL but a mistake.
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn char_at(&self, at: usize) -> Option<(char, Class)> {
        self.rest(at).chars().next().map(|c| (c, classify(c)))
    }

    fn skip(&self, at: usize, keep: impl Fn(u8) -> bool) -> usize {
        self.skip_within(at, self.bytes.len(), keep)
    }

    /// [`Lexer::skip`] that does not look behind `end`: what is known to end there is not searched further.
    fn skip_within(&self, at: usize, end: usize, keep: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(at..end).unwrap_or_default();
        at + rest.iter().position(|byte| !keep(*byte)).unwrap_or(rest.len())
    }

    fn space_end(&self, at: usize) -> usize {
        let mut at = at;
        while matches!(self.byte(at), b' ' | b'\t') {
            at += 1;
        }
        if self.byte(at) < 0x80 {
            return at;
        }
        self.wide_space_end(at)
    }

    #[cold]
    fn wide_space_end(&self, mut at: usize) -> usize {
        while self.byte(at) >= 0x80 {
            match self.char_at(at) {
                Some((c, Class::Space)) => {
                    at = self.skip(at + c.len_utf8(), |byte| byte == b' ' || byte == b'\t');
                }
                _ => break,
            }
        }
        at
    }

    fn word_end(&self, at: usize) -> usize {
        let mut at = at;
        while let Some(next) = self.bytes.get(at..).and_then(|rest| rest.first_chunk()) {
            match plain_prefix(*next) {
                8 => at += 8,
                length => {
                    at += length;
                    break;
                }
            }
        }
        if !is_plain(self.byte(at)) && self.byte(at) < 0x80 {
            return at;
        }
        self.rare_word_end(at)
    }

    /// [`Lexer::word_end`] where the word has rarer characters in it, or is near the end of the file.
    fn rare_word_end(&self, at: usize) -> usize {
        let mut at = self.skip(at, is_plain);
        while self.byte(at) >= 0x80 {
            match self.char_at(at) {
                Some((c, Class::Word)) => at = self.skip(at + c.len_utf8(), is_plain),
                _ => break,
            }
        }
        at
    }

    /// The end of the line that `at` is in, before its line break.
    fn line_end(&self, at: usize) -> usize {
        let rest = self.rest(at);
        at + rest.find(crate::chars::is_newline).unwrap_or(rest.len())
    }

    fn word(&mut self, at: usize) -> usize {
        let end = self.word_end(at);
        match self.byte(end) {
            b'"' | b'#' if self.slice(at, end) == "r" => self.legacy_raw(at),
            b'/' if self.is_path(end) => self.path(at, end),
            // Only words with these first letters can be reserved; most are told apart here already.
            _ if end - at > 5 || !matches!(self.byte(at), b't' | b'f' | b'n' | b'i') => {
                self.token(TokenKind::Word, at, end)
            }
            _ => self.word_or_reserved(at, end),
        }
    }

    fn word_or_reserved(&mut self, at: usize, end: usize) -> usize {
        let kind = match self.slice(at, end) {
            "true" | "false" | "null" => TokenKind::LegacyKeyword,
            "inf" | "nan" | "-inf" => {
                self.problem(at, end, errors::keyword_without_hash);
                TokenKind::BadKeyword
            }
            _ => TokenKind::Word,
        };
        self.token(kind, at, end)
    }

    /// Whether a `/` goes on a word: it does not where it begins a comment or a slashdash.
    fn is_path(&self, slash: usize) -> bool {
        !matches!(self.byte(slash + 1), b'/' | b'*' | b'-')
    }

    /// A word with slashes in it, like `okm/web:1`, is what people forget to quote most.
    fn path(&mut self, start: usize, slash: usize) -> usize {
        let mut end = slash;
        while self.byte(end) == b'/' && self.is_path(end) {
            end = self.word_end(end + 1);
        }
        self.problem(start, end, errors::unquoted_path);
        self.token(TokenKind::BadText, start, end)
    }

    fn slash(&mut self, at: usize) -> usize {
        match self.byte(at + 1) {
            b'/' => self.line_comment(at),
            b'*' => self.block_comment(at),
            b'-' => self.token(TokenKind::Slashdash, at, at + 2),
            _ => self.path(at, at),
        }
    }

    fn bracket(&mut self, byte: u8, at: usize) -> usize {
        if byte == b'[' {
            self.open_brackets += 1;
            self.brackets_in_line = true;
        }
        // The closing one of a pair needs no error of its own.
        if byte == b'[' || self.open_brackets == 0 {
            self.problem(at, at + 1, |span, _| errors::brackets(span));
        }
        if byte == b']' {
            self.open_brackets = self.open_brackets.saturating_sub(1);
        }
        self.token(TokenKind::Unknown, at, at + 1)
    }

    /// What begins with a rarer character: another line break, a word, a forbidden one.
    fn by_character(&mut self, at: usize) -> usize {
        match self.char_at(at) {
            Some((_, Class::Newline)) => self.token(TokenKind::Newline, at, at + newline_len(self.rest(at))),
            Some((c, Class::Forbidden)) => {
                let end = self.forbidden(at, c);
                self.token(TokenKind::Unknown, at, end)
            }
            _ => self.word(at),
        }
    }

    /// Reports a run of forbidden characters once, and gives its end.
    fn forbidden(&mut self, at: usize, first: char) -> usize {
        let rest = self.rest(at);
        let end = at + rest.find(|c| classify(c) != Class::Forbidden).unwrap_or(rest.len());
        self.problem(at, end, |span, _| errors::forbidden_character(span, first));
        end
    }

    /// Reports what may not stand even between `start` and `end`, where everything else may.
    fn report_forbidden(&mut self, start: usize, end: usize) {
        let mut at = start;
        loop {
            at = self.skip_within(at, end, is_harmless);
            match self.char_at(at).filter(|_| at < end) {
                Some((c, Class::Forbidden)) => at = self.forbidden(at, c),
                Some((c, _)) => at += c.len_utf8(),
                None => return,
            }
        }
    }

    /// `#`: a raw string, a keyword, or somebody's idea of a comment.
    fn hash(&mut self, at: usize) -> usize {
        let quotes = self.skip(at, |byte| byte == b'#');
        if self.byte(quotes) == b'"' {
            return self.raw(at, quotes);
        }
        let end = self.word_end(quotes);
        let kind = match self.slice(at, end) {
            "#true" => TokenKind::True,
            "#false" => TokenKind::False,
            "#null" => TokenKind::Null,
            "#inf" => TokenKind::Inf,
            "#-inf" => TokenKind::NegativeInf,
            "#nan" => TokenKind::NaN,
            _ if self.is_hash_comment(at, quotes) => {
                let end = self.line_end(at);
                self.problem(at, end, |span, _| errors::hash_comment(span, quotes - at));
                return self.token(TokenKind::Unknown, at, end);
            }
            _ => {
                self.problem(at, end, errors::unknown_keyword);
                TokenKind::BadKeyword
            }
        };
        self.token(kind, at, end)
    }

    /// `# text` after white space, and `#!`: a comment in other languages.
    fn is_hash_comment(&self, at: usize, after: usize) -> bool {
        let before = self.slice(0, at).chars().next_back().is_none_or(is_blank);
        let next = self.byte(after);
        let open = after >= self.bytes.len() || matches!(next, b' ' | b'\t' | b'\n' | b'\r' | b'!');
        before && open && after > at
    }
}
