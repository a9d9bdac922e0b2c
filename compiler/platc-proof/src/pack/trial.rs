//! [`Trial`]: what would become of a placement without some of its bins. A drain asks for each host, and a proof for each
//! loss, so that what they have in common is found once: for each demand the bins that are liked best while nothing is
//! lost. A loss changes few of them, so it looks at others only where these are not enough.
//!
//! Start with [`Trial::without`].

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::greedy::{Choice, Evacuation, Liking, Ranking, State};
use super::{Instance, Placement, Vector};

/// Bins that are remembered for each demand; a loss of more items than that looks at all bins instead.
const FAVOURITES: usize = 64;
/// Demands that are remembered: with the bins of each, some megabytes.
const DEMANDS: usize = 4096;

/// A placement whose bins are taken away in thought. Between two questions it is as it was.
#[derive(Clone, Debug)]
pub struct Trial<'i> {
    instance: &'i Instance,
    state: State<'i>,
    /// How many bins are remembered for each demand.
    most: usize,
    /// What items of a demand like while nothing is lost.
    likes: BTreeMap<Vector, Likes>,
}

/// The bins that items of one demand like best, the best first.
#[derive(Clone, Debug)]
struct Likes {
    best: Vec<Liking>,
    /// Whether no other has room.
    is_all: bool,
}

impl<'i> Trial<'i> {
    /// Of this placement.
    pub fn of(instance: &'i Instance, placement: &Placement) -> Self {
        Self { instance, state: State::of(instance, placement), most: FAVOURITES, likes: BTreeMap::new() }
    }

    /// Places for what is on these bins without them, the largest first and each where load is then most even, while all
    /// else stays where it is. What is bound to its bin needs none: it waits until the bin is back.
    ///
    /// # Errors
    ///
    /// The groups of the items that find none, if that cannot be, and of those that wait.
    pub fn without(&mut self, bins: &[usize]) -> Result<Evacuation, Vec<usize>> {
        let on = bins.iter().flat_map(|bin| self.state.on(*bin));
        let to_move: Vec<usize> = on.copied().filter(|group| !self.instance.groups[*group].bound).collect();
        let done = if to_move.len() > self.most {
            let mut ranking = Ranking::default();
            self.state.evacuate(bins, |state, group| state.place(group, Choice::Even, &mut ranking))
        } else {
            to_move.into_iter().for_each(|group| self.remember(group));
            let (instance, likes) = (self.instance, &self.likes);
            // Bins that are liked otherwise than when nothing was lost, because something came there.
            let mut changed = Vec::new();
            self.state.evacuate(bins, |state, group| {
                let bin = match likes.get(&instance.groups[group].demand) {
                    Some(likes) => likes.bin(state, group, &changed),
                    None => state.best(group, Choice::Even),
                }?;
                state.put(group, bin);
                changed.push(bin);
                Some(bin)
            })
        };
        if let Ok(done) = &done {
            self.state.restore(bins, done);
        }
        done
    }

    /// Finds out what items of the group's demand like, while nothing is lost.
    fn remember(&mut self, group: usize) {
        let demand = self.instance.groups[group].demand;
        if self.likes.len() < DEMANDS && !self.likes.contains_key(&demand) {
            let (best, is_all) = self.state.favourites(group, Choice::Even, self.most);
            self.likes.insert(demand, Likes { best, is_all });
        }
    }
}

