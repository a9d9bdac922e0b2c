//! Killed at one operation on the disk after the other: the build before stays whole, the store
//! holds no wrong bytes, and the next build repairs what was left.
//!
//! The child kills itself with SIGKILL before its k-th operation (a write is two: one can be killed with
//! half of its bytes written), for one k after the other until it comes through. No clock, no chance.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;

use rustix::io::Errno;

use super::faults::{Plan, Then};
use super::help::*;
use crate::{Digest, Keep, Store};

/// What all scenarios together must try at least.
const KILL_POINTS_MIN: usize = 500;

/// What is there before, what is killed, and whether what is there before is whole.
struct Scenario {
    name: &'static str,
    prepare: fn(&Store),
    damaged: bool,
    /// Every so many operations: all of them where two builds meet, fewer where most are alike.
    every: usize,
}

const SCENARIOS: [Scenario; 9] = [
    Scenario { name: "first", prepare: |_| {}, damaged: false, every: 2 },
    Scenario { name: "threads", prepare: |_| {}, damaged: false, every: 4 },
    Scenario { name: "second", prepare: |store| _ = drive(store, 1).unwrap(), damaged: false, every: 1 },
    Scenario { name: "copies", prepare: |store| _ = drive(store, 1).unwrap(), damaged: false, every: 2 },
    Scenario { name: "about", prepare: |store| _ = drive(store, 2).unwrap(), damaged: false, every: 1 },
    Scenario { name: "switch", prepare: prepare_switch, damaged: false, every: 1 },
    Scenario {
        name: "gc",
        prepare: |store| (1..5).for_each(|version| _ = drive(store, version).unwrap()),
        damaged: false,
        every: 2,
    },
    Scenario { name: "boot", prepare: prepare_boot, damaged: true, every: 1 },
    Scenario { name: "repair", prepare: prepare_repair, damaged: true, every: 2 },
];

#[test]
fn killed_at_one_operation_after_the_other() {
    in_memory("tests::crash::killed_at_one_operation_after_the_other", kill_everywhere);
}

fn kill_everywhere(sandbox: &Sandbox) {
    let expected = id_of(2, sandbox);
    let mut tried = 0;
    for scenario in &SCENARIOS {
        let killed = (0..)
            .step_by(scenario.every)
            .take_while(|passing| killed_after(*passing, scenario, sandbox, expected))
            .count();
        println!("{}: killed at {killed} instants", scenario.name);
        tried += killed;
    }
    println!("killed at {tried} instants in all");
    assert!(tried >= KILL_POINTS_MIN, "only {tried} instants were tried");
}

/// Tells whether the child was killed at all: after so many operations it may have come through.
fn killed_after(passing: u64, scenario: &Scenario, sandbox: &Sandbox, expected: crate::BuildId) -> bool {
    let dist = sandbox.dist("dist");
    let store = store(&dist);
    (scenario.prepare)(&store);
    let before = store.current().unwrap();

    let what = [scenario.name, dist.to_str().unwrap(), &passing.to_string()];
    let output = again("tests::crash::child", &what).output().unwrap();
    let killed = output.status.signal() == Some(9);
    if !killed {
        assert_success(&output);
    }

    let context = format!("{}, killed after {passing} operations", scenario.name);
    let current = store.current().unwrap();
    assert!(current == before || current == Some(expected), "{context}: current is {current:?}");
    if !scenario.damaged {
        whole_after_a_kill(&store, &context);
    }

    // The next build repairs, and nobody can see that anything happened.
    assert_eq!(drive(&store, 2).unwrap(), expected, "{context}");
    assert_eq!(store.current().unwrap(), Some(expected), "{context}");
    assert_tidy(&dist);
    let report = store.verify().unwrap();
    assert!(report.is_clean(), "{context}: {:#?}", report.troubles);
    killed
}

/// Right after the kill: every build that has its name is whole, every object is right, and of the
/// store's own files only a last line or record may be torn.
fn whole_after_a_kill(store: &Store, context: &str) {
    if !store.dist().join("store/sha256").is_dir() || !store.dist().join("store/tmp").is_dir() {
        return;
    }
    for trouble in store.verify().unwrap().troubles {
        let own = ["log", "suspects"].iter().any(|name| trouble.path.ends_with(name));
        assert!(own, "{context}: {trouble}");
    }
}

fn prepare_switch(store: &Store) {
    drive(store, 2).unwrap();
    drive(store, 1).unwrap();
}

/// A build whose objects were damaged in three ways, found by `verify`, and a damaged log.
fn prepare_repair(store: &Store) {
    drive(store, 1).unwrap();
    drive(store, 2).unwrap();
    let object = |bytes: &[u8]| store.dist().join("store/sha256").join(Digest::of(bytes).object_name());
    overwrite(&object(b"all: {}\n"), b"ALL: {}\n");
    overwrite(&object(b"version: 2\n"), b"short");
    fs::remove_file(object(b"#!/bin/sh\n")).unwrap();
    let log = store.dist().join("log");
    let mut bytes = fs::read(&log).unwrap();
    bytes[3] ^= 1;
    fs::write(&log, bytes).unwrap();
    let report = store.verify().unwrap();
    store.distrust(&report).unwrap();
}

/// The machine went down while somebody wrote: an object has its name and size, but not its bytes.
fn prepare_boot(store: &Store) {
    drive(store, 1).unwrap();
    drive(store, 2).unwrap();
    let bytes = b"version: 2\n";
    overwrite(&store.dist().join("store/sha256").join(Digest::of(bytes).object_name()), &[0; 11]);
    fs::write(store.dist().join("store/tmp/4711-0-another.lock"), "").unwrap();
}

fn overwrite(path: &Path, bytes: &[u8]) {
    let permissions = fs::metadata(path).unwrap().permissions();
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, permissions).unwrap();
}

#[test]
fn child() {
    let Some(asked) = asked() else { return };
    let [scenario, dist, passing] = asked.as_slice() else { return };
    let plan = Plan::new(passing.parse().unwrap(), Then::Kill);
    let dist = Path::new(dist);
    let mut store = store_with(dist, &plan);
    match scenario.as_str() {
        "threads" => {
            let build = store.begin().unwrap();
            put_all(&build, &sample(2), 3).unwrap();
            build.finish(&finish(2)).unwrap();
        }
        "copies" => {
            // The same count goes on where links are refused.
            store.faults.no_links = Some(Errno::XDEV);
            drive(&store, 2).unwrap();
        }
        "about" => {
            let build = store.begin().unwrap();
            put_all(&build, &sample(2), 1).unwrap();
            build.finish(&crate::Finish { about: about("other"), ..finish(2) }).unwrap();
        }
        "switch" => {
            let second = store.previous().unwrap().unwrap();
            store.switch(&second, &at(9)).unwrap();
        }
        "gc" => drop(store.gc(&Keep { newest: 1, pinned: vec![] }).unwrap()),
        _ => drop(drive(&store, 2).unwrap()),
    }
}
