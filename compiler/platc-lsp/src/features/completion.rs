//! What could be typed: kinds and statements, fields, values, references, units, and names inside of
//! `${…}`.
//!
//! Start with [`completion`].

use std::collections::BTreeSet;

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionParams, CompletionResponse, CompletionTextEdit,
    Documentation, InsertTextFormat, MarkupContent, MarkupKind, TextEdit,
};
use platc_diag::Span;
use platc_model::scalar::Scalar;
use platc_model::types::{Field, RecordId, Role, Type};
use platc_sema::expr::functions::FUNCTIONS;
use platc_sema::expr::names::visible;
use platc_sema::expr::{Seen, Ty};
use platc_sema::item::ItemId;
use platc_sema::project::{NodeAt, UnitId};
use platc_sema::words;
use platc_syntax::expr::{Expr, ExprKind, parse_expr, parse_template};
use platc_syntax::types::parse_type;
use platc_syntax::{Name, Node, Place, Value, is_bare, quoted};

use crate::describe::{signature, statement};
use crate::desk::{Desk, Spot};
use crate::handlers::Fault;
use crate::known::At;
use crate::sense::{Sense, Wants, What};
use crate::symbol::{WORDS, referred};

/// Fields of a call's local end.
const CALL_FIELDS: &[&str] = &["url", "address", "host", "port"];

/// `textDocument/completion`.
pub(crate) fn completion(
    desk: &Desk<'_>,
    params: &CompletionParams,
) -> Result<Option<CompletionResponse>, Fault> {
    let at = &params.text_document_position;
    let Some(spot) = desk.spot(&at.text_document.uri, at.position) else { return Ok(None) };
    let mut list = List {
        desk,
        spot: &spot,
        replaces: Span::new(spot.file(), spot.offset, spot.offset),
        items: Vec::new(),
    };
    list.fill();
    let mut seen = BTreeSet::new();
    list.items.retain(|item| seen.insert(item.label.clone()));
    Ok(Some(CompletionResponse::Array(list.items)))
}

struct List<'a> {
    desk: &'a Desk<'a>,
    spot: &'a Spot,
    /// What a choice replaces: the word under the cursor.
    replaces: Span,
    items: Vec<CompletionItem>,
}

/// One thing that could be typed.
struct Offer {
    label: String,
    kind: CompletionItemKind,
    /// What is put there, if not the label.
    insert: Option<String>,
    /// Whether that has places to fill in.
    snippet: bool,
    detail: Option<String>,
    doc: Option<String>,
    /// The likely ones come first.
    rank: u8,
}

impl Offer {
    fn new(label: impl Into<String>, kind: CompletionItemKind) -> Self {
        Self { label: label.into(), kind, insert: None, snippet: false, detail: None, doc: None, rank: 5 }
    }
}

