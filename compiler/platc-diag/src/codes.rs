//! The table of codes. A code is a number that is never used again, a name that people write in
//! `allow`, a level, and a page: `codes/<ID>.md`, whose "wrong" and "right" examples are executed.
//!
//! To add one: a line in the table below and the page. A code without a page does not compile; a page
//! without a line fails the tests.

use std::fmt;
use std::sync::Arc;

/// How serious a finding is. Ordered: the serious come first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Nothing is built.
    Error,
    /// Built, but somebody should look.
    Warning,
    /// Worth knowing.
    Info,
}

/// What the table says of a code.
#[derive(Debug)]
pub struct CodeInfo {
    /// Number, with its letter: `E0305`.
    pub id: &'static str,
    /// Name, as written in `allow`: `not-a-cidr`.
    pub name: &'static str,
    /// Level where the platform does not say otherwise.
    pub level: Level,
    /// The page, Markdown.
    pub page: &'static str,
}

/// One of our own codes.
#[derive(Clone, Copy)]
pub struct Code(&'static CodeInfo);

/// The code of a finding: ours, or a policy's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CodeRef {
    /// From the table.
    Own(Code),
    /// `POLICY/RULE`.
    Policy(Arc<str>),
}

impl Code {
    /// Number, with its letter: `E0305`.
    pub fn id(self) -> &'static str {
        self.0.id
    }

    /// Name, as written in `allow`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Level where the platform does not say otherwise.
    pub fn level(self) -> Level {
        self.0.level
    }

    /// The page, Markdown.
    pub fn page(self) -> &'static str {
        self.0.page
    }

    /// All codes, in the order of their numbers.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().copied()
    }

    /// The code of that number or name, whatever the case of its letters.
    pub fn find(text: &str) -> Option<Self> {
        Self::all().find(|code| code.id().eq_ignore_ascii_case(text) || code.name().eq_ignore_ascii_case(text))
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Code {}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id(), self.name())
    }
}

impl CodeRef {
    /// `E0305`, or a policy's `POLICY/RULE`.
    pub fn id(&self) -> &str {
        match self {
            Self::Own(code) => code.id(),
            Self::Policy(rule) => rule,
        }
    }

    /// What `allow` calls it: the name of ours, `POLICY/RULE` of a policy's.
    pub fn name(&self) -> &str {
        match self {
            Self::Own(code) => code.name(),
            Self::Policy(rule) => rule,
        }
    }
}

impl Level {
    /// `error`, `warning` or `info`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

macro_rules! codes {
    ($($id:ident $name:literal $level:ident,)*) => {
        $(
            #[doc = concat!("`", $name, "`; see `codes/", stringify!($id), ".md`.")]
            pub const $id: Code = Code(&CodeInfo {
                id: stringify!($id),
                name: $name,
                level: Level::$level,
                page: include_str!(concat!("../codes/", stringify!($id), ".md")),
            });
        )*
        const ALL: &[Code] = &[$($id),*];
    };
}

codes! {
    // E01: syntax.
    E0101 "not-utf8" Error,
    E0102 "kdl-v1" Error,
    E0103 "unexpected-text" Error,
    E0104 "unclosed" Error,
    E0105 "bad-string" Error,
    E0106 "bad-number" Error,
    E0107 "too-deep" Error,
    E0108 "file-too-large" Error,
    E0109 "forbidden-character" Error,
    E0110 "too-many-problems" Error,
    E0111 "bad-expression" Error,
    E0112 "bad-type" Error,
    E0113 "expression-too-long" Error,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_unique_and_in_order() {
        let ids: Vec<&str> = Code::all().map(Code::id).collect();
        assert!(ids.is_sorted(), "the table is in the order of its numbers");
        let mut names: Vec<&str> = Code::all().map(Code::name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ids.len(), "a name belongs to one code");
    }

    #[test]
    fn each_page_begins_with_its_code_and_name() {
        for code in Code::all() {
            let title = format!("# {} {}\n", code.id(), code.name());
            assert!(code.page().starts_with(&title), "{code:?}: the page begins with {title:?}");
        }
    }

    #[test]
    fn a_code_is_found_by_number_and_by_name() {
        assert_eq!(Code::find("e0102"), Some(E0102));
        assert_eq!(Code::find("kdl-v1"), Some(E0102));
        assert_eq!(Code::find("E9999"), None);
    }
}
