//! What can be written as a value: [`IntoScalar`] for one, [`IntoWords`] for the words of a line, and
//! the small wrappers that say something about a value.
//!
//! Not here: where values go (`build.rs`). Start with the lists of implementations below.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;
use std::sync::Arc;

use platc_diag::{Origin, Sourced};

use super::{Doc, Event, Words};
use crate::expand::Guard;

/// What can stand as one scalar: text, numbers, booleans, [`Sourced`] values, `(value, Origin)`,
/// [`fmt::Arguments`] and the wrappers of this file.
pub trait IntoScalar {
    /// Writes itself, by one call of one method of `to`.
    fn write_scalar(&self, to: ScalarSlot<'_>);
}

/// What can stand as words of a line: a scalar is one word, a tuple, an array or an `Option` is the
/// words of its parts, in order.
pub trait IntoWords {
    /// Writes its words.
    fn write_words(&self, to: &mut Words<'_>);
}

/// Takes one scalar.
#[derive(Debug)]
pub struct ScalarSlot<'d> {
    doc: &'d mut Doc,
    origin: u32,
    guard: Guard,
}

/// Text that stands in our own source and is syntax of the format, not data: printed as it is, where a
/// word of data would be quoted or refused. `Fixed("$host")` in nginx, `Fixed("{$HOST_IP}")` in a
/// Corefile. It cannot be made from a name that an author wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fixed(pub &'static str);

/// Text of a Kubernetes environment variable, argument or command that must arrive as it is: see
/// [`Guard::EnvValue`]. What is meant to be expanded (`$(POD_NAME)`) is put without it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EnvText<T>(pub T);

/// The SHA-256 of the printed document, with this value empty; see [`Doc::print`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ContentHash;

/// Anything that can be displayed, as text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shown<T>(pub T);

/// A word `name=value`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prop<N, V>(pub N, pub V);

/// The words of each item of an iterator.
#[derive(Clone, Copy, Debug)]
pub struct Each<I>(pub I);

/// A sourced value that can be displayed, as text with its origin.
pub fn shown<T>(value: &Sourced<T>) -> Sourced<Shown<&T>> {
    value.as_ref().map(Shown)
}

impl<'d> ScalarSlot<'d> {
    pub(super) fn new(doc: &'d mut Doc) -> Self {
        let origin = doc.origin;
        Self { doc, origin, guard: Guard::None }
    }

    /// The same place, for a value that comes from `origin`.
    #[must_use]
    pub fn from(mut self, origin: Origin) -> Self {
        self.origin = self.doc.origin_number(origin);
        self
    }

    /// The same place, for text that must survive what `guard` names.
    #[must_use]
    pub fn guarded(mut self, guard: Guard) -> Self {
        self.guard = guard;
        self
    }

    /// Null.
    pub fn null(self) {
        self.doc.push(Event::Null { origin: self.origin });
    }

    /// A boolean.
    pub fn bool(self, value: bool) {
        self.doc.push(Event::Bool { origin: self.origin, value });
    }

    /// A whole number.
    pub fn int(self, value: i64) {
        self.doc.push(Event::Int { origin: self.origin, value });
    }

    /// A whole number without sign.
    pub fn uint(self, value: u64) {
        self.doc.push(Event::Uint { origin: self.origin, value });
    }

    /// A number with a fraction.
    pub fn float(self, value: f64) {
        self.doc.push(Event::Float { origin: self.origin, value });
    }

    /// Text.
    #[inline]
    pub fn text(self, value: &str) {
        let part = self.doc.push_text(value);
        self.doc.push(Event::Text { origin: self.origin, guard: self.guard, part });
    }

    /// Text that is put together in place.
    pub fn format(self, value: fmt::Arguments<'_>) {
        let part = self.doc.push_format(value);
        self.doc.push(Event::Text { origin: self.origin, guard: self.guard, part });
    }

    /// Syntax of the format; see [`Fixed`].
    pub fn fixed(self, value: &'static str) {
        self.doc.push_fixed(self.origin, value);
    }

