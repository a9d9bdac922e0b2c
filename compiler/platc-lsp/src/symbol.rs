//! [`Symbol`]: what a name means; [`Occurrence`]: where one is written. Definition, references, rename and
//! hover all ask this one list, so they cannot disagree.
//!
//! Not here: which part of the language a node is ([`crate::sense`]).
//!
//! Start with [`Known::resolve`] and [`occurrences_of`].

use platc_diag::{Problems, Span};
use platc_model::Text;
use platc_model::types::{RecordId, Type};
use platc_sema::expr::names::{Root, root};
use platc_sema::expr::{Infer, Seen, Ty};
use platc_sema::item::ItemId;
use platc_sema::link::Found;
use platc_sema::project::{NodeAt, UnitId};
use platc_sema::words;
use platc_syntax::expr::{Expr, ExprKind, has_expression, parse_expr, parse_template};
use platc_syntax::types::{TypeExpr, TypeKind, parse_type};
use platc_syntax::{Name, Node, Value};

use crate::known::{At, Known};
use crate::sense::{Sense, Wants, What};

/// What a name means.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Symbol {
    /// A declaration.
    Item(ItemId),
    /// A `let`, `template`, `type`, `param`, or the variable of a `for`, by its node.
    Named(NodeAt),
    /// A value by name in a `let`.
    Entry(NodeAt),
    /// A field of a record.
    Field(RecordId, usize),
    /// A kind.
    Kind(&'static str),
    /// A statement of the language.
    Statement(&'static str),
    /// A function.
    Function(&'static str),
    /// A word that stands for something nearby: `self`, `cluster`, `calls`.
    Word(&'static str),
    /// A library.
    Library(UnitId),
    /// A child that has a name of its own: a port, a key, a call.
    Part(ItemId, &'static str, Text),
    /// The name of a comprehension, by where it is introduced.
    Local(Span),
}

/// A name as it is written somewhere.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Occurrence {
    /// Where, with quotes if it is a value in quotes.
    pub(crate) span: Span,
    /// What it means.
    pub(crate) symbol: Symbol,
    /// How it is written.
    pub(crate) form: Form,
    /// Whether this is where it is declared.
    pub(crate) declares: bool,
}

/// How a name is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// A word or string of KDL, which may need quotes.
    Kdl,
    /// A name in an expression or type.
    Inner,
    /// Not by its name: `self`. It stays when the thing is renamed.
    Implicit,
}

/// Words of expressions with what they stand for.
pub(crate) const WORDS: &[(&str, &str)] = &[
    ("self", "The declaration that this stands in."),
    ("platform", "The platform."),
    ("cluster", "The cluster that this is for."),
    ("dc", "The datacenter that this is for."),
    ("host", "The host that this is for."),
    ("param", "The parameters of this template or library."),
    ("secret", "The secrets, by name: `secret.NAME.KEY`."),
    ("calls", "The local ends of this program's calls: `calls.NAME.url`."),
    ("cidr", "Functions of address ranges: `cidr.host`, `cidr.subnet`, `cidr.contains`."),
];

/// Everything that has a name in a project.
pub(crate) fn all_occurrences(known: &Known) -> Vec<Occurrence> {
    let n_sources = u32::try_from(known.analysis.project.sources.len()).unwrap_or(0);
    (0..n_sources).flat_map(|source| occurrences_of(known, source)).collect()
}

/// Everything that has a name in a source, in the order of the text.
pub(crate) fn occurrences_of(known: &Known, source: u32) -> Vec<Occurrence> {
    let mut finder = Finder { known, out: Vec::new() };
    for node in known.tree(source).nodes() {
        let at = At { source, node };
        finder.node(at, &known.sense_at_top(at, None));
    }
    finder.out
}

struct Finder<'k> {
    known: &'k Known,
    out: Vec<Occurrence>,
}

impl Finder<'_> {
    fn push(&mut self, span: Span, symbol: Symbol, form: Form, declares: bool) {
        self.out.push(Occurrence { span, symbol, form, declares });
    }

    fn node(&mut self, at: At<'_>, sense: &Sense) {
        self.header(at, sense);
        let mut number = 0;
        for entry in at.node.entries() {
            match (entry.name(), entry.name_span()) {
                (Some(name), Some(span)) => {
                    self.property_name(at, sense, &name, span);
                    let wants = self.known.expected_property(sense, at, &name).wants;
                    self.value(at, sense, entry.value(), &wants, None);
                }
                _ => {
                    let wants = self.known.expected_argument(sense, at, number).wants;
                    self.value(at, sense, entry.value(), &wants, Some(number));
                    number += 1;
                }
            }
        }
        for child in at.node.children() {
            let inner = At { node: child, ..at };
            let within = self.known.sense_within(sense, at, inner);
            self.node(inner, &within);
        }
    }

    fn header(&mut self, at: At<'_>, sense: &Sense) {
        let span = at.node.name_span();
        match &sense.what {
            What::Declaration(kind) => self.push(span, Symbol::Kind(kind), Form::Implicit, false),
            What::Statement(word) => self.push(span, Symbol::Statement(word), Form::Implicit, false),
            What::Use(template) => self.push(span, Symbol::Named(*template), Form::Kdl, false),
            What::Given(param) => self.push(span, Symbol::Named(*param), Form::Kdl, false),
            What::Field(record, index) => {
                let form = self.known.form_of_field(*record);
                self.push(span, Symbol::Field(*record, *index), form, false);
            }
            What::At => self.push(span, Symbol::Statement("at"), Form::Implicit, false),
            What::Lose => self.push(span, Symbol::Statement("lose"), Form::Implicit, false),
            What::Expect => self.push(span, Symbol::Statement("expect"), Form::Implicit, false),
            What::Operation => {
                let word = if at.node.name() == "remove" { "remove" } else { "append" };
                self.push(span, Symbol::Statement(word), Form::Implicit, false);
            }
            What::TypeField => {
                if let Some((record, index)) = self.known.field_declared_at(span) {
                    self.push(span, Symbol::Field(record, index), Form::Kdl, true);
                }
            }
            What::Value => {
                let in_let = at
                    .node
                    .parent()
                    .is_some_and(|parent| parent.parent().is_none() && parent.name() == "let");
                if in_let {
                    self.push(span, Symbol::Entry(at.id()), Form::Kdl, true);
                }
            }
            What::Check => self.push(span, Symbol::Statement("check"), Form::Implicit, false),
            What::Unknown => {}
        }
    }

    fn property_name(&mut self, at: At<'_>, sense: &Sense, name: &str, span: Span) {
        let param = self.known.params_of(sense, at).into_iter().find(|param| {
            let written = self.known.at(*param).node.arg(0);
            written.and_then(Value::text).is_some_and(|text| text == name)
        });
        if let Some(param) = param {
            self.push(span, Symbol::Named(param), Form::Kdl, false);
        } else if let Some(record) = sense.record
            && let Some((index, _)) = self.known.analysis.types.record(record).field(name)
        {
            self.push(span, Symbol::Field(record, index), self.known.form_of_field(record), false);
        }
    }

    fn value(&mut self, at: At<'_>, sense: &Sense, value: Value<'_>, wants: &Wants, number: Option<usize>) {
        let Some(text) = value.text() else { return };
        match wants {
            Wants::Name => {
                if let Some(symbol) = self.known.declared_at(at, sense, value) {
                    self.push(value.span(), symbol, Form::Kdl, true);
                }
                if has_expression(&text) {
                    self.templated(at, value, &text);
                }
            }
            Wants::TypeExpr => {
                let parsed = parse_type(&text, &value.source_map());
                self.type_names(at, &parsed.ty);
            }
            Wants::Expression if !has_expression(&text) => {
                let parsed = parse_expr(&text, &value.source_map());
                let mut seen = self.known.seen(at);
                if sense.what == What::Check {
                    seen.fields = self.known.record_of_check(at);
                }
                self.expr(at, &parsed.expr, seen, &mut Vec::new());
            }
            _ if has_expression(&text) => self.templated(at, value, &text),
            Wants::FieldName(record) => {
                if let Some((index, _)) = self.known.analysis.types.record(*record).field(&text) {
                    self.push(value.span(), Symbol::Field(*record, index), Form::Implicit, false);
                }
            }
            Wants::Kind => {
                if let Some(kind) = words::kind(&text) {
                    self.push(value.span(), Symbol::Kind(kind), Form::Implicit, false);
                }
            }
            wants => {
                if let Some(symbol) = self.known.resolve(at, &text, wants) {
                    let symbol = (symbol, value.span());
                    self.reference(symbol, value, &text);
                } else if number.is_some() {
                    self.part(at, sense, value, &text);
                }
            }
        }
    }

    /// A reference; of `common.api` only the last part is the name of the thing.
    fn reference(&mut self, (symbol, span): (Symbol, Span), value: Value<'_>, text: &str) {
        let inner = value.source_map();
        match text.rfind('.').filter(|_| matches!(symbol, Symbol::Item(_) | Symbol::Named(_))) {
            Some(dot) if self.known.is_qualified(&symbol, text) => {
                self.push(inner.span_of(dot + 1..text.len()), symbol, Form::Inner, false);
            }
            _ => self.push(span, symbol, Form::Kdl, false),
        }
    }

    /// The name of a port and the like, where it is declared.
    fn part(&mut self, at: At<'_>, sense: &Sense, value: Value<'_>, text: &str) {
        let What::Field(record, index) = sense.what else { return };
        let Some(field) = self.known.field((record, index)) else { return };
        let of_ports = &*field.name == "port" && at.node.arg(0).map(Value::span) == Some(value.span());
        let of_keys = &*field.name == "keys";
        if let (true, Some((owner, _))) = (of_ports || of_keys, self.known.owner(at)) {
            let part = if of_ports { "port" } else { "key" };
            self.push(value.span(), Symbol::Part(owner, part, text.into()), Form::Kdl, true);
        }
    }

    fn type_names(&mut self, at: At<'_>, ty: &TypeExpr) {
        match &ty.kind {
            TypeKind::Name(name) => {
                if let Found::One(found) = self.known.cx().user_type(name, self.known.unit(at.source)) {
                    self.push(ty.span, Symbol::Named(found), Form::Inner, false);
                }
            }
            TypeKind::List(inner) | TypeKind::Map(inner) | TypeKind::Optional(inner) => {
                self.type_names(at, inner);
            }
            TypeKind::Union(parts) => parts.iter().for_each(|part| self.type_names(at, part)),
            TypeKind::Ref(kinds) => {
                for name in kinds {
                    if let Some(kind) = words::kind(&name.text) {
                        self.push(name.span, Symbol::Kind(kind), Form::Implicit, false);
                    }
                }
            }
            TypeKind::Error => {}
        }
    }

    fn templated(&mut self, at: At<'_>, value: Value<'_>, text: &str) {
        let parsed = parse_template(text, &value.source_map());
        let seen = self.known.seen(at);
        for expr in parsed.template.exprs() {
            self.expr(at, expr, seen, &mut Vec::new());
        }
    }

    fn expr(&mut self, at: At<'_>, expr: &Expr, seen: Seen, locals: &mut Vec<(String, Span, Ty)>) {
        match &expr.kind {
            ExprKind::Name(name) => {
                let found = self.known.name_in_expression(at, name, seen, locals);
                if let Some((symbol, form)) = found {
                    self.push(expr.span, symbol, form, false);
                }
            }
            ExprKind::Field { base, name } => {
                self.expr(at, base, seen, locals);
                let found = self.known.field_in_expression(at, base, name, seen, locals);
                if let Some((symbol, form)) = found {
                    self.push(name.span, symbol, form, false);
                }
            }
            ExprKind::Call { callee, arguments, .. } => {
                self.callee(at, callee, seen, locals);
                arguments.iter().for_each(|argument| self.expr(at, argument, seen, locals));
                self.named_place(at, callee, arguments);
            }
            ExprKind::Comprehension { element, variable, list, condition } => {
                self.expr(at, list, seen, locals);
                let of_list = self.known.type_of(list, seen, locals);
                let ty = of_list.element().unwrap_or(Ty::Unknown);
                self.push(variable.span, Symbol::Local(variable.span), Form::Inner, true);
                locals.push((variable.text.clone(), variable.span, ty));
                self.expr(at, element, seen, locals);
                if let Some(condition) = condition {
                    self.expr(at, condition, seen, locals);
                }
                locals.pop();
            }
            _ => expr.children().into_iter().for_each(|child| self.expr(at, child, seen, locals)),
        }
    }

    fn callee(&mut self, at: At<'_>, callee: &Expr, seen: Seen, locals: &mut Vec<(String, Span, Ty)>) {
        use platc_sema::expr::functions::Function;
        let function = callee.dotted_name().and_then(|parts| Function::find(&parts.join(".")));
        match (&callee.kind, function) {
            (_, Some(function)) => {
                self.push(callee.span, Symbol::Function(function.name), Form::Implicit, false);
            }
            (ExprKind::Field { base, .. }, None) => self.expr(at, base, seen, locals),
            _ => {}
        }
    }

    /// `kafka.in('dc-b')`: the text is the name of a place.
    fn named_place(&mut self, at: At<'_>, callee: &Expr, arguments: &[Expr]) {
        let ExprKind::Field { name, .. } = &callee.kind else { return };
        let (true, [argument]) = (matches!(name.text.as_str(), "in" | "at"), arguments) else { return };
        let ExprKind::Text(text) = &argument.kind else { return };
        if let Some(symbol) = self.known.resolve(at, text, &Wants::Place) {
            let inside = Span { start: argument.span.start + 1, end: argument.span.end - 1, ..argument.span };
            self.push(inside, symbol, Form::Inner, false);
        }
    }
}

