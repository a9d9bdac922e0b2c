//! Compiles every folder of `plugins/policies` to WebAssembly and lists the files for `src/lib.rs`.
//!
//! With the cargo that builds platc, but a workspace, a lock and a target directory of their own: nothing
//! of the outer build (flags, wrappers, profile) gets in, and the same sources give the same bytes in any
//! directory. The network is used only if cargo lacks a crate of that lock.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    clippy::expect_used,
    reason = "a build script starts cargo, speaks to it on stdout, and has nobody but cargo to report to"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const TARGET: &str = "wasm32-unknown-unknown";

fn main() {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let plugins = here.join("../../plugins").canonicalize().expect("plugins/ lies beside compiler/");
    let out = PathBuf::from(variable("OUT_DIR"));
    for input in ["Cargo.toml", "Cargo.lock", "sdk", "wit", "policies"] {
        println!("cargo::rerun-if-changed={}", plugins.join(input).display());
    }
    let names = names(&plugins.join("policies"));
    let target_dir = out.join("plugins");
    compile(&plugins, &target_dir, &names);
    let mut generated = list(&names, &target_dir.join(TARGET).join("release"));
    generated += &sources(&plugins);
    fs::write(out.join("library.rs"), generated).expect("OUT_DIR can be written");
}

/// The SDKs and the contract, for projects of others: where each file goes in a project, and its text.
fn sources(plugins: &Path) -> String {
    let mut entries = String::new();
    let places = [
        ("sdk/rust", "sdk/crates/rust"),
        ("sdk/typescript", "sdk/typescript"),
        ("sdk/python", "sdk/python"),
        ("wit", "sdk/wit"),
    ];
    for (from, to) in places {
        let mut files = Vec::new();
        files_below(&plugins.join(from), &mut files);
        files.sort();
        // Python leaves compiled modules beside their sources.
        files.retain(|file| file.extension().is_none_or(|ending| ending != "pyc"));
        for file in files {
            let below = file.strip_prefix(plugins.join(from)).expect("it was found there");
            let place = format!("{to}/{}", below.display());
            entries += &format!("    ({place:?}, include_str!({:?})),\n", file.display().to_string());
        }
    }
    let whole = |name: &str| plugins.join(name).display().to_string();
    format!(
        "static SDK: &[(&str, &str)] = &[\n{entries}];\n\
         static WORKSPACE: &str = include_str!({:?});\n\
         static LOCK: &str = include_str!({:?});\n",
        whole("Cargo.toml"),
        whole("Cargo.lock"),
    )
}

fn files_below(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("the SDK can be read").flatten() {
        let path = entry.path();
        if path.is_dir() { files_below(&path, found) } else { found.push(path) }
    }
}

/// The policies: folders with a manifest, in the order of names.
fn names(policies: &Path) -> Vec<String> {
    let folders = fs::read_dir(policies).expect("plugins/policies can be read").flatten();
    let packages = folders.filter(|folder| folder.path().join("Cargo.toml").is_file());
    let mut names: Vec<String> =
        packages.filter_map(|folder| folder.file_name().into_string().ok()).collect();
    names.sort();
    names
}

fn compile(plugins: &Path, target_dir: &Path, names: &[String]) {
    let mut cargo = Command::new(variable("CARGO"));
    cargo.args(["build", "--release", "--locked", "--target", TARGET, "--manifest-path"]);
    cargo.arg(plugins.join("Cargo.toml")).arg("--target-dir").arg(target_dir);
    for name in names {
        cargo.args(["--package", name]);
    }
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        // What the outer cargo or its caller set for platc itself; clippy is such a wrapper.
        let outer = ["CARGO_BUILD_", "CARGO_PROFILE_", "CARGO_TARGET_", "CARGO_FEATURE_", "CARGO_CFG_"];
        let wrapper = ["RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_ENCODED_RUSTFLAGS"];
        if outer.iter().any(|prefix| text.starts_with(prefix)) || wrapper.contains(&&*text) {
            cargo.env_remove(&name);
        }
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", remap(plugins, target_dir).join("\u{1f}"));
    let status = cargo.status().expect("cargo can be started");
    assert!(
        status.success(),
        "the policies in {} could not be compiled; is the target there? (rustup target add {TARGET})",
        plugins.display()
    );
}

/// Places of this machine, which must not get into the files. The last that fits wins.
fn remap(plugins: &Path, target_dir: &Path) -> Vec<String> {
    let sysroot = rustc(&["--print", "sysroot"]);
    let version = rustc(&["--version", "--verbose"]);
    let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: ")).unwrap_or("unknown");
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo"))).unwrap_or_default();
    let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    vec![
        remap(&home, "/cargo"),
        // The sources of std, where they are installed, under the name that they have where they are not.
        remap(&Path::new(&sysroot).join("lib/rustlib/src/rust"), &format!("/rustc/{commit}")),
        remap(plugins, "/plugins"),
        remap(target_dir, "/target"),
    ]
}

fn rustc(args: &[&str]) -> String {
    let output = Command::new(variable("RUSTC")).args(args).output().expect("rustc can be started");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn list(names: &[String], built: &Path) -> String {
    let entry = |name: &String| {
        let file = built.join(format!("{}.wasm", name.replace('-', "_")));
        format!("    ({name:?}, include_bytes!({:?})),\n", file.display().to_string())
    };
    let entries: String = names.iter().map(entry).collect();
    format!("static LIBRARY: &[(&str, &[u8])] = &[\n{entries}];\n")
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name} for build scripts"))
}
