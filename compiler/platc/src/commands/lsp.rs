//! `platc lsp`: the language server, on the standard streams. Editors start it.

use platc_driver::analysis::parse_date;
use platc_driver::world::Disk;
use platc_lsp::{Ending, Options, serve_stdio};

use super::{threads, timestamp};
use crate::cli::Global;
use crate::exit::Exit;
use crate::policies::{Lazy, cache};
use crate::term::Trouble;

pub(super) fn run(global: &Global) -> Result<Exit, Trouble> {
    let judge = Lazy::new(std::path::Path::new("."));
    let cache = cache("editor");
    let options = Options {
        world: &Disk,
        today: timestamp().get(..10).and_then(parse_date),
        judge: Some(&judge),
        threads: threads(global),
        cache: cache.as_deref(),
        version: env!("CARGO_PKG_VERSION"),
    };
    match serve_stdio(options) {
        Ok(Ending::Proper) => Ok(Exit::Clean),
        // Its editor is gone; nobody reads what we would say.
        Ok(Ending::Gone) => Ok(Exit::Closed),
        Err(error) => Err(Trouble::new(format!("the editor cannot be read: {error}"))),
    }
}
