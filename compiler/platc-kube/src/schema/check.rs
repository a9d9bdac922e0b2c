//! The interpreter: checks a node against a schema, and says what is wrong. [`quiet`] only says whether.

mod quiet;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::check::Cx;
use crate::errors;
use crate::finding::Finding;
use crate::format;
use crate::node::{At, Node, Value};
use crate::secrets::with_dummies;

use super::{Additional, Array, Dialect, Logic, Object, Scalar, Schema, Types, as_number};

/// What a schema is checked in.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'s> {
    pub(crate) dialect: Dialect,
    /// What `$ref` refers to.
    pub(crate) definitions: &'s BTreeMap<String, Schema>,
    /// What the document is, for messages: `a KubeletConfiguration`.
    pub(crate) noun: &'s str,
}

/// References to references end here: a schema that goes deeper refers to itself.
const REFERENCES_MAX: usize = 32;

/// Checks `at` against `schema`; findings go to `cx`.
pub(crate) fn check<'d, N: Node<'d>>(cx: &mut Cx<'_>, scene: Scene<'_>, schema: &Schema, at: &At<'_, N>) {
    let mut schema = schema;
    for _ in 0..REFERENCES_MAX {
        lifetime(cx, schema, at);
        let value = at.node.value();
        if value == Value::Unseen {
            return;
        }
        if !type_fits(cx, scene, schema, value, at) {
            return;
        }
        choices(cx, schema, value, at);
        match value {
            Value::Map => object(cx, scene, schema, at),
            Value::List => array(cx, scene, schema, at),
            _ => scalar(cx, schema, value, at),
        }
        if let Some(logic) = &schema.logic {
            check_logic(cx, scene, schema, logic, at);
        }
        match schema.reference.as_ref().and_then(|name| scene.definitions.get(name)) {
            Some(next) => schema = next,
            None => return,
        }
    }
}

/// Whether the node fits, without saying why not: conditions and forms are asked far more often than
/// there is anything to say.
fn fits<'d, N: Node<'d>>(cx: &Cx<'_>, scene: Scene<'_>, schema: &Schema, at: &At<'_, N>) -> bool {
    let fits = quiet::fits(cx, scene, schema, at.node, last_key(&at.pointer()));
    debug_assert_eq!(fits, findings(cx, scene, schema, at).is_empty(), "both know the same keywords");
    fits
}

/// The last token of a pointer that is no index.
fn last_key(pointer: &str) -> &str {
    pointer.rsplit('/').find(|token| token.parse::<usize>().is_err()).unwrap_or("")
}

fn findings<'d, N: Node<'d>>(cx: &Cx<'_>, scene: Scene<'_>, schema: &Schema, at: &At<'_, N>) -> Vec<Finding> {
    let mut out = Vec::new();
    check(&mut cx.apart(&mut out), scene, schema, at);
    out
}

/// `x-since`, `x-until`, `x-gate`.
fn lifetime<'d, N: Node<'d>>(cx: &mut Cx<'_>, schema: &Schema, at: &At<'_, N>) {
    let minor = cx.minor();
    if let Some(since) = schema.since.filter(|since| minor < *since) {
        cx.push(errors::field_too_new(at.pointer(), since, minor));
        return;
    }
    if let Some(until) = schema.until.filter(|until| *until < minor) {
        cx.push(errors::field_gone(at.pointer(), Some(until), minor));
        return;
    }
    if let Some(gate) = &schema.gate
        && !is_zero(at.node.value())
        && let Some(stage) = cx.gates().off(gate)
    {
        let pointer = at.pointer();
        let name = pointer.rsplit('/').next().unwrap_or("").to_owned();
        cx.push(errors::gate_off(pointer, &format!("`{name}`"), gate, stage, minor));
    }
}

/// A value that sets nothing: components look at what is set only.
fn is_zero(value: Value<'_>) -> bool {
    match value {
        Value::Null | Value::Bool(false) | Value::Int(0) => true,
        Value::Text(text) => text.is_empty() || format::go_duration(text) == Some(0),
        _ => false,
    }
}

