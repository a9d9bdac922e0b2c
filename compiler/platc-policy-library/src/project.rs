//! [`project`]: the files that a new policy begins with, and how it is built.
//!
//! A project has the SDK's sources and the contract inside (`sdk/`), a rule that does something, a case that
//! shows it, and a native test. It belongs to its author from then on. The texts are in `plugins/templates`.
//!
//! Not here: writing files and starting cargo; the binary does.
//!
//! Start with [`project`].

use crate::{LOCK, SDK, WORKSPACE};

/// A text of `plugins/templates`.
macro_rules! template {
    ($path:literal) => {
        include_str!(concat!("../../../plugins/templates/", $path))
    };
}

/// What a policy is compiled for: no system interface of any kind.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// A file of a project.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProjectFile {
    /// Where it goes, from the project's directory, with `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// The language that a policy is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// Rust, compiled by cargo.
    Rust,
    /// TypeScript, which takes an interpreter along: a component of 1.7 MB.
    TypeScript,
    /// Python, which takes an interpreter and its library along: a component of 19 MB.
    Python,
}

/// What a new policy does to begin with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// It finds something.
    Check,
    /// It changes something.
    Transform,
}

impl Language {
    /// All that there are.
    pub const ALL: [Self; 3] = [Self::Rust, Self::TypeScript, Self::Python];

    /// The file by which a project of this language is known.
    pub const fn marker(self) -> &'static str {
        match self {
            Self::Rust => "Cargo.toml",
            Self::TypeScript => "package.json",
            Self::Python => "policy.py",
        }
    }
}

/// The files of a new policy, in the order of paths.
///
/// # Errors
///
/// If the name is none that a crate and a rule can have: what would be right.
pub fn project(name: &str, language: Language, purpose: Purpose) -> Result<Vec<ProjectFile>, String> {
    check_name(name)?;
    let filled = |text: &str| text.replace("NAME", name).replace("TYPE", &type_name(name));
    let (policy, cases) = match purpose {
        Purpose::Check => (template!("check/policy.kdl"), template!("check/cases.md")),
        Purpose::Transform => (template!("transform/policy.kdl"), template!("transform/cases.md")),
    };
    let mut files =
        vec![file("policy.kdl", filled(policy)), file(&format!("cases/{name}.md"), filled(cases))];
    files.extend(match language {
        Language::Rust => rust(name, purpose, &filled),
        Language::TypeScript => typescript(purpose, &filled),
        Language::Python => python(purpose, &filled),
    });
    files.extend(
        SDK.iter()
            .filter(|(path, _)| is_part(path, language))
            .map(|(path, text)| file(path, (*text).to_owned())),
    );
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn rust(name: &str, purpose: Purpose, filled: &dyn Fn(&str) -> String) -> Vec<ProjectFile> {
    let source = match purpose {
        Purpose::Check => template!("rust/check/lib.rs"),
        Purpose::Transform => template!("rust/transform/lib.rs"),
    };
    vec![
        file("Cargo.lock", LOCK.to_owned()),
        file("Cargo.toml", manifest(name)),
        file(".gitignore", "/target/\n/*.wasm\n".to_owned()),
        file("README.md", filled(template!("rust/README.md"))),
        file("src/lib.rs", filled(source)),
    ]
}

fn typescript(purpose: Purpose, filled: &dyn Fn(&str) -> String) -> Vec<ProjectFile> {
    let source = match purpose {
        Purpose::Check => template!("typescript/check/policy.ts"),
        Purpose::Transform => template!("typescript/transform/policy.ts"),
    };
    vec![
        file("package.json", filled(template!("typescript/package.json"))),
        file("tsconfig.json", template!("typescript/tsconfig.json").to_owned()),
        file(".gitignore", "/node_modules/\n/build/\n/*.wasm\n".to_owned()),
        file("README.md", filled(template!("typescript/README.md"))),
        file("src/policy.ts", filled(source)),
    ]
}

fn python(purpose: Purpose, filled: &dyn Fn(&str) -> String) -> Vec<ProjectFile> {
    let source = match purpose {
        Purpose::Check => template!("python/check/policy.py"),
        Purpose::Transform => template!("python/transform/policy.py"),
    };
    vec![
        file(".gitignore", "__pycache__/\n/build/\n/*.wasm\n".to_owned()),
        file("README.md", filled(template!("python/README.md"))),
        file("policy.py", filled(source)),
    ]
}

fn file(path: &str, text: String) -> ProjectFile {
    ProjectFile { path: path.to_owned(), text }
}

/// Whether a file of the SDKs belongs into a project of that language; the contract belongs into all.
fn is_part(path: &str, language: Language) -> bool {
    let own = match language {
        Language::Rust => "sdk/crates/rust/",
        Language::TypeScript => "sdk/typescript/",
        Language::Python => "sdk/python/",
    };
    path.starts_with("sdk/wit/") || path.starts_with(own)
}

/// The arguments with which cargo builds a project.
pub fn build_command() -> [&'static str; 4] {
    ["build", "--release", "--target", TARGET]
}

/// Where cargo leaves the file of a library target after that, from the target directory.
pub fn built_file(target: &str) -> String {
    format!("{TARGET}/release/{}.wasm", target.replace('-', "_"))
}

/// Whether a text can be the name of a policy.
pub fn is_name(name: &str) -> bool {
    check_name(name).is_ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_has_the_sdk_the_contract_and_a_rule() {
        let files = project("no-friday-deploys", Language::Rust, Purpose::Check).unwrap();
        let text = |path: &str| &files.iter().find(|file| file.path == path).unwrap().text;
        assert!(text("Cargo.toml").contains("members = [\"sdk/crates/rust\"]"));
        assert!(!text("Cargo.toml").contains("policies/*"));
        assert!(text("src/lib.rs").contains("pub struct NoFridayDeploys;"));
        assert!(text("sdk/wit/v0.1/policy.wit").contains("package platc:policy@0.1.0"));
        assert!(text("sdk/crates/rust/src/wasm.rs").contains("path: \"../../wit/v0.1\""));
        assert!(files.is_sorted_by(|a, b| a.path < b.path));
    }

    #[test]
    fn a_project_has_the_sdk_of_its_language_and_no_other() {
        for language in Language::ALL {
            let files = project("mine", language, Purpose::Transform).unwrap();
            let has = |path: &str| files.iter().any(|file| file.path == path);
            assert!(
                has(language.marker()) && has("sdk/wit/v0.1/policy.wit") && has("cases/mine.md"),
                "{language:?}"
            );
            assert_eq!(has("sdk/crates/rust/src/lib.rs"), language == Language::Rust);
            assert_eq!(has("sdk/typescript/policy.ts"), language == Language::TypeScript);
            assert_eq!(has("sdk/python/platc_policy.py"), language == Language::Python);
            let own = files.iter().filter(|file| !file.path.starts_with("sdk/") && file.path != "Cargo.lock");
            for file in own {
                assert!(
                    !file.text.contains("NAME") && !file.text.contains("TYPE"),
                    "{}: {}",
                    file.path,
                    file.text
                );
            }
        }
    }

    #[test]
    fn a_name_that_is_none_is_refused() {
        for wrong in ["", "No", "a b", "-a", "a-", "a--b", "9", "ä", &"x".repeat(64)] {
            assert!(project(wrong, Language::Rust, Purpose::Check).is_err(), "{wrong:?}");
        }
    }
}
