//! A pod that goes has the time to finish what it does, and does not take for ever.
//!
//! platc derives how a pod goes from the calls into it and the lag of DNS. What only its author knows is how
//! long the program itself needs; what only operators know is how long a drain of a host may take.
//!
//! Not here: the order of the steps; the compiler holds that.
//!
//! Start with `check`.

use platc_policy_sdk::prelude::*;
use platc_policy_sdk::serde::de::IgnoredAny;

settings! {
    /// What a platform can say in `use graceful-shutdown { … }`.
    pub struct Settings {
        /// Seconds that each service has at least after it was told to stop.
        min_drain_s: i64 = 5,
        /// Seconds after which every pod is gone at the latest: so long may it hold up the drain of a host.
        max_grace_s: i64 = 300,
        /// Whether each service must say its `drain` itself.
        said: bool = false,
    }
}

/// The kinds that go while others call them.
const KINDS: &[&str] = &["service", "daemon"];

policy! {
    /// The policy.
    pub struct GracefulShutdown;
    name: "graceful-shutdown",
    settings: Settings,
    rules: [
        Rule::on_model("drain", Severity::Error, "a program has time to finish what it does", KINDS),
        Rule::on_model("grace", Severity::Error, "a pod does not hold up a drain for ever", KINDS),
        Rule::on_model("said", Severity::Error, "the author says how long the program needs", KINDS),
    ],
    validate_model: check,
}

fn check(model: &Model, settings: &Settings, findings: &mut Findings) {
    for kind in KINDS {
        let selection = model.select(kind, &["/plan/drain-s", "/plan/grace-s", "/shutdown/drain"]);
        for row in selection.rows::<(Option<i64>, Option<i64>, Option<IgnoredAny>)>() {
            let (drain, grace, said) = row.values;
            let name = model.name(row.node);
            if let Some(drain) = drain.filter(|drain| *drain < settings.min_drain_s) {
                let message = format!(
                    "{kind} `{name}` has {drain} s to finish, and {} are the least",
                    settings.min_drain_s
                );
                findings
                    .report("drain", row.node.at("/shutdown/drain"), message)
                    .help(format!("write `shutdown drain=\"{}s\"`", settings.min_drain_s));
            }
            if let Some(grace) = grace.filter(|grace| *grace > settings.max_grace_s) {
                let message = format!(
                    "{kind} `{name}` takes up to {grace} s to go, and {} are the most",
                    settings.max_grace_s
                );
                findings
                    .report("grace", row.node.at("/shutdown"), message)
                    .help("shorten `shutdown`, or the timeouts of the calls into it");
            }
            if settings.said && said.is_none() {
                findings
                    .report(
                        "said",
                        row.node.at("/shutdown"),
                        format!("{kind} `{name}` does not say how long it needs to finish"),
                    )
                    .help("write `shutdown drain=\"…\"` with the longest that a request or a batch takes");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_time_and_an_end() {
        let mut mock = testing::Mock::default();
        let node = |drain: i64, grace: i64| json!({ "plan": { "drain-s": drain, "grace-s": grace }, "shutdown": { "drain": "9s" } });
        mock.node("service", "good", node(10, 60));
        mock.node("service", "hasty", node(1, 30));
        mock.node("daemon", "slow", node(10, 900));
        mock.node("service", "silent", json!({ "plan": { "drain-s": 10, "grace-s": 60 } }));
        let found = |settings| -> Vec<String> {
            testing::validate::<GracefulShutdown>(&mock, &settings)
                .iter()
                .map(|found| format!("{} {}", found.code, found.place))
                .collect()
        };
        assert_eq!(
            found(json!({})),
            ["graceful-shutdown/drain service `hasty`", "graceful-shutdown/grace daemon `slow`"]
        );
        assert_eq!(
            found(json!({ "said": true, "min-drain-s": 1, "max-grace-s": 900 })),
            ["graceful-shutdown/said service `silent`"]
        );
    }
}
