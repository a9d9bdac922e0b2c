//! Phase *relate*: the model. Each declaration at each of its places, with every expression worked out,
//! and the rules that only the whole can break.
//!
//! Not here: decisions. Ports of calls are given out by the plan before this, because configs speak of
//! them; everything else is decided after it.
//!
//! Start with [`values`], then [`model`].

mod assets;
mod schema;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use platc_diag::{Diagnostic, Problems, Sourced};
use platc_model::generated::{Allow, Cluster, Datacenter, Declarations, Host, Rack};
use platc_model::read::FromRecord;
use platc_model::{
    AtPlace, AtPlaces, CallDemand, CallPorts, Declared, Head, HostSite, Id, Items, Kind, Model, Record,
    Records, Ref, Text, Value,
};
use rayon::prelude::*;

use crate::check::{Checked, Variant, call_name};
use crate::cx::Cx;
use crate::errors;
use crate::expr::{Asker, Evaluator, Place, Val};
use crate::item::{Item, ItemId, ScopeId};
use crate::memo::{KeptValue, Memo, Watched};
use crate::project::UnitId;
use crate::sites::Sites;

/// What workloads need local ports for. With a memo, those are left out that are as they were and had all their
/// ports `given` already.
pub fn call_demands(
    cx: Cx<'_>,
    checked: &Checked,
    given: &CallPorts,
    mut memo: Option<&mut Memo>,
) -> Vec<CallDemand> {
    let mut demands = Vec::new();
    if let Some(memo) = memo.as_deref_mut() {
        memo.begin_ports(given);
    }
    for kind in cx.types.kinds() {
        let ty = cx.types.record(kind.record);
        let Some((calls_at, _)) = ty.field("calls") else { continue };
        let ports_at = ty.field("port").map(|(at, _)| at);
        for (id, item) in cx.items.of_kind(kind.name) {
            let facts = memo.as_deref_mut().and_then(|memo| memo.facts(id));
            if facts.as_ref().is_some_and(|facts| facts.has_ports && facts.same_everywhere) {
                continue;
            }
            let mut demand =
                CallDemand { workload: Text::clone(&item.name), calls: Vec::new(), taken: Vec::new() };
            for variant in checked.variants(id) {
                for call in listed(variant, calls_at) {
                    let name = call_name(cx.types, call).filter(|name| !demand.calls.contains(name));
                    demand.calls.extend(name);
                }
            }
            let has_ports = demand.calls.iter().all(|call| given.port(&item.name, call).is_some());
            facts.into_iter().for_each(|facts| facts.has_ports = has_ports);
            if demand.calls.is_empty() {
                continue;
            }
            if let Some(at) = ports_at {
                let ports = checked.variants(id).flat_map(|variant| listed(variant, at));
                demand.taken.extend(ports.filter_map(|port| port_of(cx, port)));
            }
            demands.push(demand);
        }
    }
    demands
}

/// The elements of the list in a slot.
fn listed(variant: &Variant, at: usize) -> &[Sourced<Value>] {
    variant.record.slots.get(at).and_then(Option::as_ref).map_or(&[], |slot| slot.list())
}

/// The number of a `port`.
fn port_of(cx: Cx<'_>, port: &Value) -> Option<u16> {
    let record = port.record()?;
    let (at, _) = cx.types.record(record.ty).field("port")?;
    match record.slots.get(at)?.as_ref()?.value {
        Value::Port(number) => Some(number),
        _ => None,
    }
}

/// Declarations at their places, with their values, by declaration.
#[derive(Clone, Default, Debug)]
struct ByItem {
    all: Vec<Settled>,
    /// Where those of each declaration begin, by its number; at the end, how many there are.
    starts: Vec<usize>,
}

/// A declaration at a place, with its values.
#[derive(Clone, Debug)]
struct Settled {
    place: Option<ItemId>,
    record: Arc<Record>,
}

/// Each declaration at each of its places, with its values: what a [`Model`] is read from.
#[derive(Clone, Debug)]
pub struct Values {
    by_item: ByItem,
    sites: Items<Host, HostSite>,
    files: assets::Named,
}

/// What working out one declaration at one place gave.
struct Worked {
    id: ItemId,
    at: Option<ItemId>,
    place: Place,
    record: Arc<Record>,
    problems: Problems,
    /// Whether it is the same as long as the declaration is.
    lasts: bool,
}

