//! From a literal to a value of a type: what is written without an expression.
//!
//! Not here: where it may stand and what is said about it when it does not fit (`check`, `errors`).
//!
//! Start with [`scalar`].

use std::sync::Arc;

use platc_model::scalar::{
    Bytes, Cidr, Cpu, Cron, Date, Digest, Duration, HostPort, Image, Mac, Percent, Rate, Scalar, Version,
    Wrong, check_dns_label, check_dns_name, check_path, check_url, parse_ip,
};
use platc_model::types::Limits;
use platc_model::{Text, Value};
use platc_syntax::Literal;

/// Why a literal is not of a type.
#[derive(Clone, PartialEq, Debug)]
pub enum Mismatch {
    /// It is of another sort altogether; how it would be written, if that can be guessed.
    Sort(Option<String>),
    /// The text is not one of those that the scalar has; what would be right.
    Form(Wrong),
    /// The number is outside of what the type can hold.
    Range(String),
}

/// What a value breaks of the limits of its field.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Breach {
    /// It is less than this.
    Below(Value),
    /// It is more than this.
    Above(Value),
    /// It has so many characters or elements, and not from so many to so many.
    Length(usize, u32, u32),
    /// It does not match this pattern.
    Pattern(Text),
    /// It is none of these.
    NotOneOf(Vec<Value>),
}

/// What a literal is, for people: its sort and itself, cut where it is long.
pub(crate) fn describe(literal: &Literal<'_>) -> String {
    match literal {
        Literal::Null => "`#null`".to_owned(),
        Literal::Bool(value) => format!("`#{value}`"),
        Literal::Int(value) => format!("the number {value}"),
        Literal::Float(value) => format!("the number {value}"),
        Literal::Str(text) if text.is_empty() => "an empty text".to_owned(),
        Literal::Str(text) => format!("the text `{}`", cut(text)),
        Literal::Bad => "unreadable".to_owned(),
    }
}

/// Longest text of the author's that a message repeats, in characters.
const SHOWN: usize = 40;

/// The beginning of a text, for a message.
pub(crate) fn cut(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    if line.len() == text.len() && text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    format!("{}…", line.chars().take(SHOWN).collect::<String>())
}

/// The value that a literal is as a scalar of that type.
pub(crate) fn scalar(wanted: Scalar, literal: &Literal<'_>) -> Result<Value, Mismatch> {
    match literal {
        Literal::Str(text) => from_text(wanted, text),
        Literal::Int(number) => from_int(wanted, *number),
        Literal::Float(number) => from_float(wanted, *number),
        Literal::Bool(value) if wanted == Scalar::Bool => Ok(Value::Bool(*value)),
        Literal::Bool(value) if wanted == Scalar::String => {
            Err(Mismatch::Sort(Some(format!("write \"{value}\""))))
        }
        Literal::Bool(_) | Literal::Null | Literal::Bad => Err(Mismatch::Sort(None)),
    }
}

/// The value that a text is as a scalar of that type; also for texts that expressions give.
pub(crate) fn from_text(wanted: Scalar, text: &str) -> Result<Value, Mismatch> {
    let kept = |checked: Result<(), Wrong>| checked.map(|()| Value::Text(text.into()));
    let value = match wanted {
        Scalar::String => return Ok(Value::Text(text.into())),
        Scalar::Bool => return Err(Mismatch::Sort(bool_help(text))),
        Scalar::Int | Scalar::Float | Scalar::Port => {
            let number = text.parse::<f64>().is_ok().then(|| format!("write {text} without quotes"));
            return Err(Mismatch::Sort(number));
        }
        Scalar::Cpu => Cpu::parse(text).map(Value::Cpu),
        Scalar::Bytes => Bytes::parse(text).map(Value::Bytes),
        Scalar::Duration => Duration::parse(text).map(Value::Duration),
        Scalar::Percent => Percent::parse(text).map(Value::Percent),
        Scalar::Rate => Rate::parse(text).map(Value::Rate),
        Scalar::Ip => parse_ip(text).map(Value::Ip),
        Scalar::Cidr => Cidr::parse(text).map(Value::Cidr),
        Scalar::Mac => Mac::parse(text).map(Value::Mac),
        Scalar::HostPort => HostPort::parse(text).map(|at| Value::HostPort(Arc::new(at))),
        Scalar::DnsLabel => kept(check_dns_label(text)),
        Scalar::DnsName => kept(check_dns_name(text)),
        Scalar::Path => kept(check_path(text)),
        Scalar::Url => kept(check_url(text)),
        Scalar::Regex => kept(check_regex(text)),
        Scalar::Image => Image::parse(text).map(|image| Value::Image(Arc::new(image))),
        Scalar::Version => Version::parse(text).map(Value::Version),
        Scalar::Cron => Cron::parse(text).map(|cron| Value::Cron(Arc::new(cron))),
        Scalar::Date => Date::parse(text).map(Value::Date),
        Scalar::Digest => Digest::parse(text).map(Value::Digest),
    };
    value.map_err(Mismatch::Form)
}

fn bool_help(text: &str) -> Option<String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some("write #true".to_owned()),
        "false" | "no" | "off" => Some("write #false".to_owned()),
        _ => None,
    }
}

fn check_regex(text: &str) -> Result<(), Wrong> {
    regex_syntax::parse(text).map(drop).map_err(|error| {
        let said = error.to_string();
        Wrong(said.lines().last().unwrap_or("").trim_start_matches("error: ").to_owned())
    })
}

