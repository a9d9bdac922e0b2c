//! Vector bin packing with pods that must be apart: does everything find a place, or why not?
//!
//! Nothing here knows of plans: an [`Instance`] has bins with room in [`DIMS`] dimensions and groups of
//! equal items. A placement that is found is the proof; a lower bound that is broken, or a search that has
//! tried everything, is the refutation, with the smallest set of groups that shows it; where neither comes
//! within the limits, the verdict is [`Verdict::Unknown`].
//!
//! | step | file |
//! |---|---|
//! | bounds that no placement can break | `bounds` |
//! | constructive heuristics, each with moves of single items to make room | `greedy` |
//! | exhaustive search, cut off early: small platforms are decided here | `search` |
//! | ejections: what was left over is forced in, and others make way, up to [`Limits::repair_steps`] | `repair` |
//! | exhaustive search, cut off after [`Limits::search_steps`] | `search` |
//!
//! Of a placement that was found, [`Trial`] says what becomes of it where bins are lost.
//!
//! Start with [`pack`].

#![expect(
    clippy::indexing_slicing,
    reason = "every index is of the instance that it is used with: `Instance` is built whole, and `get` in \
              each inner loop would hide the arithmetic"
)]

mod bounds;
mod greedy;
mod repair;
mod search;
mod trial;

pub use greedy::{Evacuation, Move, State};
pub use trial::Trial;

/// CPU in millicores, memory in bytes, pods.
pub const DIMS: usize = 3;
/// An amount of each.
pub type Vector = [u64; DIMS];

/// What items of a class must not share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// A host.
    Host,
    /// A rack.
    Rack,
    /// A datacenter.
    Datacenter,
}

/// Where items go: a host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bin {
    /// What is left on it.
    pub free: Vector,
    /// Number of its rack. Hosts outside of racks hold any number of items that must be apart by rack:
    /// the scheduler passes over nodes that have no such label.
    pub rack: Option<u32>,
    /// Number of its datacenter.
    pub datacenter: u32,
}

/// Items that are all alike: the pods of a Deployment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// What one of them takes.
    pub demand: Vector,
    /// How many there are.
    pub count: u32,
    /// The class that they belong to, if they must be apart: several groups may be of one.
    pub class: Option<usize>,
    /// The bins that take them, where not all do: taints and selectors.
    pub only: Option<Vec<bool>>,
    /// Whether one that has found a bin cannot leave it.
    pub bound: bool,
}

/// Everything that is to find a place, and the places.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Instance {
    /// Places.
    pub bins: Vec<Bin>,
    /// Items.
    pub groups: Vec<Group>,
    /// What the items of each class must not share.
    pub classes: Vec<Level>,
}

/// How long is looked for an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Items tried on bins, in one exhaustive search.
    pub search_steps: u64,
    /// Items tried on bins, while what is left over is forced in.
    pub repair_steps: u64,
    /// Items tried on bins, while the smallest set that does not fit is looked for.
    pub core_steps: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { search_steps: SEARCH_STEPS, repair_steps: REPAIR_STEPS, core_steps: CORE_STEPS }
    }
}

/// Items tried on bins in an exhaustive search, by default: some 20 ms.
pub const SEARCH_STEPS: u64 = 1_000_000;
/// The same while what is left over is forced in.
pub const REPAIR_STEPS: u64 = 1_000_000;
/// Part of the exhaustive search that comes first: what small platforms need to be decided.
const FIRST_STEPS: u64 = 50;
/// The same while a refutation is made small.
pub const CORE_STEPS: u64 = 1_000_000;
/// Groups up to which a refutation by search is made small.
const CORE_GROUPS: usize = 64;

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Everything has a place.
    Fits(Placement),
    /// Nothing can help; each reason by itself is enough.
    Refuted(Vec<Bound>),
    /// Neither within the limits.
    Unknown,
}

/// Who is where.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Placement {
    /// For each group, the bin of each of its items, in order.
    pub bins_of: Vec<Vec<usize>>,
}

/// Why something does not fit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Bound {
    /// All together ask for more than there is.
    Sum {
        /// Of what.
        dim: usize,
        /// They ask for that much,
        demand: u64,
        /// and there is that much.
        free: u64,
        /// The fewest groups that together ask for more than there is.
        groups: Vec<usize>,
    },
    /// Items that must be apart are more than what they must not share.
    Apart {
        /// Their class.
        class: usize,
        /// So many items,
        items: u64,
        /// and so many hosts, racks or datacenters that take one.
        domains: u64,
        /// Groups of the class.
        groups: Vec<usize>,
    },
    /// Not one item of the group finds a place, even if it has everything for itself.
    Alone {
        /// The group.
        group: usize,
    },
    /// Items of at least some size are more than what holds one of them.
    Large {
        /// Of what.
        dim: usize,
        /// Each asks for at least so much.
        size: u64,
        /// So many items,
        items: u64,
        /// and room for so many.
        room: u64,
        /// Groups of such items.
        groups: Vec<usize>,
    },
    /// Every arrangement was tried.
    Search {
        /// Groups that do not fit together; without any one of them the rest is not refuted.
        groups: Vec<usize>,
    },
}

