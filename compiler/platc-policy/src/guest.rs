//! What a policy hands over, in the host's own shapes: the same for every version of the contract, and
//! what the memo keeps.
//!
//! Not here: the shapes on the wire ([`crate::contract`] adapts them) and what becomes of a finding
//! ([`crate::resolve`]). Nothing in these has been checked yet: a guest wrote it.
//!
//! Start with [`Output`].

use platc_artifact::judge::{Phase, RuleInfo};
use platc_diag::Level;
use serde::{Deserialize, Serialize};

/// What a policy is asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Task {
    /// Whether it takes its settings.
    Configure,
    /// What it finds.
    Validate(Phase),
    /// What it wants to change.
    Mutate,
}

/// What it answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Output {
    /// It takes the settings.
    Configured,
    /// Its findings.
    Findings(Vec<Finding>),
    /// Its patches.
    Patches(Vec<Edit>),
}

impl Output {
    /// Whether it is an answer to that question.
    pub(crate) fn is_of(&self, task: Task) -> bool {
        match self {
            Self::Configured => task == Task::Configure,
            Self::Findings(_) => matches!(task, Task::Validate(_)),
            Self::Patches(_) => task == Task::Mutate,
        }
    }
}

/// A finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub(crate) rule: String,
    #[serde(with = "level")]
    pub(crate) level: Level,
    pub(crate) message: String,
    pub(crate) primary: Location,
    pub(crate) related: Vec<Location>,
    pub(crate) help: Option<String>,
    pub(crate) fixes: Vec<Edit>,
    pub(crate) data: Option<String>,
}

/// A node, and a pointer in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(crate) struct Location {
    pub(crate) node: u32,
    pub(crate) path: String,
    pub(crate) label: Option<String>,
}

/// A patch, or a fix.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Edit {
    pub(crate) op: Op,
    pub(crate) at: Location,
    pub(crate) value: Option<String>,
    pub(crate) expect: Option<String>,
    pub(crate) rule: String,
    pub(crate) reason: String,
}

/// What a patch does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Op {
    /// This is the value.
    Set,
    /// There is none.
    Remove,
    /// The list has this element too.
    Append,
}

/// What a policy says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Metadata {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) rules: Vec<RuleInfo>,
    pub(crate) settings_schema: String,
    pub(crate) data: Option<String>,
}

/// A setting that the policy does not accept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct SettingError {
    pub(crate) path: String,
    pub(crate) message: String,
}

/// A level as its word: the vocabulary of findings knows no serde.
pub(crate) mod level {
    use platc_diag::Level;
    use serde::{Deserialize, Deserializer, Serializer, de};

    // The signature is serde's: it hands out references.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's `with` modules have this signature")]
    pub(crate) fn serialize<S: Serializer>(level: &Level, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(level.word())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Level, D::Error> {
        match std::borrow::Cow::<'de, str>::deserialize(from)?.as_ref() {
            "error" => Ok(Level::Error),
            "warning" => Ok(Level::Warning),
            "info" => Ok(Level::Info),
            other => Err(de::Error::unknown_variant(other, &["error", "warning", "info"])),
        }
    }
}
