//! Puts the patches of all policies together, so that the order of policies never matters.
//!
//! Patches address the model as it was before any of them. Two that set one path to one value agree;
//! elements for one list are all taken, sorted by value and then policy; everything else that meets (two
//! values for a path, a removal beside a change, a replacement around a change) is a conflict, because its
//! result would depend on who comes first.
//!
//! Not here: whether a patch makes sense to the model; it is checked again like the author's own words.
//!
//! Start with [`merge`].

use platc_artifact::judge::{Change, Patch};
use platc_artifact::view::NodeId;

/// What came of putting patches together.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Merged {
    /// Patches that can be applied in any order, sorted by node, path, change and policy.
    pub patches: Vec<Patch>,
    /// Pairs that meet, in the same order. Neither of a pair is in `patches`.
    pub conflicts: Vec<Conflict>,
}

/// Two patches that cannot both be.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Conflict {
    /// The one whose path is shorter; of equal paths, the first in the order of patches.
    pub outer: Patch,
    /// The other.
    pub inner: Patch,
}

/// The patches of one path.
struct Group {
    node: NodeId,
    parts: Vec<String>,
    patches: Vec<Patch>,
    in_conflict: bool,
}

/// Puts patches together. The result depends on which they are, not on how they are ordered.
pub fn merge(patches: impl IntoIterator<Item = Patch>) -> Merged {
    let mut groups = group(patches);
    let mut conflicts = Vec::new();
    for group in &mut groups {
        conflicts.extend(settle(group));
    }
    conflicts.extend(around(&mut groups));
    conflicts.sort_unstable();
    let kept = groups.into_iter().filter(|group| !group.in_conflict).flat_map(|group| group.patches);
    Merged { patches: kept.collect(), conflicts }
}

/// Sorted so that what lies inside a path follows it directly: by parts, because as texts `/a-b` would
/// come between `/a` and `/a/b`.
fn group(patches: impl IntoIterator<Item = Patch>) -> Vec<Group> {
    let mut patches: Vec<(Vec<String>, Patch)> = patches
        .into_iter()
        .map(|patch| (patch.pointer.split('/').map(str::to_owned).collect(), patch))
        .collect();
    patches.sort_unstable_by(|(a_parts, a), (b_parts, b)| (a.node, a_parts, a).cmp(&(b.node, b_parts, b)));
    let mut groups: Vec<Group> = Vec::new();
    for (parts, patch) in patches {
        match groups.last_mut() {
            Some(group) if group.node == patch.node && group.parts == parts => group.patches.push(patch),
            _ => groups.push(Group { node: patch.node, parts, patches: vec![patch], in_conflict: false }),
        }
    }
    groups
}

/// Patches of one path: those that agree become one, those that do not are a conflict.
fn settle(group: &mut Group) -> Option<Conflict> {
    let first = group.patches.first()?;
    if group.patches.iter().all(|patch| matches!(patch.change, Change::Append(_))) {
        return None;
    }
    // The same word from two is no contradiction: the first of them stands for both.
    let Some(other) = group.patches.iter().find(|patch| patch.change != first.change) else {
        group.patches.truncate(1);
        return None;
    };
    let conflict = Conflict { outer: first.clone(), inner: other.clone() };
    group.in_conflict = true;
    Some(conflict)
}

/// A path that is set or removed as a whole, and changes inside it.
fn around(groups: &mut [Group]) -> Vec<Conflict> {
    let mut conflicts = Vec::new();
    let mut met = Vec::new();
    // Numbers of the groups that enclose the current one and replace what is inside them.
    let mut enclosing: Vec<usize> = Vec::new();
    for (n, inner) in groups.iter().enumerate() {
        enclosing.retain(|outer| groups.get(*outer).is_some_and(|outer| encloses(outer, inner)));
        if let Some((outer_n, outer)) = enclosing.last().and_then(|outer| Some((*outer, groups.get(*outer)?)))
        {
            let whole = outer.patches.iter().find(|patch| replaces(patch));
            if let Some((outer, inner)) = whole.zip(inner.patches.first()) {
                conflicts.push(Conflict { outer: outer.clone(), inner: inner.clone() });
                met.extend([outer_n, n]);
            }
        }
        if inner.patches.iter().any(replaces) {
            enclosing.push(n);
        }
    }
    for n in met {
        if let Some(group) = groups.get_mut(n) {
            group.in_conflict = true;
        }
    }
    conflicts
}

fn encloses(outer: &Group, inner: &Group) -> bool {
    outer.node == inner.node && inner.parts.starts_with(&outer.parts)
}

