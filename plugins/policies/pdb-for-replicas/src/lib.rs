//! A drain of hosts leaves each service some of its replicas.
//!
//! platc gives each service a disruption budget of `max-unavailable`. One that allows all replicas to be
//! away at once protects nothing, and one replica has nothing to be protected with.
//!
//! Not here: losses that nobody asks for; `survives` claims those.
//!
//! Start with `check`.

use platc_policy_sdk::prelude::*;

settings! {
    /// What a platform can say in `use pdb-for-replicas { … }`.
    pub struct Settings {
        /// Replicas that a drain must leave.
        leave: i64 = 1,
        /// Priorities whose services must survive a drain, and so need more replicas than that.
        priorities: Vec<String> = vec!["critical".into()],
    }
}

const SERVICE: &[&str] = &["service"];

policy! {
    /// The policy.
    pub struct PdbForReplicas;
    name: "pdb-for-replicas",
    settings: Settings,
    rules: [
        Rule::on_model("budget", Severity::Error, "a drain leaves a service with several replicas some of them", SERVICE),
        Rule::on_model("replicas", Severity::Error, "what is critical has a replica to spare", SERVICE),
    ],
    validate_model: check,
}

fn check(model: &Model, settings: &Settings, findings: &mut Findings) {
    let selection = model.select("service", &["/replicas", "/max-unavailable", "/priority"]);
    for row in selection.rows::<(Option<i64>, Option<i64>, Option<Text>)>() {
        let (replicas, away, priority) = row.values;
        let (replicas, away) = (replicas.unwrap_or(0), away.unwrap_or(1));
        let critical = priority.is_some_and(|own| settings.priorities.iter().any(|name| **name == *own));
        let name = model.name(row.node);
        if replicas > settings.leave && replicas - away < settings.leave {
            findings
                .report(
                    "budget",
                    row.node.at("/max-unavailable"),
                    format!("a drain may take {away} of the {replicas} replicas of `{name}` at once"),
                )
                .related(row.node.at("/replicas"), "so many there are")
                .help(format!("allow at most {}", replicas - settings.leave));
        } else if critical && (1..=settings.leave).contains(&replicas) {
            findings
                .report(
                    "replicas",
                    row.node.at("/replicas"),
                    format!("a drain stops `{name}`, which is critical"),
                )
                .help(format!("give it at least {} replicas", settings.leave + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drain_leaves_some() {
        let mut mock = testing::Mock::default();
        mock.node("service", "good", json!({ "replicas": 2, "max-unavailable": 1, "priority": "critical" }));
        mock.node("service", "all", json!({ "replicas": 2, "max-unavailable": 2, "priority": "normal" }));
        mock.node("service", "one", json!({ "replicas": 1, "max-unavailable": 1, "priority": "critical" }));
        mock.node("service", "small", json!({ "replicas": 1, "max-unavailable": 1, "priority": "normal" }));
        let found = testing::validate::<PdbForReplicas>(&mock, &json!({}));
        let found: Vec<String> =
            found.iter().map(|found| format!("{} {}", found.code, found.place)).collect();
        assert_eq!(
            found,
            ["pdb-for-replicas/budget service `all`", "pdb-for-replicas/replicas service `one`"]
        );
        assert_eq!(testing::validate::<PdbForReplicas>(&mock, &json!({ "priorities": [] })).len(), 1);
    }
}
