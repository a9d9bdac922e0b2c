//! Tests of the pipeline over whole platforms: those in `examples/`, with the programs that will read what
//! comes out.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "tests: they fail loudly")]

mod crowd;
mod manifests;
mod nasty;
mod order;
mod sizes;

use std::path::Path;

use platc_driver::analysis::{AnalysisOptions, analyse};

#[test]
fn what_is_measured_has_no_findings() {
    let (world, _) = crowd::platform(100);
    let analysis = analyse(&world, Path::new("p"), AnalysisOptions::default());
    let found: Vec<_> = analysis.problems.iter().map(platc_diag::Diagnostic::message).collect();
    assert_eq!(found, [""; 0]);
}
