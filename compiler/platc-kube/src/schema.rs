//! Schemas: the JSON Schemas of the node's programs, and the structural schemas of CRDs. One reader and
//! one interpreter for both, over [`Node`], because they are nearly the same language.
//!
//! Known keywords: `type properties required additionalProperties propertyNames minProperties
//! maxProperties items contains uniqueItems minItems maxItems enum const pattern format minLength
//! maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf allOf anyOf oneOf not if then
//! nullable default $ref` within the document, the extensions of Kubernetes but for CEL
//! (`x-kubernetes-validations`: the API server runs it), and our own `x-since x-until x-gate`.
//!
//! Why no crate: `jsonschema` builds for longer than this whole crate, needs documents copied into its
//! own type, and cannot say which minor a field needs. Figures are in `schemas/README.md`.
//!
//! Start with [`Schema::read`] and [`check`](self::check::check).

mod check;
mod pattern;

use std::collections::BTreeMap;

use crate::minor::Minor;
use crate::node::{Node, Value};

pub(crate) use check::{Scene, check};
pub(crate) use pattern::Pattern;

/// Which language a schema is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dialect {
    /// JSON Schema, as ours are: what is not forbidden is allowed.
    Json,
    /// The structural schema of a CRD: an unknown field is dropped, null is absent unless `nullable`,
    /// a default fills what is required.
    Structural,
}

/// A schema that has been read.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    pub(crate) types: Types,
    pub(crate) object: Option<Box<Object>>,
    pub(crate) array: Option<Box<Array>>,
    pub(crate) scalar: Option<Box<Scalar>>,
    pub(crate) choices: Option<Vec<serde_json::Value>>,
    pub(crate) logic: Option<Box<Logic>>,
    /// `$ref`: the name below `#/$defs/`.
    pub(crate) reference: Option<String>,
    pub(crate) description: Option<String>,
    /// `$comment`: the reason for a rule.
    pub(crate) comment: Option<String>,
    pub(crate) since: Option<Minor>,
    pub(crate) until: Option<Minor>,
    pub(crate) gate: Option<String>,
    pub(crate) has_default: bool,
    pub(crate) is_nullable: bool,
}

/// The types that a schema allows; none set allows all.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Types(u8);

#[derive(Debug, Default)]
pub(crate) struct Object {
    pub(crate) properties: BTreeMap<String, Schema>,
    pub(crate) required: Vec<String>,
    pub(crate) additional: Additional,
    pub(crate) names: Option<Schema>,
    pub(crate) least: Option<u64>,
    pub(crate) most: Option<u64>,
    /// `x-kubernetes-embedded-resource`, and the root of a CRD.
    pub(crate) is_resource: bool,
}

/// What holds for properties that are not named.
#[derive(Debug, Default)]
pub(crate) enum Additional {
    /// Anything.
    #[default]
    Open,
    /// There are none.
    Closed,
    /// They have this schema.
    Each(Box<Schema>),
}

#[derive(Debug, Default)]
pub(crate) struct Array {
    pub(crate) items: Option<Schema>,
    pub(crate) contains: Option<Schema>,
    pub(crate) is_unique: bool,
    /// `x-kubernetes-list-map-keys`.
    pub(crate) keys: Vec<String>,
    pub(crate) least: Option<u64>,
    pub(crate) most: Option<u64>,
}

#[derive(Debug, Default)]
pub(crate) struct Scalar {
    pub(crate) pattern: Option<Pattern>,
    pub(crate) format: Option<String>,
    pub(crate) length_least: Option<u64>,
    pub(crate) length_most: Option<u64>,
    pub(crate) least: Option<Bound>,
    pub(crate) most: Option<Bound>,
    pub(crate) multiple_of: Option<f64>,
}

/// A bound of a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bound {
    pub(crate) at: f64,
    /// Whether the number itself is out.
    pub(crate) is_open: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Logic {
    pub(crate) all_of: Vec<Schema>,
    pub(crate) any_of: Vec<Schema>,
    pub(crate) one_of: Vec<Schema>,
    pub(crate) not: Option<Schema>,
    pub(crate) condition: Option<(Schema, Schema)>,
}

