//! Each limit of a run, at it and one above. Those of files and of stacks are with their own tests.

use platc_artifact::judge::{Judge as _, LimitOverrides, Phase, PolicyUse};
use platc_diag::limits;

use crate::fake::services;
use crate::guest::{Guest, RawFinding};
use crate::support::{file, found, host, judge, load, texts, threads};

fn limited(guest: &Guest, limits: LimitOverrides) -> PolicyUse {
    PolicyUse { limits, ..file("p", guest.module()) }
}

/// A policy that computes, asks and grows a little.
fn busy() -> Guest {
    let mut guest = Guest::new();
    let finding = guest.at(0, "", "done");
    guest.findings(&[finding]);
    guest.extra =
        r#"(import "platc:policy/model@0.1.0" "select" (func $select (param i32 i32 i32 i32 i32)))"#.into();
    guest.validate = format!(
        "(drop (memory.grow (i32.const 16)))
         (call $select (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 512))
         {}",
        guest.validate
    );
    guest
}

#[test]
fn exactly_as_much_as_is_needed_is_enough() {
    let (guest, view) = (busy(), services(5).view());
    let cost = judge(&[file("p", guest.module())], &view)[0].cost;
    assert_eq!(cost.memory_bytes_max, 2 << 20, "1 MiB to begin with, 1 MiB more");
    let enough = LimitOverrides {
        fuel: None,
        memory_bytes: Some(cost.memory_bytes_max),
        host_work: Some(cost.host_work),
        findings: Some(1),
    };
    assert_eq!(found(limited(&guest, enough), &view), ["p/r 0..9: done"]);
    for (short, code) in [
        (LimitOverrides { memory_bytes: Some(cost.memory_bytes_max - 1), ..enough }, "E0721"),
        (LimitOverrides { host_work: Some(cost.host_work - 1), ..enough }, "E0722"),
    ] {
        let found = found(limited(&guest, short), &view);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(code), "{found:?}");
    }
}

#[test]
fn fuel_is_exact() {
    let mut guest = Guest::new();
    let nothing = guest.validate.clone();
    guest.validate = format!(
        "(local i32)
         (loop $again
            (local.set 1 (i32.add (local.get 1) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get 1) (i32.const 1000))))
         {nothing}"
    );
    let view = services(1).view();
    let runs =
        |fuel| found(limited(&guest, LimitOverrides { fuel: Some(fuel), ..Default::default() }), &view);
    // Fuel is looked at where loops go round and functions begin, so the least that is enough is a little
    // less than what is used. There is one number below which it is too little, and none above.
    let cost = judge(&[file("p", guest.module())], &view)[0].cost;
    let (mut short, mut enough) = (1_000, cost.fuel);
    while enough - short > 1 {
        let middle = short + (enough - short) / 2;
        if runs(middle).is_empty() { enough = middle } else { short = middle }
    }
    assert!(cost.fuel - enough < 50, "{enough} of {}", cost.fuel);
    let says =
        format!("E0720 4..8: policy `p` computed for longer than it may: its limit is {short} units of fuel");
    assert_eq!(runs(short), [says]);
}

#[test]
fn a_limit_that_is_too_low_to_begin_with_is_named_when_loading() {
    let starved = limited(&busy(), LimitOverrides { memory_bytes: Some(1 << 10), ..Default::default() });
    let policies = host().load(&[starved], threads(1));
    assert_eq!(texts(policies.problems()), ["E0721 4..8: policy `p` asked for more memory than its 0 MiB"]);
}

#[test]
fn as_many_findings_as_the_limit_are_all_kept() {
    let view = services(1).view();
    let many = |n: usize| {
        let mut guest = Guest::new();
        let finding = guest.at(0, "", "x");
        let findings = vec![finding; n];
        guest.findings(&findings);
        found(file("p", guest.module()), &view)
    };
    assert_eq!(many(limits::POLICY_FINDINGS).len(), limits::POLICY_FINDINGS);
    let above = many(limits::POLICY_FINDINGS + 1);
    assert_eq!(above.len(), limits::POLICY_FINDINGS + 1);
    assert_eq!(
        above.last().map(String::as_str),
        Some("E0725 4..8: policy `p` gave 10001 findings, and 10000 is the most")
    );
}

#[test]
fn the_first_findings_in_the_order_of_the_model_are_kept() {
    let mut guest = Guest::new();
    let findings = [3, 1, 2].map(|node| guest.at(node, "", "x"));
    guest.findings(&findings);
    let two = limited(&guest, LimitOverrides { findings: Some(2), ..Default::default() });
    assert_eq!(
        found(two, &services(5).view()),
        ["p/r 100..109: x", "p/r 200..209: x", "E0725 4..8: policy `p` gave 3 findings, and 2 is the most"]
    );
}

#[test]
fn output_may_be_as_large_as_the_limit_and_no_larger() {
    // 255 findings of 64 KiB leave room for the records and one text that fills it up.
    let view = services(1).view();
    let findings = |last: u32| {
        let mut guest = Guest::new();
        let long = guest.bytes(&[b'x'; 1 << 16]);
        let finding = RawFinding { message: long, rule: guest.str("r"), ..guest.at(0, "", "") };
        let mut findings = vec![finding; 256];
        findings[255].message = (long.0, last);
        guest.findings(&findings);
        found(file("p", guest.module()), &view)
    };
    // What a record costs is wasmtime's business, so the last length that fits is searched for.
    let (mut fits, mut too_long) = (0, 1 << 16);
    while too_long - fits > 1 {
        let middle = fits + (too_long - fits) / 2;
        if findings(middle).len() == 256 { fits = middle } else { too_long = middle }
    }
    assert!(fits > 0 && too_long < 1 << 16, "the limit lies between: {fits}");
    assert_eq!(findings(fits + 1), ["E0724 4..8: policy `p` handed over more than 16 MiB at once"]);
}

#[test]
fn the_log_is_kept_up_to_its_limit() {
    let mut guest = Guest::new();
    let (at, length) = guest.bytes(&[b'x'; 1 << 10]);
    guest.extra = r#"(import "platc:policy/log@0.1.0" "debug" (func $debug (param i32 i32)))"#.into();
    guest.validate = format!(
        "(local i32)
         (loop $again
            (call $debug (i32.const {at}) (i32.const {length}))
            (local.set 1 (i32.add (local.get 1) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get 1) (i32.const 65))))
         {}",
        guest.validate
    );
    let policies = load(&host(), &[file("p", guest.module())]);
    let verdict = policies.validate(Phase::Model, &services(1).view(), threads(1)).remove(0);
    assert_eq!(verdict.log.iter().map(String::len).sum::<usize>(), limits::POLICY_LOG_BYTES);
    assert_eq!(texts(&verdict.findings), [""; 0]);
}
