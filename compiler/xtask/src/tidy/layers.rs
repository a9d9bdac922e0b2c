//! Which crate may use which: the layers as data, compared with what cargo says.
//!
//! A crate is the home of a sentence "X does not know Y"; this table is those sentences. Not here: reasons
//! for single dependencies, which stand in the root's `Cargo.toml`.
//!
//! To move a border, change the table and ARCHITECTURE.md together.

use serde_json::Value;

use super::tree::line_of;
use super::{Finding, Tree};

/// Crates of ours and those of ours that they may use.
pub const LAYERS: &[(&str, &[&str])] = &[
    ("platc-diag", &[]),
    ("platc-store", &[]),
    ("platc-policy-library", &[]),
    ("platc-syntax", &["diag"]),
    ("platc-model", &["diag"]),
    ("platc-artifact", &["diag"]),
    ("platc-kube", &["diag"]),
    ("platc-sema", &["syntax", "model", "kube", "diag"]),
    ("platc-plan", &["model", "kube", "diag"]),
    // Claims over a plan; the plan does not know whether it was proven.
    ("platc-proof", &["plan", "model", "diag"]),
    ("platc-emit", &["plan", "model", "artifact", "kube", "diag"]),
    ("platc-policy", &["artifact", "diag"]),
    ("platc-remote", &["store", "diag"]),
    ("platc-report", &["proof", "plan", "model", "diag"]),
    // It sees what is delivered, and the plan behind it as data: no language, no plan of ours.
    ("platc-diff", &["store"]),
    (
        "platc-driver",
        &["sema", "syntax", "model", "plan", "proof", "emit", "artifact", "kube", "store", "diff", "diag"],
    ),
    (
        "platc-lsp",
        &["driver", "sema", "syntax", "model", "plan", "proof", "emit", "artifact", "kube", "report", "diag"],
    ),
    (
        "platc",
        &[
            "lsp",
            "driver",
            "policy",
            "policy-library",
            "remote",
            "report",
            "diff",
            "proof",
            "plan",
            "store",
            "artifact",
            "syntax",
            "testkit",
            "diag",
        ],
    ),
    ("platc-testkit", &["diag"]),
    // Codegen must run while generated code is broken, so never the model.
    ("xtask", &["syntax", "diag"]),
];

/// Crates of ours that others may use for their tests, besides those of the table.
const FOR_TESTS: &[&str] = &["testkit"];

/// Uses for tests only that the layers do not allow, each with its reason.
pub const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("platc-report", "platc-driver", "pages are looked at for the example platforms, which only it reads"),
    (
        "platc-policy",
        "platc-policy-library",
        "the host is tried with the policies that ship, which are data to it like any others",
    ),
    ("platc-policy", "platc-driver", "cases of policies are whole platforms, from KDL to findings"),
];

/// Crates of others that only some of ours may use, for anything, and why. A name stands for its family:
/// `wasmtime` also for `wasmtime-wasi`.
const ONLY_IN: &[(&str, &[&str], &str)] = &[
    ("wasmtime", &["platc-policy"], "it takes minutes to build, and no test that runs all day may link it"),
    ("cranelift", &["platc-policy"], "it comes with wasmtime"),
    ("ureq", &["platc-remote"], "only one crate talks to the network"),
    ("rustls", &["platc-remote"], "only one crate talks to the network"),
    ("tokio", &[], "everything is synchronous; a dozen blobs on as many threads need no runtime"),
    (
        "lsp-types",
        &["platc-lsp"],
        "editor features are plain data in and out; only one crate knows the protocol",
    ),
    ("lsp-server", &["platc-lsp"], "only one crate knows the protocol"),
    ("clap", &["platc", "xtask"], "only binaries have a command line"),
    ("miette", &["platc"], "only the binary draws findings"),
];

/// Compares the table with `cargo metadata`.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let packages = tree.metadata.get("packages").and_then(Value::as_array).into_iter().flatten();
    packages.flat_map(|package| check_package(tree, package)).collect()
}

