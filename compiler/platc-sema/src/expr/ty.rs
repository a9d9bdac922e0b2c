//! [`Ty`]: the type of an expression. Wider than the types of values: an expression can be a declaration,
//! the members of something stateful, or a namespace that only leads on to something.

use platc_model::scalar::Scalar;
use platc_model::types::{Type, Types};

use crate::item::ItemId;
use crate::project::UnitId;

/// The type of an expression.
#[derive(Clone, PartialEq, Debug)]
pub enum Ty {
    /// Not known, because of a mistake that was reported: fits everywhere.
    Unknown,
    /// `null`.
    Null,
    /// A value that can stand in a field.
    Value(Type),
    /// A literal text: takes the type of what it stands beside.
    Text,
    /// A declaration of a kind; which one, if that is known.
    Item(&'static str, Option<ItemId>),
    /// A list of something that is no value.
    List(Box<Self>),
    /// Members of something stateful that have a role.
    Members(ItemId, &'static str),
    /// `calls` of a workload.
    Calls(ItemId),
    /// One of them: of which workload, and the name.
    Call(ItemId, String),
    /// `secret`.
    Secrets,
    /// `param`.
    Params,
    /// The name of a kind, which tells declarations of one name apart.
    Kind(&'static str),
    /// The name of a library.
    Unit(UnitId),
    /// `cidr`, which only has functions.
    CidrFunctions,
}

impl Ty {
    /// A scalar.
    pub const fn scalar(scalar: Scalar) -> Self {
        Self::Value(Type::Scalar(scalar))
    }

    /// A text of any form.
    pub const STRING: Self = Self::scalar(Scalar::String);

    /// A truth value.
    pub const BOOL: Self = Self::scalar(Scalar::Bool);

    /// A list of it.
    pub fn list(self) -> Self {
        match self {
            Self::Value(ty) => Self::Value(Type::List(Box::new(ty))),
            Self::Text => Self::Value(Type::List(Box::new(Type::Scalar(Scalar::String)))),
            other => Self::List(Box::new(other)),
        }
    }

    /// What its elements are, if it is a list.
    pub fn element(&self) -> Option<Self> {
        match self {
            Self::List(inner) => Some((**inner).clone()),
            Self::Value(Type::List(inner)) => Some(Self::Value((**inner).clone())),
            Self::Value(Type::Any) => Some(Self::Value(Type::Any)),
            Self::Unknown => Some(Self::Unknown),
            _ => None,
        }
    }

    /// Its scalar, if it is one. A literal text and a word are strings.
    pub fn as_scalar(&self) -> Option<Scalar> {
        match self {
            Self::Value(ty) => scalar_of(ty),
            Self::Text => Some(Scalar::String),
            _ => None,
        }
    }

    /// Whether nothing can be said about it before it is evaluated.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Unknown | Self::Value(Type::Any))
    }

    /// Whether it is a number.
    pub fn is_number(&self) -> bool {
        matches!(self.as_scalar(), Some(Scalar::Int | Scalar::Float | Scalar::Port))
    }

    /// What it is, for people, with its article.
    pub fn noun(&self, types: &Types) -> String {
        match self {
            Self::Unknown | Self::Value(Type::Any) => "anything".to_owned(),
            Self::Null => "nothing".to_owned(),
            Self::Value(ty) => noun_of(ty, types),
            Self::Text => Scalar::String.noun().to_owned(),
            Self::Item(kind, _) => crate::errors::one(kind),
            Self::List(inner) => format!("a list, each {}", inner.noun(types)),
            Self::Members(..) => "the members of a stateful".to_owned(),
            Self::Calls(_) | Self::Call(..) => "a call".to_owned(),
            Self::Secrets => "the secrets".to_owned(),
            Self::Params => "the parameters".to_owned(),
            Self::Kind(kind) => format!("the kind `{kind}`"),
            Self::Unit(_) => "a library".to_owned(),
            Self::CidrFunctions => "the functions of address ranges".to_owned(),
        }
    }
}

fn scalar_of(ty: &Type) -> Option<Scalar> {
    match ty {
        Type::Scalar(scalar) => Some(*scalar),
        Type::Words(_) => Some(Scalar::String),
        Type::Optional(inner) => scalar_of(inner),
        _ => None,
    }
}

/// What a type is, for people, with its article.
pub fn noun_of(ty: &Type, types: &Types) -> String {
    match ty {
        Type::Any => "anything".to_owned(),
        Type::Scalar(scalar) => scalar.noun().to_owned(),
        Type::Words(words) => match words.as_slice() {
            [one] => format!("the word `{one}`"),
            words => format!(
                "one of {}",
                words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
            ),
        },
        Type::Ref(kinds) => format!("the name of {}", crate::errors::one(&kinds.join(" or "))),
        Type::TypeName => "the name of a type".to_owned(),
        Type::Secret => "a key of a secret".to_owned(),
        Type::Record(id) => format!("a `{}`", types.record(*id).name),
        Type::List(inner) => format!("a list, each {}", noun_of(inner, types)),
        Type::Map(inner) => format!("values by name, each {}", noun_of(inner, types)),
        Type::Optional(inner) => noun_of(inner, types),
        Type::Union(parts) => parts.iter().map(|part| noun_of(part, types)).collect::<Vec<_>>().join(" or "),
    }
}
