//! Phase *expand*: all declarations that there are, those that templates and loops make included, each
//! with everything that is said about it: defaults, bodies of templates, amendments.
//!
//! Each piece stays where it is written and is only pointed at, so a finding shows both the line of the
//! template and the line of its use.
//!
//! Not here: what is said (`check`).
//!
//! Start with [`expand`].

use std::collections::{BTreeMap, BTreeSet};

use platc_diag::{Problems, Span, limits};
use platc_model::types::Types;
use platc_model::{Text, Value};
use platc_syntax::expr::{has_expression, parse_expr};
use platc_syntax::{Literal, Node, Value as Written};

use crate::cx::{Cx, ItemNames, NoFiles, UserTypes};
use crate::errors;
use crate::expr::{Asker, Evaluator, Place};
use crate::item::{Given, Item, ItemId, Items, Layer, Param, Scope, ScopeId, Scopes};
use crate::level::Level;
use crate::link::{Found, Index, Owners};
use crate::outline::{Word, word};
use crate::project::{NodeAt, Project, UnitId};
use crate::words;

/// All declarations, and what names mean in them.
#[derive(Clone, Default, Debug)]
pub struct Expanded {
    /// Declarations in their order.
    pub items: Items,
    /// Scopes; the first ones are those of the units.
    pub scopes: Scopes,
}

/// Finds all declarations. `amends` are those of the platform and, in a test, its own.
pub fn expand(
    project: &Project,
    index: &Index,
    types: &Types,
    amends: &[NodeAt],
    problems: &mut Problems,
) -> Expanded {
    let mut expander = Expander {
        project,
        index,
        types,
        items: Vec::new(),
        scopes: Scopes::default(),
        problems,
        nothing: Nothing::default(),
        full: false,
    };
    expander.unit_scopes();
    for (_, at) in &index.declarations {
        let source = project.source(at.source);
        let scope = ScopeId(source.unit.0);
        let home = Home { unit: source.unit, source: at.source };
        expander.statement(*at, &Context { scope, home, parent: None, frames: Vec::new(), open: Vec::new() });
    }
    if expander.full {
        // What is there is not what was meant, and looking at all of it takes minutes.
        expander.items.clear();
        return expander.finish();
    }
    expander.duplicates();
    for at in amends {
        expander.amend(*at);
    }
    expander.removals();
    expander.defaults();
    expander.finish()
}

/// What the evaluator is given while there are no items yet.
#[derive(Default)]
struct Nothing {
    items: Items,
    names: ItemNames,
    user: UserTypes,
}

struct Expander<'p, 'q> {
    project: &'p Project,
    index: &'p Index,
    types: &'p Types,
    items: Vec<Item>,
    scopes: Scopes,
    problems: &'q mut Problems,
    nothing: Nothing,
    /// Whether the limit of declarations was reached, and reported.
    full: bool,
}

/// Whose declaration it becomes: that of the file in which the outermost statement stands.
#[derive(Clone, Copy)]
struct Home {
    unit: UnitId,
    source: u32,
}

#[derive(Clone)]
struct Context {
    scope: ScopeId,
    home: Home,
    parent: Option<usize>,
    /// Uses of templates around the statement that share a name, outermost first.
    frames: Vec<Frame>,
    /// All templates around the statement, so that a circle ends, whatever names are given in it.
    open: Vec<NodeAt>,
}

/// The use of a template.
#[derive(Clone)]
struct Frame {
    node: NodeAt,
    /// What names mean at the use.
    scope: ScopeId,
    /// The scope of the template's body, with its parameters.
    params: ScopeId,
    name: Option<(Text, Span)>,
}

