//! The functions of the language: what each takes, gives and does. Total and pure: no clock, no random
//! numbers, no files.
//!
//! Start with [`FUNCTIONS`].

use platc_diag::limits;
use platc_model::Value;
use platc_model::scalar::{Cidr, Scalar};
use platc_model::types::Type;
use sha2::{Digest as _, Sha256};

use super::eval::Val;
use super::ty::Ty;
use crate::literal;

/// A function.
#[derive(Debug)]
pub struct Function {
    /// Its name; `cidr.host` is called on `cidr`.
    pub name: &'static str,
    /// What it takes.
    pub takes: &'static [Takes],
    /// Whether the last argument may come again.
    pub more: bool,
    /// What it does, for hover and the reference page.
    pub doc: &'static str,
    gives: fn(&[Ty]) -> Ty,
    run: fn(&[Val]) -> Result<Val, String>,
}

/// What an argument may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Takes {
    /// Whatever has a text.
    Text,
    /// A whole number.
    Int,
    /// A number or an amount.
    Number,
    /// An address range.
    Cidr,
    /// An address or an address range.
    Address,
    /// A list.
    List,
    /// A list, a map or a text.
    Measured,
    /// Anything.
    Any,
}

impl Takes {
    /// For people.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Int => "a whole number",
            Self::Number => "a number or an amount",
            Self::Cidr => "an address range",
            Self::Address => "an address or an address range",
            Self::List => "a list",
            Self::Measured => "a list, a map or a text",
            Self::Any => "anything",
        }
    }

    /// Whether a type fits.
    pub fn accepts(self, ty: &Ty) -> bool {
        if ty.is_open() {
            return true;
        }
        let scalar = ty.as_scalar();
        match self {
            Self::Any => !matches!(ty, Ty::Value(Type::Secret)),
            Self::List => ty.element().is_some(),
            Self::Measured => {
                ty.element().is_some() || scalar.is_some() || matches!(ty, Ty::Value(Type::Map(_)))
            }
            Self::Text => scalar.is_some() || matches!(ty, Ty::Item(..)),
            Self::Int => matches!(scalar, Some(Scalar::Int | Scalar::Port)),
            Self::Number => matches!(
                scalar,
                Some(
                    Scalar::Int
                        | Scalar::Float
                        | Scalar::Port
                        | Scalar::Cpu
                        | Scalar::Bytes
                        | Scalar::Duration
                        | Scalar::Percent
                )
            ),
            Self::Cidr => matches!(scalar, Some(Scalar::Cidr)) || *ty == Ty::Text,
            Self::Address => matches!(scalar, Some(Scalar::Cidr | Scalar::Ip)) || *ty == Ty::Text,
        }
    }
}

impl Function {
    /// The type that it gives for arguments of those types.
    pub fn gives(&self, arguments: &[Ty]) -> Ty {
        (self.gives)(arguments)
    }

    /// Its value; an error is a clause that says what cannot be done.
    pub fn run(&self, arguments: &[Val]) -> Result<Val, String> {
        (self.run)(arguments)
    }

    /// The function of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|function| function.name == name)
    }
}

fn string(_: &[Ty]) -> Ty {
    Ty::STRING
}

fn int(_: &[Ty]) -> Ty {
    Ty::scalar(Scalar::Int)
}

fn first(arguments: &[Ty]) -> Ty {
    arguments.first().cloned().unwrap_or(Ty::Unknown)
}

fn element(arguments: &[Ty]) -> Ty {
    first(arguments).element().unwrap_or(Ty::Unknown)
}

macro_rules! functions {
    ($($name:literal ($($takes:ident),*) $($more:ident)? -> $gives:expr, $doc:literal, $run:expr;)*) => {
        /// All functions.
        pub const FUNCTIONS: &[Function] = &[$(Function {
            name: $name,
            takes: &[$(Takes::$takes),*],
            more: functions!(@more $($more)?),
            doc: $doc,
            gives: $gives,
            run: $run,
        }),*];
    };
    (@more more) => { true };
    (@more) => { false };
}

