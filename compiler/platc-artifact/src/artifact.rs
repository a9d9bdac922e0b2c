//! [`Artifact`]: one file of a build. Where it lies, what it is, whose it is, what must happen on its
//! machine when it changes, and its content: documents or fixed text.
//!
//! Not here: the manifest of a build and the store (`platc-store`, the driver). Hashing is the caller's.
//!
//! An artifact is used again for the next one, as its documents are: [`Artifact::begin`] keeps the
//! buffers. Start there.

use std::borrow::Cow;
use std::fmt;

use crate::doc::Doc;
use crate::path::ArtifactPath;
use crate::print::{Format, Reason, Refusal};

/// One file of a build.
#[derive(Clone, Debug, Default)]
pub struct Artifact {
    /// Where it lies in the build.
    pub path: ArtifactPath,
    /// What it is: `kubeadm-init`, `kubernetes-objects`, `systemd-unit`. Policies select by it.
    pub kind: &'static str,
    /// What it is for.
    pub target: Target,
    /// Permissions on its machine.
    pub mode: Mode,
    /// Owner on its machine.
    pub owner: Owner,
    /// What to do on its machine when it changes, in this order.
    pub on_change: Vec<OnChange>,
    format: Format,
    content: Content,
    /// Whether its documents are outlines.
    outline: bool,
    /// Documents, used and to be used again: the first `n_docs` are the content.
    docs: Vec<Doc>,
    n_docs: usize,
}

/// What an artifact is for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Target {
    /// The platform as a whole: inventories, playbooks.
    #[default]
    Platform,
    /// A cluster, by name.
    Cluster(String),
    /// A host, by name.
    Host(String),
}

/// Permissions of a file: the nine bits that `chmod` takes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mode(u16);

/// Owner and group of a file, by name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Owner {
    /// User.
    pub user: &'static str,
    /// Group.
    pub group: &'static str,
}

