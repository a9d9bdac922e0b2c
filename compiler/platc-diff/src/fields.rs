//! Two documents side by side: which values are not what they were, each with a path that people can read.
//!
//! Elements of a list are matched by what names them (`name`, `key`), so that a container that is added
//! before another does not look like a change of both. A text that is itself a document, the config of a
//! program or the bootstrap of an Envoy, is compared as a document. Not here: what a change means.
//!
//! Start with [`differences`].

use serde::Serialize;
use serde_json::{Map, Value};

/// A value that is not what it was.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Field {
    /// Where: `app image`, `app APP_CONFIG batch.size`, `replicas`.
    pub path: String,
    /// As it was; `None` where it was not there.
    pub before: Option<String>,
    /// As it is; `None` where it is gone.
    pub after: Option<String>,
}

/// A step from a document to a value in it.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Step<'a> {
    Key(&'a str),
    /// An element, by what names it.
    Item(&'a str),
    /// An element, by its place.
    Index(usize),
    /// Into a text that is a document.
    Document,
}

/// What names an element of a list, in this order.
const NAMES: &[&str] =
    &["name", "key", "topologyKey", "mountPath", "containerPort", "host", "username", "path"];

/// Steps that say nothing about where one is: the wrappings of Envoy's documents.
const WRAPPINGS: &[&str] = &[
    "static_resources",
    "filter_chains",
    "filters",
    "http_filters",
    "typed_config",
    "route_config",
    "load_assignment",
    "endpoints",
    "lb_endpoints",
    "endpoint",
];

/// The values in which two documents differ, in the order of the documents.
pub(crate) fn differences(before: &Value, after: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    walk(&mut Vec::new(), Some(before), Some(after), &mut found);
    found
}

/// The values in which `after` is not what `before` says, where `after` may say more: what an API server
/// adds is no difference.
pub(crate) fn contradictions(before: &Value, after: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    within(&mut Vec::new(), before, after, &mut found);
    found
}

fn walk<'a>(
    path: &mut Vec<Step<'a>>,
    before: Option<&'a Value>,
    after: Option<&'a Value>,
    found: &mut Vec<Field>,
) {
    match (before, after) {
        (Some(before), Some(after)) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            for (key, value) in before {
                step(path, Step::Key(key), Some(value), after.get(key), found);
            }
            for (key, value) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
                step(path, Step::Key(key), None, Some(value), found);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => lists(path, before, after, found),
        (Some(Value::String(one)), Some(Value::String(two))) => {
            if let (Some(one), Some(two)) = (document(one), document(two)) {
                let inner = differences_below(path, &one, &two);
                found.extend(inner);
            } else {
                found.push(field(path, before, after));
            }
        }
        _ => found.push(field(path, before, after)),
    }
}

fn step<'a>(
    path: &mut Vec<Step<'a>>,
    step: Step<'a>,
    before: Option<&'a Value>,
    after: Option<&'a Value>,
    found: &mut Vec<Field>,
) {
    path.push(step);
    walk(path, before, after, found);
    path.pop();
}

/// The differences of two documents that lie in a text: their paths go on from the text's.
fn differences_below(path: &[Step<'_>], before: &Value, after: &Value) -> Vec<Field> {
    let mut path = path.to_vec();
    path.push(Step::Document);
    let mut found = Vec::new();
    walk(&mut path, Some(before), Some(after), &mut found);
    found
}

fn lists<'a>(path: &mut Vec<Step<'a>>, before: &'a [Value], after: &'a [Value], found: &mut Vec<Field>) {
    if let Some(key) = naming_key(before, after) {
        for value in before {
            let other = after.iter().find(|other| name_of(other, key) == name_of(value, key));
            step(path, item(value, key), Some(value), other, found);
        }
        for value in after {
            if !before.iter().any(|other| name_of(other, key) == name_of(value, key)) {
                step(path, item(value, key), None, Some(value), found);
            }
        }
    } else if before.len() == after.len() {
        for (at, (before, after)) in before.iter().zip(after).enumerate() {
            step(path, Step::Index(at), Some(before), Some(after), found);
        }
    } else {
        // What is in both stays where it is; the rest came or went.
        for value in before.iter().filter(|value| !after.contains(value)) {
            found.push(field(path, Some(value), None));
        }
        for value in after.iter().filter(|value| !before.contains(value)) {
            found.push(field(path, None, Some(value)));
        }
    }
}

