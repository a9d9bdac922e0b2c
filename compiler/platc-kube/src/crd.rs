//! Custom resources: kinds that a `CustomResourceDefinition` teaches a cluster.
//!
//! Their objects are checked against the CRD's structural schema: types, required and unknown fields,
//! enums, patterns, bounds, keys of lists. Rules in CEL (`x-kubernetes-validations`) are left to the API
//! server.
//!
//! Start with [`Crds::add`]; objects go through [`crate::check_object`] with the CRDs in its target.

use std::collections::BTreeMap;

use crate::check::Cx;
use crate::errors;
use crate::finding::Finding;
use crate::node::{At, Node, Path, Value};
use crate::rules;
use crate::schema::{self, Dialect, Flaw, Scene, Schema};
use crate::table::Scope;

/// The kinds that a cluster has been taught.
#[derive(Debug, Default)]
pub struct Crds {
    kinds: Vec<CustomKind>,
}

/// A version of a custom kind.
#[derive(Debug)]
pub struct CustomKind {
    /// `cert-manager.io/v1`.
    pub api_version: String,
    /// `Certificate`.
    pub kind: String,
    /// `certificates`.
    pub plural: String,
    /// Whether its objects live in a namespace.
    pub scope: Scope,
    /// Whether the API server serves this version.
    pub is_served: bool,
    /// The warning of a deprecated version; `Some("")` if it has none of its own.
    pub deprecated: Option<String>,
    schema: Schema,
}

impl Crds {
    /// No kinds.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the kinds of a CRD. What keeps it from being used is reported (`E0619`); its fields are
    /// checked by [`crate::check_object`] like those of any other object.
    pub fn add<'d, N: Node<'d>>(&mut self, crd: N, out: &mut Vec<Finding>) {
        let at = At::new(crd, Path::ROOT);
        let Some(spec) = at.get("spec") else {
            out.push(errors::crd_unusable(
                at.pointer_of("spec"),
                "a CRD without a `spec` teaches nothing",
                "give it one",
            ));
            return;
        };
        let Some(versions) = spec.get("versions") else {
            out.push(errors::crd_unusable(
                spec.pointer_of("versions"),
                "a CRD without versions teaches nothing",
                "give it one",
            ));
            return;
        };
        for version in versions.items() {
            match read_version(&spec, &version, out) {
                Some(kind) => self.kinds.push(kind),
                None => {
                    let message = "this version lacks its name, the kind's group or names";
                    out.push(errors::crd_unusable(
                        version.pointer(),
                        message,
                        "give `name`, `spec.group` and `spec.names`",
                    ));
                }
            }
        }
    }

    /// The kinds, in the order in which they were added.
    pub fn kinds(&self) -> &[CustomKind] {
        &self.kinds
    }

    /// The kind of that name.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<&CustomKind> {
        self.kinds.iter().find(|known| known.api_version == api_version && known.kind == kind)
    }

    pub(crate) fn has_group(&self, group: &str) -> bool {
        self.kinds.iter().any(|kind| crate::table::group_of(&kind.api_version) == group)
    }

    /// Checks an object whose group has a CRD.
    pub(crate) fn check<'d, N: Node<'d>>(
        &self,
        cx: &mut Cx<'_>,
        at: &At<'_, N>,
        api_version: &str,
        kind: &str,
    ) {
        let Some(known) = self.kind(api_version, kind) else {
            self.unknown(cx, at, api_version, kind);
            return;
        };
        let pointer = at.pointer_of("apiVersion");
        if !known.is_served {
            let message = format!("`{api_version}` of `{kind}` is not served: its CRD says `served: false`");
            let other = self.kinds.iter().find(|other| other.kind == kind && other.is_served);
            let mut finding = errors::refused(pointer, message, "");
            finding.help = other.map(|other| format!("use `{}`", other.api_version));
            cx.push(finding);
        } else if let Some(warning) = &known.deprecated {
            let other = self.kinds.iter().find(|other| other.kind == kind && other.deprecated.is_none());
            let instead = other.map_or("a newer version of its CRD", |other| other.api_version.as_str());
            let mut finding = errors::api_deprecated(pointer, api_version, kind, None, instead);
            if !warning.is_empty() {
                finding.help = Some(warning.clone());
            }
            cx.push(finding);
        }
        let definitions = BTreeMap::new();
        let noun = errors::with_article(kind);
        let scene = Scene { dialect: Dialect::Structural, definitions: &definitions, noun: &noun };
        schema::check(cx, scene, &known.schema, at);
        rules::object::check(cx, at, kind, Some(known.scope));
    }

    fn unknown<'d, N: Node<'d>>(&self, cx: &mut Cx<'_>, at: &At<'_, N>, api_version: &str, kind: &str) {
        let versions: Vec<&str> = self
            .kinds
            .iter()
            .filter(|known| known.kind == kind)
            .map(|known| known.api_version.as_str())
            .collect();
        let minor = cx.minor();
        let finding = if versions.is_empty() {
            let near = self.kinds.iter().map(|known| known.kind.as_str());
            let mut finding = errors::unknown_kind(at.pointer_of("kind"), api_version, kind, minor, near);
            finding.message = format!("no CRD has a `{kind}` in `{api_version}`");
            finding
        } else {
            errors::kind_elsewhere(at.pointer_of("apiVersion"), api_version, kind, &versions)
        };
        cx.push(finding);
    }
}

