//! `platc check`: what is wrong with a platform. Writes nothing, but with `--fix` to the files it corrects.

use std::path::Path;

use platc_diag::Safety;
use platc_driver::analysis::{AnalysisOptions, analyse};
use platc_driver::build;
use platc_driver::fix::{self, Fixed};
use platc_driver::world::Disk;

use super::measure::{measured, steps};
use super::{analysis_options, build_trouble, root, shown, threads, to_the_end, write_file};
use crate::cli::{CheckArgs, Format, Global};
use crate::exit::Exit;
use crate::policies::Lazy;
use crate::show;
use crate::term::{Term, Trouble};

/// Fixes make new findings visible, which may have fixes too; beyond, something goes round in a circle.
const ROUNDS_MAX: usize = 8;

pub(super) fn run(args: &CheckArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let root = root(args.platform.dir.as_deref())?;
    let judging = &args.platform.judging;
    let options = analysis_options(judging)?;
    if args.fix {
        let least = if args.guesses { Safety::Suggestion } else { Safety::Safe };
        correct(&root, options, least, term)?;
    }
    let judge = || {
        let shown_steps = steps(term);
        let judged = build::judged(&Disk, &root, options, &Lazy::new(&root), threads(global));
        drop(shown_steps);
        judged.map_err(|error| build_trouble(error, &root))
    };
    let analysis = to_the_end(measured(&args.measuring, judge)?.analysis);
    if !show::findings(term, judging.format, &analysis.files, &analysis.problems)? {
        return Ok(Exit::Closed);
    }
    if judging.format == Format::Human {
        let own = analysis.project.sources.len();
        match show::tally(&analysis.problems) {
            Some(tally) => term.say(&format!("{tally} in {}", shown(&root))),
            None => term.say(&format!(
                "no findings: {own} files, {} hosts, {} workloads",
                analysis.plan.hosts.len(),
                analysis.plan.workloads.len()
            )),
        }
    }
    Ok(Exit::found(show::fails(judging, &analysis.problems)))
}

fn correct(root: &Path, options: AnalysisOptions, least: Safety, term: &Term) -> Result<(), Trouble> {
    for _ in 0..ROUNDS_MAX {
        let analysis = analyse(&Disk, root, options);
        let fixed = fix::apply(&analysis.files, &analysis.problems, least);
        if fixed.is_empty() {
            return Ok(());
        }
        for Fixed { path, text, count } in fixed {
            write_file(&root.join(&path), text.as_bytes())?;
            term.say(&format!("fixed {count} in {path}"));
        }
    }
    Ok(())
}
