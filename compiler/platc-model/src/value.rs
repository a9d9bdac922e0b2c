//! [`Value`]: one typed value of a model.
//!
//! A [`Record`] is a kind or record type filled in: one slot a field, in the order of its type. The
//! structs that plan and emitters read are made from records by [`crate::read`]; policies, expressions
//! and `platc show` look at the records themselves, by field name.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use platc_diag::{Sourced, Span};

use crate::scalar::{
    Bytes, Cidr, Cpu, Cron, Date, Digest, Duration, HostPort, Image, Mac, Percent, Rate, Version,
};
use crate::types::RecordId;

/// Text that is shared, because a value is looked at from several places.
pub type Text = Arc<str>;

/// A value of any type of the language.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// `#null`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Any text: strings, words of an enum, and scalars that are kept as they are written.
    Text(Text),
    /// An amount of CPU.
    Cpu(Cpu),
    /// An amount of memory.
    Bytes(Bytes),
    /// A duration.
    Duration(Duration),
    /// A percentage.
    Percent(Percent),
    /// A rate.
    Rate(Rate),
    /// A port.
    Port(u16),
    /// An address.
    Ip(IpAddr),
    /// An address range.
    Cidr(Cidr),
    /// A hardware address.
    Mac(Mac),
    /// A host with a port.
    HostPort(Arc<HostPort>),
    /// An image.
    Image(Arc<Image>),
    /// A version.
    Version(Version),
    /// A schedule.
    Cron(Arc<Cron>),
    /// A date.
    Date(Date),
    /// A digest.
    Digest(Digest),
    /// A key of a secret.
    Secret(Arc<SecretKey>),
    /// Another declaration.
    Ref(Arc<Ref>),
    /// Values in order.
    List(Arc<[Sourced<Self>]>),
    /// Values by name, in the order in which they were written.
    Map(Arc<[(Text, Sourced<Self>)]>),
    /// A record.
    Record(Arc<Record>),
    /// An expression that waits for its place; the number is its checker's. None is left in a model.
    Pending(u32),
}

/// A model keeps one for each field of each declaration at each of its places, most of them small: what is larger
/// than a text is behind an `Arc`.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Option<Sourced<Value>>>() == 40);

/// Names a declaration of a kind: the index of the kind, and the declaration's among those of its kind
/// in the order of their names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ref {
    /// Name of its kind.
    pub kind: &'static str,
    /// Which of its kind.
    pub index: u32,
    /// Its name.
    pub name: Text,
}

/// A key of a secret: names only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct SecretKey {
    /// Name of the secret.
    pub secret: Text,
    /// Key in it.
    pub key: Text,
}

/// A record type filled in.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// Its type, whose fields the slots follow.
    pub ty: RecordId,
    /// The node that it was written as, or the one that it is a part of.
    pub span: Span,
    /// One a field; `None` where nothing was said and there is no default.
    pub slots: Vec<Option<Sourced<Value>>>,
}

impl Value {
    /// The list's values, or none.
    pub fn list(&self) -> &[Sourced<Self>] {
        match self {
            Self::List(values) => values,
            _ => &[],
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The record, if it is one.
    pub fn record(&self) -> Option<&Arc<Record>> {
        match self {
            Self::Record(record) => Some(record),
            _ => None,
        }
    }

    /// Whether some part of it waits for a place.
    pub fn is_pending(&self) -> bool {
        match self {
            Self::Pending(_) => true,
            Self::List(values) => values.iter().any(|value| value.is_pending()),
            Self::Map(entries) => entries.iter().any(|(_, value)| value.is_pending()),
            Self::Record(record) => record.slots.iter().flatten().any(|value| value.is_pending()),
            _ => false,
        }
    }
}

/// The canonical text of a scalar, as it stands in a config or beside other text. Collections have none.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Text(value) => f.write_str(value),
            Self::Cpu(value) => value.fmt(f),
            Self::Bytes(value) => value.fmt(f),
            Self::Duration(value) => value.fmt(f),
            Self::Percent(value) => value.fmt(f),
            Self::Rate(value) => value.fmt(f),
            Self::Port(value) => value.fmt(f),
            Self::Ip(value) => value.fmt(f),
            Self::Cidr(value) => value.fmt(f),
            Self::Mac(value) => value.fmt(f),
            Self::HostPort(value) => value.fmt(f),
            Self::Image(value) => value.fmt(f),
            Self::Version(value) => value.fmt(f),
            Self::Cron(value) => value.fmt(f),
            Self::Date(value) => value.fmt(f),
            Self::Digest(value) => value.fmt(f),
            Self::Secret(value) => write!(f, "secret {} {}", value.secret, value.key),
            Self::Ref(value) => f.write_str(&value.name),
            Self::List(_) | Self::Map(_) | Self::Record(_) => f.write_str("…"),
            Self::Pending(_) => f.write_str("${…}"),
        }
    }
}
