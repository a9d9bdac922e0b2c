//! The format of case files: headings, fenced blocks, inherited files.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// A Markdown file of cases.
#[derive(Debug)]
pub struct CaseFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// Its cases, in order.
    pub cases: Vec<Case>,
}

/// One case: the files under its headings and the expected values under its own.
#[derive(Clone, Debug)]
pub struct Case {
    /// Headings from the outermost, joined by ` / `.
    pub name: String,
    /// Files, those of outer headings first. A later file of the same path stands in for an earlier one.
    pub files: Vec<Block>,
    /// Expected values.
    pub expected: Vec<Block>,
}

/// A fenced block.
#[derive(Clone, Debug)]
pub struct Block {
    /// First word behind the fence: a language for a file, else the kind of expected value.
    pub tag: String,
    /// The other words: a path for a file, arguments for an expected value.
    pub args: String,
    /// What is between the fences.
    pub text: String,
    /// Where that is in the case file, so that it can be rewritten.
    pub range: Range<usize>,
    /// Line of the opening fence, from 1.
    pub line: usize,
    /// Length of the fence: a line of as many backticks ends the block.
    pub fence: usize,
}

/// Languages whose blocks are files. All other tags are expected values.
const FILE_TAGS: &[&str] = &["kdl", "yaml", "json", "text", "toml", "bin"];

impl Block {
    /// Whether it is a file.
    pub fn is_file(&self) -> bool {
        FILE_TAGS.contains(&self.tag.as_str())
    }

    /// Path of the file: the argument, else `case.kdl` or the like.
    pub fn path(&self) -> String {
        if self.args.is_empty() { format!("case.{}", self.tag) } else { self.args.clone() }
    }
}

impl CaseFile {
    /// Reads a case file.
    ///
    /// # Panics
    /// If the file cannot be read or is no case file: the test should fail, with the place.
    #[expect(clippy::panic, clippy::disallowed_methods, reason = "a test helper: failing loudly is its job")]
    pub fn read(path: &Path) -> Self {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => panic!("{}: {error}", path.display()),
        };
        match parse(&text) {
            Ok(cases) => Self { path: path.to_owned(), text, cases },
            Err(Malformed { line, why }) => panic!("{}:{line}: {why}", path.display()),
        }
    }
}

/// Why a text is no case file, so that nothing in it is passed over in silence.
#[derive(PartialEq, Eq, Debug)]
pub struct Malformed {
    /// The line, from 1.
    pub line: usize,
    /// What is the matter.
    pub why: &'static str,
}

struct Section {
    level: usize,
    title: String,
    line: usize,
    blocks: Vec<Block>,
    has_children: bool,
}

/// The cases of a text, each with a name of its own. There may be none: the page of a code that has no example.
///
/// # Errors
///
/// If a block is not closed or stands above all headings, or a case would be lost.
pub fn parse(text: &str) -> Result<Vec<Case>, Malformed> {
    let sections = sections(text)?;
    let mut cases: Vec<Case> = Vec::new();
    let mut open: Vec<&Section> = Vec::new();
    for section in &sections {
        while open.last().is_some_and(|outer| outer.level >= section.level) {
            open.pop();
        }
        open.push(section);
        let expects = section.blocks.iter().any(|block| !block.is_file());
        if section.blocks.is_empty() || (section.has_children && !expects) {
            continue;
        }
        let name = open.iter().map(|s| s.title.as_str()).collect::<Vec<_>>().join(" / ");
        if cases.iter().any(|case| case.name == name) {
            let why = "another case has the same headings; a runner would run one of them twice";
            return Err(Malformed { line: section.line, why });
        }
        let files = open.iter().flat_map(|s| &s.blocks).filter(|block| block.is_file()).cloned();
        cases.push(Case {
            name,
            files: later_wins(files.collect()),
            expected: section.blocks.iter().filter(|block| !block.is_file()).cloned().collect(),
        });
    }
    if cases.is_empty() {
        Err(Malformed { line: 1, why: "there is no case in this file" })
    } else {
        Ok(cases)
    }
}

fn later_wins(files: Vec<Block>) -> Vec<Block> {
    let mut kept: Vec<Block> = Vec::new();
    for file in files {
        match kept.iter_mut().find(|earlier| earlier.path() == file.path()) {
            Some(earlier) => *earlier = file,
            None => kept.push(file),
        }
    }
    kept
}

fn sections(text: &str) -> Result<Vec<Section>, Malformed> {
    let mut sections: Vec<Section> = Vec::new();
    let mut offset = 0;
    let mut lines = text.split_inclusive('\n').enumerate();
    while let Some((number, line)) = lines.next() {
        offset += line.len();
        let fence = line.len() - line.trim_start_matches('`').len();
        if let Some(level) = heading_level(line) {
            if let Some(outer) = sections.iter_mut().rev().find(|s| s.level < level) {
                outer.has_children = true;
            }
            let title = line.trim_start_matches('#').trim().to_owned();
            let line = number + 1;
            sections.push(Section { level, title, line, blocks: Vec::new(), has_children: false });
        } else if fence >= 3 {
            let info = line.trim_start_matches('`').trim().to_owned();
            let start = offset;
            let mut end = None;
            for (_, inner) in lines.by_ref() {
                let before = offset;
                offset += inner.len();
                if inner.trim_end().len() == fence && inner.trim_end().bytes().all(|b| b == b'`') {
                    end = Some(before);
                    break;
                }
            }
            let line = number + 1;
            let end = end.ok_or(Malformed { line, why: "this block is not closed" })?;
            let (tag, args) = info.split_once(' ').unwrap_or((&info, ""));
            let block = Block {
                tag: tag.to_owned(),
                args: args.trim().to_owned(),
                text: text.get(start..end).unwrap_or("").to_owned(),
                range: start..end,
                line,
                fence,
            };
            let why = "this block stands above the first heading and belongs to no case";
            sections.last_mut().ok_or(Malformed { line, why })?.blocks.push(block);
        }
    }
    Ok(sections)
}

fn heading_level(line: &str) -> Option<usize> {
    let level = line.len() - line.trim_start_matches('#').len();
    ((1..=6).contains(&level) && line.get(level..).is_some_and(|rest| rest.starts_with(' '))).then_some(level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_outer_headings_are_shared() {
        let text = "# A\n```kdl platform.kdl\nx\n```\n## B\n```kdl\ny\n```\n```diagnostics\nz\n```\n## C\n```kdl platform.kdl\nw\n```\n";
        let cases = parse(text).unwrap();
        let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names, ["A / B", "A / C"]);
        assert_eq!(cases[0].files.len(), 2);
        assert_eq!(cases[0].files[1].path(), "case.kdl");
        assert_eq!(cases[0].expected[0].tag, "diagnostics");
        assert_eq!(&text[cases[0].expected[0].range.clone()], "z\n");
        assert_eq!(cases[1].files.len(), 1);
        assert_eq!(cases[1].files[0].text, "w\n");
    }

    #[test]
    fn a_block_that_is_not_closed_is_named_by_its_line() {
        assert_eq!(parse("# A\n\n```kdl\nx\n").unwrap_err().line, 3);
    }

    #[test]
    fn nothing_is_passed_over_in_silence() {
        let refused = |text: &str| parse(text).unwrap_err().why;
        assert!(refused("```kdl\nx\n```\n# A\n").contains("above the first heading"));
        let twice = "# A\n## B\n```kdl\nx\n```\n## B\n```kdl\ny\n```\n";
        assert_eq!(parse(twice).unwrap_err().line, 6);
    }
}
