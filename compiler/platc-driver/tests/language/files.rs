//! Trouble with files, which no text can show: what cannot be read, and what changes meanwhile.
//!
//! Start with `a_file_that_changes_is_not_read_in_halves`.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::{fs, io};

use platc_driver::analysis::{AnalysisOptions, analyse};
use platc_driver::world::{Disk, Entry, Memory, World};

use super::platform::BASE;

/// A world in which one path is in trouble.
struct Troubled {
    files: Memory,
    path: &'static str,
    kind: io::ErrorKind,
}

impl Troubled {
    fn new(path: &'static str, kind: io::ErrorKind) -> Self {
        let mut files = Memory::default();
        files.insert("p/platform.kdl", BASE);
        files.insert("p/more/secrets.kdl", "secret db { keys password }\n");
        Self { files, path, kind }
    }

    fn trouble(&self, path: &Path) -> io::Result<()> {
        if path == Path::new(self.path) { Err(io::Error::from(self.kind)) } else { Ok(()) }
    }

    fn findings(&self) -> Vec<String> {
        findings(self, Path::new("p"))
    }
}

fn findings(world: &dyn World, root: &Path) -> Vec<String> {
    let analysis = analyse(world, root, AnalysisOptions::default());
    let line = |problem: &platc_diag::Diagnostic| {
        let place = analysis.files.place(problem.span());
        format!("{} {place}: {}", problem.code().id(), problem.message())
    };
    analysis.problems.iter().map(line).collect()
}

impl World for Troubled {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.trouble(path)?;
        self.files.read(path)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        self.trouble(dir)?;
        self.files.list(dir)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.files.is_file(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.files.is_dir(path)
    }
}

#[test]
fn a_file_that_changes_is_not_read_in_halves() {
    let world = Troubled::new("p/more/secrets.kdl", io::ErrorKind::Interrupted);
    assert_eq!(world.findings(), ["E0803 more/secrets.kdl:1:1: the file changed while it was read"]);
}

#[test]
fn what_cannot_be_read_is_named() {
    let world = Troubled::new("p/more/secrets.kdl", io::ErrorKind::PermissionDenied);
    assert_eq!(world.findings(), ["E0802 more/secrets.kdl:1:1: the file cannot be read: permission denied"]);
    let world = Troubled::new("p/more", io::ErrorKind::PermissionDenied);
    assert_eq!(world.findings(), ["E0802 more:1:1: the directory cannot be read: permission denied"]);
}

#[test]
fn links_that_go_round_in_circles_have_an_end() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("circles");
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join("more")).expect("a directory");
    fs::write(root.join("platform.kdl"), BASE).expect("a file");
    // A directory that is in itself is read once.
    symlink(&root, root.join("more/again")).expect("a link");
    assert_eq!(findings(&Disk, &root), [""; 0]);
    symlink("b.kdl", root.join("a.kdl")).expect("a link");
    symlink("a.kdl", root.join("b.kdl")).expect("a link");
    let circle =
        |file: &str| format!("E0802 {file}:1:1: the file cannot be read: its links go round in circles");
    assert_eq!(findings(&Disk, &root), [circle("a.kdl"), circle("b.kdl")]);
}
