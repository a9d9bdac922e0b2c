//! [`Tables`]: every kind and every field of Kubernetes, for each covered minor.
//!
//! The text is `tables/kubernetes.txt`, which `compiler/kube-tables` writes; `tables/marks.txt` and
//! `tables/lifecycle.txt` are kept by hand. Loading finds where the types begin and reads no further: a
//! type is read when it is first looked at. The format, line by line:
//!
//! ```text
//! kind API_VERSION KIND PLURAL namespaced|cluster TYPE [MINORS]
//! =TYPE [MINORS]
//! FIELD[!] FIELD_TYPE [MINORS]      `!` for required; a field that changed has several lines
//! ```
//!
//! `FIELD_TYPE` is a scalar, a type, `[T]`, `[T;KEY,…]` for a list whose items are told apart by keys,
//! `[T;set]` or `{T}`. `MINORS` is `34-`, `-35` or `34-35`, and left out where it is all of them.
//!
//! Not here: descriptions ([`crate::describe`]), the checks. Start with [`Tables::get`].

use std::sync::OnceLock;

use crate::format::Format;
use crate::minor::{Minor, Minors};
use crate::rules::Rules;

const TEXT: &str = include_str!("../tables/kubernetes.txt");
const MARKS: &str = include_str!("../tables/marks.txt");
const LIFECYCLE: &str = include_str!("../tables/lifecycle.txt");

/// Every kind and every field of Kubernetes, for each covered minor.
#[derive(Debug)]
pub struct Tables {
    minors: Vec<Minor>,
    kinds: Vec<Kind>,
    types: Vec<TypeSlot>,
    marks: Vec<(&'static str, &'static str)>,
    lifecycle: Vec<Lifecycle>,
}

/// A kind of object that can be applied.
#[derive(Debug)]
pub struct Kind {
    /// `apps/v1`.
    pub api_version: &'static str,
    /// `Deployment`.
    pub kind: &'static str,
    /// `deployments`, as rules of access spell it.
    pub plural: &'static str,
    /// Whether its objects live in a namespace.
    pub scope: Scope,
    /// The minors that serve it.
    pub minors: Minors,
    type_id: TypeId,
}

/// Whether objects of a kind live in a namespace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// In a namespace.
    Namespaced,
    /// For the whole cluster.
    Cluster,
}

/// Number of a type; a look-up by it is free.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TypeId(u32);

#[derive(Debug)]
struct TypeSlot {
    name: &'static str,
    body: &'static str,
    read: OnceLock<Type>,
}

/// A type: the fields of a map.
#[derive(Debug)]
pub struct Type {
    /// `core.v1.Container`.
    pub name: &'static str,
    /// In the order of their names. A field that changed between minors comes several times.
    pub fields: Vec<Field>,
    /// Fields that are required in some minor.
    pub(crate) required: Vec<usize>,
    by_name: NameTable,
    pub(crate) rules: Rules,
}

/// Finds the first form of a field by its name: a look-up is made for every key of every document, and
/// searching the sorted names took a third of a check. Slots are probed one by one; 0 is empty, else the
/// number of the field plus one.
#[derive(Debug)]
struct NameTable {
    slots: Vec<u8>,
}

/// A field.
#[derive(Debug)]
pub struct Field {
    /// `restartPolicy`.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// Whether it must be there.
    pub required: bool,
    /// The minors in which it is as said here.
    pub minors: Minors,
    /// What the API server holds it to beyond its type.
    pub marks: Vec<Mark>,
}

/// What a field holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Holds {
    /// A scalar.
    Scalar(Scalar),
    /// A map of anything.
    Object,
    /// Anything.
    Any,
    /// A map with the fields of a type.
    Type(TypeId),
    /// A map from names to values.
    Map(Box<Holds>),
    /// A list.
    List(Box<Holds>, Items),
}

/// How the items of a list are told apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Items {
    /// Not at all: the list is replaced as a whole.
    Plain,
    /// Each stands once.
    Set,
    /// By the values of these fields.
    Keyed(Vec<&'static str>),
}

/// A scalar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scalar {
    /// Text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// A number.
    Double,
    /// Base64.
    Bytes,
    /// A point in time (RFC 3339).
    Time,
    /// A quantity: `500m`, `2Gi`.
    Quantity,
    /// A whole number or text.
    IntOrText,
}

