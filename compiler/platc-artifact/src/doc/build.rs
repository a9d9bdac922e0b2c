//! The builders: [`Map`], [`Seq`], [`Lines`] and [`Root`], which emitters get in closures, and [`Slot`],
//! one place that takes any value, for code that turns one tree into another.
//!
//! Not here: how a scalar is written (`scalar.rs`). Start with [`Map`].
//!
//! Nothing here fails: emitting is total. A key that comes twice, a second value for one document or
//! something beyond the limits is noted on the tape, and printing refuses it with its pointer.

use platc_diag::Origin;

use super::{Doc, Event, Fault, IntoScalar, IntoWords, Node, Value, number};
use crate::expand::Guard;
use crate::print::Format;

/// Up to this many keys each new one is compared with all before, which for real maps costs less than
/// anything cleverer; beyond it they are sorted once, when the map ends.
const KEYS_COMPARED: usize = 256;

/// A map that is being built: keys in the order of the calls.
#[derive(Debug)]
pub struct Map<'d> {
    doc: &'d mut Doc,
    at: usize,
    /// Where the hashes of its keys begin in [`Doc::key_hashes`].
    first_hash: usize,
    len: u32,
}

/// A sequence that is being built.
#[derive(Debug)]
pub struct Seq<'d> {
    doc: &'d mut Doc,
    len: u32,
}

/// Lines that are being built.
#[derive(Debug)]
pub struct Lines<'d> {
    doc: &'d mut Doc,
    len: u32,
}

/// The words of one line that is being built.
#[derive(Debug)]
pub struct Words<'d> {
    doc: &'d mut Doc,
    len: u32,
}

/// A document that is being built: it takes one value.
#[derive(Debug)]
pub struct Root<'d> {
    doc: &'d mut Doc,
}

/// One place of a document that takes one value of any kind. Null if it gets none.
#[derive(Debug)]
pub struct Slot<'d> {
    doc: &'d mut Doc,
    filled: bool,
}

