//! [`Node`]: a document as the checks see it, whatever holds it: a rendered artifact, a YAML file, the
//! children of a KDL node. Nothing is copied; places are worked out only when there is something to say.
//!
//! Not here: any reading of text. Start with [`Node`] and [`Value`]; [`At`] is a node and its place.

use std::fmt::Write as _;

/// A value of a document. Cheap to copy: a reference, or a reference and an index.
pub trait Node<'d>: Copy {
    /// What it is.
    fn value(self) -> Value<'d>;

    /// The entries of a map, in the order of the document; none for anything else.
    fn entries(self) -> impl Iterator<Item = (&'d str, Self)>;

    /// The items of a list, in order; none for anything else.
    fn items(self) -> impl Iterator<Item = Self>;

    /// The value of a key of a map.
    fn get(self, key: &str) -> Option<Self> {
        self.entries().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// The text, if it is text whose letters are known.
    fn text(self) -> Option<&'d str> {
        match self.value() {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    fn int(self) -> Option<i64> {
        match self.value() {
            Value::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    fn bool(self) -> Option<bool> {
        match self.value() {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The value below it along keys of maps.
    fn below(self, keys: &[&str]) -> Option<Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The value at a JSON pointer (RFC 6901); `""` is this one.
    fn at(self, pointer: &str) -> Option<Self> {
        pointer.split('/').skip(1).try_fold(self, |node, token| match node.value() {
            Value::List => node.items().nth(token.parse().ok()?),
            _ => node.get(&token.replace("~1", "/").replace("~0", "~")),
        })
    }
}

/// What a node is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Value<'d> {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number. What does not fit is a [`Value::Float`].
    Int(i64),
    /// A number with a fraction, or one that is too large.
    Float(f64),
    /// Text.
    Text(&'d str),
    /// Text whose letters cannot be seen here: a document inside the document, a hole for a secret.
    Unseen,
    /// A map: see [`Node::entries`].
    Map,
    /// A list: see [`Node::items`].
    List,
}

impl Value<'_> {
    /// What to call it in a message: `a whole number`.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Text(_) | Self::Unseen => "text",
            Self::Map => "a map",
            Self::List => "a list",
        }
    }
}

impl<'d> Node<'d> for &'d serde_json::Value {
    fn value(self) -> Value<'d> {
        match self {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Bool(*value),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(value) => Value::Int(value),
                None => Value::Float(number.as_f64().unwrap_or(f64::INFINITY)),
            },
            serde_json::Value::String(text) => Value::Text(text),
            serde_json::Value::Array(_) => Value::List,
            serde_json::Value::Object(_) => Value::Map,
        }
    }

    fn entries(self) -> impl Iterator<Item = (&'d str, Self)> {
        let map = self.as_object().into_iter().flatten();
        map.map(|(key, value)| (key.as_str(), value))
    }

    fn items(self) -> impl Iterator<Item = Self> {
        self.as_array().into_iter().flatten()
    }

    fn get(self, key: &str) -> Option<Self> {
        self.as_object()?.get(key)
    }
}

/// Where a value stands: a chain of steps on the stack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'p> {
    Root,
    Key(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    pub(crate) const ROOT: Path<'static> = Path { parent: None, step: Step::Root };

    pub(crate) fn key(&'p self, key: &'p str) -> Self {
        Path { parent: Some(self), step: Step::Key(key) }
    }

    pub(crate) fn index(&'p self, index: usize) -> Self {
        Path { parent: Some(self), step: Step::Index(index) }
    }

    /// The JSON pointer (RFC 6901).
    pub(crate) fn pointer(&self) -> String {
        let mut pointer = String::new();
        self.write(&mut pointer);
        pointer
    }

    fn write(&self, out: &mut String) {
        if let Some(parent) = self.parent {
            parent.write(out);
        }
        match self.step {
            Step::Root => {}
            Step::Key(key) => push_token(out, key),
            Step::Index(index) => {
                let _ = write!(out, "/{index}");
            }
        }
    }
}

/// Appends `/KEY` with what a pointer escapes.
pub(crate) fn push_token(out: &mut String, key: &str) {
    out.push('/');
    for c in key.chars() {
        match c {
            '~' => out.push_str("~0"),
            '/' => out.push_str("~1"),
            c => out.push(c),
        }
    }
}

/// A node and its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'p, N> {
    pub(crate) node: N,
    pub(crate) path: Path<'p>,
}

impl<'p, N> At<'p, N> {
    pub(crate) fn new<'d>(node: N, path: Path<'p>) -> Self
    where
        N: Node<'d>,
    {
        At { node, path }
    }

    /// The value of a key; null counts as absent, as it does for the API server.
    pub(crate) fn get<'s, 'd>(&'s self, key: &'s str) -> Option<At<'s, N>>
    where
        N: Node<'d>,
    {
        let node = self.node.get(key)?;
        match node.value() {
            Value::Null => None,
            _ => Some(At { node, path: self.path.key(key) }),
        }
    }

    pub(crate) fn has<'d>(&self, key: &str) -> bool
    where
        N: Node<'d>,
    {
        self.get(key).is_some()
    }

    pub(crate) fn items<'s, 'd: 's>(&'s self) -> impl Iterator<Item = At<'s, N>>
    where
        N: Node<'d> + 's,
    {
        self.node.items().enumerate().map(|(nth, node)| At { node, path: self.path.index(nth) })
    }

    pub(crate) fn entries<'s, 'd: 's>(&'s self) -> impl Iterator<Item = (&'d str, At<'s, N>)>
    where
        N: Node<'d> + 's,
    {
        self.node.entries().map(|(key, node)| (key, At { node, path: self.path.key(key) }))
    }

    /// The place of a key, whether it is there or not.
    pub(crate) fn pointer_of(&self, key: &str) -> String {
        self.path.key(key).pointer()
    }

    pub(crate) fn pointer(&self) -> String {
        self.path.pointer()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_goes_down_and_comes_back() {
        let document = serde_json::json!({"a/b": [{"c~d": 7}]});
        let node = &document;
        let root = At::new(node, Path::ROOT);
        let list = root.get("a/b").unwrap();
        let item = list.items().next().unwrap();
        let value = item.get("c~d").unwrap();
        assert_eq!(value.pointer(), "/a~1b/0/c~0d");
        assert_eq!(node.at("/a~1b/0/c~0d").and_then(Node::int), Some(7));
        assert_eq!(node.at("").map(Node::value), Some(Value::Map));
        assert!(node.at("/a~1b/1").is_none());
    }
}
