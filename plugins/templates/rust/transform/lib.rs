//! A service without a label gets it. Replace this by what your policy is for.
//!
//! Not here: services that have the label: what the platform says itself counts.
//!
//! Start with `change`.

use platc_policy_sdk::prelude::*;

settings! {
    /// What a platform can say in `use NAME { … }`.
    pub struct Settings {
        /// The label.
        label: String = "cost-centre".into(),
        /// What it says where the platform says nothing.
        value: String = "shared".into(),
    }
}

policy! {
    /// The policy.
    pub struct TYPE;
    name: "NAME",
    settings: Settings,
    rules: [Rule::mutation("label", "a service has the label", &["service"])],
    mutate: change,
}

fn change(model: &Model, settings: &Settings, patches: &mut Patches) {
    // In a pointer `~` is written `~0` and `/` inside a name `~1`.
    let label = format!("/labels/{}", settings.label.replace('~', "~0").replace('/', "~1"));
    for row in model.select("service", &[&label]).rows::<(Option<String>,)>() {
        if row.values.0.is_none() {
            patches.set("label", row.node.at(&label), &settings.value, "every service has one");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lacks_the_label_gets_it() {
        let mut mock = testing::Mock::default();
        mock.node("service", "web", json!({}));
        mock.node("service", "api", json!({ "labels": { "cost-centre": "sales" } }));
        let patches = testing::mutate::<TYPE>(&mock, &json!({}));
        assert_eq!(patches.len(), 1);
        assert_eq!((patches[0].at.node.0, patches[0].at.path.as_str()), (0, "/labels/cost-centre"));
    }
}
