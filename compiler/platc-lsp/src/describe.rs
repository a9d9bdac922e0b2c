//! Words about things: what hover and completion show, as Markdown.
//!
//! Start with [`Known::about`].

use std::fmt::Write as _;

use platc_diag::Span;
use platc_model::types::{Field, RecordId, Role};
use platc_model::{Record, Value};
use platc_sema::expr::functions::Function;
use platc_sema::expr::{Asker, Place, Val};
use platc_sema::item::ItemId;
use platc_syntax::expr::Expr;

use crate::known::{At, Known};
use crate::symbol::{Symbol, WORDS};

/// Characters of a value that are shown.
const SHOWN_MAX: usize = 200;

/// What each statement of the language does.
const STATEMENTS: &[(&str, &str)] = &[
    ("let", "Names a value, worked out where it is used: `let name \"…\"` or `let name { … }`."),
    ("param", "An input of a template or library: `param name type=… default=…`."),
    ("type", "Declares a record or a choice that configs are checked against."),
    ("template", "Declares a new node name; its use expands to the declarations in it."),
    ("for", "Repeats declarations: `for dc in=datacenters { … }`."),
    ("defaults", "What declarations of a kind say that say nothing else, from this directory down."),
    ("amend", "Changes a declaration from elsewhere: `amend service api { replicas 2 }`."),
    ("import", "Brings in a library and sets its parameters."),
    ("test", "Changes things, or nothing, and says what must follow."),
    ("at", "Says something else for one place: `at prod-b { replicas 3 }`. A cluster beats a datacenter."),
    ("remove", "Takes a field or a named child out: `remove calls auth`."),
    ("append", "Adds to a list instead of replacing it: `append in prod-b`."),
    ("allow", "Waives a finding on this declaration: `allow NAME reason=\"…\" until=\"2027-01-01\"`."),
    ("check", "A rule across fields: an expression that must be true, and what is said when it is not."),
    ("lose", "Takes hosts, racks or datacenters away for this test."),
    ("expect", "Says what must follow: an expression that is true, or a finding."),
    ("golden", "Names files of the build that are kept beside the platform, to be compared."),
];

/// What a statement does.
pub(crate) fn statement(word: &str) -> Option<&'static str> {
    STATEMENTS.iter().find(|(known, _)| *known == word).map(|(_, doc)| *doc)
}

impl Known {
    /// What a symbol is, as Markdown.
    pub(crate) fn about(&self, symbol: &Symbol) -> Option<String> {
        Some(match symbol {
            Symbol::Item(id) => self.about_item(*id),
            Symbol::Named(at) | Symbol::Entry(at) => self.about_node(self.at(*at)),
            Symbol::Field(record, index) => self.about_field(*record, self.field((*record, *index))?),
            Symbol::Kind(kind) => {
                let ty = self.analysis.types.kind(kind)?;
                let record = self.analysis.types.record(ty.record);
                format!("```kdl\n{kind}\n```\n{}", record.doc)
            }
            Symbol::Statement(word) => format!("```kdl\n{word}\n```\n{}", statement(word)?),
            Symbol::Function(name) => {
                let function = Function::find(name)?;
                format!("```kdl\n{}\n```\n{}", signature(function), function.doc)
            }
            Symbol::Word(word) => {
                let (_, doc) = WORDS.iter().find(|(known, _)| known == word)?;
                format!("`{word}`\n\n{doc}")
            }
            Symbol::Library(unit) => {
                let name = &self.analysis.project.unit(*unit).name;
                format!("The library `{name}`.")
            }
            Symbol::Part(id, part, name) => {
                let item = self.item(*id);
                format!("The {part} `{name}` of the {} `{}`.", item.kind, item.name)
            }
            Symbol::Local(_) => return None,
        })
    }

