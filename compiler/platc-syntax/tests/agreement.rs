//! Our parser and the `kdl` crate accept the same documents, and understand them in the same way.
//!
//! Not here: the suite that both are held to (`conformance.rs`).
//!
//! Start with `parsers_agree` in `promises.rs`. Documents are made by cutting, doubling and splicing the
//! inputs and the fragments, always with the same seed, so a failure comes again. The fuzz target
//! `kdl_agreement` goes on where this ends.

use crate::common::{FRAGMENTS, INPUTS, Random};
use crate::promises::parsers_agree;

/// Documents that are tried.
const ROUNDS: usize = 6000;

#[test]
fn on_the_inputs() {
    for text in INPUTS {
        parsers_agree(text);
    }
}

#[test]
fn on_mutations_of_the_inputs() {
    let mut random = Random::new(20_260_926);
    for _ in 0..ROUNDS {
        parsers_agree(&mutation(&mut random));
    }
}

#[test]
fn on_fragments() {
    let mut random = Random::new(42);
    for _ in 0..ROUNDS {
        let count = random.below(14);
        let text: String = (0..count).map(|_| *random.pick(FRAGMENTS)).collect();
        parsers_agree(&text);
    }
}

/// A few lines of an input with a few changes.
fn mutation(random: &mut Random) -> String {
    let lines: Vec<&str> = random.pick(INPUTS).split_inclusive('\n').collect();
    let first = random.below(lines.len());
    let count = 1 + random.below(8);
    let mut text: String = lines.iter().skip(first).take(count).copied().collect();
    for _ in 0..=random.below(3) {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let (from, to) = (*random.pick(&places), *random.pick(&places));
        match random.below(4) {
            0 => text.insert_str(from, random.pick::<&str>(FRAGMENTS)),
            1 if from < text.len() => drop(text.remove(from)),
            2 if from < to && to - from < 20 => text.replace_range(from..to, ""),
            3 if from < to && to - from < 20 => {
                let copy = text[from..to].to_owned();
                text.insert_str(from, &copy);
            }
            _ => {}
        }
    }
    text
}
