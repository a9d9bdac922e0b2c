//! What Envoy itself says of the bootstraps: it accepts those of every example, and behaves as the plan says.
//!
//! Not here: what stands in a bootstrap; the cases of `platc-emit/src/envoy` show that. Start with
//! [`every_bootstrap_of_the_examples_is_accepted`].

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a test: it starts programs, reads what they say and fails loudly"
)]

#[path = "envoy/behaviour.rs"]
mod behaviour;
#[path = "envoy/live.rs"]
mod live;
#[path = "envoy/pods.rs"]
mod pods;
#[path = "envoy/program.rs"]
mod program;

use std::path::Path;

use platc_driver::analysis::{Analysis, AnalysisOptions, analyse};
use platc_driver::emission::{Emitted, emit_all};
use platc_driver::world::{Disk, Memory};

/// A platform's analysis, without errors.
fn example(name: &str) -> Analysis {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    analyse(&Disk, &folder, AnalysisOptions { today: None })
}

/// Its bootstraps, by path.
fn bootstraps(analysis: &Analysis) -> Vec<Emitted> {
    files(analysis, |kind| kind.starts_with("envoy-"))
}

/// Its files of some kinds.
fn files(analysis: &Analysis, wanted: impl Fn(&str) -> bool) -> Vec<Emitted> {
    let mut found = Vec::new();
    let done = emit_all::<()>(&analysis.plan, |file| {
        if wanted(file.artifact.kind) {
            found.push(file);
        }
        Ok(())
    });
    assert!(done.is_ok(), "{done:?}");
    found
}

fn validate(what: &str, bytes: &[u8]) {
    let Some(envoy) = platc_testkit::tools::need("envoy") else { return };
    let said = program::validate(&envoy, bytes);
    assert!(said.status.success(), "{what}: {}", said.text);
    assert!(!said.text.to_lowercase().contains("deprecated"), "{what}: {}", said.text);
}

#[test]
fn every_bootstrap_of_the_examples_is_accepted() {
    let mut count = 0;
    for name in ["okmeter", "minimal", "hetzner", "environments/prod", "environments/stage"] {
        for file in bootstraps(&example(name)) {
            validate(&format!("{name}: {}", file.artifact.path.as_str()), &file.bytes);
            count += 1;
        }
    }
    println!("{count} bootstraps are accepted");
    assert!(count >= 20, "{count}");
}

#[test]
fn envoy_refuses_what_is_wrong() {
    let Some(envoy) = platc_testkit::tools::need("envoy") else { return };
    let analysis = example("hetzner");
    let file = bootstraps(&analysis).pop().expect("a bootstrap");
    let text = String::from_utf8(file.bytes).expect("UTF-8");
    let wrong = text.replace("lb_policy:", "lb_polcy:");
    assert_ne!(wrong, text);
    let said = program::validate(&envoy, wrong.as_bytes());
    assert!(!said.status.success());
    assert!(said.text.contains("lb_polcy"), "{}", said.text);
}

/// Balancers outside, one for each software, and that of an example.
#[test]
fn balancers_are_accepted_by_their_software() {
    let mut world = Memory::default();
    world.insert("p/platform.kdl", include_str!("envoy/everything.kdl"));
    let analysis = analyse(&world, Path::new("p"), AnalysisOptions { today: None });
    for analysis in [analysis, example("okmeter")] {
        for file in files(&analysis, |kind| matches!(kind, "haproxy-config" | "nginx-config")) {
            let (program, path) =
                (file.artifact.kind.trim_end_matches("-config"), file.artifact.path.as_str());
            let Some(program) = platc_testkit::tools::need(program) else { continue };
            let said = program::check(&program, &file.bytes);
            assert!(said.status.success(), "{path}: {}", said.text);
            assert!(!said.text.to_lowercase().contains("warn"), "{path}: {}", said.text);
        }
    }
}

/// A platform with one program that calls `n` others.
fn with_calls(n: u32) -> Analysis {
    let mut text = include_str!("base.kdl").to_owned();
    let service = |name: &str, calls: &str| {
        format!(
            "service {name} replicas=1 {{\n image \"okm/x:1@sha256:{}\"\n port http 8080\n cpu \"10m\"\n memory \"16MiB\"\n \
             probes {{ readiness http=\"/ready\"; liveness http=\"/live\" }}\n {calls}\n}}\n",
            "0".repeat(64)
        )
    };
    let calls: String = (0..n).map(|n| format!("calls callee-{n} timeout=\"1s\"\n")).collect();
    text += &service("caller", &calls);
    text.extend((0..n).map(|n| service(&format!("callee-{n}"), "")));
    let mut world = Memory::default();
    world.insert("p/platform.kdl", text);
    analyse(&world, Path::new("p"), AnalysisOptions { today: None })
}

/// What a program cannot be started with is found before anybody tries.
#[test]
fn a_bootstrap_that_linux_does_not_take_is_refused() {
    let codes = |n| {
        let analysis = with_calls(n);
        let length = bootstraps(&analysis).iter().map(|file| file.bytes.len()).max().unwrap_or(0);
        let about: Vec<String> = analysis
            .problems
            .iter()
            .map(|problem| problem.code().id().to_owned())
            .filter(|code| code.starts_with("E063"))
            .collect();
        println!("{n} calls: {length} bytes, {about:?}");
        (length, about)
    };
    assert_eq!(codes(15).1, Vec::<String>::new());
    let (length, found) = codes(22);
    assert!((98_304..131_000).contains(&length), "{length}");
    assert_eq!(found, ["E0632"]);
    let (length, found) = codes(40);
    assert!(length > 131_072, "{length}");
    assert_eq!(found, ["E0631"]);
}

/// What the examples do not have: each protocol, TLS, two places, an older Envoy.
#[test]
fn bootstraps_with_everything_are_accepted() {
    for (envoy, deprecated) in [("1.40.0", false), ("1.33.0", true)] {
        let mut world = Memory::default();
        world.insert("p/platform.kdl", include_str!("envoy/everything.kdl").replace("1.40.0", envoy));
        let analysis = analyse(&world, Path::new("p"), AnalysisOptions { today: None });
        let errors: Vec<String> = analysis
            .problems
            .iter()
            .filter(|problem| problem.is_error())
            .map(|problem| problem.message().to_owned())
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        let Some(program) = platc_testkit::tools::need("envoy") else { return };
        let (certificate, key) = program::certificate();
        for file in bootstraps(&analysis) {
            let text = String::from_utf8(file.bytes).expect("UTF-8");
            let text = text
                .replace("/etc/envoy/tls/front/tls.crt", &certificate)
                .replace("/etc/envoy/tls/front/tls.key", &key);
            let said = program::validate(&program, text.as_bytes());
            assert!(said.status.success(), "{}: {}", file.artifact.path.as_str(), said.text);
            let has_upstreams = text.contains("STRICT_DNS");
            assert_eq!(
                said.text.contains("eprecated"),
                deprecated && has_upstreams,
                "{}: {}",
                file.artifact.path.as_str(),
                said.text
            );
        }
    }
}
