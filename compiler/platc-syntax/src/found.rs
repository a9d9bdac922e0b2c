//! [`Found`]: the problems of one file, of which only the first few hundred are kept.
//!
//! Not here: what they say (`errors.rs`).
//!
//! Start with [`Found::push`]. A file of 16 MiB can hold as many mistakes; without a limit the list of
//! them would need gigabytes, and nobody reads it.

use platc_diag::{Diagnostic, Problems, Span, limits};

use crate::errors;

/// Problems in the order in which they were found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    kept: Problems,
    dropped: usize,
}

impl Found {
    /// Adds a problem, which is made only if it is kept.
    pub(crate) fn push(&mut self, make: impl FnOnce() -> Diagnostic) {
        if self.kept.len() < limits::FILE_PROBLEMS {
            self.kept.push(make());
        } else {
            self.dropped += 1;
        }
    }

    /// How many there are, those that were not kept included.
    pub(crate) fn count(&self) -> usize {
        self.kept.len() + self.dropped
    }

    /// Adds another list.
    pub(crate) fn append(&mut self, other: Self) {
        self.kept.extend(other.kept);
        self.dropped += other.dropped;
    }

    /// The list in the order of a report, cut to its limit with a last line that says so. Each part kept
    /// its own first problems, so the first of all are among them.
    pub(crate) fn into_problems(mut self, file: Span) -> Problems {
        self.kept.sort_by(Diagnostic::report_order);
        let more = self.dropped + self.kept.len().saturating_sub(limits::FILE_PROBLEMS);
        self.kept.truncate(limits::FILE_PROBLEMS);
        if more > 0 {
            let end = self.kept.last().map_or(file, Diagnostic::span);
            self.kept.push(errors::too_many_problems(end, more));
        }
        self.kept
    }
}
