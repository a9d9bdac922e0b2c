//! From a directory to the files of a platform and its libraries, read and parsed.
//!
//! A platform is the directory with `platform.kdl` and all `*.kdl` below it, except what `.gitignore` and
//! `.platcignore` name, what is hidden, `dist`, and directories that are platforms themselves. A library
//! is a directory that somebody imports.
//!
//! Not here: what the files say (`platc-sema`).
//!
//! Start with [`load`].

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use platc_diag::{File, FileId, Files, Problems, Span, limits};
use platc_model::Lock;
use platc_sema::project::{NodeAt, Project, Source, Unit, UnitId, imports};
use platc_syntax::{Tree, parse};
use rayon::prelude::*;

use crate::errors;
use crate::world::{EntryKind, World, normal};

/// The file that makes a directory a platform.
pub const PLATFORM_FILE: &str = "platform.kdl";
/// The file of allocations; not a source.
pub const LOCK_FILE: &str = "platc.lock";

/// A platform as it was read.
#[derive(Debug)]
pub struct Loaded {
    /// The platform's directory.
    pub root: PathBuf,
    /// All texts, with the names that they are shown under.
    pub files: Files,
    /// Their trees, by unit.
    pub project: Project,
    /// What is wrong with them so far.
    pub problems: Problems,
}

/// The nearest directory from `start` upwards that is a platform.
pub fn find_root(world: &dyn World, start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|dir| world.is_file(&dir.join(PLATFORM_FILE))).map(Path::to_owned)
}

/// Trees of files, by path, with what is wrong with each; and what was given out before.
#[derive(Default, Debug)]
pub struct Parsed {
    files: BTreeMap<PathBuf, (FileId, Arc<str>, Arc<Tree>, Problems)>,
    /// The file of allocations, and what it says.
    pub(crate) lock: Option<(FileId, Arc<str>, Lock, Problems)>,
}

/// Reads the platform in `root` and all libraries that it imports. Trees of files that are as they were are
/// taken from `before`, which then has those of now.
pub fn load(world: &dyn World, root: &Path, before: &mut Parsed) -> Loaded {
    let mut loader = Loader {
        world,
        root: normal(root),
        files: platc_sema::stdlib::files(),
        project: Project::default(),
        problems: Problems::new(),
        directories: BTreeMap::new(),
        before: std::mem::take(&mut before.files),
        parsed: Parsed::default(),
    };
    loader.unit(&normal(root), "");
    loader.libraries();
    loader.settle();
    let Loader { root, files, project, problems, parsed, .. } = loader;
    before.files = parsed.files;
    Loaded { root, files, project, problems }
}

struct Loader<'w> {
    world: &'w dyn World,
    root: PathBuf,
    files: Files,
    project: Project,
    problems: Problems,
    /// Units by directory.
    directories: BTreeMap<PathBuf, UnitId>,
    before: BTreeMap<PathBuf, (FileId, Arc<str>, Arc<Tree>, Problems)>,
    parsed: Parsed,
}

/// A file of a unit, before it is read.
struct Found {
    path: PathBuf,
    /// Its directory from the unit's.
    dir: String,
}