impl Likes {
    /// The bin that is liked best for one more of the group: one of those that changed, or the best of all others.
    fn bin(&self, state: &State<'_>, group: usize, changed: &[usize]) -> Option<usize> {
        let is_free = |bin: usize| !changed.contains(&bin) && state.may_take(bin, group);
        let other = self.best.iter().copied().find(|(_, Reverse(bin))| is_free(*bin));
        if other.is_none() && !self.is_all {
            return state.best(group, Choice::Even);
        }
        let changed = changed.iter().filter_map(|bin| state.liked(*bin, group, Choice::Even));
        changed.chain(other).max().map(|(_, Reverse(bin))| bin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::{Bin, Group, Level, Limits, Move, Verdict, pack};

    fn bin(cpu: u64) -> Bin {
        Bin { free: [cpu, 10, 10], rack: None, datacenter: 0 }
    }

    #[test]
    fn a_loss_for_which_there_is_no_room_changes_nothing() {
        let groups = vec![Group { demand: [2, 1, 1], count: 2, class: None, only: None, bound: false }];
        let instance = Instance { bins: vec![bin(4), bin(2)], groups, classes: Vec::new() };
        let placement = Placement { bins_of: vec![vec![0, 0]] };
        let mut trial = Trial::of(&instance, &placement);
        assert_eq!(trial.without(&[0]), Err(vec![0]), "one of two finds a place");
        assert_eq!(trial.state.clone().into_placement(), placement);
        assert_eq!(trial.without(&[1]), Ok(Evacuation::default()), "nothing was there");
        assert_eq!(trial.state.room_for(0), 1, "one more on the small one");
    }

    #[test]
    fn what_is_bound_waits() {
        let group = |bound| Group { demand: [2, 1, 1], count: 1, class: None, only: None, bound };
        let groups = vec![group(true), group(false)];
        let instance = Instance { bins: vec![bin(4), bin(2)], groups, classes: Vec::new() };
        let placement = Placement { bins_of: vec![vec![0], vec![0]] };
        let mut trial = Trial::of(&instance, &placement);
        let moves = vec![Move { group: 1, from: 0, to: 1 }];
        assert_eq!(trial.without(&[0]), Ok(Evacuation { moves, waiting: vec![(0, 0)] }));
        assert_eq!(trial.state.into_placement(), placement);
    }

    #[test]
    fn it_chooses_as_one_does_who_looks_at_all_bins() {
        let bin = |at: u64| Bin { free: [6 + at * 7 % 5, 60 + at * 3 % 4, 12], rack: None, datacenter: 0 };
        let group = |at: u64| {
            let class = (at % 3 == 2).then_some(0);
            let only = (at % 5 == 4).then(|| (0..12).map(|bin| bin % 2 == 0).collect());
            let demand = [1 + at / 6, 1 + at / 6 % 2, 1];
            Group { demand, count: 1 + u32::try_from(at % 3).unwrap(), class, only, bound: at % 7 == 6 }
        };
        let instance = Instance {
            bins: (0..12).map(bin).collect(),
            groups: (0..24).map(group).filter(|group| group.class.is_none() || group.count < 3).collect(),
            classes: vec![Level::Host],
        };
        let Verdict::Fits(placement) = pack(&instance, Limits::default()) else { panic!("it has room") };
        let losses: Vec<Vec<usize>> =
            (0..12).map(|bin| vec![bin]).chain((0..6).map(|bin| vec![bin, bin + 5])).collect();
        let (mut moves, mut refused) = (0, 0);
        // Few are remembered, so that some must look at all; none, so that all do; and enough.
        for most in [0, 6, 8, 64] {
            let mut trial = Trial { most, ..Trial::of(&instance, &placement) };
            for lost in losses.iter().chain(&losses) {
                let mut plain = State::of(&instance, &placement);
                let wanted = plain.evacuate(lost, |state, group| {
                    state.best(group, Choice::Even).inspect(|bin| state.put(group, *bin))
                });
                let found = trial.without(lost);
                assert_eq!(found, wanted, "without {lost:?}, {most} remembered");
                moves += found.as_ref().map_or(0, |done| done.moves.len());
                refused += usize::from(found.is_err());
                assert_eq!(trial.state.clone().into_placement(), placement, "as it was");
            }
        }
        println!("{moves} moves, {refused} losses without room");
        assert!(moves > 100 && refused > 0, "{moves} moves, {refused} losses without room");
    }
}
