//! [`View`]: what a judge may see of a platform, read-only, as nodes with values under pointers.
//!
//! Not here: which kinds and fields there are (the language says), how a view is made (the driver makes
//! one over model, plan and artifacts) and who reads it ([`crate::Judge`]).
//!
//! Start with [`View`], then [`Pointer`].

use std::borrow::Cow;
use std::fmt;

use platc_diag::Span;

/// Number of a node: from 0 to [`View::node_count`], in model order. The same input gives the same numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub u32);

/// An RFC 6901 pointer: empty, or parts that each begin with `/`, in which `~` is always `~0` or `~1`.
///
/// Can only come from [`Pointer::parse`], so nobody checks again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Pointer<'a>(&'a str);

/// A value at a pointer, borrowed where the view has it as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value<'a> {
    /// Text, and every scalar with a unit, in its canonical form: `500m`, `2GiB`.
    Str(Cow<'a, str>),
    /// A whole number.
    Int(i64),
    /// True or false.
    Bool(bool),
    /// Anything else (records, lists, fractions, null), as JSON text without blanks.
    Json(Cow<'a, str>),
}

/// What a judge may see of a platform.
///
/// Nodes are numbered from 0 without gaps. A value has one address: what is a node of its own is not also
/// reachable through a pointer of its parent, because two patches of one value must be seen to meet.
///
/// Shared between threads and owned by nobody's stack frame, because each policy runs on a thread of its
/// own with a store that must own what it refers to. Calls with a number that names no node give nothing.
pub trait View: Send + Sync + 'static {
    /// Version of the language that the model is written in.
    fn model_version(&self) -> &str;

    /// How many nodes there are.
    fn node_count(&self) -> u32;

    /// The node's kind: `service`, `host`; for an artifact its format and kind. Empty if there is no such node.
    fn kind(&self, node: NodeId) -> &str;

    /// The node's name; empty for what has none.
    fn name(&self, node: NodeId) -> &str;

    /// The node that this one is a part of. A parent's number is always smaller, so that no chain is endless.
    fn parent(&self, node: NodeId) -> Option<NodeId>;

    /// All nodes of a kind, in model order; of every kind for `""`.
    fn nodes(&self, kind: &str) -> Cow<'_, [NodeId]>;

    /// The node's direct parts of a kind, in model order; of every kind for `""`.
    fn children(&self, node: NodeId, kind: &str) -> Cow<'_, [NodeId]>;

    /// The nodes that this one refers to by a field or relation, in order.
    fn links(&self, node: NodeId, relation: &str) -> Cow<'_, [NodeId]>;

    /// The node of that kind and name.
    fn lookup(&self, kind: &str, name: &str) -> Option<NodeId>;

    /// The value at a pointer; at the root, the whole node as JSON.
    fn value(&self, node: NodeId, pointer: Pointer<'_>) -> Option<Value<'_>>;

    /// The whole text of an artifact.
    fn text(&self, node: NodeId) -> Option<Cow<'_, str>>;

    /// Where the author wrote what is at a pointer; at the root, the place that stands for the node.
    /// `None` where nobody wrote it by itself.
    fn span(&self, node: NodeId, pointer: Pointer<'_>) -> Option<Span>;

    /// The place that stands for the whole platform.
    fn platform_span(&self) -> Span;

    /// The author's literal that is the value at a pointer and nothing else, so that replacing this text
    /// replaces the value; never part of a string with `${…}`, nor a value that a template or a default
    /// gives to others too.
    fn literal(&self, node: NodeId, pointer: Pointer<'_>) -> Option<Span>;

    /// Digest of everything that the methods above can tell, except places in the source: a comment that
    /// moves a line changes no verdict. Version of the language included.
    fn digest(&self) -> [u8; 32];

    /// The place to underline for a pointer: its own, or that of the nearest thing around it that has one.
    fn origin(&self, node: NodeId, pointer: Pointer<'_>) -> Span {
        let mut around = Some((node, pointer));
        while let Some((node, pointer)) = around {
            if let Some(span) = self.span(node, pointer) {
                return span;
            }
            around = match pointer.parent() {
                Some(parent) => Some((node, parent)),
                None => {
                    self.parent(node).filter(|parent| *parent < node).map(|parent| (parent, Pointer::ROOT))
                }
            };
        }
        self.platform_span()
    }

    /// What `allow … on=NAME` calls the thing that the node belongs to: here, the nearest name around it.
    fn subject(&self, node: NodeId) -> Option<&str> {
        let mut around = Some(node);
        while let Some(node) = around {
            let name = self.name(node);
            if !name.is_empty() {
                return Some(name);
            }
            around = self.parent(node).filter(|parent| *parent < node);
        }
        None
    }
}

/// Why a text is no pointer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PointerError {
    /// It is not empty and does not begin with `/`.
    NoSlash,
    /// A `~` without a `0` or a `1` behind it.
    LoneTilde,
}

impl<'a> Pointer<'a> {
    /// The node itself.
    pub const ROOT: Pointer<'static> = Pointer("");

    /// Checks a text; a wrong one is a mistake of whoever made it, so the error is for its author.
    pub fn parse(text: &'a str) -> Result<Self, PointerError> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err(PointerError::NoSlash);
        }
        let mut escapes = text.split('~').skip(1);
        if escapes.any(|after| !after.starts_with(['0', '1'])) {
            return Err(PointerError::LoneTilde);
        }
        Ok(Self(text))
    }

    /// The text, as it was given.
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// Whether it is the node itself.
    pub const fn is_root(self) -> bool {
        self.0.is_empty()
    }

    /// The parts, unescaped, from the outermost.
    pub fn parts(self) -> impl Iterator<Item = Cow<'a, str>> {
        self.0.split('/').skip(1).map(|part| {
            // `~1` first: `~01` is a `~` followed by a 1, not a slash.
            if part.contains('~') {
                Cow::Owned(part.replace("~1", "/").replace("~0", "~"))
            } else {
                Cow::Borrowed(part)
            }
        })
    }

    /// The pointer without its last part; `None` at the root.
    pub fn parent(self) -> Option<Self> {
        self.0.rfind('/').and_then(|at| self.0.get(..at)).map(Self)
    }

    /// Whether `other` is the same place or lies inside it.
    pub fn covers(self, other: Pointer<'_>) -> bool {
        other.0.strip_prefix(self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for PointerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSlash => "a pointer is empty or begins with `/`",
            Self::LoneTilde => "in a pointer `~` is written `~0` and `/` inside a name `~1`",
        })
    }
}

