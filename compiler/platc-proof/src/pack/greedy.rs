//! Constructive heuristics: items one after the other, in several orders, each onto the bin that a rule
//! likes best; and moves of single items that make room for one more.
//!
//! The rules are those that the literature on vector bin packing finds best: even load (what the
//! scheduler does), best fit, and the dot product of what an item wants and what a bin has (Panigrahy and
//! others, "Heuristics for Vector Bin Packing", 2011). The first that places everything wins.
//!
//! Start with [`construct`] and [`State`].

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::{DIMS, Instance, Placement, Vector, fits};

/// A placement in the making.
#[derive(Clone, Debug)]
pub struct State<'i> {
    instance: &'i Instance,
    /// What is left of each bin.
    free: Vec<Vector>,
    /// Bins that are gone.
    lost: Vec<bool>,
    /// Groups of the items on each bin.
    on: Vec<Vec<usize>>,
    /// For each class, the domains that hold an item of it: a bit each. One is all that a domain may hold,
    /// and bits keep a state of a thousand hosts and services small enough to be copied for each loss.
    taken: Vec<Vec<u64>>,
    /// One over the sum of all room, in each dimension: what is scarce weighs more.
    weight: [f64; DIMS],
}

/// An item went from one bin to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Move {
    /// Its group.
    pub group: usize,
    /// Where it was.
    pub from: usize,
    /// Where it is.
    pub to: usize,
}

/// What became of the items of bins that are gone.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Evacuation {
    /// Those that found places.
    pub moves: Vec<Move>,
    /// Groups and bins of those that are bound to theirs.
    pub waiting: Vec<(usize, usize)>,
}

/// What a bin is chosen by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Choice {
    /// The one that is left with the most of what it then has least of.
    Even,
    /// The one that is left with the least.
    Tight,
    /// The one whose room is most like what the item wants.
    Alike,
}

/// What items are ordered by, the largest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    /// The larger of the shares, those that must be apart first.
    Share,
    /// The sum of the shares.
    Sum,
    /// One dimension.
    Dim(usize),
}

/// The orders and rules that are tried, the likeliest first.
const TRIES: &[(Order, Choice)] = &[
    (Order::Share, Choice::Even),
    (Order::Sum, Choice::Tight),
    (Order::Sum, Choice::Alike),
    (Order::Share, Choice::Tight),
    (Order::Dim(0), Choice::Tight),
    (Order::Dim(1), Choice::Tight),
];

/// What a heuristic came to.
#[derive(Debug)]
pub(super) struct Partial<'i> {
    /// What has one.
    pub(super) state: State<'i>,
    /// Groups of the items that have none, the largest last.
    pub(super) homeless: Vec<usize>,
}

/// How the bins are liked for items of one demand that come one after the other: pods of a service, and of services
/// that want the same. The second of them looks at all bins once more, and the others at the best one only.
#[derive(Debug, Default)]
pub(super) struct Ranking {
    demand: Option<Vector>,
    best: Option<BinaryHeap<Liking>>,
}

/// How much a rule likes a bin, and which. Of two that it likes alike the first is taken.
pub(super) type Liking = (Score, Reverse<usize>);

/// How much a rule likes a bin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Score(f64);

impl Ord for Score {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Score {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Score {}

/// Who keeps an item from a bin, room aside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rival {
    /// Nobody.
    Nobody,
    /// An item of this group, on the same bin.
    Here(usize),
    /// An item on another host of the rack or datacenter.
    Elsewhere,
}

/// Places everything, if one of the heuristics can; otherwise as the one does that leaves least without a place.
pub(super) fn construct(instance: &Instance) -> Partial<'_> {
    let mut best: Option<(f64, Partial<'_>)> = None;
    for (order, choice) in TRIES {
        let partial = place(instance, *order, *choice);
        let left: f64 = partial.homeless.iter().map(|group| partial.state.bulk(*group)).sum();
        if partial.homeless.is_empty() {
            return partial;
        }
        if best.as_ref().is_none_or(|(least, _)| left < *least) {
            best = Some((left, partial));
        }
    }
    best.map_or_else(|| Partial { state: State::new(instance), homeless: Vec::new() }, |(_, best)| best)
}

fn place(instance: &Instance, order: Order, choice: Choice) -> Partial<'_> {
    let mut state = State::new(instance);
    let mut ranking = Ranking::default();
    let mut homeless = Vec::new();
    for group in state.ordered(order) {
        for nth in 0..instance.groups[group].count {
            // Room is made by moving up to the first that finds none; that one decides this try.
            if state.place(group, choice, &mut ranking).is_some() {
                continue;
            }
            ranking = Ranking::default();
            if !homeless.is_empty() || !state.move_and_place(group, choice) {
                homeless.extend((nth..instance.groups[group].count).map(|_| group));
                break;
            }
        }
    }
    homeless.reverse();
    Partial { state, homeless }
}

