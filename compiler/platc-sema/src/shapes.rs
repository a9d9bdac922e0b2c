//! From declarations of fields to types: `stdlib/kinds` once, and the author's `type`s.
//!
//! Not here: the grammar of such declarations (`platc-syntax`), and values against types (`check`).
//!
//! Start with [`kinds`] and [`user_types`].

use std::collections::BTreeMap;
use std::sync::Arc;

use platc_diag::{Problems, Span};
use platc_model::scalar::Scalar;
use platc_model::types::{Field, KindType, Limits, RecordId, RecordType, Role, Type, Types};
use platc_model::{Text, Value};
use platc_syntax::expr::parse_expr;
use platc_syntax::shape::{FieldShape, Shape};
use platc_syntax::types::{TypeExpr, TypeKind, parse_type};
use platc_syntax::{Literal, Tree, Value as Written};

use crate::cx::{Rule, UserTypes};
use crate::errors;
use crate::link::{Found, Index};
use crate::literal;
use crate::project::{NodeAt, Project, UnitId};
use crate::stdlib;

/// What can be said of a field beside its type.
const FIELD_ATTRIBUTES: &[&str] = &["default", "min", "max", "length", "pattern", "one-of", "only"];

/// The kinds and record types of the standard library.
pub fn kinds(trees: &[Arc<Tree>]) -> (Types, Problems) {
    let shapes: Vec<(String, Shape<'_>)> = trees
        .iter()
        .flat_map(|tree| tree.nodes())
        .map(|node| (node.name().into_owned(), Shape::read(node)))
        .collect();
    let mut maker = Maker::default();
    for (form, shape) in &shapes {
        if form == "mixin" {
            maker.mixins.insert(shape.name.as_ref().into(), shape.clone());
        } else {
            let id = maker.reserve(&shape.name, shape.name_span);
            if form == "record" {
                maker.named.insert(shape.name.as_ref().into(), Named::Record(id));
            }
        }
    }
    for (id, (form, shape)) in shapes.iter().filter(|(form, _)| form != "mixin").enumerate() {
        let id = RecordId(u32::try_from(id).unwrap_or(u32::MAX));
        maker.fill(id, shape.name.as_ref().into(), shape);
        if form == "kind" {
            let kind = kind_type(id, shape);
            maker.types.add_kind(kind);
        }
    }
    (maker.types, maker.problems)
}

/// Kind names live as long as the program: there are as many as `stdlib/kinds` declares, once.
fn kind_type(record: RecordId, shape: &Shape<'_>) -> KindType {
    let flag = |name: &str, otherwise: bool| match shape.attribute(name).map(Written::decode) {
        Some(Literal::Bool(value)) => value,
        _ => otherwise,
    };
    let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    KindType {
        name: leak(&shape.name),
        record,
        named: flag("named", true),
        unique: flag("unique", true),
        workload: flag("workload", false),
        places: shape.attribute("places").and_then(Written::text).map(|kind| leak(&kind)),
        contains: shape.contains.iter().filter_map(|kind| kind.text()).map(|kind| leak(&kind)).collect(),
    }
}

/// A `type` of the author's, where it is visible.
#[derive(Clone, PartialEq, Debug)]
pub enum Named {
    /// It has fields.
    Record(RecordId),
    /// It is another name for a type.
    Alias(Type),
}

/// One `type` declaration.
#[derive(Clone, Debug)]
pub struct UserType<'p> {
    /// Name, as seen by `find`.
    pub name: Text,
    /// Its node.
    pub shape: Shape<'p>,
}

