//! Whether a node fits a schema, without a finding: for conditions, forms and what must not be.
//!
//! It knows the same keywords as the interpreter that says why; builds with debug assertions compare the two.

use crate::check::Cx;
use crate::node::{Node, Value};
use crate::secrets::with_dummies;

use super::super::{Additional, Array, Dialect, Object, Scalar, Schema, Types, as_number};
use super::{REFERENCES_MAX, Scene, equals, is_zero, wrong_format};

/// Whether `node`, which stands at `key`, fits.
pub(super) fn fits<'d, N: Node<'d>>(
    cx: &Cx<'_>,
    scene: Scene<'_>,
    schema: &Schema,
    node: N,
    key: &str,
) -> bool {
    let mut schema = schema;
    for _ in 0..REFERENCES_MAX {
        let value = node.value();
        if !lives(cx, schema, value) {
            return false;
        }
        if value == Value::Unseen {
            return true;
        }
        if value == Value::Null && scene.dialect == Dialect::Structural {
            return schema.is_nullable;
        }
        let choices = schema.choices.as_ref();
        let fits_here = type_fits(schema, value)
            && choices.is_none_or(|choices| choices.iter().any(|choice| equals(node, choice)))
            && match value {
                Value::Map => {
                    schema.object.as_ref().is_none_or(|object| object_fits(cx, scene, object, node))
                }
                Value::List => {
                    schema.array.as_ref().is_none_or(|array| array_fits(cx, scene, array, node, key))
                }
                _ => schema.scalar.as_ref().is_none_or(|scalar| scalar_fits(scalar, value, key)),
            }
            && logic_fits(cx, scene, schema, node, key);
        if !fits_here {
            return false;
        }
        match schema.reference.as_ref().and_then(|name| scene.definitions.get(name)) {
            Some(next) => schema = next,
            None => return true,
        }
    }
    true
}

fn lives(cx: &Cx<'_>, schema: &Schema, value: Value<'_>) -> bool {
    let minor = cx.minor();
    schema.since.is_none_or(|since| since <= minor)
        && schema.until.is_none_or(|until| minor <= until)
        && schema.gate.as_ref().is_none_or(|gate| is_zero(value) || cx.gates().off(gate).is_none())
}

fn type_fits(schema: &Schema, value: Value<'_>) -> bool {
    let found = match value {
        Value::Null => Types::NULL,
        Value::Bool(_) => Types::BOOL,
        Value::Int(_) => Types::INTEGER.and(Types::NUMBER),
        Value::Float(number) if number.fract() == 0.0 => Types::INTEGER.and(Types::NUMBER),
        Value::Float(_) => Types::NUMBER,
        Value::Text(_) | Value::Unseen => Types::STRING,
        Value::Map => Types::OBJECT,
        Value::List => Types::ARRAY,
    };
    schema.types.is_any() || schema.types.has(found)
}

fn in_bounds(count: usize, least: Option<u64>, most: Option<u64>) -> bool {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    least.is_none_or(|least| least <= count) && most.is_none_or(|most| count <= most)
}

fn object_fits<'d, N: Node<'d>>(cx: &Cx<'_>, scene: Scene<'_>, object: &Object, node: N) -> bool {
    let is_there = |key: &str| {
        node.get(key).is_some_and(|value| scene.dialect == Dialect::Json || value.value() != Value::Null)
    };
    let fills = |key: &str| {
        scene.dialect == Dialect::Structural
            && object.properties.get(key).is_some_and(|property| property.has_default)
    };
    in_bounds(node.entries().count(), object.least, object.most)
        && object.required.iter().all(|key| is_there(key) || fills(key))
        && node.entries().all(|(key, value)| {
            let name_fits = object.names.as_ref().is_none_or(|names| name_fits(names, key));
            name_fits
                && match (object.properties.get(key), &object.additional) {
                    (Some(property), _) => fits(cx, scene, property, value, key),
                    (None, Additional::Each(each)) => fits(cx, scene, each, value, key),
                    (None, Additional::Open) => true,
                    (None, Additional::Closed) => {
                        object.is_resource && matches!(key, "apiVersion" | "kind" | "metadata")
                    }
                }
        })
}

fn name_fits(names: &Schema, key: &str) -> bool {
    let choices = names.choices.as_ref();
    choices.is_none_or(|choices| choices.iter().any(|choice| choice.as_str() == Some(key)))
        && names
            .scalar
            .as_ref()
            .and_then(|scalar| scalar.pattern.as_ref())
            .is_none_or(|pattern| pattern.matches(key))
}

fn array_fits<'d, N: Node<'d>>(cx: &Cx<'_>, scene: Scene<'_>, array: &Array, node: N, key: &str) -> bool {
    let all = |schema: &Schema| node.items().all(|item| fits(cx, scene, schema, item, key));
    let any = |schema: &Schema| node.items().any(|item| fits(cx, scene, schema, item, key));
    in_bounds(node.items().count(), array.least, array.most)
        && array.items.as_ref().is_none_or(all)
        && array.contains.as_ref().is_none_or(any)
        && (!array.is_unique || is_unique(node))
}

/// Whether no scalar of the list stands twice. Keys of maps are left to the interpreter that says so:
/// a structural schema has them outside of conditions only.
fn is_unique<'d, N: Node<'d>>(node: N) -> bool {
    node.items().enumerate().all(|(at, item)| {
        let value = item.value();
        let is_scalar = !matches!(value, Value::Map | Value::List | Value::Unseen | Value::Null);
        !is_scalar || node.items().take(at).all(|other| other.value() != value)
    })
}

fn scalar_fits(scalar: &Scalar, value: Value<'_>, key: &str) -> bool {
    match value {
        Value::Text(text) => {
            let text = with_dummies(text, key);
            in_bounds(text.chars().count(), scalar.length_least, scalar.length_most)
                && scalar.pattern.as_ref().is_none_or(|pattern| pattern.matches(&text))
                && wrong_format(scalar, &text).is_none()
        }
        _ => as_number(value).is_none_or(|number| {
            let is_low = scalar.least.is_some_and(|low| number < low.at || low.is_open && number <= low.at);
            let is_high =
                scalar.most.is_some_and(|high| number > high.at || high.is_open && number >= high.at);
            let is_int32 = scalar.format.as_deref() == Some("int32");
            let is_wide = is_int32 && !(f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number);
            let is_off = scalar.multiple_of.is_some_and(|step| (number / step).fract().abs() > f64::EPSILON);
            !(is_low || is_high || is_wide || is_off)
        }),
    }
}

fn logic_fits<'d, N: Node<'d>>(cx: &Cx<'_>, scene: Scene<'_>, schema: &Schema, node: N, key: &str) -> bool {
    let Some(logic) = &schema.logic else { return true };
    let is = |schema: &Schema| fits(cx, scene, schema, node, key);
    logic.all_of.iter().all(is)
        && (logic.any_of.is_empty() || logic.any_of.iter().any(is))
        && (logic.one_of.is_empty() || logic.one_of.iter().filter(|each| is(each)).count() == 1)
        && logic.not.as_ref().is_none_or(|not| !is(not))
        && logic.condition.as_ref().is_none_or(|(condition, consequence)| !is(condition) || is(consequence))
}
