//! Amounts: CPU in thousandths, memory in bytes, percentages, rates. Integers throughout: a plan must
//! not depend on how a machine rounds.

use std::fmt;

use super::Wrong;

/// CPU, in thousandths of one (Kubernetes calls them millicores).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Cpu(u64);

/// Memory or storage, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Bytes(u64);

/// A percentage, in thousandths of a percent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Percent(u64);

/// Events a time, in thousandths of one a second.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Rate(u64);

/// No host has more; anything above is a slip.
const CPU_MAX: u64 = 1_000_000;

impl Cpu {
    /// So many thousandths.
    pub const fn milli(milli: u64) -> Self {
        Self(milli)
    }

    /// So many whole CPUs.
    pub const fn whole(cpus: u64) -> Self {
        Self(cpus.saturating_mul(1000))
    }

    /// In thousandths.
    pub const fn as_milli(self) -> u64 {
        self.0
    }

    /// Whole CPUs, rounded down.
    pub const fn floor(self) -> u64 {
        self.0 / 1000
    }

    /// `2`, `0.5` or `500m`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let milli = match text.strip_suffix('m') {
            Some(number) => number.parse::<u64>().ok().filter(|_| plain_digits(number)),
            None => decimal(text, 3),
        };
        let help = "write CPUs, like 2, or thousandths of one, like \"500m\"";
        match milli {
            Some(milli) if milli > CPU_MAX * 1000 => Err(Wrong::new("no host has so many")),
            Some(milli) => Ok(Self(milli)),
            None => Err(Wrong::new(help)),
        }
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1000) { write!(f, "{}", self.0 / 1000) } else { write!(f, "{}m", self.0) }
    }
}

const BINARY_UNITS: [(&str, u64); 5] =
    [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

impl Bytes {
    /// So many bytes.
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// So many mebibytes.
    pub const fn mib(mib: u64) -> Self {
        Self(mib.saturating_mul(1 << 20))
    }

    /// In bytes.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// `12GiB`, `64000MiB`, `1.5GiB`. Units of 1024 only: `GB` and `G` mean different things to different
    /// readers, so they are refused with the right spelling.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let split = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let unit = unit.trim_start();
        let Some((_, factor)) = BINARY_UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(Wrong::new(unit_help(number, unit)));
        };
        let help = || Wrong::new("write a number and a unit, like \"12GiB\"");
        let thousandths = decimal(number, 3).ok_or_else(help)?;
        let bytes = u128::from(thousandths) * u128::from(*factor);
        if bytes % 1000 != 0 {
            return Err(Wrong::new("it is not a whole number of bytes"));
        }
        u64::try_from(bytes / 1000).map(Self).map_err(|_| Wrong::new("no machine has so much"))
    }
}

