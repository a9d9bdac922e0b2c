//! Builds to and from a real registry: whole, in parts, with a login, over lines that break, and tampered with.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test: it runs programs and fails loudly"
)]

#[allow(dead_code, reason = "other tests use more of it")]
mod sandbox;
#[path = "../../platc-remote/tests/server/mod.rs"]
mod server;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use sandbox::{Run, Sandbox};
use server::{Access, Registry, Relay};

/// A build of the example with two clusters and eighteen hosts.
fn built() -> Sandbox {
    let sandbox = Sandbox::example("okmeter");
    let build = sandbox.platc(&["build"]);
    assert_eq!(build.code, 0, "{build:?}");
    sandbox
}

fn push(sandbox: &Sandbox, reference: &str) -> String {
    let push = sandbox.platc(&["push", reference]);
    assert_eq!(push.code, 0, "{push:?}");
    push.stdout.trim().to_owned()
}

fn id(sandbox: &Sandbox, dist: &str) -> String {
    let target = fs::read_link(sandbox.path(dist).join("current")).expect("a build");
    target.file_name().expect("an id").to_string_lossy().into_owned()
}

fn succeeds(run: &Run) {
    assert_eq!(run.code, 0, "{run:?}");
}

/// The digest of the layer for a target.
fn layer(manifest: &serde_json::Value, target: &str) -> String {
    let layers = manifest["layers"].as_array().expect("layers");
    let layer = layers.iter().find(|layer| layer["annotations"]["dev.platc.target"] == target);
    layer.expect("a layer for it")["digest"].as_str().expect("a digest").to_owned()
}

#[test]
fn what_is_pushed_is_pulled_and_nothing_is_moved_twice() {
    let Some(registry) = Registry::start(Access::Everybody) else { return };
    let sandbox = built();
    let reference = registry.reference("platform/prod:v1");
    let first = sandbox.platc(&["push", &format!("oci://{reference}")]);
    succeeds(&first);
    assert!(first.stderr.contains("0 blobs (0 KiB) were there"), "{first:?}");
    let again = sandbox.platc(&["push", &reference]);
    assert!(again.stdout == first.stdout && again.stderr.contains(": 0 blobs (0 KiB) sent"), "{again:?}");

    let pull = sandbox.platc(&["pull", &reference, "--out", "there"]);
    succeeds(&pull);
    let id = id(&sandbox, "dist");
    let build = format!("builds/{id}");
    assert_eq!(
        sandbox.state_of_files(&format!("there/{build}")),
        sandbox.state_of_files(&format!("dist/{build}"))
    );
    assert_eq!(self::id(&sandbox, "there"), id);
    succeeds(&sandbox.platc(&["verify", "there"]));
    // By digest, too; and then all of it is there.
    let again = sandbox.platc(&["pull", first.stdout.trim(), "--out", "there"]);
    assert!(again.code == 0 && again.stderr.contains(": 0 parts (0 KiB) received"), "{again:?}");

    // Another machine that built the same pushes the same image, and one change moves one cluster.
    let other = built();
    assert_eq!(
        push(&other, &registry.reference("platform/other:v1")).split_once('@').expect("a digest").1,
        first.stdout.trim().split_once('@').expect("a digest").1
    );
}

/// Runs `platc` where `registry.test` is this machine, which no program takes for this machine by its name.
fn elsewhere(sandbox: &Sandbox, args: &[&str], authority: Option<&Path>) -> Option<Run> {
    let unshare = platc_testkit::tools::need("unshare")?;
    fs::write(sandbox.path("../hosts"), "127.0.0.1 registry.test\n").expect("a file");
    let mut command = Command::new(unshare);
    command.args(["--mount", "--user", "--map-root-user", "sh", "-c"]);
    command.args(["mount --bind ../hosts /etc/hosts && exec \"$0\" \"$@\"", sandbox::PLATC]).args(args);
    let plain = sandbox.command(&[]);
    command.current_dir(sandbox.path("")).env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.envs(authority.map(|file| ("SSL_CERT_FILE", file)));
    Some(Run::of(&command.output().expect("unshare starts")))
}

#[test]
fn a_registry_elsewhere_is_spoken_to_by_tls_alone_and_its_authority_must_be_trusted() {
    let Some(registry) = Registry::start(Access::Tls) else { return };
    let Some(open) = Registry::start(Access::Everybody) else { return };
    let sandbox = Sandbox::hello();
    succeeds(&sandbox.platc(&["build"]));
    let authority = registry.authority();
    let reference = format!("registry.test:{}/hello:v1", registry.port());
    let run = |args: &[&str], authority: Option<&Path>| elsewhere(&sandbox, args, authority);
    let Some(push) = run(&["push", &reference], Some(&authority)) else { return };
    succeeds(&push);
    succeeds(&run(&["pull", &reference, "--out", "there"], Some(&authority)).expect("it was there before"));
    assert_eq!(id(&sandbox, "there"), id(&sandbox, "dist"));
    let stranger = run(&["push", &reference], None).expect("it was there before");
    assert!(stranger.code != 0 && stranger.stderr.contains("SSL_CERT_FILE"), "{stranger:?}");
    let open = format!("registry.test:{}/hello:v1", open.port());
    let plain = run(&["push", &open], Some(&authority)).expect("it was there before");
    assert!(plain.code != 0 && plain.stderr.contains("no TLS with `registry.test:"), "{plain:?}");
}