/// Works out all values; with a memo, only those that may be others than the last time.
pub fn values(
    cx: Cx<'_>,
    checked: &Checked,
    sites: &Sites,
    ports: &CallPorts,
    memo: Option<&mut Memo>,
    problems: &mut Problems,
) -> Values {
    let mut work: Vec<(ItemId, Option<ItemId>)> = Vec::with_capacity(cx.items.len());
    for (id, item) in cx.items.iter() {
        match cx.types.kind(item.kind).and_then(|kind| kind.places) {
            None => work.push((id, None)),
            kind => work.extend(sites.places_of(id, kind).iter().map(|place| (id, Some(*place)))),
        }
    }
    let known = memo.as_deref();
    let settled: Vec<Worked> =
        work.par_iter().map(|(id, at)| work_out(cx, checked, sites, ports, known, *id, *at)).collect();
    if let Some(memo) = memo {
        let kept = |one: &Worked| {
            let variant = checked.variant(one.id, &one.place).filter(|_| one.lasts)?;
            Some(KeptValue::new((one.id, one.at), variant, one.place.clone(), &one.record))
        };
        memo.keep_values(settled.iter().filter_map(kept));
    }
    let mut by_item = ByItem { all: Vec::with_capacity(settled.len()), starts: vec![0] };
    for Worked { id, at, record, problems: own, .. } in settled {
        let item = cx.item(id);
        for problem in own {
            // The same mistake at each place is one mistake.
            if !problems
                .iter()
                .any(|known| known.span() == problem.span() && known.message() == problem.message())
            {
                problems.push(crate::check::about(cx, problem, item));
            }
        }
        by_item.push(id, Settled { place: at, record });
    }
    by_item.end(cx.items.len());
    let sites = host_sites(cx, sites, problems);
    let files = assets::read(cx, &by_item, problems);
    Values { by_item, sites, files }
}

/// Reads the model.
pub fn model(cx: Cx<'_>, values: &Values) -> Model {
    let declarations = Declarations::read(&Reader { cx, by_item: &values.by_item });
    let sites = values.sites.clone();
    let topology = |host: &Declared<Host>| {
        let path = host.value.topology.as_ref()?;
        values.files.topologies.get(&(path.origin.span()?.file, Text::clone(&path.value))).cloned()
    };
    let topologies = Items::new(declarations.hosts.values().map(topology).collect());
    let assets = values.files.assets.clone();
    Model { declarations, sites, topologies, assets, types: Arc::new(cx.types.clone()) }
}

/// Reads the waivers alone, which say what of the findings counts.
pub fn allows(cx: Cx<'_>, values: &Values) -> Items<Allow, Declared<Allow>> {
    Reader { cx, by_item: &values.by_item }.declared()
}

fn work_out(
    cx: Cx<'_>,
    checked: &Checked,
    sites: &Sites,
    ports: &CallPorts,
    memo: Option<&Memo>,
    id: ItemId,
    at: Option<ItemId>,
) -> Worked {
    let mut problems = Problems::new();
    let files = Watched::new(cx.assets);
    let cx = Cx { assets: &files, ..cx };
    let eval = Evaluator::new(cx, checked, sites, ports).of(id);
    let place = place_of(cx, sites, &eval, id, at);
    let variant = checked.variant(id, &place);
    if let Some(record) = memo.and_then(|memo| memo.record((id, at), variant?, &place)) {
        return Worked { id, at, place, record, problems, lasts: true };
    }
    let record = settled(cx, &eval, checked, id, &place, &mut problems);
    let alone = !eval.has_looked_around() && !files.was_asked() && cx.user.rules.is_empty();
    Worked { id, at, place, record, lasts: alone && problems.is_empty(), problems }
}

/// A declaration's values, at each of its places or, for what is the same everywhere, at none.
pub fn values_of(
    cx: Cx<'_>,
    checked: &Checked,
    sites: &Sites,
    ports: &CallPorts,
    id: ItemId,
) -> Vec<(Option<ItemId>, Arc<Record>)> {
    let places = match cx.types.kind(cx.item(id).kind).and_then(|kind| kind.places) {
        Some(kind) => sites.places_of(id, Some(kind)).iter().copied().map(Some).collect(),
        None => vec![None],
    };
    let settled = |place| (place, settle(cx, checked, sites, ports, id, place, &mut Problems::new()));
    places.into_iter().map(settled).collect()
}

