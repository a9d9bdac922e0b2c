//! `platc rollback`: an earlier build counts again. Fails closed where going back is itself a loss.

use platc_diff::{Stored, diff, text};
use platc_store::{Store, Timestamp};

use super::{out_dir, short, store_trouble, threads, timestamp};
use crate::cli::{Global, RollbackArgs};
use crate::exit::Exit;
use crate::term::{self, Term, Trouble};

pub(super) fn run(args: &RollbackArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let out = out_dir(args.out.as_deref())?;
    let store = Store::open(&out, threads(global));
    let trouble = |error| store_trouble(&error);
    let id = match &args.id {
        Some(name) => *store.find(name).map_err(trouble)?.id(),
        None => store.previous().map_err(trouble)?.ok_or_else(|| {
            Trouble::new("no other build counted before, as far as the log tells")
                .help("`platc log` lists builds; `platc rollback ID` goes to one")
        })?,
    };
    let current = store.current().map_err(trouble)?;
    let name = short(&id.to_string()).to_owned();
    if current == Some(id) {
        term.say(&format!("build {name} counts already"));
        return Ok(Exit::Clean);
    }
    if let Some(current) = current {
        let open = |id: &platc_store::BuildId| -> Result<Stored, Trouble> {
            let id = id.to_string();
            Ok(Stored::new(format!("build {}", short(&id)), store.find(&id).map_err(trouble)?))
        };
        let change = diff(&open(&current)?, &open(&id)?);
        if !change.irreversible.is_empty() && !args.consent {
            let style = text::Style { width: term.data_width, color: term.data_color };
            if !term::data(text::render(&change, style).as_bytes())? {
                return Ok(Exit::Closed);
            }
            return Err(Trouble::new(format!(
                "going back to build {name} moves, shrinks or renumbers what cannot be undone; nothing was done"
            ))
            .help("read it above; `--consent` goes back all the same"));
        }
    }
    let at = Timestamp::parse(&timestamp()).map_err(Trouble::new)?;
    store.switch(&id, &at).map_err(trouble)?;
    term.say(&format!("build {name} counts now; deliver it as any other\nthe sources are as they were: `platc build` makes the newest build again"));
    Ok(Exit::Clean)
}
