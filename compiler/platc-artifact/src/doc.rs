//! [`Doc`]: one document, built in the order in which it is printed, with the origin of every value.
//!
//! It is a flat tape: one buffer of text and one vector of sixteen-byte events. A container knows where
//! it ends, so that reading skips over it; nothing points back, so that building only ever appends.
//! `clear()` keeps the buffers, and from the second document on building allocates nothing.
//!
//! Two shapes. *Data*: maps with ordered keys, sequences, scalars; for YAML, JSON and TOML. *Lines*: a
//! line is words, and may have a block of lines below it; for HAProxy, nginx, keepalived, Corefile,
//! systemd units, routes and shell variables. A value may be a whole document of either shape: its
//! events lie inside the outer tape, so that pointers reach into it.
//!
//! Not here: any byte of output (`print/`). Start with [`Doc::map`]; `doc/build.rs` has the builders,
//! `doc/scalar.rs` what can be written as a value, `doc/read.rs` the way back.

mod build;
mod read;
mod scalar;

use std::fmt::Write;

use platc_diag::{Origin, limits};

pub use build::{Lines, Map, Root, Seq, Slot, Words};
pub use read::{Node, Value};
pub use scalar::{ContentHash, Each, EnvText, Fixed, IntoScalar, IntoWords, Prop, ScalarSlot, Shown, shown};

use crate::expand::Guard;
use crate::print::Format;

/// One document, as a tape of events in buffers that are used again.
#[derive(Clone, Debug)]
pub struct Doc {
    /// All text that is not static: keys, strings, words, comments.
    text: String,
    events: Vec<Event>,
    /// What the origin numbers in the events stand for; 0 is [`Origin::NONE`].
    origins: Vec<Origin>,
    /// What [`Event::Fixed`] stands for.
    fixed: Vec<&'static str>,
    /// Hashes of the keys of the maps that are open, to notice a key that comes twice.
    key_hashes: Vec<u32>,
    /// The origin of what is built now and brings none of its own.
    origin: u32,
    depth: usize,
    /// Whether the document that is built now has its value.
    rooted: bool,
    /// Whether embedded documents are left out.
    pub(crate) outline: bool,
    /// Whether one was.
    left_out: bool,
    fault: Option<(u32, Fault)>,
}

/// A range of [`Doc::text`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    start: u32,
    len: u32,
}

/// One event of the tape. `end` of a container is the number of the first event behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    Null {
        origin: u32,
    },
    Bool {
        origin: u32,
        value: bool,
    },
    Int {
        origin: u32,
        value: i64,
    },
    Uint {
        origin: u32,
        value: u64,
    },
    Float {
        origin: u32,
        value: f64,
    },
    Text {
        origin: u32,
        guard: Guard,
        part: Part,
    },
    /// Text that stands in our own source and is the format's syntax, not data.
    Fixed {
        origin: u32,
        index: u32,
    },
    /// The hash of the document's own bytes, put in after printing.
    ContentHash {
        origin: u32,
    },
    /// Key of a map; its value is the next event.
    Key {
        part: Part,
    },
    /// The name of a `name=value` word; its value is the next event, a scalar.
    Prop {
        part: Part,
    },
    /// Belongs to what follows.
    Comment {
        part: Part,
    },
    Map {
        origin: u32,
        end: u32,
        len: u32,
    },
    Seq {
        origin: u32,
        end: u32,
        len: u32,
    },
    /// A block of lines.
    Lines {
        origin: u32,
        end: u32,
        len: u32,
    },
    /// Words, and a [`Event::Lines`] at the end if the line has a block.
    Line {
        origin: u32,
        end: u32,
        len: u32,
    },
    /// A document as a value.
    Embed {
        origin: u32,
        end: u32,
        format: Format,
        guard: Guard,
    },
}

// A thousand services make a million events: a third more memory is a third more time.
const _: () = assert!(size_of::<Event>() == 16);

/// What went wrong while a document was built. Printing refuses such a document: every one of these is
/// a mistake of an emitter or something larger than any real platform.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    DuplicateKey,
    TooDeep,
    TooLarge,
    SecondRoot,
    NoRoot,
}

impl Fault {
    /// Whether the tape is cut short, so that nothing can be read from it.
    fn is_fatal(self) -> bool {
        matches!(self, Self::TooDeep | Self::TooLarge)
    }
}

impl Default for Doc {
    fn default() -> Self {
        Self::new()
    }
}

impl Doc {
    /// An empty document.
    pub fn new() -> Self {
        Self {
            text: String::new(),
            events: Vec::new(),
            origins: vec![Origin::NONE],
            fixed: Vec::new(),
            key_hashes: Vec::new(),
            origin: 0,
            depth: 0,
            rooted: false,
            outline: false,
            left_out: false,
            fault: None,
        }
    }

    /// Empties it for the next document; the buffers stay.
    pub fn clear(&mut self) {
        self.text.clear();
        self.events.clear();
        self.origins.clear();
        self.origins.push(Origin::NONE);
        self.fixed.clear();
        self.key_hashes.clear();
        self.origin = 0;
        self.depth = 0;
        self.rooted = false;
        self.outline = false;
        self.left_out = false;
        self.fault = None;
    }

    /// Whether it is the outline of a document: something that it embeds was left out.
    pub fn is_outline(&self) -> bool {
        self.left_out
    }

    /// Whether nothing has been built.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// About as many bytes as it has at most when it is printed: whoever minds its size need not print what is
    /// plainly small.
    pub fn size_hint(&self) -> usize {
        /// What a key that is not kept as text, a number, a break and an indentation may take.
        const EVENT: usize = 64;
        self.text.len().saturating_add(self.events.len().saturating_mul(EVENT))
    }

