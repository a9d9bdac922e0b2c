//! YAML against the readers that will meet it: `serde-saphyr` and `serde_yaml` always, PyYAML (Ansible),
//! js-yaml, and kubectl (`kubectl apply` and `kubectl kustomize` read with two different go-yamls) where
//! they are installed.
//!
//! These differ in what a plain scalar is: `no` is text for `serde_yaml`, serde-saphyr and js-yaml, and false
//! for PyYAML and kubectl; `0o17`, `1_000`, `12:30:45`, `2026-01-01` and `=` divide them otherwise. There is no list
//! of exceptions here, because whatever divides them is never written plain.
//!
//! Every nasty string stands as a value, as a key, in sequences, in nested blocks, and in documents
//! embedded one and two deep. Each reader reads everything, then the embedded texts that it got.

use std::path::Path;

use platc_artifact::{Doc, Format, Guard, Map};
use platc_testkit::tools;
use serde_json::{Value, json};

use crate::properties::sample_trees;
use crate::strings::{PLAIN, nasty};
use crate::tree::{self, fill};

/// The tree in which a string is tried, without what embeds it.
fn tree_of(text: &str) -> Value {
    json!({
        "value": text,
        "key": { text: text, format!("{text}2"): { text: [] } },
        "items": [text, [text], { text: text }, [[{ text: {} }]]],
        "below": { "a": { "b": [{ "c": text, "d": text }] } },
    })
}

/// An object of Kubernetes, so that kubectl takes it, with the string in every position.
fn object_of(name: &str, text: &str) -> Doc {
    let mut doc = Doc::new();
    doc.map(|m| {
        m.put("apiVersion", "platc/v1");
        m.put("kind", "Probe");
        m.map("metadata", |m| m.put("name", name));
        m.map("spec", |m| {
            fill(m.slot("tree"), &tree_of(text));
            embed(m, "embedded", text, 2);
            m.seq("list", |s| s.embed(Format::Yaml, Guard::None, |d| fill(d.slot(), &tree_of(text))));
        });
    });
    doc
}

/// The tree as an embedded document, `depth` deep, with something behind each.
fn embed(map: &mut Map<'_>, key: &str, text: &str, depth: usize) {
    map.embed(key, Format::Yaml, Guard::None, |d| {
        d.map(|m| {
            fill(m.slot("tree"), &tree_of(text));
            if depth > 1 {
                embed(m, "embedded", text, depth - 1);
            }
            m.put("behind", text);
        });
    });
}

/// Reads texts in YAML.
type Read<'r> = dyn Fn(&[String]) -> Vec<Value> + 'r;

/// Whether `read` gets every string back from every position. Panics with the first that it does not.
fn check(reader: &str, read: &Read<'_>) {
    check_strings(reader, &nasty(), read);
    check_trees(reader, read);
}

/// Whether `read` gets trees of strings back, of any shape, each also as an embedded document.
fn check_trees(reader: &str, read: &Read<'_>) {
    let trees = sample_trees(300);
    let objects: Vec<String> =
        trees.iter().enumerate().map(|(nth, tree)| object_of_tree(nth, tree)).collect();
    let mut inner = Vec::new();
    for ((tree, printed), got) in trees.iter().zip(&objects).zip(read_all(reader, read, &objects)) {
        assert_eq!(got["spec"]["tree"], *tree, "{reader} reads:\n{printed}");
        inner.push(string_at(reader, "a tree", &got["spec"], "/embedded"));
    }
    for ((tree, printed), got) in trees.iter().zip(&inner).zip(read_all(reader, read, &inner)) {
        assert_eq!(got["tree"], *tree, "{reader} reads:\n{printed}");
    }
}

fn object_of_tree(nth: usize, tree: &Value) -> String {
    let mut doc = Doc::new();
    doc.map(|m| {
        m.put("apiVersion", "platc/v1");
        m.put("kind", "Probe");
        m.map("metadata", |m| m.put("name", format_args!("p{nth:04}")));
        m.map("spec", |m| {
            fill(m.slot("tree"), tree);
            m.embed("embedded", Format::Yaml, Guard::None, |d| d.map(|m| fill(m.slot("tree"), tree)));
        });
    });
    tree::print(&doc, Format::Yaml)
}

