//! Types of expressions, known without evaluating them: an expression that cannot have a value of the
//! right type is a mistake wherever it would be used.
//!
//! Start with [`Infer::template`].

use platc_diag::Problems;
use platc_model::Text;
use platc_model::scalar::Scalar;
use platc_model::types::{RecordId, Role, Type};
use platc_syntax::expr::{
    BinaryOp, Expr, ExprKind, Piece, Template, UnaryOp, has_expression, parse_template,
};
use platc_syntax::types::{TypeKind, parse_type};
use platc_syntax::{Literal, Name, Node, Value as Written};

use super::functions::{Function, text_as};
use super::names::{Root, root, visible};
use super::ty::Ty;
use crate::cx::Cx;
use crate::errors;
use crate::item::{ItemId, ScopeId};
use crate::link::Found;
use crate::project::NodeAt;

/// What an expression can see beside the names of its unit.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// What names mean.
    pub scope: ScopeId,
    /// The declaration that the expression belongs to.
    pub owner: Option<ItemId>,
    /// The record whose fields are names, for rules across fields.
    pub fields: Option<RecordId>,
}

/// Works out types, and finds mistakes.
pub struct Infer<'c, 'p> {
    cx: Cx<'c>,
    seen: Seen,
    problems: &'p mut Problems,
    locals: Vec<(Text, Ty)>,
    /// Lets that are being looked into, so that a circle ends.
    open: Vec<NodeAt>,
}

impl<'c, 'p> Infer<'c, 'p> {
    /// Finds mistakes as seen from there.
    pub fn new(cx: Cx<'c>, seen: Seen, problems: &'p mut Problems) -> Self {
        Self { cx, seen, problems, locals: Vec::new(), open: Vec::new() }
    }

    /// With a name of a comprehension that is being looked into.
    #[must_use]
    pub fn with_local(mut self, name: &str, ty: Ty) -> Self {
        self.locals.push((name.into(), ty));
        self
    }

    /// The type of a string with `${…}`: that of an expression alone, else a text.
    pub fn template(&mut self, template: &Template) -> Ty {
        if let Some(expr) = template.single_expr() {
            return self.expression(expr);
        }
        for piece in &template.pieces {
            let Piece::Expr { expr, span } = piece else { continue };
            let ty = self.expression(expr);
            if !has_text(&ty, &self.cx) {
                self.problems.push(errors::no_text(*span, no_text_reason(&ty)));
            }
        }
        Ty::STRING
    }

    /// The type of an expression.
    pub fn expression(&mut self, expr: &Expr) -> Ty {
        match &expr.kind {
            ExprKind::Null => Ty::Null,
            ExprKind::Bool(_) => Ty::BOOL,
            ExprKind::Int(_) => Ty::scalar(Scalar::Int),
            ExprKind::Float(_) => Ty::scalar(Scalar::Float),
            ExprKind::Text(_) => Ty::Text,
            ExprKind::Name(name) => self.name(name, expr),
            ExprKind::Field { base, name } => {
                if let Some(ty) = self.field_of_let(base, name) {
                    return ty;
                }
                let base = self.expression(base);
                self.field(&base, name)
            }
            ExprKind::Index { base, index } => self.index(base, index),
            ExprKind::Call { callee, arguments, .. } => self.call(expr, callee, arguments),
            ExprKind::Unary { op, operand } => self.unary(*op, operand),
            ExprKind::Binary { op, left, right, .. } => self.binary(*op, left, right, expr),
            ExprKind::Conditional { condition, then, otherwise } => {
                self.truth(condition);
                let (then, otherwise) = (self.expression(then), self.expression(otherwise));
                either(then, otherwise)
            }
            ExprKind::List(items) => {
                let types: Vec<Ty> = items.iter().map(|item| self.expression(item)).collect();
                types.into_iter().reduce(either).unwrap_or(Ty::Unknown).list()
            }
            ExprKind::Comprehension { element, variable, list, condition } => {
                let ty = self.expression(list);
                let item = ty.element().unwrap_or_else(|| {
                    self.problems.push(errors::cannot_compute(list.span, "this is no list"));
                    Ty::Unknown
                });
                self.locals.push((variable.text.as_str().into(), item));
                if let Some(condition) = condition {
                    self.truth(condition);
                }
                let element = self.expression(element);
                self.locals.pop();
                element.list()
            }
            ExprKind::Error => Ty::Unknown,
        }
    }

