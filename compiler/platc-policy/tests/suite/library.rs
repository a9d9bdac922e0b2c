//! Policies written in Rust, from source to finding: settings, levels, places, threads and memo.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use platc_artifact::judge::{Freshness, Judge as _, Phase, PolicyUse};
use platc_diag::{FileId, Level, Span};
use platc_policy::{DirectoryMemo, HostOptions, Memo, MemoryMemo};
use serde_json::json;

use crate::fake::{Fake, services};
use crate::guest::{Guest, RawFinding, RawPatch, SET};
use crate::support::{Scratch, file, found, host, host_with, judge, library, load, refused, texts, threads};

const ALL: [&str; 3] = ["no-besteffort", "pin-images", "require-probes"];

#[test]
fn findings_are_at_the_places_that_policies_mean() {
    let mut fake = Fake::default();
    fake.node(
        "service",
        "web",
        json!({ "cpu": { "request": "1" }, "image": "web:1", "memory": { "limit": "1GiB" } }),
    );
    let uses = ALL.map(library);
    let verdicts = judge(&uses, &fake.view());
    let all: Vec<_> = verdicts.iter().flat_map(|verdict| texts(&verdict.findings)).collect();
    assert_eq!(
        all,
        [
            "no-besteffort/memory 30..39: service `web` asks for no memory",
            "pin-images/digest 20..29: image `web:1` of service `web` has no digest",
            "require-probes/readiness 0..9: service `web` has no readiness probe",
        ]
    );
    assert!(
        verdicts.iter().flat_map(|verdict| &verdict.findings).all(|found| found.subject() == Some("web"))
    );
    assert!(verdicts.iter().all(|verdict| verdict.findings[0].help_text().is_some()));
}

#[test]
fn a_finding_in_an_artifact_leads_to_what_it_was_made_from() {
    let mut fake = Fake::default();
    fake.node("service", "first", json!({}));
    let web = fake.node("service", "web", json!({}));
    fake.artifact(web, "Deployment", json!({ "spec": {} }), "spec: {}\n");
    let mut guest = Guest::new();
    let finding = guest.at(2, "/spec/replicas", "too few");
    guest.findings(&[finding]);
    let policies = load(&host(), &[file("p", guest.module())]);
    let verdict = policies.validate(Phase::Artifacts, &fake.view(), threads(1)).remove(0);
    assert_eq!(texts(&verdict.findings), ["p/r 100..109: too few"]);
    assert_eq!(verdict.findings[0].subject(), Some("web"));
}

