//! Compiles a policy in Rust: finds cargo and the target, says what to install if they are missing, and starts
//! cargo so that the same sources give the same bytes wherever they lie.
//!
//! Start with [`build`].

use std::path::{Path, PathBuf};

use platc_policy_library::{TARGET, build_command, built_file};
use serde_json::Value as Json;

use super::{programs, read};
use crate::commands::shown;
use crate::term::Trouble;

/// What cargo knows of the project.
struct Package {
    target_dir: PathBuf,
    /// The library that becomes the policy.
    library: String,
}

/// Compiles the policy in `dir`: where its file is, and what is in it.
pub(super) fn build(dir: &Path, quiet: bool) -> Result<(PathBuf, Vec<u8>), Trouble> {
    let package = package(dir)?;
    check_target(dir)?;
    let mut cargo = programs::command("cargo", dir);
    cargo.args(build_command()).env("CARGO_ENCODED_RUSTFLAGS", remap(dir).join("\u{1f}"));
    // A wrapper or flags for the machine's own programs do not fit WebAssembly.
    cargo.env_remove("RUSTFLAGS");
    if quiet {
        cargo.arg("--quiet");
    }
    if !programs::succeeds(&mut cargo, &no_rust())? {
        return Err(Trouble::new(format!("cargo did not build the policy in `{}`", shown(dir)))
            .help("what it says is above; `cargo build` there says it again"));
    }
    let path = package.target_dir.join(built_file(&package.library));
    if !path.is_file() {
        return Err(Trouble::new(format!("cargo succeeded, and there is no `{}`", shown(&path)))
            .help("`Cargo.toml` needs `[lib]` with `crate-type = [\"cdylib\"]`"));
    }
    let bytes = read(&path)?;
    Ok((path, bytes))
}

fn package(dir: &Path) -> Result<Package, Trouble> {
    let metadata = programs::output(
        programs::command("cargo", dir).args(["metadata", "--no-deps", "--format-version", "1"]),
        &no_rust(),
    )?;
    let metadata: Json = serde_json::from_slice(&metadata)
        .map_err(|error| Trouble::new(format!("`cargo metadata` does not give JSON: {error}")))?;
    let text = |json: &Json, key: &str| json.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let list = |json: &Json, key: &str| json.get(key).and_then(Json::as_array).cloned().unwrap_or_default();
    let manifest = dir.join("Cargo.toml");
    let own = |package: &Json| same_file(Path::new(&text(package, "manifest_path")), &manifest);
    let package = list(&metadata, "packages").into_iter().find(own).ok_or_else(|| {
        Trouble::new(format!("`{}` is no package", shown(&manifest)))
            .help("name the directory of the policy itself, not of a workspace")
    })?;
    let becomes = |target: &Json| list(target, "crate_types").iter().any(|kind| kind == "cdylib");
    let library = list(&package, "targets").into_iter().find(becomes).ok_or_else(|| {
        Trouble::new(format!("`{}` does not make WebAssembly", shown(&manifest))).help(
            "it needs `[lib]` with `crate-type = [\"cdylib\"]`; `platc policy new` writes one that has it",
        )
    })?;
    Ok(Package { target_dir: text(&metadata, "target_directory").into(), library: text(&library, "name") })
}

fn same_file(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    a == b || (real(a).is_some() && real(a) == real(b))
}

/// Cargo's own words where the target is missing speak of a crate `core` that cannot be found.
fn check_target(dir: &Path) -> Result<(), Trouble> {
    let libdir = programs::output(
        programs::command("rustc", dir).args(["--print", "target-libdir", "--target", TARGET]),
        &no_rust(),
    )?;
    if Path::new(String::from_utf8_lossy(&libdir).trim()).is_dir() {
        return Ok(());
    }
    let trouble = Trouble::new(format!("this Rust cannot compile to {TARGET}: the target is not installed"));
    Err(if programs::starts("rustup", dir) {
        trouble.help(format!("run `rustup target add {TARGET}`"))
    } else {
        trouble.help(
            "install the package of your distribution that has it (Debian: `libstd-rust-dev-wasm32`), or Rust \
             from https://rustup.rs and then run `rustup target add wasm32-unknown-unknown`",
        )
    })
}

/// Places of this machine, which must not get into the file. The policy's own is in none: cargo names the files of
/// a workspace from its root.
fn remap(dir: &Path) -> Vec<String> {
    let ask = |args: &[&str]| {
        programs::output(programs::command("rustc", dir).args(args), &no_rust()).unwrap_or_default()
    };
    let sysroot = String::from_utf8_lossy(&ask(&["--print", "sysroot"])).trim().to_owned();
    let version = String::from_utf8_lossy(&ask(&["--version", "--verbose"])).into_owned();
    let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: ")).unwrap_or("unknown");
    let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    let mut flags = Vec::new();
    flags.extend(cargo_home().map(|home| remap(&home, "/cargo")));
    flags.push(remap(&Path::new(&sysroot).join("lib/rustlib/src/rust"), &format!("/rustc/{commit}")));
    flags
}

/// Where cargo keeps the sources of crates.
fn cargo_home() -> Option<PathBuf> {
    let of = |name| std::env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    of("CARGO_HOME").or_else(|| Some(of("HOME")?.join(".cargo")))
}

fn no_rust() -> String {
    format!("install Rust from https://rustup.rs, then run `rustup target add {TARGET}`")
}
