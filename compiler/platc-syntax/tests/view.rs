//! The typed view, and what an editor asks by position.
//!
//! Not here: broken files, but where an editor asks about them.
//!
//! Start with `a_node_and_its_parts`.

use platc_diag::Span;
use platc_syntax::{FoldKind, Highlight, Literal, Node, Place, TokenKind, Tree, ValueKind};
use proptest::prelude::*;

use crate::common::{INPUTS, sound};
use crate::promises::read;

/// The text with its `|` taken out, and where that was.
fn cursor(text: &str) -> (String, u32) {
    let at = text.find('|').expect("a cursor");
    (text.replacen('|', "", 1), u32::try_from(at).unwrap())
}

fn first(tree: &Tree) -> Node<'_> {
    tree.nodes().next().expect("a node")
}

#[test]
fn a_node_and_its_parts() {
    let text = "(kind)service \"api 1\" replicas=3 x replicas=(t)4 /-gone /-also=1 { port http; /-old }";
    let tree = sound(text);
    let node = first(&tree);
    assert_eq!(node.name(), "service");
    assert!(node.name_is_bare());
    assert_eq!(tree.slice(node.name_span()), "service");
    assert_eq!(node.type_annotation().unwrap().name(), "kind");
    assert_eq!(tree.slice(node.span()), text);
    assert_eq!(tree.slice(node.header_span()), "(kind)service \"api 1\" replicas=3 x replicas=(t)4");
    let args: Vec<_> = node.args().map(|value| value.text().unwrap().into_owned()).collect();
    assert_eq!(args, ["api 1", "x"]);
    assert!(!node.arg(0).unwrap().is_bare() && node.arg(1).unwrap().is_bare());
    let props: Vec<_> = node.props().map(|entry| tree.slice(entry.span())).collect();
    assert_eq!(props, ["replicas=3", "replicas=(t)4"], "twice is seen twice");
    let last = node.prop("replicas").unwrap();
    assert_eq!(last.value().decode(), Literal::Int(4));
    assert_eq!(last.value().type_annotation().unwrap().name(), "t");
    assert_eq!(tree.slice(last.name_span().unwrap()), "replicas");
    assert_eq!(tree.slice(last.value().span()), "4");
    assert!(node.has_block());
    assert_eq!(tree.slice(node.block_span().unwrap()), "{ port http; /-old }");
    let children: Vec<_> = node.children().map(|child| child.name().into_owned()).collect();
    assert_eq!(children, ["port"]);
    let child = node.child("port").unwrap();
    assert_eq!(child.parent().unwrap().id(), node.id());
    assert_eq!(tree.node(child.id()).name(), "port");
    assert_eq!(tree.all_nodes().count(), 2);
}

#[test]
fn values_are_decoded() {
    let tree =
        sound("a #null #true #false -0x10 1.5 #-inf bare \"q\\n\" #\"r\\\"# \"\"\"\n  m\n   n\n  \"\"\"");
    let values: Vec<_> = first(&tree).args().map(platc_syntax::Value::decode).collect();
    let text = |text: &'static str| Literal::Str(text.into());
    assert_eq!(
        values,
        [
            Literal::Null,
            Literal::Bool(true),
            Literal::Bool(false),
            Literal::Int(-16),
            Literal::Float(1.5),
            Literal::Float(f64::NEG_INFINITY),
            text("bare"),
            text("q\n"),
            text("r\\"),
            text("m\n n"),
        ]
    );
    let kinds: Vec<_> = first(&tree).args().map(platc_syntax::Value::kind).collect();
    assert_eq!(kinds[..4], [ValueKind::Null, ValueKind::Bool, ValueKind::Bool, ValueKind::Int]);
}

#[test]
fn documentation_is_what_stands_directly_above() {
    let doc = |text: &str| first(&sound(text)).doc();
    assert_eq!(doc("/// one\n///two\n///\n///   three\na").as_deref(), Some("one\ntwo\n\n  three"));
    assert_eq!(doc("/// one\n\na"), None, "a blank line parts them");
    assert_eq!(doc("// one\na"), None);
    assert_eq!(doc("//// one\na"), None);
    assert_eq!(doc("/// one\n// two\na"), None);
    assert_eq!(doc("/// one\r\n/// two\r\n    (t)a").as_deref(), Some("one\ntwo"));
    assert_eq!(doc("\u{feff}/// one\na").as_deref(), Some("one"));
    assert_eq!(doc("   /// one\na").as_deref(), Some("one"));
    let tree = sound("a 1 /// of nobody\nb {\n    /// of c\n    c\n}");
    let docs: Vec<_> = tree.all_nodes().map(Node::doc).collect();
    assert_eq!(docs, [None, None, Some("of c".to_owned())]);
}

