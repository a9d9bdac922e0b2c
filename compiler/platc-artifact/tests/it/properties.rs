//! Properties: any tree of any strings reads back equal, embedding keeps pointers and origins, nothing of
//! a document shows in the next one. Seeds are fixed: a failure is the same for everybody.
//!
//! Start with [`trees`].

use platc_artifact::{Doc, EnvText, Format, Guard, Node, Origin, Slot};
use platc_diag::{FileId, Span};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::{Number, Value};

use crate::strings::nasty;
use crate::tree;

/// Runs a property on `cases` inputs, the same on every machine.
fn for_all<S: Strategy>(cases: u32, strategy: &S, property: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    runner(cases).run(strategy, property).unwrap_or_else(|failure| panic!("{failure}"));
}

fn runner(cases: u32) -> TestRunner {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]))
}

/// Trees without numbers, which tools round each in its own way, and without null, which some drop.
pub(crate) fn sample_trees(n_trees: usize) -> Vec<Value> {
    let mut runner = runner(1);
    let strategy = trees(Leaves::Text);
    let sample = || strategy.new_tree(&mut runner).map(|tree| tree.current()).unwrap();
    std::iter::repeat_with(sample).take(n_trees).collect()
}

/// Strings: of all characters, of those that are trouble, and from the table, joined and cut.
fn strings() -> impl Strategy<Value = String> {
    let trouble: Vec<char> =
        " \t\n\r:#-?,[]{}&*!|>'\"%@`$(\\=<~.0159eExXoyYnN_/+aé\u{85}\u{a0}\u{2028}\u{feff}\0😀"
            .chars()
            .collect();
    let table = nasty();
    prop_oneof![
        3 => prop::collection::vec(prop::sample::select(trouble), 0..12).prop_map(String::from_iter),
        2 => prop::sample::select(table.clone()),
        2 => (prop::sample::select(table.clone()), prop::sample::select(table)).prop_map(|(a, b)| a + &b),
        1 => prop::collection::vec(any::<char>(), 0..8).prop_map(String::from_iter),
        2 => "[a-z0-9./:-]{0,12}",
    ]
}

fn numbers() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        (-5_i64..100).prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("finite", Number::from_f64),
        prop::sample::select(vec![0.0, -0.0, 0.1, 1e21, 1e-7, 5e-324, 1.797e308, 30.0])
            .prop_filter_map("finite", Number::from_f64),
    ]
}

/// What stands at the ends of a tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Leaves {
    /// Everything that JSON has.
    Json,
    /// Everything but null and what does not fit 64 bits with sign.
    Toml,
    /// Text and booleans.
    Text,
}