/// What to do on a machine when a file on it changes. `Display` gives the form of the `MANIFEST`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OnChange {
    /// Restart a service: `restart:kubelet`.
    Restart(Cow<'static, str>),
    /// Let a service read its configuration again: `reload:haproxy`.
    Reload(Cow<'static, str>),
    /// Run a command of ours: `run:sysctl --system`.
    Run(&'static str),
    /// Nothing short of a reboot applies it: `reboot`.
    Reboot,
}

#[derive(Clone, Debug, Default)]
enum Content {
    #[default]
    Docs,
    Text(Cow<'static, str>),
}

impl Artifact {
    /// An artifact without content; [`Artifact::begin`] makes it one of a build.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes it the artifact at `path`: mode 0644, root's, nothing to do on change, no content yet. The
    /// buffers of the last one stay.
    pub fn begin(&mut self, path: ArtifactPath, kind: &'static str, target: Target) {
        self.path = path;
        self.kind = kind;
        self.target = target;
        self.mode = Mode::default();
        self.owner = Owner::default();
        self.on_change.clear();
        self.content = Content::Docs;
        self.outline = false;
        self.n_docs = 0;
    }

    /// Its documents are for who looks at what is around embedded documents: these are left empty, so nothing can
    /// be printed.
    pub fn outline(&mut self) {
        self.outline = true;
    }

    /// The content is one document in `format`: this one, empty. A second call is for the next document of
    /// a stream, which YAML has.
    pub fn doc(&mut self, format: Format) -> &mut Doc {
        self.format = format;
        self.content = Content::Docs;
        let at = self.n_docs;
        self.n_docs += 1;
        if self.docs.len() == at {
            self.docs.push(Doc::new());
        }
        match self.docs.get_mut(at) {
            Some(doc) => {
                doc.clear();
                doc.outline = self.outline;
                doc
            }
            None => unreachable!("the document was added above"),
        }
    }

    /// The content is fixed text: a script that reads its parameters from a file beside it.
    pub fn text(&mut self, text: impl Into<Cow<'static, str>>) {
        self.content = Content::Text(text.into());
        self.n_docs = 0;
    }

    /// What it is apart from its documents, whose buffers stay for the next one.
    #[must_use]
    pub fn without_docs(&mut self) -> Self {
        let docs = std::mem::take(&mut self.docs);
        let rest = std::mem::replace(self, Self { docs, ..Self::new() });
        Self { n_docs: 0, ..rest }
    }

    /// The documents of the content, in order; none if it is text.
    pub fn docs(&self) -> &[Doc] {
        self.docs.get(..self.n_docs).unwrap_or_default()
    }

    /// The fixed text of the content, if it is that.
    pub fn fixed_text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            Content::Docs => None,
        }
    }

    /// The format of the documents.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Appends the content to `out`, which keeps its length if something cannot be said.
    ///
    /// `sha256` is asked for the hash of each document that wants it ([`ContentHash`](crate::ContentHash))
    /// as soon as it is printed; it hashes the pieces in order.
    pub fn print(
        &self,
        out: &mut Vec<u8>,
        mut sha256: impl FnMut([&[u8]; 2]) -> [u8; 32],
    ) -> Result<(), DocRefusal> {
        if let Content::Text(text) = &self.content {
            out.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        let start = out.len();
        for (nth, doc) in self.docs().iter().enumerate() {
            if let Err(refusal) = self.print_doc(nth, doc, out, &mut sha256) {
                out.truncate(start);
                return Err(DocRefusal { doc: nth, refusal });
            }
        }
        Ok(())
    }

    fn print_doc(
        &self,
        nth: usize,
        doc: &Doc,
        out: &mut Vec<u8>,
        sha256: &mut impl FnMut([&[u8]; 2]) -> [u8; 32],
    ) -> Result<(), Refusal> {
        if nth > 0 {
            if self.format != Format::Yaml {
                let origin = doc.origin_at("");
                return Err(Refusal {
                    pointer: String::new(),
                    origin,
                    format: self.format,
                    reason: Reason::NoStream,
                });
            }
            out.extend_from_slice(b"---\n");
        }
        if let Some(place) = doc.print(self.format, out)? {
            let hash = sha256(place.pieces(out));
            place.place(out, &hash);
        }
        Ok(())
    }
}

/// What cannot be said in an artifact, and in which of its documents.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DocRefusal {
    /// Number of the document in the artifact, from 0.
    pub doc: usize,
    /// What, and where in it.
    pub refusal: Refusal,
}

impl fmt::Display for DocRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.doc {
            0 => write!(f, "{}", self.refusal),
            nth => write!(f, "document {}: {}", nth + 1, self.refusal),
        }
    }
}

impl std::error::Error for DocRefusal {}

impl Mode {
    /// Everybody may read it.
    pub const FILE: Self = Self(0o644);
    /// Everybody may run it.
    pub const SCRIPT: Self = Self(0o755);
    /// Its owner may read it: keys, tokens, and what netplan demands.
    pub const PRIVATE: Self = Self(0o600);

    /// The permissions `bits`, if they are no more than the nine that `chmod` takes: an artifact is never
    /// setuid.
    pub const fn new(bits: u16) -> Option<Self> {
        if bits <= 0o777 { Some(Self(bits)) } else { None }
    }

    /// The bits.
    pub const fn bits(self) -> u16 {
        self.0
    }
}

impl Default for Mode {
    fn default() -> Self {
        Self::FILE
    }
}

/// Four octal digits, as in a manifest: `0644`.
impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

impl fmt::Debug for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Owner {
    /// The superuser.
    pub const ROOT: Self = Self { user: "root", group: "root" };
}

impl Default for Owner {
    fn default() -> Self {
        Self::ROOT
    }
}

/// `root:root`.
impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.user, self.group)
    }
}

impl fmt::Display for OnChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Restart(service) => write!(f, "restart:{service}"),
            Self::Reload(service) => write!(f, "reload:{service}"),
            Self::Run(command) => write!(f, "run:{command}"),
            Self::Reboot => f.write_str("reboot"),
        }
    }
}

impl Target {
    /// `platform`, `cluster` or `host`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Cluster(_) => "cluster",
            Self::Host(_) => "host",
        }
    }

    /// The name of the cluster or the host.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Platform => None,
            Self::Cluster(name) | Self::Host(name) => Some(name),
        }
    }
}