    /// The hash of the document; see [`ContentHash`].
    pub fn content_hash(self) {
        self.doc.push(Event::ContentHash { origin: self.origin });
    }
}

/// Scalars that are also words.
macro_rules! scalars {
    ($($(#[$meta:meta])* [$($generics:tt)*] $type:ty: |$value:ident, $to:ident| $write:expr;)*) => {$(
        $(#[$meta])*
        impl<$($generics)*> IntoScalar for $type {
            #[inline]
            fn write_scalar(&self, $to: ScalarSlot<'_>) {
                let $value = self;
                $write;
            }
        }

        impl<$($generics)*> IntoWords for $type {
            fn write_words(&self, to: &mut Words<'_>) {
                to.word(self);
            }
        }
    )*};
}

scalars! {
    [] str: |value, to| to.text(value);
    [] String: |value, to| to.text(value);
    [] Box<str>: |value, to| to.text(value);
    [] Rc<str>: |value, to| to.text(value);
    [] Arc<str>: |value, to| to.text(value);
    [] Cow<'_, str>: |value, to| to.text(value);
    [] fmt::Arguments<'_>: |value, to| to.format(*value);
    [] bool: |value, to| to.bool(*value);
    [] i32: |value, to| to.int(i64::from(*value));
    [] i64: |value, to| to.int(*value);
    [] u8: |value, to| to.int(i64::from(*value));
    [] u16: |value, to| to.int(i64::from(*value));
    [] u32: |value, to| to.int(i64::from(*value));
    [] u64: |value, to| to.uint(*value);
    [] usize: |value, to| to.uint(*value as u64);
    [] f64: |value, to| to.float(*value);
    [] IpAddr: |value, to| to.format(format_args!("{value}"));
    [] Ipv4Addr: |value, to| to.format(format_args!("{value}"));
    [] Ipv6Addr: |value, to| to.format(format_args!("{value}"));
    [] Fixed: |value, to| to.fixed(value.0);
    [] ContentHash: |_value, to| to.content_hash();
    [T: fmt::Display] Shown<T>: |value, to| to.format(format_args!("{}", value.0));
    [T: IntoScalar] EnvText<T>: |value, to| value.0.write_scalar(to.guarded(Guard::EnvValue));
    [T: IntoScalar] Sourced<T>: |value, to| value.value.write_scalar(to.from(value.origin));
}

impl<T: IntoScalar + ?Sized> IntoScalar for &T {
    #[inline]
    fn write_scalar(&self, to: ScalarSlot<'_>) {
        (**self).write_scalar(to);
    }
}

/// In a line this would be two words: there, write `origin.of(value)`.
impl<T: IntoScalar> IntoScalar for (T, Origin) {
    fn write_scalar(&self, to: ScalarSlot<'_>) {
        self.0.write_scalar(to.from(self.1));
    }
}

impl<T: IntoWords + ?Sized> IntoWords for &T {
    fn write_words(&self, to: &mut Words<'_>) {
        (**self).write_words(to);
    }
}

impl<N: AsRef<str>, V: IntoScalar> IntoWords for Prop<N, V> {
    fn write_words(&self, to: &mut Words<'_>) {
        to.prop(self.0.as_ref(), &self.1);
    }
}

impl<T: IntoWords> IntoWords for Option<T> {
    fn write_words(&self, to: &mut Words<'_>) {
        self.iter().for_each(|words| words.write_words(to));
    }
}

impl<T: IntoWords> IntoWords for [T] {
    fn write_words(&self, to: &mut Words<'_>) {
        self.iter().for_each(|words| words.write_words(to));
    }
}

impl<T: IntoWords, const N: usize> IntoWords for [T; N] {
    fn write_words(&self, to: &mut Words<'_>) {
        self.as_slice().write_words(to);
    }
}

impl<T: IntoWords> IntoWords for Vec<T> {
    fn write_words(&self, to: &mut Words<'_>) {
        self.as_slice().write_words(to);
    }
}

impl<I: IntoIterator<Item = W> + Clone, W: IntoWords> IntoWords for Each<I> {
    fn write_words(&self, to: &mut Words<'_>) {
        self.0.clone().into_iter().for_each(|words| words.write_words(to));
    }
}

macro_rules! tuples {
    ($(($($part:ident)*))*) => {$(
        impl<$($part: IntoWords),*> IntoWords for ($($part,)*) {
            fn write_words(&self, to: &mut Words<'_>) {
                #[allow(non_snake_case, reason = "a type's name serves as its value's")]
                let ($($part,)*) = self;
                $($part.write_words(to);)*
            }
        }
    )*};
}

tuples! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
    (A B C D E F G H I) (A B C D E F G H I J) (A B C D E F G H I J K) (A B C D E F G H I J K L)
}
