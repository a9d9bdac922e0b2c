//! Plugins from a registry: fetched, pinned, vendored, signed; and built with when the registry is gone.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test: it runs programs and fails loudly"
)]

#[allow(dead_code, reason = "other tests use more of it")]
mod sandbox;
#[allow(dead_code, reason = "other tests use more of it")]
#[path = "../../platc-remote/tests/server/mod.rs"]
mod server;

use std::fs;
use std::process::Command;

use sandbox::{Run, Sandbox};
use server::{Access, Registry};

/// A policy of the library, as anybody's file.
fn policy(name: &str) -> &'static [u8] {
    let library = platc_policy_library::library();
    library.iter().find(|(policy, _)| *policy == name).expect("it ships").1
}

/// A platform that uses the plugin `mine` of a registry, where version 1 of it is.
fn platform(registry: &Registry) -> Sandbox {
    let sandbox = Sandbox::hello();
    fs::write(sandbox.path("mine.wasm"), policy("no-latest-api")).expect("a file");
    fs::write(sandbox.path("other.wasm"), policy("retry-budget")).expect("a file");
    succeeds(&sandbox.platc(&["push", &registry.reference("policies/mine:1"), "mine.wasm"]));
    declare(&sandbox, &format!("oci://{}", registry.reference("policies/mine:1")));
    sandbox
}

fn declare(sandbox: &Sandbox, from: &str) {
    fs::write(sandbox.path("policies.kdl"), format!("plugin mine from=\"{from}\"\nuse mine\n"))
        .expect("a file");
}

fn succeeds(run: &Run) {
    assert_eq!(run.code, 0, "{run:?}");
}

fn finds(run: &Run, parts: &[&str]) {
    assert_eq!(run.code, 1, "{run:?}");
    for part in parts {
        assert!(run.stderr.contains(part), "{part}: {run:?}");
    }
}

#[test]
fn a_fetched_plugin_is_pinned_and_builds_go_on_without_the_registry() {
    let Some(registry) = Registry::start(Access::Everybody) else { return };
    let sandbox = platform(&registry);
    finds(&sandbox.platc(&["build"]), &["E0808 not-vendored", "policies.kdl:1", "platc fetch"]);
    let fetch = sandbox.platc(&["fetch"]);
    succeeds(&fetch);
    assert!(fetch.stderr.contains("mine: fetched") && fetch.stderr.contains("wrote platc.lock"), "{fetch:?}");
    let lock = fs::read_to_string(sandbox.path("platc.lock")).expect("a lock");
    assert!(
        lock.contains("plugin \"mine\" digest=\"sha256:") && lock.contains("policies/mine:1\""),
        "{lock}"
    );
    assert_eq!(fs::read(sandbox.path(".platc/.gitignore")).expect("a file"), b"*\n");
    succeeds(&sandbox.platc(&["build"]));
    drop(registry);

    // Offline: nothing asks, not even a fetch of what is here.
    succeeds(&sandbox.platc(&["build"]));
    sandbox.edit("platform.kdl", "replicas=2", "replicas=1");
    succeeds(&sandbox.platc(&["build", "--locked"]));
    let again = sandbox.platc(&["fetch"]);
    assert!(again.code == 0 && again.stderr.contains("mine: is here"), "{again:?}");
    let vendor = sandbox.platc(&["vendor"]);
    assert!(vendor.code == 0 && vendor.stderr.contains("vendor/plugins/mine.wasm"), "{vendor:?}");
    fs::remove_dir_all(sandbox.path(".platc")).expect("it is ours");
    succeeds(&sandbox.platc(&["build", "--locked"]));
    sandbox.edit("policies.kdl", "use mine", "// a comment\nuse mine");
    fs::write(sandbox.path("vendor/plugins/mine.wasm"), policy("retry-budget")).expect("a file");
    finds(&sandbox.platc(&["build"]), &["E0711 plugin-changed", "vendor/plugins/mine.wasm"]);
    fs::remove_dir_all(sandbox.path("vendor")).expect("it is ours");
    finds(&sandbox.platc(&["build"]), &["E0808"]);
    let nobody = sandbox.platc(&["fetch"]);
    assert_eq!(nobody.code, 2, "{nobody:?}");
}