impl Loader<'_> {
    /// Reads all files of a directory as one unit.
    fn unit(&mut self, dir: &Path, name: &str) -> UnitId {
        let unit = UnitId(u32::try_from(self.project.units.len()).unwrap_or(u32::MAX));
        self.project.units.push(Unit { name: name.into(), imports: Vec::new() });
        self.directories.insert(dir.to_owned(), unit);
        let mut found = Vec::new();
        self.walk(dir, dir, "", &mut Vec::new(), &mut found);
        let world = self.world;
        let read: Vec<_> = found.par_iter().map(|file| world.read(&file.path)).collect();
        let mut texts = Vec::new();
        for (file, read) in found.iter().zip(read) {
            let shown = shown(&self.root, &file.path);
            let (text, problem) = text_of(read);
            let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
            let known =
                self.before.remove(&file.path).filter(|(own, before, ..)| *own == id && **before == *text);
            let text = known.as_ref().map_or_else(|| Arc::from(text), |(_, text, ..)| Arc::clone(text));
            self.files.add(File::new(shown, Arc::clone(&text)));
            texts.push((id, text, known));
            self.problems.extend(problem.map(|problem| problem.at(id)));
        }
        let parse = |(id, text, known): (FileId, Arc<str>, Option<_>)| {
            known.unwrap_or_else(|| {
                let parsed = parse(id, Arc::clone(&text));
                (id, text, Arc::new(parsed.tree), parsed.problems)
            })
        };
        let parsed: Vec<_> = texts.into_par_iter().map(parse).collect();
        for (file, (id, text, tree, problems)) in found.into_iter().zip(parsed) {
            self.problems.extend(problems.iter().cloned());
            let dir = file.dir.as_str().into();
            self.project.sources.push(Source { file: id, tree: Arc::clone(&tree), dir, unit, policy: false });
            self.parsed.files.insert(file.path, (id, text, tree, problems));
        }
        unit
    }

    /// Finds the source files below `dir`. `base` is the unit's directory.
    fn walk(
        &mut self,
        base: &Path,
        dir: &Path,
        below: &str,
        ignored: &mut Vec<Gitignore>,
        found: &mut Vec<Found>,
    ) {
        let entries = match self.world.list(dir) {
            Ok(entries) => entries,
            Err(error) => {
                let id = self.files.add(File::new(shown(&self.root, dir), ""));
                self.problems.push(errors::cannot_list(Span::start_of(id), &error));
                return;
            }
        };
        let depth = ignored.len();
        for name in [".gitignore", ".platcignore"] {
            if entries.iter().any(|entry| entry.name == name) {
                ignored.extend(self.ignore_file(dir, name));
            }
        }
        for entry in entries {
            let path = dir.join(&entry.name);
            let directory = entry.kind == EntryKind::Directory;
            if entry.name.starts_with('.') || is_ignored(ignored, &path, directory) {
                continue;
            }
            match entry.kind {
                EntryKind::Directory if entry.name == "dist" && dir == base => {}
                EntryKind::Directory if self.world.is_file(&path.join(PLATFORM_FILE)) => {}
                EntryKind::Directory => {
                    let slash = if below.is_empty() { "" } else { "/" };
                    let below = format!("{below}{slash}{}", entry.name);
                    self.walk(base, &path, &below, ignored, found);
                }
                EntryKind::File if is_source(&entry.name) => {
                    found.push(Found { path, dir: below.to_owned() });
                }
                // Reading it says why it is no file.
                EntryKind::Other if is_source(&entry.name) => {
                    found.push(Found { path, dir: below.to_owned() });
                }
                EntryKind::File | EntryKind::Other => {}
            }
        }
        ignored.truncate(depth);
    }

    fn ignore_file(&mut self, dir: &Path, name: &str) -> Option<Gitignore> {
        let path = dir.join(name);
        let text = self.world.read(&path).ok().and_then(|bytes| String::from_utf8(bytes).ok())?;
        let mut builder = GitignoreBuilder::new(dir);
        for (line, pattern) in text.lines().enumerate() {
            if builder.add_line(None, pattern).is_err() {
                let id = self.files.add(File::new(shown(&self.root, &path), text.as_str()));
                let start = self.files.get(id).line_starts().get(line).copied().unwrap_or(0);
                let length = u32::try_from(pattern.len()).unwrap_or(0);
                self.problems.push(errors::bad_ignore_pattern(Span::new(id, start, start + length)));
            }
        }
        builder.build().ok()
    }

    /// Reads what is imported, and what that imports.
    fn libraries(&mut self) {
        let mut next = 0;
        while let Some(source) = self.project.sources.get(next) {
            let (file, unit) = (source.file, source.unit);
            let lines = imports(&source.tree);
            let from = normal(&self.root.join(self.files.get(file).path()));
            for line in lines {
                let dir = normal(&from.parent().unwrap_or(Path::new("")).join(&line.path));
                let at = NodeAt { source: u32::try_from(next).unwrap_or(u32::MAX), node: line.node };
                if line.path.starts_with("oci://") {
                    self.problems.push(errors::import_not_vendored(line.span, &line.path));
                } else if let Some(known) = self.directories.get(&dir).copied() {
                    if known == unit || known == UnitId::PLATFORM {
                        self.problems.push(errors::imports_itself(line.span, &line.path));
                    } else if let Some(unit) = self.project.units.get_mut(known.0 as usize) {
                        unit.imports.push(at);
                    }
                } else if !self.world.is_dir(&dir) {
                    self.problems.push(errors::import_missing(
                        line.span,
                        &line.path,
                        &shown(&self.root, &dir),
                    ));
                } else if self.world.is_file(&dir.join(PLATFORM_FILE)) {
                    self.problems.push(errors::imports_platform(line.span, &line.path));
                } else {
                    let name =
                        dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                    let unit = self.unit(&dir, &name);
                    if let Some(unit) = self.project.units.get_mut(unit.0 as usize) {
                        unit.imports.push(at);
                    }
                }
            }
            next += 1;
        }
        self.import_cycles();
    }

    /// A library that imports itself through others has no meaning: its parameters would depend on
    /// themselves.
    fn import_cycles(&mut self) {
        let mut edges: Vec<(UnitId, UnitId, NodeAt)> = Vec::new();
        for (to, unit) in (0_u32..).map(UnitId).zip(&self.project.units) {
            edges.extend(unit.imports.iter().map(|at| (self.project.source(at.source).unit, to, *at)));
        }
        for (from, to, at) in &edges {
            let mut reached = vec![*to];
            let mut next = 0;
            while let Some(unit) = reached.get(next).copied() {
                for (_, further, _) in edges.iter().filter(|(from, _, _)| *from == unit) {
                    if !reached.contains(further) {
                        reached.push(*further);
                    }
                }
                next += 1;
            }
            if reached.contains(from) {
                let node = self.project.node(*at);
                self.problems.push(errors::import_cycle(node.header_span(), &self.project.unit(*to).name));
            }
        }
    }

    /// Files of a library that lies within the platform belong to the library alone.
    fn settle(&mut self) {
        let inner: Vec<(String, UnitId)> = self
            .directories
            .iter()
            .filter(|(dir, _)| dir.starts_with(&self.root) && **dir != self.root)
            .map(|(dir, unit)| (shown(&self.root, dir), *unit))
            .collect();
        if inner.is_empty() {
            return;
        }
        let belongs_elsewhere = |files: &Files, source: &Source| {
            let path = files.get(source.file).path();
            inner.iter().any(|(dir, unit)| {
                *unit != source.unit
                    && path.strip_prefix(dir.as_str()).is_some_and(|rest| rest.starts_with('/'))
            })
        };
        let sources = std::mem::take(&mut self.project.sources);
        let mut moved: Vec<Option<u32>> = Vec::new();
        for source in sources {
            if belongs_elsewhere(&self.files, &source) {
                moved.push(None);
            } else {
                moved.push(u32::try_from(self.project.sources.len()).ok());
                self.project.sources.push(source);
            }
        }
        for unit in &mut self.project.units {
            unit.imports.retain_mut(|at| match moved.get(at.source as usize).copied().flatten() {
                Some(source) => {
                    at.source = source;
                    true
                }
                None => false,
            });
        }
    }
}

