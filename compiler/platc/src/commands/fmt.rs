//! `platc fmt`: files of a platform in the one layout. Comments and blank lines stay; a file with mistakes
//! keeps every byte of them.

use std::io::Read as _;
use std::path::Path;

use platc_diag::FileId;
use platc_driver::discover::{Parsed, load};
use platc_driver::world::Disk;

use super::{root, write_file};
use crate::cli::FmtArgs;
use crate::exit::Exit;
use crate::term::{self, Term, Trouble};

pub(super) fn run(args: &FmtArgs, term: &Term) -> Result<Exit, Trouble> {
    if args.stdin {
        return from_stdin();
    }
    let root = root(args.dir.as_deref())?;
    let loaded = load(&Disk, &root, &mut Parsed::default());
    let mut changed = 0_usize;
    for source in &loaded.project.sources {
        let path = loaded.files.get(source.file).path();
        // The standard library and libraries elsewhere are not this platform's to write.
        let is_own = !path.starts_with("..") && Path::new(path).is_relative() && root.join(path).is_file();
        let text = platc_syntax::fmt::format(&source.tree);
        if !is_own || text == source.tree.text() {
            continue;
        }
        changed += 1;
        if args.check {
            term.say(&format!("would change {path}"));
        } else {
            write_file(&root.join(path), text.as_bytes())?;
            term.say(&format!("changed {path}"));
        }
    }
    Ok(Exit::found(args.check && changed > 0))
}

fn from_stdin() -> Result<Exit, Trouble> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Trouble::new(format!("cannot read stdin: {error}")).help("give it UTF-8 text"))?;
    let parsed = platc_syntax::parse(FileId(0), text.into());
    let text = platc_syntax::fmt::format(&parsed.tree);
    Ok(if term::data(text.as_bytes())? { Exit::Clean } else { Exit::Closed })
}
