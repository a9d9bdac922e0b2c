//! One rule for what is said several times: scalars replace, records merge, named children merge by
//! name, lists replace unless appended to; and two different things on one level are a conflict.

use std::borrow::Cow;
use std::sync::Arc;

use platc_diag::{CodeRef, Diagnostic, Origin, Sourced, Span, codes};
use platc_model::types::{Field, RecordId, Role, Type};
use platc_model::{Record, Text, Value};
use platc_syntax::expr::has_expression;
use platc_syntax::{Node, Value as Written};

use super::collect::{Around, Op, Part, Said, Src, What, collect};
use super::{Checker, Known};
use crate::errors;
use crate::expr::{Asker, Evaluator, Place};
use crate::item::Item;
use crate::origins;

/// Children of one name: the key, where it is first written, and what is said, by part.
type Group<'c> = (Option<String>, Span, Vec<(usize, Part<'c>)>);

/// The field by which children with the same key are told apart: a service may be called on two ports.
const OTHER_NAME: &str = "as";

/// The record that a field belongs to, for messages.
#[derive(Clone, Copy)]
pub(super) struct Owner<'a> {
    /// Name of the type.
    pub(super) name: &'a str,
    /// Where it is written.
    pub(super) span: Span,
    /// Whether something in it could not be read, so that what is missing may be a consequence.
    pub(super) broken: bool,
}

