//! Bodies: the free part of a node. With a `type` it is a record like any other; without one it is kept
//! as it is written, by the rules that the language reference gives for configs:
//!
//! - one argument is that value, several are a list, children are values by name;
//! - children named `-` are the elements of a list; properties are values by name, too;
//! - `(array)` and `(object)` before a name say what a node with one argument or none is, as JSON-in-KDL
//!   has it.

use std::sync::Arc;

use platc_diag::{Origin, Sourced};
use platc_model::types::{Limits, RecordType, Type};
use platc_model::{Text, Value};
use platc_syntax::Node;

use super::Checker;
use super::collect::{Around, Part, Said, Src, What};
use super::record::Owner;
use crate::errors;
use crate::link::Found;
use crate::shapes::Named;

/// What a node is as a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    Scalar,
    List,
    Map,
    Nothing,
}

impl<'c> Checker<'c, '_> {
    /// The body of a record: by the type that the record names, else as it is written.
    pub(super) fn body(
        &mut self,
        slots: &[Option<Sourced<Value>>],
        ty: &RecordType,
        owner: Owner<'_>,
        parts: &[Part<'c>],
        said: &[Said<'c>],
    ) -> Sourced<Value> {
        let origin = Origin::written(said.last().map_or(owner.span, Said::span));
        let slot_of = |wanted: &Type| {
            ty.fields
                .iter()
                .zip(slots)
                .find(|(field, _)| field.ty == *wanted)
                .and_then(|(_, slot)| slot.as_ref())
        };
        let named = match slot_of(&Type::TypeName).map(|slot| &slot.value) {
            Some(Value::Text(name)) => Some(name),
            _ => None,
        };
        let named = named.map(|name| (name, self.named_type(name, parts)));
        let file = ty.field("from").and_then(|(at, _)| slots.get(at)?.as_ref());
        if let Some(file) = file
            && let Value::Text(path) = &file.value
        {
            if let Some(first) = said.first() {
                self.problems
                    .push(errors::config_twice(first.span(), file.origin.span().unwrap_or(owner.span)));
            }
            let id = match named {
                Some((_, Some(Named::Record(id)))) => Some(*id),
                _ => None,
            };
            let at = file.origin.span().unwrap_or(owner.span);
            let scope = parts.last().map_or(crate::item::ScopeId(0), |part| part.scope);
            let value = self.config_in_file(path, at, scope, id, owner);
            return value.unwrap_or_else(|| origin.of(Value::Null));
        }
        let Some((name, named)) = named else {
            let children: Vec<Said<'c>> = said.to_vec();
            return origin.of(self.any_map(&children));
        };
        match named {
            Some(Named::Record(id)) => {
                let blocks: Vec<Part<'c>> = parts.iter().filter_map(block_of).collect();
                let owner = Owner { name, ..owner };
                let record = self.record(*id, &Around { kind: None, words: true }, owner, &blocks);
                origin.of(Value::Record(Arc::new(record)))
            }
            Some(Named::Alias(_)) => {
                self.problems.push(errors::type_without_fields(owner.span, name));
                origin.of(Value::Null)
            }
            None => origin.of(Value::Null),
        }
    }

    /// The author's type of that name, as one of the parts sees it.
    fn named_type(&self, name: &Text, parts: &[Part<'c>]) -> Option<&'c Named> {
        parts.iter().find_map(|part| match self.cx.user_type(name, self.cx.scopes.get(part.scope).unit) {
            Found::One(at) => self.cx.user.named.get(&at),
            _ => None,
        })
    }

    /// A field of any type, that is no body.
    pub(super) fn any_field(&mut self, said: &[Said<'c>]) -> Option<Sourced<Value>> {
        self.any_value(said)
    }

    /// Values by name, of the children on all levels.
    fn any_map(&mut self, said: &[Said<'c>]) -> Value {
        let mut groups: Vec<(Text, Vec<Said<'c>>)> = Vec::new();
        for one in said {
            match one.what {
                What::Child(node) => {
                    add(&mut groups, &node.name(), Said { what: What::Node(node, 0), ..*one });
                }
                What::Node(node, _) => {
                    for prop in node.props() {
                        let what = What::Value(prop.value());
                        add(&mut groups, &prop.name().unwrap_or_default(), Said { what, ..*one });
                    }
                    for child in node.children() {
                        add(&mut groups, &child.name(), Said { what: What::Node(child, 0), ..*one });
                    }
                }
                What::Value(_) | What::Rest(..) => {}
            }
        }
        let mut entries = Vec::new();
        for (name, said) in groups {
            if let Some(value) = self.any_value(&said) {
                entries.push((name, value));
            }
        }
        Value::Map(entries.into())
    }

    fn any_value(&mut self, said: &[Said<'c>]) -> Option<Sourced<Value>> {
        let top = said.last()?;
        for other in said.iter().rev().skip(1).filter(|other| other.level == top.level) {
            let name = match top.what {
                What::Node(node, _) => node.name().into_owned(),
                _ => String::new(),
            };
            if other.part == top.part {
                self.problems.push(errors::said_twice(top.span(), &name, other.span()));
            } else if form(other) != Form::Map || form(top) != Form::Map {
                self.problems.push(errors::conflict(top.span(), &name, other.span(), top.level));
            }
        }
        let origin = Origin::written(top.span());
        let value = match (form(top), top.what) {
            (Form::Map, _) => {
                let maps: Vec<Said<'c>> = said.iter().filter(|one| form(one) == Form::Map).copied().collect();
                self.mixed(top);
                self.any_map(&maps)
            }
            (Form::List, _) => self.any_list(top),
            (Form::Nothing, _) => {
                self.problems.push(errors::config_without_value(top.span()));
                return None;
            }
            (Form::Scalar, _) => {
                let written = top.values().next()?;
                let name: Text = "value".into();
                let value = self.value(&name, &Type::Any, &Limits::default(), written, top.scope, false)?;
                return Some(Origin::written(written.span()).of(value));
            }
        };
        Some(origin.of(value))
    }

    /// Arguments beside names: which of them counts?
    fn mixed(&mut self, said: &Said<'c>) {
        if let What::Node(node, skip) = said.what
            && let Some(arg) = node.arg(skip)
        {
            self.problems.push(errors::config_mixed(arg.span()));
        }
    }

    fn any_list(&mut self, said: &Said<'c>) -> Value {
        let mut items = Vec::new();
        let name: Text = "value".into();
        for written in said.values() {
            if let Some(value) = self.value(&name, &Type::Any, &Limits::default(), written, said.scope, true)
            {
                items.push(Origin::written(written.span()).of(value));
            }
        }
        if let What::Node(node, _) = said.what {
            for child in node.children() {
                if child.name() == "-" {
                    let one = Said { what: What::Node(child, 0), ..*said };
                    items.extend(self.any_value(std::slice::from_ref(&one)));
                } else {
                    self.problems.push(errors::config_mixed(child.name_span()));
                }
            }
        }
        Value::List(items.into())
    }
}

fn add<'p>(groups: &mut Vec<(Text, Vec<Said<'p>>)>, name: &str, said: Said<'p>) {
    match groups.iter_mut().find(|(own, _)| **own == *name) {
        Some((_, all)) => all.push(said),
        None => groups.push((name.into(), vec![said])),
    }
}

fn block_of<'p>(part: &Part<'p>) -> Option<Part<'p>> {
    match part.src {
        Src::Node { node, .. } | Src::Keyed { node, .. } | Src::Block { node } => {
            Some(Part { src: Src::Block { node }, params_of: None, ..*part })
        }
        Src::Value(_) => None,
    }
}

fn form(said: &Said<'_>) -> Form {
    let node: Node<'_> = match said.what {
        What::Value(_) => return Form::Scalar,
        What::Rest(..) => return Form::List,
        What::Node(node, _) | What::Child(node) => node,
    };
    let skip = if let What::Node(_, skip) = said.what { skip } else { 0 };
    match node.type_annotation().map(|annotation| annotation.name().into_owned()).as_deref() {
        Some("array") => return Form::List,
        Some("object") => return Form::Map,
        _ => {}
    }
    let args = node.args().skip(skip).count();
    let dashes = node.children().next().is_some_and(|child| child.name() == "-");
    let named = node.props().next().is_some() || (!dashes && node.children().next().is_some());
    match args {
        _ if named => Form::Map,
        _ if dashes => Form::List,
        0 if node.has_block() => Form::Map,
        0 => Form::Nothing,
        1 => Form::Scalar,
        _ => Form::List,
    }
}
