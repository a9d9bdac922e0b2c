//! [`Item`]: a declaration with everything that is said about it, from wherever; and [`Scope`]: what
//! names mean at a place of the source.
//!
//! Not here: how items are found (`expand`) and what becomes of them (`check`).
//!
//! Start with [`Items`].

use std::collections::BTreeMap;

use platc_diag::Span;
use platc_model::{Text, Value};

use crate::level::Level;
use crate::project::{NodeAt, UnitId};

/// Names an item of one expansion. Ordered by kind, then name: the order of files does not show.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ItemId(pub u32);

/// A declaration of a kind.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its kind.
    pub kind: &'static str,
    /// Its name; empty for a kind without names.
    pub name: Text,
    /// Where its name is written.
    pub name_span: Span,
    /// Who declares it.
    pub unit: UnitId,
    /// The node that it is declared as: its own, or the use of a template.
    pub node: NodeAt,
    /// The source in which the statement stands that made it; its directory has the defaults.
    pub home: u32,
    /// The item that it is declared in.
    pub parent: Option<ItemId>,
    /// What is said about it, lowest level first.
    pub layers: Vec<Layer>,
}

/// A node that says something about an item.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layer {
    /// The node.
    pub node: NodeAt,
    /// So many of its arguments mean something else: the kind in `amend`, the name.
    pub skip: u16,
    /// What its names mean.
    pub scope: ScopeId,
    /// How much it weighs.
    pub level: Level,
    /// The template's scope, if the node is the use of a template: what is a parameter is no field.
    pub params_of: Option<ScopeId>,
    /// Whether fields that the kind does not have are passed over: `defaults workload` speaks to many.
    pub lenient: bool,
}

/// Names a scope of one expansion.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ScopeId(pub u32);

/// What names mean at a place of the source, beside declarations.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Where what is not found here is looked up.
    pub parent: Option<ScopeId>,
    /// Whose declarations are seen.
    pub unit: UnitId,
    /// Names of `for`.
    pub variables: Vec<(Text, Value)>,
    /// Parameters, of a template or library; `None` in scopes that only add variables.
    pub params: Option<BTreeMap<Text, Param>>,
    /// Name of the use of the template, which is `self.name` while names are made.
    pub use_name: Option<Text>,
}

/// A parameter as it is given.
#[derive(Clone, Debug)]
pub struct Param {
    /// The `param` node.
    pub declared: NodeAt,
    /// What is given for it; `None` if its default counts.
    pub given: Option<Given>,
}

/// Where the value of a parameter is written.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    /// The node that gives it: the use of a template, a child of it, or of an `import`.
    pub node: NodeAt,
    /// Whether it is a property of that node, else the node's arguments.
    pub property: bool,
    /// What its names mean.
    pub scope: ScopeId,
}

/// All items of a platform, in order.
#[derive(Clone, Default, Debug)]
pub struct Items {
    items: Vec<Item>,
    /// First item of each kind, and how many.
    kinds: BTreeMap<&'static str, (u32, u32)>,
}

impl Items {
    /// Puts items into the order of `rank`s, then of names, then of places.
    pub fn new(items: Vec<Item>, rank: impl Fn(&Item) -> usize) -> Self {
        let mut numbered: Vec<(usize, u32, Item)> =
            (0_u32..).zip(items).map(|(number, item)| (rank(&item), number, item)).collect();
        numbered.sort_by(|(rank_a, _, a), (rank_b, _, b)| {
            (rank_a, &a.name, a.name_span).cmp(&(rank_b, &b.name, b.name_span))
        });
        let mut went = vec![ItemId(0); numbered.len()];
        for (new, (_, old, _)) in (0_u32..).zip(&numbered) {
            if let Some(slot) = went.get_mut(*old as usize) {
                *slot = ItemId(new);
            }
        }
        let mut kinds: BTreeMap<&'static str, (u32, u32)> = BTreeMap::new();
        let mut sorted = Vec::with_capacity(numbered.len());
        for (index, (_, _, mut item)) in (0_u32..).zip(numbered) {
            item.parent = item.parent.and_then(|parent| went.get(parent.0 as usize).copied());
            kinds.entry(item.kind).or_insert((index, 0)).1 += 1;
            sorted.push(item);
        }
        Self { items: sorted, kinds }
    }

