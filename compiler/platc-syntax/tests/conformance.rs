//! The conformance suite of KDL, as the `kdl` crate ships it, and what of the specification is newer.
//!
//! Not here: texts that are neither in the suite nor in the specification (`agreement.rs`).
//!
//! Start with `the_suite_of_the_kdl_crate`. Its inputs are read from the package that cargo unpacked for
//! the build of this test; nothing is downloaded.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kdl::KdlDocument;

use crate::common::sound;
use crate::promises::{Model, ModelNode, ours, read, shown, theirs};

/// Inputs that the suite of that version wants rejected and the current specification allows: `/-` needs
/// no space before it. The current suite has this input as one that is accepted.
const SINCE_ALLOWED: &[&str] = &["zero_space_before_slashdash_arg_fail.kdl"];

/// Inputs that the `kdl` crate itself gets wrong.
const KDL_FAILS: &[(&str, &str)] = &[
    ("multiline_raw_string_single_line_err_fail.kdl", "it reads `#\"\"\"one line\"\"\"#` as a raw string"),
    ("unicode_delete_fail.kdl", "it accepts U+007F"),
];

#[test]
fn the_suite_of_the_kdl_crate() {
    let cases = package_of_kdl().join("tests").join("test_cases");
    let mut seen = Vec::new();
    for name in names_in(&cases.join("input")) {
        let input = text_of(&cases.join("input").join(&name)).expect("the suite's files are there");
        let expected = text_of(&cases.join("expected_kdl").join(&name));
        let accepted = !name.ends_with("_fail.kdl") || SINCE_ALLOWED.contains(&name.as_str());
        check_input(&name, &input, accepted, expected.as_deref());
        seen.push(name);
    }
    assert!(seen.len() >= 320, "only {} inputs were found", seen.len());
    for (name, _) in KDL_FAILS {
        assert!(seen.iter().any(|seen| seen == name), "{name} is no longer in the suite");
    }
}

fn check_input(name: &str, input: &str, accepted: bool, expected: Option<&str>) {
    let parsed = read(input);
    assert_eq!(parsed.problems.is_empty(), accepted, "{name}: {}", shown(&parsed.problems));
    if let Some(expected) = expected {
        assert_eq!(normal(ours(&parsed.tree)), normal(ours(&sound(expected))), "{name}");
    }
    // The other parser, where it is right.
    if KDL_FAILS.iter().any(|(known, _)| *known == name) || SINCE_ALLOWED.contains(&name) {
        return;
    }
    match input.parse::<KdlDocument>() {
        Ok(document) => {
            assert!(accepted, "{name}: the kdl crate accepts what the suite rejects");
            assert_eq!(ours(&parsed.tree), theirs(&document), "{name}");
        }
        Err(error) => assert!(!accepted, "{name}: the kdl crate rejects it: {error}"),
    }
}

/// What the specification says and the `kdl` crate's copy of the suite does not have yet.
#[test]
fn what_is_newer_than_the_suite_of_the_kdl_crate() {
    for (input, expected) in [
        // Nothing needs to stand between a value and `/-`, nor between a name and its block.
        ("node \"string\"/-1", "node string"),
        ("node \"string\"/-foo=1", "node string"),
        ("node \"string\"/-{}\nnode \"string\" {}/-{}", "node string\nnode string"),
        ("name123{child}", "name123 { child }"),
        // The first and the last line break of a multi-line string can be the same.
        ("node \"\"\"\n\"\"\"", "node \"\""),
        ("node \"\"\"\n\t\"\"\"", "node \"\""),
        ("node #\"\"\"\n\"\"\"#", "node \"\""),
        ("node #\"\"\"\n  \"\"\"#", "node \"\""),
        ("node \"\"\"\n    dead\\\n    beef\n    \"\"\"", "node deadbeef"),
        // Numbers are as large as they are written.
        ("node 0xABCDEF0123456789abcdef", "node 207698809136909011942886895"),
        ("node {\n    child\n} \nnext", "node { child; }\nnext"),
    ] {
        assert_eq!(ours(&sound(input)), ours(&sound(expected)), "{input}");
    }
    for input in [
        "name123{child}next value",
        "no \"\\u{10FFFF} \\u{11FFFF}\"",
        "no \"\\u{D800}\"",
        "no \"\\u{DBFF}\"",
        "no \"\\u{DC00}\"",
        "no \"\\u{DFFF}\"",
        "no \"\\u{0012345}\"",
        "no \"\\u{}\"",
    ] {
        assert_eq!(read(input).problems.len(), 1, "{input}: {}", shown(&read(input).problems));
    }
}

