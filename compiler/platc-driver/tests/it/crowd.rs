//! The common workload of the peers: N services over two datacenters, some calling others, each with a config. What a
//! benchmark measures has no findings, and a test says so, because benchmarks are run seldom.
//!
//! Start with [`platform`].

use std::fmt::Write as _;
use std::path::Path;

use platc_driver::world::Memory;

/// The platform and its size: two datacenters with a cluster each, files of fifty services.
pub(crate) fn platform(services: usize) -> (Memory, usize) {
    let (mut world, mut bytes) = (Memory::default(), 0);
    let mut put = |path: String, text: String| {
        bytes += text.len();
        world.insert(Path::new("p").join(path), text);
    };
    put("platform.kdl".to_owned(), sites(services));
    for first in (0..services).step_by(50) {
        let texts: String = (first..services.min(first + 50)).map(|at| service(at, services)).collect();
        put(format!("services/s{first:05}.kdl"), texts);
    }
    (world, bytes)
}

fn sites(services: usize) -> String {
    let mut text = "platform bench { kubernetes \"1.35.7\" }\n".to_owned();
    let hosts = (services / 40).max(4);
    for (at, name) in ["dc1", "dc2"].into_iter().enumerate() {
        let net = format!("10.{}", at + 1);
        let _ = writeln!(
            text,
            "datacenter {name} {{\n    network lan \"{net}.0.0/16\" gateway=\"{net}.0.1\" interface=eno1\n    \
             nameservers \"{net}.0.2\""
        );
        for host in 0..hosts {
            let roles = if host < 3 { "control-plane worker" } else { "worker" };
            let address = format!("{net}.{}.{}", 1 + host / 200, 10 + host % 200);
            let _ = writeln!(
                text,
                "    host {name}-h{host} address=\"{address}\" cpu=96 memory=\"512GiB\" {{ roles {roles} }}"
            );
        }
        let pods = 64 + at * 64;
        let _ = writeln!(
            text,
            "}}\ncluster {name} {{\n    in {name}\n    pods \"10.{pods}.0.0/10\"\n    services \"172.{}.0.0/15\"\n}}",
            18 + at * 2
        );
    }
    text
}

/// One service of the workload: every fourth calls the next three.
fn service(at: usize, services: usize) -> String {
    let name = format!("svc-{at:05}");
    let mut text = format!(
        "service {name} replicas=1 {{\n    in dc1 dc2\n    image \"app/{name}:1.0.{at}@sha256:{at:064x}\"\n    \
         port http 8080\n    cpu \"100m\"\n    memory \"128MiB\"\n    probes {{ readiness http=\"/ready\"; \
         liveness http=\"/live\" }}\n"
    );
    for next in (at + 1..services.min(at + 4)).filter(|_| at.is_multiple_of(4)) {
        let _ = writeln!(text, "    calls svc-{next:05} timeout=\"1s\" retries=1");
    }
    let workers = at % 16;
    let _ = write!(
        text,
        "    config {{\n        listen \":8080\"\n        name {name}\n        workers {workers}\n        cache {{ \
         size \"64MiB\"; ttl \"30s\"; shards 8 }}\n        database {{ host \"db.internal\"; port 5432; pool 10; \
         name app_{at} }}\n        log {{ level info; format json }}\n        features {{ alpha #true; beta #false \
         }}\n        place \"${{cluster.name}}\"\n    }}\n}}\n"
    );
    text
}