/// Trees of data.
fn trees(leaves: Leaves) -> impl Strategy<Value = Value> {
    let number = move |number: Number| match leaves {
        Leaves::Json => Value::Number(number),
        Leaves::Toml if number.is_f64() || number.is_i64() => Value::Number(number),
        Leaves::Toml | Leaves::Text => Value::String(number.to_string()),
    };
    let leaf = prop_oneof![
        6 => strings().prop_map(Value::String),
        1 => any::<bool>().prop_map(Value::Bool),
        2 => numbers().prop_map(number),
        1 => Just(if leaves == Leaves::Json { Value::Null } else { Value::Bool(true) }),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let entries = prop::collection::vec((strings(), inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(Value::Array),
            entries.prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

#[test]
fn any_tree_reads_back_from_yaml() {
    for_all(1500, &trees(Leaves::Json), |meant| {
        let printed = tree::print_tree(&meant, Format::Yaml);
        prop_assert_eq!(tree::read(&printed, Format::Yaml), meant, "{}", printed);
        Ok(())
    });
}

#[test]
fn any_tree_reads_back_from_json() {
    for_all(1000, &trees(Leaves::Json), |meant| {
        for format in [Format::Json, Format::JsonPretty] {
            let printed = tree::print_tree(&meant, format);
            prop_assert_eq!(tree::read(&printed, format), meant.clone(), "{}", printed);
        }
        Ok(())
    });
}

#[test]
fn any_table_reads_back_from_toml() {
    let tables = prop::collection::vec((strings(), trees(Leaves::Toml)), 0..8);
    for_all(1000, &tables, |entries| {
        let meant = Value::Object(entries.into_iter().collect());
        let printed = tree::print_tree(&meant, Format::Toml);
        prop_assert_eq!(tree::read(&printed, Format::Toml), meant, "{}", printed);
        Ok(())
    });
}

#[test]
fn any_tree_arrives_through_a_variable() {
    let inputs =
        (trees(Leaves::Json), prop::sample::select(vec![Format::Yaml, Format::Json, Format::JsonPretty]));
    for_all(1000, &inputs, |(meant, format)| {
        let mut doc = Doc::new();
        doc.map(|m| m.embed("value", format, Guard::EnvValue, |d| tree::fill(d.slot(), &meant)));
        let value = tree::read(&tree::print(&doc, Format::Yaml), Format::Yaml);
        let text = value["value"].as_str().unwrap();
        let expanded =
            text.as_bytes().windows(2).any(|pair| pair[0] == b'$' && matches!(pair[1], b'$' | b'(' | 0x80..));
        prop_assert!(!expanded, "{}", text);
        prop_assert_eq!(tree::read(text, format), meant, "{}", text);
        Ok(())
    });
}

#[test]
fn any_text_arrives_through_a_variable() {
    for_all(3000, &strings(), |text| {
        let mut doc = Doc::new();
        doc.map(|m| m.put("value", EnvText(&text)));
        let value = tree::read(&tree::print(&doc, Format::Yaml), Format::Yaml);
        prop_assert_eq!(collapsed(value["value"].as_str().unwrap()), Some(text));
        Ok(())
    });
}

/// What the kubelet makes of a text without references: pairs are read from the left. `None` if it would
/// look for a variable or tear a character.
fn collapsed(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        match (c, chars.peek()) {
            ('$', Some('$')) => drop(chars.next()),
            ('$', Some('(' | '\u{80}'..)) => return None,
            ('$', Some(_)) => out.extend(chars.next()),
            _ => {}
        }
    }
    Some(out)
}

fn origin(number: u32) -> Origin {
    Origin::written(Span::new(FileId(0), number, number + 1))
}

/// Puts a tree into a place, each value with an origin of its own, and some as embedded documents.
fn fill_with_origins(
    slot: Slot<'_>,
    tree: &Value,
    next: &mut u32,
    pointer: &str,
    origins: &mut Vec<(String, Origin)>,
) {
    let own = origin(*next);
    *next += 1;
    origins.push((pointer.to_owned(), own));
    let embeds = (*next).is_multiple_of(3);
    slot.from(own, |slot| match tree {
        Value::Object(_) | Value::Array(_) if embeds => {
            slot.embed(Format::Yaml, Guard::None, |d| fill_container(d.slot(), tree, next, pointer, origins));
        }
        _ => fill_container(slot, tree, next, pointer, origins),
    });
}

fn fill_container(
    slot: Slot<'_>,
    tree: &Value,
    next: &mut u32,
    pointer: &str,
    origins: &mut Vec<(String, Origin)>,
) {
    match tree {
        Value::Object(entries) => slot.map(|m| {
            for (key, value) in entries {
                let below = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                fill_with_origins(m.slot(key), value, next, &below, origins);
            }
        }),
        Value::Array(items) => slot.seq(|s| {
            for (nth, item) in items.iter().enumerate() {
                fill_with_origins(s.slot(), item, next, &format!("{pointer}/{nth}"), origins);
            }
        }),
        scalar => tree::fill(slot, scalar),
    }
}

#[test]
fn pointers_and_origins_survive_embedding() {
    for_all(800, &trees(Leaves::Json), |meant| {
        let mut doc = Doc::new();
        let mut origins = Vec::new();
        fill_with_origins(doc.slot(), &meant, &mut 0, "", &mut origins);
        for (pointer, origin) in &origins {
            prop_assert_eq!(doc.origin_at(pointer), *origin, "{}", pointer);
            prop_assert_eq!(doc.get(pointer).map(Node::origin), Some(*origin), "{}", pointer);
            let text = meant.pointer(pointer).and_then(Value::as_str);
            prop_assert_eq!(doc.get(pointer).and_then(Node::as_str), text, "{}", pointer);
        }
        let mut seen = Vec::new();
        doc.visit(|pointer, node| seen.push((pointer.to_owned(), node.origin())));
        prop_assert_eq!(&seen, &origins);
        let mut json = String::new();
        doc.root().unwrap().write_json(&mut json);
        prop_assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), meant);
        Ok(())
    });
}

#[test]
fn documents_leave_no_trace_in_the_next() {
    let mut used = Doc::new();
    let used = std::cell::RefCell::new(&mut used);
    for_all(500, &trees(Leaves::Json), |meant| {
        let mut used = used.borrow_mut();
        used.clear();
        tree::fill(used.slot(), &meant);
        prop_assert_eq!(tree::print(&used, Format::Yaml), tree::print_tree(&meant, Format::Yaml));
        Ok(())
    });
}