fn type_fits<'d, N: Node<'d>>(
    cx: &mut Cx<'_>,
    scene: Scene<'_>,
    schema: &Schema,
    value: Value<'_>,
    at: &At<'_, N>,
) -> bool {
    let found = match value {
        Value::Null if scene.dialect == Dialect::Structural => {
            if !schema.is_nullable {
                cx.push(errors::null(at.pointer()));
            }
            return false;
        }
        Value::Null => Types::NULL,
        Value::Bool(_) => Types::BOOL,
        Value::Int(_) => Types::INTEGER.and(Types::NUMBER),
        Value::Float(number) if number.fract() == 0.0 => Types::INTEGER.and(Types::NUMBER),
        Value::Float(_) => Types::NUMBER,
        Value::Text(_) | Value::Unseen => Types::STRING,
        Value::Map => Types::OBJECT,
        Value::List => Types::ARRAY,
    };
    let right = schema.types.is_any() || schema.types.has(found);
    if !right {
        let finding = errors::wrong_type(at.pointer(), &schema.types.noun(), value.noun());
        cx.push(finding.maybe_help(schema.description.clone()));
    }
    right
}

fn choices<'d, N: Node<'d>>(cx: &mut Cx<'_>, schema: &Schema, value: Value<'_>, at: &At<'_, N>) {
    let Some(choices) = &schema.choices else { return };
    if choices.iter().any(|choice| equals(at.node, choice)) {
        return;
    }
    let text = match value {
        Value::Text(text) => text.to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        other => other.noun().to_owned(),
    };
    let right: Vec<String> = choices
        .iter()
        .map(|choice| choice.as_str().map_or_else(|| choice.to_string(), str::to_owned))
        .filter(|choice| !choice.is_empty())
        .collect();
    cx.push(errors::not_one_of(at.pointer(), &text, right.iter().map(String::as_str)));
}

/// Whether a node is the same value as one of JSON.
fn equals<'d, N: Node<'d>>(node: N, json: &serde_json::Value) -> bool {
    match (node.value(), json) {
        (Value::Map, serde_json::Value::Object(map)) => {
            node.entries().count() == map.len()
                && node.entries().all(|(key, value)| map.get(key).is_some_and(|json| equals(value, json)))
        }
        (Value::List, serde_json::Value::Array(list)) => {
            node.items().count() == list.len()
                && node.items().zip(list).all(|(item, json)| equals(item, json))
        }
        (Value::Int(_) | Value::Float(_), serde_json::Value::Number(number)) => {
            as_number(node.value()) == number.as_f64()
        }
        (Value::Text(text), serde_json::Value::String(json)) => text == json,
        (Value::Bool(value), serde_json::Value::Bool(json)) => value == *json,
        (Value::Null, serde_json::Value::Null) => true,
        _ => false,
    }
}

fn object<'d, N: Node<'d>>(cx: &mut Cx<'_>, scene: Scene<'_>, schema: &Schema, at: &At<'_, N>) {
    let Some(object) = &schema.object else { return };
    for (key, entry) in at.entries() {
        if let Some(names) = &object.names {
            key_fits(cx, names, key, &entry);
        }
        match (object.properties.get(key), &object.additional) {
            (Some(property), _) => check(cx, scene, property, &entry),
            (None, _) if object.is_resource && matches!(key, "apiVersion" | "kind" | "metadata") => {}
            (None, Additional::Open) => {}
            (None, Additional::Each(each)) => check(cx, scene, each, &entry),
            (None, Additional::Closed) => unknown(cx, scene, object, &entry),
        }
    }
    let is_there = |key: &str| {
        at.node.get(key).is_some_and(|value| scene.dialect == Dialect::Json || value.value() != Value::Null)
    };
    for key in &object.required {
        let fills = scene.dialect == Dialect::Structural
            && object.properties.get(key).is_some_and(|property| property.has_default);
        if !is_there(key) && !fills {
            let owner = place_noun(scene, at);
            cx.push(errors::missing_field(at.pointer_of(key), &owner));
        }
    }
    let count = at.node.entries().count();
    count_fits(cx, count, object.least, object.most, "entries", at);
}

