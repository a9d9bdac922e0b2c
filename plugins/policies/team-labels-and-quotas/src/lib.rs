//! Each namespace has somebody who answers for it, and an end.
//!
//! Without a quota one team's mistake takes the room of all others; without a label nobody knows whom to call.
//!
//! Not here: setting labels; the policy `team-labels` does.
//!
//! Start with `check`.

use platc_policy_sdk::prelude::*;
use platc_policy_sdk::serde::de::IgnoredAny;
use platc_policy_sdk::serde_json::{Map, Value};

settings! {
    /// What a platform can say in `use team-labels-and-quotas { … }`.
    pub struct Settings {
        /// The label that names the team.
        label: String = "team".into(),
        /// What each namespace has a quota of: fields of `quota`.
        quota: Vec<String> = ["cpu", "memory", "pods"].map(String::from).to_vec(),
        /// Whether groups that may deploy must be named.
        deployers: bool = true,
        /// Namespaces that are nobody's.
        exempt: Vec<String> = Vec::new(),
    }
}

const NAMESPACE: &[&str] = &["namespace"];

policy! {
    /// The policy.
    pub struct TeamLabelsAndQuotas;
    name: "team-labels-and-quotas",
    settings: Settings,
    rules: [
        Rule::on_model("label", Severity::Error, "a namespace names its team", NAMESPACE),
        Rule::on_model("quota", Severity::Error, "a namespace has a quota", NAMESPACE),
        Rule::on_model("deployers", Severity::Error, "a namespace says who may deploy into it", NAMESPACE),
    ],
    configure: accept,
    validate_model: check,
}

/// The fields of a quota.
const QUOTA: [&str; 6] = ["cpu", "memory", "memory-limit", "pods", "deployments", "jobs"];

fn accept(settings: &Settings) -> Result<(), Vec<SettingError>> {
    let wrong = settings.quota.iter().enumerate().filter(|(_, field)| !QUOTA.contains(&field.as_str()));
    let errors: Vec<SettingError> = wrong
        .map(|(nth, _)| SettingError {
            path: format!("/quota/{nth}"),
            message: format!("the fields are {}", QUOTA.join(", ")),
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

type Row = (Option<Map<String, Value>>, Option<Map<String, Value>>, Option<Vec<IgnoredAny>>);

fn check(model: &Model, settings: &Settings, findings: &mut Findings) {
    for row in model.select("namespace", &["/labels", "/quota", "/deployers"]).rows::<Row>() {
        let (labels, quota, deployers) = row.values;
        let name = model.name(row.node);
        if settings.exempt.contains(&name) {
            continue;
        }
        let label = &settings.label;
        if !labels.is_some_and(|labels| labels.contains_key(label)) {
            findings
                .report("label", row.node.at("/labels"), format!("namespace `{name}` has no label `{label}`"))
                .help(format!("add `labels {{ {label} NAME }}` with the team that answers for it"));
        }
        let quota = quota.unwrap_or_default();
        let missing: Vec<&str> =
            settings.quota.iter().map(String::as_str).filter(|field| !quota.contains_key(*field)).collect();
        if !missing.is_empty() {
            findings
                .report(
                    "quota",
                    row.node.at("/quota"),
                    format!("namespace `{name}` has no quota of {}", missing.join(", ")),
                )
                .help("give it what it uses at its largest, and some room to roll");
        }
        if settings.deployers && deployers.is_none_or(|groups| groups.is_empty()) {
            findings
                .report(
                    "deployers",
                    row.node.at("/deployers"),
                    format!("nobody is named who may deploy into namespace `{name}`"),
                )
                .help("add `deployers GROUP`");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_somebodys_and_has_an_end() {
        let mut mock = testing::Mock::default();
        let quota = json!({ "cpu": "4", "memory": "8GiB", "pods": 10 });
        mock.node(
            "namespace",
            "good",
            json!({ "labels": { "team": "a" }, "quota": quota, "deployers": ["a"] }),
        );
        mock.node("namespace", "bare", json!({ "quota": { "cpu": "1" } }));
        let found = |settings| -> Vec<String> {
            testing::validate::<TeamLabelsAndQuotas>(&mock, &settings)
                .iter()
                .map(|found| format!("{}: {}", found.code, found.finding.message))
                .collect()
        };
        assert_eq!(
            found(json!({})),
            [
                "team-labels-and-quotas/deployers: nobody is named who may deploy into namespace `bare`",
                "team-labels-and-quotas/label: namespace `bare` has no label `team`",
                "team-labels-and-quotas/quota: namespace `bare` has no quota of memory, pods",
            ]
        );
        assert_eq!(found(json!({ "exempt": "bare" })), [""; 0]);
        assert!(testing::configure::<TeamLabelsAndQuotas>(&json!({ "quota": "cpus" })).is_err());
    }
}
