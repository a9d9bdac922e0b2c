//! From text to [`Tree`] and problems. Never fails, never recurses, loses no byte.
//!
//! Not here: tokens (`lex.rs`), the parser itself (`parse/nodes.rs`) and the wording of problems
//! (`errors.rs`).
//!
//! Start with [`parse`], then `parse/nodes.rs`. The strategy in short: read the file once; only if
//! something is wrong with it, read it again in the light of a guess, and keep the reading that leaves
//! fewer mistakes. The guesses are that the author writes KDL 1, or strings over several lines, and that the
//! indentation shows where a missing or superfluous brace belongs.

mod blocks;
mod cursor;
mod entries;
mod nodes;

use std::sync::Arc;

use platc_diag::{Diagnostic, FileId, Problems, Span, limits};

use crate::chars::len_without_space;
use crate::errors;
use crate::found::Found;
use crate::lex::{Dialect, Lexed, lex};
use crate::token::TokenKind;
use crate::tree::{Tree, index32};
use nodes::{Indentation, Nodes};

/// What a text gives: a tree in any case, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The file. Where it has mistakes, everything around them is there.
    pub tree: Tree,
    /// What is wrong, in the order of the text; at most [`limits::FILE_PROBLEMS`] and one.
    pub problems: Problems,
}

/// One way to read a text.
struct Reading {
    lexed: Lexed,
    nodes: Nodes,
}

/// Reads a file of KDL 2.
pub fn parse(file: FileId, text: Arc<str>) -> Parsed {
    if text.len() > limits::FILE_BYTES {
        return too_large(file, text);
    }
    let mut reading = read(file, &text, Dialect::V2);
    if reading.lexed.unclosed > 1 {
        let other = read(file, &text, Dialect::V2LongStrings);
        if other.cost() < reading.cost() {
            reading = other;
        }
    }
    let marker = marker_of_v1(&text).map(|end| Span::new(file, 0, end));
    let legacy = marker.is_some() || !reading.nodes.legacy.is_empty();
    if legacy && reading.cost() > 0 {
        let other = read(file, &text, Dialect::V1);
        if other.cost() <= reading.cost() {
            reading = other;
        }
    }
    let mut found = Found::default();
    if legacy {
        found.push(|| kdl_v1(file, marker, &text, &reading));
    }
    let Reading { lexed, nodes } = reading;
    found.append(lexed.found);
    found.append(nodes.found);
    let mut tree = Tree {
        file,
        text,
        kinds: lexed.kinds,
        starts: lexed.starts,
        nodes: nodes.nodes,
        entries: nodes.entries,
        slashdashed_blocks: nodes.slashdashed_blocks,
    };
    tree.slashdashed_blocks.sort_unstable();
    tree.slashdashed_blocks.shrink_to_fit();
    tree.kinds.shrink_to_fit();
    tree.starts.shrink_to_fit();
    tree.nodes.shrink_to_fit();
    tree.entries.shrink_to_fit();
    let problems = found.into_problems(Span::start_of(file));
    Parsed { tree, problems }
}

/// A file above the limit is one unknown token: kept, but not looked at.
fn too_large(file: FileId, text: Arc<str>) -> Parsed {
    let problems = vec![errors::file_too_large(Span::start_of(file), text.len())];
    let tree = Tree {
        file,
        text,
        kinds: vec![TokenKind::Unknown],
        starts: vec![0],
        nodes: Vec::new(),
        entries: Vec::new(),
        slashdashed_blocks: Vec::new(),
    };
    Parsed { tree, problems }
}

fn read(file: FileId, text: &str, dialect: Dialect) -> Reading {
    let lexed = lex(file, text, dialect);
    let mut nodes = nodes::parse(file, text, &lexed, Indentation::Ignored);
    if nodes.braces_wrong {
        let guided = nodes::parse(file, text, &lexed, Indentation::Believed);
        if guided.cost() <= nodes.cost() {
            nodes = guided;
        }
    }
    Reading { lexed, nodes }
}

impl Reading {
    fn cost(&self) -> usize {
        self.lexed.found.count() + self.nodes.cost()
    }
}

/// Where `/- kdl-version 1` ends, if it is the first thing in the file.
fn marker_of_v1(text: &str) -> Option<u32> {
    let unmarked = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let line = unmarked.lines().next()?;
    let version = line.strip_prefix("/-")?.trim_ascii_start().strip_prefix("kdl-version")?;
    let is_one = version.starts_with([' ', '\t']) && version.trim_ascii() == "1";
    is_one.then(|| index32(text.len() - unmarked.len() + line.trim_ascii_end().len()))
}

/// The one finding on a document of KDL 1, with every replacement that is certain.
fn kdl_v1(file: FileId, marker: Option<Span>, text: &str, reading: &Reading) -> Diagnostic {
    let Reading { lexed, nodes } = reading;
    let places = nodes.legacy.iter().map(|token| {
        let start = lexed.starts.get(*token as usize).copied().unwrap_or(0);
        let end = lexed.starts.get(*token as usize + 1).copied().unwrap_or(index32(text.len()));
        let source = text.get(start as usize..end as usize).unwrap_or("");
        let end = start + index32(len_without_space(source));
        let kind = lexed.kinds.get(*token as usize).copied().unwrap_or(TokenKind::Unknown);
        (kind, Span::new(file, start, end))
    });
    let places: Vec<_> = places.collect();
    errors::kdl_v1(marker, text, &places, &lexed.solidus_escapes)
}
