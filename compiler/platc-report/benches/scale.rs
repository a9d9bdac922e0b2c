//! What capacity costs on large platforms: the ledger, placement, every loss of a host, the page, and how long a
//! browser takes until the page stands.
//!
//! `cargo bench -p platc-report --bench scale`; figures are of one run.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark: it measures time, prints it and fails loudly"
)]

use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use platc_driver::analysis::{AnalysisOptions, analyse};
use platc_driver::world::Memory;
use platc_plan::ledger;
use platc_proof::pack::Limits;
use platc_report::{Report, report};

/// Of an image that is never pulled.
const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// Hosts of three sizes in racks of twenty, none quite like another, so that each loss is a case of its own;
/// services of seven shapes.
fn platform(hosts: usize, services: usize) -> String {
    let mut text =
        "platform large { kubernetes \"1.35.7\" }\n\ndatacenter home {\n    network lan \"10.0.0.0/16\" \
                    gateway=\"10.0.0.1\" interface=eth0\n    nameservers \"10.0.0.2\"\n"
            .to_owned();
    for rack in 0..hosts.div_ceil(20) {
        let _ = writeln!(text, "    rack r{rack} {{");
        for at in rack * 20..hosts.min(rack * 20 + 20) {
            let roles = if at < 3 { "control-plane worker" } else { "worker" };
            let (cpu, memory) = [(32, 128), (48, 192), (64, 256)][at % 3];
            let address = format!("10.0.{}.{}", 1 + at / 200, 10 + at % 200);
            let _ = writeln!(
                text,
                "        host h{at:04} address=\"{address}\" cpu={cpu} memory=\"{}MiB\" {{ roles {roles} }}",
                memory * 1024 + at
            );
        }
        text += "    }\n";
    }
    text += "}\n\ncluster home { pods \"10.128.0.0/10\"; services \"10.96.0.0/16\"; survives host=1 }\n";
    for at in 0..services {
        let replicas = 2 + at % 3;
        let cpu = [250, 500, 750, 1000, 1500, 2000, 2500][at % 7];
        let memory = [256, 512, 1024, 3072, 2048, 768, 4096][at % 7];
        let apart = if at % 2 == 0 { "required" } else { "preferred" };
        let _ = write!(
            text,
            "service s{at:04} replicas={replicas} {{\n    image \"x/y:1@sha256:{DIGEST}\"\n    port http 8080\n    cpu \
             \"{cpu}m\"\n    memory \"{memory}MiB\"\n    anti-affinity {apart}\n    probes {{ readiness \
             http=\"/r\"; liveness http=\"/l\" }}\n}}\n"
        );
    }
    text
}

fn measure<T>(name: &str, what: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let value = what();
    println!("{name}\t{:.1} ms", started.elapsed().as_secs_f64() * 1000.0);
    value
}

fn main() {
    for (hosts, services) in [(200, 1000), (1000, 5000)] {
        let name = format!("{services} services, {hosts} hosts");
        let mut world = Memory::default();
        world.insert("p/platform.kdl", platform(hosts, services));
        let analysis = analyse(&world, Path::new("p"), AnalysisOptions::default());
        let plan = &analysis.plan;
        let counted = measure(&format!("{name}: ledger"), || {
            ledger::count(&plan.clusters, &plan.hosts, &plan.workloads)
        });
        let own = counted.clusters.values().next().expect("one cluster");
        println!("{} pods ask for {} of {}", own.pods, own.demand.cpu, own.free.cpu);
        let (proofs, problems) = measure(&format!("{name}: placement, rollouts, losses"), || {
            platc_proof::prove(plan, Limits::default())
        });
        for proof in &proofs.claims {
            println!(
                "{:?} in {} cases, {} of them unlike",
                proof.standing(),
                proof.n_cases(),
                proof.outcomes.len()
            );
        }
        for problem in problems.iter().take(3) {
            println!("{}: {}", problem.code().id(), problem.message());
        }
        let page = measure(&format!("{name}: page"), || {
            report(&Report {
                plan,
                proofs: &proofs,
                findings: &problems,
                files: &analysis.files,
                changes: None,
            })
        });
        let page = page.expect("the template is right");
        println!("{name}: page\t{} KB", page.len().div_ceil(1000));
        if let Some(stands) = opened(&page) {
            println!("{name}: page stands in Chromium\t{stands} ms");
        }
    }
}

/// Milliseconds from the start of loading until everything is laid out, as the browser counts them.
fn opened(page: &str) -> Option<String> {
    const WATCH: &str = "<script>addEventListener(\"load\", () => { const height = document.body.offsetHeight; \
        document.title = \"stands \" + Math.round(performance.now()) + \" \" + height; });</script></body>";
    let chromium = platc_testkit::tools::need("chromium")?;
    let dir = std::env::temp_dir().join(format!("platc-scale-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a directory");
    let file = dir.join("page.html");
    std::fs::write(&file, page.replace("</body>", WATCH)).expect("written");
    let output = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--dump-dom"])
        .args(["--disable-extensions", "--window-size=1280,900"])
        .arg(format!("--user-data-dir={}", dir.join("profile").display()))
        .arg(format!("file://{}", file.display()))
        .output()
        .expect("Chromium starts");
    let _ = std::fs::remove_dir_all(dir);
    let document = String::from_utf8_lossy(&output.stdout);
    let stands = document.split_once("<title>stands ")?.1;
    stands.split_whitespace().next().map(str::to_owned)
}
