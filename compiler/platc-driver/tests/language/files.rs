//! Trouble with files, which no text can show: what cannot be read, and what changes meanwhile.
//!
//! Start with `a_file_that_changes_is_not_read_in_halves`.

use std::io;
use std::path::Path;

use platc_driver::analysis::{AnalysisOptions, analyse};
use platc_driver::world::{Entry, Memory, World};

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
        let analysis = analyse(self, Path::new("p"), AnalysisOptions::default());
        let line = |problem: &platc_diag::Diagnostic| {
            let place = analysis.files.place(problem.span());
            format!("{} {place}: {}", problem.code().id(), problem.message())
        };
        analysis.problems.iter().map(line).collect()
    }
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
