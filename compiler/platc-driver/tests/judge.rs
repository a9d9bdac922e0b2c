//! Judging with a judge of the test's own, whose policies do what their settings say: what the driver
//! hands to a judge, and what it makes of the answers. Real policies are tried in `platc-policy`.

#![expect(clippy::expect_used, reason = "a test: it fails loudly")]

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use platc_artifact::judge::{
    Change, Cost, Description, Freshness, Judge, Loaded, Mutation, Patch, Phase, Policies, PolicyUse,
    RuleInfo, Source, Verdict,
};
use platc_artifact::view::{NodeId, Pointer, Value, View};
use platc_diag::{Diagnostic, Level, Problems};
use platc_driver::analysis::{AnalysisOptions, analyse};
use platc_driver::judge::{Judgement, artifacts, cached, digest_of, model, vendored};
use platc_driver::view::ModelView;
use platc_driver::world::Memory;
use platc_model::scalar::Date;
use platc_testkit::describe_findings;
use serde_json::Value as Json;

const BASE: &str = include_str!("base.kdl");

/// Does what settings say: `lacks` reports nodes of a kind without a value, `patch` changes one.
#[derive(Default)]
struct Scripted {
    uses: Mutex<Vec<PolicyUse>>,
}

struct Script {
    uses: Vec<PolicyUse>,
    loaded: Vec<Loaded>,
}

impl Judge for Scripted {
    fn load(&self, uses: &[PolicyUse], _: NonZeroUsize) -> Box<dyn Policies> {
        self.uses.lock().expect("no test panics").extend(uses.iter().cloned());
        let mut uses = uses.to_vec();
        uses.sort_by(|a, b| a.name.cmp(&b.name));
        Box::new(Script { loaded: uses.iter().map(loaded).collect(), uses })
    }
}

fn loaded(policy: &PolicyUse) -> Loaded {
    let settings = settings(policy);
    let rule = RuleInfo {
        id: "r".to_owned(),
        level: Level::Error,
        summary: String::new(),
        phases: vec![Phase::Model],
        kinds: Vec::new(),
        mutates: settings.get("path").is_some(),
    };
    let description = Description {
        name: policy.name.to_string(),
        version: String::new(),
        rules: vec![rule],
        settings_schema: "{}".to_owned(),
        data: None,
    };
    Loaded { name: Arc::clone(&policy.name), description, digest: [0; 32], cached: true }
}

fn settings(policy: &PolicyUse) -> Json {
    serde_json::from_str(&policy.settings).expect("settings are JSON")
}

fn text<'s>(settings: &'s Json, name: &str) -> Option<&'s str> {
    settings.get(name).and_then(Json::as_str)
}

impl Policies for Script {
    fn loaded(&self) -> &[Loaded] {
        &self.loaded
    }

    fn problems(&self) -> &[Diagnostic] {
        &[]
    }

    fn validate(&self, phase: Phase, view: &Arc<dyn View>, _: NonZeroUsize) -> Vec<Verdict> {
        self.uses.iter().map(|own| verdict(own, phase, view.as_ref())).collect()
    }

    fn mutate(&self, view: &Arc<dyn View>, _: NonZeroUsize) -> Mutation {
        let patches = self.uses.iter().flat_map(|own| patches(own, view.as_ref())).collect();
        Mutation { patches, ..Mutation::default() }
    }

    fn take_compile_times(&self) -> Vec<(Arc<str>, Duration)> {
        Vec::new()
    }
}

fn verdict(policy: &PolicyUse, phase: Phase, view: &dyn View) -> Verdict {
    let settings = settings(policy);
    let mut findings = Problems::new();
    if let (Some(kind), Some(path)) = (text(&settings, "kind"), text(&settings, "lacks")) {
        let pointer = Pointer::parse(path).expect("a pointer");
        for node in view.nodes(kind).iter().filter(|node| view.value(**node, pointer).is_none()) {
            let message = format!("`{}` lacks {path}", view.name(*node));
            let level = policy.level.unwrap_or(Level::Error);
            let found = Diagnostic::of_policy(
                format!("{}/r", policy.name),
                level,
                view.origin(*node, pointer),
                message,
            );
            findings.push(found.about(view.subject(*node).expect("a name")));
        }
    }
    Verdict {
        policy: Arc::clone(&policy.name),
        phase,
        findings,
        data: Default::default(),
        cost: Cost::default(),
        freshness: Freshness::Ran,
        log: Vec::new(),
    }
}

