//! Configs against a JSON Schema that the program ships: `config schema="ingest.schema.json"`. What the
//! schema says is wrong is a finding on the line that the value comes from.
//!
//! Nothing is fetched: a schema that refers to another file than itself is refused.
//!
//! Start with [`check`].

use std::sync::Arc;

use platc_diag::{Problems, Span};
use platc_model::types::Types;
use platc_model::{Record, Value};
use serde_json::Value as Json;

use crate::cx::Cx;
use crate::errors;

/// Checks the config of a workload at one place.
pub(super) fn check(cx: Cx<'_>, record: &Arc<Record>, problems: &mut Problems) {
    let Some(config) = slot(cx.types, record, "config").and_then(Value::record) else { return };
    let ty = cx.types.record(config.ty);
    let (Some((at, _)), Some((value_at, _))) = (ty.field("schema"), ty.field("value")) else { return };
    let Some(schema) = config.slots.get(at).and_then(Option::as_ref) else { return };
    let Some(value) = config.slots.get(value_at).and_then(Option::as_ref) else { return };
    let Some(span) = schema.origin.span() else { return };
    let path = schema.value.to_string();
    let text = match cx.assets.text(span.file, &path) {
        Ok((_, text)) => text,
        Err(reason) => {
            problems.push(errors::asset_unreadable(span, &path, &reason));
            return;
        }
    };
    let validator = serde_json::from_str::<Json>(&text)
        .map_err(|error| error.to_string())
        .and_then(|schema| jsonschema::validator_for(&schema).map_err(|error| error.to_string()));
    let validator = match validator {
        Ok(validator) => validator,
        Err(reason) => {
            problems.push(errors::bad_schema(span, &path, &reason));
            return;
        }
    };
    let whole = json(cx.types, &value.value);
    for error in validator.iter_errors(&whole) {
        let pointer = error.instance_path().to_string();
        let place = place(cx.types, value, &pointer).unwrap_or(config.span);
        problems.push(errors::schema_mismatch(place, &pointer, &error.to_string(), span));
    }
}

fn slot<'r>(types: &Types, record: &'r Record, name: &str) -> Option<&'r Value> {
    let (at, _) = types.record(record.ty).field(name)?;
    record.slots.get(at)?.as_ref().map(|slot| &slot.value)
}

/// A config as its program will read it.
fn json(types: &Types, value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::from(*value),
        Value::Int(value) => Json::from(*value),
        Value::Float(value) => Json::from(*value),
        Value::Port(value) => Json::from(*value),
        Value::List(items) => items.iter().map(|item| json(types, &item.value)).collect(),
        Value::Map(entries) => {
            entries.iter().map(|(name, value)| (name.to_string(), json(types, &value.value))).collect()
        }
        Value::Record(record) => {
            let fields = types.record(record.ty).fields.iter().zip(&record.slots);
            fields
                .filter_map(|(field, slot)| {
                    Some((field.name.to_string(), json(types, &slot.as_ref()?.value)))
                })
                .collect()
        }
        scalar => Json::from(scalar.to_string()),
    }
}

/// Where the value comes from that a JSON pointer leads to, or the nearest around it.
fn place(types: &Types, value: &platc_diag::Sourced<Value>, pointer: &str) -> Option<Span> {
    let own = value.origin.span();
    let Some(rest) = pointer.strip_prefix('/') else { return own };
    let (word, rest) = match rest.split_once('/') {
        Some((word, _)) => (word, rest.get(word.len()..).unwrap_or("")),
        None => (rest, ""),
    };
    let word = word.replace("~1", "/").replace("~0", "~");
    let inner = match &value.value {
        Value::Map(entries) => entries.iter().find(|(name, _)| **name == *word).map(|(_, value)| value),
        Value::List(items) => word.parse::<usize>().ok().and_then(|at| items.get(at)),
        Value::Record(record) => {
            let at = types.record(record.ty).field(&word).map(|(at, _)| at);
            at.and_then(|at| record.slots.get(at)?.as_ref())
        }
        _ => None,
    };
    inner.and_then(|inner| place(types, inner, rest)).or(own)
}