/// Makes types of the author's declarations and adds them to `types`. `find(user, name)` gives the
/// number of the declaration that the `user`-th sees under a name.
pub fn user_types(
    types: Types,
    declared: &[UserType<'_>],
    find: &dyn Fn(usize, &str) -> Option<usize>,
) -> (Types, Vec<Named>, Problems) {
    let mut maker = Maker { types, ..Maker::default() };
    let mut made: Vec<Option<Named>> = Vec::new();
    for user in declared {
        let alias = user.shape.alias.is_some();
        made.push((!alias).then(|| Named::Record(maker.reserve(&user.name, user.shape.name_span))));
    }
    // An alias may name an alias: each pass resolves those whose meaning is known by then.
    for _ in 0..declared.len() {
        let before = made.iter().flatten().count();
        for (at, user) in declared.iter().enumerate() {
            if made.get(at).is_some_and(Option::is_none)
                && let Some(ty) = maker.alias(at, user, find, &made)
                && let Some(slot) = made.get_mut(at)
            {
                *slot = Some(Named::Alias(ty));
            }
        }
        if made.iter().flatten().count() == before {
            break;
        }
    }
    for (at, user) in declared.iter().enumerate() {
        if made.get(at).is_some_and(Option::is_none) {
            maker.problems.push(errors::type_of_itself(user.shape.name_span, &user.name));
        }
    }
    let resolved: Vec<Named> =
        made.into_iter().map(|named| named.unwrap_or(Named::Alias(Type::Any))).collect();
    for (at, user) in declared.iter().enumerate() {
        if let Some(Named::Record(id)) = resolved.get(at) {
            let see = |name: &str| find(at, name).and_then(|found| resolved.get(found)).cloned();
            maker.fill_with(*id, Text::clone(&user.name), &user.shape, &see);
        }
    }
    (maker.types, resolved, maker.problems)
}

/// All types of a project: those of the standard library and the author's.
pub fn of_project(project: &Project, index: &Index, problems: &mut Problems) -> (Types, UserTypes) {
    let mut places: Vec<NodeAt> = Vec::new();
    let mut declared: Vec<UserType<'_>> = Vec::new();
    for (name, all) in &index.types {
        for (_, at) in all {
            places.push(*at);
            declared.push(UserType { name: Text::clone(name), shape: Shape::read(project.node(*at)) });
        }
    }
    let find = |user: usize, name: &str| {
        let unit = project.source(places.get(user)?.source).unit;
        match index.find_in(project, &index.types, name, unit) {
            Found::One(at) => places.iter().position(|place| *place == at),
            _ => None,
        }
    };
    let (types, named, found) = user_types(stdlib::types().clone(), &declared, &find);
    problems.extend(found);
    let mut user = UserTypes::default();
    for ((at, named), declared) in places.iter().zip(named).zip(&declared) {
        if let Named::Record(id) = &named {
            let unit = project.source(at.source).unit;
            rules(&types, *id, &declared.shape, unit, &mut user, problems);
        }
        user.named.insert(*at, named);
    }
    (types, user)
}

/// `check "…" message="…"` of a type and of the records inside of it.
fn rules(
    types: &Types,
    id: RecordId,
    shape: &Shape<'_>,
    unit: UnitId,
    user: &mut UserTypes,
    problems: &mut Problems,
) {
    for node in &shape.checks {
        let (Some(written), Some(message)) = (node.arg(0), node.prop("message")) else { continue };
        let Some(text) = written.text() else {
            problems.push(errors::type_not_text(written.span()));
            continue;
        };
        let parsed = parse_expr(&text, &written.source_map());
        problems.extend(parsed.problems);
        let message = message.value().text().unwrap_or_default().as_ref().into();
        user.rules.entry(id).or_default().push(Rule { expr: parsed.expr, message, unit });
    }
    for field in &shape.fields {
        if let (Some(inner), Some((_, own))) = (&field.record, types.record(id).field(&field.name))
            && let Type::Record(inner_id) = &own.ty
        {
            rules(types, *inner_id, inner, unit, user, problems);
        }
    }
}

#[derive(Default)]
struct Maker<'t> {
    types: Types,
    mixins: BTreeMap<Text, Shape<'t>>,
    named: BTreeMap<Text, Named>,
    problems: Problems,
}

impl<'t> Maker<'t> {
    fn reserve(&mut self, name: &str, span: Span) -> RecordId {
        self.types.add_record(RecordType::new(name.into(), "".into(), span, Vec::new()))
    }

    fn fill(&mut self, id: RecordId, name: Text, shape: &Shape<'t>) {
        let named = self.named.clone();
        self.fill_with(id, name, shape, &|name| named.get(name).cloned());
    }

    fn fill_with(
        &mut self,
        id: RecordId,
        name: Text,
        shape: &Shape<'_>,
        see: &dyn Fn(&str) -> Option<Named>,
    ) {
        let mut fields = Vec::new();
        for mixin in &shape.includes {
            let Some(mixin) = mixin.text().and_then(|name| self.mixins.get(name.as_ref()).cloned()) else {
                continue;
            };
            fields.extend(self.fields(&name, &mixin, see));
        }
        fields.extend(self.fields(&name, shape, see));
        let doc = shape.doc.clone().unwrap_or_default().into();
        self.types.set_record(id, RecordType::new(name, doc, shape.name_span, fields));
    }

