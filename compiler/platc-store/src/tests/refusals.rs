//! The system refuses: a full disk, missing permission, a read-only file system, no hard links.

use std::fs;
use std::path::Path;
use std::process::Command;

use rustix::io::Errno;

use super::faults::{Plan, Then};
use super::help::*;
use crate::{Error, Result, Store};

/// What the operations of a whole build are, counted.
fn operations(dist: &Path) -> u64 {
    let plan = Plan::new(u64::MAX, Then::Nothing);
    drive(&store_with(dist, &plan), 2).unwrap();
    plan.seen()
}

/// The refusal is told with path and action, unless what was refused was not needed.
fn told(result: Result<crate::BuildId>, kind: std::io::ErrorKind, dist: &Path, context: &str) -> bool {
    match result {
        Ok(_) => false,
        Err(error) => {
            assert_eq!(error.io_kind(), Some(kind), "{context}: {error}");
            let path = error.path().unwrap();
            assert!(path.starts_with(dist), "{context}: {error}");
            assert!(error.to_string().starts_with("cannot "), "{context}: {error}");
            true
        }
    }
}

/// Each operation of a build is refused in turn, by each refusal, once or from then on.
#[test]
fn each_operation_is_refused_in_turn() {
    in_memory("tests::refusals::each_operation_is_refused_in_turn", refuse_everywhere);
}

fn refuse_everywhere(sandbox: &Sandbox) {
    let expected = id_of(2, sandbox);
    let refusals = [
        // At every operation, or at every so many where most are alike.
        (Then::Full, std::io::ErrorKind::StorageFull, 1),
        (Then::FailOnce(Errno::NOSPC), std::io::ErrorKind::StorageFull, 1),
        (Then::FailAlways(Errno::ACCESS), std::io::ErrorKind::PermissionDenied, 3),
        (Then::FailAlways(Errno::ROFS), std::io::ErrorKind::ReadOnlyFilesystem, 3),
    ];
    let dist = sandbox.dist("dist");
    drive(&store(&dist), 1).unwrap();
    let count = operations(&dist);
    let mut refused = 0;
    for (then, kind, every) in refusals {
        for passing in (0..count).step_by(every) {
            let context = format!("{then:?} after {passing}");
            let dist = sandbox.dist("dist");
            let store = store(&dist);
            let before = drive(&store, 1).unwrap();
            let plan = Plan::new(passing, then);
            refused += usize::from(told(drive(&store_with(&dist, &plan), 2), kind, &dist, &context));
            // Room is given back: what was temporary is gone, and so is everything that is not whole.
            if matches!(then, Then::Full) {
                assert_tidy(&dist);
            }
            let current = store.current().unwrap();
            assert!(current == Some(before) || current == Some(expected), "{context}");
            let report = store.verify().unwrap();
            let own = |path: &Path| path.ends_with("log");
            assert!(
                report.troubles.iter().all(|trouble| own(&trouble.path)),
                "{context}: {:#?}",
                report.troubles
            );
            assert_eq!(drive(&store, 2).unwrap(), expected, "{context}");
            assert_clean(&dist);
            assert_tidy(&dist);
        }
    }
    println!("{refused} refusals told");
    assert!(refused > 200);
}

#[test]
fn without_hard_links_there_are_copies() {
    let sandbox = Sandbox::new("copies");
    let expected = id_of(2, &sandbox);
    for errno in [Errno::XDEV, Errno::MLINK, Errno::PERM, Errno::OPNOTSUPP] {
        let dist = sandbox.dist("dist");
        let mut store = store(&dist);
        store.faults.no_links = Some(errno);
        drive(&store, 1).unwrap();
        assert_eq!(drive(&store, 2).unwrap(), expected);
        assert_clean(&dist);
        assert_tidy(&dist);
        // Copies are copies, and an unchanged build leaves them alone.
        let before = all_of_it(&dist);
        assert!(before.iter().all(|(path, looks)| path.is_dir() || looks.links == 1));
        assert_eq!(drive(&store, 2).unwrap(), expected);
        assert_eq!(all_of_it(&dist), before);
    }
}

/// On a real file system that is full, with less and less room until nothing fits.
#[test]
fn on_a_disk_that_is_full() {
    in_a_namespace("full", "tests::refusals::child");
}

#[test]
fn on_a_disk_that_cannot_be_written() {
    in_a_namespace("read-only", "tests::refusals::child");
}

/// Runs a test of this binary where it may mount what it needs and nobody sees it.
fn in_a_namespace(what: &str, name: &str) {
    let sandbox = Sandbox::new(what);
    let mount = sandbox.path().join("mount");
    fs::create_dir(&mount).unwrap();
    let child = again(name, &[what, mount.to_str().unwrap()]);
    match mounted(&child, &mount, "1m").output() {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(text.contains(DONE), "{text}");
            text.lines().filter(|line| line.contains(DONE)).for_each(|line| println!("{line}"));
        }
        Ok(output) if output.status.code() == Some(NO_MOUNT) || output.stdout.is_empty() => {
            cannot(&format!("a mount of its own: {}", String::from_utf8_lossy(&output.stderr)));
        }
        Ok(output) => assert_success(&output),
        Err(error) => cannot(&format!("`unshare`: {error}")),
    }
}

