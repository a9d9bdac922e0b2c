//! Every container asks for the processor time and the memory that it needs, outside the batch priority.
//!
//! What asks for nothing is the first that is evicted when a host runs short, and the scheduler, which sees
//! only what is asked for, puts it where there is nothing left.
//!
//! Not here: whether what is asked for is enough, or fits; the capacity of hosts is the compiler's business.
//!
//! Start with `check`.

use platc_policy_sdk::prelude::*;
use platc_policy_sdk::serde::de::IgnoredAny;

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

/// What is read of a workload. An amount stands alone (`cpu 2` is `both`) or as request and limit.
const PATHS: [&str; 8] = [
    "/priority",
    "/sidecar",
    "/cpu/request",
    "/cpu/both",
    "/memory/request",
    "/memory/both",
    "/sidecar/cpu",
    "/sidecar/memory",
];

/// The values of [`PATHS`].
type Row<'a> = (
    Option<Text<'a>>,
    Option<IgnoredAny>,
    Option<Text<'a>>,
    Option<Text<'a>>,
    Option<Text<'a>>,
    Option<Text<'a>>,
    Option<Text<'a>>,
    Option<Text<'a>>,
);

/// What a container asks for: rule, place to underline, words, what to write.
const ASKED: [(&str, &str, &str, &str); 4] = [
    ("cpu", "/cpu", "processor time", "cpu request="),
    ("memory", "/memory", "memory", "memory request="),
    ("cpu", "/sidecar", "processor time for its sidecar", "sidecar cpu="),
    ("memory", "/sidecar", "memory for its sidecar", "sidecar memory="),
];

fn check(model: &Model, settings: &Settings, findings: &mut Findings) {
    for kind in KINDS {
        let selection = model.select(kind, &PATHS);
        for row in selection.rows::<Row>() {
            let (priority, sidecar, cpu, cpu_both, memory, memory_both, sidecar_cpu, sidecar_memory) =
                row.values;
            let exempt =
                |priority: &Text| settings.exempt_priorities.iter().any(|exempt| **exempt == **priority);
            if priority.as_ref().is_some_and(exempt) {
                continue;
            }
            // A workload without a sidecar says nothing about one.
            let n_asked = if sidecar.is_some() { ASKED.len() } else { 2 };
            let amounts = [cpu.or(cpu_both), memory.or(memory_both), sidecar_cpu, sidecar_memory];
            for (amount, (rule, place, what, write)) in amounts.iter().zip(ASKED).take(n_asked) {
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

    fn found(settings: &Value) -> Vec<String> {
        let mut mock = testing::Mock::default();
        let full = json!({ "request": "500m", "limit": "2" });
        let memory = json!({ "request": "1GiB", "limit": "1GiB" });
        mock.node("service", "good", json!({ "cpu": full, "memory": memory }));
        mock.node("job", "both", json!({ "cpu": { "both": "1" }, "memory": { "both": "1GiB" } }));
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
        assert_eq!(found(&json!({})), expected);
    }

    #[test]
    fn which_priorities_may_go_without_can_be_set() {
        let all = found(&json!({ "exempt-priorities": [] }));
        assert_eq!(all.iter().filter(|found| found.contains("`night`")).count(), 2, "{all:?}");
    }
}
