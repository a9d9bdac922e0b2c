//! The formatter: what a file looks like afterwards, and that it says the same.
//!
//! Not here: how broken files are read (`recovery.rs`).
//!
//! Start with `CASES`.

use platc_syntax::{TokenKind, fmt};
use proptest::prelude::*;

use crate::common::{FRAGMENTS, INPUTS, Random, sound, texts};
use crate::promises::{Model, layout_holds, ours, read, shown};

/// What is written, and what becomes of it.
#[rustfmt::skip]
const CASES: &[(&str, &str)] = &[
    ("", ""),
    ("\n\n", ""),
    ("\u{feff}a", "a\n"),
    ("a", "a\n"),
    ("   a   1    b  \n\n\n\n  c  ", "a 1 b\n\nc\n"),
    ("a\r\nb\rc\u{2028}d", "a\nb\nc\nd\n"),
    // Declarations stand in lines of their own, but in a block that is one line.
    ("a; b;c ;", "a\nb\nc\n"),
    ("a{b;c}", "a { b; c }\n"),
    ("a { b; c; }", "a { b; c }\n"),
    ("a{\nb;c}", "a {\n    b\n    c\n}\n"),
    ("a {\n\n\n  b\n\n\n\n  c\n\n}", "a {\n    b\n\n    c\n}\n"),
    ("a {}\nb { }\nc {\n\n}", "a {}\nb {}\nc {}\n"),
    ("a { b { c } ; d { } }", "a { b { c }; d {} }\n"),
    ("a { b {\nc } }", "a {\n    b {\n        c\n    }\n}\n"),
    // Signs.
    ("a  k = 1  \"k 2\" =\tx", "a k=1 \"k 2\"=x\n"),
    ("( t )a ( u ) 1 k=( v )2", "(t)a (u)1 k=(v)2\n"),
    ("a (t) b", "a (t)b\n"),
    // The way a text is written stays.
    ("a bare \"quoted\" \"es\\u{63}aped\" #\"raw\"# ##\"r\"#w\"##", "a bare \"quoted\" \"es\\u{63}aped\" #\"raw\"# ##\"r\"#w\"##\n"),
    ("a 0x1F 1_000 +1 1.50 1E5 #true #null #-inf", "a 0x1F 1_000 +1 1.50 1E5 #true #null #-inf\n"),
    // Comments.
    ("// one\n\n\n// two\na // three\n//four", "// one\n\n// two\na // three\n//four\n"),
    ("a    // far away", "a // far away\n"),
    ("a { // first\n b\n // last\n}", "a { // first\n    b\n    // last\n}\n"),
    ("a {\n// alone\n}", "a {\n    // alone\n}\n"),
    ("a { b } // c\nd", "a { b } // c\nd\n"),
    ("a {\nb } // c", "a {\n    b\n} // c\n"),
    ("a; // of a\nb", "a // of a\nb\n"),
    ("/* x */ a /* y */ 1 /* z */", "/* x */ a /* y */ 1 /* z */\n"),
    ("a; /* of b */ b", "a\n/* of b */ b\n"),
    ("a { b; /* of c */ c /* too */; d }", "a { b; /* of c */ c /* too */; d }\n"),
    ("a { /* only */ }", "a { /* only */ }\n"),
    ("a{/*first*/b}", "a { /*first*/ b }\n"),
    ("/* a\n   b */\n  c", "/* a\n   b */\nc\n"),
    ("a ( /* t */ t /* u */ )1 k /* v */ = /* w */ 2", "a (/* t */ t /* u */)1 k /* v */= /* w */ 2\n"),
    ("/// doc\n  /// more\na", "/// doc\n/// more\na\n"),
    // Long lines.
    ("a 1 \\\n  2 \\ // why\n 3\\\n\\\n4", "a 1 \\\n    2 \\ // why\n    3 \\\n    4\n"),
    ("b {\na \\\n1\n}", "b {\n    a \\\n        1\n}\n"),
    ("a \\\n{ b }", "a \\\n    {\n    b\n}\n"),
    // What is commented out is laid out as well.
    ("/-  a{b;c}\n/-d", "/- a { b; c }\n/-d\n"),
    ("a /-1 /- 2 /-k=3", "a /-1 /- 2 /-k=3\n"),
    ("a /-{b} {c} /- {d}", "a /-{ b } { c } /- { d }\n"),
    ("/- // why\na", "/- // why\n    a\n"),
    ("a /-\n1 2", "a /- 1 2\n"),
    ("/- kdl-version 2\na", "/- kdl-version 2\na\n"),
    // Strings of several lines move with their node.
    ("a {\nb \"\"\"\n  x\n\n    y\n  \"\"\"\n}", "a {\n    b \"\"\"\n        x\n\n          y\n        \"\"\"\n}\n"),
    ("a \"\"\"\nx \\\n     y\n\"\"\" c", "a \"\"\"\n    x \\\n     y\n    \"\"\" c\n"),
    ("a #\"\"\"\n\tx\n\t\"\"\"#", "a #\"\"\"\n    x\n    \"\"\"#\n"),
    ("a \"\"\"\n\"\"\"", "a \"\"\"\n    \"\"\"\n"),
    ("a #\"\"\"\u{85}\n  \n  \"\"\"#", "a #\"\"\"\n\n\n    \"\"\"#\n"),
    // What was reported is copied.
    ("a    x=\nb   1", "a    x=\nb 1\n"),
    ("a {\n  b   12GiB {  c }\n  d   1\n}", "a {\n    b   12GiB {  c }\n    d 1\n}\n"),
    ("}  }\na   1", "}  }\na 1\n"),
    ("a { b }   c   1\nd   1", "a { b }   c 1\nd 1\n"),
    ("x { a {b}  c }", "x { a {b}  c }\n"),
    ("a  1;;  b", "a 1\n;\nb\n"),
    ("a { b \"open }\nc   1", "a { b \"open }\nc 1\n"),
    ("a   true  1\nb   1", "a   true  1\nb 1\n"),
];