    fn truth(&mut self, expr: &Expr) {
        let ty = self.expression(expr);
        if !ty.is_open() && ty.as_scalar() != Some(Scalar::Bool) {
            self.problems.push(errors::cannot_compute(expr.span, "this is neither true nor false"));
        }
    }

    fn name(&mut self, name: &str, expr: &Expr) -> Ty {
        if let Some((_, ty)) = self.locals.iter().rev().find(|(local, _)| **local == *name) {
            return ty.clone();
        }
        if let Some((_, field)) = self.seen.fields.and_then(|id| self.cx.types.record(id).field(name)) {
            return Ty::Value(field.ty.clone());
        }
        match root(&self.cx, self.seen.scope, name) {
            Root::Variable(scope) => self.variable(scope, name),
            Root::Params => Ty::Params,
            Root::Own => match self.seen.owner {
                Some(owner) => Ty::Item(self.cx.item(owner).kind, Some(owner)),
                None => Ty::Unknown,
            },
            Root::Platform => Ty::Item("platform", self.cx.items.only("platform")),
            Root::Cluster => self.here(expr, name, "cluster", &["cluster"]),
            Root::Datacenter => self.here(expr, name, "datacenter", &["cluster", "datacenter", "host"]),
            Root::Host => self.here(expr, name, "host", &["host"]),
            Root::Secrets => Ty::Secrets,
            Root::Calls => match self.seen.owner {
                Some(owner) => Ty::Calls(owner),
                None => Ty::Unknown,
            },
            Root::All(kind) => Ty::List(Box::new(Ty::Item(kind, None))),
            Root::Let(at) => self.binding(at),
            Root::Item(id) => Ty::Item(self.cx.item(id).kind, Some(id)),
            Root::Kind(kind) => Ty::Kind(kind),
            Root::Unit(unit) => Ty::Unit(unit),
            Root::CidrFunctions => Ty::CidrFunctions,
            Root::Several(ids) => {
                self.problems.push(errors::ambiguous(expr.span, name, &self.cx, &ids));
                Ty::Unknown
            }
            Root::None => {
                let mut names = visible(&self.cx, self.seen.scope);
                if let Some(record) = self.seen.fields {
                    names.extend(self.cx.types.record(record).fields.iter().map(|field| &*field.name));
                }
                names.extend(self.locals.iter().map(|(name, _)| &**name));
                self.problems.push(errors::unknown_name(expr.span, name, names));
                Ty::Unknown
            }
        }
    }

    fn variable(&self, scope: ScopeId, name: &str) -> Ty {
        let known = &self.cx.scopes.get(scope).variables;
        let value = known.iter().find(|(variable, _)| **variable == *name).map(|(_, value)| value);
        match value {
            Some(platc_model::Value::Ref(to)) => Ty::Item(to.kind, None),
            Some(platc_model::Value::Int(_)) => Ty::scalar(Scalar::Int),
            Some(platc_model::Value::Text(_)) => Ty::STRING,
            _ => Ty::Value(Type::Any),
        }
    }

    /// `cluster`, `dc`, `host`: there is one where the declaration is at a place of such a kind, or is one.
    fn here(&mut self, expr: &Expr, name: &str, kind: &'static str, places: &[&str]) -> Ty {
        let Some(owner) = self.seen.owner else { return Ty::Item(kind, None) };
        let own = self.cx.item(owner).kind;
        let place = self.cx.types.kind(own).and_then(|kind| kind.places);
        if !places.contains(&own) && place.is_none_or(|place| !places.contains(&place)) {
            let why = format!("a {own} has none");
            self.problems.push(errors::not_known_here(expr.span, name, &why));
            return Ty::Unknown;
        }
        Ty::Item(kind, None)
    }

    fn binding(&mut self, at: NodeAt) -> Ty {
        if self.open.contains(&at) {
            return Ty::Unknown;
        }
        self.open.push(at);
        let unit = self.cx.project.source(at.source).unit;
        let outer = self.seen;
        self.seen = Seen { scope: ScopeId(unit.0), fields: None, ..outer };
        let locals = std::mem::take(&mut self.locals);
        let ty = self.written(self.cx.project.node(at), 1);
        self.locals = locals;
        self.seen = outer;
        self.open.pop();
        ty
    }