#[test]
fn a_registry_that_has_something_else_now_is_noticed() {
    let Some(registry) = Registry::start(Access::Everybody) else { return };
    let sandbox = platform(&registry);
    succeeds(&sandbox.platc(&["fetch"]));
    let lock = fs::read(sandbox.path("platc.lock")).expect("a lock");
    succeeds(&sandbox.platc(&["push", &registry.reference("policies/mine:1"), "other.wasm"]));
    // Who has it is not disturbed; who clones the repository now is told.
    succeeds(&sandbox.platc(&["fetch"]));
    fs::remove_dir_all(sandbox.path(".platc")).expect("it is ours");
    let fetch = sandbox.platc(&["fetch"]);
    finds(
        &fetch,
        &["E0711 plugin-changed", "policies.kdl:1:18", "platc fetch --update", "nothing was pinned"],
    );
    assert!(!sandbox.path(".platc").exists());
    assert_eq!(fs::read(sandbox.path("platc.lock")).expect("a lock"), lock);
    succeeds(&sandbox.platc(&["fetch", "--update"]));
    assert_ne!(fs::read(sandbox.path("platc.lock")).expect("a lock"), lock);
    succeeds(&sandbox.platc(&["build"]));
    // Other words are another plugin, and have to be fetched.
    declare(&sandbox, &format!("oci://{}", registry.reference("policies/mine:2")));
    finds(&sandbox.platc(&["build"]), &["E0808"]);
    let missing = sandbox.platc(&["fetch"]);
    assert!(missing.code == 2 && missing.stderr.contains("policies/mine:2"), "{missing:?}");
}

#[test]
fn a_platform_that_trusts_somebody_takes_only_what_they_signed() {
    let Some(registry) = Registry::start(Access::Everybody) else { return };
    if platc_testkit::tools::need("ssh-keygen").is_none() {
        return;
    }
    let sandbox = platform(&registry);
    let keygen = |args: &[&str]| {
        let mut command = Command::new("ssh-keygen");
        assert!(
            command.args(args).current_dir(sandbox.dir()).output().expect("ssh-keygen runs").status.success()
        );
    };
    keygen(&["-q", "-t", "ed25519", "-N", "", "-f", "ada"]);
    let key = fs::read_to_string(sandbox.path("ada.pub")).expect("a key");
    let trust = |options: &str| {
        fs::write(sandbox.path("allowed_signers"), format!("ada@example.org {options} {key}"))
            .expect("a file");
    };
    trust("");
    finds(&sandbox.platc(&["fetch"]), &["E0832 unsigned", "policies.kdl:1:18"]);
    trust("namespaces=\"platc-build\"");
    succeeds(&sandbox.platc(&["fetch"]));
    fs::remove_dir_all(sandbox.path(".platc")).expect("it is ours");
    trust("namespaces=\"platc-plugin\"");
    let reference = registry.reference("policies/mine:1");
    succeeds(&sandbox.platc(&["sign", "--key", "ada", "other.wasm"]));
    fs::rename(sandbox.path("other.wasm.sig"), sandbox.path("mine.wasm.sig")).expect("it moves");
    succeeds(&sandbox.platc(&["push", &reference, "mine.wasm"]));
    finds(&sandbox.platc(&["fetch"]), &["E0834 bad-signature"]);
    // By `ssh-keygen` as well as by `platc sign`.
    fs::remove_file(sandbox.path("mine.wasm.sig")).expect("it is ours");
    keygen(&["-q", "-Y", "sign", "-n", "platc-plugin", "-f", "ada", "mine.wasm"]);
    let push = sandbox.platc(&["push", &reference, "mine.wasm"]);
    assert!(push.code == 0 && push.stderr.contains(", signed"), "{push:?}");
    let fetch = sandbox.platc(&["vendor"]);
    assert!(fetch.code == 0 && fetch.stderr.contains("signed by ada@example.org"), "{fetch:?}");
    assert!(sandbox.path("vendor/plugins/mine.wasm.sig").is_file());
    succeeds(&sandbox.platc(&["build"]));
}

