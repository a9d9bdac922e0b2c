//! `platc` as people run it: in a new directory, with typos, into a closed pipe, twice, with damaged builds.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test: it runs programs and fails loudly"
)]

mod editor;
mod language;
#[allow(dead_code, reason = "the other tests use the rest")]
mod sandbox;

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use sandbox::{Sandbox, json};

#[test]
fn two_commands_lead_to_a_build() {
    let sandbox = Sandbox::empty();
    let new = sandbox.platc(&["new", "hello"]);
    assert_eq!(new.code, 0, "{new:?}");
    assert!(new.stderr.contains("next: cd hello && platc build"), "{new:?}");
    let sandbox = sandbox.within("hello");
    let build = sandbox.platc(&["build"]);
    assert_eq!(build.code, 0, "{build:?}");
    assert!(build.stderr.starts_with("wrote platc.lock"), "{build:?}");
    assert!(build.stdout.is_empty(), "{build:?}");
    let current = sandbox.path("dist/current");
    assert!(current.join("build.json").is_file() && current.join("SHA256SUMS").is_file());
}

#[test]
fn new_overwrites_nothing_and_says_what_a_name_is() {
    let sandbox = Sandbox::empty();
    assert_eq!(sandbox.platc(&["new", "hello"]).code, 0);
    let text = fs::read(sandbox.path("hello/platform.kdl")).unwrap();
    let again = sandbox.platc(&["new", "hello"]);
    assert_eq!((again.code, again.stderr.contains("is there already")), (2, true), "{again:?}");
    assert_eq!(fs::read(sandbox.path("hello/platform.kdl")).unwrap(), text);
    let bad = sandbox.platc(&["new", "Hello_World"]);
    assert_eq!((bad.code, bad.stderr.contains("lower-case letters")), (2, true), "{bad:?}");
    assert!(!sandbox.path("Hello_World").exists());
}

#[test]
fn an_empty_directory_is_met_with_the_way_out() {
    let sandbox = Sandbox::empty();
    for command in ["check", "build", "verify"] {
        let run = sandbox.platc(&[command]);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains("no `platform.kdl`") && run.stderr.contains("platc new NAME"), "{run:?}");
    }
    let run = sandbox.platc(&["check", "nowhere"]);
    assert_eq!((run.code, run.stderr.contains("there is no directory `nowhere`")), (2, true), "{run:?}");
    assert!(fs::read_dir(sandbox.dir()).unwrap().next().is_none(), "nothing was written");
}

#[test]
fn a_typo_is_named_on_its_line_and_nothing_is_built() {
    let sandbox = Sandbox::hello();
    assert_eq!(sandbox.platc(&["build"]).code, 0);
    let before = fs::read_link(sandbox.path("dist/current")).unwrap();
    sandbox.edit("platform.kdl", "replicas=2", "replcas=2");
    let build = sandbox.platc(&["build"]);
    assert_eq!(build.code, 1, "{build:?}");
    for part in
        ["E0205 unknown-field", "platform.kdl:", "replcas", "`replicas`", "nothing was built: 1 error"]
    {
        assert!(build.stderr.contains(part), "{part}: {build:?}");
    }
    assert!(build.stdout.is_empty() && !build.stderr.contains('\u{1b}'), "no colours in a pipe: {build:?}");
    assert_eq!(fs::read_link(sandbox.path("dist/current")).unwrap(), before);
}

#[test]
fn every_format_says_the_same() {
    let sandbox = Sandbox::hello();
    sandbox.edit("platform.kdl", "replicas=2", "replcas=2");
    let found = json(&sandbox.platc(&["check", "--format", "json"]).stdout);
    assert_eq!(found["errors"], 1);
    assert_eq!(found["findings"][0]["code"], "E0205");
    assert_eq!(found["findings"][0]["file"], "platform.kdl");
    let line = found["findings"][0]["start"]["line"].clone();
    let sarif = json(&sandbox.platc(&["check", "--format", "sarif"]).stdout);
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "E0205");
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], line);
    let github = sandbox.platc(&["check", "--format", "github"]);
    assert_eq!(github.code, 1);
    assert!(github.stdout.starts_with(&format!("::error file=platform.kdl,line={line},")), "{github:?}");
    let junit = sandbox.platc(&["check", "--format", "junit"]).stdout;
    assert!(junit.contains("failures=\"1\"") && junit.contains("type=\"E0205\""), "{junit}");
    // Also where there is nothing to say, tools get a document.
    sandbox.edit("platform.kdl", "replcas=2", "replicas=2");
    assert_eq!(json(&sandbox.platc(&["check", "--format", "json"]).stdout)["errors"], 0);
    assert_eq!(json(&sandbox.platc(&["check", "--format", "sarif"]).stdout)["version"], "2.1.0");
}

