//! `platc build --stream`: manifests to stdout, in the order in which they are applied; nothing is written.

use platc_driver::build;
use platc_driver::emission::{EmitError, emit_all};
use platc_driver::golden::matches;
use platc_driver::world::Disk;

use super::measure::steps;
use super::{analysis_options, build_trouble, root, shown, threads, to_the_end};
use crate::cli::{BuildArgs, Format, Global};
use crate::exit::Exit;
use crate::policies::Lazy;
use crate::show;
use crate::term::{self, Term, Trouble};

/// What ends the stream early.
enum End {
    Closed,
    Trouble(Trouble),
}

/// Manifests are small: as much as a pipe holds is written at once.
const AT_ONCE: usize = 1 << 16;

pub(super) fn run(args: &BuildArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let root = root(args.platform.dir.as_deref())?;
    let judging = &args.platform.judging;
    if judging.format != Format::Human {
        return Err(Trouble::new("`--stream` prints manifests to stdout, so findings cannot go there")
            .help("leave `--format` out, or run `platc check --format …`"));
    }
    let options = analysis_options(judging)?;
    let shown_steps = steps(term);
    let judged = build::judged(&Disk, &root, options, &Lazy::new(&root), threads(global));
    drop(shown_steps);
    let analysis = to_the_end(judged.map_err(|error| build_trouble(error, &root))?.analysis);
    show::findings(term, Format::Human, &analysis.files, &analysis.problems)?;
    if show::fails(judging, &analysis.problems) {
        let tally = show::tally(&analysis.problems).unwrap_or_default();
        term.say(&format!("nothing was printed: {tally} in {}", shown(&root)));
        return Ok(Exit::Found);
    }
    let wanted = |path: &str| {
        if args.only.is_empty() {
            path.starts_with("clusters/")
        } else {
            args.only.iter().any(|pattern| matches(pattern, path))
        }
    };
    let mut out = Vec::with_capacity(2 * AT_ONCE);
    let mut first = true;
    let ended = emit_all(&analysis.plan, wanted, |file| {
        out.extend_from_slice(if std::mem::take(&mut first) { b"" } else { b"---\n" });
        out.extend_from_slice(&file.bytes);
        if out.len() < AT_ONCE {
            return Ok(());
        }
        let printed = print(&out);
        out.clear();
        printed
    });
    let ended = ended.and_then(|()| print(&out).map_err(EmitError::Taker));
    match ended {
        Ok(()) => Ok(Exit::Clean),
        Err(EmitError::Taker(End::Closed)) => Ok(Exit::Closed),
        Err(EmitError::Taker(End::Trouble(trouble))) => Err(trouble),
        Err(EmitError::Refused { path, refusal }) => {
            Err(Trouble::new(format!("`{path}` cannot be written: {refusal}")))
        }
    }
}

fn print(bytes: &[u8]) -> Result<(), End> {
    match term::data(bytes) {
        Ok(true) => Ok(()),
        Ok(false) => Err(End::Closed),
        Err(trouble) => Err(End::Trouble(trouble)),
    }
}
