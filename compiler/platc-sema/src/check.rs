//! Phase *check*: every item against the type of its kind. What is written becomes typed values; what
//! waits for a place becomes an expression whose type is known to fit.
//!
//! A field may be said several times, on several levels: by defaults, a template, the declaration, an
//! `amend`, at a place. `collect` lists who says what, `record` decides by one rule, `value` types it,
//! `any` does the same for configs without a type.
//!
//! Not here: what needs other items' values (`relate`).
//!
//! Start with [`general`].

mod any;
pub mod collect;
mod file;
mod params;
mod record;
mod value;

use std::cell::RefCell;
use std::sync::Arc;

use platc_diag::{Diagnostic, Problems, Span};
use platc_model::types::{Limits, Type, Types};
use platc_model::{Record, Text, Value};
use platc_syntax::expr::Template;
use rayon::prelude::*;

use crate::cx::Cx;
use crate::errors;
use crate::expr::Place;
use crate::item::{Item, ItemId, ScopeId};
use crate::level::Nearness;
use crate::memo::{Memo, Usable, Watched};
use crate::sites::Sites;

use collect::{Part, Src};

/// All items, checked.
#[derive(Clone, Default, Debug)]
pub struct Checked {
    items: Vec<CheckedItem>,
}

/// An item, checked: in general, and as it is at places where something else is said.
#[derive(Clone, Debug)]
pub struct CheckedItem {
    general: Variant,
    /// By the cluster or datacenter.
    at: Vec<(ItemId, Variant)>,
}

/// An item as it is somewhere.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its fields.
    pub record: Arc<Record>,
    /// Values that wait for a place; [`Value::Pending`] counts them.
    pending: Arc<[Arc<Pending>]>,
}

/// A value that waits for its place.
#[derive(Clone, Debug)]
pub struct Pending {
    /// What it is worth.
    pub template: Template,
    /// What it must be.
    pub ty: Type,
    /// What else must hold.
    pub limits: Limits,
    /// What its names mean.
    pub scope: ScopeId,
    /// Where it is written.
    pub span: Span,
    /// The field that it stands in.
    pub field: Text,
    /// Whether a list stands for its elements, because it stands among the elements of a list.
    pub splice: bool,
}

impl Variant {
    /// The waiting value of that number.
    pub fn pending(&self, at: u32) -> Option<&Pending> {
        self.pending.get(at as usize).map(|pending| &**pending)
    }

    /// Whether it is this very one, not one that says the same.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.record, &other.record) && Arc::ptr_eq(&self.pending, &other.pending)
    }

    /// Whether nothing in it waits for a place.
    pub fn is_settled(&self) -> bool {
        self.pending.is_empty()
    }
}

impl Checked {
    /// An item as it is at a place.
    pub fn variant(&self, id: ItemId, place: &Place) -> Option<&Variant> {
        let item = self.items.get(id.0 as usize)?;
        let at =
            |wanted: ItemId| item.at.iter().find(|(place, _)| *place == wanted).map(|(_, variant)| variant);
        let near = place.cluster.and_then(at);
        near.or_else(|| place.datacenters.iter().find_map(|dc| at(*dc))).or(Some(&item.general))
    }

    /// An item in all its forms: in general, then at places.
    pub fn variants(&self, id: ItemId) -> impl Iterator<Item = &Variant> {
        let item = self.items.get(id.0 as usize);
        item.into_iter()
            .flat_map(|item| std::iter::once(&item.general).chain(item.at.iter().map(|(_, variant)| variant)))
    }

    /// An item as it is where nothing else is said.
    pub fn general(&self, id: ItemId) -> Option<&Variant> {
        self.items.get(id.0 as usize).map(|item| &item.general)
    }
}

