//! `platc gc`: builds that nothing keeps. Says what would go; `--remove` removes it.

use std::fmt::Write as _;

use platc_store::{BuildId, Keep, Store};

use super::{out_dir, short, store_trouble, threads};
use crate::cli::{GcArgs, Global};
use crate::exit::Exit;
use crate::term::{self, Term, Trouble};

pub(super) fn run(args: &GcArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let out = out_dir(args.out.as_deref())?;
    let store = Store::open(&out, threads(global));
    let trouble = |error| store_trouble(&error);
    let mut pinned: Vec<BuildId> = Vec::new();
    for name in &args.pin {
        pinned.push(*store.find(name).map_err(trouble)?.id());
    }
    let keep = Keep { newest: args.keep, pinned };
    let swept = if args.remove { store.gc(&keep) } else { store.would_gc(&keep) }.map_err(trouble)?;
    let mut lines = String::new();
    for id in &swept.removed {
        // Nobody can be told where writing to a string fails.
        let _ = writeln!(lines, "{id}");
    }
    if !term::data(lines.as_bytes())? {
        return Ok(Exit::Closed);
    }
    let (removed, kept) = (swept.removed.len(), swept.kept.len());
    let kib = swept.bytes.div_ceil(1024);
    let current = store.current().map_err(trouble)?.map(|id| short(&id.to_string()).to_owned());
    let current = current.map(|id| format!(", {id} counts")).unwrap_or_default();
    term.say(&match (args.remove, removed, swept.objects) {
        (_, 0, 0) => format!("nothing to remove: {kept} builds stay{current}"),
        (true, ..) => format!(
            "removed {removed} builds and {} files of the store ({kib} KiB); {kept} builds stay{current}",
            swept.objects
        ),
        (false, ..) => format!(
            "would remove {removed} builds and {} files of the store ({kib} KiB); {kept} builds stay{current}\n\
             `platc gc --remove` does it",
            swept.objects
        ),
    });
    Ok(Exit::Clean)
}
