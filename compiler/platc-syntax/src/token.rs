//! [`TokenKind`]: what each stretch of a file is. Tokens lie side by side and cover every byte.
//!
//! Not here: where the tokens of a file are kept (`tree.rs`) and how text is cut into them (`lex.rs`).
//!
//! Start with [`TokenKind`].

use platc_diag::Span;

/// What a stretch of text is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum TokenKind {
    /// The byte order mark that a file may begin with.
    Bom,
    /// Spaces and tabs, and what Unicode has of the kind.
    Whitespace,
    /// One line break; `\r\n` is one.
    Newline,
    /// `// …`, without the line break.
    LineComment,
    /// `/// …`: a line comment that documents the node below it.
    DocComment,
    /// `/* … */`, nested ones included.
    BlockComment,
    /// The `\` that lets a node go on in the next line.
    Continuation,
    /// `/-`, which comments out what follows.
    Slashdash,
    /// `{`.
    OpenBrace,
    /// `}`.
    CloseBrace,
    /// `(`.
    OpenParen,
    /// `)`.
    CloseParen,
    /// `=`.
    Equals,
    /// `;`.
    Semicolon,
    /// Text without quotes: `replicas`, `a-m1`.
    Word,
    /// `"…"` without escapes: its text is what is written.
    Text,
    /// `"…"` with at least one backslash.
    EscapedText,
    /// `"""` over several lines.
    MultilineText,
    /// `#"…"#`, with any number of `#`.
    RawText,
    /// `#"""` over several lines.
    RawMultilineText,
    /// A whole number in any base.
    Integer,
    /// A number with a fraction or an exponent.
    Float,
    /// `#true`.
    True,
    /// `#false`.
    False,
    /// `#null`.
    Null,
    /// `#inf`.
    Inf,
    /// `#-inf`.
    NegativeInf,
    /// `#nan`.
    NaN,
    /// `true`, `false` or `null` without `#`, as KDL version 1 wrote them.
    LegacyKeyword,
    /// `r"…"` or `r#"…"#`, the raw string of KDL version 1.
    LegacyRawText,
    /// `"…"` as only KDL version 1 has it: over several lines, or with `\/` in it.
    LegacyText,
    /// A string that was reported: unclosed, a bad escape, wrong indentation.
    BadText,
    /// A word that begins like a number and is none; reported.
    BadNumber,
    /// `inf`, `-inf` or `nan` without `#`, or `#` with an unknown word; reported.
    BadKeyword,
    /// What no token begins with; reported.
    Unknown,
}

/// A token with its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it is.
    pub span: Span,
}

impl TokenKind {
    /// White space, line breaks, comments, the byte order mark and `\`: what stands between things.
    pub const fn is_trivia(self) -> bool {
        matches!(self, Self::Bom | Self::Whitespace | Self::Newline | Self::Continuation) || self.is_comment()
    }

    /// Any comment but a slashdash.
    pub const fn is_comment(self) -> bool {
        matches!(self, Self::LineComment | Self::DocComment | Self::BlockComment)
    }

    /// A comment that goes to the end of its line.
    pub const fn is_line_comment(self) -> bool {
        matches!(self, Self::LineComment | Self::DocComment)
    }

    /// Text in any spelling, a broken string included.
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Word | Self::Text | Self::EscapedText | Self::MultilineText | Self::RawText)
            || matches!(self, Self::RawMultilineText | Self::LegacyRawText | Self::LegacyText | Self::BadText)
    }

    /// Whatever may stand where a value is expected, broken or not.
    pub const fn is_value(self) -> bool {
        matches!(self, Self::Integer | Self::Float | Self::True | Self::False | Self::Null | Self::Inf)
            || matches!(self, Self::NegativeInf | Self::NaN | Self::LegacyKeyword)
            || matches!(self, Self::BadNumber | Self::BadKeyword)
            || self.is_text()
    }

    /// Reported by the lexer, so that nothing else needs to be said about it.
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::BadText | Self::BadNumber | Self::BadKeyword | Self::Unknown)
    }

    /// As KDL version 1 wrote it.
    pub const fn is_legacy(self) -> bool {
        matches!(self, Self::LegacyKeyword | Self::LegacyRawText | Self::LegacyText)
    }
}
