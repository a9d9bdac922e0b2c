//! [`Span`]: a range of bytes in one file. Lines and columns are worked out only when shown.

use crate::FileId;

/// A half-open range of byte offsets, `start..end`, in one file.
///
/// Twelve bytes and `Copy`, because every value of a model carries one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    /// The file that the offsets are in.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte; equal to `start` for a place between two characters.
    pub end: u32,
}

impl Span {
    /// The range `start..end` of `file`.
    pub const fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// The empty range before the first byte of `file`: for findings on a file as a whole.
    pub const fn start_of(file: FileId) -> Self {
        Self::new(file, 0, 0)
    }

    /// The smallest range that covers both. Ranges of two files cannot be joined: the first wins.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.file != other.file {
            return self;
        }
        Self::new(self.file, self.start.min(other.start), self.end.max(other.end))
    }

    /// The range of `length` bytes that begins `offset` bytes into this one, cut at its end.
    #[must_use]
    pub fn part(self, offset: u32, length: u32) -> Self {
        let start = self.start.saturating_add(offset).min(self.end);
        Self::new(self.file, start, start.saturating_add(length).min(self.end))
    }

    /// Whether `offset` of the same file lies inside or just behind this range, as a cursor does.
    pub const fn touches(self, offset: u32) -> bool {
        self.start <= offset && offset <= self.end
    }

    /// Length in bytes.
    pub const fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Whether nothing is covered.
    pub const fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// The same as a range of `usize`, for slicing the file's text with `get`.
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}
