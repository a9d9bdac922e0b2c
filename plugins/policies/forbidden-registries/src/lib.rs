//! Images come from registries that the organisation answers for.
//!
//! A registry that can change or vanish without notice decides what runs after the next restart.
//!
//! Not here: digests; the policy `pin-images` asks for them.
//!
//! Start with `check`.

use platc_policy_sdk::prelude::*;

settings! {
    /// What a platform can say in `use forbidden-registries { … }`.
    pub struct Settings {
        /// Beginnings of images that are not allowed, registry and all.
        forbidden: Vec<String> = vec!["docker.io/".into()],
        /// Beginnings of images that are allowed; where there is one, nothing else is.
        allowed: Vec<String> = Vec::new(),
    }
}

/// The kinds that have an image.
const KINDS: &[&str] = &["service", "daemon", "job", "cron", "platform"];

policy! {
    /// The policy.
    pub struct ForbiddenRegistries;
    name: "forbidden-registries",
    settings: Settings,
    rules: [Rule::on_model("registry", Severity::Error, "an image comes from a registry that is allowed", KINDS)],
    configure: accept,
    validate_model: check,
}

fn accept(settings: &Settings) -> Result<(), Vec<SettingError>> {
    let empty = |name: &str, list: &[String]| {
        let at = list.iter().position(String::is_empty)?;
        Some(SettingError {
            path: format!("/{name}/{at}"),
            message: "an empty beginning means every image".into(),
        })
    };
    let errors: Vec<SettingError> =
        [empty("forbidden", &settings.forbidden), empty("allowed", &settings.allowed)]
            .into_iter()
            .flatten()
            .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn check(model: &Model, settings: &Settings, findings: &mut Findings) {
    let platform = model.nodes("platform").first().and_then(|platform| platform.text_at("/registry/host"));
    for kind in KINDS.iter().filter(|kind| **kind != "platform") {
        for row in model.select(kind, &["/image"]).rows::<(Option<Text>,)>() {
            let Some(image) = row.values.0 else { continue };
            let full = full_name(&image, platform.as_deref());
            let begins = |list: &[String]| list.iter().any(|beginning| full.starts_with(beginning.as_str()));
            let fine =
                !begins(&settings.forbidden) && (settings.allowed.is_empty() || begins(&settings.allowed));
            if fine {
                continue;
            }
            let help = match settings.allowed.as_slice() {
                [] => "copy it into a registry of your own and name that".to_owned(),
                allowed => format!("take it from {}", allowed.join(" or ")),
            };
            findings
                .report(
                    "registry",
                    row.node.at("/image"),
                    format!("image `{full}` of {kind} `{}` is not allowed", model.name(row.node)),
                )
                .help(help);
        }
    }
}

/// A name with its registry: the platform's, or the one that container runtimes take.
fn full_name(image: &str, platform: Option<&str>) -> String {
    let first = image.split_once('/').map(|(first, _)| first);
    match first.filter(|first| first.contains(['.', ':']) || *first == "localhost") {
        Some(_) => image.to_owned(),
        None => format!("{}/{image}", platform.unwrap_or("docker.io")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_comes_from_a_registry_that_is_allowed() {
        let mut mock = testing::Mock::default();
        for (name, image) in
            [("short", "okm/api:1"), ("own", "reg.example:5000/api:1"), ("hub", "docker.io/library/x:1")]
        {
            mock.node("service", name, json!({ "image": image }));
        }
        let places = |mock: &testing::Mock, settings| -> Vec<String> {
            testing::validate::<ForbiddenRegistries>(mock, &settings)
                .into_iter()
                .map(|found| found.place)
                .collect()
        };
        assert_eq!(places(&mock, json!({})), ["service `short`", "service `hub`"]);
        assert_eq!(places(&mock, json!({ "forbidden": [], "allowed": "docker.io/" })), ["service `own`"]);
        mock.node("platform", "p", json!({ "registry": { "host": "reg.example" } }));
        assert_eq!(places(&mock, json!({})), ["service `hub`"]);
        assert!(testing::configure::<ForbiddenRegistries>(&json!({ "allowed": "" })).is_err());
    }
}