impl Bound {
    /// Groups that show it.
    pub fn groups(&self) -> &[usize] {
        match self {
            Self::Sum { groups, .. }
            | Self::Apart { groups, .. }
            | Self::Large { groups, .. }
            | Self::Search { groups } => groups,
            Self::Alone { group } => std::slice::from_ref(group),
        }
    }
}

impl Instance {
    /// The number of what a class must not share, for a bin; `None` where nothing is shared.
    pub(crate) fn domain(&self, level: Level, bin: usize) -> Option<usize> {
        match level {
            Level::Host => Some(bin),
            Level::Rack => self.bins[bin].rack.map(as_index),
            Level::Datacenter => Some(as_index(self.bins[bin].datacenter)),
        }
    }

    /// Whether a bin takes items of a group, room aside.
    pub(crate) fn takes(&self, bin: usize, group: usize) -> bool {
        self.groups[group].only.as_ref().is_none_or(|only| only.get(bin).copied().unwrap_or(false))
    }

    /// The same instance with some groups only. Indices of groups stay: the others have no items.
    fn with_only(&self, groups: &[usize]) -> Self {
        let mut part = self.clone();
        for (at, group) in part.groups.iter_mut().enumerate() {
            if !groups.contains(&at) {
                group.count = 0;
            }
        }
        part
    }

    /// Whether a placement is one: every item has a place, nothing is over-full, and who must be apart is.
    pub fn accepts(&self, placement: &Placement) -> bool {
        if placement.bins_of.len() != self.groups.len() {
            return false;
        }
        let mut state = State::new(self);
        for (group, bins) in placement.bins_of.iter().enumerate() {
            if bins.len() != as_index(self.groups[group].count) {
                return false;
            }
            for bin in bins {
                if *bin >= self.bins.len() || !state.may_take(*bin, group) {
                    return false;
                }
                state.put(group, *bin);
            }
        }
        true
    }
}

/// Looks for a placement, or for the reason why there is none.
pub fn pack(instance: &Instance, limits: Limits) -> Verdict {
    let broken = bounds::broken(instance);
    if !broken.is_empty() {
        return Verdict::Refuted(broken);
    }
    let partial = greedy::construct(instance);
    if partial.homeless.is_empty() {
        return Verdict::Fits(partial.state.into_placement());
    }
    let first = search::search(instance, limits.search_steps / FIRST_STEPS);
    let end = match first {
        search::End::OutOfSteps => match repair::repair(instance, partial, limits.repair_steps) {
            Some(state) => return Verdict::Fits(state.into_placement()),
            None => search::search(instance, limits.search_steps),
        },
        decided => decided,
    };
    match end {
        search::End::Found(placement) => Verdict::Fits(placement),
        search::End::Exhausted => {
            let groups = smallest_core(instance, limits.core_steps);
            Verdict::Refuted(vec![Bound::Search { groups }])
        }
        search::End::OutOfSteps => Verdict::Unknown,
    }
}

/// Groups that are refuted together while the rest, without any one of them, is not: each group is left
/// out in turn, the smallest first, and stays out if the rest is still refuted within the limit.
fn smallest_core(instance: &Instance, steps: u64) -> Vec<usize> {
    let mut core: Vec<usize> =
        (0..instance.groups.len()).filter(|group| instance.groups[*group].count > 0).collect();
    if core.len() > CORE_GROUPS {
        return core;
    }
    let mut order = core.clone();
    order.sort_by_key(|group| {
        let group = &instance.groups[*group];
        group.demand.map(|demand| demand.saturating_mul(u64::from(group.count)))
    });
    let each = steps / (order.len() as u64).max(1);
    for group in order {
        let rest: Vec<usize> = core.iter().copied().filter(|own| *own != group).collect();
        let part = instance.with_only(&rest);
        let refuted = !bounds::broken(&part).is_empty()
            || (!greedy::construct(&part).homeless.is_empty()
                && matches!(search::search(&part, each), search::End::Exhausted));
        if refuted {
            core = rest;
        }
    }
    core
}

/// How many hosts, racks or datacenters take an item of a class; `None` if there is no end of them.
pub fn domains(instance: &Instance, class: usize) -> Option<u64> {
    bounds::domains(instance, class)
}

/// Whether an item of that size finds room.
pub(crate) fn fits(demand: &Vector, free: &Vector) -> bool {
    demand.iter().zip(free).all(|(demand, free)| demand <= free)
}

/// A number of ours as an index: 32 bits fit into every `usize` that platc runs with.
pub(crate) fn as_index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
