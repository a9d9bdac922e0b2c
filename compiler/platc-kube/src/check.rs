//! Checks an object against the tables of the minor that its cluster runs.
//!
//! The walk follows the types of the table; [`crate::rules`] adds what the API server enforces across
//! fields. Nothing is allocated while there is nothing to say.
//!
//! Not here: CRDs ([`crate::crd`]) and the configuration of the node's programs ([`crate::config`]).
//! Start with [`check_object`].

use crate::crd::Crds;
use crate::errors;
use crate::finding::Finding;
use crate::format;
use crate::gates::Gates;
use crate::minor::Minor;
use crate::node::{At, Node, Path, Value};
use crate::quantity::Quantity;
use crate::rules::{self, Rules};
use crate::table::{Field, Holds, Items, Kind, Lookup, Mark, Scalar, Tables, Type, TypeId, group_of};

/// The cluster that documents are checked for.
#[derive(Clone, Copy, Debug)]
pub struct Target<'t> {
    /// The minor that it runs.
    pub minor: Minor,
    /// The feature gates that its components are started with, where they differ from the default.
    pub gates: &'t [(&'t str, bool)],
    /// The kinds that it has been taught.
    pub crds: Option<&'t Crds>,
}

/// Whether a document is an object or a change of one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// A whole object: what is required must be there, and its fields must fit together.
    Whole,
    /// A patch: any part of an object. Null removes, and the directives of a strategic merge are known.
    Patch,
}

impl Target<'_> {
    /// A cluster of that minor with the gates' defaults and no CRDs.
    pub const fn of(minor: Minor) -> Self {
        Target { minor, gates: &[], crds: None }
    }
}

/// What a check carries along.
pub(crate) struct Cx<'c> {
    pub(crate) target: &'c Target<'c>,
    pub(crate) tables: &'static Tables,
    pub(crate) form: Form,
    /// Names of the claims of the StatefulSet around, which its pods mount like volumes.
    claims: Vec<String>,
    pub(crate) out: &'c mut Vec<Finding>,
}

/// Checks an object, or each object of a `List`. Findings are added to `out` in the order of the
/// document; what is missing comes after what is there.
pub fn check_object<'d, N: Node<'d>>(object: N, target: &Target<'_>, out: &mut Vec<Finding>) {
    let mut cx = Cx::new(target, Form::Whole, out);
    if !cx.tables.covers(target.minor) {
        let version = target.minor.to_string();
        cx.push(errors::unknown_version(String::new(), &version, cx.tables.minors()));
        return;
    }
    cx.object(&At::new(object, Path::ROOT));
}

/// Checks a patch of an object of that kind, which the patch itself need not name.
pub fn check_patch<'d, N: Node<'d>>(
    patch: N,
    api_version: &str,
    kind: &str,
    target: &Target<'_>,
    out: &mut Vec<Finding>,
) {
    let mut cx = Cx::new(target, Form::Patch, out);
    let at = At::new(patch, Path::ROOT);
    match cx.tables.kind(api_version, kind) {
        Some(row) if row.minors.contains(target.minor) => cx.walk_type(row.type_id(), &at),
        _ => cx.unserved(&at, api_version, kind),
    }
}

impl<'c> Cx<'c> {
    pub(crate) fn new(target: &'c Target<'c>, form: Form, out: &'c mut Vec<Finding>) -> Self {
        Self { target, tables: Tables::get(), form, claims: Vec::new(), out }
    }