impl<'p> Expander<'p, '_> {
    fn cx(&self) -> Cx<'_> {
        Cx {
            project: self.project,
            index: self.index,
            types: self.types,
            user: &self.nothing.user,
            items: &self.nothing.items,
            names: &self.nothing.names,
            scopes: &self.scopes,
            assets: &NoFiles,
        }
    }

    /// One scope a unit, with the parameters that its imports give.
    fn unit_scopes(&mut self) {
        for unit in (0_u32..).zip(&self.project.units).map(|(id, _)| UnitId(id)) {
            self.scopes.add(Scope {
                parent: None,
                unit,
                variables: Vec::new(),
                params: None,
                use_name: None,
            });
        }
        for (unit, library) in (0_u32..).map(UnitId).zip(&self.project.units) {
            let declared = self.index.params.get(&unit).map_or(&[][..], Vec::as_slice);
            let mut params = self.declared_params(declared);
            for import in &library.imports {
                let node = self.project.node(*import);
                let user = ScopeId(self.project.source(import.source).unit.0);
                for child in node.children() {
                    let name = child.name();
                    let at = NodeAt { source: import.source, node: child.id() };
                    let known: Vec<Text> = params.keys().cloned().collect();
                    match params.get_mut(name.as_ref()) {
                        Some(param) => {
                            if let Some(first) = param.given {
                                let first = self.project.node(first.node).header_span();
                                self.problems.push(errors::said_twice(child.header_span(), &name, first));
                            }
                            param.given = Some(Given { node: at, property: false, scope: user });
                        }
                        None => {
                            let known = known.iter().map(|name| &**name).collect();
                            self.problems.push(errors::unknown_param(child.name_span(), &name, known));
                        }
                    }
                }
                self.missing_params(&params, node.header_span(), &library.name);
            }
            self.scopes.set_params(ScopeId(unit.0), params);
        }
    }

    fn declared_params(&mut self, declared: &[NodeAt]) -> BTreeMap<Text, Param> {
        let mut params = BTreeMap::new();
        for at in declared {
            let node = self.project.node(*at);
            match node.arg(0).and_then(Written::text) {
                Some(name) => drop(params.insert(name.as_ref().into(), Param { declared: *at, given: None })),
                None => self.problems.push(errors::name_missing(node.name_span(), "param")),
            }
        }
        params
    }

    fn missing_params(&mut self, params: &BTreeMap<Text, Param>, span: Span, of: &str) {
        for (name, param) in params {
            let declared = self.project.node(param.declared);
            if param.given.is_none() && declared.prop("default").is_none() {
                self.problems.push(errors::param_missing(span, of, name, declared.header_span()));
            }
        }
    }

    fn statement(&mut self, at: NodeAt, context: &Context) {
        let node = self.project.node(at);
        let name = node.name();
        match word(&name) {
            Word::Kind(kind) => self.declaration(at, kind, context),
            Word::For => self.repeat(at, context),
            Word::Other => match self.template(&name, context.scope) {
                Found::One(template) => self.use_template(at, template, context),
                Found::Several(_) => self.problems.push(errors::ambiguous_type(node.name_span(), &name)),
                Found::None => self.unknown(node, &name),
            },
            _ => self.problems.push(errors::misplaced(node.name_span(), &name, "at the top of a file")),
        }
    }

    fn template(&self, name: &str, scope: ScopeId) -> Found<NodeAt> {
        let unit = self.scopes.get(scope).unit;
        self.index.find_in(self.project, &self.index.templates, name, unit)
    }

    fn unknown(&mut self, node: Node<'_>, name: &str) {
        let templates = self.index.templates.keys().map(|name| &**name);
        let kinds = self.types.kinds().iter().map(|kind| kind.name);
        let names = kinds.chain(words::STATEMENTS.iter().copied()).chain(templates).collect();
        self.problems.push(errors::unknown_declaration(node.name_span(), name, names));
    }

    /// The text of a name, its expressions worked out.
    fn text(&mut self, written: Written<'_>, scope: ScopeId) -> Option<(Text, Span)> {
        if let Literal::Str(plain) = written.decode()
            && !has_expression(&plain)
        {
            return Some((plain.as_ref().into(), written.span()));
        }
        let asker = Asker { scope, owner: None, place: Place::default(), locals: Vec::new() };
        let worth = Evaluator::early(self.cx()).literal(written, &asker);
        match worth.map(|value| value.as_text()) {
            Ok(Some(text)) => Some((text.into(), written.span())),
            Ok(None) => {
                self.problems.push(errors::name_is_no_text(written.span()));
                None
            }
            Err(problem) => {
                if !errors::is_reported(&problem) {
                    self.problems.push(problem);
                }
                None
            }
        }
    }

    fn declaration(&mut self, at: NodeAt, kind: &'static str, context: &Context) {
        let node = self.project.node(at);
        let Some(ty) = self.types.kind(kind) else { unreachable!("words::kind gives kinds of stdlib/kinds") };
        if self.items.len() >= limits::DECLARATIONS {
            if !std::mem::replace(&mut self.full, true) {
                self.problems.push(errors::too_many_declarations(node.name_span()));
            }
            return;
        }
        if !self.may_stand_here(kind, node, context) {
            return;
        }
        let named = if ty.named { node.arg(0) } else { None };
        let (name, layers) = match named {
            Some(written) => {
                let Some(name) = self.text(written, context.scope) else { return };
                (name, vec![layer(at, 1, context.scope, Level::DECLARATION)])
            }
            None if !ty.named => {
                (("".into(), node.name_span()), vec![layer(at, 0, context.scope, Level::DECLARATION)])
            }
            None => match self.nameless(at, node, kind, context) {
                Some(named) => named,
                None => return,
            },
        };
        let outermost = context.frames.first().filter(|_| named.is_none()).map_or(at, |frame| frame.node);
        let item = Item {
            kind,
            name: name.0,
            name_span: name.1,
            unit: context.home.unit,
            node: outermost,
            home: context.home.source,
            parent: context.parent.map(index32).map(ItemId),
            layers,
        };
        let number = self.items.len();
        let inside: Vec<Layer> = item.layers.clone();
        self.items.push(item);
        for layer in inside {
            self.inner(number, kind, layer.node, layer.scope, context.home);
        }
    }

    /// A declaration without a name in a template takes the name of the use, and all else that it says.
    fn nameless(
        &mut self,
        at: NodeAt,
        node: Node<'_>,
        kind: &str,
        context: &Context,
    ) -> Option<((Text, Span), Vec<Layer>)> {
        let Some((outermost, _)) = context.frames.split_first() else {
            if !node.is_broken() {
                self.problems.push(errors::name_missing(node.name_span(), kind));
            }
            return None;
        };
        let Some(name) = outermost.name.clone() else {
            let span = self.project.node(outermost.node).name_span();
            self.problems.push(errors::name_missing(span, &self.project.node(outermost.node).name()));
            return None;
        };
        let mut layers = vec![layer(at, 0, context.scope, Level::template(context.frames.len()))];
        for (depth, frame) in context.frames.iter().enumerate() {
            let level = if depth == 0 { Level::DECLARATION } else { Level::template(depth) };
            let skip = u16::from(frame.name.is_some() && depth == 0);
            layers
                .push(Layer { params_of: Some(frame.params), ..layer(frame.node, skip, frame.scope, level) });
        }
        Some((name, layers))
    }

    /// Hosts stand in datacenters and racks; what stands at the top stands at the top.
    fn may_stand_here(&mut self, kind: &str, node: Node<'_>, context: &Context) -> bool {
        let kinds = self.types.kinds().iter();
        let mut holders = kinds.filter(|holder| holder.contains.contains(&kind)).map(|holder| holder.name);
        let parent = context.parent.and_then(|parent| self.items.get(parent)).map(|parent| parent.kind);
        let fits = match parent {
            Some(parent) => kind == "allow" || holders.clone().any(|holder| holder == parent),
            None => holders.clone().next().is_none(),
        };
        if !fits {
            let place = match holders.next() {
                None => "at the top of a file".to_owned(),
                Some(first) => {
                    holders.fold(format!("in a {first}"), |all, next| format!("{all} or a {next}"))
                }
            };
            self.problems.push(errors::misplaced(node.name_span(), kind, &place));
        } else if kind == "platform" && context.home.unit != UnitId::PLATFORM {
            self.problems.push(errors::platform_in_library(node.name_span()));
            return false;
        }
        fits
    }

    /// Declarations inside of a declaration.
    fn inner(&mut self, parent: usize, kind: &str, holder: NodeAt, scope: ScopeId, home: Home) {
        let Some(ty) = self.types.kind(kind) else { return };
        let record = self.types.record(ty.record);
        let has_body = record.body().is_some();
        let context = Context { scope, home, parent: Some(parent), frames: Vec::new(), open: Vec::new() };
        let node = self.project.node(holder);
        for child in node.children() {
            let name = child.name();
            let at = NodeAt { source: holder.source, node: child.id() };
            if name == "allow" && !has_body {
                self.declaration(at, "allow", &context);
            } else if !ty.contains.is_empty() && record.field(&name).is_none() {
                let inner = ty.contains.contains(&&*name) || name == "for";
                if inner || !matches!(self.template(&name, scope), Found::None) {
                    self.statement(at, &context);
                }
            }
        }
    }

    fn repeat(&mut self, at: NodeAt, context: &Context) {
        let node = self.project.node(at);
        let (Some(variable), Some(list)) = (node.arg(0).and_then(Written::text), node.prop("in")) else {
            if !node.is_broken() {
                self.problems.push(errors::loop_form(node.header_span()));
            }
            return;
        };
        let Some(values) = self.loop_values(list.value(), context.scope) else { return };
        let unit = self.scopes.get(context.scope).unit;
        for value in values {
            let scope = self.scopes.add(Scope {
                parent: Some(context.scope),
                unit,
                variables: vec![(variable.as_ref().into(), value)],
                params: None,
                use_name: None,
            });
            let inner = Context { scope, ..context.clone() };
            for child in node.children() {
                if self.full {
                    return;
                }
                self.statement(NodeAt { source: at.source, node: child.id() }, &inner);
            }
        }
    }

    /// What a loop goes over: `in=datacenters` is an expression already, `in="${…}"` says so.
    fn loop_values(&mut self, written: Written<'_>, scope: ScopeId) -> Option<Vec<Value>> {
        let asker = Asker { scope, owner: None, place: Place::default(), locals: Vec::new() };
        let text = written.text()?;
        let worth = if has_expression(&text) {
            Evaluator::early(self.cx()).literal(written, &asker)
        } else {
            let parsed = parse_expr(&text, &written.source_map());
            match parsed.problems.into_iter().next() {
                Some(problem) => Err(problem),
                None => Evaluator::early(self.cx()).expression(&parsed.expr, &asker),
            }
        };
        let elements = worth.and_then(|value| {
            let elements = value.elements().ok_or_else(|| errors::loop_over_no_list(written.span()))?;
            let evaluator = Evaluator::early(self.cx());
            elements
                .iter()
                .map(|element| evaluator.plain(element, written.span()))
                .collect::<Result<Vec<Value>, _>>()
        });
        match elements {
            Ok(values) => Some(values),
            Err(problem) => {
                if !errors::is_reported(&problem) {
                    self.problems.push(problem);
                }
                None
            }
        }
    }

    fn use_template(&mut self, at: NodeAt, template: NodeAt, context: &Context) {
        let node = self.project.node(at);
        let name = node.name();
        if context.open.contains(&template) {
            self.problems.push(errors::template_in_itself(node.name_span(), &name));
            return;
        }
        if context.open.len() >= limits::TEMPLATE_DEPTH {
            self.problems.push(errors::templates_too_deep(node.name_span()));
            return;
        }
        let own_name = match node.arg(0) {
            Some(written) => match self.text(written, context.scope) {
                Some(name) => Some(name),
                None => return,
            },
            None => None,
        };
        let body = self.project.node(template);
        let declared: Vec<NodeAt> = body
            .children()
            .filter(|child| child.name() == "param")
            .map(|child| NodeAt { source: template.source, node: child.id() })
            .collect();
        let mut params = self.declared_params(&declared);
        for (param, slot) in &mut params {
            let property = node.props().any(|prop| prop.name().is_some_and(|own| *own == **param));
            let child = node.children().find(|child| *child.name() == **param);
            let given_at = |node: NodeAt, property: bool| Given { node, property, scope: context.scope };
            slot.given = match (property, child) {
                (true, _) => Some(given_at(at, true)),
                (false, Some(child)) => Some(given_at(NodeAt { source: at.source, node: child.id() }, false)),
                (false, None) => None,
            };
        }
        self.missing_params(&params, node.header_span(), &name);
        let unit = self.project.source(template.source).unit;
        let use_name =
            own_name.clone().or_else(|| context.frames.first().and_then(|frame| frame.name.clone()));
        let scope = self.scopes.add(Scope {
            parent: Some(ScopeId(unit.0)),
            unit,
            variables: Vec::new(),
            params: Some(params),
            use_name: use_name.map(|(name, _)| name),
        });
        let frame = Frame { node: at, scope: context.scope, params: scope, name: own_name.clone() };
        // A use with a name of its own starts anew; one without goes on with the name of the outer use.
        let mut frames = if own_name.is_some() { Vec::new() } else { context.frames.clone() };
        frames.push(frame);
        let open = context.open.iter().copied().chain([template]).collect();
        let inner = Context { scope, frames, open, ..context.clone() };
        for child in body.children().filter(|child| child.name() != "param") {
            self.statement(NodeAt { source: template.source, node: child.id() }, &inner);
        }
        self.nothing_left_over(node, body, scope, &name);
    }

    /// What a use says beside parameters goes to the declaration without a name; if there is none, nobody
    /// takes it.
    fn nothing_left_over(&mut self, node: Node<'_>, body: Node<'_>, scope: ScopeId, template: &str) {
        let takes_rest = body.children().any(|child| child.name() != "param" && child.arg(0).is_none());
        if takes_rest {
            return;
        }
        let params = self.scopes.get(scope).params.clone().unwrap_or_default();
        let known: Vec<&str> = params.keys().map(|name| &**name).collect();
        let props = node
            .props()
            .map(|prop| (prop.name().unwrap_or_default(), prop.name_span().unwrap_or(prop.span())));
        let children = node.children().map(|child| (child.name(), child.name_span()));
        let said: Vec<_> = props.chain(children).collect();
        for (name, span) in said.iter().map(|(name, span)| (name, *span)) {
            if !params.contains_key(name.as_ref()) {
                let what = format!("the template `{template}`");
                self.problems.push(errors::unknown_field(span, &what, name, known.clone(), &|near| {
                    said.iter().any(|(own, _)| own == near)
                }));
            }
        }
    }

    /// A name belongs to one declaration of a kind, and workloads are one kind in this.
    fn duplicates(&mut self) {
        let mut seen: BTreeMap<(&str, Text, UnitId), Span> = BTreeMap::new();
        let mut platform: Option<Span> = None;
        for item in &self.items {
            let Some(kind) = self.types.kind(item.kind) else { continue };
            if item.kind == "platform"
                && let Some(first) = platform.replace(item.name_span)
            {
                self.problems.push(errors::second_platform(item.name_span, first));
                continue;
            }
            if !kind.unique || !kind.named {
                continue;
            }
            let group = if kind.workload { words::WORKLOAD } else { item.kind };
            let key = (group, Text::clone(&item.name), item.unit);
            match seen.get(&key) {
                Some(first) => {
                    self.problems.push(errors::declared_twice(item.name_span, item.kind, &item.name, *first));
                }
                None => drop(seen.insert(key, item.name_span)),
            }
        }
    }

    /// `amend KIND NAME { … }`.
    fn amend(&mut self, at: NodeAt) {
        let node = self.project.node(at);
        let (Some(kind), name) = (node.arg(0), node.arg(1)) else {
            if !node.is_broken() {
                self.problems.push(errors::name_missing(node.name_span(), "amend"));
            }
            return;
        };
        let word = kind.text().unwrap_or_default();
        let Some(kind_type) = words::kind(&word).and_then(|kind| self.types.kind(kind)) else {
            self.problems.push(errors::unknown_kind(kind.span(), &word));
            return;
        };
        let source = self.project.source(at.source);
        let unit = source.unit;
        let wanted = name.and_then(Written::text);
        if kind_type.named && wanted.is_none() && kind_type.name != "platform" {
            self.problems.push(errors::name_missing(node.name_span(), "amend"));
            return;
        }
        let label = wanted.as_deref().unwrap_or("");
        let named = |name: &str| -> Owners<'static, usize> {
            let fits = |item: &Item| item.kind == kind_type.name && (name.is_empty() || *item.name == *name);
            self.items
                .iter()
                .enumerate()
                .filter(|(_, item)| fits(item))
                .map(|(at, item)| (item.unit, at))
                .collect()
        };
        let found = self.index.find(self.project, &named, label, unit);
        match found {
            Found::One(number) => {
                let level = if source.policy { Level::POLICY } else { Level::AMEND };
                let skip = if wanted.is_some() { 2 } else { 1 };
                let scope = ScopeId(unit.0);
                if let Some(item) = self.items.get_mut(number) {
                    item.layers.push(layer(at, skip, scope, level));
                }
                let home = Home { unit, source: at.source };
                self.inner(number, kind_type.name, at, scope, home);
            }
            Found::Several(_) => self.problems.push(errors::ambiguous_type(kind.span(), label)),
            Found::None => {
                let names = self
                    .items
                    .iter()
                    .filter(|item| item.kind == kind_type.name)
                    .map(|item| &*item.name)
                    .collect();
                let span = name.map_or(node.name_span(), Written::span);
                self.problems.push(errors::nothing_to_amend(span, kind_type.name, label, names));
            }
        }
    }

    /// `remove host w2` in a datacenter: the declaration inside of it goes, with all that is inside of that.
    fn removals(&mut self) {
        let mut gone: BTreeSet<usize> = BTreeSet::new();
        let mut missing = Vec::new();
        for (number, item) in self.items.iter().enumerate() {
            let Some(ty) = self.types.kind(item.kind).filter(|ty| !ty.contains.is_empty()) else { continue };
            let nodes = item.layers.iter().map(|layer| self.project.node(layer.node));
            for node in nodes.flat_map(Node::children).filter(|child| child.name() == "remove") {
                let mut words = node.args();
                let Some(kind) = words.next().and_then(Written::text) else { continue };
                let Some(kind) = ty.contains.iter().find(|own| ***own == *kind) else { continue };
                for written in words {
                    let name = written.text().unwrap_or_default();
                    let inside: Vec<(usize, &Item)> = self.inside(number, kind).collect();
                    match inside.iter().find(|(_, inner)| *inner.name == *name) {
                        Some((at, _)) => drop(gone.insert(*at)),
                        None => missing.push(errors::nothing_inside(
                            written.span(),
                            item,
                            kind,
                            &name,
                            inside.iter().map(|(_, inner)| &*inner.name).collect(),
                        )),
                    }
                }
            }
        }
        self.problems.extend(missing);
        if !gone.is_empty() {
            self.take_out(&gone);
        }
    }

    /// The declarations of a kind inside of another one, however deep.
    fn inside(&self, outer: usize, kind: &str) -> impl Iterator<Item = (usize, &Item)> {
        let parent = |item: &Item| item.parent.map(|parent| parent.0 as usize);
        let is_inside = move |item: &Item| {
            let mut around = parent(item);
            while let Some(at) = around {
                if at == outer {
                    return true;
                }
                around = self.items.get(at).and_then(parent);
            }
            false
        };
        let numbered = self.items.iter().enumerate();
        numbered.filter(move |(_, item)| item.kind == kind && is_inside(item))
    }

    /// Takes items out, and what is inside of them; the others keep their order.
    fn take_out(&mut self, gone: &BTreeSet<usize>) {
        let mut went: Vec<Option<u32>> = Vec::with_capacity(self.items.len());
        let mut kept: Vec<Item> = Vec::with_capacity(self.items.len());
        for (number, mut item) in std::mem::take(&mut self.items).into_iter().enumerate() {
            // What is inside of something comes after it.
            let around = item.parent.map(|parent| went.get(parent.0 as usize).copied().flatten());
            if gone.contains(&number) || around == Some(None) {
                went.push(None);
                continue;
            }
            item.parent = around.flatten().map(ItemId);
            went.push(Some(index32(kept.len())));
            kept.push(item);
        }
        self.items = kept;
    }

    /// Adds what the defaults of a declaration's directory and those above it say.
    fn defaults(&mut self) {
        for item in &mut self.items {
            // A template's declaration has the defaults of the file that uses it.
            let (unit, dir) = (item.unit, &self.project.source(item.home).dir);
            let Some(kind) = self.types.kind(item.kind) else { continue };
            for defaults in &self.index.defaults {
                let speaks = defaults.kind.map_or(kind.workload, |own| own == item.kind);
                if !speaks || defaults.unit != unit || !is_below(dir, &defaults.dir) {
                    continue;
                }
                let depth = if defaults.dir.is_empty() { 0 } else { defaults.dir.split('/').count() };
                let level = Level::defaults(depth, defaults.kind.is_some());
                let lenient = defaults.kind.is_none();
                item.layers.push(Layer { lenient, ..layer(defaults.node, 1, ScopeId(unit.0), level) });
            }
            item.layers.sort_by_key(|layer| layer.level);
        }
    }

    fn finish(self) -> Expanded {
        let kinds = self.types.kinds();
        let rank = |item: &Item| kinds.iter().position(|kind| kind.name == item.kind).unwrap_or(usize::MAX);
        Expanded { items: Items::new(self.items, rank), scopes: self.scopes }
    }
}

fn index32(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn layer(node: NodeAt, skip: u16, scope: ScopeId, level: Level) -> Layer {
    Layer { node, skip, scope, level, params_of: None, lenient: false }
}

/// Whether a directory is another one or below it.
fn is_below(dir: &str, upper: &str) -> bool {
    upper.is_empty() || dir == upper || dir.strip_prefix(upper).is_some_and(|rest| rest.starts_with('/'))
}
