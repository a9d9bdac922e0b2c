//! The example platforms: each is clean, and no beginning of one makes the compiler panic.
//!
//! Start with `each_example_is_clean`.

use std::path::{Path, PathBuf};

use platc_driver::analysis::{AnalysisOptions, analyse};
use platc_driver::world::{Disk, Entry, EntryKind, Memory, World};
use platc_model::scalar::Date;

use super::platform::TODAY;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

/// The directories with a `platform.kdl`, by name.
fn platforms() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut below = vec![examples()];
    while let Some(dir) = below.pop() {
        if Disk.is_file(&dir.join("platform.kdl")) {
            found.push(dir.clone());
        }
        let entries = Disk.list(&dir).expect("a directory of the repository");
        let inner = |entry: &&Entry| entry.kind == EntryKind::Directory && entry.name != "dist";
        below.extend(entries.iter().filter(inner).map(|entry| dir.join(&entry.name)));
    }
    found.sort();
    found
}

/// All files of the examples, by their path below `examples`.
fn files(dir: &Path, below: &Path, world: &mut Memory) {
    for entry in Disk.list(dir).expect("a directory of the repository") {
        let (path, shown) = (dir.join(&entry.name), below.join(&entry.name));
        match entry.kind {
            EntryKind::Directory => files(&path, &shown, world),
            _ => world.insert(&shown, Disk.read(&path).expect("a file of the repository")),
        }
    }
}

fn options() -> AnalysisOptions {
    AnalysisOptions { today: Date::parse(TODAY).ok() }
}

#[test]
fn each_example_is_clean() {
    let platforms = platforms();
    assert!(platforms.len() >= 5, "{platforms:?}");
    let mut broken = String::new();
    for root in platforms {
        let analysis = analyse(&Disk, &root, options());
        for problem in &analysis.problems {
            let (id, place) = (problem.code().id(), analysis.files.place(problem.span()));
            broken += &format!("{}: {id} {place}: {}\n", root.display(), problem.message());
        }
        for report in platc_driver::tests::run(&Disk, &analysis, options()) {
            for problem in &report.failures {
                let (id, place) = (problem.code().id(), report.files.place(problem.span()));
                broken += &format!("{}: {id} {place}: {}\n", report.name, problem.message());
            }
        }
    }
    assert_eq!(broken, "");
}

/// An editor shows every beginning of a file while it is typed. Each is checked and planned as far as it
/// goes, and what is wrong with it is a finding.
#[test]
fn no_beginning_of_an_example_panics() {
    let mut world = Memory::default();
    files(&examples(), Path::new("examples"), &mut world);
    let mut checked = 0;
    for root in platforms() {
        let name = root.strip_prefix(examples()).expect("below the examples").to_owned();
        let root = Path::new("examples").join(name);
        let mut sources = Vec::new();
        sources_below(&world, &root, &mut sources);
        for path in sources {
            let text = String::from_utf8(world.read(&path).expect("listed")).expect("UTF-8");
            for end in boundaries(&text) {
                let mut cut = world.clone();
                cut.insert(&path, &text.as_bytes()[..end]);
                let _ = analyse(&cut, &root, options());
                checked += 1;
            }
        }
    }
    assert!(checked > 2000, "{checked} beginnings were checked");
}

fn sources_below(world: &Memory, dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in world.list(dir).expect("listed") {
        let path = dir.join(&entry.name);
        match entry.kind {
            EntryKind::Directory => sources_below(world, &path, found),
            _ if entry.name.ends_with(".kdl") => found.push(path),
            _ => {}
        }
    }
}

/// Ends of tokens: after what separates them, once for each run of spaces.
fn boundaries(text: &str) -> impl Iterator<Item = usize> {
    let mut blank = false;
    text.char_indices().filter_map(move |(at, c)| {
        let again = std::mem::replace(&mut blank, c.is_whitespace()) && blank;
        (!again && (blank || "{}\"=;".contains(c))).then(|| at + c.len_utf8())
    })
}