/// Each character of a decoded text is where the map says, or stands for what is there.
fn check_map(tree: &Tree) {
    for value in tree.all_nodes().flat_map(Node::args) {
        let Some(text) = value.text() else { continue };
        let map = value.source_map();
        for (at, c) in text.char_indices() {
            let span = map.span_of(at..at + c.len_utf8());
            let source = tree.slice(span);
            let written = source.starts_with('\\') || source.chars().eq([c]) || c == '\n';
            assert!(written && !source.is_empty(), "{c:?} of {value:?} is {source:?}");
            assert_eq!(map.decoded_at(span.start), Some(at), "{c:?} of {value:?}");
        }
        let end = map.span_of(text.len()..text.len());
        assert!(end.start <= value.span().end && end.is_empty());
    }
}

#[test]
fn every_character_is_mapped_back_to_its_source() {
    for text in INPUTS {
        check_map(&sound(text));
    }
    let tree = sound("a \"x\\u{1F980}${b\\n\\   c}\" \"\"\"\r\n\té\r\n\r\n\t\\\"${d\\\r\n  .e}\r\n\t\"\"\"");
    check_map(&tree);
    let map = first(&tree).arg(0).unwrap().source_map();
    assert_eq!(tree.slice(map.span_of(1..5)), "\\u{1F980}");
    assert_eq!(tree.slice(map.span_of(5..10)), "${b\\n\\   c");
    let map = first(&tree).arg(1).unwrap().source_map();
    let text = first(&tree).arg(1).unwrap().text().unwrap();
    assert_eq!(text, "é\n\n\"${d.e}");
    let dot = text.find('.').unwrap();
    assert_eq!(tree.slice(map.span_of(dot..dot + 2)), ".e");
    assert_eq!(tree.slice(map.span_of(dot - 1..dot + 1)), "d\\\r\n  .");
}

#[test]
fn tokens_have_places() {
    let tree = sound("a  k=1 // c\n");
    let tokens: Vec<_> = tree.tokens().map(|token| (token.kind, tree.slice(token.span).to_owned())).collect();
    let expected = [
        (TokenKind::Word, "a"),
        (TokenKind::Whitespace, "  "),
        (TokenKind::Word, "k"),
        (TokenKind::Equals, "="),
        (TokenKind::Integer, "1"),
        (TokenKind::Whitespace, " "),
        (TokenKind::LineComment, "// c"),
        (TokenKind::Newline, "\n"),
    ];
    assert_eq!(tokens, expected.map(|(kind, text)| (kind, text.to_owned())));
    let kind = |offset: u32| tree.token_at(offset).unwrap().kind;
    assert_eq!(kind(0), TokenKind::Word);
    assert_eq!(kind(1), TokenKind::Whitespace);
    assert_eq!(kind(5), TokenKind::Integer);
    assert_eq!(kind(99), TokenKind::Newline);
    let touching: Vec<_> = tree.tokens_touching(4).map(|token| token.kind).collect();
    assert_eq!(touching, [TokenKind::Word, TokenKind::Equals]);
    assert_eq!(tree.trivia_before(3), Span::new(tree.file(), 1, 3));
    assert_eq!(tree.trivia_before(12), Span::new(tree.file(), 6, 11));
    assert_eq!(tree.comments().count(), 1);
}

/// What could be typed at the cursor, in words.
fn place(text: &str) -> String {
    let (text, offset) = cursor(text);
    let parsed = read(&text);
    match parsed.tree.place_at(offset) {
        Place::NodeName { parent, node } => {
            let within = parent.map_or("the document".to_owned(), |parent| parent.name().into_owned());
            let of = node.map_or(String::new(), |node| format!(" {}", node.name()));
            format!("name{of} in {within}")
        }
        Place::PropertyName { node, entry } => {
            format!("property {} of {}", entry.name().unwrap(), node.name())
        }
        Place::Value { node, entry, value } => match entry.name() {
            Some(name) => format!("value {:?} of {name} of {}", value.source(), node.name()),
            None => format!("argument {:?} of {}", value.source(), node.name()),
        },
        Place::EntryStart { node } => format!("entry of {}", node.name()),
        Place::Annotation => "annotation".to_owned(),
        Place::Comment => "comment".to_owned(),
        Place::Hidden => "hidden".to_owned(),
    }
}

#[test]
fn what_could_be_typed_at_a_place() {
    for (text, expected) in [
        ("|", "name in the document"),
        ("|a", "name a in the document"),
        ("a|", "name a in the document"),
        ("a |", "entry of a"),
        ("a\n|", "name in the document"),
        ("a 1|", "argument \"1\" of a"),
        ("a 1 |", "entry of a"),
        ("a k|=1", "property k of a"),
        ("a k=|1", "value \"1\" of k of a"),
        ("a k=|", "value \"\" of k of a"),
        ("a k=| l=2", "value \"\" of k of a"),
        ("a k= | l=2", "entry of a"),
        ("a { | }", "name in a"),
        ("a {\n    |\n}\nb", "name in a"),
        ("a {\n    b|\n}", "name b in a"),
        ("a {\n    b |\n}", "entry of b"),
        ("a {\n    b { c }\n    |\n}", "name in a"),
        ("a { b; | }", "name in a"),
        ("a { b 1; c| }", "name c in a"),
        ("a {\n    |", "name in a"),
        ("a {\n    b {\n        |\n", "name in b"),
        ("a { b } |", "name in the document"),
        ("a { b }\n|", "name in the document"),
        ("(|t)a", "annotation"),
        ("a (t|)1", "annotation"),
        ("a \"x ${k.|}\"", "argument \"\\\"x ${k.}\\\"\" of a"),
        ("a \"x ${k.|", "argument \"\\\"x ${k.\" of a"),
        ("a // n|o", "comment"),
        ("a // no|\nb", "comment"),
        ("a /* n|o */ 1", "comment"),
        ("/-a |1", "hidden"),
        ("/-a { b| }", "hidden"),
        ("a /-b| c", "hidden"),
        ("a /-{ b| } { c }", "hidden"),
        ("a \\\n    |b", "argument \"b\" of a"),
    ] {
        assert_eq!(place(text), expected, "{text:?}");
    }
}

