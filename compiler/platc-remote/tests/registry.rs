//! Builds to and from Debian's `docker-registry`: whole, in parts, with a login, over lines that break, tampered
//! with and signed. The same on the command line is in `platc/tests`.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test: it runs programs and fails loudly"
)]

#[allow(dead_code, reason = "the tests of the binary use more of it")]
mod server;

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use platc_remote::plugin::{fetch, push_plugin};
use platc_remote::pull::Wanted;
use platc_remote::signature::{keep, signatures};
use platc_remote::{
    Credentials, Error, Key, Outcome, PullOptions, Purpose, Reference, Registry, Silent, Trust, pull,
    pull_part, push,
};
use platc_store::{
    About, ArtifactPath, Current, Delivery, Finish, Kind, Meta, Mode, Name, Owner, Store, StoredBuild,
    Target, Timestamp,
};
use server::{Access, Registry as Server, Relay};

/// A `dist` with a build of two clusters and three hosts, whose files are of some size and do not shrink to
/// nothing. `seed` makes the files of one cluster others.
struct Dist {
    top: tempfile::TempDir,
    store: Store,
}

impl Dist {
    fn new(seed: u32) -> Self {
        let top = tempfile::tempdir().expect("a directory");
        let store = Store::open(top.path().join("dist"), NonZeroUsize::MIN);
        let dist = Self { top, store };
        dist.build(seed);
        dist
    }

    fn build(&self, seed: u32) {
        let build = self.store.begin().expect("a build");
        let name = |text: &str| Name::parse(text).expect("a name");
        for cluster in ["a", "b"] {
            let seed = if cluster == "a" { seed } else { 0 };
            for nth in 0..4 {
                let path = ArtifactPath::parse(&format!("clusters/{cluster}/{nth}.yaml")).expect("a path");
                let delivery = Delivery::To(Target::Cluster(name(cluster)));
                let meta =
                    Meta { kind: Kind::parse("workload").expect("a kind"), mode: Mode::FILE, delivery };
                build.put(&path, meta, &noise(seed + nth, 3000)).expect("it is stored");
            }
        }
        for host in ["h1", "h2", "h3"] {
            let path = ArtifactPath::parse(&format!("hosts/dc/{host}/rootfs/etc/x\\x2dy")).expect("a path");
            let delivery = Delivery::Install {
                owner: Owner::parse("root:root").expect("an owner"),
                restart: Vec::new(),
            };
            let meta =
                Meta { kind: Kind::parse("host-file").expect("a kind"), mode: Mode::PRIVATE, delivery };
            build.put(&path, meta, host.as_bytes()).expect("it is stored");
        }
        let mut about = About::new();
        about.insert("findings.json", b"[]\n".to_vec()).expect("a name");
        let how = Finish { about, at: now(), current: Current::Move };
        build.finish(&how).expect("a build");
    }

    fn current(&self) -> StoredBuild {
        self.store.find("current").expect("a build")
    }

    fn path(&self, path: &str) -> PathBuf {
        self.top.path().join(path)
    }
}

/// Bytes that do not compress.
fn noise(seed: u32, count: usize) -> Vec<u8> {
    let mut state = u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(next).take(count).collect()
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-21T12:00:00Z").expect("a time")
}

fn open(reference: &str) -> Registry {
    open_with(reference, Credentials::default())
}

fn open_with(reference: &str, credentials: Credentials) -> Registry {
    Registry::open(&Reference::parse(reference).expect("a reference"), credentials)
}

fn options() -> PullOptions {
    PullOptions { at: now(), current: Current::Move, trust: None }
}

fn pull_into(dir: &Path, reference: &str) -> Result<Outcome, Error> {
    pull(&open(reference), &Store::open(dir, NonZeroUsize::MIN), &options(), &Silent)
}

/// Bytes of all files below a directory, by path from there.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fn collect(base: &Path, dir: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in fs::read_dir(dir).expect("a directory").flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(base, &path, found);
            } else {
                let below = path.strip_prefix(base).expect("it lies there").to_owned();
                found.insert(below, fs::read(path).expect("a file"));
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(dir, dir, &mut found);
    found
}