impl std::error::Error for PointerError {}

impl Value<'_> {
    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            Self::Int(_) | Self::Bool(_) | Self::Json(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_empty_or_begins_with_a_slash_and_escapes_its_tildes() {
        for right in ["", "/", "/a", "/a/b", "/a~1b/~0", "/a//b"] {
            assert!(Pointer::parse(right).is_ok(), "{right:?} is a pointer");
        }
        assert_eq!(Pointer::parse("a/b"), Err(PointerError::NoSlash));
        assert_eq!(Pointer::parse("/a~"), Err(PointerError::LoneTilde));
        assert_eq!(Pointer::parse("/~2"), Err(PointerError::LoneTilde));
    }

    #[test]
    fn parts_are_unescaped_in_the_order_that_the_standard_gives() {
        let parts = |text| Pointer::parse(text).expect("a pointer").parts().collect::<Vec<_>>();
        assert_eq!(parts(""), Vec::<String>::new());
        assert_eq!(parts("/"), [""]);
        assert_eq!(parts("/a~1b/~01"), ["a/b", "~1"]);
    }

    #[test]
    fn a_pointer_covers_itself_and_what_is_inside_but_not_its_namesakes() {
        let pointer = |text| Pointer::parse(text).expect("a pointer");
        assert!(Pointer::ROOT.covers(pointer("/a")));
        assert!(pointer("/a").covers(pointer("/a")));
        assert!(pointer("/a").covers(pointer("/a/b")));
        assert!(!pointer("/a").covers(pointer("/ab")));
        assert!(!pointer("/a/b").covers(pointer("/a")));
        assert_eq!(pointer("/a/b").parent(), Some(pointer("/a")));
        assert_eq!(pointer("/a").parent(), Some(Pointer::ROOT));
        assert_eq!(Pointer::ROOT.parent(), None);
    }
}
