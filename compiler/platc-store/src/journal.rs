//! `dist/log`: when a build was added or `current` moved. One line each, the newest last.
//!
//! A line is `2026-11-21T09:00:00Z <id> build 1a2b3c4d`: the date that the caller gave, the build, what
//! was done, and a check. The order is that of the lines; no clock and no file date counts. The log may
//! be deleted: then the builds have no order, which nothing but `gc` and `previous` needs. Start at
//! [`LogEntry`].

use std::fmt;

use crate::lines::{self, Lines};
use crate::scratch::Scratch;
use crate::site::{LOG, Site};
use crate::{BuildId, Result, Timestamp};

/// Something happened to the builds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogEntry {
    /// When, by the caller's clock.
    pub at: Timestamp,
    /// Which build. It may be gone since.
    pub id: BuildId,
    /// What.
    pub event: Event,
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// A build was made, and `current` moved to it.
    Build,
    /// A build was added, and `current` stayed.
    Add,
    /// `current` moved to a build that was there: a rollback.
    Switch,
}

impl Event {
    /// Whether `current` moved.
    pub const fn moves(self) -> bool {
        matches!(self, Self::Build | Self::Switch)
    }
}

/// Lines that are kept when the log is written anew: years of builds, a few hundred kilobytes.
pub(crate) const LOG_LINES_MAX: usize = 4096;

/// Reads the log, oldest first, leaving out what is damaged.
pub(crate) fn read(site: &Site) -> Result<Vec<LogEntry>> {
    Ok(entries(&lines::read(&site.root, LOG)?))
}

/// Whether a line of the log is damaged, or there are too many.
pub(crate) fn damaged(site: &Site) -> Result<bool> {
    let lines = lines::read(&site.root, LOG)?;
    Ok(!lines.damaged.is_empty() || lines.whole.len() > LOG_LINES_MAX)
}

/// Adds an entry, unless the newest one says the same: a build that was killed between this and moving
/// `current` is not told twice.
pub(crate) fn append(site: &Site, entry: &LogEntry) -> Result<()> {
    let before = lines::read(&site.root, LOG)?;
    if entries(&before).last().is_some_and(|last| (last.id, last.event) == (entry.id, entry.event)) {
        return Ok(());
    }
    lines::append(&site.root, LOG, &before, &[entry.to_string()])
}

/// Writes the log anew where it has damaged lines or too many. Only for who holds the store alone.
pub(crate) fn tidy(site: &Site, scratch: &Scratch) -> Result<()> {
    let lines = lines::read(&site.root, LOG)?;
    let excess = lines.whole.len().saturating_sub(LOG_LINES_MAX);
    if excess == 0 && lines.damaged.is_empty() {
        return Ok(());
    }
    let newest = lines.whole.get(excess..).unwrap_or_default();
    lines::rewrite(&site.root, LOG, &scratch.lines(), newest)
}

fn entries(lines: &Lines) -> Vec<LogEntry> {
    lines.whole.iter().filter_map(|line| parse(line)).collect()
}

fn parse(line: &str) -> Option<LogEntry> {
    let mut fields = line.split(' ');
    let at = Timestamp::parse(fields.next()?).ok()?;
    let id = BuildId::parse(fields.next()?).ok()?;
    let event = match fields.next()? {
        BUILD => Event::Build,
        ADD => Event::Add,
        SWITCH => Event::Switch,
        _ => return None,
    };
    Some(LogEntry { at, id, event })
}

const BUILD: &str = "build";
const ADD: &str = "add";
const SWITCH: &str = "switch";

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Build => BUILD,
            Self::Add => ADD,
            Self::Switch => SWITCH,
        })
    }
}

impl fmt::Display for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.at, self.id, self.event)
    }
}
