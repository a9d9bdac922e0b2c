//! Documents from end to end: layout, pointers, origins, comments, copies, and what is refused.

use platc_artifact::{
    Doc, Each, Fixed, Format, Guard, Node, Origin, Prop, Reason, Refusal, Shown, Sourced, Value, Why, shown,
};
use platc_diag::{FileId, Span, limits, rules};

use crate::tree;

rules! {
    SPREAD "memory-spread": "Variants of a service get limits that lie apart.";
}

fn written(start: u32) -> Origin {
    Origin::written(Span::new(FileId(1), start, start + 5))
}

/// A Deployment as an emitter builds it: scalars with origins of their own, scopes, embedded documents of
/// both shapes.
fn deployment() -> Doc {
    let name = Sourced::new(String::from("ingest"), written(100));
    let replicas = Sourced::new(3_u32, written(200));
    let memory = written(300).decided_by(&SPREAD).of("1096Mi");
    let mut doc = Doc::new();
    doc.comment("made by platc");
    doc.from(written(10), |d| {
        d.map(|m| {
            m.put("apiVersion", "apps/v1");
            m.put("kind", "Deployment");
            m.map("metadata", |m| {
                m.put("name", &name);
                m.pairs("labels", [("app.kubernetes.io/name", "ingest"), ("platc/variant", "a")]);
                m.map("annotations", |_| {});
            });
            m.map("spec", |m| {
                m.put("replicas", replicas);
                m.maybe("paused", None::<bool>);
                m.maybe("minReadySeconds", Some(10));
                m.map("template", |m| {
                    m.seq("containers", |s| {
                        s.comment("the application");
                        s.map(|m| {
                            m.put("name", "app");
                            m.comment("from `memory variants=2`");
                            m.put("memory", memory);
                            m.from(written(400), |m| {
                                m.embed("config", Format::Yaml, Guard::EnvValue, |d| {
                                    d.comment("what APP_CONFIG holds");
                                    d.map(|m| {
                                        m.put("topic", ("metrics", written(410)));
                                        m.seq("brokers", |s| {
                                            s.put(format_args!("{}:{}", "10.1.0.11", 9092));
                                            s.put(shown(&written(420).of(9093)));
                                        });
                                    });
                                });
                            });
                            m.embed("corefile", Format::Corefile, Guard::None, |d| {
                                d.lines(|l| {
                                    l.block([".:53"], |l| {
                                        l.line(("forward", ".", written(500).of("10.1.0.2")));
                                        l.line(Prop("ttl", written(510).of(5)));
                                    });
                                });
                            });
                        });
                    });
                });
            });
        });
    });
    doc
}

#[test]
fn a_document_is_laid_out_as_people_write_it() {
    let expected = r"# made by platc
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ingest
  labels:
    app.kubernetes.io/name: ingest
    platc/variant: a
  annotations: {}
spec:
  replicas: 3
  minReadySeconds: 10
  template:
    containers:
    # the application
    - name: app
      # from `memory variants=2`
      memory: 1096Mi
      config: |
        # what APP_CONFIG holds
        topic: metrics
        brokers:
        - 10.1.0.11:9092
        - '9093'
      corefile: |
        .:53 {
            forward . 10.1.0.2
            ttl=5
        }
";
    assert_eq!(tree::print(&deployment(), Format::Yaml), expected.replace("'9093'", "\"9093\""));
}

