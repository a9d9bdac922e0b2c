//! Upgrades: that no step breaks the version-skew policy, and that the playbook takes the same steps.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use platc_artifact::judge::{Judge, Loaded, Mutation, Phase, Policies, PolicyUse, Verdict};
use platc_artifact::view::View;
use platc_driver::analysis::Analysis;
use platc_driver::upgrade::{Part, Refusal, Upgrade, upgrade};
use platc_driver::world::Memory;
use platc_testkit::tools::need;

use super::tree;

/// Two API servers are enough where etcd is elsewhere, so the test is short.
const PLATFORM: &str = r#"
platform base { kubernetes "1.35.7" }

datacenter home {
    network lan "192.168.1.0/24" gateway="192.168.1.1" interface=eno1
    nameservers "192.168.1.1"
    host m1 address="192.168.1.11" cpu=16 memory="64GiB" { roles control-plane worker }
    host m2 address="192.168.1.12" cpu=16 memory="64GiB" { roles control-plane worker }
    host w1 address="192.168.1.21" cpu=16 memory="64GiB" { roles worker }
}

cluster home {
    pods "10.244.0.0/16"
    services "10.96.0.0/16"
    etcd { endpoints "192.168.1.51:2379" "192.168.1.52:2379" "192.168.1.53:2379" }
}
"#;

/// Nobody judges.
struct Nobody;

impl Judge for Nobody {
    fn load(&self, _: &[PolicyUse], _: NonZeroUsize) -> Box<dyn Policies> {
        Box::new(Self)
    }
}

impl Policies for Nobody {
    fn loaded(&self) -> &[Loaded] {
        &[]
    }

    fn problems(&self) -> &[platc_diag::Diagnostic] {
        &[]
    }

    fn validate(&self, _: Phase, _: &Arc<dyn View>, _: NonZeroUsize) -> Vec<Verdict> {
        Vec::new()
    }

    fn mutate(&self, _: &Arc<dyn View>, _: NonZeroUsize) -> Mutation {
        Mutation::default()
    }

    fn take_compile_times(&self) -> Vec<(Arc<str>, Duration)> {
        Vec::new()
    }
}

fn planned(text: &str, to: &str, only: Option<&str>) -> (Analysis, Result<Upgrade, Refusal>) {
    let analysis = tree::analysed(&[("platform.kdl", text)]);
    let mut world = Memory::default();
    world.insert(Path::new("p/platform.kdl"), text);
    let found = upgrade(&world, &analysis, (to, only), (&Nobody, NonZeroUsize::MIN));
    (analysis, found)
}

#[test]
fn no_step_breaks_the_skew_of_versions() {
    let (analysis, found) = planned(PLATFORM, "1.36.3", None);
    let found = found.expect("an upgrade");
    assert!(found.found.is_empty(), "{:?}", found.found);
    let [cluster] = &*found.clusters else { panic!("one cluster: {found:?}") };
    assert_eq!(cluster.written, "platform.kdl:2:28");
    let (from, to) = (cluster.from.minor, cluster.to.minor);
    let names: Vec<&str> = analysis.plan.hosts.values().map(|host| &*host.name).collect();
    let mut servers: BTreeMap<&str, u32> = names.iter().take(2).map(|name| (*name, from)).collect();
    let mut kubelets: BTreeMap<&str, u32> = names.iter().map(|name| (*name, from)).collect();
    for step in &cluster.steps {
        for host in &step.on {
            match step.part {
                Some(Part::ControlPlane) => _ = servers.insert(host, to),
                Some(Part::Kubelet) => _ = kubelets.insert(host, to),
                None => continue,
            }
            let (oldest, newest) = (servers.values().min(), servers.values().max());
            let (oldest, newest) = (*oldest.expect("a server"), *newest.expect("a server"));
            assert!(newest - oldest <= 1, "{step:?}");
            assert!(kubelets.values().all(|own| *own <= oldest && oldest - own <= 3), "{step:?}");
        }
    }
    assert!(servers.values().chain(kubelets.values()).all(|own| *own == to), "everything is upgraded");
    let snapshot = cluster.steps.iter().position(|step| step.what.contains("snapshot"));
    assert_eq!(snapshot, Some(0), "etcd is backed up first");
}

#[test]
fn what_cannot_be_is_refused_with_the_way_out() {
    let refused = |to: &str, only: Option<&str>| planned(PLATFORM, to, only).1.expect_err("a refusal");
    let skips = planned(&PLATFORM.replace("1.35.7", "1.34.2"), "1.36.1", None).1.expect_err("a refusal");
    assert_eq!(skips.to_string(), "`home` runs 1.34.2, and kubeadm goes up one minor at a time");
    assert_eq!(skips.help(), "go to 1.35 first, all of it: `platc upgrade --to 1.35 --cluster home`");
    assert!(matches!(refused("1.35.2", Some("home")), Refusal::Back(..)));
    assert!(matches!(refused("1.35", None), Refusal::Nothing(_)));
    assert!(matches!(refused("1.99", None), Refusal::Unknown(..)));
    assert!(matches!(refused("soon", None), Refusal::NoVersion(_)));
    assert!(matches!(refused("1.36", Some("work")), Refusal::NoCluster(..)));
}

#[test]
fn what_the_new_version_objects_to_is_said_before() {
    let text = PLATFORM.replace("kubernetes \"1.35.7\"", "kubernetes \"1.35.7\"; containerd \"1.7.28\"");
    let found = planned(&text, "1.36", None).1.expect("an upgrade");
    let [(place, code, message)] = &*found.found else { panic!("one finding: {found:?}") };
    assert_eq!((&**place, &**code), ("platform.kdl:2:49", "E0520"));
    assert_eq!(message, "containerd 1.7.28 is not supported with Kubernetes 1.36.0");
    let mut before = found.clusters.iter().flat_map(|cluster| &cluster.before);
    assert!(before.any(|(what, _)| what.contains("containerd 1.x")));
}