impl<'i> State<'i> {
    /// Nothing is placed yet.
    pub fn new(instance: &'i Instance) -> Self {
        let mut weight = [0.0; DIMS];
        for (dim, weight) in weight.iter_mut().enumerate() {
            let total = instance.bins.iter().fold(0_u64, |sum, bin| sum.saturating_add(bin.free[dim]));
            *weight = 1.0 / (total.max(1) as f64);
        }
        let domains = instance.classes.iter().map(|level| {
            let all = (0..instance.bins.len()).filter_map(|bin| instance.domain(*level, bin));
            vec![0; all.max().map_or(0, |last| last / 64 + 1)]
        });
        Self {
            free: instance.bins.iter().map(|bin| bin.free).collect(),
            lost: vec![false; instance.bins.len()],
            on: vec![Vec::new(); instance.bins.len()],
            taken: domains.collect(),
            instance,
            weight,
        }
    }

    /// A placement taken up again.
    pub fn of(instance: &'i Instance, placement: &Placement) -> Self {
        let mut state = Self::new(instance);
        for (group, bins) in placement.bins_of.iter().enumerate() {
            for bin in bins {
                state.put(group, *bin);
            }
        }
        state
    }

    /// How many bins there are.
    pub(super) fn n_bins(&self) -> usize {
        self.free.len()
    }

    /// Groups of the items on a bin.
    pub(super) fn on(&self, bin: usize) -> &[usize] {
        &self.on[bin]
    }

    /// Groups of the items on a bin, each once, and how many items of it are there.
    pub(super) fn kinds_on(&self, bin: usize) -> Vec<(usize, u32)> {
        let mut kinds: Vec<(usize, u32)> = Vec::new();
        for group in &self.on[bin] {
            match kinds.iter_mut().find(|(known, _)| known == group) {
                Some((_, count)) => *count += 1,
                None => kinds.push((*group, 1)),
            }
        }
        kinds
    }

    /// Who keeps one of the group from a bin, room aside.
    pub(super) fn rival(&self, bin: usize, group: usize) -> Rival {
        if self.is_apart(bin, group) {
            return Rival::Nobody;
        }
        let class = self.instance.groups[group].class;
        let here = self.on[bin].iter().find(|other| self.instance.groups[**other].class == class);
        here.map_or(Rival::Elsewhere, |rival| Rival::Here(*rival))
    }

    /// The bin that is left with the least by one more of the group.
    pub(super) fn tightest(&self, group: usize) -> Option<usize> {
        self.best(group, Choice::Tight)
    }

    /// The sum of the shares that an item takes.
    pub(super) fn bulk(&self, group: usize) -> f64 {
        let demand = &self.instance.groups[group].demand;
        (0..DIMS).map(|dim| demand[dim] as f64 * self.weight[dim]).sum()
    }

    /// What is left of each bin.
    pub fn free(&self) -> &[Vector] {
        &self.free
    }

    /// Whether a bin has room for one more of the group, and nobody there that it must be apart from.
    pub fn may_take(&self, bin: usize, group: usize) -> bool {
        if self.lost[bin] || !fits(&self.instance.groups[group].demand, &self.free[bin]) {
            return false;
        }
        self.instance.takes(bin, group) && self.is_apart(bin, group)
    }

    fn is_apart(&self, bin: usize, group: usize) -> bool {
        let Some(class) = self.instance.groups[group].class else { return true };
        let domain = self.instance.domain(self.instance.classes[class], bin);
        domain.is_none_or(|domain| self.taken[class][domain / 64] & (1 << (domain % 64)) == 0)
    }

    /// Puts one of the group there.
    pub(crate) fn put(&mut self, group: usize, bin: usize) {
        let demand = &self.instance.groups[group].demand;
        for (free, demand) in self.free[bin].iter_mut().zip(demand) {
            *free = free.saturating_sub(*demand);
        }
        self.on[bin].push(group);
        self.mark(group, bin, |word, bit| *word |= bit);
    }

    fn take(&mut self, group: usize, bin: usize) {
        let demand = &self.instance.groups[group].demand;
        for (free, demand) in self.free[bin].iter_mut().zip(demand) {
            *free = free.saturating_add(*demand);
        }
        if let Some(at) = self.on[bin].iter().rposition(|own| *own == group) {
            self.on[bin].remove(at);
        }
        self.mark(group, bin, |word, bit| *word &= !bit);
    }