    /// `ring.nodes` of `let ring { nodes … }`: a block is looked into without working it out.
    fn field_of_let(&mut self, base: &Expr, name: &Name) -> Option<Ty> {
        let ExprKind::Name(binding) = &base.kind else { return None };
        if self.locals.iter().any(|(local, _)| **local == **binding) {
            return None;
        }
        let Root::Let(at) = root(&self.cx, self.seen.scope, binding) else { return None };
        let node = self.cx.project.node(at);
        if node.arg(1).is_some() || self.open.contains(&at) {
            return None;
        }
        let child = node.child(&name.text);
        let prop = node.prop(&name.text);
        if child.is_none() && prop.is_none() {
            let children: Vec<_> = node.children().map(Node::name).collect();
            let names = children.iter().map(|name| &**name).collect();
            self.problems.push(errors::no_field(name.span, &format!("`{binding}`"), &name.text, names));
            return Some(Ty::Unknown);
        }
        self.open.push(at);
        let unit = self.cx.project.source(at.source).unit;
        let outer = self.seen;
        self.seen = Seen { scope: ScopeId(unit.0), fields: None, ..outer };
        let ty = match (child, prop) {
            (Some(child), _) => self.written(child, 0),
            (None, Some(prop)) => self.literal(prop.value()),
            (None, None) => Ty::Unknown,
        };
        self.seen = outer;
        self.open.pop();
        Some(ty)
    }

    /// The type of what a node says: one argument, several, or a block of names.
    fn written(&mut self, node: Node<'_>, skip: usize) -> Ty {
        let types: Vec<Ty> = node.args().skip(skip).map(|arg| self.literal(arg)).collect();
        match types.len() {
            0 => Ty::Value(Type::Any),
            1 => types.into_iter().next().unwrap_or(Ty::Unknown),
            _ => types.into_iter().reduce(either).unwrap_or(Ty::Unknown).list(),
        }
    }

    fn literal(&mut self, written: Written<'_>) -> Ty {
        match written.decode() {
            Literal::Null => Ty::Null,
            Literal::Bool(_) => Ty::BOOL,
            Literal::Int(_) => Ty::scalar(Scalar::Int),
            Literal::Float(_) => Ty::scalar(Scalar::Float),
            Literal::Str(text) if has_expression(&text) => {
                // What is wrong in it is said where it is written, once, and not at each use.
                let parsed = parse_template(&text, &written.source_map());
                let before = self.problems.len();
                let ty = self.template(&parsed.template);
                self.problems.truncate(before);
                ty
            }
            Literal::Str(_) => Ty::Text,
            Literal::Bad => Ty::Unknown,
        }
    }

    fn field(&mut self, base: &Ty, name: &Name) -> Ty {
        match base {
            Ty::Params => self.param(name),
            Ty::Secrets => match self.named("secret", name) {
                Some(id) => Ty::Item("secret", Some(id)),
                None => Ty::Unknown,
            },
            Ty::Calls(owner) => Ty::Call(*owner, name.text.clone()),
            Ty::Call(..) => call_field(name).unwrap_or_else(|| {
                let names = vec!["url", "address", "host", "port"];
                self.problems.push(errors::no_field(name.span, "a call", &name.text, names));
                Ty::Unknown
            }),
            Ty::Kind(kind) => match self.named(kind, name) {
                Some(id) => Ty::Item(kind, Some(id)),
                None => Ty::Unknown,
            },
            Ty::Unit(unit) => match self.cx.any_declaration(&name.text, *unit) {
                Found::One(id) => Ty::Item(self.cx.item(id).kind, Some(id)),
                _ => {
                    self.problems.push(errors::unknown_name(
                        name.span,
                        &name.text,
                        self.cx.names.all().collect(),
                    ));
                    Ty::Unknown
                }
            },
            Ty::Item(kind, id) => self.item_field(kind, *id, name),
            // Ports by role are looked up when the place is known: one primary gives one address.
            Ty::Members(_, role) if *role == "primary" => Ty::scalar(Scalar::HostPort),
            Ty::Members(..) => Ty::scalar(Scalar::HostPort).list(),
            Ty::Value(ty) => self.value_field(ty, name),
            Ty::CidrFunctions => {
                self.problems.push(errors::not_a_call(name.span, &name.text));
                Ty::Unknown
            }
            Ty::Unknown => Ty::Unknown,
            Ty::Null | Ty::Text | Ty::List(_) => {
                let what = base.noun(self.cx.types);
                self.problems.push(errors::no_field(name.span, &what, &name.text, Vec::new()));
                Ty::Unknown
            }
        }
    }

