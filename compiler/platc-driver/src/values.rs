//! Values of the model by path: what `platc show` prints and `platc explain` begins with.
//!
//! A path is `KIND`, `KIND.NAME` or `NAME`, and then fields, keys of named children and places in lists:
//! `service.ingest.config.kafka.brokers.0`.
//!
//! Not here: who said what (`explain`).
//!
//! Start with [`Values::find`].

use std::sync::Arc;

use platc_artifact::{Doc, Format, Shown, Slot};
use platc_diag::{Sourced, did_you_mean};
use platc_model::types::{RecordType, Role, Types};
use platc_model::{Record, Text, Value};
use platc_sema::cx::Cx;
use platc_sema::item::ItemId;
use platc_sema::relate::values_of;

use crate::analysis::Analysis;
use crate::assets::AssetFiles;
use crate::world::World;

/// A form to print values in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// As the author would write it.
    Kdl,
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

/// Why a path leads nowhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoSuchPath {
    /// What is the matter.
    pub message: String,
    /// What would be right, if that is known.
    pub help: Option<String>,
}

/// What a path leads to, at one place.
#[derive(Clone, Debug)]
pub struct AtPlace {
    /// The declaration.
    pub item: ItemId,
    /// Its kind.
    pub kind: &'static str,
    /// Its name.
    pub name: Text,
    /// The place; `None` for what is the same everywhere.
    pub place: Option<Text>,
    /// The value, with where it comes from; `None` where nothing was said.
    pub value: Option<Sourced<Value>>,
}

/// What a path leads to.
#[derive(Clone, Debug)]
pub struct Values {
    /// By declaration and place, in their order.
    pub all: Vec<AtPlace>,
    /// The part of the path behind the declaration.
    pub rest: Vec<String>,
}

impl Values {
    /// The values that a path leads to.
    ///
    /// # Errors
    /// If it leads nowhere.
    pub fn find(world: &dyn World, analysis: &Analysis, path: &str) -> Result<Self, NoSuchPath> {
        let assets = AssetFiles::new(world, &analysis.root, &analysis.files);
        let cx = analysis.cx(&assets);
        let words: Vec<&str> = path.split('.').filter(|word| !word.is_empty()).collect();
        let (items, rest) = items(cx, &words)?;
        let ports = &analysis.plan.lock.ports;
        let mut all = Vec::new();
        for id in items {
            let item = cx.item(id);
            for (place, record) in values_of(cx, &analysis.checked, &analysis.sites, ports, id) {
                let whole = platc_diag::Origin::written(record.span).of(Value::Record(record));
                all.push(AtPlace {
                    item: id,
                    kind: item.kind,
                    name: Text::clone(&item.name),
                    place: place.map(|place| Text::clone(&cx.item(place).name)),
                    value: below(cx.types, whole, rest)?,
                });
            }
        }
        Ok(Self { all, rest: rest.iter().map(|word| (*word).to_owned()).collect() })
    }

    /// The values as text.
    pub fn print(&self, types: &Types, form: Form) -> String {
        match form {
            Form::Kdl => self.kdl(types),
            Form::Json => self.printed(types, Format::Json),
            Form::Yaml => self.printed(types, Format::Yaml),
        }
    }

