//! Every manifest of every example against the strict JSON schemas of its minor and of the next two, and every config
//! through PyYAML: what a program reads from its variable is the typed value.
//!
//! Start with [`every_manifest_passes_the_strict_schemas`].

use std::path::{Path, PathBuf};

use platc_driver::analysis::{Analysis, AnalysisOptions, analyse};
use platc_driver::emission::emit;
use platc_driver::world::{Disk, Memory};
use platc_model::Value;
use platc_model::scalar::Date;
use platc_model::types::Types;
use platc_plan::{ConfigPlan, Workload};
use platc_testkit::tools;
use serde_json::json;

/// Every manifest is validated three times; what a minor has dropped is looked for by our own tables.
const VALIDATE: &str = r#"
import functools, json, sys, yaml, kubernetes_validate
from kubernetes_validate import utils
# It reads a megabyte for each object otherwise.
utils.schema_contents = functools.lru_cache(None)(utils.schema_contents)
faults = []
n = 0
for file in json.load(sys.stdin):
    for doc in yaml.safe_load_all(file["text"]):
        for minor in file["minors"]:
            n += 1
            try:
                kubernetes_validate.validate(doc, minor, strict=True)
            except Exception as error:
                faults.append(f"{file['path']} {doc.get('kind')} at {minor}: {type(error).__name__} {str(error)[:300]}")
json.dump({"n": n, "faults": faults}, sys.stdout)
"#;

/// What a container gets in each variable: the text after Kubernetes has expanded it, and what PyYAML reads
/// from that.
const READ: &str = r#"
import json, re, sys, yaml

def expand(text):
    # Kubernetes: `$$` is `$`, `$(NAME)` a variable. None is defined here, so a reference stays as it is.
    return re.sub(r"\$\$", "$", text)

def containers(doc):
    spec = doc.get("spec", {})
    spec = spec.get("jobTemplate", {}).get("spec", spec)
    spec = spec.get("template", {}).get("spec", {})
    return spec.get("initContainers", []) + spec.get("containers", [])

out = {}
for file in json.load(sys.stdin):
    for doc in yaml.safe_load_all(file["text"]):
        for container in containers(doc):
            for env in container.get("env", []):
                if env["name"] == file["variable"]:
                    text = env["value"]
                    out[f"{file['path']} {doc['metadata']['name']}"] = {
                        "raw": text, "value": yaml.safe_load(expand(text)), "block": expand(text) == text}
json.dump(out, sys.stdout)
"#;

pub(crate) fn examples() -> Vec<(&'static str, Analysis)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let options = AnalysisOptions { today: Date::parse("2026-11-21").ok() };
    let names = ["minimal", "okmeter", "hetzner", "environments/prod", "environments/stage"];
    names.into_iter().map(|name| (name, analyse(&Disk, &root.join(name), options))).collect()
}

/// Paths of files of objects, with their text.
pub(crate) fn manifests(analysis: &Analysis) -> Vec<(String, String)> {
    let jobs = platc_emit::jobs(&analysis.plan);
    let objects = jobs.iter().filter(|(_, job)| job.kind == "kubernetes-objects");
    let text = |(emitter, job): &(&dyn platc_emit::Emitter, platc_emit::Job)| {
        let emitted = emit(&analysis.plan, *emitter, job).expect("YAML can say it");
        (job.path.as_str().to_owned(), String::from_utf8(emitted.bytes).expect("artifacts are UTF-8"))
    };
    objects.map(text).collect()
}

fn python(program: &Path, script: &str, input: &serde_json::Value) -> serde_json::Value {
    let output = tools::pipe(program, &["-c", script], input.to_string().as_bytes());
    serde_json::from_slice(&output).expect("the script writes JSON")
}