#[test]
fn every_kind_of_line_break_ends_a_node() {
    for newline in ["\r\n", "\r", "\n", "\u{85}", "\u{B}", "\u{C}", "\u{2028}", "\u{2029}"] {
        let tree = sound(&format!("a 1{newline}b 2 // c{newline}d"));
        let names: Vec<_> = tree.nodes().map(|node| node.name().into_owned()).collect();
        assert_eq!(names, ["a", "b", "d"], "{newline:?}");
        let text = sound(&format!("a \"\"\"{newline}  x{newline}  y{newline}  \"\"\""));
        assert_eq!(ours(&text), ours(&sound("a \"x\\ny\"")), "{newline:?}");
        assert_eq!(ours(&sound(&format!("a \\{newline} 1"))), ours(&sound("a 1")), "{newline:?}");
    }
}

#[test]
fn every_kind_of_space_separates() {
    let wide = ('\u{2000}'..='\u{200A}')
        .chain(['\t', ' ', '\u{A0}', '\u{1680}', '\u{202F}', '\u{205F}', '\u{3000}']);
    for space in wide {
        let tree =
            sound(&format!("{space}a{space}1{space}x{space}={space}2{space}{{{space}b{space}}}{space}"));
        assert_eq!(ours(&tree), ours(&sound("a 1 x=2 { b }")), "{space:?}");
    }
}

/// The rules by which the suite's expected outputs are written: properties are sorted behind the arguments,
/// and of those with one name the last counts.
fn normal(mut model: Model) -> Model {
    normalise(&mut model.nodes);
    model
}

fn normalise(nodes: &mut [ModelNode]) {
    for node in nodes {
        let (mut args, mut props) = (Vec::new(), BTreeMap::new());
        for entry in node.entries.drain(..) {
            match entry.name.clone() {
                Some(name) => drop(props.insert(name, entry)),
                None => args.push(entry),
            }
        }
        args.extend(props.into_values());
        node.entries = args;
        normalise(&mut node.children);
    }
}

/// Where the `kdl` crate that this test is linked with has its sources: the compiler leaves a list of
/// them beside the test's own binary.
fn package_of_kdl() -> PathBuf {
    let binary = std::env::current_exe().expect("a test knows its own binary");
    let directory = binary.parent().expect("the binary lies in a directory");
    let lists =
        names_in(directory).into_iter().filter(|name| name.starts_with("kdl-") && name.ends_with(".d"));
    let sources = lists.filter_map(|name| text_of(&directory.join(name)));
    let mut packages = sources.filter_map(|sources| {
        // A Makefile rule: `target: source source …`, with spaces in paths escaped.
        let library =
            sources.replace("\\ ", "\0").split_whitespace().find(|path| path.ends_with("lib.rs"))?.to_owned();
        Path::new(&library.replace('\0', " ")).ancestors().nth(2).map(Path::to_path_buf)
    });
    packages.find(|package| package.join("tests").is_dir()).expect("kdl is a dependency of this test")
}

#[expect(clippy::disallowed_methods, reason = "the suite's inputs are files of another package")]
fn names_in(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).expect("the kdl crate ships its suite");
    let names = entries.map(|entry| entry.expect("the directory can be read").file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[expect(clippy::disallowed_methods, reason = "the suite's inputs are files of another package")]
fn text_of(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}