    fn named(&mut self, kind: &'static str, name: &Name) -> Option<ItemId> {
        let unit = self.cx.scopes.get(self.seen.scope).unit;
        match self.cx.declaration(&[kind.into()], &name.text, unit) {
            Found::One(id) => return Some(id),
            Found::Several(ids) => {
                self.problems.push(errors::ambiguous(name.span, &name.text, &self.cx, &ids));
            }
            Found::None => {
                let names = self.cx.names.names_of(kind).collect();
                self.problems.push(errors::unknown_name(name.span, &name.text, names));
            }
        }
        None
    }

    fn param(&mut self, name: &Name) -> Ty {
        let found = self
            .cx
            .scopes
            .chain(self.seen.scope)
            .find_map(|(_, scope)| scope.params.as_ref()?.get(&*name.text));
        let Some(param) = found else {
            let known = self.cx.scopes.chain(self.seen.scope).filter_map(|(_, scope)| scope.params.as_ref());
            let known = known.flat_map(|params| params.keys()).map(|name| &**name).collect();
            self.problems.push(errors::unknown_param(name.span, &name.text, known));
            return Ty::Unknown;
        };
        let declared = self.cx.project.node(param.declared);
        let Some(written) = declared.prop("type").map(platc_syntax::Entry::value) else {
            return Ty::Value(Type::Any);
        };
        let parsed = parse_type(&written.text().unwrap_or_default(), &written.source_map());
        match &parsed.ty.kind {
            TypeKind::Name(word) => Scalar::find(word).map_or(Ty::Value(Type::Any), Ty::scalar),
            TypeKind::Ref(kinds) => match kinds.as_slice() {
                [one] => crate::words::kind(&one.text)
                    .map_or(Ty::Unknown, |kind| Ty::Item(kind, self.given_item(param, kind))),
                _ => Ty::Value(Type::Any),
            },
            TypeKind::List(inner) => match &inner.kind {
                TypeKind::Name(word) => {
                    Scalar::find(word).map_or(Ty::Value(Type::Any), |scalar| Ty::scalar(scalar).list())
                }
                _ => Ty::Value(Type::Any),
            },
            _ => Ty::Value(Type::Any),
        }
    }

    /// The declaration that a parameter is given by name.
    fn given_item(&self, param: &crate::item::Param, kind: &'static str) -> Option<ItemId> {
        let given = param.given?;
        let node = self.cx.project.node(given.node);
        let name = if given.property { None } else { node.arg(0) }?.text()?;
        match self.cx.declaration(&[kind.into()], &name, self.cx.scopes.get(given.scope).unit) {
            Found::One(id) => Some(id),
            _ => None,
        }
    }

    fn item_field(&mut self, kind: &'static str, id: Option<ItemId>, name: &Name) -> Ty {
        let field = name.text.as_str();
        match (kind, field) {
            (_, "name") => return Ty::STRING,
            // Keys and ports are names that the author gave; they are looked up with the values.
            ("secret", _) => return Ty::Value(Type::Secret),
            ("stateful", "primary" | "replica") => {
                let role = if field == "primary" { "primary" } else { "replica" };
                return id.map_or(Ty::Unknown, |id| Ty::Members(id, role));
            }
            ("stateful", "addresses") => return Ty::scalar(Scalar::Ip).list(),
            ("datacenter" | "cluster", "hosts") => return Ty::List(Box::new(Ty::Item("host", None))),
            _ => {}
        }
        let record = self.cx.types.record(self.cx.record_of(kind));
        if let Some((_, declared)) = record.field(field)
            && !(kind == "stateful" && id.is_some_and(|id| self.has_port(id, field)))
        {
            return match declared.role {
                Role::Each => Ty::Value(Type::List(Box::new(declared.ty.clone()))),
                _ => from_type(&declared.ty),
            };
        }
        if kind == "stateful" && id.is_none_or(|id| self.has_port(id, field)) {
            return Ty::scalar(Scalar::HostPort).list();
        }
        let what = id.map_or_else(|| format!("a {kind}"), |id| format!("`{}`", self.cx.item(id).name));
        let ports = id.filter(|_| kind == "stateful").map(|id| self.ports(id)).unwrap_or_default();
        let fields = record.fields.iter().map(|field| &*field.name);
        let names = ports.iter().map(String::as_str).chain(fields).chain(["name"]).collect();
        self.problems.push(errors::no_field(name.span, &what, field, names));
        Ty::Unknown
    }

