//! Our parser and the `kdl` crate accept the same documents, and understand them in the same way.
//!
//! Start with `compare`. Documents are made by cutting, doubling and splicing the inputs and the fragments,
//! always with the same seed, so a failure comes again. The fuzz target `kdl_agreement` goes on where this
//! ends.

use kdl::KdlDocument;

use crate::common::{FRAGMENTS, INPUTS, Random, excused, ours, read, shown, theirs};

/// Documents that are tried.
const ROUNDS: usize = 6000;

/// Panics if both parsers disagree about a text and nothing excuses it.
fn compare(text: &str) {
    if excused(text) {
        return;
    }
    let parsed = read(text);
    match text.parse::<KdlDocument>() {
        Ok(document) => {
            assert!(
                parsed.problems.is_empty(),
                "the kdl crate accepts what we reject:\n{text}\n{text:?}\n{}",
                shown(&parsed.problems)
            );
            assert_eq!(ours(&parsed.tree), theirs(&document), "understood differently:\n{text}\n{text:?}");
        }
        Err(error) => {
            let why: Vec<String> = error.diagnostics.iter().map(ToString::to_string).collect();
            assert!(
                !parsed.problems.is_empty(),
                "the kdl crate rejects what we accept:\n{text}\n{text:?}\n{why:?}"
            );
        }
    }
}

#[test]
fn on_the_inputs() {
    for text in INPUTS {
        compare(text);
    }
}

#[test]
fn on_mutations_of_the_inputs() {
    let mut random = Random::new(20_260_926);
    for _ in 0..ROUNDS {
        compare(&mutation(&mut random));
    }
}

#[test]
fn on_fragments() {
    let mut random = Random::new(42);
    for _ in 0..ROUNDS {
        let count = random.below(14);
        let text: String = (0..count).map(|_| *random.pick(FRAGMENTS)).collect();
        compare(&text);
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
