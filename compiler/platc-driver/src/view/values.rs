//! From typed values to what a judge reads: by pointer, as JSON.
//!
//! Scalars with a unit are texts in their canonical form, references are names, keys of secrets are written
//! as an author writes them: `${secret.db.password}`.
//!
//! Start with [`step`].

use std::borrow::Cow;

use platc_artifact::view;
use platc_diag::Sourced;
use platc_model::types::Types;
use platc_model::{Record, Ref, Value};

/// The part of a value under one token of a pointer.
pub(crate) fn step<'a>(types: &Types, value: &'a Value, token: &str) -> Option<&'a Sourced<Value>> {
    match value {
        Value::Record(record) => slot(types, record, token),
        Value::List(items) => items.get(index(token)?),
        Value::Map(entries) => entries.iter().find(|(name, _)| **name == *token).map(|(_, value)| value),
        _ => None,
    }
}

/// A field of a record.
pub(crate) fn slot<'a>(types: &Types, record: &'a Record, field: &str) -> Option<&'a Sourced<Value>> {
    let (at, _) = types.record(record.ty).field(field)?;
    record.slots.get(at)?.as_ref()
}

/// An array index as RFC 6901 has it: no sign, no leading zero.
pub(crate) fn index(token: &str) -> Option<usize> {
    let canonical = token == "0" || !token.starts_with('0') && token.bytes().all(|b| b.is_ascii_digit());
    if canonical { token.parse().ok() } else { None }
}

/// A value as a judge reads it.
pub(super) fn read<'a>(types: &Types, value: &'a Value) -> view::Value<'a> {
    match value {
        Value::Text(text) => view::Value::Str(Cow::Borrowed(text)),
        Value::Ref(to) => view::Value::Str(Cow::Borrowed(&to.name)),
        Value::Int(number) => view::Value::Int(*number),
        Value::Port(port) => view::Value::Int(i64::from(*port)),
        Value::Bool(truth) => view::Value::Bool(*truth),
        Value::Null | Value::Float(_) | Value::List(_) | Value::Map(_) | Value::Record(_) => {
            view::Value::Json(Cow::Owned(json(types, value)))
        }
        scalar => view::Value::Str(Cow::Owned(text(scalar))),
    }
}

/// The same, borrowed from nothing.
pub(super) fn read_owned(types: &Types, value: &Value) -> view::Value<'static> {
    match read(types, value) {
        view::Value::Str(text) => view::Value::Str(Cow::Owned(text.into_owned())),
        view::Value::Json(json) => view::Value::Json(Cow::Owned(json.into_owned())),
        view::Value::Int(number) => view::Value::Int(number),
        view::Value::Bool(truth) => view::Value::Bool(truth),
    }
}

/// A value as JSON without blanks.
pub(crate) fn json(types: &Types, value: &Value) -> String {
    let mut out = String::new();
    write(types, value, &mut out);
    out
}

/// A record as JSON without blanks: its fields that have a value, in the order of its type.
pub(super) fn record_json(types: &Types, record: &Record, out: &mut String) {
    let fields = types.record(record.ty).fields.iter().zip(&record.slots);
    let said = fields.filter_map(|(field, slot)| Some((&*field.name, &slot.as_ref()?.value)));
    write_object(types, said, out);
}

/// The declarations that a value names, in order.
pub(super) fn references<'a>(value: &'a Value, found: &mut Vec<&'a Ref>) {
    match value {
        Value::Ref(to) => found.push(to),
        Value::List(items) => items.iter().for_each(|item| references(item, found)),
        Value::Map(entries) => entries.iter().for_each(|(_, item)| references(item, found)),
        Value::Record(record) => record.slots.iter().flatten().for_each(|item| references(item, found)),
        _ => {}
    }
}

fn text(scalar: &Value) -> String {
    match scalar {
        Value::Secret(key) => format!("${{secret.{}.{}}}", key.secret, key.key),
        other => other.to_string(),
    }
}

fn write(types: &Types, value: &Value, out: &mut String) {
    match value {
        Value::Null | Value::Pending(_) => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Port(port) => out.push_str(&port.to_string()),
        Value::Float(number) => match serde_json::Number::from_f64(*number) {
            Some(number) => out.push_str(&number.to_string()),
            None => out.push_str("null"),
        },
        Value::Text(text) => write_str(text, out),
        Value::List(items) => {
            out.push('[');
            for (nth, item) in items.iter().enumerate() {
                if nth > 0 {
                    out.push(',');
                }
                write(types, item, out);
            }
            out.push(']');
        }
        Value::Map(entries) => {
            write_object(types, entries.iter().map(|(name, value)| (&**name, &value.value)), out);
        }
        Value::Record(record) => record_json(types, record, out),
        scalar => write_str(&text(scalar), out),
    }
}

fn write_object<'a>(types: &Types, entries: impl Iterator<Item = (&'a str, &'a Value)>, out: &mut String) {
    out.push('{');
    for (nth, (name, value)) in entries.enumerate() {
        if nth > 0 {
            out.push(',');
        }
        write_str(name, out);
        out.push(':');
        write(types, value, out);
    }
    out.push('}');
}

fn write_str(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}
