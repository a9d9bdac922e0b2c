//! `cargo run --release --manifest-path compiler/kube-tables/Cargo.toml` writes
//! `compiler/platc-kube/tables/kubernetes.txt` and `descriptions.deflate`; with the argument `check` it
//! compares them instead. It takes seconds: the sources of `k8s-openapi` are read, not compiled.
//!
//! To cover a newer minor: raise the version of `k8s-openapi` in `Cargo.toml`, run it, read the diff.
//!
//! Not here: what is kept by hand (`platc-kube/tables/*.txt` beside the two). Start with [`generate`].

mod schema;
mod source;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use sha2::{Digest as _, Sha256};

/// What a run makes.
struct Output {
    table: String,
    descriptions: Vec<u8>,
}

fn main() -> ExitCode {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tables = here.join("../platc-kube/tables");
    let done = generate(here).and_then(|output| match std::env::args().nth(1).as_deref() {
        None => write(&tables, &output),
        Some("check") => check(&tables, &output),
        Some(other) => Err(format!("`{other}` is not known; there is `check`")),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kube-tables: {error}");
            ExitCode::FAILURE
        }
    }
}

fn generate(here: &Path) -> Result<Output, String> {
    let (root, version) = find_sources(here)?;
    let mut table = table::Table::default();
    let minors = minors_of(&root)?;
    for minor in &minors {
        table.add(*minor, &source::read_minor(&root, *minor)?)?;
    }
    let body = table.print();
    let minors: Vec<String> = minors.iter().map(u32::to_string).collect();
    let text = format!(
        "platc-kube tables 1\n\
         source k8s-openapi {version} {checksum}\n\
         generator {generator}\n\
         body {hash}\n\
         minors {minors}\n\
         {body}",
        checksum = checksum(here)?,
        generator = generator_hash(here)?,
        hash = hex(&Sha256::digest(body.as_bytes())),
        minors = minors.join(" "),
    );
    let descriptions = miniz_oxide::deflate::compress_to_vec(table.print_descriptions().as_bytes(), 9);
    Ok(Output { table: text, descriptions })
}

fn write(tables: &Path, output: &Output) -> Result<(), String> {
    for (name, bytes) in files(output) {
        let path = tables.join(name);
        fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))?;
        println!("{name}: {} bytes", bytes.len());
    }
    Ok(())
}

fn check(tables: &Path, output: &Output) -> Result<(), String> {
    for (name, bytes) in files(output) {
        let path = tables.join(name);
        let found = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        if found != bytes {
            return Err(format!("{name} is not what the generator makes; run it without `check`"));
        }
    }
    println!("fresh");
    Ok(())
}

fn files(output: &Output) -> [(&'static str, &[u8]); 2] {
    [("kubernetes.txt", output.table.as_bytes()), ("descriptions.deflate", &output.descriptions)]
}

/// Where cargo keeps the sources, and their version.
fn find_sources(here: &Path) -> Result<(PathBuf, String), String> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--locked", "--manifest-path"])
        .arg(here.join("Cargo.toml"))
        .output()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata.get("packages").and_then(|packages| packages.as_array());
    let package = packages
        .and_then(|packages| packages.iter().find(|package| package["name"] == "k8s-openapi"))
        .ok_or("cargo metadata does not list k8s-openapi")?;
    let manifest = package["manifest_path"].as_str().ok_or("no manifest path")?;
    let version = package["version"].as_str().ok_or("no version")?;
    let root = Path::new(manifest).parent().ok_or("no folder")?;
    Ok((root.to_owned(), version.to_owned()))
}

fn minors_of(root: &Path) -> Result<Vec<u32>, String> {
    let entries = fs::read_dir(root.join("src")).map_err(|error| format!("{}: {error}", root.display()))?;
    let mut minors: Vec<u32> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_prefix("v1_")?.parse().ok())
        .collect();
    minors.sort_unstable();
    if minors.is_empty() { Err("no minor in k8s-openapi".into()) } else { Ok(minors) }
}

/// The registry's checksum of the sources, from the lock file: platc-kube's tests compare it.
fn checksum(here: &Path) -> Result<String, String> {
    let path = here.join("Cargo.lock");
    let lock = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    lock.split_once("name = \"k8s-openapi\"")
        .and_then(|(_, rest)| rest.split_once("checksum = \""))
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(checksum, _)| checksum.to_owned())
        .ok_or_else(|| "Cargo.lock has no checksum of k8s-openapi".into())
}

/// A hash of this program's own text: platc-kube's tests compute it the same way.
fn generator_hash(here: &Path) -> Result<String, String> {
    let mut hash = Sha256::new();
    for name in ["main.rs", "schema.rs", "source.rs", "table.rs"] {
        let path = here.join("src").join(name);
        hash.update(fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?);
    }
    Ok(hex(&hash.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