fn check_package(tree: &Tree, package: &Value) -> Vec<Finding> {
    let name = string(package, "name");
    let manifest = string(package, "manifest_path");
    let manifest = manifest.strip_prefix(&tree.root).unwrap_or(manifest).trim_start_matches('/');
    let Some((_, allowed)) = LAYERS.iter().find(|(member, _)| *member == name) else {
        let help = "add it to LAYERS in compiler/xtask/src/tidy/layers.rs, with what it may use";
        return vec![Finding::new(manifest, 1, format!("`{name}` is in no layer"), help)];
    };
    let dependencies = package.get("dependencies").and_then(Value::as_array).into_iter().flatten();
    let problems = dependencies.filter_map(|dependency| {
        let used = string(dependency, "name");
        let (message, help) = problem(name, allowed, used, string(dependency, "kind"))?;
        let line = line_of(tree.text(manifest).unwrap_or_default(), used);
        Some(Finding::new(manifest, line, message, help))
    });
    problems.collect()
}

/// What is wrong with `name` using `used`, and the way out.
fn problem(name: &str, allowed: &[&str], used: &str, kind: &str) -> Option<(String, String)> {
    let is_test = kind == "dev";
    if let Some(ours) = used.strip_prefix("platc-").or((used == "platc").then_some(used)) {
        let is_exception = EXCEPTIONS.iter().any(|(user, other, _)| *user == name && *other == used);
        if allowed.contains(&ours) || (is_test && (FOR_TESTS.contains(&ours) || is_exception)) {
            return None;
        }
        let what =
            if is_test { "for its tests, which the layers do not allow" } else { "against the layers" };
        let help = "move what is needed to where both may reach it, or hand it in from above; \
                    if the border itself is wrong, LAYERS and ARCHITECTURE.md change together";
        return Some((format!("`{name}` uses `{used}` {what}"), help.to_owned()));
    }
    let (_, users, why) = ONLY_IN.iter().find(|(family, _, _)| is_of_family(used, family))?;
    if users.contains(&name) {
        return None;
    }
    Some((format!("`{name}` uses `{used}`, which only {} may: {why}", users.join(" and ")), {
        format!("do it through `{}`", users.first().copied().unwrap_or_default())
    }))
}

fn is_of_family(name: &str, family: &str) -> bool {
    name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

fn string<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(name: &str, used: &str, kind: &Value) -> Vec<String> {
        let manifest = format!("/w/compiler/{name}/Cargo.toml");
        let dependency = json!({ "name": used, "kind": kind });
        let package = json!({ "name": name, "manifest_path": manifest, "dependencies": [dependency] });
        let mut tree = Tree::of([("compiler/platc-emit/Cargo.toml", "a\nplatc-syntax.workspace = true\n")]);
        tree.metadata = json!({ "packages": [package] });
        tree.root = "/w".to_owned();
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn uses_against_the_layers_are_found_with_their_line() {
        let found = found("platc-emit", "platc-syntax", &Value::Null);
        assert_eq!(found.len(), 1);
        assert!(
            found[0]
                .starts_with("compiler/platc-emit/Cargo.toml:2: `platc-emit` uses `platc-syntax` against")
        );
    }

    #[test]
    fn uses_along_the_layers_are_not() {
        assert!(found("platc-emit", "platc-plan", &Value::Null).is_empty());
        assert!(found("platc", "platc-policy", &Value::Null).is_empty());
        assert!(found("platc-syntax", "itoa", &Value::Null).is_empty());
    }

    #[test]
    fn tests_may_use_the_testkit_and_nothing_else_does() {
        assert!(found("platc-store", "platc-testkit", &json!("dev")).is_empty());
        assert_eq!(found("platc-store", "platc-testkit", &Value::Null).len(), 1);
        assert_eq!(found("platc-store", "platc-syntax", &json!("dev")).len(), 1);
    }

    #[test]
    fn some_crates_of_others_have_one_user() {
        assert!(found("platc-policy", "wasmtime", &Value::Null).is_empty());
        assert_eq!(found("platc-driver", "wasmtime-wasi", &json!("dev")).len(), 1);
        assert_eq!(found("platc-store", "tokio", &Value::Null).len(), 1);
        assert_eq!(found("platc-driver", "lsp-types", &json!("build")).len(), 1);
        assert!(found("platc-store", "tokiox", &Value::Null).is_empty());
    }

    #[test]
    fn a_crate_that_the_table_does_not_know_is_found() {
        assert!(found("platc-new", "platc-diag", &Value::Null)[0].contains("is in no layer"));
    }
}
