//! One mistake is one problem at the right place, and everything around it is still read.
//!
//! Not here: mistakes in expressions and types (`expressions.rs`, and beside `types.rs`).
//!
//! Start with `CASES`. Each is a text, what is reported with the place it is reported at, and the names of
//! all nodes that were read, blocks in braces.

use platc_diag::{Fix, Safety};
use platc_syntax::{Nodes, ValueKind, parse};
use std::sync::Arc;

use crate::common::sound;
use crate::promises::{Model, ours, read, shown};

struct Case {
    text: &'static str,
    /// Code, and the source that it points at.
    problems: &'static [(&'static str, &'static str)],
    names: &'static str,
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    // Values and properties.
    Case { text: "a region= {\n}\nb", problems: &[("E0103", "region=")], names: "a{} b" },
    Case { text: "a region=\nb", problems: &[("E0103", "region=")], names: "a b" },
    Case { text: "a { b c= }\nd", problems: &[("E0103", "c=")], names: "a{b} d" },
    Case { text: "check a == b\nc", problems: &[("E0103", "a =")], names: "check c" },
    Case { text: "replicas = 3\nb", problems: &[("E0103", "=")], names: "replicas b" },
    Case { text: "a 1=2\nb", problems: &[("E0103", "1")], names: "a b" },
    Case { text: "a \"x\"y\nb", problems: &[("E0103", "\"x\"y")], names: "a b" },
    Case { text: "a\"x\"\nb", problems: &[("E0103", "a\"x\"")], names: "a b" },
    Case { text: "a 12GiB 5\nb", problems: &[("E0106", "12GiB")], names: "a b" },
    Case { text: "a 1, 2\nb", problems: &[("E0106", "1,")], names: "a b" },
    Case { text: "a 10.0.0.0/8\nb", problems: &[("E0106", "10.0.0.0/8")], names: "a b" },
    Case { text: "a okm/web:1\nb", problems: &[("E0103", "okm/web:1")], names: "a b" },
    Case { text: "a /etc/hosts\nb", problems: &[("E0103", "/etc/hosts")], names: "a b" },
    Case { text: "a [1, 2, c] d\nb", problems: &[("E0103", "[")], names: "a b" },
    Case { text: "a [\n  c\n]\nb", problems: &[("E0103", "[")], names: "a c b" },
    Case { text: "a #yes\nb", problems: &[("E0103", "#yes")], names: "a b" },
    Case { text: "a nan\nb", problems: &[("E0103", "nan")], names: "a b" },
    Case { text: "a 1 # note\nb", problems: &[("E0103", "# note")], names: "a b" },
    Case { text: "# note, with 'signs' {\na", problems: &[("E0103", "# note, with 'signs' {")], names: "a" },
    Case { text: "a true=1\nb", problems: &[("E0103", "true")], names: "a b" },
    // Type annotations.
    Case { text: "a (x\nb", problems: &[("E0103", "(x")], names: "a b" },
    Case { text: "a (x y) z\nb", problems: &[("E0103", "(x")], names: "a b" },
    Case { text: "a (x)\nb", problems: &[("E0103", "(x)")], names: "a b" },
    Case { text: "(x)\nb", problems: &[("E0103", ")")], names: "b" },
    Case { text: "a (x)k=1\nb", problems: &[("E0103", "(x)")], names: "a b" },
    Case { text: "a ()1 b\nc", problems: &[("E0103", "(")], names: "a c" },
    Case { text: "a b) c\nd", problems: &[("E0103", ")")], names: "a d" },
    // Nodes.
    Case { text: "12 a { b }\nc", problems: &[("E0103", "12")], names: "c" },
    Case { text: "= 5\nc", problems: &[("E0103", "=")], names: "c" },
    Case { text: "true 5\nc", problems: &[("E0103", "true")], names: "true c" },
    Case { text: "a;;b", problems: &[("E0103", ";")], names: "a b" },
    Case { text: "a \\ b\nc", problems: &[("E0103", "\\")], names: "a c" },
    Case { text: "\\ a\nb", problems: &[("E0103", "\\")], names: "b" },
    Case { text: "a{b}c d\ne", problems: &[("E0103", "c")], names: "a{b} c e" },
    Case { text: "a { b } { c }\nd", problems: &[("E0103", "{")], names: "a{b c} d" },
    Case { text: "{ a; b }\nc", problems: &[("E0103", "{")], names: "c" },
    Case { text: "a\n{\n  b\n}\nc", problems: &[("E0103", "{")], names: "a{b} c" },
    Case { text: "a // why\n\n{ b }\nc", problems: &[("E0103", "{")], names: "a{b} c" },
    // Slashdash.
    Case { text: "a /-", problems: &[("E0103", "/-")], names: "a" },
    Case { text: "a { b\n  /-\n}\nc", problems: &[("E0103", "/-")], names: "a{b} c" },
    Case { text: "a /-/- b c", problems: &[("E0103", "/-")], names: "a" },
    Case { text: "a k=/-1 b\nc", problems: &[("E0103", "/-")], names: "a c" },
    Case { text: "a /-{ b } c\nd", problems: &[("E0103", "c")], names: "a d" },
    Case { text: "a { b } /-c\nd", problems: &[("E0103", "c")], names: "a{b} d" },
    // Braces. Where the indentation tells, it decides.
    Case { text: "a {\n    b\n", problems: &[("E0104", "{")], names: "a{b}" },
    Case { text: "a {\n    b {\n        c", problems: &[("E0104", "{")], names: "a{b{c}}" },
    Case { text: "a {\n    b\n\nc {\n    d\n}\n", problems: &[("E0104", "{")], names: "a{b} c{d}" },
    Case { text: "a {\n    b {\n        c\n    d\n}\ne", problems: &[("E0104", "{")], names: "a{b{c} d} e" },
    Case { text: "a {\n    b {\n        c\n}\nd", problems: &[("E0104", "{")], names: "a{b{c}} d" },
    Case { text: "a {\nb {\nc\n}\nd", problems: &[("E0104", "{")], names: "a{b{c} d}" },
    Case { text: "a { b } }\nc", problems: &[("E0103", "}")], names: "a{b} c" },
    Case { text: "}\na", problems: &[("E0103", "}")], names: "a" },
    // Strings.
    Case { text: "a { b \"c }\nd", problems: &[("E0104", "\"c")], names: "a{b} d" },
    Case { text: "a { b { c \"d }; }\ne", problems: &[("E0104", "\"d")], names: "a{b{c}} e" },
    Case { text: "a { b \"${c.d} }\ne", problems: &[("E0104", "\"${c.d}")], names: "a{b} e" },
    Case { text: "a \"b\nc \"d\"", problems: &[("E0104", "\"b")], names: "a c" },
    Case { text: "a #\"b\nc \"d\"", problems: &[("E0104", "#\"b")], names: "a c" },
    Case { text: "a ##\"b\"# c\nd", problems: &[("E0104", "##\"b\"#")], names: "a d" },
    Case { text: "a \"x\\q\" c\nd", problems: &[("E0105", "\\q")], names: "a d" },
    Case { text: "a \"\\u{d800}\"\nd", problems: &[("E0105", "\\u{d800}")], names: "a d" },
    Case { text: "a \"\\u12\"\nd", problems: &[("E0105", "\\u")], names: "a d" },
    Case { text: "a \"\"\"b\"\"\" c\nd", problems: &[("E0105", "\"\"\"b\"\"\"")], names: "a d" },
    Case { text: "a \"\"\"b\n  c\n  \"\"\"\nd", problems: &[("E0105", "\"\"\"")], names: "a d" },
    Case { text: "a \"\"\"\n  b\"\"\"\nd", problems: &[("E0105", "\"\"\"")], names: "a d" },
    Case { text: "a \"\"\"\n  b\n c\n  \"\"\"\nd", problems: &[("E0105", " c")], names: "a d" },
    Case { text: "a \"b\n\nc\"\nd", problems: &[("E0105", "\"b\n\nc\"")], names: "a d" },
    Case {
        text: "a {\n    s \"\"\"\n        echo\n\n    b\n}\nc \"\"\"\n    x\n    \"\"\"",
        problems: &[("E0104", "\"\"\"")],
        names: "a{s b} c",
    },
    Case { text: "a \"\"\"\n    x\nb", problems: &[("E0104", "\"\"\"")], names: "a b" },
    // Comments.
    Case { text: "a /* b\nc", problems: &[("E0104", "/*")], names: "a c" },
    Case { text: "/* one\n * two\n * three\na", problems: &[("E0104", "/*")], names: "a" },
    Case { text: "/* a /* b */\nc", problems: &[("E0104", "/*")], names: "c" },
    // Forbidden characters, also where they mean nothing.
    Case { text: "a\u{7f}\u{1} b\nc", problems: &[("E0109", "\u{7f}\u{1}")], names: "a c" },
    Case { text: "a \"b\u{202e}c\"\nd", problems: &[("E0109", "\u{202e}")], names: "a d" },
    Case { text: "// \u{2066}\na", problems: &[("E0109", "\u{2066}")], names: "a" },
    Case { text: "/* \u{feff} */ a", problems: &[("E0109", "\u{feff}")], names: "a" },
    Case { text: "a #\"\u{0}\"#\nb", problems: &[("E0109", "\u{0}")], names: "a b" },
    // The other KDL.
    Case { text: "a true\nb null { c r\"\\d\"; d false }", problems: &[("E0102", "true")], names: "a b{c d}" },
    Case { text: "a r##\"x\"##\nb", problems: &[("E0102", "r##\"x\"##")], names: "a b" },
    Case { text: "a \"x\ny\" true\nb \"\\/\"", problems: &[("E0102", "\"x\ny\"")], names: "a b" },
    Case { text: "/- kdl-version 1\na \"x\ny\"\nb \"\\/\"", problems: &[("E0102", "/- kdl-version 1")], names: "a b" },
    Case { text: "/- kdl-version 1\na", problems: &[("E0102", "/- kdl-version 1")], names: "a" },
    Case { text: "a true\nb c=", problems: &[("E0102", "true"), ("E0103", "c=")], names: "a b" },
    // Several mistakes are several problems.
    Case {
        text: "a b=\nc 1x {\n    d \"e\n}\n}\nf;;g",
        problems: &[("E0103", "b="), ("E0106", "1x"), ("E0104", "\"e"), ("E0103", "}"), ("E0103", ";")],
        names: "a c{d} f g",
    },
];