#[test]
fn a_change_moves_only_the_parts_that_it_touches() {
    let Some(registry) = Registry::start(Access::Everybody) else { return };
    let sandbox = Sandbox::hello();
    succeeds(&sandbox.platc(&["build"]));
    let reference = registry.reference("hello:v1");
    push(&sandbox, &reference);
    succeeds(&sandbox.platc(&["pull", &reference, "--out", "there"]));
    sandbox.edit("platform.kdl", "replicas=2", "replicas=1");
    succeeds(&sandbox.platc(&["build"]));
    push(&sandbox, &reference);
    let pull = sandbox.platc(&["pull", &reference, "--out", "there"]);
    succeeds(&pull);
    let received =
        pull.stderr.split_once("current: ").and_then(|(_, rest)| rest.split_once(' ')).expect("a tally").0;
    let there =
        pull.stderr.split_once("received, ").and_then(|(_, rest)| rest.split_once(' ')).expect("a tally").0;
    assert!(received == "1" && there.parse::<u32>().is_ok_and(|there| there > 0), "{pull:?}");
    assert_eq!(id(&sandbox, "there"), id(&sandbox, "dist"));
}

#[test]
fn the_image_is_one_that_flux_and_tar_read() {
    let Some(registry) = Registry::start(Access::Everybody) else { return };
    let sandbox = built();
    let push = sandbox.platc(&["push", &registry.reference("okm:v1")]);
    succeeds(&push);
    let manifest = registry.manifest(&push.stdout);
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.cncf.flux.config.v1+json");
    let layers = manifest["layers"].as_array().expect("layers");
    assert_eq!(layers[0]["mediaType"], "application/vnd.cncf.flux.content.v1.tar+gzip");
    let build = layers.iter().find(|layer| layer["mediaType"] == "application/vnd.platc.build.v1+json");
    assert_eq!(build.expect("build.json")["digest"], format!("sha256:{}", id(&sandbox, "dist")));
    // Each layer, unpacked by another program, is what the build has.
    for (target, path) in [("cluster:prod-b", "clusters/prod-b"), ("host:dc-a/a-m1", "hosts/dc-a/a-m1")] {
        let dir = sandbox.path("unpacked");
        fs::create_dir_all(&dir).expect("a directory");
        let blob = registry.blob(&layer(&manifest, target));
        let tar = Command::new("tar").arg("-xzf").arg(blob).arg("-C").arg(&dir).status().expect("tar runs");
        assert!(tar.success());
        assert_eq!(
            sandbox.state_of_files(&format!("unpacked/{path}")),
            sandbox.state_of_files(&format!("dist/current/{path}"))
        );
    }
    // Flux takes one layer of an image, so each cluster has an image of its own; its layer is the same blob.
    for cluster in ["prod-a", "prod-b"] {
        assert!(push.stderr.contains(&format!("tag v1-cluster-{cluster}")), "{push:?}");
        let pulled =
            sandbox.platc(&["pull", &registry.reference(&format!("okm:v1-cluster-{cluster}")), "--out", "x"]);
        assert!(
            pulled.code == 1 && pulled.stderr.contains("E0831 not-a-build"),
            "it is no whole build: {pulled:?}"
        );
    }
}