impl Known {
    /// What a plain text means where that is wanted.
    pub(crate) fn resolve(&self, at: At<'_>, text: &str, wants: &Wants) -> Option<Symbol> {
        match wants {
            Wants::Value(ty) => self.resolve_typed(at, text, ty),
            Wants::Place => self.item_named(&["cluster".into(), "datacenter".into()], text, at.source),
            Wants::Anything => {
                let units = [self.unit(at.source), UnitId::PLATFORM];
                units.into_iter().find_map(|unit| match self.cx().any_declaration(text, unit) {
                    Found::One(id) => Some(Symbol::Item(id)),
                    _ => None,
                })
            }
            Wants::Param(param) => {
                let written = self.at(*param).node.prop("type")?.value();
                let parsed = parse_type(&written.text()?, &written.source_map());
                let kinds = referred(&parsed.ty)?;
                self.item_named(&kinds, text, at.source)
            }
            _ => None,
        }
    }

    fn resolve_typed(&self, at: At<'_>, text: &str, ty: &Type) -> Option<Symbol> {
        match ty {
            Type::Ref(kinds) => self.item_named(kinds, text, at.source),
            Type::TypeName => match self.cx().user_type(text, self.unit(at.source)) {
                Found::One(found) => Some(Symbol::Named(found)),
                _ => None,
            },
            Type::List(inner) | Type::Optional(inner) => self.resolve_typed(at, text, inner),
            Type::Union(types) => {
                let word =
                    |ty: &Type| matches!(ty, Type::Words(words) if words.iter().any(|word| **word == *text));
                if types.iter().any(word) {
                    return None;
                }
                types.iter().find_map(|ty| self.resolve_typed(at, text, ty))
            }
            _ => None,
        }
    }