fn unknown<'d, N: Node<'d>>(cx: &mut Cx<'_>, scene: Scene<'_>, object: &Object, entry: &At<'_, N>) {
    let implied = if object.is_resource { ["apiVersion", "kind", "metadata"].as_slice() } else { &[] };
    let known = object.properties.keys().map(String::as_str).chain(implied.iter().copied());
    cx.push(errors::unknown_key(entry.pointer(), scene.noun, known));
}

/// The document itself, or the field that the node is.
fn place_noun<'d, N: Node<'d>>(scene: Scene<'_>, at: &At<'_, N>) -> String {
    let pointer = at.pointer();
    match pointer.rsplit('/').find(|token| token.parse::<usize>().is_err()) {
        None | Some("") => scene.noun.to_owned(),
        Some(name) => format!("`{}`", name.replace("~1", "/").replace("~0", "~")),
    }
}

fn key_fits<'d, N: Node<'d>>(cx: &mut Cx<'_>, names: &Schema, key: &str, entry: &At<'_, N>) {
    let choices = names.choices.as_ref();
    if choices.is_some_and(|choices| !choices.iter().any(|choice| choice.as_str() == Some(key))) {
        let known = choices.into_iter().flatten().filter_map(serde_json::Value::as_str);
        let help = platc_diag::did_you_mean(key, known.collect::<Vec<_>>(), "right is");
        let message = format!("`{}` is none of the keys here", errors::shown(key));
        cx.push(errors::bad_value(entry.pointer(), message, help.unwrap_or_default()).on_key());
        return;
    }
    let Some(scalar) = &names.scalar else { return };
    if scalar.pattern.as_ref().is_some_and(|pattern| !pattern.matches(key)) {
        let right = names.description.clone().unwrap_or_else(|| pattern_text(scalar));
        cx.push(errors::bad_name(entry.pointer(), key, "a key of this map", &right).on_key());
    }
}

fn pattern_text(scalar: &Scalar) -> String {
    scalar
        .pattern
        .as_ref()
        .map(|pattern| format!("text that fits `{}`", errors::shown(pattern.text())))
        .unwrap_or_default()
}

fn count_fits<'d, N: Node<'d>>(
    cx: &mut Cx<'_>,
    count: usize,
    least: Option<u64>,
    most: Option<u64>,
    what: &str,
    at: &At<'_, N>,
) {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    if let Some(least) = least.filter(|least| count < *least) {
        let message = format!("{count} {what} are fewer than the {least} that are needed");
        cx.push(errors::bad_value(at.pointer(), message, "add some"));
    }
    if let Some(most) = most.filter(|most| count > *most) {
        let message = format!("{count} {what} are more than the {most} that there may be");
        cx.push(errors::bad_value(at.pointer(), message, "remove some"));
    }
}

fn array<'d, N: Node<'d>>(cx: &mut Cx<'_>, scene: Scene<'_>, schema: &Schema, at: &At<'_, N>) {
    let Some(array) = &schema.array else { return };
    let Array { items, contains, is_unique, keys, least, most } = array.as_ref();
    if let Some(items) = items {
        for item in at.items() {
            check(cx, scene, items, &item);
        }
    }
    if let Some(contains) = contains
        && !at.items().any(|item| fits(cx, scene, contains, &item))
    {
        let message = "an item that is needed is not in the list";
        let help = contains.description.clone().unwrap_or_else(|| describe(contains));
        cx.push(errors::bad_value(at.pointer(), message, help));
    }
    if *is_unique {
        crate::unique::check_set(cx, at);
    }
    if !keys.is_empty() {
        let names: Vec<&str> = keys.iter().map(String::as_str).take(crate::unique::KEYS_MAX).collect();
        crate::unique::check_keyed(cx, &names, at);
    }
    count_fits(cx, at.node.items().count(), *least, *most, "items", at);
}