impl Types {
    pub(crate) const NULL: Self = Self(1);
    pub(crate) const BOOL: Self = Self(1 << 1);
    pub(crate) const INTEGER: Self = Self(1 << 2);
    pub(crate) const NUMBER: Self = Self(1 << 3);
    pub(crate) const STRING: Self = Self(1 << 4);
    pub(crate) const ARRAY: Self = Self(1 << 5);
    pub(crate) const OBJECT: Self = Self(1 << 6);
    const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::NULL, "null", "null"),
        (Self::BOOL, "boolean", "`true` or `false`"),
        (Self::INTEGER, "integer", "a whole number"),
        (Self::NUMBER, "number", "a number"),
        (Self::STRING, "string", "text"),
        (Self::ARRAY, "array", "a list"),
        (Self::OBJECT, "object", "a map"),
    ];

    fn named(name: &str) -> Self {
        Self::ALL.iter().find(|(_, word, _)| *word == name).map_or(Self(0), |(bit, ..)| *bit)
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn is_any(self) -> bool {
        self.0 == 0
    }

    /// `text or a whole number`.
    pub(crate) fn noun(self) -> String {
        let words: Vec<&str> =
            Self::ALL.iter().filter(|(bit, ..)| self.has(*bit)).map(|(_, _, noun)| *noun).collect();
        words.join(" or ")
    }
}

/// What is wrong with a schema, and where in it.
#[derive(Debug)]
pub(crate) struct Flaw {
    pub(crate) pointer: String,
    pub(crate) message: String,
}

impl Schema {
    /// Reads a schema. Flaws are added to the list; what could be read is returned.
    pub(crate) fn read<'d, N: Node<'d>>(node: N, dialect: Dialect, flaws: &mut Vec<Flaw>) -> Self {
        Reader { dialect, flaws, pointer: String::new() }.schema(node)
    }

    /// The object part, for the root of a CRD, which has fields that its schema does not name.
    pub(crate) fn make_resource(&mut self) {
        self.object.get_or_insert_default().is_resource = true;
    }
}

struct Reader<'f> {
    dialect: Dialect,
    flaws: &'f mut Vec<Flaw>,
    pointer: String,
}