    /// One value alone, else a map by name, and by place where they differ.
    fn printed(&self, types: &Types, format: Format) -> String {
        let mut doc = Doc::new();
        match self.distinct().as_slice() {
            [only] if !self.rest.is_empty() || self.all.len() == 1 => {
                put(doc.slot(), types, only.value.as_ref());
            }
            several => {
                doc.map(|m| {
                    several.iter().for_each(|at| put(m.slot(&self.title(at)), types, at.value.as_ref()));
                });
            }
        }
        let mut out = Vec::new();
        // Values of the model are of forms that every format has.
        let _ = doc.print(format, &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    fn kdl(&self, types: &Types) -> String {
        let mut out = String::new();
        for at in self.distinct() {
            let title = if self.rest.is_empty() {
                let name = if at.name.is_empty() {
                    String::new()
                } else {
                    format!(" {}", platc_syntax::quoted(&at.name))
                };
                format!("{}{name}", at.kind)
            } else {
                self.rest.last().cloned().unwrap_or_default()
            };
            if self.all.len() > 1
                && let Some(place) = &at.place
            {
                out += &format!("// at {place}\n");
            }
            if let Some(value) = &at.value {
                kdl(types, &title, &value.value, 0, &mut out);
            }
        }
        out
    }

    /// What is the same at all places of a declaration is said once.
    fn distinct(&self) -> Vec<&AtPlace> {
        let mut kept: Vec<&AtPlace> = Vec::new();
        for at in &self.all {
            let same = |other: &&AtPlace| {
                other.item == at.item
                    && other.value.as_ref().map(|value| &value.value)
                        == at.value.as_ref().map(|value| &value.value)
            };
            if !kept.iter().any(same) {
                kept.push(at);
            }
        }
        kept
    }

    fn title(&self, at: &AtPlace) -> String {
        let several = self.all.iter().filter(|other| other.item == at.item).count() > 1;
        match &at.place {
            Some(place) if several => format!("{}@{place}", at.name),
            _ if at.name.is_empty() => at.kind.to_owned(),
            _ => at.name.to_string(),
        }
    }
}

/// The declarations that a path begins with, and what is left of it.
fn items<'w>(cx: Cx<'_>, words: &'w [&'w str]) -> Result<(Vec<ItemId>, &'w [&'w str]), NoSuchPath> {
    let nowhere = |name: &str, names: Vec<&str>, what: &str| NoSuchPath {
        message: format!("nothing is called `{name}`"),
        help: did_you_mean(name, names, what),
    };
    let (Some(first), rest) = (words.first(), words.get(1..).unwrap_or(&[])) else {
        return Ok((cx.items.iter().map(|(id, _)| id).collect(), &[]));
    };
    let named = |kind: Option<&str>, name: &str| -> Vec<ItemId> {
        let fits = |item: &platc_sema::item::Item| {
            *item.name == *name && !item.name.is_empty() && kind.is_none_or(|kind| item.kind == kind)
        };
        cx.items.iter().filter(|(_, item)| fits(item)).map(|(id, _)| id).collect()
    };
    let Some(kind) = cx.types.kind(first) else {
        let found = named(None, first);
        return if found.is_empty() {
            Err(nowhere(first, cx.names.all().collect(), "there are"))
        } else {
            Ok((found, rest))
        };
    };
    let all: Vec<ItemId> = cx.items.of_kind(kind.name).map(|(id, _)| id).collect();
    match rest.split_first() {
        Some((name, after)) => {
            let found = named(Some(kind.name), name);
            if !found.is_empty() {
                return Ok((found, after));
            }
            // `platform.kubernetes`: the only one needs no name.
            if let [only] = all.as_slice()
                && cx.types.record(kind.record).field(name).is_some()
            {
                return Ok((vec![*only], rest));
            }
            Err(nowhere(name, cx.names.names_of(kind.name).collect(), &format!("each {} is", kind.name)))
        }
        None => Ok((all, rest)),
    }
}

/// What stands below a value.
fn below(types: &Types, value: Sourced<Value>, path: &[&str]) -> Result<Option<Sourced<Value>>, NoSuchPath> {
    let Some((word, rest)) = path.split_first() else { return Ok(Some(value)) };
    let next = match &value.value {
        Value::Record(record) => field(types, record, word)?,
        Value::Map(entries) => {
            entries.iter().find(|(name, _)| **name == **word).map(|(_, value)| value.clone())
        }
        Value::List(items) => element(types, items, word),
        _ => None,
    };
    match next {
        Some(next) => below(types, next, rest),
        None => Ok(None),
    }
}

fn field(types: &Types, record: &Arc<Record>, word: &str) -> Result<Option<Sourced<Value>>, NoSuchPath> {
    let ty = types.record(record.ty);
    if let Some((at, _)) = ty.field(word) {
        return Ok(record.slots.get(at).cloned().flatten());
    }
    // What stands in a body is asked for as if it stood in the record.
    if let Some(at) = body(ty) {
        let value = record.slots.get(at).cloned().flatten();
        return value.map_or(Ok(None), |value| below(types, value, &[word]));
    }
    Err(NoSuchPath {
        message: format!("`{}` has no `{word}`", ty.name),
        help: did_you_mean(word, ty.fields.iter().map(|field| &*field.name), "it has"),
    })
}

fn body(ty: &RecordType) -> Option<usize> {
    ty.fields.iter().position(|field| field.role == Role::Body)
}

/// A child by its key, else an element by its place.
fn element(types: &Types, items: &[Sourced<Value>], word: &str) -> Option<Sourced<Value>> {
    let by_key = items.iter().find(|item| {
        let Value::Record(record) = &item.value else { return false };
        let key = types.record(record.ty).key();
        key.and_then(|(at, _)| record.slots.get(at)?.as_ref())
            .is_some_and(|key| key.value.to_string() == word)
    });
    by_key.or_else(|| items.get(word.parse::<usize>().ok()?)).cloned()
}