    fn has_port(&self, id: ItemId, name: &str) -> bool {
        self.ports(id).iter().any(|port| port == name)
    }

    /// Names of the ports of something stateful, as they are written.
    fn ports(&self, id: ItemId) -> Vec<String> {
        let layers = self.cx.item(id).layers.iter().map(|layer| self.cx.project.node(layer.node));
        let ports = layers.flat_map(Node::children).filter(|child| child.name() == "port");
        ports.filter_map(|port| port.arg(0)?.text().map(std::borrow::Cow::into_owned)).collect()
    }

    fn value_field(&mut self, ty: &Type, name: &Name) -> Ty {
        match ty {
            Type::Any => Ty::Value(Type::Any),
            Type::Optional(inner) => self.value_field(inner, name),
            Type::Map(inner) => Ty::Value((**inner).clone()),
            Type::Record(id) => {
                let record = self.cx.types.record(*id);
                if let Some((_, field)) = record.field(&name.text) {
                    return match field.role {
                        Role::Each => Ty::Value(Type::List(Box::new(field.ty.clone()))),
                        _ => from_type(&field.ty),
                    };
                }
                // What is in a body may be of a type that only the value tells.
                if record.body().is_some() {
                    return Ty::Value(Type::Any);
                }
                let names = record.fields.iter().map(|field| &*field.name).collect();
                self.problems.push(errors::no_field(
                    name.span,
                    &format!("`{}`", record.name),
                    &name.text,
                    names,
                ));
                Ty::Unknown
            }
            // Children that have a name are asked for by it: `self.port.http`.
            Type::List(inner) => match &**inner {
                Type::Record(id) if self.cx.types.record(*id).key().is_some() => Ty::Value((**inner).clone()),
                _ => {
                    self.problems.push(errors::no_field(name.span, "a list", &name.text, Vec::new()));
                    Ty::Unknown
                }
            },
            _ => {
                let what = super::ty::noun_of(ty, self.cx.types);
                self.problems.push(errors::no_field(name.span, &what, &name.text, Vec::new()));
                Ty::Unknown
            }
        }
    }

    fn index(&mut self, base: &Expr, index: &Expr) -> Ty {
        let (list, at) = (self.expression(base), self.expression(index));
        match &list {
            Ty::Item("secret", _) => Ty::Value(Type::Secret),
            Ty::Params | Ty::Secrets | Ty::Calls(_) => Ty::Unknown,
            Ty::Value(Type::Map(inner)) => Ty::Value((**inner).clone()),
            Ty::Value(Type::Record(_)) => Ty::Value(Type::Any),
            list => {
                let element = list.element();
                if element.is_none() {
                    self.problems.push(errors::cannot_compute(base.span, "this is no list"));
                } else if !at.is_open() && at.as_scalar() != Some(Scalar::Int) && !list.is_open() {
                    self.problems.push(errors::cannot_compute(index.span, "a list is asked by number"));
                }
                element.unwrap_or(Ty::Unknown)
            }
        }
    }