#[test]
fn nodes_and_entries_are_found_by_place() {
    let (text, offset) = cursor("a { b { c x=|1 }; d }");
    let tree = sound(&text);
    let node = tree.node_at(offset).unwrap();
    assert_eq!(node.name(), "c");
    let around: Vec<_> = node.ancestors().map(|node| node.name().into_owned()).collect();
    assert_eq!(around, ["b", "a"]);
    assert_eq!(tree.slice(tree.entry_at(offset).unwrap().span()), "x=1");
    assert_eq!(tree.block_at(offset).unwrap().name(), "b");
    assert_eq!(tree.block_at(1).map(|node| node.name().into_owned()), None);
    assert_eq!(tree.node_at(u32::try_from(text.len()).unwrap()).unwrap().name(), "a");
    assert_eq!(first(&tree).block_end(), Some(u32::try_from(text.len()).unwrap() - 1));
}

#[test]
fn colours() {
    let tree = sound("/// d\n(t)a b k=\"c\" 1 #true // e\n/-f (g)1\nh /-x /-{ y } { z }");
    let colours: Vec<_> =
        tree.highlights().into_iter().map(|(span, colour)| (tree.slice(span), colour)).collect();
    let expected = [
        ("/// d", Highlight::DocComment),
        ("(", Highlight::Punctuation),
        ("t", Highlight::Annotation),
        (")", Highlight::Punctuation),
        ("a", Highlight::NodeName),
        ("b", Highlight::Word),
        ("k", Highlight::PropertyName),
        ("=", Highlight::Punctuation),
        ("\"c\"", Highlight::Text),
        ("1", Highlight::Number),
        ("#true", Highlight::Keyword),
        ("// e", Highlight::Comment),
        ("/-", Highlight::Disabled),
        ("f", Highlight::Disabled),
        ("(", Highlight::Disabled),
        ("g", Highlight::Disabled),
        (")", Highlight::Disabled),
        ("1", Highlight::Disabled),
        ("h", Highlight::NodeName),
        ("/-", Highlight::Disabled),
        ("x", Highlight::Disabled),
        ("/-", Highlight::Disabled),
        ("{", Highlight::Disabled),
        ("y", Highlight::Disabled),
        ("}", Highlight::Disabled),
        ("{", Highlight::Punctuation),
        ("z", Highlight::NodeName),
        ("}", Highlight::Punctuation),
    ];
    assert_eq!(colours, expected);
}

#[test]
fn folds() {
    let tree = sound(
        "// one\n// two\n\n// three\na {\n    b { c }\n    d \"\"\"\n        x\n        \"\"\"\n}\n/* e\n*/\n",
    );
    let folds: Vec<_> =
        tree.folds().into_iter().map(|fold| (fold.kind, tree.slice(fold.span).lines().count())).collect();
    let expected =
        [(FoldKind::Comment, 2), (FoldKind::Block, 6), (FoldKind::Text, 3), (FoldKind::Comment, 2)];
    assert_eq!(folds, expected);
}

#[test]
fn text_is_written_as_it_would_be_read() {
    for text in
        ["", "a", "a b", "true", "-1", "\"\\\n\t\u{7f}\u{202e}é", ".5", "a=b", "{}", "//", "#x", "\u{85}"]
    {
        let tree = sound(&format!("n {}", platc_syntax::quoted(text)));
        assert_eq!(first(&tree).arg(0).unwrap().text().as_deref(), Some(text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(3), ..ProptestConfig::default() })]

    #[test]
    fn any_text_can_be_written(text in any::<String>()) {
        let tree = sound(&format!("{} k={}", platc_syntax::quoted(&text), platc_syntax::quoted(&text)));
        prop_assert_eq!(first(&tree).name(), text.as_str());
        let value = first(&tree).prop("k").unwrap().value().text();
        prop_assert_eq!(value.as_deref(), Some(text.as_str()));
    }

    #[test]
    fn any_string_is_mapped_back(text in any::<String>()) {
        check_map(&sound(&format!("n {}", platc_syntax::quoted(&text))));
    }
}