fn patches(policy: &PolicyUse, view: &dyn View) -> Vec<Patch> {
    let settings = settings(policy);
    let (Some(kind), Some(name), Some(path)) =
        (text(&settings, "kind"), text(&settings, "name"), text(&settings, "path"))
    else {
        return Vec::new();
    };
    let value = |name: &str| text(&settings, name).map(str::to_owned);
    let nodes = view.nodes(kind);
    let named = nodes.iter().filter(|node| view.name(**node) == name);
    let change =
        value("set").map(Change::Set).or(value("append").map(Change::Append)).unwrap_or(Change::Remove);
    named
        .map(|node| Patch {
            node: *node,
            pointer: path.to_owned(),
            change: change.clone(),
            policy: Arc::clone(&policy.name),
            rule: "r".to_owned(),
            reason: "the test wants it\nso".to_owned(),
        })
        .collect()
}

fn world(kdl: &str) -> Memory {
    let mut world = Memory::default();
    world.insert("p/platform.kdl", BASE);
    world.insert("p/extra.kdl", kdl);
    world
}

fn judged_in(world: &Memory) -> Judgement {
    let options = AnalysisOptions { today: Date::parse("2026-11-21").ok() };
    let one = NonZeroUsize::MIN;
    let mut judgement = model(world, analyse(world, Path::new("p"), options), &Scripted::default(), one);
    artifacts(&mut judgement, one).expect("no emitter refuses");
    judgement
}

fn judged(kdl: &str) -> Judgement {
    judged_in(&world(kdl))
}

fn findings(judgement: &Judgement) -> String {
    describe_findings(&judgement.analysis.problems, &judgement.analysis.files)
}

fn first_line(judgement: &Judgement) -> String {
    findings(judgement).lines().next().unwrap_or("").to_owned()
}

fn changes(judgement: &Judgement) -> String {
    let analysis = &judgement.analysis;
    analysis.changed_by.iter().map(|(file, _)| analysis.files.get(*file).text()).collect()
}

