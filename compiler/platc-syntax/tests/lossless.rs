//! No byte is lost, whatever the text is, and nothing panics.
//!
//! Start with `check`, which holds every promise about a tree that any text must keep.

use platc_diag::Span;
use platc_syntax::{TokenKind, fmt};
use proptest::prelude::*;

use crate::common::{INPUTS, read, texts};

/// Everything that must hold for any text.
pub(crate) fn check(text: &str) {
    let parsed = read(text);
    let tree = &parsed.tree;
    assert_eq!(tree.text(), text);

    // Tokens lie side by side and are the text.
    let mut at = 0;
    for token in tree.tokens() {
        assert_eq!(token.span.start, at, "{text:?}: a gap before {token:?}");
        assert!(!token.span.is_empty(), "{text:?}: {token:?} is empty");
        at = token.span.end;
    }
    assert_eq!(at as usize, text.len(), "{text:?}: the tokens end early");

    // Places are ranges of characters of the file.
    let inside = |span: Span| text.get(span.range()).is_some();
    for problem in &parsed.problems {
        assert!(inside(problem.span()), "{text:?}: {problem:?}");
        for related in problem.related_labels() {
            assert!(inside(related.span), "{text:?}: {problem:?}");
        }
        for edit in problem.fixes().iter().flat_map(|fix| &fix.edits) {
            assert!(inside(edit.span), "{text:?}: {problem:?}");
        }
    }
    assert!(parsed.problems.is_sorted_by(|a, b| a.report_order(b).is_le()), "{text:?}: in order");
    for node in tree.all_nodes() {
        assert!(inside(node.span()) && inside(node.header_span()) && inside(node.name_span()), "{text:?}");
        assert!(node.block_span().is_none_or(inside), "{text:?}");
        let _ = (node.name(), node.doc(), node.type_annotation().map(platc_syntax::Annotation::name));
        for entry in node.entries() {
            let value = entry.value();
            assert!(inside(entry.span()) && inside(value.span()), "{text:?}");
            assert!(inside(value.source_map().span()), "{text:?}");
            let _ = (entry.name(), value.decode(), value.text());
        }
        let inner = tree.node_at(node.name_span().start).map(platc_syntax::Node::id);
        assert_eq!(inner, Some(node.id()), "{text:?}: a node is found by the place of its name");
    }
    let highlights = tree.highlights();
    assert!(highlights.is_sorted_by(|a, b| a.0.end <= b.0.start), "{text:?}: colours overlap");
    let _ = tree.folds();

    // A reported mistake is the only reason for a token that is none.
    let strange = tree.tokens().any(|token| token.kind == TokenKind::Unknown);
    assert!(!strange || !parsed.problems.is_empty(), "{text:?}");
    let _ = fmt::format(tree);
}

#[test]
fn every_prefix_of_every_input() {
    for text in INPUTS {
        for (end, _) in text.char_indices() {
            check(&text[..end]);
        }
        check(text);
    }
}

#[test]
fn every_suffix_and_every_hole_of_every_input() {
    for text in INPUTS {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        for pair in places.windows(2) {
            check(&text[pair[0]..]);
            check(&format!("{}{}", &text[..pair[0]], &text[pair[1]..]));
        }
    }
}

#[test]
fn every_place_of_every_input_can_be_asked_about() {
    for text in INPUTS {
        let parsed = read(text);
        for offset in 0..=u32::try_from(text.len()).unwrap() {
            let tree = &parsed.tree;
            let _ = (tree.place_at(offset), tree.entry_at(offset), tree.block_at(offset));
            let _ = (tree.trivia_before(offset), tree.tokens_touching(offset).count());
            let token = tree.token_at(offset).expect("no input is empty");
            assert!(token.span.touches(offset));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn any_text_at_all(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_text_made_of_what_means_something(text in texts()) {
        check(&text);
        let parsed = read(&text);
        for offset in 0..=u32::try_from(text.len()).unwrap() {
            let _ = parsed.tree.place_at(offset);
        }
    }
}
