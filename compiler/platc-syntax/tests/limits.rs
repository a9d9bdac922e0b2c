//! Named limits, at each and one above, and texts that would make a careless reader slow or crash it.
//!
//! Not here: the limits of expressions and types, which are beside their other tests.
//!
//! Start with `hostile_texts_are_read_in_linear_time`: nothing there measures time, but what is not linear
//! would not come to an end.

use platc_diag::limits;
use platc_syntax::fmt;

use crate::common::INPUTS;
use crate::promises::{read, shown};

fn nested(depth: usize) -> String {
    format!("{}{}", "a {".repeat(depth), "}".repeat(depth))
}

#[test]
fn blocks_nest_as_deep_as_the_limit() {
    let at = read(&nested(limits::NESTING));
    assert!(at.problems.is_empty(), "{}", shown(&at.problems));
    assert_eq!(at.tree.all_nodes().count(), limits::NESTING);

    let above = read(&format!("{}\nnext 1", nested(limits::NESTING + 1)));
    let codes: Vec<_> = above.problems.iter().map(|problem| problem.code().id()).collect();
    assert_eq!(codes, ["E0107"]);
    assert_eq!(above.tree.nodes().last().unwrap().name(), "next", "what follows is read");
}

#[test]
fn ten_thousand_nested_blocks_are_one_problem() {
    for text in [nested(10_000), nested(200_000), format!("/-{}", nested(10_000))] {
        let parsed = read(&text);
        assert_eq!(parsed.problems.len(), 1, "{}", shown(&parsed.problems));
        assert_eq!(parsed.problems[0].code().id(), "E0107");
        assert_eq!(parsed.tree.text(), text);
        let formatted = fmt::format(&parsed.tree);
        assert_eq!(formatted.matches('{').count(), text.matches('{').count(), "what is too deep is copied");
    }
}

#[test]
fn ten_thousand_nested_slashdashes_are_read() {
    // The same node, commented out at each level: sound, but too deep.
    let blocks = format!("{}{}", "/-a {".repeat(10_000), "}".repeat(10_000));
    let parsed = read(&blocks);
    assert_eq!(parsed.problems.len(), 1, "{}", shown(&parsed.problems));
    assert_eq!(parsed.problems[0].code().id(), "E0107");
    assert_eq!(parsed.tree.nodes().count(), 0);

    let row = "/-".repeat(10_000) + "a\nb";
    let parsed = read(&row);
    assert_eq!(parsed.problems.len(), 1, "{}", shown(&parsed.problems));
    assert_eq!(parsed.tree.nodes().count(), 1);

    let nested = format!("a {}1{}", "/-{ b ".repeat(200), "}".repeat(200));
    assert!(read(&nested).problems.is_empty());
}

#[test]
fn the_problems_of_a_file_are_counted() {
    let text = "a =1\n".repeat(limits::FILE_PROBLEMS);
    assert_eq!(read(&text).problems.len(), limits::FILE_PROBLEMS);

    let text = "a =1 \"\\q\"\n".repeat(limits::FILE_PROBLEMS);
    let problems = read(&text).problems;
    assert_eq!(problems.len(), limits::FILE_PROBLEMS + 1);
    let last = problems.last().unwrap();
    assert_eq!(last.code().id(), "E0110");
    assert!(last.message().starts_with(&format!("{} more", limits::FILE_PROBLEMS)), "{}", last.message());
    // The first ones are kept, from the lexer and from the parser alike.
    assert!(problems.is_sorted_by(|a, b| a.report_order(b).is_le()));
    assert_eq!(problems[limits::FILE_PROBLEMS - 1].span().start as usize / 10, limits::FILE_PROBLEMS / 2 - 1);
}

#[test]
fn a_file_is_as_large_as_the_limit() {
    let line = "service a { port http 8080 }\n";
    let text = line.repeat(limits::FILE_BYTES / line.len());
    let at = format!("{text}{}", " ".repeat(limits::FILE_BYTES - text.len()));
    assert_eq!(at.len(), limits::FILE_BYTES);
    assert!(read(&at).problems.is_empty());
    let above = read(&format!("{at} "));
    assert_eq!(above.problems.len(), 1);
    assert_eq!(above.problems[0].code().id(), "E0108");
    assert_eq!(above.tree.nodes().count(), 0);
    assert_eq!(above.tree.text().len(), limits::FILE_BYTES + 1);
}

