//! Configs that are taken from a YAML file: the same types, limits and expressions as in a block, with
//! findings that point into the file.
//!
//! Not here: reading YAML (`yaml`).
//!
//! Start with [`Checker::config_in_file`].

use std::sync::Arc;

use platc_diag::{Origin, Sourced, Span};
use platc_model::types::{Field, Limits, RecordId, Type};
use platc_model::{Record, Text, Value};
use platc_syntax::expr::{has_expression, parse_template};
use platc_syntax::{Literal, Node, SourceMap};

use super::Checker;
use super::record::Owner;
use crate::cx::Cx;
use crate::errors;
use crate::item::ScopeId;
use crate::yaml::{What, Yaml, parse};

/// Reads the files of configs in the order of the declarations, so that their numbers, and with them the
/// order of findings, do not depend on threads.
pub(super) fn warm(cx: Cx<'_>) {
    for (_, item) in cx.items.iter() {
        for layer in &item.layers {
            config_files(cx, cx.project.node(layer.node));
        }
    }
}

fn config_files(cx: Cx<'_>, node: Node<'_>) {
    for child in node.children() {
        match child.name().as_ref() {
            "at" => config_files(cx, child),
            "config" => {
                let properties = child.props().filter(|prop| prop.name().is_some_and(|name| name == "from"));
                let fields =
                    child.children().filter(|field| field.name() == "from").filter_map(|field| field.arg(0));
                for written in properties.map(platc_syntax::Entry::value).chain(fields) {
                    if let Some(path) = written.text() {
                        // Whether it can be read is said where it is used.
                        let _ = cx.assets.text(written.span().file, &path);
                    }
                }
            }
            _ => {}
        }
    }
}

