//! [`Sites`]: which host is where, under which address, and in which cluster. Everything that depends on
//! a place asks here.
//!
//! Start with [`build`].

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use platc_diag::Problems;
use platc_model::{CallPorts, Value};

use crate::check::Checked;
use crate::cx::Cx;
use crate::errors;
use crate::expr::{Evaluator, Place};
use crate::item::ItemId;
use crate::memo::{Memo, Watched};

/// Where things are.
#[derive(Clone, Default, Debug)]
pub struct Sites {
    datacenter_of: BTreeMap<ItemId, ItemId>,
    cluster_of: BTreeMap<ItemId, ItemId>,
    datacenters_of: BTreeMap<ItemId, Vec<ItemId>>,
    addresses: BTreeMap<ItemId, IpAddr>,
    /// Where each declaration of a kind with places is.
    places: BTreeMap<ItemId, Arc<[ItemId]>>,
}

impl Sites {
    /// The datacenter that a host or rack stands in.
    pub fn datacenter_of(&self, host: ItemId) -> Option<ItemId> {
        self.datacenter_of.get(&host).copied()
    }

    /// The cluster that a host is a node of.
    pub fn cluster_of(&self, host: ItemId) -> Option<ItemId> {
        self.cluster_of.get(&host).copied()
    }

    /// The datacenters of a cluster.
    pub fn datacenters_of(&self, cluster: ItemId) -> &[ItemId] {
        self.datacenters_of.get(&cluster).map_or(&[], Vec::as_slice)
    }

    /// The address by which others reach a host.
    pub fn address(&self, host: ItemId) -> Option<IpAddr> {
        self.addresses.get(&host).copied()
    }

    /// The hosts of a datacenter, or the nodes of a cluster, by name.
    pub fn hosts_in(&self, place: ItemId) -> Vec<ItemId> {
        let belongs = |of: &BTreeMap<ItemId, ItemId>| -> Vec<ItemId> {
            of.iter().filter(|(_, own)| **own == place).map(|(host, _)| *host).collect()
        };
        let nodes = belongs(&self.cluster_of);
        if self.datacenters_of.contains_key(&place) {
            return nodes;
        }
        belongs(&self.datacenter_of).into_iter().filter(|id| self.addresses.contains_key(id)).collect()
    }

    /// Where something is: clusters of what runs in them, datacenters of something stateful.
    pub fn places_of(&self, id: ItemId, kind: Option<&str>) -> &[ItemId] {
        self.places.get(&id).filter(|_| kind.is_some()).map_or(&[], |places| places)
    }
}

/// Works out where things are; with a memo, only for those that may be elsewhere than the last time.
pub fn build(cx: Cx<'_>, checked: &Checked, memo: Option<&mut Memo>, problems: &mut Problems) -> Sites {
    let ports = CallPorts::default();
    let mut sites = Sites::default();
    for kind in ["host", "rack"] {
        for (id, _) in cx.items.of_kind(kind) {
            let around = std::iter::successors(Some(id), |id| cx.item(*id).parent);
            let datacenter = around.filter(|id| cx.item(*id).kind == "datacenter").last();
            sites.datacenter_of.extend(datacenter.map(|dc| (id, dc)));
        }
    }
    // Each step only needs the steps before it, so the evaluator sees what there is so far.
    let finished = {
        let looker = Looker { cx, eval: Evaluator::new(cx, checked, &sites, &ports) };
        let clusters: Vec<(ItemId, Vec<ItemId>)> =
            cx.items.of_kind("cluster").map(|(id, _)| (id, looker.references(id, "in"))).collect();
        clusters
    };
    sites.datacenters_of = finished.into_iter().collect();
    let nodes = clusters_of_hosts(cx, checked, &sites, &ports, problems);
    sites.cluster_of = nodes;
    let addresses = addresses(cx, checked, &sites, &ports);
    sites.addresses = addresses;
    sites.places = places(cx, checked, &sites, &ports, memo);
    sites
}

struct Looker<'c> {
    cx: Cx<'c>,
    eval: Evaluator<'c>,
}

impl Looker<'_> {
    /// What a field is, its expressions worked out at no place. What cannot be worked out is reported when
    /// the item is, so here it just is not there.
    fn value(&self, id: ItemId, field: &str) -> Option<Value> {
        let place = Place::default();
        let value = self.eval.slot(id, &place, field)?;
        self.eval.restart();
        self.eval.resolved(&value, id, &place).ok()
    }

    fn references(&self, id: ItemId, field: &str) -> Vec<ItemId> {
        let value = self.value(id, field);
        let mut found: Vec<ItemId> = Vec::new();
        for item in value.iter().flat_map(Value::list) {
            if let Value::Ref(to) = &item.value
                && let Some(id) = self.cx.items.at(to.kind, to.index)
                && !found.contains(&id)
            {
                found.push(id);
            }
        }
        found
    }

    fn reference(&self, id: ItemId, field: &str) -> Option<ItemId> {
        match self.value(id, field)? {
            Value::Ref(to) => self.cx.items.at(to.kind, to.index),
            _ => None,
        }
    }
}

