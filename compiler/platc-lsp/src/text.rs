//! Texts as a client counts them: lines from 0 and, within a line, units of UTF-16 or bytes of UTF-8.
//!
//! A line ends at `\n`, `\r\n` or `\r`, as the protocol has it.
//!
//! Start with [`Text`].

use std::sync::{Arc, OnceLock};

use lsp_types::{Position, PositionEncodingKind, Range, TextDocumentContentChangeEvent};

/// In which units a client counts within a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of two bytes: what every client can.
    Utf16,
}

impl Encoding {
    /// UTF-8 if the client can, because then nothing needs converting.
    pub(crate) fn of_client(offered: &[PositionEncodingKind]) -> Self {
        if offered.contains(&PositionEncodingKind::UTF8) { Self::Utf8 } else { Self::Utf16 }
    }

    /// Its name in the protocol.
    pub(crate) fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    /// Length of a text in these units.
    pub(crate) fn len(self, text: &str) -> u32 {
        let len = match self {
            Self::Utf8 => text.len(),
            Self::Utf16 => text.encode_utf16().count(),
        };
        u32::try_from(len).unwrap_or(u32::MAX)
    }
}

/// A text with its lines.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    text: Arc<str>,
    starts: OnceLock<Arc<[u32]>>,
}

impl Text {
    pub(crate) fn new(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), starts: OnceLock::new() }
    }

    pub(crate) fn shared(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    fn starts(&self) -> &[u32] {
        self.starts.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            });
            let starts = ends.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX));
            std::iter::once(0).chain(starts).collect()
        })
    }

    /// How many lines there are: one more than line breaks.
    pub(crate) fn n_lines(&self) -> u32 {
        u32::try_from(self.starts().len()).unwrap_or(u32::MAX)
    }

    /// The line (from 0) with its line break; empty past the end.
    pub(crate) fn line(&self, line: u32) -> (u32, &str) {
        let starts = self.starts();
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        let Some(start) = starts.get(line as usize).copied() else { return (end, "") };
        let next = starts.get(line as usize + 1).copied().unwrap_or(end);
        (start, self.text.get(start as usize..next as usize).unwrap_or(""))
    }

    /// The offset of a position. What lies past a line is its end, past the text its end, and within a
    /// character its beginning.
    pub(crate) fn offset(&self, position: Position, encoding: Encoding) -> u32 {
        let (start, line) = self.line(position.line);
        let line = line.trim_end_matches(['\n', '\r']);
        let (mut units, mut bytes) = (0, 0_u32);
        for c in line.chars() {
            let width = match encoding {
                Encoding::Utf8 => c.len_utf8(),
                Encoding::Utf16 => c.len_utf16(),
            };
            units += u32::try_from(width).unwrap_or(0);
            if units > position.character {
                break;
            }
            bytes += u32::try_from(c.len_utf8()).unwrap_or(0);
        }
        start + bytes
    }

    /// The position of an offset.
    pub(crate) fn position(&self, offset: u32, encoding: Encoding) -> Position {
        let starts = self.starts();
        let line = starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = starts.get(line).copied().unwrap_or(0);
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = self.text.get(start as usize..end).unwrap_or("");
        Position { line: u32::try_from(line).unwrap_or(u32::MAX), character: encoding.len(before) }
    }

    /// The range of two offsets.
    pub(crate) fn range(&self, start: u32, end: u32, encoding: Encoding) -> Range {
        Range { start: self.position(start, encoding), end: self.position(end.max(start), encoding) }
    }

    /// The text after a client's change.
    pub(crate) fn changed(&self, change: &TextDocumentContentChangeEvent, encoding: Encoding) -> Self {
        let Some(range) = change.range else { return Self::new(change.text.as_str()) };
        let (a, b) = (self.offset(range.start, encoding), self.offset(range.end, encoding));
        let (start, end) = (a.min(b) as usize, a.max(b) as usize);
        let mut text = String::with_capacity(self.text.len() + change.text.len());
        text.push_str(self.text.get(..start).unwrap_or(""));
        text.push_str(&change.text);
        text.push_str(self.text.get(end..).unwrap_or(""));
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn positions_count_the_clients_units() {
        let text = Text::new("a𝒳é\r\nb\rc\n");
        assert_eq!(text.position(5, Encoding::Utf16), at(0, 3));
        assert_eq!(text.position(5, Encoding::Utf8), at(0, 5));
        assert_eq!(text.offset(at(0, 3), Encoding::Utf16), 5);
        assert_eq!(text.offset(at(0, 2), Encoding::Utf16), 1, "within a character");
        assert_eq!(text.offset(at(0, 99), Encoding::Utf16), 7, "past the line");
        assert_eq!(text.offset(at(2, 0), Encoding::Utf16), 11);
        assert_eq!(text.offset(at(9, 9), Encoding::Utf8), 13);
        for offset in [0, 1, 5, 7, 9, 10, 11, 12, 13] {
            for encoding in [Encoding::Utf8, Encoding::Utf16] {
                assert_eq!(text.offset(text.position(offset, encoding), encoding), offset);
            }
        }
    }

    #[test]
    fn a_change_replaces_its_range_alone() {
        let text = Text::new("service web {\n}\n");
        let change = TextDocumentContentChangeEvent {
            range: Some(Range { start: at(0, 8), end: at(0, 11) }),
            range_length: None,
            text: "ap𝒳".to_owned(),
        };
        assert_eq!(text.changed(&change, Encoding::Utf16).text.as_ref(), "service ap𝒳 {\n}\n");
        let all = TextDocumentContentChangeEvent { range: None, range_length: None, text: "x".to_owned() };
        assert_eq!(text.changed(&all, Encoding::Utf8).text.as_ref(), "x");
    }
}
