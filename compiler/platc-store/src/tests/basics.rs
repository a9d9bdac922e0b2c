//! What a build leaves behind, and finding, reading, switching and removing builds.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::help::*;
use crate::lock::{Hold, hold};
use crate::{
    About, BuildId, Current, Digest, Error, Event, Fault, Finish, Keep, Known, Manifest, Presence, Result,
    Store, StoredBuild,
};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

#[test]
fn the_layout_is_the_documented_one() {
    let sandbox = Sandbox::new("layout");
    let dist = sandbox.dist("dist");
    let store = store(&dist);
    let finished = build(&store, 1).unwrap();
    let id = finished.id;
    assert_eq!((finished.assembled, finished.moved, finished.reused.files), (true, true, 1));
    assert_eq!(fs::read_link(dist.join("current")).unwrap(), PathBuf::from(format!("builds/{id}")));

    let dir = dist.join(format!("builds/{id}"));
    let below: Vec<String> = names(&dir)
        .iter()
        .filter(|path| path.is_file())
        .map(|path| path.strip_prefix(&dir).unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        below,
        [
            "SHA256SUMS",
            "ansible/inventory.yml",
            "build.json",
            "clusters/a/10-base/default.web.yaml",
            "clusters/a/20-apps/default.api.yaml",
            "clusters/a/20-apps/default.copy.yaml",
            "envoy/a/nothing.yaml",
            "envoy/a/with blank & \"quotes\".yaml",
            "hosts/dc1/web1/MANIFEST",
            "hosts/dc1/web1/ROOT",
            "hosts/dc1/web1/rootfs/etc/hosts",
            "hosts/dc1/web1/rootfs/etc/systemd/system/dev-disk-by\\x2duuid.mount",
            "hosts/dc1/web2/MANIFEST",
            "hosts/dc1/web2/ROOT",
            "hosts/dc1/web2/rootfs/usr/local/bin/run",
        ]
    );
    assert_eq!(BuildId::of(&fs::read(dir.join("build.json")).unwrap()), id);
    for path in names(&dir) {
        if path.is_dir() {
            assert_eq!(mode(&path), 0o555, "{}", path.display());
            continue;
        }
        let object = dist.join("store/sha256").join(Digest::of(&fs::read(&path).unwrap()).object_name());
        assert_eq!(fs::metadata(&path).unwrap().ino(), fs::metadata(&object).unwrap().ino(), "one file");
        assert_eq!(mode(&path), 0o444, "{}", path.display());
    }
    let about: Vec<PathBuf> = names(&dist.join(format!("builds/{id}.about")));
    assert_eq!(about.len(), 4, "{about:?}");
    assert!(about[1..].iter().all(|path| mode(path) == 0o444) && mode(&about[0]) == 0o555);
    // Two copies of a Deployment are one object.
    let objects = names(&dist.join("store/sha256")).iter().filter(|path| path.is_file()).count();
    assert_eq!(objects, below.len() - 1);
    assert_clean(&dist);
    assert_tidy(&dist);
}

#[test]
fn the_delivered_mode_is_in_the_lists() {
    let sandbox = Sandbox::new("modes");
    let store = store(&sandbox.dist("dist"));
    build(&store, 1).unwrap();
    let built = store.find("current").unwrap();
    let mode = |path: &str| built.manifest().get(path).unwrap().mode.to_string();
    assert_eq!(mode("hosts/dc1/web2/rootfs/usr/local/bin/run"), "0755");
    assert_eq!(mode("hosts/dc1/web1/rootfs/etc/systemd/system/dev-disk-by\\x2duuid.mount"), "0600");
    let list = built.read(built.manifest().get("hosts/dc1/web1/MANIFEST").unwrap()).unwrap();
    let list = crate::host::HostManifest::parse(&list).unwrap();
    let line = &list.lines()[1];
    assert_eq!(&*line.path, "/etc/systemd/system/dev-disk-by\\x2duuid.mount");
    assert_eq!((line.mode.bits(), line.owner.as_str(), line.restart.len()), (0o600, "root:root", 2));
}

