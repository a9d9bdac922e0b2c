//! What policies change, as the KDL that an author would write: an `amend` for each patch, with its rule and
//! reason above it, in a text for each policy. So the checker reads it like the author's own words, a finding
//! about it shows the line, and `platc explain` names the policy.
//!
//! Not here: what becomes of it ([`crate::analysis`] checks it; a policy's word weighs most).
//!
//! Start with [`changes`].

use std::collections::BTreeMap;
use std::sync::Arc;

use platc_artifact::judge::{Change, Patch};
use platc_artifact::view::{NodeId, Pointer, View as _};
use platc_diag::{Problems, Sourced, Span, Why};
use platc_model::types::{Field, RecordId, RecordType, Role, Type, Types};
use platc_model::{Record, Value};
use platc_syntax::quoted;
use serde_json::Value as Json;

use crate::analysis;
use crate::errors;
use crate::view::{ModelView, Target, index, json, slot};

/// A node of KDL.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Line {
    /// Name, arguments.
    head: String,
    /// What is in its block.
    children: Vec<Line>,
}

/// Why a patch cannot be written: what is the matter, and what would do.
type Nowhere = (String, String);

/// What each policy changes, in the order of their names. Patches that address nothing are findings.
pub(super) fn changes(
    view: &ModelView,
    patches: &[Patch],
    uses: &BTreeMap<Arc<str>, Span>,
    problems: &mut Problems,
) -> Vec<analysis::Change> {
    let mut texts: BTreeMap<Arc<str>, String> = BTreeMap::new();
    let ids: Vec<&Patch> = patches.iter().collect();
    for group in ids.chunk_by(|a, b| (a.node, &a.pointer, &a.policy) == (b.node, &b.pointer, &b.policy)) {
        let Some(first) = group.first() else { continue };
        match written(view, first.node, group) {
            Ok(line) => {
                let text = texts.entry(Arc::clone(&first.policy)).or_insert_with(|| head(&first.policy));
                for patch in group {
                    *text += &format!("\n// {}: {}", patch.rule, one_line(&patch.reason));
                }
                text.push('\n');
                print(&line, 0, text);
            }
            Err(why) => {
                let span = Pointer::parse(&first.pointer)
                    .map_or(view.platform_span(), |pointer| view.origin(first.node, pointer));
                let used = uses.get(&first.policy).copied().unwrap_or(span);
                let mut problem =
                    errors::patch_nowhere(span, &first.policy, &first.rule, &first.pointer, why, used);
                if let Some(subject) = view.subject(first.node) {
                    problem = problem.about(subject);
                }
                problems.push(problem);
            }
        }
    }
    texts.into_iter().map(|(policy, text)| analysis::Change { policy, text }).collect()
}

fn head(policy: &str) -> String {
    format!("// What the policy `{policy}` changes. Written by platc, nowhere else.\n")
}

fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}').collect::<Vec<_>>().join(" ")
}

/// The `amend` that says what patches of one policy for one pointer do.
fn written(view: &ModelView, node: NodeId, patches: &[&Patch]) -> Result<Line, Nowhere> {
    let Some(target) = view.target(node) else {
        return Err(("no declaration has that number".to_owned(), "patch a node of the model".to_owned()));
    };
    let types = view.types();
    let editor = Editor { types };
    let mut lines = Vec::new();
    for patch in patches {
        let Ok(pointer) = Pointer::parse(&patch.pointer) else { continue };
        let parts: Vec<String> = pointer.parts().map(std::borrow::Cow::into_owned).collect();
        let change = Edit::read(&patch.change)?;
        let first = lines.is_empty();
        lines.extend(editor.record(target.record.ty, Some(target.record), &parts, &change, first)?);
    }
    amend(&target, lines)
}

