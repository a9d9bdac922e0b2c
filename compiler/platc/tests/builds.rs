//! Builds as people work with them: what changes, what is gone back to, what is removed, and what strays.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test: it runs programs and fails loudly"
)]

#[allow(dead_code, reason = "what all tests of the binary share; each uses a part of it")]
mod sandbox;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use platc_testkit::tools;
use sandbox::{Run, Sandbox, json};
use serde_json::{Value, json};

fn id(sandbox: &Sandbox) -> String {
    let link = fs::read_link(sandbox.path("dist/current")).expect("a build");
    link.file_name().expect("an id").to_string_lossy().into_owned()
}

/// A platform with three builds: two, then three, then four replicas.
fn thrice() -> (Sandbox, Vec<String>) {
    let sandbox = Sandbox::hello();
    let mut ids = Vec::new();
    for n in [2, 3, 4] {
        if n > 2 {
            sandbox.edit("platform.kdl", &format!("replicas={}", n - 1), &format!("replicas={n}"));
        }
        assert_eq!(sandbox.platc(&["build"]).code, 0);
        ids.push(id(&sandbox));
    }
    (sandbox, ids)
}

fn git(sandbox: &Sandbox, args: &[&str]) {
    let run = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"])
        .args(args)
        .current_dir(sandbox.dir())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("git runs");
    assert!(run.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&run.stderr));
}

