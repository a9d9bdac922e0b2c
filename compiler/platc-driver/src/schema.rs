//! The language for other tools: a JSON Schema of all kinds and reference pages for people, both made of
//! the types that check a platform, so they cannot say anything else.
//!
//! The schema is of the model as `platc show --format json` prints it: kinds by name, declarations by name
//! below them.
//!
//! Start with [`json_schema`] and [`reference`].

use std::collections::BTreeSet;
use std::fmt::Write as _;

use platc_model::scalar::Scalar;
use platc_model::types::{Field, KindType, Limits, RecordId, RecordType, Role, Type, Types};
use platc_model::{Text, Value};
use platc_syntax::Node;
use platc_syntax::shape::Shape;
use serde_json::{Map, Value as Json, json};

/// The types of the standard library's kinds: the language as it is without a platform.
pub fn types() -> &'static Types {
    platc_sema::stdlib::types()
}

/// A JSON Schema (draft 2020-12) of the whole language.
pub fn json_schema(types: &Types) -> Json {
    let mut definitions = Map::new();
    let mut todo: Vec<RecordId> = types.kinds().iter().map(|kind| kind.record).collect();
    let mut known: BTreeSet<RecordId> = todo.iter().copied().collect();
    while let Some(id) = todo.pop() {
        let record = types.record(id);
        for field in &record.fields {
            for inner in records_of(&field.ty) {
                if known.insert(inner) {
                    todo.push(inner);
                }
            }
        }
        definitions.insert(record.name.to_string(), record_schema(types, record));
    }
    definitions.sort_keys();
    let kinds: Map<String, Json> =
        types.kinds().iter().map(|kind| (kind.name.to_owned(), kind_schema(types, kind))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "platc",
        "description": "A platform: kinds, and below each its declarations by name.",
        "type": "object",
        "additionalProperties": false,
        "properties": kinds,
        "$defs": definitions,
    })
}

fn kind_schema(types: &Types, kind: &KindType) -> Json {
    let record = types.record(kind.record);
    let declaration = json!({ "$ref": format!("#/$defs/{}", record.name) });
    if !kind.named {
        return json!({ "description": &*record.doc, "type": "array", "items": declaration });
    }
    let names = if kind.unique { json!({ "pattern": NAME }) } else { json!({}) };
    json!({
        "description": &*record.doc,
        "type": "object",
        "propertyNames": names,
        "additionalProperties": declaration,
    })
}

/// A DNS label, which names are.
const NAME: &str = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";

fn records_of(ty: &Type) -> Vec<RecordId> {
    match ty {
        Type::Record(id) => vec![*id],
        Type::List(inner) | Type::Map(inner) | Type::Optional(inner) => records_of(inner),
        Type::Union(types) => types.iter().flat_map(records_of).collect(),
        _ => Vec::new(),
    }
}

fn record_schema(types: &Types, record: &RecordType) -> Json {
    let mut properties = Map::new();
    let mut required: Vec<&str> = Vec::new();
    let mut open = false;
    for field in &record.fields {
        match field.role {
            Role::Fact => continue,
            Role::Body => open = true,
            _ => {}
        }
        properties.insert(field.name.to_string(), field_schema(types, field));
        let filled = matches!(&field.ty, Type::Record(_)) || field.role == Role::Each || field.only;
        if !field.optional && field.default.is_none() && !filled && field.role != Role::Body {
            required.push(&field.name);
        }
    }
    json!({
        "description": &*record.doc,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": open,
    })
}

fn field_schema(types: &Types, field: &Field) -> Json {
    let mut schema = type_schema(types, &field.ty);
    if field.role == Role::Each {
        schema = json!({ "type": "array", "items": schema });
    }
    if let Json::Object(object) = &mut schema {
        object.insert("description".to_owned(), json!(&*field.doc));
        if let Some(default) = &field.default {
            object.insert("default".to_owned(), constant(default));
        }
        limits(object, &field.limits, &field.ty);
    }
    schema
}

fn limits(object: &mut Map<String, Json>, limits: &Limits, ty: &Type) {
    let number = |value: &Value| match value {
        Value::Int(_) | Value::Float(_) | Value::Port(_) => Some(constant(value)),
        _ => None,
    };
    let least = limits.min.as_ref().and_then(number).map(|min| ("minimum", min));
    let most = limits.max.as_ref().and_then(number).map(|max| ("maximum", max));
    object.extend(least.into_iter().chain(most).map(|(name, value)| (name.to_owned(), value)));
    if let Some((fewest, most)) = limits.length {
        let what = if matches!(ty, Type::List(_)) { "Items" } else { "Length" };
        object.insert(format!("min{what}"), json!(fewest));
        if most != u32::MAX {
            object.insert(format!("max{what}"), json!(most));
        }
    }
    if let Some(pattern) = &limits.pattern {
        object.insert("pattern".to_owned(), json!(&**pattern));
    }
    if !limits.one_of.is_empty() {
        object.insert("enum".to_owned(), limits.one_of.iter().map(constant).collect());
    }
}