#[test]
fn the_canonical_layout() {
    for (text, expected) in CASES {
        let parsed = read(text);
        assert_eq!(fmt::format(&parsed.tree), *expected, "{text:?}\n{}", shown(&parsed.problems));
    }
}

#[test]
fn the_layout_is_a_fixed_point_of_every_case() {
    for (_, expected) in CASES {
        assert_eq!(fmt::format(&read(expected).tree), *expected);
    }
}

#[test]
fn a_block_in_one_line_has_a_hundred_columns() {
    let block = |length: usize| format!("a {{ b {} }}\n", "x".repeat(length));
    let fits = block(fmt::WIDTH - 8);
    assert_eq!(fits.trim_end().len(), fmt::WIDTH);
    assert_eq!(fmt::format(&sound(&fits)), fits);
    let long = block(fmt::WIDTH - 7);
    assert_eq!(fmt::format(&sound(&long)), format!("a {{\n    b {}\n}}\n", "x".repeat(fmt::WIDTH - 7)));
    // Columns are characters, and a comment behind the block does not count.
    let wide = format!("a {{ b {} }} // {}\n", "é".repeat(fmt::WIDTH - 8), "c".repeat(50));
    assert_eq!(fmt::format(&sound(&wide)), wide);
    // A block in a block is tried again by itself.
    let inner = format!("b {{ c {}; d }}", "x".repeat(85));
    let nested = fmt::format(&sound(&format!("a {{ {inner}; e }}")));
    assert_eq!(nested, format!("a {{\n    {inner}\n    e\n}}\n"));
}

#[test]
fn the_inputs_keep_what_they_say() {
    for text in INPUTS {
        layout_holds(text);
    }
    for text in &INPUTS[..3] {
        let formatted = fmt::format(&sound(text));
        let changed = text.lines().zip(formatted.lines()).find(|(before, after)| before != after);
        assert_eq!(changed, None, "these inputs are in the house style");
    }
}

#[test]
fn a_range_is_laid_out_in_whole_declarations() {
    let text = "a   1\nb {\n  c   1\n  d   {  e }\n}\nf   1\n";
    let tree = sound(text);
    let edited = |range: std::ops::Range<u32>| {
        fmt::format_range(&tree, range).map(|edit| {
            let mut text = text.to_owned();
            text.replace_range(edit.span.range(), &edit.text);
            text
        })
    };
    assert_eq!(edited(1..2).as_deref(), Some("a 1\nb {\n  c   1\n  d   {  e }\n}\nf   1\n"));
    assert_eq!(edited(13..14).as_deref(), Some("a   1\nb {\n    c 1\n  d   {  e }\n}\nf   1\n"));
    assert_eq!(edited(13..32).as_deref(), Some("a   1\nb {\n    c 1\n    d { e }\n}\nf   1\n"));
    assert_eq!(edited(0..40).as_deref(), Some("a 1\nb {\n    c 1\n    d { e }\n}\nf 1\n"));
    // Inside of a block in one line, the whole declaration is.
    let inner = u32::try_from(text.find("e }").unwrap()).unwrap();
    assert_eq!(edited(inner..inner + 1).as_deref(), Some("a   1\nb {\n  c   1\n    d { e }\n}\nf   1\n"));
    assert_eq!(fmt::format_range(&sound("a 1\nb 2\n"), 0..7), None, "nothing to change");
    assert_eq!(fmt::format_range(&read("a 12GiB {\n  b   1\n}").tree, 13..14), None, "it was reported");
}

#[test]
fn a_range_that_is_the_file_gives_the_file() {
    for text in INPUTS {
        let messy = text.replace("    ", "\t ");
        let tree = sound(&messy);
        let whole = fmt::format_range(&tree, 0..u32::try_from(messy.len()).unwrap());
        let mut edited = messy.clone();
        if let Some(edit) = whole {
            edited.replace_range(edit.span.range(), &edit.text);
        }
        assert_eq!(edited.trim(), fmt::format(&tree).trim());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(11), cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_keeps_what_it_says(text in texts()) {
        layout_holds(&text);
    }
}

#[test]
fn any_part_of_an_input_keeps_what_it_says() {
    let mut random = Random::new(77);
    for _ in 0..4000 {
        let lines: Vec<&str> = random.pick(INPUTS).split_inclusive('\n').collect();
        let (first, count) = (random.below(lines.len()), 1 + random.below(12));
        let mut text: String = lines.iter().skip(first).take(count).copied().collect();
        for _ in 0..random.below(3) {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            text.insert_str(*random.pick(&places), random.pick::<&str>(FRAGMENTS));
        }
        layout_holds(&text);
    }
}

#[test]
fn a_file_above_the_limit_is_left_alone() {
    let text = "a  1\n".repeat(platc_diag::limits::FILE_BYTES / 5 + 1);
    let parsed = read(&text);
    assert_eq!(parsed.tree.tokens().map(|token| token.kind).collect::<Vec<_>>(), [TokenKind::Unknown]);
    assert_eq!(fmt::format(&parsed.tree), text);
    assert_eq!(ours(&parsed.tree), Model { nodes: Vec::new() });
}
