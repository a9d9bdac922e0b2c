//! Expressions: what stands between `${` and `}`, and in `check` and `expect`.
//!
//! Not here: what names mean and what types values have. Nothing is evaluated.
//!
//! Start with [`Expr`], the tree, and [`parse_template`] for a string with `${…}` in it. A broken
//! expression still gives a tree, with [`ExprKind::Error`] where something is missing: an editor completes
//! in it. No tree is deeper than [`limits::EXPRESSION_NESTING`](platc_diag::limits::EXPRESSION_NESTING),
//! so whoever walks one may recurse.

mod lex;
mod parse;
mod template;

use platc_diag::{Problems, Span};

use crate::name::Name;

pub use parse::parse_expr;
pub use template::{ParsedTemplate, Piece, Template, has_expression, parse_template};

/// An expression, with its place in the file.
#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it is written, without parentheses around it.
    pub span: Span,
}

/// The forms of an expression.
#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// A number with a fraction or an exponent.
    Float(f64),
    /// `'text'`, with its escapes resolved.
    Text(String),
    /// A name that stands alone. A dash belongs to it.
    Name(String),
    /// `base.name`.
    Field {
        /// What has the field.
        base: Box<Expr>,
        /// The field; its text is empty where it is missing.
        name: Name,
    },
    /// `base[index]`.
    Index {
        /// What is looked into.
        base: Box<Expr>,
        /// Number or key.
        index: Box<Expr>,
    },
    /// `callee(arguments)`.
    Call {
        /// A [`ExprKind::Name`] or [`ExprKind::Field`]; anything else was reported.
        callee: Box<Expr>,
        /// In order.
        arguments: Vec<Expr>,
        /// The parentheses with all between them.
        arguments_span: Span,
    },
    /// `!a` or `-a`.
    Unary {
        /// Which.
        op: UnaryOp,
        /// On what.
        operand: Box<Expr>,
    },
    /// `a + b` and the like.
    Binary {
        /// Which.
        op: BinaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// On the left.
        left: Box<Expr>,
        /// On the right.
        right: Box<Expr>,
    },
    /// `condition ? then : otherwise`.
    Conditional {
        /// Which of both.
        condition: Box<Expr>,
        /// If it is true.
        then: Box<Expr>,
        /// If it is false.
        otherwise: Box<Expr>,
    },
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `[element for variable in list if condition]`.
    Comprehension {
        /// What the new list is made of.
        element: Box<Expr>,
        /// The name of each item within `element` and `condition`.
        variable: Name,
        /// Where the items come from.
        list: Box<Expr>,
        /// Which of them count.
        condition: Option<Box<Expr>>,
    },
    /// Missing or unreadable, which was reported: it may be taken for anything.
    Error,
}

/// Operators before their operand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    /// `!`
    Not,
    /// `-`
    Negate,
}

/// Operators between their operands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BinaryOp {
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `&&`
    And,
    /// `||`
    Or,
}

/// What a text gives: an expression in any case, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct ParsedExpr {
    /// The expression, with [`ExprKind::Error`] where it cannot be read.
    pub expr: Expr,
    /// What is wrong with it.
    pub problems: Problems,
}

impl UnaryOp {
    /// As it is written.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Not => "!",
            Self::Negate => "-",
        }
    }
}

impl BinaryOp {
    /// As it is written.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::And => "&&",
            Self::Or => "||",
        }
    }

    /// How tightly it binds; more is tighter. Equals are read from the left.
    pub const fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Equal | Self::NotEqual => 3,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => 4,
            Self::Add | Self::Subtract => 5,
            Self::Multiply | Self::Divide | Self::Remainder => 6,
        }
    }

    /// Whether it gives a truth value by comparing: two in a row are a mistake.
    pub const fn is_comparison(self) -> bool {
        matches!(self.precedence(), 3 | 4)
    }
}

impl Expr {
    /// The expressions that this one is made of, in the order of the text.
    pub fn children(&self) -> Vec<&Self> {
        match &self.kind {
            ExprKind::Null | ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Float(_) => Vec::new(),
            ExprKind::Text(_) | ExprKind::Name(_) | ExprKind::Error => Vec::new(),
            ExprKind::Field { base, .. } => vec![base],
            ExprKind::Index { base, index } => vec![base, index],
            ExprKind::Call { callee, arguments, .. } => {
                std::iter::once(callee.as_ref()).chain(arguments).collect()
            }
            ExprKind::Unary { operand, .. } => vec![operand],
            ExprKind::Binary { left, right, .. } => vec![left, right],
            ExprKind::Conditional { condition, then, otherwise } => vec![condition, then, otherwise],
            ExprKind::List(items) => items.iter().collect(),
            ExprKind::Comprehension { element, list, condition, .. } => {
                let condition = condition.iter().map(AsRef::as_ref);
                [element.as_ref(), list.as_ref()].into_iter().chain(condition).collect()
            }
        }
    }

    /// Calls `visit` with this expression and all within it, each before its children.
    pub fn walk<'e>(&'e self, visit: &mut impl FnMut(&'e Self)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }

    /// The expressions that cover a cursor at `offset` of the file, from the outermost to the innermost.
    pub fn at(&self, offset: u32) -> Vec<&Self> {
        let mut path = Vec::new();
        let mut next = Some(self).filter(|expr| expr.span.touches(offset));
        while let Some(expr) = next {
            path.push(expr);
            // Between two that touch, the one on the left is being typed.
            next = expr.children().into_iter().find(|child| child.span.touches(offset));
        }
        path
    }

    /// The dotted name that this is, as in `kafka.broker`; `None` if it is anything else.
    pub fn dotted_name(&self) -> Option<Vec<&str>> {
        match &self.kind {
            ExprKind::Name(name) => Some(vec![name]),
            ExprKind::Field { base, name } => {
                let mut names = base.dotted_name()?;
                names.push(&name.text);
                Some(names)
            }
            _ => None,
        }
    }
}
