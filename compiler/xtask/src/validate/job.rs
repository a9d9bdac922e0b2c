//! One run of a check: its files, a folder to work in, secrets filled in, and tools asked and judged.
//!
//! Not here: the checks. Start with [`jobs`]; a check gets a [`Run`].

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Check, Per, Row, matches};
use crate::shell::{line, output};
use crate::{Outcome, tools};

/// A check and the files that it takes at a time.
#[derive(Debug)]
pub struct Job {
    /// The check.
    pub row: &'static Row,
    /// Root of the workspace, where the tools are.
    root: PathBuf,
    /// Folder of the build.
    pub build: PathBuf,
    /// The files, from there, in order.
    pub files: Vec<String>,
}

/// A job while it runs.
#[derive(Debug)]
pub struct Run<'a> {
    /// What is run.
    pub job: &'a Job,
    /// A folder of its own, gone afterwards.
    pub scratch: PathBuf,
}

/// What a check has to do in a build; nothing if the build has no such files.
pub fn jobs(root: &Path, row: &'static Row, build: &Path) -> Vec<Job> {
    let all = files(build).into_iter();
    let mine: Vec<String> =
        all.filter(|file| row.files.iter().any(|pattern| matches(pattern, file))).collect();
    let batches: Vec<Vec<String>> = match row.per {
        Per::File => mine.into_iter().map(|file| vec![file]).collect(),
        Per::Host => mine.chunk_by(|a, b| host_of(a) == host_of(b)).map(<[String]>::to_vec).collect(),
        Per::Build => Some(mine).filter(|mine| !mine.is_empty()).into_iter().collect(),
    };
    let job = |files| Job { row, root: root.to_path_buf(), build: build.to_path_buf(), files };
    batches.into_iter().map(job).collect()
}

/// `hosts/<dc>/<host>` of a file of a host; the path itself of another.
fn host_of(file: &str) -> &str {
    file.match_indices('/').nth(2).map_or(file, |(at, _)| file.split_at(at).0)
}

/// All files below a folder, as paths from there, in order.
pub(super) fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                open.push(entry.path());
            } else if let Ok(path) = entry.path().strip_prefix(folder) {
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

/// The folders in a folder, in order.
pub(super) fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

impl Job {
    /// What it is about, from the root: the file, the host or the build.
    pub fn subject(&self) -> String {
        let build = self.build.strip_prefix(&self.root).unwrap_or(&self.build).to_string_lossy();
        let first = self.files.first().map(String::as_str).unwrap_or_default();
        match self.row.per {
            Per::File => format!("{build}/{first}"),
            Per::Host => format!("{build}/{}", host_of(first)),
            Per::Build => build.into_owned(),
        }
    }

    /// Runs it.
    ///
    /// # Errors
    ///
    /// If the tool refuses; with what it said.
    pub fn run(&self) -> Outcome {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{}-{number}", self.row.name, std::process::id());
        let scratch = self.root.join("target/validate").join(name);
        std::fs::create_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
        let run = Run { job: self, scratch: scratch.clone() };
        let outcome = match &self.row.check {
            Check::Function(check) => check(&run),
            Check::Command(line, fails_on) => run.template(line, fails_on),
        };
        // A folder that stays behind is no reason to fail.
        let _ = std::fs::remove_dir_all(scratch);
        outcome.map_err(|said| format!("{}: {}: {}", self.row.name, self.subject(), said.trim_end()))
    }
}

impl Run<'_> {
    /// The only file of a check per file.
    pub fn file(&self) -> &str {
        self.job.files.first().map(String::as_str).unwrap_or_default()
    }

    /// The part of a host's file that is its path on the host, without the slash before it.
    pub fn on_host(file: &str) -> &str {
        file.split_once("/rootfs/").map_or(file, |(_, path)| path)
    }

    /// A place on the host, as a path here. Only for checks of hosts.
    pub fn rootfs(&self, path: &str) -> PathBuf {
        self.job.build.join(host_of(self.file())).join("rootfs").join(path.trim_start_matches('/'))
    }

    /// The text of a file, with its secrets filled in.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn text(&self, file: &str) -> Outcome<String> {
        let path = self.job.build.join(file);
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(fill_secrets(&text))
    }

    /// A path to a file as tools may read it: the file itself, or a copy of the same name with its secrets
    /// filled in.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or the copy not written.
    pub fn readable(&self, file: &str) -> Outcome<PathBuf> {
        let path = self.job.build.join(file);
        let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        match String::from_utf8(bytes) {
            Ok(text) if text.contains(SECRET) => self.write(&format!("filled/{file}"), &fill_secrets(&text)),
            _ => Ok(path),
        }
    }

    /// Writes a file into the scratch folder.
    ///
    /// # Errors
    ///
    /// If it cannot.
    pub fn write(&self, name: &str, text: &str) -> Outcome<PathBuf> {
        let path = self.scratch.join(name);
        let said = |error: std::io::Error| format!("{}: {error}", path.display());
        std::fs::create_dir_all(path.parent().unwrap_or(&self.scratch)).map_err(said)?;
        std::fs::write(&path, text).map_err(said)?;
        Ok(path)
    }

    /// A tool, to be started in the scratch folder; the folders of our tools and of the system's are on its
    /// `PATH`.
    ///
    /// # Errors
    ///
    /// If it is not here.
    pub fn tool(&self, name: &str) -> Outcome<Command> {
        let root = &self.job.root;
        let program =
            tools::find(root, name).ok_or_else(|| format!("{name} is missing: cargo xtask setup"))?;
        let mut command = Command::new(program);
        command.current_dir(&self.scratch).env("PATH", tools::path(root)).env("LC_ALL", "C.UTF-8");
        Ok(command)
    }

    /// A script of ours in Python, see `tools/`.
    ///
    /// # Errors
    ///
    /// If there is no Python.
    pub fn python(&self, script: &str) -> Outcome<Command> {
        let mut command = self.tool("python3")?;
        command.arg(crate::setup::script(script)).env("PYTHONDONTWRITEBYTECODE", "1");
        Ok(command)
    }

    /// The folder of a Node module.
    ///
    /// # Errors
    ///
    /// If it is not here.
    pub fn module(&self, name: &str) -> Outcome<PathBuf> {
        tools::find_module(&self.job.root, name)
            .ok_or_else(|| format!("{name} is missing: cargo xtask setup"))
    }

    fn template(&self, words: &[&str], fails_on: &[&str]) -> Outcome {
        let (program, arguments) = words.split_first().ok_or("a row's command is empty")?;
        let file = self.readable(self.file())?;
        let mut command = self.tool(program)?;
        for argument in arguments {
            command.arg(if *argument == "{file}" { file.as_os_str() } else { argument.as_ref() });
        }
        // Lists such as SHA256SUMS name files from the build's folder.
        ask(command.current_dir(&self.job.build), fails_on)
    }
}