impl Reader<'_> {
    /// Reads the schema below a key.
    fn below<'d, N: Node<'d>>(&mut self, key: &str, node: N) -> Schema {
        let before = self.pointer.len();
        crate::node::push_token(&mut self.pointer, key);
        let schema = self.schema(node);
        self.pointer.truncate(before);
        schema
    }

    fn list<'d, N: Node<'d>>(&mut self, key: &str, node: N) -> Vec<Schema> {
        node.items().enumerate().map(|(nth, item)| self.below(&format!("{key}/{nth}"), item)).collect()
    }

    fn flaw(&mut self, key: &str, message: impl Into<String>) {
        let mut pointer = self.pointer.clone();
        crate::node::push_token(&mut pointer, key);
        self.flaws.push(Flaw { pointer, message: message.into() });
    }

    fn schema<'d, N: Node<'d>>(&mut self, node: N) -> Schema {
        let mut schema = Schema::default();
        let mut keeps_unknown = false;
        let mut condition = None;
        let mut consequence = None;
        for (key, value) in node.entries() {
            match key {
                "type" => schema.types = self.types(value),
                "properties"
                | "required"
                | "additionalProperties"
                | "propertyNames"
                | "minProperties"
                | "maxProperties"
                | "x-kubernetes-embedded-resource" => {
                    self.object(schema.object.get_or_insert_default(), key, value);
                }
                "items"
                | "contains"
                | "uniqueItems"
                | "minItems"
                | "maxItems"
                | "x-kubernetes-list-type"
                | "x-kubernetes-list-map-keys" => {
                    self.array(schema.array.get_or_insert_default(), key, value);
                }
                "pattern" | "format" | "minLength" | "maxLength" | "minimum" | "maximum"
                | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
                    self.scalar(schema.scalar.get_or_insert_default(), key, value);
                }
                "allOf" => schema.logic.get_or_insert_default().all_of = self.list(key, value),
                "anyOf" => schema.logic.get_or_insert_default().any_of = self.list(key, value),
                "oneOf" => schema.logic.get_or_insert_default().one_of = self.list(key, value),
                "not" => schema.logic.get_or_insert_default().not = Some(self.below(key, value)),
                "if" => condition = Some(self.below(key, value)),
                "then" => consequence = Some(self.below(key, value)),
                "enum" => schema.choices = Some(value.items().map(to_json).collect()),
                "const" => schema.choices = Some(vec![to_json(value)]),
                "$ref" => schema.reference = self.reference(value),
                "description" => schema.description = value.text().map(str::to_owned),
                "$comment" => schema.comment = value.text().map(str::to_owned),
                "x-since" => schema.since = value.text().and_then(Minor::parse),
                "x-until" => schema.until = value.text().and_then(Minor::parse),
                "x-gate" => schema.gate = value.text().map(str::to_owned),
                "default" => schema.has_default = true,
                "nullable" => schema.is_nullable = value.bool() == Some(true),
                "x-kubernetes-preserve-unknown-fields" => keeps_unknown = value.bool() == Some(true),
                "x-kubernetes-int-or-string" if value.bool() == Some(true) => {
                    schema.types = Types::INTEGER.and(Types::STRING);
                }
                _ => {}
            }
        }
        if let Some((condition, consequence)) = condition.zip(consequence) {
            schema.logic.get_or_insert_default().condition = Some((condition, consequence));
        }
        self.exclusive(node, &mut schema);
        if self.dialect == Dialect::Structural {
            close(&mut schema, keeps_unknown);
        }
        schema
    }

    fn types<'d, N: Node<'d>>(&mut self, value: N) -> Types {
        let types = match value.value() {
            Value::Text(name) => Types::named(name),
            _ => value.items().filter_map(N::text).fold(Types(0), |all, name| all.and(Types::named(name))),
        };
        if types.is_any() {
            let found = value.text().unwrap_or("").to_owned();
            self.flaw("type", format!("`{found}` is not a type"));
        }
        types
    }

    fn reference<'d, N: Node<'d>>(&mut self, value: N) -> Option<String> {
        if self.dialect == Dialect::Structural {
            self.flaw("$ref", "a structural schema has no `$ref`");
            return None;
        }
        let name = value.text().and_then(|text| text.strip_prefix("#/$defs/"));
        if name.is_none() {
            self.flaw("$ref", "a reference goes to `#/$defs/NAME`");
        }
        name.map(str::to_owned)
    }

    fn object<'d, N: Node<'d>>(&mut self, object: &mut Object, key: &str, value: N) {
        match key {
            "properties" => {
                for (name, property) in value.entries() {
                    let before = self.pointer.len();
                    self.pointer.push_str("/properties");
                    let schema = self.below(name, property);
                    self.pointer.truncate(before);
                    object.properties.insert(name.to_owned(), schema);
                }
            }
            "required" => object.required = value.items().filter_map(N::text).map(str::to_owned).collect(),
            "additionalProperties" => {
                object.additional = match value.value() {
                    Value::Bool(true) => Additional::Open,
                    Value::Bool(false) => Additional::Closed,
                    _ => Additional::Each(Box::new(self.below(key, value))),
                };
            }
            "propertyNames" => object.names = Some(self.below(key, value)),
            "minProperties" => object.least = self.count(key, value),
            "maxProperties" => object.most = self.count(key, value),
            _ => object.is_resource = value.bool() == Some(true),
        }
    }

    fn array<'d, N: Node<'d>>(&mut self, array: &mut Array, key: &str, value: N) {
        match key {
            "items" => array.items = Some(self.below(key, value)),
            "contains" => array.contains = Some(self.below(key, value)),
            "uniqueItems" => array.is_unique = value.bool() == Some(true),
            "minItems" => array.least = self.count(key, value),
            "maxItems" => array.most = self.count(key, value),
            "x-kubernetes-list-type" => array.is_unique |= value.text() == Some("set"),
            _ => array.keys = value.items().filter_map(N::text).map(str::to_owned).collect(),
        }
    }

    fn scalar<'d, N: Node<'d>>(&mut self, scalar: &mut Scalar, key: &str, value: N) {
        let closed = |at| Bound { at, is_open: false };
        match key {
            "pattern" => match value.text().map(Pattern::read) {
                Some(Ok(pattern)) => scalar.pattern = Some(pattern),
                Some(Err(error)) => self.flaw(key, format!("the pattern cannot be read: {error}")),
                None => self.flaw(key, "a pattern is text"),
            },
            "format" => scalar.format = value.text().map(str::to_owned),
            "minLength" => scalar.length_least = self.count(key, value),
            "maxLength" => scalar.length_most = self.count(key, value),
            "minimum" => scalar.least = self.number(key, value).map(closed),
            "maximum" => scalar.most = self.number(key, value).map(closed),
            "multipleOf" => scalar.multiple_of = self.number(key, value).filter(|number| *number > 0.0),
            // `exclusiveMinimum` and `exclusiveMaximum`: see `exclusive`, which knows all keywords.
            _ => {}
        }
    }

    /// In a structural schema these are flags for the bound beside them, in JSON Schema bounds.
    fn exclusive<'d, N: Node<'d>>(&mut self, node: N, schema: &mut Schema) {
        let Some(scalar) = &mut schema.scalar else { return };
        let sides = [("exclusiveMinimum", &mut scalar.least), ("exclusiveMaximum", &mut scalar.most)];
        for (key, bound) in sides {
            match node.get(key).map(Node::value) {
                Some(Value::Bool(is_open)) => {
                    if let Some(bound) = bound {
                        bound.is_open = is_open;
                    }
                }
                Some(Value::Int(_) | Value::Float(_)) => {
                    let at = node.get(key).and_then(|value| self.number(key, value));
                    *bound = at.map(|at| Bound { at, is_open: true });
                }
                _ => {}
            }
        }
    }

    fn count<'d, N: Node<'d>>(&mut self, key: &str, value: N) -> Option<u64> {
        let count = value.int().and_then(|count| u64::try_from(count).ok());
        if count.is_none() {
            self.flaw(key, format!("`{key}` is a count"));
        }
        count
    }

    fn number<'d, N: Node<'d>>(&mut self, key: &str, value: N) -> Option<f64> {
        let number = as_number(value.value());
        if number.is_none() {
            self.flaw(key, format!("`{key}` is a number"));
        }
        number
    }
}

