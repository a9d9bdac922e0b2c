//! Words that begin with a digit, a sign or a dot: numbers, words after all, or neither.
//!
//! Not here: the values of numbers (`literal.rs`).
//!
//! Start with [`classify`].

use super::Lexer;
use crate::errors;
use crate::literal;
use crate::token::TokenKind;

impl Lexer<'_> {
    /// Reads a word that may be a number. It goes as far as a word does, so that `12GiB` is one mistake.
    pub(super) fn number_or_word(&mut self, at: usize) -> usize {
        let end = self.word_end(at);
        let word = self.slice(at, end);
        let kind = classify(word);
        match kind {
            TokenKind::Word if self.byte(end) == b'/' && self.is_path(end) => self.path(at, end),
            TokenKind::Word => self.word_or_reserved(at, end),
            // Thirty digits fit in any base.
            TokenKind::Integer if word.len() > 30 && literal::integer(word).is_none() => {
                self.problem(at, end, errors::number_too_large);
                self.token(TokenKind::BadNumber, at, end)
            }
            TokenKind::BadNumber => self.bad_number(at, end),
            kind => self.token(kind, at, end),
        }
    }

    /// An address range without quotes has a slash: it belongs to the same mistake.
    fn bad_number(&mut self, at: usize, mut end: usize) -> usize {
        while self.byte(end) == b'/' && self.is_path(end) {
            end = self.word_end(end + 1);
        }
        if !self.brackets_in_line {
            self.problem(at, end, errors::bad_number);
        }
        self.token(TokenKind::BadNumber, at, end)
    }
}

/// What a word that begins with a digit, a sign or a dot is.
fn classify(word: &str) -> TokenKind {
    // Most numbers are this plain.
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return TokenKind::Integer;
    }
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    let digit = |text: &str| text.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    if !digit(unsigned) {
        // `-`, `--x`, `.x` and `..` are words; `.5` would be read as a number by too many people.
        let fraction = unsigned.strip_prefix('.').is_some_and(digit);
        return if fraction { TokenKind::BadNumber } else { TokenKind::Word };
    }
    let based = [("0x", 16), ("0o", 8), ("0b", 2)];
    for (prefix, base) in based {
        if let Some(digits) = unsigned.strip_prefix(prefix) {
            let sound = is_digits(digits, base);
            return if sound { TokenKind::Integer } else { TokenKind::BadNumber };
        }
    }
    decimal(unsigned)
}

fn decimal(word: &str) -> TokenKind {
    let (mantissa, exponent) = match word.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (word, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let exponent = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    let sound = is_digits(whole, 10)
        && fraction.is_none_or(|text| is_digits(text, 10))
        && exponent.is_none_or(|text| is_digits(text, 10));
    match (sound, fraction.is_none() && exponent.is_none()) {
        (false, _) => TokenKind::BadNumber,
        (true, true) => TokenKind::Integer,
        (true, false) => TokenKind::Float,
    }
}

/// A digit, then digits and `_`.
fn is_digits(text: &str, base: u32) -> bool {
    let digit = |c: char| c.is_digit(base);
    text.starts_with(digit) && text.chars().all(|c| c == '_' || digit(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_words_and_neither() {
        for (word, kind) in [
            ("0", TokenKind::Integer),
            ("-12_000__", TokenKind::Integer),
            ("+0xDEAD_beef", TokenKind::Integer),
            ("0o17", TokenKind::Integer),
            ("0b1_0", TokenKind::Integer),
            ("1.5", TokenKind::Float),
            ("1e10", TokenKind::Float),
            ("-1_0.2_5E-1_0", TokenKind::Float),
            ("0x", TokenKind::BadNumber),
            ("0x_1", TokenKind::BadNumber),
            ("0b2", TokenKind::BadNumber),
            ("1.", TokenKind::BadNumber),
            ("1._5", TokenKind::BadNumber),
            ("1.2.3", TokenKind::BadNumber),
            ("1e", TokenKind::BadNumber),
            ("1.e7", TokenKind::BadNumber),
            ("12GiB", TokenKind::BadNumber),
            (".5", TokenKind::BadNumber),
            ("-.5", TokenKind::BadNumber),
            ("-", TokenKind::Word),
            ("--5", TokenKind::Word),
            ("-.", TokenKind::Word),
            ("..5", TokenKind::Word),
            ("+a", TokenKind::Word),
        ] {
            assert_eq!(classify(word), kind, "{word}");
        }
    }
}
