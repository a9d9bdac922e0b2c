//! `platc verify`: whether every byte of every build is as it was written.

use platc_remote::{Purpose, signature};
use platc_store::{Store, Timestamp};

use super::{out_dir, remote, store_trouble, threads, timestamp};
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
        let builds = if report.builds == 1 { "build" } else { "builds" };
        term.say(&format!("{} files in {} {builds} are as they were written", report.files, report.builds));
    } else {
        term.say(&format!(
            "{} of {} are not; `platc build` repairs them",
            report.troubles.len(),
            report.files
        ));
    }
    let signed = signatures(args, &store, term)?;
    Ok(if signed == Exit::Clean { Exit::found(!report.is_clean()) } else { signed })
}

/// Whether the current build is signed by somebody who may, where the platform demands that.
fn signatures(args: &VerifyArgs, store: &Store, term: &Term) -> Result<Exit, Trouble> {
    let platform = store.dist().parent().filter(|parent| parent.join("platform.kdl").is_file());
    let trust = match remote::trust(args.trust.as_deref(), platform) {
        Ok(Some(trust)) if trust.demands(Purpose::Build) => trust,
        Ok(_) => return Ok(Exit::Clean),
        Err(error) => return remote::failed(term, error),
    };
    let build = store.find("current").map_err(|error| store_trouble(&error))?;
    let signatures = match signature::signatures(store.dist(), build.id()) {
        Ok(signatures) => signatures,
        Err(error) => return remote::failed(term, error),
    };
    let texts: Vec<Vec<u8>> = signatures.into_iter().map(|(_, text)| text).collect();
    let now = Timestamp::parse(&timestamp()).map_err(Trouble::new)?;
    let json = build.manifest().to_bytes();
    match trust.signer(Purpose::Build, &json, &texts, &now, &format!("build {}", build.id())) {
        Ok(signer) => {
            term.say(&format!("build {} is signed by {signer}", build.id()));
            Ok(Exit::Clean)
        }
        Err(refusal) => remote::refused(term, &refusal),
    }
}
