//! What an editor takes over from one key to the next changes nothing: after each of many edits, a draft with a
//! memory is the draft of who sees the files for the first time, with the same findings and the same values.
//!
//! Start with `a_memory_changes_nothing`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use platc_driver::analysis::{AnalysisOptions, Draft, Memo, draft};
use platc_driver::world::{Disk, EntryKind, Memory, World as _};

const EDITS: usize = 150;

/// A generator with a fixed seed (SplitMix64): the same edits each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % limit.max(1) as u64).expect("it is below a usize")
    }

    fn of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}

/// A text with one thing changed. Most of what comes out is a platform, and much of it a sound one: that is
/// where something can be taken over.
fn edited(text: &str, words: &[String], random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(String::from).collect();
    if lines.is_empty() {
        return words.join(" ");
    }
    let at = random.below(lines.len());
    match random.below(6) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at].clone()),
        2 => lines.insert(at, "// a line".to_owned()),
        3 => {
            let digit = char::from(b'0' + u8::try_from(random.below(10)).expect("a digit"));
            let digits: Vec<usize> =
                text.match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| at).collect();
            if digits.is_empty() {
                return text.to_owned();
            }
            let at = *random.of(&digits);
            return format!("{}{digit}{}", &text[..at], &text[at + 1..]);
        }
        // Another name, of something that there is or was.
        4 => {
            let own = words_of(&lines[at]);
            if !own.is_empty() {
                let (old, new) = (random.of(&own).as_str(), random.of(words).as_str());
                lines[at] = lines[at].replacen(old, new, 1);
            }
        }
        _ => {
            let other = random.below(lines.len());
            lines.swap(at, other);
        }
    }
    lines.join("\n") + "\n"
}

fn words_of(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.filter(|word| word.len() > 1).map(String::from).collect()
}

fn read(dir: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in Disk.list(dir).expect("a directory of the example") {
        let path = dir.join(entry.name);
        if entry.kind == EntryKind::Directory {
            read(&path, files);
        } else {
            files.insert(path.clone(), Disk.read(&path).expect("a file of the example"));
        }
    }
}

/// All that anybody learns of a draft.
fn told(draft: &Draft) -> [String; 4] {
    [
        format!("{:?}", draft.found),
        format!("{:?}", draft.checked),
        format!("{:?} {:?}", draft.sites, draft.values),
        format!("{:?} {:?}", draft.given, draft.problems()),
    ]
}

/// How many declarations are the very records of the draft before.
fn taken_over(before: &Draft, now: &Draft) -> usize {
    let same = |id| {
        let record = |draft: &Draft| Some(Arc::clone(&draft.checked.general(id)?.record));
        record(before).zip(record(now)).is_some_and(|(before, now)| Arc::ptr_eq(&before, &now))
    };
    now.expanded.items.iter().filter(|(id, _)| same(*id)).count()
}

/// Edits an example again and again, with a memory and without.
fn storm(example: &str, platform: &str, seed: u64) {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(example);
    let mut files = BTreeMap::new();
    read(&top, &mut files);
    let root = top.join(platform);
    // What was given out before is edited, too.
    let is_edited = |path: &&PathBuf| path.extension().is_some_and(|it| it == "kdl" || it == "lock");
    let sources: Vec<PathBuf> = files.keys().filter(is_edited).cloned().collect();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("KDL is text");
    let words: Vec<String> = sources.iter().flat_map(|path| words_of(&text(&files[path]))).collect();
    let mut world = Memory::default();
    for (path, bytes) in &files {
        world.insert(path, bytes.clone());
    }
    let options = AnalysisOptions::default();
    let mut memo = Memo::default();
    let mut random = Random(seed);
    let mut now = files.clone();
    let mut before = draft(&world, &root, options, &mut memo);
    let mut kept = 0;
    for edit in 0..EDITS {
        let path = random.of(&sources);
        // Back to what was sound, nearly every second time.
        let new = match random.below(9) {
            0..4 => text(&files[path]),
            _ => edited(&text(&now[path]), &words, &mut random),
        };
        now.insert(path.clone(), new.clone().into_bytes());
        world.insert(path, new);
        let with = draft(&world, &root, options, &mut memo);
        let without = draft(&world, &root, options, &mut Memo::default());
        for (with, without) in told(&with).iter().zip(&told(&without)) {
            assert!(
                with == without,
                "edit {edit} of {example}, in {}:\n{}",
                path.display(),
                text(&now[path])
            );
        }
        kept += taken_over(&before, &with);
        before = with;
    }
    assert!(kept > EDITS, "a memory that keeps nothing is none: {kept}");
}

#[test]
fn a_memory_changes_nothing() {
    storm("okmeter", "", 3);
}

#[test]
fn a_memory_of_a_library_and_its_templates_changes_nothing() {
    storm("environments", "prod", 5);
}
