//! How well is packed: instances of the families that papers on vector bin packing use (Caprara and Toth,
//! "Lower bounds and algorithms for the 2-dimensional vector packing problem", 2001, classes 1 to 10), made
//! with fixed seeds. Figures stand beside first-fit decreasing.
//!
//! Start with `near_the_lower_bound_and_better_than_first_fit`.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test: it fails loudly")]

use platc_proof::pack::{Bin, Group, Instance, Limits, Vector, Verdict, pack};

struct Random(u64);

impl Random {
    fn within(&mut self, from: u64, to: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        from + (z ^ (z >> 31)) % (to - from + 1)
    }
}

/// A family: its name, the size of a bin, and how an item is drawn.
type Family = (&'static str, u64, fn(&mut Random) -> (u64, u64));

const FAMILIES: &[Family] = &[
    ("1: medium", 1000, |random| (random.within(100, 400), random.within(100, 400))),
    ("2: any", 1000, |random| (random.within(1, 1000), random.within(1, 1000))),
    ("3: large", 1000, |random| (random.within(200, 800), random.within(200, 800))),
    ("4: small", 1000, |random| (random.within(50, 200), random.within(50, 200))),
    ("5: tiny", 1000, |random| (random.within(25, 100), random.within(25, 100))),
    ("6: 20 to 100 of 150", 150, |random| (random.within(20, 100), random.within(20, 100))),
    ("7: alike", 150, |random| {
        let first = random.within(20, 100);
        (first, random.within(first - 10, first + 10))
    }),
    ("8: opposite", 150, |random| {
        let first = random.within(20, 100);
        (first, random.within(110 - first, 130 - first))
    }),
    ("9: one small, one large", 1000, |random| {
        if random.within(0, 1) == 0 {
            (random.within(50, 200), random.within(200, 500))
        } else {
            (random.within(200, 500), random.within(50, 200))
        }
    }),
];

fn instance(items: &[(u64, u64)], bin: u64, bins: usize) -> Instance {
    let group = |(a, b): &(u64, u64)| Group { demand: [*a, *b, 1], count: 1, class: None, only: None };
    let free: Vector = [bin, bin, u64::MAX / 2048];
    Instance {
        bins: vec![Bin { free, rack: None, datacenter: 0 }; bins],
        groups: items.iter().map(group).collect(),
        classes: Vec::new(),
    }
}

/// The fewest bins that are not refuted, and the fewest that are found to be enough.
fn bounds(items: &[(u64, u64)], bin: u64) -> (usize, usize) {
    let limits = Limits { search_steps: 20_000, core_steps: 0 };
    let mut lower = None;
    for bins in 1.. {
        match pack(&instance(items, bin, bins), limits) {
            Verdict::Fits(_) => return (lower.unwrap_or(bins), bins),
            Verdict::Refuted(_) => lower = None,
            Verdict::Unknown => lower = lower.or(Some(bins)),
        }
    }
    unreachable!("as many bins as items are enough")
}

/// The plainest: items by the sum of their sizes, each into the first bin that takes it.
fn first_fit_decreasing(items: &[(u64, u64)], bin: u64) -> usize {
    let mut items = items.to_vec();
    items.sort_by_key(|(a, b)| std::cmp::Reverse(a + b));
    let mut bins: Vec<(u64, u64)> = Vec::new();
    for (a, b) in items {
        match bins.iter_mut().find(|free| free.0 >= a && free.1 >= b) {
            Some(free) => *free = (free.0 - a, free.1 - b),
            None => bins.push((bin - a, bin - b)),
        }
    }
    bins.len()
}

#[test]
fn near_the_lower_bound_and_better_than_first_fit() {
    let (mut lower_all, mut found_all, mut plain_all) = (0, 0, 0);
    println!("family                        n  at least  found  first fit");
    for (name, bin, draw) in FAMILIES {
        for n in [25, 50, 100, 200] {
            let (mut lower_sum, mut found_sum, mut plain_sum) = (0, 0, 0);
            for seed in 0..3 {
                let mut random = Random(seed * 1000 + n);
                let items: Vec<(u64, u64)> = (0..n).map(|_| draw(&mut random)).collect();
                let (lower, found) = bounds(&items, *bin);
                lower_sum += lower;
                found_sum += found;
                plain_sum += first_fit_decreasing(&items, *bin);
            }
            println!("{name:<26} {n:>4}  {lower_sum:>8}  {found_sum:>5}  {plain_sum:>9}");
            assert!(found_sum <= plain_sum, "{name}, {n}: first fit is better");
            lower_all += lower_sum;
            found_all += found_sum;
            plain_all += plain_sum;
        }
    }
    println!("all: at least {lower_all}, found {found_all}, first fit {plain_all}");
    let (lower, found) = (u32::try_from(lower_all).unwrap(), u32::try_from(found_all).unwrap());
    let over = f64::from(found) / f64::from(lower) - 1.0;
    assert!(over <= 0.03, "{:.1} % over the lower bound", over * 100.0);
    let _ = FAMILIES[0];
}
