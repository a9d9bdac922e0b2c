//! `platc watch`: builds again whenever a source changes, until it is interrupted.
//!
//! The system tells of changed files; a build finds out by itself whether they matter, so nothing here has to
//! know what is a source. Only what a build writes is passed over, and so are bursts: editors write a file
//! several times.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use notify::event::ModifyKind;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use platc_driver::analysis::Analysis;
use platc_driver::build::DIST;
use platc_driver::discover::LOCK_FILE;
use platc_driver::world::normal;

use super::{build, root, shown};
use crate::cli::{BuildArgs, Global, Measuring, WatchArgs};
use crate::exit::Exit;
use crate::term::{Term, Trouble};

/// A burst is over when nothing changed for that long.
const QUIET: Duration = Duration::from_millis(50);
/// Names of changed files that are told; more nobody reads.
const TOLD_MAX: usize = 3;

pub(super) fn run(args: &WatchArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let root = normal(&root(args.platform.dir.as_deref())?);
    let out = normal(&args.out.clone().unwrap_or_else(|| root.join(DIST)));
    let build = BuildArgs {
        platform: args.platform.clone(),
        out: args.out.clone(),
        stream: false,
        only: Vec::new(),
        locked: false,
        measuring: Measuring::default(),
    };
    let (tell, told) = channel();
    let watcher = notify::recommended_watcher(move |event| {
        // Nobody listens any more when the program ends.
        let _ = tell.send(event);
    });
    let mut watched =
        Watched { watcher: watcher.map_err(|error| cannot_watch(&root, &error))?, dirs: BTreeSet::new() };
    // Before the first build, so that a change during it is not lost.
    watched.add(&root)?;
    let once = |watched: &mut Watched| -> Result<(), Trouble> {
        let built = build::once(&build, &root, global, term)?;
        if let Some(analysis) = &built.analysis {
            libraries(analysis, &root).iter().try_for_each(|dir| watched.add(dir))?;
        }
        Ok(())
    };
    once(&mut watched)?;
    term.say(&format!("watching {}; Ctrl-C ends it", shown(&root)));
    loop {
        let changed = wait(&told, &out).map_err(|error| cannot_watch(&root, &error))?;
        let Some(changed) = changed else { return Ok(Exit::Clean) };
        let mut names: Vec<String> = changed.iter().take(TOLD_MAX).map(|path| shown(path)).collect();
        if changed.len() > TOLD_MAX {
            names.push(format!("and {} more", changed.len() - TOLD_MAX));
        }
        term.say(&format!("\nchanged: {}", names.join(", ")));
        // A file may be gone for an instant, or a disk full: the next change may mend it.
        if let Err(trouble) = once(&mut watched) {
            term.trouble(&trouble);
        }
    }
}

/// The directories that the system tells of.
struct Watched {
    watcher: RecommendedWatcher,
    dirs: BTreeSet<PathBuf>,
}

impl Watched {
    fn add(&mut self, dir: &Path) -> Result<(), Trouble> {
        if self.dirs.insert(dir.to_owned()) {
            let added = self.watcher.watch(dir, RecursiveMode::Recursive);
            added.map_err(|error| cannot_watch(dir, &error))?;
        }
        Ok(())
    }
}

/// Directories outside of the platform that files were read from.
fn libraries(analysis: &Analysis, root: &Path) -> BTreeSet<PathBuf> {
    let paths = analysis.project.sources.iter().map(|source| analysis.files.get(source.file).path());
    let dirs = paths.filter_map(|path| normal(&root.join(path)).parent().map(Path::to_owned));
    dirs.filter(|dir| !dir.starts_with(root) && dir.is_dir()).collect()
}

/// Waits for a change and for its burst to end; nothing where nobody tells any more.
fn wait(told: &Receiver<notify::Result<Event>>, out: &Path) -> notify::Result<Option<BTreeSet<PathBuf>>> {
    let mut changed = BTreeSet::new();
    while changed.is_empty() {
        let Ok(event) = told.recv() else { return Ok(None) };
        changed.extend(paths(event?, out));
    }
    while let Ok(event) = told.recv_timeout(QUIET) {
        changed.extend(paths(event?, out));
    }
    Ok(Some(changed))
}

/// The files of an event that may be sources. Being read is no change.
fn paths(event: Event, out: &Path) -> Vec<PathBuf> {
    let matters = match event.kind {
        EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)) => false,
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    };
    let hidden = |path: &Path| {
        let hides = |part: Component<'_>| matches!(part, Component::Normal(name) if name.to_string_lossy().starts_with('.'));
        path.components().next_back().is_some_and(hides)
            || path.components().any(|part| part.as_os_str() == ".git")
    };
    // Who reads them with `git` changes something else, too; otherwise they are a build's own.
    let own = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name == LOCK_FILE || name.strip_prefix(LOCK_FILE).is_some_and(|rest| rest.ends_with(".new"))
    };
    let source = |path: &PathBuf| matters && !path.starts_with(out) && !hidden(path) && !own(path);
    event.paths.into_iter().filter(source).collect()
}

fn cannot_watch(dir: &Path, error: &notify::Error) -> Trouble {
    let trouble = Trouble::new(format!("cannot watch `{}`: {error}", dir.display()));
    match error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            trouble.help("`sysctl fs.inotify.max_user_watches` says how many directories may be watched")
        }
        _ => trouble,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{AccessKind, CreateKind, DataChange};

    #[test]
    fn what_a_build_reads_and_writes_is_no_change() {
        let out = Path::new("/p/dist");
        let of = |kind, path: &str| paths(Event::new(kind).add_path(path.into()), out).len();
        let modified = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        assert_eq!(of(modified, "/p/a.kdl"), 1);
        assert_eq!(of(EventKind::Create(CreateKind::File), "/p/certs/ca.pem"), 1);
        assert_eq!(of(EventKind::Access(AccessKind::Any), "/p/a.kdl"), 0);
        for path in ["/p/dist/current", "/p/.a.kdl.swp", "/p/.git/index", "/p/.git/refs/heads/main"] {
            assert_eq!(of(modified, path), 0, "{path}");
        }
    }
}