fn settle(
    cx: Cx<'_>,
    checked: &Checked,
    sites: &Sites,
    ports: &CallPorts,
    id: ItemId,
    at: Option<ItemId>,
    problems: &mut Problems,
) -> Arc<Record> {
    let eval = Evaluator::new(cx, checked, sites, ports);
    let place = place_of(cx, sites, &eval, id, at);
    settled(cx, &eval, checked, id, &place, problems)
}

fn settled(
    cx: Cx<'_>,
    eval: &Evaluator<'_>,
    checked: &Checked,
    id: ItemId,
    place: &Place,
    problems: &mut Problems,
) -> Arc<Record> {
    let Some(variant) = checked.variant(id, place) else {
        unreachable!("every item was checked");
    };
    let record = if variant.is_settled() {
        Arc::clone(&variant.record)
    } else {
        resolved(eval, variant, id, place, problems)
    };
    rules(cx, eval, &record, id, place, problems);
    schema::check(cx, &record, problems);
    record
}

fn resolved(
    eval: &Evaluator<'_>,
    variant: &Variant,
    id: ItemId,
    place: &Place,
    problems: &mut Problems,
) -> Arc<Record> {
    eval.restart();
    let mut failed = |problem: Diagnostic| {
        if !errors::is_reported(&problem) {
            problems.push(problem);
        }
        Ok(Value::Null)
    };
    match eval.resolved_record(&variant.record, id, place, &mut failed) {
        Ok(record) => record,
        Err(_) => Arc::clone(&variant.record),
    }
}

/// What `cluster`, `dc` and `host` are for a declaration at a place.
pub fn place_of(cx: Cx<'_>, sites: &Sites, eval: &Evaluator<'_>, id: ItemId, at: Option<ItemId>) -> Place {
    if let Some(place) = at.and_then(|at| eval.place_of(at)) {
        return place;
    }
    match cx.item(id).kind {
        "cluster" => Place { cluster: Some(id), datacenters: sites.datacenters_of(id).to_vec(), host: None },
        "datacenter" => Place { cluster: None, datacenters: vec![id], host: None },
        "host" => Place {
            cluster: sites.cluster_of(id),
            datacenters: sites.datacenter_of(id).into_iter().collect(),
            host: Some(id),
        },
        _ => Place::default(),
    }
}

/// Rules across fields of the author's types, wherever a record of such a type is.
fn rules(
    cx: Cx<'_>,
    eval: &Evaluator<'_>,
    record: &Arc<Record>,
    owner: ItemId,
    place: &Place,
    problems: &mut Problems,
) {
    if cx.user.rules.is_empty() {
        return;
    }
    let ty = cx.types.record(record.ty);
    for rule in cx.user.rules.get(&record.ty).into_iter().flatten() {
        let field = |(field, slot): (&platc_model::types::Field, &Option<Sourced<Value>>)| {
            let value = slot.as_ref().map_or(Value::Null, |slot| slot.value.clone());
            (Text::clone(&field.name), Val::Value(value))
        };
        let locals = ty.fields.iter().zip(&record.slots).map(field).collect();
        let asker = Asker { scope: ScopeId(rule.unit.0), owner: Some(owner), place: place.clone(), locals };
        eval.restart();
        match eval.truth(&rule.expr, &asker) {
            Ok(true) => {}
            Ok(false) => problems.push(errors::check_failed(record.span, &rule.message, rule.expr.span)),
            Err(problem) if errors::is_reported(&problem) => {}
            Err(problem) => problems.push(problem),
        }
    }
    for slot in record.slots.iter().flatten() {
        inner_rules(cx, eval, slot, owner, place, problems);
    }
}

fn inner_rules(
    cx: Cx<'_>,
    eval: &Evaluator<'_>,
    value: &Value,
    owner: ItemId,
    place: &Place,
    problems: &mut Problems,
) {
    match value {
        Value::Record(record) => rules(cx, eval, record, owner, place, problems),
        Value::List(list) => list.iter().for_each(|item| inner_rules(cx, eval, item, owner, place, problems)),
        Value::Map(entries) => {
            entries.iter().for_each(|(_, item)| inner_rules(cx, eval, item, owner, place, problems));
        }
        _ => {}
    }
}

