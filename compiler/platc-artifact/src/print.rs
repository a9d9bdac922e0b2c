//! Printing: the only place that writes bytes. One file per format below `print/`, each with the rules
//! by which it quotes; one line per format in the table of [`Format`].
//!
//! A printer writes exactly what was meant or refuses: a [`Refusal`] names the place in the document
//! and what the format cannot say there. Nothing is replaced, cut or approximated, except in comments.
//!
//! Not here: what is printed (emitters build [`Doc`]s). Start with [`Doc::print`].

mod corefile;
mod haproxy;
pub(crate) mod json;
mod kdl;
mod keepalived;
mod lines;
mod nginx;
mod number;
mod shell;
mod systemd;
mod text;
mod toml;
mod words;
mod yaml;

use std::fmt;
use std::ops::Range;

use platc_diag::Origin;

use crate::doc::{Doc, Event, Fault, Node};
use crate::expand::{self, Guard};

/// What a format's file gives: it prints the document whose events are `region`, for a text that is
/// under `guard`.
type Print = fn(&mut Printer<'_, '_>, Range<usize>, Guard);

macro_rules! formats {
    ($($(#[$doc:meta])* $name:ident $word:literal $print:path;)*) => {
        /// How a document is written.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
        pub enum Format {
            $($(#[$doc])* $name,)*
        }

        impl Format {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name in messages: `yaml`.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            fn printer(self) -> Print {
                match self { $(Self::$name => $print,)* }
            }
        }
    };
}

formats! {
    /// YAML, block style, for readers of YAML 1.1 and 1.2 alike. Data.
    #[default]
    Yaml "yaml" yaml::print;
    /// JSON on one line. Data.
    Json "json" json::print;
    /// JSON with two blanks for each level. Data.
    JsonPretty "json-pretty" json::print_pretty;
    /// TOML 1.0, as containerd reads it. Data.
    Toml "toml" toml::print;
    /// Units, drop-ins and networks of systemd: a section is a line with a block. Lines.
    Systemd "systemd" systemd::print;
    /// HAProxy: a section is a line with a block. Lines.
    Haproxy "haproxy" haproxy::print;
    /// nginx. Lines.
    Nginx "nginx" nginx::print;
    /// keepalived. Lines.
    Keepalived "keepalived" keepalived::print;
    /// Corefile of CoreDNS. Lines.
    Corefile "corefile" corefile::print;
    /// Variables for a shell, as in `/etc/conf.d`: name and value, or name and a block. Lines.
    Shell "shell" shell::print;
    /// Words with blanks between them: `ip -batch`, sysctl.d, modules-load.d, interfaces(5), hosts, fstab. Lines.
    Lines "lines" lines::print;
    /// KDL 2, for `platc.lock` and `platc show`. Lines.
    Kdl "kdl" kdl::print;
}

/// What a format cannot say, and where. An emitter's `check` makes a finding of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The place in the document, as an RFC 6901 pointer.
    pub pointer: String,
    /// Where the value comes from, or what stands around it.
    pub origin: Origin,
    /// The format of the document, of an embedded one if it is in there.
    pub format: Format,
    /// What is the matter.
    pub reason: Reason,
}

/// What is the matter with a value or with a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The same key twice in one map.
    DuplicateKey,
    /// Beyond `limits::DOC_NESTING`.
    TooDeep,
    /// Beyond `limits::DOC_BYTES` or `limits::DOC_EVENTS`.
    TooLarge,
    /// A document, here or embedded, got more than one value.
    SecondRoot,
    /// A document, here or embedded, got no value.
    NoRoot,
    /// Lines, for a format of data.
    NotData,
    /// Data, for a format of lines.
    NotLines,
    /// Null, which the format lacks.
    Null,
    /// Not a number, or infinite.
    NotFinite,
    /// A whole number that the format's readers do not hold.
    NumberTooLarge,
    /// A root that is no map.
    RootNotMap,
    /// A character that cannot stand in such a place.
    Character(char),
    /// A word without characters.
    EmptyWord,
    /// A word that the format would read as something else.
    Word,
    /// A document among the words of a line.
    EmbeddedWord,
    /// A word that is longer than the reader's buffer.
    WordTooLong,
    /// A line that is longer than the reader's buffer.
    LineTooLong,
    /// More words in a line than the reader takes.
    TooManyWords,
    /// A line without words.
    NoWords,
    /// A line outside a section.
    NoSection,
    /// A block inside of a line that cannot have one.
    NoBlock,
    /// A comment where it would become part of a value.
    Comment,
    /// A name that the format does not allow.
    Name,
    /// More values than one.
    OneValue,
    /// The document's own hash, where it cannot be put in later.
    ContentHash,
    /// Several documents, in a format that has no streams.
    NoStream,
}

impl Reason {
    /// What is the matter, as the end of a sentence: `/data cannot be written as toml: …`.
    pub fn text(self) -> &'static str {
        match self {
            Self::DuplicateKey => "the same key stands here twice",
            Self::TooDeep => "it nests too deep",
            Self::TooLarge => "it is too large",
            Self::SecondRoot => "the document has more than one value",
            Self::NoRoot => "the document has no value",
            Self::NotData => "the format has maps and sequences, not lines",
            Self::NotLines => "the format has lines, not maps and sequences",
            Self::Null => "the format has no null",
            Self::NotFinite => "the number is not finite",
            Self::NumberTooLarge => "the number does not fit the format's integers",
            Self::RootNotMap => "the format begins with a map",
            Self::Character(_) => "the character cannot be written here",
            Self::EmptyWord => "a word of the format has at least one character",
            Self::Word => "the format would read this word as something else",
            Self::EmbeddedWord => "a word cannot hold a document",
            Self::WordTooLong => "the word is longer than the reader's buffer",
            Self::LineTooLong => "the line is longer than the reader's buffer",
            Self::TooManyWords => "the line has more words than the reader takes",
            Self::NoWords => "a line has at least one word",
            Self::NoSection => "a line of the format stands in a section",
            Self::NoBlock => "the format has no block here",
            Self::Comment => "a comment here would become part of the value",
            Self::Name => "the format does not allow this name",
            Self::OneValue => "the name takes one value here",
            Self::ContentHash => "the hash of a document stands in the document itself only",
            Self::NoStream => "the format holds one document",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())?;
        match self {
            Self::Character(c) => write!(f, ": U+{:04X}", u32::from(*c)),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.pointer.is_empty() { "the document" } else { &self.pointer };
        write!(f, "`{at}` cannot be written as {}: {}", self.format.word(), self.reason)
    }
}

impl std::error::Error for Refusal {}

/// Where in printed bytes the hash of their document is to be put. It is the SHA-256 of the document's
/// bytes with that value empty (`"platc/content-sha256": ""`), so anybody can compute it again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HashPlace {
    document: Range<usize>,
    digits: usize,
}

/// Digits of a SHA-256.
const DIGITS: usize = 64;

impl HashPlace {
    /// The bytes to hash, in order, of the buffer that was printed into.
    pub fn pieces<'b>(&self, printed: &'b [u8]) -> [&'b [u8]; 2] {
        let before = printed.get(self.document.start..self.digits).unwrap_or_default();
        let after = printed.get(self.digits + DIGITS..self.document.end).unwrap_or_default();
        [before, after]
    }

    /// Puts the hash in.
    pub fn place(&self, printed: &mut [u8], hash: &[u8; 32]) {
        let digits = printed.get_mut(self.digits..self.digits + DIGITS).unwrap_or_default();
        for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(hash) {
            *pair = [hex_digit(byte >> 4), hex_digit(byte & 0xf)];
        }
    }
}