    fn about_item(&self, id: ItemId) -> String {
        let item = self.item(id);
        let mut out = format!("```kdl\n{} {}\n```", item.kind, item.name);
        if let Some(doc) = self.at(item.node).node.doc() {
            let _ = write!(out, "\n{doc}\n");
        }
        let eval = self.evaluator();
        let places: Vec<String> = self
            .places(id, &eval)
            .into_iter()
            .filter_map(|(at, _)| at.map(|at| format!("`{}`", self.item(at).name)))
            .collect();
        if !places.is_empty() {
            let _ = write!(out, "\nAt {}.", places.join(", "));
        }
        out
    }

    fn about_node(&self, at: At<'_>) -> String {
        let mut out = format!("```kdl\n{}\n```", self.slice(at.node.header_span()));
        if let Some(doc) = at.node.doc() {
            let _ = write!(out, "\n{doc}");
        }
        out
    }

    /// A field with its type, what it is when left out, and what else must hold.
    pub(crate) fn about_field(&self, record: RecordId, field: &Field) -> String {
        let types = &self.analysis.types;
        let mut out =
            format!("```kdl\n{}.{}: {}\n```", types.record(record).name, field.name, types.show(&field.ty));
        if !field.doc.is_empty() {
            let _ = write!(out, "\n{}", field.doc);
        }
        let limits = &field.limits;
        let mut facts: Vec<String> = Vec::new();
        match (&field.default, field.optional || field.only || field.role == Role::Each) {
            (Some(default), _) => facts.push(format!("By default `{}`.", self.shown(default))),
            (None, false) if !matches!(field.role, Role::Fact | Role::Body) => {
                facts.push("Required.".to_owned());
            }
            _ => {}
        }
        if let Some(min) = &limits.min {
            facts.push(format!("At least `{min}`."));
        }
        if let Some(max) = &limits.max {
            facts.push(format!("At most `{max}`."));
        }
        if let Some(pattern) = &limits.pattern {
            facts.push(format!("Matches `{pattern}`."));
        }
        if field.role == Role::Fact {
            facts.push("Worked out by the plan.".to_owned());
        }
        if !facts.is_empty() {
            let _ = write!(out, "\n\n{}", facts.join(" "));
        }
        out
    }

    /// What a field is at each place of the declaration that a node belongs to: where the node itself says
    /// it, else, for a field of the declaration, what counts in the end.
    pub(crate) fn values_of_field(
        &self,
        at: At<'_>,
        record: RecordId,
        index: usize,
    ) -> Vec<(String, String)> {
        let Some((owner, _)) = self.owner(at) else { return Vec::new() };
        let eval = self.evaluator();
        let mut found = Vec::new();
        for (place, here) in self.places(owner, &eval) {
            let Some(variant) = self.analysis.checked.variant(owner, &here) else { continue };
            eval.restart();
            let resolved = eval.resolved_record(&variant.record, owner, &here, &mut |_| Ok(Value::Null));
            let Ok(resolved) = resolved else { continue };
            let value = if resolved.ty == record {
                resolved.slots.get(index).and_then(Option::as_ref).map(|slot| &slot.value)
            } else {
                slot_within(&resolved, record, index, at.node.span())
            };
            if let Some(value) = value.filter(|value| **value != Value::Null) {
                found.push((self.name_of_place(place), self.shown(value)));
            }
        }
        found
    }

    /// What an expression is worth at each place of its declaration.
    pub(crate) fn values_of_expression(&self, at: At<'_>, expr: &Expr) -> Vec<(String, String)> {
        let seen = self.seen(at);
        let eval = self.evaluator();
        let places = match seen.owner {
            Some(owner) => self.places(owner, &eval),
            None => vec![(None, Place::default())],
        };
        let mut found = Vec::new();
        for (place, here) in places {
            let asker =
                Asker { scope: seen.scope, owner: seen.owner, place: here.clone(), locals: Vec::new() };
            eval.restart();
            let worth = eval.expression(expr, &asker).and_then(|worth| eval.settle(worth, seen.owner, &here));
            if let Ok(worth) = worth
                && let Some(shown) = self.shown_worth(&worth)
            {
                found.push((self.name_of_place(place), shown));
            }
        }
        found
    }

