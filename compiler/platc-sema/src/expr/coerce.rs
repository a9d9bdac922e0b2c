//! What an expression is worth, as the type of the field that it stands in.
//!
//! Start with [`to_field`].

use std::sync::Arc;

use platc_diag::{Diagnostic, Origin};
use platc_model::scalar::Scalar;
use platc_model::types::{RecordId, Type};
use platc_model::{Record, Text, Value};

use super::eval::{Asker, Evaluator, Val};
use crate::check::Pending;
use crate::errors;
use crate::link::Found;
use crate::literal::{self, Mismatch};

/// Why a value is not of a type: a clause, or a finding of its own.
enum Unfit {
    Type,
    Mismatch(Mismatch),
    Finding(Diagnostic),
}

/// The value for the field that waited for it.
pub fn to_field(
    eval: &Evaluator<'_>,
    value: &Val,
    pending: &Pending,
    asker: &Asker,
) -> Result<Value, Diagnostic> {
    // A list where one element is wanted stands for its elements: it is put in their place.
    if pending.splice
        && let Some(elements) = value.elements()
    {
        let items: Result<Vec<_>, _> = elements
            .iter()
            .map(|element| one(eval, element, pending, asker).map(|v| Origin::written(pending.span).of(v)))
            .collect();
        return Ok(Value::List(items?.into()));
    }
    one(eval, value, pending, asker)
}

fn one(eval: &Evaluator<'_>, value: &Val, pending: &Pending, asker: &Asker) -> Result<Value, Diagnostic> {
    let types = eval.cx().types;
    let coerced = coerce(eval, value, &pending.ty, pending, asker).map_err(|unfit| match unfit {
        Unfit::Type => {
            errors::expression_gives(pending.span, &pending.field, &pending.ty, types, &shown(value))
        }
        Unfit::Mismatch(mismatch) => errors::expression_mismatch(
            pending.span,
            &pending.field,
            &pending.ty,
            types,
            &shown(value),
            &mismatch,
        ),
        Unfit::Finding(finding) => finding,
    })?;
    match literal::breach(&coerced, &pending.limits, &crate::check::pattern_matches) {
        Some(breach) => Err(errors::breach(pending.span, &pending.field, &coerced, &breach)),
        None => Ok(coerced),
    }
}

fn shown(value: &Val) -> String {
    match value {
        Val::Value(Value::Secret(_)) => "a secret".to_owned(),
        Val::List(_) | Val::Value(Value::List(_)) => "a list".to_owned(),
        Val::Value(Value::Map(_) | Value::Record(_)) => "values by name".to_owned(),
        Val::Value(Value::Null) => "nothing".to_owned(),
        Val::Value(value) => format!("`{value}`"),
        Val::Item(..) => "a declaration".to_owned(),
        _ => "no value".to_owned(),
    }
}

fn coerce(
    eval: &Evaluator<'_>,
    value: &Val,
    ty: &Type,
    pending: &Pending,
    asker: &Asker,
) -> Result<Value, Unfit> {
    let settle = |value: Val| eval.settle(value, asker.owner, &asker.place).map_err(Unfit::Finding);
    if let Val::Value(Value::Record(record)) = value
        && !matches!(ty, Type::Record(_) | Type::Any)
        && let Some(plain) = eval.argument_of(record)
    {
        return coerce(eval, &settle(plain)?, ty, pending, asker);
    }
    match ty {
        Type::Any => eval.plain(value, pending.span).map_err(Unfit::Finding),
        Type::Scalar(scalar) => to_scalar(eval, value, *scalar, asker),
        Type::Words(words) => match value.as_text() {
            Some(text) if words.iter().any(|word| **word == *text) => Ok(Value::Text(text.into())),
            _ => Err(Unfit::Type),
        },
        Type::Ref(kinds) => to_reference(eval, value, kinds, asker),
        Type::TypeName => value.as_text().map(|text| Value::Text(text.into())).ok_or(Unfit::Type),
        Type::Secret => match value {
            Val::Value(secret @ Value::Secret(_)) => Ok(secret.clone()),
            _ => Err(Unfit::Type),
        },
        Type::Record(id) => to_record(eval, value, *id, pending, asker),
        Type::List(inner) => {
            let elements = value.elements().unwrap_or_else(|| vec![value.clone()]);
            let origin = Origin::written(pending.span);
            let items: Result<Vec<_>, Unfit> = elements
                .iter()
                .map(|element| coerce(eval, element, inner, pending, asker).map(|value| origin.of(value)))
                .collect();
            Ok(Value::List(items?.into()))
        }
        Type::Map(inner) => {
            let Val::Value(Value::Map(entries)) = value else { return Err(Unfit::Type) };
            let each = |(name, item): &(Text, platc_diag::Sourced<Value>)| {
                let value = coerce(eval, &Val::Value(item.value.clone()), inner, pending, asker)?;
                Ok((Text::clone(name), item.origin.of(value)))
            };
            Ok(Value::Map(entries.iter().map(each).collect::<Result<Vec<_>, Unfit>>()?.into()))
        }
        Type::Optional(inner) => match value {
            Val::Value(Value::Null) => Ok(Value::Null),
            value => coerce(eval, value, inner, pending, asker),
        },
        Type::Union(types) => {
            types.iter().find_map(|ty| coerce(eval, value, ty, pending, asker).ok()).ok_or(Unfit::Type)
        }
    }
}