#[test]
fn an_unchanged_build_writes_nothing() {
    let sandbox = Sandbox::new("unchanged");
    let dist = sandbox.dist("dist");
    let store = store(&dist);
    drive(&store, 1).unwrap();
    let id = drive(&store, 2).unwrap();
    let before = all_of_it(&dist);
    assert_eq!(drive(&store, 2).unwrap(), id);
    let finished = build(&store, 2).unwrap();
    assert_eq!((finished.written.files, finished.assembled, finished.moved), (0, false, false));
    assert_eq!(store.check_present(&id).unwrap(), Presence::Whole);
    assert_eq!(store.current().unwrap(), Some(id));
    assert_clean(&dist);
    assert_eq!(all_of_it(&dist), before);
}

#[test]
fn the_id_depends_on_nothing_but_what_is_delivered() {
    let sandbox = Sandbox::new("same");
    let first = build(&store(&sandbox.dist("dist")), 1).unwrap().id;
    let mut artifacts = sample(1);
    artifacts.reverse();
    for threads in [1, 4] {
        let store = Store::open(sandbox.dist(&format!("elsewhere/{threads}")), self::threads(threads));
        let build = store.begin().unwrap();
        put_all(&build, &artifacts, threads).unwrap();
        let finish = Finish { about: about("another"), at: at(77), current: Current::Keep };
        assert_eq!(build.finish(&finish).unwrap().id, first);
        assert_eq!(store.current().unwrap(), None);
        assert_eq!(store.log().unwrap()[0].event, Event::Add);
    }
    assert_ne!(build(&store(&sandbox.dist("dist")), 2).unwrap().id, first);
}

/// Everything about a tree that a build decides.
fn essence(root: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    names(root)
        .into_iter()
        .map(|path| {
            let bytes = if path.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
            (path.strip_prefix(root).unwrap().to_owned(), (mode(&path), bytes))
        })
        .collect()
}

#[test]
fn umask_and_user_change_nothing() {
    let sandbox = Sandbox::public("umask");
    let mut trees = Vec::new();
    for umask in ["000", "022", "027", "077"] {
        let dist = sandbox.dist(umask);
        let child = again("tests::basics::child", &["drive", dist.to_str().unwrap()]);
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("umask {umask}; exec \"$0\" \"$@\"")]).arg(child.get_program());
        shell.args(child.get_args());
        shell.envs(child.get_envs().filter_map(|(name, value)| Some((name, value?))));
        assert_success(&shell.output().unwrap());
        // `dist` itself belongs to whoever chose it.
        fs::set_permissions(&dist, fs::Permissions::from_mode(0o755)).unwrap();
        trees.push(essence(&dist));
    }
    if let Some(dist) = as_another_user(&sandbox) {
        fs::set_permissions(&dist, fs::Permissions::from_mode(0o755)).unwrap();
        trees.push(essence(&dist));
    }
    assert!(trees.windows(2).all(|pair| pair[0] == pair[1]));
}

/// Builds as `nobody`, where this is run by root.
fn as_another_user(sandbox: &Sandbox) -> Option<PathBuf> {
    let dist = sandbox.dist("nobody");
    fs::create_dir_all(&dist).unwrap();
    if std::os::unix::fs::chown(&dist, Some(NOBODY), Some(NOBODY)).is_err() {
        cannot("a build as another user: not root");
        return None;
    }
    assert_success(
        &again_as_nobody("tests::basics::child", &["drive", dist.to_str().unwrap()]).output().unwrap(),
    );
    Some(dist)
}

#[test]
fn child() {
    let Some(asked) = asked() else { return };
    if let [verb, dist] = asked.as_slice()
        && verb == "drive"
    {
        drive(&store(Path::new(dist)), 1).unwrap();
    }
}

