//! A lower bound on bins: the relaxation of Gilmore and Gomory, in which a bin may be used in part. It is the
//! strongest that is known for vector bin packing; with whole bins the optimum is seldom more than one above.
//!
//! Columns are sets of items that fit into one bin. The linear program is solved by the revised simplex
//! method with the inverse of the basis written out, and columns come from a branch and bound over items
//! (a knapsack with several dimensions). The prices of any round give a bound, by Farley's argument: no bin
//! holds items of more than `most`, so all items need at least the sum of their prices over `most`. So
//! rounding errors and an early end cost strength, not truth.
//!
//! Start with [`at_least`].

use crate::random::Random;

/// What an item takes of a bin.
pub(crate) type Item = [u64; 2];

/// A bound, and whether it is that of the relaxation or what was reached within the steps.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct AtLeast {
    pub(crate) bins: usize,
    pub(crate) whole: bool,
}

/// Rounding errors are far smaller than this, and a bound that is this close above a whole number is it.
const EPSILON: f64 = 1e-6;

/// How many bins of a size in both dimensions the items need at least; `steps` in branch and bound. As soon
/// as the bound says that `known` are needed there is nothing left to ask.
pub(crate) fn at_least(items: &[Item], bin: u64, known: usize, steps: u64) -> AtLeast {
    let sum = |dim: usize| items.iter().map(|item| item[dim]).sum::<u64>().div_ceil(bin);
    let sums = usize::try_from(sum(0).max(sum(1))).unwrap();
    if sums >= known {
        return AtLeast { bins: sums, whole: true };
    }
    let (relaxed, whole) = Program::new(items, bin, steps).solve(known);
    let relaxed = whole_bins(relaxed);
    AtLeast { bins: sums.max(relaxed), whole }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the number of items"
)]
fn whole_bins(relaxed: f64) -> usize {
    (relaxed - EPSILON).ceil().max(0.0) as usize
}

/// The linear program: fewest bins, each item once.
struct Program<'a> {
    items: &'a [Item],
    bin: u64,
    steps: u64,
    /// Inverse of the basis, row by row; at first each item has a bin of its own.
    inverse: Vec<Vec<f64>>,
    /// How much each column of the basis is used.
    used: Vec<f64>,
}

impl<'a> Program<'a> {
    fn new(items: &'a [Item], bin: u64, steps: u64) -> Self {
        let unit = |row: usize| (0..items.len()).map(|at| f64::from(u8::from(at == row))).collect();
        // A little more than once, of each item a different little: ties would let the simplex method walk on
        // the spot. Prices, and so the bound, do not depend on it.
        let mut random = Random(5);
        let used = (0..items.len()).map(|_| 1.0 + random.within(0, 1000) as f64 * 1e-7).collect();
        Self { items, bin, steps, inverse: (0..items.len()).map(unit).collect(), used }
    }

    fn solve(mut self, known: usize) -> (f64, bool) {
        let mut bound: f64 = 0.0;
        loop {
            let mut prices = vec![0.0; self.items.len()];
            for row in &self.inverse {
                prices.iter_mut().zip(row).for_each(|(price, part)| *price += part);
            }
            let sum: f64 = prices.iter().filter(|price| **price > 0.0).sum();
            let dearest = self.dearest(&prices);
            if dearest.whole {
                bound = bound.max(sum / dearest.worth.max(1.0));
            }
            if dearest.set.is_empty() || whole_bins(bound) >= known {
                return (bound, dearest.whole);
            }
            if self.steps == 0 || !self.enter(&dearest.set) {
                return (bound, false);
            }
        }
    }

    /// The dearest set that fits into a bin; at first only some that is worth more than a bin.
    fn dearest(&mut self, prices: &[f64]) -> Dearest {
        let each = |(item, price): (&Item, &f64)| price / (item[0] + item[1]) as f64;
        let worth: Vec<f64> = self.items.iter().zip(prices).map(each).collect();
        let mut order: Vec<usize> = (0..prices.len()).filter(|item| prices[*item] > 1e-9).collect();
        order.sort_by(|a, b| worth[*b].total_cmp(&worth[*a]));
        let mut last = Dearest::nothing();
        for steps in [3000, self.steps] {
            let steps = steps.min(self.steps);
            let mut search = Knapsack {
                items: self.items,
                prices,
                order: &order,
                best: Dearest::nothing(),
                here: vec![],
                steps,
            };
            search.best.whole = search.descend(0, [self.bin; 2], 0.0);
            self.steps -= steps - search.steps;
            last = search.best;
            if last.whole || !last.set.is_empty() {
                break;
            }
        }
        last
    }

