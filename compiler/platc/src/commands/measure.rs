//! How long what took (`--timings`, `--trace FILE`), and what is being done while somebody waits.

use std::time::Instant;

use platc_driver::trace::{self, Listening};

use super::write_file;
use crate::cli::Measuring;
use crate::term::{self, Term, Trouble};

/// Runs a command's work, and tells how long its parts took if that was asked.
#[expect(clippy::disallowed_methods, reason = "what is told of the time is for people, and in no result")]
pub(super) fn measured<T>(args: &Measuring, work: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    if !args.timings && args.trace.is_none() {
        return work();
    }
    let begun = Instant::now();
    trace::install(Box::new(move || begun.elapsed()));
    let done = work();
    let took = begun.elapsed();
    let spans = trace::take();
    if args.timings {
        term::talk(&format!("{}took {} ms", trace::table(&spans), took.as_millis()));
    }
    if let Some(path) = &args.trace {
        write_file(path, trace::chrome(&spans).as_bytes())?;
    }
    done
}

/// Shows on a terminal which phase runs, until what is given is dropped: before anything else is said.
pub(super) fn steps(term: &Term) -> Option<Listening> {
    let line = term.status()?;
    Some(trace::tell(Box::new(move |phase| line.draw(&format!("{phase} …")))))
}