fn describe(schema: &Schema) -> String {
    match schema.choices.as_deref() {
        Some([one]) => format!("add `{}`", one.as_str().map_or_else(|| one.to_string(), str::to_owned)),
        _ => String::from("add it"),
    }
}

fn scalar<'d, N: Node<'d>>(cx: &mut Cx<'_>, schema: &Schema, value: Value<'d>, at: &At<'_, N>) {
    let Some(scalar) = &schema.scalar else { return };
    match value {
        Value::Text(text) => {
            let text = filled(text, at);
            check_text(cx, schema, scalar, &text, at);
        }
        Value::Int(_) | Value::Float(_) => {
            if let Some(number) = as_number(value) {
                check_number(cx, scalar, number, at);
            }
        }
        _ => {}
    }
}

/// The text, with dummies in its holes.
fn filled<'t, 'd, N: Node<'d>>(text: &'t str, at: &At<'_, N>) -> Cow<'t, str> {
    if !crate::secrets::has_placeholder(text) {
        return Cow::Borrowed(text);
    }
    with_dummies(text, last_key(&at.pointer()))
}

fn check_text<'d, N: Node<'d>>(
    cx: &mut Cx<'_>,
    schema: &Schema,
    scalar: &Scalar,
    text: &str,
    at: &At<'_, N>,
) {
    let length = text.chars().count();
    count_fits(cx, length, scalar.length_least, scalar.length_most, "characters", at);
    if let Some(pattern) = &scalar.pattern
        && !pattern.matches(text)
    {
        let right = schema.description.clone().unwrap_or_else(|| pattern_text(scalar));
        cx.push(errors::bad_format(at.pointer(), text, "of the form that is needed", &right));
    }
    if let Some(noun) = wrong_format(scalar, text) {
        let right = schema.description.as_deref().unwrap_or(noun);
        cx.push(errors::bad_format(at.pointer(), text, noun, right));
    }
}

/// What the text should have been by its `format`, if it is not.
fn wrong_format(scalar: &Scalar, text: &str) -> Option<&'static str> {
    match scalar.format.as_deref()? {
        "ipv4" => text.parse::<Ipv4Addr>().is_err().then_some("an IPv4 address"),
        "ipv6" => text.parse::<Ipv6Addr>().is_err().then_some("an IPv6 address"),
        "cidr" => format::cidr(text).is_err().then_some("an address range"),
        "byte" => (!format::is_base64(text)).then_some("base64"),
        "date-time" => (!format::is_time(text)).then_some("a time"),
        "duration" => format::go_duration(text).is_none().then_some("a duration"),
        _ => None,
    }
}

fn check_number<'d, N: Node<'d>>(cx: &mut Cx<'_>, scalar: &Scalar, number: f64, at: &At<'_, N>) {
    let low = scalar.least.filter(|low| number < low.at || low.is_open && number <= low.at);
    let high = scalar.most.filter(|high| number > high.at || high.is_open && number >= high.at);
    let beyond = |bound: super::Bound, closed: &str, open: &str| {
        format!("right is {} {}", if bound.is_open { open } else { closed }, bound.at)
    };
    let help = match (low, high) {
        (Some(low), _) => Some(beyond(low, "at least", "more than")),
        (_, Some(high)) => Some(beyond(high, "at most", "less than")),
        _ => None,
    };
    if let Some(help) = help {
        cx.push(errors::bad_value(at.pointer(), format!("{number} is out of the range of this field"), help));
    }
    let is_int32 = scalar.format.as_deref() == Some("int32");
    if is_int32 && !(f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number) {
        let message = format!("{number} does not fit into 32 bits");
        cx.push(errors::bad_value(at.pointer(), message, "right is at most 2147483647"));
    }
    if let Some(step) = scalar.multiple_of
        && (number / step).fract().abs() > f64::EPSILON
    {
        let message = format!("{number} is not a multiple of {step}");
        cx.push(errors::bad_value(at.pointer(), message, format!("right is a multiple of {step}")));
    }
}