/// Programs that write down what they are asked to do; a host's version changes when its kubelet starts.
const FAKES: [(&str, &str); 4] = [
    (
        "kubeadm",
        r#"#!/bin/sh
if [ "$1" = version ]; then echo v1.36.3; exit; fi
root="${4%/etc/kubernetes/kubeadm/*}"
host="${root##*/}"
grep -q UpgradeConfiguration "$4" || exit 3
echo "kubeadm $2 ${host}" >> "${FAKE}/log"
[ ! -e "${FAKE}/breaks-${host}" ] || exit 1
manifest="${root}/etc/kubernetes/manifests/kube-apiserver.yaml"
[ ! -e "${manifest}" ] || sed -i s/v1.35.7/v1.36.3/ "${manifest}"
[ "$2" = node ] || echo v1.36.3 > "${FAKE}/server"
"#,
    ),
    (
        "kubectl",
        r#"#!/bin/sh
shift 2
case "$*" in
    version*) printf '{"serverVersion": {"gitVersion": "%s"}}' "$(cat "${FAKE}/server")" ;;
    "get nodes"*) cat "${FAKE}"/kubelet/* ;;
    "get node "*Ready*) printf '%s True' "$(cat "${FAKE}/kubelet/$3")" ;;
    "get node "*) printf '%s' "$(cat "${FAKE}/kubelet/$3")" ;;
    drain*) echo "drain $2" >> "${FAKE}/log"; echo "$2" > "${FAKE}/empty" ;;
    uncordon*) echo "uncordon $2" >> "${FAKE}/log" ;;
esac
"#,
    ),
    ("kubelet", "#!/bin/sh\necho Kubernetes v1.36.3\n"),
    (
        "systemctl",
        r#"#!/bin/sh
[ "$1" = restart ] || exit 0
echo "restart" >> "${FAKE}/log"
echo v1.36.3 > "${FAKE}/kubelet/$(cat "${FAKE}/empty")"
"#,
    ),
];

#[test]
fn the_playbook_goes_on_where_it_was_cut_short_and_does_nothing_twice() {
    let Some(ansible) = need("ansible-playbook") else { return };
    let folder = tree::folder("upgrade");
    let build = folder.join("build");
    tree::write(&tree::analysed(&[("platform.kdl", &PLATFORM.replace("1.35.7", "1.36.3"))]), &build);
    let put = |path: &str, text: &str| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, text).expect("a file");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("its mode");
    };
    for (name, text) in FAKES {
        put(&format!("bin/{name}"), text);
    }
    for host in ["m1", "m2", "w1"] {
        put(&format!("fake/kubelet/{host}"), "v1.35.7\n");
        put(&format!("roots/{host}/var/lib/platc/here"), "");
    }
    for host in ["m1", "m2"] {
        let manifest = format!("roots/{host}/etc/kubernetes/manifests/kube-apiserver.yaml");
        put(&manifest, "image: registry.k8s.io/kube-apiserver:v1.35.7\n");
    }
    put("ansible.cfg", "");
    let play = || {
        let mut command = Command::new(&ansible);
        command.arg("--inventory").arg(build.join("ansible/inventory.yml"));
        command.arg(build.join("ansible/upgrade.yml"));
        let root = format!(
            r#"{{"platc_root": "{}/roots/{{{{ inventory_hostname }}}}", "platc_become": false, "ansible_connection": "local", "ansible_python_interpreter": "{{{{ ansible_playbook_python }}}}"}}"#,
            folder.display()
        );
        command.args(["--extra-vars", &root]);
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", folder.join("bin").display()));
        command.env("FAKE", folder.join("fake")).env("HOME", &folder).env("LC_ALL", "C.UTF-8");
        command.env("ANSIBLE_CONFIG", folder.join("ansible.cfg")).env("ANSIBLE_HOME", folder.join("home"));
        command.env("ANSIBLE_NOCOLOR", "1").env("ANSIBLE_PIPELINING", "1");
        let answer = command.output().expect("ansible-playbook starts");
        let said = String::from_utf8_lossy(&[answer.stdout, answer.stderr].concat()).into_owned();
        (answer.status.success(), said)
    };
    let log = || std::fs::read_to_string(folder.join("fake/log")).unwrap_or_default();

    put("fake/server", "v1.34.1\n");
    let (is_good, said) = play();
    assert!(!is_good && said.contains("API servers go up one minor at a time"), "{said}");
    assert_eq!(log(), "", "nothing was touched");

    put("fake/server", "v1.35.7\n");
    put("fake/breaks-m2", "");
    let (is_good, said) = play();
    assert!(!is_good, "{said}");
    assert_eq!(log(), "kubeadm apply m1\nkubeadm node m2\n", "{said}");

    // Somebody has gone on by hand.
    put("fake/kubelet/m1", "v1.36.3\n");
    std::fs::remove_file(folder.join("fake/breaks-m2")).expect("it is there");
    let (is_good, said) = play();
    assert!(is_good, "{said}");
    let all = "kubeadm apply m1\nkubeadm node m2\nkubeadm node m2\n\
        drain m2\nrestart\nuncordon m2\ndrain w1\nkubeadm node w1\nrestart\nuncordon w1\n";
    assert_eq!(log(), all, "{said}");
}
