//! Folds the definitions of all minors into one table and prints it, with the descriptions apart.
//!
//! The format is described where it is read: `platc-kube/src/table.rs`.
//!
//! Not here: reading sources ([`crate::source`]). Start with [`Table::add`] and [`Table::print`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::schema::Json;
use crate::source::{Definition, Kind, bare_name};

/// Lists whose keys the sources name only in part: they tell the key of a strategic merge, and the
/// server-side apply that manifests are delivered with looks at all of these.
const LIST_KEYS: &[(&str, &str, &[&str])] = &[
    ("core.v1.Container", "ports", &["containerPort", "protocol"]),
    ("core.v1.EphemeralContainer", "ports", &["containerPort", "protocol"]),
    ("core.v1.PodVolumeHealth", "healthConditions", &["status", "reason"]),
    ("core.v1.PodSpec", "topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
    ("core.v1.ServiceSpec", "ports", &["port", "protocol"]),
    ("core.v1.VolumeHealthStatus", "healthConditions", &["status", "reason"]),
];

/// Definitions that are a scalar, or anything at all, however the schema puts it.
const SPECIAL: &[(&str, &str)] = &[
    ("io.k8s.apimachinery.pkg.api.resource.Quantity", "quantity"),
    ("io.k8s.apimachinery.pkg.util.intstr.IntOrString", "int-or-string"),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.Time", "time"),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime", "time"),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1", "object"),
    ("io.k8s.apimachinery.pkg.runtime.RawExtension", "object"),
    ("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON", "any"),
    ("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray", "any"),
    ("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool", "any"),
    ("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray", "any"),
];

/// Everything, for all minors.
#[derive(Debug, Default)]
pub struct Table {
    minors: Vec<u32>,
    kinds: BTreeMap<(String, String), KindRow>,
    types: BTreeMap<String, TypeRow>,
}

#[derive(Debug)]
struct KindRow {
    kind: Kind,
    type_name: String,
    minors: BTreeSet<u32>,
}

#[derive(Debug, Default)]
struct TypeRow {
    description: String,
    minors: BTreeSet<u32>,
    fields: BTreeMap<String, FieldRow>,
}

#[derive(Debug, Default)]
struct FieldRow {
    description: String,
    /// By what the table says of the field: when it says so.
    variants: BTreeMap<(String, bool), BTreeSet<u32>>,
}

impl Table {
    /// Adds a minor. Minors come in ascending order, so that the newest description stays.
    pub fn add(&mut self, minor: u32, definitions: &BTreeMap<String, Definition>) -> Result<(), String> {
        self.minors.push(minor);
        let mut wanted: Vec<&Definition> = Vec::new();
        for definition in definitions.values() {
            let Some(kind) = &definition.kind else { continue };
            let row = self.kinds.entry((kind.api_version.clone(), kind.kind.clone())).or_insert_with(|| {
                KindRow { kind: kind.clone(), type_name: short(&definition.name), minors: BTreeSet::new() }
            });
            if row.kind != *kind {
                return Err(format!("{kind:?} was {:?} before", row.kind));
            }
            row.minors.insert(minor);
            wanted.push(definition);
        }
        // Only what a kind reaches: lists, statuses of the API itself and discovery are not applied.
        let mut seen: BTreeSet<&str> = wanted.iter().map(|definition| definition.name.as_str()).collect();
        while let Some(definition) = wanted.pop() {
            let mut reached = Vec::new();
            self.add_type(minor, definition, definitions, &mut reached)
                .map_err(|error| format!("{}: {error}", definition.name))?;
            wanted.extend(reached.into_iter().filter(|next| seen.insert(&next.name)));
        }
        Ok(())
    }

    fn add_type<'d>(
        &mut self,
        minor: u32,
        definition: &Definition,
        definitions: &'d BTreeMap<String, Definition>,
        reached: &mut Vec<&'d Definition>,
    ) -> Result<(), String> {
        let name = short(&definition.name);
        let row = self.types.entry(name.clone()).or_default();
        row.minors.insert(minor);
        row.description = description(&definition.schema);
        let required = match definition.schema.get("required") {
            Some(Json::Array(names)) => names.iter().filter_map(Json::text).collect(),
            _ => Vec::new(),
        };
        let mut used = BTreeSet::new();
        let properties = match definition.schema.get("properties") {
            Some(Json::Object(properties)) => properties.as_slice(),
            Some(_) => return Err("properties that are no object".into()),
            None => &[],
        };
        for (field, schema) in properties {
            let list = definition.lists.get(&bare_name(field));
            if list.is_some() {
                used.insert(bare_name(field));
            }
            let keys = list_keys(&name, field, list);
            let mut type_text = type_text(schema, definitions, reached)?;
            if let Some(keys) = keys {
                let item_keys = resolve_keys(&keys, schema, definitions);
                let Some(open) = type_text.strip_suffix(']') else {
                    return Err(format!("`{field}` is merged like a list and is {type_text}"));
                };
                type_text = format!("{open};{item_keys}]");
            }
            let entry = row.fields.entry(field.clone()).or_default();
            entry.description = description(schema);
            entry.variants.entry((type_text, required.contains(&field.as_str()))).or_default().insert(minor);
        }
        match definition.lists.keys().find(|list| !used.contains(*list)) {
            Some(list) => Err(format!("the merged list `{list}` is no field")),
            None => Ok(()),
        }
    }

    /// The table, without its first lines.
    pub fn print(&self) -> String {
        let mut out = String::new();
        for row in self.kinds.values() {
            let Kind { api_version, kind, plural, namespaced } = &row.kind;
            let scope = if *namespaced { "namespaced" } else { "cluster" };
            let range = self.range(&row.minors, None);
            let _ = writeln!(out, "kind {api_version} {kind} {plural} {scope} {}{range}", row.type_name);
        }
        for (name, row) in &self.types {
            let range = self.range(&row.minors, None);
            let _ = writeln!(out, "={name}{range}");
            for (field, field_row) in &row.fields {
                for ((type_text, required), minors) in &field_row.variants {
                    let mark = if *required { "!" } else { "" };
                    let range = self.range(minors, Some(&row.minors));
                    let _ = writeln!(out, "{field}{mark} {type_text}{range}");
                }
            }
        }
        out
    }

    /// The descriptions: `=TYPE<TAB>TEXT` and `FIELD<TAB>TEXT`, line breaks as `\n`.
    pub fn print_descriptions(&self) -> String {
        let mut out = String::new();
        for (name, row) in &self.types {
            let _ = writeln!(out, "={name}\t{}", escape(&row.description));
            for (field, field_row) in row.fields.iter().filter(|(_, row)| !row.description.is_empty()) {
                let _ = writeln!(out, "{field}\t{}", escape(&field_row.description));
            }
        }
        out
    }

    /// ` 34-`, ` -35`, ` 34-35`, or nothing where it would say the same as `outer`.
    fn range(&self, minors: &BTreeSet<u32>, outer: Option<&BTreeSet<u32>>) -> String {
        if outer.is_some_and(|outer| outer == minors) {
            return String::new();
        }
        let (first, last) = (minors.first(), minors.last());
        let since = first.filter(|first| Some(*first) != self.minors.first());
        let until = last.filter(|last| Some(*last) != self.minors.last());
        match (since, until) {
            (None, None) => String::new(),
            (since, until) => {
                let text = |minor: Option<&u32>| minor.map(u32::to_string).unwrap_or_default();
                format!(" {}-{}", text(since), text(until))
            }
        }
    }
}

