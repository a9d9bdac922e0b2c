//! What each command does: one file each. Here: what several need.

mod build;
mod capacity;
mod check;
mod diff;
mod drift;
mod explain;
mod fetch;
mod fmt;
mod gc;
mod graph;
mod log;
mod lsp;
mod measure;
mod new;
mod plan;
mod policy;
mod pull;
mod push;
mod remote;
mod report;
mod rollback;
mod schema;
mod show;
mod sign;
mod stream;
mod test;
mod upgrade;
mod verify;
mod watch;

use std::mem::ManuallyDrop;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use platc_driver::analysis::{Analysis, AnalysisOptions, parse_date};
use platc_driver::build::{self as build_of, BuildError, DIST};
use platc_driver::discover::find_root;
use platc_driver::world::{Disk, normal};

use crate::cli::{Cli, Command, Global, Judging};
use crate::exit::Exit;
use crate::policies::Lazy;
use crate::term::{Term, Trouble};

/// Runs a command.
pub(crate) fn run(cli: &Cli, term: &Term) -> Result<Exit, Trouble> {
    use_threads(&cli.global);
    match &cli.command {
        Command::New(args) => new::run(args, term),
        Command::Check(args) => check::run(args, &cli.global, term),
        Command::Build(args) if args.stream => stream::run(args, &cli.global, term),
        Command::Build(args) => build::run(args, &cli.global, term),
        Command::Explain(args) => explain::run(args, &cli.global, term),
        Command::Show(args) => show::run(args, &cli.global, term),
        Command::Fmt(args) => fmt::run(args, term),
        Command::Test(args) => test::run(args, term),
        Command::Schema(args) => schema::run(args, term),
        Command::Lsp => lsp::run(&cli.global),
        Command::Verify(args) => verify::run(args, &cli.global, term),
        Command::Plan(args) => plan::run(args, &cli.global, term),
        Command::Upgrade(args) => upgrade::run(args, &cli.global, term),
        Command::Capacity(args) => capacity::run(args, &cli.global, term),
        Command::Graph(args) => graph::run(args, &cli.global, term),
        Command::Report(args) => report::run(args, &cli.global, term),
        Command::Push(args) => push::run(args, &cli.global, term),
        Command::Pull(args) => pull::run(args, &cli.global, term),
        Command::Sign(args) => sign::run(args, &cli.global, term),
        Command::Fetch(args) => fetch::run(args, fetch::Keep::Cached, term),
        Command::Vendor(args) => fetch::run(args, fetch::Keep::Vendored, term),
        Command::Watch(args) => watch::run(args, &cli.global, term),
        Command::Policy(args) => policy::run(args, &cli.global, term),
        Command::Diff(args) => diff::run(args, &cli.global, term),
        Command::Log(args) => log::run(args, &cli.global),
        Command::Rollback(args) => rollback::run(args, &cli.global, term),
        Command::Gc(args) => gc::run(args, &cli.global, term),
        Command::Drift(args) => drift::run(args, &cli.global, term),
    }
}

fn use_threads(global: &Global) {
    if let Some(threads) = global.threads {
        // Only fails where threads run already, and none do yet.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global();
    }
}

/// The platform in `root` as far as it can be worked out, with what its policies change.
pub(crate) fn settled(root: &Path, options: AnalysisOptions, global: &Global) -> Analysis {
    build_of::settled(&Disk, root, options, &Lazy::new(root), threads(global))
}

/// What a command needs to its end, which is that of the process: all its memory goes at once then, and to give it back
/// piece by piece before would be a tenth of a check.
pub(crate) fn to_the_end<T>(value: T) -> ManuallyDrop<T> {
    ManuallyDrop::new(value)
}

/// Threads for what asks for a number.
pub(crate) fn threads(global: &Global) -> NonZeroUsize {
    let all = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    global.threads.unwrap_or_else(all)
}

/// The platform that is meant: `dir`, or the one that encloses the current directory.
pub(crate) fn root(dir: Option<&Path>) -> Result<PathBuf, Trouble> {
    match dir {
        Some(dir) if dir.join("platform.kdl").is_file() => Ok(here()?.join(dir)),
        Some(dir) if dir.is_dir() => {
            Err(Trouble::new(format!("`{}` is no platform: it has no `platform.kdl`", dir.display()))
                .help("`platc new NAME` begins one"))
        }
        Some(dir) if dir.is_file() => Err(Trouble::new(format!("`{}` is a file", dir.display()))
            .help("name the directory with `platform.kdl`")),
        Some(dir) => Err(Trouble::new(format!("there is no directory `{}`", dir.display()))),
        None => {
            let here = here()?;
            find_root(&Disk, &here).ok_or_else(|| {
                Trouble::new("there is no `platform.kdl` here or in a directory above")
                    .help("`platc new NAME` begins a platform; `platc COMMAND DIR` names one")
            })
        }
    }
}