#[test]
fn pointers_reach_into_embedded_documents() {
    let doc = deployment();
    let text = |pointer: &str| doc.get(pointer).and_then(Node::as_str);
    assert_eq!(text("/kind"), Some("Deployment"));
    assert_eq!(text("/metadata/labels/app.kubernetes.io~1name"), Some("ingest"));
    assert_eq!(text("/spec/template/containers/0/config/brokers/0"), Some("10.1.0.11:9092"));
    assert_eq!(text("/spec/template/containers/0/corefile/0/0"), Some(".:53"));
    assert_eq!(text("/spec/template/containers/0/corefile/0/1/0/2"), Some("10.1.0.2"));
    assert_eq!(doc.get("/spec/replicas").and_then(Node::as_i64), Some(3));
    assert_eq!(doc.get("/metadata/annotations").map(Node::is_empty), Some(true));
    let config = doc.get("/spec/template/containers/0/config").unwrap();
    assert!(matches!(config.value(), Value::Embedded(Format::Yaml, Guard::EnvValue)));
    assert_eq!(config.entries().map(|(key, _)| key).collect::<Vec<_>>(), ["topic", "brokers"]);
    assert!(matches!(doc.get("").map(Node::value), Some(Value::Map)));
    for nothing in [
        "kind",
        "/nothing",
        "/kind/0",
        "/spec/template/containers/1",
        "/spec/template/containers/00",
        "/spec/template/containers/+0",
        "/spec/template/containers/-",
        "/metadata/labels/app.kubernetes.io/name",
        "/",
    ] {
        assert!(doc.get(nothing).is_none(), "{nothing}");
    }
}

#[test]
fn origins_survive_embedding_and_lead_to_the_nearest_that_is_known() {
    let doc = deployment();
    let container = "/spec/template/containers/0";
    assert_eq!(doc.origin_at("/kind"), written(10));
    assert_eq!(doc.origin_at("/metadata/name"), written(100));
    assert_eq!(doc.origin_at("/spec/replicas"), written(200));
    let memory = doc.origin_at(&format!("{container}/memory"));
    assert_eq!((memory.why(), memory.span()), (Why::Decided(&SPREAD), written(300).span()));
    assert_eq!(doc.origin_at(&format!("{container}/config")), written(400));
    assert_eq!(doc.origin_at(&format!("{container}/config/topic")), written(410));
    assert_eq!(doc.origin_at(&format!("{container}/config/brokers/0")), written(400));
    assert_eq!(doc.origin_at(&format!("{container}/config/brokers/1")), written(420));
    assert_eq!(doc.origin_at(&format!("{container}/corefile/0/1/0/2")), written(500));
    assert_eq!(doc.origin_at(&format!("{container}/corefile/0/1/1/0")), written(510));
    // What is missing is a matter of what it is missing from.
    assert_eq!(doc.origin_at("/spec/replicas/x/y"), written(200));
    assert_eq!(doc.origin_at("/metadata/namespace"), written(10));
    assert_eq!(Doc::new().origin_at("/a"), Origin::NONE);
}

#[test]
fn a_visit_sees_every_value_with_its_pointer() {
    let doc = deployment();
    let mut pointers = Vec::new();
    doc.visit(|pointer, node| {
        assert_eq!(doc.get(pointer).map(Node::origin), Some(node.origin()), "{pointer}");
        pointers.push(pointer.to_owned());
    });
    assert_eq!(pointers.first().map(String::as_str), Some(""));
    let inside = [
        "/metadata/labels/app.kubernetes.io~1name",
        "/spec/template/containers/0/config",
        "/spec/template/containers/0/config/brokers/1",
        "/spec/template/containers/0/corefile/0/1/1/0",
    ];
    assert!(inside.iter().all(|pointer| pointers.iter().any(|p| p == pointer)), "{pointers:?}");
    assert_eq!(pointers.len(), 32);
}

#[test]
fn json_of_a_part_is_what_is_meant() {
    let doc = deployment();
    let mut json = String::from("rows: ");
    doc.get("/spec/template/containers").unwrap().write_json(&mut json);
    let expected = concat!(
        r#"rows: [{"name":"app","memory":"1096Mi","#,
        r#""config":{"topic":"metrics","brokers":["10.1.0.11:9092","9093"]},"#,
        r#""corefile":[[".:53",[["forward",".","10.1.0.2"],["ttl=5"]]]]}]"#
    );
    assert_eq!(json, expected);
}