    pub(crate) fn fault(&self) -> Option<(u32, Fault)> {
        self.fault
    }

    pub(crate) fn event(&self, at: usize) -> Option<&Event> {
        self.events.get(at)
    }

    pub(crate) fn n_events(&self) -> usize {
        self.events.len()
    }

    /// All text of the document; [`Part`]s are ranges of it.
    pub(crate) fn all_text(&self) -> &str {
        &self.text
    }

    pub(crate) fn part(&self, part: Part) -> &str {
        self.text.get(part.range()).unwrap_or("")
    }

    pub(crate) fn fixed(&self, index: u32) -> &'static str {
        usize::try_from(index).ok().and_then(|index| self.fixed.get(index)).copied().unwrap_or("")
    }

    fn origin_of(&self, number: u32) -> Origin {
        usize::try_from(number)
            .ok()
            .and_then(|index| self.origins.get(index))
            .copied()
            .unwrap_or(Origin::NONE)
    }
}

/// What building is made of. The builders in `doc/build.rs` call these in the right order.
impl Doc {
    fn push(&mut self, event: Event) {
        if self.events.len() >= limits::DOC_EVENTS {
            self.fail(Fault::TooLarge);
            return;
        }
        self.events.push(event);
    }

    fn next(&self) -> u32 {
        number(self.events.len())
    }

    /// Notes the first fault; later ones are its consequences.
    #[cold]
    fn fail(&mut self, fault: Fault) {
        self.fail_at(self.events.len(), fault);
    }

    #[cold]
    fn fail_at(&mut self, at: usize, fault: Fault) {
        self.fault.get_or_insert((number(at), fault));
    }

    fn open(&mut self, event: Event) -> usize {
        if self.depth >= limits::DOC_NESTING {
            self.fail(Fault::TooDeep);
        }
        self.depth += 1;
        let at = self.events.len();
        self.push(event);
        at
    }

    /// Ends the container at `at`, which holds `count` entries.
    fn close(&mut self, at: usize, count: u32) {
        self.depth = self.depth.saturating_sub(1);
        let behind = self.next();
        match self.events.get_mut(at) {
            Some(
                Event::Map { end, len, .. }
                | Event::Seq { end, len, .. }
                | Event::Lines { end, len, .. }
                | Event::Line { end, len, .. },
            ) => {
                *end = behind;
                *len = count;
            }
            Some(Event::Embed { end, .. }) => *end = behind,
            // Only where the limit of events was met and the container is not on the tape.
            _ => {}
        }
    }

    fn push_text(&mut self, text: &str) -> Part {
        let start = self.text.len();
        if text.len() > limits::DOC_BYTES.saturating_sub(start) {
            self.fail(Fault::TooLarge);
            return Part { start: 0, len: 0 };
        }
        self.text.push_str(text);
        Part { start: number(start), len: number(text.len()) }
    }

    fn push_format(&mut self, text: std::fmt::Arguments<'_>) -> Part {
        let start = self.text.len();
        // Writing into a string does not fail; a `Display` that does has written what it could.
        let _ = self.text.write_fmt(text);
        if self.text.len() > limits::DOC_BYTES {
            self.text.truncate(start);
            self.fail(Fault::TooLarge);
            return Part { start: 0, len: 0 };
        }
        Part { start: number(start), len: number(self.text.len() - start) }
    }

    /// The number of `origin` on this tape. Neighbours mostly share one, so looking at the last is enough.
    fn origin_number(&mut self, origin: Origin) -> u32 {
        if self.origins.last() != Some(&origin) {
            self.origins.push(origin);
        }
        number(self.origins.len() - 1)
    }

    /// Writes one scalar; null if `value` writes none.
    fn scalar(&mut self, value: &(impl IntoScalar + ?Sized)) {
        let before = self.events.len();
        value.write_scalar(ScalarSlot::new(self));
        if self.events.len() == before {
            let origin = self.origin;
            self.push(Event::Null { origin });
        }
    }

    fn comment_text(&mut self, text: &str) {
        let part = self.push_text(text);
        self.push(Event::Comment { part });
    }

    /// Says that the value of the document begins now.
    fn take_root(&mut self) {
        if self.rooted {
            self.fail(Fault::SecondRoot);
        }
        self.rooted = true;
    }
}

impl Part {
    pub(crate) fn range(self) -> std::ops::Range<usize> {
        let start = self.start as usize;
        start..start + self.len as usize
    }
}

impl Event {
    pub(crate) fn origin(&self) -> u32 {
        match *self {
            Self::Null { origin }
            | Self::Bool { origin, .. }
            | Self::Int { origin, .. }
            | Self::Uint { origin, .. }
            | Self::Float { origin, .. }
            | Self::Text { origin, .. }
            | Self::Fixed { origin, .. }
            | Self::ContentHash { origin }
            | Self::Map { origin, .. }
            | Self::Seq { origin, .. }
            | Self::Lines { origin, .. }
            | Self::Line { origin, .. }
            | Self::Embed { origin, .. } => origin,
            // The value has one.
            Self::Key { .. } | Self::Prop { .. } | Self::Comment { .. } => 0,
        }
    }

    /// The number of the first event behind the value that begins with this one, at `at`.
    pub(crate) fn behind(&self, at: usize) -> usize {
        match self {
            Self::Map { end, .. }
            | Self::Seq { end, .. }
            | Self::Lines { end, .. }
            | Self::Line { end, .. }
            | Self::Embed { end, .. } => *end as usize,
            Self::Prop { .. } => at + 2,
            _ => at + 1,
        }
    }
}

/// Offsets and counts of a tape fit 32 bits: `limits::DOC_BYTES` and `limits::DOC_EVENTS` see to that.
fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
