//! What a build no longer has: named, and deleted when that is asked for. The script is run by `sh` and by Ansible,
//! against a kubectl that remembers what it was told.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use super::tree;

const SCRIPT: &str = include_str!("../../../platc-emit/src/ansible/platc-prune.sh");

/// `cluster/` has what is there: a file for each object, with who has it. Pods speak of what is in `used`.
const KUBECTL: &str = r#"#!/bin/sh
name() { sed 's/.*"kind": "\([^"]*\)".*"name": "\([^"]*\)".*/\1.\2/'; }
case "$1 $2" in
    "get pods"*) cat "${FAKE}/used" ;;
    "get "*)
        object="$(name)"
        case "${object}" in
            Gadget.*) echo 'error: no matches for kind "Gadget" in version "v1"' >&2; exit 1 ;;
            Role.cut-off) echo 'error: connection refused' >&2; exit 1 ;;
        esac
        [ ! -e "${FAKE}/cluster/${object}" ] || printf '1 %s' "$(cat "${FAKE}/cluster/${object}")" ;;
    "delete "*)
        object="$(name)"
        echo "${object}" >> "${FAKE}/deleted"
        rm "${FAKE}/cluster/${object}" ;;
esac
"#;

struct Cluster(PathBuf);

/// How a run ended, and what it said.
type Said = (bool, String);

impl Cluster {
    fn new(name: &str) -> Self {
        let own = Self(tree::folder(name));
        own.put("prune", SCRIPT);
        own.put("bin/kubectl", KUBECTL);
        own.put("fake/used", "");
        own.put("fake/deleted", "");
        std::fs::create_dir_all(own.0.join("fake/cluster")).expect("a folder");
        own
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, text).expect("a file");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("its mode");
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.0.join(path)).expect("a file")
    }

    /// Remembers and applies a build.
    fn apply(&self, objects: &[(&str, &str, &str)]) {
        let _ = std::fs::remove_dir_all(self.0.join("build"));
        for (kind, space, name) in objects {
            let api = match *kind {
                "Deployment" => "apps/v1",
                "Role" => "rbac.authorization.k8s.io/v1",
                _ => "v1",
            };
            let space = if space.is_empty() { String::new() } else { format!("  namespace: {space}\n") };
            let text = format!(
                "apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: {name}\n{space}  labels:\n    name: other\nspec:\n  name: another\n"
            );
            self.put(&format!("build/30-services/{kind}.{name}.yaml"), &text);
            self.put(&format!("fake/cluster/{kind}.{name}"), "platc");
        }
        std::fs::create_dir_all(self.0.join("build")).expect("a folder");
        let (is_good, said) = self.run(&["--note", "build", "list"]);
        assert!(is_good, "{said}");
    }

    fn prune(&self, how: &str) -> Said {
        self.run(&["build", "list", how])
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("sh");
        command.arg("prune").args(arguments).current_dir(&self.0);
        command.env("FAKE", self.0.join("fake"));
        command.env("PATH", format!("{}:{path}", self.0.join("bin").display()));
        let answer = command.output().expect("sh starts");
        let said = String::from_utf8_lossy(&[answer.stdout, answer.stderr].concat()).into_owned();
        (answer.status.success(), said)
    }
}

const WEB: (&str, &str, &str) = ("Deployment", "shop", "web");
const SERVICE: (&str, &str, &str) = ("Service", "shop", "web");
const CONFIG: (&str, &str, &str) = ("ConfigMap", "shop", "web-1a2b");
const SPACE: (&str, &str, &str) = ("Namespace", "", "shop");