    fn call(&mut self, whole: &Expr, callee: &Expr, arguments: &[Expr]) -> Ty {
        let function = match &callee.kind {
            ExprKind::Name(name) => name.clone(),
            ExprKind::Field { base, name } => match self.expression(base) {
                Ty::CidrFunctions => format!("cidr.{}", name.text),
                Ty::Item(kind, id) if matches!(name.text.as_str(), "in" | "at") => {
                    for argument in arguments {
                        self.expression(argument);
                    }
                    return Ty::Item(kind, id);
                }
                Ty::Unknown => return Ty::Unknown,
                _ => {
                    self.problems.push(errors::unknown_function(name.span, &name.text));
                    return Ty::Unknown;
                }
            },
            _ => return Ty::Unknown,
        };
        let types: Vec<Ty> = arguments.iter().map(|argument| self.expression(argument)).collect();
        let Some(function) = Function::find(&function) else {
            self.problems.push(errors::unknown_function(callee.span, &function));
            return Ty::Unknown;
        };
        let (wanted, given) = (function.takes.len(), types.len());
        let enough = if function.more { given + 1 >= wanted } else { given == wanted };
        if !enough {
            self.problems.push(errors::argument_count(whole.span, function.name, wanted, given));
            return function.gives(&types);
        }
        let last = function.takes.last().copied();
        let takes = function.takes.iter().copied().chain(std::iter::repeat_with(|| last).flatten());
        for ((takes, ty), argument) in takes.zip(&types).zip(arguments) {
            if !takes.accepts(ty) {
                let found = ty.noun(self.cx.types);
                self.problems.push(errors::argument_type(argument.span, function.name, takes.noun(), &found));
            }
        }
        function.gives(&types)
    }

