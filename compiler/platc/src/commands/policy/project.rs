//! The directory of a policy's sources: beginning one, and finding it again.
//!
//! Not here: what is in it to begin with (`platc_policy_library::project`).

use std::path::{Path, PathBuf};

use platc_policy_library::{Language, Purpose, project};

use super::super::{here, make_directory, write_file};
use crate::cli::{PolicyKind, PolicyLanguage, PolicyNewArgs};
use crate::exit::Exit;
use crate::term::{Term, Trouble};

/// A policy's sources.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) dir: PathBuf,
    pub(super) language: Language,
}

/// `platc policy new`.
pub(super) fn new(args: &PolicyNewArgs, term: &Term) -> Result<Exit, Trouble> {
    let dir = &args.name;
    let language = match args.lang {
        PolicyLanguage::Rust => Language::Rust,
        PolicyLanguage::TypeScript => Language::TypeScript,
        PolicyLanguage::Python => Language::Python,
    };
    let purpose = match args.kind {
        PolicyKind::Check => Purpose::Check,
        PolicyKind::Transform => Purpose::Transform,
    };
    // `.` names the directory that one is in.
    let named = if dir.file_name().is_some() { dir.clone() } else { here()? };
    let name = named.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let files = project(name, language, purpose).map_err(|help| {
        Trouble::new(format!("`{}` cannot name a policy", if name.is_empty() { "." } else { name }))
            .help(help)
    })?;
    for file in &files {
        let path = dir.join(&file.path);
        if path.exists() {
            return Err(Trouble::new(format!("`{}` is there already", path.display()))
                .help("choose another name, or an empty directory; nothing was changed"));
        }
    }
    for file in &files {
        let path = dir.join(&file.path);
        if let Some(parent) = path.parent() {
            make_directory(parent)?;
        }
        write_file(&path, file.text.as_bytes())?;
    }
    for path in files.iter().map(|file| &file.path).filter(|path| !path.starts_with("sdk/")) {
        term.say(&format!("wrote {}", dir.join(path).display()));
    }
    let sdk = files.iter().filter(|file| file.path.starts_with("sdk/")).count();
    term.say(&format!("wrote {} ({sdk} files: the SDK and the contract)", dir.join("sdk").display()));
    let enter = if dir == Path::new(".") { String::new() } else { format!("cd {} && ", dir.display()) };
    let install = match language {
        Language::Rust | Language::Python => "",
        Language::TypeScript => "npm install && ",
    };
    term.say(&format!("next: {enter}{install}platc policy test"));
    Ok(Exit::Clean)
}

/// The policy in `dir`, or the one that encloses the current directory.
pub(super) fn find(dir: Option<&Path>) -> Result<Project, Trouble> {
    let begin = "`platc policy new NAME` begins a policy";
    match dir {
        Some(dir) if dir.is_file() => Err(Trouble::new(format!("`{}` is a file", dir.display()))
            .help("name the directory of the policy's sources")),
        Some(dir) if !dir.is_dir() => {
            Err(Trouble::new(format!("there is no directory `{}`", dir.display())).help(begin))
        }
        Some(dir) => at(&here()?.join(dir)).ok_or_else(|| {
            Trouble::new(format!("`{}` has no sources of a policy: no {}", dir.display(), markers()))
                .help(begin)
        }),
        None => here()?.ancestors().find_map(at).ok_or_else(|| {
            Trouble::new(format!(
                "there are no sources of a policy here or in a directory above: no {}",
                markers()
            ))
            .help(format!("{begin}; `platc policy COMMAND DIR` names one"))
        }),
    }
}

fn at(dir: &Path) -> Option<Project> {
    let language = Language::ALL.into_iter().find(|language| dir.join(language.marker()).is_file())?;
    Some(Project { dir: dir.to_owned(), language })
}

fn markers() -> String {
    let markers: Vec<String> =
        Language::ALL.iter().map(|language| format!("`{}`", language.marker())).collect();
    markers.join(" or ")
}
