//! [`Quantity`]: `500m`, `2Gi`, `1e3`; read exactly, as the API server does.

/// An amount, in billionths: the finest that Kubernetes knows (`1n`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Quantity(i128);

const NANO: i128 = 1_000_000_000;
/// Kubernetes holds no more than 2^63−1 whole units; what is larger is cut to that.
const MAX: i128 = i64::MAX as i128 * NANO;

impl Quantity {
    /// A whole number of units.
    pub const fn whole(units: i64) -> Self {
        Self(units as i128 * NANO)
    }

    /// Reads `[+-]DIGITS[.DIGITS][SUFFIX]`. The error says what would be right.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const SHAPE: &str = "a number with one of the suffixes `m`, `k`, `M`, `G`, `T`, `P`, `E`, \
            `Ki`, `Mi`, \
                             `Gi`, `Ti`, `Pi`, `Ei`, or with an exponent such as `1e3`";
        let (negative, rest) = match text.as_bytes().first() {
            Some(b'-') => (true, text.get(1..).unwrap_or("")),
            Some(b'+') => (false, text.get(1..).unwrap_or("")),
            _ => (false, text),
        };
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, suffix) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return Err(SHAPE);
        }
        let Some((factor, power)) = scale(suffix) else { return Err(SHAPE) };
        let amount = scaled(whole, fraction, factor, power).min(MAX);
        Ok(Self(if negative { -amount } else { amount }))
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether it is a whole number of units.
    pub const fn is_whole(self) -> bool {
        self.0 % NANO == 0
    }

    /// The sum, at most what a quantity can hold.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0).clamp(-MAX, MAX))
    }
}

/// What a suffix multiplies by: a factor, and a power of ten.
fn scale(suffix: &str) -> Option<(i128, i32)> {
    let binary = |power: u32| Some((1_i128 << (10 * power), 0));
    match suffix {
        "n" => Some((1, -9)),
        "u" => Some((1, -6)),
        "m" => Some((1, -3)),
        "" => Some((1, 0)),
        "k" => Some((1, 3)),
        "M" => Some((1, 6)),
        "G" => Some((1, 9)),
        "T" => Some((1, 12)),
        "P" => Some((1, 15)),
        "E" => Some((1, 18)),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        exponent => {
            let digits = exponent.strip_prefix(['e', 'E'])?;
            let bare = digits.strip_prefix(['+', '-']).unwrap_or(digits);
            let is_number = !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit());
            // Nothing that fits has an exponent of three digits.
            if is_number { Some((1, digits.parse::<i32>().unwrap_or(999).clamp(-999, 999))) } else { None }
        }
    }
}

/// Digits behind the point that are looked at: more than any amount can hold.
const FRACTION_DIGITS: usize = 18;

/// The amount in billionths, rounded up: finer than a billionth is a billionth, as upstream has it.
fn scaled(whole: &str, fraction: &str, factor: i128, power: i32) -> i128 {
    let number = |digits: &str| {
        digits
            .bytes()
            .fold(0_i128, |sum, digit| sum.saturating_mul(10).saturating_add(i128::from(digit - b'0')))
    };
    let (near, far) = fraction.split_at(fraction.len().min(FRACTION_DIGITS));
    let near = number(near).saturating_mul(10_i128.pow(missing_digits(near.len())));
    let (above, above_rest) = shifted(number(whole).saturating_mul(factor), power.saturating_add(9));
    let (below, below_rest) = shifted(near.saturating_mul(factor), power.saturating_add(9 - 18));
    let rest = above_rest || below_rest || far.bytes().any(|digit| digit != b'0');
    above.saturating_add(below).saturating_add(i128::from(rest))
}

fn missing_digits(n_digits: usize) -> u32 {
    u32::try_from(FRACTION_DIGITS.saturating_sub(n_digits)).unwrap_or(0)
}

/// The amount times a power of ten, and whether something was cut off.
fn shifted(amount: i128, power: i32) -> (i128, bool) {
    // 10^38 is the largest that fits: beyond it everything or nothing is left.
    let power_of_ten = 10_i128.checked_pow(power.unsigned_abs());
    match (power_of_ten, power >= 0) {
        (Some(by), true) => (amount.saturating_mul(by), false),
        (Some(by), false) => (amount / by, amount % by != 0),
        (None, true) => (amount.saturating_mul(i128::MAX), false),
        (None, false) => (0, amount != 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(text: &str) -> Quantity {
        Quantity::parse(text).unwrap_or_else(|_| panic!("{text}"))
    }

    #[test]
    fn equal_amounts_are_equal_however_they_are_written() {
        for (a, b) in [
            ("1", "1000m"),
            ("1.5Gi", "1536Mi"),
            ("0.5", "500m"),
            (".5", "500m"),
            ("1e3", "1k"),
            ("1E3", "1k"),
            ("1e-3", "1m"),
            ("5.", "5"),
            ("0.1n", "1n"),
            ("+2", "2"),
            ("99999999999999999999999999", "9223372036854775807"),
        ] {
            assert_eq!(quantity(a), quantity(b), "{a} {b}");
        }
        assert!(quantity("1Mi") > quantity("1M"));
        assert!(quantity("-1").is_negative());
        assert!(quantity("400m") < quantity("1"));
        assert!(!quantity("400m").is_whole());
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        for text in ["", "Gi", "1gi", "1 Gi", "1GiB", "1.2.3", "-", "1e", "1ee3", "0x10", "1,5", "1KB", "."] {
            assert!(Quantity::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_of_a_million_digits_ends() {
        let long = "9".repeat(1_000_000);
        assert_eq!(quantity(&long), quantity("9223372036854775807"));
        assert_eq!(quantity(&format!("0.{long}")), Quantity::whole(1));
        assert_eq!(quantity("1e-999"), quantity("1n"));
        assert_eq!(quantity("1e999"), quantity("9223372036854775807"));
    }
}
