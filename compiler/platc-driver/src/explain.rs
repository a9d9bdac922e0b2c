//! Why a value is what it is: everything that is said about it, from the kind's default over `defaults`,
//! templates, the declaration and `amend` to what is said at a place, each with its place in the source and
//! whether it counts.
//!
//! Nothing is recorded while a platform is checked; the chain is collected again for the one value.
//!
//! Not here: what a finding means (its page).
//!
//! Start with [`explain`].

use platc_diag::{Origin, Problems, Span, Why};
use platc_model::types::{Field, RecordId, RecordType, Role, Type};
use platc_model::{Text, Value};
use platc_sema::check::collect::{Around, Op, Part, Said, Src, What, at_blocks, collect, place_of_block};
use platc_sema::check::parts;
use platc_sema::cx::Cx;
use platc_sema::item::ItemId;
use platc_sema::level::Level;

use crate::analysis::Analysis;
use crate::assets::AssetFiles;
use crate::values::{NoSuchPath, Values};
use crate::world::World;

/// Why a value of a declaration is what it is.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Kind of the declaration.
    pub kind: &'static str,
    /// Its name.
    pub name: Text,
    /// The path behind it.
    pub path: String,
    /// The field's type, as its author would write it; empty for a whole declaration.
    pub ty: String,
    /// What the field is, for people.
    pub doc: Text,
    /// What it is, by place; one entry for what is the same everywhere.
    pub outcomes: Vec<Outcome>,
}

/// A value at a place, and how it came about.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The place; `None` for what is the same everywhere.
    pub place: Option<Text>,
    /// The value; `None` where nothing was said and nothing decided.
    pub value: Option<String>,
    /// The rule that decided it, if nobody wrote it: its name and what it does.
    pub rule: Option<(&'static str, &'static str)>,
    /// What is said, lowest level first.
    pub steps: Vec<Step>,
}

/// One statement about a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// `default`, `defaults`, `template`, `declaration`, `amend`, `declaration at a cluster`, `policy`, ….
    pub level: String,
    /// What it does.
    pub op: Doing,
    /// Where it is written.
    pub span: Span,
    /// What is written there.
    pub text: String,
    /// Whether it counts, or a higher level replaces it.
    pub counts: bool,
}

/// What a statement does with a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Doing {
    /// Says what it is.
    Sets,
    /// Adds to it.
    Appends,
    /// Takes it out, or a part of it.
    Removes,
}

/// The chains of all values that a path leads to.
///
/// # Errors
/// If it leads nowhere.
pub fn explain(world: &dyn World, analysis: &Analysis, path: &str) -> Result<Vec<Explanation>, NoSuchPath> {
    let values = Values::find(world, analysis, path)?;
    let assets = AssetFiles::new(world, &analysis.root, &analysis.files);
    let cx = analysis.cx(&assets);
    let mut found: Vec<(ItemId, Explanation)> = Vec::new();
    for at in &values.all {
        let place = at.place.as_deref().and_then(|place| place_id(cx, place));
        let chain = chain(cx, analysis, at.item, place, &values.rest);
        let outcome = Outcome {
            place: at.place.clone(),
            value: at.value.as_ref().map(|value| shown(&value.value)),
            rule: at.value.as_ref().and_then(|value| rule(value.origin)),
            steps: steps(analysis, &chain),
        };
        match found.iter_mut().find(|(item, _)| *item == at.item) {
            Some((_, explanation)) => explanation.outcomes.push(outcome),
            None => found.push((
                at.item,
                Explanation {
                    kind: at.kind,
                    name: Text::clone(&at.name),
                    path: values.rest.join("."),
                    ty: chain.field.map_or_else(String::new, |field| cx.types.show(&field.ty)),
                    doc: chain.field.map_or_else(|| "".into(), |field| Text::clone(&field.doc)),
                    outcomes: vec![outcome],
                },
            )),
        }
    }
    Ok(found.into_iter().map(|(_, explanation)| explanation).collect())
}

fn place_id(cx: Cx<'_>, name: &str) -> Option<ItemId> {
    let places = ["cluster", "datacenter"].into_iter().flat_map(|kind| cx.names.of_kind(kind, name));
    places.map(|(_, id)| *id).next()
}

fn rule(origin: Origin) -> Option<(&'static str, &'static str)> {
    match origin.why() {
        Why::Decided(rule) => Some((rule.name(), rule.sentence())),
        Why::Written | Why::Unknown => None,
    }
}

/// What is said about a field, lowest level first.
struct Chain<'c> {
    /// The field; `None` for a whole declaration.
    field: Option<&'c Field>,
    said: Vec<Said<'c>>,
    /// The parts of a whole declaration.
    parts: Vec<Part<'c>>,
}

