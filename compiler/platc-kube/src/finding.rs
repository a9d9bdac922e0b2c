//! [`Finding`]: what is wrong and where in the document. The caller knows which line of source that is.

use platc_diag::{Code, Diagnostic, Span};

/// Something wrong with a document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Its code.
    pub code: Code,
    /// Where, as a JSON pointer (RFC 6901) into the document. What is missing has the pointer that it
    /// would have: underline the nearest value above that there is.
    pub pointer: String,
    /// Whether the key is meant or the value.
    pub place: Place,
    /// What is the matter: lower case, no full stop, the author's text in backticks.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
}

/// What of an entry is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The key.
    Key,
    /// The value.
    Value,
}

impl Finding {
    /// A finding about a value.
    pub(crate) fn new(code: Code, pointer: String, message: String) -> Self {
        Self { code, pointer, place: Place::Value, message, help: None }
    }

    #[must_use]
    pub(crate) fn on_key(mut self) -> Self {
        self.place = Place::Key;
        self
    }

    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    #[must_use]
    pub(crate) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// The finding at a place of the author's source.
    pub fn into_diagnostic(self, span: Span) -> Diagnostic {
        let at = if self.pointer.is_empty() { String::from("the document") } else { self.pointer };
        Diagnostic::new(self.code, span, self.message).label(at).maybe_help(self.help)
    }
}
