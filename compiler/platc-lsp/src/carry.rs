//! [`Carry`]: where a line of a text is after the text was changed in one place, so that what takes its time to
//! be found is shown in the right line until it is found anew.
//!
//! Start with [`Carry::between`].

use std::sync::Arc;

use lsp_types::{Position, Range};

use crate::text::Text;

/// From the lines of a text to those of the text that it became.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Carry {
    /// So many lines at the start are the same.
    same_first: u32,
    /// From this line on, all are the same again.
    same_last: u32,
    n_before: u32,
    n_now: u32,
}

impl Carry {
    const SAME: Self = Self { same_first: u32::MAX, same_last: 0, n_before: 0, n_now: 0 };

    /// Whether the text is the same.
    pub(crate) fn is_same(self) -> bool {
        self == Self::SAME
    }

    pub(crate) fn between(before: &Text, now: &Text) -> Self {
        if Arc::ptr_eq(&before.shared(), &now.shared()) {
            // Nearly all files at each key, and their lines need not be counted.
            return Self::SAME;
        }
        let (n_before, n_now) = (before.n_lines(), now.n_lines());
        let shorter = n_before.min(n_now);
        let same = |line: &u32| before.line(*line).1 == now.line(*line).1;
        let same_first = (0..shorter).take_while(same).count();
        let same_first = u32::try_from(same_first).unwrap_or(u32::MAX);
        let from_end = |line: &u32| before.line(n_before - 1 - line).1 == now.line(n_now - 1 - line).1;
        let after = (0..shorter - same_first).take_while(from_end).count();
        let same_last = n_before - u32::try_from(after).unwrap_or(u32::MAX);
        Self { same_first, same_last, n_before, n_now }
    }

    /// Where a range is now; `None` if one of its ends is in a line that is another one.
    pub(crate) fn range(self, range: Range) -> Option<Range> {
        if range.end.line < self.same_first {
            return Some(range);
        }
        if range.start.line < self.same_last {
            return None;
        }
        let line = |line: u32| (line + self.n_now).checked_sub(self.n_before);
        let moved = |at: Position| Some(Position { line: line(at.line)?, ..at });
        Some(Range { start: moved(range.start)?, end: moved(range.end)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried(before: &str, now: &str, line: u32) -> Option<u32> {
        let at = Position { line, character: 1 };
        let carry = Carry::between(&Text::new(before), &Text::new(now));
        carry.range(Range { start: at, end: at }).map(|range| range.start.line)
    }

    #[test]
    fn lines_before_and_after_a_change_are_found_again() {
        let before = "a\nb\nc\nd\n";
        let lines = |now| (0..4).map(|line| carried(before, now, line)).collect::<Vec<_>>();
        assert_eq!(lines(before), [Some(0), Some(1), Some(2), Some(3)]);
        assert_eq!(lines("a\nb\nx\ny\nc\nd\n"), [Some(0), Some(1), Some(4), Some(5)]);
        assert_eq!(lines("a\nbx\nc\nd\n"), [Some(0), None, Some(2), Some(3)]);
        assert_eq!(lines("c\nd\n"), [None, None, Some(0), Some(1)]);
        assert_eq!(lines(""), [None, None, None, None]);
    }
}