/// What the API server holds a field to beyond its type.
#[derive(Debug)]
pub enum Mark {
    /// The values that there are.
    OneOf(Vec<Choice>),
    /// The lowest and the highest number.
    Range(Option<i64>, Option<i64>),
    /// What the text, each item or each value of a map looks like.
    Format(Format),
    /// What the keys of a map look like.
    Keys(Format),
    /// The feature gate that must be on, or the field is dropped.
    Gate(&'static str),
    /// Since which minor (`None`: long ago) it should not be used, and what to do instead.
    Deprecated(Option<Minor>, &'static str),
}

/// A value that a field may have.
#[derive(Debug)]
pub struct Choice {
    /// The value.
    pub value: &'static str,
    /// Since which minor, if that is a covered one.
    pub since: Option<Minor>,
    /// The feature gate that must be on.
    pub gate: Option<&'static str>,
}

/// The end of an API version.
#[derive(Debug)]
pub struct Lifecycle {
    /// `batch/v1beta1`.
    pub api_version: &'static str,
    /// `CronJob`.
    pub kind: &'static str,
    /// Since when it should not be used.
    pub deprecated: Option<Minor>,
    /// The first minor that does not serve it.
    pub removed: Option<Minor>,
    /// What to use instead: `batch/v1 CronJob`, or a sentence.
    pub replacement: &'static str,
}

/// What a look-up of a field found.
#[derive(Clone, Copy, Debug)]
pub enum Lookup<'t> {
    /// The field, as the minor has it, and its number in [`Type::fields`].
    Found(&'t Field, usize),
    /// Only other minors have it.
    Elsewhen(&'t Field),
    /// No minor has it.
    Unknown,
}

impl Tables {
    /// The tables. Loaded at the first call, in less than a millisecond.
    pub fn get() -> &'static Self {
        static TABLES: OnceLock<Tables> = OnceLock::new();
        TABLES.get_or_init(Self::load)
    }

    /// A fresh copy, for the benchmark that says what loading costs.
    #[doc(hidden)]
    pub fn load() -> Self {
        let (head, types) = TEXT.split_once("\n=").unwrap_or((TEXT, ""));
        let (mut minors, mut kinds) = (Vec::new(), Vec::new());
        let types: Vec<TypeSlot> = types.split("\n=").map(TypeSlot::new).collect();
        for line in head.lines() {
            match line.split_once(' ') {
                Some(("minors", list)) => {
                    minors = list.split(' ').filter_map(|minor| minor.parse().ok()).map(Minor::new).collect();
                }
                Some(("kind", rest)) => kinds.extend(Kind::parse(rest, &types)),
                _ => {}
            }
        }
        let marks = MARKS.split("\n=").skip(1).filter_map(|block| block.split_once('\n')).collect();
        let rows = LIFECYCLE.lines().filter(|line| !line.starts_with('#'));
        Self { minors, kinds, types, marks, lifecycle: rows.filter_map(Lifecycle::parse).collect() }
    }

    /// The minors that the tables cover, oldest first.
    pub fn minors(&self) -> &[Minor] {
        &self.minors
    }

    /// The newest of them.
    pub fn newest(&self) -> Minor {
        match self.minors.last() {
            Some(minor) => *minor,
            None => unreachable!("the tables name their minors; a test reads them"),
        }
    }

    /// Whether the tables cover `minor`.
    pub fn covers(&self, minor: Minor) -> bool {
        self.minors.contains(&minor)
    }

    /// All kinds, of all minors, in the order of API version and name.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The kind, whichever minors serve it.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<&Kind> {
        let key = |row: &Kind| (row.api_version, row.kind).cmp(&(api_version, kind));
        self.kinds.get(self.kinds.binary_search_by(key).ok()?)
    }

    /// What is known of the end of an API version.
    pub fn lifecycle(&self, api_version: &str, kind: &str) -> Option<&Lifecycle> {
        let key = |row: &Lifecycle| (row.api_version, row.kind).cmp(&(api_version, kind));
        self.lifecycle.get(self.lifecycle.binary_search_by(key).ok()?)
    }

    /// All rows about ends of API versions.
    pub fn lifecycles(&self) -> &[Lifecycle] {
        &self.lifecycle
    }

    /// The type of a number.
    pub fn type_of(&self, id: TypeId) -> &Type {
        let Some(slot) = self.types.get(id.0 as usize) else {
            unreachable!("a TypeId comes from these tables");
        };
        slot.read.get_or_init(|| self.read_type(slot))
    }

    /// The number of a type by its name: `core.v1.Container`.
    pub fn type_named(&self, name: &str) -> Option<TypeId> {
        find_type(&self.types, name)
    }

    /// Names of all types, in order.
    pub fn type_names(&self) -> impl Iterator<Item = &'static str> {
        self.types.iter().map(|slot| slot.name)
    }

