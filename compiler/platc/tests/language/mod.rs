//! The language on the command line: findings in every format, repairs, decisions, golden files.

use std::fs;
use std::path::Path;
use std::process::Command;

use platc_testkit::tools;
use serde_json::Value;

use crate::sandbox::{Sandbox, json};

/// Thirty mistakes; what is expected of each stands behind it. The driver's tests look at each of them.
const THIRTY: &str = include_str!("../../../platc-driver/tests/language/thirty.kdl");

fn with(text: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    fs::write(sandbox.path("platform.kdl"), text).expect("it can be written");
    sandbox
}

fn codes(found: &Value) -> Vec<(u64, String)> {
    let findings = found["findings"].as_array().expect("a list");
    let of = |one: &Value| {
        (one["start"]["line"].as_u64().unwrap_or(0), one["code"].as_str().unwrap_or_default().to_owned())
    };
    findings.iter().map(of).collect()
}

#[test]
fn thirty_mistakes_are_thirty_findings_and_fixes_leave_the_rest() {
    let sandbox = with(THIRTY);
    let before = codes(&json(&sandbox.platc(&["check", "--format", "json"]).stdout));
    assert!(before.len() >= 30, "{before:?}");
    let fixed = sandbox.platc(&["check", "--fix", "--format", "json"]);
    assert!(fixed.code == 1 && fixed.stderr.contains("fixed "), "{}", fixed.stderr);
    let after = codes(&json(&fixed.stdout));
    let rest = |kept: &[&str]| -> Vec<(u64, String)> {
        let line = |line: u64| THIRTY.lines().nth(usize::try_from(line).unwrap_or(0) - 1).unwrap_or_default();
        let repair = |text: &str| {
            if text.ends_with(" fix") {
                "fix"
            } else if text.ends_with(" guess") {
                "guess"
            } else {
                ""
            }
        };
        before.iter().filter(|(at, _)| kept.contains(&repair(line(*at)))).cloned().collect()
    };
    assert_eq!(after, rest(&["", "guess"]));
    assert!(after.len() + 8 <= before.len(), "{} of {} are left", after.len(), before.len());
    let guessed = json(&sandbox.platc(&["check", "--fix", "--guesses", "--format", "json"]).stdout);
    assert_eq!(codes(&guessed), rest(&[""]));
}

#[test]
fn sarif_is_what_its_schema_takes() {
    let folder = tools::need_node_with("@microsoft/jest-sarif");
    let Some((_, folder)) = folder else { return };
    let path = folder.join("lib/schemas/sarif-2.1.0-rtm.5.json");
    let schema = fs::read_to_string(path).expect("the published schema");
    // The pattern of languages has a bracket too many, which only some dialects of patterns let pass.
    let schema = json(&schema.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}?$"));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let wrong = |log: &Value| -> Vec<String> {
        validator.iter_errors(log).map(|error| format!("{}: {error}", error.instance_path())).collect()
    };
    for (text, results) in [(THIRTY, 30), ("platform own { kubernetes \"1.35.7\" }\n", 0)] {
        let log = json(&with(text).platc(&["check", "--format", "sarif"]).stdout);
        assert_eq!(wrong(&log), [""; 0]);
        assert!(log["runs"][0]["results"].as_array().expect("a list").len() >= results, "{log:#}");
    }
    // The schema can say no.
    let mut log = json(&with(THIRTY).platc(&["check", "--format", "sarif"]).stdout);
    log["runs"][0]["results"][0]["level"] = "fatal".into();
    assert_eq!(wrong(&log).len(), 1);
}

#[test]
fn junit_is_what_its_schema_takes() {
    let Some(python) = tools::need_python_with("xmlschema") else { return };
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/jenkins-junit.xsd");
    let accepts = |text: &str| {
        let script = "import sys, xmlschema\nxmlschema.XMLSchema(sys.argv[1]).validate(sys.argv[2])";
        let run =
            Command::new(&python).args(["-c", script]).arg(&schema).arg(text).output().expect("it runs");
        (run.status.success(), String::from_utf8_lossy(&run.stderr).into_owned())
    };
    for text in [THIRTY, "platform own { kubernetes \"1.35.7\" }\n"] {
        let report = with(text).platc(&["check", "--format", "junit"]).stdout;
        let (accepted, said) = accepts(&report);
        assert!(accepted, "{said}");
        assert!(
            !accepts(&report.replacen("<testcase ", "<case ", 1).replacen("</testcase>", "</case>", 1)).0
        );
    }
}

