//! Lower bounds: what no placement can get around. Each one that is broken refutes by itself.
//!
//! First those that an operator checks in the head: sums, pods that must be apart, pods too large for any
//! host. Only if none of them is broken, the finer ones: they would only repeat the same.
//!
//! Start with [`broken`].

use std::collections::BTreeSet;

use super::{Bound, DIMS, Instance, as_index, fits};

/// All bounds that are broken.
pub(super) fn broken(instance: &Instance) -> Vec<Bound> {
    let mut found = alone(instance);
    found.extend(sums(instance));
    found.extend(apart(instance));
    if found.is_empty() {
        found.extend(large(instance));
    }
    found
}

fn wanted(instance: &Instance) -> impl Iterator<Item = usize> + '_ {
    (0..instance.groups.len()).filter(|group| instance.groups[*group].count > 0)
}

/// Groups of which not one item fits anywhere.
fn alone(instance: &Instance) -> Vec<Bound> {
    let nowhere = |group: &usize| {
        let demand = &instance.groups[*group].demand;
        !(0..instance.bins.len())
            .any(|bin| instance.takes(bin, *group) && fits(demand, &instance.bins[bin].free))
    };
    wanted(instance).filter(nowhere).map(|group| Bound::Alone { group }).collect()
}

/// Sums: over everything, and over what may go to the same few bins only.
fn sums(instance: &Instance) -> Vec<Bound> {
    let all: Vec<bool> = vec![true; instance.bins.len()];
    let mut found = sums_within(instance, &all, &wanted(instance).collect::<Vec<_>>());
    if found.is_empty() {
        let sets: BTreeSet<&Vec<bool>> =
            wanted(instance).filter_map(|g| instance.groups[g].only.as_ref()).collect();
        for set in sets {
            let inside = |group: &usize| {
                instance.groups[*group]
                    .only
                    .as_ref()
                    .is_some_and(|only| only.iter().zip(set).all(|(own, set)| !own || *set))
            };
            let groups: Vec<usize> = wanted(instance).filter(inside).collect();
            found.extend(sums_within(instance, set, &groups));
        }
    }
    found
}

fn sums_within(instance: &Instance, bins: &[bool], groups: &[usize]) -> Vec<Bound> {
    let mut found = Vec::new();
    for dim in 0..DIMS {
        let of = |group: usize| {
            let group = &instance.groups[group];
            group.demand[dim].saturating_mul(u64::from(group.count))
        };
        let demand = groups.iter().fold(0_u64, |sum, group| sum.saturating_add(of(*group)));
        let free = instance
            .bins
            .iter()
            .zip(bins)
            .filter(|(_, taken)| **taken)
            .fold(0_u64, |sum, (bin, _)| sum.saturating_add(bin.free[dim]));
        if demand > free {
            found.push(Bound::Sum { dim, demand, free, groups: fewest(groups, of, free) });
        }
    }
    found
}

/// The fewest groups that together ask for more than `free`: the largest ones.
fn fewest(groups: &[usize], of: impl Fn(usize) -> u64, free: u64) -> Vec<usize> {
    let mut order = groups.to_vec();
    order.sort_by_key(|group| (std::cmp::Reverse(of(*group)), *group));
    let mut sum = 0_u64;
    let mut kept = Vec::new();
    for group in order {
        if sum > free {
            break;
        }
        sum = sum.saturating_add(of(group));
        kept.push(group);
    }
    kept
}

/// Items that must be apart need as many domains that take one of them.
fn apart(instance: &Instance) -> Vec<Bound> {
    let mut found = Vec::new();
    for class in 0..instance.classes.len() {
        let groups: Vec<usize> =
            wanted(instance).filter(|group| instance.groups[*group].class == Some(class)).collect();
        let items = groups.iter().map(|group| u64::from(instance.groups[*group].count)).sum();
        if let Some(domains) = domains(instance, class).filter(|domains| items > *domains && *domains > 0) {
            found.push(Bound::Apart { class, items, domains, groups });
        }
    }
    found
}

/// What items of a class must not share, as far as it takes one of them; `None` where there is no end of it:
/// a host outside of racks takes any number of items that must be apart by rack.
pub(super) fn domains(instance: &Instance, class: usize) -> Option<u64> {
    let level = *instance.classes.get(class)?;
    let groups: Vec<usize> =
        wanted(instance).filter(|group| instance.groups[*group].class == Some(class)).collect();
    let mut domains = BTreeSet::new();
    for (at, bin) in instance.bins.iter().enumerate() {
        let takes = groups
            .iter()
            .any(|group| instance.takes(at, *group) && fits(&instance.groups[*group].demand, &bin.free));
        if takes {
            domains.insert(instance.domain(level, at)?);
        }
    }
    Some(domains.len() as u64)
}

/// Items of at least some size in one dimension, against how many of that size the bins hold.
fn large(instance: &Instance) -> Vec<Bound> {
    let mut found = Vec::new();
    for dim in 0..DIMS {
        let sizes: BTreeSet<u64> = wanted(instance)
            .map(|group| instance.groups[group].demand[dim])
            .filter(|size| *size > 0)
            .collect();
        let broken = sizes.into_iter().rev().find_map(|size| large_of(instance, dim, size));
        found.extend(broken);
    }
    found
}

fn large_of(instance: &Instance, dim: usize, size: u64) -> Option<Bound> {
    let mut groups: Vec<usize> =
        wanted(instance).filter(|group| instance.groups[*group].demand[dim] >= size).collect();
    let items = |groups: &[usize]| -> u64 {
        groups.iter().map(|group| u64::from(instance.groups[*group].count)).sum()
    };
    let room = instance.bins.iter().fold(0_u64, |sum, bin| sum.saturating_add(bin.free[dim] / size));
    if items(&groups) <= room {
        return None;
    }
    // The fewest groups: those with the most items.
    groups.sort_by_key(|group| (std::cmp::Reverse(instance.groups[*group].count), *group));
    let all = items(&groups);
    let mut sum = 0_u64;
    let kept = groups.iter().take_while(|group| {
        let more = sum <= room;
        sum = sum.saturating_add(as_index(instance.groups[**group].count) as u64);
        more
    });
    let kept: Vec<usize> = kept.copied().collect();
    Some(Bound::Large { dim, size, items: all, room, groups: kept })
}