fn from_int(wanted: Scalar, number: i128) -> Result<Value, Mismatch> {
    match wanted {
        Scalar::Int => i64::try_from(number)
            .map(Value::Int)
            .map_err(|_| Mismatch::Range("a whole number fits into 64 bits".to_owned())),
        #[expect(
            clippy::cast_precision_loss,
            reason = "a float field takes the nearest number, as JSON does"
        )]
        Scalar::Float => Ok(Value::Float(number as f64)),
        Scalar::Port => match u16::try_from(number) {
            Ok(port) if port > 0 => Ok(Value::Port(port)),
            _ => Err(Mismatch::Range("a port is from 1 to 65535".to_owned())),
        },
        Scalar::Cpu => u64::try_from(number)
            .map_err(|_| Mismatch::Range("an amount is not negative".to_owned()))
            .and_then(|cpus| from_text(Scalar::Cpu, &cpus.to_string())),
        Scalar::Bytes => {
            Err(Mismatch::Sort(Some(format!("give it a unit: \"{number}MiB\" or \"{number}GiB\""))))
        }
        Scalar::Duration => {
            Err(Mismatch::Sort(Some(format!("give it a unit: \"{number}s\" or \"{number}ms\""))))
        }
        Scalar::Percent => Err(Mismatch::Sort(Some(format!("write \"{number}%\"")))),
        Scalar::Rate => Err(Mismatch::Sort(Some(format!("write \"{number}/s\"")))),
        Scalar::String => Err(Mismatch::Sort(Some(format!("write \"{number}\"")))),
        _ => Err(Mismatch::Sort(None)),
    }
}

fn from_float(wanted: Scalar, number: f64) -> Result<Value, Mismatch> {
    match wanted {
        Scalar::Float => Ok(Value::Float(number)),
        Scalar::Cpu if number >= 0.0 => from_text(Scalar::Cpu, &number.to_string()),
        Scalar::Cpu => Err(Mismatch::Range("an amount is not negative".to_owned())),
        Scalar::Version | Scalar::String => Err(Mismatch::Sort(Some(format!("write \"{number}\"")))),
        Scalar::Int => Err(Mismatch::Sort(Some("write it without a fraction".to_owned()))),
        _ => Err(Mismatch::Sort(None)),
    }
}

/// What `value` breaks of the limits of its field, if anything. `pattern` is tried by the caller's
/// engine, because compiling it is what costs.
pub(crate) fn breach(value: &Value, limits: &Limits, matches: &dyn Fn(&str, &str) -> bool) -> Option<Breach> {
    use std::cmp::Ordering::{Greater, Less};
    if let Some(min) = &limits.min
        && order(value, min) == Some(Less)
    {
        return Some(Breach::Below(min.clone()));
    }
    if let Some(max) = &limits.max
        && order(value, max) == Some(Greater)
    {
        return Some(Breach::Above(max.clone()));
    }
    if let Some((fewest, most)) = limits.length {
        let length = match value {
            Value::List(values) => values.len(),
            Value::Map(entries) => entries.len(),
            other => other.to_string().chars().count(),
        };
        if length < fewest as usize || length > most as usize {
            return Some(Breach::Length(length, fewest, most));
        }
    }
    if let Some(pattern) = &limits.pattern
        && !matches(pattern, &value.to_string())
    {
        return Some(Breach::Pattern(Text::clone(pattern)));
    }
    if !limits.one_of.is_empty() && !limits.one_of.contains(value) {
        return Some(Breach::NotOneOf(limits.one_of.clone()));
    }
    None
}

/// How two values of one type compare; `None` where they have no order.
pub(crate) fn order(a: &Value, b: &Value) -> Option<std::cmp::Ordering> {
    #[expect(clippy::cast_precision_loss, reason = "comparing a whole number with a fraction needs floats")]
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Int(a), Value::Float(b)) => (*a as f64).partial_cmp(b),
        (Value::Float(a), Value::Int(b)) => a.partial_cmp(&(*b as f64)),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Cpu(a), Value::Cpu(b)) => Some(a.cmp(b)),
        // CPUs are written as numbers, too.
        (Value::Cpu(a), Value::Int(b)) => Some(i128::from(a.as_milli()).cmp(&(i128::from(*b) * 1000))),
        (Value::Int(a), Value::Cpu(b)) => Some((i128::from(*a) * 1000).cmp(&i128::from(b.as_milli()))),
        (Value::Cpu(a), Value::Float(b)) => (a.as_milli() as f64).partial_cmp(&(b * 1000.0)),
        (Value::Float(a), Value::Cpu(b)) => (a * 1000.0).partial_cmp(&(b.as_milli() as f64)),
        (Value::Bytes(a), Value::Bytes(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Percent(a), Value::Percent(b)) => Some(a.cmp(b)),
        (Value::Rate(a), Value::Rate(b)) => Some(a.cmp(b)),
        (Value::Port(a), Value::Port(b)) => Some(a.cmp(b)),
        (Value::Port(a), Value::Int(b)) => Some(i64::from(*a).cmp(b)),
        (Value::Int(a), Value::Port(b)) => Some(a.cmp(&i64::from(*b))),
        (Value::Ip(a), Value::Ip(b)) => Some(a.cmp(b)),
        (Value::Version(a), Value::Version(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        _ => None,
    }
}
