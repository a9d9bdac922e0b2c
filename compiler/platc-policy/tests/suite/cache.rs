//! The cache of compiled plugins: what was stored is found, and what somebody else could have written, or
//! what is not what was stored, is named and not run.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use platc_artifact::judge::{Freshness, Judge as _, Phase};
use platc_policy::HostOptions;

use crate::fake::services;
use crate::guest::Guest;
use crate::support::{Scratch, file, host_with, texts, threads};

/// Whether the plugin came from the cache, and what was said about that, while loading and while judging.
fn load(cache: &Path) -> (bool, Vec<String>) {
    let host = host_with(HostOptions { cache: Some(cache.to_owned()), ..Default::default() });
    let mut guest = Guest::new();
    let finding = guest.at(0, "", "found");
    guest.findings(&[finding]);
    let policies = host.load(&[file("p", guest.module())], threads(1));
    let verdict = policies.validate(Phase::Model, &services(1).view(), threads(1)).remove(0);
    assert_eq!(verdict.freshness, Freshness::Ran);
    let (judged, said): (Vec<_>, Vec<_>) =
        verdict.findings.iter().cloned().partition(|found| found.code().id() == "p/r");
    assert_eq!(judged.len(), 1, "the verdict is the same whatever the cache holds");
    let said = texts(policies.problems()).into_iter().chain(texts(&said)).collect();
    (policies.loaded()[0].cached, said)
}

/// The one file with that ending.
fn stored(cache: &Path, ending: &str) -> PathBuf {
    let files =
        fs::read_dir(cache).expect("there is a cache").map(|entry| entry.expect("it can be listed").path());
    let mut found: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|found| found == ending)).collect();
    assert_eq!(found.len(), 1, "one plugin is stored: {found:?}");
    found.remove(0)
}

/// A cache with one plugin in it.
fn filled() -> (Scratch, PathBuf) {
    let scratch = Scratch::new();
    let cache = scratch.path().join("plugins");
    assert_eq!(load(&cache), (false, vec![]));
    (scratch, cache)
}

fn not_used(name: &Path, reason: &str) -> String {
    let name = name.display();
    format!("E0750 4..8: a file of the plugin cache was not used for policy `p`: `{name}`: {reason}")
}

#[test]
fn a_stored_plugin_is_found_again() {
    let (_scratch, cache) = filled();
    assert_eq!(load(&cache), (true, vec![]));
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&cache), 0o700);
    assert_eq!(mode(&stored(&cache, "cwasm")), 0o600);
    assert_eq!(
        fs::read_dir(&cache).expect("there is a cache").count(),
        2,
        "no temporary file is left behind"
    );
}

#[test]
fn a_poisoned_file_is_named_and_not_run() {
    for ending in ["cwasm", "json"] {
        for spoil in [
            (|bytes: &mut Vec<u8>| bytes[40] ^= 1) as fn(&mut Vec<u8>),
            |bytes| bytes.truncate(bytes.len() - 1),
            |bytes| bytes.truncate(7),
            Vec::clear,
            |bytes| bytes.push(0),
        ] {
            let (_scratch, cache) = filled();
            let path = stored(&cache, ending);
            let mut bytes = fs::read(&path).expect("it can be read");
            spoil(&mut bytes);
            fs::write(&path, bytes).expect("it can be written");
            let from_cache = ending == "cwasm";
            assert_eq!(
                load(&cache),
                (from_cache, vec![not_used(&path, "its contents are not what was stored")])
            );
            assert_eq!(load(&cache), (true, vec![]), "it was stored anew");
        }
    }
}

#[test]
fn a_file_that_others_may_write_is_not_trusted() {
    for mode in [0o620, 0o602] {
        let (_scratch, cache) = filled();
        let path = stored(&cache, "cwasm");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is ours");
        assert_eq!(load(&cache), (true, vec![not_used(&path, "others may write to it")]));
    }
}

#[test]
fn a_directory_that_others_may_write_is_not_trusted() {
    let (_scratch, cache) = filled();
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o777)).expect("it is ours");
    assert_eq!(load(&cache), (false, vec![not_used(&cache, "others may write to it")]));
}

#[test]
fn a_link_is_not_followed() {
    let (scratch, cache) = filled();
    let path = stored(&cache, "cwasm");
    let elsewhere = scratch.path().join("elsewhere");
    fs::rename(&path, &elsewhere).expect("it is ours");
    symlink(&elsewhere, &path).expect("it is ours");
    assert_eq!(load(&cache), (true, vec![not_used(&path, "it is a symbolic link")]));
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let (_scratch, cache) = filled();
    let path = stored(&cache, "cwasm");
    fs::remove_file(&path).expect("it is ours");
    fs::create_dir(&path).expect("it is ours");
    let (cached, said) = load(&cache);
    assert!(cached);
    assert!(said[0].contains("it is no file"), "{said:?}");
    // Nor can it be replaced, and that is said too.
    assert!(said[1].starts_with("E0751 "), "{said:?}");
}

#[test]
fn a_missing_file_is_compiled_again_without_a_word() {
    let (_scratch, cache) = filled();
    fs::remove_file(stored(&cache, "cwasm")).expect("it is ours");
    assert_eq!(load(&cache), (true, vec![]));
    fs::remove_file(stored(&cache, "json")).expect("it is ours");
    assert_eq!(load(&cache), (false, vec![]));
}

#[test]
fn a_place_that_cannot_be_a_directory_is_told() {
    let scratch = Scratch::new();
    let path = scratch.path().join("file");
    fs::write(&path, "").expect("it is ours");
    let (cached, said) = load(&path.join("plugins"));
    assert!(!cached);
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("E0751 4..8: the compiled plugin `p` could not be stored: "), "{said:?}");
}