#[test]
fn each_mistake_is_reported_once_and_hides_nothing() {
    for case in CASES {
        let parsed = read(case.text);
        let found: Vec<_> = parsed
            .problems
            .iter()
            .map(|problem| (problem.code().id().to_owned(), parsed.tree.slice(problem.span()).to_owned()))
            .collect();
        let expected: Vec<_> =
            case.problems.iter().map(|(code, at)| ((*code).to_owned(), (*at).to_owned())).collect();
        assert_eq!(found, expected, "{:?}\n{}", case.text, shown(&parsed.problems));
        assert_eq!(names(parsed.tree.nodes()), case.names, "{:?}", case.text);
    }
}

#[test]
fn every_problem_says_the_way_out() {
    for case in CASES {
        for problem in read(case.text).problems {
            assert!(problem.help_text().is_some(), "{:?}: {}", case.text, problem.message());
            let first = problem.message().chars().next().unwrap();
            assert!(!first.is_uppercase() || problem.message().starts_with("KDL"), "{}", problem.message());
            assert!(!problem.message().ends_with('.'), "{}", problem.message());
        }
    }
}

#[test]
fn a_safe_fix_removes_its_problem_and_adds_none() {
    let mut fixed = 0;
    for case in CASES {
        let parsed = read(case.text);
        for problem in &parsed.problems {
            let whole = |fix: &&Fix| fix.safety == Safety::Safe && !fix.title.ends_with("what is certain");
            for fix in problem.fixes().iter().filter(whole) {
                let mut text = case.text.to_owned();
                for edit in fix.edits.iter().rev() {
                    text.replace_range(edit.span.range(), &edit.text);
                }
                let after = read(&text).problems;
                assert!(
                    after.len() < parsed.problems.len(),
                    "{:?} became {text:?}: {}",
                    case.text,
                    shown(&after)
                );
                fixed += 1;
            }
        }
    }
    assert!(fixed > 15, "only {fixed} safe fixes were tried");
}

