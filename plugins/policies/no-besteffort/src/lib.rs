//! Every container asks for the processor time and the memory that it needs, outside the batch priority.
//!
//! What asks for nothing is the first that is evicted when a host runs short, and the scheduler, which sees
//! only what is asked for, puts it where there is nothing left.

use platc_policy_sdk::prelude::*;

settings! {
    /// What a platform can say in `use no-besteffort { … }`.
    pub struct Settings {
        /// Priorities whose workloads may go without: they run where something is left over.
        exempt_priorities: Vec<String> = vec!["batch".into()],
    }
}

/// The kinds that become pods.
const KINDS: &[&str] = &["service", "daemon", "job", "cron", "proxy"];

policy! {
    /// The policy.
    pub struct NoBesteffort;
    name: "no-besteffort",
    settings: Settings,
    rules: [
        Rule::on_model("cpu", Severity::Error, "a container asks for processor time", KINDS),
        Rule::on_model("memory", Severity::Error, "a container asks for memory", KINDS),
    ],
    validate_model: check,
}

/// What a container asks for: pointer to the amount, rule, place to underline, words, what to write.
const ASKED: [(&str, &str, &str, &str, &str); 4] = [
    ("/cpu/request", "cpu", "/cpu", "processor time", "cpu request="),
    ("/memory/request", "memory", "/memory", "memory", "memory request="),
    ("/sidecar/cpu", "cpu", "/sidecar", "processor time for its sidecar", "sidecar cpu="),
    ("/sidecar/memory", "memory", "/sidecar", "memory for its sidecar", "sidecar memory="),
];

fn check(model: &Model, settings: &Settings, findings: &mut Findings) {
    const PATHS: [&str; 5] = ["/priority", ASKED[0].0, ASKED[1].0, ASKED[2].0, ASKED[3].0];
    for kind in KINDS {
        let selection = model.select(kind, &PATHS);
        for row in selection.rows::<[Option<Text>; 5]>() {
            let [priority, amounts @ ..] = row.values;
            let exempt =
                |priority: &Text| settings.exempt_priorities.iter().any(|exempt| **exempt == **priority);
            if priority.as_ref().is_some_and(exempt) {
                continue;
            }
            // A workload without a sidecar says nothing about one; one that has it asks for both.
            let has_sidecar = amounts[2].is_some() || amounts[3].is_some();
            let looked_at = if has_sidecar { 4 } else { 2 };
            for (amount, (_, rule, place, what, write)) in amounts.iter().zip(ASKED).take(looked_at) {
                if amount.as_deref().is_some_and(is_something) {
                    continue;
                }
                let message = format!("{kind} `{}` asks for no {what}", model.name(row.node));
                let help = format!("write `{write}…`, as much as it uses on an ordinary day");
                findings.report(rule, row.node.at(place), message).help(help);
            }
        }
    }
}

/// Whether an amount (`500m`, `2GiB`) is more than nothing.
fn is_something(amount: &str) -> bool {
    amount.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
}

#[cfg(test)]
mod tests {
    use platc_policy_sdk::serde_json::Value;

    use super::*;

    fn found(settings: Value) -> Vec<String> {
        let mut mock = testing::Mock::default();
        let full = json!({ "request": "500m", "limit": "2" });
        let memory = json!({ "request": "1GiB", "limit": "1GiB" });
        mock.node("service", "good", json!({ "cpu": full, "memory": memory }));
        mock.node("service", "limit-only", json!({ "cpu": { "limit": "2" }, "memory": memory }));
        mock.node("service", "zero", json!({ "cpu": full, "memory": { "request": "0B" } }));
        mock.node("cron", "night", json!({ "priority": "batch" }));
        mock.node("daemon", "side", json!({ "cpu": full, "memory": memory, "sidecar": { "cpu": "100m" } }));
        testing::validate::<NoBesteffort>(&mock, settings).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_container_asks_for_what_it_needs() {
        let expected = [
            "error[no-besteffort/cpu] service `limit-only` /cpu: service `limit-only` asks for no processor time",
            "error[no-besteffort/memory] service `zero` /memory: service `zero` asks for no memory",
            "error[no-besteffort/memory] daemon `side` /sidecar: daemon `side` asks for no memory for its sidecar",
        ];
        assert_eq!(found(json!({})), expected);
    }

    #[test]
    fn which_priorities_may_go_without_can_be_set() {
        let all = found(json!({ "exempt-priorities": [] }));
        assert_eq!(all.iter().filter(|found| found.contains("`night`")).count(), 2, "{all:?}");
    }
}
