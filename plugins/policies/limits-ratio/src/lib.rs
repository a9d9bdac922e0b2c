//! A container's limit is not far above what it asks for.
//!
//! The scheduler counts requests. Where limits are many times as high, a host can be promised several times
//! over, and the pods that keep to their requests are killed with those that do not.
//!
//! Not here: whether a host can hold what is asked for; the compiler proves that.
//!
//! Start with `check`.

use platc_policy_sdk::amounts::{bytes, cpu_milli};
use platc_policy_sdk::prelude::*;

settings! {
    /// What a platform can say in `use limits-ratio { … }`.
    pub struct Settings {
        /// The most that a CPU limit may be of the request. CPU is only taken away, so there is room.
        cpu: f64 = 4.0,
        /// The most that a memory limit may be of the request. Memory is never given back.
        memory: f64 = 2.0,
    }
}

/// The kinds that become pods.
const KINDS: &[&str] = &["service", "daemon", "job", "cron", "proxy"];

policy! {
    /// The policy.
    pub struct LimitsRatio;
    name: "limits-ratio",
    settings: Settings,
    rules: [
        Rule::on_model("cpu", Severity::Error, "a CPU limit is not far above the request", KINDS),
        Rule::on_model("memory", Severity::Error, "a memory limit is not far above the request", KINDS),
    ],
    configure: accept,
    validate_model: check,
}

fn accept(settings: &Settings) -> Result<(), Vec<SettingError>> {
    let error = |path: &str| SettingError {
        path: path.into(),
        message: "a limit is at least the request, so write 1 or more".into(),
    };
    let small = [("/cpu", settings.cpu), ("/memory", settings.memory)];
    let errors: Vec<SettingError> =
        small.iter().filter(|(_, ratio)| *ratio < 1.0).map(|(path, _)| error(path)).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

type Row<'a> = (Option<Text<'a>>, Option<Text<'a>>, Option<Text<'a>>, Option<Text<'a>>);

fn check(model: &Model, settings: &Settings, findings: &mut Findings) {
    for kind in KINDS {
        let paths = ["/cpu/request", "/cpu/limit", "/memory/request", "/memory/limit"];
        for row in model.select(kind, &paths).rows::<Row>() {
            let (cpu, cpu_limit, memory, memory_limit) = row.values;
            let measured = [
                ("cpu", "/cpu/limit", cpu, cpu_limit, settings.cpu, cpu_milli as fn(&str) -> Option<u64>),
                ("memory", "/memory/limit", memory, memory_limit, settings.memory, bytes),
            ];
            for (rule, place, request, limit, most, read) in measured {
                let (Some(request), Some(limit)) = (request, limit) else { continue };
                let (Some(asked), Some(may)) = (read(&request), read(&limit)) else { continue };
                if asked == 0 || may as f64 <= asked as f64 * most {
                    continue;
                }
                let message = format!(
                    "{kind} `{}` may have {limit}, more than {most} times the {request} that it asks for",
                    model.name(row.node)
                );
                findings
                    .report(rule, row.node.at(place), message)
                    .related(row.node.at(place.replace("limit", "request")), "it asks for this")
                    .help("ask for what it uses on an ordinary day, or lower the limit");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_far_above_the_request_is_found() {
        let mut mock = testing::Mock::default();
        let amounts = |request: &str, limit: &str| json!({ "request": request, "limit": limit });
        mock.node(
            "service",
            "good",
            json!({ "cpu": amounts("500m", "2"), "memory": amounts("1GiB", "2GiB") }),
        );
        mock.node(
            "service",
            "wide",
            json!({ "cpu": amounts("100m", "2"), "memory": amounts("1GiB", "2.5GiB") }),
        );
        mock.node("job", "both", json!({ "cpu": { "both": "1" } }));
        let found = |settings| -> Vec<String> {
            testing::validate::<LimitsRatio>(&mock, &settings)
                .iter()
                .map(|found| format!("{} {}", found.code, found.place))
                .collect()
        };
        assert_eq!(
            found(json!({})),
            ["limits-ratio/cpu service `wide`", "limits-ratio/memory service `wide`"]
        );
        assert_eq!(found(json!({ "cpu": 20, "memory": 2.5 })), [""; 0]);
        assert!(testing::configure::<LimitsRatio>(&json!({ "cpu": 0.5 })).is_err());
    }
}