#[test]
fn our_own_tables_find_nothing_in_examples() {
    for (name, analysis) in examples() {
        let mut problems = platc_diag::Problems::new();
        platc_emit::check(&analysis.plan, &mut problems);
        let found: Vec<String> = problems
            .iter()
            .map(|problem| format!("{}: {}", problem.code().id(), problem.message()))
            .collect();
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

#[test]
fn every_manifest_passes_the_strict_schemas() {
    let Some(program) = tools::need_python_with("kubernetes_validate") else { return };
    for (name, analysis) in examples() {
        let cluster = analysis.plan.clusters.values().next().expect("an example has a cluster");
        let minor = cluster.version.value.minor;
        let minors: Vec<String> = (minor..=(minor + 2).min(37)).map(|minor| format!("1.{minor}")).collect();
        let files: Vec<serde_json::Value> = manifests(&analysis)
            .iter()
            .map(|(path, text)| json!({ "path": path, "text": text, "minors": minors }))
            .collect();
        let found = python(&program, VALIDATE, &json!(files));
        assert_eq!(found["faults"], json!([]), "{name}");
        assert!(found["n"].as_u64().expect("a number") >= 30, "{name}: {} objects", found["n"]);
    }
}

/// Programs before the main one, autoscalers, several calls of one service: what no example has.
#[test]
fn every_kind_of_object_passes_the_strict_schemas() {
    let Some(program) = tools::need_python_with("kubernetes_validate") else { return };
    for minor in 33..=36 {
        let base = include_str!("../base.kdl").replace("1.35.7", &format!("1.{minor}.1"));
        let mut world = Memory::default();
        world.insert("p/platform.kdl", base + include_str!("workloads.kdl"));
        world.insert("p/tools.yaml", include_str!("tools.yaml"));
        world.insert("p/shop.txt", "a file of the program");
        let analysis = analyse(&world, Path::new("p"), AnalysisOptions::default());
        let found: Vec<&str> = analysis.problems.iter().map(platc_diag::Diagnostic::message).collect();
        assert!(found.is_empty(), "{found:#?}");
        let files: Vec<serde_json::Value> = manifests(&analysis)
            .iter()
            .filter(|(path, _)| !path.contains("-raw/"))
            .map(|(path, text)| json!({ "path": path, "text": text, "minors": [format!("1.{minor}")] }))
            .collect();
        let found = python(&program, VALIDATE, &json!(files));
        assert_eq!(found["faults"], json!([]), "1.{minor}");
    }
}

#[test]
fn every_config_arrives_as_the_typed_value() {
    let Some(program) = tools::need_python_with("yaml") else { return };
    let mut n = 0;
    for (name, analysis) in examples() {
        let plan = &analysis.plan;
        let texts = manifests(&analysis);
        let configs: Vec<(&str, &str, &Workload, &ConfigPlan)> = plan
            .workloads
            .iter()
            .filter_map(|workload| {
                let config = workload.app.config.as_ref()?;
                let cluster = &plan.clusters.at(workload.cluster).name;
                let file = format!("/{}.{}.yaml", workload.namespace.value, workload.name);
                let (path, text) = texts.iter().rev().find(|(path, _)| {
                    path.starts_with(&format!("clusters/{cluster}/")) && path.ends_with(&file)
                })?;
                Some((path.as_str(), text.as_str(), workload, config))
            })
            .collect();
        let files: Vec<serde_json::Value> = configs
            .iter()
            .map(|(path, text, _, config)| json!({ "path": path, "text": text, "variable": &*config.env.value }))
            .collect();
        let read = python(&program, READ, &json!(files));
        for (path, text, workload, config) in configs {
            for variant in &workload.variants {
                // A Job has its hash behind its name.
                let found = read.as_object().expect("a map").iter();
                let mut found =
                    found.filter(|(place, _)| place.starts_with(&format!("{path} {}", variant.name)));
                let (place, found) = found.next().unwrap_or_else(|| panic!("{name} {path} {}", variant.name));
                assert_eq!(found["value"], json(&plan.model.types, &config.value), "{name} {place}");
                // Nothing in it is expanded, so it reads the same in the manifest and in the container.
                assert_eq!(found["block"], json!(true), "{name} {place}");
                n += 1;
            }
            let head = format!("- name: {}\n", &*config.env.value);
            let (_, rest) = text.split_once(&head).expect("the variable");
            let line = rest.lines().next().expect("its value").trim();
            assert_eq!(line, "value: |", "{name} {path}: the config shows itself");
        }
    }
    assert!(n > 20, "{n} configs");
}

#[test]
fn every_envoy_gets_what_its_file_shows() {
    let Some(program) = tools::need_python_with("yaml") else { return };
    let mut n = 0;
    for (name, analysis) in examples() {
        let plan = &analysis.plan;
        let files: Vec<serde_json::Value> = manifests(&analysis)
            .iter()
            .map(|(path, text)| json!({ "path": path, "text": text, "variable": "ENVOY_BOOTSTRAP" }))
            .collect();
        let read = python(&program, READ, &json!(files));
        let jobs = platc_emit::jobs(plan);
        for (place, found) in read.as_object().expect("a map") {
            let (path, _) = place.split_once(' ').expect("a path and a name");
            let cluster = path.split('/').nth(1).expect("the cluster");
            let own = path.trim_end_matches(".yaml").rsplit('.').next().expect("the name");
            let wanted = format!("envoy/{cluster}/{own}.yaml");
            let (emitter, job) = jobs
                .iter()
                .find(|(_, job)| job.path.as_str() == wanted)
                .unwrap_or_else(|| panic!("{wanted}"));
            let file = emit(plan, *emitter, job).expect("YAML can say it");
            let file: serde_json::Value = serde_json::from_slice(&tools::pipe(
                &program,
                &["-c", "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"],
                &file.bytes,
            ))
            .expect("the script writes JSON");
            assert_eq!(found["value"], file, "{name} {place}");
            assert_eq!(found["block"], json!(true), "{name} {place}: nothing in it is expanded");
            n += 1;
        }
    }
    assert!(n >= 10, "{n} bootstraps");
}

/// The typed value as any reader of YAML should have it.
fn json(types: &Types, value: &Value) -> serde_json::Value {
    match value {
        Value::Null => json!(null),
        Value::Bool(value) => json!(value),
        Value::Int(value) => json!(value),
        Value::Float(value) => json!(value),
        Value::Port(value) => json!(value),
        Value::List(values) => values.iter().map(|value| json(types, value)).collect(),
        Value::Map(entries) => {
            entries.iter().map(|(key, value)| (key.to_string(), json(types, value))).collect()
        }
        Value::Record(record) => {
            let fields = types.record(record.ty).fields.iter().zip(&record.slots);
            fields
                .filter_map(|(field, slot)| Some((field.name.to_string(), json(types, slot.as_ref()?))))
                .collect()
        }
        scalar => json!(scalar.to_string()),
    }
}