#[test]
fn what_is_gone_from_a_build_is_named_and_deleted_only_when_asked() {
    let cluster = Cluster::new("prune");
    cluster.apply(&[WEB, SERVICE, CONFIG, SPACE]);
    assert_eq!(cluster.prune("false"), (true, String::new()), "nothing is gone");

    cluster.apply(&[SERVICE]);
    cluster.put("fake/used", "\"web-1a2b\"");
    let looked = "gone Deployment shop/web: the build no longer has it; `-e platc_prune=true` deletes it\n\
        kept Namespace shop: data may go with it, so a person deletes it\n\
        kept ConfigMap shop/web-1a2b: a pod or a revision still uses it\n";
    assert_eq!(cluster.prune("false"), (true, looked.to_owned()));
    assert_eq!(cluster.prune("false"), (true, looked.to_owned()), "it is not forgotten");
    assert_eq!(cluster.read("fake/deleted"), "");

    let (is_good, said) = cluster.prune("true");
    assert!(is_good && said.starts_with("deleted Deployment shop/web\nkept Namespace shop"), "{said}");
    cluster.put("fake/used", "");
    let (is_good, said) = cluster.prune("true");
    assert!(is_good && said.ends_with("deleted ConfigMap shop/web-1a2b\n"), "{said}");
    assert_eq!(cluster.read("fake/deleted"), "Deployment.web\nConfigMap.web-1a2b\n");
    assert_eq!(cluster.read("list"), "v1\tNamespace\t-\tshop\nv1\tService\tshop\tweb\n");
}

#[test]
fn what_is_not_ours_is_let_go() {
    let cluster = Cluster::new("prune-ours");
    cluster.apply(&[WEB, SERVICE]);
    cluster.apply(&[]);
    cluster.put("fake/cluster/Deployment.web", "helm");
    std::fs::remove_file(cluster.0.join("fake/cluster/Service.web")).expect("it is there");
    let said = "let go Deployment shop/web: it is there and no longer ours\n".to_owned();
    assert_eq!(cluster.prune("true"), (true, said));
    assert_eq!((cluster.read("fake/deleted"), cluster.read("list")), (String::new(), String::new()));
}

#[test]
fn an_object_in_another_version_of_its_group_is_not_gone() {
    let cluster = Cluster::new("prune-version");
    cluster.put("list", "apps/v1beta2\tDeployment\tshop\tweb\nextensions/v1beta1\tDeployment\tshop\tweb\n");
    cluster.apply(&[WEB]);
    let (is_good, said) = cluster.prune("false");
    assert!(is_good && said.starts_with("gone Deployment shop/web") && said.lines().count() == 1, "{said}");
    cluster.put("list", "apps/v1beta2\tDeployment\tshop\tweb\n");
    cluster.apply(&[WEB]);
    assert_eq!(cluster.prune("true"), (true, String::new()));
    assert_eq!(
        (cluster.read("fake/deleted"), cluster.read("list")),
        (String::new(), "apps/v1\tDeployment\tshop\tweb\n".to_owned())
    );
}

#[test]
fn a_kind_that_is_gone_has_no_objects_and_another_trouble_ends_it() {
    let cluster = Cluster::new("prune-kind");
    cluster.apply(&[("Gadget", "shop", "web"), SERVICE]);
    cluster.apply(&[SERVICE]);
    assert_eq!(cluster.prune("true"), (true, String::new()));
    assert_eq!(cluster.read("list"), "v1\tService\tshop\tweb\n");
    cluster.apply(&[("Role", "shop", "cut-off"), SERVICE]);
    cluster.apply(&[SERVICE]);
    let (is_good, said) = cluster.prune("true");
    assert!(!is_good && said.contains("connection refused"), "{said}");
    assert!(cluster.read("list").contains("cut-off"), "it is not forgotten");
}

#[test]
fn most_of_all_there_is_goes_only_when_that_is_said() {
    let cluster = Cluster::new("prune-most");
    let names: Vec<String> = (0..12).map(|n| format!("role-{n}")).collect();
    let all: Vec<(&str, &str, &str)> = names.iter().map(|name| ("Role", "shop", &**name)).collect();
    cluster.apply(&all);
    cluster.apply(&[("Role", "shop", "role-0")]);
    let (is_good, said) = cluster.prune("true");
    assert!(!is_good && said.contains("11 of 12 objects are in no build any more"), "{said}");
    assert_eq!(cluster.read("fake/deleted"), "");
    let (is_good, said) = cluster.prune("most");
    assert!(is_good && said.lines().count() == 11, "{said}");
}
