//! The playbook, run for real: two hosts are two folders.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use platc_testkit::tools::need;

use super::tree;

const PLATFORM: &str = r#"
platform base { kubernetes "1.35.7" }

datacenter home {
    network lan "192.168.1.0/24" gateway="192.168.1.1" interface=eno1
    nameservers "192.168.1.1"
    host m1 address="192.168.1.11" cpu=16 memory="64GiB" { roles control-plane worker }
    host db1 address="192.168.1.31" roles=outside net-config=ifupdown
}

cluster home {
    pods "10.244.0.0/16"
    services "10.96.0.0/16"
    api "192.168.1.10:6443" balancer=keepalived
}
"#;

const KAFKA: &str = r#"
stateful kafka {
    port broker 9092
    reserve cpu=4 memory="12GiB"
    on m1
}
"#;

/// A port on the host's own network, of those that the kernel would give to connections.
const AGENT: &str = r#"
namespace base security=privileged

daemon agent {
    image "okm/agent:1@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    host-network #true
    port metrics 40001
    cpu "50m"
    memory "64MiB"
    probes { readiness tcp=metrics; liveness tcp=metrics }
}
"#;

const SECRETS: &str = r#"{"bootstrap-token": "abcdef.0123456789abcdef", "certificate-key": "00", "vrrp-password": "p=a&ss\\1"}"#;

struct Estate {
    ansible: PathBuf,
    folder: PathBuf,
}

/// What a run says.
struct Said {
    text: String,
    is_good: bool,
}

impl Estate {
    fn new(name: &str) -> Option<Self> {
        let ansible = need("ansible-playbook")?;
        Some(Self { ansible, folder: tree::folder(name) })
    }

    fn root(&self, host: &str) -> PathBuf {
        self.folder.join("roots").join(host)
    }

    fn read(&self, host: &str, path: &str) -> String {
        std::fs::read_to_string(self.root(host).join(path))
            .unwrap_or_else(|error| panic!("{host}: {path}: {error}"))
    }

    /// Builds a platform and delivers it.
    fn deliver(&self, files: &[(&str, &str)], secrets: &str) -> Said {
        let build = self.folder.join("build");
        let _ = std::fs::remove_dir_all(&build);
        tree::write(&tree::analysed(files), &build);
        self.play(&build, secrets)
    }

    fn play(&self, build: &Path, secrets: &str) -> Said {
        let config = self.folder.join("ansible.cfg");
        std::fs::write(&config, "").expect("a file");
        let mut command = Command::new(&self.ansible);
        command
            .arg("--inventory")
            .arg(build.join("ansible/inventory.yml"))
            .arg(build.join("ansible/site.yml"));
        command.args(["--extra-vars", "ansible_connection=local platc_become=false"]);
        // What Ansible runs modules with is the Python that it runs with itself.
        let roots = self.folder.join("roots");
        let root = format!(
            r#"{{"platc_root": "{}/{{{{ inventory_hostname }}}}", "platc_secrets": {secrets}, "ansible_python_interpreter": "{{{{ ansible_playbook_python }}}}"}}"#,
            roots.display()
        );
        command.args(["--extra-vars", &root]);
        command.env("ANSIBLE_CONFIG", config).env("ANSIBLE_HOME", self.folder.join("home"));
        command
            .env("HOME", &self.folder)
            .env("ANSIBLE_NOCOLOR", "1")
            .env("ANSIBLE_LOCALHOST_WARNING", "0")
            .env("ANSIBLE_PIPELINING", "1");
        command.env("LC_ALL", "C.UTF-8");
        let answer = command.output().expect("ansible-playbook starts");
        let text = String::from_utf8_lossy(&[answer.stdout, answer.stderr].concat()).into_owned();
        Said { text, is_good: answer.status.success() }
    }
}

impl Said {
    /// `changed=` of a host in Ansible's own sum.
    fn changed(&self, host: &str) -> u32 {
        let mut lines = self.text.lines().filter(|line| line.starts_with(host) && line.contains("changed="));
        let line = lines.next_back().unwrap_or_else(|| panic!("no sum of {host}:\n{}", self.text));
        let number = line.split("changed=").nth(1).and_then(|rest| rest.split_whitespace().next());
        number.and_then(|number| number.parse().ok()).expect("a number")
    }

