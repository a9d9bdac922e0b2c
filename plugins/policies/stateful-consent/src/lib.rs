//! Who agrees to a change that cannot be taken back says by whose decision.
//!
//! platc refuses to move, shrink or remove what holds data without a `consent`. A year later the line must
//! still say who wanted it.
//!
//! Not here: whether a consent is needed; the compiler knows.
//!
//! Start with `check`.

use platc_policy_sdk::prelude::*;

settings! {
    /// What a platform can say in `use stateful-consent { … }`.
    pub struct Settings {
        /// Beginnings of tickets, of which each reason must name one: `OPS-`. Without any, none is asked for.
        tickets: Vec<String> = Vec::new(),
        /// The shortest reason, in characters.
        min_reason: u32 = 15,
        /// Whether waivers (`allow`) of findings on stateful daemons are held to the same.
        waivers: bool = true,
    }
}

policy! {
    /// The policy.
    pub struct StatefulConsent;
    name: "stateful-consent",
    settings: Settings,
    rules: [
        Rule::on_model("reason", Severity::Error, "a consent says why in so many words", &["consent", "allow", "stateful"]),
        Rule::on_model("ticket", Severity::Error, "a consent names a ticket", &["consent", "allow", "stateful"]),
    ],
    validate_model: check,
}

fn check(model: &Model, settings: &Settings, findings: &mut Findings) {
    for row in model.select("consent", &["/reason"]).rows::<(Option<Text>,)>() {
        judge(row.node, "consent", row.values.0.as_deref(), settings, findings);
    }
    if !settings.waivers {
        return;
    }
    for allow in model.nodes("allow") {
        let on: Vec<String> = allow.value_at("/on").unwrap_or_default();
        let inside = allow.parent().is_some_and(|parent| parent.kind() == "stateful");
        if inside || on.iter().any(|name| model.lookup("stateful", name).is_some()) {
            judge(allow.id(), "waiver", allow.text_at("/reason").as_deref(), settings, findings);
        }
    }
}

fn judge(node: NodeId, what: &str, reason: Option<&str>, settings: &Settings, findings: &mut Findings) {
    let reason = reason.unwrap_or("");
    let length = reason.chars().count();
    if length < settings.min_reason as usize {
        findings
            .report(
                "reason",
                node.at("/reason"),
                format!(
                    "the reason of this {what} has {length} characters, and {} are the least",
                    settings.min_reason
                ),
            )
            .help("say what happened and what follows, for somebody who was not there");
    }
    let named = |ticket: &String| {
        reason.split(ticket.as_str()).skip(1).any(|after| after.starts_with(|c: char| c.is_ascii_digit()))
    };
    if !settings.tickets.is_empty() && !settings.tickets.iter().any(named) {
        findings
            .report("ticket", node.at("/reason"), format!("the reason of this {what} names no ticket"))
            .help(format!("name one: `{}123`", settings.tickets.first().map_or("", String::as_str)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_can_be_read_a_year_later() {
        let mut mock = testing::Mock::default();
        mock.node("stateful", "kafka", json!({}));
        mock.node("consent", "move", json!({ "reason": "OPS-12: a-m3 leaves the rack" }));
        mock.node("consent", "shrink", json!({ "reason": "OPS-: because" }));
        mock.node("allow", "no-ha", json!({ "on": ["kafka"], "reason": "later, perhaps never" }));
        mock.node("allow", "no-ha", json!({ "on": ["web"], "reason": "x" }));
        let found = |settings| -> Vec<String> {
            testing::validate::<StatefulConsent>(&mock, &settings)
                .iter()
                .map(|found| format!("{} {}", found.code, found.place))
                .collect()
        };
        assert_eq!(found(json!({})), ["stateful-consent/reason consent `shrink`"]);
        let strict = ["stateful-consent/ticket consent `shrink`", "stateful-consent/ticket allow `no-ha`"];
        assert_eq!(found(json!({ "tickets": "OPS-", "min-reason": 1 })), strict);
        assert_eq!(found(json!({ "tickets": "OPS-", "min-reason": 1, "waivers": false })).len(), 1);
    }
}
