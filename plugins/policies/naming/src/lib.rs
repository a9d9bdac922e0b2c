//! Names that can be told from each other, and read in a dashboard.
//!
//! Not here: what a name may be made of; the compiler checks that, because names become parts of DNS names.
//!
//! Start with `check`.

use std::collections::BTreeMap;

use platc_policy_sdk::prelude::*;

settings! {
    /// What a platform can say in `use naming { … }`.
    pub struct Settings {
        /// The longest name, in characters. Names of pods add up to 17 to it, and 63 are the end.
        max_length: u32 = 40,
        /// Parts, as dashes separate them, that no name may have: they say nothing.
        forbidden: Vec<String> = ["service", "svc", "deployment", "test", "tmp", "new"].map(String::from).to_vec(),
        /// For a kind, the beginnings of which each name must have one: `prefixes { cron cron- }`.
        prefixes: BTreeMap<String, Vec<String>> = BTreeMap::new(),
    }
}

/// The kinds whose names people read.
const KINDS: &[&str] = &["service", "daemon", "job", "cron", "proxy", "stateful", "namespace", "secret"];

policy! {
    /// The policy.
    pub struct Naming;
    name: "naming",
    settings: Settings,
    rules: [
        Rule::on_model("length", Severity::Error, "a name is not too long", KINDS),
        Rule::on_model("word", Severity::Error, "a name has no part that says nothing", KINDS),
        Rule::on_model("prefix", Severity::Error, "a name begins as agreed", KINDS),
    ],
    configure: accept,
    validate_model: check,
}

fn accept(settings: &Settings) -> Result<(), Vec<SettingError>> {
    let unknown = settings.prefixes.keys().filter(|kind| !KINDS.contains(&kind.as_str()));
    let errors: Vec<SettingError> = unknown
        .map(|kind| SettingError {
            path: format!("/prefixes/{kind}"),
            message: format!("the kinds are {}", KINDS.join(", ")),
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn check(model: &Model, settings: &Settings, findings: &mut Findings) {
    for kind in KINDS {
        let mut last = String::new();
        for node in model.nodes(kind) {
            let name = node.name();
            // A declaration that is two things at two places has one name.
            if name == last {
                continue;
            }
            judge(kind, &node, &name, settings, findings);
            last = name;
        }
    }
}

fn judge(kind: &str, node: &Node, name: &str, settings: &Settings, findings: &mut Findings) {
    let length = name.chars().count();
    if length > settings.max_length as usize {
        findings
            .report(
                "length",
                node,
                format!(
                    "the name of {kind} `{name}` has {length} characters, and {} are the most",
                    settings.max_length
                ),
            )
            .help("leave out what its namespace says already");
    }
    if let Some(word) = name.split('-').find(|part| settings.forbidden.iter().any(|word| word == part)) {
        findings
            .report("word", node, format!("`{word}` in the name of {kind} `{name}` says nothing"))
            .help("say what it does");
    }
    let prefixes = settings.prefixes.get(kind).map_or(&[][..], Vec::as_slice);
    if !prefixes.is_empty() && !prefixes.iter().any(|prefix| name.starts_with(prefix.as_str())) {
        findings
            .report(
                "prefix",
                node,
                format!("the name of {kind} `{name}` begins with none of {}", prefixes.join(", ")),
            )
            .help(format!("call it `{}{name}`", prefixes.first().map_or("", String::as_str)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_something() {
        let mut mock = testing::Mock::default();
        for name in ["ingest", "ingest-service", "a-name-that-goes-on-and-on-and-on-and-on-and-on"] {
            mock.node("service", name, json!({}));
        }
        mock.node("cron", "nightly", json!({}));
        let found = |settings| -> Vec<String> {
            testing::validate::<Naming>(&mock, &settings)
                .iter()
                .map(|found| format!("{} {}", found.code, found.place))
                .collect()
        };
        let expected = [
            "naming/word service `ingest-service`",
            "naming/length service `a-name-that-goes-on-and-on-and-on-and-on-and-on`",
        ];
        assert_eq!(found(json!({})), expected);
        let settings = json!({ "max-length": 63, "forbidden": [], "prefixes": { "cron": "cron-" } });
        assert_eq!(found(settings), ["naming/prefix cron `nightly`"]);
        assert!(testing::configure::<Naming>(&json!({ "prefixes": { "crom": [] } })).is_err());
    }
}
