//! [`Files`]: the texts of one compilation, and the way from a byte offset to line and column.

use std::sync::{Arc, OnceLock};

use crate::Span;

/// Names one file of one compilation. Numbers are given out in the order of [`Files::add`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct FileId(pub u32);

/// A text and the name it is shown under.
#[derive(Clone, Debug)]
pub struct File {
    path: Arc<str>,
    text: Arc<str>,
    /// Offsets at which lines begin; made when the first place in this file is shown.
    lines: OnceLock<Vec<u32>>,
}

/// A place as people count: both from 1, the column in characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1.
    pub column: u32,
}

/// All texts of one compilation.
#[derive(Clone, Debug, Default)]
pub struct Files {
    files: Vec<File>,
}

impl File {
    /// A file shown as `path`, with `/` between its parts on every system.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), text: text.into(), lines: OnceLock::new() }
    }

    /// The name it is shown under: relative to the platform, with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole text, shared.
    pub fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// Offsets at which the lines begin. A line ends at `\n`, so `\r\n` counts once.
    pub fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let breaks = self.text.bytes().zip(1_u32..).filter(|(byte, _)| *byte == b'\n');
            std::iter::once(0).chain(breaks.map(|(_, next)| next)).collect()
        })
    }

    /// Line (from 0) that holds `offset`, and the offset at which it begins.
    pub fn line_of(&self, offset: u32) -> (u32, u32) {
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start <= offset).saturating_sub(1);
        (u32::try_from(line).unwrap_or(u32::MAX), starts.get(line).copied().unwrap_or(0))
    }

    /// The text of a line (from 0) without its line break, or `""` past the end.
    pub fn line_text(&self, line: u32) -> &str {
        let starts = self.line_starts();
        let Some(start) = starts.get(line as usize) else { return "" };
        let end = starts.get(line as usize + 1).map_or(self.text.len(), |next| *next as usize);
        self.text.get(*start as usize..end).unwrap_or("").trim_end_matches(['\n', '\r'])
    }

    /// Line and column of `offset`, as people count.
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let (line, start) = self.line_of(offset);
        let before = self.text.get(start as usize..offset as usize).unwrap_or("");
        let characters = u32::try_from(before.chars().count()).unwrap_or(u32::MAX);
        LineColumn { line: line.saturating_add(1), column: characters.saturating_add(1) }
    }
}

impl Files {
    /// Adds a file and gives its number.
    pub fn add(&mut self, file: File) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(file);
        id
    }

    /// The file of that number. Numbers come from [`Files::add`] only, so there always is one.
    pub fn get(&self, id: FileId) -> &File {
        match self.files.get(id.0 as usize) {
            Some(file) => file,
            None => unreachable!("a FileId comes from Files::add of the same compilation"),
        }
    }

    /// All files with their numbers, in order.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &File)> {
        (0_u32..).map(FileId).zip(&self.files)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The text that a span covers; empty if it is not a range of its file's characters.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).text().get(span.range()).unwrap_or("")
    }

    /// `path:line:column` of a span's start, as editors and terminals recognise it.
    pub fn place(&self, span: Span) -> String {
        let file = self.get(span.file);
        let at = file.line_column(span.start);
        format!("{}:{}:{}", file.path(), at.line, at.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let file = File::new("a.kdl", "é x\r\nsecond\n");
        assert_eq!(file.line_column(0), LineColumn { line: 1, column: 1 });
        assert_eq!(file.line_column(3), LineColumn { line: 1, column: 3 });
        assert_eq!(file.line_column(6), LineColumn { line: 2, column: 1 });
        assert_eq!(file.line_column(13), LineColumn { line: 3, column: 1 });
        assert_eq!(file.line_text(0), "é x");
        assert_eq!(file.line_text(1), "second");
        assert_eq!(file.line_text(7), "");
    }
}
