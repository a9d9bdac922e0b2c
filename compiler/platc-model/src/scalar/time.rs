//! Durations, dates, schedules and versions.

use std::fmt;

use super::Wrong;
use super::amount::decimal;

/// A duration, in microseconds: round-trip times within a city are shorter than a millisecond.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Duration(u64);

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// A version: major, minor and, where known, patch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version {
    /// First number.
    pub major: u32,
    /// Second number.
    pub minor: u32,
    /// Third number, if said.
    pub patch: Option<u32>,
}

/// Five fields of crontab(5), checked.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Cron(String);

const DURATION_UNITS: [(&str, u64); 6] = [
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1000),
    ("us", 1),
];

impl Duration {
    /// So many microseconds.
    pub const fn micros(micros: u64) -> Self {
        Self(micros)
    }

    /// So many milliseconds.
    pub const fn millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1000))
    }

    /// So many seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Both, one after the other; the longest that can be said at most.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self::micros(self.as_micros().saturating_add(other.as_micros()))
    }

    /// In microseconds.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// In milliseconds, rounded up.
    pub const fn as_millis_up(self) -> u64 {
        self.0.div_ceil(1000)
    }

    /// In seconds, rounded up: probe and grace periods are whole seconds in Kubernetes.
    pub const fn as_seconds_up(self) -> u64 {
        self.0.div_ceil(1_000_000)
    }

    /// `250ms`, `1.5s`, `2h`, `1m30s`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let help = || Wrong::new(duration_help(text));
        let mut rest = text;
        let mut total = 0_u64;
        let mut last_factor = u64::MAX;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(help)?;
            let (number, after) = rest.split_at(digits);
            let letters = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
            let (unit, after) = after.split_at(letters);
            let known = DURATION_UNITS.iter().find(|(name, _)| *name == unit);
            let factor =
                known.map(|(_, factor)| *factor).filter(|factor| *factor < last_factor).ok_or_else(help)?;
            let micros = u128::from(decimal(number, 6).ok_or_else(help)?) * u128::from(factor);
            if micros % 1_000_000 != 0 {
                return Err(Wrong::new("it is finer than a microsecond"));
            }
            let micros = u64::try_from(micros / 1_000_000)
                .map_err(|_| Wrong::new("it is longer than anything lasts"))?;
            total =
                total.checked_add(micros).ok_or_else(|| Wrong::new("it is longer than anything lasts"))?;
            last_factor = factor;
            rest = after;
        }
        if text.is_empty() { Err(help()) } else { Ok(Self(total)) }
    }
}

/// What would be right instead of a text that is no duration.
fn duration_help(text: &str) -> String {
    let (number, unit) =
        text.split_at(text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len()));
    let meant = match unit.trim().to_ascii_lowercase().as_str() {
        "us" | "µs" | "usec" | "micros" | "microseconds" => "us",
        "ms" | "msec" | "millis" | "milliseconds" => "ms",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "" if !number.is_empty() => return format!("give it a unit: \"{number}s\" or \"{number}ms\""),
        _ => "",
    };
    if number.is_empty() || meant.is_empty() {
        return "write a number and a unit (us, ms, s, m, h, d), like \"250ms\" or \"1m30s\"".to_owned();
    }
    format!("write \"{number}{meant}\": units are us, ms, s, m, h and d")
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let fits = |factor: u64| self.0 >= factor && self.0.is_multiple_of(factor);
        let (unit, factor) =
            DURATION_UNITS.iter().find(|(_, factor)| fits(*factor)).copied().unwrap_or(("us", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

impl Date {
    /// `2027-06-30`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let help = || Wrong::new("write year, month and day, like \"2027-06-30\"");
        let mut parts = text.splitn(3, '-');
        let mut number = |digits: usize| -> Option<u16> {
            let part = parts.next()?;
            (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
        };
        let (year, month, day) = (number(4), number(2), number(2));
        let (Some(year), Some(month), Some(day)) = (year, month, day) else { return Err(help()) };
        if !(1..=12).contains(&month) || day == 0 || day > days_of(year, month) {
            return Err(Wrong::new("there is no such day"));
        }
        let small = |n: u16| u8::try_from(n).unwrap_or(0);
        Ok(Self { year, month: small(month), day: small(day) })
    }
}

const fn days_of(year: u16, month: u16) -> u16 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Version {
    /// `1.35.7` or `1.35`, without a leading `v`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let help = || Wrong::new("write numbers with dots and no `v`, like \"1.35.7\"");
        let mut numbers = Vec::new();
        for part in text.split('.') {
            let plain = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            let canonical = plain && (part.len() == 1 || !part.starts_with('0'));
            numbers.push(part.parse::<u32>().ok().filter(|_| canonical).ok_or_else(help)?);
        }
        match numbers.as_slice() {
            [major, minor] => Ok(Self { major: *major, minor: *minor, patch: None }),
            [major, minor, patch] => Ok(Self { major: *major, minor: *minor, patch: Some(*patch) }),
            _ => Err(help()),
        }
    }

    /// Major and minor only.
    #[must_use]
    pub const fn line(self) -> Self {
        Self { patch: None, ..self }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        self.patch.map_or(Ok(()), |patch| write!(f, ".{patch}"))
    }
}

struct CronField {
    name: &'static str,
    min: u32,
    max: u32,
    names: &'static [&'static str],
}

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const CRON_FIELDS: [CronField; 5] = [
    CronField { name: "minute", min: 0, max: 59, names: &[] },
    CronField { name: "hour", min: 0, max: 23, names: &[] },
    CronField { name: "day of the month", min: 1, max: 31, names: &[] },
    CronField { name: "month", min: 1, max: 12, names: MONTHS },
    CronField { name: "day of the week", min: 0, max: 6, names: DAYS },
];