fn code(result: Result<Outcome, Error>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.code.id(),
        Err(error) => panic!("no code: {error}"),
        Ok(_) => panic!("it came"),
    }
}

#[test]
fn what_is_pushed_is_pulled_and_nothing_is_moved_twice() {
    let Some(server) = Server::start(Access::Everybody) else { return };
    let dist = Dist::new(1);
    let reference = server.reference("platform/prod:v1");
    let first = push(&open(&reference), &dist.current(), &[], &Silent).expect("it is pushed");
    assert_eq!(
        (first.there.files, first.cluster_tags.join(" ")),
        (0, "v1-cluster-a v1-cluster-b".to_owned())
    );
    let again = push(&open(&reference), &dist.current(), &[], &Silent).expect("it is pushed");
    assert_eq!((again.sent.files, &again.reference), (0, &first.reference));
    // Whoever builds the same pushes the same image.
    let twin = push(&open(&server.reference("twin:v1")), &Dist::new(1).current(), &[], &Silent)
        .expect("it is pushed");
    assert_eq!(twin.reference.digest, first.reference.digest);

    let there = dist.path("there");
    let outcome = pull_into(&there, &first.reference.to_string()).expect("it is pulled");
    assert_eq!((outcome.received.files, outcome.there.files, outcome.finished.moved), (5, 0, true));
    let build = format!("builds/{}", dist.current().id());
    assert_eq!(files(&there.join(&build)), files(&dist.path("dist").join(&build)));
    assert_eq!(
        files(&there.join(format!("{build}.about"))),
        files(&dist.path("dist").join(format!("{build}.about")))
    );
    assert!(Store::open(&there, NonZeroUsize::MIN).verify().expect("a report").is_clean());
    assert_eq!(pull_into(&there, &reference).expect("it is pulled").received.files, 0);

    // One cluster changes, and one part moves.
    dist.build(2);
    let second = push(&open(&reference), &dist.current(), &[], &Silent).expect("it is pushed");
    assert!(second.sent.files < first.sent.files && second.there.files > 0, "{second:?}");
    let outcome = pull_into(&there, &reference).expect("it is pulled");
    assert_eq!((outcome.received.files, outcome.there.files), (1, 4));
    assert_eq!(outcome.finished.id, *dist.current().id());
}

#[test]
fn a_layer_is_what_tar_and_flux_read() {
    let Some(server) = Server::start(Access::Everybody) else { return };
    let dist = Dist::new(1);
    let pushed = push(&open(&server.reference("p:v1")), &dist.current(), &[], &Silent).expect("it is pushed");
    let manifest = server.manifest(&pushed.reference.to_string());
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.cncf.flux.config.v1+json");
    assert_eq!(manifest["layers"][0]["mediaType"], "application/vnd.cncf.flux.content.v1.tar+gzip");
    let layers = manifest["layers"].as_array().expect("layers");
    let json = layers
        .iter()
        .find(|layer| layer["mediaType"] == "application/vnd.platc.build.v1+json")
        .expect("it is there");
    assert_eq!(json["digest"], format!("sha256:{}", dist.current().id()));
    for (target, path) in [("cluster:b", "clusters/b"), ("host:dc/h2", "hosts/dc/h2")] {
        let layer =
            layers.iter().find(|layer| layer["annotations"]["dev.platc.target"] == target).expect("a layer");
        let into = dist.path("unpacked");
        fs::create_dir_all(&into).expect("a directory");
        let blob = server.blob(layer["digest"].as_str().expect("a digest"));
        assert!(
            Command::new("tar")
                .arg("-xzf")
                .arg(blob)
                .arg("-C")
                .arg(&into)
                .status()
                .expect("tar runs")
                .success()
        );
        assert_eq!(files(&into.join(path)), files(&dist.path("dist/current").join(path)));
    }
    // A cluster's own tag is an image with the same layer, and no build.
    assert_eq!(code(pull_into(&dist.path("x"), &server.reference("p:v1-cluster-b"))), "E0831");
}