#[test]
fn a_broken_value_may_be_anything() {
    let parsed = read("a x= y=12GiB \"open");
    let node = parsed.tree.nodes().next().unwrap();
    assert!(node.is_broken());
    let kinds: Vec<_> = node.entries().map(|entry| entry.value().kind()).collect();
    assert_eq!(kinds, [ValueKind::Bad; 3]);
    assert_eq!(node.arg(0).unwrap().text().as_deref(), Some("open"), "an editor completes in it");
    assert_eq!(node.prop("x").unwrap().value().source(), "");
}

#[test]
fn kdl_1_is_fixed_as_a_whole() {
    let text = "node true r\"C:\\x\" false {\n    child null \"a\\/b\"\n}\n";
    let parsed = read(text);
    let [problem] = parsed.problems.as_slice() else { panic!("{}", shown(&parsed.problems)) };
    assert_eq!(problem.code().id(), "E0102");
    let [fix] = problem.fixes() else { panic!("one fix") };
    let mut fixed = text.to_owned();
    for edit in fix.edits.iter().rev() {
        fixed.replace_range(edit.span.range(), &edit.text);
    }
    assert_eq!(fixed, "node #true #\"C:\\x\"# #false {\n    child #null \"a/b\"\n}\n");
    // What it means was understood before.
    assert_eq!(ours(&parsed.tree), ours(&sound(&fixed)));
}

