//! [`Cx`]: all that a value's meaning can depend on, borrowed: the project, who is where, the types, the
//! items; and how a name is looked up in it.
//!
//! Not here: what an expression does with what it finds (`expr`).
//!
//! Start with [`Cx::declaration`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use platc_model::Text;
use platc_model::types::{RecordId, Types};
use platc_syntax::expr::Expr;

use crate::item::{Item, ItemId, Items, Scopes};
use crate::link::{Found, Index};
use crate::project::{NodeAt, Project, UnitId};
use crate::shapes::Named;

/// What a value's meaning can depend on.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    /// Trees.
    pub project: &'a Project,
    /// Templates, lets, types, by name.
    pub index: &'a Index,
    /// Types of kinds and of configs.
    pub types: &'a Types,
    /// The author's `type`s.
    pub user: &'a UserTypes,
    /// Declarations.
    pub items: &'a Items,
    /// Declarations, by name.
    pub names: &'a ItemNames,
    /// What names mean where.
    pub scopes: &'a Scopes,
    /// Files that declarations name.
    pub assets: &'a dyn Assets,
}

/// Files that declarations name: schemas, topologies, configs. Paths are from the file that names them.
pub trait Assets: Sync {
    /// The text of a file, and its number, so that findings can point into it.
    fn text(&self, from: platc_diag::FileId, path: &str) -> Result<(platc_diag::FileId, Arc<str>), String>;
}

/// No files: for who looks at what was read already.
#[derive(Clone, Copy, Debug)]
pub struct NoFiles;

impl Assets for NoFiles {
    fn text(&self, _: platc_diag::FileId, _: &str) -> Result<(platc_diag::FileId, Arc<str>), String> {
        Err("files are read before this, or after it".to_owned())
    }
}

/// The author's `type`s.
#[derive(Clone, Default, Debug)]
pub struct UserTypes {
    /// By the node that declares them.
    pub named: BTreeMap<NodeAt, Named>,
    /// Rules across fields, by record type.
    pub rules: BTreeMap<RecordId, Vec<Rule>>,
}

/// `check "…" message="…"`, read.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What must be true.
    pub expr: Expr,
    /// What is said when it is not.
    pub message: Text,
    /// What its names mean, beside the fields.
    pub unit: UnitId,
}

/// Declarations by name.
type ByName = BTreeMap<Text, Vec<(UnitId, ItemId)>>;

/// Declarations by kind and name.
#[derive(Clone, Default, Debug)]
pub struct ItemNames {
    by_kind: BTreeMap<&'static str, ByName>,
    /// Declarations of kinds whose names are unique, whatever their kind.
    any: ByName,
}

impl ItemNames {
    /// The names of all items.
    pub fn new(items: &Items, types: &Types) -> Self {
        let mut names = Self::default();
        for (id, item) in items.iter().filter(|(_, item)| !item.name.is_empty()) {
            let of_kind = names.by_kind.entry(item.kind).or_default();
            of_kind.entry(Text::clone(&item.name)).or_default().push((item.unit, id));
            if types.kind(item.kind).is_some_and(|kind| kind.unique) {
                names.any.entry(Text::clone(&item.name)).or_default().push((item.unit, id));
            }
        }
        names
    }

    /// The items of a kind under a name.
    pub fn of_kind(&self, kind: &str, name: &str) -> &[(UnitId, ItemId)] {
        self.by_kind.get(kind).and_then(|names| names.get(name)).map_or(&[], Vec::as_slice)
    }

    /// The names of a kind.
    pub fn names_of(&self, kind: &str) -> impl Iterator<Item = &str> + Clone {
        self.by_kind.get(kind).into_iter().flat_map(|names| names.keys()).map(|name| &**name)
    }

    /// All names that belong to one declaration each.
    pub fn all(&self) -> impl Iterator<Item = &str> + Clone {
        self.any.keys().map(|name| &**name)
    }
}

impl<'a> Cx<'a> {
    /// The declaration that `from` sees under a name, among those kinds.
    pub fn declaration(&self, kinds: &[Text], name: &str, from: UnitId) -> Found<ItemId> {
        let of_kinds = |name: &str| match kinds {
            [kind] => Cow::Borrowed(self.names.of_kind(kind, name)),
            _ => kinds.iter().flat_map(|kind| self.names.of_kind(kind, name)).copied().collect(),
        };
        self.index.find(self.project, &of_kinds, name, from)
    }

    /// The declaration that `from` sees under a name, of whatever kind.
    pub fn any_declaration(&self, name: &str, from: UnitId) -> Found<ItemId> {
        let all = |name: &str| self.names.any.get(name).map_or(Cow::Borrowed(&[][..]), Cow::from);
        match self.index.find(self.project, &all, name, from) {
            // A service and a secret of one name are two things; only the kind tells which is meant.
            Found::One(id) => {
                let own = self.names.any.get(name).into_iter().flatten().filter(|(unit, _)| *unit == from);
                let own = own.map(|(_, id)| *id);
                if own.clone().nth(1).is_some() { Found::Several(own.collect()) } else { Found::One(id) }
            }
            other => other,
        }
    }

    /// The item of that number.
    pub fn item(&self, id: ItemId) -> &'a Item {
        self.items.get(id)
    }

    /// The `let` that `from` sees under a name.
    pub fn binding(&self, name: &str, from: UnitId) -> Found<NodeAt> {
        self.index.find_in(self.project, &self.index.lets, name, from)
    }

    /// The type that `from` sees under a name.
    pub fn user_type(&self, name: &str, from: UnitId) -> Found<NodeAt> {
        self.index.find_in(self.project, &self.index.types, name, from)
    }

    /// Record type of a kind.
    pub fn record_of(&self, kind: &str) -> RecordId {
        match self.types.kind(kind) {
            Some(kind) => kind.record,
            None => unreachable!("an item's kind is one of stdlib/kinds"),
        }
    }
}
