//! What the tests share: a directory of their own, sample builds, and running this binary again.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use super::faults::Plan;
use crate::{
    About, ArtifactPath, Build, BuildId, Current, Delivery, Finish, Finished, Kind, Meta, Mode, Name, Result,
    Store, Target, Timestamp, Unit,
};

/// A directory of one test, below the target directory. It goes with the test, unless that panics.
pub(crate) struct Sandbox {
    root: PathBuf,
}

impl Sandbox {
    pub(crate) fn new(name: &str) -> Self {
        let binary = std::env::current_exe().unwrap();
        let target = binary.ancestors().nth(3).unwrap();
        let root = target.join("tmp").join(format!("store-{name}-{}", std::process::id()));
        remove(&root);
        fs::create_dir_all(&root).unwrap();
        Self { root }
    }

    /// One that other users reach, too: the target directory may be private.
    pub(crate) fn public(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("platc-store-{name}-{}", std::process::id()));
        remove(&root);
        fs::create_dir(&root).unwrap();
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
        Self { root }
    }

    /// In a file system that was made for this test.
    fn on(mount: &Path) -> Self {
        let root = mount.join("sandbox");
        fs::create_dir(&root).unwrap();
        Self { root }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.root
    }

    /// A `dist` that is not there yet.
    pub(crate) fn dist(&self, name: &str) -> PathBuf {
        let dist = self.root.join(name);
        remove(&dist);
        dist
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            remove(&self.root);
        }
    }
}

/// Removes a tree, the directories of builds included.
pub(crate) fn remove(path: &Path) {
    if path.is_dir() && !path.is_symlink() {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        for entry in fs::read_dir(path).unwrap() {
            remove(&entry.unwrap().path());
        }
        fs::remove_dir(path).unwrap();
    } else if path.is_symlink() || path.exists() {
        fs::remove_file(path).unwrap();
    }
}

pub(crate) fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap()
}

/// A store that does not wait for the disk.
pub(crate) fn store(dist: &Path) -> Store {
    store_on(dist, 1)
}

pub(crate) fn store_on(dist: &Path, threads: usize) -> Store {
    let mut store = Store::open(dist, self::threads(threads));
    store.faults.no_sync = true;
    store
}

pub(crate) fn store_with(dist: &Path, plan: &Arc<Plan>) -> Store {
    let mut store = store(dist);
    store.faults.plan = Some(Arc::clone(plan));
    store
}

pub(crate) fn path(text: &str) -> ArtifactPath {
    ArtifactPath::parse(text).unwrap()
}

pub(crate) fn at(second: u32) -> Timestamp {
    Timestamp::parse(&format!("2026-11-21T09:{:02}:{:02}Z", second / 60, second % 60)).unwrap()
}

/// An artifact as an emitter gives it.
pub(crate) type Artifact = (ArtifactPath, Meta, Vec<u8>);

pub(crate) fn document(at: &str, bytes: &str) -> Artifact {
    let delivery = Delivery::To(Target::Cluster(Name::parse("a").unwrap()));
    let kind = Kind::parse("workload").unwrap();
    (path(at), Meta { kind, mode: Mode::FILE, delivery }, bytes.as_bytes().to_vec())
}

pub(crate) fn host_file(at: &str, mode: u16, owner: &str, restart: &[&str], bytes: &str) -> Artifact {
    let delivery = Delivery::Install {
        owner: crate::Owner::parse(owner).unwrap(),
        restart: restart.iter().map(|unit| Unit::parse(unit).unwrap()).collect(),
    };
    let kind = Kind::parse("host-file").unwrap();
    (path(at), Meta { kind, mode: Mode::new(mode).unwrap(), delivery }, bytes.as_bytes().to_vec())
}

