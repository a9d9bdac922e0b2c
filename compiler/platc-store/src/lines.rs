//! Small text files of the store's own that grow by a line: the log and the list of suspects.
//!
//! Each line ends with eight digits of the SHA-256 of what comes before, so a line that was torn or
//! damaged is noticed and left out, and the others keep their meaning. Adding is one write at the end of
//! the file; writing anew is only for who holds the store alone. Not here: what the lines say.

use rustix::fs::OFlags;

use crate::limits::MANIFEST_BYTES_MAX;
use crate::sys::Dir;
use crate::{Action, Digest, Result};

/// The lines of a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Lines {
    /// Without their checks, in order.
    pub(crate) whole: Vec<String>,
    /// The numbers, from 1, of lines that are not what was written.
    pub(crate) damaged: Vec<usize>,
    /// Whether the last line has an end; otherwise the next one would be glued to it.
    ended: bool,
}

/// How many digits of the check are written. A flipped bit passes once in four billion.
const CHECK_DIGITS: usize = 8;

/// Reads the file; one that is not there has no lines.
pub(crate) fn read(dir: &Dir, name: &str) -> Result<Lines> {
    let bytes = dir.read(name, MANIFEST_BYTES_MAX)?.unwrap_or_default();
    let mut lines = Lines { ended: bytes.last().is_none_or(|last| *last == b'\n'), ..Lines::default() };
    for (at, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        match checked(line) {
            Some(line) => lines.whole.push(line.to_owned()),
            // What an interrupted write left is closed with an empty line; that is nobody's loss.
            None if line == b"\n" => {}
            None => lines.damaged.push(at + 1),
        }
    }
    Ok(lines)
}

/// Adds lines at the end, in one write.
pub(crate) fn append(dir: &Dir, name: &str, before: &Lines, new: &[String]) -> Result<()> {
    let mut text = String::new();
    if !before.ended {
        text.push('\n');
    }
    text.extend(new.iter().map(|line| with_check(line)));
    let file = dir
        .open_or_create_own(name, OFlags::APPEND)
        .map_err(|errno| dir.failed(Action::Open, name, errno))?;
    dir.write_all(file, text.as_bytes()).map_err(|errno| dir.failed(Action::Write, name, errno))
}

/// Replaces the file; without lines it goes.
pub(crate) fn rewrite(dir: &Dir, name: &str, temporary: &str, lines: &[String]) -> Result<()> {
    if lines.is_empty() {
        return dir.remove(name);
    }
    let text: String = lines.iter().map(|line| with_check(line)).collect();
    let file = dir.create_own(temporary).map_err(|errno| dir.failed(Action::Create, temporary, errno))?;
    dir.write_all(file, text.as_bytes()).map_err(|errno| dir.failed(Action::Write, temporary, errno))?;
    dir.rename(temporary, dir, name).map_err(|errno| dir.failed(Action::Rename, name, errno))
}

fn with_check(line: &str) -> String {
    format!("{line} {}\n", check(line))
}

fn checked(line: &[u8]) -> Option<&str> {
    let line = str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (text, found) = line.rsplit_once(' ')?;
    (check(text) == found).then_some(text)
}

fn check(line: &str) -> String {
    let mut digits = Digest::of(line.as_bytes()).to_string();
    digits.truncate(CHECK_DIGITS);
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_known_by_its_check() {
        let line = with_check("a line");
        assert_eq!(checked(line.as_bytes()), Some("a line"));
        for at in 0..line.len() {
            let mut wrong = line.clone().into_bytes();
            wrong[at] ^= 1;
            assert_eq!(checked(&wrong), None, "byte {at}");
        }
    }
}
