//! `platc new`: a platform that builds, to begin with.

use std::path::Path;

use super::{make_directory, write_file};
use crate::cli::NewArgs;
use crate::exit::Exit;
use crate::term::{Term, Trouble};

/// The shortest of the examples, so that what people begin with is what the tests build.
const PLATFORM: &str = include_str!("../../../../examples/minimal/platform.kdl");
const IGNORED: &str = "# Builds; platc.lock belongs into version control.\n/dist/\n";

pub(super) fn run(args: &NewArgs, term: &Term) -> Result<Exit, Trouble> {
    let dir = &args.name;
    let name = dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if !is_label(name) {
        return Err(Trouble::new(format!("`{}` cannot name a platform", dir.display()))
            .help("use lower-case letters, digits and `-`, a letter first: `platc new hello`"));
    }
    for file in ["platform.kdl", ".gitignore"] {
        if dir.join(file).exists() {
            return Err(Trouble::new(format!("`{}` is there already", dir.join(file).display()))
                .help("choose another name; nothing was changed"));
        }
    }
    make_directory(dir)?;
    let platform = PLATFORM.replacen("platform hello", &format!("platform {name}"), 1);
    write_file(&dir.join("platform.kdl"), platform.as_bytes())?;
    write_file(&dir.join(".gitignore"), IGNORED.as_bytes())?;
    term.say(&format!("wrote {}", dir.join("platform.kdl").display()));
    term.say(&format!("next: {}platc build", enter(dir)));
    Ok(Exit::Clean)
}

fn enter(dir: &Path) -> String {
    if dir == Path::new(".") { String::new() } else { format!("cd {} && ", dir.display()) }
}

fn is_label(name: &str) -> bool {
    name.len() <= 63
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}
