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

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use platc_diag::{FileId, Span};
use platc_model::{CallPorts, Record, Text};
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
    /// What the items are made of, one after the other.
    layers: Vec<Layer>,
    /// Values, in the order of items and places.
    values: Vec<KeptValue>,
    /// The ports that [`Facts::has_ports`] speaks of.
    ports: CallPorts,
}

/// What is known of an item as long as it is the same.
#[derive(Clone, Default, Debug)]
pub(crate) struct Facts {
    /// Whether nothing else is said of it at any place.
    pub(crate) same_everywhere: bool,
    /// Where it is, if that depends on nothing but itself.
    pub(crate) places: Option<Arc<[ItemId]>>,
    /// Whether each of its calls had a port before it was asked for.
    pub(crate) has_ports: bool,
}

/// The values of an item at a place, which depend on nothing else.
#[derive(Debug)]
pub(crate) struct KeptValue {
    of: (ItemId, Option<ItemId>),
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
    /// Where its layers lie among all.
    layers: Range<usize>,
    home: u32,
    variant: Variant,
    facts: Facts,
}

/// What may be taken over this time.
pub(crate) struct Usable<'m> {
    items: &'m [Option<Kept>],
    layers: &'m [Layer],
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
        if !same {
            self.items.clear();
        }
        let unchanged = before.iter().zip(&self.trees).map(|(before, now)| same && Arc::ptr_eq(before, now));
        Usable { unchanged: unchanged.collect(), items: &self.items, layers: &self.layers }
    }

    /// Keeps what was checked, by item; `None` where it is not to be taken over.
    pub(crate) fn keep<'v>(&mut self, items: impl Iterator<Item = (&'v Item, Option<&'v Variant>)>) {
        self.layers.clear();
        let layers = &mut self.layers;
        let mut before = std::mem::take(&mut self.items).into_iter();
        let kept = |(item, variant): (&Item, Option<&Variant>)| {
            let before = before.next().flatten();
            let variant = variant?.clone();
            let start = layers.len();
            layers.extend_from_slice(&item.layers);
            let facts = before.filter(|before| before.variant.is_same(&variant)).map(|before| before.facts);
            let layers = start..layers.len();
            Some(Kept { layers, home: item.home, variant, facts: facts.unwrap_or_default() })
        };
        self.items = items.map(kept).collect();
    }

    /// What is known of an item since it was the same for the first time; `None` if nothing is kept of it.
    pub(crate) fn facts(&mut self, id: ItemId) -> Option<&mut Facts> {
        Some(&mut self.items.get_mut(id.0 as usize)?.as_mut()?.facts)
    }

    /// Says which ports were given out before; if they are others than the last time, all calls are looked at.
    pub(crate) fn begin_ports(&mut self, ports: &CallPorts) {
        if !self.ports.is_same(ports) {
            self.ports = ports.clone();
            self.items.iter_mut().flatten().for_each(|kept| kept.facts.has_ports = false);
        }
    }

    /// What an item was worth at a place, if it says the same there now.
    pub(crate) fn record(
        &self,
        of: (ItemId, Option<ItemId>),
        variant: &Variant,
        place: &Place,
    ) -> Option<Arc<Record>> {
        // The very same record was taken over by `Usable::variant`, so what all items share is the same.
        let at = self.values.binary_search_by_key(&of, |kept| kept.of).ok()?;
        let kept = self.values.get(at)?;
        (kept.variant.is_same(variant) && kept.place == *place).then(|| Arc::clone(&kept.record))
    }

    /// Keeps what items are worth at places, in their order.
    pub(crate) fn keep_values(&mut self, values: impl Iterator<Item = KeptValue>) {
        self.values.clear();
        self.values.extend(values);
    }
}

impl KeptValue {
    pub(crate) fn new(
        of: (ItemId, Option<ItemId>),
        variant: &Variant,
        place: Place,
        record: &Arc<Record>,
    ) -> Self {
        Self { of, variant: variant.clone(), place, record: Arc::clone(record) }
    }
}

impl Usable<'_> {
    /// Nothing.
    pub(crate) const NONE: Self = Self { items: &[], layers: &[], unchanged: Vec::new() };

    /// What an item was, if it is the same now.
    pub(crate) fn variant(&self, id: ItemId, item: &Item) -> Option<&Variant> {
        let kept = self.items.get(id.0 as usize)?.as_ref()?;
        let unchanged = |source: u32| self.unchanged.get(source as usize).copied().unwrap_or(false);
        let same = kept.home == item.home
            && unchanged(item.home)
            && self.layers.get(kept.layers.clone()) == Some(&*item.layers)
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
