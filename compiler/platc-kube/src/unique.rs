//! Items of a list that the API server tells apart by a key, and of sets: none may stand twice.

use crate::check::Cx;
use crate::errors;
use crate::node::{At, Node, Value};

/// No list of the tables has more keys; a test compares.
pub(crate) const KEYS_MAX: usize = 4;

/// A longer list is sorted instead of compared item by item.
const COMPARED_MAX: usize = 32;

type Key<'d> = [Value<'d>; KEYS_MAX];

/// Reports items of a set that stand twice.
pub(crate) fn check_set<'d, N: Node<'d>>(cx: &mut Cx<'_>, list: &At<'_, N>) {
    if list.node.items().nth(1).is_none() {
        return;
    }
    let keys: Vec<Key<'d>> = list.node.items().map(|item| one(item.value())).collect();
    report(cx, &[], &keys, list);
}

/// Reports items that have the same values in all of `names`.
pub(crate) fn check_keyed<'d, N: Node<'d>>(cx: &mut Cx<'_>, names: &[&str], list: &At<'_, N>) {
    if list.node.items().nth(1).is_none() {
        return;
    }
    let keys: Vec<Key<'d>> = list.node.items().map(|item| key_of(item, names)).collect();
    report(cx, names, &keys, list);
}

fn one(value: Value<'_>) -> Key<'_> {
    let mut key = [Value::Null; KEYS_MAX];
    if let Some(first) = key.first_mut() {
        *first = value;
    }
    key
}

fn key_of<'d, N: Node<'d>>(item: N, names: &[&str]) -> Key<'d> {
    let mut key = [Value::Null; KEYS_MAX];
    for (slot, name) in key.iter_mut().zip(names) {
        *slot = match item.get(name) {
            Some(value) => value.value(),
            // The one key that has a default.
            None if *name == "protocol" => Value::Text("TCP"),
            None => Value::Null,
        };
    }
    key
}

fn report<'d, N: Node<'d>>(cx: &mut Cx<'_>, names: &[&str], keys: &[Key<'d>], list: &At<'_, N>) {
    for (at, first) in twice(keys) {
        let what = match keys.get(at) {
            Some(key) => describe(names, key),
            None => continue,
        };
        let place = list.path.index(at).pointer();
        let first = list.path.index(first).pointer();
        cx.push(errors::duplicate(place, &first, &what));
    }
}

/// Number of each item that stood before, with the number of its first.
fn twice(keys: &[Key<'_>]) -> Vec<(usize, usize)> {
    if keys.len() > COMPARED_MAX {
        return twice_sorted(keys);
    }
    let mut found = Vec::new();
    for (at, key) in keys.iter().enumerate().filter(|(_, key)| is_known(key)) {
        if let Some(first) = keys.iter().take(at).position(|other| other == key) {
            found.push((at, first));
        }
    }
    found
}

fn twice_sorted(keys: &[Key<'_>]) -> Vec<(usize, usize)> {
    let mut texts: Vec<(String, usize)> = keys
        .iter()
        .enumerate()
        .filter(|(_, key)| is_known(key))
        .map(|(at, key)| (format!("{key:?}"), at))
        .collect();
    texts.sort_unstable();
    let mut found: Vec<(usize, usize)> = texts
        .chunk_by(|a, b| a.0 == b.0)
        .flat_map(|same| {
            let first = same.first().map_or(0, |(_, at)| *at);
            same.iter().skip(1).map(move |(_, at)| (*at, first))
        })
        .collect();
    found.sort_unstable();
    found
}

/// An item without a key is reported as such, and what is not seen cannot be compared.
fn is_known(key: &Key<'_>) -> bool {
    !matches!(key.first(), None | Some(Value::Null)) && !key.contains(&Value::Unseen)
}

fn describe(names: &[&str], key: &Key<'_>) -> String {
    let text = |value: &Value<'_>| match value {
        Value::Text(text) => errors::shown(text),
        Value::Int(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        other => other.noun().to_owned(),
    };
    if names.is_empty() {
        return key.first().map(|value| format!("`{}`", text(value))).unwrap_or_default();
    }
    let parts: Vec<String> = names
        .iter()
        .zip(key)
        .filter(|(_, value)| **value != Value::Null)
        .map(|(name, value)| format!("`{name}` `{}`", text(value)))
        .collect();
    parts.join(" with ")
}
