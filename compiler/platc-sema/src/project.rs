//! [`Project`]: what is checked: the trees of a platform and of the libraries that it imports.
//!
//! Not here: finding and reading the files (`platc-driver` does, through `World`).
//!
//! Start with [`Project`].

use std::sync::Arc;

use platc_diag::{FileId, Span};
use platc_model::Text;
use platc_syntax::{Node, NodeId, Tree};

/// The files of a platform and its libraries.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// All files, in an order that does not depend on the disk.
    pub sources: Vec<Source>,
    /// The platform, then its libraries.
    pub units: Vec<Unit>,
}

/// One file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its number among all files.
    pub file: FileId,
    /// What was read from it.
    pub tree: Arc<Tree>,
    /// Its directory, from the platform's: `""`, `services/metrics`. Defaults reach down from there.
    pub dir: Text,
    /// The platform or library that it belongs to.
    pub unit: UnitId,
    /// Whether it holds the patches of a policy: what it amends weighs most.
    pub policy: bool,
}

/// The platform (number 0) or a library.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct UnitId(pub u32);

impl UnitId {
    /// The platform itself.
    pub const PLATFORM: Self = Self(0);
}

/// Files whose names belong together.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Name by which its declarations are called from outside: `common` in `common.api`. Empty for the
    /// platform.
    pub name: Text,
    /// The `import` nodes that brought it in; the platform has none.
    pub imports: Vec<NodeAt>,
}

/// A node of a project.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeAt {
    /// Which source.
    pub source: u32,
    /// Which node of its tree.
    pub node: NodeId,
}

/// An `import` of a library, as it is written.
#[derive(Clone, Debug)]
pub struct ImportLine {
    /// Its node.
    pub node: NodeId,
    /// The directory, as written.
    pub path: String,
    /// Where that is written.
    pub span: Span,
}

impl Project {
    /// The source of that number.
    pub fn source(&self, index: u32) -> &Source {
        match self.sources.get(index as usize) {
            Some(source) => source,
            None => unreachable!("a NodeAt comes from the project that it is used with"),
        }
    }

    /// The node at that place.
    pub fn node(&self, at: NodeAt) -> Node<'_> {
        self.source(at.source).tree.node(at.node)
    }

    /// The unit of that number.
    pub fn unit(&self, id: UnitId) -> &Unit {
        match self.units.get(id.0 as usize) {
            Some(unit) => unit,
            None => unreachable!("a UnitId comes from the project that it is used with"),
        }
    }
}

/// The imports of a file: what the driver must read, too.
pub fn imports(tree: &Tree) -> Vec<ImportLine> {
    let line = |node: Node<'_>| {
        let path = node.arg(0)?;
        let text = path.text()?.into_owned();
        Some(ImportLine { node: node.id(), path: text, span: path.span() })
    };
    tree.nodes().filter(|node| node.name() == "import").filter_map(line).collect()
}
