//! Policies that do what none should. Each is named in a finding with the limit that it hit, and none takes
//! down another policy, or the process.

use std::sync::Arc;

use platc_artifact::judge::{Judge as _, Phase, PolicyUse};
use platc_artifact::view::View;
use platc_diag::codes;

use crate::fake::{Fake, services};
use crate::guest::{Guest, RawFinding, WIT};
use crate::support::{file, found, host, judge, library, load, refused, texts, threads};

fn view() -> Arc<dyn View> {
    services(10).view()
}

/// What a policy finds whose check is `body`, with `extra` beside its functions.
fn checking(extra: &str, body: &str) -> Vec<String> {
    let mut guest = Guest::new();
    guest.extra = extra.into();
    guest.validate = body.into();
    found(file("hostile", guest.module()), &view())
}

const ENDLESS: &str = "(loop $again (br $again)) unreachable";
const GREEDY: &str = "(loop $again (drop (memory.grow (i32.const 16))) (br $again)) unreachable";
const DEEP: (&str, &str) = ("(func $deeper (call $deeper) (call $deeper))", "(call $deeper) unreachable");

#[test]
fn an_endless_loop_runs_out_of_fuel() {
    let found = checking("", ENDLESS);
    assert_eq!(
        found,
        [
            "E0720 4..8: policy `hostile` computed for longer than it may: its limit is 2002000000 units of fuel"
        ]
    );
}

#[test]
fn a_memory_bomb_hits_its_limit() {
    assert_eq!(checking("", GREEDY), ["E0721 4..8: policy `hostile` asked for more memory than its 256 MiB"]);
    // At once, and with memory that is there from the start.
    let at_once = "(drop (memory.grow (i32.const 60000))) unreachable";
    assert_eq!(
        checking("", at_once),
        ["E0721 4..8: policy `hostile` asked for more memory than its 256 MiB"]
    );
}

#[test]
fn a_table_bomb_hits_its_limit() {
    let table = "(table $t 1 funcref)";
    let body =
        "(loop $again (drop (table.grow $t (ref.null func) (i32.const 1000))) (br $again)) unreachable";
    assert_eq!(
        checking(table, body),
        ["E0721 4..8: policy `hostile` asked for more than 131072 entries in its tables"]
    );
}

#[test]
fn tables_share_one_limit() {
    let mut guest = Guest::new();
    guest.extra = "(table 2000 funcref)".repeat(90);
    assert_eq!(
        refused(file("hostile", guest.module())),
        ["E0721 4..8: policy `hostile` asked for more than 131072 entries in its tables"]
    );
}

/// A component with an empty module behind everything else, instantiated so many times.
fn of_many_parts(n: u32) -> Vec<u8> {
    let number = |mut n: u32| {
        let mut bytes = Vec::new();
        while n >= 0x80 {
            bytes.push(u8::try_from(n & 0x7f).expect("seven bits") | 0x80);
            n >>= 7;
        }
        bytes.push(u8::try_from(n).expect("seven bits"));
        bytes
    };
    let section = |id: u8, contents: &[u8]| {
        let length = u32::try_from(contents.len()).expect("it is small");
        [&[id], &*number(length), contents].concat()
    };
    let mut component = Guest::new().component_of(WIT);
    let mut depth = 0;
    let mut n_modules = 0;
    for payload in wasmparser::Parser::new(0).parse_all(&component) {
        match payload.expect("it is valid") {
            wasmparser::Payload::ModuleSection { .. } => {
                n_modules += u32::from(depth == 0);
                depth += 1;
            }
            wasmparser::Payload::ComponentSection { .. } => depth += 1,
            wasmparser::Payload::End(_) => depth -= 1,
            _ => {}
        }
    }
    let instance = [vec![0], number(n_modules), vec![0]].concat();
    component.extend(section(1, b"\0asm\x01\0\0\0"));
    component.extend(section(2, &[number(n), instance.repeat(n as usize)].concat()));
    component
}

#[test]
fn a_policy_has_so_many_parts_and_no_more() {
    // How many the wrapper needs is its own business, so the first number that is too large is searched for.
    let refusal = |n| texts(host().load(&[file("hostile", of_many_parts(n))], threads(1)).problems());
    let first = (240..=256).find(|n| !refusal(*n).is_empty()).expect("the limit is passed");
    assert!(first > 240, "as many as the limit are taken");
    assert_eq!(
        refusal(first),
        ["E0721 4..8: policy `hostile` is made of more parts than 256: instance count too high at 257"]
    );
}