/// A number, as JSON has it.
pub(crate) fn as_number(value: Value<'_>) -> Option<f64> {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "JSON Schema compares numbers as doubles")]
        Value::Int(number) => Some(number as f64),
        Value::Float(number) => Some(number),
        _ => None,
    }
}

/// In a structural schema an object that names properties has no others, unless it says so; one that
/// names none has none at all.
fn close(schema: &mut Schema, keeps_unknown: bool) {
    let is_object = schema.types.has(Types::OBJECT) || schema.object.is_some();
    if !is_object {
        return;
    }
    let object = schema.object.get_or_insert_default();
    let says = matches!(object.additional, Additional::Each(_));
    object.additional = match std::mem::take(&mut object.additional) {
        additional @ Additional::Each(_) => additional,
        _ if keeps_unknown || says => Additional::Open,
        // Schemas below `allOf` and the like have no type: they add conditions and name no fields.
        _ if schema.types.is_any() => Additional::Open,
        _ => Additional::Closed,
    };
}

/// A copy of a node.
pub(crate) fn to_json<'d, N: Node<'d>>(node: N) -> serde_json::Value {
    match node.value() {
        Value::Null | Value::Unseen => serde_json::Value::Null,
        Value::Bool(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::Float(value) => value.into(),
        Value::Text(text) => text.into(),
        Value::Map => node.entries().map(|(key, value)| (key.to_owned(), to_json(value))).collect(),
        Value::List => node.items().map(to_json).collect(),
    }
}