fn read_version<'d, N: Node<'d>>(
    spec: &At<'_, N>,
    version: &At<'_, N>,
    out: &mut Vec<Finding>,
) -> Option<CustomKind> {
    let group = spec.node.get("group").and_then(N::text)?;
    let name = version.node.get("name").and_then(N::text)?;
    let kind = spec.node.below(&["names", "kind"]).and_then(N::text)?;
    let plural = spec.node.below(&["names", "plural"]).and_then(N::text)?;
    let scope = match spec.node.get("scope").and_then(N::text) {
        Some("Cluster") => Scope::Cluster,
        _ => Scope::Namespaced,
    };
    let deprecated = version.node.get("deprecated").and_then(N::bool) == Some(true);
    let warning = version.node.get("deprecationWarning").and_then(N::text).unwrap_or("");
    Some(CustomKind {
        api_version: format!("{group}/{name}"),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
        scope,
        is_served: version.node.get("served").and_then(N::bool) != Some(false),
        deprecated: deprecated.then(|| warning.to_owned()),
        schema: read_schema(version, out)?,
    })
}

/// The schema of a version; one that keeps everything where there is none.
fn read_schema<'d, N: Node<'d>>(version: &At<'_, N>, out: &mut Vec<Finding>) -> Option<Schema> {
    let Some(node) = version.node.below(&["schema", "openAPIV3Schema"]) else {
        let pointer = version.pointer_of("schema");
        let message = "a version without a schema is refused";
        out.push(errors::crd_unusable(pointer, message, "give `schema.openAPIV3Schema`"));
        return None;
    };
    let mut flaws = Vec::new();
    let mut schema = Schema::read(node, Dialect::Structural, &mut flaws);
    let base = format!("{}/schema/openAPIV3Schema", version.pointer());
    for Flaw { pointer, message } in flaws {
        let help = "the API server refuses a schema that is not structural";
        out.push(errors::crd_unusable(format!("{base}{pointer}"), message, help));
    }
    unreadable_patterns(&schema, &base, out);
    schema.make_resource();
    Some(schema)
}

/// A pattern that cannot be compiled checks nothing, which the author should know.
fn unreadable_patterns(schema: &Schema, pointer: &str, out: &mut Vec<Finding>) {
    if let Some(error) =
        schema.scalar.as_ref().and_then(|scalar| scalar.pattern.as_ref()).and_then(schema::Pattern::error)
    {
        let message = format!("values are not checked against this pattern, which cannot be read: {error}");
        let help = "right is RE2 without classes of Unicode";
        out.push(errors::not_checked(format!("{pointer}/pattern"), message, help));
    }
    if let Some(object) = &schema.object {
        for (name, property) in &object.properties {
            let mut below = format!("{pointer}/properties");
            crate::node::push_token(&mut below, name);
            unreadable_patterns(property, &below, out);
        }
        if let schema::Additional::Each(each) = &object.additional {
            unreadable_patterns(each, &format!("{pointer}/additionalProperties"), out);
        }
    }
    if let Some(items) = schema.array.as_ref().and_then(|array| array.items.as_ref()) {
        unreadable_patterns(items, &format!("{pointer}/items"), out);
    }
}

/// What the API server asks of a CRD beyond its fields.
pub(crate) fn check_definition<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let Some(spec) = at.get("spec") else { return };
    let text = |keys: &[&str]| spec.node.below(keys).and_then(N::text);
    if let (Some(group), Some(plural), Some(metadata)) =
        (text(&["group"]), text(&["names", "plural"]), at.get("metadata"))
    {
        let wanted = format!("{plural}.{group}");
        if metadata.node.get("name").and_then(N::text).is_some_and(|name| name != wanted) {
            let message = "the name of a CRD is its plural and its group";
            cx.push(errors::refused(metadata.pointer_of("name"), message, format!("right is `{wanted}`")));
        }
    }
    let Some(versions) = spec.get("versions") else { return };
    let flag = |version: &At<'_, N>, key: &str| version.node.get(key).and_then(N::bool) == Some(true);
    let n_stored = versions.items().filter(|version| flag(version, "storage")).count();
    if n_stored != 1 && versions.node.value() == Value::List {
        let message = format!("exactly one version is stored, and here it is {n_stored}");
        cx.push(errors::refused(versions.pointer(), message, "set `storage: true` in one version"));
    }
    let mut names: Vec<&str> = Vec::new();
    for version in versions.items() {
        let name = version.node.get("name").and_then(N::text);
        if let Some(name) = name.filter(|name| names.contains(name)) {
            cx.push(errors::duplicate(
                version.pointer(),
                &versions.pointer(),
                &format!("the version `{name}`"),
            ));
        }
        names.extend(name);
        let schema = version.node.below(&["schema", "openAPIV3Schema"]);
        if schema.is_some_and(|schema| schema.get("type").and_then(N::text) != Some("object")) {
            let pointer = format!("{}/schema/openAPIV3Schema/type", version.pointer());
            cx.push(errors::refused(
                pointer,
                "the root of a structural schema has `type: object`",
                "give it",
            ));
        }
        let mut flaws = Vec::new();
        if version.node.below(&["schema", "openAPIV3Schema"]).is_some() {
            let _ = read_schema(&version, &mut flaws);
        }
        cx.out.append(&mut flaws);
    }
}