#[test]
fn deep_recursion_ends_the_policy_and_not_the_process() {
    let expected = ["E0723 4..8: policy `hostile` called itself too deeply: its stack may have 1024 KiB"];
    assert_eq!(checking(DEEP.0, DEEP.1), expected);
    // With frames as large as they get.
    let locals = "(local i64)".repeat(5_000);
    let sums: String = (0..5_000).map(|n| format!("(local.set {n} (i64.const {n}))")).collect();
    let uses: String = (0..5_000).map(|n| format!("(drop (local.get {n}))")).collect();
    let large = format!("(func $deeper {locals} {sums} (call $deeper) {uses})");
    assert_eq!(checking(&large, DEEP.1), expected);
}

#[test]
fn recursion_that_calls_the_host_at_its_end_does_not_overflow_its_thread() {
    // A frame of the host on top of a full stack is what the larger stack of the thread is for.
    let extra = r#"
        (import "platc:policy/model@0.1.0" "select" (func $select (param i32 i32 i32 i32 i32)))
        (func $deeper
            (global.set $heap (i32.const 983040))
            (call $select (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 512))
            (call $deeper))"#;
    let found = checking(extra, "(call $deeper) unreachable");
    assert_eq!(found, ["E0723 4..8: policy `hostile` called itself too deeply: its stack may have 1024 KiB"]);
}

#[test]
fn too_much_output_is_refused() {
    let mut guest = Guest::new();
    let long = guest.bytes(&[b'x'; 1 << 16]);
    // One text of 64 KiB, 257 times: the host would hold 16 MiB and a little.
    let finding = RawFinding { message: long, ..guest.at(0, "", "") };
    guest.findings(&vec![finding; 257]);
    let found = found(file("hostile", guest.module()), &view());
    assert_eq!(found, ["E0724 4..8: policy `hostile` handed over more than 16 MiB at once"]);
}

#[test]
fn malformed_output_is_refused() {
    let malformed = |spoil: &dyn Fn(&mut Guest, &mut RawFinding)| {
        let mut guest = Guest::new();
        let mut finding = guest.at(0, "", "message");
        spoil(&mut guest, &mut finding);
        guest.findings(&[finding]);
        found(file("hostile", guest.module()), &view())
    };
    let begins = "E0733 4..8: what policy `hostile` handed over is malformed: ";
    for found in [
        malformed(&|guest, finding| finding.message = guest.bytes(b"\xff\xfe")),
        malformed(&|_, finding| finding.message = (0xffff_0000, 0xffff)),
        malformed(&|_, finding| finding.severity = 3),
        checking("", "(i32.const -4)"),
        checking("", "(i32.const 1025)"),
    ] {
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(begins), "{found:?}");
    }
}

#[test]
fn a_list_longer_than_memory_is_refused() {
    let mut guest = Guest::new();
    let finding = guest.at(0, "", "message");
    guest.findings(&[finding]);
    // The list's length is the last word that was laid out; here it is stored anew before it is handed over.
    let list = guest.validate.clone();
    guest.validate = format!("(i32.store offset=8 {list} (i32.const 0x7fffffff)) {list}");
    let found = found(file("hostile", guest.module()), &view());
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("E0733 ") || found[0].starts_with("E0724 "), "{found:?}");
}

#[test]
fn forged_nodes_and_pointers_are_reported_and_the_rest_stands() {
    let mut guest = Guest::new();
    let findings = [
        guest.at(10, "", "one too far"),
        guest.at(u32::MAX, "", "much too far"),
        guest.at(9, "/image", "honest"),
        guest.at(3, "image", "no slash"),
        guest.at(4, "/~2", "no escape"),
        RawFinding { rule: guest.str("other"), ..guest.at(5, "", "of no rule") },
    ];
    guest.findings(&findings);
    let verdict = judge(&[file("hostile", guest.module())], &view()).remove(0);
    assert_eq!(
        texts(&verdict.findings),
        [
            "hostile/r 910..919: honest",
            "E0731 4..8: policy `hostile` used `image` as a pointer: a pointer is empty or begins with `/`",
            "E0731 4..8: policy `hostile` used `/~2` as a pointer: in a pointer `~` is written `~0` and `/` inside a name `~1`",
            "E0732 4..8: policy `hostile` does not declare a rule `other`",
            "E0730 4..8: policy `hostile` points at node 10 of a model that has 10",
            "E0730 4..8: policy `hostile` points at node 4294967295 of a model that has 10",
        ]
    );
    assert_eq!(verdict.findings[1].notes(), ["it says: no slash"]);
}