#[test]
fn unchanged_inputs_are_noticed_and_nothing_is_written() {
    let sandbox = Sandbox::hello();
    assert_eq!(sandbox.platc(&["build"]).code, 0);
    let before = sandbox.state("dist");
    let again = sandbox.platc(&["build"]);
    assert!(again.code == 0 && again.stderr.starts_with("unchanged: build "), "{again:?}");
    assert_eq!(sandbox.state("dist"), before);
    // A new file is an input, even one that says nothing.
    fs::write(sandbox.path("more.kdl"), "// nothing yet\n").unwrap();
    let more = sandbox.platc(&["build"]);
    assert!(more.code == 0 && more.stderr.contains("the same build"), "{more:?}");
    sandbox.edit("platform.kdl", "replicas=2", "replicas=3");
    let changed = sandbox.platc(&["build"]);
    assert!(changed.code == 0 && changed.stderr.starts_with("build "), "{changed:?}");
}

#[test]
fn another_user_place_time_zone_file_order_and_thread_count_give_one_id() {
    let one = Sandbox::hello();
    // tmpfs lists the newest file first; what is written in another order is listed in another.
    let two = Sandbox::hello_in(Path::new("/dev/shm"));
    let deep = two.path("a/b/c");
    fs::create_dir_all(&deep).unwrap();
    for file in ["platform.kdl", ".gitignore"] {
        fs::rename(two.path(file), deep.join(file)).unwrap();
    }
    let digest = "0".repeat(64);
    let more = |name: &str| {
        format!(
            "service {name} replicas=1 {{ image \"x/{name}:1@sha256:{digest}\"; cpu \"50m\"; memory \"32MiB\" }}\n"
        )
    };
    for (dir, names) in [(one.path(""), ["a", "b", "c", "d"]), (deep.clone(), ["c", "d", "b", "a"])] {
        for name in names {
            fs::write(dir.join(name).with_extension("kdl"), more(name)).unwrap();
        }
    }
    assert_eq!(one.platc(&["build"]).code, 0);
    let run = std::process::Command::new("sh")
        .args(["-c", "umask 077 && exec \"$0\" build --threads 1 a/b/c", sandbox::PLATC])
        .current_dir(two.dir())
        .env_clear()
        .envs([("TZ", "Pacific/Auckland"), ("LC_ALL", "tr_TR.UTF-8"), ("USER", "somebody")])
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    let id = |path: std::path::PathBuf| fs::read_link(path).unwrap();
    assert_eq!(id(one.path("dist/current")), id(deep.join("dist/current")));
    assert_eq!(one.state_of_files("dist/current/"), two.state_of_files("a/b/c/dist/current/"));
}

#[test]
fn coreutils_alone_verify_a_build() {
    let sandbox = Sandbox::hello();
    assert_eq!(sandbox.platc(&["build"]).code, 0);
    let check = |dir: &str| {
        let run = std::process::Command::new("sha256sum")
            .args(["--check", "--quiet", "--strict", "SHA256SUMS"])
            .current_dir(sandbox.path(dir))
            .output()
            .unwrap();
        (run.status.success(), String::from_utf8(run.stdout).unwrap())
    };
    assert_eq!(check("dist/current"), (true, String::new()));
    let file = sandbox.files_below("dist/current/")[3].clone();
    sandbox.damage(&file);
    let (clean, said) = check("dist/current");
    assert!(!clean && said.contains("FAILED"), "{said}");
}

