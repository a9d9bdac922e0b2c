//! Every image is pinned by digest: what was tested is what runs, on every host and after every restart.
//!
//! A tag can be moved. Two pods of one service that start a day apart then run two programs, and a rollback
//! gives a third.
//!
//! Not here: looking digests up. `platc fetch` does, and keeps them in `platc.lock`.
//!
//! Start with `check`.

use platc_policy_sdk::prelude::*;

settings! {
    /// What a platform can say in `use pin-images { … }`.
    pub struct Settings {
        /// Beginnings of image names that need no digest, `registry.example/dev/` say.
        allow: Vec<String> = Vec::new(),
    }
}

/// The kinds that have an image.
const KINDS: &[&str] = &["service", "daemon", "job", "cron", "proxy"];

policy! {
    /// The policy.
    pub struct PinImages;
    name: "pin-images",
    settings: Settings,
    rules: [Rule::on_model("digest", Severity::Error, "an image is pinned by its digest", KINDS)],
    configure: accept,
    validate_model: check,
}

fn accept(settings: &Settings) -> Result<(), Vec<SettingError>> {
    let empty = settings.allow.iter().position(String::is_empty);
    let error = |n: usize| SettingError {
        path: format!("/allow/{n}"),
        message: "an empty beginning would allow every image; name a registry or a part of one".into(),
    };
    empty.map_or(Ok(()), |n| Err(vec![error(n)]))
}

fn check(model: &Model, settings: &Settings, findings: &mut Findings) {
    for kind in KINDS {
        let selection = model.select(kind, &["/image"]);
        for row in selection.rows::<(Option<Text>,)>() {
            // Without an image the kind brings its own, and platc pins that.
            let (Some(image),) = row.values else { continue };
            let allowed = settings.allow.iter().any(|beginning| image.starts_with(beginning.as_str()));
            if allowed || is_pinned(&image) {
                continue;
            }
            let message = format!("image `{image}` of {kind} `{}` has no digest", model.name(row.node));
            findings
                .report("digest", row.node.at("/image"), message)
                .help("run `platc fetch`, which looks digests up and pins them in platc.lock, or write `NAME:TAG@sha256:…`");
        }
    }
}

/// Whether a reference ends in `@sha256:` and 64 hexadecimal digits.
fn is_pinned(image: &str) -> bool {
    let digest = image.rsplit_once("@sha256:").map(|(_, digest)| digest);
    digest.is_some_and(|digest| {
        digest.len() == 64 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    fn found(settings: &platc_policy_sdk::serde_json::Value) -> Vec<String> {
        let mut mock = testing::Mock::default();
        mock.node("service", "pinned", json!({ "image": format!("okm/api:1@sha256:{DIGEST}") }));
        mock.node("service", "tagged", json!({ "image": "okm/api:1" }));
        mock.node("job", "short", json!({ "image": "okm/once@sha256:9f86" }));
        mock.node("daemon", "dev", json!({ "image": "dev.example/agent" }));
        mock.node("proxy", "edge", json!({}));
        testing::validate::<PinImages>(&mock, settings).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_tag_is_no_pin_and_half_a_digest_is_none() {
        let expected = [
            "error[pin-images/digest] service `tagged` /image: image `okm/api:1` of service `tagged` has no digest",
            "error[pin-images/digest] job `short` /image: image `okm/once@sha256:9f86` of job `short` has no digest",
            "error[pin-images/digest] daemon `dev` /image: image `dev.example/agent` of daemon `dev` has no digest",
        ];
        assert_eq!(found(&json!({})), expected);
    }

    #[test]
    fn a_registry_can_be_left_out() {
        assert_eq!(found(&json!({ "allow": ["dev.example/", "okm/"] })), [""; 0]);
        assert_eq!(found(&json!({ "allow": "dev.example/" })).len(), 2, "a list of one is its element");
    }

    #[test]
    fn nothing_at_all_is_no_registry() {
        let errors = testing::configure::<PinImages>(&json!({ "allow": ["dev.example/", ""] }))
            .expect_err("is refused");
        assert_eq!(errors[0].path, "/allow/1");
    }
}
