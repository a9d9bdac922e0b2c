//! [`Sense`]: what a node of the source says, by the types of the kinds alone: which field it is, which
//! fields may stand in it, what its arguments are. It needs no value, so it works in broken files.
//!
//! Not here: which declaration a name means ([`crate::symbol`]).
//!
//! Start with [`Known::sense`] and [`Known::expected`].

use platc_model::types::{Field, KindType, RecordId, RecordType, Role, Type};
use platc_sema::link::Found;
use platc_sema::project::NodeAt;
use platc_sema::shapes::Named;
use platc_sema::words;
use platc_syntax::{Entry, Node};

use crate::known::{At, Known};

/// What a node says.
#[derive(Clone, Debug)]
pub(crate) struct Sense {
    /// Its part in the language.
    pub(crate) what: What,
    /// The record whose fields its entries and children say.
    pub(crate) record: Option<RecordId>,
    /// The kind, if that record is a declaration's own.
    pub(crate) kind: Option<&'static str>,
    /// So many arguments are no fields.
    pub(crate) skip: usize,
    /// Type of its arguments, if they are a value.
    pub(crate) ty: Option<Type>,
    /// Type of the values by name in it.
    pub(crate) entries: Option<Type>,
}

/// A node's part in the language.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum What {
    /// `service web { … }`.
    Declaration(&'static str),
    /// A statement that is no declaration, by its word.
    Statement(&'static str),
    /// The use of a template.
    Use(NodeAt),
    /// A field.
    Field(RecordId, usize),
    /// `at PLACE { … }`.
    At,
    /// `remove FIELD …` or `append FIELD …`.
    Operation,
    /// A parameter that is given as a child.
    Given(NodeAt),
    /// A field of an author's `type`.
    TypeField,
    /// A rule of an author's `type`.
    Check,
    /// `lose THING…` of a test.
    Lose,
    /// `expect …` of a test.
    Expect,
    /// A value by name: in a config without a type, in a `let`, in a map.
    Value,
    /// Nothing that is known.
    Unknown,
}

/// What may stand as a value somewhere.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    /// What is wanted.
    pub(crate) wants: Wants,
    /// The field, if it is one's.
    pub(crate) field: Option<(RecordId, usize)>,
}

/// Sorts of values.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Wants {
    /// A value of a type.
    Value(Type),
    /// A new name.
    Name,
    /// The name of a kind.
    Kind,
    /// The name of a field.
    FieldName(RecordId),
    /// A cluster or datacenter.
    Place,
    /// Any declaration.
    Anything,
    /// A parameter's value.
    Param(NodeAt),
    /// A type expression.
    TypeExpr,
    /// An expression without `${`.
    Expression,
    /// A directory or file.
    Path,
    /// The code of a finding.
    Finding,
    /// Whatever.
    Free,
}

impl Sense {
    fn new(what: What) -> Self {
        Self { what, record: None, kind: None, skip: 0, ty: None, entries: None }
    }
}

impl Known {
    /// What a node says.
    pub(crate) fn sense(&self, at: At<'_>) -> Sense {
        let mut chain: Vec<Node<'_>> = at.node.ancestors().collect();
        chain.reverse();
        chain.push(at.node);
        let mut nodes = chain.into_iter();
        let Some(first) = nodes.next() else { return Sense::new(What::Unknown) };
        let mut around = At { node: first, ..at };
        let mut sense = self.sense_at_top(around, None);
        for node in nodes {
            let inner = At { node, ..at };
            sense = self.sense_within(&sense, around, inner);
            around = inner;
        }
        sense
    }

    /// What a statement says; `holder` is the kind that it stands in, if any.
    pub(crate) fn sense_at_top(&self, at: At<'_>, holder: Option<&'static str>) -> Sense {
        let name = at.node.name();
        if let Some(statement) = words::STATEMENTS.iter().find(|word| **word == name) {
            return self.statement(at, statement, holder);
        }
        if let Some(kind) = words::kind(&name) {
            return self.declaration(kind, usize::from(at.node.arg(0).is_some()));
        }
        self.template_use(at).unwrap_or_else(|| Sense::new(What::Unknown))
    }

