//! Objects use versions of Kubernetes interfaces that stay.
//!
//! An alpha or beta version may change its meaning or vanish with the next minor of Kubernetes, and then the
//! object that was applied yesterday cannot be applied after the upgrade.
//!
//! Not here: versions that are gone already; the compiler knows those of each minor.
//!
//! Start with `check`.

use platc_policy_sdk::prelude::*;

settings! {
    /// What a platform can say in `use no-latest-api { … }`.
    pub struct Settings {
        /// Versions that are allowed all the same, as `apiVersion` has them.
        allow: Vec<String> = Vec::new(),
    }
}

/// Objects of any kind.
const ANY: &[&str] = &[""];

policy! {
    /// The policy.
    pub struct NoLatestApi;
    name: "no-latest-api",
    settings: Settings,
    rules: [Rule::on_artifacts("unstable", Severity::Error, "an object is of a version that stays", ANY)],
    validate_artifacts: check,
}

fn check(model: &Model, settings: &Settings, findings: &mut Findings) {
    let selection = model.select("", &["/apiVersion", "/metadata/name"]);
    for row in selection.rows::<(Option<Text>, Option<Text>)>() {
        // Files that only programs on hosts read have a version too, and no name: those are platc's business.
        let (Some(version), Some(name)) = row.values else { continue };
        if !is_unstable(&version) || settings.allow.iter().any(|allowed| **allowed == *version) {
            continue;
        }
        let kind = model.node(row.node).map(|node| node.kind()).unwrap_or_default();
        findings
            .report("unstable", row.node.at("/apiVersion"), format!("{kind} `{name}` is of `{version}`, which may vanish"))
            .help("use the newest version without `alpha` or `beta` in its name; if there is none, allow this one and plan for the upgrade");
    }
}

/// `example.io/v1beta2`, `v1alpha1`.
fn is_unstable(version: &str) -> bool {
    let version = version.rsplit_once('/').map_or(version, |(_, version)| version);
    let rest = version.strip_prefix('v').map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    rest.is_some_and(|rest| rest.starts_with("alpha") || rest.starts_with("beta"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_may_vanish_is_found() {
        let mut mock = testing::Mock::default();
        let mut object = |kind: &str, version: &str| {
            mock.artifact(kind, "x", json!({ "apiVersion": version, "metadata": { "name": "x" } }), "");
        };
        object("Deployment", "apps/v1");
        object("Widget", "betas.example/v1");
        object("Beta", "example.io/v1beta2");
        object("Alpha", "v2alpha1");
        mock.node("service", "web", json!({}));
        let found = |settings| -> Vec<String> {
            testing::validate_artifacts::<NoLatestApi>(&mock, &settings)
                .into_iter()
                .map(|found| found.place)
                .collect()
        };
        assert_eq!(found(json!({})), ["Beta `x`", "Alpha `x`"]);
        assert_eq!(found(json!({ "allow": "example.io/v1beta2" })), ["Alpha `x`"]);
    }
}
