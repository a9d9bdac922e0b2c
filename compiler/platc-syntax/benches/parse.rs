//! How fast platform files are read, and how much memory their trees keep.
//!
//! Not here: a gate. The figures depend on the machine, so nothing fails; run
//! `cargo bench -p platc-syntax` before and after a change and compare.
//!
//! Start with `main`; the file that is measured is made by `platform`.

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

use platc_diag::FileId;
use platc_syntax::{fmt, parse};

/// Size of the file that is measured.
const BYTES: usize = 5 << 20;
/// How often each step is measured; the best run counts, because others of the machine's users disturb.
const RUNS: u32 = 40;

#[expect(clippy::print_stdout, reason = "the figures are what a benchmark is for")]
fn main() {
    let text: Arc<str> = platform(BYTES).into();
    let parsed = parse(FileId(0), Arc::clone(&text));
    assert!(parsed.problems.is_empty(), "the measured file is sound: {:?}", parsed.problems.first());
    let tree = &parsed.tree;
    println!("{} bytes, {} nodes, {} tokens", text.len(), tree.all_nodes().count(), tree.tokens().count());

    #[expect(clippy::cast_precision_loss, reason = "a ratio with two digits")]
    let ratio = tree.bytes_kept() as f64 / text.len() as f64;
    let whole = rate(&text, || drop(black_box(parse(FileId(0), Arc::clone(&text)))));
    println!("parse   {whole:8.0} MB/s   {ratio:.2} bytes kept per byte, the text included");

    let files: Vec<Arc<str>> = text.split_inclusive("\n\n").map(Arc::from).collect();
    let parts = rate(&text, || {
        for file in &files {
            black_box(parse(FileId(0), Arc::clone(file)));
        }
    });
    println!("files   {parts:8.0} MB/s   the same as {} files of one service each", files.len());

    let walk = rate(&text, || {
        for node in tree.all_nodes() {
            black_box(node.name());
            for entry in node.entries() {
                black_box((entry.name(), entry.value().decode()));
            }
        }
    });
    println!("walk    {walk:8.0} MB/s   all names and values decoded");
    let format = rate(&text, || drop(black_box(fmt::format(tree))));
    println!("format  {format:8.0} MB/s");
}

/// Megabytes of `text` that the fastest run of `step` reads in a second.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time, and nothing depends on it")]
fn rate(text: &str, mut step: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        let start = std::time::Instant::now();
        step();
        best = best.min(start.elapsed().as_secs_f64());
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate with three digits")]
    let megabytes = text.len() as f64 / 1e6;
    megabytes / best
}

/// A platform of many services, written as people write them: comments, blocks in one line, properties.
fn platform(bytes: usize) -> String {
    let mut out = String::with_capacity(bytes + 4096);
    out.push_str("// Many services.\nplatform okm {\n    kubernetes \"1.35.7\"\n}\n\n");
    let mut number = 0;
    while out.len() < bytes {
        number += 1;
        let written = write!(out, "{}", service(number));
        assert!(written.is_ok(), "a String takes all that is written to it");
    }
    out
}

fn service(n: u32) -> String {
    let name = format!("svc-{n}");
    let (image, memory, cpu) = (n % 97, 256 + n % 7 * 128, 250 + n % 4 * 250);
    format!(
        r#"/// Service {n}: takes what comes and hands it on, last to go down.
service {name} priority=critical replicas={replicas} {{
    in prod-a prod-b
    image "okm/{name}:2026.11.{image}"
    runtime go
    port http 8080
    port metrics 9100 protocol=http
    cpu "{cpu}m"
    memory "{memory}MiB" variants=2 spread="7%"     // the OOM killer never takes all at once
    anti-affinity required
    calls storage timeout="3s" retries=2 per-try="900ms" retry-on=unavailable
    calls auth timeout="500ms"
    env PGPASSWORD="${{secret.postgres-passwords.{name}}}"
    config type=Ingest {{
        kafka {{ brokers "${{kafka.broker}}"; topic "metrics-${{dc.name}}" }}
        upstreams {{ storage "${{calls.storage.url}}"; auth "${{calls.auth.url}}" }}
        batch {{
            size 500
            linger "50ms"
            compress #true
        }}
    }}
    probes {{
        readiness http="/readyz" period="2s" failures=2
        liveness http="/healthz" period="10s" timeout="3s" failures=6
    }}
    at prod-b {{ replicas 3; anti-affinity preferred }}
    survives datacenter=1
}}

"#,
        replicas = 2 + n % 6,
    )
}