    /// The same, with findings that go somewhere else.
    pub(crate) fn apart<'o>(&self, out: &'o mut Vec<Finding>) -> Cx<'o>
    where
        'c: 'o,
    {
        Cx { target: self.target, tables: self.tables, form: self.form, claims: Vec::new(), out }
    }

    /// Whether the StatefulSet around has a claim of that name.
    pub(crate) fn is_claimed(&self, name: &str) -> bool {
        self.claims.iter().any(|claim| claim == name)
    }

    pub(crate) fn push(&mut self, finding: Finding) {
        self.out.push(finding);
    }

    pub(crate) fn minor(&self) -> Minor {
        self.target.minor
    }

    pub(crate) fn gates(&self) -> Gates<'_> {
        Gates::new(self.target.minor, self.target.gates)
    }

    fn object<'d, N: Node<'d>>(&mut self, at: &At<'_, N>) {
        if at.node.value() != Value::Map {
            self.push(errors::wrong_type(at.pointer(), "an object of Kubernetes", at.node.value().noun()));
            return;
        }
        let (api_version, kind) = (at.node.get("apiVersion"), at.node.get("kind"));
        let (Some(api_version), Some(kind)) = (api_version.and_then(N::text), kind.and_then(N::text)) else {
            self.unnamed(at);
            return;
        };
        if (api_version, kind) == ("v1", "List") {
            self.list(at);
            return;
        }
        match self.tables.kind(api_version, kind) {
            Some(row) if row.minors.contains(self.minor()) => self.known(at, row),
            _ => self.unserved(at, api_version, kind),
        }
    }

    fn unnamed<'d, N: Node<'d>>(&mut self, at: &At<'_, N>) {
        for key in ["apiVersion", "kind"] {
            match at.node.get(key).map(Node::value) {
                Some(Value::Text(_)) => {}
                None | Some(Value::Null) => {
                    self.push(errors::missing_field(at.pointer_of(key), "an object of Kubernetes"));
                }
                Some(other) => self.push(errors::wrong_type(at.pointer_of(key), "text", other.noun())),
            }
        }
    }

    fn list<'d, N: Node<'d>>(&mut self, at: &At<'_, N>) {
        for (key, entry) in at.entries() {
            match key {
                "apiVersion" | "kind" | "metadata" => {}
                "items" if entry.node.value() == Value::List => {
                    for item in entry.items() {
                        self.object(&item);
                    }
                }
                "items" => {
                    let found = entry.node.value().noun();
                    self.push(errors::wrong_type(entry.pointer(), "a list of objects", found));
                }
                _ => {
                    let known = ["apiVersion", "items", "kind", "metadata"];
                    self.push(errors::unknown_field(entry.pointer(), "a List", self.minor(), known));
                }
            }
        }
    }

    fn known<'d, N: Node<'d>>(&mut self, at: &At<'_, N>, kind: &'static Kind) {
        self.deprecation(at, kind);
        self.walk_type(kind.type_id(), at);
        rules::object::check(self, at, kind.kind, Some(kind.scope));
        if kind.kind == "CustomResourceDefinition" {
            crate::crd::check_definition(self, at);
        }
    }

    fn deprecation<'d, N: Node<'d>>(&mut self, at: &At<'_, N>, kind: &Kind) {
        let (minor, tables) = (self.minor(), self.tables);
        if let Some(row) = tables.lifecycle(kind.api_version, kind.kind) {
            let pointer = at.pointer_of("apiVersion");
            self.out.extend(errors::replaced(pointer, row, minor));
        } else if !is_stable(kind.api_version)
            && let Some(stable) = stable_version(tables, kind.group(), kind.kind, minor)
        {
            let since = stable.minors.since;
            let pointer = at.pointer_of("apiVersion");
            let instead = stable.api_version;
            self.push(errors::api_deprecated(pointer, kind.api_version, kind.kind, since, instead));
        }
    }

    /// An API version or kind that the minor does not have.
    fn unserved<'d, N: Node<'d>>(&mut self, at: &At<'_, N>, api_version: &str, kind: &str) {
        let (minor, tables) = (self.minor(), self.tables);
        let pointer = at.pointer_of("apiVersion");
        if let Some(row) = tables.kind(api_version, kind) {
            let served = |other: &&Kind| {
                other.kind == kind && other.group() == row.group() && other.minors.contains(minor)
            };
            let stable = stable_version(tables, row.group(), kind, minor);
            let instead =
                stable.or_else(|| tables.kinds().iter().rfind(served)).map(|other| other.api_version);
            let finding = match (row.minors.since, row.minors.until) {
                (Some(since), _) if minor < since => {
                    errors::api_too_new(pointer, api_version, kind, since, minor, instead)
                }
                (_, Some(until)) => errors::api_removed(pointer, api_version, kind, until.next(), instead),
                _ => return,
            };
            self.push(finding);
            return;
        }
        if let Some(finding) =
            tables.lifecycle(api_version, kind).and_then(|row| errors::replaced(pointer, row, minor))
        {
            self.push(finding);
            return;
        }
        match self.target.crds {
            Some(crds) if crds.has_group(group_of(api_version)) => crds.check(self, at, api_version, kind),
            _ => self.foreign(at, api_version, kind),
        }
    }

    /// A kind that neither Kubernetes nor a known CRD has.
    fn foreign<'d, N: Node<'d>>(&mut self, at: &At<'_, N>, api_version: &str, kind: &str) {
        let (minor, tables) = (self.minor(), self.tables);
        let group = group_of(api_version);
        let versions: Vec<&str> = tables
            .kinds()
            .iter()
            .filter(|row| row.kind == kind && row.minors.contains(minor))
            .map(|row| row.api_version)
            .collect();
        if is_own_group(group) {
            let finding = if versions.is_empty() {
                let near = tables.kinds().iter().filter(|row| row.minors.contains(minor)).map(|row| row.kind);
                errors::unknown_kind(at.pointer_of("kind"), api_version, kind, minor, near)
            } else {
                errors::kind_elsewhere(at.pointer_of("apiVersion"), api_version, kind, &versions)
            };
            self.push(finding);
            return;
        }
        let message =
            format!("the fields of `{kind}` in `{api_version}` are not checked: its CRD is not known");
        self.push(errors::not_checked(
            at.pointer_of("kind"),
            message,
            "declare its CustomResourceDefinition",
        ));
        rules::object::check(self, at, kind, None);
    }

    pub(crate) fn walk_type<'d, N: Node<'d>>(&mut self, id: TypeId, at: &At<'_, N>) {
        let owner = self.tables.type_of(id);
        let value = at.node.value();
        if value != Value::Map {
            let found = value.noun();
            self.push(errors::wrong_type(at.pointer(), &format!("a map ({})", noun_of(owner)), found));
            return;
        }
        if owner.rules == Rules::StatefulSetSpec
            && let Some(claims) = at.node.get("volumeClaimTemplates")
        {
            let names =
                claims.items().filter_map(|claim| claim.below(&["metadata", "name"]).and_then(N::text));
            self.claims = names.map(str::to_owned).collect();
        }
        let mut seen = 0_u128;
        for (key, entry) in at.entries() {
            match owner.field(key, self.minor()) {
                Lookup::Found(field, number) => {
                    let bit = 1_u128 << (number & 127);
                    if seen & bit != 0 {
                        self.push(errors::duplicate_key(entry.pointer()));
                    }
                    seen |= bit;
                    self.field(field, &entry);
                }
                Lookup::Elsewhen(_) => {
                    let life = owner.lifetime(key);
                    self.push(errors::field_elsewhen(entry.pointer(), life, self.minor()));
                }
                Lookup::Unknown if self.form == Form::Patch && is_directive(key) => {}
                Lookup::Unknown => {
                    let known = owner.fields_in(self.minor()).map(|field| field.name);
                    self.push(errors::unknown_field(entry.pointer(), &noun_of(owner), self.minor(), known));
                }
            }
        }
        if self.form == Form::Whole {
            self.required(owner, seen, at);
            rules::apply(self, owner.rules, at);
        }
    }

    fn required<'d, N: Node<'d>>(&mut self, owner: &Type, seen: u128, at: &At<'_, N>) {
        for number in &owner.required {
            if let Some(field) = owner.fields.get(*number)
                && seen & (1_u128 << (number & 127)) == 0
                && field.minors.contains(self.minor())
            {
                self.push(errors::missing_field(at.pointer_of(field.name), &noun_of(owner)));
            }
        }
    }

    fn field<'d, N: Node<'d>>(&mut self, field: &Field, at: &At<'_, N>) {
        if at.node.value() == Value::Null {
            self.null(field, at);
            return;
        }
        for mark in &field.marks {
            match mark {
                Mark::Gate(gate) => {
                    if let Some(stage) = self.gates().off(gate) {
                        let what = format!("`{}`", field.name);
                        let minor = self.minor();
                        self.push(errors::gate_off(at.pointer(), &what, gate, stage, minor));
                    }
                }
                Mark::Deprecated(since, instead) if since.is_none_or(|since| since <= self.minor()) => {
                    self.push(errors::deprecated(at.pointer(), *since, instead));
                }
                _ => {}
            }
        }
        self.value(&field.holds, &field.marks, at);
    }

    /// Null is the same as absent for the API server. Tools write it in two places that mean nothing.
    fn null<'d, N: Node<'d>>(&mut self, field: &Field, at: &At<'_, N>) {
        if self.form == Form::Patch || matches!(field.name, "creationTimestamp" | "status") {
            return;
        }
        if field.required {
            self.push(errors::wrong_type(at.pointer(), &field.holds.noun(), "null"));
        } else {
            self.push(errors::null(at.pointer()));
        }
    }

    fn value<'d, N: Node<'d>>(&mut self, holds: &Holds, marks: &[Mark], at: &At<'_, N>) {
        let value = at.node.value();
        match (holds, value) {
            (Holds::Any, _) | (Holds::Object, Value::Map) => {}
            (Holds::Scalar(scalar), value) => self.scalar(*scalar, marks, value, at),
            (Holds::Type(id), Value::Map) => self.walk_type(*id, at),
            (Holds::Map(inner), Value::Map) => self.map(inner, marks, at),
            (Holds::List(inner, items), Value::List) => self.items(inner, items, marks, at),
            (Holds::Type(id), _) => {
                let wanted = format!("a map ({})", noun_of(self.tables.type_of(*id)));
                self.push(errors::wrong_type(at.pointer(), &wanted, value.noun()));
            }
            (Holds::Object | Holds::Map(_) | Holds::List(..), _) => {
                self.push(errors::wrong_type(at.pointer(), &holds.noun(), value.noun()));
            }
        }
    }

    fn map<'d, N: Node<'d>>(&mut self, inner: &Holds, marks: &[Mark], at: &At<'_, N>) {
        let keys = marks.iter().find_map(|mark| match mark {
            Mark::Keys(format) => Some(*format),
            _ => None,
        });
        for (key, entry) in at.entries() {
            if let Some(format) = keys
                && let Err(right) = format.check(key)
            {
                self.push(errors::bad_name(entry.pointer(), key, format.noun(), right).on_key());
            }
            if entry.node.value() == Value::Null {
                if self.form == Form::Whole {
                    self.push(errors::null(entry.pointer()));
                }
                continue;
            }
            self.value(inner, marks, &entry);
        }
    }

    fn items<'d, N: Node<'d>>(&mut self, inner: &Holds, items: &Items, marks: &[Mark], at: &At<'_, N>) {
        for item in at.items() {
            if item.node.value() == Value::Null {
                self.push(errors::wrong_type(item.pointer(), &inner.noun(), "null"));
                continue;
            }
            self.value(inner, marks, &item);
        }
        match items {
            Items::Plain => {}
            Items::Set => crate::unique::check_set(self, at),
            Items::Keyed(keys) => crate::unique::check_keyed(self, keys, at),
        }
    }

    fn scalar<'d, N: Node<'d>>(&mut self, scalar: Scalar, marks: &[Mark], value: Value<'d>, at: &At<'_, N>) {
        if !self.scalar_type(scalar, value, at) {
            return;
        }
        for mark in marks {
            match (mark, value) {
                (Mark::OneOf(_), Value::Text(text)) => self.choice(mark, text, at),
                (Mark::Range(low, high), Value::Int(number))
                    if low.is_some_and(|low| number < low) || high.is_some_and(|high| number > high) =>
                {
                    self.push(errors::out_of_range(at.pointer(), number, *low, *high));
                }
                (Mark::Format(format), Value::Text(text)) => self.format(*format, text, at),
                (Mark::Format(format), Value::Int(number)) => {
                    if let Err(right) = format.check_int(number) {
                        let text = number.to_string();
                        self.push(errors::bad_format(at.pointer(), &text, format.noun(), right));
                    }
                }
                _ => {}
            }
        }
    }

    fn format<'d, N: Node<'d>>(&mut self, format: format::Format, text: &str, at: &At<'_, N>) {
        let Err(right) = format.check(text) else { return };
        if crate::secrets::has_placeholder(text) {
            return;
        }
        let finding = if format.is_name() {
            errors::bad_name(at.pointer(), text, format.noun(), right)
        } else {
            errors::bad_format(at.pointer(), text, format.noun(), right)
        };
        self.push(finding);
    }

    fn choice<'d, N: Node<'d>>(&mut self, mark: &Mark, text: &str, at: &At<'_, N>) {
        let Mark::OneOf(choices) = mark else { return };
        let minor = self.minor();
        let Some(choice) = choices.iter().find(|choice| choice.value == text) else {
            if !crate::secrets::has_placeholder(text) {
                let right = choices
                    .iter()
                    .filter(|choice| {
                        choice.since.is_none_or(|since| since <= minor) && !choice.value.is_empty()
                    })
                    .map(|choice| choice.value);
                self.push(errors::not_one_of(at.pointer(), text, right));
            }
            return;
        };
        if let Some(since) = choice.since.filter(|since| minor < *since) {
            self.push(errors::value_too_new(at.pointer(), text, since, minor));
        } else if let Some(gate) = choice.gate
            && let Some(stage) = self.gates().off(gate)
        {
            let what = format!("the value `{text}`");
            self.push(errors::gate_off(at.pointer(), &what, gate, stage, minor));
        }
    }

    /// Whether the value is of the type; says so if not.
    fn scalar_type<'d, N: Node<'d>>(&mut self, scalar: Scalar, value: Value<'d>, at: &At<'_, N>) -> bool {
        let right = match (scalar, value) {
            (Scalar::Text | Scalar::IntOrText, Value::Text(_))
            | (Scalar::Bool, Value::Bool(_))
            | (Scalar::Int64, Value::Int(_))
            | (Scalar::Double | Scalar::Quantity, Value::Int(_) | Value::Float(_))
            | (
                Scalar::Text | Scalar::Bytes | Scalar::Time | Scalar::Quantity | Scalar::IntOrText,
                Value::Unseen,
            ) => true,
            (Scalar::Int32 | Scalar::IntOrText, Value::Int(number)) => {
                if i32::try_from(number).is_err() {
                    let (low, high) = (Some(i64::from(i32::MIN)), Some(i64::from(i32::MAX)));
                    self.push(errors::out_of_range(at.pointer(), number, low, high));
                }
                true
            }
            // `3.0` is written as 3 before it reaches the API server.
            (Scalar::Int32 | Scalar::Int64, Value::Float(number)) => number.fract() == 0.0,
            (Scalar::Quantity, Value::Text(text)) => {
                self.quantity(text, at);
                true
            }
            (Scalar::Bytes, Value::Text(text)) => {
                if !format::is_base64(text) && !crate::secrets::has_placeholder(text) {
                    let right = "base64 with its padding (`echo -n value | base64 -w0`)";
                    self.push(errors::bad_format(at.pointer(), text, "base64", right));
                }
                true
            }
            (Scalar::Time, Value::Text(text)) => {
                if !format::is_time(text) {
                    self.push(errors::bad_format(at.pointer(), text, "a time", "`2026-01-31T10:00:00Z`"));
                }
                true
            }
            _ => false,
        };
        if !right {
            let finding = errors::wrong_type(at.pointer(), scalar.noun(), value.noun());
            self.push(finding.maybe_help(quoting(scalar, value)));
        }
        right
    }

    fn quantity<'d, N: Node<'d>>(&mut self, text: &str, at: &At<'_, N>) {
        if let Err(right) = Quantity::parse(text)
            && !crate::secrets::has_placeholder(text)
        {
            self.push(errors::bad_format(at.pointer(), text, "a quantity", right));
        }
    }
}

