//! Admission webhooks: what the API server refuses beyond the fields' types.

use crate::check::Cx;
use crate::errors;
use crate::node::{At, Node, Value};

use super::present;

/// Checks a webhook: who is asked, and by which version.
pub(crate) fn webhook<'d, N: Node<'d>>(cx: &mut Cx<'_>, webhook: &At<'_, N>) {
    if let Some(client) = webhook.get("clientConfig") {
        if present(&client, &["service", "url"]).len() != 1 {
            let message = "a webhook is reached by one of `service` and `url`";
            cx.push(errors::refused(client.pointer(), message, "give one"));
        }
        if let Some(url) = client.get("url")
            && url.node.text().is_some_and(|url| !url.starts_with("https://"))
        {
            cx.push(errors::refused(
                url.pointer(),
                "a webhook is asked over https only",
                "begin it with `https://`",
            ));
        }
    }
    let Some(versions) = webhook.get("admissionReviewVersions") else { return };
    let knows_one = versions.node.items().any(|version| matches!(version.text(), Some("v1" | "v1beta1")));
    if !knows_one && versions.node.value() == Value::List {
        let message = "none of the `admissionReviewVersions` is one that the API server speaks";
        cx.push(errors::refused(versions.pointer(), message, "give `v1`"));
    }
}
