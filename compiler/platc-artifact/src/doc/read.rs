//! [`Node`]: the way back. Values by RFC 6901 pointer, origins by pointer, iteration, JSON.
//!
//! A pointer goes through an embedded document as if it stood there as data: in a Deployment,
//! `/spec/template/spec/containers/0/env/3/value/kafka/brokers/0` is a value of the application's own
//! configuration. Lines are an array of lines; a line is an array of its words, and its block, if it
//! has one, is the last element. A word `name=value` is one string.
//!
//! What is read is what is meant, not how it is spelled: guards and quotes are the printers' business.
//!
//! Not here: anything that is printed. Start with [`Doc::get`].

use std::borrow::Cow;

use platc_diag::Origin;

use super::{Doc, Event, number};
use crate::expand::Guard;
use crate::print::{Format, json};

/// A value of a document.
#[derive(Clone, Copy, Debug)]
pub struct Node<'d> {
    doc: &'d Doc,
    at: usize,
}

/// What a node is. Containers are read with [`Node::entries`] and [`Node::items`].
#[derive(Clone, Copy, Debug)]
pub enum Value<'d> {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number that was given without a sign.
    Uint(u64),
    /// A number with a fraction.
    Float(f64),
    /// Text. The place of a content hash reads as empty text: it is known only after printing.
    Text(&'d str),
    /// A map: see [`Node::entries`].
    Map,
    /// A sequence: see [`Node::items`].
    Seq,
    /// A block of lines, whose items are lines.
    Lines,
    /// A line, whose items are its words and at the end its block, if it has one.
    Line,
    /// A word `name=value`.
    Prop(&'d str, Node<'d>),
    /// A whole document, as text in that format: see [`Node::embedded`].
    Embedded(Format, Guard),
}

impl Doc {
    /// The value of the document; `None` if it has none, or if it met a limit while it was built.
    pub fn root(&self) -> Option<Node<'_>> {
        if self.fault.is_some_and(|(_, fault)| fault.is_fatal()) {
            return None;
        }
        let at = self.skip_comments(0, self.events.len())?;
        Some(Node { doc: self, at })
    }

    /// The value at an RFC 6901 pointer; `""` is the root.
    pub fn get(&self, pointer: &str) -> Option<Node<'_>> {
        self.root()?.get(pointer)
    }

    /// Where the value at `pointer` comes from. If nothing stands there, or nothing is known of it,
    /// the nearest value above it that knows: a finding about a missing field underlines its parent.
    pub fn origin_at(&self, pointer: &str) -> Origin {
        let Some(root) = self.root() else { return Origin::NONE };
        let mut node = Some(root);
        let mut known = root.origin();
        for token in tokens(pointer) {
            node = node.and_then(|node| node.step(token));
            match node.map(Node::origin) {
                Some(origin) if origin.is_known() => known = origin,
                Some(_) => {}
                None => break,
            }
        }
        known
    }

    /// Calls `visit` with every value, from the outside in and in the order of printing, and its
    /// pointer. Values of embedded documents come after the value that embeds them.
    pub fn visit<'d>(&'d self, mut visit: impl FnMut(&str, Node<'d>)) {
        if let Some(root) = self.root() {
            root.visit_below(&mut String::new(), &mut visit);
        }
    }

    /// The pointer of the value or key that the event `wanted` belongs to.
    pub(crate) fn pointer_of(&self, wanted: usize) -> String {
        let mut pointer = String::new();
        let mut node = self.skip_comments(0, self.events.len()).map(|at| Node { doc: self, at });
        while let Some(inner) = node {
            node = inner.step_towards(wanted, &mut pointer);
        }
        pointer
    }

    /// The origin of what the event `at` is, or of the nearest container around it that knows.
    pub(crate) fn origin_around(&self, at: usize) -> Origin {
        self.origin_at(&self.pointer_of(at))
    }

    /// The guard that the text of the embedded document at `at` is under: its own, or that of one around it.
    pub(crate) fn guard_of(&self, at: usize) -> Guard {
        let around = self.events.iter().take(at + 1).filter_map(|event| match event {
            Event::Embed { end, guard, .. } if *end as usize > at => Some(*guard),
            _ => None,
        });
        around.max().unwrap_or_default()
    }

    pub(crate) fn node(&self, at: usize) -> Node<'_> {
        Node { doc: self, at }
    }

    /// The first event from `at` on, and before `end`, that is no comment.
    pub(crate) fn skip_comments(&self, mut at: usize, end: usize) -> Option<usize> {
        while at < end {
            match self.events.get(at)? {
                Event::Comment { .. } => at += 1,
                _ => return Some(at),
            }
        }
        None
    }
}

