//! `platc report --out FILE`: the page with everything on it.
//!
//! Start with [`run`].

use std::collections::BTreeMap;

use platc_driver::analysis::Analysis;
use platc_driver::build::DIST;
use platc_driver::emission::{EmitError, emit_all};
use platc_proof::pack::Limits;
use platc_report::{Changes, Report};
use platc_store::{Digest, Store};

use super::capacity::analysed;
use super::{store_trouble, threads, write_file};
use crate::cli::{Global, ReportArgs};
use crate::exit::Exit;
use crate::term::{Term, Trouble};

/// Files of one kind of change in one place that are named.
const NAMED: usize = 8;

pub(super) fn run(args: &ReportArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let Some(analysis) = analysed(args.dir.as_deref(), args.today.clone(), global, term)? else {
        return Ok(Exit::Found);
    };
    let (proofs, _) = platc_proof::prove(&analysis.plan, Limits::default());
    let since = args.since.as_ref().map(|name| since(&analysis, name, global)).transpose()?;
    let page = platc_report::report(&Report {
        plan: &analysis.plan,
        proofs: &proofs,
        findings: &analysis.problems,
        files: &analysis.files,
        changes: since.as_ref().map(|(since, lines)| Changes { since, lines }),
    });
    let page = page.map_err(Trouble::new)?;
    write_file(&args.out, page.as_bytes())?;
    term.say(&format!("{}: {} KB", args.out.display(), page.len().div_ceil(1000)));
    Ok(Exit::Clean)
}

/// Which build that is, and what would be delivered now and is not in it as it would be.
fn since(analysis: &Analysis, name: &str, global: &Global) -> Result<(String, Vec<String>), Trouble> {
    let store = Store::open(analysis.root.join(DIST), threads(global));
    let build = store.find(name).map_err(|error| store_trouble(&error))?;
    // Lists of a host's files follow from the files; they are made when a build is written.
    let files = build.manifest().entries().iter().filter(|entry| !entry.kind.as_str().starts_with("host-"));
    let mut before: BTreeMap<String, Digest> =
        files.map(|entry| (entry.path.as_str().to_owned(), entry.digest)).collect();
    let mut changes: BTreeMap<(String, &str), Vec<String>> = BTreeMap::new();
    let mut change = |path: &str, how: &'static str| {
        let (place, rest) = place(path);
        changes.entry((place.to_owned(), how)).or_default().push(rest.to_owned());
    };
    let written = emit_all(&analysis.plan, |file| {
        let path = file.artifact.path.as_str();
        match before.remove(path) {
            Some(digest) if digest == Digest::of(&file.bytes) => {}
            Some(_) => change(path, "changed"),
            None => change(path, "new"),
        }
        Ok::<(), std::convert::Infallible>(())
    });
    if let Err(EmitError::Refused { path, refusal }) = written {
        return Err(Trouble::new(format!("`{path}` cannot be written: {refusal}")));
    }
    before.keys().for_each(|path| change(path, "gone"));
    let lines = changes.into_iter().map(|((place, how), files)| {
        let named = files.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = files.len().saturating_sub(NAMED);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{place}: {} {how}: {named}{rest}", files.len())
    });
    let id = build.manifest().id().to_string();
    Ok((format!("build {}", id.get(..12).unwrap_or(&id)), lines.collect()))
}

/// The cluster or host that a file is for, as its path begins, and the rest of it.
fn place(path: &str) -> (&str, &str) {
    let depth = if path.starts_with("hosts/") { 3 } else { 2 };
    let end = path.match_indices('/').nth(depth - 1).map_or(0, |(at, _)| at);
    match path.get(..end).filter(|place| !place.is_empty()) {
        Some(place) => (place, path.get(end + 1..).unwrap_or("")),
        None => ("platform", path),
    }
}