fn replaces(patch: &Patch) -> bool {
    matches!(patch.change, Change::Set(_) | Change::Remove)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn patch(policy: &str, pointer: &str, change: Change) -> Patch {
        Patch {
            node: NodeId(0),
            pointer: pointer.into(),
            change,
            policy: policy.into(),
            rule: "r".into(),
            reason: "because".into(),
        }
    }

    fn set(value: &str) -> Change {
        Change::Set(value.into())
    }

    fn append(value: &str) -> Change {
        Change::Append(value.into())
    }

    #[test]
    fn two_values_for_one_path_name_both() {
        let merged = merge([patch("b", "/x", set("2")), patch("a", "/x", set("1"))]);
        assert_eq!(merged.patches, []);
        let named: Vec<_> = merged
            .conflicts
            .iter()
            .map(|conflict| (&*conflict.outer.policy, &*conflict.inner.policy))
            .collect();
        assert_eq!(named, [("a", "b")]);
    }

    #[test]
    fn one_value_from_two_is_agreement() {
        let merged = merge([patch("b", "/x", set("1")), patch("a", "/x", set("1"))]);
        assert_eq!(merged.patches, [patch("a", "/x", set("1"))]);
        assert_eq!(merged.conflicts, []);
    }

    #[test]
    fn appended_elements_are_sorted_by_value_then_policy() {
        let merged = merge([
            patch("b", "/l", append("1")),
            patch("a", "/l", append("2")),
            patch("a", "/l", append("1")),
        ]);
        let order: Vec<_> =
            merged.patches.iter().map(|patch| (&*patch.policy, patch.change.clone())).collect();
        assert_eq!(order, [("a", append("1")), ("b", append("1")), ("a", append("2"))]);
    }

    #[test]
    fn a_removal_beside_a_change_at_or_below_is_a_conflict() {
        for (pointer, change) in
            [("/x", set("1")), ("/x", append("1")), ("/x/y", set("1")), ("/x/y", Change::Remove)]
        {
            let merged = merge([patch("a", "/x", Change::Remove), patch("b", pointer, change)]);
            assert_eq!((merged.patches.len(), merged.conflicts.len()), (0, 1), "{pointer}");
        }
    }

    #[test]
    fn a_replacement_around_a_change_is_a_conflict() {
        let merged = merge([patch("a", "/x", set("{}")), patch("b", "/x/y/z", set("1"))]);
        assert_eq!((merged.patches.len(), merged.conflicts.len()), (0, 1));
    }

    #[test]
    fn neighbours_and_namesakes_do_not_meet() {
        let patches = [
            patch("a", "/x", set("{}")),
            patch("b", "/x-y", set("1")),
            patch("b", "/xy", Change::Remove),
            patch("c", "/l", append("1")),
            patch("c", "/l/0", set("2")),
        ];
        let merged = merge(patches.clone());
        assert_eq!((merged.patches.len(), merged.conflicts.len()), (5, 0));
        let mut elsewhere = patch("b", "/x/y", set("1"));
        elsewhere.node = NodeId(1);
        let merged = merge(patches.into_iter().chain([elsewhere]));
        assert_eq!((merged.patches.len(), merged.conflicts.len()), (6, 0), "the same path of another node");
    }

    fn any_patch() -> impl Strategy<Value = Patch> {
        let pointer = prop::sample::select(vec!["/a", "/a/b", "/a/b/c", "/a-b", "/l", "/l/0", "/d"]);
        let change = prop_oneof![
            (0..3_u32).prop_map(|n| set(&n.to_string())),
            (0..3_u32).prop_map(|n| append(&n.to_string())),
            Just(Change::Remove),
        ];
        let policy = prop::sample::select(vec!["p", "q", "r"]);
        (policy, pointer, change, 0..2_u32).prop_map(|(policy, pointer, change, node)| {
            let mut patch = patch(policy, pointer, change);
            patch.node = NodeId(node);
            patch
        })
    }

    fn config() -> ProptestConfig {
        // A fixed seed: the suite says the same each day.
        ProptestConfig {
            rng_seed: prop::test_runner::RngSeed::Fixed(7),
            failure_persistence: None,
            ..Default::default()
        }
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn the_order_of_policies_never_matters(
            (patches, shuffled) in prop::collection::vec(any_patch(), 0..12)
                .prop_flat_map(|patches| (Just(patches.clone()), Just(patches).prop_shuffle()))
        ) {
            prop_assert_eq!(merge(patches), merge(shuffled));
        }

        #[test]
        fn what_is_merged_meets_nothing(patches in prop::collection::vec(any_patch(), 0..12)) {
            let merged = merge(patches.clone());
            for (n, a) in merged.patches.iter().enumerate() {
                for b in merged.patches.iter().skip(n + 1) {
                    let inside = |outer: &Patch, inner: &Patch| {
                        let rest = inner.pointer.strip_prefix(&outer.pointer);
                        outer.node == inner.node && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                    };
                    prop_assert!(!(replaces(a) && inside(a, b)), "{a:?} replaces {b:?}");
                    prop_assert!(!(replaces(b) && inside(b, a)), "{b:?} replaces {a:?}");
                }
            }
            let again = merge(merged.patches.clone());
            prop_assert_eq!(&again.patches, &merged.patches);
            prop_assert_eq!(again.conflicts, vec![]);
            // Nothing is lost without a word.
            for patch in patches {
                let same = |other: &Patch| other.node == patch.node && other.pointer == patch.pointer;
                let spoken = merged.patches.iter().any(same)
                    || merged.conflicts.iter().any(|conflict| same(&conflict.outer) || same(&conflict.inner));
                prop_assert!(spoken, "{patch:?} vanished");
            }
        }
    }
}