impl List<'_> {
    fn add(&mut self, offer: Offer) {
        let Offer { label, kind, insert, snippet, detail, doc, rank } = offer;
        let snippet = snippet && self.desk.client().snippets;
        let new_text = match (insert, snippet) {
            (Some(insert), true) => insert,
            (Some(insert), false) => plain_of_snippet(&insert),
            (None, _) => label.clone(),
        };
        let documentation = doc
            .map(|value| Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value }));
        self.items.push(CompletionItem {
            sort_text: Some(format!("{rank}{label}")),
            filter_text: Some(label.clone()),
            label,
            kind: Some(kind),
            detail,
            documentation,
            insert_text_format: snippet.then_some(InsertTextFormat::SNIPPET),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit {
                range: self.spot.range(self.replaces),
                new_text,
            })),
            ..CompletionItem::default()
        });
    }

    fn fill(&mut self) {
        let spot = self.spot;
        match spot.tree().place_at(spot.offset) {
            Place::Comment | Place::Hidden | Place::Annotation => {}
            Place::NodeName { parent, node } => {
                if let Some(node) = node {
                    self.replaces = node.name_span();
                }
                match parent {
                    Some(parent) => self.children(spot.at(parent), node),
                    None => self.statements(None),
                }
            }
            Place::PropertyName { node, entry } => {
                self.replaces = entry.name_span().unwrap_or(self.replaces);
                let at = spot.at(node);
                self.properties(at, &spot.known.sense(at), Some(entry.span().start));
            }
            Place::Value { node, entry, value } => {
                let at = spot.at(node);
                let sense = spot.known.sense(at);
                let wants = spot.known.expected(&sense, at, entry).wants;
                self.value(at, &wants, value);
                let quoted = value.source().starts_with(['"', '#']);
                if !entry.is_property() && !quoted && wants != Wants::Name {
                    self.properties(at, &sense, Some(entry.span().start));
                }
            }
            Place::EntryStart { node } => {
                let at = spot.at(node);
                let sense = spot.known.sense(at);
                let before = node.args().filter(|arg| arg.span().end <= spot.offset).count();
                let wants = spot.known.expected_argument(&sense, at, before).wants;
                self.fresh_value(at, &wants);
                // Its name comes first.
                if wants != Wants::Name {
                    self.properties(at, &sense, None);
                }
            }
        }
    }

    // Nodes.

    fn statements(&mut self, holder: Option<&'static str>) {
        let types = &self.spot.known.analysis.types;
        let contained = |kind: &str| types.kinds().iter().any(|other| other.contains.contains(&kind));
        let kinds: Vec<&'static str> = match holder {
            Some(holder) => types.kind(holder).map(|kind| kind.contains.clone()).unwrap_or_default(),
            None => types.kinds().iter().map(|kind| kind.name).filter(|kind| !contained(kind)).collect(),
        };
        for kind in kinds {
            let doc = types.kind(kind).map(|ty| types.record(ty.record).doc.to_string());
            let mut offer = Offer::new(kind, CompletionItemKind::CLASS);
            (offer.doc, offer.rank) = (doc, 2);
            offer.insert = Some(self.snippet_of_kind(kind));
            offer.snippet = true;
            self.add(offer);
        }
        let words: &[&str] = if holder.is_some() { &["for"] } else { words::STATEMENTS };
        for word in words {
            let mut offer = Offer::new(*word, CompletionItemKind::KEYWORD);
            offer.doc = statement(word).map(str::to_owned);
            offer.rank = 4;
            self.add(offer);
        }
        self.templates();
    }

    fn templates(&mut self) {
        let known = &self.spot.known;
        let names: Vec<String> = known.analysis.index.templates.keys().map(ToString::to_string).collect();
        for name in names {
            let Some(template) = self.spot.known.template_named(&name, self.spot.source) else { continue };
            let mut offer = Offer::new(name, CompletionItemKind::CONSTRUCTOR);
            offer.doc = self.spot.known.at(template).node.doc();
            (offer.detail, offer.rank) = (Some("template".to_owned()), 3);
            self.add(offer);
        }
    }

    /// A declaration with the fields that it must have.
    fn snippet_of_kind(&self, kind: &str) -> String {
        let types = &self.spot.known.analysis.types;
        let Some(ty) = types.kind(kind) else { return kind.to_owned() };
        let record = types.record(ty.record);
        let required = record.fields.iter().filter(|field| {
            field.default.is_none()
                && !(field.optional || field.only)
                && matches!(field.role, Role::Plain)
                && !matches!(field.ty, Type::Record(id) if !self.needs_something(id))
        });
        let mut number = u32::from(ty.named);
        let mut lines = String::new();
        for field in required {
            number += 1;
            lines.push_str(&format!("    {} ${{{number}}}\n", field.name));
        }
        let name = if ty.named { " ${1:name}" } else { "" };
        if lines.is_empty() {
            format!("{kind}{name} $0")
        } else {
            format!("{kind}{name} {{\n{lines}    $0\n}}")
        }
    }

    /// Whether a record cannot be made of nothing.
    fn needs_something(&self, id: RecordId) -> bool {
        let record = self.spot.known.analysis.types.record(id);
        record.fields.iter().any(|field| {
            let given = field.optional || field.default.is_some() || field.only;
            !given && !matches!(field.role, Role::Each | Role::Fact | Role::Body)
        })
    }

    fn children(&mut self, at: At<'_>, typing: Option<Node<'_>>) {
        let sense = self.spot.known.sense(at);
        match &sense.what {
            What::Statement("template") => {
                self.statements(None);
                let inner = ["host", "rack", "param"];
                inner.iter().for_each(|word| self.add(Offer::new(*word, CompletionItemKind::CLASS)));
                return;
            }
            What::Statement("for") => return self.statements(sense.kind),
            What::Statement("test") => {
                for word in ["amend", "lose", "expect", "golden"] {
                    let mut offer = Offer::new(word, CompletionItemKind::KEYWORD);
                    offer.doc = statement(word).map(str::to_owned);
                    self.add(offer);
                }
                return;
            }
            _ => {}
        }
        self.params(&sense, at);
        let Some(record) = self.spot.known.fields_within(&sense, at) else { return };
        self.fields(record, at, typing);
        let own = sense.record == Some(record);
        let Some(kind) = sense.kind.filter(|_| own) else { return };
        let places = self.spot.known.analysis.types.kind(kind).is_some_and(|kind| kind.places.is_some());
        for word in words::INNER {
            if *word == "at" && (!places || sense.what == What::At) {
                continue;
            }
            let mut offer = Offer::new(*word, CompletionItemKind::KEYWORD);
            (offer.doc, offer.rank) = (statement(word).map(str::to_owned), 6);
            self.add(offer);
        }
        let contains =
            self.spot.known.analysis.types.kind(kind).is_some_and(|kind| !kind.contains.is_empty());
        if contains {
            self.statements(Some(kind));
        }
    }

    fn fields(&mut self, record: RecordId, at: At<'_>, typing: Option<Node<'_>>) {
        let known = std::sync::Arc::clone(&self.spot.known);
        let ty = known.analysis.types.record(record);
        let said = |field: &Field| {
            let name = &*field.name;
            let child = at
                .node
                .children()
                .any(|child| child.name() == name && typing.is_none_or(|typing| typing.id() != child.id()));
            child || at.node.prop(name).is_some()
        };
        for field in &ty.fields {
            let hidden = matches!(field.role, Role::Fact | Role::Body | Role::Key | Role::Keys);
            if hidden || (field.role != Role::Each && said(field)) {
                continue;
            }
            let required =
                field.default.is_none() && !field.optional && !field.only && field.role != Role::Each;
            let mut offer = Offer::new(&*field.name, CompletionItemKind::FIELD);
            offer.detail = Some(known.analysis.types.show(&field.ty));
            offer.doc = Some(known.about_field(record, field));
            offer.rank = if required { 1 } else { 2 };
            self.add(offer);
        }
    }

    fn params(&mut self, sense: &Sense, at: At<'_>) {
        for param in self.spot.known.params_of(sense, at) {
            let node = self.spot.known.at(param).node;
            let Some(name) = node.arg(0).and_then(Value::text) else { continue };
            let mut offer = Offer::new(name, CompletionItemKind::PROPERTY);
            offer.detail =
                node.prop("type").and_then(|prop| prop.value().text()).map(std::borrow::Cow::into_owned);
            (offer.doc, offer.rank) = (node.doc(), 1);
            self.add(offer);
        }
    }

    /// Properties that a node does not have yet; `typing` is where the one under the cursor begins.
    fn properties(&mut self, at: At<'_>, sense: &Sense, typing: Option<u32>) {
        let known = std::sync::Arc::clone(&self.spot.known);
        let has = |name: &str| {
            let own = |entry: &platc_syntax::Entry<'_>| {
                Some(entry.span().start) != typing && entry.name().is_some_and(|own| own == name)
            };
            at.node.props().any(|entry| own(&entry)) || at.node.child(name).is_some()
        };
        let fixed: &[&str] = match &sense.what {
            What::Statement("for") => &["in"],
            What::Statement("param") => &["type", "default"],
            What::TypeField => &["default", "min", "max", "length", "pattern", "one-of"],
            What::Expect => &["finding", "on"],
            What::Check => &["message"],
            _ => &[],
        };
        for name in fixed.iter().filter(|name| !has(name)) {
            self.property(name, None);
        }
        for param in known.params_of(sense, at) {
            let Some(name) = known.at(param).node.arg(0).and_then(Value::text) else { continue };
            if !has(&name) {
                self.property(&name, None);
            }
        }
        let Some(record) = sense.record.filter(|_| !matches!(sense.what, What::At | What::Operation)) else {
            return;
        };
        for field in &known.analysis.types.record(record).fields {
            let hidden = matches!(field.role, Role::Each | Role::Body | Role::Fact | Role::Key | Role::Keys);
            if !hidden && !has(&field.name) && one_value(&known.analysis.types, &field.ty) {
                self.property(&field.name, Some(known.about_field(record, field)));
            }
        }
    }

    fn property(&mut self, name: &str, doc: Option<String>) {
        let mut offer = Offer::new(name, CompletionItemKind::PROPERTY);
        (offer.doc, offer.rank) = (doc, 3);
        offer.insert = Some(format!("{name}="));
        self.add(offer);
    }

    // Values.

    /// A value where nothing is typed yet.
    fn fresh_value(&mut self, at: At<'_>, wants: &Wants) {
        self.of_wants(at, wants, Quotes::None);
    }

    fn value(&mut self, at: At<'_>, wants: &Wants, value: Value<'_>) {
        let map = value.source_map();
        let quotes = if value.source().starts_with('"') { Quotes::Inside } else { Quotes::None };
        if let Some(text) = value.text()
            && let Some(decoded) = map.decoded_at(self.spot.offset)
            && self.inside_expression(at, wants, value, &text, decoded)
        {
            return;
        }
        self.replaces = if quotes == Quotes::Inside { map.span() } else { value.span() };
        self.of_wants(at, wants, quotes);
    }

    fn of_wants(&mut self, at: At<'_>, wants: &Wants, quotes: Quotes) {
        match wants {
            Wants::Value(ty) => self.typed(ty, quotes),
            Wants::Kind => {
                let all = self.spot.known.analysis.types.kinds().iter().map(|kind| kind.name);
                let all: Vec<&str> = all.chain([words::WORKLOAD]).collect();
                all.into_iter().for_each(|kind| self.word(kind, CompletionItemKind::CLASS, quotes));
            }
            Wants::FieldName(record) => self.fields(*record, at, None),
            Wants::Place => self.references(&["cluster", "datacenter"], quotes),
            Wants::Anything => {
                let names: Vec<String> = self.spot.known.analysis.names.all().map(str::to_owned).collect();
                names.iter().for_each(|name| self.word(name, CompletionItemKind::REFERENCE, quotes));
            }
            Wants::Param(param) => self.given(*param, quotes),
            Wants::TypeExpr => self.type_names(quotes),
            Wants::Finding => {
                for code in platc_diag::Code::all() {
                    self.word(code.name(), CompletionItemKind::EVENT, quotes);
                }
            }
            Wants::Expression if quotes == Quotes::None => {
                let seen = self.spot.known.seen(at);
                self.names(seen, None);
            }
            Wants::Name | Wants::Expression | Wants::Path | Wants::Free => {}
        }
    }

    fn given(&mut self, param: NodeAt, quotes: Quotes) {
        let node = self.spot.known.at(param).node;
        let Some(written) = node.prop("type").map(platc_syntax::Entry::value) else { return };
        let parsed = parse_type(&written.text().unwrap_or_default(), &written.source_map());
        if let Some(kinds) = referred(&parsed.ty) {
            let kinds: Vec<&str> = kinds.iter().map(|kind| &**kind).collect();
            self.references(&kinds, quotes);
        } else if let platc_syntax::types::TypeKind::Name(name) = &parsed.ty.kind
            && let Some(scalar) = Scalar::find(name)
        {
            self.typed(&Type::Scalar(scalar), quotes);
        }
    }

    fn typed(&mut self, ty: &Type, quotes: Quotes) {
        match ty {
            Type::Words(choices) => {
                choices.iter().for_each(|word| self.word(word, CompletionItemKind::ENUM_MEMBER, quotes));
            }
            Type::Scalar(Scalar::Bool) if quotes == Quotes::None => {
                ["#true", "#false"]
                    .iter()
                    .for_each(|word| self.add(Offer::new(*word, CompletionItemKind::VALUE)));
            }
            Type::Scalar(scalar) => self.units(*scalar, quotes),
            Type::Ref(kinds) => {
                let kinds: Vec<&str> = kinds.iter().map(|kind| &**kind).collect();
                self.references(&kinds, quotes);
            }
            Type::TypeName => {
                let names: Vec<String> =
                    self.spot.known.analysis.index.types.keys().map(ToString::to_string).collect();
                names.iter().for_each(|name| self.word(name, CompletionItemKind::STRUCT, quotes));
            }
            Type::List(inner) | Type::Optional(inner) => self.typed(inner, quotes),
            Type::Union(types) => types.iter().for_each(|ty| self.typed(ty, quotes)),
            Type::Secret if quotes == Quotes::None => {
                let mut offer = Offer::new("${secret.…}", CompletionItemKind::SNIPPET);
                (offer.insert, offer.snippet) = (Some("\"\\${secret.$0}\"".to_owned()), true);
                self.add(offer);
            }
            _ => {}
        }
    }

    /// A number gets its units.
    fn units(&mut self, scalar: Scalar, quotes: Quotes) {
        let units: &[&str] = match scalar {
            Scalar::Cpu => &["m", ""],
            Scalar::Bytes => &["MiB", "GiB", "KiB", "TiB"],
            Scalar::Duration => &["ms", "s", "m", "h", "d"],
            Scalar::Percent => &["%"],
            Scalar::Rate => &["/s", "/m", "/h"],
            _ => return,
        };
        let typed = self.spot.known.slice(self.replaces).trim_matches('"').to_owned();
        let number: String = typed.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        if number.is_empty() {
            let like = scalar.like().trim_matches('"').to_owned();
            let mut offer = Offer::new(like, CompletionItemKind::UNIT);
            offer.detail = Some(scalar.noun().to_owned());
            offer.insert = (quotes == Quotes::None).then(|| scalar.like().to_owned());
            self.add(offer);
            return;
        }
        for unit in units {
            let text = format!("{number}{unit}");
            let mut offer = Offer::new(text.clone(), CompletionItemKind::UNIT);
            let bare = text.bytes().all(|byte| byte.is_ascii_digit());
            offer.insert = (quotes == Quotes::None && !bare).then(|| format!("\"{text}\""));
            offer.detail = Some(scalar.noun().to_owned());
            self.add(offer);
        }
    }

    fn references(&mut self, kinds: &[&str], quotes: Quotes) {
        let known = std::sync::Arc::clone(&self.spot.known);
        let unit = known.unit(self.spot.source);
        let seen = known.analysis.index.sees.get(unit.0 as usize).cloned().unwrap_or_default();
        for kind in kinds {
            for (id, item) in known.analysis.expanded.items.of_kind(kind) {
                if !seen.contains(&item.unit) && item.unit != UnitId::PLATFORM {
                    continue;
                }
                let mut offer = Offer::new(&*item.name, CompletionItemKind::REFERENCE);
                (offer.detail, offer.rank) = (Some((*kind).to_owned()), 1);
                offer.doc = known.about(&crate::symbol::Symbol::Item(id));
                offer.insert = written(&item.name, quotes);
                self.add(offer);
            }
        }
    }

    fn type_names(&mut self, quotes: Quotes) {
        for scalar in Scalar::ALL {
            let mut offer = Offer::new(scalar.word(), CompletionItemKind::TYPE_PARAMETER);
            offer.doc = Some(format!("{}, like `{}`", scalar.noun(), scalar.like()));
            offer.rank = 6;
            self.add(offer);
        }
        for word in ["list<>", "map<>", "ref<>", "secret", "any"] {
            self.word(word, CompletionItemKind::TYPE_PARAMETER, quotes);
        }
        let names: Vec<String> =
            self.spot.known.analysis.index.types.keys().map(ToString::to_string).collect();
        names.iter().for_each(|name| self.word(name, CompletionItemKind::STRUCT, quotes));
    }

    fn word(&mut self, word: &str, kind: CompletionItemKind, quotes: Quotes) {
        let mut offer = Offer::new(word, kind);
        (offer.insert, offer.rank) = (written(word, quotes), 1);
        self.add(offer);
    }

    // Expressions.

    /// Completes in `${…}`; false if the cursor is in none.
    fn inside_expression(
        &mut self,
        at: At<'_>,
        wants: &Wants,
        value: Value<'_>,
        text: &str,
        cursor: usize,
    ) -> bool {
        let before = text.get(..cursor).unwrap_or("");
        let open = before.rfind("${").filter(|open| {
            !before.get(*open..).unwrap_or("").contains('}')
                && !before.get(..*open).unwrap_or("").ends_with('$')
        });
        let map = value.source_map();
        let mut seen = self.spot.known.seen(at);
        if open.is_some() {
            let parsed = parse_template(text, &map);
            let offset = self.spot.offset;
            let expr = parsed.template.exprs().find(|expr| expr.span.touches(offset)).cloned();
            self.in_expression(seen, expr.as_ref());
            return true;
        }
        if *wants == Wants::Expression {
            if self.spot.known.sense(at).what == What::Check {
                seen.fields = self.spot.known.record_of_check(at);
            }
            let parsed = parse_expr(text, &map);
            self.in_expression(seen, Some(&parsed.expr));
            return true;
        }
        false
    }

    fn in_expression(&mut self, seen: Seen, expr: Option<&Expr>) {
        let offset = self.spot.offset;
        let path = expr.map(|expr| expr.at(offset)).unwrap_or_default();
        let locals = locals_of(&path);
        for expr in path.iter().rev() {
            match &expr.kind {
                ExprKind::Field { base, name } if name.span.touches(offset) => {
                    self.members(seen, base, name);
                    return;
                }
                ExprKind::Text(text) => {
                    let quoted = Span {
                        start: expr.span.start + 1,
                        end: expr.span.end.saturating_sub(1).max(expr.span.start + 1),
                        ..expr.span
                    };
                    let _ = text;
                    self.replaces = quoted;
                    self.places_of_call(&path);
                    return;
                }
                ExprKind::Name(_) => {
                    self.replaces = expr.span;
                    break;
                }
                _ => {}
            }
        }
        self.names(seen, Some(&locals));
    }

    /// `kafka.in('…')`.
    fn places_of_call(&mut self, path: &[&Expr]) {
        let call = path.iter().rev().find_map(|expr| match &expr.kind {
            ExprKind::Call { callee, .. } => callee.dotted_name(),
            _ => None,
        });
        if call.is_some_and(|parts| parts.last().is_some_and(|last| matches!(*last, "in" | "at"))) {
            self.references(&["cluster", "datacenter"], Quotes::Inside);
        }
    }

    fn names(&mut self, seen: Seen, locals: Option<&[String]>) {
        let known = std::sync::Arc::clone(&self.spot.known);
        for name in locals.into_iter().flatten() {
            let mut offer = Offer::new(name, CompletionItemKind::VARIABLE);
            offer.rank = 0;
            self.add(offer);
        }
        if let Some(record) = seen.fields {
            for field in &known.analysis.types.record(record).fields {
                let mut offer = Offer::new(&*field.name, CompletionItemKind::FIELD);
                (offer.detail, offer.rank) = (Some(known.analysis.types.show(&field.ty)), 0);
                self.add(offer);
            }
        }
        for (word, doc) in WORDS {
            let mut offer = Offer::new(*word, CompletionItemKind::KEYWORD);
            (offer.doc, offer.rank) = (Some((*doc).to_owned()), 2);
            self.add(offer);
        }
        for name in visible(&known.cx(), seen.scope) {
            let mut offer = Offer::new(name, CompletionItemKind::REFERENCE);
            if let platc_sema::link::Found::One(id) =
                known.cx().any_declaration(name, known.analysis.expanded.scopes.get(seen.scope).unit)
            {
                offer.detail = Some(known.item(id).kind.to_owned());
            }
            offer.rank = 1;
            self.add(offer);
        }
        for function in FUNCTIONS.iter().filter(|function| !function.name.contains('.')) {
            let mut offer = Offer::new(function.name, CompletionItemKind::FUNCTION);
            (offer.detail, offer.doc) = (Some(signature(function)), Some(function.doc.to_owned()));
            (offer.insert, offer.snippet, offer.rank) = (Some(format!("{}($0)", function.name)), true, 4);
            self.add(offer);
        }
    }

    fn members(&mut self, seen: Seen, base: &Expr, name: &Name) {
        self.replaces = name.span;
        let known = std::sync::Arc::clone(&self.spot.known);
        if let ExprKind::Name(binding) = &base.kind
            && let platc_sema::expr::names::Root::Let(at) =
                platc_sema::expr::names::root(&known.cx(), seen.scope, binding)
        {
            let children: Vec<String> =
                known.at(at).node.children().map(|child| child.name().into_owned()).collect();
            children.iter().for_each(|child| self.member(child, None));
        }
        match known.type_of(base, seen, &[]) {
            Ty::Item(kind, id) => self.members_of_item(kind, id),
            Ty::Value(ty) => self.members_of_value(&ty),
            Ty::Secrets => self.items_of("secret"),
            Ty::Kind(kind) => self.items_of(kind),
            Ty::Calls(owner) => self.calls_of(owner),
            Ty::Call(..) => CALL_FIELDS.iter().for_each(|field| self.member(field, None)),
            Ty::Members(id, _) => self.ports_of(id),
            Ty::Params => self.params_seen(seen),
            Ty::CidrFunctions => {
                for function in FUNCTIONS.iter().filter(|function| function.name.starts_with("cidr.")) {
                    let short = function.name.trim_start_matches("cidr.");
                    let mut offer = Offer::new(short, CompletionItemKind::FUNCTION);
                    (offer.detail, offer.doc) = (Some(signature(function)), Some(function.doc.to_owned()));
                    (offer.insert, offer.snippet) = (Some(format!("{short}($0)")), true);
                    self.add(offer);
                }
            }
            Ty::Unit(unit) => {
                let items = known.analysis.expanded.items.iter();
                let names: Vec<String> = items
                    .filter(|(_, item)| item.unit == unit)
                    .map(|(_, item)| item.name.to_string())
                    .collect();
                names.iter().for_each(|name| self.member(name, None));
            }
            _ => {}
        }
    }

    fn member(&mut self, name: &str, detail: Option<String>) {
        let mut offer = Offer::new(name, CompletionItemKind::FIELD);
        (offer.detail, offer.rank) = (detail, 1);
        self.add(offer);
    }

    fn members_of_item(&mut self, kind: &'static str, id: Option<ItemId>) {
        let known = std::sync::Arc::clone(&self.spot.known);
        match (kind, id) {
            ("secret", Some(id)) => {
                for keys in known.children_of(id, "keys") {
                    let texts = keys.node.args().filter_map(Value::text);
                    texts.for_each(|key| self.member(&key, Some("key".to_owned())));
                }
                return;
            }
            ("stateful", id) => {
                if let Some(id) = id {
                    self.ports_of(id);
                }
                ["primary", "replica", "addresses"].iter().for_each(|name| self.member(name, None));
            }
            ("datacenter" | "cluster", _) => self.member("hosts", Some("list<ref<host>>".to_owned())),
            _ => {}
        }
        self.member("name", Some("string".to_owned()));
        let place = known.analysis.types.kind(kind).and_then(|kind| kind.places);
        if place.is_some() {
            let mut offer = Offer::new("in", CompletionItemKind::METHOD);
            (offer.insert, offer.snippet) = (Some("in('$0')".to_owned()), true);
            offer.doc = Some("The same at another place.".to_owned());
            self.add(offer);
        }
        if let Some(kind) = known.analysis.types.kind(kind) {
            self.fields_of(kind.record);
        }
    }

    fn members_of_value(&mut self, ty: &Type) {
        match ty {
            Type::Record(id) => self.fields_of(*id),
            Type::Optional(inner) => self.members_of_value(inner),
            _ => {}
        }
    }

    fn fields_of(&mut self, record: RecordId) {
        let known = std::sync::Arc::clone(&self.spot.known);
        for field in &known.analysis.types.record(record).fields {
            let mut offer = Offer::new(&*field.name, CompletionItemKind::FIELD);
            offer.detail = Some(known.analysis.types.show(&field.ty));
            offer.doc = Some(known.about_field(record, field));
            offer.rank = 2;
            self.add(offer);
        }
    }

    fn items_of(&mut self, kind: &'static str) {
        let known = std::sync::Arc::clone(&self.spot.known);
        let names: Vec<String> = known.analysis.names.names_of(kind).map(str::to_owned).collect();
        names.iter().for_each(|name| self.member(name, Some(kind.to_owned())));
    }

    fn ports_of(&mut self, id: ItemId) {
        let known = std::sync::Arc::clone(&self.spot.known);
        for port in known.children_of(id, "port") {
            if let Some(name) = port.node.arg(0).and_then(Value::text) {
                self.member(&name, Some("port".to_owned()));
            }
        }
    }

    fn calls_of(&mut self, owner: ItemId) {
        let known = std::sync::Arc::clone(&self.spot.known);
        for call in known.children_of(owner, "calls") {
            let name = call.node.prop("as").map(platc_syntax::Entry::value).or_else(|| call.node.arg(0));
            if let Some(name) = name.and_then(Value::text) {
                self.member(&name, Some("call".to_owned()));
            }
        }
    }

    fn params_seen(&mut self, seen: Seen) {
        let known = std::sync::Arc::clone(&self.spot.known);
        for (_, scope) in known.analysis.expanded.scopes.chain(seen.scope) {
            for (name, param) in scope.params.iter().flatten() {
                let ty = known.at(param.declared).node.prop("type").and_then(|prop| prop.value().text());
                self.member(name, ty.map(std::borrow::Cow::into_owned));
            }
        }
    }
}