    /// What the script on a host did.
    fn done(&self) -> Vec<&str> {
        let lines = self.text.lines().map(|line| line.trim().trim_matches([',', '"']));
        lines
            .filter(|line| ["changed /", "removed /", "action "].iter().any(|word| line.starts_with(word)))
            .collect()
    }
}

#[test]
fn delivery_touches_what_changed_and_nothing_else() {
    let Some(estate) = Estate::new("delivery") else { return };
    let first = estate.deliver(&[("platform.kdl", PLATFORM), ("kafka.kdl", KAFKA)], SECRETS);
    assert!(first.is_good, "{}", first.text);
    assert_eq!((first.changed("m1"), first.changed("db1")), (1, 1), "{}", first.text);
    let keepalived = estate.read("m1", "etc/keepalived/keepalived.conf");
    assert!(keepalived.contains("auth_pass p=a&ss\\1\n"), "{keepalived}");
    let init = estate.read("m1", "etc/kubernetes/kubeadm/init.yaml");
    assert!(init.contains("@@secret:bootstrap-token@@"), "it is filled when it is used, and not before");
    assert!(!estate.root("m1").join("run/platc/secrets").exists(), "secrets do not stay");
    assert!(
        estate.read("db1", "etc/network/interfaces.d/pod-routes").contains("10.244.1.0/24 via 192.168.1.11")
    );
    let mode =
        std::fs::metadata(estate.root("m1").join("etc/keepalived/keepalived.conf")).expect("it is there");
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    let actions: Vec<&str> = first.done().into_iter().filter(|line| line.starts_with("action ")).collect();
    let (kernel, kubelet) = (
        actions.iter().position(|it| *it == "action run:sysctl"),
        actions.iter().position(|it| *it == "action run:kubelet-config"),
    );
    assert!(kernel.is_some() && kernel < kubelet, "the kernel comes first: {actions:?}");

    let second = estate.play(&estate.folder.join("build"), SECRETS);
    assert!(second.is_good, "{}", second.text);
    assert_eq!((second.changed("m1"), second.changed("db1")), (0, 0), "{}", second.text);

    let third =
        estate.deliver(&[("platform.kdl", PLATFORM), ("kafka.kdl", KAFKA), ("agent.kdl", AGENT)], SECRETS);
    assert!(third.is_good, "{}", third.text);
    assert_eq!(
        third.done(),
        ["changed /etc/sysctl.d/95-platform.conf", "action run:sysctl"],
        "{}",
        third.text
    );

    let fourth = estate.deliver(&[("platform.kdl", PLATFORM), ("agent.kdl", AGENT)], SECRETS);
    assert!(fourth.is_good, "{}", fourth.text);
    for gone in ["carve.slice", "carve-kafka.slice", "kafka.service.d/10-carve.conf"] {
        let path = format!("/etc/systemd/system/{gone}");
        assert!(!estate.root("m1").join(path.trim_start_matches('/')).exists(), "{gone}");
        assert!(fourth.done().contains(&format!("removed {path}").as_str()), "{:?}", fourth.done());
    }
    assert!(fourth.done().contains(&"action run:kubelet-config"), "{:?}", fourth.done());
}

#[test]
fn a_secret_that_is_missing_stops_before_anything_is_touched() {
    let Some(estate) = Estate::new("secrets") else { return };
    let said = estate.deliver(&[("platform.kdl", PLATFORM)], "{}");
    assert!(!said.is_good, "{}", said.text);
    assert!(said.text.contains("no secret `vrrp-password`"), "{}", said.text);
    assert!(!estate.root("m1").join("etc").exists());
    assert!(!estate.root("m1").join("var/lib/platc/stage").exists());
}