#[test]
fn a_host_gets_its_part_alone() {
    let Some(server) = Server::start(Access::Everybody) else { return };
    let dist = Dist::new(1);
    push(&open(&server.reference("p:v1")), &dist.current(), &[], &Silent).expect("it is pushed");
    let relay = Relay::start(server.port(), 0, usize::MAX, usize::MAX);
    let out = dist.path("part");
    let part =
        |wanted: Wanted| pull_part(&open(&relay.reference("p:v1")), &wanted, &out, &options(), &Silent);
    let host = |name: &str| Wanted::Host(name.to_owned());
    part(host("dc/h1")).expect("it is pulled");
    assert_eq!(
        relay.requests().matches("/blobs/").count(),
        2,
        "`build.json` and a layer: {}",
        relay.requests()
    );
    assert_eq!(files(&out.join("hosts/dc/h1")), files(&dist.path("dist/current/hosts/dc/h1")));
    assert_eq!(fs::read_dir(&out).expect("a directory").count(), 3, "hosts, build.json, SHA256SUMS");
    let check = Command::new("sha256sum")
        .args(["--check", "--strict", "--quiet", "SHA256SUMS"])
        .current_dir(&out)
        .status();
    assert!(check.expect("sha256sum runs").success());
    let mode = fs::metadata(out.join("hosts/dc/h1/rootfs/etc/x\\x2dy")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o7777, 0o600, "as it must be on the host");
    // Another in its place; and a cluster.
    part(host("h2")).expect("it is pulled");
    assert!(out.join("hosts/dc/h2").is_dir() && !out.join("hosts/dc/h1").exists());
    part(Wanted::Cluster("b".to_owned())).expect("it is pulled");
    assert_eq!(files(&out.join("clusters/b")), files(&dist.path("dist/current/clusters/b")));
    let unknown = part(host("h9")).expect_err("there is none").to_string();
    assert!(unknown.contains("host `h9`") && unknown.contains("`host:dc/h1`"), "{unknown}");
    assert!(out.join("clusters/b").is_dir(), "what was there stays");
    let left: Vec<_> =
        fs::read_dir(dist.path("")).expect("a directory").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left.len(), 2, "nothing temporary: {left:?}");
    for taken in ["dist", "dist/current", ""] {
        let refused =
            pull_part(&open(&relay.reference("p:v1")), &host("h1"), &dist.path(taken), &options(), &Silent);
        assert!(matches!(refused, Err(Error::Io { action: "replace", .. })), "{taken}");
    }
}

#[test]
fn over_a_line_that_breaks_a_build_is_whole_or_absent() {
    let Some(server) = Server::start(Access::Everybody) else { return };
    let dist = Dist::new(1);
    // Uploads that break off are begun again.
    let relay = Relay::start(server.port(), 4, usize::MAX, 3000);
    let pushed = push(&open(&relay.reference("p:v1")), &dist.current(), &[], &Silent).expect("it is pushed");
    assert_eq!(relay.left(), 0, "all that were to break did");
    let exact = format!("p@sha256:{}", pushed.reference.digest.expect("a digest"));
    // Downloads go on where they were.
    let relay = Relay::start(server.port(), 4, 2500, usize::MAX);
    let there = dist.path("there");
    pull_into(&there, &relay.reference(&exact)).expect("it is pulled");
    assert_eq!(relay.left(), 0);
    assert!(relay.requests().to_lowercase().contains("range: bytes="), "{}", relay.requests());
    assert_eq!(files(&there.join("current")), files(&dist.path("dist/current")));
    // A line that never gets better gives nothing; what came before it broke is not asked for again.
    let relay = Relay::start(server.port(), usize::MAX, 0, usize::MAX);
    let other = dist.path("other");
    assert!(matches!(pull_into(&other, &relay.reference(&exact)), Err(Error::Http { .. })));
    assert!(!other.join("current").exists());
    let part = dist.path("part");
    let pulled = pull_part(
        &open(&relay.reference(&exact)),
        &Wanted::Host("h1".to_owned()),
        &part,
        &options(),
        &Silent,
    );
    assert!(matches!(pulled, Err(Error::Http { .. })) && !part.exists());
    relay.cut(0);
    pull_into(&other, &relay.reference(&exact)).expect("it is pulled");
    assert_eq!(files(&other.join("current")), files(&dist.path("dist/current")));
}