    /// A declaration of those kinds. Libraries speak of the platform's places, too.
    fn item_named(&self, kinds: &[Text], text: &str, source: u32) -> Option<Symbol> {
        let units = [self.unit(source), UnitId::PLATFORM];
        units.into_iter().find_map(|unit| match self.cx().declaration(kinds, text, unit) {
            Found::One(id) => Some(Symbol::Item(id)),
            _ => None,
        })
    }

    /// Fields of the author's types can be renamed, those of the language cannot.
    fn form_of_field(&self, record: RecordId) -> Form {
        let file = self.analysis.types.record(record).span.file.0 as usize;
        if file >= platc_sema::stdlib::n_files() { Form::Kdl } else { Form::Implicit }
    }

    fn is_qualified(&self, symbol: &Symbol, text: &str) -> bool {
        match symbol {
            Symbol::Item(id) => *self.item(*id).name != *text,
            _ => true,
        }
    }

    /// What a name declares.
    fn declared_at(&self, at: At<'_>, sense: &Sense, value: Value<'_>) -> Option<Symbol> {
        match sense.what {
            What::Statement("test") => None,
            What::Statement(_) => Some(Symbol::Named(at.id())),
            _ => {
                let items = self.analysis.expanded.items.iter();
                let mut named = items.filter(|(_, item)| item.name_span == value.span());
                named.next().map(|(id, _)| Symbol::Item(id))
            }
        }
    }