    /// What stands at a JSON pointer of a kind: `/spec/template/spec/containers/0/image`. Any index does
    /// for an item, `-` too.
    pub fn walk(&self, kind: &Kind, pointer: &str, minor: Minor) -> Walked<'_> {
        let mut holds = Holds::Type(kind.type_id);
        let mut last = Walked { holds: holds.clone(), field: None, owner: Some(self.type_of(kind.type_id)) };
        for token in pointer.split('/').skip(1) {
            let name = token.replace("~1", "/").replace("~0", "~");
            last = match holds {
                Holds::Type(id) => {
                    let owner = self.type_of(id);
                    match owner.field(&name, minor) {
                        Lookup::Found(field, _) | Lookup::Elsewhen(field) => {
                            Walked { holds: field.holds.clone(), field: Some(field), owner: Some(owner) }
                        }
                        Lookup::Unknown => return Walked::nothing(),
                    }
                }
                Holds::List(item, _) => Walked { holds: *item, ..last },
                Holds::Map(value) => Walked { holds: *value, ..last },
                Holds::Any | Holds::Object => Walked { holds: Holds::Any, field: None, owner: None },
                Holds::Scalar(_) => return Walked::nothing(),
            };
            holds = last.holds.clone();
        }
        last
    }

    fn read_type(&self, slot: &TypeSlot) -> Type {
        let mut fields: Vec<Field> =
            slot.body.lines().skip(1).filter_map(|line| Field::parse(line, &self.types)).collect();
        let found = self.marks.binary_search_by(|(name, _)| (*name).cmp(slot.name)).ok();
        if let Some((_, marks)) = found.and_then(|at| self.marks.get(at)) {
            for line in marks.lines() {
                add_mark(&mut fields, line);
            }
        }
        let required =
            fields.iter().enumerate().filter(|(_, field)| field.required).map(|(at, _)| at).collect();
        let by_name = NameTable::new(&fields);
        Type { name: slot.name, fields, required, by_name, rules: Rules::of(slot.name) }
    }
}

/// What stands at a place of a kind.
#[derive(Debug)]
pub struct Walked<'t> {
    /// What the place holds; [`Holds::Any`] where nothing is known.
    pub holds: Holds,
    /// The field that the place is, or is an item or value of.
    pub field: Option<&'t Field>,
    /// The type that has the field; `None` if there is no such place.
    pub owner: Option<&'t Type>,
}

impl Walked<'_> {
    fn nothing() -> Self {
        Self { holds: Holds::Any, field: None, owner: None }
    }
}

impl Kind {
    /// The number of its type.
    pub fn type_id(&self) -> TypeId {
        self.type_id
    }

    /// `apps` of `apps/v1`; empty for the core group.
    pub fn group(&self) -> &'static str {
        group_of(self.api_version)
    }

    fn parse(line: &'static str, types: &[TypeSlot]) -> Option<Self> {
        let mut words = line.split(' ');
        let (api_version, kind, plural) = (words.next()?, words.next()?, words.next()?);
        let scope = match words.next()? {
            "namespaced" => Scope::Namespaced,
            _ => Scope::Cluster,
        };
        let type_id = find_type(types, words.next()?)?;
        let minors = words.next().map_or(Some(Minors::ALWAYS), Minors::parse)?;
        Some(Self { api_version, kind, plural, scope, minors, type_id })
    }
}

