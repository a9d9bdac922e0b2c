//! Retries do not multiply along a chain of calls.
//!
//! Where each of three services in a row tries four times, one request of a user becomes 64 at the last one,
//! and it becomes that when the last one is already in trouble.
//!
//! Not here: whether the times of a chain fit into each other; the compiler checks that.
//!
//! Start with `check`.

use std::collections::{BTreeMap, BTreeSet};

use platc_policy_sdk::prelude::*;

settings! {
    /// What a platform can say in `use retry-budget { … }`.
    pub struct Settings {
        /// Retries of one call, at most.
        retries: i64 = 2,
        /// Requests that one request may become along a chain of calls, at most.
        amplification: i64 = 6,
    }
}

/// The kinds that call.
const KINDS: &[&str] = &["service", "daemon", "job", "cron"];

policy! {
    /// The policy.
    pub struct RetryBudget;
    name: "retry-budget",
    settings: Settings,
    rules: [
        Rule::on_model("retries", Severity::Error, "a call is not tried too often", KINDS),
        Rule::on_model("amplification", Severity::Error, "one request does not become many along a chain", KINDS),
    ],
    validate_model: check,
}

/// A call: its place, who is called, tries.
struct Call {
    at: Location,
    to: String,
    tries: i64,
}

/// What is read of a call.
#[derive(platc_policy_sdk::serde::Deserialize)]
#[serde(crate = "platc_policy_sdk::serde")]
struct Written {
    to: String,
    retries: Option<i64>,
}

fn check(model: &Model, settings: &Settings, findings: &mut Findings) {
    let mut calls: BTreeMap<String, Vec<Call>> = BTreeMap::new();
    let mut callers = Vec::new();
    for kind in KINDS {
        for row in model.select(kind, &["/calls"]).rows::<(Option<Vec<Written>>,)>() {
            let caller = model.name(row.node);
            for (nth, call) in row.values.0.into_iter().flatten().enumerate() {
                let retries = call.retries.unwrap_or(0);
                let at = row.node.at(format!("/calls/{nth}"));
                if retries > settings.retries {
                    let message = format!(
                        "`{caller}` tries `{}` again {retries} times, and {} are the most",
                        call.to, settings.retries
                    );
                    findings
                        .report("retries", row.node.at(format!("/calls/{nth}/retries")), message)
                        .help("one retry hides a lost connection; more of them load what is in trouble");
                }
                calls.entry(caller.clone()).or_default().push(Call {
                    at,
                    to: call.to,
                    tries: retries.saturating_add(1),
                });
            }
            callers.push(caller);
        }
    }
    let mut seen = BTreeSet::new();
    for caller in callers.iter().filter(|caller| seen.insert((*caller).clone())) {
        for call in calls.get(caller).into_iter().flatten() {
            let (product, chain) = worst(&calls, call, &mut vec![caller.clone()]);
            // The call that makes it too much is to blame, not each one above it in the chain.
            if product <= settings.amplification || product / call.tries > settings.amplification {
                continue;
            }
            let message = format!(
                "one request of `{caller}` can become {product} at `{}`",
                chain.last().map_or("", String::as_str)
            );
            findings.report("amplification", call.at.clone(), message).help(format!(
                "the chain is {} → {}; let only one of its calls retry",
                caller,
                chain.join(" → ")
            ));
        }
    }
}

/// The most that one request becomes from a call on, and the chain on which it does.
fn worst(calls: &BTreeMap<String, Vec<Call>>, call: &Call, path: &mut Vec<String>) -> (i64, Vec<String>) {
    if path.contains(&call.to) {
        // A circle is another trouble, and the compiler's to find.
        return (call.tries, vec![call.to.clone()]);
    }
    path.push(call.to.clone());
    let inner = calls.get(&call.to).into_iter().flatten().map(|next| worst(calls, next, path));
    let (product, chain) = inner.max_by_key(|(product, _)| *product).unwrap_or((1, Vec::new()));
    path.pop();
    let chain = std::iter::once(call.to.clone()).chain(chain).collect();
    (product.saturating_mul(call.tries), chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_multiply() {
        let mut mock = testing::Mock::default();
        let calls = |to: &str, retries: i64| json!({ "calls": [{ "to": to, "retries": retries }] });
        mock.node("service", "front", calls("middle", 2));
        mock.node("service", "middle", calls("back", 2));
        mock.node("service", "back", json!({ "calls": [] }));
        mock.node("cron", "eager", calls("back", 5));
        let found = testing::validate::<RetryBudget>(&mock, &json!({}));
        let found: Vec<String> = found
            .iter()
            .map(|found| format!("{} {} {}", found.code, found.place, found.finding.message))
            .collect();
        assert_eq!(
            found,
            [
                "retry-budget/amplification service `front` one request of `front` can become 9 at `back`",
                "retry-budget/retries cron `eager` `eager` tries `back` again 5 times, and 2 are the most",
            ]
        );
    }

    #[test]
    fn a_circle_ends() {
        let mut mock = testing::Mock::default();
        mock.node("service", "a", json!({ "calls": [{ "to": "b", "retries": 1 }] }));
        mock.node("service", "b", json!({ "calls": [{ "to": "a", "retries": 1 }] }));
        assert_eq!(testing::validate::<RetryBudget>(&mock, &json!({})).len(), 0);
    }
}
