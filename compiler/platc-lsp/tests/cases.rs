//! Every Markdown case of the editor features: each section is a session of its own with a real server.
//!
//! A case has files, all of them open; `[|]` in one of them is the cursor, and a second one ends the
//! selection. If none is `platform.kdl`, the base platform of the driver's cases is there. A file under
//! `disk/` is not open. An expected value is what a request gives there, as text.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test: it reads its cases and fails loudly"
)]

mod client;
mod clients;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use client::{Client, Setup};
use platc_testkit::{Block, Case, Outcome, run_cases, take_cursors};

const BASE: &str = include_str!("../../platc-driver/tests/base.kdl");

fn main() -> ExitCode {
    // Real clients start this program as their server.
    if std::env::args().nth(1).as_deref() == Some(clients::SERVE) {
        return clients::serve_stdio();
    }
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&dir)
        .expect("there are cases")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    files.push(dir.join("clients/neovim.md"));
    files.push(dir.join("clients/vscode.md"));
    files.sort();
    run_cases(files, run)
}

fn run(case: &Case) -> Outcome {
    if let Some(values) = clients::run(case) {
        return Outcome { findings: String::new(), values };
    }
    let mut setup = Setup::default();
    let mut cursors = Vec::new();
    for file in &case.files {
        let (text, found) = take_cursors(&file.text);
        cursors.extend(found.into_iter().map(|offset| (file.path(), offset)));
        setup.file(&file.path(), &text);
    }
    let alone = case.files.iter().any(|file| file.path().starts_with("loose/"));
    if !alone && !case.files.iter().any(|file| file.path().ends_with("platform.kdl")) {
        setup.file("platform.kdl", BASE);
    }
    setup.encoding_utf8 = case.name.contains("UTF-8");
    setup.snippets = !case.name.contains("without snippets");
    setup.links = case.name.contains("with links");
    let mut client = Client::start(setup);
    let values = case.expected.iter().map(|block| value(&mut client, block, &cursors)).collect();
    client.stop();
    Outcome { findings: String::new(), values }
}

fn value(client: &mut Client, block: &Block, cursors: &[(String, usize)]) -> String {
    client.ask(&block.tag, &block.args, cursors)
}
