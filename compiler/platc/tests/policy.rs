//! The tools of those who write policies, as they use them: begun in an empty directory, built by the real
//! cargo, tried on real platforms; and what a novice does wrong.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test: it runs programs and fails loudly"
)]

#[allow(dead_code, reason = "the other tests use the rest")]
mod sandbox;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use sandbox::{Sandbox, json};

/// A directory in which `platc policy new` has made a policy.
fn begun(name: &str, args: &[&str]) -> Sandbox {
    let sandbox = Sandbox::empty().with_compilers();
    let run = sandbox.platc(&[&["policy", "new", name], args].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains(&format!("next: cd {name} && platc policy test")), "{run:?}");
    sandbox.within(name)
}

#[test]
fn a_new_policy_in_rust_passes_its_cases_and_is_the_same_file_wherever_it_is_built() {
    let digests = ["no-friday-deploys", "elsewhere/no-friday-deploys"].map(|place| {
        let sandbox = begun(place, &[]);
        let test = sandbox.platc(&["policy", "test"]);
        assert_eq!(test.code, 0, "{test:?}");
        assert!(test.stderr.contains("3 cases of no-friday-deploys, 0 failed"), "{test:?}");
        let build = sandbox.platc(&["policy", "build", "--quiet"]);
        assert_eq!((build.code, build.stderr.as_str()), (0, ""), "{build:?}");
        let inspect = sandbox.platc(&["policy", "inspect", "no-friday-deploys.wasm", "--format", "json"]);
        let data = json(&inspect.stdout);
        assert_eq!(data["form"], "component");
        assert_eq!(data["contract"], "0.1.0");
        assert_eq!(
            data["imports"],
            serde_json::json!([
                "platc:policy/log@0.1.0",
                "platc:policy/model@0.1.0",
                "platc:policy/types@0.1.0"
            ])
        );
        assert_eq!(data["rules"][0]["id"], "no-friday-deploys/most");
        assert_eq!(data["rules"][0]["kinds"], serde_json::json!(["service"]));
        assert_eq!(data["settings"]["properties"]["most"]["default"], 20);
        data["sha256"].as_str().expect("a digest").to_owned()
    });
    assert_eq!(digests[0], digests[1], "a pinned digest holds for everybody who builds these sources");
}

#[test]
fn a_case_that_fails_shows_what_came_and_bless_writes_down_what_is_no_finding() {
    let sandbox = begun("cost-centre", &["--kind", "transform"]);
    let bless = sandbox.platc(&["policy", "test", "--bless"]);
    assert_eq!(bless.code, 0, "{bless:?}");
    let cases = "cases/cost-centre.md";
    let text = fs::read_to_string(sandbox.path(cases)).expect("cases");
    assert_eq!(sandbox.platc(&["policy", "test"]).code, 0, "{text}");
    sandbox.edit(cases, "label owner", "label owned-by");
    let test = sandbox.platc(&["policy", "test"]);
    assert_eq!(test.code, 1, "{test:?}");
    assert!(test.stderr.contains("FAILED  cost-centre / The platform says which label"), "{test:?}");
    assert!(
        test.stderr.contains("+    labels owned-by=platform-team") || test.stderr.contains("owned-by"),
        "{test:?}"
    );
    assert!(test.stderr.contains("2 cases of cost-centre, 1 failed"), "{test:?}");
    // A finding that nobody expected is never written down as if it had been.
    sandbox.edit(cases, "label owned-by", "labell owned-by");
    let bless = sandbox.platc(&["policy", "test", "--bless"]);
    assert_eq!(bless.code, 1, "{bless:?}");
    assert!(bless.stderr.contains("not expected: error: [E0709]"), "{bless:?}");
}

#[test]
fn bench_says_what_a_policy_costs_beside_what_it_may() {
    let sandbox = begun("fewer", &[]);
    assert_eq!(sandbox.platc(&["new", "hello"]).code, 0);
    let bench = sandbox.platc(&["policy", "bench", "--on", "hello", "--runs", "3"]);
    assert_eq!(bench.code, 0, "{bench:?}");
    let figures = |line: &str| {
        let found = bench.stdout.lines().find(|found| found.starts_with(line));
        found.unwrap_or_else(|| panic!("no {line}: {bench:?}")).to_owned()
    };
    assert!(figures("model").contains("ms") && figures("model").contains("0 findings"), "{bench:?}");
    assert!(figures("may use").contains("262144 KiB"), "{bench:?}");
    // What the platform sets is what is measured.
    fs::write(sandbox.path("hello/policies.kdl"), "use fewer { most 1 }\n").expect("it can be written");
    let file = sandbox.platc(&["policy", "build"]);
    assert_eq!(file.code, 0, "{file:?}");
    let bench = sandbox.platc(&["policy", "bench", "fewer.wasm", "--on", "hello", "--runs", "1"]);
    assert!(bench.stdout.contains("1 findings"), "{bench:?}");
}