#[test]
fn settings_reach_the_policy() {
    let view = services(200).view();
    assert_eq!(found(library("require-probes"), &view).len(), 2);
    let strict = PolicyUse { settings: r#"{"liveness": true}"#.into(), ..library("require-probes") };
    assert_eq!(found(strict, &view).len(), 4);
}

#[test]
fn a_setting_that_is_none_is_shown_where_it_stands() {
    let mut policy = PolicyUse { settings: r#"{"livenes": true}"#.into(), ..library("require-probes") };
    policy.setting_spans.insert("/livenes".into(), Span::new(FileId(9), 30, 37));
    let policies = host().load(std::slice::from_ref(&policy), threads(1));
    assert_eq!(
        texts(policies.problems()),
        ["E0709 30..37: policy `require-probes`: there is no setting `livenes`"]
    );
    assert_eq!(policies.problems()[0].help_text(), Some("did you mean `liveness`?"));
    policy.settings = r#"{"liveness": "yes"}"#.into();
    assert_eq!(
        refused(policy),
        ["E0709 4..8: policy `require-probes`: setting `liveness`: \"yes\" is not of type \"boolean\""]
    );
}

#[test]
fn a_policy_may_refuse_what_its_schema_allows() {
    let mut policy = PolicyUse { settings: r#"{"allow": ["a/", ""]}"#.into(), ..library("pin-images") };
    policy.setting_spans.insert("/allow".into(), Span::new(FileId(9), 30, 37));
    assert_eq!(
        refused(policy),
        [
            "E0710 30..37: policy `pin-images` does not take this setting: an empty beginning would allow every image; \
          name a registry or a part of one"
        ]
    );
}

#[test]
fn a_policy_that_there_is_not_gets_a_suggestion() {
    let policies = host().load(&[library("require-probe")], threads(1));
    assert_eq!(texts(policies.problems()), ["E0701 4..8: there is no policy `require-probe`"]);
    assert_eq!(policies.problems()[0].help_text(), Some("did you mean `require-probes`?"));
}

#[test]
fn the_platform_has_the_last_word_on_the_level() {
    let view = services(10).view();
    let level = |level| {
        let policy = PolicyUse { level, ..library("require-probes") };
        judge(&[policy], &view)[0].findings[0].level()
    };
    assert_eq!(level(None), Level::Error);
    assert_eq!(level(Some(Level::Warning)), Level::Warning);
}

#[test]
fn a_panic_in_rust_has_its_words_and_its_place() {
    let mut fake = Fake::default();
    // The language has no such priority: the policy was written for another one.
    fake.node("service", "web", json!({ "priority": 7 }));
    let found = found(library("no-besteffort"), &fake.view());
    assert_eq!(found.len(), 1);
    let begins = "E0727 4..8: policy `no-besteffort` panicked: a selected value is not of the type that the policy expects";
    assert!(found[0].starts_with(begins), "{found:?}");
    assert!(
        found[0].contains(", at policies/no-besteffort/src/lib.rs:"),
        "in the policy, not in the SDK: {found:?}"
    );
}

#[test]
fn verdicts_and_costs_are_the_same_on_one_and_four_threads() {
    let view = services(300).view();
    let mut uses: Vec<PolicyUse> = ALL
        .iter()
        .flat_map(|name| (0..4).map(move |n| (name, n)))
        .map(|(name, n)| {
            let bytes = platc_policy_library::library()
                .iter()
                .find(|(known, _)| known == name)
                .expect("it is there")
                .1;
            file(&format!("{name}-{n}"), bytes)
        })
        .collect();
    let host = host();
    let one = load(&host, &uses).validate(Phase::Model, &view, threads(1));
    // Whatever the order of `use` nodes, too.
    uses.reverse();
    for _ in 0..3 {
        let four = load(&host, &uses).validate(Phase::Model, &view, threads(4));
        assert_eq!(one, four);
    }
    assert!(one.iter().all(|verdict| verdict.cost.fuel > 100_000 && verdict.cost.host_work > 1_000));
}

#[test]
fn verdicts_and_costs_are_the_same_on_a_machine_that_is_busy() {
    let view = services(300).view();
    let uses = ALL.map(library);
    let idle = load(&host(), &uses).validate(Phase::Model, &view, threads(2));
    /// Lets the others go, also if an assertion fails.
    struct Stop<'a>(&'a AtomicBool);
    impl Drop for Stop<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _stop = Stop(&stop);
        // More than there are processors, so that each run waits for its turn again and again.
        let n_processors = std::thread::available_parallelism().map_or(2, std::num::NonZeroUsize::get);
        for _ in 0..n_processors * 4 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let host = host();
        let busy: Vec<_> =
            (0..3).map(|_| load(&host, &uses).validate(Phase::Model, &view, threads(4))).collect();
        assert!(busy.iter().all(|verdicts| *verdicts == idle));
    });
    let endless = {
        let mut guest = Guest::new();
        guest.validate = "(loop $again (br $again)) unreachable".into();
        judge(&[file("p", guest.module())], &view).remove(0)
    };
    assert_eq!(endless.findings[0].code().id(), "E0720", "and so is the moment at which a policy is stopped");
}

#[test]
fn a_policy_says_what_it_is() {
    let policies = load(&host(), &[library("require-probes")]);
    let [loaded] = policies.loaded() else { panic!("one policy") };
    assert_eq!(
        (&*loaded.name, &*loaded.description.name, &*loaded.description.version),
        ("require-probes", "require-probes", "0.1.0")
    );
    assert!(loaded.description.judges(Phase::Model));
    assert!(!loaded.description.judges(Phase::Artifacts));
    assert_eq!(loaded.description.kinds(Phase::Model), ["daemon", "service"]);
    let ids: Vec<_> = loaded.description.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["readiness", "liveness"]);
}