    fn mark(&mut self, group: usize, bin: usize, change: impl FnOnce(&mut u64, u64)) {
        let Some(class) = self.instance.groups[group].class else { return };
        if let Some(domain) = self.instance.domain(self.instance.classes[class], bin) {
            change(&mut self.taken[class][domain / 64], 1 << (domain % 64));
        }
    }

    /// Takes one of the group away again.
    pub(super) fn remove(&mut self, group: usize, bin: usize) {
        self.take(group, bin);
    }

    /// Whether one of the group is there.
    pub(super) fn holds(&self, bin: usize, group: usize) -> bool {
        self.on[bin].contains(&group)
    }

    /// Whether two bins differ in nothing but their names: same room from the start, same items, same rack
    /// and datacenter, and the same groups that they take.
    pub(super) fn are_alike(&self, a: usize, b: usize) -> bool {
        let bins = &self.instance.bins;
        let same_items = || {
            let (mut of_a, mut of_b) = (self.on[a].clone(), self.on[b].clone());
            of_a.sort_unstable();
            of_b.sort_unstable();
            of_a == of_b
        };
        let taken = || {
            let groups = self.instance.groups.iter().filter_map(|group| group.only.as_ref());
            groups.into_iter().all(|only| only.get(a) == only.get(b))
        };
        bins[a] == bins[b] && self.free[a] == self.free[b] && taken() && same_items()
    }

    /// Puts one more of the group where the rule likes it best; the bin that it went to. Between two items of one
    /// ranking nothing else is put or taken.
    pub(super) fn place(&mut self, group: usize, choice: Choice, ranking: &mut Ranking) -> Option<usize> {
        let own = &self.instance.groups[group];
        let demand = (own.class.is_none() && own.only.is_none()).then_some(own.demand);
        if demand.is_none() || ranking.demand != demand {
            *ranking = Ranking { demand, best: None };
            return self.best(group, choice).inspect(|bin| self.put(group, *bin));
        }
        let all = || (0..self.free.len()).filter_map(|bin| self.liked(bin, group, choice)).collect();
        let best = ranking.best.get_or_insert_with(all);
        let (_, Reverse(bin)) = best.pop()?;
        self.put(group, bin);
        best.extend(self.liked(bin, group, choice));
        Some(bin)
    }

    /// How much the rule likes a bin for one more of the group, if it may take that.
    pub(super) fn liked(&self, bin: usize, group: usize, choice: Choice) -> Option<Liking> {
        self.may_take(bin, group).then(|| (Score(self.score(group, bin, choice)), Reverse(bin)))
    }

    /// The bins that the rule likes best for what wants as much as the group, whoever it must be apart from, and whether
    /// these are all that have room.
    pub(super) fn favourites(&self, group: usize, choice: Choice, most: usize) -> (Vec<Liking>, bool) {
        let demand = &self.instance.groups[group].demand;
        let with_room = (0..self.free.len()).filter(|bin| fits(demand, &self.free[*bin]));
        let mut best: Vec<Liking> =
            with_room.map(|bin| (Score(self.score(group, bin, choice)), Reverse(bin))).collect();
        let is_all = best.len() <= most;
        if !is_all {
            best.select_nth_unstable_by(most, |a, b| b.cmp(a));
            best.truncate(most);
        }
        best.sort_unstable_by(|a, b| b.cmp(a));
        (best, is_all)
    }

    /// Puts one more of the group where another item makes room for it by going elsewhere.
    fn move_and_place(&mut self, group: usize, choice: Choice) -> bool {
        let Some((step, bin)) = self.room_by_moving(group, choice) else { return false };
        self.take(step.group, step.from);
        self.put(step.group, step.to);
        self.put(group, bin);
        true
    }

    /// The bin that the rule likes best.
    pub(super) fn best(&self, group: usize, choice: Choice) -> Option<usize> {
        let mut best: Option<(f64, usize)> = None;
        for bin in 0..self.free.len() {
            if !self.may_take(bin, group) {
                continue;
            }
            let score = self.score(group, bin, choice);
            if best.is_none_or(|(known, _)| score > known) {
                best = Some((score, bin));
            }
        }
        best.map(|(_, bin)| bin)
    }