#[test]
fn a_host_gets_its_part_alone_and_can_verify_it() {
    let Some(registry) = Registry::start(Access::Everybody) else { return };
    let sandbox = built();
    let reference = registry.reference("okm:v1");
    push(&sandbox, &reference);
    let relay = Relay::start(registry.port(), 0, usize::MAX, usize::MAX);
    let through = relay.reference("okm:v1");
    succeeds(&sandbox.platc(&["pull", &through, "--host", "dc-a/a-m1", "--out", "part"]));
    assert_eq!(
        relay.requests().matches("/blobs/").count(),
        2,
        "`build.json` and one layer: {}",
        relay.requests()
    );
    let there = sandbox.state_of_files("part/hosts/dc-a/a-m1");
    assert_eq!(there, sandbox.state_of_files("dist/current/hosts/dc-a/a-m1"));
    assert_eq!(
        fs::read_dir(sandbox.path("part")).expect("a directory").count(),
        3,
        "hosts, build.json, SHA256SUMS"
    );
    let check = Command::new("sha256sum")
        .args(["--check", "--strict", "--quiet", "SHA256SUMS"])
        .current_dir(sandbox.path("part"))
        .status();
    assert!(check.expect("sha256sum runs").success());

    // By its name alone, over the part before, in one instant; and a cluster.
    succeeds(&sandbox.platc(&["pull", &reference, "--host", "a-m2", "--out", "part"]));
    assert!(sandbox.path("part/hosts/dc-a/a-m2").is_dir() && !sandbox.path("part/hosts/dc-a/a-m1").exists());
    succeeds(&sandbox.platc(&["pull", &reference, "--cluster", "prod-a", "--out", "cluster"]));
    assert_eq!(
        sandbox.state_of_files("cluster/clusters"),
        sandbox
            .state_of_files("dist/current/clusters")
            .into_iter()
            .filter(|(path, _)| path.starts_with("prod-a"))
            .collect()
    );

    let unknown = sandbox.platc(&["pull", &reference, "--host", "a-m9", "--out", "part"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("`host:dc-a/a-m1`"), "{unknown:?}");
    let nowhere = sandbox.platc(&["pull", &reference, "--host", "a-m1"]);
    assert!(nowhere.code == 2 && nowhere.stderr.contains("--out DIR"), "{nowhere:?}");
    for taken in [".", "dist", "dist/current"] {
        let refused = sandbox.platc(&["pull", &reference, "--host", "a-m1", "--out", taken]);
        assert!(refused.code == 2 && refused.stderr.contains("name a new directory"), "{refused:?}");
    }
    succeeds(&sandbox.platc(&["verify"]));
}

#[test]
fn over_a_line_that_breaks_a_build_is_whole_or_absent() {
    let Some(registry) = Registry::start(Access::Everybody) else { return };
    let sandbox = built();
    // Uploads break off, and the registry has a build in the end or does not name it.
    let relay = Relay::start(registry.port(), 6, usize::MAX, 3000);
    let pushed = push(&sandbox, &relay.reference("okm:v1"));
    assert_eq!(relay.left(), 0, "all that were to break did");
    let digest = pushed.split_once('@').expect("a digest").1.to_owned();

    // Downloads: what came is kept, and the rest is asked for; but a manifest, some 8 KB, is short enough to be
    // asked for again.
    let relay = Relay::start(registry.port(), 8, 12_000, usize::MAX);
    let reference = relay.reference(&format!("okm@{digest}"));
    succeeds(&sandbox.platc(&["pull", &reference, "--out", "there"]));
    assert_eq!(relay.left(), 0);
    assert!(relay.requests().to_lowercase().contains("range: bytes="), "{}", relay.requests());
    assert_eq!(sandbox.state_of_files("there/current"), sandbox.state_of_files("dist/current"));

    // A line that never gets better: nothing is there, and the next pull takes what came before.
    let broken = Relay::start(registry.port(), usize::MAX, 0, usize::MAX);
    let run = sandbox.platc(&["pull", &broken.reference(&format!("okm@{digest}")), "--out", "other"]);
    assert!(run.code == 2 && run.stderr.contains("run it again"), "{run:?}");
    assert!(!sandbox.path("other/current").exists() && !sandbox.path("other/builds").exists());
    let run = sandbox.platc(&[
        "pull",
        &broken.reference(&format!("okm@{digest}")),
        "--host",
        "a-m1",
        "--out",
        "part",
    ]);
    assert!(run.code == 2 && !sandbox.path("part").exists(), "{run:?}");
    broken.cut(0);
    succeeds(&sandbox.platc(&["pull", &broken.reference(&format!("okm@{digest}")), "--out", "other"]));
    assert_eq!(id(&sandbox, "other"), id(&sandbox, "dist"));
}

#[test]
fn a_tampered_registry_is_noticed_and_the_build_before_stays() {
    let Some(registry) = Registry::start(Access::Everybody) else { return };
    let sandbox = Sandbox::hello();
    succeeds(&sandbox.platc(&["build"]));
    push(&sandbox, &registry.reference("hello:old"));
    succeeds(&sandbox.platc(&["pull", &registry.reference("hello:old"), "--out", "there"]));
    let old = id(&sandbox, "there");
    sandbox.edit("platform.kdl", "replicas=2", "replicas=1");
    succeeds(&sandbox.platc(&["build"]));
    let pushed = push(&sandbox, &registry.reference("hello:new"));
    let manifest = registry.manifest(&pushed);
    let cluster = manifest["layers"][0]["digest"].as_str().expect("a digest").to_owned();
    let build = format!("sha256:{}", id(&sandbox, "dist"));
    let (_, whole) = pushed.split_once('@').expect("a digest");
    let by_digest = registry.reference(&format!("hello@{whole}"));
    for (what, digest, reference) in [
        ("a layer", cluster.as_str(), &registry.reference("hello:new")),
        ("`build.json`", &build, &registry.reference("hello:new")),
        ("the manifest", whole, &by_digest),
    ] {
        let blob = registry.blob(digest);
        let bytes = fs::read(&blob).expect("a blob");
        sandbox.damage(&blob);
        let pull = sandbox.platc(&["pull", reference, "--out", "there"]);
        assert!(pull.code == 1 && pull.stderr.contains("E0830 tampered"), "{what}: {pull:?}");
        assert_eq!(id(&sandbox, "there"), old, "{what}");
        succeeds(&sandbox.platc(&["verify", "there"]));
        // A blob that is gone is the same trouble.
        if what != "the manifest" {
            fs::remove_file(&blob).expect("it can be removed");
            let pull = sandbox.platc(&["pull", reference, "--out", "there"]);
            assert!(pull.code == 1 && pull.stderr.contains("E0830 tampered"), "{what}: {pull:?}");
        }
        write(&blob, &bytes);
    }
    succeeds(&sandbox.platc(&["pull", &registry.reference("hello:new"), "--out", "there"]));
    assert_eq!(id(&sandbox, "there"), id(&sandbox, "dist"));
}

fn write(path: &Path, bytes: &[u8]) {
    let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o644));
    fs::write(path, bytes).expect("it can be written");
}

