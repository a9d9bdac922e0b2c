//! `platc schema`: the language for other tools, and its reference for people.

use std::fmt::Write as _;
use std::path::Path;

use platc_driver::schema::{Page, json_schema, reference, types};

use super::{make_directory, write_file};
use crate::cli::SchemaArgs;
use crate::exit::Exit;
use crate::term::{self, Term, Trouble};

pub(super) fn run(args: &SchemaArgs, term: &Term) -> Result<Exit, Trouble> {
    match &args.reference {
        Some(dir) => write_reference(dir, term),
        None => {
            let schema = format!("{:#}\n", json_schema(types()));
            Ok(if term::data(schema.as_bytes())? { Exit::Clean } else { Exit::Closed })
        }
    }
}

/// A page a kind, and `README.md` with all of them.
fn write_reference(dir: &Path, term: &Term) -> Result<Exit, Trouble> {
    make_directory(dir)?;
    let pages = reference(types());
    for page in &pages {
        write_file(&dir.join(format!("{}.md", page.name)), page.text.as_bytes())?;
    }
    write_file(&dir.join("README.md"), list(&pages).as_bytes())?;
    term.say(&format!("{} pages in {}", pages.len() + 1, dir.display()));
    Ok(Exit::Clean)
}

/// All kinds, a line each.
pub(super) fn list(pages: &[Page]) -> String {
    let mut list = "# Kinds\n\nWhat can be declared, each with its fields and an example.\n\n".to_owned();
    for page in pages {
        let doc = types().kind(&page.name).map_or("", |kind| &*types().record(kind.record).doc);
        let _ = writeln!(list, "- [{0}]({0}.md): {1}", page.name, doc.lines().next().unwrap_or(""));
    }
    list
}