    fn score(&self, group: usize, bin: usize, choice: Choice) -> f64 {
        let demand = &self.instance.groups[group].demand;
        let (free, all) = (&self.free[bin], &self.instance.bins[bin].free);
        match choice {
            Choice::Even => {
                let left = |dim: usize| (free[dim] - demand[dim]) as f64 / all[dim].max(1) as f64;
                (0..DIMS).map(left).fold(f64::INFINITY, f64::min)
            }
            Choice::Tight => {
                let left = |dim: usize| (free[dim] - demand[dim]) as f64 * self.weight[dim];
                -(0..DIMS).map(left).sum::<f64>()
            }
            Choice::Alike => {
                let pair =
                    |dim: usize| (free[dim] as f64 * self.weight[dim], demand[dim] as f64 * self.weight[dim]);
                let product: f64 = (0..DIMS).map(pair).map(|(free, demand)| free * demand).sum();
                let length: f64 = (0..DIMS).map(pair).map(|(free, _)| free * free).sum();
                product / length.sqrt().max(f64::MIN_POSITIVE)
            }
        }
    }

    /// One item that can go elsewhere so that there is room for one of the group.
    fn room_by_moving(&mut self, group: usize, choice: Choice) -> Option<(Move, usize)> {
        for bin in 0..self.free.len() {
            if self.lost[bin] || !self.instance.takes(bin, group) {
                continue;
            }
            let mut known = Vec::new();
            for at in 0..self.on[bin].len() {
                let other = self.on[bin][at];
                if known.contains(&other) || !self.would_help(bin, group, other) {
                    continue;
                }
                known.push(other);
                self.take(other, bin);
                self.put(group, bin);
                let place = self.best(other, choice);
                self.take(group, bin);
                self.put(other, bin);
                if let Some(to) = place.filter(|to| *to != bin) {
                    return Some((Move { group: other, from: bin, to }, bin));
                }
            }
        }
        None
    }

    /// Whether there would be room for one of the group if one of the other were gone.
    fn would_help(&self, bin: usize, group: usize, other: usize) -> bool {
        let (demand, freed) = (&self.instance.groups[group].demand, &self.instance.groups[other].demand);
        let room = (0..DIMS).all(|dim| demand[dim] <= self.free[bin][dim].saturating_add(freed[dim]));
        let class = self.instance.groups[group].class;
        let same = class.is_some() && class == self.instance.groups[other].class;
        // What must be apart from it may be what is moved; then it is apart afterwards.
        group != other && room && (self.is_apart(bin, group) || same)
    }

    /// Groups, the hardest first.
    fn ordered(&self, order: Order) -> Vec<usize> {
        let key = |group: &usize| {
            let group = &self.instance.groups[*group];
            let share = |dim: usize| group.demand[dim] as f64 * self.weight[dim];
            match order {
                Order::Share => (group.class.is_some(), share(0).max(share(1))),
                Order::Sum => (false, (0..DIMS).map(share).sum()),
                Order::Dim(dim) => (false, share(dim)),
            }
        };
        let mut groups: Vec<usize> = (0..self.instance.groups.len()).collect();
        groups.sort_by(|a, b| {
            let ((a_apart, a_size), (b_apart, b_size)) = (key(a), key(b));
            b_apart.cmp(&a_apart).then_with(|| b_size.total_cmp(&a_size)).then_with(|| a.cmp(b))
        });
        groups
    }

    /// Takes bins away and finds places for what was on them, the largest first, by `place`, while all else stays where
    /// it is. What is bound to its bin needs none: it waits until the bin is back.
    ///
    /// # Errors
    ///
    /// The groups of the items that find none, if that cannot be, and of those that wait; then everything is as before.
    pub(super) fn evacuate(
        &mut self,
        bins: &[usize],
        mut place: impl FnMut(&mut Self, usize) -> Option<usize>,
    ) -> Result<Evacuation, Vec<usize>> {
        let (mut homeless, mut waiting) = (Vec::new(), Vec::new());
        for bin in bins {
            self.lost[*bin] = true;
            for group in self.on[*bin].clone() {
                self.take(group, *bin);
                let is_bound = self.instance.groups[group].bound;
                if is_bound { &mut waiting } else { &mut homeless }.push((group, *bin));
            }
        }
        homeless.sort_by(|(a, _), (b, _)| self.size(*b).total_cmp(&self.size(*a)).then_with(|| a.cmp(b)));
        let (mut moves, mut left) = (Vec::new(), Vec::new());
        for (group, from) in &homeless {
            if let Some(to) = place(self, *group) {
                moves.push(Move { group: *group, from: *from, to });
            } else {
                left.push(*group);
            }
        }
        if left.is_empty() {
            return Ok(Evacuation { moves, waiting });
        }
        for step in moves.iter().rev() {
            self.take(step.group, step.to);
        }
        left.extend(waiting.iter().map(|(group, _)| *group));
        for (group, bin) in homeless.into_iter().chain(waiting) {
            self.put(group, bin);
        }
        for bin in bins {
            self.lost[*bin] = false;
        }
        Err(left)
    }

