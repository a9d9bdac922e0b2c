//! [`Origin`]: where a value comes from. Every value of a model, a plan and a document carries one, so
//! that a policy which objects to a field of a rendered Deployment underlines a line of KDL.
//!
//! Not here: what the rules are. Each crate that decides something declares its own with [`rules!`].
//!
//! Start with [`Origin::why`].
//!
//! [`rules!`]: crate::rules

use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock};

use crate::{FileId, Span};

/// Where a value comes from: a place in the author's source, and whether it was written there or
/// decided by a rule because of what is written there. Or nothing is known.
///
/// Sixteen bytes and `Copy`: a thousand services make a million of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin {
    span: Span,
    /// Number of the deciding rule in [`DECLARED`], from 1; 0 for what was written.
    rule: u32,
}

const _: () = assert!(size_of::<Origin>() == 16);

/// Why a value is what it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// Nobody said: a document of a test, or a value that no source mentions.
    Unknown,
    /// It stands in the source.
    Written,
    /// A rule decided it, because of the place that [`Origin::span`] gives.
    Decided(&'static Rule),
}

/// A rule that decides values. Declared with [`rules!`](crate::rules), one `static` each.
pub struct Rule {
    name: &'static str,
    sentence: &'static str,
    /// Number in [`DECLARED`], from 1; 0 until the first value is decided by it.
    number: AtomicU32,
}

/// A value and where it comes from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

/// The rules that have decided something so far, in the order in which they first did. The order
/// depends on threads, so the numbers never leave this file: rules are shown by name.
static DECLARED: RwLock<Vec<&'static Rule>> = RwLock::new(Vec::new());

impl Origin {
    /// No source is known.
    pub const NONE: Self = Self { span: Span::new(FileId(u32::MAX), 0, 0), rule: 0 };

    /// The value stands in the source at `span`.
    pub const fn written(span: Span) -> Self {
        Self { span, rule: 0 }
    }

    /// `rule` decided the value because of what stands at `because`.
    pub fn decided(rule: &'static Rule, because: Span) -> Self {
        Self { span: because, rule: rule.number() }
    }

    /// Where a value comes from that `rule` decided because of a value of this origin.
    #[must_use]
    pub fn decided_by(self, rule: &'static Rule) -> Self {
        Self { span: self.span, rule: rule.number() }
    }

    /// A value with this origin.
    pub const fn of<T>(self, value: T) -> Sourced<T> {
        Sourced { value, origin: self }
    }

    /// Whether anything is known.
    pub fn is_known(self) -> bool {
        self.span.file != Self::NONE.span.file
    }

    /// The place to underline, if any is known.
    pub fn span(self) -> Option<Span> {
        self.is_known().then_some(self.span)
    }

    /// Why the value is what it is.
    pub fn why(self) -> Why {
        let declared = DECLARED.read().unwrap_or_else(PoisonError::into_inner);
        let index = usize::try_from(self.rule).unwrap_or(usize::MAX);
        match index.checked_sub(1).and_then(|index| declared.get(index)) {
            Some(rule) => Why::Decided(rule),
            None if self.is_known() => Why::Written,
            None => Why::Unknown,
        }
    }
}

impl Default for Origin {
    fn default() -> Self {
        Self::NONE
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.why() {
            Why::Unknown => write!(f, "unknown"),
            Why::Written => write!(f, "written at {:?}", self.span),
            Why::Decided(rule) => write!(f, "decided by {} because of {:?}", rule.name(), self.span()),
        }
    }
}

impl Rule {
    /// A rule; called by [`rules!`](crate::rules), which also puts it into the crate's list.
    pub const fn new(name: &'static str, sentence: &'static str) -> Self {
        Self { name, sentence, number: AtomicU32::new(0) }
    }

    /// Its name: `lowest-free-pod-range`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it does, in one sentence.
    pub const fn sentence(&self) -> &'static str {
        self.sentence
    }

    fn number(&'static self) -> u32 {
        match self.number.load(Ordering::Acquire) {
            0 => self.declare(),
            number => number,
        }
    }

    /// Gives the rule its number, once, whoever comes first.
    #[cold]
    fn declare(&'static self) -> u32 {
        let mut declared = DECLARED.write().unwrap_or_else(PoisonError::into_inner);
        let known = self.number.load(Ordering::Acquire);
        if known != 0 {
            return known;
        }
        declared.push(self);
        let number = u32::try_from(declared.len()).unwrap_or(u32::MAX);
        self.number.store(number, Ordering::Release);
        number
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Rule {}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl<T> Sourced<T> {
    /// `value`, which comes from `origin`.
    pub const fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// The same, borrowed.
    pub const fn as_ref(&self) -> Sourced<&T> {
        Sourced { value: &self.value, origin: self.origin }
    }

    /// Another value with the same origin.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced { value: make(self.value), origin: self.origin }
    }
}

impl<T> Deref for Sourced<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Declares rules that decide values: a `static` each, and `RULES`, the list of them all for
/// documentation and tests.
///
/// ```
/// platc_diag::rules! {
///     POD_RANGE "lowest-free-pod-range": "A host gets the lowest range of its cluster that no host has.";
/// }
/// assert_eq!(RULES[0].name(), "lowest-free-pod-range");
/// ```
#[macro_export]
macro_rules! rules {
    ($($rule:ident $name:literal: $sentence:literal;)*) => {
        $(
            #[doc = $sentence]
            #[allow(unreachable_pub, reason = "the module that declares a rule may be private")]
            pub static $rule: $crate::Rule = $crate::Rule::new($name, $sentence);
        )*
        /// The rules of this module, in the order of the table.
        #[allow(unreachable_pub, reason = "the module that declares rules may be private")]
        pub static RULES: &[&$crate::Rule] = &[$(&$rule),*];
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    rules! {
        FIRST "first": "The first of two.";
        SECOND "second": "The second of two.";
    }

    #[test]
    fn an_origin_says_where_and_why() {
        let span = Span::new(FileId(3), 10, 20);
        assert_eq!(Origin::written(span).why(), Why::Written);
        assert_eq!(Origin::written(span).span(), Some(span));
        assert_eq!(Origin::NONE.why(), Why::Unknown);
        assert_eq!(Origin::NONE.span(), None);

        let second = Origin::decided(&SECOND, span);
        let first = Origin::written(span).decided_by(&FIRST);
        assert_eq!(second.why(), Why::Decided(&SECOND));
        assert_eq!(first.why(), Why::Decided(&FIRST));
        assert_ne!(first, second);
        assert_eq!(first, Origin::decided(&FIRST, span), "a rule keeps its number");
        assert_eq!(RULES.len(), 2);
    }

    #[test]
    fn a_rule_first_used_by_many_threads_at_once_has_one_number() {
        rules! { SHARED "shared": "Used by all threads at once."; }
        let span = Span::new(FileId(0), 0, 1);
        let origins: Vec<Origin> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| Origin::decided(&SHARED, span))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(origins.iter().all(|origin| *origin == origins[0]));
        assert_eq!(origins[0].why(), Why::Decided(RULES[0]));
    }

    #[test]
    fn a_sourced_value_reads_like_the_value() {
        let name = Origin::NONE.of(String::from("ingest"));
        assert_eq!(name.len(), 6);
        assert_eq!(name.as_ref().map(String::len).value, 6);
    }
}