    /// The field whose declaration has its name at a span.
    pub(crate) fn field_declared_at(&self, span: Span) -> Option<(RecordId, usize)> {
        let records = self.analysis.types.records();
        let field = |(id, record): (RecordId, &platc_model::types::RecordType)| {
            let index = record.fields.iter().position(|field| field.span == span)?;
            Some((id, index))
        };
        records.filter(|(_, record)| record.span.file == span.file).find_map(field)
    }

    /// The record whose fields a rule speaks of.
    pub(crate) fn record_of_check(&self, at: At<'_>) -> Option<RecordId> {
        let parent = at.node.parent()?;
        if parent.parent().is_none() {
            let id = NodeAt { source: at.source, node: parent.id() };
            return match self.analysis.user.named.get(&id) {
                Some(platc_sema::shapes::Named::Record(id)) => Some(*id),
                _ => None,
            };
        }
        let (record, index) = self.field_declared_at(parent.name_span())?;
        match self.field((record, index)).map(|field| &field.ty) {
            Some(Type::Record(id)) => Some(*id),
            _ => None,
        }
    }

    /// The type of an expression.
    pub(crate) fn type_of(&self, expr: &Expr, seen: Seen, locals: &[(String, Span, Ty)]) -> Ty {
        let mut problems = Problems::new();
        let mut infer = Infer::new(self.cx(), seen, &mut problems);
        for (name, _, ty) in locals {
            infer = infer.with_local(name, ty.clone());
        }
        infer.expression(expr)
    }