#[test]
fn a_tampered_registry_is_noticed_and_the_build_before_stays() {
    let Some(server) = Server::start(Access::Everybody) else { return };
    let dist = Dist::new(1);
    let there = dist.path("there");
    push(&open(&server.reference("p:v1")), &dist.current(), &[], &Silent).expect("it is pushed");
    let before = pull_into(&there, &server.reference("p:v1")).expect("it is pulled").finished.id;
    dist.build(2);
    let pushed = push(&open(&server.reference("p:v2")), &dist.current(), &[], &Silent).expect("it is pushed");
    let manifest = server.manifest(&pushed.reference.to_string());
    let layer = manifest["layers"][0]["digest"].as_str().expect("a digest").to_owned();
    let whole = format!("sha256:{}", pushed.reference.digest.expect("a digest"));
    let (by_tag, by_digest) = (server.reference("p:v2"), server.reference(&format!("p@{whole}")));
    for (digest, reference) in
        [(layer, &by_tag), (format!("sha256:{}", dist.current().id()), &by_tag), (whole.clone(), &by_digest)]
    {
        let blob = server.blob(&digest);
        let bytes = fs::read(&blob).expect("a blob");
        let mut damaged = bytes.clone();
        // A manifest stays one: in it, a letter of a note's name is another.
        let name = bytes.windows(11).position(|part| part == b"annotations");
        let place = name.map_or(bytes.len() / 2, |at| at + "annotations\":{\"o".len());
        damaged[place] ^= 1;
        fs::write(&blob, damaged).expect("it can be written");
        assert_eq!(code(pull_into(&there, reference)), "E0830", "{digest}");
        if digest != whole {
            fs::remove_file(&blob).expect("it can be removed");
            assert_eq!(code(pull_into(&there, reference)), "E0830", "{digest} is gone");
        }
        fs::write(&blob, bytes).expect("it can be written");
        let store = Store::open(&there, NonZeroUsize::MIN);
        assert_eq!(store.current().expect("a store"), Some(before));
        assert!(store.verify().expect("a report").is_clean());
    }
    assert_eq!(pull_into(&there, &by_tag).expect("it is pulled").finished.id, *dist.current().id());
}