#[test]
fn images_by_tag_are_looked_up_and_pinned() {
    let Some(registry) = Registry::start(Access::Everybody) else { return };
    let sandbox = Sandbox::hello();
    succeeds(&sandbox.platc(&["build"]));
    // Any image will do, and a build is one.
    let reference = registry.reference("okm/web:1");
    succeeds(&sandbox.platc(&["push", &reference]));
    let image = "nginx:1.29@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    sandbox.edit("platform.kdl", image, &reference);
    let fetch = sandbox.platc(&["fetch"]);
    succeeds(&fetch);
    assert!(fetch.stderr.contains("1 image written by tag, 1 newly pinned"), "{fetch:?}");
    let pinned = || {
        let lock = fs::read_to_string(sandbox.path("platc.lock")).expect("a lock");
        let line = lock.lines().find(|line| line.starts_with("image ")).map(str::to_owned);
        line.unwrap_or_else(|| panic!("no image in {lock}"))
    };
    let first = pinned();
    assert!(first.starts_with(&format!("image \"{reference}\" digest=\"sha256:")), "{first}");
    let digest = first.split('"').nth(3).expect("a digest");
    succeeds(&sandbox.platc(&["build"]));
    let show = sandbox.platc(&["build", "--stream"]);
    assert!(show.stdout.contains(&format!("image: {reference}@{digest}")), "{}", show.stdout);

    // What is pinned stays, until somebody wants what the registry has now.
    sandbox.edit("platform.kdl", "replicas=2", "replicas=3");
    succeeds(&sandbox.platc(&["build"]));
    succeeds(&sandbox.platc(&["push", &reference]));
    let again = sandbox.platc(&["fetch"]);
    assert!(again.stderr.contains("1 image written by tag, 0 newly pinned"), "{again:?}");
    assert_eq!(pinned(), first);
    assert!(sandbox.platc(&["fetch", "--update", "--only", "plugins"]).code == 0 && pinned() == first);
    succeeds(&sandbox.platc(&["fetch", "--update"]));
    assert_ne!(pinned(), first);

    // A name or a tag that is not there, each on its line; then nothing is pinned.
    let lock = fs::read(sandbox.path("platc.lock")).expect("a lock");
    sandbox.edit("platform.kdl", &reference, &registry.reference("okm/web:2"));
    finds(
        &sandbox.platc(&["fetch"]),
        &["E0838 no-such-image", "platform.kdl:", "okm/web:2", "nothing was pinned"],
    );
    assert_eq!(fs::read(sandbox.path("platc.lock")).expect("a lock"), lock);
}

#[test]
fn what_is_no_plugin_or_no_place_is_a_finding_on_its_line() {
    let Some(registry) = Registry::start(Access::Everybody) else { return };
    let sandbox = Sandbox::hello();
    assert!(sandbox.platc(&["fetch"]).stderr.contains("no plugin comes from a registry"));
    succeeds(&sandbox.platc(&["build"]));
    succeeds(&sandbox.platc(&["push", &registry.reference("hello:v1")]));
    declare(&sandbox, &format!("oci://{}", registry.reference("hello:v1")));
    finds(&sandbox.platc(&["fetch"]), &["E0836 not-a-plugin", "policies.kdl:1:18"]);
    for from in ["https://r.example/p.wasm", "oci://p:1"] {
        declare(&sandbox, from);
        finds(&sandbox.platc(&["fetch"]), &["E0837 bad-reference", "policies.kdl:1:18"]);
    }
    fs::write(sandbox.path("platc.lock"), "lock 1\nnonsense\n").expect("a file");
    finds(&sandbox.platc(&["fetch"]), &["E0809"]);
    assert_eq!(fs::read(sandbox.path("platc.lock")).expect("a lock"), b"lock 1\nnonsense\n");
}
