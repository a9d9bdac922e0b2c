//! What Kubernetes makes of the text of a variable, and that every value arrives through it.
//!
//! Start with [`expand`], which is the kubelet's algorithm.

use platc_artifact::{Doc, EnvText, Fixed, Format, Guard};
use serde_json::{Value, json};

use crate::strings::nasty;
use crate::tree::{self, fill};

/// `k8s.io/kubernetes/third_party/forked/golang/expansion`, byte for byte: variables that are not known
/// stay, and a byte that is passed on by itself becomes the character of its number.
fn expand(input: &[u8], known: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut checkpoint = 0;
    let mut cursor = 0;
    while cursor < input.len() {
        if input[cursor] == b'$' && cursor + 1 < input.len() {
            out.extend_from_slice(&input[checkpoint..cursor]);
            let (read, is_variable, advance) = try_read_variable_name(&input[cursor + 1..]);
            if is_variable {
                let value = known.iter().find(|(name, _)| name.as_bytes() == read).map(|(_, value)| *value);
                match value {
                    Some(value) => out.extend_from_slice(value.as_bytes()),
                    None => out.extend([b"$(", read.as_slice(), b")"].concat()),
                }
            } else {
                out.extend(read);
            }
            cursor += advance;
            checkpoint = cursor + 1;
        }
        cursor += 1;
    }
    out.extend_from_slice(input.get(checkpoint..).unwrap_or_default());
    out
}

fn try_read_variable_name(input: &[u8]) -> (Vec<u8>, bool, usize) {
    match input[0] {
        b'$' => (b"$".to_vec(), false, 1),
        b'(' => match input.iter().position(|byte| *byte == b')') {
            Some(end) => (input[1..end].to_vec(), true, end + 1),
            None => (b"$(".to_vec(), false, 1),
        },
        // Go: `string(operator) + string(input[0])`, and the string of a byte is that code point.
        byte => (format!("${}", char::from(byte)).into_bytes(), false, 1),
    }
}

/// What a container gets, where `X` and `POD_NAME` are variables defined before.
fn in_container(text: &str) -> String {
    let known = [("X", "VALUE\nOF: X"), ("POD_NAME", "ingest-0"), ("", "EMPTY")];
    String::from_utf8(expand(text.as_bytes(), &known)).unwrap_or_else(|_| panic!("{text:?} is torn"))
}

#[test]
fn the_kubelets_algorithm_is_the_kubelets() {
    // Cases of Kubernetes' own `TestMapping`, with its quirk for what is not ASCII.
    for (input, output) in [
        ("$(X)", "VALUE\nOF: X"),
        ("$$(X)", "$(X)"),
        ("$$$$(X)", "$$(X)"),
        ("$$$(X)", "$VALUE\nOF: X"),
        ("foo$$(X)bar$$", "foo$(X)bar$"),
        ("$(UNKNOWN)", "$(UNKNOWN)"),
        ("$(X", "$(X"),
        ("$X $", "$X $"),
        ("$(X)$", "VALUE\nOF: X$"),
        ("$()", "EMPTY"),
    ] {
        assert_eq!(in_container(input), output, "{input}");
    }
    assert_eq!(expand("$é".as_bytes(), &[]), [b'$', 0xc3, 0x83, 0xa9]);
}