/// The group of an API version; empty for the core group.
pub(crate) fn group_of(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

impl TypeSlot {
    /// `body` begins with the rest of the line `=TYPE [MINORS]`.
    fn new(body: &'static str) -> Self {
        let end = body.find([' ', '\n']).unwrap_or(body.len());
        Self { name: body.get(..end).unwrap_or(""), body, read: OnceLock::new() }
    }
}

fn find_type(types: &[TypeSlot], name: &str) -> Option<TypeId> {
    let at = types.binary_search_by(|slot| slot.name.cmp(name)).ok()?;
    u32::try_from(at).ok().map(TypeId)
}

impl NameTable {
    fn new(fields: &[Field]) -> Self {
        let mut slots = vec![0_u8; (fields.len() * 2 + 1).next_power_of_two()];
        let firsts = fields.iter().enumerate().filter(|(at, field)| {
            at.checked_sub(1)
                .and_then(|before| fields.get(before))
                .is_none_or(|before| before.name != field.name)
        });
        for (at, field) in firsts {
            let free = Self::probe(field.name, slots.len()).find(|slot| slots.get(*slot) == Some(&0));
            // No type has more than 128 forms of fields; a test looks at all of them.
            if let (Some(slot), Ok(number)) =
                (free.and_then(|free| slots.get_mut(free)), u8::try_from(at + 1))
            {
                *slot = number;
            }
        }
        Self { slots }
    }

    fn find(&self, name: &str, fields: &[Field]) -> Option<usize> {
        for slot in Self::probe(name, self.slots.len()) {
            let at = usize::from(*self.slots.get(slot)?).checked_sub(1)?;
            if fields.get(at)?.name == name {
                return Some(at);
            }
        }
        None
    }

    /// The slots that a name may be in, in order. Length and three letters tell nearly all fields of a
    /// type apart.
    fn probe(name: &str, n_slots: usize) -> impl Iterator<Item = usize> {
        let bytes = name.as_bytes();
        let byte = |at: usize| bytes.get(at).map_or(0, |byte| usize::from(*byte));
        let last = bytes.len().wrapping_sub(1);
        let hash = bytes.len().wrapping_mul(7)
            ^ byte(0).wrapping_mul(31)
            ^ byte(last / 2).wrapping_mul(131)
            ^ byte(last).wrapping_mul(17);
        (0..n_slots).map(move |step| (hash + step) & (n_slots - 1))
    }
}

impl Type {
    /// The field of that name, as `minor` has it.
    pub fn field(&self, name: &str, minor: Minor) -> Lookup<'_> {
        let Some(start) = self.by_name.find(name, &self.fields) else { return Lookup::Unknown };
        let mut other = Lookup::Unknown;
        for (at, field) in self.fields.iter().enumerate().skip(start) {
            // The first was found by its name.
            if at > start && field.name != name {
                break;
            }
            if field.minors.contains(minor) {
                return Lookup::Found(field, at);
            }
            other = Lookup::Elsewhen(field);
        }
        other
    }

    /// The fields that `minor` has, in the order of their names.
    pub fn fields_in(&self, minor: Minor) -> impl Iterator<Item = &Field> + Clone {
        self.fields.iter().filter(move |field| field.minors.contains(minor))
    }

    /// The minors that have the field in one form or another.
    pub fn lifetime(&self, name: &str) -> Minors {
        let forms: Vec<Minors> =
            self.fields.iter().filter(|field| field.name == name).map(|field| field.minors).collect();
        // `None` sorts first, which is right for the beginning and wrong for the end.
        let since = forms.iter().map(|form| form.since).min().flatten();
        let ends = forms.iter().map(|form| form.until);
        let until = if forms.iter().any(|form| form.until.is_none()) { None } else { ends.max().flatten() };
        Minors { since, until }
    }
}

impl Field {
    fn parse(line: &'static str, types: &[TypeSlot]) -> Option<Self> {
        let mut words = line.split(' ');
        let name = words.next()?;
        let (name, required) = name.strip_suffix('!').map_or((name, false), |name| (name, true));
        let holds = Holds::parse(words.next()?, types)?;
        let minors = words.next().map_or(Some(Minors::ALWAYS), Minors::parse)?;
        Some(Self { name, holds, required, minors, marks: Vec::new() })
    }

    /// The values that there are, if they are known.
    pub fn choices(&self) -> Option<&[Choice]> {
        self.marks.iter().find_map(|mark| match mark {
            Mark::OneOf(choices) => Some(choices.as_slice()),
            _ => None,
        })
    }
}

impl Holds {
    fn parse(text: &'static str, types: &[TypeSlot]) -> Option<Self> {
        if let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            let (item, items) = match inner.rsplit_once(';') {
                // `[[T;a]]`: the keys belong to the inner list.
                Some((item, keys)) if !keys.ends_with(']') => (item, Items::parse(keys)),
                _ => (inner, Items::Plain),
            };
            return Some(Self::List(Box::new(Self::parse(item, types)?), items));
        }
        if let Some(inner) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            return Some(Self::Map(Box::new(Self::parse(inner, types)?)));
        }
        Some(match text {
            "object" => Self::Object,
            "any" => Self::Any,
            "string" => Self::Scalar(Scalar::Text),
            "bool" => Self::Scalar(Scalar::Bool),
            "int32" => Self::Scalar(Scalar::Int32),
            "int64" => Self::Scalar(Scalar::Int64),
            "double" => Self::Scalar(Scalar::Double),
            "bytes" => Self::Scalar(Scalar::Bytes),
            "time" => Self::Scalar(Scalar::Time),
            "quantity" => Self::Scalar(Scalar::Quantity),
            "int-or-string" => Self::Scalar(Scalar::IntOrText),
            name => Self::Type(find_type(types, name)?),
        })
    }

    /// What to call it in a message: `a list of text`.
    pub fn noun(&self) -> String {
        match self {
            Self::Scalar(scalar) => scalar.noun().to_owned(),
            Self::Object | Self::Type(_) | Self::Map(_) => String::from("a map"),
            Self::Any => String::from("anything"),
            Self::List(..) => String::from("a list"),
        }
    }
}

