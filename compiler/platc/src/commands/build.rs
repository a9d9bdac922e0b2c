//! `platc build`: every file of a platform, as a build in `dist`.

use std::path::Path;

use platc_driver::analysis::Analysis;
use platc_driver::build::{self, BuildOptions, Built, DIST};
use platc_driver::world::Disk;
use platc_store::{Finished, Timestamp};

use super::measure::{measured, steps};
use super::{analysis_options, build_trouble, compiler, root, short, shown, threads, timestamp, write_file};
use crate::cli::{BuildArgs, Format, Global};
use crate::exit::Exit;
use crate::policies::Lazy;
use crate::show;
use crate::term::{self, Term, Trouble};

pub(super) fn run(args: &BuildArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let root = root(args.platform.dir.as_deref())?;
    Ok(measured(&args.measuring, || once(args, &root, global, term))?.exit)
}

/// What came of one build.
pub(super) struct Once {
    exit: Exit,
    /// The platform, if it had to be looked at.
    pub(super) analysis: Option<Box<Analysis>>,
}

/// Builds, and shows what was found.
pub(super) fn once(args: &BuildArgs, root: &Path, global: &Global, term: &Term) -> Result<Once, Trouble> {
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
        write_file(path, text.as_bytes()).map_err(|trouble| std::io::Error::other(trouble.to_string()))
    };
    let shown_steps = steps(term);
    let built = build::build(&Disk, root, &options, &Lazy::new(root), &write_lock);
    drop(shown_steps);
    let built = built.map_err(|error| build_trouble(error, root))?;
    let (exit, analysis) = match built {
        Built::Unchanged { id, findings } => {
            if judging.format == Format::Json && !term::data(&findings)? {
                return Ok(Once { exit: Exit::Closed, analysis: None });
            }
            if judging.format == Format::Human {
                term.say(&format!("unchanged: build {} in {}", short(&id.to_string()), shown(&options.out)));
            }
            (Exit::Clean, None)
        }
        Built::Done { analysis, finished, lock } => {
            if !show::findings(term, judging.format, &analysis.files, &analysis.problems)? {
                return Ok(Once { exit: Exit::Closed, analysis: None });
            }
            if lock.is_some() {
                term.say("wrote platc.lock: keep it in version control");
            }
            term.say(&told(&finished, &options.out));
            (Exit::Clean, Some(analysis))
        }
        Built::Refused { analysis } => {
            if !show::findings(term, judging.format, &analysis.files, &analysis.problems)? {
                return Ok(Once { exit: Exit::Closed, analysis: None });
            }
            let tally = show::tally(&analysis.problems).unwrap_or_default();
            term.say(&format!("nothing was built: {tally} in {}", shown(root)));
            (Exit::Found, Some(analysis))
        }
    };
    Ok(Once { exit, analysis })
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
