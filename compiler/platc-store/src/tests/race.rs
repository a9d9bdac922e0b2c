//! Two processes at once: builds with the same content and with different content, and `gc` beside a
//! build.

use std::path::Path;
use std::process::{Child, Stdio};

use super::help::*;
use crate::{Error, Keep};

/// Rounds: each starts two processes that build several versions one after the other.
const ROUNDS: usize = 12;

#[test]
fn two_processes_with_the_same_content() {
    race("same", [&[1, 2, 3], &[1, 2, 3]]);
}

#[test]
fn two_processes_with_different_content() {
    race("different", [&[1, 2, 3], &[4, 2, 5]]);
}

fn race(name: &str, versions: [&[u32]; 2]) {
    let sandbox = Sandbox::new(name);
    let expected: Vec<_> = versions.map(|versions| id_of(*versions.last().unwrap(), &sandbox)).to_vec();
    for _ in 0..ROUNDS {
        let dist = sandbox.dist("dist");
        let children: Vec<Child> = versions
            .iter()
            .map(|versions| {
                let versions: Vec<String> = versions.iter().map(u32::to_string).collect();
                let mut child = again("tests::race::child", &[dist.to_str().unwrap(), &versions.join(" ")]);
                child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        for child in children {
            assert_success(&child.wait_with_output().unwrap());
        }
        assert_clean(&dist);
        assert_tidy(&dist);
        let current = store(&dist).current().unwrap().unwrap();
        assert!(expected.contains(&current), "{current} is the last of neither");
        for id in &expected {
            assert_eq!(store(&dist).check_present(id).unwrap(), crate::Presence::Whole);
        }
    }
}

/// Whoever comes second is told so and goes away; what the other one needs stays.
#[test]
fn gc_beside_builds() {
    let sandbox = Sandbox::new("gc-race");
    let dist = sandbox.dist("dist");
    drive(&store(&dist), 1).unwrap();
    for _ in 0..ROUNDS {
        let children: Vec<Child> = ["2 3 4 1 2 3 4 1", "gc gc gc gc gc gc gc gc"]
            .iter()
            .map(|what| {
                let mut child = again("tests::race::child", &[dist.to_str().unwrap(), what]);
                child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        for child in children {
            assert_success(&child.wait_with_output().unwrap());
        }
        assert_clean(&dist);
        assert_tidy(&dist);
    }
}

#[test]
fn child() {
    let Some(asked) = asked() else { return };
    let [dist, what] = asked.as_slice() else { return };
    let store = store_on(Path::new(dist), 2);
    for what in what.split(' ') {
        let result = match what {
            "gc" => store.gc(&Keep { newest: 1, pinned: vec![] }).map(drop),
            version => drive(&store, version.parse().unwrap()).map(drop),
        };
        assert!(matches!(result, Ok(()) | Err(Error::Busy { .. })), "{result:?}");
    }
}
