//! `platc verify`: whether every byte of every build is as it was written.

use platc_store::Store;

use super::{out_dir, store_trouble, threads};
use crate::cli::{Global, VerifyArgs};
use crate::exit::Exit;
use crate::term::{Term, Trouble, data};

pub(super) fn run(args: &VerifyArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let out = out_dir(args.out.as_deref())?;
    let store = Store::open(&out, threads(global));
    let report = store.verify().map_err(|error| store_trouble(&error))?;
    // The next build looks at sizes only; what was found here makes it look at bytes.
    let told = store.distrust(&report);
    let lines: String = report
        .troubles
        .iter()
        .map(|trouble| format!("{} {}\n", trouble.path.display(), trouble.fault))
        .collect();
    if !data(lines.as_bytes())? {
        return Ok(Exit::Closed);
    }
    told.map_err(|error| store_trouble(&error))?;
    if report.is_clean() {
        term.say(&format!("{} files in {} builds are as they were written", report.files, report.builds));
    } else {
        term.say(&format!(
            "{} of {} are not; `platc build` repairs them",
            report.troubles.len(),
            report.files
        ));
    }
    Ok(Exit::found(!report.is_clean()))
}
