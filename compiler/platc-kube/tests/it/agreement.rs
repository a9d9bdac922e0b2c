//! Agreement with `kubernetes-validate` (on `PyPI`), which has the JSON schemas of each minor: over every
//! document of the cases, and over every field of the tables.
//!
//! It is looked for in `target/tools/venv` of the workspace and then on the path. Without it the tests
//! say so and pass; with `PLATC_REQUIRE_TOOLS=1` they fail.

#![expect(
    clippy::disallowed_methods,
    reason = "runs a tool and asks the environment whether it must be there"
)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use platc_diag::Level;
use platc_kube::{Holds, Items, Minor, Scalar, Tables, Target, check_object, config};
use platc_testkit::CaseFile;
use serde_json::{Value, json};

use crate::support::{describe, documents, files, home, merged, read};

/// A Python that has the package, and the package's folder.
fn find_tool() -> Option<(PathBuf, PathBuf)> {
    let own = home().join("../../target/tools/venv/bin/python");
    let where_is =
        "import kubernetes_validate, pathlib; print(pathlib.Path(kubernetes_validate.__file__).parent)";
    for python in [own, PathBuf::from("python3")] {
        let output = Command::new(&python).args(["-c", where_is]).stderr(Stdio::null()).output();
        if let Ok(output) = output
            && output.status.success()
        {
            let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            return Some((python, PathBuf::from(folder)));
        }
    }
    let must = std::env::var("PLATC_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
    assert!(!must, "kubernetes-validate is missing: pip install kubernetes-validate into target/tools/venv");
    println!("skipped: kubernetes-validate is not installed (target/tools/venv, or python3 on the path)");
    None
}

/// Reads `[[document, minor], …]`, prints `["", "reason", null, …]`; null where it knows no such kind.
const SCRIPT: &str = r#"
import json, sys, kubernetes_validate as kv
out = []
for document, minor in json.load(sys.stdin):
    try:
        kv.validate(document, minor, strict=True)
        out.append("")
    except kv.SchemaNotFoundError:
        out.append(None)
    except kv.ValidationError as error:
        out.append("/".join(map(str, error.absolute_path)) + ": " + error.message[:200])
json.dump(out, sys.stdout)
"#;

fn verdicts(python: &PathBuf, questions: &Value) -> Vec<Option<String>> {
    let mut child = Command::new(python)
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(questions.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

struct Asked {
    case: String,
    document: Value,
    minor: Minor,
}

/// Every object of the cases, for every minor that its case looks at.
fn asked() -> Vec<Asked> {
    let mut asked = Vec::new();
    for path in files(&home().join("cases"), "md") {
        let file = CaseFile::read(&path);
        for case in file.cases {
            let text = |name: &str| case.files.iter().find(|file| file.path() == name).map(|file| &file.text);
            let all = match (text("base.yaml"), text("change.yaml")) {
                (Some(base), Some(change)) => {
                    vec![merged(&documents(base).unwrap()[0], &documents(change).unwrap()[0])]
                }
                _ => documents(text("case.yaml").map_or("", |text| text)).unwrap_or_default(),
            };
            for block in case.expected.iter().filter(|block| !block.args.contains("patch=")) {
                let minor = Minor::parse(block.args.split(' ').next().unwrap()).unwrap();
                for document in all.iter().flat_map(objects) {
                    asked.push(Asked { case: case.name.clone(), document: document.clone(), minor });
                }
            }
        }
    }
    asked.retain(|asked| Tables::get().covers(asked.minor));
    asked
}

/// The objects of a list, or the object itself; nothing else can be asked about.
fn objects(document: &Value) -> Vec<&Value> {
    let text = |key: &str| document.get(key).and_then(Value::as_str);
    match (text("apiVersion"), text("kind"), document.get("items").and_then(Value::as_array)) {
        (Some("v1"), Some("List"), Some(items)) => items.iter().collect(),
        (Some(version), Some(_), _) if !config::is_config(version) => vec![document],
        _ => Vec::new(),
    }
}

#[test]
fn what_the_validator_refuses_is_found_here() {
    let Some((python, _)) = find_tool() else { return };
    let asked = asked();
    let questions: Vec<Value> =
        asked.iter().map(|asked| json!([asked.document, asked.minor.to_string()])).collect();
    let (mut n_agreed, mut n_refused, mut n_ours) = (0, 0, 0);
    let mut report = String::new();
    for (asked, verdict) in asked.iter().zip(verdicts(&python, &json!(questions))) {
        let mut findings = Vec::new();
        check_object(&asked.document, &Target::of(asked.minor), &mut findings);
        let has_error = findings.iter().any(|finding| finding.code.level() == Level::Error);
        match verdict.as_deref() {
            None => continue,
            Some("") => n_ours += u32::from(has_error),
            Some(reason) => {
                n_refused += 1;
                // Null is a warning here, because the API server takes it as absent.
                let is_said = has_error || findings.iter().any(|finding| finding.message.contains("null"));
                if !is_said {
                    report.push_str(&format!(
                        "{} ({}): {reason}\n{}",
                        asked.case,
                        asked.minor,
                        describe(&findings)
                    ));
                }
            }
        }
        n_agreed += 1;
    }
    println!(
        "{n_agreed} verdicts compared: {n_refused} refused by both, {n_ours} refused here alone \
            (rules, formats, names)"
    );
    assert!(report.is_empty(), "refused by the validator, and not here:\n{report}");
    assert!(n_refused >= 10 && n_agreed >= 100, "{n_refused} of {n_agreed}");
}

#[test]
fn right_manifests_are_right_for_both() {
    let Some((python, _)) = find_tool() else { return };
    let text = read(&home().join("cases/manifests.md"));
    let cases = platc_testkit::case::parse(&text).unwrap();
    let mut questions = Vec::new();
    for case in &cases {
        for document in case.files.iter().flat_map(|file| documents(&file.text).unwrap()) {
            for document in objects(&document) {
                for minor in Tables::get().minors() {
                    questions.push((case.name.clone(), json!([document, minor.to_string()])));
                }
            }
        }
    }
    let asked: Vec<Value> = questions.iter().map(|(_, question)| question.clone()).collect();
    let answers = verdicts(&python, &json!(asked));
    for ((case, question), verdict) in questions.iter().zip(answers) {
        // A hole for a secret is not base64, and the validator does not look.
        assert_eq!(verdict.as_deref(), Some(""), "{case}: {question}");
    }
    println!("{} verdicts, all right for both", questions.len());
}

/// Where the schemas and the tables differ, and why the tables are right.
const KNOWN: &[(&str, &str)] = &[
    // The API server refuses an empty name, although its documentation says that it may be left out.
    ("core.v1.ConfigMapEnvSource name", "required"),
    ("core.v1.ConfigMapKeySelector name", "required"),
    ("core.v1.ConfigMapProjection name", "required"),
    ("core.v1.ConfigMapVolumeSource name", "required"),
    ("core.v1.LocalObjectReference name", "required"),
    ("core.v1.SecretEnvSource name", "required"),
    ("core.v1.SecretKeySelector name", "required"),
    ("core.v1.SecretProjection name", "required"),
    // The server fills these in.
    ("events.v1.Event eventTime", "required"),
    ("networking.v1.NetworkPolicySpec podSelector", "required"),
    // Two claims of one name would be one claim.
    ("apps.v1.StatefulSetSpec volumeClaimTemplates", "type"),
    // Any JSON at all.
    ("apiextensions.v1.JSONSchemaProps enum", "type"),
    ("apiextensions.v1.JSONSchemaProps dependencies", "type"),
];

#[test]
fn every_field_of_the_tables_is_a_field_of_the_schemas() {
    let Some((_, folder)) = find_tool() else { return };
    let tables = Tables::get();
    let mut report = Vec::new();
    let mut n_fields = 0;
    for minor in tables.minors() {
        let path = folder.join(format!("kubernetes-json-schema/v{minor}.0-local/_definitions.json"));
        let schemas: Value = serde_json::from_str(&read(&path)).unwrap();
        let types: BTreeMap<String, &Value> = schemas["$defs"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, schema)| (short(name), schema))
            .collect();
        for name in tables.type_names() {
            if let Some(schema) = types.get(name) {
                n_fields += compare(name, schema, *minor, &mut report);
            }
        }
    }
    report.retain(|line| !KNOWN.iter().any(|(field, what)| line.starts_with(&format!("{field} {what}"))));
    println!("{n_fields} fields compared in {} minors", tables.minors().len());
    assert!(report.is_empty(), "{}", report.join("\n"));
    assert!(n_fields > 10_000);
}

fn short(name: &str) -> String {
    let prefixes = [
        ("io.k8s.api.", ""),
        ("io.k8s.apimachinery.pkg.apis.meta.", "meta."),
        ("io.k8s.apiextensions-apiserver.pkg.apis.", ""),
        ("io.k8s.kube-aggregator.pkg.apis.", ""),
    ];
    let found = prefixes.iter().find_map(|(prefix, new)| Some((name.strip_prefix(prefix)?, new)));
    found.map_or_else(|| name.to_owned(), |(rest, new)| format!("{new}{rest}"))
}

fn compare(name: &str, schema: &Value, minor: Minor, report: &mut Vec<String>) -> usize {
    let tables = Tables::get();
    let owner = tables.type_of(tables.type_named(name).unwrap());
    let empty = serde_json::Map::new();
    let theirs = schema["properties"].as_object().unwrap_or(&empty);
    let ours: BTreeMap<&str, _> = owner.fields_in(minor).map(|field| (field.name, field)).collect();
    // A type that this minor does not have is reached from no kind of it.
    if theirs.is_empty() || ours.is_empty() {
        return 0;
    }
    for field in theirs.keys().filter(|field| !ours.contains_key(field.as_str())) {
        report.push(format!("{name} {field} is missing in {minor}"));
    }
    let required = schema["required"].as_array();
    for (field_name, field) in &ours {
        let Some(property) = theirs.get(*field_name) else {
            report.push(format!("{name} {field_name} is not in the schema of {minor}"));
            continue;
        };
        let is_required = required.is_some_and(|names| names.iter().any(|name| name == field_name));
        // What the marks add, and metadata, which every object has, may be required here alone.
        if is_required && !field.required {
            report.push(format!("{name} {field_name} required in {minor}"));
        }
        let (mine, wanted) = (holds_text(&field.holds), their_text(property));
        if mine != wanted && mine != "any" {
            report.push(format!("{name} {field_name} type {mine} is {wanted} in {minor}"));
        }
    }
    ours.len()
}

fn holds_text(holds: &Holds) -> String {
    match holds {
        Holds::Object => "object".into(),
        Holds::Any => "any".into(),
        Holds::Type(id) => Tables::get().type_of(*id).name.into(),
        Holds::Map(inner) => format!("{{{}}}", holds_text(inner)),
        Holds::List(inner, items) => {
            let keys = match items {
                Items::Plain => String::new(),
                Items::Set => ";set".into(),
                Items::Keyed(keys) => format!(";{}", keys.join(",")),
            };
            format!("[{}{keys}]", holds_text(inner))
        }
        Holds::Scalar(scalar) => match scalar {
            Scalar::Text => "string".into(),
            Scalar::Bool => "boolean".into(),
            Scalar::Int32 => "int32".into(),
            Scalar::Int64 => "int64".into(),
            Scalar::Double => "double".into(),
            Scalar::Bytes => "byte".into(),
            Scalar::Time => "date-time".into(),
            Scalar::Quantity => "quantity".into(),
            Scalar::IntOrText => "int-or-string".into(),
        },
    }
}

fn their_text(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = short(reference.rsplit('/').next().unwrap());
        return match name.as_str() {
            "io.k8s.apimachinery.pkg.api.resource.Quantity" => "quantity".into(),
            "io.k8s.apimachinery.pkg.util.intstr.IntOrString" => "int-or-string".into(),
            "meta.v1.Time" | "meta.v1.MicroTime" => "date-time".into(),
            "meta.v1.FieldsV1" | "io.k8s.apimachinery.pkg.runtime.RawExtension" => "object".into(),
            _ => name,
        };
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        kind => kind.as_str(),
    };
    let format = schema["format"].as_str();
    match kind {
        Some("array") => format!("[{}{}]", their_text(&schema["items"]), their_keys(schema)),
        Some("object") if schema["additionalProperties"].is_object() => {
            format!("{{{}}}", their_text(&schema["additionalProperties"]))
        }
        Some(kind) => format.unwrap_or(kind).to_owned(),
        None => "any".into(),
    }
}

fn their_keys(schema: &Value) -> String {
    if let Some(keys) = schema["x-kubernetes-list-map-keys"].as_array() {
        let keys: Vec<&str> = keys.iter().filter_map(Value::as_str).collect();
        return format!(";{}", keys.join(","));
    }
    match (schema["x-kubernetes-patch-merge-key"].as_str(), schema["x-kubernetes-list-type"].as_str()) {
        (Some(key), _) => format!(";{key}"),
        (None, Some("set")) => ";set".into(),
        _ => String::new(),
    }
}