fn amend(target: &Target<'_>, lines: Vec<Line>) -> Result<Line, Nowhere> {
    let kind = target.kind;
    let name = match target.library {
        Some(library) => format!("{library}.{}", target.name),
        None => target.name.to_owned(),
    };
    if matches!(kind, "allow" | "consent") || (name.is_empty() && kind != "platform") {
        let help = "patch declarations that have a name of their own".to_owned();
        return Err((format!("a `{kind}` cannot be changed by a policy"), help));
    }
    let block = if target.places.is_empty() {
        lines
    } else {
        let places: Vec<String> = target.places.iter().map(|place| quoted(place).into_owned()).collect();
        vec![Line { head: format!("at {}", places.join(" ")), children: lines }]
    };
    Ok(Line { head: format!("amend {kind} {}", quoted(&name)), children: block })
}

/// A change with its value read.
enum Edit {
    Set(Json),
    Remove,
    Append(Json),
}

impl Edit {
    fn read(change: &Change) -> Result<Self, Nowhere> {
        let value = |text: &str| {
            serde_json::from_str::<Json>(text)
                .map_err(|error| (format!("its value is no JSON: {error}"), "give a JSON value".to_owned()))
        };
        Ok(match change {
            // Nothing is nothing, whichever way it is said.
            Change::Set(text) if text == "null" => Self::Remove,
            Change::Set(text) => Self::Set(value(text)?),
            Change::Remove => Self::Remove,
            Change::Append(text) => Self::Append(value(text)?),
        })
    }
}

struct Editor<'t> {
    types: &'t Types,
}