    fn declaration(&self, kind: &'static str, names: usize) -> Sense {
        let ty = self.analysis.types.kind(kind);
        let skip = if ty.is_some_and(|ty| ty.named) { names } else { 0 };
        let record = ty.map(|ty| ty.record);
        Sense { record, kind: Some(kind), skip, ..Sense::new(What::Declaration(kind)) }
    }

    fn statement(&self, at: At<'_>, word: &'static str, holder: Option<&'static str>) -> Sense {
        let sense = Sense::new(What::Statement(word));
        let kind = at.node.arg(0).and_then(|arg| arg.text().and_then(|text| words::kind(&text)));
        let record = |kind: &'static str| self.analysis.types.kind(kind).map(|ty| ty.record);
        match word {
            "defaults" => {
                // What all workloads have is what a service has; fields that others lack are passed over.
                let kind = kind.unwrap_or("service");
                Sense { record: record(kind), kind: Some(kind), skip: 1, ..sense }
            }
            "amend" => match kind {
                Some(kind) => Sense { record: record(kind), kind: Some(kind), skip: 2, ..sense },
                None => Sense { skip: 2, ..sense },
            },
            "for" => Sense { kind: holder, ..sense },
            "let" => Sense { entries: Some(Type::Any), skip: 1, ..sense },
            _ => sense,
        }
    }

    fn template_use(&self, at: At<'_>) -> Option<Sense> {
        let template = self.template_named(&at.node.name(), at.source)?;
        let kind = self.kind_of_template(template, 0);
        let record = kind.and_then(|kind| self.analysis.types.kind(kind)).map(|ty| ty.record);
        let skip = usize::from(at.node.arg(0).is_some());
        Some(Sense { record, kind, skip, ..Sense::new(What::Use(template)) })
    }

    /// The template that a source sees under a name.
    pub(crate) fn template_named(&self, name: &str, source: u32) -> Option<NodeAt> {
        let (project, index) = (&self.analysis.project, &self.analysis.index);
        match index.find_in(project, &index.templates, name, self.unit(source)) {
            Found::One(at) => Some(at),
            _ => None,
        }
    }

