//! Repair: what the heuristics left over is forced in, and what must make way for it looks for a place in turn.
//!
//! The scheme is that of ejection pools (Nagata and Bräysy, "A powerful route minimization heuristic for the
//! vehicle routing problem with time windows", 2009), carried over to bins: an item that found no place
//! becomes dearer, the cheapest one or two items that would make room for it are thrown out, and some random
//! moves and exchanges loosen the rest. Items that are hard to place grow dear and are left alone in the end.
//! Random numbers come from a fixed seed, so equal instances end alike.
//!
//! Start with [`repair`].

use super::greedy::{Partial, Rival, State};
use super::{Instance, Vector, fits};

/// Moves and exchanges that are tried after each ejection. From 20 on more of them find no more.
const LOOSENINGS: u32 = 20;

/// Finds places for what is left over, within so many items tried on bins.
pub(super) fn repair<'i>(instance: &'i Instance, partial: Partial<'i>, steps: u64) -> Option<State<'i>> {
    let mut work = Repair {
        instance,
        state: partial.state,
        homeless: partial.homeless,
        price: vec![1; instance.groups.len()],
        random: Random(instance.groups.len() as u64),
        steps,
    };
    work.run().then_some(work.state)
}

struct Repair<'i> {
    instance: &'i Instance,
    state: State<'i>,
    /// Groups of items without a place, the largest last.
    homeless: Vec<usize>,
    /// What throwing out one of a group costs: how often one of it found no place.
    price: Vec<u64>,
    random: Random,
    steps: u64,
}

/// Items of a bin that could make way, and what that costs: their price, then their size.
struct Ejection {
    cost: (u64, f64),
    bin: usize,
    groups: Vec<usize>,
}

impl Repair<'_> {
    fn run(&mut self) -> bool {
        while let Some(group) = self.homeless.pop() {
            let Some(left) = self.steps.checked_sub(self.state.n_bins() as u64) else { return false };
            self.steps = left;
            if let Some(bin) = self.state.tightest(group) {
                self.state.put(group, bin);
                continue;
            }
            self.price[group] = self.price[group].saturating_add(1);
            let Some(ejection) = self.cheapest(group) else { return false };
            for other in ejection.groups {
                self.state.remove(other, ejection.bin);
                self.homeless.push(other);
            }
            self.state.put(group, ejection.bin);
            let state = &self.state;
            self.homeless.sort_by(|a, b| state.bulk(*a).total_cmp(&state.bulk(*b)).then_with(|| b.cmp(a)));
            for _ in 0..LOOSENINGS {
                self.loosen();
            }
        }
        true
    }

    /// The cheapest one or two items that would make room for one of the group; `None` if there are none,
    /// or out of steps.
    fn cheapest(&mut self, group: usize) -> Option<Ejection> {
        let mut best: Option<Ejection> = None;
        for bin in 0..self.state.n_bins() {
            if self.instance.takes(bin, group) {
                self.cheapest_in(group, bin, &mut best)?;
            }
        }
        best
    }

    fn cheapest_in(&mut self, group: usize, bin: usize, best: &mut Option<Ejection>) -> Option<()> {
        let wanted = &self.instance.groups[group].demand;
        let rival = match self.state.rival(bin, group) {
            Rival::Nobody => None,
            // Who is there and must be apart from it has to go in any case.
            Rival::Here(rival) => Some(rival),
            Rival::Elsewhere => return Some(()),
        };
        let here = self.state.kinds_on(bin);
        for (at, (first, count)) in here.iter().enumerate() {
            self.steps = self.steps.checked_sub(1)?;
            let free = self.with(self.state.free()[bin], *first);
            if fits(wanted, &free) && rival.is_none_or(|rival| rival == *first) {
                self.offer(best, bin, &[*first]);
                continue;
            }
            let dearest = best.as_ref().map_or(u64::MAX, |best| best.cost.0);
            let others = here.iter().skip(at + usize::from(*count < 2));
            for (second, _) in others {
                self.steps = self.steps.checked_sub(1)?;
                let goes = rival.is_none_or(|rival| rival == *first || rival == *second);
                let price = self.price[*first].saturating_add(self.price[*second]);
                if goes && price <= dearest && fits(wanted, &self.with(free, *second)) {
                    self.offer(best, bin, &[*first, *second]);
                }
            }
        }
        Some(())
    }

    fn with(&self, free: Vector, group: usize) -> Vector {
        let freed = &self.instance.groups[group].demand;
        std::array::from_fn(|dim| free[dim].saturating_add(freed[dim]))
    }

    fn offer(&mut self, best: &mut Option<Ejection>, bin: usize, groups: &[usize]) {
        let price = groups.iter().fold(0_u64, |sum, group| sum.saturating_add(self.price[*group]));
        let size: f64 = groups.iter().map(|group| self.state.bulk(*group)).sum();
        // Of those that are nearly alike a random one, or the same few would go round in circles.
        let cost = (price, size * (1.0 + self.random.below(1024) as f64 / 4096.0));
        let cheaper = |best: &Ejection| {
            cost.0 < best.cost.0 || (cost.0 == best.cost.0 && cost.1.total_cmp(&best.cost.1).is_lt())
        };
        if best.as_ref().is_none_or(cheaper) {
            *best = Some(Ejection { cost, bin, groups: groups.to_vec() });
        }
    }

    /// A random item goes to a random bin, or changes places with a random item there, if that is allowed.
    fn loosen(&mut self) {
        self.steps = self.steps.saturating_sub(1);
        let n_bins = self.state.n_bins();
        let (from, to) = (self.random.below(n_bins), self.random.below(n_bins));
        let Some(first) = self.random_on(from).filter(|_| from != to) else { return };
        let second = if self.random.below(4) == 0 { None } else { self.random_on(to) };
        self.state.remove(first, from);
        if let Some(second) = second {
            self.state.remove(second, to);
        }
        let here = self.state.may_take(to, first);
        if here {
            self.state.put(first, to);
        }
        let there = second.is_none_or(|second| self.state.may_take(from, second));
        match (here, there) {
            (true, true) => second.into_iter().for_each(|second| self.state.put(second, from)),
            (is_there, _) => {
                if is_there {
                    self.state.remove(first, to);
                }
                self.state.put(first, from);
                second.into_iter().for_each(|second| self.state.put(second, to));
            }
        }
    }

    fn random_on(&mut self, bin: usize) -> Option<usize> {
        let on = self.state.on(bin);
        on.get(self.random.below(on.len().max(1))).copied()
    }
}

/// `SplitMix64` (Steele and others, "Fast splittable pseudorandom number generators", 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let number = z ^ (z >> 31);
        usize::try_from(number % (end.max(1) as u64)).unwrap_or(0)
    }
}