impl Doc {
    /// The document is a map.
    pub fn map(&mut self, build: impl FnOnce(&mut Map<'_>)) {
        Root { doc: self }.map(build);
    }

    /// The document is a sequence.
    pub fn seq(&mut self, build: impl FnOnce(&mut Seq<'_>)) {
        Root { doc: self }.seq(build);
    }

    /// The document is lines.
    pub fn lines(&mut self, build: impl FnOnce(&mut Lines<'_>)) {
        Root { doc: self }.lines(build);
    }

    /// The document is one scalar.
    pub fn put(&mut self, value: impl IntoScalar) {
        Root { doc: self }.put(value);
    }

    /// The document is whatever is put into the slot.
    pub fn slot(&mut self) -> Slot<'_> {
        self.take_root();
        Slot { doc: self, filled: false }
    }

    /// A comment at the head of the document; call it before the value is built.
    pub fn comment(&mut self, text: impl AsRef<str>) {
        self.comment_text(text.as_ref());
    }

    /// Builds with `origin` as the origin of all that brings none of its own.
    pub fn from(&mut self, origin: Origin, build: impl FnOnce(&mut Root<'_>)) {
        self.within(origin, |doc| build(&mut Root { doc }));
    }

    fn within(&mut self, origin: Origin, build: impl FnOnce(&mut Self)) {
        let inner = self.origin_number(origin);
        let outer = std::mem::replace(&mut self.origin, inner);
        build(self);
        self.origin = outer;
    }

    fn build_map(&mut self, build: impl FnOnce(&mut Map<'_>)) {
        let origin = self.origin;
        let at = self.open(Event::Map { origin, end: 0, len: 0 });
        let first_hash = self.key_hashes.len();
        let mut map = Map { doc: self, at, first_hash, len: 0 };
        build(&mut map);
        let len = map.len;
        self.end_keys(at, first_hash);
        self.close(at, len);
    }

    fn build_seq(&mut self, build: impl FnOnce(&mut Seq<'_>)) {
        let origin = self.origin;
        let at = self.open(Event::Seq { origin, end: 0, len: 0 });
        let mut seq = Seq { doc: self, len: 0 };
        build(&mut seq);
        let len = seq.len;
        self.close(at, len);
    }

    fn build_lines(&mut self, build: impl FnOnce(&mut Lines<'_>)) {
        let origin = self.origin;
        let at = self.open(Event::Lines { origin, end: 0, len: 0 });
        let mut lines = Lines { doc: self, len: 0 };
        build(&mut lines);
        let len = lines.len;
        self.close(at, len);
    }

    fn build_embed(&mut self, format: Format, guard: Guard, build: impl FnOnce(&mut Root<'_>)) {
        let origin = self.origin;
        let at = self.open(Event::Embed { origin, end: 0, format, guard });
        let outer = std::mem::replace(&mut self.rooted, false);
        if self.outline {
            self.left_out = true;
        } else {
            build(&mut Root { doc: self });
        }
        // So an outline cannot be printed by mistake.
        if !self.rooted {
            self.fail_at(at, Fault::NoRoot);
        }
        self.rooted = outer;
        self.close(at, 1);
    }

    /// Copies the value of another document: text, origins and all.
    fn build_copy(&mut self, node: Node<'_>) {
        self.within(node.origin(), |doc| match node.value() {
            Value::Map => doc.build_map(|map| {
                for (key, value) in node.entries() {
                    map.slot(key).copy(value);
                }
            }),
            Value::Seq => doc.build_seq(|seq| node.items().for_each(|item| seq.slot().copy(item))),
            Value::Lines => doc.build_lines(|lines| node.items().for_each(|line| lines.copy(line))),
            Value::Embedded(format, guard) => doc.build_embed(format, guard, |root| {
                if let Some(value) = node.embedded() {
                    root.slot().copy(value);
                }
            }),
            // A line stands among lines only, and [`Lines::copy`] takes it from there.
            Value::Line => {}
            _ => doc.copy_scalar(node),
        });
    }

    fn copy_scalar(&mut self, node: Node<'_>) {
        let origin = self.origin;
        match node.event() {
            Some(Event::Text { guard, part, .. }) => {
                let part = self.push_text(node.doc().part(*part));
                self.push(Event::Text { origin, guard: *guard, part });
            }
            Some(Event::Fixed { index, .. }) => self.push_fixed(origin, node.doc().fixed(*index)),
            Some(Event::Bool { value, .. }) => self.push(Event::Bool { origin, value: *value }),
            Some(Event::Int { value, .. }) => self.push(Event::Int { origin, value: *value }),
            Some(Event::Uint { value, .. }) => self.push(Event::Uint { origin, value: *value }),
            Some(Event::Float { value, .. }) => self.push(Event::Float { origin, value: *value }),
            Some(Event::ContentHash { .. }) => self.push(Event::ContentHash { origin }),
            _ => self.push(Event::Null { origin }),
        }
    }

    pub(super) fn push_fixed(&mut self, origin: u32, text: &'static str) {
        let index = number(self.fixed.len());
        self.fixed.push(text);
        self.push(Event::Fixed { origin, index });
    }

    /// Forgets the keys of the map at `at`; one with very many keys is looked through only now.
    fn end_keys(&mut self, at: usize, first: usize) {
        if self.key_hashes.len() - first > KEYS_COMPARED {
            self.find_duplicate_key(at);
        }
        self.key_hashes.truncate(first);
    }

    #[cold]
    fn find_duplicate_key(&mut self, map: usize) {
        let mut keys: Vec<(&str, usize)> = self.keys_of(map).collect();
        keys.sort_unstable();
        let twice = keys.windows(2).find_map(|pair| match pair {
            [(one, _), (two, at)] if one == two => Some(*at),
            _ => None,
        });
        if let Some(at) = twice {
            self.fail_at(at, Fault::DuplicateKey);
        }
    }

    /// The keys of the map at `map` so far, each with the number of its event.
    fn keys_of(&self, map: usize) -> impl Iterator<Item = (&str, usize)> {
        let mut at = map + 1;
        std::iter::from_fn(move || {
            loop {
                match self.events.get(at)? {
                    Event::Key { part } => {
                        let key = at;
                        let value = self.events.get(at + 1)?;
                        at = value.behind(at + 1);
                        return Some((self.part(*part), key));
                    }
                    _ => at += 1,
                }
            }
        })
    }
}

impl Map<'_> {
    /// `key: value`.
    #[inline]
    pub fn put(&mut self, key: &str, value: impl IntoScalar) {
        self.key(key);
        self.doc.scalar(&value);
    }

    /// `key: value` if there is a value, else nothing.
    pub fn maybe(&mut self, key: &str, value: Option<impl IntoScalar>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    /// `key:` with a map below it. An empty one is printed as `{}`.
    pub fn map(&mut self, key: &str, build: impl FnOnce(&mut Map<'_>)) {
        self.key(key);
        self.doc.build_map(build);
    }

    /// `key:` with a sequence below it. An empty one is printed as `[]`.
    pub fn seq(&mut self, key: &str, build: impl FnOnce(&mut Seq<'_>)) {
        self.key(key);
        self.doc.build_seq(build);
    }

    /// `key:` with a sequence of scalars: `m.list("usages", ["signing", "authentication"])`.
    pub fn list(&mut self, key: &str, values: impl IntoIterator<Item = impl IntoScalar>) {
        self.seq(key, |seq| seq.extend(values));
    }

    /// `key:` with a map of scalars, in the order of the iterator.
    pub fn pairs<K: AsRef<str>>(&mut self, key: &str, pairs: impl IntoIterator<Item = (K, impl IntoScalar)>) {
        self.map(key, |map| pairs.into_iter().for_each(|(key, value)| map.put(key.as_ref(), value)));
    }

    /// `key:` with a whole document as its text, printed in `format`; see [`Guard`].
    pub fn embed(&mut self, key: &str, format: Format, guard: Guard, build: impl FnOnce(&mut Root<'_>)) {
        self.key(key);
        self.doc.build_embed(format, guard, build);
    }

    /// `key:` with whatever is put into the slot.
    pub fn slot(&mut self, key: &str) -> Slot<'_> {
        self.key(key);
        Slot { doc: self.doc, filled: false }
    }

    /// A comment above the next key.
    pub fn comment(&mut self, text: impl AsRef<str>) {
        self.doc.comment_text(text.as_ref());
    }

    /// Builds with `origin` as the origin of all that brings none of its own.
    pub fn from(&mut self, origin: Origin, build: impl FnOnce(&mut Self)) {
        let inner = self.doc.origin_number(origin);
        let outer = std::mem::replace(&mut self.doc.origin, inner);
        build(self);
        self.doc.origin = outer;
    }

    #[inline]
    fn key(&mut self, key: &str) {
        self.note_key(key);
        let part = self.doc.push_text(key);
        self.doc.push(Event::Key { part });
        self.len += 1;
    }

    #[inline]
    fn note_key(&mut self, key: &str) {
        let hash = key_hash(key);
        let before = self.doc.key_hashes.get(self.first_hash..).unwrap_or_default();
        if before.len() <= KEYS_COMPARED && before.contains(&hash) {
            self.compare_key(key);
        }
        self.doc.key_hashes.push(hash);
    }

    #[cold]
    fn compare_key(&mut self, key: &str) {
        if self.doc.keys_of(self.at).any(|(other, _)| other == key) {
            self.doc.fail(Fault::DuplicateKey);
        }
    }
}

impl Seq<'_> {
    /// `- value`.
    #[inline]
    pub fn put(&mut self, value: impl IntoScalar) {
        self.len += 1;
        self.doc.scalar(&value);
    }

    /// `- value` for each.
    pub fn extend(&mut self, values: impl IntoIterator<Item = impl IntoScalar>) {
        values.into_iter().for_each(|value| self.put(value));
    }

    /// `- key: …`.
    pub fn map(&mut self, build: impl FnOnce(&mut Map<'_>)) {
        self.len += 1;
        self.doc.build_map(build);
    }

    /// `- - …`.
    pub fn seq(&mut self, build: impl FnOnce(&mut Seq<'_>)) {
        self.len += 1;
        self.doc.build_seq(build);
    }

    /// `- |` with a whole document as its text, printed in `format`; see [`Guard`].
    pub fn embed(&mut self, format: Format, guard: Guard, build: impl FnOnce(&mut Root<'_>)) {
        self.len += 1;
        self.doc.build_embed(format, guard, build);
    }

    /// `-` with whatever is put into the slot.
    pub fn slot(&mut self) -> Slot<'_> {
        self.len += 1;
        Slot { doc: self.doc, filled: false }
    }

    /// A comment above the next item.
    pub fn comment(&mut self, text: impl AsRef<str>) {
        self.doc.comment_text(text.as_ref());
    }

    /// Builds with `origin` as the origin of all that brings none of its own.
    pub fn from(&mut self, origin: Origin, build: impl FnOnce(&mut Self)) {
        let inner = self.doc.origin_number(origin);
        let outer = std::mem::replace(&mut self.doc.origin, inner);
        build(self);
        self.doc.origin = outer;
    }
}

impl Lines<'_> {
    /// One line: `l.line(("server", &name, Prop("weight", 10)))`.
    pub fn line(&mut self, words: impl IntoWords) {
        self.open_line(&words, |_| 0);
    }

    /// A line with a block of lines below it.
    pub fn block(&mut self, words: impl IntoWords, build: impl FnOnce(&mut Lines<'_>)) {
        self.open_line(&words, |doc| {
            doc.build_lines(build);
            1
        });
    }

    /// A comment above the next line.
    pub fn comment(&mut self, text: impl AsRef<str>) {
        self.doc.comment_text(text.as_ref());
    }

    /// A line of another document, with its block.
    pub fn copy(&mut self, line: Node<'_>) {
        self.from(line.origin(), |lines| {
            lines.open_line(&[""; 0], |doc| {
                for item in line.items() {
                    match (item.event(), item.value()) {
                        (Some(Event::Prop { part }), Value::Prop(_, value)) => {
                            let part = doc.push_text(item.doc().part(*part));
                            doc.within(value.origin(), |doc| {
                                doc.push(Event::Prop { part });
                                doc.copy_scalar(value);
                            });
                        }
                        _ => doc.build_copy(item),
                    }
                }
                number(line.len())
            });
        });
    }

    /// Builds with `origin` as the origin of all that brings none of its own.
    pub fn from(&mut self, origin: Origin, build: impl FnOnce(&mut Self)) {
        let inner = self.doc.origin_number(origin);
        let outer = std::mem::replace(&mut self.doc.origin, inner);
        build(self);
        self.doc.origin = outer;
    }

    /// Writes a line of `words` and of what `more` adds, which it counts.
    fn open_line(&mut self, words: &impl IntoWords, more: impl FnOnce(&mut Doc) -> u32) {
        self.len += 1;
        let origin = self.doc.origin;
        let at = self.doc.open(Event::Line { origin, end: 0, len: 0 });
        let mut line = Words { doc: self.doc, len: 0 };
        words.write_words(&mut line);
        let len = line.len;
        let added = more(self.doc);
        self.doc.close(at, len + added);
    }
}

impl Words<'_> {
    /// One word.
    pub fn word(&mut self, value: &(impl IntoScalar + ?Sized)) {
        self.len += 1;
        self.doc.scalar(value);
    }

    /// One word `name=value`.
    pub fn prop(&mut self, name: &str, value: &(impl IntoScalar + ?Sized)) {
        self.len += 1;
        let part = self.doc.push_text(name);
        self.doc.push(Event::Prop { part });
        self.doc.scalar(value);
    }
}

impl Root<'_> {
    /// The document is a map.
    pub fn map(&mut self, build: impl FnOnce(&mut Map<'_>)) {
        self.doc.take_root();
        self.doc.build_map(build);
    }

    /// The document is a sequence.
    pub fn seq(&mut self, build: impl FnOnce(&mut Seq<'_>)) {
        self.doc.take_root();
        self.doc.build_seq(build);
    }

    /// The document is lines.
    pub fn lines(&mut self, build: impl FnOnce(&mut Lines<'_>)) {
        self.doc.take_root();
        self.doc.build_lines(build);
    }

    /// The document is one scalar.
    pub fn put(&mut self, value: impl IntoScalar) {
        self.doc.take_root();
        self.doc.scalar(&value);
    }

    /// The document is whatever is put into the slot.
    pub fn slot(&mut self) -> Slot<'_> {
        self.doc.take_root();
        Slot { doc: self.doc, filled: false }
    }

    /// A comment at the head of the document; call it before the value is built.
    pub fn comment(&mut self, text: impl AsRef<str>) {
        self.doc.comment_text(text.as_ref());
    }

    /// Builds with `origin` as the origin of all that brings none of its own.
    pub fn from(&mut self, origin: Origin, build: impl FnOnce(&mut Root<'_>)) {
        self.doc.within(origin, |doc| build(&mut Root { doc }));
    }
}

impl Slot<'_> {
    /// A scalar.
    pub fn put(mut self, value: impl IntoScalar) {
        self.filled = true;
        self.doc.scalar(&value);
    }

    /// A map.
    pub fn map(mut self, build: impl FnOnce(&mut Map<'_>)) {
        self.filled = true;
        self.doc.build_map(build);
    }

    /// A sequence.
    pub fn seq(mut self, build: impl FnOnce(&mut Seq<'_>)) {
        self.filled = true;
        self.doc.build_seq(build);
    }

    /// A whole document as text, printed in `format`; see [`Guard`].
    pub fn embed(mut self, format: Format, guard: Guard, build: impl FnOnce(&mut Root<'_>)) {
        self.filled = true;
        self.doc.build_embed(format, guard, build);
    }

    /// A value of another document, with its origins. Where a document takes a value, so a block of
    /// lines can only go to the root of a document.
    pub fn copy(mut self, value: Node<'_>) {
        self.filled = true;
        self.doc.build_copy(value);
    }

    /// The same place, with `origin` as the origin of all that is put there and brings none of its own.
    pub fn from(mut self, origin: Origin, put: impl FnOnce(Slot<'_>)) {
        self.filled = true;
        self.doc.within(origin, |doc| put(Slot { doc, filled: false }));
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        if !self.filled {
            let origin = self.doc.origin;
            self.doc.push(Event::Null { origin });
        }
    }
}

/// A hash of a key that is cheap for short ones. Equal hashes are compared as text, so it may be weak.
#[inline]
fn key_hash(key: &str) -> u32 {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = key.as_bytes().as_chunks::<8>();
    let mut hash = key.len() as u64;
    for word in words {
        hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(MIX).rotate_left(29);
    }
    for byte in rest {
        hash = hash.rotate_left(8) ^ u64::from(*byte);
    }
    u32::try_from(hash.wrapping_mul(MIX) >> 32).unwrap_or(0)
}
