//! Declarations as the model holds them: with their names and places, and the records that they were
//! read from.

use std::sync::Arc;

use platc_diag::Span;

use crate::ids::{Id, Items, Kind};
use crate::read::FromRecord;
use crate::value::{Record, Ref, Text};

/// A declaration that is the same everywhere.
#[derive(Clone, Debug)]
pub struct Declared<T> {
    /// Who it is.
    pub head: Head,
    /// Its fields.
    pub value: T,
    /// Its fields, by name.
    pub record: Arc<Record>,
}

/// A declaration that may be something else at each place of kind `P`.
#[derive(Clone, Debug)]
pub struct AtPlaces<T, P> {
    /// Who it is.
    pub head: Head,
    /// What it is at each of its places, in the order of the places' names.
    pub at: Vec<AtPlace<T, P>>,
}

/// A declaration at one of its places.
#[derive(Clone, Debug)]
pub struct AtPlace<T, P> {
    /// The place.
    pub place: Id<P>,
    /// Its fields there.
    pub value: T,
    /// Its fields there, by name.
    pub record: Arc<Record>,
}

/// Who a declaration is.
#[derive(Clone, PartialEq, Debug)]
pub struct Head {
    /// Its name; empty for kinds without names.
    pub name: Text,
    /// Where its name is written.
    pub span: Span,
    /// What it is declared in.
    pub parent: Option<Ref>,
    /// The library that declares it; `None` for the platform itself.
    pub library: Option<Text>,
    /// The text above it.
    pub doc: Option<Text>,
}

/// Where declarations are read from: the checker's side of the model.
pub trait Records {
    /// All of a kind without places.
    fn declared<T: Kind + FromRecord>(&self) -> Items<T, Declared<T>>;

    /// All of a kind whose places are of kind `P`.
    fn at_places<T: Kind + FromRecord, P: Kind>(&self) -> Items<T, AtPlaces<T, P>>;
}

impl<T, P> AtPlaces<T, P> {
    /// What it is at a place, if it is there.
    pub fn at(&self, place: Id<P>) -> Option<&AtPlace<T, P>> {
        self.at.iter().find(|at| at.place == place)
    }
}

impl<T, P> AtPlace<T, P> {
    /// A declaration at a place.
    pub fn new(place: Id<P>, value: T, record: Arc<Record>) -> Self {
        Self { place, value, record }
    }
}