impl Editor<'_> {
    /// The lines inside of a record that change what is at `parts`.
    fn record(
        &self,
        id: RecordId,
        record: Option<&Record>,
        parts: &[String],
        change: &Edit,
        first: bool,
    ) -> Result<Vec<Line>, Nowhere> {
        let ty = self.types.record(id);
        let Some((name, rest)) = parts.split_first() else {
            return Err(("a whole node cannot be replaced".to_owned(), "patch its fields".to_owned()));
        };
        let Some((_, field)) = ty.field(name) else { return Err(no_field(ty, name)) };
        let now = record.and_then(|record| slot(self.types, record, name));
        match field.role {
            Role::Fact => {
                Err((format!("the plan decides `{name}`"), "change what it decides it from".to_owned()))
            }
            Role::Body => self.body(now, rest, change),
            _ if rest.is_empty() => Ok(self.whole(field, now, change, first)),
            _ => self.inside(field, &field.ty, now, rest, change),
        }
    }

    /// A field as a whole.
    fn whole(&self, field: &Field, now: Option<&Sourced<Value>>, change: &Edit, first: bool) -> Vec<Line> {
        let written = now.is_some_and(|now| now.origin.why() == Why::Written);
        let merges = field.role == Role::Each || matches!(strip(&field.ty), Type::Record(_) | Type::Map(_));
        let mut lines = Vec::new();
        match change {
            Edit::Remove if written => lines.push(Line::new(format!("remove {}", field.name))),
            Edit::Remove => {}
            Edit::Set(value) => {
                // What merges would keep what is not spoken of.
                if merges && written {
                    lines.push(Line::new(format!("remove {}", field.name)));
                }
                lines.extend(self.say_field(field, value));
            }
            Edit::Append(value) if field.role == Role::Each => {
                lines.extend(self.say_field(field, &Json::Array(vec![value.clone()])));
            }
            Edit::Append(value) => {
                // A list that nobody wrote is replaced by the first word about it: say it, then add.
                let decided = now.filter(|now| !written && !now.list().is_empty());
                if let Some(now) = decided.filter(|_| first) {
                    lines.extend(self.say_field(field, &self.as_json(now)));
                }
                let mut line = self.say(&field.name, &field.ty, &Json::Array(vec![value.clone()]));
                line.head = format!("append {}", line.head);
                lines.push(line);
            }
        }
        lines
    }

    /// Something inside of a field.
    fn inside(
        &self,
        field: &Field,
        ty: &Type,
        now: Option<&Sourced<Value>>,
        parts: &[String],
        change: &Edit,
    ) -> Result<Vec<Line>, Nowhere> {
        let Some((token, rest)) = parts.split_first() else {
            return Ok(self.whole(field, now, change, true));
        };
        match ty {
            Type::Optional(inner) => self.inside(field, inner, now, parts, change),
            Type::Record(id) if field.role == Role::Each => self.child(field, *id, now, token, rest, change),
            Type::Record(id) => {
                let record = now.and_then(|now| now.record()).map(|record| &**record);
                let lines = self.record(*id, record, parts, change, true)?;
                Ok(vec![Line { head: quoted(&field.name).into_owned(), children: lines }])
            }
            Type::Map(inner) => self.entry(field, inner, now, token, rest, change),
            Type::Any => {
                let whole = self.replaced(now, parts, change)?;
                Ok(vec![self.say(&field.name, &Type::Any, &whole)])
            }
            Type::List(_) => {
                let whole = self.replaced(now, parts, change)?;
                Ok(vec![self.say(&field.name, ty, &whole)])
            }
            _ => Err((format!("`{}` has no parts", field.name), format!("patch `/{}` itself", field.name))),
        }
    }

    /// A child with a key, by its number.
    fn child(
        &self,
        field: &Field,
        id: RecordId,
        now: Option<&Sourced<Value>>,
        token: &str,
        rest: &[String],
        change: &Edit,
    ) -> Result<Vec<Line>, Nowhere> {
        let ty = self.types.record(id);
        let list = now.map_or(&[][..], |now| now.list());
        let element = index(token).and_then(|at| list.get(at)).and_then(|element| element.record());
        let Some(record) = element else {
            let help =
                format!("there are {} of them, counted from 0; append to `/{}`", list.len(), field.name);
            return Err((format!("there is no `{}` number {token}", field.name), help));
        };
        let key = ty.key().and_then(|(at, _)| record.slots.get(at)?.as_ref()).map(|key| key.to_string());
        let Some(key) = key else {
            let help = format!("append to `/{}`, or set it as a whole", field.name);
            return Err((format!("`{}` cannot be told apart", field.name), help));
        };
        let named = format!("{} {}", field.name, quoted(&key));
        if !rest.is_empty() {
            let lines = self.record(id, Some(record), rest, change, true)?;
            return Ok(vec![Line { head: named, children: lines }]);
        }
        let remove = Line::new(format!("remove {named}"));
        Ok(match change {
            Edit::Set(value) => std::iter::once(remove)
                .chain(self.say_field(field, &Json::Array(vec![value.clone()])))
                .collect(),
            Edit::Remove => vec![remove],
            Edit::Append(_) => return Err(no_list(token)),
        })
    }

    /// An entry of a map.
    fn entry(
        &self,
        field: &Field,
        inner: &Type,
        now: Option<&Sourced<Value>>,
        token: &str,
        rest: &[String],
        change: &Edit,
    ) -> Result<Vec<Line>, Nowhere> {
        let known = match now.map(|now| &now.value) {
            Some(Value::Map(entries)) => entries.iter().find(|(name, _)| **name == *token),
            _ => None,
        };
        let value = match (rest.is_empty(), change) {
            (true, Edit::Remove) if known.is_none() => return Ok(Vec::new()),
            (true, Edit::Remove) => {
                return Ok(vec![Line::new(format!("remove {} {}", field.name, quoted(token)))]);
            }
            (true, Edit::Set(value)) => value.clone(),
            _ => self.replaced(known.map(|(_, value)| value), rest, change)?,
        };
        let line = self.say(token, inner, &value);
        Ok(vec![Line { head: quoted(&field.name).into_owned(), children: vec![line] }])
    }

    /// The free part of a node: its values stand in the node itself.
    fn body(
        &self,
        now: Option<&Sourced<Value>>,
        parts: &[String],
        change: &Edit,
    ) -> Result<Vec<Line>, Nowhere> {
        if let Some(record) = now.and_then(|now| now.record())
            && !parts.is_empty()
        {
            return self.record(record.ty, Some(record), parts, change, true);
        }
        let removes = matches!(change, Edit::Remove);
        let Some((token, rest)) = parts.split_first().filter(|_| !removes) else {
            let help = "set its values one by one; they cannot be taken out".to_owned();
            return Err(("a free block cannot be replaced as a whole".to_owned(), help));
        };
        let inner = match now.map(|now| &now.value) {
            Some(Value::Map(entries)) => {
                entries.iter().find(|(name, _)| **name == *token).map(|(_, own)| own)
            }
            _ => None,
        };
        let value = match (rest.is_empty(), change) {
            (true, Edit::Set(value)) => value.clone(),
            _ => self.replaced(inner, rest, change)?,
        };
        Ok(vec![self.say(token, &Type::Any, &value)])
    }

    /// A value as JSON, with a change inside of it.
    fn replaced(
        &self,
        now: Option<&Sourced<Value>>,
        parts: &[String],
        change: &Edit,
    ) -> Result<Json, Nowhere> {
        let mut whole = now.map_or(Json::Null, |now| self.as_json(now));
        edit(&mut whole, parts, change)?;
        Ok(whole)
    }

    fn as_json(&self, value: &Value) -> Json {
        // It was written as JSON a moment ago; numbers that JSON lacks are null there already.
        serde_json::from_str(&json(self.types, value)).unwrap_or(Json::Null)
    }

    /// The lines that say a field.
    fn say_field(&self, field: &Field, value: &Json) -> Vec<Line> {
        match (field.role, value) {
            (Role::Each, Json::Array(items)) => {
                items.iter().map(|item| self.say(&field.name, &field.ty, item)).collect()
            }
            _ => vec![self.say(&field.name, &field.ty, value)],
        }
    }

    /// The line that says a value. What does not fit its type is written all the same: the checker says so.
    fn say(&self, name: &str, ty: &Type, value: &Json) -> Line {
        let name = quoted(name).into_owned();
        match (ty, value) {
            (Type::Optional(inner), _) => self.say_quoted(name, inner, value),
            _ => self.say_quoted(name, ty, value),
        }
    }

    fn say_quoted(&self, name: String, ty: &Type, value: &Json) -> Line {
        match (strip(ty), value) {
            (Type::Record(id), Json::Object(fields)) => self.say_record(name, *id, fields),
            (Type::Map(inner), Json::Object(fields)) => Line {
                head: name,
                children: fields.iter().map(|(name, value)| self.say(name, inner, value)).collect(),
            },
            (Type::List(inner), Json::Array(items)) if items.iter().all(|item| scalar(item).is_some()) => {
                let words: Vec<String> = items.iter().filter_map(scalar).collect();
                debug_assert!(!matches!(**inner, Type::Any));
                Line::new([vec![name], words].concat().join(" "))
            }
            (Type::List(inner), Json::Array(items)) => Line {
                head: name,
                children: items.iter().map(|item| self.say_quoted("-".to_owned(), inner, item)).collect(),
            },
            (_, value) => any(&name, value),
        }
    }

    fn say_record(&self, name: String, id: RecordId, fields: &serde_json::Map<String, Json>) -> Line {
        let ty = self.types.record(id);
        let key = ty.key().and_then(|(_, key)| Some((&*key.name, scalar(fields.get(&*key.name)?)?)));
        let head = match &key {
            Some((_, text)) => format!("{name} {text}"),
            None => name,
        };
        let rest = fields.iter().filter(|(own, value)| {
            !value.is_null() && key.as_ref().is_none_or(|(key, _)| *key != own.as_str())
        });
        let children = rest.flat_map(|(own, value)| match ty.field(own) {
            Some((_, field)) => self.say_field(field, value),
            None => vec![any(&quoted(own), value)],
        });
        Line { head, children: children.collect() }
    }
}

