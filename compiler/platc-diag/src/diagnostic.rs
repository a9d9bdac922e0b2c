//! [`Diagnostic`]: one finding, as data. Terminal, editor, JSON and SARIF are all made from this.

use std::sync::Arc;

use crate::{Code, CodeRef, Level, Span};

/// One finding: a code, a place in the author's source, what is the matter and the way out.
///
/// Boxed inside, so that a `Vec` of problems and a `Result` with one in it stay small.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    inner: Box<Inner>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Inner {
    code: CodeRef,
    level: Level,
    message: String,
    primary: Label,
    related: Vec<Label>,
    help: Option<String>,
    notes: Vec<String>,
    fixes: Vec<Fix>,
    subject: Option<Arc<str>>,
}

/// A place with what is to be said about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is said beside the underline; empty for the underline alone.
    pub text: String,
}

/// How sure a fix is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Safety {
    /// Does what the author meant; `check --fix` applies it.
    Safe,
    /// A guess; editors offer it, nothing applies it unasked.
    Suggestion,
}

/// A change of the source that resolves a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What it does, in the imperative: ``rename to `kafka` ``.
    pub title: String,
    /// Replacements; they do not overlap.
    pub edits: Vec<Edit>,
    /// Whether it may be applied unasked.
    pub safety: Safety,
}

/// One replacement of text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What is replaced; an empty span inserts.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// The list that each phase returns beside its value.
pub type Problems = Vec<Diagnostic>;

impl Diagnostic {
    /// A finding of the code's own level. `message` is lower case, has no full stop, and puts the
    /// author's text in backticks.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::with_code(CodeRef::Own(code), code.level(), span, message)
    }

    /// A finding of a policy, whose rules are not in our table.
    pub fn of_policy(
        rule: impl Into<Arc<str>>,
        level: Level,
        span: Span,
        message: impl Into<String>,
    ) -> Self {
        Self::with_code(CodeRef::Policy(rule.into()), level, span, message)
    }

    fn with_code(code: CodeRef, level: Level, span: Span, message: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner {
                code,
                level,
                message: message.into(),
                primary: Label { span, text: String::new() },
                related: Vec::new(),
                help: None,
                notes: Vec::new(),
                fixes: Vec::new(),
                subject: None,
            }),
        }
    }

    /// Says something beside the underline of the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.inner.primary.text = text.into();
        self
    }

    /// Shows another place.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.inner.related.push(Label { span, text: text.into() });
        self
    }

    /// Says the way out. A second call adds a line.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        match &mut self.inner.help {
            Some(help) => {
                help.push('\n');
                help.push_str(&text);
            }
            none => *none = Some(text),
        }
        self
    }

    /// [`Diagnostic::help`], if there is something to say.
    #[must_use]
    pub fn maybe_help(self, text: Option<String>) -> Self {
        match text {
            Some(text) => self.help(text),
            None => self,
        }
    }

    /// Adds background: figures, a chain, where a rule comes from.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.inner.notes.push(text.into());
        self
    }

    /// Adds a change that resolves it.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.inner.fixes.push(fix);
        self
    }

    /// Names the thing that it is about, so that `allow … on=NAME` can find it.
    #[must_use]
    pub fn about(mut self, subject: impl Into<Arc<str>>) -> Self {
        self.inner.subject = Some(subject.into());
        self
    }

    /// The same finding at another level: a platform may say how serious a rule is.
    #[must_use]
    pub fn at_level(mut self, level: Level) -> Self {
        self.inner.level = level;
        self
    }

    /// The code.
    pub fn code(&self) -> &CodeRef {
        &self.inner.code
    }

    /// How serious it is.
    pub fn level(&self) -> Level {
        self.inner.level
    }

    /// What is the matter.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// Where.
    pub fn span(&self) -> Span {
        self.inner.primary.span
    }

    /// Where, with what is said there.
    pub fn primary(&self) -> &Label {
        &self.inner.primary
    }

    /// Other places.
    pub fn related_labels(&self) -> &[Label] {
        &self.inner.related
    }

    /// The way out.
    pub fn help_text(&self) -> Option<&str> {
        self.inner.help.as_deref()
    }

    /// Background.
    pub fn notes(&self) -> &[String] {
        &self.inner.notes
    }

    /// Changes that resolve it.
    pub fn fixes(&self) -> &[Fix] {
        &self.inner.fixes
    }

    /// The name of the thing that it is about.
    pub fn subject(&self) -> Option<&str> {
        self.inner.subject.as_deref()
    }

    /// Whether it stops a build.
    pub fn is_error(&self) -> bool {
        self.inner.level == Level::Error
    }

    /// Order of a report: by place, then the serious first, then by code and words. Total, so that
    /// threads cannot show in it.
    pub fn report_order(&self, other: &Self) -> std::cmp::Ordering {
        let key = |d: &Self| (d.span().file, d.span().start, d.span().end);
        key(self)
            .cmp(&key(other))
            .then_with(|| self.level().cmp(&other.level()))
            .then_with(|| self.code().id().cmp(other.code().id()))
            .then_with(|| self.message().cmp(other.message()))
    }
}
