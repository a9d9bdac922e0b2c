//! What ten prepared changes of the talk's estate read like, as an operator would want to read them at night:
//! each an edit of `examples/okmeter` and the text that `platc diff` prints of it. `PLATC_BLESS=1` writes
//! the texts; read them before they are committed.
//!
//! `edit PATH` blocks have lines to take out (`- `) and lines to put in their place (`+ `); a file block adds
//! a file, and a `before PATH` block one that was there before.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "a test: it reads examples and fails loudly"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;

use platc_diff::{diff, markdown, text};
use platc_driver::analysis::{AnalysisOptions, analyse, parse_date};
use platc_driver::rendered::Rendered;
use platc_driver::world::Memory;
use platc_testkit::{Block, Case, Outcome, run_cases};

/// Where the platform lies in memory.
const ROOT: &str = "okmeter";

static BEFORE: LazyLock<(Vec<(PathBuf, String)>, Rendered)> = LazyLock::new(|| {
    let mut files = Vec::new();
    read(&example(), Path::new(ROOT), &mut files);
    let rendered = render("the build of yesterday", &files);
    (files, rendered)
});

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diff");
    run_cases(vec![folder.join("okmeter.md")], run)
}

fn run(case: &Case) -> Outcome {
    let (files, example) = &*BEFORE;
    let mut files = files.clone();
    let more = case.expected.iter().filter(|block| block.tag == "before");
    let more: Vec<_> = more.map(|block| (Path::new(ROOT).join(&block.args), block.text.clone())).collect();
    files.extend(more.iter().cloned());
    let own = (!more.is_empty()).then(|| render("the build of yesterday", &files));
    let before = own.as_ref().unwrap_or(example);
    for block in case.expected.iter().filter(|block| block.tag == "edit") {
        edit(&mut files, block);
    }
    for block in &case.files {
        files.push((Path::new(ROOT).join(block.path()), block.text.clone()));
    }
    let change = diff(before, &render("working tree", &files));
    let value = |block: &Block| match (block.tag.as_str(), block.args.as_str()) {
        ("edit" | "before", _) => block.text.clone(),
        ("diff", "text") => text::render(&change, text::Style { width: 100, color: false }),
        ("diff", "markdown") => markdown::render(&change),
        other => panic!("no such value: {other:?}"),
    };
    Outcome { findings: String::new(), values: case.expected.iter().map(value).collect() }
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/okmeter")
}

fn read(dir: &Path, below: &Path, files: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(dir).expect("an example").flatten() {
        let (path, name) = (entry.path(), below.join(entry.file_name()));
        if path.is_dir() {
            read(&path, &name, files);
        } else {
            files.push((name, std::fs::read_to_string(&path).expect("a text")));
        }
    }
}

fn edit(files: &mut [(PathBuf, String)], block: &Block) {
    let side = |sign: &str| -> String {
        let lines = block.text.lines().filter_map(|line| line.strip_prefix(sign));
        lines.map(|line| format!("{line}\n")).collect()
    };
    let (from, to) = (side("- "), side("+ "));
    let wanted = Path::new(ROOT).join(&block.args);
    let (_, text) = files.iter_mut().find(|(path, _)| *path == wanted).expect("a file of the example");
    assert_eq!(text.matches(&from).count(), 1, "{} has not once:\n{from}", block.args);
    *text = text.replacen(&from, &to, 1);
}

fn render(name: &str, files: &[(PathBuf, String)]) -> Rendered {
    let mut world = Memory::default();
    for (path, text) in files {
        world.insert(path, text.as_str());
    }
    let options = AnalysisOptions { today: parse_date("2026-11-21") };
    let analysis = analyse(&world, Path::new(ROOT), options);
    let errors: Vec<String> = analysis
        .problems
        .iter()
        // What is sound and asks for more than there is can be compared, and is at night.
        .filter(|problem| problem.is_error() && !platc_proof::is_of_a_proof(problem))
        .map(|problem| format!("{} {}", problem.code().id(), problem.message()))
        .collect();
    assert!(errors.is_empty(), "{name} is broken: {errors:#?}");
    Rendered::new(name.to_owned(), analysis).expect("it can be written")
}
