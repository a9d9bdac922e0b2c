//! [`Memo`]: what was checked the last time, taken over where nothing that it depends on has changed. An editor
//! checks a platform at each key, and a key changes one declaration.
//!
//! An item's check depends on what is said about it, on the file whose statement made it, and on what all items
//! share, [`Environment`]: which names there are, and what lets, templates, parameters and types say. Only what
//! has no finding is kept, because a finding may speak of other places; and nothing that read a file.
//!
//! Values at places are kept where working them out asked for nothing but the item itself.
//!
//! Start with [`Memo::begin`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use platc_diag::{FileId, Span};
use platc_model::{Record, Text};
use platc_syntax::{Node, Tree};

use crate::check::Variant;
use crate::cx::{Assets, Cx};
use crate::expr::Place;
use crate::item::{Item, ItemId, Layer, ScopeId};
use crate::link::Names;
use crate::project::{NodeAt, UnitId};

/// What was checked the last time.
#[derive(Default, Debug)]
pub struct Memo {
    environment: Environment,
    /// By source.
    trees: Vec<Arc<Tree>>,
    /// By item.
    items: Vec<Option<Kept>>,
    /// Values, by item and place.
    values: BTreeMap<(ItemId, Option<ItemId>), Value>,
}

/// The values of an item at a place, which depend on nothing else.
#[derive(Debug)]
struct Value {
    variant: Variant,
    place: Place,
    record: Arc<Record>,
}

/// What all items share.
#[derive(PartialEq, Default, Debug)]
struct Environment {
    sources: Vec<(FileId, UnitId, Text)>,
    sees: Vec<Vec<UnitId>>,
    /// Declarations in their order; their numbers are references.
    names: Vec<(&'static str, Text, UnitId)>,
    /// Ports of what is stateful are names that the author gives: `kafka.plain`.
    ports: Vec<(ItemId, String)>,
    /// What can be looked into from elsewhere, where and as it is written.
    shared: Vec<(NodeAt, Span, String)>,
    /// What loops go over, by scope.
    loops: Vec<(ScopeId, Vec<(Text, platc_model::Value)>)>,
}

/// An item that was checked without a finding.
#[derive(Debug)]
struct Kept {
    layers: Vec<Layer>,
    home: u32,
    variant: Variant,
}

/// What may be taken over this time.
pub(crate) struct Usable<'m> {
    items: &'m [Option<Kept>],
    /// By source.
    unchanged: Vec<bool>,
}

impl Memo {
    /// Compares the world with the last one. What is not usable is forgotten.
    pub(crate) fn begin(&mut self, cx: Cx<'_>) -> Usable<'_> {
        let environment = Environment::of(cx);
        let trees: Vec<Arc<Tree>> =
            cx.project.sources.iter().map(|source| Arc::clone(&source.tree)).collect();
        let before = std::mem::replace(&mut self.trees, trees);
        let same = self.environment == environment && before.len() == self.trees.len();
        self.environment = environment;
        let unchanged = before.iter().zip(&self.trees).map(|(before, now)| same && Arc::ptr_eq(before, now));
        Usable { unchanged: unchanged.collect(), items: if same { &self.items } else { &[] } }
    }

    /// Keeps what was checked, by item; `None` where it is not to be taken over.
    pub(crate) fn keep<'v>(&mut self, items: impl Iterator<Item = (&'v Item, Option<&'v Variant>)>) {
        let kept = |(item, variant): (&Item, Option<&Variant>)| {
            let variant = variant?.clone();
            Some(Kept { layers: item.layers.clone(), home: item.home, variant })
        };
        self.items = items.map(kept).collect();
    }

    /// What an item was worth at a place, if it says the same there now.
    pub(crate) fn record(
        &self,
        id: ItemId,
        at: Option<ItemId>,
        variant: &Variant,
        place: &Place,
    ) -> Option<Arc<Record>> {
        // The very same record was taken over by `Usable::variant`, so what all items share is the same.
        let kept = self.values.get(&(id, at))?;
        (kept.variant.is_same(variant) && kept.place == *place).then(|| Arc::clone(&kept.record))
    }

    /// Begins to keep values anew.
    pub(crate) fn forget_values(&mut self) {
        self.values.clear();
    }

    /// Keeps what an item is worth at a place.
    pub(crate) fn keep_record(
        &mut self,
        (id, at): (ItemId, Option<ItemId>),
        variant: &Variant,
        place: Place,
        record: &Arc<Record>,
    ) {
        let value = Value { variant: variant.clone(), place, record: Arc::clone(record) };
        self.values.insert((id, at), value);
    }
}

impl Usable<'_> {
    /// Nothing.
    pub(crate) const NONE: Self = Self { items: &[], unchanged: Vec::new() };

    /// What an item was, if it is the same now.
    pub(crate) fn variant(&self, id: ItemId, item: &Item) -> Option<&Variant> {
        let kept = self.items.get(id.0 as usize)?.as_ref()?;
        let unchanged = |source: u32| self.unchanged.get(source as usize).copied().unwrap_or(false);
        let same = kept.home == item.home
            && unchanged(item.home)
            && kept.layers == item.layers
            && item.layers.iter().all(|layer| unchanged(layer.node.source));
        same.then_some(&kept.variant)
    }
}

impl Environment {
    fn of(cx: Cx<'_>) -> Self {
        let mut shared = Vec::new();
        let mut share = |at: NodeAt| {
            let node = cx.project.node(at);
            shared.push((at, node.span(), cx.project.source(at.source).tree.slice(node.span()).to_owned()));
        };
        let named = |names: &Names| names.values().flatten().map(|(_, at)| *at).collect::<Vec<_>>();
        let index = cx.index;
        [&index.lets, &index.templates, &index.types].into_iter().flat_map(named).for_each(&mut share);
        index.params.values().flatten().copied().for_each(&mut share);
        cx.project.units.iter().flat_map(|unit| &unit.imports).copied().for_each(&mut share);
        let port = |node: Node<'_>| (node.name() == "port").then(|| node.arg(0)?.text().map(String::from))?;
        let ports_of = |(id, item): (ItemId, &Item)| {
            let nodes = item.layers.iter().flat_map(|layer| cx.project.node(layer.node).children());
            nodes.filter_map(port).map(|name| (id, name)).collect::<Vec<_>>()
        };
        let loops = cx.scopes.with_variables().map(|(id, variables)| (id, variables.to_vec()));
        let source = |source: &crate::project::Source| (source.file, source.unit, Text::clone(&source.dir));
        Self {
            sources: cx.project.sources.iter().map(source).collect(),
            sees: index.sees.clone(),
            names: cx.items.iter().map(|(_, item)| (item.kind, Text::clone(&item.name), item.unit)).collect(),
            ports: cx.items.of_kind("stateful").flat_map(ports_of).collect(),
            shared,
            loops: loops.collect(),
        }
    }
}

/// Files, and whether any was asked for.
pub(crate) struct Watched<'a> {
    below: &'a dyn Assets,
    asked: AtomicBool,
}

impl<'a> Watched<'a> {
    pub(crate) fn new(below: &'a dyn Assets) -> Self {
        Self { below, asked: AtomicBool::new(false) }
    }

    pub(crate) fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Assets for Watched<'_> {
    fn text(&self, from: FileId, path: &str) -> Result<(FileId, Arc<str>), String> {
        self.asked.store(true, Ordering::Relaxed);
        self.below.text(from, path)
    }
}