#[test]
fn the_same_question_is_answered_from_the_memo() {
    let scratch = Scratch::new();
    let directory = DirectoryMemo::open(&scratch.path().join("memo")).expect("a directory of our own");
    for memo in [Arc::new(MemoryMemo::default()) as Arc<dyn Memo>, Arc::new(directory)] {
        let judged = |settings: &str, n: u32| {
            let host = host_with(HostOptions { memo: Some(Arc::clone(&memo)), ..Default::default() });
            let policy = PolicyUse { settings: settings.into(), ..library("require-probes") };
            load(&host, &[policy]).validate(Phase::Model, &services(n).view(), threads(1)).remove(0)
        };
        let first = judged("{}", 10);
        assert_eq!(first.freshness, Freshness::Ran);
        let second = judged("{ }", 10);
        assert_eq!(second.freshness, Freshness::Recalled);
        assert_eq!((&first.findings, first.cost), (&second.findings, second.cost));
        assert_eq!(judged("{}", 11).freshness, Freshness::Ran, "another model");
        assert_eq!(judged(r#"{"liveness": true}"#, 11).freshness, Freshness::Ran, "other settings");
    }
}

#[test]
fn a_verdict_survives_every_change_that_its_policy_has_not_looked_at() {
    let memo: Arc<dyn Memo> = Arc::new(MemoryMemo::default());
    let host = host_with(HostOptions { memo: Some(memo), ..Default::default() });
    let policies = load(&host, &ALL.map(library));
    let judged = |mut values: Vec<serde_json::Value>| {
        let mut fake = Fake::default();
        for (n, values) in values.drain(..).enumerate() {
            fake.node("service", &format!("service-{n}"), values);
        }
        let verdicts = policies.validate(Phase::Model, &fake.view(), threads(2));
        verdicts.into_iter().map(|verdict| (verdict.freshness, verdict.findings.len())).collect::<Vec<_>>()
    };
    let (ran, recalled) = (Freshness::Ran, Freshness::Recalled);
    let amounts = json!({ "request": "1" });
    let service = |replicas: u32, image: &str| json!({ "replicas": replicas, "image": image, "cpu": amounts, "memory": amounts });
    // In the order of names: no-besteffort, pin-images, require-probes.
    assert_eq!(judged(vec![service(1, "a")]), [(ran, 0), (ran, 1), (ran, 1)]);
    assert_eq!(
        judged(vec![service(2, "a")]),
        [(recalled, 0), (recalled, 1), (recalled, 1)],
        "nobody reads replicas"
    );
    assert_eq!(judged(vec![service(2, "b")]), [(recalled, 0), (ran, 1), (recalled, 1)], "one reads images");
    assert_eq!(
        judged(vec![service(2, "b"), service(2, "b")]),
        [(ran, 0), (ran, 2), (ran, 2)],
        "all read which there are"
    );
    assert_eq!(
        judged(vec![service(2, "b")]),
        [(ran, 0), (ran, 1), (ran, 1)],
        "one result is kept for each slot"
    );
}

#[test]
fn names_that_only_a_message_has_are_among_what_was_looked_at() {
    let memo: Arc<dyn Memo> = Arc::new(MemoryMemo::default());
    let host = host_with(HostOptions { memo: Some(memo), ..Default::default() });
    let policies = load(&host, &[library("require-probes")]);
    let judged = |name: &str| {
        let mut fake = Fake::default();
        fake.node("service", name, json!({}));
        texts(&policies.validate(Phase::Model, &fake.view(), threads(1))[0].findings)
    };
    assert_eq!(judged("old"), ["require-probes/readiness 0..9: service `old` has no readiness probe"]);
    assert_eq!(judged("new"), ["require-probes/readiness 0..9: service `new` has no readiness probe"]);
}

#[test]
fn a_result_does_not_outlive_a_lower_limit() {
    let memo: Arc<dyn Memo> = Arc::new(MemoryMemo::default());
    let host = host_with(HostOptions { memo: Some(memo), ..Default::default() });
    let view = services(10).view();
    let cost = load(&host, &[library("require-probes")]).validate(Phase::Model, &view, threads(1))[0].cost;
    let limits =
        platc_artifact::judge::LimitOverrides { host_work: Some(cost.host_work - 1), ..Default::default() };
    let stricter = PolicyUse { limits, ..library("require-probes") };
    let verdict = load(&host, &[stricter]).validate(Phase::Model, &view, threads(1)).remove(0);
    assert_eq!(verdict.findings[0].code().id(), "E0722");
}

#[test]
fn what_went_wrong_is_not_remembered() {
    let memo: Arc<dyn Memo> = Arc::new(MemoryMemo::default());
    let mut guest = Guest::new();
    guest.validate = "unreachable".into();
    for _ in 0..2 {
        let host = host_with(HostOptions { memo: Some(Arc::clone(&memo)), ..Default::default() });
        let policies = load(&host, &[file("p", guest.module())]);
        let verdict = policies.validate(Phase::Model, &services(1).view(), threads(1)).remove(0);
        assert_eq!(verdict.freshness, Freshness::Ran);
    }
}

#[test]
fn a_fix_replaces_the_literal_that_it_is_about() {
    let mut guest = Guest::new();
    let patch =
        |path| RawPatch { op: SET, node: 3, path, value: Some(r#""web:2""#), expect: None, rule: "r" };
    let image = guest.patch_list(&[patch("/image")]);
    let nowhere = guest.patch_list(&[patch("/probes/readiness/http")]);
    let findings = [
        RawFinding { fixes: image, ..guest.at(3, "/image", "a") },
        RawFinding { fixes: nowhere, ..guest.at(4, "", "b") },
    ];
    guest.findings(&findings);
    let verdict = judge(&[file("p", guest.module())], &services(10).view()).remove(0);
    let [first, second] = &*verdict.findings else { panic!("two findings: {:?}", verdict.findings) };
    let [fix] = first.fixes() else { panic!("one fix") };
    assert_eq!(
        (&*fix.title, fix.edits[0].span, &*fix.edits[0].text),
        ("because", first.span(), r#""web:2""#)
    );
    assert_eq!(second.fixes(), []);
    assert_eq!(second.notes(), [r#"`/probes/readiness/http` could be `"web:2"`: because"#]);
}

#[test]
fn first_compiles_are_timed_apart_and_told_once() {
    let ticks = AtomicU64::new(0);
    let clock = move || Duration::from_secs(ticks.fetch_add(1, Ordering::Relaxed));
    let host = host_with(HostOptions { clock: Some(Arc::new(clock)), ..Default::default() });
    let policies = load(&host, &[library("require-probes")]);
    assert_eq!(policies.take_compile_times(), [("require-probes".into(), Duration::from_secs(1))]);
    assert_eq!(policies.take_compile_times(), []);
}