#[test]
fn a_document_is_used_again_without_a_trace() {
    let first = tree::print(&deployment(), Format::Yaml);
    let mut doc = deployment();
    doc.map(|_| {});
    doc.clear();
    assert!(doc.is_empty());
    assert!(doc.root().is_none());
    doc.map(|m| m.put("a", 1));
    assert_eq!(tree::print(&doc, Format::Yaml), "a: 1\n");
    assert_eq!(doc.origin_at("/a"), Origin::NONE);
    assert_eq!(first, tree::print(&deployment(), Format::Yaml));
}

#[test]
fn a_copy_is_the_same_in_all_that_can_be_seen() {
    let doc = deployment();
    let mut copy = Doc::new();
    copy.seq(|s| {
        s.slot().copy(doc.root().unwrap());
        s.slot().copy(doc.get("/spec/template/containers/0/config").unwrap());
    });
    doc.visit(|pointer, node| {
        let twin = copy.get(&format!("/0{pointer}")).unwrap_or_else(|| panic!("{pointer}"));
        assert_eq!(twin.origin(), node.origin(), "{pointer}");
        assert_eq!(twin.as_str(), node.as_str(), "{pointer}");
    });
    let mut texts = [String::new(), String::new()];
    doc.root().unwrap().write_json(&mut texts[0]);
    copy.get("/0").unwrap().write_json(&mut texts[1]);
    assert_eq!(texts[0], texts[1]);
    // An embedded document stays one.
    assert!(
        tree::print(&copy, Format::Yaml)
            .ends_with("- |\n  topic: metrics\n  brokers:\n  - 10.1.0.11:9092\n  - \"9093\"\n")
    );
}

#[test]
fn every_kind_of_value_can_be_written() {
    let mut doc = Doc::new();
    doc.map(|m| {
        m.put("static", "s");
        m.put("string", String::from("s"));
        m.put("reference", ["s"].first().unwrap_or(&""));
        m.put("arc", std::sync::Arc::<str>::from("s"));
        m.put("cow", std::borrow::Cow::Borrowed("s"));
        m.put("address", std::net::Ipv4Addr::LOCALHOST);
        m.put("shown", Shown('c'));
        m.put("port", 8080_u16);
        m.put("size", 5_usize);
        m.put("big", u64::MAX);
        m.put("small", i64::MIN);
        m.put("share", 30.0);
        m.put("yes", true);
        m.slot("nothing");
        m.slot("later").from(written(1), |slot| slot.put(1));
        m.list("ports", [80, 443]);
        m.seq("nested", |s| {
            s.seq(|s| s.extend(["a", "b"]));
            s.seq(|_| {});
            s.map(|_| {});
        });
    });
    let expected = "static: s\nstring: s\nreference: s\narc: s\ncow: s\naddress: 127.0.0.1\nshown: c\nport: 8080\nsize: 5\n\
                    big: 18446744073709551615\nsmall: -9223372036854775808\nshare: 30.0\n\"yes\": true\nnothing: null\n\
                    later: 1\nports:\n- 80\n- 443\nnested:\n- - a\n  - b\n- []\n- {}\n";
    assert_eq!(tree::print(&doc, Format::Yaml), expected);
    assert_eq!(doc.origin_at("/later"), written(1));
}

#[test]
fn words_come_from_scalars_tuples_arrays_options_and_iterators() {
    let hosts = ["a", "b"];
    let mut doc = Doc::new();
    doc.lines(|l| {
        l.line("one");
        l.line(["two", "words"]);
        l.line(("server", &String::from("a-m1"), 6443, Some("check"), None::<&str>, Prop("weight", 10)));
        l.line(("hosts", Each(hosts.iter().map(|host| (host, Fixed("x"))))));
        l.line((("nested", ["in", "tuples"]), vec![1, 2]));
    });
    let expected = "one\ntwo words\nserver a-m1 6443 check weight=10\nhosts a x b x\nnested in tuples 1 2\n";
    assert_eq!(tree::print(&doc, Format::Lines), expected);
}