/// A small build of everything that is special: equal bytes, none, modes, odd names, several hosts. Of
/// two versions, half of the files are equal.
pub(crate) fn sample(version: u32) -> Vec<Artifact> {
    vec![
        document("ansible/inventory.yml", "all: {}\n"),
        document("clusters/a/10-base/default.web.yaml", &format!("version: {version}\n")),
        document("clusters/a/20-apps/default.api.yaml", "kind: Deployment\n"),
        document("clusters/a/20-apps/default.copy.yaml", "kind: Deployment\n"),
        document("envoy/a/with blank & \"quotes\".yaml", &format!("{version}{}", "x".repeat(5000))),
        document("envoy/a/nothing.yaml", ""),
        host_file("hosts/dc1/web1/rootfs/etc/hosts", 0o644, "root:root", &[], "127.0.0.1 localhost\n"),
        host_file(
            "hosts/dc1/web1/rootfs/etc/systemd/system/dev-disk-by\\x2duuid.mount",
            0o600,
            "root:root",
            &["dev-disk-by\\x2duuid.mount", "b.service"],
            &format!("[Mount]\nVersion={version}\n"),
        ),
        host_file("hosts/dc1/web2/rootfs/usr/local/bin/run", 0o755, "root:root", &[], "#!/bin/sh\n"),
    ]
}

pub(crate) fn about(text: &str) -> About {
    let mut about = About::new();
    about.insert("plan.json", format!("{{\"plan\":\"{text}\"}}\n").into_bytes()).unwrap();
    about.insert("findings.json", b"[]\n".to_vec()).unwrap();
    about
}

pub(crate) fn finish(version: u32) -> Finish {
    Finish { about: about(&format!("of {version}")), at: at(version), current: Current::Move }
}

/// Puts everything, on as many threads.
pub(crate) fn put_all(build: &Build, artifacts: &[Artifact], threads: usize) -> Result<()> {
    std::thread::scope(|scope| {
        let parts: Vec<_> = artifacts
            .chunks(artifacts.len().div_ceil(threads))
            .map(|part| {
                scope.spawn(move || {
                    part.iter()
                        .try_for_each(|(path, meta, bytes)| build.put(path, meta.clone(), bytes).map(drop))
                })
            })
            .collect();
        parts.into_iter().try_for_each(|part| part.join().unwrap())
    })
}

/// A whole build of a version.
pub(crate) fn build(store: &Store, version: u32) -> Result<Finished> {
    let build = store.begin()?;
    put_all(&build, &sample(version), 1)?;
    build.finish(&finish(version))
}

/// A whole build of a version, by its id.
pub(crate) fn drive(store: &Store, version: u32) -> Result<BuildId> {
    Ok(build(store, version)?.id)
}

/// The id of a version, computed elsewhere.
pub(crate) fn id_of(version: u32, sandbox: &Sandbox) -> BuildId {
    build(&store(&sandbox.dist("elsewhere")), version).unwrap().id
}

/// What the system says of a name; times with nanoseconds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Looks {
    mode: u32,
    inode: u64,
    pub(crate) links: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// Every name below a directory with what the system says of it, times and inodes included.
pub(crate) fn all_of_it(root: &Path) -> BTreeMap<PathBuf, Looks> {
    names(root)
        .into_iter()
        .map(|path| {
            let stat = fs::symlink_metadata(&path).unwrap();
            let looks = Looks {
                mode: stat.mode(),
                inode: stat.ino(),
                links: stat.nlink(),
                size: stat.size(),
                modified: (stat.mtime(), stat.mtime_nsec()),
                changed: (stat.ctime(), stat.ctime_nsec()),
            };
            (path, looks)
        })
        .collect()
}

/// Every name below a directory, and the directory itself.
pub(crate) fn names(root: &Path) -> Vec<PathBuf> {
    let mut names = vec![root.to_owned()];
    if root.is_dir() && !root.is_symlink() {
        for entry in fs::read_dir(root).unwrap() {
            names.extend(self::names(&entry.unwrap().path()));
        }
    }
    names.sort();
    names
}