fn within<'a>(path: &mut Vec<Step<'a>>, before: &'a Value, after: &'a Value, found: &mut Vec<Field>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, value) in before {
                path.push(Step::Key(key));
                match after.get(key) {
                    Some(other) => within(path, value, other, found),
                    // An API server leaves out what is empty.
                    None if is_left_out(key, value) => {}
                    None => found.push(field(path, Some(value), None)),
                }
                path.pop();
            }
        }
        (Value::Array(before), Value::Array(after)) => elements_within(path, before, after, found),
        (Value::String(one), Value::String(two)) if one != two => {
            match (document(one), document(two)) {
                // A program reads all of its config: here what is more is a difference, too.
                (Some(one), Some(two)) => found.extend(differences_below(path, &one, &two)),
                _ if same_quantity(path, one, two) => {}
                _ => found.push(field(path, Some(before), Some(after))),
            }
        }
        (before, after) if before == after || same_scalar(path, before, after) => {}
        (before, after) => found.push(field(path, Some(before), Some(after))),
    }
}

fn elements_within<'a>(
    path: &mut Vec<Step<'a>>,
    before: &'a [Value],
    after: &'a [Value],
    found: &mut Vec<Field>,
) {
    let Some(key) = naming_key(before, after) else {
        if before.len() == after.len() {
            for (at, (before, after)) in before.iter().zip(after).enumerate() {
                path.push(Step::Index(at));
                within(path, before, after, found);
                path.pop();
            }
        } else {
            lists(path, before, after, found);
        }
        return;
    };
    for value in before {
        path.push(item(value, key));
        match after.iter().find(|other| name_of(other, key) == name_of(value, key)) {
            Some(other) => within(path, value, other, found),
            None => found.push(field(path, Some(value), None)),
        }
        path.pop();
    }
    // An element that nobody wrote is a difference: a container, a port, a toleration of somebody else's.
    for value in after {
        if !before.iter().any(|other| name_of(other, key) == name_of(value, key)) && !is_servers_own(value) {
            path.push(item(value, key));
            found.push(field(path, None, Some(value)));
            path.pop();
        }
    }
}

/// Tolerations and volumes that Kubernetes adds to pods by itself.
fn is_servers_own(value: &Value) -> bool {
    let name = value.get("name").or_else(|| value.get("key")).and_then(Value::as_str).unwrap_or_default();
    name.starts_with("kube-api-access-") || name.starts_with("node.kubernetes.io/")
}

/// Truth values and numbers that an API server leaves out where they are false or 0. Others it keeps,
/// because there nothing means something else than 0: `automountServiceAccountToken`, `replicas`.
const LEFT_OUT: &[&str] = &[
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "initialDelaySeconds",
    "minReadySeconds",
    "paused",
    "publishNotReadyAddresses",
    "readOnly",
    "stdin",
    "stdinOnce",
    "tty",
];

fn is_left_out(key: &str, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(false) => LEFT_OUT.contains(&key),
        Value::Number(number) => number.as_i64() == Some(0) && LEFT_OUT.contains(&key),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(true) => false,
    }
}

/// An API server writes amounts in one way: `1000m` as `1`, `1024Mi` as `1Gi`.
fn same_quantity(path: &[Step<'_>], one: &str, two: &str) -> bool {
    let is_amount = path.iter().any(|step| {
        matches!(step, Step::Key("requests" | "limits" | "hard" | "storage" | "sizeLimit" | "divisor"))
    });
    is_amount && quantity(one).is_some() && quantity(one) == quantity(two)
}

fn same_scalar(path: &[Step<'_>], before: &Value, after: &Value) -> bool {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match (text(before), text(after)) {
        (Some(one), Some(two)) => same_quantity(path, &one, &two),
        _ => false,
    }
}

/// An amount in thousandths: `1500m`, `2`, `512Mi`, `1G`.
pub(crate) fn quantity(text: &str) -> Option<u128> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let mut thousandths = whole.parse::<u128>().ok()?.checked_mul(1000)?;
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    thousandths = thousandths.checked_add(part.parse().ok()?)?;
    let factor: u128 = match unit {
        "" => 1,
        "m" => return thousandths.checked_div(1000),
        "k" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        "T" => 1_000_000_000_000,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        "Ti" => 1 << 40,
        _ => return None,
    };
    thousandths.checked_mul(factor)
}

