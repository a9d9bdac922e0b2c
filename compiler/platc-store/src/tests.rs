//! What the store promises, tried on a real disk: kills, full disks, races, flipped bits, real tools.
//!
//! Each file of a test lies below the target directory. Tests that need another process run this binary
//! again, with the test `child` alone. Not here: tests of one module's own sums; those are beside it.

mod basics;
mod canonical;
mod crash;
pub(crate) mod faults;
mod flips;
mod help;
mod race;
mod refusals;
mod tools;