fn read_all(reader: &str, read: &Read<'_>, texts: &[String]) -> Vec<Value> {
    let values = read(texts);
    assert_eq!(values.len(), texts.len(), "{reader} reads all of them");
    values
}

fn check_strings(reader: &str, strings: &[String], read: &Read<'_>) {
    let objects: Vec<String> = strings
        .iter()
        .enumerate()
        .map(|(nth, text)| tree::print(&object_of(&format!("p{nth:04}"), text), Format::Yaml))
        .collect();
    let read_objects = read_all(reader, read, &objects);

    let mut inner = Vec::new();
    for ((text, printed), got) in strings.iter().zip(&objects).zip(&read_objects) {
        let spec = &got["spec"];
        assert_eq!(spec["tree"], tree_of(text), "{reader} reads {text:?} from:\n{printed}");
        for pointer in ["/embedded", "/list/0"] {
            inner.push(string_at(reader, text, spec, pointer));
        }
    }

    let mut innermost = Vec::new();
    let read_inner = read_all(reader, read, &inner);
    for ((text, printed), got) in strings.iter().zip(inner.chunks(2)).zip(read_inner.chunks(2)) {
        let expected = json!({ "tree": tree_of(text), "behind": text });
        assert_eq!(without_embedded(&got[0]), expected, "{reader} reads {text:?} from:\n{}", printed[0]);
        assert_eq!(got[1], tree_of(text), "{reader} reads {text:?} from:\n{}", printed[1]);
        innermost.push(string_at(reader, text, &got[0], "/embedded"));
    }
    let read_innermost = read_all(reader, read, &innermost);
    for ((text, printed), got) in strings.iter().zip(&innermost).zip(&read_innermost) {
        let expected = json!({ "tree": tree_of(text), "behind": text });
        assert_eq!(*got, expected, "{reader} reads {text:?} from:\n{printed}");
    }
}

fn string_at(reader: &str, text: &str, value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(Value::String(inner)) => inner.clone(),
        other => panic!("{reader} reads {other:?} at {pointer} for {text:?}"),
    }
}

fn without_embedded(value: &Value) -> Value {
    let mut value = value.clone();
    if let Value::Object(entries) = &mut value {
        entries.remove("embedded");
    }
    value
}

#[test]
fn there_are_strings_enough_and_none_twice() {
    let mut strings = nasty();
    let n_strings = strings.len();
    strings.sort_unstable();
    strings.dedup();
    assert_eq!(strings.len(), n_strings);
    assert!(n_strings >= 400, "{n_strings}");
}

#[test]
fn serde_saphyr_reads_every_string_back() {
    check("serde-saphyr", &|texts| texts.iter().map(|text| tree::read_saphyr(text)).collect());
}

#[test]
fn serde_yaml_reads_every_string_back() {
    check("serde_yaml", &|texts| texts.iter().map(|text| tree::read_serde_yaml(text)).collect());
}

#[test]
fn pyyaml_reads_every_string_back() {
    let Some(python) = tools::need_python_with("yaml") else { return };
    let script = "import json, sys, yaml\n\
                  texts = json.load(sys.stdin)\n\
                  json.dump([yaml.safe_load(text) for text in texts], sys.stdout)\n";
    check("PyYAML", &|texts| {
        let input = serde_json::to_vec(texts).unwrap();
        serde_json::from_slice(&tools::pipe(&python, &["-c", script], &input)).unwrap()
    });
}

#[test]
fn js_yaml_reads_every_string_back() {
    let Some((node, module)) = tools::need_node_with("js-yaml") else { return };
    let script = "const yaml = require(process.argv[1]);\n\
                  const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));\n\
                  process.stdout.write(JSON.stringify(texts.map(text => yaml.load(text))));\n";
    let module = module.to_str().unwrap().to_owned();
    check("js-yaml", &|texts| {
        let input = serde_json::to_vec(texts).unwrap();
        serde_json::from_slice(&tools::pipe(&node, &["-e", script, &module], &input)).unwrap()
    });
}