#[test]
fn what_is_said_about_a_build_changes_without_the_build() {
    let sandbox = Sandbox::new("about");
    let dist = sandbox.dist("dist");
    let store = store(&dist);
    let id = build(&store, 1).unwrap().id;
    let build_before = all_of_it(&dist.join(format!("builds/{id}")));
    let about_dir = dist.join(format!("builds/{id}.about"));
    let kept = fs::metadata(about_dir.join("findings.json")).unwrap().ino();

    let build = store.begin().unwrap();
    put_all(&build, &sample(1), 1).unwrap();
    let finished = build.finish(&Finish { about: about("new"), ..finish(1) }).unwrap();
    assert_eq!((finished.id, finished.assembled, finished.moved), (id, false, false));
    assert_eq!(fs::read_to_string(about_dir.join("plan.json")).unwrap(), "{\"plan\":\"new\"}\n");
    assert_eq!(fs::metadata(about_dir.join("findings.json")).unwrap().ino(), kept, "the same file");
    assert_eq!(all_of_it(&dist.join(format!("builds/{id}"))), build_before);
    let built = store.find("current").unwrap();
    assert_eq!(built.about(&crate::Name::parse("findings.json").unwrap()).unwrap().unwrap(), b"[]\n");
    assert_eq!(built.about(&crate::Name::parse("none").unwrap()).unwrap(), None);
    assert!(About::new().insert("SHA256SUMS", Vec::new()).is_err());
    assert!(About::new().insert("../plan.json", Vec::new()).is_err());
    assert_clean(&dist);
    assert_tidy(&dist);
}

#[test]
fn artifacts_that_exclude_each_other_are_refused() {
    let sandbox = Sandbox::new("refused");
    let store = store(&sandbox.dist("dist"));
    let put = |artifacts: &[Artifact]| -> Result<BuildId> {
        let build = store.begin()?;
        put_all(&build, artifacts, 1)?;
        Ok(build.finish(&finish(1))?.id)
    };
    let twice = [document("a", "1"), document("a", "2")];
    assert!(matches!(put(&twice), Err(Error::Twice { .. })));
    // As new files the system refuses; as known ones the manifest does.
    assert!(put(&[document("a", "1"), document("a/b", "2")]).is_err());
    put(&[document("x", "1"), document("y", "2")]).unwrap();
    assert!(matches!(put(&[document("a", "1"), document("a/b", "2")]), Err(Error::Conflict { .. })));
    for own in ["build.json", "SHA256SUMS"] {
        assert!(matches!(put(&[document(own, "1")]), Err(Error::Misplaced { .. })), "{own}");
    }
    let misplaced = [
        document("hosts/dc1/h/MANIFEST", "1"),
        document("hosts/dc1/h/ROOT", "1"),
        document("hosts/dc1/h/rootfs/etc/a", "1"),
        host_file("clusters/a", 0o644, "root:root", &[], "1"),
    ];
    for artifact in misplaced {
        assert!(matches!(put(std::slice::from_ref(&artifact)), Err(Error::Misplaced { .. })), "{artifact:?}");
    }
    // Whoever goes on after an error gets no build.
    let build = store.begin().unwrap();
    let (path, meta, bytes) = document("a", "1");
    build.put(&path, meta.clone(), &bytes).unwrap();
    assert!(build.put(&path, meta, &bytes).is_err());
    assert!(matches!(build.finish(&finish(1)), Err(Error::Incomplete)));
    assert_tidy(store.dist());
    assert_clean(store.dist());
}

#[test]
fn an_empty_build_is_a_build() {
    let sandbox = Sandbox::new("empty");
    let store = store(&sandbox.dist("dist"));
    let finished = store.begin().unwrap().finish(&finish(1)).unwrap();
    assert_eq!(finished.id, Manifest::new(Vec::new()).unwrap().id());
    assert_clean(store.dist());
}

#[test]
fn a_dropped_build_leaves_nothing_but_objects() {
    let sandbox = Sandbox::new("dropped");
    let store = store(&sandbox.dist("dist"));
    let build = store.begin().unwrap();
    put_all(&build, &sample(1), 2).unwrap();
    drop(build);
    assert_tidy(store.dist());
    assert_eq!((store.builds().unwrap(), store.current().unwrap()), (vec![], None));
    let finished = super::help::build(&store, 1).unwrap();
    assert_eq!(finished.written.files, 6, "the lists of the build and its hosts");
}

