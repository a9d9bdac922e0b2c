//! One written value against a type: a literal becomes a value, `${…}` an expression that waits.

use std::sync::Arc;

use platc_diag::Span;
use platc_model::types::{Limits, Type};
use platc_model::{Text, Value};
use platc_syntax::expr::{ExprKind, Template, has_expression, parse_template};
use platc_syntax::{Literal, Node, Value as Written};

use super::{Checker, Pending};
use crate::errors;
use crate::expr::names::{Root, root};
use crate::expr::{Evaluator, Infer, Seen, Ty};
use crate::item::ScopeId;
use crate::link::Found;
use crate::literal::{self, Mismatch};

impl<'c> Checker<'c, '_> {
    /// The value of `written` as a `ty`. `element` says that it stands among the elements of a list, so
    /// that a list stands for its elements.
    pub(super) fn value(
        &mut self,
        field: &Text,
        ty: &Type,
        limits: &Limits,
        written: Written<'c>,
        scope: ScopeId,
        element: bool,
    ) -> Option<Value> {
        if let Some(text) = written.text().filter(|text| has_expression(text)) {
            let parsed = parse_template(&text, &written.source_map());
            if !parsed.problems.is_empty() {
                self.problems.extend(parsed.problems);
                return None;
            }
            match parsed.template.literal() {
                Some(plain) => {
                    let literal = Literal::Str(plain.to_owned().into());
                    return self.literal(field, ty, limits, &literal, written.span(), scope);
                }
                None => {
                    return self.waiting(field, ty, limits, parsed.template, written.span(), scope, element);
                }
            }
        }
        self.literal(field, ty, limits, &written.decode(), written.span(), scope)
    }

    pub(super) fn literal(
        &mut self,
        field: &Text,
        ty: &Type,
        limits: &Limits,
        literal: &Literal<'_>,
        span: Span,
        scope: ScopeId,
    ) -> Option<Value> {
        if *literal == Literal::Bad {
            return None;
        }
        let value = self.typed(field, ty, literal, span, scope)?;
        if let Some(breach) = literal::breach(&value, limits, &super::pattern_matches) {
            self.problems.push(errors::breach(span, field, &value, &breach));
            return None;
        }
        Some(value)
    }

    fn typed(
        &mut self,
        field: &Text,
        ty: &Type,
        literal: &Literal<'_>,
        span: Span,
        scope: ScopeId,
    ) -> Option<Value> {
        match ty {
            Type::Scalar(scalar) => match literal::scalar(*scalar, literal) {
                Ok(value) => Some(value),
                Err(mismatch) => self.wrong(field, ty, literal, span, &mismatch),
            },
            Type::Words(words) => match literal {
                Literal::Str(text) if words.iter().any(|word| **word == **text) => {
                    Some(Value::Text(text.as_ref().into()))
                }
                Literal::Str(text) => {
                    self.problems.push(errors::not_a_word(span, field, text, words));
                    None
                }
                _ => self.wrong(field, ty, literal, span, &Mismatch::Sort(None)),
            },
            Type::Ref(kinds) => match literal {
                Literal::Str(name) => self.reference(kinds, name, span, scope),
                _ => self.wrong(field, ty, literal, span, &Mismatch::Sort(None)),
            },
            Type::TypeName => match literal {
                Literal::Str(name) => self.type_name(name, span, scope),
                _ => self.wrong(field, ty, literal, span, &Mismatch::Sort(None)),
            },
            Type::Secret => {
                self.problems.push(errors::secret_wanted(span, field));
                None
            }
            Type::Optional(_) if *literal == Literal::Null => Some(Value::Null),
            Type::Optional(inner) => self.typed(field, inner, literal, span, scope),
            Type::Union(types) => self.one_of_types(field, ty, types, literal, span, scope),
            Type::Any => any_literal(literal),
            Type::List(inner) => {
                let value = self.typed(field, inner, literal, span, scope)?;
                Some(Value::List([platc_diag::Origin::written(span).of(value)].into()))
            }
            Type::Record(_) | Type::Map(_) => self.wrong(field, ty, literal, span, &Mismatch::Sort(None)),
        }
    }

    fn wrong(
        &mut self,
        field: &Text,
        ty: &Type,
        literal: &Literal<'_>,
        span: Span,
        mismatch: &Mismatch,
    ) -> Option<Value> {
        self.problems.push(errors::mismatch(span, field, ty, self.cx.types, literal, mismatch));
        None
    }

    /// The first of several types that takes the literal. Words come first, so that a host named `worker`
    /// does not hide the role.
    fn one_of_types(
        &mut self,
        field: &Text,
        whole: &Type,
        types: &[Type],
        literal: &Literal<'_>,
        span: Span,
        scope: ScopeId,
    ) -> Option<Value> {
        let mut last = Vec::new();
        for ty in types {
            let before = self.problems.len();
            if let Some(value) = self.typed(field, ty, literal, span, scope) {
                return Some(value);
            }
            last = self.problems.split_off(before);
        }
        // The last alternative knows most about a text that looks like a name.
        match (types.last(), literal) {
            (Some(Type::Ref(kinds)), Literal::Str(name)) => {
                let words = types.iter().filter_map(|ty| match ty {
                    Type::Words(words) => Some(words.iter().map(|word| &**word)),
                    _ => None,
                });
                let names = kinds.iter().flat_map(|kind| self.cx.names.names_of(kind));
                let names: Vec<&str> = words.flatten().chain(names).collect();
                self.problems.push(errors::unknown_name(span, name, names));
            }
            (Some(Type::Secret), Literal::Str(_)) if last.len() == 1 => self.problems.extend(last),
            // What is not a text is meant for the other type, which knows how it is written.
            (Some(Type::Secret), _) => {
                let other = types.first().unwrap_or(whole);
                self.wrong(field, other, literal, span, &literal_mismatch(other, literal));
            }
            _ => {
                self.wrong(field, whole, literal, span, &Mismatch::Sort(None));
            }
        }
        None
    }

    fn reference(&mut self, kinds: &[Text], name: &str, span: Span, scope: ScopeId) -> Option<Value> {
        let unit = self.cx.scopes.get(scope).unit;
        let mut found = self.cx.declaration(kinds, name, unit);
        // Where things are is the platform's to say; a library may name its places.
        let places = kinds.iter().all(|kind| matches!(&**kind, "cluster" | "datacenter" | "host"));
        if places && matches!(found, Found::None) {
            found = self.cx.declaration(kinds, name, crate::project::UnitId::PLATFORM);
        }
        match found {
            Found::One(id) => return Some(Evaluator::early(self.cx).reference(id)),
            Found::Several(ids) => self.problems.push(errors::ambiguous(span, name, &self.cx, &ids)),
            Found::None => {
                let other = match self.cx.any_declaration(name, unit) {
                    Found::One(other) => Some(other),
                    // A datacenter and its cluster often share a name.
                    Found::Several(others) => others.first().copied(),
                    Found::None => None,
                };
                if let Some(other) = other {
                    let other = self.cx.item(other);
                    self.problems.push(errors::other_kind(span, name, other.kind, kinds, other.name_span));
                } else {
                    let names = kinds.iter().flat_map(|kind| self.cx.names.names_of(kind)).collect();
                    self.problems.push(errors::unknown_reference(span, name, kinds, names));
                }
            }
        }
        None
    }

    fn type_name(&mut self, name: &str, span: Span, scope: ScopeId) -> Option<Value> {
        let unit = self.cx.scopes.get(scope).unit;
        match self.cx.user_type(name, unit) {
            Found::One(_) => return Some(Value::Text(name.into())),
            Found::Several(_) => self.problems.push(errors::ambiguous_type(span, name)),
            Found::None => {
                let names = self.cx.index.types.keys().map(|name| &**name).collect();
                self.problems.push(errors::unknown_reference(span, name, &["type".into()], names));
            }
        }
        None
    }

    /// A value that waits for its place, if its type can fit.
    #[expect(clippy::too_many_arguments, reason = "all of a value's context, once")]
    pub(super) fn waiting(
        &mut self,
        field: &Text,
        ty: &Type,
        limits: &Limits,
        template: Template,
        span: Span,
        scope: ScopeId,
        element: bool,
    ) -> Option<Value> {
        let before = self.problems.len();
        let seen = Seen { scope, owner: Some(self.owner), fields: None };
        let found = Infer::new(self.cx, seen, self.problems).template(&template);
        if self.problems.len() > before {
            return None;
        }
        let splice = element && template.is_single_expr();
        let fits = fits(&found, ty) || (splice && found.element().is_some_and(|item| fits(&item, ty)));
        if !fits && matches!(found, Ty::Value(Type::Secret)) {
            self.problems.push(errors::secret_in_the_open(span, field));
            return None;
        }
        if !fits {
            self.problems.push(errors::expression_type(span, field, &found, ty, self.cx.types));
            return None;
        }
        let at = u32::try_from(self.pending.len()).unwrap_or(u32::MAX);
        let (ty, limits, field) = (ty.clone(), limits.clone(), Text::clone(field));
        self.pending.push(Arc::new(Pending { template, ty, limits, scope, span, field, splice }));
        Some(Value::Pending(at))
    }

    /// The block of the `let` that a string is nothing but the name of: it counts as if it stood there.
    pub(super) fn block_of_let(
        &self,
        text: &str,
        written: Written<'c>,
        scope: ScopeId,
    ) -> Option<(Node<'c>, ScopeId)> {
        let parsed = parse_template(text, &written.source_map());
        let ExprKind::Name(name) = &parsed.template.single_expr()?.kind else { return None };
        let Root::Let(at) = root(&self.cx, scope, name) else { return None };
        let node = self.cx.project.node(at);
        let block = node.has_block() && node.arg(1).is_none();
        let unit = self.cx.project.source(at.source).unit;
        block.then_some((node, ScopeId(unit.0)))
    }
}