    /// A column enters the basis, and another one leaves it; `false` if none can.
    fn enter(&mut self, set: &[usize]) -> bool {
        let along = |row: &Vec<f64>| set.iter().map(|item| row[*item]).sum::<f64>();
        let along: Vec<f64> = self.inverse.iter().map(along).collect();
        let ratios =
            (0..along.len()).filter(|row| along[*row] > 1e-9).map(|row| (self.used[row] / along[row], row));
        let Some((step, leaves)) = ratios.min_by(|a, b| a.0.total_cmp(&b.0)) else { return false };
        let pivot: Vec<f64> = self.inverse[leaves].iter().map(|part| part / along[leaves]).collect();
        for (row, along) in
            along.into_iter().enumerate().filter(|(row, along)| *row != leaves && *along != 0.0)
        {
            self.inverse[row].iter_mut().zip(&pivot).for_each(|(part, pivot)| *part -= along * pivot);
            self.used[row] -= along * step;
        }
        self.inverse[leaves] = pivot;
        self.used[leaves] = step;
        true
    }
}

/// A set of items that fits into a bin.
struct Dearest {
    /// What it is worth; sets that are worth no more than a bin are of no use.
    worth: f64,
    set: Vec<usize>,
    /// Whether there is no dearer one.
    whole: bool,
}

impl Dearest {
    fn nothing() -> Self {
        Self { worth: 1.0 + 1e-7, set: Vec::new(), whole: false }
    }
}

/// Depth first over items, those that are worth most for their size first.
struct Knapsack<'a> {
    items: &'a [Item],
    prices: &'a [f64],
    order: &'a [usize],
    best: Dearest,
    here: Vec<usize>,
    steps: u64,
}

impl Knapsack<'_> {
    /// Whether everything from an item on was tried.
    fn descend(&mut self, at: usize, left: Item, worth: f64) -> bool {
        if worth > self.best.worth + 1e-9 {
            (self.best.worth, self.best.set) = (worth, self.here.clone());
        }
        let Some(item) = self.order.get(at).copied() else { return true };
        let Some(steps) = self.steps.checked_sub(1) else { return false };
        self.steps = steps;
        if worth + self.at_most(at, left) <= self.best.worth + 1e-9 {
            return true;
        }
        let [a, b] = self.items[item];
        if a <= left[0] && b <= left[1] {
            self.here.push(item);
            let done = self.descend(at + 1, [left[0] - a, left[1] - b], worth + self.prices[item]);
            self.here.pop();
            if !done {
                return false;
            }
        }
        self.descend(at + 1, left, worth)
    }

    /// What can still be had at most: both dimensions as one, and the last item in part.
    fn at_most(&self, at: usize, left: Item) -> f64 {
        let mut left = (left[0] + left[1]) as f64;
        let mut worth = 0.0;
        for item in &self.order[at..] {
            let size = (self.items[*item][0] + self.items[*item][1]) as f64;
            if size > left {
                return worth + self.prices[*item] * left / size;
            }
            left -= size;
            worth += self.prices[*item];
        }
        worth
    }
}

#[test]
fn halves_and_thirds() {
    // Three items of more than half need three bins, though their sum would fit into two.
    assert_eq!(at_least(&[[51, 1], [51, 1], [51, 1]], 100, 9, 1000), AtLeast { bins: 3, whole: true });
    // Large in one dimension or the other: no two share a bin, and no sum says so.
    let crossed = [[60, 50], [50, 60], [60, 50], [50, 60]];
    assert_eq!(at_least(&crossed, 100, 9, 1000), AtLeast { bins: 4, whole: true });
    assert_eq!(at_least(&[[33, 33]; 9], 100, 9, 100_000), AtLeast { bins: 3, whole: true });
}