impl<'c> Checker<'c, '_> {
    /// The value of a config from the file of that path, as a record if it has a type.
    pub(super) fn config_in_file(
        &mut self,
        path: &Text,
        at: Span,
        scope: ScopeId,
        ty: Option<RecordId>,
        owner: Owner<'_>,
    ) -> Option<Sourced<Value>> {
        let (file, text) = match self.cx.assets.text(at.file, path) {
            Ok(found) => found,
            Err(reason) => {
                self.problems.push(errors::asset_unreadable(at, path, &reason));
                return None;
            }
        };
        let yaml = match parse(file, &text) {
            Ok(yaml) => yaml,
            Err(problem) => {
                self.problems.push(problem);
                return None;
            }
        };
        let ty = ty.map_or(Type::Any, Type::Record);
        let limits = Limits::default();
        let value = match &yaml.what {
            What::Map(entries) => match &ty {
                Type::Record(id) => {
                    let owner = Owner { span: at, ..owner };
                    Value::Record(Arc::new(self.yaml_record(*id, entries, yaml.span, owner, scope)))
                }
                _ => self.yaml_value(&"value".into(), &ty, &limits, &yaml, scope)?,
            },
            _ => {
                self.problems.push(errors::yaml_no_map(yaml.span));
                return None;
            }
        };
        Some(Origin::written(yaml.span).of(value))
    }

    fn yaml_record(
        &mut self,
        id: RecordId,
        entries: &[(String, Span, Yaml)],
        span: Span,
        owner: Owner<'_>,
        scope: ScopeId,
    ) -> Record {
        let ty = self.cx.types.record(id);
        for (name, at, _) in entries {
            if ty.field(name).is_none() {
                let what = format!("`{}`", ty.name);
                self.problems.push(errors::unknown_field(
                    *at,
                    &what,
                    name,
                    ty.written_names().collect(),
                    &|near| entries.iter().any(|(own, ..)| own == near),
                ));
            }
        }
        let mut slots = Vec::with_capacity(ty.fields.len());
        for field in &ty.fields {
            let said = entries.iter().find(|(name, _, yaml)| **name == *field.name && !is_null(yaml));
            slots.push(match said {
                Some((_, _, yaml)) => self.yaml_field(field, yaml, scope),
                None => self.unsaid(field, owner),
            });
        }
        Record { ty: id, span, slots }
    }

    fn yaml_field(&mut self, field: &Field, yaml: &Yaml, scope: ScopeId) -> Option<Sourced<Value>> {
        let value = self.yaml_value(&field.name, &field.ty, &field.limits, yaml, scope)?;
        if matches!(value, Value::List(_)) {
            self.length(field, &value, yaml.span);
        }
        Some(Origin::written(yaml.span).of(value))
    }

    fn yaml_value(
        &mut self,
        field: &Text,
        ty: &Type,
        limits: &Limits,
        yaml: &Yaml,
        scope: ScopeId,
    ) -> Option<Value> {
        match (ty, &yaml.what) {
            (Type::Optional(inner), _) if !is_null(yaml) => {
                self.yaml_value(field, inner, limits, yaml, scope)
            }
            (_, What::Scalar(literal)) => self.yaml_scalar(field, ty, limits, literal, yaml.span, scope),
            (Type::Record(id), What::Map(entries)) => {
                let owner = Owner { name: field, span: yaml.span, broken: false };
                Some(Value::Record(Arc::new(self.yaml_record(*id, entries, yaml.span, owner, scope))))
            }
            (Type::Map(inner), What::Map(entries)) => self.yaml_map(inner, limits, entries, scope),
            (Type::Any, What::Map(entries)) => self.yaml_map(&Type::Any, limits, entries, scope),
            (Type::List(inner), What::List(items)) => {
                let each = Limits { length: None, ..limits.clone() };
                Some(self.yaml_list(field, inner, &each, items, scope))
            }
            (Type::Any, What::List(items)) => Some(self.yaml_list(field, &Type::Any, limits, items, scope)),
            (_, what) => {
                let found = if matches!(what, What::Map(_)) { "a map" } else { "a list" };
                self.problems.push(errors::yaml_form(yaml.span, field, ty, self.cx.types, found));
                None
            }
        }
    }

    fn yaml_map(
        &mut self,
        inner: &Type,
        limits: &Limits,
        entries: &[(String, Span, Yaml)],
        scope: ScopeId,
    ) -> Option<Value> {
        let mut values = Vec::with_capacity(entries.len());
        for (name, _, yaml) in entries {
            let name: Text = name.as_str().into();
            if let Some(value) = self.yaml_value(&name, inner, limits, yaml, scope) {
                values.push((name, Origin::written(yaml.span).of(value)));
            }
        }
        Some(Value::Map(values.into()))
    }

    fn yaml_list(
        &mut self,
        field: &Text,
        inner: &Type,
        limits: &Limits,
        items: &[Yaml],
        scope: ScopeId,
    ) -> Value {
        let each = |yaml: &Yaml| {
            let value = self.yaml_value(field, inner, limits, yaml, scope)?;
            Some(Origin::written(yaml.span).of(value))
        };
        Value::List(items.iter().filter_map(each).collect())
    }

    fn yaml_scalar(
        &mut self,
        field: &Text,
        ty: &Type,
        limits: &Limits,
        literal: &Literal<'_>,
        span: Span,
        scope: ScopeId,
    ) -> Option<Value> {
        let Literal::Str(text) = literal else {
            return self.literal(field, ty, limits, literal, span, scope);
        };
        if !has_expression(text) {
            return self.literal(field, ty, limits, literal, span, scope);
        }
        let parsed = parse_template(text, &SourceMap::straight(span));
        if !parsed.problems.is_empty() {
            self.problems.extend(parsed.problems);
            return None;
        }
        match parsed.template.literal() {
            Some(plain) => {
                let literal = Literal::Str(plain.to_owned().into());
                self.literal(field, ty, limits, &literal, span, scope)
            }
            None => self.waiting(field, ty, limits, parsed.template, span, scope, false),
        }
    }
}

fn is_null(yaml: &Yaml) -> bool {
    matches!(yaml.what, What::Scalar(Literal::Null))
}
