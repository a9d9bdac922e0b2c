//! No container may run as root, objects that the platform passes through included.
//!
//! Who gets out of a container is on the host who he was inside.
//!
//! Not here: setting it; a namespace with `security restricted` does, and the policy
//! `default-security-context` makes that the default.
//!
//! Start with `check`.

use platc_policy_sdk::prelude::*;
use platc_policy_sdk::serde_json::Value;

settings! {
    /// What a platform can say in `use run-as-non-root { … }`.
    pub struct Settings {
        /// Namespaces whose pods may run as root: by default those of the cluster itself.
        exempt_namespaces: Vec<String> = vec!["kube-system".into(), "kube-flannel".into()],
    }
}

/// Objects that make pods, each with the place of their pod.
const PODS: [(&str, &str); 6] = [
    ("Deployment", "/spec/template/spec"),
    ("StatefulSet", "/spec/template/spec"),
    ("DaemonSet", "/spec/template/spec"),
    ("Job", "/spec/template/spec"),
    ("CronJob", "/spec/jobTemplate/spec/template/spec"),
    ("Pod", "/spec"),
];

policy! {
    /// The policy.
    pub struct RunAsNonRoot;
    name: "run-as-non-root",
    settings: Settings,
    rules: [
        Rule::on_artifacts(
            "root",
            Severity::Error,
            "a container does not run as root",
            &["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod"]
        ),
    ],
    validate_artifacts: check,
}

fn check(model: &Model, settings: &Settings, findings: &mut Findings) {
    for (kind, pod) in PODS {
        let selection = model.select(kind, &["/metadata/namespace", pod]);
        for row in selection.rows::<(Option<String>, Option<Value>)>() {
            let (namespace, Some(spec)) = row.values else { continue };
            if namespace.is_some_and(|own| settings.exempt_namespaces.contains(&own)) {
                continue;
            }
            let of_pod = stands(spec.pointer("/securityContext"));
            for list in ["initContainers", "containers"] {
                let containers = spec.get(list).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                for (nth, container) in containers.iter().enumerate() {
                    if stands(container.get("securityContext")).or(of_pod) == Some(true) {
                        continue;
                    }
                    let name = container.get("name").and_then(Value::as_str).unwrap_or("?");
                    let message =
                        format!("container `{name}` of {kind} `{}` may run as root", model.name(row.node));
                    findings
                        .report("root", row.node.at(format!("{pod}/{list}/{nth}")), message)
                        .help("give its namespace `security restricted`, or let its image name a user and say `runAsNonRoot`");
                }
            }
        }
    }
}

/// What a security context says of it: `runAsNonRoot`, or a user by number.
fn stands(context: Option<&Value>) -> Option<bool> {
    let context = context?;
    let user = context.get("runAsUser").and_then(Value::as_i64);
    match (context.get("runAsNonRoot").and_then(Value::as_bool), user) {
        (_, Some(user)) => Some(user != 0),
        (said, None) => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_says_that_it_is_not_root() {
        let mut mock = testing::Mock::default();
        let mut deployment = |name: &str, namespace: &str, pod: Value, container: Value| {
            let spec = json!({ "template": { "spec": { "securityContext": pod, "containers": [{ "name": "app", "securityContext": container }] } } });
            mock.artifact(
                "Deployment",
                name,
                json!({ "metadata": { "namespace": namespace }, "spec": spec }),
                "",
            );
        };
        let yes = json!({ "runAsNonRoot": true });
        deployment("pod", "a", yes.clone(), json!({}));
        deployment("container", "a", json!({}), yes.clone());
        deployment("numbered", "a", json!({}), json!({ "runAsUser": 1000 }));
        deployment("system", "kube-system", json!({}), json!({}));
        deployment("root", "a", yes, json!({ "runAsUser": 0 }));
        deployment("silent", "a", json!({}), json!({}));
        let found = testing::validate_artifacts::<RunAsNonRoot>(&mock, &json!({}));
        let found: Vec<&str> = found.iter().map(|found| found.place.as_str()).collect();
        assert_eq!(found, ["Deployment `root`", "Deployment `silent`"]);
    }
}