#[test]
fn a_marker_of_version_2_is_no_node() {
    for marker in ["/- kdl-version 2\n", "\u{feff}/- kdl-version 2\n", "/-kdl-version 2\n"] {
        let tree = sound(&format!("{marker}a"));
        assert_eq!(names(tree.nodes()), "a");
    }
}

#[test]
fn crlf_and_lf_give_the_same_problems() {
    for case in CASES.iter().filter(|case| !case.text.contains('\r')) {
        let codes = |text: &str| -> Vec<String> {
            read(text).problems.iter().map(|problem| problem.code().id().to_owned()).collect()
        };
        assert_eq!(codes(case.text), codes(&case.text.replace('\n', "\r\n")), "{:?}", case.text);
    }
}

#[test]
fn a_mistake_in_one_block_leaves_the_others_alone() {
    let good = "service api {\n    port http 80\n    cpu 2\n}\n";
    let expected = ours(&sound(good)).nodes;
    // Where a brace is missing and nothing is indented, nobody can know which one.
    let hopeless = |case: &Case| case.text == "a {\nb {\nc\n}\nd";
    for case in CASES.iter().filter(|case| !hopeless(case)) {
        let indented: String = case.text.lines().map(|line| format!("    {line}\n")).collect();
        let text = format!("{good}bad {{\n{indented}}}\n{good}");
        let Model { nodes } = ours(&parse(platc_diag::FileId(0), Arc::from(text.as_str())).tree);
        assert_eq!(nodes.first(), expected.first(), "before {text}");
        assert_eq!(nodes.last(), expected.first(), "after {text}");
    }
}

fn names(nodes: Nodes<'_>) -> String {
    let name = |node: platc_syntax::Node<'_>| {
        let block = if node.has_block() { format!("{{{}}}", names(node.children())) } else { String::new() };
        format!("{}{block}", node.name())
    };
    nodes.map(name).collect::<Vec<_>>().join(" ")
}