fn is_source(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "kdl")
}

fn is_ignored(ignored: &[Gitignore], path: &Path, directory: bool) -> bool {
    let verdict =
        ignored.iter().rev().map(|rules| rules.matched(path, directory)).find(|found| !found.is_none());
    verdict.is_some_and(|found| found.is_ignore())
}

/// A path as it is shown: from the platform's directory, with `/` and, for a library outside, `..`.
pub fn shown(root: &Path, path: &Path) -> String {
    let common = root.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let up = root.components().count() - common;
    let down = path.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = std::iter::repeat_n("..".to_owned(), up).chain(down).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// What is the matter with a file as a whole.
enum FileProblem {
    Unreadable(io::Error),
    TooLarge,
    NotUtf8 { valid_up_to: u32 },
}

impl FileProblem {
    fn at(self, file: FileId) -> platc_diag::Diagnostic {
        match self {
            Self::Unreadable(error) => errors::cannot_read(Span::start_of(file), &error),
            Self::TooLarge => errors::file_too_large(Span::start_of(file)),
            Self::NotUtf8 { valid_up_to } => errors::not_utf8(Span::new(file, valid_up_to, valid_up_to + 1)),
        }
    }
}

/// The text of what was read. What is not UTF-8 keeps its good part, so that a place can be shown.
fn text_of(read: io::Result<Vec<u8>>) -> (String, Option<FileProblem>) {
    let bytes = match read {
        Ok(bytes) => bytes,
        Err(error) => return (String::new(), Some(FileProblem::Unreadable(error))),
    };
    if bytes.len() > limits::FILE_BYTES {
        return (String::new(), Some(FileProblem::TooLarge));
    }
    match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let valid_up_to = u32::try_from(error.utf8_error().valid_up_to()).unwrap_or(u32::MAX);
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            (text, Some(FileProblem::NotUtf8 { valid_up_to }))
        }
    }
}
