//! What each example becomes, file by file: `snapshots/<example>/` holds what a build of it delivers.
//! `PLATC_BLESS=1` writes them; read the difference before it is committed.
//!
//! The same builds also show that neither the number of threads nor the order of a directory is an input.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "a test: it reads what was written before and fails loudly"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use platc_driver::analysis::{AnalysisOptions, analyse, parse_date};
use platc_driver::emission::emit_all;
use platc_driver::world::{Disk, Entry, World};

/// Examples with a platform, from the root of the repository.
const EXAMPLES: &[&str] =
    &["okmeter", "minimal", "hetzner", "environments/prod", "environments/stage", "many-clusters/estate"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All that a build of a platform delivers, by path.
fn files_of(world: &dyn World, dir: &Path) -> BTreeMap<String, String> {
    let options = AnalysisOptions { today: parse_date("2026-11-21") };
    let analysis = analyse(world, dir, options);
    let mut found = String::new();
    for problem in &analysis.problems {
        let _ = writeln!(
            found,
            "{} {}: {}",
            analysis.files.place(problem.span()),
            problem.code().id(),
            problem.message()
        );
    }
    assert!(found.is_empty(), "{} is not clean:\n{found}", dir.display());
    let mut files = BTreeMap::new();
    emit_all(
        &analysis.plan,
        |_| true,
        |file| {
            let text = String::from_utf8(file.bytes.clone()).expect("artifacts are text");
            let path = file.artifact.path.as_str().to_owned();
            assert!(files.insert(path.clone(), text).is_none(), "two artifacts for {path}");
            Ok::<(), ()>(())
        },
    )
    .unwrap_or_else(|error| panic!("{}: {error:?}", dir.display()));
    files
}

fn read_below(dir: &Path, below: &Path, files: &mut BTreeMap<String, String>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), below.join(entry.file_name()));
        if path.is_dir() {
            read_below(&path, &name, files);
        } else {
            files
                .insert(name.to_string_lossy().into_owned(), std::fs::read_to_string(&path).expect("a text"));
        }
    }
}

fn bless(dir: &Path, files: &BTreeMap<String, String>) {
    // Whatever is not delivered any more goes.
    let _ = std::fs::remove_dir_all(dir);
    for (path, text) in files {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().expect("it lies in the snapshot")).expect("a directory");
        std::fs::write(path, text).expect("a snapshot");
    }
}

/// The first line in which two texts differ.
fn difference(expected: &str, found: &str) -> String {
    let lines = expected.lines().zip(found.lines()).zip(1..);
    let differing = lines.into_iter().find(|((expected, found), _)| expected != found);
    differing.map_or_else(
        || "one goes on where the other ends".to_owned(),
        |((expected, found), line)| format!("line {line}\n  expected {expected}\n  found    {found}"),
    )
}

fn check(example: &str) {
    let snapshot = root().join("snapshots").join(example);
    let files = files_of(&Disk, &root().join("examples").join(example));
    assert!(!files.is_empty(), "{example} delivers nothing");
    if std::env::var_os("PLATC_BLESS").is_some() {
        bless(&snapshot, &files);
        return;
    }
    let mut before = BTreeMap::new();
    read_below(&snapshot, Path::new(""), &mut before);
    let mut wrong = String::new();
    for path in before.keys().chain(files.keys().filter(|path| !before.contains_key(*path))) {
        match (before.get(path), files.get(path)) {
            (Some(before), Some(now)) if before != now => {
                let _ = writeln!(wrong, "{path}: {}", difference(before, now));
            }
            (Some(_), None) => _ = writeln!(wrong, "{path}: is not delivered any more"),
            (None, Some(_)) => _ = writeln!(wrong, "{path}: is new"),
            _ => {}
        }
    }
    assert!(
        wrong.is_empty(),
        "{example} differs from its snapshot (`cargo xtask bless` rewrites it):\n{wrong}"
    );
}

#[test]
fn okmeter() {
    check("okmeter");
}

#[test]
fn minimal() {
    check("minimal");
}

#[test]
fn hetzner() {
    check("hetzner");
}

#[test]
fn prod_and_stage() {
    check("environments/prod");
    check("environments/stage");
}

#[test]
fn many_clusters() {
    check("many-clusters/estate");
}

/// The disk, telling what is in a directory back to front.
struct Backwards;

impl World for Backwards {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        Disk.read(path)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        Disk.list(dir).map(|mut entries| {
            entries.reverse();
            entries
        })
    }

    fn is_file(&self, path: &Path) -> bool {
        Disk.is_file(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        Disk.is_dir(path)
    }
}

#[test]
fn threads_and_the_order_of_directories_are_no_inputs() {
    for example in EXAMPLES {
        let dir = root().join("examples").join(example);
        let expected = files_of(&Disk, &dir);
        for threads in [1, 3, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            let found = pool.install(|| files_of(&Backwards, &dir));
            assert!(
                expected == found,
                "{example} differs with {threads} threads and directories back to front"
            );
        }
    }
}
