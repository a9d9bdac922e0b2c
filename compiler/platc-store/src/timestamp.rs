//! A moment, as the caller says it: RFC 3339. The store has no clock.
//!
//! Not here: arithmetic on dates; the log keeps its order by position. Start at [`Timestamp::parse`].

use std::fmt;

use crate::BadName;

/// A date and time by RFC 3339: `2026-11-21T09:00:00Z`, `2026-11-21T10:00:00.5+01:00`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timestamp(Box<str>);

impl Timestamp {
    /// Checks the shape and the ranges of each number, days of the month and leap years included.
    ///
    /// # Errors
    /// Where it is anything else. `T` and `Z` are written large, as RFC 3339 recommends.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        if date_time(text).is_none() {
            return Err(BadName::new("a moment", text, "a date and time like `2026-11-21T09:00:00Z`"));
        }
        Ok(Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn date_time(text: &str) -> Option<()> {
    let (date, time) = text.split_once('T')?;
    let (year, rest) = number(date, 4, 0..=9999)?;
    let (month, rest) = number(rest.strip_prefix('-')?, 2, 1..=12)?;
    let (_day, rest) = number(rest.strip_prefix('-')?, 2, 1..=days(year, month))?;
    rest.is_empty().then_some(())?;
    let (_hour, rest) = number(time, 2, 0..=23)?;
    let (_minute, rest) = number(rest.strip_prefix(':')?, 2, 0..=59)?;
    // 60 is a leap second.
    let (_second, rest) = number(rest.strip_prefix(':')?, 2, 0..=60)?;
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            (digits > 0).then_some(())?;
            fraction.get(digits..)?
        }
        None => rest,
    };
    offset(rest)
}

fn offset(text: &str) -> Option<()> {
    if text == "Z" {
        return Some(());
    }
    let (_hour, rest) = number(text.strip_prefix(['+', '-'])?, 2, 0..=23)?;
    let (_minute, rest) = number(rest.strip_prefix(':')?, 2, 0..=59)?;
    rest.is_empty().then_some(())
}

fn number(text: &str, digits: usize, range: std::ops::RangeInclusive<u16>) -> Option<(u16, &str)> {
    let (head, rest) = text.split_at_checked(digits)?;
    head.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
    let number = head.parse().ok()?;
    range.contains(&number).then_some((number, rest))
}

fn days(year: u16, month: u16) -> u16 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_calendar() {
        for right in [
            "2026-11-21T09:00:00Z",
            "2024-02-29T23:59:60Z",
            "2000-02-29T00:00:00.123456+05:30",
            "1970-01-01T00:00:00-00:00",
        ] {
            assert!(Timestamp::parse(right).is_ok(), "{right}");
        }
        for wrong in [
            "",
            "2026-11-21",
            "2026-11-21 09:00:00Z",
            "2026-11-21t09:00:00z",
            "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T09:00:00",
            "2026-11-21T09:00:00.Z",
            "2026-11-21T09:00:00+0100",
            "2026-11-21T09:00:00Z\n",
            "+026-11-21T09:00:00Z",
        ] {
            assert!(Timestamp::parse(wrong).is_err(), "{wrong}");
        }
    }
}
