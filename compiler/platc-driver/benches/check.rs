//! What checking costs: the common workload of the peers, N services over two datacenters, from texts in memory
//! to a plan without findings.
//!
//! Not here: a gate. The figures depend on the machine; run `cargo bench -p platc-driver --bench check` before and
//! after a change. A number as an argument measures that many services alone, for a profiler.
//!
//! Start with `main`.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark: it measures time, prints it and fails loudly"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use platc_driver::analysis::{AnalysisOptions, Memo, analyse, draft};

#[path = "../tests/it/crowd.rs"]
mod crowd;

use crowd::platform;

/// The one of the command line.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Services, and how often they are checked; the best run counts, because others of the machine's users disturb.
const SIZES: &[(usize, u32)] = &[(1_000, 20), (5_000, 8), (50_000, 3)];

fn main() {
    let asked = std::env::args().find_map(|argument| argument.parse::<usize>().ok());
    let one = asked.map(|services| [(services, 10)]);
    let sizes = one.as_ref().map_or(SIZES, |one| one.as_slice());
    for (services, runs) in sizes {
        let (world, bytes) = platform(*services);
        let (mut values, mut best) = (Duration::MAX, Duration::MAX);
        for _ in 0..*runs {
            let start = Instant::now();
            let read = draft(&world, Path::new("p"), AnalysisOptions::default(), &mut Memo::default());
            values = values.min(start.elapsed());
            drop(read);
            let start = Instant::now();
            let analysis = analyse(&world, Path::new("p"), AnalysisOptions::default());
            best = best.min(start.elapsed());
            let first = analysis.problems.first().map(|problem| problem.message().to_owned());
            assert_eq!(first, None, "the measured platform is sound");
        }
        let (ms, mb) = (best.as_secs_f64() * 1e3, to_f64(bytes) / 1e6);
        let rate = mb / best.as_secs_f64();
        let each = best.as_secs_f64() * 1e6 / to_f64(*services);
        println!("types and values of {services} services\t{:.1} ms", values.as_secs_f64() * 1e3);
        println!(
            "check {services} services\t{ms:.1} ms, {each:.1} µs a service, {mb:.1} MB at {rate:.0} MB/s"
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures with three digits")]
fn to_f64(number: usize) -> f64 {
    number as f64
}