#[test]
fn logins_are_those_of_docker() {
    let Some(server) = Server::start(Access::Login) else { return };
    let dist = Dist::new(1);
    let push = |config: &str| {
        fs::write(dist.path("config.json"), config).expect("a file");
        let credentials = Credentials { docker_config: Some(dist.path("")) };
        push(&open_with(&server.reference("p:v1"), credentials), &dist.current(), &[], &Silent)
    };
    // `me:wrong` and `me:secret`.
    let auths = |auth: &str| format!(r#"{{"auths":{{"{}":{{"auth":"{auth}"}}}}}}"#, server.host());
    for wrong in ["{}".to_owned(), auths("bWU6d3Jvbmc=")] {
        let error = push(&wrong).expect_err("nobody may");
        assert!(matches!(error, Error::Denied { .. }) && !error.to_string().contains("wrong"), "{error}");
    }
    push(&auths("bWU6c2VjcmV0")).expect("it is pushed");
}

#[test]
fn signatures_travel_along_and_are_asked_for() {
    let Some(server) = Server::start(Access::Everybody) else { return };
    if platc_testkit::tools::need("ssh-keygen").is_none() {
        return;
    }
    let dist = Dist::new(1);
    let keygen = |args: &[&str], input: Option<&Path>| {
        let mut command = Command::new("ssh-keygen");
        command.args(args).current_dir(dist.path(""));
        if let Some(input) = input {
            command.stdin(fs::File::open(input).expect("a file"));
        }
        command.output().expect("ssh-keygen runs").status.success()
    };
    let key = |name: &str| {
        assert!(keygen(&["-q", "-t", "ed25519", "-N", "", "-f", name], None));
        Key::open(&dist.path(name), None).expect("a key")
    };
    let (ada, eve) = (key("ada"), key("eve"));
    let signers = format!("ada@example.org {}", fs::read_to_string(dist.path("ada.pub")).expect("a key"));
    fs::write(dist.path("allowed_signers"), &signers).expect("a file");
    let trust = Trust::parse("allowed_signers", &signers).expect("it says something");
    let trusting = PullOptions { trust: Some(trust), ..options() };
    let build = dist.current();
    let (json, out) = (build.manifest().to_bytes(), dist.path("there"));
    let store = Store::open(&out, NonZeroUsize::MIN);
    let round = || {
        let found = signatures(dist.store.dist(), build.id()).expect("a directory");
        let texts: Vec<Vec<u8>> = found.into_iter().map(|(_, text)| text).collect();
        push(&open(&server.reference("p:v1")), &build, &texts, &Silent).expect("it is pushed");
        pull(&open(&server.reference("p:v1")), &store, &trusting, &Silent)
    };
    assert_eq!(code(round()), "E0832");
    let other = ada.sign(Purpose::Plugin, &json).expect("a signature");
    let path = keep(dist.store.dist(), build.id(), &other).expect("it is kept");
    assert_eq!(code(round()), "E0834", "for another purpose");
    fs::remove_file(path).expect("it is ours");
    keep(dist.store.dist(), build.id(), &eve.sign(Purpose::Build, &json).expect("a signature"))
        .expect("it is kept");
    assert_eq!(code(round()), "E0833");
    assert!(!out.join("current").exists());
    let path = keep(dist.store.dist(), build.id(), &ada.sign(Purpose::Build, &json).expect("a signature"))
        .expect("it is kept");
    assert_eq!(round().expect("it is pulled").signer.as_deref(), Some("ada@example.org"));
    assert_eq!(signatures(&out, build.id()).expect("a directory").len(), 2, "they come along");
    // `ssh-keygen` says the same, of what we signed and of what it signs itself.
    let path = path.display().to_string();
    let manifest = dist.path("dist/current/build.json");
    let verify = |purpose: &str| {
        keygen(
            &["-Y", "verify", "-f", "allowed_signers", "-I", "ada@example.org", "-n", purpose, "-s", &path],
            Some(&manifest),
        )
    };
    assert!(verify("platc-build") && !verify("platc-plugin"));
    fs::copy(&manifest, dist.path("build.json")).expect("a file");
    assert!(keygen(&["-q", "-Y", "sign", "-n", "platc-build", "-f", "ada", "build.json"], None));
    fs::rename(dist.path("build.json.sig"), &path).expect("it moves");
    assert_eq!(round().expect("it is pulled").signer.as_deref(), Some("ada@example.org"));
}

#[test]
fn a_plugin_comes_as_it_went() {
    let Some(server) = Server::start(Access::Everybody) else { return };
    let reference = server.reference("policies/p:1");
    let bytes = noise(7, 9000);
    let pushed =
        push_plugin(&open(&reference), "p.wasm", &bytes, &[b"s".to_vec()], &Silent).expect("it is pushed");
    let fetched = fetch(&open(&pushed.to_string()), &Silent).expect("it is fetched");
    assert_eq!((fetched.bytes, fetched.signatures), (bytes, vec![b"s".to_vec()]));
    let manifest = server.manifest(&pushed.to_string());
    assert_eq!(manifest["layers"][0]["mediaType"], "application/wasm");
    let dist = Dist::new(1);
    push(&open(&server.reference("p:v1")), &dist.current(), &[], &Silent).expect("it is pushed");
    let Err(Error::Refused(refusal)) = fetch(&open(&server.reference("p:v1")), &Silent) else {
        panic!("no plugin")
    };
    assert_eq!(refusal.code.id(), "E0836");
}