/// A machine of its own: where kubeadm and its like write is copied or empty, and they are scripts.
const MACHINE: &str = r#"
set -eu
cd "$1"
mkdir etc
cp -r /etc/. etc 2> /dev/null || true # what this user may read is enough
mount --bind etc /etc
mount -t tmpfs none /var/lib
mount -t tmpfs none /run
mkdir -p /var/lib/platc /etc/kubernetes/kubeadm bin build/clusters/home/00-first
cp build/ansible/files/platc-install /var/lib/platc/
cp build/hosts/home/m1/rootfs/etc/kubernetes/kubeadm/init.yaml /etc/kubernetes/kubeadm/
echo '{}' > build/clusters/home/00-first/object.yaml
mkdir build/clusters/home/30-services
printf 'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\n' > build/clusters/home/30-services/web.yaml
cat > bin/kubeadm <<'END'
#!/bin/sh
grep -q abcdef.0123456789abcdef "$3" || exit 3
echo "$1" >> kubeadm.log
touch /etc/kubernetes/admin.conf /etc/kubernetes/kubelet.conf
[ ! -e api-does-not-come-up ]
END
cat > bin/kubectl <<'END'
#!/bin/sh
case "$1" in get) printf '1 platc' ;; delete) cat >> kubectl.deleted ;; *) echo applied ;; esac
END
printf '#!/bin/sh\necho key\n' > bin/openssl
sed -i "s|kubeadm.log|$PWD/kubeadm.log|; s|api-does-not-come-up|$PWD/api-does-not-come-up|" bin/kubeadm
sed -i "s|kubectl.deleted|$PWD/kubectl.deleted|" bin/kubectl
chmod +x bin/*
PATH="$PWD/bin:$PATH"
play() {
    said=good
    "$2" --inventory inventory.yml build/ansible/site.yml --extra-vars "$3" ${4:-} || said=bad
    echo "== $1: $said, $(wc -l < kubeadm.log) runs"
}
touch api-does-not-come-up
play cut "$2" "$3"
rm api-does-not-come-up
play refused "$2" "$3"
rm /etc/kubernetes/*.conf /var/lib/platc/kubeadm-unfinished
play begun "$2" "$3"
play again "$2" "$3"
rm build/clusters/home/30-services/web.yaml
play less "$2" "$3"
play pruned "$2" "$3" --extra-vars=platc_prune=true
"#;

const ONE: &str = "platc_first:
  hosts: { m1: { ansible_connection: local, platc_files: hosts/home/m1 } }
  vars: { platc_cluster: home, platc_first: m1, platc_first_address: 192.168.1.11, platc_join_name: '' }
";

#[test]
fn a_kubeadm_that_was_cut_short_is_not_taken_for_one_that_came_to_its_end() {
    let Some(estate) = Estate::new("kubeadm") else { return };
    let Some(unshare) = need("unshare") else { return };
    tree::write(&tree::analysed(&[("platform.kdl", PLATFORM)]), &estate.folder.join("build"));
    std::fs::write(estate.folder.join("inventory.yml"), ONE).expect("a file");
    std::fs::write(estate.folder.join("ansible.cfg"), "").expect("a file");
    let mut command = Command::new(unshare);
    command.args(["--mount", "--user", "--map-root-user", "sh", "-c", MACHINE, "sh"]);
    command.arg(&estate.folder).arg(&estate.ansible).arg(format!(
        r#"{{"platc_become": false, "platc_secrets": {SECRETS}, "ansible_python_interpreter": "{{{{ ansible_playbook_python }}}}"}}"#
    ));
    command.env("ANSIBLE_CONFIG", estate.folder.join("ansible.cfg")).env("HOME", &estate.folder);
    command.env("ANSIBLE_NOCOLOR", "1").env("LC_ALL", "C.UTF-8");
    let answer = command.output().expect("unshare starts");
    let said = String::from_utf8_lossy(&[answer.stdout, answer.stderr].concat()).into_owned();
    let part = |name: &str| {
        let end = said.find(&format!("== {name}: ")).unwrap_or_else(|| panic!("no {name}:\n{said}"));
        let begin = said[..end].rfind("== ").unwrap_or(0);
        &said[begin..end + said[end..].find('\n').unwrap_or(0)]
    };
    assert!(part("cut").ends_with("bad, 1 runs"), "{said}");
    assert!(
        part("refused").ends_with("bad, 1 runs") && part("refused").contains("`kubeadm reset`"),
        "{said}"
    );
    assert!(part("begun").ends_with("good, 2 runs"), "{said}");
    assert!(part("again").ends_with("good, 2 runs") && part("again").contains("changed=0"), "{said}");
    assert!(!part("again").contains("gone "), "{said}");
    assert!(part("less").contains("gone Service shop/web: the build no longer has it"), "{said}");
    assert!(part("pruned").contains("deleted Service shop/web"), "{said}");
    let deleted = std::fs::read_to_string(estate.folder.join("kubectl.deleted")).expect("it was asked");
    assert_eq!(deleted.matches("\"name\": \"web\"").count(), 1, "{deleted}");
}
