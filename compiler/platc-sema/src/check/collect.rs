//! Who says what about which field. Nothing is decided and nothing typed here, so `explain` can show the
//! same list.
//!
//! Start with [`collect`].

use platc_diag::{Problems, Span};
use platc_model::types::{KindType, RecordType, Role};
use platc_syntax::{Node, Value as Written};

use crate::cx::Cx;
use crate::errors;
use crate::item::{Item, ItemId, ScopeId};
use crate::level::{Level, Nearness};
use crate::link::Found;
use crate::project::NodeAt;
use crate::sites::Sites;
use crate::words;

/// A piece of source that says something about a record.
#[derive(Clone, Copy, Debug)]
pub struct Part<'p> {
    /// What it is.
    pub src: Src<'p>,
    /// What its names mean.
    pub scope: ScopeId,
    /// How much it weighs.
    pub level: Level,
    /// The template's scope, if it is the use of one: its parameters are no fields.
    pub params_of: Option<ScopeId>,
    /// Whether fields that there are not are passed over.
    pub lenient: bool,
}

/// The piece itself.
#[derive(Clone, Copy, Debug)]
pub enum Src<'p> {
    /// A node whose first `skip` arguments mean something else.
    Node {
        /// The node.
        node: Node<'p>,
        /// So many arguments are not its own.
        skip: usize,
    },
    /// A value that stands for the record's argument: `cpu=2`.
    Value(Written<'p>),
    /// One of the children that a node with several keys makes.
    Keyed {
        /// The node.
        node: Node<'p>,
        /// Which argument is the key.
        arg: usize,
    },
    /// The children of a node and nothing else of it: a config's, a `let`'s.
    Block {
        /// The node.
        node: Node<'p>,
    },
}

/// A statement about a field.
#[derive(Clone, Copy, Debug)]
pub struct Said<'p> {
    /// Which field.
    pub field: usize,
    /// What is done with it.
    pub op: Op,
    /// What is said.
    pub what: What<'p>,
    /// Which of the parts says it.
    pub part: usize,
    /// What its names mean.
    pub scope: ScopeId,
    /// How much it weighs.
    pub level: Level,
}

/// What a statement does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    /// Says the value, or a part of it.
    Set,
    /// Adds to a list: `append in prod-b`.
    Append,
    /// Takes out: `remove border`, `remove calls auth`.
    Remove,
}

/// How a statement is written.
#[derive(Clone, Copy, Debug)]
pub enum What<'p> {
    /// One value: a property or an argument.
    Value(Written<'p>),
    /// A child node, without its first arguments.
    Node(Node<'p>, usize),
    /// Arguments of the record's own node, from that one on.
    Rest(Node<'p>, usize),
    /// A child that is no field, of a record with a body.
    Child(Node<'p>),
}

impl<'p> Part<'p> {
    /// The same at a place.
    #[must_use]
    pub fn at(self, nearness: Nearness) -> Self {
        Self { level: self.level.at(nearness), ..self }
    }

    /// Whether a field of that name is written in it.
    fn says(&self, name: &str) -> bool {
        match self.src {
            Src::Node { node, .. } | Src::Keyed { node, .. } | Src::Block { node } => {
                node.props().any(|prop| prop.name().is_some_and(|own| own == name))
                    || node.children().any(|child| child.name() == name)
            }
            Src::Value(_) => false,
        }
    }

    /// Where it is.
    pub fn span(&self) -> Span {
        match self.src {
            Src::Node { node, .. } | Src::Keyed { node, .. } | Src::Block { node } => node.header_span(),
            Src::Value(value) => value.span(),
        }
    }
}

impl<'p> Said<'p> {
    /// Where it is.
    pub fn span(&self) -> Span {
        match self.what {
            What::Value(value) => value.span(),
            What::Node(node, _) | What::Child(node) => node.header_span(),
            What::Rest(node, from) => node.arg(from).map_or(node.header_span(), Written::span),
        }
    }

    /// The values that are said, if it is a list of them.
    pub fn values(&self) -> impl Iterator<Item = Written<'p>> + use<'p> {
        let (value, node) = match self.what {
            What::Value(value) => (Some(value), None),
            What::Node(node, skip) | What::Rest(node, skip) => (None, Some((node, skip))),
            What::Child(_) => (None, None),
        };
        value.into_iter().chain(node.into_iter().flat_map(|(node, skip)| node.args().skip(skip)))
    }

    /// The value that is said, if it is one.
    pub fn only_value(&self) -> Option<Written<'p>> {
        let mut values = self.values();
        values.next().filter(|_| values.next().is_none())
    }
}

/// What is not a field, and why it need not be one.
pub struct Around<'k> {
    /// The kind, if the record is a declaration's own.
    pub kind: Option<&'k KindType>,
    /// Whether `remove` and `append` are words here; in configs without a type they are names like others.
    pub words: bool,
}

/// Lists what `parts` say about the fields of `ty`, by field and then by level.
pub fn collect<'p>(
    cx: &Cx<'p>,
    ty: &RecordType,
    around: &Around<'_>,
    parts: &[Part<'p>],
    problems: &mut Problems,
) -> Vec<Said<'p>> {
    // A declaration's own record has tens of statements, one inside of it a few.
    let mut said = Vec::with_capacity(if around.kind.is_some() { 32 } else { 4 });
    for (number, part) in parts.iter().enumerate() {
        let mut collector = Collector { cx, ty, around, part, number, said: &mut said, problems };
        match part.src {
            Src::Node { node, skip } => {
                collector.arguments(node, skip);
                collector.properties(node);
                collector.children(node);
            }
            Src::Keyed { node, arg } => {
                collector.key(node, arg);
                collector.properties(node);
                collector.children(node);
            }
            Src::Value(value) => collector.argument(value),
            Src::Block { node } => collector.children(node),
        }
    }
    said.sort_by_key(|said| (said.field, said.level));
    said
}

