//! Namespaces are held to the level of security that the organisation wants, unless they are named.
//!
//! The level decides what every container in the namespace may do: with `restricted` no root, no added
//! capabilities, a filter on system calls.
//!
//! Not here: checking objects that pass through; the policy `run-as-non-root` does.
//!
//! Start with `change`.

use platc_policy_sdk::prelude::*;

settings! {
    /// What a platform can say in `use default-security-context { … }`.
    pub struct Settings {
        /// The level that replaces `baseline`, which is the language's default. `privileged` is said on purpose and stays.
        level: String = "restricted".into(),
        /// Namespaces that stay as they are.
        exempt: Vec<String> = Vec::new(),
    }
}

policy! {
    /// The policy.
    pub struct DefaultSecurityContext;
    name: "default-security-context",
    settings: Settings,
    rules: [Rule::mutation("security", "a namespace has the level of security that is wanted", &["namespace"])],
    configure: accept,
    mutate: change,
}

fn accept(settings: &Settings) -> Result<(), Vec<SettingError>> {
    if matches!(settings.level.as_str(), "baseline" | "restricted") {
        return Ok(());
    }
    Err(vec![SettingError {
        path: "/level".into(),
        message: "the levels are baseline and restricted".into(),
    }])
}

fn change(model: &Model, settings: &Settings, patches: &mut Patches) {
    for row in model.select("namespace", &["/security"]).rows::<(Option<Text>,)>() {
        let is_default = row.values.0.is_some_and(|level| *level == *"baseline");
        if is_default && settings.level != "baseline" && !settings.exempt.contains(&model.name(row.node)) {
            patches.set(
                "security",
                row.node.at("/security"),
                &settings.level,
                format!("namespaces are {} here", settings.level),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_replaced_and_nothing_else() {
        let mut mock = testing::Mock::default();
        for (name, level) in
            [("a", "baseline"), ("b", "baseline"), ("edge", "privileged"), ("done", "restricted")]
        {
            mock.node("namespace", name, json!({ "security": level }));
        }
        let nodes = |settings| -> Vec<u32> {
            testing::mutate::<DefaultSecurityContext>(&mock, &settings)
                .iter()
                .map(|patch| patch.at.node.0)
                .collect()
        };
        assert_eq!(nodes(json!({})), [0, 1]);
        assert_eq!(nodes(json!({ "exempt": "b" })), [0]);
        assert_eq!(nodes(json!({ "level": "baseline" })), [0; 0]);
        assert!(testing::configure::<DefaultSecurityContext>(&json!({ "level": "privileged" })).is_err());
    }
}
