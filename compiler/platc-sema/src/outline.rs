//! Phase *outline*: what a file declares, by name, without looking inside. Another file depends on a
//! file only through this.
//!
//! Not here: whether the names fit together (`link`).
//!
//! Start with [`outline`].

use platc_syntax::{Node, NodeId, Tree};

use crate::words;

/// What a file declares.
#[derive(Clone, Default, Debug)]
pub struct Outline {
    /// Its statements, in the order of the text.
    pub statements: Vec<Statement>,
}

/// One statement at the top of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Statement {
    /// What it is.
    pub word: Word,
    /// Its node.
    pub node: NodeId,
}

/// What a statement is, by its first word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word {
    /// A declaration of a kind of the language.
    Kind(&'static str),
    /// `let NAME …`.
    Let,
    /// `param NAME …`.
    Param,
    /// `type NAME …`.
    Type,
    /// `template NAME { … }`.
    Template,
    /// `for NAME in=… { … }`.
    For,
    /// `defaults KIND { … }`.
    Defaults,
    /// `amend KIND NAME { … }`.
    Amend,
    /// `import DIRECTORY { … }`.
    Import,
    /// `test TEXT { … }`.
    Test,
    /// Anything else: the use of a template, or a mistake.
    Other,
}

/// The statements of a file.
pub fn outline(tree: &Tree) -> Outline {
    let statement = |node: Node<'_>| Statement { word: word(&node.name()), node: node.id() };
    Outline { statements: tree.nodes().map(statement).collect() }
}

/// What a first word means.
pub(crate) fn word(name: &str) -> Word {
    match name {
        "let" => Word::Let,
        "param" => Word::Param,
        "type" => Word::Type,
        "template" => Word::Template,
        "for" => Word::For,
        "defaults" => Word::Defaults,
        "amend" => Word::Amend,
        "import" => Word::Import,
        "test" => Word::Test,
        name => words::kind(name).map_or(Word::Other, Word::Kind),
    }
}