/// Whether nothing temporary lies in a `dist`.
pub(crate) fn assert_tidy(dist: &Path) {
    for name in names(dist) {
        let temporary = name.file_name().unwrap().to_str().unwrap().starts_with('.');
        let in_tmp = name.parent().unwrap().ends_with("store/tmp");
        assert!(!temporary && !in_tmp, "`{}` was left", name.display());
    }
}

/// Whether a `dist` is as it should be.
pub(crate) fn assert_clean(dist: &Path) {
    let report = store(dist).verify().unwrap();
    assert!(report.is_clean(), "{:#?}", report.troubles);
}

/// This binary again, with the one test `name` and what it shall do.
pub(crate) fn again(name: &str, what: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(CHILD, what.join("\u{1f}"));
    command
}

/// As [`again`], as another user, by a name of this binary that needs no way to its directory.
pub(crate) fn again_as_nobody(name: &str, what: &[&str]) -> Command {
    use std::os::unix::process::CommandExt as _;
    let again = again(name, what);
    let mut command = Command::new("/proc/self/exe");
    command.args(again.get_args()).envs(again.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.uid(NOBODY).gid(NOBODY);
    command
}

/// A user who owns nothing.
pub(crate) const NOBODY: u32 = 65534;

/// What this process shall do as a child; nothing where it is none.
pub(crate) fn asked() -> Option<Vec<String>> {
    let asked = std::env::var(CHILD).ok()?;
    Some(asked.split('\u{1f}').map(str::to_owned).collect())
}

const CHILD: &str = "PLATC_STORE_CHILD";

pub(crate) fn assert_success(output: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}{}", output.status, text(&output.stdout), text(&output.stderr));
}

/// `child` with a file system of its own at `mount`, in memory, that nobody else sees. It exits with
/// [`NO_MOUNT`] where the system does not allow that.
pub(crate) fn mounted(child: &Command, mount: &Path, size: &str) -> Command {
    // As root a namespace of mounts is enough; others need one of users too.
    let user = if rustix::process::geteuid().is_root() { "-m" } else { "-rm" };
    let script = format!(
        "mount --make-rprivate / 2>/dev/null
        mount -t tmpfs -o size={size},mode=755 store-test \"$1\" || exit {NO_MOUNT}
        shift; exec \"$@\""
    );
    let mut command = Command::new("unshare");
    command
        .args([user, "sh", "-c", &script, "sh"])
        .arg(mount)
        .arg(child.get_program())
        .args(child.get_args());
    command.envs(child.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

pub(crate) const NO_MOUNT: i32 = 77;

/// Runs a test that makes thousands of builds where they cost no disk, if the system allows a file system
/// in memory; otherwise on the disk. `name` is the test's own.
pub(crate) fn in_memory(name: &str, test: impl Fn(&Sandbox)) {
    if let Some([word, mount]) = asked().as_deref()
        && word == IN_MEMORY
    {
        test(&Sandbox::on(Path::new(mount)));
        println!("{IN_MEMORY}");
        std::process::exit(0);
    }
    let sandbox = Sandbox::new(&name.replace("::", "-"));
    let mount = sandbox.dist("memory");
    fs::create_dir(&mount).unwrap();
    let output = mounted(&again(name, &[IN_MEMORY, mount.to_str().unwrap()]), &mount, "256m").output();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output {
        Ok(output) if text(&output.stdout).contains(IN_MEMORY) => {
            assert_success(&output);
            print!("{}", text(&output.stdout));
        }
        // The test was reached and failed, unless the mount or the namespace did.
        Ok(output)
            if output.status.code() != Some(NO_MOUNT) && text(&output.stdout).contains("running 1 test") =>
        {
            assert_success(&output);
        }
        _ => test(&sandbox),
    }
}

const IN_MEMORY: &str = "in memory";

/// What cannot be tried here is told, and is an error where everything must be tried.
pub(crate) fn cannot(what: &str) {
    assert!(std::env::var_os("PLATC_REQUIRE_TOOLS").is_none_or(|value| value != "1"), "cannot try: {what}");
    println!("not tried: {what}");
}