fn type_schema(types: &Types, ty: &Type) -> Json {
    match ty {
        Type::Any => json!({}),
        Type::Scalar(scalar) => scalar_schema(*scalar),
        Type::Words(words) => json!({ "enum": words.iter().map(|word| &**word).collect::<Vec<_>>() }),
        Type::Ref(_) | Type::TypeName | Type::Secret => json!({ "type": "string" }),
        Type::Record(id) => json!({ "$ref": format!("#/$defs/{}", types.record(*id).name) }),
        Type::List(inner) => json!({ "type": "array", "items": type_schema(types, inner) }),
        Type::Map(inner) => json!({ "type": "object", "additionalProperties": type_schema(types, inner) }),
        Type::Optional(inner) => json!({ "anyOf": [type_schema(types, inner), { "type": "null" }] }),
        Type::Union(all) => {
            json!({ "anyOf": all.iter().map(|ty| type_schema(types, ty)).collect::<Vec<_>>() })
        }
    }
}

fn scalar_schema(scalar: Scalar) -> Json {
    match scalar {
        Scalar::Bool => json!({ "type": "boolean" }),
        Scalar::Int => json!({ "type": "integer" }),
        Scalar::Float => json!({ "type": "number" }),
        Scalar::Port => json!({ "type": "integer", "minimum": 1, "maximum": 65535 }),
        Scalar::String => json!({ "type": "string" }),
        other => {
            json!({ "type": "string", "title": other.word(), "examples": [other.like().trim_matches('"')] })
        }
    }
}

fn constant(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(value) => json!(value),
        Value::Float(value) => json!(value),
        Value::Port(value) => json!(value),
        Value::List(items) => items.iter().map(|item| constant(&item.value)).collect(),
        other => json!(other.to_string()),
    }
}

/// A page of the reference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// The kind: `service`. The page is `service.md`.
    pub name: String,
    /// Markdown.
    pub text: String,
}

/// The reference: a page a kind, with its fields, the records in them, and its example.
pub fn reference(types: &Types) -> Vec<Page> {
    let shapes: Vec<(Text, Shape<'_>)> = platc_sema::stdlib::trees()
        .iter()
        .flat_map(|tree| tree.nodes())
        .filter(|node| node.name() == "kind")
        .map(|node| {
            (node.arg(0).and_then(platc_syntax::Value::text).unwrap_or_default().into(), Shape::read(node))
        })
        .collect();
    types.kinds().iter().map(|kind| page(types, kind, &shapes)).collect()
}

fn page(types: &Types, kind: &KindType, shapes: &[(Text, Shape<'_>)]) -> Page {
    let record = types.record(kind.record);
    let mut text = format!("# {}\n\n{}\n", kind.name, record.doc);
    if let Some(places) = kind.places {
        let _ = write!(text, "\nIt may be something else at each {places}: `at NAME {{ … }}`.\n");
    }
    if !kind.contains.is_empty() {
        let inner: Vec<String> = kind.contains.iter().map(|kind| format!("`{kind}`")).collect();
        let _ = write!(text, "\nDeclarations inside of it: {}.\n", inner.join(", "));
    }
    fields(types, record, &mut text);
    let mut todo: Vec<RecordId> = record.fields.iter().flat_map(|field| records_of(&field.ty)).collect();
    let mut done: BTreeSet<RecordId> = BTreeSet::new();
    while !todo.is_empty() {
        let id = todo.remove(0);
        if !done.insert(id) {
            continue;
        }
        let inner = types.record(id);
        let _ = write!(text, "\n## {}\n\n{}\n", inner.name, inner.doc);
        fields(types, inner, &mut text);
        todo.extend(inner.fields.iter().flat_map(|field| records_of(&field.ty)));
    }
    let examples =
        shapes.iter().filter(|(name, _)| **name == *kind.name).flat_map(|(_, shape)| &shape.examples);
    for example in examples.filter_map(|example: &Node<'_>| example.arg(0)?.text()) {
        let _ = write!(text, "\n## Example\n\n```kdl\n{}\n```\n", example.trim_end());
    }
    Page { name: kind.name.to_owned(), text }
}

fn fields(types: &Types, record: &RecordType, text: &mut String) {
    let written = record.fields.iter().filter(|field| field.role != Role::Body);
    for (at, field) in written.enumerate() {
        if at == 0 {
            text.push('\n');
        }
        let _ = writeln!(
            text,
            "- `{}` {}{}: {}",
            field.name,
            types.show(&field.ty).replace('|', " | "),
            terms(field),
            field.doc.replace('\n', "\n  "),
        );
    }
}

/// What else is to be known of a field: how it is written, what it is when left out, what must hold.
fn terms(field: &Field) -> String {
    let mut terms: Vec<String> = Vec::new();
    match field.role {
        Role::Arg | Role::Args => terms.push("written behind the name".to_owned()),
        Role::Key | Role::Keys => terms.push("its name".to_owned()),
        Role::Each => terms.push("as many as there are".to_owned()),
        Role::Fact => terms.push("not written: the plan works it out".to_owned()),
        Role::Plain | Role::Body => {}
    }
    let filled = matches!(field.ty, Type::Record(_)) || field.role == Role::Each;
    match &field.default {
        Some(default) => terms.push(format!("by default {}", constant(default))),
        None if field.only => terms.push("may be left out while there is one".to_owned()),
        None if field.optional => terms.push("may be left out".to_owned()),
        None if !filled && field.role == Role::Plain => terms.push("required".to_owned()),
        None => {}
    }
    terms.extend(field.limits.min.as_ref().map(|min| format!("at least {}", constant(min))));
    terms.extend(field.limits.max.as_ref().map(|max| format!("at most {}", constant(max))));
    terms.extend(field.limits.pattern.as_ref().map(|pattern| format!("matches `{pattern}`")));
    if terms.is_empty() { String::new() } else { format!(" ({})", terms.join(", ")) }
}