#[test]
fn verify_names_what_is_damaged_and_a_build_repairs_it() {
    let sandbox = Sandbox::hello();
    assert_eq!(sandbox.platc(&["build"]).code, 0);
    let clean = sandbox.platc(&["verify"]);
    assert!(clean.code == 0 && clean.stdout.is_empty(), "{clean:?}");
    let file = sandbox
        .files_below("dist/current/")
        .into_iter()
        .find(|path| path.extension().is_some_and(|kind| kind == "yaml"))
        .unwrap();
    sandbox.damage(&file);
    let found = sandbox.platc(&["verify"]);
    assert_eq!(found.code, 1, "{found:?}");
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(found.stdout.contains(name) && found.stdout.contains("SHA-256"), "{found:?}");
    let build = sandbox.platc(&["build"]);
    assert!(build.code == 0 && !build.stderr.contains("unchanged"), "{build:?}");
    assert_eq!(sandbox.platc(&["verify"]).code, 0);
}

#[test]
fn a_stream_is_manifests_and_a_closed_pipe_is_no_error() {
    let sandbox = Sandbox::hello();
    let stream = sandbox.platc(&["build", "--stream"]);
    assert_eq!(stream.code, 0, "{stream:?}");
    assert!(stream.stdout.contains("\nkind: Deployment\n") && stream.stdout.contains("\n---\n"));
    assert!(!sandbox.path("dist").exists() && !sandbox.path("platc.lock").exists(), "nothing is written");
    let only = sandbox.platc(&["build", "--stream", "--only", "clusters/**/*web.yaml"]).stdout;
    assert!(only.contains("name: web") && only.len() < stream.stdout.len());
    let mut child = sandbox
        .command(&["build", "--stream"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Whoever reads goes away at once, as `head` does.
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success() && said.is_empty(), "{said}");
}

#[test]
fn a_locked_build_changes_no_lock() {
    let sandbox = Sandbox::hello();
    let locked = sandbox.platc(&["build", "--locked"]);
    assert_eq!((locked.code, locked.stderr.contains("--locked")), (2, true), "{locked:?}");
    assert!(!sandbox.path("platc.lock").exists());
    assert_eq!(sandbox.platc(&["build"]).code, 0);
    let lock = fs::read(sandbox.path("platc.lock")).unwrap();
    fs::remove_dir_all(sandbox.path("dist")).unwrap();
    assert_eq!(sandbox.platc(&["build", "--locked"]).code, 0);
    assert_eq!(fs::read(sandbox.path("platc.lock")).unwrap(), lock);
}

#[test]
fn where_nothing_can_be_written_the_platform_is_still_judged() {
    let sandbox = Sandbox::hello();
    let out = sandbox.path("out");
    fs::write(&out, "a file").unwrap();
    let run = sandbox.platc(&["build", "--out", out.to_str().unwrap()]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("error: cannot"), "{run:?}");
    assert_eq!(fs::read(&out).unwrap(), b"a file");
}

#[test]
fn what_was_made_of_what_is_said_beside_the_build() {
    let sandbox = Sandbox::hello();
    assert_eq!(sandbox.platc(&["build"]).code, 0);
    let link = fs::read_link(sandbox.path("dist/current")).unwrap();
    let id = link.file_name().unwrap().to_str().unwrap().to_owned();
    let about = sandbox.path(&format!("dist/builds/{id}.about"));
    let said = json(&fs::read_to_string(about.join("provenance.json")).unwrap());
    assert_eq!(said["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(said["subject"][0]["digest"]["sha256"], id.as_str());
    let made_of = &said["predicate"]["buildDefinition"]["resolvedDependencies"];
    let names: Vec<&str> =
        made_of.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"platform.kdl") && names.contains(&"platc.lock"), "{names:?}");
    let mode = fs::metadata(sandbox.path("dist/current/build.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o444);
}

#[test]
fn explain_prints_pages_and_guesses() {
    let sandbox = Sandbox::empty();
    let page = sandbox.platc(&["explain", "E0205"]);
    assert!(page.code == 0 && page.stdout.contains("unknown-field"), "{page:?}");
    assert_eq!(sandbox.platc(&["explain", "unknown-field"]).stdout, page.stdout);
    let wrong = sandbox.platc(&["explain", "unknown-fild"]);
    assert_eq!((wrong.code, wrong.stderr.contains("did you mean `unknown-field`?")), (2, true), "{wrong:?}");
}

#[test]
fn wrong_usage_is_status_two_and_help_is_status_zero() {
    let sandbox = Sandbox::empty();
    for args in [&["biuld"][..], &["build", "--only", "x"], &["check", "--format", "xml"], &[]] {
        let run = sandbox.platc(args);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?} {run:?}");
    }
    let guess = sandbox.platc(&["biuld"]);
    assert!(guess.stderr.contains("build"), "{guess:?}");
    let help = sandbox.platc(&["--help"]);
    assert!(help.code == 0 && help.stdout.contains("platc new hello"), "{help:?}");
    for command in ["new", "check", "build", "explain", "verify", "policy"] {
        let help = sandbox.platc(&[command, "-h"]);
        assert!(help.code == 0 && help.stdout.lines().count() < 45, "{command}: one screen");
    }
}

#[test]
fn hostile_files_give_findings_and_never_a_panic() {
    let deep = format!("a {}", "{ b ".repeat(10_000));
    let version_one = "service \"web\" enabled=true {\n}\n".to_owned();
    let long = format!("service {} {{ image \"x\" }}", "s".repeat(100_000));
    let loops = "let a=\"${b}\"\nlet b=\"${a}\"\n".to_owned();
    let wide = "host h address=\"10.0.0.1\" cpu=1 memory=\"1GiB\"\n".repeat(5000);
    let quotes = "service \"\"\"\n  web\n".to_owned();
    for (at, text) in
        [deep, version_one, long, loops, wide, quotes, "\u{202e}".to_owned()].into_iter().enumerate()
    {
        let sandbox = Sandbox::hello();
        fs::write(sandbox.path("hostile.kdl"), text).unwrap();
        let run = sandbox.platc(&["check", "--format", "json"]);
        assert_eq!(run.code, 1, "{at}: {}", run.stderr);
        assert!(json(&run.stdout)["errors"].as_u64().unwrap() > 0, "{at}");
    }
    let sandbox = Sandbox::hello();
    fs::write(sandbox.path("bytes.kdl"), b"service \xff\xfe").unwrap();
    let run = sandbox.platc(&["check"]);
    assert!(run.code == 1 && run.stderr.contains("E0101"), "{run:?}");
    // A hundred million bytes, of which no disk has more than a few.
    let large = fs::File::create(sandbox.path("large.kdl")).expect("it can be made");
    large.set_len(100_000_000).expect("it is sparse");
    let run = sandbox.platc(&["check"]);
    assert!(run.code == 1 && run.stderr.contains("E0108"), "{}", run.stderr.len());
}

#[test]
fn a_renamed_stateful_is_missed_at_each_use_and_the_build_before_stays() {
    let sandbox = Sandbox::example("okmeter");
    let built = sandbox.platc(&["build"]);
    assert_eq!(built.code, 0, "{built:?}");
    let before = sandbox.state("dist");
    let is_declared = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).unwrap_or_default();
        path.extension().is_some_and(|kind| kind == "kdl") && text.contains("stateful kafka")
    };
    let file = sandbox.files_below(".").into_iter().find(is_declared).expect("okmeter has Kafka");
    let text = fs::read_to_string(&file).expect("a file");
    fs::write(&file, text.replace("stateful kafka", "stateful kafka2")).expect("it can be written");
    let found = sandbox.platc(&["build", "--format", "json"]);
    assert_eq!(found.code, 1, "{}", found.stderr);
    let found = json(&found.stdout);
    let findings = found["findings"].as_array().expect("a list");
    let mut lines: Vec<String> = findings
        .iter()
        .filter(|one| one["help"].as_str().is_some_and(|help| help.contains("kafka2")))
        .map(|one| format!("{}:{}", one["file"], one["start"]["line"]))
        .collect();
    assert!(lines.len() >= 2, "each use is named: {found:#}");
    lines.dedup();
    assert!(lines.len() >= 2, "each on its own line: {lines:?}");
    assert_eq!(sandbox.state("dist"), before, "the build before is as it was");
}