fn chain<'c>(
    cx: Cx<'c>,
    analysis: &Analysis,
    id: ItemId,
    place: Option<ItemId>,
    path: &[String],
) -> Chain<'c> {
    let item = cx.item(id);
    let mut all = parts(cx, item);
    let mut nothing = Problems::new();
    if let Some(place) = place {
        for block in at_blocks(cx, item) {
            let named = place_of_block(cx, item, &block, &[place], &analysis.sites, &mut nothing);
            all.extend(named.into_iter().map(|(_, nearness, part)| part.at(nearness)));
        }
    }
    let kind = cx.types.kind(item.kind);
    let mut chain = Chain { field: None, said: Vec::new(), parts: all };
    let mut record = Some(cx.record_of(item.kind));
    let mut around = Around { kind, words: true };
    let mut words = path.iter().peekable();
    while let Some(word) = words.next() {
        let Some(id) = record else { break };
        let ty: &'c RecordType = cx.types.record(id);
        let said = collect(&cx, ty, &around, &chain.parts, &mut nothing);
        let at = ty.field(word).map(|(at, _)| at).or_else(|| body(ty));
        let Some(at) = at else { break };
        chain.field = ty.fields.get(at);
        chain.said = said.into_iter().filter(|said| said.field == at).collect();
        around = Around { kind: None, words: true };
        let Some(field) = chain.field else { break };
        let key = if field.role == Role::Each { words.next() } else { None };
        chain.parts = chain.said.iter().filter_map(|said| part_of(said, key.map(String::as_str))).collect();
        record = inner(&field.ty);
    }
    chain.parts.sort_by_key(|part| part.level);
    chain
}

fn body(ty: &RecordType) -> Option<usize> {
    ty.fields.iter().position(|field| field.role == Role::Body)
}

fn inner(ty: &Type) -> Option<RecordId> {
    match ty {
        Type::Record(id) => Some(*id),
        Type::Optional(inner) => inner_of(inner),
        _ => None,
    }
}

fn inner_of(ty: &Type) -> Option<RecordId> {
    if let Type::Record(id) = ty { Some(*id) } else { None }
}

/// A statement about a record, as a part of it; of children with keys, only those of one key.
fn part_of<'c>(said: &Said<'c>, key: Option<&str>) -> Option<Part<'c>> {
    let part = |src| Part { src, scope: said.scope, level: said.level, params_of: None, lenient: true };
    match said.what {
        _ if said.op == Op::Remove => None,
        What::Value(value) => Some(part(Src::Value(value))),
        What::Node(node, skip) => {
            let named = |wanted: &str| node.args().any(|arg| arg.text().is_some_and(|text| *text == *wanted));
            key.is_none_or(named).then(|| part(Src::Node { node, skip }))
        }
        What::Rest(node, from) => Some(part(Src::Node { node, skip: from })),
        What::Child(node) => Some(part(Src::Node { node, skip: 0 })),
    }
}

fn steps(analysis: &Analysis, chain: &Chain<'_>) -> Vec<Step> {
    let text = |span: Span| analysis.files.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut steps = Vec::new();
    let Some(field) = chain.field else {
        return chain
            .parts
            .iter()
            .map(|part| Step {
                level: level(analysis, part.level, part.span()),
                op: Doing::Sets,
                span: part.span(),
                text: text(part.span()),
                counts: true,
            })
            .collect();
    };
    if let Some(default) = &field.default {
        let counts = chain.said.is_empty();
        let (level, op) = ("default".to_owned(), Doing::Sets);
        steps.push(Step { level, op, span: field.span, text: shown(default), counts });
    }
    // Records and named children merge; anything else is replaced by the highest that sets it.
    let merges = matches!(field.ty, Type::Record(_) | Type::Map(_) | Type::Any) || field.role == Role::Each;
    let top = chain.said.iter().rposition(|said| said.op == Op::Set);
    for (at, said) in chain.said.iter().enumerate() {
        let op = match said.op {
            Op::Set => Doing::Sets,
            Op::Append => Doing::Appends,
            Op::Remove => Doing::Removes,
        };
        let removed = chain
            .said
            .iter()
            .skip(at + 1)
            .any(|later| later.op == Op::Remove && later.values().next().is_none());
        let counts = !removed && (merges || top.is_none_or(|top| at >= top));
        let span = whole(said);
        steps.push(Step { level: level(analysis, said.level, span), op, span, text: text(span), counts });
    }
    steps
}

/// What is said on a level, for people; of a change by a policy, by which.
fn level(analysis: &Analysis, level: Level, span: Span) -> String {
    let by = analysis.changed_by.iter().find(|(file, _)| *file == span.file);
    by.map_or_else(|| level.to_string(), |(_, policy)| format!("policy {policy}"))
}

/// All of a statement, not only where it begins.
fn whole(said: &Said<'_>) -> Span {
    match said.what {
        What::Node(node, _) | What::Child(node) => node.span(),
        _ => said.span(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::List(items) => {
            format!("[{}]", items.iter().map(|item| shown(&item.value)).collect::<Vec<_>>().join(", "))
        }
        Value::Map(_) | Value::Record(_) => "several fields".to_owned(),
        Value::Bool(value) => format!("#{value}"),
        scalar => scalar.to_string(),
    }
}
