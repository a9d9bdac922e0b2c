//! `show`, `explain`, `plan` and `schema` as values: what the commands and the editor print.
//!
//! Start with `a_chain_names_each_level_and_what_counts`.

use std::path::Path;

use platc_driver::analysis::{Analysis, AnalysisOptions, analyse};
use platc_driver::decisions::decisions;
use platc_driver::explain::{Doing, explain};
use platc_driver::schema::{json_schema, reference};
use platc_driver::values::{Form, Values};
use platc_driver::world::Memory;

use super::platform::BASE;

fn platform(text: &str) -> (Memory, Analysis) {
    let mut world = Memory::default();
    world.insert("p/platform.kdl", BASE);
    world.insert("p/case.kdl", text);
    let analysis = analyse(&world, Path::new("p"), AnalysisOptions::default());
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
    (world, analysis)
}

fn shown(text: &str, path: &str, form: Form) -> String {
    let (world, analysis) = platform(text);
    Values::find(&world, &analysis, path).expect("the path leads somewhere").print(&analysis.types, form)
}

const LEVELS: &str = r#"
defaults service { max-unavailable 2; runtime go }
template program { param port type=int; service { replicas 2; port http "${param.port}"; cpu 1; max-unavailable 3 } }
program api port=8081 {
    image "okm/api:1@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    memory "1GiB"
    probes { readiness http="/ready" }
    replicas 3
    at home { replicas 5 }
}
amend service api { replicas 4 }
"#;

#[test]
fn a_chain_names_each_level_and_what_counts() {
    let (world, analysis) = platform(LEVELS);
    let found = explain(&world, &analysis, "service.api.replicas").expect("a path");
    let outcome = &found[0].outcomes[0];
    assert_eq!((found[0].ty.as_str(), outcome.value.as_deref()), ("int", Some("5")));
    let steps: Vec<String> = outcome
        .steps
        .iter()
        .map(|step| {
            let place = analysis.files.place(step.span);
            format!("{} {place} `{}` {}", step.level, step.text, if step.counts { "counts" } else { "-" })
        })
        .collect();
    assert_eq!(
        steps,
        [
            "template case.kdl:3:51 `replicas 2` -",
            "declaration case.kdl:8:5 `replicas 3` -",
            "amend case.kdl:11:21 `replicas 4` -",
            "declaration at a cluster case.kdl:9:15 `replicas 5` counts",
        ]
    );
}

#[test]
fn a_chain_begins_with_the_default_and_the_defaults() {
    let (world, analysis) = platform(LEVELS);
    let found = explain(&world, &analysis, "api.max-unavailable").expect("a path");
    let levels: Vec<(&str, bool)> =
        found[0].outcomes[0].steps.iter().map(|step| (step.level.as_str(), step.counts)).collect();
    assert_eq!(levels, [("default", false), ("defaults", false), ("template", true)]);
    let found = explain(&world, &analysis, "service.api.priority").expect("a path");
    let outcome = &found[0].outcomes[0];
    assert_eq!((outcome.value.as_deref(), outcome.steps[0].counts), (Some("normal"), true));
    assert_eq!(outcome.rule.map(|(name, _)| name), Some("default-of-the-kind"));
}

#[test]
fn a_chain_goes_into_records_children_and_lists() {
    let text = format!("{LEVELS}\nsecret keys {{ keys a }}\namend secret keys {{ append keys b }}\n");
    let (world, analysis) = platform(&text);
    let found = explain(&world, &analysis, "secret.keys.keys").expect("a path");
    let doings: Vec<(Doing, bool)> =
        found[0].outcomes[0].steps.iter().map(|step| (step.op, step.counts)).collect();
    assert_eq!(doings, [(Doing::Sets, true), (Doing::Appends, true)]);
    let found = explain(&world, &analysis, "service.api.port.http.port").expect("a path");
    assert_eq!(found[0].outcomes[0].value.as_deref(), Some("8081"));
    assert_eq!(found[0].outcomes[0].steps.len(), 1, "{:?}", found[0].outcomes[0].steps);
    let found = explain(&world, &analysis, "service.api.probes.readiness.http").expect("a path");
    assert_eq!(found[0].outcomes[0].steps[0].text, "\"/ready\"");
}