#[test]
fn a_manifest_from_elsewhere_is_adopted() {
    let sandbox = Sandbox::new("adopt");
    let from = store(&sandbox.dist("from"));
    let id = build(&from, 1).unwrap().id;
    let built = from.find("current").unwrap();
    let to = store(&sandbox.dist("to"));

    let lacking = to.begin().unwrap();
    assert!(matches!(
        lacking.adopt(built.manifest(), &finish(1)),
        Err(Error::Damaged { fault: Fault::Missing, .. })
    ));
    let mixed = to.begin().unwrap();
    put_all(&mixed, &sample(1)[..1], 1).unwrap();
    assert!(matches!(mixed.adopt(built.manifest(), &finish(1)), Err(Error::Misplaced { .. })));

    let build = to.begin().unwrap();
    for entry in built.manifest().entries() {
        if !build.has(Known { digest: entry.digest, size: entry.size }).unwrap() {
            assert_eq!(build.put_object(&built.read(entry).unwrap()).unwrap(), entry.digest);
        }
    }
    let finished = build.adopt(built.manifest(), &finish(1)).unwrap();
    assert_eq!(finished.id, id);
    assert_clean(to.dist());
    assert_tidy(to.dist());
    assert_eq!(
        essence(&built.dir().join("hosts")),
        essence(&to.find("current").unwrap().dir().join("hosts"))
    );
}

#[test]
fn builds_are_found_by_what_people_type() {
    let sandbox = Sandbox::new("find");
    let store = store(&sandbox.dist("dist"));
    assert!(matches!(store.find("current"), Err(Error::NoBuild { .. })));
    assert_eq!(store.builds().unwrap(), []);
    // Enough builds that two begin with the same digit.
    let ids: Vec<BuildId> = (0..17).map(|version| build(&store, version).unwrap().id).collect();
    let mut sorted = ids.clone();
    sorted.sort();
    assert_eq!(store.builds().unwrap(), sorted);
    let found = |name: &str| store.find(name).map(|build| *build.id());
    assert_eq!(found("current").unwrap(), ids[16]);
    for id in &ids {
        let text = id.to_string();
        assert_eq!(found(&text).unwrap(), *id);
        assert_eq!(found(&text[..20].to_uppercase()).unwrap(), *id);
        let dir = store.dist().join("builds").join(&text);
        assert_eq!(found(dir.to_str().unwrap()).unwrap(), *id);
        assert_eq!(*StoredBuild::open(&dir).unwrap().id(), *id);
    }
    let digit = sorted.windows(2).find(|pair| pair[0].to_string()[..1] == pair[1].to_string()[..1]).unwrap();
    assert!(matches!(found(&digit[0].to_string()[..1]), Err(Error::Ambiguous { ids, .. }) if ids.len() > 1));
    for nothing in ["", "zz", "no/such", "../dist", &"0".repeat(64)] {
        assert!(matches!(found(nothing), Err(Error::NoBuild { .. })), "{nothing}");
    }
}

