//! What coreutils, a shell and awk make of a build.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use super::help::*;
use crate::host::ROOT_PIPELINE;
use crate::{Digest, Manifest};

#[test]
fn coreutils_alone_verify_a_build() {
    if missing(&["sha256sum"]) {
        return;
    }
    let sandbox = Sandbox::new("coreutils");
    let store = store(&sandbox.dist("dist"));
    let mut artifacts = sample(1);
    for (at, name) in
        ["-n", " leading", "trailing ", "*", "$HOME", "a\\nb", "\\", "#", "\u{200b}", "~"].iter().enumerate()
    {
        artifacts.push(document(&format!("odd/{name}"), &format!("{at}\n")));
        artifacts.push(document(&format!("odder/{name}/{name}"), &format!("{at}\n")));
    }
    let build = store.begin().unwrap();
    put_all(&build, &artifacts, 1).unwrap();
    let id = build.finish(&finish(1)).unwrap().id;
    let dir = store.find("current").unwrap().dir().to_owned();

    let output = shell(&dir, "sha256sum --strict -c SHA256SUMS");
    assert_success(&output);
    let checked = String::from_utf8(output.stdout).unwrap();
    assert!(checked.contains("hosts/dc1/web1/MANIFEST: OK") && checked.contains("build.json: OK"));
    // Every file of the build is in the list, except the list.
    let files = names(&dir).iter().filter(|name| name.is_file()).count();
    assert_eq!(checked.lines().count(), files - 1);
    assert_success(&shell(
        &sandbox.path().join(format!("dist/builds/{id}.about")),
        "sha256sum --strict -c SHA256SUMS",
    ));
    let printed = shell(&dir, "sha256sum build.json");
    assert!(String::from_utf8(printed.stdout).unwrap().starts_with(&id.to_string()));

    // And they write what we write.
    let written = shell(
        &dir,
        "LC_ALL=C; find . -type f ! -path ./SHA256SUMS | sed 's|^./||' | LC_ALL=C sort | tr '\\n' '\\0' | xargs -0 sha256sum --",
    );
    assert_success(&written);
    assert_eq!(
        String::from_utf8(written.stdout).unwrap(),
        fs::read_to_string(dir.join("SHA256SUMS")).unwrap()
    );
}

#[test]
fn a_host_computes_its_root_with_standard_tools() {
    if missing(&["sha256sum", "stat", "xargs", "cut", "sed", "tr", "id"]) {
        return;
    }
    let sandbox = Sandbox::new("root");
    let store = store(&sandbox.dist("dist"));
    let owner = shell(sandbox.path(), "printf '%s:%s' \"$(id -un)\" \"$(id -gn)\"").stdout;
    let owner = String::from_utf8(owner).unwrap();
    let artifacts = [
        host_file("hosts/dc1/h/rootfs/etc/a", 0o644, &owner, &["a.service"], "a\n"),
        host_file("hosts/dc1/h/rootfs/etc/b c", 0o600, &owner, &[], "b\n"),
        host_file("hosts/dc1/h/rootfs/etc/d\\x2d", 0o4755, &owner, &[], ""),
        host_file("hosts/dc1/h/rootfs/etc/it's \"é\"", 0o400, &owner, &["b.service", "c.timer"], "e\n"),
    ];
    let build = store.begin().unwrap();
    put_all(&build, &artifacts, 1).unwrap();
    build.finish(&finish(1)).unwrap();
    let built = store.find("current").unwrap();
    let host = built.dir().join("hosts/dc1/h");

    // Installed as a host would have it.
    let installed = sandbox.dist("installed");
    let manifest = host.join("MANIFEST");
    let install = "while IFS=\"$(printf '\\t')\" read -r path mode owner sha restart; do
        mkdir -p \"$DESTDIR$(dirname \"$path\")\" && cp \"$FROM$path\" \"$DESTDIR$path\" && chmod \"$mode\" \"$DESTDIR$path\" || exit 1
    done < \"$MANIFEST\"";
    let run = |script: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", script]).env("MANIFEST", &manifest).env("FROM", host.join("rootfs"));
        command.env("DESTDIR", &installed).current_dir(sandbox.path()).output().unwrap()
    };
    assert_success(&run(install));
    let root = || {
        let output = run(&format!("cd \"$DESTDIR\"\n{ROOT_PIPELINE}"));
        assert_success(&output);
        String::from_utf8(output.stdout).unwrap()
    };
    let expected = fs::read_to_string(host.join("ROOT")).unwrap();
    assert_eq!(root(), expected);

    // Anything that is not as it should be gives another one.
    let set_mode =
        |mode| fs::set_permissions(installed.join("etc/a"), fs::Permissions::from_mode(mode)).unwrap();
    set_mode(0o640);
    assert_ne!(root(), expected);
    set_mode(0o644);
    assert_eq!(root(), expected);
    fs::write(installed.join("etc/a"), "A\n").unwrap();
    assert_ne!(root(), expected);

    // Columns, for awk.
    let units = run("awk -F '\\t' '$5 != \"-\" { print $1 \" \" $5 }' \"$MANIFEST\"");
    assert_eq!(
        String::from_utf8(units.stdout).unwrap(),
        "/etc/a a.service\n/etc/it's \"é\" b.service,c.timer\n"
    );
}

#[test]
fn a_host_without_files_has_no_lists_and_the_pipeline_still_says_something() {
    if missing(&["sha256sum", "stat", "xargs", "cut", "sed", "tr"]) {
        return;
    }
    let sandbox = Sandbox::new("root-empty");
    fs::write(sandbox.path().join("MANIFEST"), "").unwrap();
    let output = shell(sandbox.path(), &format!("MANIFEST=$PWD/MANIFEST\n{ROOT_PIPELINE}"));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{}\n", Digest::of(b"")));
    assert_eq!(Manifest::new(Vec::new()).unwrap().entries(), []);
}

fn shell(dir: &Path, script: &str) -> Output {
    Command::new("sh").args(["-c", script]).current_dir(dir).output().unwrap()
}

fn missing(tools: &[&str]) -> bool {
    let there = |tool: &&&str| {
        let found = Command::new("sh").args(["-c", &format!("command -v {tool}")]).output();
        !found.is_ok_and(|output| output.status.success())
    };
    let missing: Vec<&&str> = tools.iter().filter(there).collect();
    if !missing.is_empty() {
        cannot(&format!("{missing:?} not found"));
    }
    !missing.is_empty()
}
