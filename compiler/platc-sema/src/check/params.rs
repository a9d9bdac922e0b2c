//! What is given for the parameters of libraries and templates, against the types that they declare. What is
//! wrong is said where it is given, not where the template uses it.
//!
//! Not here: what is given as an expression. Its value is checked where it ends up.
//!
//! Start with [`params`].

use std::collections::BTreeSet;

use platc_diag::{Problems, Span};
use platc_model::types::{Limits, Type};
use platc_model::{Text, scalar::Scalar};
use platc_syntax::expr::has_expression;
use platc_syntax::types::{TypeExpr, TypeKind, parse_type};
use platc_syntax::{Node, Value as Written};

use super::Checker;
use crate::cx::Cx;
use crate::errors;
use crate::item::{ItemId, Param, ScopeId};
use crate::link::Found;

/// Checks all parameters of all uses and imports, and the defaults of parameters.
pub(super) fn params(cx: Cx<'_>, problems: &mut Problems) {
    let mut own = Problems::new();
    for (scope, params) in cx.scopes.with_params() {
        for (name, param) in params {
            let declared = cx.project.node(param.declared);
            let unit = ScopeId(cx.project.source(param.declared.source).unit.0);
            let Some(ty) = declared_type(cx, declared, unit, &mut own) else { continue };
            // A declaration has an owner; what is given has none, and literals ask for none.
            let mut checker = Checker { cx, owner: ItemId(0), problems: &mut own, pending: Vec::new() };
            for (written, at) in given(cx, param, name, declared, scope) {
                if written.text().is_none_or(|text| !has_expression(&text)) {
                    let ty = if let Type::List(inner) = &ty { inner } else { &ty };
                    checker.literal(name, ty, &Limits::default(), &written.decode(), written.span(), at);
                }
            }
        }
    }
    // A template is used many times, its defaults are wrong once.
    let mut known: BTreeSet<(Span, String)> = BTreeSet::new();
    problems.extend(own.into_iter().filter(|new| known.insert((new.span(), new.message().to_owned()))));
}

/// The values that are given for a parameter, or its default, with the scope of their names.
fn given<'c>(
    cx: Cx<'c>,
    param: &Param,
    name: &Text,
    declared: Node<'c>,
    scope: ScopeId,
) -> Vec<(Written<'c>, ScopeId)> {
    let Some(given) = param.given else {
        let default = declared.prop("default");
        return default.map(|prop| (prop.value(), scope)).into_iter().collect();
    };
    let node = cx.project.node(given.node);
    if given.property {
        return node.prop(name).map(|prop| (prop.value(), given.scope)).into_iter().collect();
    }
    // A block is for what takes a record; that is checked where it ends up.
    if node.has_block() {
        return Vec::new();
    }
    node.args().map(|arg| (arg, given.scope)).collect()
}

/// The type that a parameter declares, if it is one that literals can be checked against.
fn declared_type(cx: Cx<'_>, declared: Node<'_>, unit: ScopeId, problems: &mut Problems) -> Option<Type> {
    let written = declared.prop("type")?.value();
    let parsed = parse_type(&written.text()?, &written.source_map());
    problems.extend(parsed.problems);
    lowered(cx, &parsed.ty, unit, problems)
}

fn lowered(cx: Cx<'_>, expr: &TypeExpr, unit: ScopeId, problems: &mut Problems) -> Option<Type> {
    match &expr.kind {
        TypeKind::Name(name) => {
            let scalar = Scalar::find(name).map(Type::Scalar);
            let user = || !matches!(cx.user_type(name, cx.scopes.get(unit).unit), Found::None);
            if scalar.is_none() && !matches!(name.as_str(), "any" | "secret") && !user() {
                problems.push(errors::unknown_type(expr.span, name));
            }
            scalar
        }
        TypeKind::List(inner) => Some(Type::List(Box::new(lowered(cx, inner, unit, problems)?))),
        TypeKind::Optional(inner) => Some(Type::Optional(Box::new(lowered(cx, inner, unit, problems)?))),
        TypeKind::Ref(kinds) => Some(Type::Ref(kinds.iter().map(|kind| kind.text.clone().into()).collect())),
        TypeKind::Union(parts) => words(parts),
        TypeKind::Map(_) | TypeKind::Error => None,
    }
}

/// `debug|info`; unions with types in them are tried where the value ends up.
fn words(parts: &[TypeExpr]) -> Option<Type> {
    let word = |part: &TypeExpr| match &part.kind {
        TypeKind::Name(name) if Scalar::find(name).is_none() => Some(Text::from(name.as_str())),
        _ => None,
    };
    Some(Type::Words(parts.iter().map(word).collect::<Option<_>>()?))
}
