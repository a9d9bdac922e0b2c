//! Values with a unit, as numbers: a model gives them as texts in canonical form.
//!
//! Not here: writing them; a patch says `"500m"`.
//!
//! Start with [`cpu_milli`].

/// Thousandths of a CPU: `500m` is 500, `2` is 2000.
pub fn cpu_milli(text: &str) -> Option<u64> {
    match text.strip_suffix('m') {
        Some(milli) => milli.parse().ok(),
        None => scaled(text, 1000),
    }
}

/// Bytes: `1GiB`, `64MiB`, `500MB`, `0B`.
pub fn bytes(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 9] = [
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("TiB", 1 << 40),
        ("kB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("TB", 1_000_000_000_000),
        ("B", 1),
    ];
    UNITS
        .iter()
        .find_map(|(unit, factor)| text.strip_suffix(unit).map(|number| (number, *factor)))
        .and_then(|(number, factor)| scaled(number, factor))
}

/// Milliseconds: `250ms`, `2s`, `1h30m`, `1d`.
pub fn millis(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 5] =
        [("ms", 1), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];
    let mut rest = text;
    let mut sum: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(digits);
        let (unit, factor) = UNITS.iter().find(|(unit, _)| after.starts_with(unit))?;
        sum = sum.checked_add(scaled(number, *factor)?)?;
        rest = &after[unit.len()..];
    }
    (!text.is_empty()).then_some(sum)
}

/// A number with at most a few decimals, times a factor.
fn scaled(number: &str, factor: u64) -> Option<u64> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 9 {
        return None;
    }
    let denominator = 10_u64.pow(u32::try_from(part.len()).ok()?);
    let part: u64 = if part.is_empty() { 0 } else { part.parse().ok()? };
    let part = u128::from(part) * u128::from(factor) / u128::from(denominator);
    whole.parse::<u64>().ok()?.checked_mul(factor)?.checked_add(u64::try_from(part).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_numbers() {
        assert_eq!(["500m", "2", "0.5", "1.25"].map(cpu_milli), [500, 2000, 500, 1250].map(Some));
        assert_eq!(
            ["1GiB", "64MiB", "1.5KiB", "2kB", "0B"].map(bytes),
            [1 << 30, 64 << 20, 1536, 2000, 0].map(Some)
        );
        assert_eq!(["250ms", "2s", "1h30m", "1d"].map(millis), [250, 2000, 5_400_000, 86_400_000].map(Some));
    }

    #[test]
    fn what_is_no_amount_is_none() {
        assert_eq!(["", "m", "x", "1.x", "-1"].map(cpu_milli), [None; 5]);
        assert_eq!(["", "GiB", "1", "1Gi"].map(bytes), [None; 4]);
        assert_eq!(["", "s", "1", "1s2"].map(millis), [None; 4]);
    }
}
