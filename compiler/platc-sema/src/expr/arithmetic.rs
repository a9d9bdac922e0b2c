//! `- * / %` on numbers and amounts. Whole numbers stay whole, amounts stay amounts; what does not fit
//! is a mistake, never a wrapped number.

use platc_model::Value;
use platc_model::scalar::{Bytes, Cpu, Duration, Percent};
use platc_syntax::expr::BinaryOp;

use super::eval::Val;

const TOO_LARGE: &str = "the result is too large";
const NEGATIVE: &str = "an amount is not negative";
const BY_ZERO: &str = "nothing can be divided by 0";

/// What an operator other than `+` and comparisons gives; an error is a clause.
pub(super) fn compute(op: BinaryOp, a: &Val, b: &Val) -> Result<Val, String> {
    let (Val::Value(a), Val::Value(b)) = (a, b) else { return Err(unfit(op)) };
    values(op, a, b).map(Val::Value)
}

fn unfit(op: BinaryOp) -> String {
    format!("`{}` takes numbers and amounts", op.sign())
}

fn values(op: BinaryOp, a: &Value, b: &Value) -> Result<Value, String> {
    match (a, b) {
        (Value::Port(a), b) => values(op, &Value::Int(i64::from(*a)), b),
        (a, Value::Port(b)) => values(op, a, &Value::Int(i64::from(*b))),
        (Value::Int(a), Value::Int(b)) => whole(op, *a, *b),
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => fraction(op, a, b),
        (Value::Text(text), typed) if amount(typed).is_some() => match text_like(text, typed) {
            Some(a) => values(op, &a, b),
            None => Err(unfit(op)),
        },
        (typed, Value::Text(text)) if amount(typed).is_some() => match text_like(text, typed) {
            Some(b) => values(op, a, &b),
            None => Err(unfit(op)),
        },
        _ => amounts(op, a, b),
    }
}

fn whole(op: BinaryOp, a: i64, b: i64) -> Result<Value, String> {
    let result = match op {
        BinaryOp::Subtract => a.checked_sub(b),
        BinaryOp::Multiply => a.checked_mul(b),
        BinaryOp::Divide | BinaryOp::Remainder if b == 0 => return Err(BY_ZERO.to_owned()),
        BinaryOp::Divide if a % b != 0 => {
            return Err(format!("{a} / {b} is no whole number; use `floor` or `ceil` of {a}.0 / {b}"));
        }
        BinaryOp::Divide => a.checked_div(b),
        BinaryOp::Remainder => a.checked_rem(b),
        _ => return Err(unfit(op)),
    };
    result.map(Value::Int).ok_or_else(|| TOO_LARGE.to_owned())
}

#[expect(clippy::cast_precision_loss, reason = "a whole number beside a fraction is counted as one")]
fn fraction(op: BinaryOp, a: &Value, b: &Value) -> Result<Value, String> {
    let float = |value: &Value| match value {
        Value::Int(n) => *n as f64,
        Value::Float(n) => *n,
        _ => f64::NAN,
    };
    let (a, b) = (float(a), float(b));
    let result = match op {
        BinaryOp::Subtract => a - b,
        BinaryOp::Multiply => a * b,
        BinaryOp::Divide | BinaryOp::Remainder if b == 0.0 => return Err(BY_ZERO.to_owned()),
        BinaryOp::Divide => a / b,
        BinaryOp::Remainder => a % b,
        _ => return Err(unfit(op)),
    };
    if result.is_finite() { Ok(Value::Float(result)) } else { Err(TOO_LARGE.to_owned()) }
}

/// An amount in its smallest unit.
fn amount(value: &Value) -> Option<u64> {
    match value {
        Value::Cpu(cpu) => Some(cpu.as_milli()),
        Value::Bytes(bytes) => Some(bytes.get()),
        Value::Duration(time) => Some(time.as_micros()),
        Value::Percent(part) => Some(part.as_milli()),
        _ => None,
    }
}

/// So much of the same sort.
fn of_sort(like: &Value, amount: u64) -> Value {
    match like {
        Value::Cpu(_) => Value::Cpu(Cpu::milli(amount)),
        Value::Bytes(_) => Value::Bytes(Bytes::new(amount)),
        Value::Duration(_) => Value::Duration(Duration::micros(amount)),
        _ => Value::Percent(Percent::milli(amount)),
    }
}

fn text_like(text: &str, like: &Value) -> Option<Value> {
    match like {
        Value::Cpu(_) => Cpu::parse(text).ok().map(Value::Cpu),
        Value::Bytes(_) => Bytes::parse(text).ok().map(Value::Bytes),
        Value::Duration(_) => Duration::parse(text).ok().map(Value::Duration),
        Value::Percent(_) => Percent::parse(text).ok().map(Value::Percent),
        _ => None,
    }
}

fn amounts(op: BinaryOp, a: &Value, b: &Value) -> Result<Value, String> {
    let same = std::mem::discriminant(a) == std::mem::discriminant(b);
    match (op, amount(a), amount(b)) {
        (BinaryOp::Subtract, Some(x), Some(y)) if same => {
            x.checked_sub(y).map(|n| of_sort(a, n)).ok_or_else(|| NEGATIVE.to_owned())
        }
        // How often one amount goes into another.
        (BinaryOp::Divide, Some(_), Some(0)) if same => Err(BY_ZERO.to_owned()),
        #[expect(clippy::cast_precision_loss, reason = "a ratio is a fraction")]
        (BinaryOp::Divide, Some(x), Some(y)) if same => Ok(Value::Float(x as f64 / y as f64)),
        (BinaryOp::Remainder, Some(_), Some(0)) if same => Err(BY_ZERO.to_owned()),
        (BinaryOp::Remainder, Some(x), Some(y)) if same => Ok(of_sort(a, x % y)),
        // A percentage of an amount, rounded down.
        (BinaryOp::Multiply, Some(x), Some(_)) => match (a, b) {
            (_, Value::Percent(part)) => Ok(of_sort(a, part.of(x))),
            (Value::Percent(part), _) => Ok(of_sort(b, part.of(amount(b).unwrap_or(0)))),
            _ => Err(unfit(op)),
        },
        (BinaryOp::Multiply, Some(x), None) => scaled(x, b).map(|n| of_sort(a, n)),
        (BinaryOp::Multiply, None, Some(y)) => scaled(y, a).map(|n| of_sort(b, n)),
        (BinaryOp::Divide, Some(x), None) => match b {
            Value::Int(0) => Err(BY_ZERO.to_owned()),
            Value::Int(n) => u64::try_from(*n).map(|n| of_sort(a, x / n)).map_err(|_| NEGATIVE.to_owned()),
            Value::Float(n) if *n > 0.0 => scaled(x, &Value::Float(1.0 / n)).map(|n| of_sort(a, n)),
            _ => Err(unfit(op)),
        },
        _ => Err(unfit(op)),
    }
}

/// An amount times a number, rounded down.
fn scaled(amount: u64, by: &Value) -> Result<u64, String> {
    match by {
        Value::Int(n) => {
            let n = u64::try_from(*n).map_err(|_| NEGATIVE.to_owned())?;
            amount.checked_mul(n).ok_or_else(|| TOO_LARGE.to_owned())
        }
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked"
        )]
        Value::Float(n) => {
            let product = amount as f64 * n;
            if product < 0.0 {
                Err(NEGATIVE.to_owned())
            } else if product >= u64::MAX as f64 || !product.is_finite() {
                Err(TOO_LARGE.to_owned())
            } else {
                Ok(product as u64)
            }
        }
        _ => Err("an amount is multiplied by a number".to_owned()),
    }
}
