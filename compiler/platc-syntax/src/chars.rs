//! Which characters KDL v2 treats how: white space, line breaks, forbidden, part of a word.
//!
//! Not here: what tokens are made of them (`lex.rs`).
//!
//! Start with [`classify`], which is the whole truth; [`is_plain`] and its kin are the same truth for
//! single bytes, so that the lexer can run through ordinary text without decoding it.

/// What a character is to KDL, wherever it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Class {
    /// White space that does not end a line.
    Space,
    /// A line break. `\r\n` is one break made of two of these.
    Newline,
    /// May not stand anywhere in a document, not even in a comment.
    Forbidden,
    /// Structure: one of `(){}[]/\"#;=`.
    Sign,
    /// Everything else; words are made of these.
    Word,
}

/// Byte properties, one bit each.
const WORD: u8 = 1;
const IN_TEXT: u8 = 1 << 1;
const IN_COMMENT: u8 = 1 << 2;
const STARTS_WORD: u8 = 1 << 3;

/// What each byte may be passed over as without decoding. A byte that begins a character which *could*
/// be white space, a line break or forbidden has no bit, so the slow path looks at it.
static BYTES: [u8; 256] = byte_table();

const fn byte_table() -> [u8; 256] {
    let mut table = [0_u8; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the loop ends at 256; `try_from` is not const")]
        let b = byte as u8;
        #[expect(
            clippy::indexing_slicing,
            reason = "evaluated while compiling: a wrong index does not build"
        )]
        {
            table[byte] = byte_bits(b);
        }
        byte += 1;
    }
    table
}

const fn byte_bits(byte: u8) -> u8 {
    match byte {
        // Control characters: forbidden, but for the line breaks and the tab.
        0..=8 | 0x0A..=0x1F | 0x7F => 0,
        b'\t' | b' ' => IN_TEXT | IN_COMMENT,
        b'"' | b'\\' => IN_COMMENT,
        b'*' => STARTS_WORD | WORD | IN_TEXT,
        // What may begin a number is looked at more closely.
        b'0'..=b'9' | b'+' | b'-' | b'.' => WORD | IN_TEXT | IN_COMMENT,
        b'/' => IN_TEXT,
        b'(' | b')' | b'{' | b'}' | b'[' | b']' | b'#' | b';' | b'=' => IN_TEXT | IN_COMMENT,
        // First bytes of U+0085 and U+00A0, U+1680, U+2000 to U+2069, U+3000 and U+FEFF.
        0xC2 | 0xE1 | 0xE2 | 0xE3 | 0xEF => 0,
        _ => STARTS_WORD | WORD | IN_TEXT | IN_COMMENT,
    }
}

fn has(byte: u8, bit: u8) -> bool {
    BYTES.get(usize::from(byte)).is_some_and(|bits| bits & bit != 0)
}

/// Whether a word begins with the byte for certain, and no number does.
pub(crate) fn starts_word(byte: u8) -> bool {
    has(byte, STARTS_WORD)
}

/// Whether the byte belongs to a word for certain.
pub(crate) fn is_plain(byte: u8) -> bool {
    has(byte, WORD)
}

/// Whether the byte means nothing within a quoted string: no quote, escape, break or doubt.
pub(crate) fn is_text(byte: u8) -> bool {
    has(byte, IN_TEXT)
}

/// Whether the byte means nothing within a comment: no `*`, `/`, break or doubt.
pub(crate) fn is_comment(byte: u8) -> bool {
    has(byte, IN_COMMENT)
}

/// What a character is. The tables are those of the KDL 2 specification.
pub(crate) const fn classify(c: char) -> Class {
    match c {
        '\t' | ' ' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' => Class::Space,
        '\u{202F}' | '\u{205F}' | '\u{3000}' => Class::Space,
        '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Class::Newline,
        '\0'..='\u{8}' | '\u{E}'..='\u{1F}' | '\u{7F}' => Class::Forbidden,
        '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => Class::Forbidden,
        // Only at the very beginning is it a byte order mark, which the lexer takes off first.
        '\u{FEFF}' => Class::Forbidden,
        '(' | ')' | '{' | '}' | '[' | ']' | '/' | '\\' | '"' | '#' | ';' | '=' => Class::Sign,
        _ => Class::Word,
    }
}

/// White space that does not end a line.
pub(crate) fn is_space(c: char) -> bool {
    classify(c) == Class::Space
}