impl Cron {
    /// `15 3 * * *`: the five fields that the CronJob controller reads, with lists, ranges and steps. Not
    /// `@daily` and not `TZ=`: the first hides the minute, the second is refused by Kubernetes.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        if fields.len() != CRON_FIELDS.len() {
            return Err(Wrong::new(
                "write five fields: minute, hour, day, month, day of the week, like \"15 3 * * *\"",
            ));
        }
        for (field, rule) in fields.iter().zip(&CRON_FIELDS) {
            for part in field.split(',') {
                rule.check(part)?;
            }
        }
        Ok(Self(fields.join(" ")))
    }

    /// The five fields, with one blank between.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl CronField {
    fn check(&self, part: &str) -> Result<(), Wrong> {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        if let Some(step) = step
            && !step.parse::<u32>().is_ok_and(|step| step > 0)
        {
            return Err(Wrong::new(format!("the step of the {} is a number from 1", self.name)));
        }
        if range == "*" {
            return Ok(());
        }
        let (low, high) = range.split_once('-').unwrap_or((range, range));
        let (low, high) = (self.number(low)?, self.number(high)?);
        if low > high {
            return Err(Wrong::new(format!("the range of the {} goes backwards", self.name)));
        }
        Ok(())
    }

    fn number(&self, text: &str) -> Result<u32, Wrong> {
        let named = self.names.iter().position(|name| text.eq_ignore_ascii_case(name));
        let number = named.and_then(|at| u32::try_from(at).ok()).map(|at| at + self.min);
        let plain = || text.parse::<u32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
        number.or_else(plain).filter(|n| (self.min..=self.max).contains(n)).ok_or_else(|| {
            Wrong::new(format!("the {} is from {} to {}, or `*`", self.name, self.min, self.max))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_back_as_they_are_written() {
        for text in ["250ms", "90s", "1h", "2d", "800us", "0s"] {
            assert_eq!(Duration::parse(text).unwrap().to_string(), text, "{text}");
        }
        assert_eq!(Duration::parse("1m30s").unwrap(), Duration::seconds(90));
        assert_eq!(Duration::parse("0.8ms").unwrap(), Duration::micros(800));
        for text in ["", "5", "s", "1s1m", "-1s", "1 s", "1w", "0.0000001s", "99999999999999999d"] {
            assert!(Duration::parse(text).is_err(), "{text}");
        }
        assert_eq!(Duration::millis(1500).as_seconds_up(), 2);
    }

    #[test]
    fn dates_exist() {
        assert_eq!(Date::parse("2028-02-29").unwrap().to_string(), "2028-02-29");
        for text in
            ["2027-02-29", "2027-13-01", "2027-00-10", "2027-6-30", "27-06-30", "2027-06-31", "2027/06/30"]
        {
            assert!(Date::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn versions_are_numbers() {
        assert_eq!(Version::parse("1.35.7").unwrap().to_string(), "1.35.7");
        assert!(Version::parse("1.9").unwrap() < Version::parse("1.33").unwrap());
        for text in ["v1.35.7", "1", "1.35.7.1", "1.035", "1.35.x", ""] {
            assert!(Version::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn schedules_are_checked_field_by_field() {
        for text in ["15 3 * * *", "*/5 * * * mon-fri", "0 0 1,15 jan 0", "0  4 * * 6"] {
            assert!(Cron::parse(text).is_ok(), "{text}");
        }
        assert_eq!(Cron::parse("60 3 * * *").unwrap_err().0, "the minute is from 0 to 59, or `*`");
        for text in ["@daily", "* * * *", "5-1 * * * *", "*/0 * * * *", "* * * * 7", "TZ=UTC 1 * * * *"] {
            assert!(Cron::parse(text).is_err(), "{text}");
        }
    }
}