/// A value of the platform after judging.
fn after(judgement: &Judgement, kind: &str, name: &str, pointer: &str) -> Option<String> {
    let view = ModelView::new(&judgement.analysis);
    let node = view.lookup(kind, name).expect("a declaration");
    view.value(node, Pointer::parse(pointer).expect("a pointer")).map(|value| match value {
        Value::Str(text) | Value::Json(text) => text.into_owned(),
        Value::Int(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
    })
}

fn patching(path: &str, how: &str) -> String {
    format!("use p {{ kind service; name web; path {path:?}; {how} }}\n")
}

#[test]
fn a_finding_stands_where_the_author_wrote_what_it_is_about() {
    let judgement = judged("use p { kind service; lacks \"/probes/startup\" }\n");
    assert_eq!(first_line(&judgement), "error[p/r] platform.kdl:25:5: `web` lacks /probes/startup");
    assert_eq!(judgement.verdicts.len(), 1);
}

#[test]
fn a_finding_of_a_policy_is_waived_like_any_other_and_a_waiver_of_nothing_is_reported() {
    let waived = judged(
        "use p { kind service; lacks \"/probes/startup\" }\n\
         allow \"p/r\" on=web reason=\"slow\" until=\"2027-01-01\"\n",
    );
    assert_eq!(findings(&waived), "");
    let nothing = judged("use p\nallow \"p/r\" on=web reason=\"slow\" until=\"2027-01-01\"\n");
    assert!(findings(&nothing).contains("E0814"), "{}", findings(&nothing));
}

#[test]
fn before_policies_have_judged_a_waiver_of_theirs_may_yet_be_for_something() {
    let world = world("allow \"p/r\" on=web reason=\"slow\" until=\"2027-01-01\"\n");
    let analysis = analyse(&world, Path::new("p"), AnalysisOptions::default());
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
}

#[test]
fn the_level_that_a_platform_gives_reaches_the_judge_with_the_settings_and_their_places() {
    let world = world("use p level=warning { a 1; b { c \"x\" #true }; d }\n");
    let options = AnalysisOptions::default();
    let judge = Scripted::default();
    let analysis = analyse(&world, Path::new("p"), options);
    let judgement = model(&world, analysis, &judge, NonZeroUsize::MIN);
    let uses = judge.uses.lock().expect("no test panics");
    let policy = &uses[0];
    assert_eq!(policy.level, Some(Level::Warning));
    assert_eq!(policy.settings, r#"{"a":1,"b":{"c":["x",true]}}"#);
    let shown = |pointer: &str| judgement.analysis.files.place(policy.setting_span(pointer));
    assert_eq!(shown("/a"), "extra.kdl:1:25");
    assert_eq!(shown("/b/c/1"), "extra.kdl:1:38");
    assert!(
        findings(&judgement).contains("extra.kdl:1:4"),
        "a setting needs a value: {}",
        findings(&judgement)
    );
}

#[test]
fn a_policy_is_used_once() {
    let judgement = judged("use p\nuse p { kind service }\n");
    assert_eq!(first_line(&judgement), "error[E0712] extra.kdl:2:5: the policy `p` is used twice");
}

#[test]
fn a_plugin_is_a_file_of_the_platform_and_pinned_by_its_digest() {
    let mut world = world("plugin mine from=\"mine.wasm\"\nuse mine\n");
    assert!(findings(&judged_in(&world)).contains("E0802"), "no file: {}", findings(&judged_in(&world)));
    world.insert("p/mine.wasm", b"first".as_slice());
    let first = judged_in(&world);
    assert_eq!(findings(&first), "");
    assert_eq!(first.analysis.plan.lock.plugins.get("mine").unwrap().digest, digest_of(b"first"));
    world.insert("p/platc.lock", platc_sema::lock::write(&first.analysis.plan.lock));
    assert_eq!(findings(&judged_in(&world)), "");
    world.insert("p/mine.wasm", b"other".as_slice());
    let other = findings(&judged_in(&world));
    assert!(other.starts_with("error[E0711] extra.kdl:1:18"), "{other}");
    world.insert("p/extra.kdl", "plugin mine from=\"oci://r.example/mine@sha256:9f\"\nuse mine\n");
    assert!(findings(&judged_in(&world)).contains("error[E0808]"));
}

#[test]
fn a_plugin_of_a_registry_is_the_one_that_was_fetched_for_these_very_words() {
    let declared = |tag: &str| format!("plugin mine from=\"oci://r.example/mine:{tag}\"\nuse mine\n");
    let mut world = world(&declared("1"));
    let digest = digest_of(b"code");
    let lock =
        format!("lock 1\nplugin mine digest=\"{}\" from=\"oci://r.example/mine:1\"\n", digest.as_str());
    world.insert("p/platc.lock", lock);
    let missing = findings(&judged_in(&world));
    assert!(
        missing.starts_with("error[E0808] extra.kdl:1:18") && missing.contains("platc fetch"),
        "{missing}"
    );
    // What this checkout has, and before it what is committed.
    world.insert(format!("p/{}", cached(&digest)), b"code".as_slice());
    let judgement = judged_in(&world);
    assert_eq!(findings(&judgement), "");
    assert_eq!(judgement.analysis.plan.lock.plugins, judgement.analysis.lock.plugins, "the pin stays");
    world.insert(format!("p/{}", vendored("mine")), b"evil".as_slice());
    let changed = findings(&judged_in(&world));
    assert!(changed.starts_with("error[E0711]") && changed.contains("vendor/plugins/mine.wasm"), "{changed}");
    world.insert(format!("p/{}", vendored("mine")), b"code".as_slice());
    assert_eq!(findings(&judged_in(&world)), "");
    // With other words it is another plugin, which nobody has fetched.
    world.insert("p/extra.kdl", declared("2"));
    assert!(findings(&judged_in(&world)).starts_with("error[E0808]"));
    // One that is not used now keeps its pin.
    world.insert("p/extra.kdl", declared("1").replace("use mine\n", ""));
    assert_eq!(judged_in(&world).analysis.plan.lock.plugins.get("mine").unwrap().digest, digest);
}

#[test]
fn the_bytes_of_a_plugin_reach_the_judge() {
    let mut world = world("plugin mine from=\"mine.wasm\"\nuse mine\n");
    world.insert("p/mine.wasm", b"code".as_slice());
    let judge = Scripted::default();
    model(&world, analyse(&world, Path::new("p"), AnalysisOptions::default()), &judge, NonZeroUsize::MIN);
    let uses = judge.uses.lock().expect("no test panics");
    assert!(matches!(&uses[0].source, Source::File { bytes, .. } if &**bytes == b"code"));
}

#[test]
fn a_change_is_the_platforms_and_names_its_author() {
    let judgement = judged(&patching("/probes/startup", r##"set #"{"http":"/up","failures":9}"#"##));
    assert_eq!(findings(&judgement), "");
    assert_eq!(after(&judgement, "service", "web", "/probes/startup/http"), Some("/up".to_owned()));
    assert_eq!(after(&judgement, "service", "web", "/probes/readiness/http"), Some("/ready".to_owned()));
    assert_eq!(
        changes(&judgement),
        "// What the policy `p` changes. Written by platc, nowhere else.\n\n// r: the test wants it so\n\
         amend service web {\n    probes {\n        startup {\n            http \"/up\"\n            failures 9\n        \
         }\n    }\n}\n"
    );
    let file = judgement.analysis.changed_by[0].0;
    assert_eq!(judgement.analysis.files.get(file).path(), "changes by p");
}

#[test]
fn every_sort_of_value_can_be_changed() {
    let extra = "service api replicas=1 {\n    image \"a:1\"\n    cpu 1\n    memory \"1GiB\"\n    probes { readiness http=\"/r\" }\n    port http 80\n}\namend service web { port side 9000; probes { readiness port=http; liveness port=http } }\n";
    let cases = [
        ("/replicas", "set \"4\"", "/replicas", Some("4")),
        ("/env/REGION", "set \"\\\"e$${u}\\\"\"", "/env", Some(r#"{"REGION":"e${u}"}"#)),
        ("/command", "set \"[\\\"run\\\",\\\"-v\\\"]\"", "/command", Some(r#"["run","-v"]"#)),
        ("/command", "append \"\\\"run\\\"\"", "/command", Some(r#"["run"]"#)),
        ("/probes/liveness", "remove #true", "/probes/liveness", None),
        ("/port/0/port", "set \"81\"", "/port/0/port", Some("81")),
        ("/port/1", "remove #true", "/port", Some(r#"[{"name":"http","port":8080,"protocol":"http"}]"#)),
        (
            "/port",
            r##"append #"{"name":"admin","port":9}"#"##,
            "/port/2",
            Some(r#"{"name":"admin","port":9,"protocol":"http"}"#),
        ),
        ("/calls", r##"set #"[{"to":"api","timeout":"2s"}]"#"##, "/calls/0/timeout", Some("2s")),
        (
            "/config/value/a/b",
            "set \"[1,{\\\"c\\\":null}]\"",
            "/config/value",
            Some(r#"{"a":{"b":[1,{"c":null}]}}"#),
        ),
        ("/rollout", r##"set #"{"unavailable":1}"#"##, "/rollout", Some(r#"{"surge":1,"unavailable":1}"#)),
        ("/priority", "set \"null\"", "/priority", Some("normal")),
    ];
    for (path, how, pointer, expected) in cases {
        let judgement = judged(&format!("{extra}{}", patching(path, how)));
        let found = findings(&judgement);
        assert!(!found.contains("error"), "{path} {how}: {found}\n{}", changes(&judgement));
        let value = after(&judgement, "service", "web", pointer);
        assert_eq!(value.as_deref(), expected, "{path} {how}:\n{}", changes(&judgement));
    }
}

#[test]
fn a_change_is_checked_like_the_authors_own_words() {
    let judgement = judged(&patching("/replicas", "set \"-3\""));
    assert_eq!(
        first_line(&judgement),
        "error[E0307] changes by p:5:14: `replicas` is -3, and must be at least 0"
    );
    let related = judgement.analysis.problems[0].related_labels();
    assert_eq!(related.last().map(|label| label.text.as_str()), Some("`p` changes it"));
}

#[test]
fn a_change_that_cannot_be_written_is_named() {
    for (path, why) in [
        ("/replica", "did you mean `replicas`"),
        ("/variants", "change what it decides it from"),
        ("/port/7", "there are 1 of them"),
        ("/replicas/x", "patch `/replicas` itself"),
    ] {
        let judgement = judged(&patching(path, "set \"1\""));
        let problem = &judgement.analysis.problems[0];
        assert_eq!(problem.code().id(), "E0742", "{path}");
        assert!(
            problem.help_text().is_some_and(|help| help.contains(why)),
            "{path}: {:?}",
            problem.help_text()
        );
    }
}

#[test]
fn a_change_at_one_place_says_so_and_beats_what_the_author_says_there() {
    let sites = "datacenter far {\n    network lan \"192.168.2.0/24\" gateway=\"192.168.2.1\" interface=eno1\n    nameservers \"192.168.2.1\"\n    host f1 address=\"192.168.2.11\" cpu=16 memory=\"64GiB\" { roles control-plane worker }\n    host f2 address=\"192.168.2.12\" cpu=16 memory=\"64GiB\" { roles control-plane worker }\n    host f3 address=\"192.168.2.13\" cpu=16 memory=\"64GiB\" { roles control-plane worker }\n}\ncluster far { in far; pods \"10.245.0.0/16\"; services \"10.97.0.0/16\" }\namend cluster home { in home }\namend service web { in home far; at far { replicas 3 } }\n";
    let before = judged(sites);
    let view = ModelView::new(&before.analysis);
    assert_eq!(view.nodes("service").len(), 2, "it is two things: {}", findings(&before));
    let judgement = judged(&format!("{sites}{}", patching("/replicas", "set \"5\"")));
    assert_eq!(findings(&judgement), "");
    assert!(changes(&judgement).contains("    at far {\n        replicas 5\n"), "{}", changes(&judgement));
    assert_eq!(after(&judgement, "service", "web", "/replicas"), Some("5".to_owned()));
    let view = ModelView::new(&judgement.analysis);
    for node in view.nodes("service").iter() {
        let replicas = view.value(*node, Pointer::parse("/replicas").expect("a pointer"));
        assert_eq!(replicas, Some(Value::Int(5)), "at each of its places");
    }
}

#[test]
fn what_a_view_tells() {
    let judgement = judged(
        "template t { service { image \"t:1\"; replicas 1; cpu 1; memory \"1GiB\"; port http 80; probes { readiness http=\"/\" } } }\nt made\nnamespace shop\nallow no-pin on=web reason=\"x\"\n",
    );
    let view = ModelView::new(&judgement.analysis);
    let pointer = |text: &'static str| Pointer::parse(text).expect("a pointer");
    let web = view.lookup("service", "web").expect("web");
    let made = view.lookup("service", "made").expect("made");
    let host = view.lookup("host", "m1").expect("m1");
    assert_eq!(view.name(view.parent(host).expect("its datacenter")), "home");
    assert_eq!(view.value(web, pointer("/cpu/both")), Some(Value::Str("500m".into())));
    assert_eq!(view.value(web, pointer("/port/0/port")), Some(Value::Int(8080)));
    assert!(matches!(view.value(web, pointer("/variants/0/replicas")), Some(Value::Int(2))));
    assert!(matches!(view.value(web, pointer("/plan/grace-s")), Some(Value::Int(30..))));
    assert!(matches!(view.value(host, pointer("/allocatable/cpu")), Some(Value::Str(_))));
    let places: Vec<&str> = view.links(web, "place").iter().map(|id| view.name(*id)).collect();
    assert_eq!(places, ["home"]);
    assert_eq!(view.links(web, "namespace").len(), 1);
    let text = |span| judgement.analysis.files.text(span).to_owned();
    assert_eq!(view.literal(web, pointer("/cpu/both")).map(text).as_deref(), Some("\"500m\""));
    assert_eq!(view.literal(made, pointer("/cpu/both")), None, "a template gives it to others too");
    assert_eq!(view.span(web, pointer("/rollout/surge")), None, "nobody wrote it");
    assert_eq!(view.lookup("use", "p"), None);
    let kinds: Vec<&str> = view.nodes("").iter().map(|id| view.kind(*id)).collect();
    assert!(!kinds.contains(&"use") && kinds.contains(&"allow"));
    assert!((0..view.node_count()).all(|id| view.parent(NodeId(id)).is_none_or(|parent| parent.0 < id)));
}

#[test]
fn the_digest_of_a_view_is_that_of_what_it_tells_and_not_of_places() {
    let digest = |kdl: &str| ModelView::new(&judged(kdl).analysis).digest();
    assert_eq!(digest(""), digest("// a comment\n\n"));
    assert_eq!(digest(""), digest("use p\n"), "policies are not part of it");
    assert_ne!(digest(""), digest("amend service web { replicas 3 }\n"));
    assert_ne!(digest(""), digest("amend service web { in home; env A=b }\n"));
}

#[test]
fn nothing_is_judged_in_a_platform_with_errors_but_policies_are_loaded() {
    let judgement =
        judged("use p { kind service; lacks \"/probes/startup\" }\namend service web { replicas -1 }\n");
    assert!(judgement.verdicts.is_empty());
    assert_eq!(judgement.loaded().len(), 1);
    assert_eq!(judgement.analysis.problems.len(), 1);
}