#[test]
fn a_service_without_a_readiness_probe_meets_the_policy_on_its_line() {
    let sandbox = Sandbox::example("okmeter");
    let probes = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).unwrap_or_default();
        path.extension().is_some_and(|kind| kind == "kdl") && text.contains("readiness http=")
    };
    let mut services = sandbox.files_below("services").into_iter();
    let file = services.find(probes).expect("a service with probes");
    let text = fs::read_to_string(&file).expect("a file");
    let without: String = text
        .lines()
        .map(|line| match (line.find("readiness http="), line.contains('{')) {
            // `probes { readiness http="/x"; liveness http="/y" }` on one line, or a line of its own.
            (Some(_), true) => format!("{}\n", line.replacen("readiness http=", "startup http=", 1)),
            (Some(_), false) => String::new(),
            (None, _) => format!("{line}\n"),
        })
        .collect();
    fs::write(&file, without).expect("it can be written");
    let run = sandbox.platc(&["build", "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let found = json(&run.stdout);
    let findings = found["findings"].as_array().expect("a list");
    let of_policy: Vec<_> = findings.iter().filter(|one| one["code"] == "require-probes/readiness").collect();
    assert!(!of_policy.is_empty(), "the policy says something: {found:#}");
    for one in of_policy {
        let text = fs::read_to_string(sandbox.path(one["file"].as_str().expect("a path"))).expect("a file");
        let line = usize::try_from(one["start"]["line"].as_u64().expect("a line")).expect("few lines");
        let written = text.lines().nth(line - 1).unwrap_or_default();
        assert!(written.starts_with("service ") || written.starts_with("daemon "), "{written}: {one:#}");
    }
    assert!(!sandbox.path("dist/current").exists());
}

#[test]
fn fmt_lays_out_checks_and_reads_stdin() {
    let sandbox = Sandbox::hello();
    assert_eq!(sandbox.platc(&["fmt", "--check"]).code, 0, "what `new` writes is laid out");
    sandbox.edit("platform.kdl", "service web replicas=2 {", "service   web   replicas=2   {");
    let check = sandbox.platc(&["fmt", "--check"]);
    assert!(check.code == 1 && check.stderr.contains("would change platform.kdl"), "{check:?}");
    assert_eq!(sandbox.platc(&["fmt"]).code, 0);
    let text = fs::read_to_string(sandbox.path("platform.kdl")).expect("a file");
    assert!(text.contains("\nservice web replicas=2 {\n"), "{text}");
    let mut child = sandbox
        .command(&["fmt", "--stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("platc runs");
    std::io::Write::write_all(&mut child.stdin.take().expect("it is piped"), b"a   1\n").expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.stdout, b"a 1\n");
}

#[test]
fn a_value_says_why_it_is_what_it_is() {
    let sandbox = Sandbox::hello();
    let chain = sandbox.platc(&["explain", "service.web.replicas"]);
    assert!(chain.code == 0 && chain.stdout.contains("platform.kdl:16"), "{chain:?}");
    let shown = sandbox.platc(&["show", "service.web.memory", "--as", "json"]);
    assert!(shown.code == 0 && shown.stdout.contains("256MiB"), "{shown:?}");
    let wrong = sandbox.platc(&["show", "service.wbe"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("web"), "{wrong:?}");
    let schema = json(&sandbox.platc(&["schema"]).stdout);
    assert!(schema["$defs"].is_object(), "{}", schema["$schema"]);
}

#[test]
fn tests_beside_a_platform_pass_and_fail() {
    let sandbox = Sandbox::hello();
    let test = "test \"the web stands twice\" {\n    expect \"service.web.replicas == 2\"\n}\n";
    fs::write(sandbox.path("tests.kdl"), test).expect("it can be written");
    let passed = sandbox.platc(&["test"]);
    assert!(passed.code == 0 && passed.stderr.contains("1 tests, 0 failed"), "{passed:?}");
    sandbox.edit("platform.kdl", "replicas=2", "replicas=3");
    let failed = sandbox.platc(&["test"]);
    assert!(failed.code == 1 && failed.stderr.contains("tests.kdl:2"), "{failed:?}");
}

/// What is waived is known, and no reason for a script to stop; until the day on which the waiver ends.
#[test]
fn capacity_counts_waivers() {
    let sandbox = Sandbox::hello();
    let mut text = fs::read_to_string(sandbox.path("platform.kdl")).expect("a platform");
    text += "\namend service web { survives datacenter=1 }\n";
    fs::write(sandbox.path("platform.kdl"), &text).expect("it can be written");
    let refuted = sandbox.platc(&["capacity", "--format", "json"]);
    assert_eq!(refuted.code, 1, "{refuted:?}");
    let found = json(&refuted.stdout);
    let codes: std::collections::BTreeSet<&str> = found["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|own| own["code"].as_str())
        .collect();
    assert!(!codes.is_empty(), "{found}");
    for code in codes {
        text +=
            &format!("allow {code} on=web until=\"2027-06-30\" reason=\"one datacenter is what there is\"\n");
    }
    fs::write(sandbox.path("platform.kdl"), &text).expect("it can be written");
    let waived = sandbox.platc(&["capacity", "--today", "2026-11-21"]);
    assert_eq!(waived.code, 0, "{waived:?}");
    assert_eq!(sandbox.platc(&["capacity", "--today", "2027-07-01"]).code, 1, "it is over");
}

#[test]
fn an_upgrade_is_told_in_steps_and_changes_nothing() {
    let sandbox = Sandbox::example("minimal");
    let before = fs::read_to_string(sandbox.path("platform.kdl")).expect("a platform");
    let told = sandbox.platc(&["upgrade", "--to", "1.36.3"]);
    assert_eq!(told.code, 0, "{told:?}");
    for line in [
        "1.35.7 -> 1.36.3",
        "  1. take a snapshot of etcd",
        "kubeadm upgrade apply",
        "containerd 1.x is no longer",
    ] {
        assert!(told.stdout.contains(line), "no `{line}` in {}", told.stdout);
    }
    let data = json(&sandbox.platc(&["upgrade", "--to", "1.36", "--format", "json"]).stdout);
    assert_eq!(data["clusters"][0]["to"], "1.36", "{data}");
    let unknown = sandbox.platc(&["upgrade", "--to", "1.99"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("this platc knows"), "{unknown:?}");
    let there = sandbox.platc(&["upgrade", "--to", "1.35"]);
    assert!(there.code == 0 && there.stderr.contains("no cluster is older than 1.35"), "{there:?}");
    assert_eq!(fs::read_to_string(sandbox.path("platform.kdl")).expect("a platform"), before);
}

#[test]
fn capacity_pictures_and_a_page() {
    let sandbox = Sandbox::hello();
    let text = sandbox.platc(&["capacity"]);
    assert!(text.code == 0 && text.stdout.contains("web"), "{text:?}");
    assert!(json(&sandbox.platc(&["capacity", "--format", "json"]).stdout).is_object());
    let lost = sandbox.platc(&["capacity", "--lose", "n1"]);
    assert!(lost.stdout.contains("asked about: loss of") && lost.code == 0, "{lost:?}");
    let all = sandbox.platc(&["capacity", "--lose", "home"]);
    assert!(all.stdout.contains("only in `home`: web") && all.code == 1, "{all:?}");
    let typo = sandbox.platc(&["capacity", "--lose", "n9"]);
    assert!(typo.code == 2 && typo.stderr.contains("did you mean `n1`?"), "{typo:?}");
    let svg = sandbox.platc(&["graph", "--format", "svg"]);
    assert!(svg.code == 0 && svg.stdout.starts_with("<svg"), "{svg:?}");
    let page = sandbox.path("page.html");
    let report = sandbox.platc(&["report", "--out", page.to_str().expect("a path")]);
    assert_eq!(report.code, 0, "{report:?}");
    assert!(fs::read_to_string(&page).expect("a page").contains("<html"));
    assert_eq!(sandbox.platc(&["build"]).code, 0);
    let out = page.to_str().expect("a path");
    let same = sandbox.platc(&["report", "--out", out, "--since", "current"]);
    assert_eq!(same.code, 0, "{same:?}");
    assert!(fs::read_to_string(&page).expect("a page").contains("<p>Nothing.</p>"), "nothing has changed");
    sandbox.edit("platform.kdl", "replicas=2", "replicas=3");
    assert_eq!(sandbox.platc(&["report", "--out", out, "--since", "current"]).code, 0);
    let changed = fs::read_to_string(&page).expect("a page");
    let (_, changes) = changed.split_once("id=\"changes\"").expect("the section");
    assert!(changes.contains("<pre>") && changes.contains("web"), "{changes}");
    assert_eq!(sandbox.platc(&["report", "--out", out, "--since", "0000"]).code, 2, "there is no such build");
}

/// `script` is a terminal to what it runs.
#[test]
fn a_terminal_shows_the_phase_that_runs_and_a_pipe_does_not() {
    let sandbox = Sandbox::hello();
    let Some(script) = platc_testkit::tools::need("script") else { return };
    let mut command = std::process::Command::new(script);
    let program = sandbox.command(&["check"]);
    let line = format!("{} check", program.get_program().to_string_lossy());
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(sandbox.dir());
    let output = command.env("TERM", "xterm").stdin(Stdio::null()).output().expect("script runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("\r\x1b[Kplan …"), "{said:?}");
    let (_, last) = said.rsplit_once("…").expect("a phase");
    assert!(last.starts_with("\r\x1b[K"), "the line is wiped off before anything else is said: {said:?}");
    let piped = sandbox.platc(&["check"]);
    assert!(!(piped.stdout + &piped.stderr).contains('\r'));
}

#[test]
fn a_trace_names_phases_and_files_and_timings_are_for_people() {
    let sandbox = Sandbox::hello();
    let build = sandbox.platc(&["build", "--timings", "--trace", "trace.json"]);
    assert_eq!(build.code, 0, "{build:?}");
    for phase in [" ms  read and parse", " ms  plan", " ms  emit and store", "took "] {
        assert!(build.stderr.contains(phase), "{phase}: {build:?}");
    }
    let trace = json(&fs::read_to_string(sandbox.path("trace.json")).unwrap());
    let events = trace["traceEvents"].as_array().unwrap();
    let of = |kind: &str| -> Vec<&serde_json::Value> {
        events.iter().filter(|event| event["cat"] == kind).collect()
    };
    let emitting = of("phase").into_iter().find(|event| event["name"] == "emit and store").unwrap();
    let time = |event: &serde_json::Value, key: &str| event[key].as_u64().unwrap();
    let files = of("file");
    assert!(files.iter().any(|file| file["name"].as_str().unwrap().starts_with("clusters/")), "{events:?}");
    for file in files {
        let (begin, end) = (time(file, "ts"), time(file, "ts") + time(file, "dur"));
        let around = (time(emitting, "ts"), time(emitting, "ts") + time(emitting, "dur"));
        assert!(around.0 <= begin && end <= around.1 + 1, "{file} within {emitting}");
        assert_eq!((&file["ph"], &file["pid"]), (&"X".into(), &1.into()));
    }
    assert!(events.iter().any(|event| event["ph"] == "M" && event["args"]["name"] == "main"));
    // It is no part of a build, and neither is it one of a check.
    let check = sandbox.platc(&["check", "--trace", "trace.json"]);
    assert!(check.code == 0 && !check.stderr.contains("took "), "{check:?}");
    let nowhere = sandbox.platc(&["check", "--trace", "no/such/directory"]);
    assert!(nowhere.code == 2 && nowhere.stderr.contains("cannot write"), "{nowhere:?}");
}

#[test]
fn watch_builds_after_each_change_and_survives_mistakes() {
    let sandbox = Sandbox::hello();
    let mut command = sandbox.command(&["watch"]);
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("platc runs");
    let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| tell.send(line)));
    let mut heard = Vec::new();
    let mut until = |part: &str| loop {
        let line = told.recv_timeout(std::time::Duration::from_secs(60));
        let line = line.unwrap_or_else(|_| panic!("no `{part}` after {heard:?}"));
        heard.push(line.clone());
        if line.contains(part) {
            break;
        }
    };
    let current = || fs::read_link(sandbox.path("dist/current")).unwrap();
    until("watching");
    let first = current();
    sandbox.edit("platform.kdl", "replicas=2", "replicas=1");
    until("changed: platform.kdl");
    until("files written");
    let second = current();
    assert_ne!(second, first);
    sandbox.edit("platform.kdl", "replicas=1", "replcas=1");
    until("E0205 unknown-field");
    until("nothing was built");
    assert_eq!(current(), second, "the last good build stays");
    // A new file, and one that is moved into place, as many editors write.
    fs::write(sandbox.path("new.tmp"), "// more\n").unwrap();
    fs::rename(sandbox.path("new.tmp"), sandbox.path("more.kdl")).unwrap();
    until("changed: ");
    sandbox.edit("platform.kdl", "replcas=1", "replicas=2");
    until("in dist/current");
    assert_eq!(current(), first);
    child.kill().unwrap();
    child.wait().unwrap();
}