#[test]
fn a_path_that_leads_nowhere_says_what_there_is() {
    let (world, analysis) = platform(LEVELS);
    let failed = |path: &str| explain(&world, &analysis, path).expect_err("nowhere");
    assert_eq!(failed("service.apy").help.as_deref(), Some("did you mean `api`?"));
    assert_eq!(failed("service.api.replicsa").help.as_deref(), Some("did you mean `replicas`?"));
    assert_eq!(failed("nobody").message, "nothing is called `nobody`");
}

#[test]
fn what_is_shown_reads_back() {
    let kdl = shown(LEVELS, "service.api.memory", Form::Kdl);
    assert_eq!(kdl, "memory \"1GiB\" {\n    variants 1\n    spread \"7%\"\n}\n");
    assert_eq!(shown(LEVELS, "service.api.replicas", Form::Json).trim(), "5");
    assert!(shown(LEVELS, "service.api", Form::Yaml).contains("replicas: 5\n"));
    for path in ["service", "cluster.home", "host", ""] {
        let text = shown(LEVELS, path, Form::Kdl);
        let parsed = platc_syntax::parse(platc_diag::FileId(0), std::sync::Arc::from(text.as_str()));
        assert!(parsed.problems.is_empty() && !text.is_empty(), "{path}: {text}");
    }
}

#[test]
fn decisions_have_their_rules_and_places() {
    let (_, analysis) = platform(LEVELS);
    let found = decisions(&analysis.plan);
    let of = |subject: &str, what: &str| {
        let decision = found.iter().find(|own| own.subject == subject && own.what == what);
        decision.map(|own| (own.value.clone(), own.rule.is_some(), own.span.is_some()))
    };
    assert_eq!(of("host m1", "pod range"), Some(("10.244.1.0/24".to_owned(), true, true)));
    assert_eq!(of("cluster home", "pods"), Some(("10.244.0.0/16".to_owned(), false, true)));
    assert_eq!(of("api at home", "Deployment"), Some(("api: 5 pods, 1GiB".to_owned(), false, true)));
}

#[test]
fn the_schema_takes_what_is_shown_and_nothing_else() {
    let (world, analysis) = platform(LEVELS);
    let schema = json_schema(&analysis.types);
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let mut whole = serde_json::Map::new();
    for kind in analysis.types.kinds().iter().filter(|kind| kind.named) {
        let values = Values::find(&world, &analysis, kind.name).expect("a kind");
        for at in &values.all {
            let path = format!("{}.{}", kind.name, at.name);
            let one = Values::find(&world, &analysis, &path).expect("a declaration");
            let json = serde_json::from_str(&one.print(&analysis.types, Form::Json)).expect("JSON");
            let declarations = whole.entry(kind.name).or_insert_with(|| serde_json::json!({}));
            declarations[&*at.name] = json;
        }
    }
    let mut whole = serde_json::Value::Object(whole);
    let errors: Vec<String> =
        validator.iter_errors(&whole).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, [""; 0]);
    whole["service"]["api"]["replica"] = serde_json::json!(3);
    assert!(!validator.is_valid(&whole));
}

#[test]
fn each_kind_has_a_reference_page_with_its_fields() {
    let types = platc_sema::stdlib::types();
    let pages = reference(types);
    assert_eq!(pages.len(), types.kinds().len());
    for (page, kind) in pages.iter().zip(types.kinds()) {
        for name in types.record(kind.record).written_names() {
            assert!(page.text.contains(&format!("- `{name}` ")), "{name} of {}", kind.name);
        }
        assert!(page.text.contains("## Example"), "{}", page.name);
    }
}