impl<'c> Checker<'c, '_> {
    /// The record of an item.
    pub(super) fn item(&mut self, item: &Item, parts: &[Part<'c>], known: Option<Known<'_>>) -> Record {
        let Some(kind) = self.cx.types.kind(item.kind) else {
            unreachable!("an item's kind is one of stdlib/kinds")
        };
        let broken = item.layers.iter().any(|layer| self.cx.project.node(layer.node).is_broken());
        let name = if item.name.is_empty() { item.kind.to_owned() } else { item.name.to_string() };
        let owner = Owner { name: &name, span: item.name_span, broken };
        self.record_over(kind.record, &Around { kind: Some(kind), words: true }, owner, parts, known)
    }

    /// A record of that type, of what `parts` say.
    pub(super) fn record(
        &mut self,
        id: RecordId,
        around: &Around<'_>,
        owner: Owner<'_>,
        parts: &[Part<'c>],
    ) -> Record {
        self.record_over(id, around, owner, parts, None)
    }

    /// The same, where some of the parts were read before.
    fn record_over(
        &mut self,
        id: RecordId,
        around: &Around<'_>,
        owner: Owner<'_>,
        parts: &[Part<'c>],
        known: Option<Known<'_>>,
    ) -> Record {
        let types = self.cx.types;
        let ty = types.record(id);
        let before = self.problems.len();
        let said = collect(&self.cx, ty, around, parts, self.problems);
        // A value that has no place may be what is missing.
        let misplaced = self.problems.iter().skip(before).any(|problem| {
            [codes::E0303, codes::E0304].iter().any(|code| *problem.code() == CodeRef::Own(*code))
        });
        let owner = Owner { broken: owner.broken || misplaced, ..owner };
        let mut slots: Vec<Option<Sourced<Value>>> = Vec::with_capacity(ty.fields.len());
        let mut rest = said.as_slice();
        for (at, field) in ty.fields.iter().enumerate() {
            let here = rest.iter().take_while(|said| said.field == at).count();
            let (own, after) = rest.split_at(here);
            rest = after;
            let same = known.filter(|known| own.iter().all(|said| said.part < known.parts));
            let slot = match (field.role, same) {
                (Role::Fact, _) => None,
                (Role::Body, _) => Some(self.body(&slots, ty, owner, parts, own)),
                (_, Some(known)) => known.general.record.slots.get(at).cloned().flatten(),
                (_, None) => self.field(field, owner, own, parts),
            };
            slots.push(slot);
        }
        Record { ty: id, span: owner.span, slots }
    }

    fn field(
        &mut self,
        field: &Field,
        owner: Owner<'_>,
        said: &[Said<'c>],
        parts: &[Part<'c>],
    ) -> Option<Sourced<Value>> {
        if said.is_empty() {
            return self.unsaid(field, owner);
        }
        let said = self.without_removed(field, said);
        if field.role == Role::Each {
            return Some(self.each(field, owner, &said));
        }
        if said.is_empty() {
            return self.unsaid(field, owner);
        }
        let said = self.without_second(field, said);
        match &field.ty {
            Type::Record(id) => self.sub_record(field, *id, owner, &said, parts),
            Type::List(inner) => self.list(field, inner, &said),
            Type::Map(inner) => self.map(field, inner, &said),
            Type::Any => self.any_field(&said),
            // The one value of an amount has no name that an author would know.
            _ if &*field.name == "both" => {
                self.single(&Field { name: owner.name.into(), ..field.clone() }, &said)
            }
            _ => self.single(field, &said),
        }
    }

    /// What a field is that nobody speaks of.
    pub(super) fn unsaid(&mut self, field: &Field, owner: Owner<'_>) -> Option<Sourced<Value>> {
        if let Some(default) = &field.default {
            return Some(Origin::decided(&origins::KIND_DEFAULT, owner.span).of(default.clone()));
        }
        if field.role == Role::Each {
            return Some(Origin::decided(&origins::KIND_DEFAULT, owner.span).of(Value::List(Arc::default())));
        }
        if field.only
            && let Some(found) = self.only(field, owner)
        {
            return found;
        }
        if field.optional {
            return None;
        }
        if let Type::Record(id) = &field.ty
            && !self.needs_something(*id)
        {
            let record = self.record(*id, &Around { kind: None, words: true }, owner, &[]);
            let origin = Origin::decided(&origins::KIND_DEFAULT, owner.span);
            return Some(origin.of(Value::Record(Arc::new(record))));
        }
        if !owner.broken && !self.is_misspelt(field) {
            self.problems.push(errors::missing_field(owner.span, owner.name, field, self.cx.types));
        }
        None
    }

    /// Whether the item has a field of no meaning whose fix is this one's name: one mistake, told once.
    fn is_misspelt(&self, field: &Field) -> bool {
        let unknown = self.problems.iter().filter(|problem| *problem.code() == CodeRef::Own(codes::E0205));
        let mut fixes = unknown.flat_map(Diagnostic::fixes);
        fixes.any(|fix| fix.edits.iter().any(|edit| *edit.text == *field.name))
    }

    /// Whether a record cannot be made of nothing.
    fn needs_something(&self, id: RecordId) -> bool {
        self.cx.types.record(id).fields.iter().any(|field| {
            let inner = match &field.ty {
                Type::Record(inner) => self.needs_something(*inner),
                _ => true,
            };
            let given = field.optional || field.default.is_some() || field.only;
            inner && !given && !matches!(field.role, Role::Each | Role::Fact | Role::Body)
        })
    }

    /// The only declaration that there is stands in; with several, they are listed.
    fn only(&mut self, field: &Field, owner: Owner<'_>) -> Option<Option<Sourced<Value>>> {
        let (kind, list) = match &field.ty {
            Type::Ref(kinds) => (kinds.first()?, false),
            Type::List(inner) => match &**inner {
                Type::Ref(kinds) => (kinds.first()?, true),
                _ => return None,
            },
            _ => return None,
        };
        let count = self.cx.items.of_kind(kind).count();
        if count > 1 {
            let mut names: Vec<&str> = self.cx.items.of_kind(kind).map(|(_, item)| &*item.name).collect();
            names.dedup();
            // One that is declared twice was told so.
            if !owner.broken && names.len() > 1 {
                self.problems.push(errors::which_one(owner.span, owner.name, &field.name, kind, &names));
            }
            return Some(None);
        }
        let id = self.cx.items.only(kind)?;
        let eval = Evaluator::early(self.cx);
        let origin = Origin::decided(&origins::ONLY_ONE, owner.span);
        let value = eval.reference(id);
        Some(Some(origin.of(if list { Value::List([origin.of(value)].into()) } else { value })))
    }

    /// Leaves out what a higher level takes out.
    fn without_removed<'s>(&mut self, field: &Field, said: &'s [Said<'c>]) -> Cow<'s, [Said<'c>]> {
        if said.iter().all(|one| one.op != Op::Remove) {
            return Cow::Borrowed(said);
        }
        let mut kept: Vec<Said<'c>> = Vec::new();
        for one in said {
            if one.op != Op::Remove {
                kept.push(*one);
                continue;
            }
            let before = kept.len();
            if one.values().next().is_none() {
                kept.retain(|other| other.level >= one.level);
            } else if field.role == Role::Each || matches!(field.ty, Type::List(_) | Type::Map(_)) {
                // Named children, elements and entries are taken out where they are put together.
                kept.push(*one);
                continue;
            } else {
                self.problems.push(errors::nothing_by_name(one.span(), &field.name));
                continue;
            }
            if kept.len() == before {
                self.problems.push(errors::nothing_to_remove(
                    one.span(),
                    &field.name,
                    field.default.is_some(),
                ));
            }
        }
        Cow::Owned(kept)
    }

    /// A field that one node says twice. Only the first counts: both together would be a conflict, too.
    fn without_second<'s>(&mut self, field: &Field, said: Cow<'s, [Said<'c>]>) -> Cow<'s, [Said<'c>]> {
        if said.len() < 2 {
            return said;
        }
        let mut said = said.into_owned();
        let mut first: Option<Said<'c>> = None;
        said.retain(|one| {
            let again = first.filter(|first| first.part == one.part && one.op == Op::Set);
            if let Some(first) = again {
                self.problems.push(errors::said_twice(one.span(), &field.name, first.span()));
            } else if one.op == Op::Set {
                first = Some(*one);
            }
            again.is_none()
        });
        Cow::Owned(said)
    }

    fn single(&mut self, field: &Field, said: &[Said<'c>]) -> Option<Sourced<Value>> {
        for other in said.iter().filter(|said| said.op == Op::Append) {
            self.problems.push(errors::not_a_list(other.span(), &field.name));
        }
        let top = said.iter().rfind(|said| said.op == Op::Set)?;
        self.conflicts(field, said, top);
        // A level that is overruled is checked all the same: its mistakes would show up elsewhere.
        let written = self.one_value(field, top)?;
        let value = self.value(&field.name, &field.ty, &field.limits, written, top.scope, false)?;
        Some(Origin::written(written.span()).of(value))
    }

    /// Two different values on the highest level that speaks.
    pub(super) fn conflicts(&mut self, field: &Field, said: &[Said<'c>], top: &Said<'c>) {
        for other in said.iter().filter(|said| said.op == Op::Set) {
            let rival = other.level == top.level && other.part != top.part;
            if rival && !other.values().map(Written::source).eq(top.values().map(Written::source)) {
                self.problems.push(errors::conflict(top.span(), &field.name, other.span(), top.level));
            }
        }
    }

    /// The one value that a field takes.
    fn one_value(&mut self, field: &Field, said: &Said<'c>) -> Option<Written<'c>> {
        if let What::Node(node, _) = said.what {
            if let Some(child) = node.children().next() {
                self.problems.push(errors::unexpected_block(child.name_span(), &field.name));
                return None;
            }
            if let Some(prop) = node.props().next() {
                let name = prop.name().unwrap_or_default();
                self.problems.push(errors::unexpected_property(prop.span(), &field.name, &name));
            }
        }
        let mut values = said.values();
        match (values.next(), values.next()) {
            (Some(only), None) => Some(only),
            (Some(_), Some(second)) => {
                self.problems.push(errors::one_value_only(second.span(), &field.name));
                None
            }
            (None, _) => {
                let broken = matches!(said.what, What::Node(node, _) if node.is_broken());
                if !broken {
                    self.problems.push(errors::value_missing(said.span(), field, self.cx.types));
                }
                None
            }
        }
    }

    fn list(&mut self, field: &Field, inner: &Type, said: &[Said<'c>]) -> Option<Sourced<Value>> {
        let top = said.iter().rfind(|said| said.op == Op::Set);
        if let Some(top) = top {
            self.conflicts(field, said, top);
        }
        let before = self.problems.len();
        let mut items: Vec<Sourced<Value>> = Vec::new();
        let from = top.map(|top| top.level);
        let speaks = |one: &Said<'_>| match (one.op, from) {
            (Op::Set, _) => top.is_some_and(|top| std::ptr::eq(one, top)),
            (_, Some(from)) => one.level >= from,
            (_, None) => true,
        };
        for one in said.iter().filter(|one| speaks(one)) {
            match one.op {
                Op::Remove => self.remove_elements(field, one, &mut items),
                Op::Set | Op::Append => self.elements(field, inner, one, &mut items),
            }
        }
        let origin = top.or(said.last()).map_or(Origin::NONE, |said| Origin::written(said.span()));
        let value = Value::List(items.into());
        // An element that could not be read is missing for another reason.
        if self.problems.len() == before {
            self.length(field, &value, top.or(said.last())?.span());
        }
        Some(origin.of(value))
    }

    pub(super) fn length(&mut self, field: &Field, value: &Value, span: Span) {
        let limits = platc_model::types::Limits { length: field.limits.length, ..Default::default() };
        if !value.is_pending()
            && let Some(breach) = crate::literal::breach(value, &limits, &super::pattern_matches)
        {
            self.problems.push(errors::breach(span, &field.name, value, &breach));
        }
    }

    /// The elements that a statement gives: its arguments, or its children named `-`.
    fn elements(&mut self, field: &Field, inner: &Type, said: &Said<'c>, items: &mut Vec<Sourced<Value>>) {
        let limits = platc_model::types::Limits { length: None, ..field.limits.clone() };
        for written in said.values() {
            if let Type::Record(id) = inner {
                let part = self.part_of_value(written, said);
                let owner = Owner { name: &field.name, span: written.span(), broken: false };
                let record = self.record(*id, &Around { kind: None, words: true }, owner, &[part]);
                items.push(Origin::written(written.span()).of(Value::Record(Arc::new(record))));
            } else if let Some(value) = self.value(&field.name, inner, &limits, written, said.scope, true) {
                items.push(Origin::written(written.span()).of(value));
            }
        }
        let What::Node(node, _) = said.what else { return };
        for prop in node.props() {
            let name = prop.name().unwrap_or_default();
            self.problems.push(errors::unexpected_property(prop.span(), &field.name, &name));
        }
        for child in node.children() {
            if child.name() != "-" {
                self.problems.push(errors::element_needs_dash(child.name_span(), &field.name, &child.name()));
                continue;
            }
            let one = Said { what: What::Node(child, 0), ..*said };
            if let Some(value) = self.element(field, inner, &one) {
                items.push(Origin::written(child.header_span()).of(value));
            }
        }
    }

    fn element(&mut self, field: &Field, ty: &Type, said: &Said<'c>) -> Option<Value> {
        let one = Field {
            ty: ty.clone(),
            role: Role::Plain,
            limits: platc_model::types::Limits { length: None, ..field.limits.clone() },
            ..field.clone()
        };
        let owner = Owner { name: &field.name, span: said.span(), broken: false };
        self.field(&one, owner, std::slice::from_ref(said), &[]).map(|slot| slot.value)
    }

    fn remove_elements(&mut self, field: &Field, said: &Said<'c>, items: &mut Vec<Sourced<Value>>) {
        for written in said.values() {
            let text = written.text().unwrap_or_else(|| written.source().into());
            let before = items.len();
            items.retain(|item| item.value.to_string() != *text);
            if items.len() == before {
                self.problems.push(errors::nothing_to_remove(written.span(), &text, false));
            }
        }
        debug_assert!(!field.name.is_empty());
    }

    fn map(&mut self, field: &Field, inner: &Type, said: &[Said<'c>]) -> Option<Sourced<Value>> {
        let mut entries: Vec<(Text, Vec<Said<'c>>)> = Vec::new();
        for one in said {
            let node = match one.what {
                What::Node(node, _) => node,
                What::Value(_) | What::Rest(..) | What::Child(_) => {
                    self.problems.push(errors::map_wants_names(one.span(), &field.name));
                    continue;
                }
            };
            if one.op == Op::Remove {
                for key in one.values() {
                    let name = key.text().unwrap_or_default();
                    let before = entries.len();
                    entries.retain(|(own, _)| **own != *name);
                    if entries.len() == before {
                        self.problems.push(errors::nothing_to_remove(key.span(), &name, false));
                    }
                }
                continue;
            }
            if let Some(arg) = node.args().next() {
                self.problems.push(errors::map_wants_names(arg.span(), &field.name));
            }
            let props = node.props().map(|prop| (prop.name().unwrap_or_default(), What::Value(prop.value())));
            let children = node.children().map(|child| (child.name(), What::Node(child, 0)));
            for (name, what) in props.chain(children) {
                let said = Said { what, ..*one };
                match entries.iter_mut().find(|(own, _)| **own == *name) {
                    Some((_, all)) => all.push(said),
                    None => entries.push((name.as_ref().into(), vec![said])),
                }
            }
        }
        let mut values = Vec::new();
        for (name, said) in entries {
            let one =
                Field { name: Text::clone(&name), ty: inner.clone(), role: Role::Plain, ..field.clone() };
            let owner = Owner {
                name: &field.name,
                span: said
                    .first()
                    .map_or(Origin::NONE.span(), |s| Some(s.span()))
                    .unwrap_or_else(|| Span::start_of(platc_diag::FileId(0))),
                broken: false,
            };
            if let Some(value) = self.field(&one, owner, &said, &[]) {
                values.push((name, value));
            }
        }
        let span = said.last()?.span();
        Some(Origin::written(span).of(Value::Map(values.into())))
    }

    /// A record inside of a record: everything that is said about it, on all levels, merges.
    fn sub_record(
        &mut self,
        field: &Field,
        id: RecordId,
        owner: Owner<'_>,
        said: &[Said<'c>],
        parts: &[Part<'c>],
    ) -> Option<Sourced<Value>> {
        let top = said.last()?;
        if top.op == Op::Set
            && let Some(only) = top.only_value()
            && let Some(value) = self.whole_record(field, id, only, top)
        {
            return value;
        }
        let inner: Vec<Part<'c>> = said.iter().map(|one| self.part_of(one, parts)).collect();
        let broken = said.iter().any(|one| matches!(one.what, What::Node(node, _) if node.is_broken()));
        let owner = Owner { name: &field.name, span: top.span(), broken: owner.broken || broken };
        let before = self.problems.len();
        let record = self.record(id, &Around { kind: None, words: true }, owner, &inner);
        // An amount that could not be read is no missing amount.
        if self.problems.len() == before {
            self.check_amounts(id, &record, top.span());
        }
        Some(Origin::written(top.span()).of(Value::Record(Arc::new(record))))
    }

    /// `${…}` where a record is wanted, and no `let` with a block and no argument: the value itself must be
    /// such a record.
    fn whole_record(
        &mut self,
        field: &Field,
        id: RecordId,
        written: Written<'c>,
        top: &Said<'c>,
    ) -> Option<Option<Sourced<Value>>> {
        let text = written.text().filter(|text| has_expression(text))?;
        let takes_argument = self
            .cx
            .types
            .record(id)
            .arguments()
            .any(|(_, field)| matches!(field.role, Role::Arg | Role::Args));
        if takes_argument || self.block_of_let(&text, written, top.scope).is_some() {
            return None;
        }
        let value = self.value(&field.name, &Type::Record(id), &field.limits, written, top.scope, false);
        Some(value.map(|value| Origin::written(written.span()).of(value)))
    }

    fn part_of(&self, said: &Said<'c>, parts: &[Part<'c>]) -> Part<'c> {
        let lenient = parts.get(said.part).is_some_and(|part| part.lenient);
        let part =
            |src: Src<'c>| Part { src, scope: said.scope, level: said.level, params_of: None, lenient };
        match said.what {
            What::Value(value) => Part { lenient, ..self.part_of_value(value, said) },
            What::Node(node, skip) => {
                match node.arg(skip).filter(|_| node.arg(skip + 1).is_none() && !node.has_block()) {
                    Some(only) if node.props().next().is_none() => {
                        Part { lenient, ..self.part_of_value(only, said) }
                    }
                    _ => part(Src::Node { node, skip }),
                }
            }
            What::Rest(node, from) => part(Src::Node { node, skip: from }),
            What::Child(node) => part(Src::Node { node, skip: 0 }),
        }
    }

    /// A value where a record is wanted: `${let}` stands for the block of the `let`.
    fn part_of_value(&self, value: Written<'c>, said: &Said<'c>) -> Part<'c> {
        let plain = Part {
            src: Src::Value(value),
            scope: said.scope,
            level: said.level,
            params_of: None,
            lenient: false,
        };
        let Some(text) = value.text().filter(|text| has_expression(text)) else { return plain };
        match self.block_of_let(&text, value, said.scope) {
            Some((node, scope)) => Part { src: Src::Block { node }, scope, ..plain },
            None => plain,
        }
    }

    /// Children that are told apart by a key, or just listed.
    fn each(&mut self, field: &Field, owner: Owner<'_>, said: &[Said<'c>]) -> Sourced<Value> {
        let Type::Record(id) = field.ty else { unreachable!("a test holds that `each` is of a record") };
        let ty = self.cx.types.record(id);
        let key_role = ty.key().map(|(_, key)| key.role);
        let mut groups: Vec<Group<'c>> = Vec::new();
        for one in said {
            let What::Node(node, skip) = one.what else { continue };
            if one.op == Op::Remove {
                self.remove_children(field, one, &mut groups);
                continue;
            }
            let part = |src: Src<'c>| Part {
                src,
                scope: one.scope,
                level: one.level,
                params_of: None,
                lenient: false,
            };
            let keys: Vec<(usize, Written<'c>)> = match key_role {
                Some(Role::Keys) => node.args().enumerate().skip(skip).collect(),
                Some(_) => node.args().enumerate().skip(skip).take(1).collect(),
                None => {
                    groups.push((None, node.header_span(), vec![(one.part, part(Src::Node { node, skip }))]));
                    continue;
                }
            };
            if keys.is_empty() && !node.is_broken() {
                self.problems.push(errors::name_missing(node.name_span(), &field.name));
            }
            for (arg, key) in keys {
                let Some(text) = self.key_text(key, one) else { continue };
                let text = if ty.field(OTHER_NAME).is_some() {
                    self.other_name(node, one).or_else(|| only_of(&groups, &text, one.part)).unwrap_or(text)
                } else {
                    text
                };
                let src = if key_role == Some(Role::Keys) {
                    Src::Keyed { node, arg }
                } else {
                    Src::Node { node, skip }
                };
                match groups.iter_mut().find(|(own, ..)| own.as_deref() == Some(text.as_str())) {
                    Some((_, first, parts)) if parts.iter().any(|(number, _)| *number == one.part) => {
                        let first = *first;
                        self.problems.push(errors::declared_twice(key.span(), &field.name, &text, first));
                    }
                    Some((_, _, parts)) => parts.push((one.part, part(src))),
                    None => groups.push((Some(text), key.span(), vec![(one.part, part(src))])),
                }
            }
        }
        let mut children = Vec::new();
        for (key, span, parts) in groups {
            let parts: Vec<Part<'c>> = parts.into_iter().map(|(_, part)| part).collect();
            let named = key.as_deref().unwrap_or(&field.name).to_owned();
            let broken =
                parts.iter().any(|part| matches!(part.src, Src::Node { node, .. } if node.is_broken()));
            let inner = Owner { name: &named, span, broken: owner.broken || broken };
            let record = self.record(id, &Around { kind: None, words: true }, inner, &parts);
            children.push(Origin::written(span).of(Value::Record(Arc::new(record))));
        }
        let span = said.last().map_or(owner.span, Said::span);
        Origin::written(span).of(Value::List(children.into()))
    }

    /// The name by which a child is known instead of its key: two calls of one service are told apart by it.
    fn other_name(&mut self, node: Node<'c>, said: &Said<'c>) -> Option<String> {
        let prop = node.prop(OTHER_NAME).map(platc_syntax::Entry::value);
        let child = || node.child(OTHER_NAME)?.arg(0);
        self.key_text(prop.or_else(child)?, said)
    }

    fn remove_children(&mut self, field: &Field, said: &Said<'c>, groups: &mut Vec<Group<'c>>) {
        for key in said.values() {
            let Some(text) = self.key_text(key, said) else { continue };
            let before = groups.len();
            let text = only_of(groups, &text, usize::MAX).unwrap_or(text);
            groups.retain(|(own, ..)| own.as_deref() != Some(text.as_str()));
            if groups.len() == before {
                self.problems.push(errors::nothing_to_remove(key.span(), &text, false));
            }
        }
        debug_assert!(!field.name.is_empty());
    }

    /// The text of a key. It may be an expression of parameters, but not of other values.
    fn key_text(&mut self, key: Written<'c>, said: &Said<'c>) -> Option<String> {
        let asker =
            Asker { scope: said.scope, owner: Some(self.owner), place: Place::default(), locals: Vec::new() };
        match Evaluator::early(self.cx).literal(key, &asker) {
            Ok(value) => value.as_text(),
            Err(problem) => {
                if !errors::is_reported(&problem) {
                    self.problems.push(problem);
                }
                None
            }
        }
    }

    /// One value stands for request and limit, or each is said by name.
    fn check_amounts(&mut self, id: RecordId, record: &Record, span: Span) {
        let ty = self.cx.types.record(id);
        if !matches!(&*ty.name, "CpuAmount" | "MemoryAmount" | "InitMemory") {
            return;
        }
        let slot = |name: &str| ty.field(name).and_then(|(at, _)| record.slots.get(at)?.as_ref());
        let (both, request, limit) = (slot("both"), slot("request"), slot("limit"));
        if let (Some(_), Some(named)) = (both, request.or(limit)) {
            self.problems.push(errors::amount_twice(named.origin.span().unwrap_or(span), span));
        }
        if both.is_none() && request.is_none() && limit.is_none() {
            self.problems.push(errors::amount_missing(span));
        }
        if let (Some(request), Some(limit)) = (request, limit)
            && crate::literal::order(request, limit) == Some(std::cmp::Ordering::Greater)
        {
            self.problems.push(errors::request_above_limit(
                request.origin.span().unwrap_or(span),
                request,
                limit,
            ));
        }
    }
}

/// The name of the only child with that key among what other parts say: whoever changes it from elsewhere need
/// not know what else it is called.
fn only_of(groups: &[Group<'_>], key: &str, part: usize) -> Option<String> {
    let is_of = |src: &Src<'_>| match src {
        Src::Node { node, skip } => {
            node.arg(*skip).and_then(platc_syntax::Value::text).is_some_and(|own| own == *key)
        }
        _ => false,
    };
    let has = |parts: &[(usize, Part<'_>)]| parts.iter().any(|(own, said)| *own != part && is_of(&said.src));
    let mut found = groups.iter().filter(|(_, _, parts)| has(parts));
    let only = found.next()?;
    if found.next().is_some() { None } else { only.0.clone() }
}