struct Collector<'a, 'p> {
    cx: &'a Cx<'p>,
    ty: &'a RecordType,
    around: &'a Around<'a>,
    part: &'a Part<'p>,
    number: usize,
    said: &'a mut Vec<Said<'p>>,
    problems: &'a mut Problems,
}

impl<'p> Collector<'_, 'p> {
    fn say(&mut self, field: usize, op: Op, what: What<'p>) {
        let Part { scope, level, .. } = *self.part;
        self.said.push(Said { field, op, what, part: self.number, scope, level });
    }

    fn arguments(&mut self, node: Node<'p>, skip: usize) {
        let mut places = self.ty.arguments();
        for (number, arg) in node.args().enumerate().skip(skip) {
            match places.next() {
                Some((at, field)) if field.role == Role::Args => {
                    self.say(at, Op::Set, What::Rest(node, number));
                    return;
                }
                Some((at, _)) => self.say(at, Op::Set, What::Value(arg)),
                None => {
                    if !self.part.lenient {
                        self.problems.push(errors::unexpected_argument(arg.span(), &node.name()));
                    }
                    return;
                }
            }
        }
    }

    fn key(&mut self, node: Node<'p>, arg: usize) {
        if let (Some((at, _)), Some(key)) = (self.ty.key(), node.arg(arg)) {
            self.say(at, Op::Set, What::Value(key));
        }
    }

    /// A value for a record stands for its first argument.
    fn argument(&mut self, value: Written<'p>) {
        match self.ty.arguments().find(|(_, field)| field.role != Role::Keys) {
            Some((at, _)) => self.say(at, Op::Set, What::Value(value)),
            None => {
                self.problems.push(errors::wants_fields(
                    value.span(),
                    &self.ty.name,
                    self.ty.written_names(),
                ));
            }
        }
    }

    fn properties(&mut self, node: Node<'p>) {
        for prop in node.props() {
            let name = prop.name().unwrap_or_default();
            if self.is_param(&name) {
                continue;
            }
            match self.ty.field(&name) {
                Some((at, field)) if !matches!(field.role, Role::Each | Role::Body | Role::Fact) => {
                    self.say(at, Op::Set, What::Value(prop.value()));
                }
                Some((_, field)) if field.role == Role::Each => {
                    self.problems.push(errors::not_a_property(prop.span(), &name));
                }
                _ => self.unknown(prop.name_span().unwrap_or(prop.span()), &name),
            }
        }
    }

    fn children(&mut self, node: Node<'p>) {
        let body = self.ty.body().map(|(at, _)| at);
        for child in node.children() {
            let name = child.name();
            if self.is_param(&name) {
                continue;
            }
            // In a record with a body, children are the body: its own fields are written as properties.
            if let Some((at, field)) = self.ty.field(&name)
                && !matches!(field.role, Role::Fact | Role::Body)
                && body.is_none()
            {
                self.say(at, Op::Set, What::Node(child, 0));
                continue;
            }
            match &*name {
                "remove" | "append" if self.around.words && body.is_none() => self.operation(child),
                "at" | "allow" if self.around.kind.is_some() && body.is_none() => self.inner(child, &name),
                name if self.is_declaration(name, node) => {}
                name => match body {
                    Some(body) => self.say(body, Op::Set, What::Child(child)),
                    None => self.unknown(child.name_span(), name),
                },
            }
        }
    }

    /// `remove FIELD [NAME]`, `append FIELD VALUE…`.
    fn operation(&mut self, node: Node<'p>) {
        let op = if node.name() == "remove" { Op::Remove } else { Op::Append };
        let Some(field) = node.arg(0) else {
            self.problems.push(errors::operation_of_nothing(node.name_span(), &node.name()));
            return;
        };
        let name = field.text().unwrap_or_default();
        // Declarations inside of this one are taken out when all are found.
        if op == Op::Remove
            && self.around.kind.is_some_and(|kind| kind.contains.iter().any(|own| **own == *name))
        {
            if node.arg(1).is_none() {
                self.problems.push(errors::operation_without_name(node.header_span(), &name));
            }
            return;
        }
        match self.ty.field(&name) {
            Some((at, _)) => self.say(at, op, What::Node(node, 1)),
            None => self.unknown(field.span(), &name),
        }
    }

    /// `at` is read when places are known, `allow` is an item of its own.
    fn inner(&mut self, node: Node<'p>, name: &str) {
        if name == "at" && self.around.kind.is_some_and(|kind| kind.places.is_none()) {
            let kind = self.around.kind.map_or("", |kind| kind.name);
            self.problems.push(errors::no_places(node.name_span(), kind));
        }
    }

    /// Declarations inside of a declaration are items of their own.
    fn is_declaration(&self, name: &str, node: Node<'p>) -> bool {
        let Some(kind) = self.around.kind else { return false };
        if kind.contains.is_empty() {
            return false;
        }
        let unit = self.cx.scopes.get(self.part.scope).unit;
        name == "for"
            || kind.contains.contains(&name)
            || (node.tree().node(node.id()).name() == node.name() && self.is_template(name, unit))
    }

    fn is_template(&self, name: &str, unit: crate::project::UnitId) -> bool {
        !matches!(self.cx.index.find_in(self.cx.project, &self.cx.index.templates, name, unit), Found::None)
    }

    fn is_param(&self, name: &str) -> bool {
        let scope = self.part.params_of.map(|scope| self.cx.scopes.get(scope));
        scope.and_then(|scope| scope.params.as_ref()).is_some_and(|params| params.contains_key(name))
    }

    fn unknown(&mut self, span: Span, name: &str) {
        if self.part.lenient {
            return;
        }
        let kind =
            self.around.kind.map_or_else(|| format!("`{}`", self.ty.name), |kind| errors::one(kind.name));
        let inner = if self.around.kind.is_some() { words::INNER } else { &[] };
        let contained = self.around.kind.map_or(&[][..], |kind| &kind.contains);
        let names = self.ty.written_names().chain(inner.iter().copied()).chain(contained.iter().copied());
        let said = |name: &str| self.part.says(name);
        self.problems.push(errors::unknown_field(span, &kind, name, names.collect(), &said));
    }
}

