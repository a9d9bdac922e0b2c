//! How long what took (`--timings`, `--trace FILE`), and what is being done while somebody waits.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use platc_driver::trace;

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

/// Whether a line with a phase may be drawn now: not while anything else is said.
static DRAWS: AtomicBool = AtomicBool::new(false);

/// A line on the terminal with the phase that runs; nothing in a pipe. It is wiped off when this is dropped.
pub(super) struct Steps;

impl Steps {
    pub(super) fn show(term: &Term) -> Self {
        if !term.is_quiet() && std::io::stderr().is_terminal() {
            trace::tell(Box::new(|phase| {
                if DRAWS.load(Ordering::Relaxed) {
                    // Nobody is left to tell where this fails.
                    let _ = write!(std::io::stderr().lock(), "\r\x1b[K{phase} …");
                }
            }));
            DRAWS.store(true, Ordering::Relaxed);
        }
        Self
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        if DRAWS.swap(false, Ordering::Relaxed) {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
        }
    }
}
