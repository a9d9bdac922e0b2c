//! Strings that some reader of YAML takes for something else, from a platform in KDL through whole manifests to
//! what a program gets: in its config, in its variables, in its arguments.
//!
//! The strings are those of the printer's tests, and Kubernetes expands variables in between. Start with [`check`].

use std::fmt::Write as _;
use std::path::Path;

use platc_driver::analysis::{AnalysisOptions, analyse};
use platc_driver::emission::emit;
use platc_driver::world::Memory;
use platc_testkit::tools;
use serde_json::{Value, json};

use self::strings::nasty;

#[path = "../../../platc-artifact/tests/it/strings.rs"]
mod strings;

const BASE: &str = include_str!("../base.kdl");
/// Strings in one program: all of them and their config must fit into what Linux starts.
const BATCH: usize = 60;

/// Strings that a variable and an argument can hold: neither can hold a zero, and none is longer than Linux takes.
fn strings() -> Vec<String> {
    nasty().into_iter().filter(|text| !text.contains('\0') && text.len() < 2000).collect()
}

/// A string of KDL with that text, in which nothing is an expression.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.replace("${", "$${").chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(c),
            other => write!(out, "\\u{{{:x}}}", u32::from(other)).expect("a string takes it"),
        }
    }
    out + "\""
}

/// The manifest of a program with these strings in its arguments, its variables and its config.
fn manifest(texts: &[String]) -> String {
    let mut service = String::from(
        "service probe replicas=1 {\n    \
         image \"okm/x:1@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"\n    \
         cpu 1\n    memory \"64MiB\"\n    port http 8080\n    probes { readiness http=\"/\" }\n    command probe",
    );
    texts.iter().for_each(|text| service.extend([" ", &quoted(text)]));
    service.push_str("\n    init before {\n        command probe\n        config #true\n        env {\n");
    for (nth, text) in texts.iter().enumerate() {
        writeln!(service, "            V{nth} {}", quoted(text)).expect("a string takes it");
    }
    service.push_str("        }\n    }\n    config {\n        texts {\n");
    for text in texts {
        writeln!(service, "            - {}", quoted(text)).expect("a string takes it");
    }
    service.push_str("        }\n        below {\n");
    for (nth, text) in texts.iter().enumerate() {
        writeln!(service, "            k{nth} {{ a {{ b {} }} }}", quoted(text)).expect("a string takes it");
    }
    service.push_str("        }\n    }\n}\n");
    let mut world = Memory::default();
    world.insert("p/platform.kdl", format!("{BASE}\n{service}"));
    let analysis = analyse(&world, Path::new("p"), AnalysisOptions::default());
    let found: Vec<&str> = analysis.problems.iter().map(platc_diag::Diagnostic::message).collect();
    assert!(found.is_empty(), "{found:#?}\n{service}");
    let jobs = platc_emit::jobs(&analysis.plan);
    let own = |(_, job): &&(&dyn platc_emit::Emitter, platc_emit::Job)| {
        job.path.as_str().ends_with("40-workloads/base.probe.yaml")
    };
    let (emitter, job) = jobs.iter().find(own).expect("a Deployment");
    let bytes = emit(&analysis.plan, *emitter, job).expect("YAML can say it").bytes;
    String::from_utf8(bytes).expect("artifacts are UTF-8")
}

/// What Kubernetes makes of a text in which nothing is to be expanded.
fn expanded(text: &Value) -> String {
    let text = text.as_str().expect("a text");
    assert!(!text.replace("$$", "").contains("$("), "nothing is expanded in {text:?}");
    text.replace("$$", "$")
}

/// Whether `read` gets every string back.
fn check(reader: &str, read: &dyn Fn(&str) -> Value) {
    let all = strings();
    assert!(all.len() >= 200, "{} strings", all.len());
    for texts in all.chunks(BATCH) {
        let manifest = manifest(texts);
        let pod = &read(&manifest)["spec"]["template"]["spec"];
        let (app, before) = (&pod["containers"][0], &pod["initContainers"][0]);
        let words = app["command"].as_array().expect("a command");
        let words: Vec<String> = words.iter().skip(1).map(expanded).collect();
        assert_eq!(words, texts, "{reader} reads arguments");
        let value = |container: &Value, name: &str| {
            let env = container["env"].as_array().expect("variables");
            let own = env.iter().find(|own| own["name"] == *name).expect(name);
            expanded(&own["value"])
        };
        for (nth, text) in texts.iter().enumerate() {
            assert_eq!(value(before, &format!("V{nth}")), *text, "{reader} reads a variable");
        }
        let below: serde_json::Map<String, Value> = texts
            .iter()
            .enumerate()
            .map(|(nth, text)| (format!("k{nth}"), json!({ "a": { "b": text } })))
            .collect();
        for container in [app, before] {
            let config = read(&value(container, "APP_CONFIG"));
            assert_eq!(config, json!({ "texts": texts, "below": below }), "{reader} reads a config");
        }
    }
}

#[test]
fn pyyaml_reads_what_was_written_in_kdl() {
    let Some(python) = tools::need_python_with("yaml") else { return };
    let script = "import json, sys, yaml\njson.dump(yaml.safe_load(json.load(sys.stdin)), sys.stdout)\n";
    check("PyYAML", &|text| {
        let printed = tools::pipe(&python, &["-c", script], json!(text).to_string().as_bytes());
        serde_json::from_slice(&printed).expect("the script writes JSON")
    });
}

#[test]
fn js_yaml_reads_what_was_written_in_kdl() {
    let Some((node, module)) = tools::need_node_with("js-yaml") else { return };
    let script = "const yaml = require(process.argv[1]);\n\
                  const text = JSON.parse(require('fs').readFileSync(0, 'utf8'));\n\
                  process.stdout.write(JSON.stringify(yaml.load(text)));\n";
    let module = module.to_str().expect("a path in UTF-8");
    check("js-yaml", &|text| {
        let printed = tools::pipe(&node, &["-e", script, module], json!(text).to_string().as_bytes());
        serde_json::from_slice(&printed).expect("the script writes JSON")
    });
}

/// kubectl takes objects only, so a config goes in as a part of one, by indentation alone.
#[test]
fn kubectl_reads_what_was_written_in_kdl() {
    let Some(kubectl) = tools::need("kubectl") else { return };
    let arguments = ["patch", "--local", "-f", "-", "--type=merge", "-p", "{}", "-o", "json"];
    check("kubectl", &|text| {
        let is_object = text.starts_with("apiVersion:");
        let object = if is_object { text.to_owned() } else { within(text) };
        let printed = tools::pipe(&kubectl, &arguments, object.as_bytes());
        let read: Value = serde_json::from_slice(&printed).expect("kubectl writes JSON");
        if is_object { read } else { read["inner"].clone() }
    });
}

fn within(text: &str) -> String {
    let mut object = String::from("apiVersion: platc/v1\nkind: Probe\nmetadata:\n  name: probe\ninner:\n");
    for line in text.split_inclusive('\n') {
        object.push_str(if line == "\n" { "" } else { "  " });
        object.push_str(line);
    }
    object
}