/// Whether the cursor is between quotes already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Inside,
}

/// How a word is put there, if not as it is.
fn written(word: &str, quotes: Quotes) -> Option<String> {
    (quotes == Quotes::None && !is_bare(word)).then(|| quoted(word).into_owned())
}

/// Names that comprehensions around the cursor introduce.
fn locals_of(path: &[&Expr]) -> Vec<String> {
    let names = path.iter().filter_map(|expr| match &expr.kind {
        ExprKind::Comprehension { variable, .. } => Some(variable.text.clone()),
        _ => None,
    });
    names.collect()
}

/// Whether a field can be said by one value.
fn one_value(types: &platc_model::types::Types, ty: &Type) -> bool {
    match ty {
        Type::Record(id) => {
            let fields = &types.record(*id).fields;
            fields.iter().any(|field| matches!(field.role, Role::Arg | Role::Args | Role::Key))
        }
        Type::Map(_) | Type::Any => false,
        _ => true,
    }
}

/// A snippet without its places to fill in, for clients that know none.
fn plain_of_snippet(snippet: &str) -> String {
    let first_line = snippet.split(" {\n").next().unwrap_or(snippet);
    let mut out = String::new();
    let mut rest = first_line;
    while let Some(at) = rest.find('$') {
        out.push_str(rest.get(..at).unwrap_or("").trim_end_matches('\\'));
        let escaped = rest.get(..at).is_some_and(|before| before.ends_with('\\'));
        rest = rest.get(at + 1..).unwrap_or("");
        if escaped {
            out.push('$');
        } else if let Some(after) = rest.strip_prefix('{') {
            rest = after.split_once('}').map_or("", |(_, after)| after);
        } else {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        }
    }
    out.push_str(rest);
    out.trim_end().to_owned()
}