/// Changes what is at `parts` of a JSON value.
fn edit(value: &mut Json, parts: &[String], change: &Edit) -> Result<(), Nowhere> {
    let Some((token, rest)) = parts.split_first() else {
        match change {
            Edit::Set(new) => *value = new.clone(),
            Edit::Remove => *value = Json::Null,
            Edit::Append(new) => match value {
                Json::Array(items) => items.push(new.clone()),
                Json::Null => *value = Json::Array(vec![new.clone()]),
                _ => return Err(no_list("the value")),
            },
        }
        return Ok(());
    };
    if value.is_null() {
        *value = Json::Object(serde_json::Map::new());
    }
    let removes = rest.is_empty() && matches!(change, Edit::Remove);
    match value {
        Json::Object(fields) if removes => {
            fields.shift_remove(token);
            Ok(())
        }
        Json::Object(fields) => edit(fields.entry(token.as_str()).or_insert(Json::Null), rest, change),
        Json::Array(items) => match index(token).filter(|at| *at < items.len()) {
            Some(at) if removes => {
                items.remove(at);
                Ok(())
            }
            Some(at) => items.get_mut(at).map_or(Ok(()), |item| edit(item, rest, change)),
            None => {
                let help = format!("there are {} of them, counted from 0", items.len());
                Err((format!("there is no element {token}"), help))
            }
        },
        _ => Err((format!("there is nothing inside of `{token}`"), "patch the value itself".to_owned())),
    }
}

