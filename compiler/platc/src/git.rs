//! [`Revision`]: a world that is a revision of a git repository, read from its object database. Nothing is
//! checked out, and no file of the repository or of the working tree is touched.
//!
//! `git` itself reads the objects (packs, deltas, worktrees and alternates are its business), with its
//! plumbing commands, which run no hooks and no filters. Not here: what is compiled from it.
//!
//! Start with [`Revision::open`].

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use platc_driver::world::{Entry, EntryKind, World, normal};

/// Links that are followed before they count as a circle, as by Linux.
const LINKS_MAX: usize = 40;

/// A revision of a repository.
#[derive(Debug)]
pub(crate) struct Revision {
    name: String,
    /// Where the working tree would have the root of the repository.
    top: PathBuf,
    nodes: BTreeMap<PathBuf, Node>,
    directories: BTreeMap<PathBuf, BTreeSet<String>>,
    reader: Mutex<Reader>,
}

/// What lies at a path.
#[derive(Clone, Debug)]
enum Node {
    /// A file, by the name of its object.
    File(String),
    /// A symbolic link, by the name of the object with its target.
    Link(String),
    /// Another repository.
    Module,
}

/// `git cat-file --batch`: a name in, an object out.
#[derive(Debug)]
struct Reader {
    child: Child,
    names: Option<ChildStdin>,
    objects: BufReader<ChildStdout>,
}

impl Revision {
    /// The revision that `name` stands for, of the repository that the platform in `root` lies in.
    ///
    /// # Errors
    /// A clause for people: `no git revision: …`.
    pub(crate) fn open(root: &Path, name: &str) -> Result<Self, String> {
        let root = normal(root);
        let prefix = one_line(&root, &["rev-parse", "--show-prefix"])?;
        let below = Path::new(&prefix).components().count();
        let top = root.ancestors().nth(below).unwrap_or(&root).to_owned();
        let wanted = format!("{name}^{{commit}}");
        let args = ["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted];
        let commit = one_line(&root, &args).map_err(|_| "no git revision".to_owned())?;
        let listed = git(&root, &["ls-tree", "-r", "-z", "--full-tree", &commit])?;
        let nodes: BTreeMap<PathBuf, Node> =
            listed.split(|byte| *byte == 0).filter_map(|line| node(str::from_utf8(line).ok()?)).collect();
        let mut directories: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
        directories.insert(PathBuf::new(), BTreeSet::new());
        for path in nodes.keys() {
            for path in path.ancestors() {
                if let (Some(parent), Some(name)) = (path.parent(), path.file_name()) {
                    let names = directories.entry(parent.to_owned()).or_default();
                    names.insert(name.to_string_lossy().into_owned());
                }
            }
        }
        let reader = Mutex::new(Reader::start(&root)?);
        let short: String = commit.chars().take(9).collect();
        let name =
            if commit.starts_with(name) { format!("commit {short}") } else { format!("{name} ({short})") };
        Ok(Self { name, top, nodes, directories, reader })
    }

    /// What people call it: `main (1a2b3c4d5)`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The path in the repository that a path leads to when all links are followed.
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        let not_found = || io::Error::from(io::ErrorKind::NotFound);
        // What lies outside of the repository is no part of a revision.
        let mut left = normal(path).strip_prefix(&self.top).map_err(|_| not_found())?.to_owned();
        for _ in 0..LINKS_MAX {
            let link = left.ancestors().find_map(|at| match self.nodes.get(at) {
                Some(Node::Link(object)) => Some((at.to_owned(), object.clone())),
                _ => None,
            });
            let Some((at, object)) = link else { return Ok(left) };
            let target = self.object(&object)?;
            let target = PathBuf::from(String::from_utf8(target).map_err(|_| not_found())?);
            let rest = left.strip_prefix(&at).map(Path::to_owned).unwrap_or_default();
            let base = at.parent().unwrap_or(Path::new(""));
            left = within(base, &target).ok_or_else(not_found)?.join(rest);
        }
        Err(not_found())
    }

