//! Between documents and trees of `serde_json`, which stand for data here: what was meant, what a reader
//! got.
//!
//! Start with [`fill`] and [`read_back`].

use platc_artifact::{Doc, Format, Slot};
use serde_json::{Map, Number, Value};

/// Puts a tree into a place of a document.
pub(crate) fn fill(slot: Slot<'_>, tree: &Value) {
    match tree {
        // A slot that gets nothing is null.
        Value::Null => drop(slot),
        Value::Bool(value) => slot.put(value),
        Value::Number(number) => fill_number(slot, number),
        Value::String(text) => slot.put(text),
        Value::Array(items) => slot.seq(|seq| items.iter().for_each(|item| fill(seq.slot(), item))),
        Value::Object(entries) => {
            slot.map(|map| entries.iter().for_each(|(key, value)| fill(map.slot(key), value)));
        }
    }
}

fn fill_number(slot: Slot<'_>, number: &Number) {
    match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(value), ..) => slot.put(value),
        (_, Some(value), _) => slot.put(value),
        (.., Some(value)) => slot.put(value),
        _ => unreachable!("a number is one of these"),
    }
}

/// A document of a tree.
pub(crate) fn doc(tree: &Value) -> Doc {
    let mut doc = Doc::new();
    fill(doc.slot(), tree);
    doc
}

/// What a document is in a format.
pub(crate) fn print(doc: &Doc, format: Format) -> String {
    let mut out = Vec::new();
    match doc.print(format, &mut out) {
        Ok(_) => String::from_utf8(out).expect("printers write whole characters"),
        Err(refusal) => panic!("{refusal}\n{doc:?}"),
    }
}

/// What a tree is in a format.
pub(crate) fn print_tree(tree: &Value, format: Format) -> String {
    print(&doc(tree), format)
}

/// Reads what was printed with every reader of the format that is a crate; they must agree.
pub(crate) fn read(text: &str, format: Format) -> Value {
    match format {
        Format::Yaml => {
            let value = read_serde_yaml(text);
            assert_eq!(value, read_saphyr(text), "{text}");
            value
        }
        Format::Json | Format::JsonPretty => {
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
        }
        Format::Toml => toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}")),
        format => unreachable!("no reader of {format:?} gives a tree"),
    }
}

/// Reads YAML with `serde-saphyr`.
pub(crate) fn read_saphyr(text: &str) -> Value {
    let options = serde_saphyr::options! { strict_booleans: false };
    serde_saphyr::from_str_with_options(text, options).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Reads YAML with `serde_yaml`.
pub(crate) fn read_serde_yaml(text: &str) -> Value {
    let value: serde_yaml::Value =
        serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    from_serde_yaml(value)
}

fn from_serde_yaml(value: serde_yaml::Value) -> Value {
    match value {
        serde_yaml::Value::Null => Value::Null,
        serde_yaml::Value::Bool(value) => Value::Bool(value),
        serde_yaml::Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(value), ..) => value.into(),
            (_, Some(value), _) => value.into(),
            (.., value) => value.and_then(Number::from_f64).map_or(Value::Null, Value::Number),
        },
        serde_yaml::Value::String(text) => Value::String(text),
        serde_yaml::Value::Sequence(items) => items.into_iter().map(from_serde_yaml).collect(),
        serde_yaml::Value::Mapping(entries) => {
            let entry = |(key, value)| match from_serde_yaml(key) {
                Value::String(key) => (key, from_serde_yaml(value)),
                key => panic!("a key that is no string: {key}"),
            };
            Value::Object(entries.into_iter().map(entry).collect::<Map<_, _>>())
        }
        serde_yaml::Value::Tagged(tagged) => panic!("a tag: {tagged:?}"),
    }
}