fn with_stdin(sandbox: &Sandbox, args: &[&str], input: &str) -> Run {
    let mut child = sandbox
        .command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("platc runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    // A command that does not want its input ends without reading it.
    let _ = writer.join().expect("the writer does not panic");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Run {
        code: output.status.code().expect("it is not killed"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

#[test]
fn builds_directories_revisions_and_the_working_tree_are_compared_alike() {
    let (sandbox, ids) = thrice();
    let same = sandbox.platc(&["diff"]);
    assert!(same.code == 0 && same.stdout.contains("nothing changes"), "{same:?}");
    assert_eq!(sandbox.platc(&["diff", "--exit-code"]).code, 0);
    let two = sandbox.platc(&["diff", "previous", "current"]);
    assert!(two.code == 0 && two.stdout.contains("3 → 4 pods"), "{two:?}");
    let by_id = sandbox.platc(&["diff", &ids[0][..10], &ids[2][..10], "--exit-code"]);
    assert!(by_id.code == 1 && by_id.stdout.contains("2 → 4 pods"), "{by_id:?}");
    // A copy of a build is a directory like any other.
    let from = format!("dist/builds/{}", ids[0]);
    let copied = Command::new("cp").args(["-rL", &from, "copy"]).current_dir(sandbox.dir()).status();
    assert!(copied.expect("cp runs").success());
    let dir = sandbox.platc(&["diff", "copy", "current"]);
    assert!(dir.code == 0 && dir.stdout.contains("2 → 4 pods"), "{dir:?}");
    assert!(dir.stdout.contains("copy has no plan beside it"), "{dir:?}");
    // Revisions are read from the object database: the working tree does not matter, and stays.
    git(&sandbox, &["init", "-q"]);
    git(&sandbox, &["add", "."]);
    git(&sandbox, &["commit", "-q", "-m", "four"]);
    sandbox.edit("platform.kdl", "replicas=4", "replicas=5");
    let before = sandbox.state(".");
    let revision = sandbox.platc(&["diff", "main"]);
    assert!(revision.code == 0 && revision.stdout.contains("4 → 5 pods"), "{revision:?}");
    assert!(revision.stdout.starts_with("main ("), "{revision:?}");
    let both = sandbox.platc(&["diff", &ids[0], "git:HEAD"]);
    assert!(both.code == 0 && both.stdout.contains("2 → 4 pods"), "{both:?}");
    assert_eq!(sandbox.state("."), before, "nothing is checked out, and nothing is written");
    let nothing = sandbox.platc(&["diff", "nowhere"]);
    assert!(nothing.code == 2 && nothing.stderr.contains("`nowhere` is no build"), "{nothing:?}");
}

#[test]
fn a_difference_is_told_to_people_tools_and_pull_requests() {
    let (sandbox, ids) = thrice();
    let said = json(&sandbox.platc(&["diff", "previous", "current", "--format", "json"]).stdout);
    assert_eq!((&said["format"], &said["after"]["id"]), (&json!("platc-diff-1"), &json!(ids[2])));
    assert_eq!(said["clusters"][0]["scales"][0]["pods_before"], 3);
    let markdown = sandbox.platc(&["diff", "previous", "current", "--format", "markdown"]).stdout;
    assert!(
        markdown.starts_with("### previous build ") && markdown.contains("#### More or fewer pods"),
        "{markdown}"
    );
    let plain = sandbox.platc(&["diff", "previous", "current"]).stdout;
    assert!(!plain.contains('\u{1b}') && plain.lines().all(|line| line.chars().count() <= 100), "{plain}");
    let colored = sandbox.platc(&["diff", "previous", "current", "--color", "always"]).stdout;
    assert!(colored.contains("\u{1b}["), "{colored}");
    // What is broken cannot be compared with, and says why.
    sandbox.edit("platform.kdl", "replicas=4", "replcas=4");
    let broken = sandbox.platc(&["diff"]);
    assert!(broken.code == 1 && broken.stderr.contains("E0205") && broken.stdout.is_empty(), "{broken:?}");
}

#[test]
fn an_earlier_build_counts_again_and_the_log_tells() {
    let (sandbox, ids) = thrice();
    let back = sandbox.platc(&["rollback"]);
    assert!(back.code == 0 && back.stderr.contains(&ids[1][..12]), "{back:?}");
    assert_eq!(id(&sandbox), ids[1]);
    let log = sandbox.platc(&["log"]).stdout;
    let lines: Vec<&str> = log.lines().collect();
    assert!(lines.len() == 4 && lines[0].ends_with("gone back to  current"), "{log}");
    assert!(lines[0].contains(&ids[1][..12]) && lines[1].ends_with("built  previous"), "{log}");
    assert_eq!(sandbox.platc(&["rollback", &ids[0][..8]]).code, 0);
    assert_eq!(id(&sandbox), ids[0]);
    let there = sandbox.platc(&["rollback", &ids[0]]);
    assert!(there.code == 0 && there.stderr.contains("counts already"), "{there:?}");
    let none = sandbox.platc(&["rollback", "0123456789"]);
    assert!(none.code == 2 && none.stderr.contains("there is no build"), "{none:?}");
    assert_eq!(sandbox.platc(&["build"]).code, 0);
    assert_eq!(id(&sandbox), ids[2], "the sources say what is built");
}

#[test]
fn going_back_over_a_loss_takes_consent() {
    let sandbox = Sandbox::hello();
    assert_eq!(sandbox.platc(&["build"]).code, 0);
    let old = id(&sandbox);
    let text = fs::read_to_string(sandbox.path("platform.kdl")).expect("a file");
    let pods =
        text.lines().find(|line| line.trim_start().starts_with("pods ")).expect("a pod range").to_owned();
    let range = pods.split('"').nth(1).expect("a range").to_owned();
    sandbox.edit("platform.kdl", &range, "10.99.0.0/16");
    let refused = sandbox.platc(&["build"]);
    assert!(refused.code == 1 && refused.stderr.contains("E0510"), "{refused:?}");
    let cluster =
        text.lines().find_map(|line| line.trim_start().strip_prefix("cluster ")).expect("a cluster");
    let cluster = cluster.split([' ', '{']).next().expect("a name");
    let consent = format!(
        "\nconsent renumber on={cluster} from=\"{range}\" to=\"10.99.0.0/16\" reason=\"it is empty yet\"\n"
    );
    let text = fs::read_to_string(sandbox.path("platform.kdl")).expect("a file");
    fs::write(sandbox.path("platform.kdl"), format!("{text}{consent}")).expect("it can be written");
    let agreed = sandbox.platc(&["build"]);
    assert_eq!(agreed.code, 0, "{agreed:?}");
    let new = id(&sandbox);
    let back = sandbox.platc(&["rollback"]);
    assert!(back.code == 2 && back.stdout.contains("Cannot be taken back"), "{back:?}");
    assert!(back.stderr.contains("nothing was done"), "{back:?}");
    assert_eq!(id(&sandbox), new);
    assert_eq!(sandbox.platc(&["rollback", "--consent"]).code, 0);
    assert_eq!(id(&sandbox), old);
}

#[test]
fn what_nothing_keeps_is_named_and_then_removed() {
    let (sandbox, ids) = thrice();
    let before = sandbox.state("dist");
    let would = sandbox.platc(&["gc", "--keep", "1"]);
    assert!(would.code == 0 && would.stderr.contains("would remove 2 builds"), "{would:?}");
    let mut named: Vec<&str> = would.stdout.lines().collect();
    named.sort_unstable();
    let mut old = vec![ids[0].as_str(), ids[1].as_str()];
    old.sort_unstable();
    assert_eq!(named, old);
    assert_eq!(sandbox.state("dist"), before, "it is only said");
    let pinned = sandbox.platc(&["gc", "--keep", "1", "--pin", &ids[0], "--remove"]);
    assert!(pinned.code == 0 && pinned.stderr.contains("removed 1 builds"), "{pinned:?}");
    assert!(sandbox.path(&format!("dist/builds/{}", ids[0])).is_dir());
    assert!(!sandbox.path(&format!("dist/builds/{}", ids[1])).exists());
    assert_eq!(sandbox.platc(&["verify"]).code, 0);
    let log = sandbox.platc(&["log"]).stdout;
    assert!(log.contains("removed"), "{log}");
    let none = sandbox.platc(&["gc"]);
    assert!(none.code == 0 && none.stderr.contains("nothing to remove"), "{none:?}");
}

/// The report of a host, as its tools print it of the files that a build has for it.
fn host_report(sandbox: &Sandbox, rootfs: &str) -> String {
    let script = "find . -type f | sort | xargs sha256sum -- ; find . -type f | sort | xargs stat -c '%a root:root %n'";
    let run = Command::new("sh")
        .args(["-c", script])
        .current_dir(sandbox.path(rootfs))
        .output()
        .expect("coreutils run");
    String::from_utf8(run.stdout).expect("text")
}

#[test]
fn a_host_that_strayed_is_named_with_what_delivering_again_does() {
    let sandbox = Sandbox::example("okmeter");
    assert_eq!(sandbox.platc(&["build"]).code, 0);
    let host = "dist/current/hosts/dc-a/a-m1/";
    let manifest = fs::read_to_string(sandbox.path(&format!("{host}MANIFEST"))).expect("a list");
    let modes: BTreeMap<&str, &str> = manifest
        .lines()
        .map(|line| {
            let mut fields = line.split('\t');
            (fields.next().expect("a path"), fields.next().expect("a mode").trim_start_matches('0'))
        })
        .collect();
    // Files of a build are read-only; on the host they have the modes of the list.
    let mut report = String::new();
    for line in host_report(&sandbox, &format!("{host}rootfs")).lines() {
        match line.strip_prefix("444 root:root .") {
            Some(path) => {
                let _ = writeln!(report, "{} root:root .{path}", modes[path]);
            }
            None => {
                let _ = writeln!(report, "{line}");
            }
        }
    }
    let clean = with_stdin(&sandbox, &["drift", "--host", "a-m1"], &report);
    assert!(clean.code == 0 && clean.stdout.contains("as it was built"), "{clean:?}");
    assert!(!clean.stdout.contains("Not compared"), "{clean:?}");
    // Somebody edited containerd's configuration, opened up a file, and deleted /etc/hosts.
    let mut strayed = String::new();
    for line in report.lines() {
        if line.ends_with("./etc/hosts") {
            continue;
        }
        if line.ends_with("./etc/containerd/config.toml") && line.len() > 80 {
            let _ = writeln!(strayed, "{}  ./etc/containerd/config.toml", "0".repeat(64));
        } else if line.ends_with(" root:root ./etc/crictl.yaml") {
            let _ = writeln!(strayed, "666 root:root ./etc/crictl.yaml");
        } else {
            let _ = writeln!(strayed, "{line}");
        }
    }
    strayed.push_str("sha256sum: ./etc/hosts: No such file or directory\n");
    strayed.push_str(&format!("{}  /etc/passwd\n", "1".repeat(64)));
    let run = with_stdin(&sandbox, &["drift", "--host", "a-m1"], &strayed);
    assert_eq!(run.code, 1, "{run:?}");
    for part in [
        "3 of ",
        "Missing\n  /etc/hosts",
        "/etc/containerd/config.toml\n    SHA-256:",
        "containerd restarts; pods run on",
        "mode and owner: 644 root:root → 666 root:root",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    assert!(!run.stdout.contains("/etc/passwd"), "files of others are theirs: {}", run.stdout);
    let unknown = with_stdin(&sandbox, &["drift", "--host", "nobody"], &report);
    assert!(unknown.code == 2 && unknown.stderr.contains("nothing for a host `nobody`"), "{unknown:?}");
    let empty = with_stdin(&sandbox, &["drift", "--host", "a-m1"], "bash: sha256sum: command not found\n");
    assert!(empty.code == 2 && empty.stderr.contains("no line of `sha256sum`"), "{empty:?}");
}

/// An object as an API server gives it back: with what it adds by itself, and amounts in its own form.
fn served(object: &Value) -> Value {
    let mut object = object.clone();
    let metadata = object["metadata"].as_object_mut().expect("metadata");
    for (key, value) in [
        ("uid", json!("5f0c2f7c-9d4e-4a57-b6a2-2f0a3c1d9e10")),
        ("resourceVersion", json!("184467")),
        ("generation", json!(3)),
        ("creationTimestamp", json!("2026-11-20T09:14:03Z")),
        ("managedFields", json!([{ "manager": "platc", "operation": "Apply", "fieldsType": "FieldsV1" }])),
    ] {
        metadata.insert(key.to_owned(), value);
    }
    let annotations = metadata.entry("annotations").or_insert_with(|| json!({}));
    annotations["deployment.kubernetes.io/revision"] = json!("7");
    match object["kind"].as_str().expect("a kind") {
        "Deployment" | "DaemonSet" | "StatefulSet" => {
            serve_template(&mut object["spec"]["template"]);
            object["status"] = json!({ "observedGeneration": 3, "readyReplicas": 3, "replicas": 3 });
        }
        "Service" => {
            let spec = object["spec"].as_object_mut().expect("a spec");
            for (key, value) in [
                ("internalTrafficPolicy", json!("Cluster")),
                ("ipFamilies", json!(["IPv4"])),
                ("ipFamilyPolicy", json!("SingleStack")),
                ("sessionAffinity", json!("None")),
                ("clusterIPs", json!(["None"])),
            ] {
                spec.entry(key).or_insert(value);
            }
            object["status"] = json!({ "loadBalancer": {} });
        }
        _ => {}
    }
    object
}

fn serve_template(template: &mut Value) {
    template["metadata"]["creationTimestamp"] = Value::Null;
    let spec = template["spec"].as_object_mut().expect("a pod");
    for (key, value) in [
        ("schedulerName", json!("default-scheduler")),
        ("restartPolicy", json!("Always")),
        ("terminationGracePeriodSeconds", json!(30)),
        ("dnsPolicy", json!("ClusterFirst")),
    ] {
        spec.entry(key).or_insert(value);
    }
    let account = spec.get("serviceAccountName").cloned();
    spec.entry("serviceAccount").or_insert(account.unwrap_or(json!("default")));
    for list in ["containers", "initContainers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            serve_container(container);
        }
    }
    // `hostNetwork: false` and the like are left out.
    spec.retain(|key, value| !(key.starts_with("host") && *value == json!(false)));
}

fn serve_container(container: &mut Value) {
    let own = container.as_object_mut().expect("a container");
    own.entry("terminationMessagePath").or_insert(json!("/dev/termination-log"));
    own.entry("terminationMessagePolicy").or_insert(json!("File"));
    for probe in ["readinessProbe", "livenessProbe", "startupProbe"] {
        if let Some(probe) = own.get_mut(probe).and_then(Value::as_object_mut) {
            probe.entry("successThreshold").or_insert(json!(1));
            if let Some(get) = probe.get_mut("httpGet").and_then(Value::as_object_mut) {
                get.entry("scheme").or_insert(json!("HTTP"));
            }
        }
    }
    for value in own.get_mut("env").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(field) = value.pointer_mut("/valueFrom/fieldRef") {
            field["apiVersion"] = json!("v1");
        }
    }
    for which in ["/resources/requests", "/resources/limits"] {
        for amount in container.pointer_mut(which).and_then(Value::as_object_mut).into_iter().flatten() {
            let text = amount.1.as_str().expect("an amount");
            let canonical = match text.strip_suffix("m").and_then(|milli| milli.parse::<u64>().ok()) {
                Some(milli) if milli % 1000 == 0 => (milli / 1000).to_string(),
                _ => match text.strip_suffix("Mi").and_then(|mebi| mebi.parse::<u64>().ok()) {
                    Some(mebi) if mebi % 1024 == 0 => format!("{}Gi", mebi / 1024),
                    _ => text.to_owned(),
                },
            };
            *amount.1 = json!(canonical);
        }
    }
}

/// All objects of a cluster in the current build.
fn objects(sandbox: &Sandbox, cluster: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for path in sandbox.files_below(&format!("dist/current/clusters/{cluster}")) {
        let text = fs::read_to_string(path).expect("a file");
        let documents: Vec<Value> = serde_saphyr::from_multiple(&text).expect("YAML");
        found.extend(documents);
    }
    found
}

fn list(objects: &[Value]) -> String {
    json!({ "apiVersion": "v1", "kind": "List", "items": objects, "metadata": { "resourceVersion": "" } })
        .to_string()
}

#[test]
fn what_an_api_server_adds_is_no_drift_and_what_somebody_changed_is() {
    let sandbox = Sandbox::example("okmeter");
    assert_eq!(sandbox.platc(&["build"]).code, 0);
    let ours = objects(&sandbox, "prod-a");
    let theirs: Vec<Value> = ours.iter().map(served).collect();
    let clean = with_stdin(&sandbox, &["drift", "--cluster", "prod-a"], &list(&theirs));
    assert!(clean.code == 0 && clean.stdout.contains("as it was built"), "{clean:?}");
    assert!(!clean.stdout.contains("Not compared"), "{clean:?}");
    let mut strayed = theirs.clone();
    let at = |list: &[Value], kind: &str, name: &str| {
        let is_it = |object: &Value| object["kind"] == kind && object["metadata"]["name"] == name;
        list.iter().position(is_it).expect("an object")
    };
    // Somebody scaled, edited an image by hand, added a sidecar, deleted a budget and left a Deployment.
    let triggers = at(&strayed, "Deployment", "triggers");
    strayed[triggers]["spec"]["replicas"] = json!(12);
    let web = at(&strayed, "Deployment", "web");
    strayed[web]["spec"]["template"]["spec"]["containers"][0]["image"] = json!("okm/web:debug");
    let query = at(&strayed, "Deployment", "query");
    let pods = &mut strayed[query]["spec"]["template"]["spec"]["containers"];
    pods.as_array_mut().expect("containers").push(json!({ "name": "shell", "image": "busybox" }));
    let mut left = strayed[triggers].clone();
    left["metadata"]["name"] = json!("left-over");
    strayed.push(left);
    let budget = at(&strayed, "PodDisruptionBudget", "ingest");
    strayed.remove(budget);
    let file = sandbox.path("report.json");
    fs::write(&file, list(&strayed)).expect("it can be written");
    let run = sandbox.platc(&["drift", "--cluster", "prod-a", "report.json"]);
    assert_eq!(run.code, 1, "{run:?}");
    for part in [
        "5 of ",
        "Missing\n  PodDisruptionBudget metrics/ingest",
        "Deployment metrics/triggers\n    replicas: 8 → 12\n    12 → 8 pods; none is replaced",
        "→ okm/web:debug",
        "set back: 4 pods are replaced, in 4 steps",
        "app",
        "shell: + {name=shell, image=busybox}",
        "Left over\n  Deployment metrics/left-over",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    let said =
        json(&sandbox.platc(&["drift", "--cluster", "prod-a", "report.json", "--format", "json"]).stdout);
    assert_eq!(said["found"].as_array().expect("a list").len(), 5, "{said:#}");
    // A report of some kinds says nothing of the others.
    let some: Vec<Value> = theirs.iter().filter(|object| object["kind"] == "Service").cloned().collect();
    let part = with_stdin(&sandbox, &["drift", "--cluster", "prod-a"], &list(&some));
    assert!(part.code == 0 && part.stdout.contains("no object of these kinds: "), "{part:?}");
    let none = with_stdin(&sandbox, &["drift", "--cluster", "prod-a"], "No resources found\n");
    assert_eq!(none.code, 2, "{none:?}");
}

/// Reads a statement with the definitions that its authors publish; an unknown field is refused.
const STATEMENT: &str = r"
import json, sys
from google.protobuf import json_format
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2

statement = json_format.Parse(sys.stdin.read(), statement_pb2.Statement())
Statement.copy_from_pb(statement).validate()
predicate = json_format.MessageToDict(statement.predicate)
provenance = json_format.ParseDict(predicate, provenance_pb2.Provenance())
print(statement.predicate_type, len(provenance.build_definition.resolved_dependencies))
";

#[test]
fn provenance_is_read_by_the_definitions_of_in_toto_and_slsa() {
    let sandbox = Sandbox::hello();
    assert_eq!(sandbox.platc(&["build"]).code, 0);
    let about = sandbox.path(&format!("dist/builds/{}.about", id(&sandbox)));
    let text = fs::read_to_string(about.join("provenance.json")).expect("a statement");
    let Some(python) = tools::need_python_with("in_toto_attestation") else { return };
    let read = |text: &str| {
        let mut child = Command::new(&python)
            .args(["-c", STATEMENT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("Python runs");
        child.stdin.take().expect("it is piped").write_all(text.as_bytes()).expect("it reads");
        child.wait_with_output().expect("it ends")
    };
    let fine = read(&text);
    let said = String::from_utf8_lossy(&fine.stdout).into_owned();
    assert!(fine.status.success(), "{}", String::from_utf8_lossy(&fine.stderr));
    assert!(said.starts_with("https://slsa.dev/provenance/v1 "), "{said}");
    let n: usize = said.trim().rsplit(' ').next().and_then(|n| n.parse().ok()).expect("a number");
    assert!(n >= 2, "it names what it was made of: {said}");
    for (from, to) in [
        ("\"buildType\"", "\"buildTypo\""),
        ("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v9"),
        ("\"resolvedDependencies\"", "\"dependencies\""),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(!read(&text.replace(from, to)).status.success(), "{to} must be refused");
    }
}

#[test]
fn the_plan_and_the_origins_lie_beside_a_build() {
    let sandbox = Sandbox::example("okmeter");
    assert_eq!(sandbox.platc(&["build"]).code, 0);
    let about = format!("dist/builds/{}.about", id(&sandbox));
    let read = |name: &str| json(&fs::read_to_string(sandbox.path(&about).join(name)).expect("a file"));
    let plan = read("plan.json");
    assert_eq!((&plan["format"], &plan["platform"]), (&json!("platc-plan-1"), &json!("okm")));
    let kafka = plan["statefuls"].as_array().expect("a list").iter().find(|own| own["name"] == "kafka");
    assert_eq!(kafka.expect("kafka")["min_alive"], json!({ "dc-a": 2, "dc-b": 2 }));
    let origins = read("origins.json");
    let files = origins["files"].as_object().expect("files");
    let built = sandbox.files_below("dist/current/");
    let lists = ["build.json", "SHA256SUMS", "MANIFEST", "ROOT"];
    let named = |path: &&std::path::PathBuf| {
        !path.file_name().is_some_and(|name| lists.iter().any(|list| Path::new(list) == Path::new(name)))
    };
    assert_eq!(files.len(), built.iter().filter(named).count(), "each file that is written has an origin");
    let ingest = &files["clusters/prod-a/40-workloads/metrics.ingest.yaml"];
    assert_eq!(ingest["place"], "services/metrics/ingest.kdl:2");
}