/// Checks all items as they are in general; with a memo, only those that may be others than the last time.
pub fn general(cx: Cx<'_>, memo: Option<&mut Memo>, problems: &mut Problems) -> Checked {
    file::warm(cx);
    let all: Vec<(ItemId, &Item)> = cx.items.iter().collect();
    let check = |usable: &Usable<'_>| -> Vec<One> {
        all.par_iter().map(|(id, item)| one(cx, usable, *id, item)).collect()
    };
    let checked = match memo {
        None => check(&Usable::NONE),
        Some(memo) => {
            let checked = check(&memo.begin(cx));
            let kept = checked
                .iter()
                .map(|one| (!one.read_files && one.problems.is_empty()).then_some(&one.general));
            memo.keep(all.iter().map(|(_, item)| *item).zip(kept));
            checked
        }
    };
    let mut items = Vec::with_capacity(checked.len());
    // A mistake in `defaults` or a template is made once, however many declarations it reaches.
    let mut known: std::collections::BTreeSet<(Span, String)> = std::collections::BTreeSet::new();
    for (one, (_, declared)) in checked.into_iter().zip(&all) {
        let own = one.problems.into_iter();
        let new = own.filter(|problem| known.insert((problem.span(), problem.message().to_owned())));
        problems.extend(new.map(|problem| about(cx, problem, declared)));
        items.push(CheckedItem { general: one.general, at: Vec::new() });
    }
    params::params(cx, problems);
    Checked { items }
}

/// An item, checked by itself.
struct One {
    general: Variant,
    problems: Problems,
    read_files: bool,
}

fn one(cx: Cx<'_>, usable: &Usable<'_>, id: ItemId, item: &Item) -> One {
    if let Some(known) = usable.variant(id, item) {
        return One { general: known.clone(), problems: Problems::new(), read_files: false };
    }
    let files = Watched::new(cx.assets);
    let cx = Cx { assets: &files, ..cx };
    let mut problems = Problems::new();
    let general = variant(cx, id, &parts(cx, item), None, &mut problems);
    check_name(cx, item, &mut problems);
    One { general, problems, read_files: files.was_asked() }
}

