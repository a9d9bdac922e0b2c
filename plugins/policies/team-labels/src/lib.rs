//! Everything in a namespace has the label of the team that the namespace is of.
//!
//! Bills, alerts and dashboards group by it, and nobody writes it on every service by hand.
//!
//! Not here: that a namespace has a team; the policy `team-labels-and-quotas` asks for that.
//!
//! Start with `change`.

use std::collections::BTreeMap;

use platc_policy_sdk::prelude::*;

settings! {
    /// What a platform can say in `use team-labels { … }`.
    pub struct Settings {
        /// The label.
        label: String = "team".into(),
        /// Teams by namespace, where the namespace does not say it itself.
        teams: BTreeMap<String, String> = BTreeMap::new(),
    }
}

/// The kinds that live in a namespace.
const KINDS: &[&str] = &["service", "daemon", "job", "cron", "proxy"];

policy! {
    /// The policy.
    pub struct TeamLabels;
    name: "team-labels",
    settings: Settings,
    rules: [
        Rule::mutation("namespace", "a namespace has the label of its team", &["namespace"]),
        Rule::mutation("workload", "what lives in a namespace has the label of its team", &["service", "daemon", "job", "cron", "proxy"]),
    ],
    mutate: change,
}

fn change(model: &Model, settings: &Settings, patches: &mut Patches) {
    let label = format!("/labels/{}", settings.label.replace('~', "~0").replace('/', "~1"));
    let mut teams = settings.teams.clone();
    for row in model.select("namespace", &[&label]).rows::<(Option<String>,)>() {
        let name = model.name(row.node);
        match (row.values.0, teams.get(&name)) {
            // What the platform says itself counts.
            (Some(team), _) => drop(teams.insert(name, team)),
            (None, Some(team)) => {
                patches.set(
                    "namespace",
                    row.node.at(&label),
                    team,
                    format!("namespace `{name}` is of team {team}"),
                );
            }
            (None, None) => {}
        }
    }
    for kind in KINDS {
        for row in model.select(kind, &["/namespace", &label]).rows::<(Option<String>, Option<String>)>() {
            let (Some(namespace), None) = row.values else { continue };
            if let Some(team) = teams.get(&namespace) {
                patches.set(
                    "workload",
                    row.node.at(&label),
                    team,
                    format!("it is in namespace `{namespace}` of team {team}"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_team_is_that_of_the_namespace() {
        let mut mock = testing::Mock::default();
        mock.node("namespace", "shop", json!({ "labels": { "team": "sales" } }));
        mock.node("namespace", "metrics", json!({}));
        mock.node("service", "web", json!({ "namespace": "shop" }));
        mock.node("service", "own", json!({ "namespace": "shop", "labels": { "team": "other" } }));
        mock.node("cron", "rollup", json!({ "namespace": "metrics" }));
        mock.node("job", "once", json!({}));
        let patches =
            testing::mutate::<TeamLabels>(&mock, &json!({ "teams": { "metrics": "okm", "shop": "x" } }));
        let patches: Vec<String> = patches
            .iter()
            .map(|patch| format!("{} {} {:?}", patch.at.node.0, patch.at.path, patch.change))
            .collect();
        assert_eq!(
            patches,
            [
                "1 /labels/team Set(\"\\\"okm\\\"\")",
                "2 /labels/team Set(\"\\\"sales\\\"\")",
                "4 /labels/team Set(\"\\\"okm\\\"\")"
            ]
        );
    }
}