fn hex_digit(value: u8) -> u8 {
    b"0123456789abcdef".get(usize::from(value)).copied().unwrap_or(b'0')
}

impl Doc {
    /// Appends the document to `out`, which keeps its length if the format cannot say it. Gives the
    /// place for the document's hash if the document has one.
    pub fn print(&self, format: Format, out: &mut Vec<u8>) -> Result<Option<HashPlace>, Refusal> {
        let start = out.len();
        let mut printer = Printer::new(self, format, out);
        match self.fault() {
            Some((at, fault)) => printer.refuse(at as usize, fault.reason()),
            None => format.printer()(&mut printer, 0..self.n_events(), Guard::None),
        }
        match printer.finish() {
            Ok(digits) => Ok(digits.map(|digits| HashPlace { document: start..out.len(), digits })),
            Err(refusal) => {
                out.truncate(start);
                Err(refusal)
            }
        }
    }
}

impl Node<'_> {
    /// Appends the text of an embedded document as its reader gets it, after any expansion: for files
    /// that repeat it, for its hash, for its length. A plain text is appended as it is; nothing else has
    /// a text.
    pub fn print_embedded(self, out: &mut Vec<u8>) -> Result<(), Refusal> {
        let start = out.len();
        let (doc, at) = (self.doc(), self.number());
        match self.event() {
            Some(Event::Embed { format, end, .. }) => {
                let mut printer = Printer::new(doc, *format, out);
                printer.depth = 1;
                match doc.fault() {
                    Some((at, fault)) => printer.refuse(at as usize, fault.reason()),
                    None => format.printer()(&mut printer, at + 1..*end as usize, doc.guard_of(at)),
                }
                printer.finish().map(|_| ()).inspect_err(|_| out.truncate(start))
            }
            _ => {
                out.extend_from_slice(self.as_str().unwrap_or_default().as_bytes());
                Ok(())
            }
        }
    }
}

