//! [`Id`]: which declaration of a kind; [`Items`]: the declarations of a kind, in the order of their
//! names, whatever files they stand in.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// A kind that has a struct.
pub trait Kind {
    /// Its name in the language.
    const NAME: &'static str;
}

/// Which declaration of kind `K`. Order and equality are those of the declarations' names.
pub struct Id<K> {
    index: u32,
    kind: PhantomData<fn() -> K>,
}

/// Values by [`Id`].
#[derive(Clone, Debug)]
pub struct Items<K, T> {
    values: Vec<T>,
    kind: PhantomData<fn() -> K>,
}

impl<K> Id<K> {
    /// The `index`-th by name.
    pub const fn new(index: u32) -> Self {
        Self { index, kind: PhantomData }
    }

    /// Place among its kind, by name.
    pub const fn index(self) -> u32 {
        self.index
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.index.cmp(&other.index)
    }
}

impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.index.hash(state);
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.index)
    }
}

impl<K, T> Items<K, T> {
    /// Values in the order of their ids.
    pub const fn new(values: Vec<T>) -> Self {
        Self { values, kind: PhantomData }
    }

    /// The value of `id`, which is of the same model.
    ///
    /// # Panics
    /// If it is not: ids come from the model, so there always is one.
    pub fn at(&self, id: Id<K>) -> &T {
        match self.get(id) {
            Some(value) => value,
            None => unreachable!("an id comes from the model that it is used with"),
        }
    }

    /// The value of `id`, if there is one.
    pub fn get(&self, id: Id<K>) -> Option<&T> {
        self.values.get(id.index as usize)
    }

    /// Mutable, for passes that fill in.
    pub fn get_mut(&mut self, id: Id<K>) -> Option<&mut T> {
        self.values.get_mut(id.index as usize)
    }

    /// Values with their ids, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Id<K>, &T)> + Clone {
        self.values.iter().enumerate().map(|(index, value)| (Id::new(narrow(index)), value))
    }

    /// All ids, in order.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = Id<K>> + Clone + use<K, T> {
        (0..narrow(self.values.len())).map(Id::new)
    }

    /// Values in order.
    pub fn values(&self) -> std::slice::Iter<'_, T> {
        self.values.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

impl<K, T> Default for Items<K, T> {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}