fn clusters_of_hosts(
    cx: Cx<'_>,
    checked: &Checked,
    sites: &Sites,
    ports: &CallPorts,
    problems: &mut Problems,
) -> BTreeMap<ItemId, ItemId> {
    let looker = Looker { cx, eval: Evaluator::new(cx, checked, sites, ports) };
    let mut nodes = BTreeMap::new();
    for (id, host) in cx.items.of_kind("host") {
        let roles = looker.value(id, "roles");
        let roles: Vec<String> = roles.iter().flat_map(Value::list).map(|role| role.to_string()).collect();
        if roles.is_empty() || roles.iter().any(|role| role == "outside") {
            continue;
        }
        let Some(datacenter) = sites.datacenter_of(id) else { continue };
        let named = looker.reference(id, "cluster");
        let there = |cluster: &ItemId| sites.datacenters_of(*cluster).contains(&datacenter);
        let candidates: Vec<ItemId> = cx.items.of_kind("cluster").map(|(id, _)| id).filter(there).collect();
        match (named, candidates.as_slice()) {
            (Some(named), _) if there(&named) => drop(nodes.insert(id, named)),
            (Some(named), _) => {
                let (cluster, dc) = (&cx.item(named).name, &cx.item(datacenter).name);
                problems.push(errors::cluster_elsewhere(host.name_span, &host.name, cluster, dc));
            }
            (None, [one]) => drop(nodes.insert(id, *one)),
            (None, []) => {
                problems.push(errors::no_cluster_here(host.name_span, &host.name, &cx.item(datacenter).name));
            }
            (None, several) => {
                let names: Vec<&str> = several.iter().map(|id| &*cx.item(*id).name).collect();
                problems.push(errors::several_clusters(host.name_span, &host.name, &names));
            }
        }
    }
    nodes
}

/// The address that a host is reached by: the one that it says, else that of the card on its cluster's
/// network, else that of its first card.
fn addresses(cx: Cx<'_>, checked: &Checked, sites: &Sites, ports: &CallPorts) -> BTreeMap<ItemId, IpAddr> {
    let looker = Looker { cx, eval: Evaluator::new(cx, checked, sites, ports) };
    let mut addresses = BTreeMap::new();
    for (id, _) in cx.items.of_kind("host") {
        if let Some(Value::Ip(ip)) = looker.value(id, "address") {
            addresses.insert(id, ip);
            continue;
        }
        let cards: Vec<IpAddr> =
            looker.value(id, "nic").iter().flat_map(Value::list).filter_map(|nic| ip_of(&cx, nic)).collect();
        let network = sites.cluster_of(id).and_then(|cluster| match looker.value(cluster, "network")? {
            Value::Text(name) => Some(name),
            _ => None,
        });
        let range = network.and_then(|name| {
            let networks = looker.value(sites.datacenter_of(id)?, "network")?;
            networks.list().iter().find_map(|network| named_range(&cx, network, &name))
        });
        let on_network = range.and_then(|range| cards.iter().copied().find(|ip| range.contains(*ip)));
        addresses.extend(on_network.or(cards.first().copied()).map(|ip| (id, ip)));
    }
    addresses
}

fn slot<'v>(cx: &Cx<'_>, value: &'v Value, field: &str) -> Option<&'v Value> {
    let record = value.record()?;
    let (at, _) = cx.types.record(record.ty).field(field)?;
    record.slots.get(at)?.as_ref().map(|slot| &slot.value)
}

fn ip_of(cx: &Cx<'_>, nic: &Value) -> Option<IpAddr> {
    match slot(cx, nic, "address")? {
        Value::Ip(ip) => Some(*ip),
        _ => None,
    }
}

fn named_range(cx: &Cx<'_>, network: &Value, name: &str) -> Option<platc_model::scalar::Cidr> {
    match (slot(cx, network, "name")?, slot(cx, network, "cidr")?) {
        (Value::Text(own), Value::Cidr(range)) if **own == *name => Some(*range),
        _ => None,
    }
}

fn places(
    cx: Cx<'_>,
    checked: &Checked,
    sites: &Sites,
    ports: &CallPorts,
    mut memo: Option<&mut Memo>,
) -> BTreeMap<ItemId, Arc<[ItemId]>> {
    let mut places = BTreeMap::new();
    for (id, item) in cx.items.iter() {
        let Some(kind) = cx.types.kind(item.kind).and_then(|kind| kind.places) else { continue };
        let facts = memo.as_deref_mut().and_then(|memo| memo.facts(id));
        if let Some(known) = facts.as_ref().and_then(|facts| facts.places.as_ref()) {
            places.insert(id, Arc::clone(known));
            continue;
        }
        let files = Watched::new(cx.assets);
        let cx = Cx { assets: &files, ..cx };
        let looker = Looker { cx, eval: Evaluator::new(cx, checked, sites, ports).of(id) };
        let mut own = match (kind, item.kind) {
            (_, "stateful") => homes(&cx, &looker, sites, id),
            ("cluster", "namespace") => cx.items.of_kind("cluster").map(|(id, _)| id).collect(),
            _ => looker.references(id, "in"),
        };
        own.sort_unstable();
        own.dedup();
        let own: Arc<[ItemId]> = own.into();
        // What is stateful is where its hosts are.
        let lasts = item.kind != "stateful" && !looker.eval.has_looked_around() && !files.was_asked();
        facts.filter(|_| lasts).into_iter().for_each(|facts| facts.places = Some(Arc::clone(&own)));
        places.insert(id, own);
    }
    places
}

/// The datacenters that something stateful has members in.
fn homes(cx: &Cx<'_>, looker: &Looker<'_>, sites: &Sites, id: ItemId) -> Vec<ItemId> {
    let members = looker.value(id, "on");
    let hosts = members.iter().flat_map(Value::list).filter_map(|member| match slot(cx, member, "host")? {
        Value::Ref(host) => cx.items.at(host.kind, host.index),
        _ => None,
    });
    hosts.filter_map(|host| sites.datacenter_of(host)).collect()
}
