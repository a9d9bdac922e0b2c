//! An estate of bare machines as a platform: hosts in datacenters, a cluster in each that is routed statically,
//! so that every host has a route to the pods of each neighbour and to those of each other site.
//!
//! Start with [`measure`].

use std::fmt::Write as _;
use std::path::Path;

use super::PLACE;
use super::measure::Timed;
use crate::Outcome;

/// Runs of each command.
const RUNS: u32 = 3;
/// Machines in a rack.
const PER_RACK: usize = 40;

/// Lines of the table for so many hosts in so many datacenters: what compiling costs, and what it costs to write
/// every file of every host besides.
///
/// # Errors
///
/// If a command fails.
pub(super) fn measure(root: &Path, hosts: usize, datacenters: usize) -> Outcome<Vec<String>> {
    let dist = format!("hosts-{hosts}-dist");
    let (platform, out) = (root.join(PLACE).join(format!("hosts-{hosts}")), root.join(PLACE).join(&dist));
    write(hosts, datacenters, &platform)?;
    let (path, out) = (platform.to_string_lossy(), out.to_string_lossy());
    let timed = Timed { root, folder: root, gone: &[] };
    let check: &[&str] = &["platc", "check", &path];
    let build: &[&str] = &["platc", "build", &path, "--out", &out];
    let checked = timed.many(check, RUNS)?.describe();
    let built = Timed { gone: &[&dist], ..timed }.many(build, RUNS)?.describe();
    Ok(vec![format!("  platc check\t\t{checked}\t"), format!("  platc build, empty\t\t{built}\t")])
}

/// Writes the platform of so many hosts in so many datacenters into `folder`.
fn write(hosts: usize, datacenters: usize, folder: &Path) -> Outcome {
    let put = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    put("platform.kdl", "platform estate { kubernetes \"1.35.7\" }\n")?;
    put("services.kdl", SERVICES)?;
    for nth in 0..datacenters {
        put(&format!("dc{nth:02}.kdl"), &datacenter(nth, hosts / datacenters.max(1)))?;
    }
    Ok(())
}

const SERVICES: &str = r#"service web replicas=3 {
    in dc00
    image "images.example/web:1@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    port http 8080
    cpu "500m"
    memory "256MiB"
    probes { readiness http="/ready"; liveness http="/live" }
}
"#;

/// A rack after the other; the last four machines are databases, which are in no cluster.
fn datacenter(nth: usize, hosts: usize) -> String {
    let mut text = format!(
        "datacenter dc{nth:02} {{\n    network lan \"10.{nth}.0.0/16\" gateway=\"10.{nth}.0.1\" interface=eno1\n    nameservers \"10.{nth}.0.2\"\n"
    );
    let all: Vec<usize> = (0..hosts).collect();
    for (rack, part) in all.chunks(PER_RACK).enumerate() {
        let _ = writeln!(text, "    rack dc{nth:02}-r{rack:02} {{");
        for host in part {
            let (high, low) = (1 + host / 200, 10 + host % 200);
            let roles = match host {
                0..3 => "control-plane worker",
                _ if host + 4 >= hosts => "outside",
                _ => "worker",
            };
            let _ = writeln!(
                text,
                "        host dc{nth:02}-h{host:03} address=\"10.{nth}.{high}.{low}\" cpu=64 memory=\"256GiB\" {{ roles {roles} }}",
            );
        }
        text.push_str("    }\n");
    }
    let _ = write!(
        text,
        "}}\n\ncluster dc{nth:02} {{\n    in dc{nth:02}\n    pods \"10.{}.0.0/16\"\n    services \"10.{}.0.0/16\"\n    routing static\n}}\n",
        100 + nth,
        200 + nth,
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datacenter_has_three_masters_and_four_machines_outside() {
        let text = datacenter(3, 50);
        assert_eq!(text.matches("control-plane worker").count(), 3);
        assert_eq!(text.matches("outside").count(), 4);
        assert_eq!((text.matches(" host ").count(), text.matches(" rack ").count()), (50, 2));
    }
}