    fn unary(&mut self, op: UnaryOp, operand: &Expr) -> Ty {
        match op {
            UnaryOp::Not => {
                self.truth(operand);
                Ty::BOOL
            }
            UnaryOp::Negate => {
                let ty = self.expression(operand);
                if !ty.is_open() && !ty.is_number() {
                    self.problems.push(errors::cannot_compute(operand.span, "this is no number"));
                }
                ty
            }
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr, whole: &Expr) -> Ty {
        if matches!(op, BinaryOp::And | BinaryOp::Or) {
            self.truth(left);
            self.truth(right);
            return Ty::BOOL;
        }
        let (a, b) = (self.expression(left), self.expression(right));
        let before = self.problems.len();
        self.text_beside(left, &a, &b);
        self.text_beside(right, &b, &a);
        if self.problems.len() > before {
            return if op.is_comparison() { Ty::BOOL } else { Ty::Unknown };
        }
        if op.is_comparison() {
            if !comparable(&a, &b) {
                let (a, b) = (a.noun(self.cx.types), b.noun(self.cx.types));
                self.problems.push(errors::not_comparable(whole.span, &a, &b));
            }
            return Ty::BOOL;
        }
        if a.is_open() || b.is_open() {
            return Ty::Value(Type::Any);
        }
        match (a.as_scalar(), b.as_scalar()) {
            _ if op == BinaryOp::Add && a.element().is_some() && b.element().is_some() => a,
            (Some(x), Some(y)) => match arithmetic(op, x, y) {
                Some(scalar) => Ty::scalar(scalar),
                None => {
                    let (a, b) = (a.noun(self.cx.types), b.noun(self.cx.types));
                    self.problems.push(errors::not_computable(whole.span, op.sign(), &a, &b));
                    Ty::Unknown
                }
            },
            _ => {
                let (a, b) = (a.noun(self.cx.types), b.noun(self.cx.types));
                self.problems.push(errors::not_computable(whole.span, op.sign(), &a, &b));
                Ty::Unknown
            }
        }
    }

    /// A literal text beside a typed value has its type; one that cannot have it is a mistake now.
    fn text_beside(&mut self, expr: &Expr, ty: &Ty, other: &Ty) {
        let (ExprKind::Text(text), Ty::Text, Some(scalar)) = (&expr.kind, ty, other.as_scalar()) else {
            return;
        };
        if let Err(mismatch) = text_as(scalar, text) {
            self.problems.push(errors::text_is_not(expr.span, text, scalar, &mismatch));
        }
    }
}

fn from_type(ty: &Type) -> Ty {
    match ty {
        Type::Ref(kinds) => match kinds.as_slice() {
            [one] => crate::words::kind(one).map_or(Ty::Unknown, |kind| Ty::Item(kind, None)),
            _ => Ty::Value(Type::Any),
        },
        Type::List(inner) => match from_type(inner) {
            item @ Ty::Item(..) => Ty::List(Box::new(item)),
            _ => Ty::Value(ty.clone()),
        },
        Type::Optional(inner) => from_type(inner),
        ty => Ty::Value(ty.clone()),
    }
}

fn call_field(name: &Name) -> Option<Ty> {
    Some(match name.text.as_str() {
        "url" => Ty::scalar(Scalar::Url),
        "address" => Ty::scalar(Scalar::HostPort),
        "host" => Ty::STRING,
        "port" => Ty::scalar(Scalar::Port),
        _ => return None,
    })
}

/// One type for two branches or elements.
fn either(a: Ty, b: Ty) -> Ty {
    match (a, b) {
        (Ty::Unknown, b) => b,
        (a, Ty::Unknown) => a,
        (a, b) if a == b => a,
        (Ty::Text, b) if b.as_scalar().is_some() => b,
        (a, Ty::Text) if a.as_scalar().is_some() => a,
        (Ty::Item(a, _), Ty::Item(b, _)) if a == b => Ty::Item(a, None),
        _ => Ty::Value(Type::Any),
    }
}

fn comparable(a: &Ty, b: &Ty) -> bool {
    if a.is_open() || b.is_open() || *a == Ty::Null || *b == Ty::Null {
        return true;
    }
    if let (Ty::Item(a, _), Ty::Item(b, _)) = (a, b) {
        return a == b;
    }
    match (a.as_scalar(), b.as_scalar()) {
        (Some(Scalar::Cpu), Some(_)) if b.is_number() => true,
        (Some(_), Some(Scalar::Cpu)) if a.is_number() => true,
        (Some(x), Some(y)) => x == y || (a.is_number() && b.is_number()) || *a == Ty::Text || *b == Ty::Text,
        // Records that stand for their argument, and lists, are compared as what they hold.
        _ => {
            matches!(a, Ty::Value(_) | Ty::List(_) | Ty::Item(..))
                && matches!(b, Ty::Value(_) | Ty::List(_) | Ty::Text | Ty::Item(..))
        }
    }
}

/// What an operator makes of two scalars.
fn arithmetic(op: BinaryOp, a: Scalar, b: Scalar) -> Option<Scalar> {
    use Scalar::{Bytes, Cpu, Duration, Float, Int, Percent, Port, String};
    let amount = |scalar: Scalar| matches!(scalar, Cpu | Bytes | Duration | Percent);
    let number = |scalar: Scalar| matches!(scalar, Int | Float | Port);
    match (op, a, b) {
        (BinaryOp::Add, String, String) => Some(String),
        (_, String, x) | (_, x, String) if amount(x) => Some(x),
        (BinaryOp::Multiply, x, Percent) | (BinaryOp::Multiply, Percent, x) if amount(x) => Some(x),
        (BinaryOp::Divide, x, y) if amount(x) && x == y => Some(Float),
        (BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Remainder, x, y) if amount(x) && x == y => Some(x),
        (BinaryOp::Multiply, x, n) | (BinaryOp::Multiply, n, x) if amount(x) && number(n) => Some(x),
        (BinaryOp::Divide, x, n) if amount(x) && number(n) => Some(x),
        (_, x, y) if number(x) && number(y) => Some(if x == Float || y == Float { Float } else { Int }),
        _ => None,
    }
}

fn has_text(ty: &Ty, cx: &Cx<'_>) -> bool {
    match ty {
        Ty::Unknown | Ty::Text | Ty::Item(..) => true,
        Ty::Value(Type::Record(id)) => {
            cx.types.record(*id).arguments().any(|(_, field)| field.role == Role::Arg)
        }
        Ty::Value(Type::Any | Type::Ref(_) | Type::TypeName | Type::Union(_)) => true,
        Ty::Value(Type::Secret) => false,
        other => other.as_scalar().is_some(),
    }
}

fn no_text_reason(ty: &Ty) -> &'static str {
    match ty {
        Ty::Value(Type::Secret) => "a secret is never put into a text: use it alone, in `env` or `file`",
        Ty::List(_) | Ty::Value(Type::List(_)) => "a list has no text: use `join(…, ',')`",
        _ => "this has no text of its own: ask for one of its fields",
    }
}
