//! [`SourceMap`]: from a place in a decoded text back to the place in the file where it is written, so
//! that an error within `${…}` points at the very character.
//!
//! Not here: decoding itself (`text.rs`).
//!
//! Start with [`SourceMap::span_of`].

use std::ops::Range;

use platc_diag::{FileId, Span};

/// From where in a file each part of a text comes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceMap {
    file: FileId,
    form: Form,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Form {
    /// The text stands in the file as it is, from this offset to that.
    Straight(u32, u32),
    /// The text is made of segments: escapes were resolved, or indentation taken off.
    Segments { segments: Vec<Segment>, decoded_len: u32, empty_at: u32 },
}

/// A stretch of a text that comes from one place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Segment {
    /// Where it begins in the text.
    pub(crate) decoded: u32,
    /// Where it begins in the file.
    pub(crate) source: u32,
    /// Where it ends in the file.
    pub(crate) source_end: u32,
    /// Whether it stands in the file byte for byte. An escape does not: it is one place as a whole.
    pub(crate) verbatim: bool,
}

impl SourceMap {
    /// For a text that stands in the file as it is.
    pub const fn straight(span: Span) -> Self {
        Self { file: span.file, form: Form::Straight(span.start, span.end) }
    }

    /// `empty_at` is the place of a text that has no segment at all.
    pub(crate) fn of_segments(file: FileId, segments: Vec<Segment>, decoded_len: u32, empty_at: u32) -> Self {
        Self { file, form: Form::Segments { segments, decoded_len, empty_at } }
    }

    /// The file that the text is written in.
    pub const fn file(&self) -> FileId {
        self.file
    }

    /// Where a range of the decoded text is written. An empty range gives the place between two
    /// characters; what lies past the text gives its end.
    pub fn span_of(&self, decoded: Range<usize>) -> Span {
        let start = self.source_of(decoded.start);
        if decoded.is_empty() {
            return Span::new(self.file, start, start);
        }
        let end = self.source_end_of(decoded.end);
        Span::new(self.file, start, end.max(start))
    }

    /// Where the whole text is written.
    pub fn span(&self) -> Span {
        match &self.form {
            Form::Straight(start, end) => Span::new(self.file, *start, *end),
            Form::Segments { segments, empty_at, .. } => {
                let start = segments.first().map_or(*empty_at, |segment| segment.source);
                let end = segments.last().map_or(*empty_at, |segment| segment.source_end);
                Span::new(self.file, start, end)
            }
        }
    }

    /// The offset in the decoded text of a place in the file; a place within an escape or white space
    /// that was taken off gives the character after it. `None` outside of the text.
    pub fn decoded_at(&self, offset: u32) -> Option<usize> {
        if !self.span().touches(offset) {
            return None;
        }
        Some(match &self.form {
            Form::Straight(start, _) => offset.saturating_sub(*start) as usize,
            Form::Segments { segments, decoded_len, .. } => {
                let after = segments.partition_point(|segment| segment.source_end <= offset);
                match segments.get(after) {
                    Some(segment) if segment.verbatim => {
                        (segment.decoded + offset.saturating_sub(segment.source)) as usize
                    }
                    Some(segment) => segment.decoded as usize,
                    None => *decoded_len as usize,
                }
            }
        })
    }

    /// Where the character at a decoded offset begins.
    fn source_of(&self, decoded: usize) -> u32 {
        let decoded = u32::try_from(decoded).unwrap_or(u32::MAX);
        match &self.form {
            Form::Straight(start, end) => start.saturating_add(decoded).min(*end),
            Form::Segments { segments, decoded_len, empty_at } => {
                let after = segments.partition_point(|segment| segment.decoded <= decoded);
                match after.checked_sub(1).and_then(|index| segments.get(index)) {
                    Some(segment) if decoded >= *decoded_len => segment.source_end,
                    Some(segment) if segment.verbatim => segment.source + (decoded - segment.decoded),
                    Some(segment) => segment.source,
                    None => *empty_at,
                }
            }
        }
    }

    /// Where the character before a decoded offset ends.
    fn source_end_of(&self, decoded: usize) -> u32 {
        let decoded = u32::try_from(decoded).unwrap_or(u32::MAX);
        match &self.form {
            Form::Straight(start, end) => start.saturating_add(decoded).min(*end),
            Form::Segments { segments, decoded_len, empty_at } => {
                let decoded = decoded.min(*decoded_len);
                let after = segments.partition_point(|segment| segment.decoded < decoded);
                match after.checked_sub(1).and_then(|index| segments.get(index)) {
                    Some(segment) if segment.verbatim => segment.source + (decoded - segment.decoded),
                    Some(segment) => segment.source_end,
                    None => *empty_at,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped() -> SourceMap {
        // `a\nb` at offset 10: three characters from four bytes, then `\   ` and `c`.
        let segments = vec![
            Segment { decoded: 0, source: 10, source_end: 11, verbatim: true },
            Segment { decoded: 1, source: 11, source_end: 13, verbatim: false },
            Segment { decoded: 2, source: 13, source_end: 14, verbatim: true },
            Segment { decoded: 3, source: 18, source_end: 19, verbatim: true },
        ];
        SourceMap::of_segments(FileId(0), segments, 4, 10)
    }

    fn ends(span: Span) -> (u32, u32) {
        (span.start, span.end)
    }

    #[test]
    fn an_escape_is_one_place() {
        let map = escaped();
        assert_eq!(ends(map.span_of(0..1)), (10, 11));
        assert_eq!(ends(map.span_of(1..2)), (11, 13));
        assert_eq!(ends(map.span_of(0..3)), (10, 14));
        assert_eq!(ends(map.span_of(3..4)), (18, 19));
        assert_eq!(ends(map.span_of(2..4)), (13, 19));
        assert_eq!(ends(map.span_of(4..4)), (19, 19));
        assert_eq!(ends(map.span_of(9..12)), (19, 19));
        assert_eq!(ends(map.span()), (10, 19));
    }

    #[test]
    fn the_way_back() {
        let map = escaped();
        assert_eq!(map.decoded_at(9), None);
        assert_eq!(map.decoded_at(10), Some(0));
        assert_eq!(map.decoded_at(12), Some(1));
        assert_eq!(map.decoded_at(15), Some(3));
        assert_eq!(map.decoded_at(19), Some(4));
    }
}