functions! {
    "join" (List, Text) -> string, "The elements as one text, with the second argument between.", |args| {
        let (list, between) = (elements(args, 0)?, text(args, 1)?);
        let parts: Result<Vec<String>, String> = list.iter().map(text_of).collect();
        bounded(&parts?.join(&between))
    };
    "split" (Text, Text) -> |_| Ty::STRING.list(), "The parts of a text between the second argument.", |args| {
        let (whole, between) = (text(args, 0)?, text(args, 1)?);
        if between.is_empty() {
            return Err("there is nothing between the parts: the second argument is empty".to_owned());
        }
        Ok(Val::List(whole.split(&between).map(Val::text).collect()))
    };
    "replace" (Text, Text, Text) -> string, "The text with each second argument replaced by the third.", |args| {
        let from = text(args, 1)?;
        if from.is_empty() {
            return Err("there is nothing to replace: the second argument is empty".to_owned());
        }
        let (whole, to) = (text(args, 0)?, text(args, 2)?);
        let growth = whole.matches(&from).count().saturating_mul(to.len());
        if whole.len().saturating_add(growth) > limits::VALUE_BYTES {
            return Err(too_large());
        }
        bounded(&whole.replace(&from, &to))
    };
    "lower" (Text) -> string, "The text in small letters.", |args| bounded(&text(args, 0)?.to_lowercase());
    "upper" (Text) -> string, "The text in capitals.", |args| bounded(&text(args, 0)?.to_uppercase());
    "trim" (Text) -> string, "The text without white space at its ends.", |args| bounded(text(args, 0)?.trim());
    "format" (Text, Any) more -> string, "The first argument with each `{}` replaced by the next argument.", |args| {
        let pattern = text(args, 0)?;
        let mut rest = args.iter().skip(1);
        let mut out = String::new();
        let mut parts = pattern.split("{}").peekable();
        while let Some(part) = parts.next() {
            out.push_str(part);
            if parts.peek().is_some() {
                let next = rest.next().ok_or("there are more `{}` than arguments")?;
                out.push_str(&text_of(next)?);
            }
        }
        if rest.next().is_some() {
            return Err("there are more arguments than `{}`".to_owned());
        }
        bounded(&out)
    };
    "contains" (Any, Any) -> |_| Ty::BOOL, "Whether a list has the element, or a text the part.", |args| {
        match args.first() {
            Some(list @ (Val::List(_) | Val::Value(Value::List(_)))) => {
                let wanted = args.get(1).cloned().unwrap_or(Val::Value(Value::Null));
                let found = list.elements().unwrap_or_default().iter().any(|element| element.same(&wanted));
                Ok(Val::Value(Value::Bool(found)))
            }
            _ => Ok(Val::Value(Value::Bool(text(args, 0)?.contains(&text(args, 1)?)))),
        }
    };
    "len" (Measured) -> int, "How many elements a list or map has, or characters a text.", |args| {
        let n = match args.first() {
            Some(Val::Value(Value::Map(entries))) => entries.len(),
            Some(list @ (Val::List(_) | Val::Value(Value::List(_)))) => list.elements().unwrap_or_default().len(),
            _ => text(args, 0)?.chars().count(),
        };
        Ok(number(n))
    };
    "sort" (List) -> first, "The elements in order.", |args| {
        let mut list = elements(args, 0)?;
        let mut unordered = false;
        list.sort_by(|a, b| a.order(b).unwrap_or_else(|| { unordered = true; std::cmp::Ordering::Equal }));
        if unordered { Err("its elements have no order".to_owned()) } else { Ok(Val::List(list)) }
    };
    "unique" (List) -> first, "The elements, each once, where it first stands.", |args| {
        let mut kept: Vec<Val> = Vec::new();
        for element in elements(args, 0)? {
            if !kept.iter().any(|other| other.same(&element)) {
                kept.push(element);
            }
        }
        Ok(Val::List(kept))
    };
    "min" (List) -> element, "The smallest element.", |args| extreme(args, std::cmp::Ordering::Less);
    "max" (List) -> element, "The largest element.", |args| extreme(args, std::cmp::Ordering::Greater);
    "sum" (List) -> element, "All elements together; 0 for none.", |args| {
        let mut list = elements(args, 0)?.into_iter();
        let Some(mut total) = list.next() else { return Ok(number(0)) };
        for next in list {
            total = super::eval::add(&total, &next)?;
        }
        Ok(total)
    };
    "ceil" (Number) -> int, "The next whole number above.", |args| whole(args, f64::ceil, true);
    "floor" (Number) -> int, "The next whole number below.", |args| whole(args, f64::floor, false);
    "range" (Int, Int) -> |_| Ty::scalar(Scalar::Int).list(), "Whole numbers from the first argument up to, and without, the second.", |args| {
        let (from, to) = (integer(args, 0)?, integer(args, 1)?);
        let n = to.saturating_sub(from).max(0);
        if usize::try_from(n).map_or(true, |n| n > limits::LIST_ELEMENTS) {
            return Err(crate::errors::LIST_TOO_LONG.to_owned());
        }
        Ok(Val::List((from..to).map(|n| Val::Value(Value::Int(n))).collect()))
    };
    "zip" (List, List) -> |arguments| element(arguments).list().list(), "Pairs of the elements of two lists, as lists of two.", |args| {
        let pairs = elements(args, 0)?.into_iter().zip(elements(args, 1)?);
        Ok(Val::List(pairs.map(|(a, b)| Val::List(vec![a, b])).collect()))
    };
    "cidr.host" (Cidr, Int) -> |_| Ty::scalar(Scalar::Ip), "The n-th address of a range, from 0.", |args| {
        let (range, n) = (cidr(args, 0)?, integer(args, 1)?);
        let ip = u128::try_from(n).ok().and_then(|n| range.host(n));
        ip.map(|ip| Val::Value(Value::Ip(ip))).ok_or_else(|| format!("`{range}` has no address number {n}"))
    };
    "cidr.subnet" (Cidr, Int, Int) -> |_| Ty::scalar(Scalar::Cidr), "The n-th part of a range, from 0, of that prefix length.", |args| {
        let (range, prefix, n) = (cidr(args, 0)?, integer(args, 1)?, integer(args, 2)?);
        let part = u8::try_from(prefix).ok().zip(u128::try_from(n).ok()).and_then(|(p, n)| range.subnet(p, n));
        part.map(|part| Val::Value(Value::Cidr(part)))
            .ok_or_else(|| format!("`{range}` has no part number {n} of prefix length {prefix}"))
    };
    "cidr.contains" (Cidr, Address) -> |_| Ty::BOOL, "Whether an address or a range lies within a range.", |args| {
        let range = cidr(args, 0)?;
        let inside = match args.get(1) {
            Some(Val::Value(Value::Ip(ip))) => range.contains(*ip),
            Some(Val::Value(Value::Text(text))) if !text.contains('/') => {
                let ip = platc_model::scalar::parse_ip(text).map_err(|_| format!("`{text}` is not an address"))?;
                range.contains(ip)
            }
            _ => range.covers(cidr(args, 1)?),
        };
        Ok(Val::Value(Value::Bool(inside)))
    };
    "json" (Any) -> string, "The value as JSON.", |args| bounded(&json(args)?);
    "yaml" (Any) -> string, "The value as YAML, in the form that is JSON, too: every reader takes it.", |args| bounded(&json(args)?);
    "base64" (Text) -> string, "The text in base64.", |args| {
        use base64::Engine as _;
        bounded(&base64::engine::general_purpose::STANDARD.encode(text(args, 0)?))
    };
    "sha256" (Text) -> string, "The SHA-256 of the text, in hexadecimal.", |args| {
        let hash = Sha256::digest(text(args, 0)?.as_bytes());
        Ok(Val::text(&hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
    };
}

fn too_large() -> String {
    format!("the text would be larger than {} KiB", limits::VALUE_BYTES >> 10)
}

fn bounded(text: &str) -> Result<Val, String> {
    if text.len() > limits::VALUE_BYTES { Err(too_large()) } else { Ok(Val::text(text)) }
}

fn number(n: usize) -> Val {
    Val::Value(Value::Int(i64::try_from(n).unwrap_or(i64::MAX)))
}

fn text_of(value: &Val) -> Result<String, String> {
    value.as_text().ok_or_else(|| "a list has no text; use `join`".to_owned())
}

fn text(args: &[Val], n: usize) -> Result<String, String> {
    args.get(n).map_or_else(|| Ok(String::new()), text_of)
}

fn integer(args: &[Val], n: usize) -> Result<i64, String> {
    match args.get(n) {
        Some(Val::Value(Value::Int(value))) => Ok(*value),
        Some(Val::Value(Value::Port(value))) => Ok(i64::from(*value)),
        _ => Err(format!("argument {} is not a whole number", n + 1)),
    }
}

fn cidr(args: &[Val], n: usize) -> Result<Cidr, String> {
    match args.get(n) {
        Some(Val::Value(Value::Cidr(range))) => Ok(*range),
        Some(Val::Value(Value::Text(text))) => {
            Cidr::parse(text).map_err(|wrong| format!("`{text}` is not an address range: {wrong}"))
        }
        _ => Err(format!("argument {} is not an address range", n + 1)),
    }
}

fn elements(args: &[Val], n: usize) -> Result<Vec<Val>, String> {
    args.get(n).and_then(Val::elements).ok_or_else(|| format!("argument {} is not a list", n + 1))
}

fn extreme(args: &[Val], wanted: std::cmp::Ordering) -> Result<Val, String> {
    let mut list = elements(args, 0)?.into_iter();
    let mut best = list.next().ok_or("the list is empty")?;
    for next in list {
        let order = next.order(&best).ok_or("its elements have no order")?;
        if order == wanted {
            best = next;
        }
    }
    Ok(best)
}

/// Rounds a number; an amount is counted in its unit: whole CPUs, MiB, seconds, percent.
fn whole(args: &[Val], round: fn(f64) -> f64, up: bool) -> Result<Val, String> {
    let divide = |amount: u64, unit: u64| {
        let whole = if up { amount.div_ceil(unit) } else { amount / unit };
        Ok(Val::Value(Value::Int(i64::try_from(whole).unwrap_or(i64::MAX))))
    };
    match args.first() {
        Some(Val::Value(Value::Int(n))) => Ok(Val::Value(Value::Int(*n))),
        Some(Val::Value(Value::Port(n))) => Ok(Val::Value(Value::Int(i64::from(*n)))),
        Some(Val::Value(Value::Float(n))) => {
            let rounded = round(*n);
            #[expect(clippy::cast_precision_loss, reason = "only the size matters")]
            if !rounded.is_finite() || rounded.abs() >= i64::MAX as f64 {
                return Err("it is too large for a whole number".to_owned());
            }
            #[expect(clippy::cast_possible_truncation, reason = "rounded and in range")]
            Ok(Val::Value(Value::Int(rounded as i64)))
        }
        Some(Val::Value(Value::Cpu(cpu))) => divide(cpu.as_milli(), 1000),
        Some(Val::Value(Value::Bytes(bytes))) => divide(bytes.get(), 1 << 20),
        Some(Val::Value(Value::Duration(time))) => divide(time.as_micros(), 1_000_000),
        Some(Val::Value(Value::Percent(part))) => divide(part.as_milli(), 1000),
        _ => Err("it is not a number".to_owned()),
    }
}

fn json(args: &[Val]) -> Result<String, String> {
    let value = args.first().map_or(Ok(serde_json::Value::Null), to_json)?;
    serde_json::to_string(&value).map_err(|error| error.to_string())
}

fn to_json(value: &Val) -> Result<serde_json::Value, String> {
    match value {
        Val::Value(value) => value_to_json(value),
        Val::List(list) => list.iter().map(to_json).collect::<Result<Vec<_>, _>>().map(Into::into),
        other => text_of(other).map(Into::into),
    }
}

fn value_to_json(value: &Value) -> Result<serde_json::Value, String> {
    Ok(match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::Port(value) => (*value).into(),
        Value::List(list) => {
            list.iter().map(|item| value_to_json(item)).collect::<Result<Vec<_>, _>>()?.into()
        }
        Value::Map(entries) => {
            let pairs =
                entries.iter().map(|(name, item)| value_to_json(item).map(|value| (name.to_string(), value)));
            serde_json::Value::Object(pairs.collect::<Result<_, _>>()?)
        }
        Value::Secret(_) => return Err("a secret is never put into a text".to_owned()),
        Value::Record(_) | Value::Pending(_) => return Err("it cannot be written as JSON".to_owned()),
        scalar => scalar.to_string().into(),
    })
}

/// What a text beside a typed value is: `x < '1s'`.
pub fn text_as(scalar: Scalar, text: &str) -> Result<Value, literal::Mismatch> {
    match scalar {
        Scalar::Int | Scalar::Float | Scalar::Port | Scalar::Bool => Err(literal::Mismatch::Sort(None)),
        scalar => literal::from_text(scalar, text),
    }
}
