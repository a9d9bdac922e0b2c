//! netplan, which no example uses: what it makes of its file for networkd.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use platc_testkit::tools::need;

use super::tree;

const PLATFORM: &str = r#"
platform base { kubernetes "1.35.7" }

datacenter home {
    network lan "192.168.1.0/24" gateway="192.168.1.1" interface=eno1
    network pool "10.118.11.0/24" gateway="10.118.11.1" interface=eno1
    nameservers "192.168.1.1"
    host m1 address="192.168.1.11" cpu=16 memory="64GiB" net-config=netplan { roles control-plane worker }
    host m2 address="192.168.1.12" cpu=16 memory="64GiB" net-config=netplan { roles worker }
}

cluster home {
    network lan
    pods "10.244.0.0/16"
    services "10.96.0.0/16"
    routing static
}

service web replicas=1 {
    image "okm/web:1@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    port http 8080
    cpu "500m"
    memory "256MiB"
    probes { readiness http="/ready"; liveness http="/live" }
}

namespace edge security=privileged

proxy edge namespace=edge {
    on control-plane
    listen 8000
    vips "10.118.11.20"
    cpu request=1
    memory "512MiB"
    route "/" to=web timeout="5s"
}
"#;

#[test]
fn netplan_makes_routes_of_its_file() {
    let Some(netplan) = need("netplan") else { return };
    let build = tree::folder("netplan");
    tree::write(&tree::analysed(&[("platform.kdl", PLATFORM)]), &build);
    let root = build.join("root");
    std::fs::create_dir_all(root.join("etc/netplan")).expect("a folder");
    let file = root.join("etc/netplan/60-platc-routes.yaml");
    std::fs::copy(build.join("hosts/home/m1/rootfs/etc/netplan/60-platc-routes.yaml"), &file)
        .expect("it is there");
    let mode = std::fs::metadata(&file).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let answer =
        Command::new(netplan).args(["generate", "--root-dir"]).arg(&root).output().expect("netplan starts");
    let said = String::from_utf8_lossy(&answer.stderr).into_owned();
    assert!(answer.status.success() && said.is_empty(), "{said}");
    let made = std::fs::read_to_string(root.join("run/systemd/network/10-netplan-eno1.network"))
        .expect("for networkd");
    for part in [
        "[Route]\nDestination=10.244.2.0/24\nGateway=192.168.1.12\n",
        "[Route]\nDestination=10.244.0.0/16\nType=unreachable\nMetric=32000\n",
        "Destination=10.118.11.0/24\nScope=link\nTable=100\n",
        "Gateway=10.118.11.1\nTable=100\n",
        "[RoutingPolicyRule]\nFrom=10.118.11.0/24\nTable=100\nPriority=1000\n",
    ] {
        assert!(made.contains(part), "{part}\nis not in\n{made}");
    }
}
