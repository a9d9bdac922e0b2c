//! What an expression is worth at a place.
//!
//! Total: every operation either gives a value or a finding that points at the character, and a named
//! number of steps ends whatever would go on. Pure: nothing outside of the model is asked, except for the
//! facts of a plan in tests, which come through [`Facts`].
//!
//! Start with [`Evaluator::expression`].

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::sync::Arc;

use platc_diag::{Diagnostic, Origin, Sourced, Span, limits};
use platc_model::scalar::{Bytes, Cpu, Duration, HostPort, Percent};
use platc_model::{Record, Ref, SecretKey, Text, Value};
use platc_syntax::expr::{
    BinaryOp, Expr, ExprKind, Piece, Template, UnaryOp, has_expression, parse_template,
};
use platc_syntax::{Literal, Name, Node, Value as Written};

use super::functions::{Function, text_as};
use super::names::{Root, root, visible};
use crate::check::{Checked, Pending};
use crate::cx::Cx;
use crate::errors;
use crate::item::{ItemId, ScopeId};
use crate::link::Found;
use crate::literal;
use crate::project::NodeAt;
use crate::sites::Sites;

/// Where something is: what `cluster`, `dc` and `host` mean, and which members of something stateful are
/// near.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Place {
    /// The cluster, for what runs in one.
    pub cluster: Option<ItemId>,
    /// The datacenters of the cluster, or the one that is meant.
    pub datacenters: Vec<ItemId>,
    /// The host, for what belongs to one.
    pub host: Option<ItemId>,
}

/// What is only known when the platform is planned.
pub trait Facts {
    /// A fact field of an item at a place.
    fn fact(&self, item: ItemId, place: &Place, name: &str) -> Option<Value>;
}

/// What an expression is worth: a value, or something that leads on to values.
#[derive(Clone, PartialEq, Debug)]
pub enum Val {
    /// A value that can stand in a field.
    Value(Value),
    /// A declaration, at its user's place unless another is said.
    Item(ItemId, Option<Place>),
    /// Several, of whatever sort.
    List(Vec<Self>),
    /// Members of something stateful that have a role.
    Members(ItemId, &'static str, Option<Place>),
    /// `calls` of a workload.
    Calls(ItemId),
    /// One of them.
    Call(ItemId, Text),
    /// `secret`.
    Secrets,
    /// `param`, of that scope.
    Params(ScopeId),
    /// The name of a kind.
    Kind(&'static str),
    /// The name of a library.
    Unit(crate::project::UnitId),
    /// `cidr`.
    CidrFunctions,
}

impl Val {
    /// A text.
    pub fn text(text: &str) -> Self {
        Self::Value(Value::Text(text.into()))
    }

    /// Its elements, if it is a list.
    pub fn elements(&self) -> Option<Vec<Self>> {
        match self {
            Self::List(list) => Some(list.clone()),
            Self::Value(Value::List(list)) => {
                Some(list.iter().map(|item| Self::Value(item.value.clone())).collect())
            }
            _ => None,
        }
    }

    /// Its text, if it has one. A secret has none.
    pub fn as_text(&self) -> Option<String> {
        match self {
            Self::Value(
                Value::List(_) | Value::Map(_) | Value::Record(_) | Value::Secret(_) | Value::Pending(_),
            ) => None,
            Self::Value(value) => Some(value.to_string()),
            _ => None,
        }
    }

    /// How it compares with another; `None` where there is no order.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Value(a), Self::Value(b)) => literal::order(a, b).or_else(|| {
                let (a, b) = meet(a, b)?;
                literal::order(&a, &b)
            }),
            _ => None,
        }
    }

    /// Whether it is the same as another; a text beside a typed value has its type.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Value(a), Self::Value(b)) => same_values(a, b),
            _ => match (self.elements(), other.elements()) {
                (Some(a), Some(b)) => a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a.same(b)),
                _ => self == other,
            },
        }
    }
}

fn same_values(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same_values(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            let entry = |name: &Text| b.iter().find(|(other, _)| other == name);
            a.len() == b.len()
                && a.iter().all(|(name, a)| entry(name).is_some_and(|(_, b)| same_values(a, b)))
        }
        (Value::Text(_), Value::Text(_)) => a == b,
        _ if literal::order(a, b) == Some(Ordering::Equal) => true,
        _ => a == b || meet(a, b).is_some_and(|(a, b)| a == b),
    }
}

/// A text and a typed value, both of the type; nothing if the text is not of it.
fn meet(a: &Value, b: &Value) -> Option<(Value, Value)> {
    match (a, b) {
        (Value::Text(text), typed) => Some((typed_text(text, typed)?, typed.clone())),
        (typed, Value::Text(text)) => Some((typed.clone(), typed_text(text, typed)?)),
        _ => None,
    }
}

fn typed_text(text: &str, like: &Value) -> Option<Value> {
    use platc_model::scalar::Scalar;
    let scalar = match like {
        Value::Cpu(_) => Scalar::Cpu,
        Value::Bytes(_) => Scalar::Bytes,
        Value::Duration(_) => Scalar::Duration,
        Value::Percent(_) => Scalar::Percent,
        Value::Rate(_) => Scalar::Rate,
        Value::Ip(_) => Scalar::Ip,
        Value::Cidr(_) => Scalar::Cidr,
        Value::Mac(_) => Scalar::Mac,
        Value::HostPort(_) => Scalar::HostPort,
        Value::Image(_) => Scalar::Image,
        Value::Version(_) => Scalar::Version,
        Value::Date(_) => Scalar::Date,
        Value::Cron(_) => Scalar::Cron,
        Value::Ref(to) => return (*to.name == *text).then(|| like.clone()),
        _ => return None,
    };
    text_as(scalar, text).ok()
}

/// What two values are together; an error is a clause.
pub fn add(a: &Val, b: &Val) -> Result<Val, String> {
    let too_large = || "the result is too large".to_owned();
    let value = match (a, b) {
        (Val::Value(a), Val::Value(b)) => match (a, b) {
            (Value::Int(a), Value::Int(b)) => Value::Int(a.checked_add(*b).ok_or_else(too_large)?),
            (Value::Cpu(a), Value::Cpu(b)) => {
                Value::Cpu(Cpu::milli(a.as_milli().checked_add(b.as_milli()).ok_or_else(too_large)?))
            }
            (Value::Bytes(a), Value::Bytes(b)) => {
                Value::Bytes(Bytes::new(a.get().checked_add(b.get()).ok_or_else(too_large)?))
            }
            (Value::Duration(a), Value::Duration(b)) => Value::Duration(Duration::micros(
                a.as_micros().checked_add(b.as_micros()).ok_or_else(too_large)?,
            )),
            (Value::Percent(a), Value::Percent(b)) => {
                Value::Percent(Percent::milli(a.as_milli().checked_add(b.as_milli()).ok_or_else(too_large)?))
            }
            // Two texts are joined, never taken for amounts: `'1s' + '2s'` is `'1s2s'`.
            (Value::Text(a), Value::Text(b)) if a.len() + b.len() > limits::VALUE_BYTES => {
                return Err(too_large());
            }
            (Value::Text(a), Value::Text(b)) => Value::Text(format!("{a}{b}").into()),
            (Value::List(_), Value::List(_)) => {
                return join_lists(&Val::Value(a.clone()), &Val::Value(b.clone()));
            }
            _ => match (meet(a, b), as_floats(a, b)) {
                (Some((a, b)), _) => return add(&Val::Value(a), &Val::Value(b)),
                (None, Some((a, b))) => Value::Float(a + b),
                (None, None) => return Err("these two cannot be added".to_owned()),
            },
        },
        _ => return join_lists(a, b),
    };
    Ok(Val::Value(value))
}