#[test]
fn a_plan_says_what_was_decided_and_why() {
    let sandbox = Sandbox::hello();
    let plan = sandbox.platc(&["plan"]);
    assert!(plan.code == 0 && plan.stderr.is_empty(), "{plan:?}");
    for part in ["cluster ", "\nhost ", "web at ", "pod range ", "platform.kdl:", "\nrules\n", "fits on "] {
        assert!(plan.stdout.contains(part), "{part}: {}", plan.stdout);
    }
    let web = sandbox.platc(&["plan", "--about", "web"]).stdout;
    assert!(web.starts_with("web at ") && !web.contains("\nhost "), "{web}");
    let data = json(&sandbox.platc(&["plan", "--format", "json"]).stdout);
    let decisions = data["decisions"].as_array().expect("a list");
    let pods = decisions.iter().find(|one| one["what"] == "pod range").expect("a host has one");
    assert!(pods["rule"].is_string() && pods["why"].is_string() && pods["place"]["line"].is_u64(), "{pods}");
    let wrong = sandbox.platc(&["plan", "--about", "wbe"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("`web`"), "{wrong:?}");
}

#[test]
fn the_reference_has_a_page_for_each_kind() {
    let sandbox = Sandbox::empty();
    let run = sandbox.platc(&["schema", "--reference", "reference"]);
    assert!(run.code == 0 && run.stdout.is_empty(), "{run:?}");
    let list = fs::read_to_string(sandbox.path("reference/README.md")).expect("a list");
    assert_eq!(sandbox.platc(&["explain", "kinds"]).stdout, list);
    let kinds = json(&sandbox.platc(&["schema"]).stdout)["properties"].clone();
    for kind in kinds.as_object().expect("kinds by name").keys() {
        assert!(list.contains(&format!("[{kind}]({kind}.md)")), "{kind}: {list}");
        let page = fs::read_to_string(sandbox.path(&format!("reference/{kind}.md"))).expect("a page");
        assert!(
            (page.contains("\n- `") || page.contains("\nDeclarations inside of it: "))
                && page.contains("```kdl\n"),
            "{kind}: {page}"
        );
        assert_eq!(sandbox.platc(&["explain", kind]).stdout, page);
    }
}

#[test]
fn golden_files_are_written_when_asked_and_compared_ever_after() {
    let sandbox = Sandbox::hello();
    let test = "test \"the web, as reviewed\" {\n    golden \"clusters/**/*web.yaml\"\n}\n";
    fs::write(sandbox.path("tests.kdl"), test).expect("it can be written");
    let first = sandbox.platc(&["test"]);
    assert!(first.code == 1 && first.stderr.contains("it is not kept yet"), "{first:?}");
    let blessed = sandbox.platc(&["test", "--bless"]);
    assert!(blessed.code == 0 && blessed.stderr.contains("wrote golden/the-web-as-reviewed/"), "{blessed:?}");
    assert_eq!(sandbox.platc(&["test"]).code, 0);
    sandbox.edit("platform.kdl", "replicas=2", "replicas=3");
    let changed = sandbox.platc(&["test"]);
    assert!(
        changed.code == 1 && changed.stderr.contains("note: line ") && changed.stderr.contains("` and is `"),
        "{changed:?}"
    );
    assert_eq!(sandbox.platc(&["test", "--bless"]).code, 0);
    // What nothing makes any more is a difference, too, and goes when that is blessed.
    fs::write(sandbox.path("golden/the-web-as-reviewed/old.yaml"), "a: 1\n").expect("it can be written");
    let left = sandbox.platc(&["test"]);
    assert!(left.code == 1 && left.stderr.contains("old.yaml"), "{left:?}");
    assert!(sandbox.platc(&["test", "--bless"]).stderr.contains("removed "));
    assert!(!sandbox.path("golden/the-web-as-reviewed/old.yaml").exists());
}
