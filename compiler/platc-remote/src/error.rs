//! What can go wrong on the way: the world outside, and what arrived.
//!
//! Not here: how it is drawn. Start at [`Error`].

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use platc_diag::Code;

/// The result of everything here that talks to a registry or a disk.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something did not come to be. Messages are lower case.
#[derive(Debug)]
pub enum Error {
    /// A reference that names nothing in a registry.
    Reference {
        /// What was written.
        text: String,
        /// What it lacks.
        reason: &'static str,
    },
    /// The network, or what the registry answered.
    Http {
        /// What was asked: `GET http://…`.
        request: String,
        /// Why there is no answer, or what it says.
        reason: String,
    },
    /// No TLS with the registry: its certificate, or what it speaks.
    Tls {
        /// The registry.
        registry: String,
        /// What does not hold.
        reason: String,
    },
    /// The registry wants another login, or one at all.
    Denied {
        /// The registry.
        registry: String,
        /// What it says.
        reason: String,
    },
    /// The registry has nothing of that name.
    NotFound {
        /// The reference.
        reference: String,
    },
    /// A build has no such part.
    NoPart {
        /// What was asked for.
        wanted: String,
        /// What there is.
        there: Vec<String>,
    },
    /// Docker's configuration, or one of its helpers, does not work.
    Credentials {
        /// The file or program.
        what: String,
        /// Why.
        reason: String,
    },
    /// A key cannot be used.
    Key {
        /// Its file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A signature did not come to be.
    Sign {
        /// Why.
        reason: String,
    },
    /// The disk refused.
    Io {
        /// What was being done: `write`.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The store refused.
    Store(platc_store::Error),
    /// What is there is not what it should be: a finding with a code.
    Refused(Refusal),
}

/// A finding on something that is no text of the author's: an image, a layer, a signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Its code.
    pub code: Code,
    /// What it is about: a reference, a file.
    pub subject: String,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub help: &'static str,
    /// The text of the subject and the bytes of it that are meant, where it is a text.
    pub source: Option<(String, Range<usize>)>,
}

impl Error {
    /// Whether trying again may help: the network, or a registry that is busy.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self, Self::Http { .. })
    }

    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}

impl From<platc_store::Error> for Error {
    fn from(error: platc_store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<platc_store::BadName> for Error {
    fn from(error: platc_store::BadName) -> Self {
        Self::Store(error.into())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reference { text, reason } => write!(f, "`{text}` names nothing in a registry: {reason}"),
            Self::Http { request, reason } => write!(f, "{request}: {reason}"),
            Self::Tls { registry, reason } => write!(f, "no TLS with `{registry}`: {reason}"),
            Self::Denied { registry, reason } => write!(f, "`{registry}` refuses: {reason}"),
            Self::NotFound { reference } => write!(f, "the registry has no `{reference}`"),
            Self::NoPart { wanted, there } => {
                write!(f, "the build has no {wanted}; it has {}", there.join(", "))
            }
            Self::Credentials { what, reason } => write!(f, "`{what}`: {reason}"),
            Self::Key { path, reason } => write!(f, "`{}` cannot sign: {reason}", path.display()),
            Self::Sign { reason } => write!(f, "nothing was signed: {reason}"),
            Self::Io { action, path, source } => write!(f, "cannot {action} `{}`: {source}", path.display()),
            Self::Store(error) => error.fmt(f),
            Self::Refused(refusal) => {
                write!(f, "{}: {}: {}", refusal.code.id(), refusal.subject, refusal.message)
            }
        }
    }
}

impl std::error::Error for Error {}