/// A value of no particular type, as configs have them.
fn any(name: &str, value: &Json) -> Line {
    match value {
        Json::Object(fields) => Line {
            head: format!("(object){name}"),
            children: fields.iter().map(|(name, value)| any(&quoted(name), value)).collect(),
        },
        Json::Array(items) => Line {
            head: format!("(array){name}"),
            children: items.iter().map(|item| any("-", item)).collect(),
        },
        value => Line::new(format!("{name} {}", scalar(value).unwrap_or_default())),
    }
}

/// A scalar in KDL; `None` for what is none.
fn scalar(value: &Json) -> Option<String> {
    Some(match value {
        Json::Null => "#null".to_owned(),
        Json::Bool(truth) => format!("#{truth}"),
        Json::Number(number) => number.to_string(),
        Json::String(text) => quoted(&plain(text)).into_owned(),
        Json::Array(_) | Json::Object(_) => return None,
    })
}

/// A policy says values, not expressions; only a secret has no value that could be said.
fn plain(text: &str) -> String {
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let secret = text.strip_prefix("${secret.").and_then(|rest| rest.strip_suffix('}'));
    if secret.is_some_and(|key| key.chars().all(name)) {
        return text.to_owned();
    }
    text.replace("${", "$${")
}

fn strip(ty: &Type) -> &Type {
    match ty {
        Type::Optional(inner) => strip(inner),
        other => other,
    }
}

fn no_field(ty: &RecordType, name: &str) -> Nowhere {
    let help = match platc_diag::closest(name, ty.written_names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its fields are {}", ty.written_names().collect::<Vec<_>>().join(", ")),
    };
    (format!("there is no field `{name}` in `{}`", ty.name), help)
}

fn no_list(what: &str) -> Nowhere {
    (format!("{what} is no list"), "set it".to_owned())
}

impl Line {
    fn new(head: String) -> Self {
        Self { head, children: Vec::new() }
    }
}

fn print(line: &Line, depth: usize, out: &mut String) {
    let indent = "    ".repeat(depth);
    *out += &indent;
    *out += &line.head;
    if line.children.is_empty() {
        out.push('\n');
        return;
    }
    *out += " {\n";
    for child in &line.children {
        print(child, depth + 1, out);
    }
    *out += &indent;
    *out += "}\n";
}
