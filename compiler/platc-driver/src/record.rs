//! What a build asked of the world, with a digest of each answer: enough to tell later that nothing it
//! depends on has changed, without doing any of it again, and to name every input in the provenance.
//!
//! Questions and not only files: a directory that gets a further file, and an ignored file that comes to
//! be, change a platform as much as an edit does.
//!
//! Not here: what is done with it (`build`). Start with [`Recording`], then [`Inputs::unchanged`].

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use platc_store::Digest;
use rayon::prelude::*;

use crate::world::{Entry, EntryKind, World, normal};

/// A world that remembers what it was asked.
#[derive(Debug)]
pub struct Recording<'w, W: ?Sized> {
    world: &'w W,
    root: PathBuf,
    asked: Mutex<BTreeMap<Question, Digest>>,
}

/// All that was asked, by question.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Inputs {
    asked: BTreeMap<Question, Digest>,
}

/// One question.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Question {
    /// What was asked.
    pub about: Asked,
    /// Of which path, relative to the platform where it lies in it.
    pub path: String,
}

/// How often work is done again whose world changes meanwhile.
const TRIES: usize = 5;

/// Does `work` with the world of one moment, and says what was asked of it; nothing where the world never comes to rest.
///
/// An editor may be between emptying a file and writing it. A platform without that file can be sound, and its build
/// would give ports and addresses back in `platc.lock`.
pub(crate) fn at_rest<T, E>(
    world: &dyn World,
    root: &Path,
    work: impl Fn(&dyn World) -> Result<T, E>,
) -> Result<Option<(T, Inputs)>, E> {
    for _ in 0..TRIES {
        let recording = Recording::new(world, root);
        let done = work(&recording)?;
        let inputs = recording.into_inputs();
        if inputs.unchanged(world, root) {
            return Ok(Some((done, inputs)));
        }
    }
    Ok(None)
}

/// What may be asked of a path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Asked {
    /// Its bytes.
    Read,
    /// What is in it.
    List,
    /// Whether it is a file.
    IsFile,
    /// Whether it is a directory.
    IsDirectory,
}

impl Asked {
    const ALL: [Self; 4] = [Self::Read, Self::List, Self::IsFile, Self::IsDirectory];

    const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::List => "list",
            Self::IsFile => "is-file",
            Self::IsDirectory => "is-directory",
        }
    }
}

impl<'w, W: World + ?Sized> Recording<'w, W> {
    /// Remembers what is asked of `world` for the platform in `root`.
    pub fn new(world: &'w W, root: &Path) -> Self {
        Self { world, root: normal(root), asked: Mutex::default() }
    }

    /// All that was asked.
    pub fn into_inputs(self) -> Inputs {
        Inputs { asked: self.asked.into_inner().unwrap_or_else(PoisonError::into_inner) }
    }

    fn note(&self, about: Asked, path: &Path, answer: Digest) {
        let path = shown(&self.root, path);
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.insert(Question { about, path }, answer);
    }
}

impl<W: World + ?Sized> World for Recording<'_, W> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let answer = self.world.read(path);
        self.note(Asked::Read, path, digest_of_read(&answer));
        answer
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let answer = self.world.list(dir);
        self.note(Asked::List, dir, digest_of_list(&answer));
        answer
    }

    fn is_file(&self, path: &Path) -> bool {
        let answer = self.world.is_file(path);
        self.note(Asked::IsFile, path, digest_of_flag(answer));
        answer
    }

    fn is_dir(&self, path: &Path) -> bool {
        let answer = self.world.is_dir(path);
        self.note(Asked::IsDirectory, path, digest_of_flag(answer));
        answer
    }
}

impl Inputs {
    /// Whether the world still answers every question as it did.
    pub fn unchanged(&self, world: &(impl World + ?Sized), root: &Path) -> bool {
        self.asked.par_iter().all(|(question, before)| question.answer(world, root) == *before)
    }

    /// The files that were read, with the SHA-256 of their bytes, by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Digest)> {
        let read = self.asked.iter().filter(|(question, _)| question.about == Asked::Read);
        read.map(|(question, digest)| (question.path.as_str(), digest))
    }

    /// One line a question: what, digest, path.
    pub fn to_text(&self) -> String {
        let line = |(question, digest): (&Question, &Digest)| {
            format!("{} {digest} {}\n", question.about.word(), question.path)
        };
        self.asked.iter().map(line).collect()
    }

    /// What [`to_text`](Self::to_text) wrote; nothing where it is anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let asked = text.lines().map(parse_line).collect::<Option<_>>()?;
        Some(Self { asked })
    }

    /// Replaces the answer to a question about a file that the build itself writes, the lock.
    pub(crate) fn will_read(&mut self, path: &str, bytes: &[u8]) {
        let mut put = |about, digest| self.asked.insert(Question { about, path: path.to_owned() }, digest);
        put(Asked::Read, Digest::of(bytes));
        put(Asked::IsFile, digest_of_flag(true));
    }

    /// Asks a directory again, because the build itself changed what is in it.
    pub(crate) fn ask_again(&mut self, world: &(impl World + ?Sized), root: &Path) {
        for (question, answer) in &mut self.asked {
            if question.about == Asked::List {
                *answer = question.answer(world, root);
            }
        }
    }
}

