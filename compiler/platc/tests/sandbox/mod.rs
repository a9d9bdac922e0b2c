//! A directory of its own for each test, and `platc` run in it without the environment of whoever tests.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program.
pub(crate) const PLATC: &str = env!("CARGO_BIN_EXE_platc");

/// A directory that goes when the test ends.
pub(crate) struct Sandbox {
    top: tempfile::TempDir,
    dir: PathBuf,
    compilers: Vec<(&'static str, OsString)>,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().expect("platc is not killed"),
            stdout: String::from_utf8(output.stdout.clone()).expect("text"),
            stderr: String::from_utf8(output.stderr.clone()).expect("text"),
        }
    }
}

impl Sandbox {
    pub(crate) fn empty() -> Self {
        Self::empty_in(&std::env::temp_dir())
    }

    fn empty_in(place: &Path) -> Self {
        let top = tempfile::tempdir_in(place).expect("a directory");
        let dir = top.path().join("work");
        fs::create_dir(&dir).expect("a directory");
        Self { top, dir, compilers: Vec::new() }
    }

    /// With the compilers of whoever tests: policies are built with them. What they make of the crates that all
    /// policies share is kept from test to test.
    pub(crate) fn with_compilers(mut self) -> Self {
        let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
        let of = |name: &str, usual: &str| {
            std::env::var_os(name).unwrap_or_else(|| home.join(usual).into_os_string())
        };
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("policies");
        let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/venv/bin");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::split_paths(&path).chain([tools]);
        self.compilers = vec![
            ("PATH", std::env::join_paths(path).expect("no path has a colon")),
            ("CARGO_HOME", of("CARGO_HOME", ".cargo")),
            ("RUSTUP_HOME", of("RUSTUP_HOME", ".rustup")),
            ("CARGO_TARGET_DIR", target.into_os_string()),
        ];
        self
    }

    /// What `platc new hello` makes, in this very directory.
    pub(crate) fn hello() -> Self {
        Self::hello_in(&std::env::temp_dir())
    }

    /// The same, below another directory than the usual.
    pub(crate) fn hello_in(place: &Path) -> Self {
        let mut sandbox = Self::empty_in(place);
        assert_eq!(sandbox.platc(&["new", "hello"]).code, 0);
        sandbox.dir = sandbox.dir.join("hello");
        sandbox
    }

    /// A copy of an example.
    pub(crate) fn example(name: &str) -> Self {
        let sandbox = Self::empty();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
        copy(&from, &sandbox.dir);
        sandbox
    }

    /// A copy of an example where it lies in the repository.
    pub(crate) fn repository(name: &str) -> Self {
        let sandbox = Self::empty();
        let place = Path::new("examples").join(name);
        fs::create_dir_all(sandbox.dir.join(&place)).expect("a directory");
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(&place), &sandbox.dir.join(&place));
        sandbox
    }

    pub(crate) fn within(mut self, name: &str) -> Self {
        self.dir = self.dir.join(name);
        self
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.dir.join(path)
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PLATC);
        command.args(args).current_dir(&self.dir).env_clear().env("HOME", self.top.path());
        command.envs(self.compilers.iter().cloned());
        command
    }

    pub(crate) fn platc(&self, args: &[&str]) -> Run {
        Run::of(&self.command(args).output().expect("platc runs"))
    }

    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.path(file);
        let text = fs::read_to_string(&path).expect("a file");
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(path, text.replace(from, to)).expect("it can be written");
    }

    /// Flips a bit of a file, whatever its permissions.
    pub(crate) fn damage(&self, path: &Path) {
        let mut bytes = fs::read(path).expect("a file");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).expect("it is ours");
        fs::write(path, bytes).expect("it can be written");
        fs::set_permissions(path, fs::Permissions::from_mode(0o444)).expect("it is ours");
    }

    /// All files below a directory, sorted.
    pub(crate) fn files_below(&self, dir: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        collect(&self.path(dir), &mut found);
        found.sort();
        found
    }

    /// Bytes of all files below a directory, by path from there.
    pub(crate) fn state_of_files(&self, dir: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let base = self.path(dir);
        let below = |path: PathBuf| {
            let bytes = fs::read(&path).expect("a file");
            (path.strip_prefix(&base).expect("it lies there").to_owned(), bytes)
        };
        self.files_below(dir).into_iter().map(below).collect()
    }

    /// Which files there are, and when each was written.
    pub(crate) fn state(&self, dir: &str) -> Vec<(PathBuf, u64, i64)> {
        let of = |path: PathBuf| {
            let metadata = fs::symlink_metadata(&path).expect("a file");
            (path, metadata.ino(), metadata.mtime_nsec())
        };
        self.files_below(dir).into_iter().map(of).collect()
    }
}

/// Without builds: whoever follows the README has made one there.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("an example").flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.file_name().is_some_and(|name| name == "dist") {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("it can be copied");
        }
    }
}

fn collect(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            collect(&path, found);
        } else {
            found.push(path);
        }
    }
}

pub(crate) fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