/// Length of `text` without the white space at its end.
pub(crate) fn len_without_space(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut end = bytes.len();
    while let Some(b' ' | b'\t') = end.checked_sub(1).and_then(|last| bytes.get(last)) {
        end -= 1;
    }
    match end.checked_sub(1).and_then(|last| bytes.get(last)) {
        Some(0x80..) => text.trim_end_matches(is_space).len(),
        _ => end,
    }
}

/// Whether the byte is no part of a forbidden character for certain.
pub(crate) fn is_harmless(byte: u8) -> bool {
    has(byte, WORD | IN_TEXT | IN_COMMENT)
}

/// How many of the first eight bytes are plain ASCII characters of a word; eight at once, because the
/// lexer spends most of its time in words. The rest is for [`is_plain`] to decide.
pub(crate) fn plain_prefix(bytes: [u8; 8]) -> usize {
    const HIGH: u64 = repeat(0x80);
    let word = u64::from_le_bytes(bytes);
    // With the high bit set, subtracting a smaller number leaves it set in each byte for itself.
    let high = word | HIGH;
    let at_least = |byte: u8| high - repeat(byte);
    let equal = |byte: u8| !(((word ^ repeat(byte)) | HIGH) - repeat(1));
    let ranges = !at_least(b'*') | (at_least(b'[') & !at_least(b'^')) | at_least(b'{');
    let stop = (ranges | equal(b'/') | equal(b';') | equal(b'=') | word) & HIGH;
    (stop.trailing_zeros() / 8) as usize
}

/// How many of the first eight bytes are ASCII characters that mean nothing within a quoted string.
pub(crate) fn text_prefix(bytes: [u8; 8]) -> usize {
    const HIGH: u64 = repeat(0x80);
    let word = u64::from_le_bytes(bytes);
    let high = word | HIGH;
    let at_least = |byte: u8| high - repeat(byte);
    let equal = |byte: u8| !(((word ^ repeat(byte)) | HIGH) - repeat(1));
    let stop = (!at_least(b' ') | at_least(0x7F) | equal(b'"') | equal(b'\\') | word) & HIGH;
    (stop.trailing_zeros() / 8) as usize
}

/// A byte in all eight places.
const fn repeat(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Any line break.
pub(crate) fn is_newline(c: char) -> bool {
    classify(c) == Class::Newline
}

/// White space or a line break: what a backslash in a string swallows.
pub(crate) fn is_blank(c: char) -> bool {
    matches!(classify(c), Class::Space | Class::Newline)
}

/// Length in bytes of the line break that `text` begins with, `\r\n` being one; 0 if it does not.
pub(crate) fn newline_len(text: &str) -> usize {
    if text.starts_with("\r\n") {
        return 2;
    }
    text.chars().next().filter(|c| is_newline(*c)).map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bytes_at_once_agree_with_one_at_a_time() {
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                let mut bytes = [b'a'; 8];
                bytes[place] = byte;
                let word = plain_prefix(bytes);
                assert!(word == place || word == 8 && is_plain(byte), "{byte:#x} in a word");
                assert!(word == 8 || !byte.is_ascii_alphanumeric(), "{byte:#x} takes the slow path");
                let text = text_prefix(bytes);
                assert!(text == place || text == 8 && is_text(byte), "{byte:#x} in a string");
                assert!(text == 8 || !byte.is_ascii_graphic() || matches!(byte, b'"' | b'\\'));
            }
        }
    }

    #[test]
    fn bytes_and_characters_agree() {
        for c in '\0'..=char::MAX {
            let mut buffer = [0; 4];
            let bytes = c.encode_utf8(&mut buffer).as_bytes();
            if bytes.iter().all(|b| is_plain(*b)) {
                assert_eq!(classify(c), Class::Word, "{c:?} would be passed over as part of a word");
            }
            if bytes.iter().all(|b| is_text(*b)) {
                assert!(!matches!(classify(c), Class::Newline | Class::Forbidden), "{c:?} within a string");
            }
            if bytes.iter().all(|b| is_comment(*b)) {
                assert!(!matches!(classify(c), Class::Newline | Class::Forbidden), "{c:?} within a comment");
            }
            if bytes.iter().all(|b| is_harmless(*b)) {
                assert!(classify(c) != Class::Forbidden, "{c:?} anywhere");
            }
            if c.is_ascii() && classify(c) == Class::Word {
                assert!(is_plain(bytes[0]), "{c:?} takes the slow path");
            }
        }
    }
}
