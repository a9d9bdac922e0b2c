//! The nodes of a model, in order: which there are, where they are, what they are part of.
//!
//! Start with [`nodes`].

use std::collections::BTreeMap;
use std::sync::Arc;

use platc_artifact::view::NodeId;
use platc_diag::Span;
use platc_model::generated::Declarations;
use platc_model::{AtPlaces, Declared, Head, Items, Kind, Model, Record, Ref, Text};

/// A node: a declaration, where it is one thing.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: &'static str,
    /// Which declaration of its kind.
    pub(super) index: u32,
    pub(super) name: Text,
    /// The library that declares it.
    pub(super) library: Option<Text>,
    pub(super) span: Span,
    pub(super) parent: Option<NodeId>,
    pub(super) record: Arc<Record>,
    /// Kind of its places.
    pub(super) place_kind: &'static str,
    /// Where it is, by number of that kind. Empty for what is the same everywhere.
    pub(super) places: Vec<u32>,
    /// Whether it is the declaration at all its places.
    pub(super) everywhere: bool,
    pub(super) children: Vec<NodeId>,
}

/// The nodes of a model, and those of each declaration.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    pub(super) all: Vec<Node>,
    pub(super) by_kind: BTreeMap<&'static str, Vec<NodeId>>,
    by_declaration: BTreeMap<(&'static str, u32), Vec<NodeId>>,
}

/// The nodes of a model. What has parts comes before its parts.
pub(super) fn nodes(model: &Model) -> Nodes {
    let mut nodes = Nodes::default();
    // By name, so that a kind that is added to the language is not forgotten here.
    let Declarations {
        clusters,
        platforms,
        links,
        datacenters,
        racks,
        hosts,
        statefuls,
        namespaces,
        secrets,
        plugins: _,
        uses: _,
        allows,
        consents,
        raws,
        proxies,
        balancers,
        externals,
        services,
        daemons,
        jobs,
        crons,
    } = &model.declarations;
    nodes.declared(platforms);
    nodes.declared(datacenters);
    nodes.declared(racks);
    nodes.declared(hosts);
    nodes.declared(links);
    nodes.declared(clusters);
    nodes.placed(statefuls);
    nodes.placed(namespaces);
    nodes.declared(secrets);
    nodes.declared(externals);
    nodes.placed(raws);
    nodes.placed(proxies);
    nodes.declared(balancers);
    nodes.placed(services);
    nodes.placed(daemons);
    nodes.placed(jobs);
    nodes.placed(crons);
    nodes.declared(consents);
    // Last, because any of the others may hold one.
    nodes.declared(allows);
    nodes
}

impl Nodes {
    pub(super) fn get(&self, node: NodeId) -> Option<&Node> {
        self.all.get(node.0 as usize)
    }

    /// The nodes of a declaration.
    pub(super) fn of(&self, to: &Ref) -> &[NodeId] {
        self.by_declaration.get(&(to.kind, to.index)).map_or(&[], Vec::as_slice)
    }

    /// The node of a declaration at a place of the node `from`; all of them if there is none.
    pub(super) fn near(&self, from: &Node, to: &Ref) -> Vec<NodeId> {
        let all = self.of(to);
        let shares = |id: &&NodeId| {
            self.get(**id).is_some_and(|to| {
                to.place_kind == from.place_kind && to.places.iter().any(|place| from.places.contains(place))
            })
        };
        let near: Vec<NodeId> = all.iter().filter(shares).copied().collect();
        if near.is_empty() { all.to_vec() } else { near }
    }

    /// The node of that kind and name; of several, the first. Nodes of a kind are in the order of names.
    pub(super) fn lookup(&self, kind: &str, name: &str) -> Option<NodeId> {
        let of_kind = self.by_kind.get(kind)?;
        let name_of = |id: &NodeId| self.get(*id).map_or("", |node| &*node.name);
        let at = of_kind.partition_point(|id| name_of(id) < name);
        of_kind.get(at).copied().filter(|id| name_of(id) == name)
    }

    fn declared<T: Kind>(&mut self, items: &Items<T, Declared<T>>) {
        for (id, item) in items.iter() {
            self.add::<T>(id.index(), &item.head, Arc::clone(&item.record), "", Vec::new(), true);
        }
    }

    fn placed<T: Kind, P: Kind>(&mut self, items: &Items<T, AtPlaces<T, P>>) {
        for (id, item) in items.iter() {
            let mut groups: Vec<(Arc<Record>, Vec<u32>)> = Vec::new();
            for at in &item.at {
                let same = |own: &Arc<Record>| Arc::ptr_eq(own, &at.record) || *own == at.record;
                match groups.iter_mut().find(|(own, _)| same(own)) {
                    Some((_, places)) => places.push(at.place.index()),
                    None => groups.push((Arc::clone(&at.record), vec![at.place.index()])),
                }
            }
            let everywhere = groups.len() == 1;
            for (record, places) in groups {
                self.add::<T>(id.index(), &item.head, record, P::NAME, places, everywhere);
            }
        }
    }

    fn add<T: Kind>(
        &mut self,
        index: u32,
        head: &Head,
        record: Arc<Record>,
        place_kind: &'static str,
        places: Vec<u32>,
        everywhere: bool,
    ) {
        let id = NodeId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        let parent = head.parent.as_ref().and_then(|parent| self.of(parent).first().copied());
        if let Some(parent) = parent.and_then(|parent| self.all.get_mut(parent.0 as usize)) {
            parent.children.push(id);
        }
        self.by_kind.entry(T::NAME).or_default().push(id);
        self.by_declaration.entry((T::NAME, index)).or_default().push(id);
        self.all.push(Node {
            kind: T::NAME,
            index,
            name: Text::clone(&head.name),
            library: head.library.clone(),
            span: head.span,
            parent,
            record,
            place_kind,
            places,
            everywhere,
            children: Vec::new(),
        });
    }
}