impl Fault {
    fn reason(self) -> Reason {
        match self {
            Self::DuplicateKey => Reason::DuplicateKey,
            Self::TooDeep => Reason::TooDeep,
            Self::TooLarge => Reason::TooLarge,
            Self::SecondRoot => Reason::SecondRoot,
            Self::NoRoot => Reason::NoRoot,
        }
    }
}

/// One run of printing: the document, the bytes so far and the first thing that could not be said.
/// Printers go on after a refusal, because the bytes are thrown away and the way back is not worth it.
pub(crate) struct Printer<'d, 'o> {
    pub(crate) doc: &'d Doc,
    pub(crate) out: &'o mut Vec<u8>,
    /// Length of `out` before the document that is printed now.
    pub(crate) start: usize,
    format: Format,
    refused: Option<(usize, Format, Reason)>,
    /// Where the digits of the document's hash go.
    digits: Option<usize>,
    /// Documents around the one that is printed now.
    depth: usize,
}

impl<'d, 'o> Printer<'d, 'o> {
    fn new(doc: &'d Doc, format: Format, out: &'o mut Vec<u8>) -> Self {
        let start = out.len();
        Self { doc, out, start, format, refused: None, digits: None, depth: 0 }
    }

    fn finish(self) -> Result<Option<usize>, Refusal> {
        match self.refused {
            None => Ok(self.digits),
            Some((at, format, reason)) => {
                let pointer = self.doc.pointer_of(at);
                Err(Refusal { origin: self.doc.origin_around(at), pointer, format, reason })
            }
        }
    }

    /// Notes that the event `at` cannot be printed.
    #[cold]
    pub(crate) fn refuse(&mut self, at: usize, reason: Reason) {
        self.refused.get_or_insert((at, self.format, reason));
    }

    /// The value of the document in `region`; without one the document is refused.
    pub(crate) fn root(&mut self, region: &Range<usize>) -> Option<usize> {
        let root = self.doc.skip_comments(region.start, region.end);
        if root.is_none() {
            self.refuse(region.start, Reason::NoRoot);
        }
        root
    }

    /// The comments at the head of the document in `region`.
    pub(crate) fn head(&self, region: &Range<usize>) -> impl Iterator<Item = &'d str> + use<'d> {
        self.comments(region.start)
    }

    /// The comments that stand from the event `at` on.
    pub(crate) fn comments(&self, mut at: usize) -> impl Iterator<Item = &'d str> + use<'d> {
        let doc = self.doc;
        std::iter::from_fn(move || match doc.event(at)? {
            Event::Comment { part } => {
                at += 1;
                Some(doc.part(*part))
            }
            _ => None,
        })
    }

    /// Leaves room for the digits of the document's hash.
    pub(crate) fn content_hash(&mut self, at: usize) {
        if self.depth > 0 || self.digits.is_some() {
            self.refuse(at, Reason::ContentHash);
        }
        self.digits = Some(self.out.len());
        self.out.extend_from_slice(&[b'0'; DIGITS]);
    }

    /// Prints an embedded document where it stands; `print` knows how it lies in the text around it.
    pub(crate) fn inside(&mut self, format: Format, print: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.format, format);
        let start = std::mem::replace(&mut self.start, self.out.len());
        self.depth += 1;
        print(self);
        self.depth -= 1;
        self.start = start;
        self.format = outer;
    }

    /// The text of the embedded document at `at`, ready to stand as a string under `guard`: what the
    /// document's own guard asks for is done.
    pub(crate) fn embedded_text(&mut self, at: usize, guard: Guard) -> String {
        let Some(Event::Embed { format, guard: own, end, .. }) = self.doc.event(at) else {
            unreachable!("callers have seen an embedded document at this place")
        };
        let inner = if guard == Guard::None { *own } else { guard };
        let start = self.out.len();
        self.inside(*format, |printer| format.printer()(printer, at + 1..*end as usize, inner));
        let Ok(text) = String::from_utf8(self.out.split_off(start)) else {
            unreachable!("printers write whole characters")
        };
        // YAML and JSON under a guard have nothing left to expand, so this changes other formats only.
        match own {
            Guard::EnvValue => expand::escape(&text).into_owned(),
            Guard::None => text,
        }
    }
}