/// The way of `kubectl apply -f`: YAML to JSON by `sigs.k8s.io/yaml`.
#[test]
fn kubectl_reads_every_string_back() {
    let Some(kubectl) = tools::need("kubectl") else { return };
    check("kubectl", &|texts| {
        let objects = kubectl_objects(&kubectl, kubernetes_stream(texts).as_bytes());
        objects.into_iter().map(unwrap_object).collect()
    });
}

/// The other go-yaml of kubectl. What it read it writes as YAML again, which kubectl then reads.
#[test]
fn kustomize_reads_every_string_back() {
    let Some(kubectl) = tools::need("kubectl") else { return };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kustomize");
    let strings: Vec<String> = nasty().into_iter().filter(|text| !kustomize_loses(text)).collect();
    check_strings("kubectl kustomize", &strings, &|texts| {
        put(&folder, "kustomization.yaml", "resources: [objects.yaml]\n");
        put(&folder, "objects.yaml", &kubernetes_stream(texts));
        let printed = tools::pipe(&kubectl, &["kustomize", folder.to_str().unwrap()], b"");
        let mut objects = kubectl_objects(&kubectl, &printed);
        objects.sort_by_key(|object| object["metadata"]["name"].as_str().map(str::to_owned));
        objects.into_iter().map(unwrap_object).collect()
    });
}

/// The objects of a stream, as kubectl reads them. It asks no server for this.
fn kubectl_objects(kubectl: &Path, stream: &[u8]) -> Vec<Value> {
    let arguments = ["patch", "--local", "-f", "-", "--type=merge", "-p", "{}", "-o", "json"];
    let printed = tools::pipe(kubectl, &arguments, stream);
    serde_json::Deserializer::from_slice(&printed).into_iter().map(Result::unwrap).collect()
}

/// What kustomize reads and then loses: characters that it writes raw and cannot read again, keys too long
/// for its own output, and a key `<<`, which it takes for a merge even in quotes.
fn kustomize_loses(text: &str) -> bool {
    let is_raw = |c| matches!(c, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}');
    text.contains(is_raw) || text.len() > 150 || text == "<<"
}

#[allow(clippy::disallowed_methods, reason = "kustomize reads files, and this test is the one that has them")]
fn put(folder: &Path, name: &str, text: &str) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
}

/// Texts as a stream of objects. What is no object becomes the `spec.inner` of one, by indentation alone.
fn kubernetes_stream(texts: &[String]) -> String {
    let mut stream = String::new();
    for (nth, text) in texts.iter().enumerate() {
        if nth > 0 {
            stream.push_str("---\n");
        }
        if text.starts_with("apiVersion: platc/v1\n") {
            stream.push_str(text);
            continue;
        }
        stream
            .push_str(&format!("apiVersion: platc/v1\nkind: Probe\nmetadata:\n  name: p{nth:04}\ninner:\n"));
        for line in text.split_inclusive('\n') {
            let indent = if line == "\n" { "" } else { "  " };
            stream.push_str(indent);
            stream.push_str(line);
        }
    }
    stream
}

fn unwrap_object(object: Value) -> Value {
    match object.get("inner") {
        Some(inner) => inner.clone(),
        None => object,
    }
}

#[test]
fn what_needs_no_quotes_has_none() {
    for text in PLAIN {
        assert_eq!(tree::print_tree(&json!({ "k": text }), Format::Yaml), format!("k: {text}\n"));
        assert_eq!(tree::print_tree(&json!([text]), Format::Yaml), format!("- {text}\n"));
        assert_eq!(tree::print_tree(&json!({ *text: 1 }), Format::Yaml), format!("{text}: 1\n"));
    }
    for text in
        ["10.1.0.11", "10.244.0.0/18", "500m", "24h0m0s", "0.25s", "1.35.7", "10%", "--log-level", "-f"]
    {
        assert_eq!(tree::print_tree(&json!({ "k": text }), Format::Yaml), format!("k: {text}\n"));
    }
}
