//! The values of numbers, and text written as KDL.
//!
//! Not here: which words are numbers (`lex/number.rs`), and reading strings (`text.rs`).
//!
//! Start with [`quoted`] if you write KDL: fixes, imports and generated files all go through it.

use std::borrow::Cow;

use crate::chars::{Class, classify};

/// The value of a whole number as the lexer accepts it; `None` if it needs more than 128 bits.
pub(crate) fn integer(word: &str) -> Option<i128> {
    let (negative, unsigned) = match word.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    };
    let (digits, base) = match unsigned.get(..2) {
        Some("0x") => (unsigned.get(2..)?, 16),
        Some("0o") => (unsigned.get(2..)?, 8),
        Some("0b") => (unsigned.get(2..)?, 2),
        _ => (unsigned, 10),
    };
    // Built downwards, because the smallest number has no positive counterpart.
    let mut value = 0_i128;
    for digit in digits.chars().filter(|c| *c != '_') {
        let digit = i128::from(digit.to_digit(base)?);
        value = value.checked_mul(i128::from(base))?.checked_sub(digit)?;
    }
    if negative { Some(value) } else { value.checked_neg() }
}

/// The value of a number with a fraction or an exponent. What is too large is infinite, as in IEEE 754.
pub(crate) fn float(word: &str) -> Option<f64> {
    if word.contains('_') {
        return word.replace('_', "").parse().ok();
    }
    word.parse().ok()
}

/// `text` in KDL: bare where that is allowed (`kafka`), else in double quotes with escapes.
pub fn quoted(text: &str) -> Cow<'_, str> {
    if is_bare(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{C}' => out.push_str("\\f"),
            c if matches!(classify(c), Class::Forbidden | Class::Newline) => {
                out.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    Cow::Owned(out)
}

/// Whether `text` may stand without quotes: a word that cannot be taken for a number or a keyword.
pub fn is_bare(text: &str) -> bool {
    let digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let number = digit(unsigned) || unsigned.strip_prefix('.').is_some_and(digit);
    let keyword = matches!(text, "true" | "false" | "null" | "inf" | "-inf" | "nan");
    let words = text.chars().all(|c| classify(c) == Class::Word);
    !text.is_empty() && words && !number && !keyword
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers() {
        assert_eq!(integer("-12_000"), Some(-12_000));
        assert_eq!(integer("+0xff"), Some(255));
        assert_eq!(integer("0o17"), Some(15));
        assert_eq!(integer("0b1_01__"), Some(5));
        let most = "170141183460469231731687303715884105727";
        assert_eq!(integer(most), Some(i128::MAX));
        assert_eq!(integer("170141183460469231731687303715884105728"), None);
        assert_eq!(integer("-170141183460469231731687303715884105728"), Some(i128::MIN));
        assert_eq!(integer("-170141183460469231731687303715884105729"), None);
    }

    #[test]
    fn text_is_quoted_only_where_it_must_be() {
        for bare in ["kafka", "a-m1", "list<host-port>", "--x", ".", "true-ish", "ключ"] {
            assert_eq!(quoted(bare), bare);
        }
        assert_eq!(quoted(""), "\"\"");
        assert_eq!(quoted("true"), "\"true\"");
        assert_eq!(quoted("-1"), "\"-1\"");
        assert_eq!(quoted(".5"), "\".5\"");
        assert_eq!(quoted("okm/web:1"), "\"okm/web:1\"");
        assert_eq!(quoted("a\"\\\n\u{202e}\u{2028}"), "\"a\\\"\\\\\\n\\u{202e}\\u{2028}\"");
    }
}
