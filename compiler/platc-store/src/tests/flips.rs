//! One bit is flipped in each file of a `dist` in turn: `verify` names it, and the next build repairs.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::help::*;
use crate::{Fault, Presence, Store};

/// Every file, names of one file once.
fn files(dist: &Path) -> Vec<PathBuf> {
    let mut inodes = Vec::new();
    let mut files: Vec<PathBuf> =
        names(dist).into_iter().filter(|path| path.is_file() && !path.is_symlink()).collect();
    files.retain(|path| {
        let stat = fs::metadata(path).unwrap();
        let new = !inodes.contains(&stat.ino());
        inodes.push(stat.ino());
        new && stat.len() > 0
    });
    files
}

/// Changes a byte where it lies, and leaves mode and size as they were.
fn flip(path: &Path, at: usize) {
    let permissions = fs::metadata(path).unwrap().permissions();
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x10;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, permissions).unwrap();
}

fn prepare(dist: &Path) -> Store {
    let store = store(dist);
    drive(&store, 1).unwrap();
    drive(&store, 2).unwrap();
    store
}

#[test]
fn a_flipped_bit_in_each_file() {
    in_memory("tests::flips::a_flipped_bit_in_each_file", flip_everywhere);
}

fn flip_everywhere(sandbox: &Sandbox) {
    let expected = id_of(2, sandbox);
    let dist = sandbox.dist("dist");
    prepare(&dist);
    let all = files(&dist);
    let kinds = ["build.json", "SHA256SUMS", "MANIFEST", "ROOT", "plan.json", "log"];
    for kind in kinds {
        assert!(all.iter().any(|path| path.ends_with(kind)), "{kind}");
    }
    let mut tried = 0;
    for file in all.iter().map(|path| path.strip_prefix(&dist).unwrap()) {
        let length = fs::metadata(prepare(&sandbox.dist("dist")).dist().join(file)).unwrap().len();
        let length = usize::try_from(length).unwrap();
        let mut places = vec![0, length / 2, length - 1];
        places.dedup();
        for at in places {
            let context = format!("`{}`, byte {at}", file.display());
            let dist = sandbox.dist("dist");
            let store = prepare(&dist);
            let path = dist.join(file);
            flip(&path, at);
            tried += 1;

            let report = store.verify().unwrap();
            let named = report.troubles.iter().any(|trouble| same_file(&trouble.path, &path));
            assert!(named, "{context}: {:#?}", report.troubles);
            store.distrust(&report).unwrap();

            assert_eq!(drive(&store, 2).unwrap(), expected, "{context}");
            assert_eq!(store.check_present(&expected).unwrap(), Presence::Whole, "{context}");
            assert_tidy(&dist);
            // What only the older build has comes back with the older build.
            drive(&store, 1).unwrap();
            drive(&store, 2).unwrap();
            let report = store.verify().unwrap();
            assert!(report.is_clean(), "{context}: {:#?}", report.troubles);
        }
    }
    println!("{tried} bits flipped in {} files", all.len());
}

/// The trouble is named by the file's own path, by another name of the same file, or (for the sums that
/// say of another file what it must be) by its directory.
fn same_file(named: &Path, path: &Path) -> bool {
    let inode = |path: &Path| fs::symlink_metadata(path).map(|stat| stat.ino()).ok();
    named == path
        || inode(named).is_some() && inode(named) == inode(path)
        || path.ends_with("SHA256SUMS") && named.parent() == path.parent()
}

/// What a build repairs, it also repairs in other builds that share it.
#[test]
fn builds_that_share_an_object_are_repaired_together() {
    let sandbox = Sandbox::new("shared");
    let dist = sandbox.dist("dist");
    let store = prepare(&dist);
    let object = dist.join("store/sha256").join(crate::Digest::of(b"all: {}\n").object_name());
    flip(&object, 0);
    // Only the one build was looked at.
    let report = store.verify_build(&store.find("current").unwrap()).unwrap();
    assert!(report.troubles.iter().all(|trouble| matches!(trouble.fault, Fault::Bytes { .. })));
    assert_eq!(report.troubles.len(), 2, "{:#?}", report.troubles);
    store.distrust(&report).unwrap();
    for id in store.builds().unwrap() {
        assert_eq!(store.check_present(&id).unwrap(), Presence::Suspect);
        assert!(store.switch(&id, &at(9)).is_err() || store.current().unwrap() == Some(id));
    }
    drive(&store, 2).unwrap();
    assert_clean(&dist);
    assert!(!dist.join("store/suspects").exists());
    for id in store.builds().unwrap() {
        assert_eq!(store.check_present(&id).unwrap(), Presence::Whole);
    }
}