fn refusal(doc: &Doc, format: Format) -> Refusal {
    let mut out = b"before".to_vec();
    let refusal = doc.print(format, &mut out).unwrap_err();
    assert_eq!(out, b"before", "what is refused leaves no bytes behind");
    refusal
}

fn refused(format: Format, build: impl FnOnce(&mut Doc)) -> (String, Reason) {
    let mut doc = Doc::new();
    build(&mut doc);
    let refusal = refusal(&doc, format);
    (refusal.pointer, refusal.reason)
}

fn at(pointer: &str, reason: Reason) -> (String, Reason) {
    (pointer.to_owned(), reason)
}

#[test]
fn a_key_that_comes_twice_is_refused_where_it_does() {
    let twice = |n_keys: u32| {
        refused(Format::Yaml, |doc| {
            doc.map(|m| {
                m.map("labels", |m| {
                    (0..n_keys).for_each(|nth| m.put(&format!("k{nth}"), nth));
                    m.put("k1", "again");
                });
            });
        })
    };
    for n_keys in [2, 3, 256, 257, 1000] {
        assert_eq!(twice(n_keys), at("/labels/k1", Reason::DuplicateKey), "{n_keys}");
    }
    let many = |doc: &mut Doc| doc.map(|m| (0..2000).for_each(|nth| m.put(&format!("k{nth}"), nth)));
    let mut doc = Doc::new();
    many(&mut doc);
    assert!(doc.print(Format::Json, &mut Vec::new()).is_ok());
}

#[test]
fn equal_keys_of_different_maps_are_no_matter() {
    let mut doc = Doc::new();
    doc.map(|m| {
        m.map("a", |m| m.put("a", 1));
        m.seq("b", |s| (0..2).for_each(|_| s.map(|m| m.put("a", 1))));
        m.embed("c", Format::Yaml, Guard::None, |d| d.map(|m| m.put("a", 1)));
        m.put("d", 1);
    });
    assert!(doc.print(Format::Yaml, &mut Vec::new()).is_ok());
}

#[test]
fn a_document_has_one_value() {
    let two = refused(Format::Yaml, |doc| {
        doc.put(1);
        doc.put(2);
    });
    assert_eq!(two.1, Reason::SecondRoot);
    assert_eq!(refused(Format::Yaml, |_| {}), at("", Reason::NoRoot));
    assert_eq!(refused(Format::Json, |doc| doc.comment("only this")), at("", Reason::NoRoot));
    let inside = refused(Format::Yaml, |doc| {
        doc.map(|m| {
            m.put("a", 1);
            m.embed("b", Format::Yaml, Guard::None, |_| {});
        });
    });
    assert_eq!(inside, at("/b", Reason::NoRoot));
}

#[test]
fn the_shapes_are_not_mixed() {
    let lines = |doc: &mut Doc| doc.lines(|l| l.line("a"));
    let data = |doc: &mut Doc| doc.map(|m| m.put("a", 1));
    for format in Format::ALL {
        let is_data = matches!(format, Format::Yaml | Format::Json | Format::JsonPretty | Format::Toml);
        let reason = if is_data { refused(*format, lines).1 } else { refused(*format, data).1 };
        assert_eq!(reason, if is_data { Reason::NotData } else { Reason::NotLines }, "{format:?}");
    }
}

#[test]
fn a_refusal_names_the_place_its_origin_and_the_format_inside() {
    let mut doc = Doc::new();
    doc.map(|m| {
        m.put("name", "x");
        m.map("data", |m| {
            m.from(written(50), |m| {
                m.embed("haproxy.cfg", Format::Haproxy, Guard::None, |d| {
                    d.lines(|l| {
                        l.block("global", |l| {
                            l.comment("fine");
                            l.line(("log", "stdout"));
                            l.line(("description", written(60).of("two\nlines")));
                        });
                    });
                });
            });
        });
    });
    let refusal = refusal(&doc, Format::Yaml);
    assert_eq!(refusal.pointer, "/data/haproxy.cfg/0/1/1/1");
    assert_eq!(refusal.reason, Reason::Character('\n'));
    assert_eq!(refusal.format, Format::Haproxy);
    assert_eq!(refusal.origin, written(60));
    let message = "`/data/haproxy.cfg/0/1/1/1` cannot be written as haproxy: the character cannot be written here: U+000A";
    assert_eq!(refusal.to_string(), message);
}

