//! [`Model`]: what a policy may look at. The same in WebAssembly, where the host answers, and in native
//! tests, where a `testing::Mock` does.
//!
//! Not here: which kinds and fields there are. They are those of the language reference.
//!
//! Start with [`Model::select`]: by far the fastest way to read.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::Deserialize;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error, SeqAccess, Visitor};

#[cfg(not(target_arch = "wasm32"))]
use crate::testing as imp;
#[cfg(target_arch = "wasm32")]
use crate::wasm as imp;

/// Number of a node. The same input gives the same numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub u32);

/// A place: a node, and an RFC 6901 pointer in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Location {
    /// The node.
    pub node: NodeId,
    /// The pointer; empty for the node itself.
    pub path: String,
    /// What is said beside the underline.
    pub label: Option<String>,
}

/// What may be looked at.
pub struct Model {
    pub(crate) imp: imp::ModelImp,
}

/// A node of the model.
pub struct Node {
    pub(crate) imp: imp::NodeImp,
}

/// The answer to a question about all nodes of a kind.
pub struct Selection {
    json: String,
}

/// The values of one node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row<T> {
    /// The node.
    pub node: NodeId,
    /// Its values, in the order of the pointers that were asked for.
    pub values: T,
}

/// A text that is borrowed from a [`Selection`] unless it had to be unescaped. Use it where `String` would
/// copy for nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Text<'a>(pub Cow<'a, str>);

impl Model {
    /// The values at some pointers of all nodes of a kind (of every kind for `""`), in one call.
    pub fn select(&self, kind: &str, paths: &[&str]) -> Selection {
        Selection { json: self.imp.select(kind, paths) }
    }

    /// All nodes of a kind, in model order; of every kind for `""`.
    pub fn nodes(&self, kind: &str) -> Vec<Node> {
        self.imp.nodes(kind).into_iter().map(|imp| Node { imp }).collect()
    }

    /// The node of that kind and name.
    pub fn lookup(&self, kind: &str, name: &str) -> Option<Node> {
        self.imp.lookup(kind, name).map(|imp| Node { imp })
    }

    /// The node of that number.
    pub fn node(&self, node: NodeId) -> Option<Node> {
        self.imp.by_id(node).map(|imp| Node { imp })
    }

    /// The name of a node, for a message; empty for what has none.
    pub fn name(&self, node: NodeId) -> String {
        self.node(node).map(|node| node.name()).unwrap_or_default()
    }

    /// Version of the language that the model is written in.
    pub fn version(&self) -> String {
        self.imp.version()
    }
}

impl Node {
    /// Its number.
    pub fn id(&self) -> NodeId {
        self.imp.id()
    }

    /// Its kind: `service`, `host`.
    pub fn kind(&self) -> String {
        self.imp.kind()
    }

    /// Its name; empty for what has none.
    pub fn name(&self) -> String {
        self.imp.name()
    }

    /// The node that it is a part of.
    pub fn parent(&self) -> Option<Self> {
        self.imp.parent().map(|imp| Self { imp })
    }

    /// Its direct parts of a kind, in model order; of every kind for `""`.
    pub fn children(&self, kind: &str) -> Vec<Self> {
        self.imp.children(kind).into_iter().map(|imp| Self { imp }).collect()
    }

    /// The nodes that it refers to by that field or relation.
    pub fn links(&self, relation: &str) -> Vec<Self> {
        self.imp.links(relation).into_iter().map(|imp| Self { imp }).collect()
    }

    /// The value at a pointer if it is a text. Values with units are texts: `500m`.
    pub fn text_at(&self, path: &str) -> Option<String> {
        self.imp.get_str(path)
    }

    /// The value if it is a whole number.
    pub fn int_at(&self, path: &str) -> Option<i64> {
        self.imp.get_int(path)
    }

    /// The value if it is true or false.
    pub fn bool_at(&self, path: &str) -> Option<bool> {
        self.imp.get_bool(path)
    }

    /// The value, if it has that shape.
    pub fn value_at<T: DeserializeOwned>(&self, path: &str) -> Option<T> {
        serde_json::from_str(&self.imp.get_json(path)?).ok()
    }

    /// The whole text of an artifact.
    pub fn text(&self) -> Option<String> {
        self.imp.text()
    }

    /// A place in it.
    pub fn at(&self, path: impl Into<String>) -> Location {
        self.id().at(path)
    }
}

impl NodeId {
    /// A place in the node.
    pub fn at(self, path: impl Into<String>) -> Location {
        Location { node: self, path: path.into(), label: None }
    }
}

impl Location {
    /// Says something beside the underline.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = Some(text.into());
        self
    }
}

impl From<NodeId> for Location {
    fn from(node: NodeId) -> Self {
        node.at("")
    }
}

impl From<&Node> for Location {
    fn from(node: &Node) -> Self {
        node.at("")
    }
}

impl Selection {
    /// The rows. `T` is a tuple with one element for each pointer; make one an `Option` if the value may be
    /// missing, [`Text`] to borrow it, `serde::de::IgnoredAny` to ask only whether it is there.
    ///
    /// # Panics
    ///
    /// If a value has another type than `T` says: the policy takes the language for another one than it is.
    #[track_caller]
    pub fn rows<'a, T: Deserialize<'a>>(&'a self) -> Vec<Row<T>> {
        match serde_json::from_str(&self.json) {
            Ok(rows) => rows,
            Err(error) => panic!("a selected value is not of the type that the policy expects: {error}"),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Row<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct RowVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for RowVisitor<T> {
            type Value = Row<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row that begins with a node's number")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<Row<T>, A::Error> {
                let node = row.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
                let values = T::deserialize(SeqAccessDeserializer::new(row))?;
                Ok(Row { node, values })
            }
        }

        from.deserialize_seq(RowVisitor(PhantomData))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        from.deserialize_str(TextVisitor)
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