#[test]
fn a_directory_that_was_copied_away_is_a_build() {
    let sandbox = Sandbox::new("copied");
    let store = store(&sandbox.dist("dist"));
    let id = build(&store, 1).unwrap().id;
    let copy = sandbox.dist("copy");
    let from = store.find("current").unwrap();
    let output = Command::new("cp").arg("-a").arg(from.dir()).arg(&copy).output().unwrap();
    assert_success(&output);
    let copied = store.find(copy.to_str().unwrap()).unwrap();
    assert_eq!(*copied.id(), id);
    assert!(store.verify_build(&copied).unwrap().is_clean());
    fs::set_permissions(copy.join("envoy/a"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(copy.join("envoy/a/more.yaml"), "").unwrap();
    let report = store.verify_build(&copied).unwrap();
    let faults: Vec<&Fault> = report.troubles.iter().map(|trouble| &trouble.fault).collect();
    assert_eq!(faults, [&Fault::Mode { expected: 0o555, found: 0o755 }, &Fault::Extra]);
}

#[test]
fn current_goes_back_and_forth() {
    let sandbox = Sandbox::new("switch");
    let store = store(&sandbox.dist("dist"));
    let [first, second, third] = [1, 2, 3].map(|version| build(&store, version).unwrap().id);
    assert_eq!(store.previous().unwrap(), Some(second));
    store.switch(&second, &at(4)).unwrap();
    assert_eq!(store.current().unwrap(), Some(second));
    assert_eq!(store.previous().unwrap(), Some(third));
    store.switch(&second, &at(5)).unwrap();
    store.switch(&first, &at(6)).unwrap();
    let log: Vec<(BuildId, Event, String)> =
        store.log().unwrap().into_iter().map(|entry| (entry.id, entry.event, entry.at.to_string())).collect();
    let expected = [
        (first, Event::Build, 1),
        (second, Event::Build, 2),
        (third, Event::Build, 3),
        (second, Event::Switch, 4),
        (first, Event::Switch, 6),
    ];
    assert_eq!(log, expected.map(|(id, event, second)| (id, event, at(second).to_string())));
    assert!(matches!(store.switch(&BuildId::of(b"none"), &at(7)), Err(Error::NoBuild { .. })));
    let victim = store.dist().join(format!("builds/{third}/ansible"));
    fs::set_permissions(&victim, fs::Permissions::from_mode(0o755)).unwrap();
    fs::remove_file(victim.join("inventory.yml")).unwrap();
    assert!(matches!(store.switch(&third, &at(8)), Err(Error::Damaged { fault: Fault::Missing, .. })));
    assert_eq!(store.current().unwrap(), Some(first));
    assert_tidy(store.dist());
}

#[test]
fn a_look_finds_what_a_look_can_find() {
    let sandbox = Sandbox::new("look");
    let dist = sandbox.dist("dist");
    let store = store(&dist);
    assert!(matches!(store.check_present(&BuildId::of(b"")).unwrap(), Presence::Lacking { .. }));
    let id = build(&store, 1).unwrap().id;
    let dir = dist.join(format!("builds/{id}"));
    let lacking = |damage: &dyn Fn()| {
        damage();
        let Presence::Lacking { path, fault } = store.check_present(&id).unwrap() else {
            panic!("not noticed")
        };
        // The next build makes it whole again, with the same id.
        assert_eq!(build(&store, 1).unwrap().id, id);
        assert_eq!(store.check_present(&id).unwrap(), Presence::Whole);
        assert_clean(&dist);
        assert_tidy(&dist);
        (path, fault)
    };
    let open = |name: &str| fs::set_permissions(dir.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    let file = dir.join("ansible/inventory.yml");
    let (path, fault) = lacking(&|| {
        open("ansible");
        fs::remove_file(&file).unwrap();
    });
    assert_eq!((path, fault), (file.clone(), Fault::Missing));
    let (path, fault) = lacking(&|| {
        open("ansible");
        fs::remove_file(&file).unwrap();
        fs::write(&file, "short").unwrap();
    });
    assert_eq!((path, fault), (file.clone(), Fault::Size { expected: 8, found: 5 }));
    let (path, fault) = lacking(&|| fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap());
    assert_eq!((path, fault), (file.clone(), Fault::Mode { expected: 0o444, found: 0o644 }));
    let (path, fault) = lacking(&|| {
        open("envoy");
        remove(&dir.join("envoy/a"));
    });
    assert_eq!((path, fault), (dir.join("envoy/a/nothing.yaml"), Fault::Missing));
    let (_, fault) = lacking(&|| {
        open("ansible");
        fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink("../build.json", &file).unwrap();
    });
    assert_eq!(fault, Fault::NotA { expected: "file" });
    let (path, _) = lacking(&|| remove(&dist.join(format!("builds/{id}.about"))));
    assert_eq!(path, dist.join(format!("builds/{id}.about")));
    let (path, _) = lacking(&|| remove(&dir));
    assert_eq!(path, dir.join("build.json"));
}

#[test]
fn a_wrong_object_is_written_again() {
    let sandbox = Sandbox::new("object");
    let dist = sandbox.dist("dist");
    let store = store(&dist);
    let id = build(&store, 1).unwrap().id;
    let object = dist.join("store/sha256").join(Digest::of(b"all: {}\n").object_name());
    let damages: [&dyn Fn(); 4] = [
        &|| {
            fs::set_permissions(&object, fs::Permissions::from_mode(0o644)).unwrap();
            fs::write(&object, "truncated").unwrap();
        },
        // Somebody has edited it, and it still has its size: the mode says so.
        &|| {
            fs::set_permissions(&object, fs::Permissions::from_mode(0o644)).unwrap();
            fs::write(&object, "ALL: {}\n").unwrap();
        },
        &|| fs::remove_file(&object).unwrap(),
        &|| {
            fs::remove_file(&object).unwrap();
            fs::create_dir(&object).unwrap();
            fs::write(object.join("x"), "").unwrap();
        },
    ];
    for damage in damages {
        damage();
        assert!(!store.verify().unwrap().is_clean());
        assert_eq!(build(&store, 1).unwrap().id, id);
        assert_clean(&dist);
        assert_tidy(&dist);
    }
}

#[test]
fn gc_keeps_what_is_kept_and_nothing_else() {
    let sandbox = Sandbox::new("gc");
    let dist = sandbox.dist("dist");
    let store = store(&dist);
    let ids: Vec<BuildId> = (0..6).map(|version| build(&store, version).unwrap().id).collect();
    store.switch(&ids[2], &at(9)).unwrap();
    let swept = store.gc(&Keep { newest: 2, pinned: vec![ids[0]] }).unwrap();
    // The one that counts is also the newest of the log.
    let mut kept = vec![ids[0], ids[2], ids[5]];
    kept.sort();
    assert_eq!(swept.kept, kept);
    assert_eq!(swept.removed.len(), 3);
    assert_eq!(swept.objects, 3 * 7, "what only those three had");
    assert_eq!(store.builds().unwrap(), kept);
    assert_clean(&dist);
    assert_tidy(&dist);
    assert_eq!(store.gc(&Keep { newest: 2, pinned: vec![ids[0]] }).unwrap().removed, []);
    assert_eq!(build(&store, 4).unwrap().id, ids[4]);
    // Everything goes but the one that counts.
    assert_eq!(store.gc(&Keep { newest: 0, pinned: vec![] }).unwrap().kept, [ids[4]]);
    assert_clean(&dist);
    assert_tidy(&dist);
}

#[test]
fn gc_is_careful_where_it_does_not_know() {
    let sandbox = Sandbox::new("gc-careful");
    let dist = sandbox.dist("dist");
    let store = store(&dist);
    assert_eq!(store.gc(&Keep { newest: 0, pinned: vec![] }).unwrap(), crate::Swept::default());
    let ids: Vec<BuildId> = (0..3).map(|version| build(&store, version).unwrap().id).collect();
    // Without the log nobody knows which is old.
    fs::rename(dist.join("log"), sandbox.path().join("log")).unwrap();
    assert_eq!(store.gc(&Keep { newest: 1, pinned: vec![] }).unwrap().removed, []);
    fs::rename(sandbox.path().join("log"), dist.join("log")).unwrap();
    // Without a manifest nobody knows what a build needs.
    let manifest = dist.join(format!("builds/{}/build.json", ids[2]));
    fs::set_permissions(&manifest, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(&manifest, "{}").unwrap();
    let before = names(&dist).len();
    assert!(matches!(store.gc(&Keep { newest: 1, pinned: vec![] }), Err(Error::Damaged { .. })));
    assert_eq!(names(&dist).len(), before);
    // A store that other trees may use is not swept.
    fs::rename(dist.join("store"), sandbox.path().join("shared")).unwrap();
    std::os::unix::fs::symlink(sandbox.path().join("shared"), dist.join("store")).unwrap();
    assert!(matches!(store.gc(&Keep { newest: 1, pinned: vec![] }), Err(Error::Damaged { .. })));
    assert_eq!(build(&store, 5).unwrap().written.files, 7);
}

#[test]
fn nobody_waits_and_the_holder_is_named() {
    let sandbox = Sandbox::new("busy");
    let store = store(&sandbox.dist("dist"));
    build(&store, 1).unwrap();
    let own = format!("process {}", std::process::id());
    let named = |error: Error| {
        let Error::Busy { holder, path } = error else { panic!("{error}") };
        assert_eq!(path, store.dist().join("store/lock"));
        assert!(holder.starts_with(&own), "{holder}");
    };
    let running = store.begin().unwrap();
    named(store.gc(&Keep { newest: 1, pinned: vec![] }).unwrap_err());
    // Builds do not exclude each other.
    build(&store, 2).unwrap();
    drop(running);
    let alone = hold(&store.site().unwrap().unwrap(), Hold::Alone).unwrap();
    named(store.begin().unwrap_err());
    named(store.switch(&store.builds().unwrap()[0], &at(3)).unwrap_err());
    named(store.verify().unwrap_err());
    drop(alone);
    build(&store, 3).unwrap();
}
