//! The common workload as a platform: N services in two datacenters, each with replicas by place, a config of
//! 17 lines, probes, limits, and calls through its sidecar. Other programs that compile the same services are
//! measured beside it; `--peers` names their directory.
//!
//! Not here: measuring. Start with [`write`].

use std::fmt::Write as _;
use std::path::Path;

use crate::Outcome;

/// The teams that own the services, in turn.
const TEAMS: [&str; 8] = ["payments", "search", "catalog", "identity", "shipping", "ads", "feeds", "billing"];
const LEVELS: [&str; 4] = ["debug", "info", "warn", "error"];
/// A datacenter, its network, and the pods' and services' ranges of its cluster.
const DATACENTERS: [(&str, &str, &str, &str); 2] =
    [("dc1", "10.1", "10.100.0.0/14", "10.80.0.0/16"), ("dc2", "10.2", "10.148.0.0/14", "10.81.0.0/16")];
/// Services in one file, as a team would keep them.
const PER_FILE: usize = 50;
/// Of a group, the last two are called by the others.
const GROUP: usize = 10;

const TYPES: &str = r"type App {
    service { name dns-label; datacenter string; logLevel debug|info|warn|error }
    kafka { brokers list<host-port>; topic string; acks all|leader|none }
    cassandra { contactPoints list<host-port>; keyspace string; consistency string }
}
";

const DEFAULTS: &str = r#"defaults workload { in dc1 dc2 }
defaults service {
    probes {
        readiness http="/ready" period="5s"
        liveness http="/healthz" period="10s"
    }
    sidecar cpu="100m" memory="64MiB"
}
"#;

/// Writes the platform of `services` services into `folder`.
///
/// # Errors
///
/// If a file cannot be written.
pub(super) fn write(services: usize, folder: &Path) -> Outcome {
    let put = |name: String, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
    let below = folder.join("services");
    std::fs::create_dir_all(&below).map_err(|error| format!("{}: {error}", below.display()))?;
    put("platform.kdl".to_owned(), "platform workload { kubernetes \"1.35.7\" }\n")?;
    put("types.kdl".to_owned(), TYPES)?;
    put("services/defaults.kdl".to_owned(), DEFAULTS)?;
    for (name, network, pods, addresses) in DATACENTERS {
        put(format!("{name}.kdl"), &datacenter(services, name, network, pods, addresses))?;
    }
    put("stateful.kdl".to_owned(), &stateful())?;
    let all: Vec<usize> = (0..services).collect();
    for (file, part) in all.chunks(PER_FILE).enumerate() {
        let text: String = part.iter().map(|index| service(*index, services)).collect();
        put(format!("services/part-{file:04}.kdl"), &text)?;
    }
    Ok(())
}

/// Machines enough for the pods: a hundred and ten to each, and some room.
fn datacenter(services: usize, name: &str, network: &str, pods: &str, addresses: &str) -> String {
    let mut text = format!(
        "datacenter {name} {{\n    network lan \"{network}.0.0/16\" gateway=\"{network}.0.1\" interface=eno1\n    nameservers \"{network}.0.2\"\n"
    );
    let hosts = (services / 25).max(6);
    for host in 0..hosts {
        let (high, low) = (1 + host / 200, 10 + host % 200);
        let roles = if host < 3 { "control-plane worker" } else { "worker" };
        let _ = writeln!(
            text,
            "    host {name}-h{host} address=\"{network}.{high}.{low}\" cpu=96 memory=\"512GiB\" {{ roles {roles} }}"
        );
    }
    for (high, database) in [(252, "kafka"), (253, "cass")] {
        for member in 1..=3 {
            let _ = writeln!(
                text,
                "    host {name}-{database}{member} address=\"{network}.{high}.{member}\" cpu=16 memory=\"64GiB\" {{ roles outside }}"
            );
        }
    }
    let _ = write!(
        text,
        "}}\n\ncluster {name} {{\n    in {name}\n    pods \"{pods}\"\n    services \"{addresses}\"\n}}\n"
    );
    text
}

fn stateful() -> String {
    let mut text = String::new();
    for (name, host, port) in [("kafka", "kafka", "broker 9092"), ("cassandra", "cass", "cql 9042")] {
        let _ = writeln!(text, "stateful {name} {{\n    port {port}");
        for (datacenter, ..) in DATACENTERS {
            let _ = writeln!(text, "    on {datacenter}-{host}1 {datacenter}-{host}2 {datacenter}-{host}3");
        }
        text.push_str("}\n");
    }
    text
}

fn service(index: usize, services: usize) -> String {
    let name = name_of(index);
    let team = TEAMS.get(index % TEAMS.len()).copied().unwrap_or_default();
    let (cpu, memory) = (100 + 50 * (index % 6), 128 * (1 + index % 4));
    let (in_first, in_second) = (2 + index % 4, 1 + index % 3);
    let mut text = format!(
        r#"service {name} replicas={in_first} {{
    labels {{ team {team} }}
    image "images.example/{team}/{name}:1.{minor}.{patch}@sha256:{index:064x}"
    port http {port}
    cpu request="{cpu}m" limit="{cpu_limit}m"
    memory request="{memory}MiB" limit="{memory_limit}MiB"
"#,
        minor = index % 30,
        patch = index % 7,
        port = 8000 + index % 1000,
        cpu_limit = cpu * 2,
        memory_limit = memory * 2,
    );
    let last = (index / GROUP + 1) * GROUP;
    if index + 2 < last && last <= services {
        for called in [last - 2, last - 1] {
            let _ = writeln!(
                text,
                "    calls {} timeout=\"3s\" retries=3 retry-on=unavailable per-try=\"500ms\"",
                name_of(called)
            );
        }
    }
    let _ = write!(
        text,
        r#"    config type=App env=CONFIG {{
        service {{ name {name}; datacenter "${{dc.name}}"; logLevel {level} }}
        kafka {{ brokers "${{kafka.broker}}"; topic {name}-events; acks all }}
        cassandra {{ contactPoints "${{cassandra.cql}}"; keyspace {keyspace}; consistency LOCAL_QUORUM }}
    }}
    at dc2 {{ replicas {in_second} }}
}}

"#,
        level = LEVELS.get(index % LEVELS.len()).copied().unwrap_or_default(),
        keyspace = name.replace('-', "_"),
    );
    text
}

fn name_of(index: usize) -> String {
    format!("svc-{index:05}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_two_of_a_group_are_called_and_call_nobody() {
        let calls = |index| service(index, 20).matches("calls ").count();
        assert_eq!((calls(0), calls(7), calls(8), calls(9)), (2, 2, 0, 0));
        assert!(service(13, 20).contains("calls svc-00018 "));
        assert!(!service(12, 15).contains("calls "), "a group that is not whole calls nobody");
    }

    #[test]
    fn the_same_services_are_the_same_text() {
        assert_eq!(service(7, 100), service(7, 100));
        assert_ne!(service(7, 100), service(8, 100));
    }
}