/// Runs a tool, which must succeed and not say any of `fails_on`; what it said, if it does.
///
/// # Errors
///
/// If it does not.
pub(super) fn ask(command: &mut Command, fails_on: &[&str]) -> Outcome {
    let answer = output(command)?;
    let said =
        format!("{}{}", String::from_utf8_lossy(&answer.stdout), String::from_utf8_lossy(&answer.stderr));
    if !answer.status.success() {
        return Err(format!("`{}`: {}\n{said}", line(command), answer.status));
    }
    match fails_on.iter().find(|word| said.contains(**word)) {
        Some(word) => Err(format!("`{}` said {word:?}:\n{said}", line(command))),
        None => Ok(()),
    }
}

/// What a hole for a secret begins with; it ends with `@@`.
const SECRET: &str = "@@secret:";

/// Holes for secrets, filled with dummies of the right shape, as delivery fills them with real ones.
fn fill_secrets(text: &str) -> String {
    let mut parts = text.split(SECRET);
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once("@@") {
            Some((name, rest)) => filled.extend([dummy(name).as_str(), rest]),
            None => filled.extend([SECRET, part]),
        }
    }
    filled
}

fn dummy(name: &str) -> String {
    let zeros = "0".repeat(64);
    match name {
        _ if name.contains("certificate-key") => zeros,
        _ if name.contains("sha256") || name.contains("ca-") => format!("sha256:{zeros}"),
        _ if name.contains("token") => "abcdef.0123456789abcdef".to_owned(),
        // Eight characters: all that VRRP takes.
        _ => "secret00".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_with_dummies_of_their_shape() {
        let text = "a: @@secret:bootstrap-token@@\nb: @@secret:vrrp@@ c @@secret:open";
        assert_eq!(fill_secrets(text), "a: abcdef.0123456789abcdef\nb: secret00 c @@secret:open");
        assert_eq!(dummy("ca-spki-sha256").len(), 71);
    }

    #[test]
    fn files_of_a_host_belong_together() {
        assert_eq!(host_of("hosts/dc/h1/rootfs/etc/x"), "hosts/dc/h1");
        assert_eq!(host_of("SHA256SUMS"), "SHA256SUMS");
    }
}
