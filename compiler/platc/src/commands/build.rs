//! `platc build`: every file of a platform, as a build in `dist`.

use std::path::Path;
use std::time::Instant;

use platc_driver::build::{self, BuildOptions, Built, DIST};
use platc_driver::world::Disk;
use platc_store::{Finished, Timestamp};

use super::{analysis_options, build_trouble, compiler, root, short, shown, threads, timestamp, write_file};
use crate::cli::{BuildArgs, Format, Global};
use crate::exit::Exit;
use crate::policies::Lazy;
use crate::show;
use crate::term::{self, Term, Trouble};

#[expect(clippy::disallowed_methods, reason = "what is told of the time is for people, and in no result")]
pub(super) fn run(args: &BuildArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let begun = Instant::now();
    let root = root(args.platform.dir.as_deref())?;
    let judging = &args.platform.judging;
    let options = BuildOptions {
        out: args.out.clone().unwrap_or_else(|| root.join(DIST)),
        analysis: analysis_options(judging)?,
        threads: threads(global),
        locked: args.locked,
        deny_warnings: judging.deny.is_some(),
        at: Timestamp::parse(&timestamp()).map_err(Trouble::new)?,
        compiler: compiler(),
    };
    let write_lock = |path: &Path, text: &str| {
        write_file(path, text.as_bytes()).map_err(|trouble| std::io::Error::other(format!("{trouble:?}")))
    };
    let built = build::build(&Disk, &root, &options, &Lazy::new(&root), &write_lock)
        .map_err(|error| build_trouble(error, &root))?;
    let exit = match &built {
        Built::Unchanged { id, findings } => {
            if judging.format == Format::Json && !term::data(findings)? {
                return Ok(Exit::Closed);
            }
            if judging.format == Format::Human {
                term.say(&format!("unchanged: build {} in {}", short(&id.to_string()), shown(&options.out)));
            }
            Exit::Clean
        }
        Built::Done { analysis, finished, lock } => {
            if !show::findings(term, judging.format, &analysis.files, &analysis.problems)? {
                return Ok(Exit::Closed);
            }
            if lock.is_some() {
                term.say("wrote platc.lock: keep it in version control");
            }
            term.say(&told(finished, &options.out));
            Exit::Clean
        }
        Built::Refused { analysis } => {
            if !show::findings(term, judging.format, &analysis.files, &analysis.problems)? {
                return Ok(Exit::Closed);
            }
            let tally = show::tally(&analysis.problems).unwrap_or_default();
            term.say(&format!("nothing was built: {tally} in {}", shown(&root)));
            Exit::Found
        }
    };
    if args.timings {
        term::talk(&format!("took {} ms", begun.elapsed().as_millis()));
    }
    Ok(exit)
}

fn told(finished: &Finished, out: &Path) -> String {
    let (written, reused) = (finished.written, finished.reused);
    let id = finished.id.to_string();
    let kib = written.bytes.div_ceil(1024);
    let new = if finished.assembled { "build" } else { "the same build" };
    format!(
        "{new} {} in {}/current: {} files written ({kib} KiB), {} reused",
        short(&id),
        shown(out),
        written.files,
        reused.files
    )
}
