//! What several test modules need: reading a text, showing what is wrong, and a plain model of a document
//! to compare two parsers by.
//!
//! Start with [`Model`].

use std::sync::Arc;

use kdl::{KdlDocument, KdlValue};
use platc_diag::{Diagnostic, FileId};
use platc_syntax::{Literal, Nodes, Parsed, Tree, parse};

/// Reads a text as file 0.
pub(crate) fn read(text: &str) -> Parsed {
    parse(FileId(0), Arc::from(text))
}

/// Reads a text that must be sound.
pub(crate) fn sound(text: &str) -> Tree {
    let parsed = read(text);
    assert!(parsed.problems.is_empty(), "{text:?} has problems: {}", shown(&parsed.problems));
    parsed.tree
}

/// Problems as `CODE start..end message`, one a line.
pub(crate) fn shown(problems: &[Diagnostic]) -> String {
    let line = |problem: &Diagnostic| {
        let span = problem.span();
        format!("{} {}..{} {}", problem.code().id(), span.start, span.end, problem.message())
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What a document says, without how it is written: the same for both parsers.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Model {
    pub(crate) nodes: Vec<ModelNode>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct ModelNode {
    pub(crate) annotation: Option<String>,
    pub(crate) name: String,
    pub(crate) entries: Vec<ModelEntry>,
    pub(crate) children: Vec<ModelNode>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct ModelEntry {
    pub(crate) annotation: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) value: ModelValue,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum ModelValue {
    Null,
    Bool(bool),
    Int(i128),
    /// By its bits, so that `#nan` equals itself.
    Float(u64),
    Text(String),
    Bad,
}

/// What our parser understood.
pub(crate) fn ours(tree: &Tree) -> Model {
    Model { nodes: our_nodes(tree.nodes()) }
}

fn our_nodes(nodes: Nodes<'_>) -> Vec<ModelNode> {
    let node = |node: platc_syntax::Node<'_>| ModelNode {
        annotation: node.type_annotation().map(|annotation| annotation.name().into_owned()),
        name: node.name().into_owned(),
        entries: node.entries().map(our_entry).collect(),
        children: our_nodes(node.children()),
    };
    nodes.map(node).collect()
}

fn our_entry(entry: platc_syntax::Entry<'_>) -> ModelEntry {
    ModelEntry {
        annotation: entry.value().type_annotation().map(|annotation| annotation.name().into_owned()),
        name: entry.name().map(std::borrow::Cow::into_owned),
        value: match entry.value().decode() {
            Literal::Null => ModelValue::Null,
            Literal::Bool(value) => ModelValue::Bool(value),
            Literal::Int(value) => ModelValue::Int(value),
            Literal::Float(value) => ModelValue::Float(bits(value)),
            Literal::Str(text) => ModelValue::Text(text.into_owned()),
            Literal::Bad => ModelValue::Bad,
        },
    }
}

/// What the `kdl` crate understood.
pub(crate) fn theirs(document: &KdlDocument) -> Model {
    let node = |node: &kdl::KdlNode| ModelNode {
        annotation: node.ty().map(|ty| ty.value().to_owned()),
        name: node.name().value().to_owned(),
        entries: node.entries().iter().map(their_entry).collect(),
        children: node.children().map_or_else(Vec::new, |children| theirs(children).nodes),
    };
    Model { nodes: document.nodes().iter().map(node).collect() }
}

fn their_entry(entry: &kdl::KdlEntry) -> ModelEntry {
    ModelEntry {
        annotation: entry.ty().map(|ty| ty.value().to_owned()),
        name: entry.name().map(|name| name.value().to_owned()),
        value: match entry.value() {
            KdlValue::Null => ModelValue::Null,
            KdlValue::Bool(value) => ModelValue::Bool(*value),
            KdlValue::Integer(value) => ModelValue::Int(*value),
            KdlValue::Float(value) => ModelValue::Float(bits(*value)),
            KdlValue::String(text) => ModelValue::Text(text.clone()),
        },
    }
}

fn bits(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }
}

/// Files as people write them.
pub(crate) const INPUTS: &[&str] = &[
    include_str!("inputs/platform.kdl"),
    include_str!("inputs/services.kdl"),
    include_str!("inputs/types.kdl"),
    include_str!("inputs/odd.kdl"),
];

/// What texts are made of where random characters would rarely mean anything.
pub(crate) const FRAGMENTS: &[&str] = &[
    "a",
    "b-c",
    " ",
    " ",
    " ",
    "\n",
    "\n",
    "\n    ",
    "\r\n",
    ";",
    "; ",
    "{",
    "}",
    " { ",
    " }",
    "{ x; y }",
    "(",
    ")",
    "(t)",
    "=",
    "k=",
    "k=1",
    " 1",
    " -2.5e3",
    " 0x1F",
    "12GiB",
    " #true",
    " #null",
    "#inf",
    "#",
    "##",
    "true",
    " null",
    "\"",
    "\"\"\"",
    "\"\"\"\n",
    " \"text\"",
    " \"a\\nb\"",
    "\\",
    "\\\n",
    "\\ // c\n",
    "\\/",
    "\\u{e9}",
    "\\u{",
    "#\"",
    "\"#",
    "#\"raw\"#",
    "#\"\"\"\n  x\n  \"\"\"#",
    "r\"old\"",
    "r#\"",
    "/-",
    "/- ",
    "/",
    "//",
    "// note",
    "/// doc\n",
    "/*",
    "*/",
    "/* c */",
    "[",
    "]",
    ",",
    ".",
    ".5",
    "\u{feff}",
    "\u{7f}",
    "\u{202e}",
    "\u{85}",
    "\u{2028}",
    "\u{3000}",
    "é",
    "🦀",
    "${",
    "${a.b}",
    "$${",
    "'",
    "  ",
    "\t",
];

/// Texts made of [`FRAGMENTS`].
pub(crate) fn texts() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    prop::collection::vec(prop::sample::select(FRAGMENTS), 0..40).prop_map(|parts| parts.concat())
}

/// Whether a text shows a known fault of the `kdl` crate, or would stop it for good.
pub(crate) fn excused(text: &str) -> bool {
    // It takes exponential time in nested `/-`, and its stack overflows at some 1,300 nested blocks.
    let heavy =
        text.matches("/-").count() > 6 || text.matches('{').count() > 64 || text.matches("/*").count() > 64;
    // It allows forbidden characters in comments, and U+007F everywhere.
    let forbidden = |c: char| {
        matches!(c, '\0'..='\u{8}' | '\u{E}'..='\u{1F}' | '\u{7F}' | '\u{200E}' | '\u{200F}')
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
    };
    // It allows `-inf` without `#`.
    let infinite = text.replace("#-inf", "").contains("-inf");
    // It reads `#"""text"""#` in one line as a raw string.
    let raw = text.split("#\"\"\"").skip(1).any(|rest| !rest.starts_with(char::is_whitespace));
    heavy
        || infinite
        || raw
        || text.trim_start_matches('\u{FEFF}').contains(forbidden)
        || has_odd_slashdash(text)
}

/// What it gets wrong around `/-`: it wants a space before it, as the specification did before version
/// 2.1; it lets anything follow a block; it takes `/-` before `/-`; it wants no `;` behind the first node if
/// that is commented out, and there it lets a keyword run on into a word.
fn has_odd_slashdash(text: &str) -> bool {
    if !text.contains("/-") {
        return false;
    }
    let tight = text.match_indices("/-").any(|(at, _)| {
        let before = text[..at].chars().next_back();
        before.is_some_and(|c| !c.is_whitespace() && !"{;".contains(c))
    });
    let behind_block = text.match_indices('}').any(|(at, _)| {
        let rest = text[at + 1..].trim_start_matches(|c: char| {
            c.is_whitespace() && !"\n\r\u{B}\u{C}\u{85}\u{2028}\u{2029}".contains(c)
        });
        rest.starts_with(|c: char| !c.is_whitespace() && !"};".contains(c))
    });
    let twice = text.split("/-").skip(1).any(|rest| rest.trim().is_empty()) && text.matches("/-").count() > 1;
    let keywords = ["#true", "#false", "#null", "#inf", "#nan"];
    let runs_on = keywords.iter().any(|keyword| {
        text.split(keyword)
            .skip(1)
            .any(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || "-_.".contains(c)))
    });
    tight || behind_block || twice || runs_on || text.contains(';')
}

/// Numbers that look random and are the same in each run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number below `end`, or 0 if that is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // xorshift64*, from Vigna, "An experimental exploration of Marsaglia's xorshift generators".
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap() % end.max(1)
    }

    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}
