//! Policies that change the model: what meets, what is stale, what is no patch, and that order never matters.

use platc_artifact::judge::{Change, Judge as _, Mutation, PolicyUse};

use crate::fake::services;
use crate::guest::{APPEND, Guest, REMOVE, RawPatch, SET};
use crate::support::{file, host, library, texts, threads};

fn patching(name: &str, patches: &[RawPatch<'_>]) -> PolicyUse {
    let mut guest = Guest::new();
    guest.patches(patches);
    file(name, guest.module())
}

fn set<'a>(path: &'a str, value: &'a str) -> RawPatch<'a> {
    RawPatch { op: SET, node: 1, path, value: Some(value), expect: None, rule: "r" }
}

fn mutate(uses: &[PolicyUse]) -> Mutation {
    let policies = host().load(uses, threads(2));
    assert_eq!(texts(policies.problems()), [""; 0], "all policies load");
    policies.mutate(&services(3).view(), threads(2))
}

#[test]
fn patches_come_back_with_their_authors() {
    let mutation = mutate(&[
        patching("b", &[set("/replicas", " 5 "), RawPatch { op: APPEND, ..set("/in", r#""prod-c""#) }]),
        patching("a", &[RawPatch { op: REMOVE, value: None, ..set("/env/REGION", "") }]),
        library("require-probes"),
    ]);
    assert_eq!(texts(&mutation.problems), [""; 0]);
    let patches: Vec<_> = mutation
        .patches
        .iter()
        .map(|patch| (&*patch.policy, &*patch.pointer, patch.change.clone()))
        .collect();
    assert_eq!(
        patches,
        [
            ("a", "/env/REGION", Change::Remove),
            ("b", "/in", Change::Append(r#""prod-c""#.into())),
            ("b", "/replicas", Change::Set("5".into())),
        ]
    );
    let costs: Vec<_> = mutation.costs.iter().map(|(policy, _)| &**policy).collect();
    assert_eq!(costs, ["a", "b"], "only those that mutate are asked");
}

#[test]
fn two_policies_that_set_one_path_differently_are_both_named() {
    let uses = [patching("a", &[set("/replicas", "5")]), patching("b", &[set("/replicas", "6")])];
    let mutation = mutate(&uses);
    assert_eq!(mutation.patches, []);
    // `replicas` is the seventh field of a service, in the order of names.
    assert_eq!(
        texts(&mutation.problems),
        ["E0740 120..129: `a/r` and `b/r` change `/replicas` of `service-1` in two ways"]
    );
    let related: Vec<_> =
        mutation.problems[0].related_labels().iter().map(|label| label.text.as_str()).collect();
    assert_eq!(related, ["`a/r` sets `/replicas` to `5`: because", "`b/r` sets `/replicas` to `6`: because"]);
    let turned: Vec<_> = uses.iter().rev().cloned().collect();
    assert_eq!(mutate(&turned), mutation, "in either order");
}

#[test]
fn a_guard_holds_a_patch_back() {
    let guarded = |expect| patching("a", &[RawPatch { expect: Some(expect), ..set("/replicas", "5") }]);
    assert_eq!(mutate(&[guarded("3")]).patches.len(), 1);
    let stale = mutate(&[guarded("4")]);
    assert_eq!(stale.patches, []);
    assert_eq!(
        texts(&stale.problems),
        ["E0741 120..129: `a/r` would change `/replicas` only if it is `4`, and it is `3`"]
    );
    let absent = patching("a", &[RawPatch { expect: Some("null"), ..set("/priority", r#""batch""#) }]);
    assert_eq!(mutate(&[absent]).patches.len(), 1, "null stands for nothing there");
}

#[test]
fn a_patch_that_is_none_is_reported_and_the_rest_stands() {
    let mutation = mutate(&[patching(
        "a",
        &[
            set("/a", "{"),
            set("/b", "1"),
            set("", "{}"),
            RawPatch { op: REMOVE, ..set("/c", "1") },
            RawPatch { value: None, ..set("/d", "") },
            RawPatch { node: 3, ..set("/e", "1") },
            RawPatch { rule: "other", ..set("/f", "1") },
        ],
    )]);
    assert_eq!(mutation.patches.len(), 1);
    assert_eq!(
        texts(&mutation.problems),
        [
            "E0733 4..8: a patch of `a/r` is none: it would replace a whole node; a patch changes something in one",
            "E0733 4..8: a patch of `a/r` is none: `{` is no JSON: EOF while parsing an object at line 1 column 1",
            "E0733 4..8: a patch of `a/r` is none: it removes, and yet it has a value",
            "E0733 4..8: a patch of `a/r` is none: it has no value",
            "E0732 4..8: policy `a` does not declare a rule `other` that mutates",
            "E0730 4..8: policy `a` points at node 3 of a model that has 3",
        ]
    );
}

#[test]
fn whatever_the_order_and_the_threads_the_changes_are_the_same() {
    // Agreement, elements of one list, a conflict, and something that meets nothing.
    let uses = [
        patching("a", &[set("/replicas", "5"), RawPatch { op: APPEND, ..set("/in", r#""z""#) }]),
        patching("b", &[set("/replicas", "5"), RawPatch { op: APPEND, ..set("/in", r#""y""#) }]),
        patching("c", &[set("/image", r#""c""#), RawPatch { op: APPEND, ..set("/in", r#""z""#) }]),
        patching("d", &[set("/image", r#""d""#), RawPatch { op: REMOVE, value: None, ..set("/env", "") }]),
    ];
    let host = host();
    let view = services(3).view();
    let mut orders = vec![vec![]];
    for _ in 0..uses.len() {
        let longer = |order: Vec<usize>| {
            let left = (0..uses.len()).filter(|n| !order.contains(n)).collect::<Vec<_>>();
            left.into_iter().map(move |n| [order.as_slice(), &[n]].concat())
        };
        orders = orders.into_iter().flat_map(longer).collect();
    }
    assert_eq!(orders.len(), 24);
    let mutated = |order: &[usize], n: usize| {
        let uses: Vec<PolicyUse> = order.iter().map(|n| uses[*n].clone()).collect();
        host.load(&uses, threads(n)).mutate(&view, threads(n))
    };
    let first = mutated(&orders[0], 1);
    assert_eq!(first.problems.len(), 1, "two images: {:?}", texts(&first.problems));
    let lists = first.patches.iter().filter(|patch| patch.pointer == "/in");
    let appended: Vec<_> = lists.map(|patch| (patch.change.clone(), &*patch.policy)).collect();
    let append = |value: &str| Change::Append(format!("{value:?}"));
    assert_eq!(appended, [(append("y"), "b"), (append("z"), "a"), (append("z"), "c")]);
    for order in &orders {
        for n in [1, 4] {
            assert_eq!(mutated(order, n), first, "{order:?} on {n} threads");
        }
    }
}