/// The `at` blocks of an item, as parts on the levels of the layers that they stand in.
pub fn at_blocks<'p>(cx: Cx<'p>, item: &Item) -> Vec<Part<'p>> {
    let mut blocks = Vec::new();
    if cx.types.kind(item.kind).is_none_or(|kind| kind.places.is_none()) {
        return blocks;
    }
    for layer in &item.layers {
        let node = cx.project.node(layer.node);
        for child in node.children().filter(|child| child.name() == "at") {
            blocks.push(Part {
                src: Src::Node { node: child, skip: usize::MAX },
                scope: layer.scope,
                level: layer.level,
                params_of: None,
                lenient: layer.lenient,
            });
        }
    }
    blocks
}

/// The place that an `at` block names, once for each name.
pub fn place_of_block<'p>(
    cx: Cx<'p>,
    item: &Item,
    block: &Part<'p>,
    places: &[ItemId],
    sites: &Sites,
    problems: &mut Problems,
) -> Vec<(ItemId, Nearness, Part<'p>)> {
    let Src::Node { node, .. } = block.src else { return Vec::new() };
    let unit = cx.scopes.get(block.scope).unit;
    let mut found = Vec::new();
    if node.arg(0).is_none() && !node.is_broken() {
        problems.push(errors::name_missing(node.name_span(), "at"));
    }
    for arg in node.args() {
        let name = arg.text().unwrap_or_default();
        // Libraries speak of the places of the platform that imports them.
        let known = [unit, crate::project::UnitId::PLATFORM].into_iter().find_map(|unit| {
            match cx.declaration(&["cluster".into(), "datacenter".into()], &name, unit) {
                Found::One(id) => Some(id),
                _ => None,
            }
        });
        let Some(place) = known else {
            let names = cx.names.names_of("cluster").chain(cx.names.names_of("datacenter"));
            problems.push(errors::unknown_place(arg.span(), names.collect()));
            continue;
        };
        let near = cx.item(place).kind == "cluster";
        if !places.iter().any(|own| *own == place || sites.datacenters_of(*own).contains(&place)) {
            let names = places.iter().map(|place| &*cx.item(*place).name).collect();
            problems.push(errors::not_at_place(arg.span(), &item.name, &name, names));
            continue;
        }
        let nearness = if near { Nearness::Cluster } else { Nearness::Datacenter };
        let src = Src::Block { node };
        found.push((place, nearness, Part { src, ..*block }));
    }
    found
}

/// Where a node is, for `explain`.
pub fn node_at(cx: &Cx<'_>, node: Node<'_>) -> Option<NodeAt> {
    let file = node.name_span().file;
    let source = cx.project.sources.iter().position(|source| source.file == file)?;
    Some(NodeAt { source: u32::try_from(source).ok()?, node: node.id() })
}