fn to_scalar(eval: &Evaluator<'_>, value: &Val, wanted: Scalar, asker: &Asker) -> Result<Value, Unfit> {
    let value = match value {
        Val::Value(value) => value.clone(),
        // Something external is where it is; any other declaration is its name.
        Val::Item(id, place) if wanted == Scalar::HostPort && eval.cx().item(*id).kind == "external" => {
            let name = platc_syntax::Name { text: "address".to_owned(), span: eval.cx().item(*id).name_span };
            let asker =
                Asker { place: place.clone().unwrap_or_else(|| asker.place.clone()), ..asker.clone() };
            match eval.field(&Val::Item(*id, None), &name, &asker).map_err(Unfit::Finding)? {
                Val::Value(value) => value,
                _ => return Err(Unfit::Type),
            }
        }
        Val::Item(id, _) => Value::Text(Text::clone(&eval.cx().item(*id).name)),
        _ => return Err(Unfit::Type),
    };
    match (&value, wanted) {
        (Value::Text(text), _) => literal::from_text(wanted, text).map_err(Unfit::Mismatch),
        (Value::Null | Value::Secret(_) | Value::List(_) | Value::Map(_) | Value::Record(_), _) => {
            Err(Unfit::Type)
        }
        (Value::Int(n), _) => {
            literal::scalar(wanted, &platc_syntax::Literal::Int(i128::from(*n))).or_else(|mismatch| {
                if wanted == Scalar::String {
                    Ok(Value::Text(n.to_string().into()))
                } else {
                    Err(Unfit::Mismatch(mismatch))
                }
            })
        }
        (Value::Float(n), Scalar::Float | Scalar::Cpu) => {
            literal::scalar(wanted, &platc_syntax::Literal::Float(*n)).map_err(Unfit::Mismatch)
        }
        (Value::Port(port), Scalar::Int) => Ok(Value::Int(i64::from(*port))),
        (Value::Bool(_), Scalar::Bool) => Ok(value),
        (value, wanted) if sort_of(value) == Some(wanted) => Ok(value.clone()),
        (value, Scalar::String) => Ok(Value::Text(value.to_string().into())),
        (Value::Ip(ip), Scalar::Cidr) => Ok(Value::Cidr(platc_model::scalar::Cidr::single(*ip))),
        (Value::HostPort(_) | Value::Ip(_), Scalar::DnsName) => {
            literal::from_text(wanted, &value.to_string()).map_err(Unfit::Mismatch)
        }
        _ => Err(Unfit::Type),
    }
}

fn sort_of(value: &Value) -> Option<Scalar> {
    Some(match value {
        Value::Cpu(_) => Scalar::Cpu,
        Value::Bytes(_) => Scalar::Bytes,
        Value::Duration(_) => Scalar::Duration,
        Value::Percent(_) => Scalar::Percent,
        Value::Rate(_) => Scalar::Rate,
        Value::Port(_) => Scalar::Port,
        Value::Ip(_) => Scalar::Ip,
        Value::Cidr(_) => Scalar::Cidr,
        Value::Mac(_) => Scalar::Mac,
        Value::HostPort(_) => Scalar::HostPort,
        Value::Image(_) => Scalar::Image,
        Value::Version(_) => Scalar::Version,
        Value::Cron(_) => Scalar::Cron,
        Value::Date(_) => Scalar::Date,
        Value::Digest(_) => Scalar::Digest,
        _ => return None,
    })
}

fn to_reference(eval: &Evaluator<'_>, value: &Val, kinds: &[Text], asker: &Asker) -> Result<Value, Unfit> {
    match value {
        Val::Item(id, _) if kinds.iter().any(|kind| **kind == *eval.cx().item(*id).kind) => {
            Ok(eval.reference(*id))
        }
        Val::Value(Value::Text(name)) => {
            let unit = eval.cx().scopes.get(asker.scope).unit;
            match eval.cx().declaration(kinds, name, unit) {
                Found::One(id) => Ok(eval.reference(id)),
                _ => Err(Unfit::Type),
            }
        }
        _ => Err(Unfit::Type),
    }
}

/// Values by name as a record: for a `let` that is used inside of a larger expression. One that is used
/// alone is checked as if it stood there.
fn to_record(
    eval: &Evaluator<'_>,
    value: &Val,
    id: RecordId,
    pending: &Pending,
    asker: &Asker,
) -> Result<Value, Unfit> {
    match value {
        Val::Value(Value::Record(record)) if record.ty == id => Ok(Value::Record(Arc::clone(record))),
        Val::Value(Value::Map(entries)) => {
            let ty = eval.cx().types.record(id);
            let known = |name: &Text| ty.field(name).is_some();
            if !entries.iter().all(|(name, _)| known(name)) {
                return Err(Unfit::Type);
            }
            let mut slots = Vec::with_capacity(ty.fields.len());
            for field in &ty.fields {
                let given = entries.iter().find(|(name, _)| *name == field.name);
                slots.push(match (given, &field.default) {
                    (Some((_, item)), _) => {
                        let value = coerce(eval, &Val::Value(item.value.clone()), &field.ty, pending, asker)?;
                        Some(item.origin.of(value))
                    }
                    (None, Some(default)) => Some(Origin::written(pending.span).of(default.clone())),
                    (None, None) if field.optional => None,
                    (None, None) => return Err(Unfit::Type),
                });
            }
            Ok(Value::Record(Arc::new(Record { ty: id, span: pending.span, slots })))
        }
        _ => Err(Unfit::Type),
    }
}
