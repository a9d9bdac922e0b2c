//! Types: what may stand where. Those of the kinds come from `stdlib/kinds`, those of programs' configs
//! from the author's `type` declarations; both are the same thing here.
//!
//! Not here: reading declarations of types (`platc-syntax` has their grammar, `platc-sema` makes these
//! values of them) and checking values against them.
//!
//! Start with [`Types`].

use platc_diag::Span;

use crate::scalar::Scalar;
use crate::value::{Text, Value};

/// Names a record type within one [`Types`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RecordId(pub u32);

/// All types of one compilation.
#[derive(Clone, Default, Debug)]
pub struct Types {
    records: Vec<RecordType>,
    kinds: Vec<KindType>,
}

/// What a value may be.
#[derive(Clone, PartialEq, Debug)]
pub enum Type {
    /// Anything, kept as it is written.
    Any,
    /// A scalar.
    Scalar(Scalar),
    /// One of these words.
    Words(Vec<Text>),
    /// A declaration of one of these kinds.
    Ref(Vec<Text>),
    /// A `type` of the author's, named rather than used.
    TypeName,
    /// A key of a secret.
    Secret,
    /// A record.
    Record(RecordId),
    /// Values in order.
    List(Box<Self>),
    /// Values by name.
    Map(Box<Self>),
    /// This or nothing.
    Optional(Box<Self>),
    /// One of several; tried in order.
    Union(Vec<Self>),
}

/// A kind: what can be declared under a name.
#[derive(Clone, Debug)]
pub struct KindType {
    /// `service`.
    pub name: &'static str,
    /// Its fields.
    pub record: RecordId,
    /// Whether a declaration has a name.
    pub named: bool,
    /// Whether a name belongs to one declaration.
    pub unique: bool,
    /// Whether it becomes pods.
    pub workload: bool,
    /// Kind of the places at which it can be another thing, by `at`; `None` if it is the same everywhere.
    pub places: Option<&'static str>,
    /// Kinds that may be declared inside it.
    pub contains: Vec<&'static str>,
}

/// A record type.
#[derive(Clone, Debug)]
pub struct RecordType {
    /// Name, as in `Probe`, or the path of the field that it is written in: `service.probes`.
    pub name: Text,
    /// What it is, for people.
    pub doc: Text,
    /// Where it is declared.
    pub span: Span,
    /// Its fields, arguments first.
    pub fields: Vec<Field>,
    /// Digests of the fields' names with their indices, in order: a field is found without looking at others.
    by_name: Vec<(u32, u16)>,
    /// Indices of what arguments stand for, in their order.
    arguments: Vec<u16>,
    /// Index of the body.
    body: Option<u16>,
}

/// How a field is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// A property or a child node.
    Plain,
    /// An argument, also as a property or child node.
    Arg,
    /// All arguments that are left.
    Args,
    /// The argument by which children of one name are told apart.
    Key,
    /// Arguments of which each makes a child of its own.
    Keys,
    /// Children of this name, as many as there are.
    Each,
    /// All children that are not fields.
    Body,
    /// Not written: worked out by the plan, for expressions to ask for.
    Fact,
}

/// A field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: Text,
    /// What it is, for people.
    pub doc: Text,
    /// Where it is declared.
    pub span: Span,
    /// How it is written.
    pub role: Role,
    /// What its value may be, without the outermost `?`.
    pub ty: Type,
    /// Whether it may be left out without a default.
    pub optional: bool,
    /// What it is when left out.
    pub default: Option<Value>,
    /// Whether the only declaration there is stands in for it when it is left out.
    pub only: bool,
    /// What else must hold.
    pub limits: Limits,
}

/// What else must hold for a value, beside its type.
#[derive(Clone, Default, Debug)]
pub struct Limits {
    /// Smallest value.
    pub min: Option<Value>,
    /// Largest value.
    pub max: Option<Value>,
    /// Fewest and most characters of a text, or elements of a list.
    pub length: Option<(u32, u32)>,
    /// Regular expression that a text must match.
    pub pattern: Option<Text>,
    /// Values that are allowed; empty for all.
    pub one_of: Vec<Value>,
}

