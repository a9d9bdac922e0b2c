//! No byte is lost, whatever the text is, and nothing panics.
//!
//! Not here: what the texts mean.
//!
//! Start with `tree_holds` in `promises.rs`.

use proptest::prelude::*;

use crate::common::{INPUTS, texts};
use crate::promises::{read, tree_holds};

#[test]
fn every_prefix_of_every_input() {
    for text in INPUTS {
        for (end, _) in text.char_indices() {
            tree_holds(&text[..end]);
        }
        tree_holds(text);
    }
}

#[test]
fn every_suffix_and_every_hole_of_every_input() {
    for text in INPUTS {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        for pair in places.windows(2) {
            tree_holds(&text[pair[0]..]);
            tree_holds(&format!("{}{}", &text[..pair[0]], &text[pair[1]..]));
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
        tree_holds(&text);
    }

    #[test]
    fn any_text_made_of_what_means_something(text in texts()) {
        tree_holds(&text);
        let parsed = read(&text);
        for offset in 0..=u32::try_from(text.len()).unwrap() {
            let _ = parsed.tree.place_at(offset);
        }
    }
}