impl Items {
    fn parse(keys: &'static str) -> Self {
        if keys == "set" { Self::Set } else { Self::Keyed(keys.split(',').collect()) }
    }
}

impl Scalar {
    /// What to call it in a message: `a whole number`.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bool => "`true` or `false`",
            Self::Int32 | Self::Int64 => "a whole number",
            Self::Double => "a number",
            Self::Bytes => "base64 text",
            Self::Time => "a time such as `2026-01-31T10:00:00Z`",
            Self::Quantity => "a quantity such as `500m` or `2Gi`",
            Self::IntOrText => "a whole number or text",
        }
    }
}

impl Lifecycle {
    fn parse(line: &'static str) -> Option<Self> {
        let mut words = line.splitn(5, ' ');
        let (api_version, kind) = (words.next()?, words.next()?);
        let mut minor = || words.next().and_then(|word| word.parse().ok()).map(Minor::new);
        let (deprecated, removed) = (minor(), minor());
        Some(Self { api_version, kind, deprecated, removed, replacement: words.next()? })
    }
}

/// Adds the mark of a line `FIELD MARK …` to every form of the field.
fn add_mark(fields: &mut [Field], line: &'static str) {
    let Some((name, rest)) = line.split_once(' ') else { return };
    for field in fields.iter_mut().filter(|field| field.name == name) {
        match rest {
            "require" => field.required = true,
            rest => field.marks.extend(Mark::parse(rest)),
        }
    }
}

impl Mark {
    fn parse(text: &'static str) -> Option<Self> {
        let (word, rest) = text.split_once(' ')?;
        Some(match word {
            "enum" => Self::OneOf(rest.split(' ').map(Choice::parse).collect()),
            "range" => {
                let (low, high) = rest.split_once(' ')?;
                Self::Range(low.parse().ok(), high.parse().ok())
            }
            "format" => Self::Format(Format::named(rest)?),
            "keys" => Self::Keys(Format::named(rest)?),
            "gate" => Self::Gate(rest),
            "deprecated" => {
                let (since, why) = rest.split_once(' ')?;
                let since: u8 = since.parse().ok()?;
                Self::Deprecated((since > 0).then(|| Minor::new(since)), why)
            }
            _ => return None,
        })
    }
}

impl Choice {
    /// Reads `VALUE[@MINOR][%GATE]`; `~` is the empty text.
    fn parse(text: &'static str) -> Self {
        let (text, gate) = text.split_once('%').map_or((text, None), |(text, gate)| (text, Some(gate)));
        let (value, since) = text.split_once('@').map_or((text, None), |(value, since)| (value, Some(since)));
        let since = since.and_then(|since| since.parse().ok()).map(Minor::new);
        Self { value: if value == "~" { "" } else { value }, since, gate }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_says_since_when_and_behind_which_gate() {
        let choice = Choice::parse("Never@34%Rules");
        assert_eq!((choice.value, choice.since, choice.gate), ("Never", Some(Minor::new(34)), Some("Rules")));
        let choice = Choice::parse("~");
        assert_eq!((choice.value, choice.since, choice.gate), ("", None, None));
    }

    #[test]
    fn a_field_that_changed_is_found_in_the_form_of_the_minor() {
        let tables = Tables::get();
        let owner = tables.type_of(tables.type_named("policy.v1.PodDisruptionBudgetStatus").unwrap());
        let required = |minor| match owner.field("expectedPods", Minor::new(minor)) {
            Lookup::Found(field, _) => Some(field.required),
            _ => None,
        };
        assert_eq!(required(35), Some(true));
        assert_eq!(required(36), Some(false));
        assert_eq!(owner.lifetime("expectedPods"), Minors::ALWAYS);
    }

    #[test]
    fn rules_are_bound_to_types_that_there_are() {
        for name in crate::rules::TYPES {
            assert!(Tables::get().type_named(name).is_some(), "{name}");
        }
    }
}
