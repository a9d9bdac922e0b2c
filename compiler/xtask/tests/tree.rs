//! The tree as trials: tidy's rules, fresh generated files, the samples of each real-tool check, and those
//! checks over `snapshots/`.
//!
//! A check whose tools are not here is ignored, and counted as that; with `PLATC_REQUIRE_TOOLS=1`, as in CI,
//! it fails. Not here: the checks and rules themselves; they are the library's, for the command line as well.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test: it reads files and the environment, says what it skips, and fails loudly"
)]

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use xtask::generate::{self, GENERATORS, Generator};
use xtask::tidy::{self, Tree};
use xtask::validate::{self, Job, ROWS, Row};

fn main() -> ExitCode {
    let root = xtask::root();
    let mut trials: Vec<Trial> = tidy::RULES.iter().map(rule).collect();
    trials.extend(GENERATORS.iter().map(fresh));
    for row in ROWS {
        trials.extend(samples(&root, row));
    }
    for build in validate::builds(&root.join("snapshots")) {
        let jobs = ROWS.iter().flat_map(|row| validate::jobs(&root, row, &build));
        trials.extend(jobs.map(|job| {
            let name = format!("snapshots::{}::{}", job.row.name, job.subject());
            with_tools(&root, job.row, Trial::test(name, move || Ok(job.run()?)))
        }));
        let (name, root) = (build.strip_prefix(&root).unwrap_or(&build).display().to_string(), root.clone());
        trials.push(Trial::test(format!("snapshots::each_file_is_read::{name}"), move || {
            Ok(validate::unread(&root, &build)?)
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn rule(rule: &'static tidy::Rule) -> Trial {
    Trial::test(format!("tidy::{}", rule.name), || Ok(tidy::report(rule, &Tree::read(&xtask::root())?)?))
}

fn fresh(generator: &'static Generator) -> Trial {
    let check = || Ok(generate::check(&xtask::root(), generator)?);
    Trial::test(format!("generated::{}", generator.name), check)
}

/// The samples of a row: trees like builds, in folders whose names begin with `good` or `bad`. What a check
/// says of a bad one stands in a file beside it, so that it is refused for its own fault.
fn samples(root: &Path, row: &'static Row) -> Vec<Trial> {
    let folder = root.join("compiler/xtask/tests/samples").join(row.name);
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| !name.ends_with(".txt"))
        .collect();
    names.sort();
    let has = |kind: &str| names.iter().any(|name| name.starts_with(kind));
    let complete = has("good") && has("bad");
    let mut trials = vec![Trial::test(format!("samples::{}", row.name), move || {
        if complete { Ok(()) } else { Err("it has no good or no bad sample in tests/samples".into()) }
    })];
    for name in names {
        let jobs = validate::jobs(root, row, &folder.join(&name));
        let reason = std::fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap_or_default();
        let trial_name = format!("samples::{}::{name}", row.name);
        let trial = Trial::test(trial_name, move || sample(&jobs, name.starts_with("good"), reason.trim()));
        trials.push(with_tools(root, row, trial));
    }
    trials
}

fn sample(jobs: &[Job], is_good: bool, reason: &str) -> Result<(), Failed> {
    if jobs.is_empty() {
        return Err("the row finds none of its files in this sample".into());
    }
    let refused: Vec<String> = jobs.iter().filter_map(|job| job.run().err()).collect();
    // Envoy's messages have blanks here and there, so that nobody relies on their wording.
    let said = refused.concat().split_whitespace().collect::<Vec<_>>().join(" ");
    match (is_good, said) {
        (true, said) if !said.is_empty() => Err(said.into()),
        (false, said) if said.is_empty() => Err("the check lets it pass".into()),
        (false, said) if reason.is_empty() || !said.contains(reason) => {
            Err(format!("it is refused, but not for {reason:?}:\n{said}").into())
        }
        _ => Ok(()),
    }
}

fn with_tools(root: &Path, row: &Row, trial: Trial) -> Trial {
    let missing = validate::missing(root, row);
    if missing.is_empty() {
        return trial;
    }
    let why = format!("{}: {} missing: cargo xtask setup", trial.name(), missing.join(", "));
    if std::env::var("PLATC_REQUIRE_TOOLS").is_ok_and(|value| value == "1") {
        return Trial::test(trial.name().to_owned(), move || Err(why.into()));
    }
    eprintln!("skipped: {why}");
    trial.with_ignored_flag(true)
}
