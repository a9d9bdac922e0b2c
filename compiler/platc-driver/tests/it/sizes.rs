//! What is too large to start, at its limit and one above.

use std::fmt::Write as _;
use std::path::Path;

use platc_diag::limits;
use platc_driver::analysis::{AnalysisOptions, analyse};
use platc_driver::world::Memory;

const BASE: &str = include_str!("../base.kdl");
/// What the API server takes of a ConfigMap.
const CONFIG_MAP_BYTES: usize = 1 << 20;
const NONE: [&str; 0] = [];
/// What is around the text in `APP_CONFIG=text: …\n`.
const AROUND: usize = "APP_CONFIG=text: \n".len();

/// Codes that a platform with a service of this body gives.
fn codes(body: &str, file: &str) -> Vec<String> {
    let mut world = Memory::default();
    let service = format!(
        "{BASE}\nservice api replicas=1 {{\n    image \"okm/api:1@sha256:{}\"\n    cpu 1\n    memory \"64MiB\"\n    \
         port http 8080\n    probes {{ readiness http=\"/ready\"; liveness http=\"/live\" }}\n    {body}\n}}\n",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    );
    world.insert("p/platform.kdl", service);
    world.insert("p/data.txt", file);
    found(&world)
}

fn found(world: &Memory) -> Vec<String> {
    let analysis = analyse(world, Path::new("p"), AnalysisOptions::default());
    analysis.problems.iter().map(|problem| problem.code().id().to_owned()).collect()
}

fn config(bytes: usize) -> Vec<String> {
    codes(&format!("config {{ text \"{}\" }}", "a".repeat(bytes - AROUND)), "")
}

#[test]
fn a_config_fits_into_a_variable_or_is_refused() {
    assert_eq!(config(1000), NONE);
    assert_eq!(config(limits::ENV_BYTES_TIGHT), NONE);
    assert_eq!(config(limits::ENV_BYTES_TIGHT + 1), ["E0620"]);
    assert_eq!(config(limits::ENV_BYTES), ["E0620"]);
    assert_eq!(config(limits::ENV_BYTES + 1), ["E0416"]);
}

/// Each revision and each pod is as large as its template, and a client-side apply keeps a copy.
#[test]
fn a_template_of_pods_that_is_large_is_said() {
    let variables = |bytes: usize| {
        let half = "a".repeat(bytes / 2);
        codes(&format!("env A=\"{half}\" B=\"{half}\""), "")
    };
    assert_eq!(variables(180_000), NONE);
    assert_eq!(variables(200_000), ["E0611"]);
}

#[test]
fn files_fit_into_a_config_map_or_are_refused() {
    let file = "file \"/data.txt\" from=\"data.txt\"";
    assert_eq!(codes(file, &"a".repeat(CONFIG_MAP_BYTES / 2)), NONE);
    assert_eq!(codes(file, &"a".repeat(CONFIG_MAP_BYTES)), ["E0611"]);
    assert_eq!(codes(file, &"a".repeat(CONFIG_MAP_BYTES + 1)), ["E0614"]);
}

#[test]
fn a_bootstrap_fits_into_a_variable_or_lies_in_a_file() {
    let routes = |n: usize| {
        let mut world = Memory::default();
        let mut text = format!(
            "{BASE}\nnamespace base\nnamespace edge security=privileged\namend service web {{ namespace base }}\n\
             proxy edge namespace=edge {{\n    on control-plane\n    listen 8000\n    cpu request=1\n    \
             memory \"512MiB\"\n"
        );
        for nth in 0..n {
            writeln!(text, "    route \"/{nth}/\" to=web timeout=\"5s\"").expect("a string takes it");
        }
        world.insert("p/platform.kdl", text + "}\n");
        found(&world)
    };
    assert_eq!(routes(40), NONE);
    assert_eq!(routes(400), ["E0622"]);
}
