//! `platc diff`: what changes from one build to another, or to what would be built now, or between git
//! revisions.
//!
//! Not here: what a change means (`platc-diff`). Start with [`side`].

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use platc_diag::Problems;
use platc_diff::{Diff, Side, Stored, diff, markdown, text};
use platc_driver::build::{self, DIST};
use platc_driver::rendered::Rendered;
use platc_driver::world::{Disk, World};
use platc_store::{Store, StoredBuild};

use super::{analysis_options, build_trouble, root, short, shown, store_trouble, threads};
use crate::cli::{DiffArgs, DiffFormat, Format, Global, Judging};
use crate::exit::Exit;
use crate::git::Revision;
use crate::policies::Lazy;
use crate::show;
use crate::term::{self, Term, Trouble};

/// What both sides are looked for with.
struct Context<'a> {
    root: Option<PathBuf>,
    store: Store,
    judging: Judging,
    threads: NonZeroUsize,
    term: &'a Term,
}

pub(super) fn run(args: &DiffArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    // Two builds can be compared where there is no platform.
    let root = match &args.dir {
        Some(dir) => Some(root(Some(dir))?),
        None if args.new.is_some() => root(None).ok(),
        None => Some(root(None)?),
    };
    let beside = || root.as_ref().map_or_else(|| PathBuf::from(DIST), |root| root.join(DIST));
    let threads = threads(global);
    let context = Context {
        store: Store::open(args.out.clone().unwrap_or_else(beside), threads),
        root,
        judging: Judging { format: Format::Human, today: args.today.clone(), deny: None },
        threads,
        term,
    };
    let Some(before) = side(&context, args.old.as_deref().unwrap_or("current"))? else {
        return Ok(Exit::Found);
    };
    let after = match &args.new {
        Some(name) => side(&context, name)?,
        None => working_tree(&context)?,
    };
    let Some(after) = after else { return Ok(Exit::Found) };
    let change = diff(&*before, &*after);
    if !term::data(printed(&change, args.format, term)?.as_bytes())? {
        return Ok(Exit::Closed);
    }
    Ok(Exit::found(args.exit_code && !change.is_empty()))
}

fn printed(change: &Diff, format: DiffFormat, term: &Term) -> Result<String, Trouble> {
    Ok(match format {
        DiffFormat::Text => {
            text::render(change, text::Style { width: term.data_width, color: term.data_color })
        }
        DiffFormat::Markdown => markdown::render(change),
        DiffFormat::Json => {
            format!("{}\n", serde_json::to_string_pretty(change).map_err(Trouble::new)?)
        }
    })
}

/// What a word stands for: a build, a directory with a build or a platform, a git revision. Nothing where
/// it stands for a platform with errors, which were told.
fn side(context: &Context<'_>, name: &str) -> Result<Option<Box<dyn Side>>, Trouble> {
    let by_git = name.strip_prefix("git:");
    if by_git.is_none() {
        if let Some(build) = build_of(&context.store, name)? {
            return Ok(Some(Box::new(build)));
        }
        let dir = Path::new(name);
        if dir.join("platform.kdl").is_file() {
            let root = root(Some(dir))?;
            return rendered(context, &Disk, &root, shown(&root));
        }
        if dir.join("build.json").is_file() {
            let build = StoredBuild::open(dir).map_err(|error| store_trouble(&error))?;
            return Ok(Some(Box::new(Stored::new(shown(dir), build))));
        }
    }
    let no_side = |reason: &str| {
        Trouble::new(format!("`{name}` is no build, no directory with one or with a platform, and {reason}"))
            .help("`platc log` lists builds; `current`, `previous` and the beginning of an id name one")
    };
    let root = context.root.as_ref().ok_or_else(|| no_side("no platform encloses the current directory"))?;
    let revision = Revision::open(root, by_git.unwrap_or(name)).map_err(|reason| no_side(&reason))?;
    rendered(context, &revision, root, revision.name().to_owned())
}

/// The build that a word stands for; nothing where it stands for none.
pub(super) fn build_of(store: &Store, name: &str) -> Result<Option<Stored>, Trouble> {
    let trouble = |error| store_trouble(&error);
    let (found, prefix) = match name {
        "previous" => {
            let id = store.previous().map_err(trouble)?;
            let id = id.ok_or_else(|| {
                Trouble::new("no other build counted before, as far as the log tells")
                    .help("`platc log` lists builds")
            })?;
            (store.find(&id.to_string()), "previous build")
        }
        "current" => (store.find(name), "current build"),
        _ => (store.find(name), "build"),
    };
    match found {
        // A path with a build may lie anywhere, and has its name from where it lies.
        Ok(build) if Path::new(name).is_dir() => Ok(Some(Stored::new(shown(Path::new(name)), build))),
        Ok(build) => {
            let id = build.id().to_string();
            Ok(Some(Stored::new(format!("{prefix} {}", short(&id)), build)))
        }
        Err(platc_store::Error::NoBuild { .. }) if name != "current" => Ok(None),
        Err(error) => Err(trouble(error)),
    }
}

fn working_tree(context: &Context<'_>) -> Result<Option<Box<dyn Side>>, Trouble> {
    let root = match &context.root {
        Some(root) => root.clone(),
        None => root(None)?,
    };
    rendered(context, &Disk, &root, "working tree".to_owned())
}

fn rendered(
    context: &Context<'_>,
    world: &dyn World,
    root: &Path,
    name: String,
) -> Result<Option<Box<dyn Side>>, Trouble> {
    let options = analysis_options(&context.judging)?;
    let judged = build::judged(world, root, options, &Lazy::new(root), context.threads);
    let analysis = judged.map_err(|error| build_trouble(error, root))?.analysis;
    let errors: Problems = analysis.problems.iter().filter(|problem| problem.is_error()).cloned().collect();
    if !errors.is_empty() {
        show::findings(context.term, Format::Human, &analysis.files, &errors)?;
        // A platform that asks for more than it has, because a host is gone, is just what one wants to see.
        if !errors.iter().all(platc_proof::is_of_a_proof) {
            context.term.say(&format!("there is nothing to compare with: {name} has errors"));
            return Ok(None);
        }
        context
            .term
            .say(&format!("{name} is not built until that is mended or waived; it would change this:"));
    }
    let rendered = Rendered::new(name, analysis).map_err(|error| build_trouble(error, root))?;
    Ok(Some(Box::new(rendered)))
}
