//! A service has at most so many replicas. Replace this by what your policy is for.
//!
//! Not here: whether they fit; the compiler proves that.
//!
//! Start with `check`.

use platc_policy_sdk::prelude::*;

settings! {
    /// What a platform can say in `use NAME { … }`.
    pub struct Settings {
        /// The most that a service may have.
        most: i64 = 20,
    }
}

policy! {
    /// The policy.
    pub struct TYPE;
    name: "NAME",
    settings: Settings,
    rules: [Rule::on_model("most", Severity::Error, "a service has at most so many replicas", &["service"])],
    validate_model: check,
}

fn check(model: &Model, settings: &Settings, findings: &mut Findings) {
    for row in model.select("service", &["/replicas"]).rows::<(i64,)>() {
        let (replicas,) = row.values;
        if replicas > settings.most {
            let message = format!("{replicas} replicas are more than {}", settings.most);
            findings.report("most", row.node.at("/replicas"), message).help("ask the platform team for more");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_agreed_is_found() {
        let mut mock = testing::Mock::default();
        mock.node("service", "web", json!({ "replicas": 21 }));
        let found = testing::validate::<TYPE>(&mock, &json!({}));
        assert_eq!(found[0].to_string(), "error[NAME/most] service `web` /replicas: 21 replicas are more than 20");
        assert!(testing::validate::<TYPE>(&mock, &json!({ "most": 30 })).is_empty());
    }
}