/// Maps within maps, `depth` of them.
fn nested(doc: &mut Doc, depth: usize) {
    fn below(map: &mut platc_artifact::Map<'_>, depth: usize) {
        if depth > 0 {
            map.map("m", |m| below(m, depth - 1));
        }
    }
    doc.map(|m| below(m, depth - 1));
}

#[test]
fn nesting_has_a_limit() {
    let mut doc = Doc::new();
    nested(&mut doc, limits::DOC_NESTING);
    for format in [Format::Yaml, Format::Json, Format::Toml] {
        assert!(doc.print(format, &mut Vec::new()).is_ok(), "{format:?}");
    }
    let mut copy = Doc::new();
    copy.slot().copy(doc.root().unwrap());
    assert!(copy.root().is_some());

    doc.clear();
    nested(&mut doc, limits::DOC_NESTING + 1);
    assert_eq!(refusal(&doc, Format::Yaml).reason, Reason::TooDeep);
    assert!(doc.root().is_none(), "what is cut short cannot be read");
}

#[test]
fn text_has_a_limit() {
    let half = "x".repeat(limits::DOC_BYTES / 2);
    let mut doc = Doc::new();
    doc.seq(|s| s.extend([&half, &half]));
    assert!(doc.root().is_some());
    doc.clear();
    doc.seq(|s| s.extend([&half, &half, "x"].map(|text| format_args!("{text}").to_string())));
    assert_eq!(refusal(&doc, Format::Yaml).reason, Reason::TooLarge);
    doc.clear();
    doc.seq(|s| [&half, &half, "x"].iter().for_each(|text| s.put(format_args!("{text}"))));
    assert_eq!(refusal(&doc, Format::Yaml).reason, Reason::TooLarge);
}

#[test]
fn events_have_a_limit() {
    let build = |n_items: usize| {
        let mut doc = Doc::new();
        doc.seq(|s| (0..n_items).for_each(|_| s.put(true)));
        doc
    };
    assert!(build(limits::DOC_EVENTS - 1).root().is_some());
    let doc = build(limits::DOC_EVENTS);
    assert!(doc.root().is_none());
    assert_eq!(refusal(&doc, Format::Yaml).reason, Reason::TooLarge);
}

#[test]
fn comments_cannot_end_early() {
    let mut doc = Doc::new();
    doc.comment("first\nsecond\r\n\n  indented\u{85}hidden: \u{2028}more ");
    doc.map(|m| {
        m.comment("above\nkind: Secret");
        m.put("a", 1);
        m.seq("list", |s| {
            s.seq(|s| {
                s.comment("above both dashes");
                s.map(|m| {
                    m.comment("and this");
                    m.put("b", 2);
                    m.comment("between");
                    m.put("c", 3);
                });
                s.comment("second");
                s.put(4);
            });
            s.comment("at the end, above nothing");
        });
    });
    let expected = r"# first
# second
#
#   indented\u{85}hidden: \u{2028}more
# above
# kind: Secret
a: 1
list:
# above both dashes
# and this
- - b: 2
    # between
    c: 3
  # second
  - 4
# at the end, above nothing
";
    let printed = tree::print(&doc, Format::Yaml);
    assert_eq!(printed, expected);
    let meant = serde_json::json!({ "a": 1, "list": [[{ "b": 2, "c": 3 }, 4]] });
    assert_eq!(tree::read_saphyr(&printed), meant);
    assert_eq!(tree::read_serde_yaml(&printed), meant);
    assert_eq!(tree::print(&doc, Format::Json), "{\"a\":1,\"list\":[[{\"b\":2,\"c\":3},4]]}\n");
}