fn description(schema: &Json) -> String {
    match schema {
        Json::Reference(_, description) => description.clone().unwrap_or_default(),
        other => other.get("description").and_then(Json::text).unwrap_or_default().to_owned(),
    }
}

/// `io.k8s.api.core.v1.Container` → `core.v1.Container`.
fn short(name: &str) -> String {
    const PREFIXES: &[(&str, &str)] = &[
        ("io.k8s.api.", ""),
        ("io.k8s.apimachinery.pkg.apis.meta.", "meta."),
        ("io.k8s.apiextensions-apiserver.pkg.apis.", ""),
        ("io.k8s.kube-aggregator.pkg.apis.", ""),
    ];
    for (prefix, replacement) in PREFIXES {
        if let Some(rest) = name.strip_prefix(prefix) {
            return format!("{replacement}{rest}");
        }
    }
    name.to_owned()
}

fn list_keys(type_name: &str, field: &str, list: Option<&Vec<String>>) -> Option<Vec<String>> {
    let by_hand = LIST_KEYS.iter().find(|(name, list, _)| *name == type_name && *list == field);
    match by_hand {
        Some((_, _, keys)) => Some(keys.iter().map(|key| (*key).to_owned()).collect()),
        None => list.cloned(),
    }
}

/// The names of the keys as the items spell them; the sources give them bare.
fn resolve_keys(keys: &[String], schema: &Json, definitions: &BTreeMap<String, Definition>) -> String {
    if keys == ["."] {
        return String::from("set");
    }
    let item = match schema.get("items") {
        Some(Json::Reference(path, _)) => definitions.get(path).map(|definition| &definition.schema),
        other => other,
    };
    let names: Vec<String> = keys
        .iter()
        .map(|key| match item.and_then(|item| item.get("properties")) {
            Some(Json::Object(properties)) => properties
                .iter()
                .map(|(name, _)| name)
                .find(|name| bare_name(name) == bare_name(key))
                .unwrap_or(key)
                .clone(),
            _ => key.clone(),
        })
        .collect();
    names.join(",")
}

fn type_text<'d>(
    schema: &Json,
    definitions: &'d BTreeMap<String, Definition>,
    reached: &mut Vec<&'d Definition>,
) -> Result<String, String> {
    if let Json::Reference(path, _) = schema {
        let definition = definitions.get(path).ok_or_else(|| format!("`{path}` is not defined"))?;
        if let Some((_, text)) = SPECIAL.iter().find(|(name, _)| *name == definition.name) {
            return Ok((*text).to_owned());
        }
        if definition.schema.get("type").and_then(Json::text) != Some("object") {
            return type_text(&definition.schema, definitions, reached);
        }
        reached.push(definition);
        return Ok(short(&definition.name));
    }
    let format = schema.get("format").and_then(Json::text);
    match (schema.get("type").and_then(Json::text), format) {
        (Some("string"), Some("byte")) => Ok("bytes".into()),
        (Some("string"), Some("date-time")) => Ok("time".into()),
        (Some("string"), None) => Ok("string".into()),
        (Some("boolean"), None) => Ok("bool".into()),
        (Some("integer"), Some(format @ ("int32" | "int64"))) => Ok(format.into()),
        (Some("number"), Some("double")) => Ok("double".into()),
        (Some("array"), None) => {
            let items = schema.get("items").ok_or("a list without items")?;
            Ok(format!("[{}]", type_text(items, definitions, reached)?))
        }
        (Some("object"), None) => match schema.get("additionalProperties") {
            Some(values) => Ok(format!("{{{}}}", type_text(values, definitions, reached)?)),
            None => Ok("object".into()),
        },
        (None, None) if matches!(schema, Json::Object(keys) if keys.iter().all(|(key, _)| key == "description")) => {
            Ok("any".into())
        }
        other => Err(format!("a type that was never seen before: {other:?}")),
    }
}

/// One line, whatever the text.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "    ")
}