#[test]
fn whoever_lacks_cargo_or_its_target_is_told_what_to_install() {
    let sandbox = Sandbox::empty();
    assert_eq!(sandbox.platc(&["policy", "new", "mine"]).code, 0);
    let sandbox = sandbox.within("mine");
    let build = sandbox.platc(&["policy", "build"]);
    assert_eq!(build.code, 2, "{build:?}");
    assert!(build.stderr.contains("there is no `cargo` here"), "{build:?}");
    assert!(build.stderr.contains("rustup target add wasm32-unknown-unknown"), "{build:?}");
    let bin = sandbox.path("bin");
    fs::create_dir(&bin).expect("a directory");
    let program = |name: &str, script: &str| {
        let path = bin.join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("it can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    };
    let manifest = sandbox.path("Cargo.toml").display().to_string();
    let metadata = format!(
        r#"{{"packages":[{{"manifest_path":"{manifest}","targets":[{{"name":"mine","crate_types":["cdylib"]}}]}}],"target_directory":"target"}}"#
    );
    program("cargo", &format!("echo '{metadata}'"));
    program("rustc", "echo /no/such/directory");
    let run = |sandbox: &Sandbox| {
        let output = sandbox.command(&["policy", "build"]).env("PATH", &bin).output().expect("platc runs");
        String::from_utf8(output.stderr).expect("text")
    };
    let said = run(&sandbox);
    assert!(
        said.contains("the target is not installed") && said.contains("libstd-rust-dev-wasm32"),
        "{said}"
    );
    program("rustup", "exit 0");
    let said = run(&sandbox);
    assert!(said.contains("help: run `rustup target add wasm32-unknown-unknown`"), "{said}");
}

#[test]
fn sources_that_do_not_compile_or_are_no_policy_are_told_apart() {
    let sandbox = begun("mine", &[]);
    sandbox.edit("src/lib.rs", "settings.most {", "settings.least {");
    let build = sandbox.platc(&["policy", "build"]);
    assert_eq!(build.code, 2, "{build:?}");
    assert!(build.stderr.contains("no field `least`"), "cargo's own words: {build:?}");
    assert!(build.stderr.contains("cargo did not build the policy"), "{build:?}");
    sandbox.edit("Cargo.toml", "crate-type = [\"cdylib\"]", "crate-type = [\"rlib\"]");
    let build = sandbox.platc(&["policy", "build"]);
    assert!(build.stderr.contains("does not make WebAssembly"), "{build:?}");
    assert!(build.stderr.contains("crate-type = [\"cdylib\"]"), "{build:?}");
}

#[test]
fn nothing_is_overwritten_and_names_are_explained() {
    let sandbox = Sandbox::empty();
    for (name, says) in
        [("No_Friday", "lower case letters"), ("a--b", "single dashes"), ("9", "lower case letters")]
    {
        let run = sandbox.platc(&["policy", "new", name]);
        assert_eq!((run.code, run.stderr.contains(says)), (2, true), "{run:?}");
        assert!(!sandbox.path(name).exists());
    }
    assert_eq!(sandbox.platc(&["policy", "new", "mine"]).code, 0);
    let again = sandbox.platc(&["policy", "new", "mine", "--kind", "transform"]);
    assert_eq!((again.code, again.stderr.contains("is there already")), (2, true), "{again:?}");
    let dot = sandbox.within("mine").platc(&["policy", "new", "."]);
    assert!(dot.stderr.contains("is there already"), "`.` names the directory that one is in: {dot:?}");
}

#[test]
fn what_a_novice_names_wrongly_is_answered_with_the_way_out() {
    let sandbox = Sandbox::empty();
    fs::write(sandbox.path("page.html"), "<html>").expect("it can be written");
    fs::write(sandbox.path("cut.wasm"), b"\0asm").expect("it can be written");
    for (args, code, says) in [
        (&["policy", "build"][..], 2, "`platc policy new NAME` begins a policy"),
        (&["policy", "build", "nowhere"], 2, "there is no directory `nowhere`"),
        (&["policy", "build", "page.html"], 2, "name the directory of the policy's sources"),
        (&["policy", "inspect", "no.wasm"], 2, "`platc policy build` makes the file"),
        (&["policy", "inspect", "."], 2, "name the file itself"),
        (&["policy", "inspect", "page.html"], 1, "it is text"),
        (
            &["policy", "inspect", "cut.wasm"],
            1,
            "E0703: `cut.wasm`, the file of policy `cut`, ends too early",
        ),
        (&["policy", "bench", "cut.wasm"], 2, "`--on DIR` names the platform"),
    ] {
        let run = sandbox.platc(args);
        assert_eq!((run.code, run.stderr.contains(says)), (code, true), "{args:?}: {run:?}");
    }
    assert_eq!(sandbox.platc(&["policy", "new", "mine"]).code, 0);
    let sandbox = sandbox.within("mine");
    let case = sandbox.path("cases/mine.md");
    fs::write(&case, "# Mine\n\n```kdl\nuse mine\n").expect("it can be written");
    let test = sandbox.platc(&["policy", "test"]);
    assert!(test.stderr.contains("cases/mine.md:3: this block is not closed"), "{test:?}");
    fs::remove_file(&case).expect("it is there");
    let test = sandbox.platc(&["policy", "test"]);
    assert!(test.stderr.contains("no Markdown file in `cases`"), "{test:?}");
}

/// Without a readiness probe, and with; a service, and a daemon.
const PROBED: &str = r#"
service web replicas=1 {
    image "okm/web:1"
    port http 8080
    cpu "500m"
    memory "256MiB"
}
service api replicas=1 {
    image "okm/api:1"
    port http 8080
    cpu "500m"
    memory "256MiB"
    probes { readiness http="/ready" }
}
daemon agent {
    image "okm/agent:1"
    cpu "100m"
    memory "64MiB"
}
"#;

/// What a platform of another language's `require-probes` must find, too: the cases of the library's, and the
/// same findings, byte for byte, on a platform with a few of them.
fn finds_the_same(language: &str, source: &str, place: &str, prepare: &dyn Fn(&Sandbox)) {
    let sandbox = begun_in("require-probes", language);
    prepare(&sandbox);
    fs::write(sandbox.path(place), source).expect("it can be written");
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/policies/require-probes/cases/probes.md");
    fs::copy(cases, sandbox.path("cases/require-probes.md")).expect("the cases of the library's");
    let test = sandbox.platc(&["policy", "test"]);
    assert_eq!(test.code, 0, "{test:?}");
    assert!(test.stderr.contains("4 cases of require-probes, 0 failed"), "{test:?}");
    assert_eq!(sandbox.platc(&["policy", "build"]).code, 0);
    let platform = sandbox.path("platform");
    fs::create_dir(&platform).expect("a directory");
    fs::copy(sandbox.path("require-probes.wasm"), platform.join("require-probes.wasm"))
        .expect("it was built");
    let base =
        include_str!("../../platc-driver/tests/base.kdl").split("service web").next().expect("a platform");
    fs::write(platform.join("platform.kdl"), format!("{base}{PROBED}")).expect("it can be written");
    let found = |declaration: &str| {
        let uses = format!("{declaration}\nuse require-probes {{ liveness #true }}\n");
        fs::write(platform.join("policies.kdl"), uses).expect("it can be written");
        let check = sandbox.platc(&["check", "platform", "--format", "json"]);
        assert_eq!(check.code, 1, "{check:?}");
        check.stdout
    };
    let rust = found("// The library's.");
    assert_eq!(found("plugin require-probes from=\"require-probes.wasm\""), rust);
    let of = |rule: &str| rust.matches(&format!("\"code\": \"require-probes/{rule}\"")).count();
    assert_eq!((of("readiness"), of("liveness")), (2, 3), "{rust}");
}

/// A policy in another language, with the packages that `cargo xtask setup` has installed.
fn begun_in(name: &str, language: &str) -> Sandbox {
    let sandbox = Sandbox::empty().with_compilers();
    let run = sandbox.platc(&["policy", "new", name, "--lang", language]);
    assert_eq!(run.code, 0, "{run:?}");
    sandbox.within(name)
}

#[test]
fn the_same_policy_in_typescript_finds_the_same() {
    let Some((_, module)) = platc_testkit::tools::need_node_with("componentize-qjs") else { return };
    let sandbox = begun_in("mine", "typescript");
    let build = sandbox.platc(&["policy", "build"]);
    assert_eq!(build.code, 2, "{build:?}");
    assert!(build.stderr.contains("run `npm install` in `.`"), "{build:?}");
    let modules = module.parent().expect("it lies among others");
    let link = |sandbox: &Sandbox| {
        std::os::unix::fs::symlink(modules, sandbox.path("node_modules")).expect("a link");
    };
    link(&sandbox);
    sandbox.edit("src/policy.ts", "settings.most", "settings.least");
    let build = sandbox.platc(&["policy", "build"]);
    assert!(build.stderr.contains("Property 'least' does not exist"), "the compiler's own words: {build:?}");
    finds_the_same("typescript", include_str!("same/require-probes.ts"), "src/policy.ts", &link);
}

#[test]
fn the_same_policy_in_python_finds_the_same() {
    if platc_testkit::tools::need("componentize-py").is_none() {
        return;
    }
    finds_the_same("python", include_str!("same/require-probes.py"), "policy.py", &|_| ());
}

#[test]
fn each_rule_of_the_library_speaks_if_something_is_wrong_and_none_breaks_down() {
    let sandbox = Sandbox::empty();
    fs::write(sandbox.path("platform.kdl"), include_str!("same/audited.kdl")).expect("it can be written");
    let audit = sandbox.platc(&["policy", "audit"]);
    let silent = |line: &&str| line.contains("NEVER SPEAKS") || line.contains("BREAKS DOWN");
    assert_eq!(audit.stdout.lines().filter(silent).collect::<Vec<_>>(), Vec::<&str>::new(), "{audit:?}");
    let library = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/policies");
    let n = fs::read_dir(library).expect("policies").count();
    assert!(audit.stderr.contains(&format!(" rules of {n} policies: 0 never speak, 0 ")), "{audit:?}");
}

#[test]
fn explain_names_the_policy_that_changed_a_value_and_what_it_was_before() {
    let sandbox = Sandbox::empty();
    fs::write(sandbox.path("platform.kdl"), include_str!("same/audited.kdl")).expect("it can be written");
    let explain = sandbox.platc(&["explain", "namespace.shop.security"]);
    assert!(explain.code == 0 && explain.stdout.contains("restricted at home"), "{explain:?}");
    assert!(explain.stdout.contains("default says baseline   (replaced)"), "{explain:?}");
    assert!(
        explain.stdout.contains("policy default-security-context says security restricted"),
        "{explain:?}"
    );
}

#[test]
fn audit_tells_rules_that_bite_from_those_that_never_do() {
    let sandbox = begun("never", &[]);
    sandbox.edit(
        "src/lib.rs",
        "&[\"/replicas\"]).rows::<(i64,)>()",
        "&[\"/replicass\"]).rows::<(Option<i64>,)>()",
    );
    sandbox.edit(
        "src/lib.rs",
        "let (replicas,) = row.values;",
        "let replicas = row.values.0.unwrap_or_default();",
    );
    let build = sandbox.platc(&["policy", "build"]);
    assert_eq!(build.code, 0, "{build:?}");
    assert_eq!(sandbox.platc(&["new", "hello"]).code, 0);
    fs::copy(sandbox.path("never.wasm"), sandbox.path("hello/never.wasm")).expect("it was built");
    let uses = "plugin never from=\"never.wasm\"\nuse never\nuse require-probes\nuse pin-images\n\
                allow \"pin-images/digest\" on=nobody reason=\"tried\"\n";
    fs::write(sandbox.path("hello/policies.kdl"), uses).expect("it can be written");
    let audit = sandbox.platc(&["policy", "audit", "hello"]);
    assert_eq!(audit.code, 1, "{audit:?}");
    assert!(audit.stdout.contains("never/most: NEVER SPEAKS"), "{audit:?}");
    assert!(
        audit.stdout.contains("it reads service /replicass, which the language does not have"),
        "{audit:?}"
    );
    assert!(audit.stdout.contains("require-probes/readiness: speaks"), "{audit:?}");
    assert!(audit.stdout.contains("costs, model: "), "{audit:?}");
    assert!(audit.stderr.contains("there is no `pin-images/digest` to waive"), "{audit:?}");
    let json = json(&sandbox.platc(&["policy", "audit", "hello", "--format", "json"]).stdout);
    assert_eq!(json["policies"][0]["name"], "never");
    assert_eq!(json["policies"][0]["rules"][0]["speaks"], "never");
    assert_eq!(json["waivers"].as_array().expect("a list").len(), 1, "{json}");
}