    pub(crate) fn name_in_expression(
        &self,
        at: At<'_>,
        name: &str,
        seen: Seen,
        locals: &[(String, Span, Ty)],
    ) -> Option<(Symbol, Form)> {
        if let Some((_, span, _)) = locals.iter().rev().find(|(local, ..)| local == name) {
            return Some((Symbol::Local(*span), Form::Inner));
        }
        if let Some(record) = seen.fields
            && let Some((index, _)) = self.analysis.types.record(record).field(name)
        {
            return Some((Symbol::Field(record, index), Form::Inner));
        }
        if let Some(variable) = loop_of(at.node, name) {
            let id = NodeAt { source: at.source, node: variable.id() };
            return Some((Symbol::Named(id), Form::Inner));
        }
        let word = WORDS.iter().find(|(word, _)| *word == name).map(|(word, _)| Symbol::Word(word));
        Some(match root(&self.cx(), seen.scope, name) {
            Root::Let(at) => (Symbol::Named(at), Form::Inner),
            Root::Item(id) => (Symbol::Item(id), Form::Inner),
            Root::Kind(kind) | Root::All(kind) => (Symbol::Kind(kind), Form::Implicit),
            Root::Unit(unit) => (Symbol::Library(unit), Form::Implicit),
            Root::Own => match seen.owner {
                Some(owner) => (Symbol::Item(owner), Form::Implicit),
                None => (Symbol::Word("self"), Form::Implicit),
            },
            Root::Platform => match self.analysis.expanded.items.only("platform") {
                Some(id) => (Symbol::Item(id), Form::Implicit),
                None => (Symbol::Word("platform"), Form::Implicit),
            },
            Root::Variable(_) | Root::Several(_) | Root::None => return None,
            _ => (word?, Form::Implicit),
        })
    }