    /// Puts back what [`State::evacuate`] moved.
    pub(super) fn restore(&mut self, bins: &[usize], evacuation: &Evacuation) {
        for step in evacuation.moves.iter().rev() {
            self.take(step.group, step.to);
            self.put(step.group, step.from);
        }
        for (group, bin) in &evacuation.waiting {
            self.put(*group, *bin);
        }
        for bin in bins {
            self.lost[*bin] = false;
        }
    }

    /// How many more of the group find a place while all else stays where it is.
    pub fn room_for(&self, group: usize) -> u64 {
        let demand = &self.instance.groups[group].demand;
        let open: Vec<usize> = (0..self.free.len()).filter(|bin| self.may_take(*bin, group)).collect();
        let in_bin = |bin: usize| {
            let each = (0..DIMS).filter(|dim| demand[*dim] > 0).map(|dim| self.free[bin][dim] / demand[dim]);
            each.min().unwrap_or(u64::MAX)
        };
        let Some(class) = self.instance.groups[group].class else {
            return open.into_iter().fold(0, |sum, bin| sum.saturating_add(in_bin(bin)));
        };
        let level = self.instance.classes[class];
        let mut domains = Vec::new();
        let mut endless = 0_u64;
        for bin in open {
            match self.instance.domain(level, bin) {
                Some(domain) => domains.push(domain),
                None => endless = endless.saturating_add(in_bin(bin)),
            }
        }
        domains.sort_unstable();
        domains.dedup();
        endless.saturating_add(domains.len() as u64)
    }

    /// Whether there is room for so many more of each group at once, with nothing moved.
    pub fn has_room_for(&mut self, groups: &[usize], each: u32) -> bool {
        if let ([group], 1) = (groups, each) {
            return (0..self.free.len()).any(|bin| self.may_take(bin, *group));
        }
        let mut placed = Vec::new();
        let wanted = groups.iter().flat_map(|group| (0..each).map(move |_| *group));
        let mut all = true;
        for group in wanted {
            let Some(bin) = self.best(group, Choice::Tight) else {
                all = false;
                break;
            };
            self.put(group, bin);
            placed.push((group, bin));
        }
        for (group, bin) in placed.into_iter().rev() {
            self.take(group, bin);
        }
        all
    }

    fn size(&self, group: usize) -> f64 {
        let demand = &self.instance.groups[group].demand;
        (0..DIMS).map(|dim| demand[dim] as f64 * self.weight[dim]).fold(0.0, f64::max)
    }

    /// Who is where.
    pub fn into_placement(self) -> Placement {
        let mut bins_of = vec![Vec::new(); self.instance.groups.len()];
        for (bin, groups) in self.on.iter().enumerate() {
            for group in groups {
                bins_of[*group].push(bin);
            }
        }
        Placement { bins_of }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::{Bin, Group, Level};

    #[test]
    fn a_ranking_chooses_as_one_does_who_looks_at_all_bins() {
        let bin = |at: u64| Bin { free: [20 + at * 7 % 5, 30 + at * 3 % 4, 9], rack: None, datacenter: 0 };
        let group = |at: u64| {
            // Runs of one demand, each with one that must be apart among them.
            let demand = [1 + at / 4, 1 + at / 4 % 2, 1];
            let class = (at % 4 == 2).then_some(0);
            Group { demand, count: 1 + u32::try_from(at % 3).unwrap(), class, only: None, bound: false }
        };
        let (bins, groups) = ((0..7).map(bin).collect(), (0..16).map(group).collect());
        let instance = Instance { bins, groups, classes: vec![Level::Host] };
        for choice in [Choice::Even, Choice::Tight, Choice::Alike] {
            let (mut ranked, mut plain) = (State::new(&instance), State::new(&instance));
            let mut ranking = Ranking::default();
            let mut placed = 0;
            for (group, own) in instance.groups.iter().enumerate() {
                for _ in 0..own.count {
                    let best = plain.best(group, choice).inspect(|bin| plain.put(group, *bin));
                    assert_eq!(ranked.place(group, choice, &mut ranking), best, "{choice:?}, group {group}");
                    placed += u32::from(best.is_some());
                }
            }
            assert!((20..31).contains(&placed), "most find a place and not all: {placed}");
        }
    }
}