#[test]
fn text_of_a_policy_moves_no_cursor_and_has_an_end() {
    let mut guest = Guest::new();
    let long = "é".repeat(5_000);
    let findings = [guest.at(0, "", "red \u{1b}[31m"), guest.at(1, "", &long)];
    guest.findings(&findings);
    let verdict = judge(&[file("hostile", guest.module())], &view()).remove(0);
    assert_eq!(verdict.findings[0].message(), "red \u{fffd}[31m");
    assert_eq!(verdict.findings[1].message(), format!("{}…", "é".repeat(4_096)));
}

#[test]
fn traps_are_named_with_the_rule_that_was_broken() {
    assert_eq!(
        checking("", "unreachable"),
        ["E0726 4..8: policy `hostile` broke down: wasm `unreachable` instruction executed"]
    );
    assert_eq!(
        checking("", "(i32.div_s (i32.const 1) (i32.const 0))"),
        ["E0726 4..8: policy `hostile` broke down: integer divide by zero"]
    );
    assert_eq!(
        checking("", "(i32.load (i32.const -4))"),
        ["E0726 4..8: policy `hostile` broke down: out of bounds memory access"]
    );
}

#[test]
fn a_trap_shows_where_it_happened() {
    let mut guest = Guest::new();
    guest.extra = "(func $inner_check unreachable)".into();
    guest.validate = "(call $inner_check) unreachable".into();
    let verdict = judge(&[file("hostile", guest.module())], &view()).remove(0);
    assert!(
        verdict.findings[0].notes().iter().any(|note| note == "in `inner_check`"),
        "{:?}",
        verdict.findings
    );
}

#[test]
fn a_panic_has_the_last_words() {
    let mut guest = Guest::new();
    let (at, length) = guest.str("index 7 is out of bounds, src/lib.rs:12");
    guest.extra = r#"(import "platc:policy/log@0.1.0" "abort" (func $abort (param i32 i32)))"#.into();
    guest.validate = format!("(call $abort (i32.const {at}) (i32.const {length})) unreachable");
    let found = found(file("hostile", guest.module()), &view());
    assert_eq!(found, ["E0727 4..8: policy `hostile` panicked: index 7 is out of bounds, src/lib.rs:12"]);
}

#[test]
fn a_policy_that_gives_up_is_an_error() {
    let mut guest = Guest::new();
    guest.gives_up("no cluster has a name");
    let found = found(file("hostile", guest.module()), &view());
    assert_eq!(found, ["E0728 4..8: policy `hostile` cannot judge: no cluster has a name"]);
}

#[test]
fn a_policy_that_keeps_asking_runs_out_of_host_work() {
    let extra = r#"(import "platc:policy/model@0.1.0" "model-version" (func $version (param i32)))"#;
    // The answer is a text in the guest's memory, always put at the same place.
    let body = format!(
        "(loop $again (global.set $heap (i32.const {})) (call $version (i32.const 512)) (br $again)) unreachable",
        15 << 16
    );
    let found = checking(extra, &body);
    assert_eq!(
        found,
        ["E0722 4..8: policy `hostile` asked more of the host than its 50020000 units of work"]
    );
}

#[test]
fn a_policy_that_lets_go_of_nothing_runs_out_of_handles_or_work() {
    let extra = r#"(import "platc:policy/model@0.1.0" "by-id" (func $by_id (param i32 i32)))"#;
    let body = "(loop $again (call $by_id (i32.const 1) (i32.const 512)) (br $again)) unreachable";
    let mut guest = Guest::new();
    guest.extra = extra.into();
    guest.validate = body.into();
    let plenty = PolicyUse {
        limits: platc_artifact::judge::LimitOverrides { host_work: Some(1 << 40), ..Default::default() },
        ..file("hostile", guest.module())
    };
    assert_eq!(
        found(plenty, &view()),
        ["E0722 4..8: policy `hostile` held more than 1048576 handles of nodes at once"]
    );
}

#[test]
fn asking_with_a_text_that_is_no_pointer_ends_the_run() {
    let mut guest = Guest::new();
    let (at, length) = guest.str("probes");
    let paths = guest.words(&[at, length]);
    guest.extra =
        r#"(import "platc:policy/model@0.1.0" "select" (func $select (param i32 i32 i32 i32 i32)))"#.into();
    guest.validate = format!(
        "(call $select (i32.const 0) (i32.const 0) (i32.const {paths}) (i32.const 1) (i32.const 512)) unreachable"
    );
    let found = found(file("hostile", guest.module()), &view());
    assert_eq!(
        found,
        ["E0731 4..8: policy `hostile` used `probes` as a pointer: a pointer is empty or begins with `/`"]
    );
}

