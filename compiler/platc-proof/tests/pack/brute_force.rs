//! The packer against a search that is too simple to be wrong: 2,000 random small platforms, each whole and
//! without each of its hosts.
//!
//! Start with `never_wrong_and_seldom_unknown`.

use platc_proof::pack::{Bin, Bound, DIMS, Group, Instance, Level, Limits, Trial, Vector, Verdict, pack};

use crate::random::Random;

/// A platform of at most six hosts and nine pods, loaded so that about half of them do not fit.
fn platform(random: &mut Random) -> Instance {
    let n_bins = random.within(1, 6);
    let bins: Vec<Bin> = (0..n_bins)
        .map(|_| Bin {
            free: [random.within(2, 12), random.within(2, 12), random.within(1, 5)],
            rack: (random.within(0, 3) > 0).then(|| u32::try_from(random.within(0, 2)).unwrap()),
            datacenter: u32::try_from(random.within(0, 1)).unwrap(),
        })
        .collect();
    let levels = [Level::Host, Level::Host, Level::Rack, Level::Datacenter];
    let classes: Vec<Level> =
        (0..random.within(0, 2)).map(|_| levels[usize::try_from(random.within(0, 3)).unwrap()]).collect();
    let mut left = 9;
    let mut groups = Vec::new();
    for _ in 0..random.within(1, 5) {
        let count = random.within(1, 3).min(left);
        left -= count;
        let class = random.within(0, 2 * classes.len() as u64);
        let some = random.within(0, 3) == 0;
        groups.push(Group {
            demand: [random.within(0, 7), random.within(0, 7), 1],
            count: u32::try_from(count).unwrap(),
            class: usize::try_from(class).ok().filter(|class| *class < classes.len()),
            only: some.then(|| (0..n_bins).map(|_| random.within(0, 2) > 0).collect()),
            bound: false,
        });
    }
    Instance { bins, groups, classes }
}

/// Tries every bin for every pod.
fn brute_force(instance: &Instance, pods: &[usize], placed: &mut Vec<usize>) -> bool {
    let Some(group) = pods.get(placed.len()) else { return true };
    for bin in 0..instance.bins.len() {
        if allowed(instance, pods, placed, *group, bin) {
            placed.push(bin);
            if brute_force(instance, pods, placed) {
                return true;
            }
            placed.pop();
        }
    }
    false
}

fn allowed(instance: &Instance, pods: &[usize], placed: &[usize], group: usize, bin: usize) -> bool {
    let own = &instance.groups[group];
    if own.only.as_ref().is_some_and(|only| !only[bin]) {
        return false;
    }
    let mut used: Vector = own.demand;
    for (other, at) in pods.iter().zip(placed) {
        let other = &instance.groups[*other];
        if *at == bin {
            for (used, demand) in used.iter_mut().zip(other.demand) {
                *used += demand;
            }
        }
        let Some(class) = own.class.filter(|class| other.class == Some(*class)) else { continue };
        let (a, b) = (&instance.bins[bin], &instance.bins[*at]);
        let together = match instance.classes[class] {
            Level::Host => bin == *at,
            Level::Rack => a.rack.is_some() && a.rack == b.rack,
            Level::Datacenter => a.datacenter == b.datacenter,
        };
        if together {
            return false;
        }
    }
    (0..DIMS).all(|dim| used[dim] <= instance.bins[bin].free[dim])
}

fn pods(instance: &Instance) -> Vec<usize> {
    let each = instance.groups.iter().enumerate();
    each.flat_map(|(at, group)| (0..group.count).map(move |_| at)).collect()
}

fn truth(instance: &Instance) -> bool {
    brute_force(instance, &pods(instance), &mut Vec::new())
}

/// The instance without one of its bins.
fn without(instance: &Instance, bin: usize) -> Instance {
    let mut rest = instance.clone();
    rest.bins.remove(bin);
    for only in rest.groups.iter_mut().filter_map(|group| group.only.as_mut()) {
        only.remove(bin);
    }
    rest
}

