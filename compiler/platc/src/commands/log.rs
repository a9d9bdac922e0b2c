//! `platc log`: what was built and what counted when, the newest first.

use std::fmt::Write as _;

use platc_store::Store;

use super::{out_dir, short, store_trouble, threads};
use crate::cli::{Global, OutArgs};
use crate::exit::Exit;
use crate::term::{self, Trouble};

pub(super) fn run(args: &OutArgs, global: &Global) -> Result<Exit, Trouble> {
    let out = out_dir(args.out.as_deref())?;
    let store = Store::open(&out, threads(global));
    let trouble = |error| store_trouble(&error);
    let (log, standing) = (store.log().map_err(trouble)?, store.builds().map_err(trouble)?);
    let (current, previous) = (store.current().map_err(trouble)?, store.previous().map_err(trouble)?);
    if log.is_empty() && standing.is_empty() {
        return Err(
            Trouble::new(format!("there is no build in `{}`", out.display())).help("`platc build` makes one")
        );
    }
    let mut text = String::new();
    let mut told = Vec::new();
    for entry in log.iter().rev() {
        // What holds now is said where the build was last spoken of.
        let newest = !told.contains(&entry.id);
        told.push(entry.id);
        let now = match entry.id {
            id if newest && current == Some(id) => "  current",
            id if newest && previous == Some(id) => "  previous",
            id if standing.binary_search(&id).is_err() => "  removed",
            _ => "",
        };
        let event = match entry.event {
            platc_store::Event::Build => "built",
            platc_store::Event::Add => "added",
            platc_store::Event::Switch => "gone back to",
        };
        // Nobody can be told where writing to a string fails.
        let _ = writeln!(text, "{}  {}  {event}{now}", entry.at, short(&entry.id.to_string()));
    }
    for id in standing.iter().filter(|id| !told.contains(id)) {
        let now = if current == Some(*id) { "  current" } else { "" };
        let _ = writeln!(text, "{:20}  {}  not in the log{now}", "", short(&id.to_string()));
    }
    Ok(if term::data(text.as_bytes())? { Exit::Clean } else { Exit::Closed })
}
