//! The okmeter platform with static routing, as networks of network namespaces: a namespace for each host, a
//! bridge for each datacenter, a router between them. Routes come from the generated files alone, and
//! packets go from each pod range and each outside host to each other.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use platc_driver::analysis::Analysis;
use platc_model::generated::NetConfig;
use platc_model::scalar::Cidr;
use platc_plan::HostPlan;
use platc_plan::routes::router_routes;
use platc_testkit::tools::need;

use super::tree;

/// The example with routes of platc's own on every host, some by commands and some by ifupdown.
fn okmeter() -> Analysis {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/okmeter");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    let amended: Vec<(String, String)> = files
        .into_iter()
        .filter(|(path, _)| path != "tests.kdl")
        .map(|(path, text)| {
            let text = text.replace("routing flannel-host-gw", "routing static");
            let text = text.replace("smt #false;", "smt #false; net-config script;");
            (path, text.replace("net-config=networkd", "net-config=script"))
        })
        .collect();
    let files: Vec<(&str, &str)> =
        amended.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    tree::analysed(&files)
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .expect("the example is there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below the example").to_string_lossy().into_owned();
            files.push((name, std::fs::read_to_string(&path).expect("a text")));
        }
    }
}

/// What the script builds the network from.
fn description(analysis: &Analysis, build: &Path) -> String {
    let plan = &analysis.plan;
    let mut text = String::new();
    for (id, datacenter) in plan.model.datacenters.iter() {
        let lan = datacenter.value.network.first().expect("a network");
        let gateway = lan.gateway.expect("a router").value;
        let _ = writeln!(text, "site {} {gateway}/{}", datacenter.head.name, lan.cidr.prefix());
        for (range, via) in router_routes(plan, id) {
            let _ = writeln!(text, "router {range} {via}");
        }
    }
    for host in plan.hosts.values() {
        text += &host_line(host, build);
    }
    text
}

fn host_line(host: &HostPlan, build: &Path) -> String {
    let files = build.join(format!("hosts/{}/{}/rootfs", host.zone, host.name));
    let (how, file) = match host.net_config.value {
        NetConfig::Script => ("batch", "etc/platc/routes.batch"),
        NetConfig::Ifupdown => ("ifupdown", "etc/network/interfaces.d/pod-routes"),
        other => panic!("{}: {other:?}", host.name),
    };
    let nic = host.nics.first().expect("a card");
    let gateway = host.gateway.expect("a router");
    // A pod's address, or the host's where it has no pods.
    let pods = host.pods.map_or_else(|| "-".to_owned(), |pods| pods.value.to_string());
    let end = host
        .pods
        .and_then(|pods: platc_diag::Sourced<Cidr>| pods.value.host(2))
        .unwrap_or(host.address.value);
    format!(
        "host {} {} {} {}/{} {gateway} {pods} {end} {how} {}\n",
        host.name,
        host.zone,
        nic.name,
        host.address.value,
        nic.range.prefix(),
        files.join(file).display()
    )
}

#[test]
fn packets_arrive() {
    let tools = ["unshare", "ip", "ifup", "python3"].map(need);
    let [Some(unshare), Some(_), Some(_), Some(python)] = tools else { return };
    let analysis = okmeter();
    let build = tree::folder("okmeter");
    tree::write(&analysis, &build);
    std::fs::write(build.join("network"), description(&analysis, &build)).expect("a file");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hosts/network.py");
    let mut command = Command::new(unshare);
    command.args(["--net", "--mount", "--user", "--map-root-user"]);
    let answer = command.arg(python).arg(script).arg(build.join("network")).output().expect("unshare starts");
    let said = [answer.stdout, answer.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(answer.status.success(), "{said}");
    // 12 nodes and 6 hosts outside, each to each other.
    assert!(said.contains("306 pairs reach each other"), "{said}");
    assert!(said.contains("12 routes are needed"), "{said}");
}