/// What names the elements of both lists, each by another name.
fn naming_key(before: &[Value], after: &[Value]) -> Option<&'static str> {
    let unique = |list: &[Value], key: &str| {
        let mut names: Vec<_> = list.iter().map(|value| name_of(value, key)).collect();
        let all = names.iter().all(Option::is_some);
        names.sort();
        names.dedup();
        all && names.len() == list.len()
    };
    NAMES.iter().copied().find(|key| unique(before, key) && unique(after, key))
}

fn name_of(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(name) => Some(name.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn item<'a>(value: &'a Value, key: &str) -> Step<'a> {
    value.get(key).and_then(Value::as_str).map_or(Step::Index(0), Step::Item)
}

/// A text of several lines that is a document with more than a text in it.
fn document(text: &str) -> Option<Value> {
    if !text.contains('\n') && !text.starts_with('{') {
        return None;
    }
    let options = serde_saphyr::options! { with_snippet: false };
    let value: Value = serde_saphyr::from_str_with_options(text, options).ok()?;
    (value.is_object() || value.is_array()).then_some(value)
}

fn field(path: &[Step<'_>], before: Option<&Value>, after: Option<&Value>) -> Field {
    Field { path: readable(path), before: before.map(shown), after: after.map(shown) }
}

/// A value as people read it: short, in one line.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains('\n') => format!("a text of {} lines", text.lines().count()),
        Value::String(text) => text.clone(),
        Value::Object(map) => brief(map),
        other => other.to_string(),
    }
}

/// Beyond, a list of keys says no more than its length.
const KEYS_SHOWN: usize = 4;

fn brief(map: &Map<String, Value>) -> String {
    let scalar = |(key, value): (&String, &Value)| match value {
        Value::Object(_) | Value::Array(_) => key.clone(),
        value => format!("{key}={}", shown(value)),
    };
    let mut parts: Vec<String> = map.iter().take(KEYS_SHOWN).map(scalar).collect();
    if map.len() > KEYS_SHOWN {
        parts.push("…".to_owned());
    }
    format!("{{{}}}", parts.join(", "))
}

/// `spec.template.spec.containers[app].image` as `app image`.
fn readable(path: &[Step<'_>]) -> String {
    use Step::{Item, Key};
    let rest = match path {
        [Key("spec"), Key("jobTemplate"), rest @ ..] => return readable(rest),
        [
            Key("spec"),
            Key("template"),
            Key("spec"),
            Key("containers" | "initContainers"),
            Item(name),
            Key("env"),
            Item(variable),
            rest @ ..,
        ] => {
            let rest = rest.strip_prefix(&[Key("value")]).unwrap_or(rest);
            // Envoy reads nothing else, so its name says it.
            let variable = if *variable == "ENVOY_BOOTSTRAP" { "" } else { variable };
            return words(&[name, variable, &joined(rest)]);
        }
        [
            Key("spec"),
            Key("template"),
            Key("spec"),
            Key("containers" | "initContainers"),
            Item(name),
            rest @ ..,
        ] => return words(&[name, &joined(rest)]),
        [Key("spec"), Key("template"), Key("spec" | "metadata"), rest @ ..] => {
            return words(&["pod", &joined(rest)]);
        }
        [Key("data"), Key(file), rest @ ..] => return words(&[file, &joined(rest)]),
        [Key("spec" | "metadata"), rest @ ..] => rest,
        rest => rest,
    };
    joined(rest)
}

fn words(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

fn joined(path: &[Step<'_>]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) if WRAPPINGS.contains(key) => {}
            Step::Key(key) => {
                if !text.is_empty() && !text.ends_with(' ') {
                    text.push('.');
                }
                text.push_str(key);
            }
            // Envoy's filters are named by what they are.
            Step::Item(name) if name.starts_with("envoy.") => {}
            Step::Item(name) => {
                text.push('[');
                text.push_str(name);
                text.push(']');
            }
            Step::Index(0) => {}
            Step::Index(at) => {
                text.push('[');
                text.push_str(&at.to_string());
                text.push(']');
            }
            Step::Document => {
                if !text.is_empty() {
                    text.push(' ');
                }
            }
        }
    }
    text.trim_end().to_owned()
}