    /// The kind of the declaration without a name in a template: what a use says beside parameters is its.
    fn kind_of_template(&self, template: NodeAt, depth: usize) -> Option<&'static str> {
        if depth > platc_diag::limits::TEMPLATE_DEPTH {
            return None;
        }
        let body = self.at(template);
        let mut nameless = body.node.children().filter(|child| child.name() != "param");
        nameless.find_map(|child| {
            let name = child.name();
            match words::kind(&name) {
                Some(kind) if child.arg(0).is_none() => Some(kind),
                Some(_) => None,
                None if child.arg(0).is_none() => {
                    let inner = self.template_named(&name, template.source)?;
                    self.kind_of_template(inner, depth + 1)
                }
                None => None,
            }
        })
    }

    /// The parameters of a template or, for an `import`, of a library.
    pub(crate) fn params_of(&self, sense: &Sense, at: At<'_>) -> Vec<NodeAt> {
        match &sense.what {
            What::Use(template) => {
                let body = self.at(*template);
                let params = body.node.children().filter(|child| child.name() == "param");
                params.map(|child| NodeAt { source: template.source, node: child.id() }).collect()
            }
            What::Statement("import") => {
                let mut units = self.analysis.project.units.iter().zip(0_u32..);
                let unit = units.find(|(unit, _)| unit.imports.contains(&at.id()));
                let params = unit.and_then(|(_, number)| {
                    self.analysis.index.params.get(&platc_sema::project::UnitId(number))
                });
                params.cloned().unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    fn param_named(&self, sense: &Sense, at: At<'_>, name: &str) -> Option<NodeAt> {
        let named = |param: &NodeAt| {
            let written = self.at(*param).node.arg(0);
            written.and_then(platc_syntax::Value::text).is_some_and(|text| text == name)
        };
        self.params_of(sense, at).into_iter().find(named)
    }

    /// What a child of a node says.
    pub(crate) fn sense_within(&self, outer: &Sense, around: At<'_>, at: At<'_>) -> Sense {
        let name = at.node.name();
        if let Some(param) = self.param_named(outer, around, &name) {
            return Sense { entries: Some(Type::Any), ..Sense::new(What::Given(param)) };
        }
        match &outer.what {
            What::Statement("template") if name == "param" => Sense::new(What::Statement("param")),
            What::Statement("template") => self.in_template(at),
            What::Statement("for") => self.sense_at_top(at, outer.kind),
            What::Statement("test") => match &*name {
                "lose" => Sense::new(What::Lose),
                "expect" => Sense::new(What::Expect),
                _ => self.sense_at_top(at, None),
            },
            What::Statement("type") | What::TypeField
                if name == "check" && at.node.prop("message").is_some() =>
            {
                Sense::new(What::Check)
            }
            What::Statement("type") | What::TypeField => Sense::new(What::TypeField),
            _ => match outer.record {
                Some(record) => self.in_record(record, outer, around, at),
                None => match &outer.entries {
                    Some(ty) => self.value_by_name(ty),
                    None => Sense::new(What::Unknown),
                },
            },
        }
    }

    fn in_template(&self, at: At<'_>) -> Sense {
        let name = at.node.name();
        let holder = self.analysis.types.kinds().iter().find(|kind| kind.contains.contains(&&*name));
        self.sense_at_top(at, holder.map(|kind| kind.name))
    }

    fn value_by_name(&self, ty: &Type) -> Sense {
        let sense = self.of_type(What::Value, ty);
        if *ty == Type::Any { Sense { entries: Some(Type::Any), ..sense } } else { sense }
    }

    /// A node whose content is a value of a type.
    fn of_type(&self, what: What, ty: &Type) -> Sense {
        let sense = Sense::new(what);
        match ty {
            Type::Record(id) => Sense { record: Some(*id), ..sense },
            Type::Optional(inner) => self.of_type(sense.what, inner),
            Type::List(inner) => match &**inner {
                Type::Record(id) => Sense { record: Some(*id), ..sense },
                _ => Sense { ty: Some(ty.clone()), ..sense },
            },
            Type::Map(inner) => Sense { entries: Some((**inner).clone()), ..sense },
            Type::Any => Sense { ty: Some(Type::Any), entries: Some(Type::Any), ..sense },
            Type::Union(types) => {
                let record = types.iter().find_map(|ty| match ty {
                    Type::Record(id) => Some(*id),
                    _ => None,
                });
                Sense { ty: Some(ty.clone()), record, ..sense }
            }
            _ => Sense { ty: Some(ty.clone()), ..sense },
        }
    }

    fn in_record(&self, record: RecordId, outer: &Sense, around: At<'_>, at: At<'_>) -> Sense {
        let types = &self.analysis.types;
        let (ty, name) = (types.record(record), at.node.name());
        let body = ty.fields.iter().find(|field| field.role == Role::Body);
        if let (Some((index, field)), None) = (ty.field(&name), body)
            && !matches!(field.role, Role::Fact | Role::Body)
        {
            return self.of_type(What::Field(record, index), &field.ty);
        }
        let kind = outer.kind.and_then(|kind| types.kind(kind));
        if body.is_none() {
            match &*name {
                "remove" | "append" => {
                    return Sense { record: Some(record), skip: 1, ..Sense::new(What::Operation) };
                }
                "at" if kind.is_some_and(|kind| kind.places.is_some()) => {
                    let skip = usize::MAX;
                    return Sense { record: Some(record), skip, kind: outer.kind, ..Sense::new(What::At) };
                }
                "allow" if kind.is_some() => return self.declaration("allow", 1),
                _ => {}
            }
        }
        if let Some(kind) = kind.filter(|kind| !kind.contains.is_empty()) {
            return self.contained(kind, at);
        }
        match body {
            Some(_) => self.in_body(ty, around, at),
            None => Sense::new(What::Unknown),
        }
    }

    fn contained(&self, kind: &KindType, at: At<'_>) -> Sense {
        let name = at.node.name();
        if kind.contains.contains(&&*name) || name == "for" {
            return self.sense_at_top(at, Some(kind.name));
        }
        self.template_use(at).unwrap_or_else(|| Sense::new(What::Unknown))
    }

    fn in_body(&self, ty: &RecordType, around: At<'_>, at: At<'_>) -> Sense {
        match self.type_of_body(ty, around) {
            Some(Named::Record(id)) => {
                let outer = Sense { record: Some(id), ..Sense::new(What::Value) };
                self.in_record(id, &outer, around, at)
            }
            Some(Named::Alias(alias)) => self.of_type(What::Value, &alias),
            None => self.value_by_name(&Type::Any),
        }
    }

    /// The type that a body is checked against: named by the node itself, or by another layer of the same
    /// declaration, as when a template says `config type=…` and its use says more.
    pub(crate) fn type_of_body(&self, ty: &RecordType, around: At<'_>) -> Option<Named> {
        let field = ty.fields.iter().find(|field| field.ty == Type::TypeName)?;
        let named = |node: Node<'_>| -> Option<String> {
            let written = node.prop(&field.name).map(Entry::value);
            written?.text().map(std::borrow::Cow::into_owned)
        };
        let elsewhere = || {
            let (owner, _) = self.owner(around)?;
            let name = around.node.name();
            let layers = self.item(owner).layers.iter().rev().map(|layer| self.at(layer.node));
            layers
                .flat_map(|layer| layer.node.children())
                .filter(|child| child.name() == name)
                .find_map(named)
        };
        let name = named(around.node).or_else(elsewhere)?;
        let found = self.cx().user_type(&name, self.unit(around.source));
        match found {
            Found::One(at) => self.analysis.user.named.get(&at).cloned(),
            _ => None,
        }
    }

    /// The record whose fields a node's children are: that of its config's type, if it has a body.
    pub(crate) fn fields_within(&self, sense: &Sense, at: At<'_>) -> Option<RecordId> {
        let record = sense.record?;
        let ty = self.analysis.types.record(record);
        if !ty.fields.iter().any(|field| field.role == Role::Body) {
            return Some(record);
        }
        match self.type_of_body(ty, at) {
            Some(Named::Record(id)) => Some(id),
            _ => None,
        }
    }

    /// A field of a record.
    pub(crate) fn field(&self, (record, index): (RecordId, usize)) -> Option<&Field> {
        self.analysis.types.record(record).fields.get(index)
    }

    /// What a value of a node may be.
    pub(crate) fn expected(&self, sense: &Sense, at: At<'_>, entry: Entry<'_>) -> Expected {
        if let Some(name) = entry.name() {
            return self.expected_property(sense, at, &name);
        }
        let before = at.node.args().take_while(|arg| arg.span().start < entry.value().span().start);
        self.expected_argument(sense, at, before.count())
    }

    /// What the property of that name may be.
    pub(crate) fn expected_property(&self, sense: &Sense, at: At<'_>, name: &str) -> Expected {
        let plain = |wants: Wants| Expected { wants, field: None };
        if let Some(param) = self.param_named(sense, at, name) {
            return plain(Wants::Param(param));
        }
        match (&sense.what, name) {
            (What::Statement("for"), "in") => return plain(Wants::Expression),
            (What::Statement("param"), "type") => return plain(Wants::TypeExpr),
            (What::Expect, "on") => return plain(Wants::Anything),
            (What::Expect, "finding") => return plain(Wants::Finding),
            (What::Declaration("allow" | "consent"), "on") => return plain(Wants::Anything),
            _ => {}
        }
        if let Some(record) = sense.record
            && let Some((index, field)) = self.analysis.types.record(record).field(name)
        {
            return Expected { field: Some((record, index)), ..self.of_value(&field.ty) };
        }
        match &sense.entries {
            Some(ty) => self.of_value(ty),
            None => plain(Wants::Free),
        }
    }

    /// What the argument of that number may be.
    pub(crate) fn expected_argument(&self, sense: &Sense, at: At<'_>, number: usize) -> Expected {
        let plain = |wants: Wants| Expected { wants, field: None };
        match (&sense.what, number) {
            (What::Declaration("allow"), 0) => return plain(Wants::Finding),
            (What::Declaration(_) | What::Use(_), _) if number < sense.skip => return plain(Wants::Name),
            (What::Declaration(kind), 0) if self.analysis.types.kind(kind).is_some_and(|ty| ty.named) => {
                return plain(Wants::Name);
            }
            (What::Use(_), 0) => return plain(Wants::Name),
            (What::Statement("defaults" | "amend"), 0) => return plain(Wants::Kind),
            (What::Statement("amend"), 1) => {
                let kinds = sense.kind.map(|kind| vec![kind.into()]).unwrap_or_default();
                return plain(Wants::Value(Type::Ref(kinds)));
            }
            (What::Statement("let" | "template" | "type" | "param" | "for" | "test"), 0) => {
                return plain(Wants::Name);
            }
            (What::Statement("type"), 1) | (What::TypeField, 0) => return plain(Wants::TypeExpr),
            (What::Statement("import"), 0) => return plain(Wants::Path),
            (What::At, _) => return plain(Wants::Place),
            (What::Lose, _) => return plain(Wants::Anything),
            (What::Expect | What::Check, 0) => return plain(Wants::Expression),
            (What::Given(param), _) => return plain(Wants::Param(*param)),
            (What::Operation, _) => return self.expected_of_operation(sense, at, number),
            _ => {}
        }
        if let Some(ty) = &sense.ty {
            let field = match sense.what {
                What::Field(record, index) => Some((record, index)),
                _ => None,
            };
            return Expected { field, ..self.of_value(ty) };
        }
        match sense.record {
            Some(record) => self.positional(record, number.saturating_sub(sense.skip)),
            None => plain(Wants::Free),
        }
    }

    fn expected_of_operation(&self, sense: &Sense, at: At<'_>, number: usize) -> Expected {
        let Some(record) = sense.record else { return Expected { wants: Wants::Free, field: None } };
        if number == 0 {
            return Expected { wants: Wants::FieldName(record), field: None };
        }
        let name = at.node.arg(0).and_then(platc_syntax::Value::text).unwrap_or_default();
        match self.analysis.types.record(record).field(&name) {
            Some((index, field)) => Expected { field: Some((record, index)), ..self.of_value(&field.ty) },
            None => Expected { wants: Wants::Free, field: None },
        }
    }

    /// What the argument of that number of a record may be.
    fn positional(&self, record: RecordId, number: usize) -> Expected {
        let ty = self.analysis.types.record(record);
        let takes = |role: Role| matches!(role, Role::Key | Role::Keys | Role::Arg | Role::Args);
        let mut places = ty.fields.iter().enumerate().filter(|(_, field)| takes(field.role));
        let mut found = None;
        for _ in 0..=number {
            match places.next() {
                Some(place) => found = Some(place),
                // The last one takes the rest, if it takes several.
                None if found.is_some_and(|(_, field)| matches!(field.role, Role::Args | Role::Keys)) => {
                    break;
                }
                None => return Expected { wants: Wants::Free, field: None },
            }
        }
        match found {
            Some((index, field)) => Expected { field: Some((record, index)), ..self.of_value(&field.ty) },
            None => Expected { wants: Wants::Free, field: None },
        }
    }

    /// One value of a type: an element of a list, the argument of a record.
    fn of_value(&self, ty: &Type) -> Expected {
        match ty {
            Type::List(inner) | Type::Optional(inner) => self.of_value(inner),
            Type::Record(id) => self.positional(*id, 0),
            ty => Expected { wants: Wants::Value(ty.clone()), field: None },
        }
    }
}