#[test]
fn logins_are_those_of_docker() {
    let Some(registry) = Registry::start(Access::Login) else { return };
    let sandbox = Sandbox::hello();
    succeeds(&sandbox.platc(&["build"]));
    let reference = registry.reference("hello:v1");
    let run = |config: &str, path: &Path| {
        let docker = sandbox.path("docker");
        fs::create_dir_all(&docker).expect("a directory");
        fs::write(docker.join("config.json"), config).expect("a file");
        let mut command = sandbox.command(&["push", &reference]);
        let output = command.env("DOCKER_CONFIG", &docker).env("PATH", path).output().expect("platc runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let bin = sandbox.path("bin");
    fs::create_dir(&bin).expect("a directory");
    let nobody = run("{}", &bin);
    assert!(nobody.0 == Some(2) && nobody.1.contains("docker login"), "{nobody:?}");
    // `me:wrong` and `me:secret`.
    let auths = |auth: &str| format!(r#"{{"auths":{{"{}":{{"auth":"{auth}"}}}}}}"#, registry.host());
    let wrong = run(&auths("bWU6d3Jvbmc="), &bin);
    assert!(wrong.0 == Some(2) && wrong.1.contains("docker login"), "{wrong:?}");
    assert!(
        !wrong.1.contains("bWU6d3Jvbmc") && !wrong.1.contains("wrong"),
        "no password is shown: {wrong:?}"
    );
    assert_eq!(run(&auths("bWU6c2VjcmV0"), &bin).0, Some(0));
    // A helper is asked for this registry, and gives what a keychain has.
    let helper = bin.join("docker-credential-keys");
    let script = format!(
        "#!/bin/sh\nread -r registry || true\n[ \"$1 $registry\" = 'get {}' ] || exit 1\necho '{{\"Username\":\"me\",\"Secret\":\"secret\"}}'\n",
        registry.host()
    );
    fs::write(&helper, script).expect("a file");
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let helped = run(&format!(r#"{{"credHelpers":{{"{}":"keys"}}}}"#, registry.host()), &bin);
    assert_eq!(helped.0, Some(0), "{helped:?}");
    let missing = run(r#"{"credsStore":"nothing"}"#, &bin);
    assert!(missing.0 == Some(2) && missing.1.contains("docker-credential-nothing"), "{missing:?}");
}

#[test]
fn what_is_no_reference_or_not_there_is_said() {
    let Some(registry) = Registry::start(Access::Everybody) else { return };
    let sandbox = Sandbox::hello();
    succeeds(&sandbox.platc(&["build"]));
    let bad = sandbox.platc(&["push", "platform:v1"]);
    assert!(bad.code == 2 && bad.stderr.contains("oci://registry.example/NAME:TAG"), "{bad:?}");
    let none = sandbox.platc(&["pull", &registry.reference("nothing:v1")]);
    assert!(none.code == 2 && none.stderr.contains("platc push"), "{none:?}");
    let build = sandbox.platc(&["push", &registry.reference("hello:v1"), "abc"]);
    assert!(build.code == 2 && build.stderr.contains("there is no build `abc`"), "{build:?}");
    let nobody = sandbox.platc(&["pull", "127.0.0.1:1/hello:v1"]);
    assert!(nobody.code == 2 && nobody.stderr.contains("127.0.0.1:1"), "{nobody:?}");
}
