//! From records to the structs that plan and emitters read. The structs and their `read` are generated
//! from `stdlib/kinds`; here is what they are made of.
//!
//! Reading is total: where the author left out what is required, a stand-in takes its place. That is
//! safe because a finding was made of it and nothing is emitted then; and it lets the editor show what
//! the rest of a broken platform would become.
//!
//! Start with [`Fields`].

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use platc_diag::{Origin, Sourced};

use crate::ids::{Id, Kind};
use crate::scalar::{
    Bytes, Cidr, Cpu, Cron, Date, Digest, Duration, HostPort, Image, Mac, Percent, Rate, Version,
};
use crate::value::{Record, SecretKey, Text, Value};

/// The slots of a record, taken one after the other in the order of its type.
#[derive(Debug)]
pub struct Fields<'r> {
    record: Option<&'r Record>,
    next: usize,
    /// Whether a reference stands in for one that leads nowhere.
    dangling: bool,
}

/// What can be read from a value.
pub trait FromValue: Sized {
    /// The value as this type; `None` if it is of another, which the checker does not let happen.
    fn from_value(value: &Value) -> Option<Self>;

    /// What stands in for a value that is missing and has been reported.
    fn stand_in() -> Self;

    /// Whether the stand-in leads nowhere, so that nobody may follow it.
    const LEADS_NOWHERE: bool = false;
}

/// What can be read from a record: the generated structs.
pub trait FromRecord: Sized + Send {
    /// Takes the fields of this type, in order.
    fn read(fields: &mut Fields<'_>) -> Self;

    /// Reads a whole record.
    fn from_record(record: &Record) -> Self {
        Self::read(&mut Fields { record: Some(record), next: 0, dangling: false })
    }

    /// Reads a record, unless a reference that it is about leads nowhere: a call to nobody is no call.
    fn whole(record: &Record) -> Option<Self> {
        let mut fields = Fields { record: Some(record), next: 0, dangling: false };
        let read = Self::read(&mut fields);
        (!fields.dangling).then_some(read)
    }
}

impl Fields<'_> {
    fn slot(&mut self) -> Option<&Sourced<Value>> {
        let slot = self.record.and_then(|record| record.slots.get(self.next));
        self.next += 1;
        slot.and_then(Option::as_ref)
    }

    /// Passes over a field that is not in the struct.
    pub fn skip(&mut self) {
        self.next += 1;
    }

    /// A field that always has a value.
    pub fn required<T: FromValue>(&mut self) -> Sourced<T> {
        let found = self.optional();
        self.dangling |= found.is_none() && T::LEADS_NOWHERE;
        found.unwrap_or_else(|| Origin::NONE.of(T::stand_in()))
    }

    /// A field that may be left out.
    pub fn optional<T: FromValue>(&mut self) -> Option<Sourced<T>> {
        let slot = self.slot()?;
        T::from_value(&slot.value).map(|value| slot.origin.of(value))
    }

    /// A list; one that was left out is empty.
    pub fn list<T: FromValue>(&mut self) -> Vec<Sourced<T>> {
        self.maybe_list().unwrap_or_default()
    }

    /// A list that may be left out.
    pub fn maybe_list<T: FromValue>(&mut self) -> Option<Vec<Sourced<T>>> {
        let read = |item: &Sourced<Value>| T::from_value(&item.value).map(|value| item.origin.of(value));
        self.slot().map(|slot| slot.value.list().iter().filter_map(read).collect())
    }

    /// A map; one that was left out is empty.
    pub fn map<T: FromValue>(&mut self) -> Vec<(Text, Sourced<T>)> {
        let Some(Value::Map(entries)) = self.slot().map(|slot| &slot.value) else { return Vec::new() };
        let read = |(name, item): &(Text, Sourced<Value>)| {
            T::from_value(&item.value).map(|value| (Text::clone(name), item.origin.of(value)))
        };
        entries.iter().filter_map(read).collect()
    }

    /// A record that always is there.
    pub fn record<T: FromRecord>(&mut self) -> Sourced<T> {
        self.maybe_record().unwrap_or_else(|| {
            Origin::NONE.of(T::read(&mut Fields { record: None, next: 0, dangling: false }))
        })
    }

    /// A record that may be left out.
    pub fn maybe_record<T: FromRecord>(&mut self) -> Option<Sourced<T>> {
        let slot = self.slot()?;
        slot.value.record().map(|record| slot.origin.of(T::from_record(record)))
    }

    /// Records in order, without those that are about something that there is not.
    pub fn records<T: FromRecord>(&mut self) -> Vec<Sourced<T>> {
        let Some(slot) = self.slot() else { return Vec::new() };
        let read = |item: &Sourced<Value>| Some(item.origin.of(T::whole(item.value.record()?)?));
        slot.value.list().iter().filter_map(read).collect()
    }
}

macro_rules! from_value {
    ($($ty:ty: $pattern:pat => $value:expr, else $stand_in:expr;)*) => {
        $(impl FromValue for $ty {
            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    $pattern => Some($value),
                    _ => None,
                }
            }

            fn stand_in() -> Self {
                $stand_in
            }
        })*
    };
}

from_value! {
    bool: Value::Bool(value) => *value, else false;
    i64: Value::Int(value) => *value, else 0;
    f64: Value::Float(value) => *value, else 0.0;
    Text: Value::Text(value) => Text::clone(value), else "".into();
    Cpu: Value::Cpu(value) => *value, else Cpu::default();
    Bytes: Value::Bytes(value) => *value, else Bytes::default();
    Duration: Value::Duration(value) => *value, else Duration::default();
    Percent: Value::Percent(value) => *value, else Percent::default();
    Rate: Value::Rate(value) => *value, else Rate::default();
    u16: Value::Port(value) => *value, else 0;
    IpAddr: Value::Ip(value) => *value, else IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    Cidr: Value::Cidr(value) => *value, else Cidr::single(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    Mac: Value::Mac(value) => *value, else Mac::default();
    HostPort: Value::HostPort(value) => HostPort::clone(value), else HostPort { host: None, port: 0 };
    Arc<Image>: Value::Image(value) => Arc::clone(value), else Arc::new(Image::stand_in());
    Version: Value::Version(value) => *value, else Version { major: 0, minor: 0, patch: None };
    Arc<Cron>: Value::Cron(value) => Arc::clone(value), else Arc::new(Cron::default());
    Date: Value::Date(value) => *value, else Date::default();
    Digest: Value::Digest(value) => value.clone(), else Digest::default();
    Arc<SecretKey>: Value::Secret(value) => Arc::clone(value), else Arc::new(SecretKey::default());
}

impl FromValue for Value {
    fn from_value(value: &Value) -> Option<Self> {
        Some(value.clone())
    }

    fn stand_in() -> Self {
        Self::Null
    }
}

impl<K: Kind> FromValue for Id<K> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Ref(to) if to.kind == K::NAME => Some(Self::new(to.index)),
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::new(u32::MAX)
    }

    const LEADS_NOWHERE: bool = true;
}