impl Question {
    fn answer(&self, world: &(impl World + ?Sized), root: &Path) -> Digest {
        let path = if self.path == "." { root.to_owned() } else { root.join(&self.path) };
        match self.about {
            Asked::Read => digest_of_read(&world.read(&path)),
            Asked::List => digest_of_list(&world.list(&path)),
            Asked::IsFile => digest_of_flag(world.is_file(&path)),
            Asked::IsDirectory => digest_of_flag(world.is_dir(&path)),
        }
    }
}

fn parse_line(line: &str) -> Option<(Question, Digest)> {
    let (word, rest) = line.split_once(' ')?;
    let (digest, path) = rest.split_once(' ')?;
    let about = Asked::ALL.into_iter().find(|about| about.word() == word)?;
    Some((Question { about, path: path.to_owned() }, Digest::parse(digest).ok()?))
}

/// The path as the record names it. One outside the platform is relative as well, so that a checkout may
/// be moved.
fn shown(root: &Path, path: &Path) -> String {
    let path = normal(path);
    let mut up = String::new();
    for ancestor in root.ancestors() {
        if let Ok(below) = path.strip_prefix(ancestor) {
            let below = below.to_string_lossy();
            let whole = format!("{up}{below}");
            return if whole.is_empty() { ".".to_owned() } else { whole };
        }
        up.push_str("../");
    }
    path.to_string_lossy().into_owned()
}

fn digest_of_read(answer: &io::Result<Vec<u8>>) -> Digest {
    match answer {
        Ok(bytes) => Digest::of(bytes),
        Err(error) => digest_of_error(error),
    }
}

fn digest_of_list(answer: &io::Result<Vec<Entry>>) -> Digest {
    let kind = |kind| match kind {
        EntryKind::File => 'f',
        EntryKind::Directory => 'd',
        EntryKind::Other => 'o',
    };
    match answer {
        Ok(entries) => {
            let lines = entries.iter().map(|entry| format!("{}{}\0", kind(entry.kind), entry.name));
            Digest::of(lines.collect::<String>().as_bytes())
        }
        Err(error) => digest_of_error(error),
    }
}

fn digest_of_flag(answer: bool) -> Digest {
    Digest::of(if answer { b"yes" } else { b"no" })
}

fn digest_of_error(error: &io::Error) -> Digest {
    Digest::of(format!("error {:?}", error.kind()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Memory;

    fn world() -> Memory {
        let mut world = Memory::default();
        world.insert("p/platform.kdl", "platform a");
        world.insert("lib/x.kdl", "x");
        world
    }

    #[test]
    fn an_edit_a_new_file_and_one_that_comes_to_be_are_noticed() {
        let world = world();
        let root = Path::new("p");
        let recording = Recording::new(&world, root);
        recording.read(Path::new("p/platform.kdl")).unwrap();
        recording.read(Path::new("lib/x.kdl")).unwrap();
        recording.list(root).unwrap();
        assert!(!recording.is_file(Path::new("p/.platcignore")));
        let inputs = Inputs::parse(&recording.into_inputs().to_text()).unwrap();
        assert!(inputs.unchanged(&world, root));
        let names: Vec<&str> = inputs.files().map(|(path, _)| path).collect();
        assert_eq!(names, ["../lib/x.kdl", "platform.kdl"]);
        for (path, text) in
            [("p/platform.kdl", "platform b"), ("p/new.kdl", ""), ("p/.platcignore", ""), ("lib/x.kdl", "y")]
        {
            let mut changed = world.clone();
            changed.insert(path, text);
            assert!(!inputs.unchanged(&changed, root), "{path}");
        }
    }

    /// A world in which an editor writes a file anew, first with nothing, until it was read that often.
    struct Edited(std::sync::atomic::AtomicUsize);

    impl World for Edited {
        fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
            use std::sync::atomic::Ordering::SeqCst;
            let left = self.0.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).unwrap_or(0);
            Ok(if left == 0 { b"whole".to_vec() } else { vec![0; left] })
        }

        fn list(&self, _: &Path) -> io::Result<Vec<Entry>> {
            Ok(Vec::new())
        }

        fn is_file(&self, _: &Path) -> bool {
            true
        }

        fn is_dir(&self, _: &Path) -> bool {
            false
        }
    }

    #[test]
    fn work_is_done_again_until_nothing_changes_meanwhile_and_not_forever() {
        let done_with = |reads: usize| {
            let read = |world: &dyn World| world.read(Path::new("p/platform.kdl"));
            let done = at_rest(&Edited(reads.into()), Path::new("p"), read).expect("it can be read");
            done.map(|(bytes, inputs)| {
                assert_eq!(inputs.files().collect::<Vec<_>>(), [("platform.kdl", &Digest::of(&bytes))]);
                String::from_utf8(bytes).unwrap()
            })
        };
        for reads in [0, 1, 2, 8] {
            assert_eq!(done_with(reads).as_deref(), Some("whole"), "{reads}");
        }
        assert_eq!(done_with(1000), None);
    }
}