#[test]
fn numbers_are_as_large_as_128_bits() {
    assert!(read("a 170141183460469231731687303715884105727").problems.is_empty());
    let above = read("a 170141183460469231731687303715884105728");
    assert_eq!(above.problems[0].code().id(), "E0106");
    assert!(read("a -170141183460469231731687303715884105728").problems.is_empty());
    let below = read("a -170141183460469231731687303715884105729");
    assert_eq!(below.problems[0].code().id(), "E0106");
}

#[test]
fn the_fix_of_a_file_in_kdl_1_is_limited() {
    let places = |count: usize| {
        let parsed = read(&"a true\n".repeat(count));
        assert_eq!(parsed.problems.len(), 1);
        parsed.problems[0].fixes()[0].edits.len()
    };
    assert_eq!(places(limits::LEGACY_PLACES), limits::LEGACY_PLACES);
    assert_eq!(places(limits::LEGACY_PLACES + 1), limits::LEGACY_PLACES);
}

#[test]
fn a_fix_repeats_only_short_texts() {
    let fixes = |length: usize| {
        let word = format!("1{}", "x".repeat(length - 1));
        read(&format!("a {word}")).problems[0].fixes().len()
    };
    assert_eq!(fixes(limits::FIX_BYTES), 1);
    assert_eq!(fixes(limits::FIX_BYTES + 1), 0);
}

#[test]
fn hostile_texts_are_read_in_linear_time() {
    let count = 30_000;
    for (part, name) in [
        ("{", "braces"),
        ("}", "closing braces"),
        ("a {\n", "open blocks in lines"),
        ("/-", "slashdashes"),
        ("/-{", "slashdashed blocks"),
        ("/*", "comments"),
        ("/*\n", "comments in lines"),
        ("*/* ", "comments that close and open"),
        ("/**/", "empty comments"),
        ("a /**/;", "comments in one line"),
        ("\"", "quotes"),
        ("\"\n", "quotes in lines"),
        ("\"\\\n", "quotes over lines"),
        ("\"\"\"\n", "strings over lines"),
        ("\\\"\"\"\n", "escaped strings over lines"),
        ("x \"\"\"\nx\"\"\"\n", "bad strings over lines"),
        ("#\"", "raw strings"),
        ("##\"a\"# ", "raw strings with too few signs"),
        ("#\"\"\"\n", "raw strings over lines"),
        ("r#\"", "raw strings of KDL 1"),
        ("r\"\n", "raw strings of KDL 1 in lines"),
        ("true \"\n", "KDL 1 with open strings"),
        ("(", "parentheses"),
        ("a=", "properties"),
        ("a= ", "properties with spaces"),
        ("a \\\n", "continued lines"),
        ("\\", "backslashes"),
        ("\\ /**/", "backslashes and comments"),
        ("[", "brackets"),
        (";", "semicolons"),
        ("\u{7f}x", "forbidden characters"),
        ("\"${", "expressions"),
        ("a{b}c", "missing semicolons"),
        ("\n{", "blocks in the next line"),
        ("/// doc\n", "documentation"),
        ("\u{3000}a", "wide spaces"),
    ] {
        let text = part.repeat(count);
        let parsed = read(&text);
        assert_eq!(parsed.tree.text().len(), text.len(), "{name}");
        assert!(parsed.problems.len() <= limits::FILE_PROBLEMS + 1, "{name}");
        let _ = (fmt::format(&parsed.tree), parsed.tree.highlights(), parsed.tree.folds());
        let _ = parsed
            .tree
            .all_nodes()
            .map(|node| node.doc().map_or(0, |doc| doc.len().min(1)))
            .take(100)
            .sum::<usize>();
    }
    // Strings with ever fewer signs: each search for an end would go on to the end of the line.
    let fewer: String = (1..700).rev().map(|signs| format!("{}\"\"#", "#".repeat(signs))).collect();
    assert!(!read(&fewer).problems.is_empty());
}

#[test]
fn six_bytes_are_kept_for_each_byte() {
    for text in INPUTS {
        let large = text.replace("/- kdl-version 2\n", "").repeat(200);
        let parsed = read(&large);
        assert!(parsed.problems.is_empty(), "{}", shown(&parsed.problems));
        let kept = parsed.tree.bytes_kept();
        assert!(kept <= 6 * large.len(), "{kept} bytes are kept for {}", large.len());
    }
}
