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
use platc_driver::emission::{Emitted, emit};
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
    let jobs = platc_emit::jobs(&analysis.plan).into_iter().filter(|(_, job)| wanted(job.kind));
    jobs.map(|(emitter, job)| emit(&analysis.plan, emitter, &job).expect("it can be printed")).collect()
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
    for name in ["okmeter", "minimal", "hetzner", "many-clusters", "environments/prod", "environments/stage"]
    {
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

/// What the examples do not have: each protocol, TLS, two places, two ports of one callee, an older Envoy.
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
