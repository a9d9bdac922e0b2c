//! Signatures, with the real `ssh-keygen` and `ssh-agent` on the other side.

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
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use sandbox::{Run, Sandbox};
use server::{Access, Registry};

/// A built platform with keys of `ada`, whom it trusts, and `eve`. Nothing where `ssh-keygen` is missing.
fn signed_platform() -> Option<Sandbox> {
    platc_testkit::tools::need("ssh-keygen")?;
    let sandbox = Sandbox::hello();
    succeeds(&sandbox.platc(&["build"]));
    for name in ["ada", "eve"] {
        keygen(&sandbox, &["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name], "");
    }
    trust(&sandbox, "");
    Some(sandbox)
}

/// Trusts `ada`, with these options.
fn trust(sandbox: &Sandbox, options: &str) {
    let key = fs::read_to_string(sandbox.path("ada.pub")).expect("a key");
    fs::write(sandbox.path("allowed_signers"), format!("# who may\nada@example.org {options} {key}"))
        .expect("a file");
}

/// Runs `ssh-keygen`, and gives what it says if it succeeds.
fn try_keygen(sandbox: &Sandbox, args: &[&str], input: &str) -> Option<String> {
    let mut command = Command::new("ssh-keygen");
    command
        .args(args)
        .current_dir(sandbox.dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("ssh-keygen runs");
    // It may end without reading.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn keygen(sandbox: &Sandbox, args: &[&str], input: &str) -> String {
    try_keygen(sandbox, args, input).unwrap_or_else(|| panic!("ssh-keygen {args:?} fails"))
}

fn succeeds(run: &Run) {
    assert_eq!(run.code, 0, "{run:?}");
}

/// The one signature in `dist`.
fn signature(sandbox: &Sandbox) -> PathBuf {
    let files = sandbox.files_below("dist/signatures");
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

#[test]
fn ssh_keygen_verifies_what_platc_signs_and_the_other_way_round() {
    let Some(sandbox) = signed_platform() else { return };
    let json = fs::read_to_string(sandbox.path("dist/current/build.json")).expect("a manifest");
    succeeds(&sandbox.platc(&["sign", "--key", "ada"]));
    let path = signature(&sandbox).display().to_string();
    let verify = |identity: &str, purpose: &str, text: &str| {
        let args = ["-Y", "verify", "-f", "allowed_signers", "-I", identity, "-n", purpose, "-s", &path];
        try_keygen(&sandbox, &args, text)
    };
    assert!(
        verify("ada@example.org", "platc-build", &json)
            .expect("it holds")
            .contains("Good \"platc-build\" signature")
    );
    assert!(verify("ada@example.org", "platc-build", &json.replace("0644", "0755")).is_none());
    assert!(verify("ada@example.org", "platc-plugin", &json).is_none());
    // Signing again changes nothing, and building again keeps it: one id, one signature.
    let before = fs::read(&path).expect("a signature");
    succeeds(&sandbox.platc(&["sign", "--key", "ada"]));
    sandbox.edit("platform.kdl", "service web", "// a comment\nservice web");
    succeeds(&sandbox.platc(&["build"]));
    assert_eq!(fs::read(signature(&sandbox)).expect("a signature"), before);

    // And what `ssh-keygen` signs, wherever it lies.
    fs::remove_file(&path).expect("it is ours");
    fs::write(sandbox.path("build.json"), &json).expect("a file");
    keygen(&sandbox, &["-q", "-Y", "sign", "-n", "platc-build", "-f", "ada", "build.json"], "");
    let unsigned = sandbox.platc(&["verify"]);
    assert!(unsigned.code == 1 && unsigned.stderr.contains("E0832 unsigned"), "{unsigned:?}");
    fs::rename(sandbox.path("build.json.sig"), &path).expect("it moves");
    let verify = sandbox.platc(&["verify"]);
    assert!(verify.code == 0 && verify.stderr.contains("is signed by ada@example.org"), "{verify:?}");
}

#[test]
fn only_those_who_may_sign_and_only_for_builds_and_in_time() {
    let Some(sandbox) = signed_platform() else { return };
    let verify = |code: &str, part: &str| {
        let run = sandbox.platc(&["verify"]);
        assert!(run.code == 1 && run.stderr.contains(code) && run.stderr.contains(part), "{code}: {run:?}");
    };
    verify("E0832 unsigned", "`allowed_signers` demands it");
    succeeds(&sandbox.platc(&["sign", "--key", "eve"]));
    verify("E0833 signer-not-trusted", "SHA256:");
    // One that may is enough.
    let eve = signature(&sandbox);
    succeeds(&sandbox.platc(&["sign", "--key", "ada"]));
    succeeds(&sandbox.platc(&["verify"]));
    fs::remove_file(eve).expect("it is ours");
    trust(&sandbox, "valid-before=\"20200101\"");
    verify("E0833", "time");
    trust(&sandbox, "namespaces=\"git\",valid-after=\"20200101\"");
    succeeds(&sandbox.platc(&["verify"]));
    trust(&sandbox, "namespaces=\"platc-*\",valid-after=\"20200101Z\"");
    let run = sandbox.platc(&["verify"]);
    assert!(run.code == 0 && run.stderr.contains("signed by ada"), "{run:?}");
    // Signed by ada, and for something else; or damaged.
    let path = signature(&sandbox);
    fs::copy(sandbox.path("dist/current/build.json"), sandbox.path("build.json")).expect("a file");
    keygen(&sandbox, &["-q", "-Y", "sign", "-n", "git", "-f", "ada", "build.json"], "");
    fs::copy(sandbox.path("build.json.sig"), &path).expect("a file");
    verify("E0834 bad-signature", "another purpose");
    let text = fs::read_to_string(&path).expect("text");
    fs::write(&path, text.replace('A', "B")).expect("a file");
    verify("E0834 bad-signature", "does not hold");
    fs::write(sandbox.path("allowed_signers"), "# who may\nada ssh-ed25519 oops\n").expect("a file");
    verify("E0835 bad-trust-file", "allowed_signers:2:1");
    let missing = sandbox.platc(&["verify", "--trust", "nowhere"]);
    assert!(missing.code == 2 && missing.stderr.contains("nowhere"), "{missing:?}");
}

#[test]
fn a_key_with_a_passphrase_signs_by_an_agent() {
    let Some(sandbox) = signed_platform() else { return };
    let Some(program) = platc_testkit::tools::need("ssh-agent") else { return };
    let socket = sandbox.path("agent");
    let mut command = Command::new(program);
    command.args(["-D", "-a"]).arg(&socket).stdout(Stdio::piped());
    let mut agent = Agent(command.spawn().expect("it starts"));
    // It says where it listens when it does.
    let mut said = String::new();
    let stdout = agent.0.stdout.take().expect("it is piped");
    BufReader::new(stdout).read_line(&mut said).expect("it says where it listens");
    let add = |key: &str| {
        let mut command = Command::new("ssh-add");
        command.args(["-q", key]).current_dir(sandbox.dir()).env("SSH_AUTH_SOCK", &socket);
        assert!(command.status().expect("ssh-add runs").success());
    };
    let sign = |key: &str| {
        let output = sandbox
            .command(&["sign", "--key", key])
            .env("SSH_AUTH_SOCK", &socket)
            .output()
            .expect("platc runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let unknown = sign("ada.pub");
    assert!(unknown.0 == Some(2) && unknown.1.contains("ssh-add"), "{unknown:?}");
    add("ada");
    assert_eq!(sign("ada.pub").0, Some(0));
    succeeds(&sandbox.platc(&["verify"]));
    fs::remove_file(signature(&sandbox)).expect("it is ours");
    // The agent has it without its passphrase, and the file has one now.
    keygen(&sandbox, &["-q", "-p", "-P", "", "-N", "long enough", "-f", "ada"], "");
    assert_eq!(sign("ada").0, Some(0));
    succeeds(&sandbox.platc(&["verify"]));
    let alone = sandbox.platc(&["sign", "--key", "ada"]);
    assert!(
        alone.code == 2 && alone.stderr.contains("passphrase") && alone.stderr.contains("ssh-add"),
        "{alone:?}"
    );
    let public = sandbox.platc(&["sign", "--key", "ada.pub"]);
    assert!(public.code == 2 && public.stderr.contains("SSH_AUTH_SOCK"), "{public:?}");
    let none = sandbox.platc(&["sign"]);
    assert!(none.code == 2 && none.stderr.contains("--key FILE"), "{none:?}");
    let no_key = sandbox.platc(&["sign", "--key", "platform.kdl"]);
    assert!(no_key.code == 2 && no_key.stderr.contains("no key of OpenSSH"), "{no_key:?}");
}

struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn signatures_travel_with_a_build_and_are_asked_for_on_arrival() {
    let Some(sandbox) = signed_platform() else { return };
    let Some(registry) = Registry::start(Access::Everybody) else { return };
    let reference = registry.reference("hello:v1");
    succeeds(&sandbox.platc(&["push", &reference]));
    for part in [
        vec!["pull", &reference, "--out", "there"],
        vec!["pull", &reference, "--host", "m1", "--out", "part"],
    ] {
        let run = sandbox.platc(&part);
        assert!(run.code == 1 && run.stderr.contains("E0832 unsigned"), "{run:?}");
    }
    assert!(!sandbox.path("there").exists() && !sandbox.path("part").exists());
    succeeds(&sandbox.platc(&["sign", "--key", "eve"]));
    succeeds(&sandbox.platc(&["push", &reference]));
    let run = sandbox.platc(&["pull", &reference, "--out", "there"]);
    assert!(run.code == 1 && run.stderr.contains("E0833"), "{run:?}");
    assert!(!sandbox.path("there").exists());
    succeeds(&sandbox.platc(&["sign", "--key", "ada"]));
    succeeds(&sandbox.platc(&["push", &reference]));
    let run = sandbox.platc(&["pull", &reference, "--out", "there"]);
    assert!(run.code == 0 && run.stderr.contains("signed by ada@example.org"), "{run:?}");
    let verify = sandbox.platc(&["verify", "there", "--trust", "allowed_signers"]);
    assert!(verify.code == 0 && verify.stderr.contains("is signed by ada"), "{verify:?}");
    // A host without a platform says whom it trusts, and can ask `ssh-keygen`, too.
    let host = fs::read_dir(sandbox.path("dist/current/hosts"))
        .expect("hosts")
        .flatten()
        .next()
        .expect("a datacenter");
    let host = fs::read_dir(host.path()).expect("hosts").flatten().next().expect("a host").file_name();
    let host = host.to_string_lossy().into_owned();
    fs::create_dir(sandbox.path("elsewhere")).expect("a directory");
    let pull = ["pull", &reference, "--host", &host, "--out", "elsewhere/part", "--trust", "allowed_signers"];
    let run = sandbox.platc(&pull);
    assert!(run.code == 0 && run.stderr.contains("signed by ada"), "{run:?}");
    let names: Vec<String> =
        sandbox.files_below("elsewhere/part").iter().map(|path| path.display().to_string()).collect();
    assert!(names.iter().filter(|name| name.ends_with(".sig")).count() == 2, "{names:?}");
    let json = fs::read_to_string(sandbox.path("elsewhere/part/build.json")).expect("a manifest");
    let holds = ["build.json.sig", "build.json.2.sig"].map(|name| {
        let path = format!("elsewhere/part/{name}");
        let args = [
            "-Y",
            "verify",
            "-f",
            "allowed_signers",
            "-I",
            "ada@example.org",
            "-n",
            "platc-build",
            "-s",
            &path,
        ];
        try_keygen(&sandbox, &args, &json).is_some()
    });
    assert_eq!(holds.iter().filter(|holds| **holds).count(), 1, "eve's and ada's");
}
