//! `cargo bench -p platc-kube`: what loading the tables and checking one Deployment costs. It prints and
//! asserts nothing: the machine is shared.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reads the clock, prints, and stops where it cannot go on"
)]

use std::time::Instant;

use platc_kube::config::{Host, check_config};
use platc_kube::{Minor, Tables, Target, check_object};
use serde_json::Value;

const MANIFESTS: &str = include_str!("../cases/manifests.md");

/// The least of many runs, in microseconds: the rest is the machine's.
fn least(n_runs: u32, mut run: impl FnMut()) -> f64 {
    let times = (0..n_runs).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64() * 1e6
    });
    times.fold(f64::INFINITY, f64::min)
}

fn main() {
    let load = least(200, || _ = std::hint::black_box(Tables::load()));
    println!("load the tables: {load:.0} µs");

    let block = MANIFESTS.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let deployment: Value = serde_saphyr::from_str(block).unwrap();
    // As a printer writes it: a line for each value.
    let n_lines = count(&deployment);
    let target = Target::of(Minor::new(35));
    let first = Instant::now();
    check_object(&deployment, &target, &mut Vec::new());
    println!("first Deployment, types read on the way: {:.0} µs", first.elapsed().as_secs_f64() * 1e6);
    let mut out = Vec::new();
    let each = least(20_000, || check_object(&deployment, &target, &mut out));
    assert!(out.is_empty());
    println!(
        "a Deployment of {n_lines} lines: {each:.2} µs, {:.2} µs for 150 lines",
        each / f64::from(n_lines) * 150.0
    );

    let kubelet: Value =
        serde_saphyr::from_str(include_str!("../schemas/cases/valid/kubelet-base.yaml")).unwrap();
    let first = Instant::now();
    check_config(&kubelet, &target, &Host::default(), &mut Vec::new());
    println!("first KubeletConfiguration, schema read: {:.0} µs", first.elapsed().as_secs_f64() * 1e6);
    let each = least(5_000, || check_config(&kubelet, &target, &Host::default(), &mut Vec::new()));
    println!("a KubeletConfiguration: {each:.1} µs");
}

fn count(value: &Value) -> u32 {
    match value {
        Value::Object(map) => map
            .values()
            .map(|value| 1 + if value.is_object() || value.is_array() { count(value) } else { 0 })
            .sum(),
        Value::Array(items) => items.iter().map(|item| if item.is_object() { count(item) } else { 1 }).sum(),
        _ => 1,
    }
}
