//! Replicas of one service do not stand on one host, and where there are racks, not in one rack.
//!
//! Two replicas on one host die together, so the second one buys nothing.
//!
//! Not here: whether enough hosts are there; `survives` claims that, and the compiler proves it.
//!
//! Start with `check`.

use std::collections::{BTreeMap, BTreeSet};

use platc_policy_sdk::prelude::*;

settings! {
    /// What a platform can say in `use spread-over-failure-domains { … }`.
    pub struct Settings {
        /// Services with fewer replicas may stand where they like.
        from_replicas: i64 = 2,
        /// Priorities whose services may not share at all, even where that leaves a replica without a place.
        required: Vec<String> = vec!["critical".into()],
        /// Whether two racks in a cluster mean that replicas keep racks apart, not only hosts.
        racks: bool = true,
    }
}

const SERVICE: &[&str] = &["service"];

policy! {
    /// The policy.
    pub struct Spread;
    name: "spread-over-failure-domains",
    settings: Settings,
    rules: [
        Rule::on_model("together", Severity::Error, "replicas keep out of each other's way", SERVICE),
        Rule::on_model("required", Severity::Error, "replicas of what is critical never share a host", SERVICE),
        Rule::on_model("racks", Severity::Warning, "replicas keep racks apart where there are several", &["service", "cluster", "host"]),
    ],
    validate_model: check,
}

type Row<'a> = (Option<i64>, Text<'a>, Text<'a>, Option<Text<'a>>, Vec<String>);

fn check(model: &Model, settings: &Settings, findings: &mut Findings) {
    let racks = racks(model);
    let paths = ["/replicas", "/anti-affinity/strictness", "/anti-affinity/by", "/priority", "/in"];
    for row in model.select("service", &paths).rows::<Row>() {
        let (replicas, strictness, by, priority, places) = row.values;
        let replicas = replicas.unwrap_or(0);
        if replicas < settings.from_replicas {
            continue;
        }
        let name = model.name(row.node);
        let must = priority.is_some_and(|own| settings.required.iter().any(|required| **required == *own));
        let place = row.node.at("/anti-affinity");
        if *strictness == *"none" {
            findings
                .report(
                    "together",
                    place,
                    format!("the {replicas} replicas of `{name}` may all stand on one host"),
                )
                .help("take the line out: replicas prefer hosts of their own by default");
        } else if must && *strictness != *"required" {
            findings
                .report(
                    "required",
                    place,
                    format!("replicas of `{name}`, which is critical, may share a {by}"),
                )
                .help("write `anti-affinity required`");
        }
        let several = |place: &&String| racks.get(place.as_str()).is_some_and(|racks| *racks > 1);
        if let Some(cluster) = places.iter().find(several).filter(|_| settings.racks && *by == *"host") {
            let message = format!("replicas of `{name}` may all stand in one rack of `{cluster}`");
            findings
                .report("racks", row.node.at("/anti-affinity/by"), message)
                .help("write `anti-affinity by=rack`");
        }
    }
}

/// How many racks with hosts each cluster has.
fn racks(model: &Model) -> BTreeMap<String, usize> {
    let mut by_datacenter: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for host in model.nodes("host") {
        let Some(rack) = host.parent().filter(|parent| parent.kind() == "rack") else { continue };
        if let Some(datacenter) = rack.parent() {
            by_datacenter.entry(datacenter.name()).or_default().insert(rack.name());
        }
    }
    let count = |places: &[String]| {
        places.iter().filter_map(|place| by_datacenter.get(place)).map(BTreeSet::len).sum()
    };
    let rows = model.select("cluster", &["/in"]);
    rows.rows::<(Vec<String>,)>()
        .into_iter()
        .map(|row| (model.name(row.node), count(&row.values.0)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_are_kept_apart() {
        let mut mock = testing::Mock::default();
        let dc = mock.node("datacenter", "home", json!({}));
        for rack in ["r1", "r2"] {
            let rack = mock.child(dc, "rack", rack, json!({}));
            mock.child(rack, "host", "h", json!({}));
        }
        mock.node("cluster", "prod", json!({ "in": ["home"] }));
        let mut service = |name: &str, replicas: i64, strictness: &str, by: &str, priority: &str| {
            let apart = json!({ "strictness": strictness, "by": by });
            mock.node(
                "service",
                name,
                json!({ "replicas": replicas, "anti-affinity": apart, "priority": priority, "in": ["prod"] }),
            );
        };
        service("good", 3, "required", "rack", "critical");
        service("one", 1, "none", "host", "normal");
        service("none", 2, "none", "rack", "normal");
        service("soft", 2, "preferred", "rack", "critical");
        service("host", 2, "preferred", "host", "normal");
        let found = testing::validate::<Spread>(&mock, &json!({}));
        let found: Vec<String> =
            found.iter().map(|found| format!("{} {}", found.code, found.place)).collect();
        assert_eq!(
            found,
            [
                "spread-over-failure-domains/together service `none`",
                "spread-over-failure-domains/required service `soft`",
                "spread-over-failure-domains/racks service `host`",
            ]
        );
    }
}