impl<'d> Node<'d> {
    pub(crate) fn doc(self) -> &'d Doc {
        self.doc
    }

    pub(crate) fn event(self) -> Option<&'d Event> {
        self.doc.events.get(self.at)
    }

    /// The number of its first event.
    pub(crate) fn number(self) -> usize {
        self.at
    }

    /// What it is.
    pub fn value(self) -> Value<'d> {
        let Some(event) = self.event() else { return Value::Null };
        match *event {
            Event::Bool { value, .. } => Value::Bool(value),
            Event::Int { value, .. } => Value::Int(value),
            Event::Uint { value, .. } => Value::Uint(value),
            Event::Float { value, .. } => Value::Float(value),
            Event::Text { part, .. } => Value::Text(self.doc.part(part)),
            Event::Fixed { index, .. } => Value::Text(self.doc.fixed(index)),
            Event::ContentHash { .. } => Value::Text(""),
            Event::Map { .. } => Value::Map,
            Event::Seq { .. } => Value::Seq,
            Event::Lines { .. } => Value::Lines,
            Event::Line { .. } => Value::Line,
            Event::Prop { part } => Value::Prop(self.doc.part(part), Node { doc: self.doc, at: self.at + 1 }),
            Event::Embed { format, guard, .. } => Value::Embedded(format, guard),
            Event::Null { .. } | Event::Key { .. } | Event::Comment { .. } => Value::Null,
        }
    }

    /// Where it comes from.
    pub fn origin(self) -> Origin {
        match (self.event(), self.value()) {
            (_, Value::Prop(_, value)) => value.origin(),
            (Some(event), _) => self.doc.origin_of(event.origin()),
            (None, _) => Origin::NONE,
        }
    }

    /// The text, if it is text.
    pub fn as_str(self) -> Option<&'d str> {
        match self.value() {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one that fits.
    pub fn as_i64(self) -> Option<i64> {
        match self.value() {
            Value::Int(value) => Some(value),
            Value::Uint(value) => i64::try_from(value).ok(),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(self) -> Option<bool> {
        match self.value() {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The value of an embedded document, if this is one and it has a value.
    pub fn embedded(self) -> Option<Node<'d>> {
        match self.event()? {
            Event::Embed { end, .. } => {
                let at = self.doc.skip_comments(self.at + 1, *end as usize)?;
                Some(Node { doc: self.doc, at })
            }
            _ => None,
        }
    }

    /// The value at an RFC 6901 pointer below this one; `""` is this one.
    pub fn get(self, pointer: &str) -> Option<Node<'d>> {
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return None;
        }
        tokens(pointer).try_fold(self, Node::step)
    }

    /// How many entries or items it has; 0 for a scalar.
    pub fn len(self) -> usize {
        match self.event() {
            Some(
                Event::Map { len, .. }
                | Event::Seq { len, .. }
                | Event::Lines { len, .. }
                | Event::Line { len, .. },
            ) => *len as usize,
            Some(Event::Embed { .. }) => self.embedded().map_or(0, Node::len),
            _ => 0,
        }
    }

    /// Whether it has neither entries nor items.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The entries of a map, in order; of an embedded map, too.
    pub fn entries(self) -> impl Iterator<Item = (&'d str, Node<'d>)> {
        let Node { doc, at } = self.outermost();
        let end = match doc.events.get(at) {
            Some(Event::Map { end, .. }) => *end as usize,
            _ => 0,
        };
        // Checks read every map of every object, some of them key by key, so this is one plain loop.
        let mut next = at + 1;
        std::iter::from_fn(move || {
            while next < end {
                let Event::Key { part } = doc.events.get(next)? else {
                    next += 1;
                    continue;
                };
                let value = next + 1;
                next = doc.events.get(value)?.behind(value);
                return Some((doc.part(*part), Node { doc, at: value }));
            }
            None
        })
    }

    /// The value of an entry of a map; of an embedded map, too.
    pub fn entry(self, key: &str) -> Option<Node<'d>> {
        let Node { doc, at } = self.outermost();
        let Some(Event::Map { end, .. }) = doc.events.get(at) else { return None };
        let (end, text, key) = (*end as usize, doc.text.as_bytes(), key.as_bytes());
        let mut next = at + 1;
        while next < end {
            let Event::Key { part } = doc.events.get(next)? else {
                next += 1;
                continue;
            };
            let value = next + 1;
            if part.len as usize == key.len() && text.get(part.range()) == Some(key) {
                return Some(Node { doc, at: value });
            }
            next = doc.events.get(value)?.behind(value);
        }
        None
    }

    /// The items of a sequence, the lines of a block, or the words and the block of a line, in order;
    /// of an embedded document, too.
    pub fn items(self) -> impl Iterator<Item = Node<'d>> {
        let list = self.outermost();
        let is_list =
            matches!(list.event(), Some(Event::Seq { .. } | Event::Lines { .. } | Event::Line { .. }));
        list.children(is_list).map(move |at| Node { doc: list.doc, at })
    }

    /// Appends it as compact JSON. Embedded documents are nested values, numbers that JSON lacks (not a
    /// number, infinities) are null.
    pub fn write_json(self, out: &mut String) {
        json::write_meant(self, out);
    }

    /// The same value, or the value of the embedded document that it is.
    fn outermost(self) -> Node<'d> {
        self.embedded().map_or(self, Node::outermost)
    }

    /// The numbers of the events at which its children begin: keys for a map.
    fn children(self, has_any: bool) -> impl Iterator<Item = usize> {
        let end = match self.event() {
            Some(event) if has_any => event.behind(self.at),
            _ => 0,
        };
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let child = self.doc.skip_comments(at, end)?;
            at = self.doc.behind_child(child)?;
            Some(child)
        })
    }

    fn step(self, token: &str) -> Option<Node<'d>> {
        let node = self.outermost();
        match node.event()? {
            Event::Map { .. } => node.entry(&unescape(token)),
            _ => node.items().nth(index(token)?),
        }
    }

    /// The child that holds the event `wanted`, with its token appended to `pointer`.
    fn step_towards(self, wanted: usize, pointer: &mut String) -> Option<Node<'d>> {
        let node = self.outermost();
        if wanted <= node.at {
            return None;
        }
        let is_map = matches!(node.event(), Some(Event::Map { .. }));
        for (nth, child) in node.children(!node.is_empty()).enumerate() {
            if wanted >= node.doc.behind_child(child)? {
                continue;
            }
            let inner = match node.doc.events.get(child)? {
                Event::Key { part } => {
                    push_token(pointer, node.doc.part(*part));
                    Node { doc: node.doc, at: child + 1 }
                }
                _ => {
                    push_index(pointer, nth);
                    Node { doc: node.doc, at: child }
                }
            };
            // On the key, on the value's first event, or on a comment above it: arrived.
            return (wanted > child + usize::from(is_map)).then_some(inner);
        }
        None
    }

    fn visit_below(self, pointer: &mut String, visit: &mut impl FnMut(&str, Node<'d>)) {
        visit(pointer, self);
        let before = pointer.len();
        for (key, value) in self.entries() {
            push_token(pointer, key);
            value.visit_below(pointer, visit);
            pointer.truncate(before);
        }
        for (nth, item) in self.items().enumerate() {
            push_index(pointer, nth);
            item.visit_below(pointer, visit);
            pointer.truncate(before);
        }
        // The value of an embedded scalar has the pointer of the scalar itself: nothing to add.
    }
}

impl Doc {
    /// The number of the event behind the entry or item that begins at `at`.
    fn behind_child(&self, at: usize) -> Option<usize> {
        let value = match self.events.get(at)? {
            Event::Key { .. } => at + 1,
            _ => at,
        };
        Some(self.events.get(value)?.behind(value))
    }
}

/// The tokens of a pointer, still escaped.
fn tokens(pointer: &str) -> impl Iterator<Item = &str> {
    pointer.split('/').skip(1)
}

fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') { token.replace("~1", "/").replace("~0", "~").into() } else { token.into() }
}

/// An array index as RFC 6901 has it: no sign, no leading zero.
fn index(token: &str) -> Option<usize> {
    let canonical = token == "0" || !token.starts_with('0') && token.bytes().all(|b| b.is_ascii_digit());
    if canonical { token.parse().ok() } else { None }
}

fn push_token(pointer: &mut String, key: &str) {
    pointer.push('/');
    for c in key.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}

fn push_index(pointer: &mut String, nth: usize) {
    pointer.push('/');
    pointer.push_str(itoa::Buffer::new().format(number(nth)));
}