/// Shows that the child did what it was asked to do.
const DONE: &str = "tried on tmpfs";

#[test]
fn child() {
    let Some(asked) = asked() else { return };
    let [what, mount] = asked.as_slice() else { return };
    let mount = Path::new(mount);
    match what.as_str() {
        "full" => full(mount),
        "read-only" => read_only(mount),
        _ => {}
    }
}

fn full(mount: &Path) {
    // Elsewhere, for the id that must come out.
    let dist = mount.join("dist");
    let first = drive(&store(&dist), 1).unwrap();
    let expected = drive(&store(&dist), 2).unwrap();
    remove(&dist);
    let mut full = 0;
    let mut room: u64 = 0;
    loop {
        let store = store(&dist);
        assert_eq!(drive(&store, 1).unwrap(), first);
        let filler = mount.join("filler");
        fill(&filler, room);
        let result = drive(&store, 2);
        let fits = result.is_ok();
        full += usize::from(told(
            result,
            std::io::ErrorKind::StorageFull,
            &dist,
            &format!("{room} bytes of room"),
        ));
        assert_tidy(&dist);
        assert_eq!(
            store.current().unwrap(),
            Some(if fits { expected } else { store.current().unwrap().unwrap() })
        );
        let own = |path: &Path| path.ends_with("log");
        assert!(store.verify().unwrap().troubles.iter().all(|trouble| own(&trouble.path)));
        fs::remove_file(&filler).unwrap();
        assert_eq!(drive(&store, 2).unwrap(), expected);
        assert_clean(&dist);
        remove(&dist);
        if fits {
            break;
        }
        room += 4096;
    }
    assert!(full > 3, "it was full {full} times");
    println!("{DONE}: full {full} times");
}

/// Takes all room but so many bytes.
fn fill(filler: &Path, room: u64) {
    use std::io::Write as _;
    let mut file = fs::File::create(filler).unwrap();
    let page = [0; 4096];
    while file.write_all(&page).is_ok() {}
    let taken = file.metadata().unwrap().len();
    file.set_len(taken.saturating_sub(room)).unwrap();
}

fn read_only(mount: &Path) {
    let dist = mount.join("dist");
    let id = drive(&store(&dist), 1).unwrap();
    let remount = |how: &str| {
        let status =
            Command::new("mount").args(["-o", &format!("remount,bind,{how}")]).arg(mount).status().unwrap();
        assert!(status.success());
    };
    remount("ro");
    let store = store(&dist);
    assert!(told(drive(&store, 2), std::io::ErrorKind::ReadOnlyFilesystem, &dist, "read-only"));
    // What only reads works.
    assert_eq!(store.check_present(&id).unwrap(), crate::Presence::Whole);
    assert_eq!(*store.find("current").unwrap().id(), id);
    assert_clean(&dist);
    // So does a build that has nothing to write.
    assert_eq!(drive(&store, 1).unwrap(), id);
    assert!(matches!(store.gc(&crate::Keep { newest: 1, pinned: vec![] }), Err(Error::Io { .. })));
    remount("rw");
    drive(&store, 2).unwrap();
    assert_clean(&dist);
    println!("{DONE}: read-only");
}

#[test]
fn in_a_directory_that_may_not_be_written() {
    let sandbox = Sandbox::public("forbidden");
    let dist = sandbox.dist("dist");
    drive(&store(&dist), 1).unwrap();
    let name = "tests::refusals::forbidden";
    let what = [dist.to_str().unwrap()];
    let mut child = if rustix::process::geteuid().is_root() {
        // Root may write everywhere; `nobody` finds another user's directory.
        again_as_nobody(name, &what)
    } else {
        for path in names(&dist).iter().filter(|path| path.is_dir() && !path.is_symlink()) {
            fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o555)).unwrap();
        }
        again(name, &what)
    };
    assert_success(&child.output().unwrap());
    // The other user's build is what it was.
    assert_clean(&dist);
}

#[test]
fn forbidden() {
    let Some(asked) = asked() else { return };
    let [dist] = asked.as_slice() else { return };
    let dist = Path::new(dist);
    let store: Store = store(dist);
    assert!(told(drive(&store, 2), std::io::ErrorKind::PermissionDenied, dist, "forbidden"));
    let current = store.current().unwrap().unwrap();
    assert_eq!(store.check_present(&current).unwrap(), crate::Presence::Whole);
    assert_clean(dist);
}