impl ByItem {
    /// Adds one; declarations come in the order of their numbers.
    fn push(&mut self, id: ItemId, settled: Settled) {
        self.end(id.0 as usize);
        self.all.push(settled);
    }

    /// Says that all of the first `n_items` are there.
    fn end(&mut self, n_items: usize) {
        self.starts.resize(self.starts.len().max(n_items + 1), self.all.len());
    }

    /// A declaration at each of its places.
    fn of(&self, id: ItemId) -> &[Settled] {
        let at = id.0 as usize;
        let range = self.starts.get(at).zip(self.starts.get(at + 1));
        range.and_then(|(start, end)| self.all.get(*start..*end)).unwrap_or(&[])
    }
}

struct Reader<'c> {
    cx: Cx<'c>,
    by_item: &'c ByItem,
}

impl<'c> Reader<'c> {
    /// All declarations of a kind.
    fn all<T: Kind>(&self) -> Vec<(ItemId, &'c Item)> {
        self.cx.items.of_kind(T::NAME).collect()
    }

    fn head(&self, item: &Item) -> Head {
        let parent = item.parent.map(|parent| {
            let own = self.cx.item(parent);
            Ref { kind: own.kind, index: self.cx.items.index_in_kind(parent), name: Text::clone(&own.name) }
        });
        let unit = self.cx.project.unit(item.unit);
        let library = (item.unit != UnitId::PLATFORM).then(|| Text::clone(&unit.name));
        let doc = self.cx.project.node(item.node).doc().map(Text::from);
        Head { name: Text::clone(&item.name), span: item.name_span, parent, library, doc }
    }
}

impl Records for Reader<'_> {
    fn declared<T: Kind + FromRecord>(&self) -> Items<T, Declared<T>> {
        let read = |(id, item): (ItemId, &Item)| {
            let record = self.by_item.of(id).first().map(|settled| Arc::clone(&settled.record));
            let Some(record) = record else { unreachable!("what is the same everywhere is settled once") };
            Declared { head: self.head(item), value: T::from_record(&record), record }
        };
        Items::new(self.all::<T>().into_par_iter().map(read).collect())
    }

    fn at_places<T: Kind + FromRecord, P: Kind>(&self) -> Items<T, AtPlaces<T, P>> {
        let read = |(id, item): (ItemId, &Item)| {
            let settled = self.by_item.of(id);
            let mut at = Vec::with_capacity(settled.len());
            at.extend(settled.iter().filter_map(|settled| {
                let place = Id::new(self.cx.items.index_in_kind(settled.place?));
                Some(AtPlace {
                    place,
                    value: T::from_record(&settled.record),
                    record: Arc::clone(&settled.record),
                })
            }));
            AtPlaces { head: self.head(item), at }
        };
        Items::new(self.all::<T>().into_par_iter().map(read).collect())
    }
}

fn host_sites(cx: Cx<'_>, sites: &Sites, problems: &mut Problems) -> Items<Host, HostSite> {
    let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let index = |id: ItemId| cx.items.index_in_kind(id);
    let site = |(id, item): (ItemId, &Item)| {
        let address = sites.address(id);
        // One that cannot be read was reported as such.
        let says_one = item.layers.iter().map(|layer| cx.project.node(layer.node)).any(|node| {
            let child = |name: &str| name == "address" || name == "nic";
            node.prop("address").is_some() || node.children().any(|own| child(&own.name()))
        });
        if address.is_none() && !says_one {
            problems.push(
                errors::host_without_address(item.name_span, &item.name).about(Text::clone(&item.name)),
            );
        }
        let rack = item.parent.filter(|parent| cx.item(*parent).kind == "rack");
        HostSite {
            datacenter: Id::<Datacenter>::new(sites.datacenter_of(id).map_or(u32::MAX, index)),
            rack: rack.map(|rack| Id::<Rack>::new(index(rack))),
            cluster: sites.cluster_of(id).map(|cluster| Id::<Cluster>::new(index(cluster))),
            address: address.unwrap_or(nowhere),
        }
    };
    Items::new(cx.items.of_kind("host").map(site).collect())
}