    pub(crate) fn field_in_expression(
        &self,
        at: At<'_>,
        base: &Expr,
        name: &Name,
        seen: Seen,
        locals: &[(String, Span, Ty)],
    ) -> Option<(Symbol, Form)> {
        let text = name.text.as_str();
        if let ExprKind::Name(binding) = &base.kind {
            if binding == "param" {
                return self.param_seen(at, text).map(|param| (Symbol::Named(param), Form::Inner));
            }
            if let Root::Let(place) = root(&self.cx(), seen.scope, binding)
                && let Some(child) = self.at(place).node.child(text)
            {
                let id = NodeAt { source: place.source, node: child.id() };
                return Some((Symbol::Entry(id), Form::Inner));
            }
        }
        let unit = self.analysis.expanded.scopes.get(seen.scope).unit;
        let item = |kind: &'static str| match self.cx().declaration(&[kind.into()], text, unit) {
            Found::One(id) => Some((Symbol::Item(id), Form::Inner)),
            _ => None,
        };
        match self.type_of(base, seen, locals) {
            Ty::Secrets => item("secret"),
            Ty::Kind(kind) => item(kind),
            Ty::Unit(unit) => match self.cx().any_declaration(text, unit) {
                Found::One(id) => Some((Symbol::Item(id), Form::Inner)),
                _ => None,
            },
            Ty::Calls(owner) => Some(self.call_named(owner, text)),
            Ty::Members(id, _) => Some((Symbol::Part(id, "port", text.into()), Form::Inner)),
            Ty::Item("secret", Some(id)) => Some((Symbol::Part(id, "key", text.into()), Form::Inner)),
            Ty::Item("stateful", Some(id)) if self.has_part(id, "port", text) => {
                Some((Symbol::Part(id, "port", text.into()), Form::Inner))
            }
            Ty::Item(kind, _) => {
                let record = self.analysis.types.kind(kind)?.record;
                let (index, _) = self.analysis.types.record(record).field(text)?;
                Some((Symbol::Field(record, index), Form::Implicit))
            }
            Ty::Value(ty) => {
                let record = record_in(&ty)?;
                let (index, _) = self.analysis.types.record(record).field(text)?;
                let own =
                    self.analysis.types.record(record).span.file.0 as usize >= platc_sema::stdlib::n_files();
                Some((Symbol::Field(record, index), if own { Form::Inner } else { Form::Implicit }))
            }
            _ => None,
        }
    }

    /// `calls.NAME`: the callee, unless the call has a name of its own.
    fn call_named(&self, owner: ItemId, name: &str) -> (Symbol, Form) {
        let own = |call: &At<'_>| {
            call.node.prop("as").and_then(|prop| prop.value().text()).is_some_and(|text| text == name)
        };
        if !self.children_of(owner, "calls").iter().any(own)
            && let Some(symbol @ Symbol::Item(_)) = self.children_of(owner, "calls").iter().find_map(|call| {
                let to = call.node.arg(0)?.text()?;
                (to == name).then(|| self.item_named(&["service".into()], &to, call.source))?
            })
        {
            return (symbol, Form::Inner);
        }
        (Symbol::Part(owner, "call", name.into()), Form::Inner)
    }

    /// Children of a name in everything that is said about a declaration, `at` blocks included.
    pub(crate) fn children_of(&self, id: ItemId, name: &str) -> Vec<At<'_>> {
        let mut found = Vec::new();
        for layer in &self.item(id).layers {
            let at = self.at(layer.node);
            for child in at.node.children() {
                if child.name() == name {
                    found.push(At { node: child, ..at });
                } else if child.name() == "at" {
                    let inner = child.children().filter(|inner| inner.name() == name);
                    found.extend(inner.map(|node| At { node, ..at }));
                }
            }
        }
        found
    }

    /// Whether a declaration has a named child of that sort.
    pub(crate) fn has_part(&self, id: ItemId, part: &str, name: &str) -> bool {
        self.part_at(id, part, name).is_some()
    }

    /// Where a named child is declared.
    pub(crate) fn part_at(&self, id: ItemId, part: &str, name: &str) -> Option<Span> {
        let named = |value: Value<'_>| value.text().is_some_and(|text| text == name);
        match part {
            "port" => {
                let ports = self.children_of(id, "port");
                ports.iter().find_map(|port| port.node.arg(0).filter(|arg| named(*arg)).map(Value::span))
            }
            "key" => {
                let keys = self.children_of(id, "keys");
                let inside = keys.iter().find_map(|keys| keys.node.args().find(|arg| named(*arg)));
                let as_property = || {
                    let layers = self.item(id).layers.iter().map(|layer| self.at(layer.node).node);
                    layers.filter_map(|node| Some(node.prop("keys")?.value())).find(|value| named(*value))
                };
                inside.or_else(as_property).map(Value::span)
            }
            _ => {
                let calls = self.children_of(id, "calls");
                let mut named_as = calls.iter().filter_map(|call| Some(call.node.prop("as")?.value()));
                named_as.find(|value| named(*value)).map(Value::span)
            }
        }
    }

    /// The parameter that a node sees: of the template around it, else of its library.
    pub(crate) fn param_seen(&self, at: At<'_>, name: &str) -> Option<NodeAt> {
        let named = |node: Node<'_>| node.arg(0).and_then(Value::text).is_some_and(|text| text == name);
        let template = at.node.ancestors().find(|node| node.name() == "template" && node.parent().is_none());
        if let Some(template) = template {
            let own = template.children().find(|child| child.name() == "param" && named(*child));
            if let Some(own) = own {
                return Some(NodeAt { source: at.source, node: own.id() });
            }
        }
        let params = self.analysis.index.params.get(&self.unit(at.source));
        params.into_iter().flatten().find(|param| named(self.at(**param).node)).copied()
    }

    /// Where a symbol is declared; of a declaration that several nodes make, the one with its name.
    pub(crate) fn declared(&self, symbol: &Symbol) -> Option<Span> {
        match symbol {
            Symbol::Item(id) => Some(self.item(*id).name_span),
            Symbol::Named(at) => {
                let node = self.at(*at).node;
                Some(node.arg(0).map_or(node.name_span(), Value::span))
            }
            Symbol::Entry(at) => Some(self.at(*at).node.name_span()),
            Symbol::Field(record, index) => self.field((*record, *index)).map(|field| field.span),
            Symbol::Kind(kind) => {
                let kind = self.analysis.types.kind(kind)?;
                Some(self.analysis.types.record(kind.record).span)
            }
            Symbol::Library(unit) => {
                let mut sources = self.analysis.project.sources.iter();
                let source = sources.find(|source| source.unit == *unit)?;
                Some(Span::start_of(source.file))
            }
            Symbol::Part(id, part, name) => self.part_at(*id, part, name),
            Symbol::Local(span) => Some(*span),
            Symbol::Statement(_) | Symbol::Function(_) | Symbol::Word(_) => None,
        }
    }

    /// The declaration as a whole, for a client that shows it.
    pub(crate) fn declared_whole(&self, symbol: &Symbol) -> Option<Span> {
        match symbol {
            Symbol::Item(id) => Some(self.at(self.item(*id).node).node.span()),
            Symbol::Named(at) | Symbol::Entry(at) => Some(self.at(*at).node.span()),
            _ => self.declared(symbol),
        }
    }
}

/// The `for` around a node that has that variable.
fn loop_of<'t>(node: Node<'t>, name: &str) -> Option<Node<'t>> {
    node.ancestors().find(|around| {
        around.name() == "for" && around.arg(0).and_then(Value::text).is_some_and(|text| text == name)
    })
}

fn record_in(ty: &Type) -> Option<RecordId> {
    match ty {
        Type::Record(id) => Some(*id),
        Type::Optional(inner) => record_in(inner),
        _ => None,
    }
}

/// The kinds that a type expression refers to.
pub(crate) fn referred(ty: &TypeExpr) -> Option<Vec<Text>> {
    match &ty.kind {
        TypeKind::Ref(kinds) => Some(kinds.iter().map(|name| name.text.as_str().into()).collect()),
        TypeKind::List(inner) | TypeKind::Optional(inner) => referred(inner),
        _ => None,
    }
}
