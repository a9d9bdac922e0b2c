//! What stands in the sources of `k8s-openapi`, one definition per file: its JSON schema (an argument of
//! the macro `json_schema!`), the kind it is, and how its lists are merged.
//!
//! Not here: any knowledge of Kubernetes. The crate's files are written by a program, so their shape is
//! known to the character; whatever does not have it ends the run instead of being left out.
//!
//! Start with [`read_minor`].

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::schema::{self, Json};

/// One definition of one minor.
#[derive(Debug)]
pub struct Definition {
    /// `io.k8s.api.core.v1.Container`.
    pub name: String,
    /// Its schema.
    pub schema: Json,
    /// Set if it is a kind of its own.
    pub kind: Option<Kind>,
    /// For each field that is a list merged by key, the names of its keys; `["."]` for a set. All names
    /// as [`bare_name`] gives them.
    pub lists: BTreeMap<String, Vec<String>>,
}

/// What makes a definition a kind that can be applied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kind {
    /// `apps/v1`.
    pub api_version: String,
    /// `Deployment`.
    pub kind: String,
    /// `deployments`, as in a URL.
    pub plural: String,
    /// Whether it lives in a namespace.
    pub namespaced: bool,
}

/// All definitions of a minor, by the path of their Rust type (`crate::api::core::v1::Container`).
pub fn read_minor(root: &Path, minor: u32) -> Result<BTreeMap<String, Definition>, String> {
    let folder = root.join(format!("src/v1_{minor}"));
    let mut files = Vec::new();
    list_files(&folder, &mut files)?;
    let mut definitions = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        if let Some((path, definition)) =
            read_definition(&folder, &file, &text).map_err(|error| format!("{}: {error}", file.display()))?
        {
            definitions.insert(path, definition);
        }
    }
    Ok(definitions)
}

fn list_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            list_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

fn read_definition(folder: &Path, file: &Path, text: &str) -> Result<Option<(String, Definition)>, String> {
    let Some(at) = text.find("fn json_schema(") else { return Ok(None) };
    // Lists and watch events are generic over what they hold, and nobody applies them.
    if text.contains("impl<T> crate::schemars::JsonSchema for ") {
        return Ok(None);
    }
    let name = between(text, "fn schema_name() -> std::borrow::Cow<'static, str> {\n        \"", "\"")
        .ok_or("no schema name")?
        .to_owned();
    let rust_name = between(text, "impl crate::schemars::JsonSchema for ", " {").ok_or("no type name")?;
    let macro_call = text.get(at..).and_then(|rest| rest.split_once("json_schema!(")).ok_or("no schema")?.1;
    let schema = schema::parse(macro_call)?;
    let module = file.parent().and_then(|parent| parent.strip_prefix(folder).ok()).ok_or("no module")?;
    let mut path = String::from("crate");
    for part in module.components() {
        path.push_str("::");
        path.push_str(&part.as_os_str().to_string_lossy());
    }
    path.push_str("::");
    path.push_str(rust_name);
    let kind = read_kind(text, rust_name);
    let lists = read_lists(text)?;
    Ok(Some((path, Definition { name, schema, kind, lists })))
}

/// Kinds that can be listed can be applied; the others (reviews, bindings) are questions to the server.
fn read_kind(text: &str, rust_name: &str) -> Option<Kind> {
    let (_, resource) = text.split_once(&format!("impl crate::Resource for {rust_name} {{"))?;
    let _ = text.split_once(&format!("impl crate::ListableResource for {rust_name} {{"))?;
    let constant =
        |name: &str| between(resource, &format!("const {name}: &'static str = \""), "\"").map(str::to_owned);
    let scope = between(resource, "type Scope = crate::", ";")?;
    Some(Kind {
        api_version: constant("API_VERSION")?,
        kind: constant("KIND")?,
        plural: constant("URL_PATH_SEGMENT")?,
        namespaced: scope == "NamespaceResourceScope",
    })
}

/// `merge_strategies::list::{map, set}` calls, by field.
fn read_lists(text: &str) -> Result<BTreeMap<String, Vec<String>>, String> {
    let mut lists = BTreeMap::new();
    for call in text.split("crate::merge_strategies::list::map(").skip(1) {
        let field = between(call, "&mut self.", ",").ok_or("a merged list without a field")?;
        let keys = between(call, "&[", "],").ok_or("a merged list without keys")?;
        let mut names = Vec::new();
        for key in keys.split("|lhs, rhs| ").skip(1) {
            let key = between(key, "lhs.", " ==").ok_or("a key that is not compared")?;
            // Lists of whole objects are merged by metadata.name; no field of a kind is such a list.
            let last = key.rsplit('.').next().unwrap_or(key);
            names.push(bare_name(last));
        }
        let _ = lists.insert(bare_name(field), names);
    }
    for call in text.split("crate::merge_strategies::list::set(").skip(1) {
        let field = between(call, "&mut self.", ",").ok_or("a set without a field")?;
        let _ = lists.insert(bare_name(field), vec![String::from(".")]);
    }
    Ok(lists)
}

/// `container_port`, `containerPort` → `containerport`. Rust's spelling of a name does not say which
/// letters are large (`cluster_ips` is `clusterIPs`), so names are compared by this.
pub fn bare_name(name: &str) -> String {
    name.trim_start_matches("r#")
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}
