//! [`Shape`]: a declaration of fields, read as it is written: `kind`, `record`, `mixin` in `stdlib/kinds`
//! and `type` in a platform. The checker makes types of shapes, code generation makes structs of them;
//! both read them here, so they cannot disagree on what a declaration says.
//!
//! Not here: whether it makes sense. A role that does not exist or a default of the wrong type is read
//! as it stands, and the checker has its say.
//!
//! Start with [`Shape::read`].

use std::borrow::Cow;

use platc_diag::Span;

use crate::{Node, Value};

/// A declaration of fields.
#[derive(Clone, Debug)]
pub struct Shape<'t> {
    /// The node that it is written as.
    pub node: Node<'t>,
    /// Its name; empty if it has none.
    pub name: Cow<'t, str>,
    /// Where its name is written, else the node's.
    pub name_span: Span,
    /// The text above it.
    pub doc: Option<String>,
    /// The type expression that it stands for, if it has no fields: `type Level debug|info`.
    pub alias: Option<Value<'t>>,
    /// Mixins whose fields come before its own.
    pub includes: Vec<Value<'t>>,
    /// Kinds that may be declared in it.
    pub contains: Vec<Value<'t>>,
    /// Its own fields.
    pub fields: Vec<FieldShape<'t>>,
    /// `check "…" message="…"`.
    pub checks: Vec<Node<'t>>,
    /// `example "…"`.
    pub examples: Vec<Node<'t>>,
}

/// A field as it is declared: `size int min=1 default=500`, or `batch { size int }`.
#[derive(Clone, Debug)]
pub struct FieldShape<'t> {
    /// The node that it is written as; its properties are what else is said of it.
    pub node: Node<'t>,
    /// Its name.
    pub name: Cow<'t, str>,
    /// The text above it.
    pub doc: Option<String>,
    /// How it is written, from the annotation before its name: `(arg)`, `(each)`, ….
    pub role: Option<(Cow<'t, str>, Span)>,
    /// Its type expression, if it is not a record of its own.
    pub ty: Option<Value<'t>>,
    /// Its fields, if it is a record of its own.
    pub record: Option<Shape<'t>>,
}

impl<'t> Shape<'t> {
    /// Reads a `kind`, `record`, `mixin` or `type` node.
    pub fn read(node: Node<'t>) -> Self {
        let mut shape = Self::of_block(node);
        if let Some(name) = node.arg(0) {
            shape.name = name.text().unwrap_or_default();
            shape.name_span = name.span();
        }
        shape.alias = node.arg(1);
        shape
    }

    /// Reads the block of a node, whose arguments mean something else.
    fn of_block(node: Node<'t>) -> Self {
        let mut shape = Self {
            node,
            name: Cow::Borrowed(""),
            name_span: node.name_span(),
            doc: node.doc(),
            alias: None,
            includes: Vec::new(),
            contains: Vec::new(),
            fields: Vec::new(),
            checks: Vec::new(),
            examples: Vec::new(),
        };
        for child in node.children() {
            match &*child.name() {
                "include" => shape.includes.extend(child.args()),
                "contains" => shape.contains.extend(child.args()),
                "example" => shape.examples.push(child),
                // A field may be named `check`, too: a rule is the one with a message.
                "check" if child.prop("message").is_some() => shape.checks.push(child),
                _ => shape.fields.push(FieldShape::read(child)),
            }
        }
        shape
    }

    /// The value of a property of the declaration.
    pub fn attribute(&self, name: &str) -> Option<Value<'t>> {
        self.node.prop(name).map(crate::Entry::value)
    }
}

impl<'t> FieldShape<'t> {
    fn read(node: Node<'t>) -> Self {
        Self {
            node,
            name: node.name(),
            doc: node.doc(),
            role: node.type_annotation().map(|annotation| (annotation.name(), annotation.span())),
            ty: node.arg(0),
            record: (node.has_block() && node.arg(0).is_none()).then(|| Shape::of_block(node)),
        }
    }

    /// The value of a property of the declaration.
    pub fn attribute(&self, name: &str) -> Option<Value<'t>> {
        self.node.prop(name).map(crate::Entry::value)
    }
}