/// What to do about a scalar of the wrong type: quotes make text, and their absence numbers.
fn quoting(scalar: Scalar, value: Value<'_>) -> Option<String> {
    match (scalar, value) {
        (Scalar::Text, Value::Bool(value)) => Some(format!("write it in quotes: `\"{value}\"`")),
        (Scalar::Text, Value::Int(value)) => Some(format!("write it in quotes: `\"{value}\"`")),
        (Scalar::Text, Value::Float(value)) => Some(format!("write it in quotes: `\"{value}\"`")),
        (Scalar::Bool, Value::Text(text)) if matches!(text, "true" | "false") => {
            Some(format!("write it without quotes: `{text}`"))
        }
        (Scalar::Int32 | Scalar::Int64, Value::Text(text)) if text.parse::<i64>().is_ok() => {
            Some(format!("write it without quotes: `{text}`"))
        }
        _ => None,
    }
}

/// `a Container` of `core.v1.Container`.
pub(crate) fn noun_of(owner: &Type) -> String {
    errors::with_article(owner.name.rsplit('.').next().unwrap_or(owner.name))
}

/// A directive of a strategic merge patch.
fn is_directive(key: &str) -> bool {
    key == "$patch"
        || key == "$retainKeys"
        || key.starts_with("$setElementOrder/")
        || key.starts_with("$deleteFromPrimitiveList/")
}

/// Whether a group is Kubernetes's own: no CRD may live there.
pub(crate) fn is_own_group(group: &str) -> bool {
    const WITHOUT_SUFFIX: [&str; 6] = ["", "apps", "autoscaling", "batch", "extensions", "policy"];
    let is_reserved = WITHOUT_SUFFIX.contains(&group) || !group.contains('.');
    is_reserved || Tables::get().kinds().iter().any(|kind| kind.group() == group)
}

fn is_stable(api_version: &str) -> bool {
    let version = api_version.rsplit('/').next().unwrap_or(api_version);
    !version.contains("alpha") && !version.contains("beta")
}

fn stable_version(tables: &'static Tables, group: &str, kind: &str, minor: Minor) -> Option<&'static Kind> {
    tables.kinds().iter().find(|row| {
        row.kind == kind && row.group() == group && is_stable(row.api_version) && row.minors.contains(minor)
    })
}