fn unit_help(number: &str, unit: &str) -> String {
    if unit.starts_with('-') {
        return "an amount is not negative".to_owned();
    }
    let number = if number.is_empty() { "12" } else { number };
    let meant = match unit.bytes().next().map(|first| first.to_ascii_lowercase()) {
        Some(b'k') => "KiB",
        Some(b'm') => "MiB",
        Some(b't') => "TiB",
        _ => "GiB",
    };
    if unit.is_empty() {
        return format!("give it a unit: \"{number}MiB\" or \"{number}GiB\"");
    }
    format!("units are B, KiB, MiB, GiB and TiB, of 1024 each: \"{number}{meant}\"")
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |factor: u64| self.0 >= factor && self.0.is_multiple_of(factor);
        let (unit, factor) =
            BINARY_UNITS.iter().find(|(_, factor)| fits(*factor)).copied().unwrap_or(("B", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

impl Percent {
    /// So many thousandths of a percent.
    pub const fn milli(milli: u64) -> Self {
        Self(milli)
    }

    /// In thousandths of a percent.
    pub const fn as_milli(self) -> u64 {
        self.0
    }

    /// That part of `amount`, rounded down.
    pub fn of(self, amount: u64) -> u64 {
        let part = u128::from(amount) * u128::from(self.0) / 100_000;
        u64::try_from(part).unwrap_or(u64::MAX)
    }

    /// `7%`, `0.5%`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let number = text.strip_suffix('%').map(str::trim_end).and_then(|number| decimal(number, 3));
        number.map(Self).ok_or_else(|| Wrong::new("write a number and a percent sign, like \"10%\""))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_thousandths(f, self.0)?;
        f.write_str("%")
    }
}

impl Rate {
    /// In thousandths of one a second.
    pub const fn as_milli_per_second(self) -> u64 {
        self.0
    }

    /// `100/s`, `30/m`, `5/h`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let help = || Wrong::new("write a number a second, minute or hour, like \"100/s\" or \"30/m\"");
        let (number, unit) = text.split_once('/').ok_or_else(help)?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return Err(help()),
        };
        let milli = decimal(number, 3).ok_or_else(help)?;
        if milli % seconds != 0 {
            return Err(Wrong::new(format!(
                "rates are kept in thousandths a second: write it like \"{}.{:03}/s\"",
                milli / seconds / 1000,
                milli / seconds % 1000
            )));
        }
        Ok(Self(milli / seconds))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_thousandths(f, self.0)?;
        f.write_str("/s")
    }
}

fn write_thousandths(f: &mut fmt::Formatter<'_>, milli: u64) -> fmt::Result {
    write!(f, "{}", milli / 1000)?;
    if !milli.is_multiple_of(1000) {
        let fraction = format!("{:03}", milli % 1000);
        write!(f, ".{}", fraction.trim_end_matches('0'))?;
    }
    Ok(())
}

fn plain_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `12`, `12.5` as a whole number of `10^-places`; `None` if it is no such number.
pub(super) fn decimal(text: &str, places: u32) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if !plain_digits(whole) || !plain_digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let digits = u32::try_from(fraction.len()).ok().filter(|digits| *digits <= places)?;
    let scale = 10_u64.checked_pow(places)?;
    let rest: u64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let rest = rest.checked_mul(10_u64.checked_pow(places - digits)?)?;
    whole.parse::<u64>().ok()?.checked_mul(scale)?.checked_add(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_back_as_they_are_written() {
        for text in ["0", "2", "500m", "1500m", "24"] {
            assert_eq!(Cpu::parse(text).unwrap().to_string(), text);
        }
        for text in ["12GiB", "64000MiB", "1TiB", "1023B", "3KiB"] {
            assert_eq!(Bytes::parse(text).unwrap().to_string(), text);
        }
        for text in ["7%", "0.5%", "100%", "12.345%"] {
            assert_eq!(Percent::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Rate::parse("30/m").unwrap().to_string(), "0.5/s");
        assert_eq!(Cpu::parse("1.5").unwrap(), Cpu::milli(1500));
        assert_eq!(Bytes::parse("1.5GiB").unwrap(), Bytes::mib(1536));
        assert_eq!(Bytes::parse("64000 MiB").unwrap(), Bytes::mib(64000));
    }

    #[test]
    fn what_is_not_an_amount_is_refused_with_the_right_spelling() {
        assert_eq!(
            Bytes::parse("12G").unwrap_err().0,
            "units are B, KiB, MiB, GiB and TiB, of 1024 each: \"12GiB\""
        );
        assert_eq!(Bytes::parse("512").unwrap_err().0, "give it a unit: \"512MiB\" or \"512GiB\"");
        for text in ["", "-1", "1e3", "m", "0.5m", "1.0001", "２"] {
            assert!(Cpu::parse(text).is_err(), "{text}");
        }
        for text in ["", "GiB", "1.2.3GiB", "-1GiB", "99999999999999TiB"] {
            assert!(Bytes::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn parts_round_down() {
        assert_eq!(Percent::parse("7%").unwrap().of(1000), 70);
        assert_eq!(Percent::parse("7%").unwrap().of(99), 6);
    }
}
