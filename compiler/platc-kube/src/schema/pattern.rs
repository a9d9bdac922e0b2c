//! [`Pattern`]: a regular expression of a schema, compiled when it is first needed.
//!
//! The language is Go's RE2, which CRDs are written in, but for classes of Unicode (`\p{…}`), which would
//! add tables that nothing else needs. There is no look-ahead; our own schemas do without.

use std::sync::OnceLock;

use regex::Regex;

/// A regular expression. As in JSON Schema it may match anywhere, unless it is anchored.
#[derive(Debug)]
pub(crate) struct Pattern {
    text: String,
    regex: OnceLock<Option<Regex>>,
}

/// A longer pattern is not compiled: nothing that people write is.
const PATTERN_BYTES_MAX: usize = 8 << 10;

impl Pattern {
    /// Looks at a pattern's size; its letters are looked at when it is used.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if text.len() > PATTERN_BYTES_MAX {
            return Err(format!("it has {} bytes, more than {PATTERN_BYTES_MAX}", text.len()));
        }
        Ok(Self { text: text.to_owned(), regex: OnceLock::new() })
    }

    /// Whether it can be compiled.
    pub(crate) fn error(&self) -> Option<String> {
        let error = Regex::new(&self.text).err()?.to_string();
        Some(error.lines().last().unwrap_or("").trim_start_matches("error: ").to_owned())
    }

    /// Whether the pattern is found in `text`; `true` if the pattern cannot be compiled.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let regex = self.regex.get_or_init(|| Regex::new(&self.text).ok());
        regex.as_ref().is_none_or(|regex| regex.is_match(text))
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}