impl RecordType {
    /// A record type of these fields.
    pub fn new(name: Text, doc: Text, span: Span, fields: Vec<Field>) -> Self {
        let numbered = || (0_u16..).zip(&fields);
        let mut by_name: Vec<(u32, u16)> =
            numbered().map(|(index, field)| (digest(&field.name), index)).collect();
        by_name.sort_unstable();
        let is_argument =
            |field: &Field| matches!(field.role, Role::Key | Role::Keys | Role::Arg | Role::Args);
        let arguments = numbered().filter(|(_, field)| is_argument(field)).map(|(index, _)| index).collect();
        let body = numbered().find(|(_, field)| field.role == Role::Body).map(|(index, _)| index);
        Self { name, doc, span, fields, by_name, arguments, body }
    }

    /// The field of that name, with its index.
    pub fn field(&self, name: &str) -> Option<(usize, &Field)> {
        let wanted = digest(name);
        let first = self.by_name.partition_point(|(own, _)| *own < wanted);
        let alike = self.by_name.iter().skip(first).take_while(|(own, _)| *own == wanted);
        alike
            .map(|(_, index)| self.at(*index))
            .find(|found| found.is_some_and(|(_, own)| *own.name == *name))?
    }

    fn at(&self, index: u16) -> Option<(usize, &Field)> {
        let index = usize::from(index);
        self.fields.get(index).map(|field| (index, field))
    }

    /// The fields that arguments stand for, in their order.
    pub fn arguments(&self) -> impl Iterator<Item = (usize, &Field)> {
        self.arguments.iter().filter_map(|index| self.at(*index))
    }

    /// The field that all children stand for which are no fields.
    pub fn body(&self) -> Option<(usize, &Field)> {
        self.at(self.body?)
    }

    /// The field by which children of this type are told apart.
    pub fn key(&self) -> Option<(usize, &Field)> {
        self.arguments().find(|(_, field)| matches!(field.role, Role::Key | Role::Keys))
    }

    /// Names that can be written in it.
    pub fn written_names(&self) -> impl Iterator<Item = &str> + Clone {
        let written = |field: &&Field| !matches!(field.role, Role::Fact | Role::Body);
        self.fields.iter().filter(written).map(|field| &*field.name)
    }
}

fn join(words: &[Text]) -> String {
    words.iter().map(|word| &**word).collect::<Vec<_>>().join("|")
}

/// FNV-1a, which is enough to tell a few dozen names apart.
fn digest(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |digest, byte| (digest ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

impl Types {
    /// Adds a record type.
    pub fn add_record(&mut self, record: RecordType) -> RecordId {
        let id = RecordId(u32::try_from(self.records.len()).unwrap_or(u32::MAX));
        self.records.push(record);
        id
    }

    /// Fills in a record type that was added before its fields were known.
    pub fn set_record(&mut self, id: RecordId, record: RecordType) {
        if let Some(slot) = self.records.get_mut(id.0 as usize) {
            *slot = record;
        }
    }

    /// Adds a kind.
    pub fn add_kind(&mut self, kind: KindType) {
        self.kinds.push(kind);
    }

    /// The record type of that number, which [`Types::add_record`] gave out.
    pub fn record(&self, id: RecordId) -> &RecordType {
        match self.records.get(id.0 as usize) {
            Some(record) => record,
            None => unreachable!("a RecordId comes from add_record of the same Types"),
        }
    }

    /// The kind of that name.
    pub fn kind(&self, name: &str) -> Option<&KindType> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    /// All kinds, in the order of `stdlib/kinds`.
    pub fn kinds(&self) -> &[KindType] {
        &self.kinds
    }

    /// All record types with their numbers.
    pub fn records(&self) -> impl Iterator<Item = (RecordId, &RecordType)> {
        (0_u32..).map(RecordId).zip(&self.records)
    }

    /// A type as its author would write it.
    pub fn show(&self, ty: &Type) -> String {
        match ty {
            Type::Any => "any".to_owned(),
            Type::Scalar(scalar) => scalar.word().to_owned(),
            Type::Words(words) => join(words),
            Type::Ref(kinds) => format!("ref<{}>", join(kinds)),
            Type::TypeName => "ref<type>".to_owned(),
            Type::Secret => "secret".to_owned(),
            Type::Record(id) => self.record(*id).name.to_string(),
            Type::List(inner) => format!("list<{}>", self.show(inner)),
            Type::Map(inner) => format!("map<{}>", self.show(inner)),
            Type::Optional(inner) => format!("{}?", self.show(inner)),
            Type::Union(types) => types.iter().map(|ty| self.show(ty)).collect::<Vec<_>>().join("|"),
        }
    }
}