/// Puts a value into a document, in the form that a config has.
fn put(slot: Slot<'_>, types: &Types, value: Option<&Sourced<Value>>) {
    let Some(value) = value else { return drop(slot) };
    match &value.value {
        Value::Null => drop(slot),
        Value::Bool(value) => slot.put(*value),
        Value::Int(value) => slot.put(*value),
        Value::Float(value) => slot.put(*value),
        Value::Port(value) => slot.put(*value),
        Value::List(items) => slot.seq(|s| items.iter().for_each(|item| put(s.slot(), types, Some(item)))),
        Value::Map(entries) => {
            slot.map(|m| entries.iter().for_each(|(name, value)| put(m.slot(name), types, Some(value))));
        }
        Value::Record(record) => slot.map(|m| {
            for (name, value) in said(types, record) {
                put(m.slot(name), types, Some(value));
            }
        }),
        scalar => slot.put(Shown(scalar)),
    }
}

/// The fields of a record that have a value.
fn said<'r>(types: &'r Types, record: &'r Record) -> impl Iterator<Item = (&'r str, &'r Sourced<Value>)> {
    let fields = types.record(record.ty).fields.iter().zip(&record.slots);
    fields.filter_map(|(field, slot)| Some((&*field.name, slot.as_ref()?)))
}

/// A value as a node.
fn kdl(types: &Types, name: &str, value: &Value, depth: usize, out: &mut String) {
    let indent = "    ".repeat(depth);
    let name = platc_syntax::quoted(name);
    match value {
        Value::Record(record) => {
            *out += &format!("{indent}{name}{} {{\n", arguments(types, record));
            for (field, slot) in types.record(record.ty).fields.iter().zip(&record.slots) {
                let Some(slot) = slot else { continue };
                match (field.role, &slot.value) {
                    (Role::Arg | Role::Args | Role::Key | Role::Keys | Role::Fact, _) => {}
                    (Role::Body, Value::Record(_) | Value::Map(_)) => {
                        entries(types, &slot.value)
                            .for_each(|(name, value)| kdl(types, name, value, depth + 1, out));
                    }
                    (Role::Each, Value::List(items)) => {
                        items.iter().for_each(|item| kdl(types, &field.name, &item.value, depth + 1, out));
                    }
                    (_, value) => kdl(types, &field.name, value, depth + 1, out),
                }
            }
            *out += &format!("{indent}}}\n");
        }
        Value::Map(_) => {
            *out += &format!("{indent}{name} {{\n");
            entries(types, value).for_each(|(name, value)| kdl(types, name, value, depth + 1, out));
            *out += &format!("{indent}}}\n");
        }
        Value::List(items)
            if items
                .iter()
                .any(|item| matches!(item.value, Value::Record(_) | Value::Map(_) | Value::List(_))) =>
        {
            *out += &format!("{indent}{name} {{\n");
            items.iter().for_each(|item| kdl(types, "-", &item.value, depth + 1, out));
            *out += &format!("{indent}}}\n");
        }
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| word(&item.value)).collect();
            *out += &format!("{indent}{name} {}\n", items.join(" "));
        }
        scalar => *out += &format!("{indent}{name} {}\n", word(scalar)),
    }
}

/// The arguments of a record's node, each with a blank before it.
fn arguments(types: &Types, record: &Record) -> String {
    let fields = types.record(record.ty).fields.iter().zip(&record.slots);
    let arguments =
        fields.filter(|(field, _)| matches!(field.role, Role::Arg | Role::Args | Role::Key | Role::Keys));
    let values = arguments.filter_map(|(_, slot)| slot.as_ref()).flat_map(|slot| match &slot.value {
        Value::List(items) => items.iter().map(|item| word(&item.value)).collect(),
        value => vec![word(value)],
    });
    values.map(|value| format!(" {value}")).collect()
}

fn entries<'v>(types: &'v Types, value: &'v Value) -> Box<dyn Iterator<Item = (&'v str, &'v Value)> + 'v> {
    match value {
        Value::Map(entries) => Box::new(entries.iter().map(|(name, value)| (&**name, &value.value))),
        Value::Record(record) => Box::new(said(types, record).map(|(name, value)| (name, &value.value))),
        _ => Box::new(std::iter::empty()),
    }
}

/// A scalar as it is written.
fn word(value: &Value) -> String {
    match value {
        Value::Null => "#null".to_owned(),
        Value::Bool(value) => format!("#{value}"),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Port(value) => value.to_string(),
        other => platc_syntax::quoted(&other.to_string()).into_owned(),
    }
}