    fn object(&self, name: &str) -> io::Result<Vec<u8>> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner).read(name)
    }

    fn kind(&self, path: &Path) -> EntryKind {
        match self.nodes.get(path) {
            Some(Node::File(_)) => EntryKind::File,
            Some(Node::Link(_)) if self.is_file(&self.top.join(path)) => EntryKind::File,
            Some(_) => EntryKind::Other,
            None => EntryKind::Directory,
        }
    }
}

impl World for Revision {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let path = self.resolve(path)?;
        match self.nodes.get(&path) {
            Some(Node::File(object)) => self.object(object),
            _ if self.directories.contains_key(&path) => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            _ => Err(io::Error::from(io::ErrorKind::NotFound)),
        }
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let dir = self.resolve(dir)?;
        let names = self.directories.get(&dir).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let mut entries: Vec<Entry> =
            names.iter().map(|name| Entry { name: name.clone(), kind: self.kind(&dir.join(name)) }).collect();
        entries.sort();
        Ok(entries)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.resolve(path).is_ok_and(|path| matches!(self.nodes.get(&path), Some(Node::File(_))))
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.resolve(path).is_ok_and(|path| self.directories.contains_key(&path))
    }
}

impl Reader {
    fn start(dir: &Path) -> Result<Self, String> {
        let mut child = command(dir, &["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("`git` cannot be started: {error}"))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(names), Some(objects)) => {
                Ok(Self { child, names: Some(names), objects: BufReader::new(objects) })
            }
            _ => unreachable!("both were asked for as pipes"),
        }
    }

    fn read(&mut self, name: &str) -> io::Result<Vec<u8>> {
        let ended = || io::Error::other("`git cat-file` ended");
        let names = self.names.as_mut().ok_or_else(ended)?;
        names.write_all(format!("{name}\n").as_bytes())?;
        names.flush()?;
        let mut head = String::new();
        self.objects.read_line(&mut head)?;
        // `<name> blob <size>`, or `<name> missing`: a partial clone has not all of them.
        let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok());
        let size = size.ok_or_else(|| io::Error::other(format!("git has no object {name}")))?;
        let mut bytes = vec![0; size + 1];
        self.objects.read_exact(&mut bytes)?;
        bytes.pop();
        Ok(bytes)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // It ends when nobody can ask any more.
        self.names = None;
        let _ = self.child.wait();
    }
}

/// `100644 blob <name>\t<path>`.
fn node(line: &str) -> Option<(PathBuf, Node)> {
    let (head, path) = line.split_once('\t')?;
    let mut head = head.split(' ');
    let (mode, kind, object) = (head.next()?, head.next()?, head.next()?);
    let node = match (mode, kind) {
        ("120000", _) => Node::Link(object.to_owned()),
        (_, "blob") => Node::File(object.to_owned()),
        _ => Node::Module,
    };
    Some((PathBuf::from(path), node))
}

/// A link's target in the repository; nothing where it leads out of it.
fn within(base: &Path, target: &Path) -> Option<PathBuf> {
    let mut path = base.to_owned();
    for part in target.components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !path.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

#[expect(clippy::disallowed_methods, reason = "git knows its own object database; nothing of a build is run")]
fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(dir).args(args).env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
    command.stderr(Stdio::null());
    command
}

fn git(dir: &Path, args: &[&str]) -> Result<Vec<u8>, String> {
    let output = command(dir, args)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("`git` cannot be started: {error}"))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err("no git revision of a repository".to_owned())
    }
}

fn one_line(dir: &Path, args: &[&str]) -> Result<String, String> {
    let text = String::from_utf8(git(dir, args)?).map_err(|_| "no text".to_owned())?;
    Ok(text.trim_end_matches('\n').to_owned())
}
