//! [`project`]: the files that a new policy begins with, and how it is built.
//!
//! A project has the SDK's sources and the contract inside (`sdk/`), a rule that does something, a case that
//! shows it, and a native test. It belongs to its author from then on.
//!
//! Not here: writing files and starting cargo; the binary does.
//!
//! Start with [`project`].

use crate::{LOCK, SDK, WORKSPACE};

/// What a policy is compiled for: no system interface of any kind.
const TARGET: &str = "wasm32-unknown-unknown";

/// A file of a project.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProjectFile {
    /// Where it goes, from the project's directory, with `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// The files of a new policy, in the order of paths.
///
/// # Errors
///
/// If the name is none that a crate and a rule can have: what would be right.
pub fn project(name: &str) -> Result<Vec<ProjectFile>, String> {
    check_name(name)?;
    let file = |path: &str, text: String| ProjectFile { path: path.to_owned(), text };
    let filled = |text: &str| {
        let file = name.replace('-', "_");
        text.replace("NAME", name).replace("TYPE", &type_name(name)).replace("FILE", &file)
    };
    let mut files = vec![
        file("Cargo.lock", LOCK.to_owned()),
        file("Cargo.toml", manifest(name)),
        file(".gitignore", "/target/\n".to_owned()),
        file("README.md", filled(README)),
        file("policy.kdl", filled(POLICY)),
        file("src/lib.rs", filled(SOURCE)),
    ];
    files.extend(SDK.iter().map(|(path, text)| file(path, (*text).to_owned())));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The arguments with which cargo builds a project.
pub fn build_command() -> [&'static str; 4] {
    ["build", "--release", "--target", TARGET]
}

/// Where the file of a project is after that, from the target directory.
pub fn built_file(name: &str) -> String {
    format!("{TARGET}/release/{}.wasm", name.replace('-', "_"))
}

fn check_name(name: &str) -> Result<(), String> {
    let letters = name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    if letters && begins && !name.ends_with('-') && !name.contains("--") && name.len() <= 63 {
        return Ok(());
    }
    Err("the name of a policy has lower case letters and digits, with single dashes between: `no-friday-deploys`".to_owned())
}

/// The manifest of the SDK's workspace, made into one for the project.
fn manifest(name: &str) -> String {
    let package = format!(
        "[package]\nname = \"{name}\"\ndescription = \"A policy for platc\"\nversion.workspace = true\n\
         edition.workspace = true\nrust-version.workspace = true\npublish.workspace = true\n\n\
         [lib]\ncrate-type = [\"cdylib\"]\n\n[lints]\nworkspace = true\n\n\
         [dependencies]\nplatc-policy-sdk.workspace = true\n\n"
    );
    // What stands above `[workspace]` speaks of platc's own tree.
    let workspace = WORKSPACE.find("[workspace]").and_then(|at| WORKSPACE.get(at..)).unwrap_or(WORKSPACE);
    let workspace = workspace
        .replace("members = [\"sdk/rust\", \"policies/*\"]", "members = [\"sdk/crates/rust\"]")
        .replace("path = \"sdk/rust\"", "path = \"sdk/crates/rust\"");
    package + &workspace
}

/// `no-friday-deploys` → `NoFridayDeploys`.
fn type_name(name: &str) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    name.split('-').map(capital).collect()
}

const POLICY: &str = "\
// How a platform uses this policy. The value is the default.
plugin NAME from=\"NAME.wasm\"
use NAME {
    most 20
}
";

const README: &str = "\
# NAME

A service has at most so many replicas. Replace this by what your policy is for.

Tests that run at once, without WebAssembly:

```console
$ cargo test
```

The file that a platform uses:

```console
$ cargo build --release --target wasm32-unknown-unknown
```

Copy `target/wasm32-unknown-unknown/release/FILE.wasm` beside your platform as `NAME.wasm`, and use it as
`policy.kdl` shows. The first build writes its digest into `platc.lock`.
";

const SOURCE: &str = r#"//! A service has at most so many replicas.
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
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_has_the_sdk_the_contract_and_a_rule() {
        let files = project("no-friday-deploys").unwrap();
        let text = |path: &str| &files.iter().find(|file| file.path == path).unwrap().text;
        assert!(text("Cargo.toml").contains("members = [\"sdk/crates/rust\"]"));
        assert!(!text("Cargo.toml").contains("policies/*"));
        assert!(text("src/lib.rs").contains("pub struct NoFridayDeploys;"));
        assert!(text("sdk/wit/v0.1/policy.wit").contains("package platc:policy@0.1.0"));
        assert!(text("sdk/crates/rust/src/wasm.rs").contains("path: \"../../wit/v0.1\""));
        assert!(files.is_sorted_by(|a, b| a.path < b.path));
    }

    #[test]
    fn a_name_that_is_none_is_refused() {
        for wrong in ["", "No", "a b", "-a", "a-", "a--b", "9", "ä", &"x".repeat(64)] {
            assert!(project(wrong).is_err(), "{wrong:?}");
        }
    }
}