/// Checks those items again that are something else at some place.
pub fn at_places(
    cx: Cx<'_>,
    checked: &mut Checked,
    sites: &Sites,
    mut memo: Option<&mut Memo>,
    problems: &mut Problems,
) {
    let mut others: Vec<(ItemId, &Item, Vec<Part<'_>>)> = Vec::new();
    for (id, item) in cx.items.iter() {
        let facts = memo.as_deref_mut().and_then(|memo| memo.facts(id));
        if facts.as_ref().is_some_and(|facts| facts.same_everywhere) {
            continue;
        }
        let blocks = collect::at_blocks(cx, item);
        if blocks.is_empty() {
            facts.into_iter().for_each(|facts| facts.same_everywhere = true);
        } else {
            others.push((id, item, blocks));
        }
    }
    let general = &*checked;
    let found: Vec<Elsewhere> = others
        .par_iter()
        .map(|(id, item, blocks)| elsewhere(cx, general, sites, *id, item, blocks))
        .collect();
    for ((id, item, _), Elsewhere { problems: mut own, variants }) in others.iter().zip(found) {
        let mut at = Vec::with_capacity(variants.len());
        for (place, variant, found) in variants {
            // What is wrong in general was said already.
            own.extend(
                found.into_iter().filter(|problem| !problems.iter().any(|known| same_place(known, problem))),
            );
            at.push((place, variant));
        }
        own.dedup_by(|a, b| same_place(a, b));
        problems.extend(own.into_iter().map(|problem| about(cx, problem, item)));
        if let Some(slot) = checked.items.get_mut(id.0 as usize) {
            slot.at = at;
        }
    }
}

/// An item at the places where something else is said of it.
struct Elsewhere {
    /// What is wrong with what names the places.
    problems: Problems,
    /// Each with what is wrong there.
    variants: Vec<(ItemId, Variant, Problems)>,
}

fn elsewhere(
    cx: Cx<'_>,
    checked: &Checked,
    sites: &Sites,
    id: ItemId,
    item: &Item,
    blocks: &[Part<'_>],
) -> Elsewhere {
    let mut problems = Problems::new();
    let kind = cx.types.kind(item.kind).and_then(|kind| kind.places);
    let places = sites.places_of(id, kind);
    let mut named: Vec<(ItemId, Nearness, Part<'_>)> = Vec::new();
    for block in blocks {
        named.extend(collect::place_of_block(cx, item, block, places, sites, &mut problems));
    }
    let mut variants = Vec::new();
    for place in places {
        let applies = |named: &ItemId| named == place || sites.datacenters_of(*place).contains(named);
        let extra: Vec<&(ItemId, Nearness, Part<'_>)> =
            named.iter().filter(|(named, ..)| applies(named)).collect();
        if extra.is_empty() {
            continue;
        }
        let mut all = parts(cx, item);
        let known = checked.general(id).map(|general| Known { general, parts: all.len() });
        all.extend(extra.into_iter().map(|(_, nearness, part)| part.at(*nearness)));
        let mut found = Problems::new();
        let variant = variant(cx, id, &all, known, &mut found);
        variants.push((*place, variant, found));
    }
    Elsewhere { problems, variants }
}

fn same_place(a: &Diagnostic, b: &Diagnostic) -> bool {
    a.span() == b.span() && a.code() == b.code() && a.message() == b.message()
}

/// A finding about an item: on it, and with the use of the template in which it is.
pub(crate) fn about(cx: Cx<'_>, problem: Diagnostic, item: &Item) -> Diagnostic {
    let problem = if problem.subject().is_some() { problem } else { problem.about(Text::clone(&item.name)) };
    let contains = |node: crate::project::NodeAt| {
        let (outer, inner) = (cx.project.node(node).span(), problem.span());
        outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
    };
    let in_body = item.layers.iter().any(|layer| layer.level.is_of_template_body() && contains(layer.node));
    if !in_body || contains(item.node) {
        return problem;
    }
    problem.related(cx.project.node(item.node).header_span(), "the template is used here")
}

/// What is said about an item, as parts of its record.
pub fn parts<'a>(cx: Cx<'a>, item: &Item) -> Vec<Part<'a>> {
    let part = |layer: &crate::item::Layer| Part {
        src: Src::Node { node: cx.project.node(layer.node), skip: usize::from(layer.skip) },
        scope: layer.scope,
        level: layer.level,
        params_of: layer.params_of,
        lenient: layer.lenient,
    };
    item.layers.iter().map(part).collect()
}

/// An item as it is in general, when more is said about it.
#[derive(Clone, Copy)]
struct Known<'k> {
    general: &'k Variant,
    /// So many parts say that; what the others do not speak of stays as it is.
    parts: usize,
}

fn variant(
    cx: Cx<'_>,
    id: ItemId,
    parts: &[Part<'_>],
    known: Option<Known<'_>>,
    problems: &mut Problems,
) -> Variant {
    let item = cx.item(id);
    // Values that are taken over wait under their old numbers.
    let pending = known.map_or_else(Vec::new, |known| known.general.pending.to_vec());
    let mut checker = Checker { cx, owner: id, problems, pending };
    let record = checker.item(item, parts, known);
    Variant { record: Arc::new(record), pending: checker.pending.into() }
}

/// Checks one item.
pub(crate) struct Checker<'c, 'p> {
    cx: Cx<'c>,
    owner: ItemId,
    problems: &'p mut Problems,
    pending: Vec<Arc<Pending>>,
}

/// Names become parts of DNS names, labels and file names.
fn check_name(cx: Cx<'_>, item: &Item, problems: &mut Problems) {
    let free = matches!(item.kind, "platform" | "use" | "plugin" | "allow" | "consent");
    if free || item.name.is_empty() || !cx.types.kind(item.kind).is_some_and(|kind| kind.named) {
        return;
    }
    if let Err(wrong) = platc_model::scalar::check_dns_label(&item.name) {
        problems.push(errors::bad_name(item.name_span, item.kind, &item.name, &wrong));
    }
}

thread_local! {
    /// Patterns that were compiled by this thread: there are few, and compiling one takes a while.
    static PATTERNS: RefCell<Vec<(String, Option<regex::Regex>)>> = const { RefCell::new(Vec::new()) };
}

/// Whether a text matches a pattern. A pattern that does not compile was reported and matches all.
pub fn pattern_matches(pattern: &str, text: &str) -> bool {
    PATTERNS.with_borrow_mut(|known| {
        let at = known.iter().position(|(own, _)| own == pattern).unwrap_or_else(|| {
            known.push((pattern.to_owned(), regex::Regex::new(pattern).ok()));
            known.len() - 1
        });
        known.get(at).and_then(|(_, regex)| regex.as_ref()).is_none_or(|regex| regex.is_match(text))
    })
}

/// The name under which a workload speaks of one of its calls.
pub fn call_name(types: &Types, call: &Value) -> Option<Text> {
    let record = call.record()?;
    let ty = types.record(record.ty);
    let slot = |name: &str| record.slots.get(ty.field(name)?.0)?.as_ref().map(|slot| &slot.value);
    match (slot("as"), slot("to")) {
        (Some(Value::Text(name)), _) => Some(Text::clone(name)),
        (_, Some(Value::Ref(to))) => Some(Text::clone(&to.name)),
        _ => None,
    }
}