/// A refutation replays: the groups that it names do not fit, and a bound says true figures.
fn replay(instance: &Instance, bound: &Bound, seed: u64) {
    let mut core = instance.clone();
    for (at, group) in core.groups.iter_mut().enumerate() {
        if !bound.groups().contains(&at) {
            group.count = 0;
        }
    }
    assert!(!truth(&core), "platform {seed}: what {bound:?} names does fit");
    if let Bound::Sum { dim, demand, free, groups } = bound {
        let smaller: u64 = groups
            .iter()
            .skip(1)
            .map(|group| instance.groups[*group].demand[*dim] * u64::from(instance.groups[*group].count))
            .sum();
        assert!(demand > free, "platform {seed}: {bound:?}");
        assert!(smaller <= *free, "platform {seed}: {bound:?} is not the smallest set");
    }
    if let Bound::Search { groups } = bound {
        for left_out in groups {
            let mut rest = core.clone();
            rest.groups[*left_out].count = 0;
            assert!(truth(&rest), "platform {seed}: {groups:?} is more than is needed");
        }
    }
}

#[test]
fn never_wrong_and_seldom_unknown() {
    let (mut fits, mut refuted, mut unknown, mut by_search) = (0, 0, 0, 0);
    for seed in 0..2000 {
        let whole = platform(&mut Random(seed));
        let cases =
            std::iter::once(whole.clone()).chain((0..whole.bins.len()).map(|bin| without(&whole, bin)));
        for instance in cases {
            let verdict = pack(&instance, Limits::default());
            assert_eq!(verdict, pack(&instance, Limits::default()), "platform {seed}: twice, two verdicts");
            match &verdict {
                Verdict::Fits(placement) => {
                    assert!(instance.accepts(placement), "platform {seed}: {placement:?} is none");
                    assert!(truth(&instance), "platform {seed} does not fit");
                    fits += 1;
                }
                Verdict::Refuted(bounds) => {
                    assert!(!truth(&instance), "platform {seed} fits: {bounds:?}");
                    assert!(!bounds.is_empty());
                    bounds.iter().for_each(|bound| replay(&instance, bound, seed));
                    by_search += u32::from(matches!(bounds[0], Bound::Search { .. }));
                    refuted += 1;
                }
                Verdict::Unknown => unknown += 1,
            }
        }
    }
    println!("{fits} fit, {refuted} do not ({by_search} by search), {unknown} unknown");
    let all = fits + refuted + unknown;
    assert!(unknown * 50 < all, "{unknown} of {all} are unknown");
    // A generator that makes only easy platforms would show nothing.
    assert!(fits > 2000 && refuted > 2000 && by_search > 100, "{fits}, {refuted}, {by_search}");
}

#[test]
fn what_moves_after_a_loss_is_a_placement_again() {
    let mut moved = 0;
    for seed in 0..2000 {
        let instance = platform(&mut Random(seed));
        let Verdict::Fits(placement) = pack(&instance, Limits::default()) else { continue };
        let mut trial = Trial::of(&instance, &placement);
        for bin in 0..instance.bins.len() {
            let Ok(done) = trial.without(&[bin]) else { continue };
            let mut after = placement.clone();
            for step in &done.moves {
                let bins = &mut after.bins_of[step.group];
                let from = bins.iter().position(|own| *own == step.from).expect("it was there");
                bins[from] = step.to;
            }
            assert!(instance.accepts(&after), "platform {seed}");
            assert!(
                after.bins_of.iter().flatten().all(|own| *own != bin),
                "platform {seed}: somebody stayed"
            );
            assert!(truth(&without(&instance, bin)), "platform {seed}");
            moved += done.moves.len();
            let fresh = Trial::of(&instance, &placement).without(&[bin]);
            assert_eq!(fresh, Ok(done), "platform {seed}: what was asked before left a trace");
        }
    }
    assert!(moved > 500, "{moved} moves");
}