#[test]
fn describing_itself_has_the_same_limits() {
    let mut guest = Guest::new();
    guest.extra = "(func $start (loop $again (br $again))) (start $start)".into();
    let refused = refused(file("hostile", guest.module()));
    assert_eq!(
        refused,
        [
            "E0720 4..8: policy `hostile` computed for longer than it may: its limit is 2000000000 units of fuel"
        ]
    );
}

#[test]
fn a_description_that_cannot_be_used_is_refused() {
    for (rule, schema, says) in [
        ("No Label", "{}", "its rule `No Label` is not lower case letters, digits and dashes"),
        ("r", "{", "the schema of its settings is no JSON: EOF while parsing an object at line 1 column 1"),
    ] {
        let refused = refused(file("hostile", Guest::describing(rule, schema).module()));
        assert_eq!(
            refused,
            [format!("E0708 4..8: policy `hostile` does not describe itself properly: {says}")]
        );
    }
    for schema in
        [r#"{"type": 7}"#, r#"{"$ref": "https://elsewhere.example/schema.json"}"#, r##"{"$ref": "#"}"##]
    {
        let refused = refused(file("hostile", Guest::describing("r", schema).module()));
        assert!(refused[0].starts_with("E0708 ") && refused[0].contains("schema"), "{refused:?}");
    }
}

#[test]
fn a_policy_may_refuse_its_settings() {
    let mut guest = Guest::new();
    guest.refuses("/most", "must be even");
    let mut policy = file("hostile", guest.module());
    policy.settings = r#"{ "most": 7 }"#.into();
    policy.setting_spans.insert("/most".into(), platc_diag::Span::new(platc_diag::FileId(9), 20, 21));
    assert_eq!(refused(policy), ["E0710 20..21: policy `hostile` does not take this setting: must be even"]);
}

#[test]
fn none_takes_down_another_policy() {
    let hostile = |body: &str, extra: &str, name: &str| {
        let mut guest = Guest::new();
        guest.validate = body.into();
        guest.extra = extra.into();
        file(name, guest.module())
    };
    let uses = [
        hostile(ENDLESS, "", "a-endless"),
        hostile(GREEDY, "", "b-greedy"),
        hostile(DEEP.1, DEEP.0, "c-deep"),
        hostile("unreachable", "", "d-trap"),
        file("e-foreign", *b"#!/bin/sh\nexit 0\n"),
        library("require-probes"),
    ];
    let view = view();
    let alone = judge(&[library("require-probes")], &view);
    let host = host();
    for n in [1, 4] {
        let policies = host.load(&uses, threads(n));
        assert_eq!(policies.problems().len(), 1, "only the foreign file does not load");
        let verdicts = policies.validate(Phase::Model, &view, threads(n));
        let codes: Vec<_> = verdicts
            .iter()
            .map(|verdict| (&*verdict.policy, verdict.findings[0].code().id().to_owned()))
            .collect();
        assert_eq!(
            codes,
            [
                ("a-endless", codes::E0720.id().to_owned()),
                ("b-greedy", codes::E0721.id().to_owned()),
                ("c-deep", codes::E0723.id().to_owned()),
                ("d-trap", codes::E0726.id().to_owned()),
                ("require-probes", "require-probes/readiness".to_owned()),
            ]
        );
        assert_eq!(verdicts.last(), alone.last(), "its verdict and its cost are those that it has alone");
    }
}

#[test]
fn nothing_is_kept_from_one_run_to_the_next() {
    let mut guest = Guest::new();
    let finding = guest.at(0, "", "seen before");
    guest.findings(&[finding]);
    // Finds something only if a global was changed by an earlier run.
    guest.extra = "(global $seen (mut i32) (i32.const 0))".into();
    let list = guest.validate.clone();
    guest.validate = format!(
        "(local i32) (local.set 1 (global.get $seen)) (global.set $seen (i32.const 1))
         (i32.store offset=8 {list} (local.get 1)) {list}"
    );
    let host = host();
    let policies = load(&host, &[file("hostile", guest.module())]);
    for _ in 0..3 {
        for phase in [Phase::Model, Phase::Artifacts] {
            let verdict = policies.validate(phase, &view(), threads(1)).remove(0);
            assert_eq!(texts(&verdict.findings), [""; 0]);
        }
    }
}

#[test]
fn an_empty_model_is_no_special_case() {
    assert_eq!(found(library("require-probes"), &Fake::default().view()), [""; 0]);
}