#[test]
fn a_damaged_list_of_suspects_makes_everything_suspect() {
    let sandbox = Sandbox::new("suspects");
    let dist = sandbox.dist("dist");
    let store = prepare(&dist);
    let object = dist.join("store/sha256").join(crate::Digest::of(b"all: {}\n").object_name());
    flip(&object, 3);
    store.distrust(&store.verify().unwrap()).unwrap();
    flip(&dist.join("store/suspects"), 12);
    let report = store.verify().unwrap();
    assert!(report.troubles.iter().any(|trouble| trouble.path.ends_with("suspects")));
    drive(&store, 2).unwrap();
    assert_clean(&dist);
    assert!(!dist.join("store/suspects").exists());
}

/// The machine went down while somebody wrote: the lock file tells of another boot, and an object has
/// its name and size, but not its bytes.
#[test]
fn after_the_machine_went_down_nothing_is_trusted_by_its_size() {
    let sandbox = Sandbox::new("boot");
    let dist = sandbox.dist("dist");
    let store = prepare(&dist);
    let object = dist.join("store/sha256").join(crate::Digest::of(b"version: 2\n").object_name());
    let permissions = fs::metadata(&object).unwrap().permissions();
    fs::set_permissions(&object, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(&object, [0; 11]).unwrap();
    fs::set_permissions(&object, permissions).unwrap();
    // Nobody has looked, so nobody knows.
    drive(&store, 2).unwrap();
    assert!(!store.verify().unwrap().is_clean());
    fs::write(dist.join("store/tmp/4711-0-another.lock"), "").unwrap();
    fs::create_dir(dist.join("builds/.new-4711-0-another")).unwrap();
    drive(&store, 2).unwrap();
    assert_clean(&dist);
    assert_tidy(&dist);
}

#[test]
fn current_that_points_nowhere_is_named_and_mended() {
    let sandbox = Sandbox::new("current");
    let dist = sandbox.dist("dist");
    let store = prepare(&dist);
    let current = dist.join("current");
    let target = fs::read_link(&current).unwrap();
    for wrong in ["builds/nowhere", "/", &format!("builds/{}", "0".repeat(64))] {
        fs::remove_file(&current).unwrap();
        std::os::unix::fs::symlink(wrong, &current).unwrap();
        let report = store.verify().unwrap();
        assert!(
            matches!(&report.troubles[..], [trouble] if trouble.path == current && matches!(trouble.fault, Fault::Points { .. })),
            "{:#?}",
            report.troubles
        );
        drive(&store, 2).unwrap();
        assert_eq!(fs::read_link(&current).unwrap(), target);
        assert_clean(&dist);
    }
    fs::remove_file(&current).unwrap();
    assert_eq!(store.verify().unwrap().troubles[0].fault, Fault::Missing);
    drive(&store, 2).unwrap();
    assert_clean(&dist);
}

#[test]
fn what_does_not_belong_is_named() {
    let sandbox = Sandbox::new("extra");
    let dist = sandbox.dist("dist");
    let store = prepare(&dist);
    let id = store.current().unwrap().unwrap();
    let inside = dist.join(format!("builds/{id}/clusters"));
    fs::set_permissions(&inside, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(inside.join("b")).unwrap();
    fs::set_permissions(&inside, fs::Permissions::from_mode(0o555)).unwrap();
    let about = dist.join(format!("builds/{id}.about"));
    fs::set_permissions(&about, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(about.join("x"), "").unwrap();
    fs::set_permissions(&about, fs::Permissions::from_mode(0o555)).unwrap();
    fs::write(dist.join("store/sha256/README"), "").unwrap();
    fs::create_dir(dist.join("store/sha256/zz")).unwrap();
    fs::write(dist.join("builds/notes"), "").unwrap();
    // A running build's, and a user's own beside the builds.
    fs::create_dir(dist.join("builds/.new-1-1")).unwrap();
    fs::write(dist.join(".gitignore"), "*").unwrap();
    let report = store.verify().unwrap();
    let named: Vec<&Path> =
        report.troubles.iter().map(|trouble| trouble.path.strip_prefix(&dist).unwrap()).collect();
    let mut expected = vec![
        PathBuf::from("builds/notes"),
        PathBuf::from(format!("builds/{id}/clusters/b")),
        PathBuf::from(format!("builds/{id}.about/x")),
        PathBuf::from("store/sha256/README"),
        PathBuf::from("store/sha256/zz"),
    ];
    expected.sort();
    assert_eq!(named, expected);
    assert!(report.troubles.iter().all(|trouble| trouble.fault == Fault::Extra));
}
