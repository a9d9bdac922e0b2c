//! What a policy says of itself: checked once when it is first compiled, then kept beside its code.
//!
//! Not here: asking it ([`crate::run`]) and checking settings against its schema ([`crate::settings`]).
//!
//! Start with [`check`].

use platc_artifact::judge::{Description, Phase, RuleInfo};
use platc_diag::{Level, limits};
use serde::{Deserialize, Serialize};

use crate::guest::{self, Metadata};
use crate::settings;

/// Checks what a policy says of itself. The error is a sentence for its author.
pub(crate) fn check(told: Metadata) -> Result<Description, String> {
    if told.rules.len() > limits::POLICY_RULES {
        return Err(format!(
            "it declares {} rules, and {} is the most",
            told.rules.len(),
            limits::POLICY_RULES
        ));
    }
    let mut ids: Vec<&str> = told.rules.iter().map(|rule| rule.id.as_str()).collect();
    if let Some(id) = ids.iter().find(|id| !is_label(id)) {
        return Err(format!("its rule `{}` is not lower case letters, digits and dashes", id.escape_debug()));
    }
    ids.sort_unstable();
    if let Some([id, _]) = ids.array_windows::<2>().find(|[a, b]| a == b) {
        return Err(format!("it declares the rule `{id}` twice"));
    }
    settings::check_schema(&told.settings_schema)?;
    Ok(Description {
        name: told.name,
        version: told.version,
        rules: told.rules,
        settings_schema: told.settings_schema,
        data: told.data,
    })
}

fn is_label(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.len() <= 63 && text.chars().all(fits)
}

/// The stored form. A field more or less makes the old ones unreadable, and they are made anew.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    name: String,
    version: String,
    rules: Vec<NoteRule>,
    settings_schema: String,
    data: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoteRule {
    id: String,
    #[serde(with = "guest::level")]
    level: Level,
    summary: String,
    model: bool,
    artifacts: bool,
    kinds: Vec<String>,
    mutates: bool,
}

/// The stored form.
pub(crate) fn to_json(description: &Description) -> String {
    let rule = |rule: &RuleInfo| NoteRule {
        id: rule.id.clone(),
        level: rule.level,
        summary: rule.summary.clone(),
        model: rule.phases.contains(&Phase::Model),
        artifacts: rule.phases.contains(&Phase::Artifacts),
        kinds: rule.kinds.clone(),
        mutates: rule.mutates,
    };
    let note = Note {
        name: description.name.clone(),
        version: description.version.clone(),
        rules: description.rules.iter().map(rule).collect(),
        settings_schema: description.settings_schema.clone(),
        data: description.data.clone(),
    };
    match serde_json::to_string(&note) {
        Ok(json) => json,
        Err(_) => unreachable!("a record of texts and lists can always be written"),
    }
}

/// The stored form read back; `None` if an older platc wrote it.
pub(crate) fn from_json(json: &[u8]) -> Option<Description> {
    let note: Note = serde_json::from_slice(json).ok()?;
    let phases = |rule: &NoteRule| {
        let model = rule.model.then_some(Phase::Model);
        model.into_iter().chain(rule.artifacts.then_some(Phase::Artifacts)).collect()
    };
    let rule = |rule: NoteRule| RuleInfo {
        phases: phases(&rule),
        id: rule.id,
        level: rule.level,
        summary: rule.summary,
        kinds: rule.kinds,
        mutates: rule.mutates,
    };
    Some(Description {
        name: note.name,
        version: note.version,
        rules: note.rules.into_iter().map(rule).collect(),
        settings_schema: note.settings_schema,
        data: note.data,
    })
}
