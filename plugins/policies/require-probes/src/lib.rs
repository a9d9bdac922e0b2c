//! Every service and daemon says how to tell that it is ready, and, if wished, that it is alive.
//!
//! Without a readiness probe Kubernetes sends traffic to a pod as soon as its process exists, and a rollout
//! goes on although nothing works.
//!
//! Not here: whether a probe is a good one. Nobody but its author can tell.
//!
//! Start with `check`.

use platc_policy_sdk::prelude::*;
use platc_policy_sdk::serde::de::IgnoredAny;

settings! {
    /// What a platform can say in `use require-probes { … }`.
    pub struct Settings {
        /// Whether a liveness probe is needed too. Off by default: one that is too eager restarts pods that
        /// are merely busy, and does more harm than none.
        liveness: bool = false,
    }
}

/// The kinds that have probes.
const KINDS: &[&str] = &["service", "daemon"];

policy! {
    /// The policy.
    pub struct RequireProbes;
    name: "require-probes",
    settings: Settings,
    rules: [
        Rule::on_model("readiness", Severity::Error, "a service or daemon has a readiness probe", KINDS),
        Rule::on_model("liveness", Severity::Error, "a service or daemon has a liveness probe", KINDS),
    ],
    validate_model: check,
}

fn check(model: &Model, settings: &Settings, findings: &mut Findings) {
    for kind in KINDS {
        let selection = model.select(kind, &["/probes/readiness", "/probes/liveness"]);
        for row in selection.rows::<(Option<IgnoredAny>, Option<IgnoredAny>)>() {
            let (readiness, liveness) = row.values;
            // The node itself: there is no better place for what is not there.
            if readiness.is_none() {
                findings
                    .report("readiness", row.node, format!("{kind} `{}` has no readiness probe", model.name(row.node)))
                    .help("add `probes { readiness http=\"/readyz\"; }` with a path that answers once it can serve");
            }
            if settings.liveness && liveness.is_none() {
                findings
                    .report("liveness", row.node, format!("{kind} `{}` has no liveness probe", model.name(row.node)))
                    .help("add `probes { liveness http=\"/healthz\"; }` with a path that fails only if a restart helps");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use platc_policy_sdk::serde_json::Value;

    use super::*;

    fn found(settings: &Value) -> Vec<String> {
        let mut mock = testing::Mock::default();
        let both = json!({ "readiness": { "http": "/readyz" }, "liveness": { "http": "/healthz" } });
        mock.node("service", "good", json!({ "probes": both }));
        mock.node("service", "mute", json!({}));
        mock.node("daemon", "half", json!({ "probes": { "readiness": { "tcp": 80 } } }));
        mock.node("job", "once", json!({}));
        testing::validate::<RequireProbes>(&mock, settings).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_serves_needs_a_readiness_probe() {
        let expected =
            ["error[require-probes/readiness] service `mute`: service `mute` has no readiness probe"];
        assert_eq!(found(&json!({})), expected);
    }

    #[test]
    fn a_liveness_probe_only_where_the_platform_wants_one() {
        let expected = [
            "error[require-probes/liveness] service `mute`: service `mute` has no liveness probe",
            "error[require-probes/readiness] service `mute`: service `mute` has no readiness probe",
            "error[require-probes/liveness] daemon `half`: daemon `half` has no liveness probe",
        ];
        assert_eq!(found(&json!({ "liveness": true })), expected);
    }
}