fn variable(build: impl FnOnce(&mut platc_artifact::Map<'_>)) -> Doc {
    let mut doc = Doc::new();
    doc.map(|m| {
        m.seq("env", |s| {
            s.map(|m| {
                m.put("name", "APP_CONFIG");
                build(m);
            });
        });
    });
    doc
}

/// What a reader of the manifest gets as the value of the variable.
fn value_of(doc: &Doc) -> String {
    let manifest = tree::print(doc, Format::Yaml);
    let json = serde_json::from_str::<Value>(&tree::print(doc, Format::Json)).unwrap();
    let read = tree::read_serde_yaml(&manifest);
    assert_eq!(read, tree::read_saphyr(&manifest), "{manifest}");
    let text = |manifest: &Value| manifest.pointer("/env/0/value").and_then(Value::as_str).map(str::to_owned);
    assert_eq!(text(&read), text(&json), "YAML and JSON of a manifest mean the same");
    text(&read).unwrap_or_else(|| panic!("no text at /env/0/value:\n{manifest}"))
}

#[test]
fn a_literal_arrives_as_it_is() {
    for text in nasty() {
        let doc = variable(|m| m.put("value", EnvText(&text)));
        assert_eq!(in_container(&value_of(&doc)), text);
        assert_eq!(doc.get("/env/0/value").and_then(platc_artifact::Node::as_str), Some(text.as_str()));
    }
}

#[test]
fn what_is_meant_to_be_expanded_is() {
    let doc = variable(|m| m.put("value", "$(POD_NAME).svc"));
    assert_eq!(in_container(&value_of(&doc)), "ingest-0.svc");
    let doc = variable(|m| m.put("value", Fixed("$(POD_NAME)")));
    assert_eq!(in_container(&value_of(&doc)), "ingest-0");
}

/// A tree with a string in many places, and the same again as YAML and JSON inside.
fn config(text: &str) -> Value {
    json!({ "template": text, text: [text, { text: text }], "list": [[text]] })
}

#[test]
fn an_embedded_document_arrives_with_nothing_to_expand() {
    for text in nasty() {
        for format in [Format::Yaml, Format::Json, Format::JsonPretty] {
            let doc = variable(|m| {
                m.embed("value", format, Guard::EnvValue, |d| {
                    d.comment(format!("expanded, $(X) would break this: {text}"));
                    d.map(|m| {
                        m.comment("$$ and $(X)");
                        fill(m.slot("config"), &config(&text));
                        for (key, inner) in [("yaml", Format::Yaml), ("json", Format::Json)] {
                            m.embed(key, inner, Guard::None, |d| {
                                d.comment("$(X)");
                                fill(d.slot(), &config(&text));
                            });
                        }
                    });
                });
            });
            let value = value_of(&doc);
            assert_eq!(in_container(&value), value, "{text:?}: nothing in it changes");
            let read = tree::read(&value, format);
            assert_eq!(read["config"], config(&text), "{value}");
            for (key, inner) in [("yaml", Format::Yaml), ("json", Format::Json)] {
                assert_embedded_text(&doc, &format!("/env/0/value/{key}"), read[key].as_str().unwrap());
                assert_eq!(tree::read(read[key].as_str().unwrap(), inner), config(&text), "{value}");
            }
            assert_embedded_text(&doc, "/env/0/value", &value);
        }
    }
}

/// The text that a program gets can be printed by itself, for files that repeat it and for its hash.
fn assert_embedded_text(doc: &Doc, pointer: &str, expected: &str) {
    let mut alone = Vec::new();
    doc.get(pointer).unwrap().print_embedded(&mut alone).unwrap();
    assert_eq!(String::from_utf8(alone).unwrap(), expected);
}

#[test]
fn other_formats_are_escaped_as_a_whole() {
    let doc = variable(|m| {
        m.embed("value", Format::Corefile, Guard::EnvValue, |d| {
            d.comment("$(X)");
            d.lines(|l| l.line(("rewrite", "$(X)$$", "$é", "a$")));
        });
    });
    let value = value_of(&doc);
    assert_eq!(value, "# $$(X)\nrewrite $$(X)$$$ $$é a$\n");
    assert_eq!(in_container(&value), "# $(X)\nrewrite $(X)$$ $é a$\n");
    assert_embedded_text(&doc, "/env/0/value", "# $(X)\nrewrite $(X)$$ $é a$\n");
}

#[test]
fn a_guard_inside_of_a_guard_arrives_too() {
    // The environment of a pod inside of a template that is itself the value of a variable.
    let doc = variable(|m| {
        m.embed("value", Format::Yaml, Guard::EnvValue, |d| {
            d.map(|m| {
                m.put("value", EnvText("$(X)"));
                m.embed("config", Format::Corefile, Guard::EnvValue, |d| {
                    d.lines(|l| l.line(("log", "$(X)")));
                });
                m.embed("bootstrap", Format::Yaml, Guard::EnvValue, |d| d.map(|m| m.put("k", "$(X)")));
            });
        });
    });
    let outer = in_container(&value_of(&doc));
    let inner = tree::read_serde_yaml(&outer);
    assert_eq!(in_container(inner["value"].as_str().unwrap()), "$(X)");
    assert_eq!(in_container(inner["config"].as_str().unwrap()), "log $(X)\n");
    let bootstrap = in_container(inner["bootstrap"].as_str().unwrap());
    assert_eq!(tree::read_serde_yaml(&bootstrap), json!({ "k": "$(X)" }));
}

#[test]
fn the_manifest_of_the_talk_reads_as_one_would_write_it() {
    let doc = variable(|m| {
        m.embed("value", Format::Yaml, Guard::EnvValue, |d| {
            d.map(|m| {
                m.put("listen", ":8080");
                m.map("kafka", |m| m.list("brokers", ["10.1.0.11:9092", "10.1.0.12:9092"]));
                m.put("template", "cost is $(not_expanded)");
                m.put("price", "$5");
            });
        });
    });
    let expected = r#"env:
- name: APP_CONFIG
  value: |
    listen: ":8080"
    kafka:
      brokers:
      - 10.1.0.11:9092
      - 10.1.0.12:9092
    template: "cost is \x24(not_expanded)"
    price: $5
"#;
    assert_eq!(tree::print(&doc, Format::Yaml), expected);
}
