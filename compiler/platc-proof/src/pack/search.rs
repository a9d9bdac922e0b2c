//! Exhaustive search: every arrangement, but for those that differ only in names. It ends with a
//! placement, with the certainty that there is none, or out of steps.
//!
//! Start with [`search`].

use super::{DIMS, Instance, Placement, State, Vector, as_index};

/// How a search ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// With a placement.
    Found(Placement),
    /// There is none.
    Exhausted,
    /// It was cut off.
    OutOfSteps,
}

/// Tries every arrangement, up to so many items tried on bins.
pub(super) fn search(instance: &Instance, steps: u64) -> End {
    let mut order: Vec<usize> =
        (0..instance.groups.len()).filter(|group| instance.groups[*group].count > 0).collect();
    let size = |group: &usize| {
        let group = &instance.groups[*group];
        let share = |dim: usize| {
            let total: u64 = instance.bins.iter().fold(0, |sum, bin| sum.saturating_add(bin.free[dim]));
            group.demand[dim] as f64 / total.max(1) as f64
        };
        (0..DIMS).map(share).fold(0.0, f64::max)
    };
    order.sort_by(|a, b| {
        let apart = |group: &usize| instance.groups[*group].class.is_some();
        size(b).total_cmp(&size(a)).then_with(|| apart(b).cmp(&apart(a))).then_with(|| a.cmp(b))
    });
    // One entry for each item, so that the search is a walk along a list.
    let mut items = Vec::new();
    for group in order {
        for nth in 0..instance.groups[group].count {
            items.push((group, nth > 0));
        }
    }
    let mut rest = vec![[0_u64; DIMS]; items.len() + 1];
    for (at, (group, _)) in items.iter().enumerate().rev() {
        let demand = &instance.groups[*group].demand;
        rest[at] = std::array::from_fn(|dim| rest[at + 1][dim].saturating_add(demand[dim]));
    }
    let mut walk = Walk { instance, items, rest, state: State::new(instance), steps };
    walk.run()
}

struct Walk<'i> {
    instance: &'i Instance,
    /// Group of each item, and whether the item before is of the same.
    items: Vec<(usize, bool)>,
    /// What is still to be placed from each item on.
    rest: Vec<Vector>,
    state: State<'i>,
    steps: u64,
}

/// A place in the walk: which bin the item is on, and which the next one to try is.
#[derive(Clone, Copy)]
struct Here {
    bin: Option<usize>,
    next: usize,
}

impl Walk<'_> {
    /// Depth first, without recursion: a platform may have more items than a stack has frames.
    fn run(&mut self) -> End {
        let mut path: Vec<Here> = vec![Here { bin: None, next: 0 }];
        loop {
            let at = path.len() - 1;
            if at == self.items.len() {
                return End::Found(
                    std::mem::replace(&mut self.state, State::new(self.instance)).into_placement(),
                );
            }
            let group = self.items[at].0;
            let here = &mut path[at];
            if let Some(bin) = here.bin.take() {
                self.state.remove(group, bin);
            }
            let from = here.next;
            match self.next_bin(group, from, at) {
                Err(()) => return End::OutOfSteps,
                Ok(Some(bin)) => {
                    let here = &mut path[at];
                    *here = Here { bin: Some(bin), next: bin + 1 };
                    self.state.put(group, bin);
                    // Equal items go to bins in order: any other order is the same arrangement.
                    let same = self.items.get(at + 1).is_some_and(|(_, same)| *same);
                    let dead = !self.is_open(at + 1);
                    // Looking at every bin is as much work as trying every bin.
                    self.steps = self.steps.saturating_sub(self.instance.bins.len() as u64);
                    path.push(Here { bin: None, next: if same { bin } else { 0 } });
                    if dead {
                        path.pop();
                    }
                }
                Ok(None) => {
                    path.pop();
                    if path.is_empty() {
                        return End::Exhausted;
                    }
                }
            }
        }
    }

    /// The next bin that takes one of the group and is not like one that was tried before it.
    fn next_bin(&mut self, group: usize, from: usize, at: usize) -> Result<Option<usize>, ()> {
        let first = match at.checked_sub(1) {
            Some(_) if self.items[at].1 => self.last_bin_of(group),
            _ => 0,
        };
        for bin in from..self.instance.bins.len() {
            self.steps = self.steps.checked_sub(1).ok_or(())?;
            if !self.state.may_take(bin, group) {
                continue;
            }
            let tried = (first..bin).any(|other| self.state.are_alike(other, bin));
            if !tried {
                return Ok(Some(bin));
            }
        }
        Ok(None)
    }

    fn last_bin_of(&self, group: usize) -> usize {
        (0..self.instance.bins.len()).rev().find(|bin| self.state.holds(*bin, group)).unwrap_or(0)
    }

    /// Whether what is left may still suffice for what is still to come.
    fn is_open(&self, at: usize) -> bool {
        let rest = &self.rest[at];
        (0..DIMS).all(|dim| {
            let free = self.state.free().iter().fold(0_u64, |sum, free| sum.saturating_add(free[dim]));
            rest[dim] <= free
        }) && self.next_has_room(at)
    }

    /// Whether the items of the next group find room, counted bin by bin.
    fn next_has_room(&self, at: usize) -> bool {
        let Some((group, false)) = self.items.get(at).copied() else { return true };
        let wanted = &self.instance.groups[group];
        let room = |bin: usize| -> u64 {
            if !self.state.may_take(bin, group) {
                return 0;
            }
            let free = &self.state.free()[bin];
            let most =
                (0..DIMS).filter(|dim| wanted.demand[*dim] > 0).map(|dim| free[dim] / wanted.demand[dim]);
            most.min().unwrap_or(u64::MAX).min(u64::from(wanted.count))
        };
        let total: u64 = (0..self.instance.bins.len()).map(room).sum();
        total >= as_index(wanted.count) as u64
    }
}