fn join_lists(a: &Val, b: &Val) -> Result<Val, String> {
    match (a.elements(), b.elements()) {
        (Some(mut a), Some(b)) if a.len() + b.len() <= limits::LIST_ELEMENTS => {
            a.extend(b);
            Ok(Val::List(a))
        }
        (Some(_), Some(_)) => Err(errors::LIST_TOO_LONG.to_owned()),
        _ => Err("these two cannot be added".to_owned()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a whole number beside a fraction is counted as one")]
fn as_floats(a: &Value, b: &Value) -> Option<(f64, f64)> {
    let float = |value: &Value| match value {
        Value::Int(n) => Some(*n as f64),
        Value::Float(n) => Some(*n),
        Value::Port(n) => Some(f64::from(*n)),
        _ => None,
    };
    Some((float(a)?, float(b)?))
}

/// Works out expressions for one owner at one place.
pub struct Evaluator<'c> {
    cx: Cx<'c>,
    checked: Option<&'c Checked>,
    sites: Option<&'c Sites>,
    facts: Option<&'c dyn Facts>,
    /// Local ports of calls, by workload and name.
    ports: Option<&'c platc_model::CallPorts>,
    /// The declaration whose values are worked out, if it is one.
    own: Option<ItemId>,
    /// Whether anything beside that declaration was asked for.
    looked: Cell<bool>,
    steps: Cell<u32>,
    /// Values that are being worked out, so that a circle is noticed.
    open: RefCell<Vec<(ItemId, Span)>>,
}

/// Who asks, and from where.
#[derive(Clone, Debug)]
pub struct Asker {
    /// What names mean.
    pub scope: ScopeId,
    /// The declaration that the expression belongs to.
    pub owner: Option<ItemId>,
    /// Where that is.
    pub place: Place,
    /// Names of the expression itself, and fields of a record that is checked; the last of a name counts.
    pub locals: Vec<(Text, Val)>,
}

type Worth = Result<Val, Diagnostic>;

/// Values by name.
type Entries = Arc<[(Text, Sourced<Value>)]>;

/// Says what stands for an expression that cannot be worked out.
type Failed<'f> = &'f mut dyn FnMut(Diagnostic) -> Result<Value, Diagnostic>;

impl<'c> Evaluator<'c> {
    /// With nothing but names: for names of declarations, before values are known.
    pub fn early(cx: Cx<'c>) -> Self {
        Self {
            cx,
            checked: None,
            sites: None,
            facts: None,
            ports: None,
            own: None,
            looked: Cell::new(false),
            steps: Cell::new(0),
            open: RefCell::new(Vec::new()),
        }
    }

    /// With everything that was checked.
    pub fn new(
        cx: Cx<'c>,
        checked: &'c Checked,
        sites: &'c Sites,
        ports: &'c platc_model::CallPorts,
    ) -> Self {
        Self { checked: Some(checked), sites: Some(sites), ports: Some(ports), ..Self::early(cx) }
    }

    /// With the facts of a plan, for tests.
    #[must_use]
    pub fn with_facts(self, facts: &'c dyn Facts) -> Self {
        Self { facts: Some(facts), ..self }
    }

    /// For the values of one declaration, so that it can be told whether they depend on others.
    #[must_use]
    pub(crate) fn of(self, own: ItemId) -> Self {
        Self { own: Some(own), ..self }
    }

    /// Whether anything was asked for beside the declaration's own fields and what is shared by all.
    pub(crate) fn has_looked_around(&self) -> bool {
        self.looked.get()
    }

    /// Where everything is, for who asks for anything beside the declaration's own place.
    fn around(&self) -> Option<&'c Sites> {
        self.looked.set(true);
        self.sites
    }

    /// What it evaluates in.
    pub fn cx(&self) -> Cx<'c> {
        self.cx
    }

    /// Begins to count steps anew: limits are an expression's own.
    pub fn restart(&self) {
        self.steps.set(0);
    }

    /// What a string with `${…}` is worth: an expression alone keeps its sort, else it is a text.
    pub fn template(&self, template: &Template, asker: &Asker) -> Worth {
        if let Some(expr) = template.single_expr() {
            return self.expression(expr, asker);
        }
        let mut out = String::new();
        for piece in &template.pieces {
            match piece {
                Piece::Text { text, .. } => out.push_str(text),
                Piece::Expr { expr, span } => {
                    let value = self.expression(expr, asker)?;
                    out.push_str(&self.text_in(&value, *span, asker)?);
                }
            }
            if out.len() > limits::VALUE_BYTES {
                return Err(errors::value_too_large(template.span));
            }
        }
        Ok(Val::text(&out))
    }

    /// The text of a value in the middle of other text.
    fn text_in(&self, value: &Val, span: Span, asker: &Asker) -> Result<String, Diagnostic> {
        if let Val::Item(item, _) = value {
            return Ok(self.cx.item(*item).name.to_string());
        }
        if let Val::Value(Value::Record(record)) = value
            && let Some(plain) = self.argument_of(record)
        {
            let plain = self.settle(plain, asker.owner, &asker.place)?;
            return plain.as_text().ok_or_else(|| errors::no_text(span, "this has no text"));
        }
        value.as_text().ok_or_else(|| {
            let what = match value {
                Val::Value(Value::Secret(_)) => {
                    "a secret is never put into a text: use it alone, in `env` or `file`"
                }
                Val::List(_) | Val::Value(Value::List(_)) => "a list has no text: use `join(…, ',')`",
                _ => "this has no text of its own: ask for one of its fields",
            };
            errors::no_text(span, what)
        })
    }

    /// The one argument of a record, which stands for it where a scalar is wanted.
    pub fn argument_of(&self, record: &Record) -> Option<Val> {
        let ty = self.cx.types.record(record.ty);
        let (at, _) = ty.arguments().find(|(_, field)| field.role == platc_model::types::Role::Arg)?;
        let slot = record.slots.get(at)?.as_ref()?;
        Some(Val::Value(slot.value.clone()))
    }

    /// What an expression is worth.
    pub fn expression(&self, expr: &Expr, asker: &Asker) -> Worth {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps > limits::EXPRESSION_STEPS {
            return Err(errors::too_many_steps(expr.span));
        }
        match &expr.kind {
            ExprKind::Null => Ok(Val::Value(Value::Null)),
            ExprKind::Bool(value) => Ok(Val::Value(Value::Bool(*value))),
            ExprKind::Int(value) => match i64::try_from(*value) {
                Ok(value) => Ok(Val::Value(Value::Int(value))),
                Err(_) => Err(errors::cannot_compute(expr.span, "a whole number fits into 64 bits")),
            },
            ExprKind::Float(value) => Ok(Val::Value(Value::Float(*value))),
            ExprKind::Text(text) => Ok(Val::text(text)),
            ExprKind::Name(name) => self.name(name, expr.span, asker),
            ExprKind::Field { base, name } => {
                let base = self.expression(base, asker)?;
                self.field(&base, name, asker)
            }
            ExprKind::Index { base, index } => self.index(base, index, asker),
            ExprKind::Call { callee, arguments, .. } => self.call(expr, callee, arguments, asker),
            ExprKind::Unary { op, operand } => self.unary(*op, operand, asker),
            ExprKind::Binary { op, op_span, left, right } => self.binary(*op, *op_span, left, right, asker),
            ExprKind::Conditional { condition, then, otherwise } => {
                let which = if self.truth(condition, asker)? { then } else { otherwise };
                self.expression(which, asker)
            }
            ExprKind::List(items) => {
                items.iter().map(|item| self.expression(item, asker)).collect::<Result<_, _>>().map(Val::List)
            }
            ExprKind::Comprehension { element, variable, list, condition } => {
                self.comprehension(element, variable, list, condition.as_deref(), asker)
            }
            ExprKind::Error => Err(errors::already_reported(expr.span)),
        }
    }

    /// Whether an expression is true; anything but a truth value is a mistake.
    pub fn truth(&self, expr: &Expr, asker: &Asker) -> Result<bool, Diagnostic> {
        match self.expression(expr, asker)? {
            Val::Value(Value::Bool(value)) => Ok(value),
            _ => Err(errors::cannot_compute(expr.span, "this is neither true nor false")),
        }
    }

    fn name(&self, name: &str, span: Span, asker: &Asker) -> Worth {
        if let Some((_, value)) = asker.locals.iter().rev().find(|(local, _)| **local == *name) {
            return Ok(value.clone());
        }
        let missing = |what: &str| Err(errors::not_known_here(span, name, what));
        let root = root(&self.cx, asker.scope, name);
        if !matches!(root, Root::Variable(_) | Root::Params | Root::Own) {
            self.looked.set(true);
        }
        match root {
            Root::Variable(scope) => {
                let known = &self.cx.scopes.get(scope).variables;
                let found = known.iter().find(|(variable, _)| **variable == *name);
                Ok(self.lifted(found.map_or(Value::Null, |(_, value)| value.clone())))
            }
            Root::Params => Ok(Val::Params(asker.scope)),
            Root::Own => match (asker.owner, self.use_name(asker.scope)) {
                (Some(owner), _) => Ok(Val::Item(owner, Some(asker.place.clone()))),
                // While the names of declarations are made, `self` has a name and nothing else.
                (None, Some(name)) => Ok(Val::Value(Value::Ref(early_ref("", &name)))),
                (None, None) => missing("there is no declaration around it"),
            },
            Root::Platform => self
                .cx
                .items
                .only("platform")
                .map_or_else(|| missing("there is none"), |id| Ok(Val::Item(id, None))),
            Root::Cluster => asker
                .place
                .cluster
                .map_or_else(|| missing("this is in no cluster"), |id| Ok(Val::Item(id, None))),
            Root::Datacenter => match asker.place.datacenters.as_slice() {
                [one] => Ok(Val::Item(*one, None)),
                [] => missing("this is in no datacenter"),
                _ => missing("its cluster is in several datacenters"),
            },
            Root::Host => asker
                .place
                .host
                .map_or_else(|| missing("this belongs to no host"), |id| Ok(Val::Item(id, None))),
            Root::Secrets => Ok(Val::Secrets),
            Root::Calls => {
                asker.owner.map_or_else(|| missing("only a workload calls"), |owner| Ok(Val::Calls(owner)))
            }
            Root::All(kind) => Ok(self.all_of(kind)),
            Root::Let(at) => self.binding(at, asker),
            Root::Item(id) => Ok(Val::Item(id, None)),
            Root::Kind(kind) => Ok(Val::Kind(kind)),
            Root::Unit(unit) => Ok(Val::Unit(unit)),
            Root::CidrFunctions => Ok(Val::CidrFunctions),
            Root::Several(ids) => Err(errors::ambiguous(span, name, &self.cx, &ids)),
            Root::None if self.checked.is_none() => missing("names are made before values are known"),
            Root::None => {
                let names = visible(&self.cx, asker.scope);
                let locals = asker.locals.iter().map(|(local, _)| &**local);
                Err(errors::unknown_name(span, name, names.into_iter().chain(locals).collect()))
            }
        }
    }

    fn use_name(&self, scope: ScopeId) -> Option<Text> {
        self.cx.scopes.chain(scope).find_map(|(_, scope)| scope.use_name.clone())
    }

    /// All declarations of a kind; before they are known, those that are written without a template.
    fn all_of(&self, kind: &'static str) -> Val {
        if self.checked.is_some() {
            return Val::List(self.cx.items.of_kind(kind).map(|(id, _)| Val::Item(id, None)).collect());
        }
        let declared =
            self.cx.index.declarations.iter().filter(|(word, _)| *word == crate::outline::Word::Kind(kind));
        let name = |at: NodeAt| {
            self.cx.project.node(at).arg(0).and_then(Written::text).map(std::borrow::Cow::into_owned)
        };
        let mut names: Vec<String> = declared.filter_map(|(_, at)| name(*at)).collect();
        names.sort_unstable();
        Val::List(names.iter().map(|name| Val::Value(Value::Ref(early_ref(kind, name)))).collect())
    }

    /// A value from an earlier phase: what names a declaration becomes it.
    fn lifted(&self, value: Value) -> Val {
        match &value {
            Value::Ref(to) => {
                let found = match self.cx.items.at(to.kind, to.index) {
                    Some(id) => Some(id),
                    None => self.cx.names.of_kind(to.kind, &to.name).first().map(|(_, id)| *id),
                };
                found.map_or(Val::Value(value), |id| Val::Item(id, None))
            }
            Value::List(list) => Val::List(list.iter().map(|item| self.lifted(item.value.clone())).collect()),
            _ => Val::Value(value),
        }
    }

    /// A `let` is worked out where it is used; its names mean what they mean where it is written.
    fn binding(&self, at: NodeAt, asker: &Asker) -> Worth {
        let unit = self.cx.project.source(at.source).unit;
        let inner = Asker { scope: ScopeId(unit.0), locals: Vec::new(), ..asker.clone() };
        let node = self.cx.project.node(at);
        self.guarded(asker.owner, node.name_span(), || self.written(node, 1, &inner))
    }

    /// What a node says as a value: one argument, several, or a block of names.
    pub fn written(&self, node: Node<'_>, skip: usize, asker: &Asker) -> Worth {
        let mut args = node.args().skip(skip);
        match (args.next(), args.next()) {
            (Some(only), None) => self.literal(only, asker),
            (Some(_), Some(_)) => node
                .args()
                .skip(skip)
                .map(|arg| self.literal(arg, asker))
                .collect::<Result<_, _>>()
                .map(Val::List),
            (None, _) => self.block(node, asker),
        }
    }

    fn block(&self, node: Node<'_>, asker: &Asker) -> Worth {
        let mut entries: Vec<(Text, Sourced<Value>)> = Vec::new();
        for prop in node.props() {
            let value = self.literal(prop.value(), asker)?;
            let value = self.plain(&value, prop.span())?;
            entries.push((prop.name().unwrap_or_default().into(), Origin::written(prop.span()).of(value)));
        }
        for child in node.children() {
            let value = self.written(child, 0, asker)?;
            let value = self.plain(&value, child.span())?;
            entries.push((child.name().into(), Origin::written(child.span()).of(value)));
        }
        Ok(Val::Value(Value::Map(entries.into())))
    }

    /// What a single literal says, with its expressions worked out.
    pub fn literal(&self, written: Written<'_>, asker: &Asker) -> Worth {
        let value = match written.decode() {
            Literal::Null => Value::Null,
            Literal::Bool(value) => Value::Bool(value),
            Literal::Int(value) => Value::Int(i64::try_from(value).unwrap_or(i64::MAX)),
            Literal::Float(value) => Value::Float(value),
            Literal::Str(text) if has_expression(&text) => {
                let parsed = parse_template(&text, &written.source_map());
                return match parsed.problems.into_iter().next() {
                    Some(problem) => Err(problem),
                    None => self.template(&parsed.template, asker),
                };
            }
            Literal::Str(text) => Value::Text(text.as_ref().into()),
            Literal::Bad => return Err(errors::already_reported(written.span())),
        };
        Ok(Val::Value(value))
    }

    /// As a value that can stand in a map or list.
    pub fn plain(&self, value: &Val, span: Span) -> Result<Value, Diagnostic> {
        match value {
            Val::Value(value) => Ok(value.clone()),
            Val::Item(id, _) => Ok(self.reference(*id)),
            Val::List(list) => {
                let items: Result<Vec<_>, _> = list
                    .iter()
                    .map(|item| self.plain(item, span).map(|value| Origin::written(span).of(value)))
                    .collect();
                Ok(Value::List(items?.into()))
            }
            _ => Err(errors::no_text(span, "this is no value of its own: ask for one of its fields")),
        }
    }

    /// The value that names a declaration.
    pub fn reference(&self, id: ItemId) -> Value {
        let item = self.cx.item(id);
        let name = Text::clone(&item.name);
        Value::Ref(Arc::new(Ref { kind: item.kind, index: self.cx.items.index_in_kind(id), name }))
    }

    /// What a field of something is worth.
    pub fn field(&self, base: &Val, name: &Name, asker: &Asker) -> Worth {
        match base {
            Val::Params(scope) => self.param(*scope, name, asker),
            Val::Secrets => self.secret(name, asker),
            Val::Calls(owner) => self.named_call(*owner, name),
            Val::Call(owner, call) => self.call_field(*owner, call, name),
            Val::Kind(kind) => self.named(&[Text::from(*kind)], name, asker),
            Val::Unit(unit) => match self.cx.any_declaration(&name.text, *unit) {
                Found::One(id) => Ok(Val::Item(id, None)),
                _ => Err(errors::unknown_name(name.span, &name.text, self.cx.names.all().collect())),
            },
            Val::Item(id, place) => self.item_field(*id, place.as_ref().unwrap_or(&asker.place), name),
            Val::Members(id, role, place) => {
                let place = place.as_ref().unwrap_or(&asker.place);
                self.member_port(*id, Some(role), place, name)
            }
            Val::Value(value) => self.value_field(value, name, asker),
            Val::List(list) => self.list_field(list, name, asker),
            Val::CidrFunctions => Err(errors::not_a_call(name.span, &name.text)),
        }
    }

    fn named(&self, kinds: &[Text], name: &Name, asker: &Asker) -> Worth {
        let unit = self.cx.scopes.get(asker.scope).unit;
        match self.cx.declaration(kinds, &name.text, unit) {
            Found::One(id) => Ok(Val::Item(id, None)),
            Found::Several(ids) => Err(errors::ambiguous(name.span, &name.text, &self.cx, &ids)),
            Found::None => {
                let names = kinds.iter().flat_map(|kind| self.cx.names.names_of(kind)).collect();
                Err(errors::unknown_reference(name.span, &name.text, kinds, names))
            }
        }
    }

    fn param(&self, scope: ScopeId, name: &Name, asker: &Asker) -> Worth {
        let found = self.cx.scopes.chain(scope).find_map(|(_, scope)| {
            let params = scope.params.as_ref()?;
            params.get(&*name.text)
        });
        let Some(param) = found else {
            let known = self.cx.scopes.chain(scope).filter_map(|(_, scope)| scope.params.as_ref());
            let known = known.flat_map(|params| params.keys()).map(|name| &**name).collect();
            return Err(errors::unknown_param(name.span, &name.text, known));
        };
        let declared = self.cx.project.node(param.declared);
        let Some(given) = param.given else {
            let Some(default) = declared.prop("default") else {
                // Whoever imports or uses without giving it was told so.
                return Err(errors::already_reported(name.span));
            };
            let unit = self.cx.project.source(param.declared.source).unit;
            let inner = Asker { scope: ScopeId(unit.0), locals: Vec::new(), ..asker.clone() };
            return self.typed_param(
                declared,
                self.literal(default.value(), &inner)?,
                inner.scope,
                name.span,
            );
        };
        let node = self.cx.project.node(given.node);
        let inner = Asker { scope: given.scope, locals: Vec::new(), ..asker.clone() };
        let written =
            if given.property { node.prop(&name.text).map(platc_syntax::Entry::value) } else { node.arg(0) };
        if written.is_some_and(|written| is_mistyped(declared, written)) {
            // Where it is given, it was told what it must be.
            return Err(errors::already_reported(name.span));
        }
        let value = if given.property {
            node.prop(&name.text)
                .map_or(Ok(Val::Value(Value::Null)), |prop| self.literal(prop.value(), &inner))
        } else {
            self.guarded(asker.owner, node.name_span(), || self.written(node, 0, &inner))
        };
        self.typed_param(declared, value?, given.scope, name.span)
    }

    /// A parameter that takes a declaration is one, though it is given by name.
    fn typed_param(&self, declared: Node<'_>, value: Val, scope: ScopeId, span: Span) -> Worth {
        let Some(ty) = declared.prop("type").and_then(|prop| prop.value().text()) else { return Ok(value) };
        let Some(kinds) = ty.strip_prefix("ref<").and_then(|rest| rest.strip_suffix('>')) else {
            return Ok(value);
        };
        let Val::Value(Value::Text(name)) = &value else { return Ok(value) };
        let kinds: Vec<Text> = kinds.split('|').map(Into::into).collect();
        match self.cx.declaration(&kinds, name, self.cx.scopes.get(scope).unit) {
            Found::One(id) => Ok(Val::Item(id, None)),
            _ if self.checked.is_none() => Ok(value),
            // Where it is given, it was told that there is no such declaration.
            _ => Err(errors::already_reported(span)),
        }
    }

    fn secret(&self, name: &Name, asker: &Asker) -> Worth {
        self.named(&["secret".into()], name, asker)
    }

    fn secret_key(&self, id: ItemId, key: &str, span: Span) -> Worth {
        let secret = self.cx.item(id);
        let slot = self.slot(id, &Place::default(), "keys");
        let slot = slot.map(|keys| self.resolved(&keys, id, &Place::default())).transpose()?;
        let known: Vec<Text> =
            slot.iter().flat_map(Value::list).filter_map(|key| key.text().cloned()).collect();
        let implied = match self.slot(id, &Place::default(), "kind").as_ref().and_then(Value::text) {
            Some(kind) if **kind == *"docker-registry" => &[".dockerconfigjson"][..],
            Some(kind) if **kind == *"tls" => &["tls.crt", "tls.key"][..],
            _ => &[],
        };
        if !known.iter().any(|other| **other == *key) && !implied.contains(&key) {
            let names = known.iter().map(|key| &**key).chain(implied.iter().copied()).collect();
            return Err(errors::unknown_key(span, &secret.name, key, names));
        }
        let key = SecretKey { secret: Text::clone(&secret.name), key: key.into() };
        Ok(Val::Value(Value::Secret(Arc::new(key))))
    }

    /// `calls.storage.url`: where the sidecar listens for that call.
    fn call_field(&self, owner: ItemId, call: &Text, name: &Name) -> Worth {
        self.looked.set(true);
        let item = self.cx.item(owner);
        let Some(ports) = self.ports else {
            return Err(errors::not_known_here(name.span, "calls", "its ports are given out later"));
        };
        let port = ports.port(&item.name, call).unwrap_or(0);
        match name.text.as_str() {
            "url" => Ok(Val::text(&format!("http://127.0.0.1:{port}"))),
            "address" => {
                Ok(Val::Value(Value::HostPort(Arc::new(HostPort { host: Some("127.0.0.1".into()), port }))))
            }
            "host" => Ok(Val::text("127.0.0.1")),
            "port" => Ok(Val::Value(Value::Port(port))),
            other => {
                Err(errors::no_field(name.span, "a call", other, vec!["url", "address", "host", "port"]))
            }
        }
    }

    /// `calls.storage`: one of the calls that a workload says.
    fn named_call(&self, owner: ItemId, name: &Name) -> Worth {
        let calls = self.calls_of(owner);
        if self.checked.is_some() && !calls.iter().flatten().any(|call| **call == *name.text) {
            // It may be meant by a call whose callee could not be made out, which was told so.
            if calls.contains(&None) {
                return Err(errors::already_reported(name.span));
            }
            let workload = &self.cx.item(owner).name;
            let calls = calls.iter().flatten().map(|call| &**call).collect();
            return Err(errors::unknown_call(name.span, workload, &name.text, calls));
        }
        Ok(Val::Call(owner, name.text.as_str().into()))
    }

    /// Names under which a workload calls, in the order of its calls; none for a call of nobody knows whom.
    fn calls_of(&self, owner: ItemId) -> Vec<Option<Text>> {
        let slot = self.slot(owner, &Place::default(), "calls");
        slot.iter().flat_map(Value::list).map(|call| crate::check::call_name(self.cx.types, call)).collect()
    }

    fn item_field(&self, id: ItemId, place: &Place, name: &Name) -> Worth {
        let item = self.cx.item(id);
        let field = name.text.as_str();
        if field == "name" {
            return Ok(Val::Value(Value::Text(Text::clone(&item.name))));
        }
        if self.checked.is_none() {
            return Err(errors::not_known_here(name.span, field, "names are made before values are known"));
        }
        match (item.kind, field) {
            ("secret", key) => return self.secret_key(id, key, name.span),
            ("stateful", role @ ("primary" | "replica")) => {
                let role = if role == "primary" { "primary" } else { "replica" };
                return Ok(Val::Members(id, role, Some(place.clone())));
            }
            ("stateful", port) if self.port_of(id, port).is_some() => {
                return self.member_port(id, None, place, name);
            }
            ("stateful", "addresses") => return self.member_addresses(id, place, name.span),
            ("datacenter" | "cluster", "hosts") => {
                let hosts = self.around().map(|sites| sites.hosts_in(id)).unwrap_or_default();
                return Ok(Val::List(hosts.into_iter().map(|host| Val::Item(host, None)).collect()));
            }
            ("host", "address") => {
                let address = self.around().and_then(|sites| sites.address(id));
                return address.map(|ip| Val::Value(Value::Ip(ip))).ok_or_else(|| {
                    errors::not_known_here(name.span, field, "the host has no address that could be made out")
                });
            }
            _ => {}
        }
        let record = self.cx.types.record(self.cx.record_of(item.kind));
        let Some((_, declared)) = record.field(field) else {
            let names = record.fields.iter().map(|field| &*field.name).chain(["name"]).collect();
            return Err(errors::no_field(name.span, &format!("`{}`", item.name), field, names));
        };
        if declared.role == platc_model::types::Role::Fact {
            let fact = self.facts.and_then(|facts| facts.fact(id, place, field));
            return fact
                .map(|value| self.lifted(value))
                .ok_or_else(|| errors::fact_not_known(name.span, field));
        }
        let value = self.slot(id, place, field).unwrap_or(Value::Null);
        self.settle(Val::Value(value), Some(id), place)
    }

    /// What stands in a field of a declaration at a place; expressions in it are not worked out.
    pub fn slot(&self, id: ItemId, place: &Place, field: &str) -> Option<Value> {
        if self.own != Some(id) {
            self.looked.set(true);
        }
        let variant = self.checked?.variant(id, place)?;
        let record = self.cx.types.record(variant.record.ty);
        let (at, _) = record.field(field)?;
        variant.record.slots.get(at)?.as_ref().map(|slot| slot.value.clone())
    }

    /// The value with its expressions worked out for its own declaration, and names of declarations made
    /// declarations.
    pub fn settle(&self, value: Val, owner: Option<ItemId>, place: &Place) -> Worth {
        let Val::Value(value) = value else { return Ok(value) };
        let Some(owner) = owner else { return Ok(self.lifted(value)) };
        let value = self.resolved(&value, owner, place)?;
        Ok(self.lifted(value))
    }

    /// A value with all its expressions worked out; the first that cannot be is the finding.
    pub fn resolved(&self, value: &Value, owner: ItemId, place: &Place) -> Result<Value, Diagnostic> {
        let worked_out = self.worked_out(value, owner, place, &mut Err)?;
        Ok(worked_out.unwrap_or_else(|| value.clone()))
    }

    /// A record with all its expressions worked out. `failed` says what stands for one that cannot be.
    pub fn resolved_record(
        &self,
        record: &Arc<Record>,
        owner: ItemId,
        place: &Place,
        failed: Failed<'_>,
    ) -> Result<Arc<Record>, Diagnostic> {
        let worked_out = self.worked_out_record(record, owner, place, failed)?;
        Ok(worked_out.map_or_else(|| Arc::clone(record), Arc::new))
    }

    /// The value that it becomes; `None` if nothing in it waits.
    fn worked_out(
        &self,
        value: &Value,
        owner: ItemId,
        place: &Place,
        failed: Failed<'_>,
    ) -> Result<Option<Value>, Diagnostic> {
        Ok(match value {
            Value::Pending(at) => {
                let variant = self.checked.and_then(|checked| checked.variant(owner, place));
                let Some(pending) = variant.and_then(|variant| variant.pending(*at)) else {
                    return Ok(Some(Value::Null));
                };
                Some(self.pending(pending, owner, place).or_else(&mut *failed)?)
            }
            Value::List(list) => {
                let mut items: Option<Vec<Sourced<Value>>> = None;
                for (at, item) in list.iter().enumerate() {
                    let worked_out = self.worked_out(item, owner, place, failed)?;
                    if worked_out.is_some() && items.is_none() {
                        items = Some(list.iter().take(at).cloned().collect());
                    }
                    match (&mut items, worked_out) {
                        (None, _) => {}
                        (Some(items), None) => items.push(item.clone()),
                        (Some(items), Some(Value::List(inner))) if self.splices(item, owner, place) => {
                            items.extend(inner.iter().cloned());
                        }
                        (Some(items), Some(value)) => items.push(item.origin.of(value)),
                    }
                }
                items.map(|items| Value::List(items.into()))
            }
            Value::Map(entries) => {
                let mut changed: Option<Entries> = None;
                for (at, (_, item)) in entries.iter().enumerate() {
                    if let Some(value) = self.worked_out(item, owner, place, failed)? {
                        let changed = changed.get_or_insert_with(|| entries.iter().cloned().collect());
                        if let Some((_, slot)) = Arc::make_mut(changed).get_mut(at) {
                            slot.value = value;
                        }
                    }
                }
                changed.map(Value::Map)
            }
            Value::Record(record) => {
                let worked_out = self.worked_out_record(record, owner, place, failed)?;
                worked_out.map(|record| Value::Record(Arc::new(record)))
            }
            _ => None,
        })
    }

    fn worked_out_record(
        &self,
        record: &Record,
        owner: ItemId,
        place: &Place,
        failed: Failed<'_>,
    ) -> Result<Option<Record>, Diagnostic> {
        let mut changed: Option<Record> = None;
        for (at, slot) in record.slots.iter().enumerate() {
            let Some(slot) = slot else { continue };
            if let Some(value) = self.worked_out(slot, owner, place, failed)? {
                let changed = changed.get_or_insert_with(|| record.clone());
                if let Some(Some(slot)) = changed.slots.get_mut(at) {
                    slot.value = value;
                }
            }
        }
        Ok(changed)
    }

    fn splices(&self, item: &Value, owner: ItemId, place: &Place) -> bool {
        let Value::Pending(at) = item else { return false };
        let variant = self.checked.and_then(|checked| checked.variant(owner, place));
        variant.and_then(|variant| variant.pending(*at)).is_some_and(|pending| pending.splice)
    }

    /// What a value that waited for its place is worth there, as the type that its field has.
    pub fn pending(&self, pending: &Pending, owner: ItemId, place: &Place) -> Result<Value, Diagnostic> {
        let asker =
            Asker { scope: pending.scope, owner: Some(owner), place: place.clone(), locals: Vec::new() };
        self.guarded(Some(owner), pending.span, || {
            let value = self.template(&pending.template, &asker)?;
            super::coerce::to_field(self, &value, pending, &asker).map(Val::Value)
        })
        .and_then(|value| self.plain(&value, pending.span))
    }

    fn value_field(&self, value: &Value, name: &Name, asker: &Asker) -> Worth {
        let field = name.text.as_str();
        match value {
            Value::Map(entries) => match entries.iter().find(|(own, _)| **own == *field) {
                Some((_, found)) => self.settle(Val::Value(found.value.clone()), asker.owner, &asker.place),
                None => {
                    let names = entries.iter().map(|(own, _)| &**own).collect();
                    Err(errors::no_field(name.span, "this", field, names))
                }
            },
            Value::Record(record) => {
                let ty = self.cx.types.record(record.ty);
                if ty.field(field).is_none()
                    && let Some(Some(body)) = ty.body().and_then(|(at, _)| record.slots.get(at))
                {
                    return self.value_field(&body.value, name, asker);
                }
                let Some((at, _)) = ty.field(field) else {
                    let names = ty.fields.iter().map(|field| &*field.name).collect();
                    return Err(errors::no_field(name.span, &format!("`{}`", ty.name), field, names));
                };
                let slot = record.slots.get(at).and_then(Option::as_ref);
                let value = slot.map_or(Value::Null, |slot| slot.value.clone());
                self.settle(Val::Value(value), asker.owner, &asker.place)
            }
            Value::List(list) => {
                let records: Vec<Val> = list.iter().map(|item| Val::Value(item.value.clone())).collect();
                self.list_field(&records, name, asker)
            }
            Value::Ref(to) if field == "name" => Ok(Val::Value(Value::Text(Text::clone(&to.name)))),
            Value::Ref(_) => {
                Err(errors::not_known_here(name.span, field, "names are made before values are known"))
            }
            Value::Null => Err(errors::no_field(name.span, "nothing", field, Vec::new())),
            _ => Err(errors::no_field(name.span, "a plain value", field, Vec::new())),
        }
    }

    /// Records that are told apart by a key are asked for by it: `self.port.http`.
    fn list_field(&self, list: &[Val], name: &Name, asker: &Asker) -> Worth {
        let mut keys = Vec::new();
        for item in list {
            let Val::Value(Value::Record(record)) = item else { continue };
            let Some((at, _)) = self.cx.types.record(record.ty).key() else { continue };
            let Some(Some(key)) = record.slots.get(at) else { continue };
            let key = key.to_string();
            if key == name.text {
                return self.settle(item.clone(), asker.owner, &asker.place);
            }
            keys.push(key);
        }
        let names: Vec<&str> = keys.iter().map(String::as_str).collect();
        Err(errors::no_field(name.span, "this list", &name.text, names))
    }

    fn index(&self, base: &Expr, index: &Expr, asker: &Asker) -> Worth {
        let (list, at) = (self.expression(base, asker)?, self.expression(index, asker)?);
        match (&list, &at) {
            (Val::Item(id, _), key) if self.cx.item(*id).kind == "secret" => {
                let key =
                    key.as_text().ok_or_else(|| errors::cannot_compute(index.span, "a key is a text"))?;
                self.secret_key(*id, &key, index.span)
            }
            (
                Val::Params(_) | Val::Secrets | Val::Calls(_) | Val::Value(Value::Map(_) | Value::Record(_)),
                key,
            ) => {
                let text =
                    key.as_text().ok_or_else(|| errors::cannot_compute(index.span, "a name is a text"))?;
                self.field(&list, &Name { text, span: index.span }, asker)
            }
            (list, Val::Value(Value::Int(n))) => {
                let Some(elements) = list.elements() else {
                    return Err(errors::cannot_compute(base.span, "this is no list"));
                };
                let found = usize::try_from(*n).ok().and_then(|n| elements.get(n).cloned());
                let found = found.ok_or_else(|| errors::out_of_list(index.span, *n, elements.len()))?;
                self.settle(found, asker.owner, &asker.place)
            }
            _ => Err(errors::cannot_compute(index.span, "a list is asked by number, anything else by name")),
        }
    }

    fn call(&self, whole: &Expr, callee: &Expr, arguments: &[Expr], asker: &Asker) -> Worth {
        let function = match &callee.kind {
            ExprKind::Name(name) => name.clone(),
            ExprKind::Field { base, name } => match self.expression(base, asker)? {
                Val::CidrFunctions => format!("cidr.{}", name.text),
                Val::Item(id, _) => return self.method(id, name, arguments, asker),
                _ => return Err(errors::unknown_function(name.span, &name.text)),
            },
            _ => return Err(errors::already_reported(callee.span)),
        };
        let Some(function) = Function::find(&function) else {
            return Err(errors::unknown_function(callee.span, &function));
        };
        let values: Vec<Val> =
            arguments.iter().map(|argument| self.expression(argument, asker)).collect::<Result<_, _>>()?;
        if values.len() < function.takes.len() || (values.len() > function.takes.len() && !function.more) {
            return Err(errors::argument_count(
                whole.span,
                function.name,
                function.takes.len(),
                values.len(),
            ));
        }
        self.steps.set(self.steps.get().saturating_add(values.iter().map(weight).sum()));
        function.run(&values).map_err(|reason| errors::cannot_compute(whole.span, &reason))
    }

    /// `kafka.in('dc-b')`, `ingest.at('prod-b')`: the same thing seen from another place.
    fn method(&self, id: ItemId, name: &Name, arguments: &[Expr], asker: &Asker) -> Worth {
        if !matches!(name.text.as_str(), "in" | "at") {
            return Err(errors::unknown_function(name.span, &name.text));
        }
        let [argument] = arguments else {
            return Err(errors::argument_count(name.span, &name.text, 1, arguments.len()));
        };
        // Also the declaration itself may be another one there.
        self.looked.set(true);
        let place = match self.expression(argument, asker)? {
            Val::Item(place, _) => Some(place),
            value => value.as_text().and_then(|text| {
                let unit = self.cx.scopes.get(asker.scope).unit;
                match self.cx.declaration(&["cluster".into(), "datacenter".into()], &text, unit) {
                    Found::One(place) => Some(place),
                    _ => None,
                }
            }),
        };
        let place = place.and_then(|place| self.place_of(place));
        place.map(|place| Val::Item(id, Some(place))).ok_or_else(|| {
            let names = self.cx.names.names_of("cluster").chain(self.cx.names.names_of("datacenter"));
            errors::unknown_place(argument.span, names.collect())
        })
    }

    /// What a cluster or datacenter is as a place.
    pub fn place_of(&self, id: ItemId) -> Option<Place> {
        match self.cx.item(id).kind {
            "cluster" => {
                let datacenters =
                    self.sites.map(|sites| sites.datacenters_of(id).to_vec()).unwrap_or_default();
                Some(Place { cluster: Some(id), datacenters, host: None })
            }
            "datacenter" => Some(Place { cluster: None, datacenters: vec![id], host: None }),
            _ => None,
        }
    }

    fn unary(&self, op: UnaryOp, operand: &Expr, asker: &Asker) -> Worth {
        match (op, self.expression(operand, asker)?) {
            (UnaryOp::Not, Val::Value(Value::Bool(value))) => Ok(Val::Value(Value::Bool(!value))),
            (UnaryOp::Not, _) => Err(errors::cannot_compute(operand.span, "this is neither true nor false")),
            (UnaryOp::Negate, Val::Value(Value::Int(value))) => value
                .checked_neg()
                .map(|value| Val::Value(Value::Int(value)))
                .ok_or_else(|| errors::cannot_compute(operand.span, "a whole number fits into 64 bits")),
            (UnaryOp::Negate, Val::Value(Value::Float(value))) => Ok(Val::Value(Value::Float(-value))),
            (UnaryOp::Negate, _) => Err(errors::cannot_compute(operand.span, "this is no number")),
        }
    }

    fn binary(&self, op: BinaryOp, op_span: Span, left: &Expr, right: &Expr, asker: &Asker) -> Worth {
        let truth = |value: bool| Ok(Val::Value(Value::Bool(value)));
        match op {
            BinaryOp::And => return truth(self.truth(left, asker)? && self.truth(right, asker)?),
            BinaryOp::Or => return truth(self.truth(left, asker)? || self.truth(right, asker)?),
            _ => {}
        }
        let (a, b) = (self.expression(left, asker)?, self.expression(right, asker)?);
        let (a, b) = (self.as_values(a, asker)?, self.as_values(b, asker)?);
        let failed = |reason: String| errors::cannot_compute(op_span, &reason);
        match op {
            BinaryOp::Equal => truth(a.same(&b)),
            BinaryOp::NotEqual => truth(!a.same(&b)),
            BinaryOp::Less | BinaryOp::LessOrEqual | BinaryOp::Greater | BinaryOp::GreaterOrEqual => {
                let order = a.order(&b).ok_or_else(|| failed("these two have no order".to_owned()))?;
                truth(match op {
                    BinaryOp::Less => order.is_lt(),
                    BinaryOp::LessOrEqual => order.is_le(),
                    BinaryOp::Greater => order.is_gt(),
                    _ => order.is_ge(),
                })
            }
            BinaryOp::Add => add(&a, &b).map_err(failed),
            _ => super::arithmetic::compute(op, &a, &b).map_err(failed),
        }
    }

    /// A record that stands for its one argument, as that.
    fn as_values(&self, value: Val, asker: &Asker) -> Worth {
        match &value {
            Val::Value(Value::Record(record)) => match self.argument_of(record) {
                Some(plain) => self.settle(plain, asker.owner, &asker.place),
                None => Ok(value),
            },
            Val::Item(id, _) => Ok(Val::Value(self.reference(*id))),
            _ => Ok(value),
        }
    }

    fn comprehension(
        &self,
        element: &Expr,
        variable: &Name,
        list: &Expr,
        condition: Option<&Expr>,
        asker: &Asker,
    ) -> Worth {
        let Some(items) = self.expression(list, asker)?.elements() else {
            return Err(errors::cannot_compute(list.span, "this is no list"));
        };
        let mut inner = asker.clone();
        let mut out = Vec::new();
        for item in items {
            let item = match item {
                Val::Value(value) => self.lifted(value),
                other => other,
            };
            inner.locals.push((variable.text.as_str().into(), item));
            let keep = condition.map_or(Ok(true), |condition| self.truth(condition, &inner));
            if keep? {
                out.push(self.expression(element, &inner)?);
            }
            inner.locals.pop();
        }
        Ok(Val::List(out))
    }

    /// The port of that name of something stateful.
    fn port_of(&self, id: ItemId, name: &str) -> Option<u16> {
        let ports = self.slot(id, &Place::default(), "port")?;
        ports.list().iter().find_map(|port| {
            let record = port.record()?;
            let ty = self.cx.types.record(record.ty);
            let text =
                |field: &str| record.slots.get(ty.field(field)?.0)?.as_ref().map(|slot| slot.value.clone());
            match (text("name")?, text("port")?) {
                (Value::Text(own), Value::Port(number)) if *own == *name => Some(number),
                _ => None,
            }
        })
    }

    /// `kafka.broker` is a list; `postgres.primary.sql` is one, because there is one primary.
    fn member_port(&self, id: ItemId, role: Option<&str>, place: &Place, name: &Name) -> Worth {
        let item = self.cx.item(id);
        let Some(port) = self.port_of(id, &name.text) else {
            let ports = self.slot(id, &Place::default(), "port");
            let names: Vec<String> =
                ports.iter().flat_map(Value::list).filter_map(|port| self.key_text(port)).collect();
            let names = names.iter().map(String::as_str).collect();
            return Err(errors::no_field(name.span, &format!("`{}`", item.name), &name.text, names));
        };
        let hosts = self.members_at(id, role, place, name.span)?;
        let mut ports = Vec::new();
        for host in hosts {
            let address = self.around().and_then(|sites| sites.address(host));
            let Some(ip) = address else {
                let host = &self.cx.item(host).name;
                return Err(errors::not_known_here(
                    name.span,
                    host,
                    "the host has no address that could be made out",
                ));
            };
            ports.push(Val::Value(Value::HostPort(Arc::new(HostPort::at(ip, port)))));
        }
        match (role, ports.as_slice()) {
            (Some("primary"), [only]) => Ok(only.clone()),
            (Some("primary"), several) => {
                Err(errors::not_one_member(name.span, &item.name, several.len(), &self.place_name(place)))
            }
            _ => Ok(Val::List(ports)),
        }
    }

    fn member_addresses(&self, id: ItemId, place: &Place, span: Span) -> Worth {
        let hosts = self.members_at(id, None, place, span)?;
        let sites = self.around();
        let address =
            |host: &ItemId| sites.and_then(|sites| sites.address(*host)).map(|ip| Val::Value(Value::Ip(ip)));
        Ok(Val::List(hosts.iter().filter_map(address).collect()))
    }

    fn key_text(&self, value: &Value) -> Option<String> {
        let record = value.record()?;
        let (at, _) = self.cx.types.record(record.ty).key()?;
        record.slots.get(at)?.as_ref().map(|slot| slot.to_string())
    }

    /// Hosts of the members that answer at a place: those in its datacenters, and those that serve one.
    fn members_at(
        &self,
        id: ItemId,
        role: Option<&str>,
        place: &Place,
        span: Span,
    ) -> Result<Vec<ItemId>, Diagnostic> {
        let item = self.cx.item(id);
        let members = self.slot(id, &Place::default(), "on");
        let mut hosts = Vec::new();
        for member in members.iter().flat_map(Value::list) {
            let Some(record) = member.record() else { continue };
            let ty = self.cx.types.record(record.ty);
            let slot = |field: &str| record.slots.get(ty.field(field)?.0)?.as_ref().map(|slot| &slot.value);
            let Some(Value::Ref(host)) = slot("host") else { continue };
            let Some(host) = self.cx.items.at(host.kind, host.index) else { continue };
            let own_role = slot("role").and_then(Value::text);
            if role.is_some_and(|role| own_role.is_none_or(|own| **own != *role)) {
                continue;
            }
            let serves = slot("serves").into_iter().flat_map(Value::list).filter_map(|dc| match &dc.value {
                Value::Ref(dc) => self.cx.items.at(dc.kind, dc.index),
                _ => None,
            });
            let home = self.around().and_then(|sites| sites.datacenter_of(host));
            if home.into_iter().chain(serves).any(|dc| place.datacenters.contains(&dc)) {
                hosts.push(host);
            }
        }
        if hosts.is_empty() && !place.datacenters.is_empty() {
            return Err(errors::no_member(span, &item.name, role, &self.place_name(place)));
        }
        if place.datacenters.is_empty() {
            return Err(errors::not_known_here(
                span,
                &item.name,
                "this is at no place; say which: `.in('dc-a')`",
            ));
        }
        Ok(hosts)
    }

    fn place_name(&self, place: &Place) -> String {
        let name = |id: &ItemId| self.cx.item(*id).name.to_string();
        match (&place.cluster, place.datacenters.as_slice()) {
            (Some(cluster), _) => name(cluster),
            (None, datacenters) => datacenters.iter().map(name).collect::<Vec<_>>().join(", "),
        }
    }

    /// Runs `work` unless it is running already for the same place of the source: then it needs itself.
    fn guarded(&self, owner: Option<ItemId>, span: Span, work: impl FnOnce() -> Worth) -> Worth {
        let key = (owner.unwrap_or(ItemId(u32::MAX)), span);
        {
            let mut open = self.open.borrow_mut();
            if open.contains(&key) || open.len() >= limits::VALUE_DEPTH {
                return Err(errors::circular(span));
            }
            open.push(key);
        }
        let result = work();
        self.open.borrow_mut().pop();
        result
    }
}

/// Names a declaration before declarations are numbered.
fn early_ref(kind: &'static str, name: &str) -> Arc<Ref> {
    Arc::new(Ref { kind, index: u32::MAX, name: name.into() })
}

/// What a function call costs beside its own step: as many as it has elements or KiB to go through.
fn weight(value: &Val) -> u32 {
    let n = match value {
        Val::List(list) => list.len(),
        Val::Value(Value::List(list)) => list.len(),
        Val::Value(Value::Text(text)) => text.len() >> 10,
        _ => 0,
    };
    u32::try_from(n).unwrap_or(u32::MAX / 16).min(u32::MAX / 16)
}

/// Whether a plain value is given for a parameter of a scalar type that it is not of.
fn is_mistyped(declared: Node<'_>, written: Written<'_>) -> bool {
    if written.text().is_some_and(|text| has_expression(&text)) {
        return false;
    }
    let ty = declared.prop("type").and_then(|prop| prop.value().text());
    let scalar = ty.and_then(|ty| platc_model::scalar::Scalar::find(&ty));
    scalar.is_some_and(|scalar| literal::scalar(scalar, &written.decode()).is_err())
}