/// A path as people would type it: from the current directory where it lies below it or it below the path.
pub(crate) fn shown(path: &Path) -> String {
    let path = normal(path);
    let Ok(here) = here() else { return path.display().to_string() };
    let up = |down: &Path| down.components().map(|_| "..").collect::<PathBuf>();
    let short = match (path.strip_prefix(&here), here.strip_prefix(&path)) {
        (Ok(below), _) => below.to_owned(),
        (_, Ok(down)) => up(down),
        _ => path.clone(),
    };
    if short.as_os_str().is_empty() { ".".to_owned() } else { short.display().to_string() }
}

#[expect(clippy::disallowed_methods, reason = "the binary knows where it was started")]
pub(crate) fn here() -> Result<PathBuf, Trouble> {
    std::env::current_dir().map_err(|error| Trouble::new(format!("the current directory is gone: {error}")))
}

/// What an analysis depends on beside files.
pub(crate) fn analysis_options(judging: &Judging) -> Result<AnalysisOptions, Trouble> {
    let text = judging.today.clone().unwrap_or_else(|| timestamp()[..10].to_owned());
    let today = parse_date(&text)
        .ok_or_else(|| Trouble::new(format!("`--today {text}` is no day")).help("write it as 2026-11-21"))?;
    Ok(AnalysisOptions { today: Some(today) })
}

/// Now, by RFC 3339.
#[expect(clippy::disallowed_methods, reason = "for the log of builds, and the day on which waivers end")]
pub(crate) fn timestamp() -> String {
    humantime::format_rfc3339_seconds(std::time::SystemTime::now()).to_string()
}

/// Writes a file so that it is either the old one or the new one, whatever happens.
#[expect(clippy::disallowed_methods, reason = "for the commands that are asked to write")]
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.new", std::process::id()));
    let temporary = PathBuf::from(temporary);
    let written = std::fs::write(&temporary, bytes).and_then(|()| std::fs::rename(&temporary, path));
    written.map_err(|error| {
        // Nothing more can be done where this fails too.
        let _ = std::fs::remove_file(&temporary);
        Trouble::new(format!("cannot write `{}`: {error}", path.display()))
    })
}

/// Makes a directory and those above it.
pub(crate) fn make_directory(path: &Path) -> Result<(), Trouble> {
    std::fs::create_dir_all(path)
        .map_err(|error| Trouble::new(format!("cannot create `{}`: {error}", path.display())))
}

/// Where builds lie: `out`, which may name a platform instead, or `dist` of the platform that encloses the
/// current directory.
pub(crate) fn out_dir(out: Option<&Path>) -> Result<PathBuf, Trouble> {
    match out {
        Some(out) if out.join("platform.kdl").is_file() => Ok(out.join(DIST)),
        Some(out) => Ok(out.to_owned()),
        None => Ok(root(None)?.join(DIST)),
    }
}

/// The first twelve digits of an id: every command takes the beginning of one.
pub(crate) fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// What the store says, with the way out where there is one.
pub(crate) fn store_trouble(error: &platc_store::Error) -> Trouble {
    let trouble = Trouble::new(error);
    match error {
        platc_store::Error::NoBuild { .. } => trouble.help("`platc build` makes one"),
        platc_store::Error::Busy { .. } => trouble.help("run it again when that is done"),
        platc_store::Error::Damaged { .. } => {
            trouble.help("`platc verify` names all of it, `platc build` repairs it")
        }
        _ => trouble,
    }
}

/// Why there is no build, with the way out.
pub(crate) fn build_trouble(error: BuildError, root: &Path) -> Trouble {
    match error {
        BuildError::Store(error) => store_trouble(&error),
        error @ BuildError::Locked => Trouble::new(error)
            .help(format!("run `platc build {}` without it, and commit the file", shown(root))),
        error @ BuildError::Restless => {
            Trouble::new(error).help("nothing was built; run it again when whatever writes them is done")
        }
        error => Trouble::new(error),
    }
}

/// The compiler, as distinct from others: a build by another of the same version is made anew, or whoever
/// works on platc would be shown what the last one did.
#[expect(clippy::disallowed_methods, reason = "of the executable, not of an input")]
pub(crate) fn compiler() -> String {
    let own = std::env::current_exe().and_then(std::fs::metadata).ok();
    let age = own.and_then(|own| Some((own.len(), own.modified().ok()?)));
    let age =
        age.map(|(len, at)| (len, at.duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_nanos()));
    format!("{} {age:?}", env!("CARGO_PKG_VERSION"))
}