/// Why a literal is not of a type.
fn literal_mismatch(ty: &Type, literal: &Literal<'_>) -> Mismatch {
    match ty {
        Type::Scalar(scalar) => literal::scalar(*scalar, literal).err().unwrap_or(Mismatch::Sort(None)),
        _ => Mismatch::Sort(None),
    }
}

/// A literal that is kept as it is written.
pub(super) fn any_literal(literal: &Literal<'_>) -> Option<Value> {
    Some(match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(value) => Value::Int(i64::try_from(*value).ok()?),
        Literal::Float(value) => Value::Float(*value),
        Literal::Str(text) => Value::Text(text.as_ref().into()),
        Literal::Bad => return None,
    })
}

/// Whether a value of an expression's type can stand where `wanted` does. What only its value tells is
/// let through and tried then.
fn fits(found: &Ty, wanted: &Type) -> bool {
    use platc_model::scalar::Scalar;
    if found.is_open() {
        return true;
    }
    match (found, wanted) {
        (Ty::Value(Type::Secret), Type::Secret) => true,
        (Ty::Value(Type::Secret), Type::Union(types)) => types.contains(&Type::Secret),
        (Ty::Value(Type::Secret), _) => false,
        (_, Type::Any) => !matches!(
            found,
            Ty::Params
                | Ty::Secrets
                | Ty::Calls(_)
                | Ty::Call(..)
                | Ty::Kind(_)
                | Ty::Unit(_)
                | Ty::CidrFunctions
                | Ty::Members(..)
        ),
        (_, Type::Optional(inner)) => *found == Ty::Null || fits(found, inner),
        (_, Type::Union(types)) => types.iter().any(|ty| fits(found, ty)),
        (Ty::Value(Type::Optional(inner)), wanted) => fits(&Ty::Value((**inner).clone()), wanted),
        (Ty::Value(Type::Union(types)), wanted) => {
            types.iter().any(|ty| fits(&Ty::Value(ty.clone()), wanted))
        }
        (Ty::Item(kind, _), Type::Ref(kinds)) => kinds.iter().any(|own| **own == **kind),
        (Ty::Item(kind, _), Type::Scalar(scalar)) => {
            matches!(scalar, Scalar::String | Scalar::DnsLabel | Scalar::DnsName)
                || (*kind == "external" && *scalar == Scalar::HostPort)
        }
        (Ty::Value(Type::Record(a)), Type::Record(b)) => a == b,
        // Several of a field's own records stand for their argument; the value tells.
        (Ty::Value(Type::Record(_)), Type::Scalar(_)) => true,
        (Ty::Value(Type::Map(inner)), Type::Map(wanted)) => fits(&Ty::Value((**inner).clone()), wanted),
        (found, Type::List(wanted)) => match found.element() {
            Some(element) => fits(&element, wanted),
            None => fits(found, wanted),
        },
        (found, Type::Words(_) | Type::TypeName | Type::Ref(_)) => {
            found.as_scalar() == Some(Scalar::String) || *found == Ty::Text
        }
        (found, Type::Scalar(wanted)) => found.as_scalar().is_some_and(|scalar| scalar_fits(scalar, *wanted)),
        _ => false,
    }
}

fn scalar_fits(found: platc_model::scalar::Scalar, wanted: platc_model::scalar::Scalar) -> bool {
    use platc_model::scalar::Scalar::{
        Bool, Cidr, Cpu, DnsLabel, DnsName, Float, Int, Ip, Path, Port, String, Url,
    };
    match (found, wanted) {
        (a, b) if a == b => true,
        (_, String) => true,
        (String | DnsLabel | DnsName | Path | Url, Bool | Int | Float | Port) => false,
        (String | DnsLabel | DnsName | Path | Url, _) => true,
        (Int, Float | Port | Cpu) | (Port, Int | Float) | (Float, Cpu) | (Ip, Cidr | DnsName) => true,
        _ => false,
    }
}
