//! Every Markdown case of policies, with real policies: their pages and cases in `plugins/policies`. Each
//! section is a test of its own. (`platc` runs the tutorial, command by command.)
//!
//! A case has files. If none of them is `platform.kdl`, the base platform of the driver's cases is there, so
//! that a case needs to say only what it is about. Expected values: `changes` is what policies change, as
//! KDL; `artifact PATH from TEXT to TEXT` is a part of a file.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a test: it reads its cases and fails loudly"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;

use platc_driver::cases;
use platc_driver::judge::Judgement;
use platc_policy::{Host, HostOptions};
use platc_testkit::{Block, Case, Found, Outcome, compare_findings, describe_findings, run_cases};

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    markdown_below(&root.join("plugins/policies"), &mut files);
    files.sort();
    run_cases(files, run)
}

fn markdown_below(dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            markdown_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// Compiled plugins are kept for the next run, as the binary does.
fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-cache");
        let library = platc_policy_library::library();
        Host::new(HostOptions { library, cache: Some(cache), ..HostOptions::default() }).expect("a host")
    })
}

fn judged(files: &[Block]) -> Judgement {
    let files = files.iter().map(|file| (file.path(), file.text.as_bytes()));
    cases::judged(files, host()).expect("no emitter refuses")
}

fn run(case: &Case) -> Outcome {
    let judgement = judged(&case.files);
    let analysis = &judgement.analysis;
    let found: Vec<Found> =
        analysis.problems.iter().map(|problem| Found::new(problem, &analysis.files)).collect();
    let texts: Vec<(String, String)> =
        case.files.iter().map(|file| (file.path(), file.text.clone())).collect();
    let listed = case.expected.iter().any(|block| block.tag == "diagnostics");
    Outcome {
        findings: if listed { String::new() } else { compare_findings(&texts, &found) },
        values: case.expected.iter().map(|block| value(block, &judgement)).collect(),
    }
}

fn value(block: &Block, judgement: &Judgement) -> String {
    let analysis = &judgement.analysis;
    match block.tag.as_str() {
        "diagnostics" => describe_findings(&analysis.problems, &analysis.files),
        "changes" => cases::changes(judgement),
        "policies" => cases::policies(judgement),
        other => format!("there is no expected value `{other}`\n"),
    }
}
