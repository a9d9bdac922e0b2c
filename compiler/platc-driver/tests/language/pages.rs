//! The pages of codes, over the whole pipeline: what a page calls wrong gives exactly its code, once; what
//! it calls right gives nothing.
//!
//! Not here: E01, which `platc-syntax` executes with syntax alone, and the codes of targets and policies,
//! whose crates execute theirs.
//!
//! Start with `each_page_keeps_its_word`.

use platc_diag::codes::Code;
use platc_testkit::case::{Block, parse};

use super::platform::findings;

/// Waivers that are refused: what they were to waive stays beside the finding about the waiver.
const BESIDE: &[(&str, &str)] = &[("E0811", "E0513"), ("E0812", "E0521")];

#[test]
fn each_page_keeps_its_word() {
    let ours =
        |code: &Code| ["E02", "E03", "E04", "E05", "E08"].iter().any(|part| code.id().starts_with(part));
    let mut broken = String::new();
    let mut executed = 0;
    let mut without = Vec::new();
    for code in Code::all().filter(ours) {
        // Trouble with the disk, inputs too large for a page: the page says why, and a test makes the mistake.
        if code.page().contains("This page has no example, because") {
            // What was signed or came over a network is no text of a platform, and no page could show it.
            if !code.id().starts_with("E083") {
                without.push(code.id());
            }
            continue;
        }
        broken += &broken_promises(code);
        executed += 1;
    }
    assert_eq!(broken, "");
    assert!(without.len() < 10, "examples are the rule: {without:?}");
    assert!(executed > 90, "{executed} pages were executed");
}

/// How a page differs from what it says; empty if it does not.
fn broken_promises(code: Code) -> String {
    let sections = match parse(code.page()) {
        Ok(sections) => sections,
        Err(error) => return format!("{code:?}: line {}: {}\n", error.line, error.why),
    };
    let example = |title: &str| {
        let case = sections.iter().find(|case| case.name.ends_with(&format!(" / {title}")))?;
        Some(case.files.iter().map(file).collect::<Vec<_>>())
    };
    let (Some(wrong), Some(right)) = (example("Wrong"), example("Right")) else {
        return format!("{code:?} has no wrong and right example\n");
    };
    let mut broken = String::new();
    let beside = BESIDE.iter().find(|(own, _)| *own == code.id()).map(|(_, other)| *other);
    let mut found = findings(&wrong);
    found.retain(|finding| beside.is_none_or(|other| !finding.starts_with(other)));
    if found.len() != 1 || !found[0].starts_with(code.id()) {
        broken += &format!("{code:?}, wrong: {found:#?}\n");
    }
    let found = findings(&right);
    if !found.is_empty() {
        broken += &format!("{code:?}, right: {found:#?}\n");
    }
    broken
}

fn file(block: &Block) -> (String, String) {
    (block.path(), block.text.clone())
}