    fn name_of_place(&self, place: Option<ItemId>) -> String {
        place.map(|place| self.item(place).name.to_string()).unwrap_or_default()
    }

    fn shown_worth(&self, worth: &Val) -> Option<String> {
        match worth {
            Val::Value(Value::Null) => None,
            Val::Value(value) => Some(self.shown(value)),
            Val::Item(id, _) => Some(format!("{} {}", self.item(*id).kind, self.item(*id).name)),
            Val::List(items) => {
                let items: Option<Vec<String>> = items.iter().map(|item| self.shown_worth(item)).collect();
                Some(cut(&format!("[{}]", items?.join(", "))))
            }
            _ => None,
        }
    }

    /// A value in one line.
    pub(crate) fn shown(&self, value: &Value) -> String {
        cut(&self.written(value, 0))
    }

    fn written(&self, value: &Value, depth: usize) -> String {
        if depth > 3 {
            return "…".to_owned();
        }
        match value {
            Value::List(items) => {
                let items: Vec<String> =
                    items.iter().take(20).map(|item| self.written(&item.value, depth + 1)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Map(entries) => {
                let entries = entries.iter().take(20);
                let entries: Vec<String> = entries
                    .map(|(name, value)| format!("{name}={}", self.written(&value.value, depth + 1)))
                    .collect();
                format!("{{ {} }}", entries.join(" "))
            }
            Value::Record(record) => {
                let fields = self.analysis.types.record(record.ty).fields.iter().zip(&record.slots);
                let entries: Vec<String> = fields
                    .filter_map(|(field, slot)| Some((field, slot.as_ref()?)))
                    .map(|(field, slot)| format!("{}={}", field.name, self.written(&slot.value, depth + 1)))
                    .collect();
                format!("{{ {} }}", entries.join(" "))
            }
            scalar => scalar.to_string(),
        }
    }
}

/// Values at places in few lines: places that agree share one.
pub(crate) fn by_place(values: &[(String, String)]) -> String {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (place, value) in values {
        match groups.iter_mut().find(|(known, _)| known == value) {
            Some((_, places)) => places.push(place),
            None => groups.push((value, vec![place])),
        }
    }
    let mut out = String::new();
    for (value, places) in &groups {
        let everywhere = places.iter().any(|place| place.is_empty());
        if everywhere {
            let _ = writeln!(out, "= `{value}`");
        } else {
            let _ = writeln!(out, "at {}: `{value}`", places.join(", "));
        }
    }
    out
}

/// A function with what it takes.
pub(crate) fn signature(function: &Function) -> String {
    let takes: Vec<&str> = function.takes.iter().map(|takes| takes.noun()).collect();
    format!("{}({}{})", function.name, takes.join(", "), if function.more { ", …" } else { "" })
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or("")),
        None => text.to_owned(),
    }
}

/// The value of a field of a record type, where it is written within a span.
fn slot_within(record: &Record, ty: RecordId, index: usize, within: Span) -> Option<&Value> {
    if record.ty == ty
        && let Some(Some(slot)) = record.slots.get(index)
        && slot.origin.span().is_some_and(|span| {
            span.file == within.file && within.start <= span.start && span.end <= within.end
        })
    {
        return Some(&slot.value);
    }
    record.slots.iter().flatten().find_map(|slot| value_within(&slot.value, ty, index, within))
}

fn value_within(value: &Value, ty: RecordId, index: usize, within: Span) -> Option<&Value> {
    match value {
        Value::Record(record) => slot_within(record, ty, index, within),
        Value::List(items) => items.iter().find_map(|item| value_within(&item.value, ty, index, within)),
        Value::Map(entries) => {
            entries.iter().find_map(|(_, item)| value_within(&item.value, ty, index, within))
        }
        _ => None,
    }
}