    /// The item of that number.
    pub fn get(&self, id: ItemId) -> &Item {
        match self.items.get(id.0 as usize) {
            Some(item) => item,
            None => unreachable!("an ItemId comes from the Items that it is used with"),
        }
    }

    /// All items with their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (ItemId, &Item)> + Clone {
        self.items
            .iter()
            .enumerate()
            .map(|(index, item)| (ItemId(u32::try_from(index).unwrap_or(u32::MAX)), item))
    }

    /// Items of a kind, by name.
    pub fn of_kind(&self, kind: &str) -> impl ExactSizeIterator<Item = (ItemId, &Item)> + Clone {
        let (first, count) = self.kinds.get(kind).copied().unwrap_or((0, 0));
        let range = first as usize..(first + count) as usize;
        let items = self.items.get(range).unwrap_or(&[]);
        items.iter().enumerate().map(move |(at, item)| (ItemId(first + u32::try_from(at).unwrap_or(0)), item))
    }

    /// Place of an item among those of its kind.
    pub fn index_in_kind(&self, id: ItemId) -> u32 {
        let first = self.kinds.get(self.get(id).kind).map_or(0, |(first, _)| *first);
        id.0.saturating_sub(first)
    }

    /// The `index`-th item of a kind.
    pub fn at(&self, kind: &str, index: u32) -> Option<ItemId> {
        let (first, count) = self.kinds.get(kind).copied()?;
        (index < count).then_some(ItemId(first + index))
    }

    /// The only item of a kind, or `None` if there is none or more than one.
    pub fn only(&self, kind: &str) -> Option<ItemId> {
        let (first, count) = self.kinds.get(kind).copied()?;
        (count == 1).then_some(ItemId(first))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

/// All scopes of an expansion.
#[derive(Clone, Default, Debug)]
pub struct Scopes {
    scopes: Vec<Scope>,
}

impl Scopes {
    /// Adds a scope.
    pub fn add(&mut self, scope: Scope) -> ScopeId {
        let id = ScopeId(u32::try_from(self.scopes.len()).unwrap_or(u32::MAX));
        self.scopes.push(scope);
        id
    }

    /// The scope of that number.
    pub fn get(&self, id: ScopeId) -> &Scope {
        match self.scopes.get(id.0 as usize) {
            Some(scope) => scope,
            None => unreachable!("a ScopeId comes from the Scopes that it is used with"),
        }
    }

    /// All scopes that have parameters, with them.
    pub fn with_params(&self) -> impl Iterator<Item = (ScopeId, &BTreeMap<Text, Param>)> {
        let numbered = (0_u32..).map(ScopeId).zip(&self.scopes);
        numbered.filter_map(|(id, scope)| Some((id, scope.params.as_ref()?)))
    }

    /// All scopes of loops, with their variables.
    pub fn with_variables(&self) -> impl Iterator<Item = (ScopeId, &[(Text, Value)])> {
        let numbered = (0_u32..).map(ScopeId).zip(&self.scopes);
        let variables = numbered.map(|(id, scope)| (id, scope.variables.as_slice()));
        variables.filter(|(_, variables)| !variables.is_empty())
    }

    /// The scope and those around it, from the inside out.
    pub fn chain(&self, id: ScopeId) -> impl Iterator<Item = (ScopeId, &Scope)> {
        std::iter::successors(Some((id, self.get(id))), |(_, scope)| {
            scope.parent.map(|parent| (parent, self.get(parent)))
        })
    }

    /// Puts the parameters of a library into its scope, once they are known.
    pub fn set_params(&mut self, id: ScopeId, params: BTreeMap<Text, Param>) {
        if let Some(scope) = self.scopes.get_mut(id.0 as usize) {
            scope.params = Some(params);
        }
    }
}