fn check_logic<'d, N: Node<'d>>(
    cx: &mut Cx<'_>,
    scene: Scene<'_>,
    schema: &Schema,
    logic: &Logic,
    at: &At<'_, N>,
) {
    for each in &logic.all_of {
        match &each.comment {
            // A rule with a reason gives one finding, which is the reason.
            Some(reason) => with_reason(cx, scene, each, reason, at),
            None => check(cx, scene, each, at),
        }
    }
    if !logic.any_of.is_empty() {
        any_of(cx, scene, schema, &logic.any_of, at);
    }
    if !logic.one_of.is_empty() {
        let n_fitting = logic.one_of.iter().filter(|each| fits(cx, scene, each, at)).count();
        match n_fitting {
            1 => {}
            0 => any_of(cx, scene, schema, &logic.one_of, at),
            _ => {
                let help = schema.description.clone().unwrap_or_else(|| String::from("keep one of them"));
                cx.push(errors::refused(at.pointer(), "several forms are given, and one is allowed", help));
            }
        }
    }
    if let Some(not) = &logic.not
        && fits(cx, scene, not, at)
    {
        let help = schema.description.clone().or_else(|| not.description.clone());
        let message = match at.node.value() {
            Value::Text(text) => format!("`{}` is a form that is not allowed here", errors::shown(text)),
            _ => String::from("this combination is not allowed"),
        };
        cx.push(errors::refused(at.pointer(), message, help.unwrap_or_else(|| String::from("change it"))));
    }
    if let Some((condition, consequence)) = &logic.condition
        && fits(cx, scene, condition, at)
    {
        check(cx, scene, consequence, at);
    }
}

fn with_reason<'d, N: Node<'d>>(
    cx: &mut Cx<'_>,
    scene: Scene<'_>,
    rule: &Schema,
    reason: &str,
    at: &At<'_, N>,
) {
    if fits(cx, scene, rule, at) {
        return;
    }
    if let Some(first) = findings(cx, scene, rule, at).into_iter().next() {
        let mut finding = errors::refused(first.pointer, reason, first.message);
        finding.place = first.place;
        cx.push(finding);
    }
}

/// No form fits: what is missing from the nearest one, or what the forms are.
fn any_of<'d, N: Node<'d>>(
    cx: &mut Cx<'_>,
    scene: Scene<'_>,
    schema: &Schema,
    forms: &[Schema],
    at: &At<'_, N>,
) {
    if forms.iter().any(|form| fits(cx, scene, form, at)) {
        return;
    }
    let mut nearest: Option<Vec<Finding>> = None;
    for form in forms {
        let found = findings(cx, scene, form, at);
        // A form that is only too new is what was meant.
        let is_nearer = |other: &Vec<Finding>| {
            let too_new = |list: &[Finding]| list.iter().any(|f| f.code == platc_diag::codes::E0604);
            (!too_new(&found), found.len()) < (!too_new(other), other.len())
        };
        if nearest.as_ref().is_none_or(is_nearer) {
            nearest = Some(found);
        }
    }
    let is_said = |found: &Vec<Finding>| {
        matches!(at.node.value(), Value::Map | Value::List)
            || found.iter().any(|finding| finding.code == platc_diag::codes::E0604)
    };
    match (at.node.value(), nearest) {
        (_, Some(found)) if is_said(&found) => cx.out.extend(found),
        (Value::Text(text), _) => {
            let right = schema.description.as_deref().unwrap_or("another form");
            cx.push(errors::bad_format(at.pointer(), text, "of a form that is allowed here", right));
        }
        (_, found) => cx.out.extend(found.unwrap_or_default()),
    }
}
