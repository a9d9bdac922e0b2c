//! `platc policy`: the policies that there are, and the tools of those who write them.
//!
//! Not here: running a policy over a platform as part of its build; every build does that.

mod audit;
mod bench;
mod build;
mod cargo;
mod inspect;
mod node;
mod programs;
mod project;
mod python;
mod test;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::Path;

use platc_artifact::judge::{Judge as _, LimitOverrides, Loaded, PolicyUse, Source};
use platc_diag::{Diagnostic, FileId, Span};
use platc_policy::Host;

use super::shown;
use crate::cli::{Global, PolicyArgs, PolicyCommand};
use crate::exit::Exit;
use crate::policies;
use crate::term::{self, Term, Trouble};

pub(super) fn run(args: &PolicyArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    match &args.command {
        PolicyCommand::List => list(),
        PolicyCommand::New(args) => project::new(args, term),
        PolicyCommand::Build(args) => build::run(args, global, term),
        PolicyCommand::Test(args) => test::run(args, global, term),
        PolicyCommand::Bench(args) => bench::run(args, global, term),
        PolicyCommand::Inspect(args) => inspect::run(args, term),
        PolicyCommand::Audit(args) => audit::run(args, global, term),
    }
}

fn list() -> Result<Exit, Trouble> {
    let library = platc_policy_library::library();
    let host = policies::host(None).map_err(Trouble::new)?;
    let uses: Vec<PolicyUse> = library.iter().map(|(name, _)| used(name, Source::Library)).collect();
    let loaded = host.load(&uses, NonZeroUsize::MIN);
    let mut out = String::new();
    for policy in loaded.loaded() {
        let _ = writeln!(out, "{} {}", policy.name, policy.description.version);
        for rule in &policy.description.rules {
            let _ = writeln!(out, "    {}/{} ({}): {}", policy.name, rule.id, rule.level, rule.summary);
        }
    }
    Ok(if term::data(out.as_bytes())? { Exit::Clean } else { Exit::Closed })
}

/// A policy as a platform without settings uses it.
fn used(name: &str, source: Source) -> PolicyUse {
    PolicyUse {
        name: name.into(),
        source,
        settings: "{}".to_owned(),
        span: Span::start_of(FileId(0)),
        setting_spans: BTreeMap::new(),
        level: None,
        limits: LimitOverrides::default(),
    }
}

/// A policy's file: whether platc can use it, and what it says of itself. `Err` has what is wrong.
fn load(host: &Host, path: &Path, bytes: &[u8]) -> Result<Loaded, Vec<Diagnostic>> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let source = Source::File { path: shown(path).into(), bytes: bytes.into() };
    let policies = host.load(&[used(&stem, source)], NonZeroUsize::MIN);
    match policies.loaded() {
        [loaded] => Ok(loaded.clone()),
        _ => Err(policies.problems().to_vec()),
    }
}

/// Says what is wrong with a policy's file, which has no lines to show.
fn report(term: &Term, problems: &[Diagnostic]) -> Exit {
    for problem in problems {
        let mut help: Vec<String> = problem.notes().to_vec();
        help.extend(problem.help_text().map(str::to_owned));
        help.push(format!("`platc explain {}` says more", problem.code().id()));
        let what = format!("{}: {}", problem.code().id(), problem.message());
        term.trouble(&Trouble::new(what).help(help.join("\n        ")));
    }
    Exit::Found
}

/// The bytes of a policy's file.
#[expect(clippy::disallowed_methods, reason = "a file that the command line names is no input of a build")]
fn read(path: &Path) -> Result<Vec<u8>, Trouble> {
    std::fs::read(path).map_err(|error| {
        let trouble = Trouble::new(format!("cannot read `{}`: {error}", path.display()));
        match error.kind() {
            std::io::ErrorKind::NotFound => {
                trouble.help("`platc policy build` makes the file of a policy, NAME.wasm in its directory")
            }
            std::io::ErrorKind::IsADirectory => trouble.help("name the file itself: NAME.wasm"),
            _ => trouble,
        }
    })
}