    fn fields(&mut self, owner: &Text, shape: &Shape<'_>, see: &dyn Fn(&str) -> Option<Named>) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for field in &shape.fields {
            if let Some(first) = fields.iter().find(|other| *other.name == *field.name) {
                let span = field.node.name_span();
                self.problems.push(errors::declared_twice(span, "field", &field.name, first.span));
                continue;
            }
            fields.push(self.field(owner, field, see));
        }
        fields
    }

    fn field(&mut self, owner: &Text, field: &FieldShape<'_>, see: &dyn Fn(&str) -> Option<Named>) -> Field {
        let (ty, optional) = match (&field.record, field.ty) {
            (Some(shape), _) => {
                let name: Text = format!("{owner}.{}", field.name).into();
                let id = self.reserve(&name, field.node.name_span());
                self.fill_with(id, name, shape, see);
                (Type::Record(id), false)
            }
            (None, Some(written)) => self.field_type(written, see),
            (None, None) => {
                self.problems.push(errors::type_missing(field.node.name_span(), &field.name));
                (Type::Any, true)
            }
        };
        for attribute in field.node.props() {
            let name = attribute.name().unwrap_or_default();
            if !FIELD_ATTRIBUTES.contains(&name.as_ref()) {
                let span = attribute.name_span().unwrap_or(attribute.span());
                self.problems.push(errors::unknown_attribute(span, &name, FIELD_ATTRIBUTES));
            }
        }
        let default = field.attribute("default").and_then(|written| self.constant(&ty, written));
        Field {
            name: field.name.as_ref().into(),
            doc: field.doc.clone().unwrap_or_default().into(),
            span: field.node.name_span(),
            role: self.role(field),
            optional,
            default,
            only: matches!(field.attribute("only").map(Written::decode), Some(Literal::Bool(true))),
            limits: self.limits(field, &ty),
            ty,
        }
    }

    fn role(&mut self, field: &FieldShape<'_>) -> Role {
        let Some((word, span)) = &field.role else { return Role::Plain };
        match word.as_ref() {
            "arg" => Role::Arg,
            "args" => Role::Args,
            "key" => Role::Key,
            "keys" => Role::Keys,
            "each" => Role::Each,
            "body" => Role::Body,
            "fact" => Role::Fact,
            other => {
                self.problems.push(errors::unknown_role(*span, other));
                Role::Plain
            }
        }
    }

    fn limits(&mut self, field: &FieldShape<'_>, ty: &Type) -> Limits {
        let of_one = match ty {
            Type::List(inner) => inner,
            other => other,
        };
        let min = field.attribute("min").and_then(|written| self.constant(of_one, written));
        let max = field.attribute("max").and_then(|written| self.constant(of_one, written));
        let one_of = field.node.props().filter(|prop| prop.name().is_some_and(|name| name == "one-of"));
        let one_of: Vec<Value> = one_of.filter_map(|prop| self.constant(of_one, prop.value())).collect();
        let pattern = field.attribute("pattern").and_then(|written| {
            let text = written.text()?;
            match literal::from_text(Scalar::Regex, &text) {
                Ok(_) => Some(text.as_ref().into()),
                Err(mismatch) => {
                    self.problems.push(errors::mismatch(
                        written.span(),
                        "pattern",
                        &Type::Scalar(Scalar::Regex),
                        &self.types,
                        &written.decode(),
                        &mismatch,
                    ));
                    None
                }
            }
        });
        let length = field.attribute("length").and_then(|written| {
            let range = match written.decode() {
                Literal::Int(exact) => u32::try_from(exact).ok().map(|n| (n, n)),
                Literal::Str(text) => length_range(&text),
                _ => None,
            };
            if range.is_none() {
                self.problems.push(errors::bad_length(written.span()));
            }
            range
        });
        Limits { min, max, length, pattern, one_of }
    }

    /// A value that is written in a declaration of types.
    fn constant(&mut self, ty: &Type, written: Written<'_>) -> Option<Value> {
        let decoded = written.decode();
        let value = match (ty, &decoded) {
            (Type::Scalar(scalar), decoded) => literal::scalar(*scalar, decoded),
            (Type::Optional(inner), _) => return self.constant(inner, written),
            (Type::List(inner), _) => {
                let value = self.constant(inner, written)?;
                let origin = platc_diag::Origin::written(written.span());
                return Some(Value::List([origin.of(value)].into()));
            }
            (Type::Words(words), Literal::Str(text)) if words.iter().any(|word| **word == **text) => {
                Ok(Value::Text(text.as_ref().into()))
            }
            (Type::Union(types), _) => {
                let words = types.iter().find_map(|ty| match ty {
                    Type::Words(words) => Some(words),
                    _ => None,
                });
                match (words, &decoded) {
                    (Some(words), Literal::Str(text)) if words.iter().any(|word| **word == **text) => {
                        Ok(Value::Text(text.as_ref().into()))
                    }
                    _ => Err(literal::Mismatch::Sort(None)),
                }
            }
            _ => Err(literal::Mismatch::Sort(None)),
        };
        match value {
            Ok(value) => Some(value),
            Err(_) if decoded == Literal::Bad => None,
            Err(mismatch) => {
                let problem = errors::mismatch(written.span(), "", ty, &self.types, &decoded, &mismatch);
                self.problems.push(problem);
                None
            }
        }
    }

    fn alias(
        &mut self,
        at: usize,
        user: &UserType<'_>,
        find: &dyn Fn(usize, &str) -> Option<usize>,
        made: &[Option<Named>],
    ) -> Option<Type> {
        let written = user.shape.alias?;
        let text = written.text()?;
        let parsed = parse_type(&text, &written.source_map());
        let waits = mentioned(&parsed.ty)
            .into_iter()
            .any(|name| find(at, name).is_some_and(|found| made.get(found).is_some_and(Option::is_none)));
        if waits {
            return None;
        }
        let see = |name: &str| find(at, name).and_then(|found| made.get(found)?.clone());
        let (ty, optional) = self.field_type(written, &see);
        Some(if optional { Type::Optional(Box::new(ty)) } else { ty })
    }

    /// The type of a field, and whether it may be left out.
    fn field_type(&mut self, written: Written<'_>, see: &dyn Fn(&str) -> Option<Named>) -> (Type, bool) {
        let Some(text) = written.text() else {
            self.problems.push(errors::type_not_text(written.span()));
            return (Type::Any, true);
        };
        let parsed = parse_type(&text, &written.source_map());
        self.problems.extend(parsed.problems);
        match self.lower(&parsed.ty, see) {
            Type::Optional(inner) => (*inner, true),
            ty => (ty, false),
        }
    }

    fn lower(&mut self, expr: &TypeExpr, see: &dyn Fn(&str) -> Option<Named>) -> Type {
        match &expr.kind {
            TypeKind::Name(name) => self.named_type(name, see).unwrap_or_else(|| {
                self.problems.push(errors::unknown_type(expr.span, name));
                Type::Any
            }),
            TypeKind::List(inner) => Type::List(Box::new(self.lower(inner, see))),
            TypeKind::Map(inner) => Type::Map(Box::new(self.lower(inner, see))),
            TypeKind::Optional(inner) => Type::Optional(Box::new(self.lower(inner, see))),
            TypeKind::Ref(kinds) => self.reference(kinds),
            TypeKind::Union(parts) => self.union(parts, see),
            TypeKind::Error => Type::Any,
        }
    }

    fn reference(&mut self, kinds: &[platc_syntax::Name]) -> Type {
        let mut known = Vec::new();
        for kind in kinds {
            if kind.text == "type" {
                return Type::TypeName;
            }
            // While the standard library itself is read, its kinds are not known yet; a test looks them up.
            known.push(kind.text.clone().into());
        }
        Type::Ref(known)
    }

    /// `A|B|c`: types where the names are types, words where they are not. An optional part makes the
    /// whole optional: `systemd|openrc?`.
    fn union(&mut self, parts: &[TypeExpr], see: &dyn Fn(&str) -> Option<Named>) -> Type {
        let mut words: Vec<Text> = Vec::new();
        let mut types = Vec::new();
        let mut optional = false;
        for part in parts {
            let part = match &part.kind {
                TypeKind::Optional(inner) => {
                    optional = true;
                    inner
                }
                _ => part,
            };
            match &part.kind {
                TypeKind::Name(name) => match self.named_type(name, see) {
                    Some(ty) => types.push(ty),
                    None => words.push(name.as_str().into()),
                },
                _ => types.push(self.lower(part, see)),
            }
        }
        if !words.is_empty() {
            types.insert(0, Type::Words(words));
        }
        let ty = if types.len() == 1 { types.remove(0) } else { Type::Union(types) };
        if optional { Type::Optional(Box::new(ty)) } else { ty }
    }

    fn named_type(&self, name: &str, see: &dyn Fn(&str) -> Option<Named>) -> Option<Type> {
        if let Some(scalar) = Scalar::find(name) {
            return Some(Type::Scalar(scalar));
        }
        match name {
            "any" => return Some(Type::Any),
            "secret" => return Some(Type::Secret),
            _ => {}
        }
        see(name).map(|named| match named {
            Named::Record(id) => Type::Record(id),
            Named::Alias(ty) => ty,
        })
    }
}

/// `1..2`, `1..`, `..15`.
fn length_range(text: &str) -> Option<(u32, u32)> {
    let (low, high) = text.split_once("..")?;
    let low = if low.is_empty() { 0 } else { low.parse().ok()? };
    let high = if high.is_empty() { u32::MAX } else { high.parse().ok()? };
    (low <= high).then_some((low, high))
}

fn mentioned(expr: &TypeExpr) -> Vec<&str> {
    match &expr.kind {
        TypeKind::Name(name) => vec![name],
        TypeKind::List(inner) | TypeKind::Map(inner) | TypeKind::Optional(inner) => mentioned(inner),
        TypeKind::Union(parts) => parts.iter().flat_map(mentioned).collect(),
        TypeKind::Ref(_) | TypeKind::Error => Vec::new(),
    }
}
