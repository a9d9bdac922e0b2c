//! Checks of routes and interfaces, in a network namespace that has the interfaces which the files name.
//!
//! Not here: whether packets arrive. A test of the compiler builds whole networks; here each file is loaded
//! by the program that will load it. A namespace belongs to the command that runs in it, so nothing has to
//! be cleaned up and checks do not meet. People who are not root get one through a user namespace.
//!
//! Start with [`batch`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Run;
use super::job::ask;
use crate::Outcome;
use crate::shell::output;

/// What a namespace has to have, so that a file can be loaded in it.
#[derive(Default, Debug)]
pub(super) struct Network {
    /// Interfaces other than the loopback.
    pub interfaces: BTreeSet<String>,
    /// Next hops, each with the interface on whose link it is.
    pub hops: BTreeMap<String, String>,
    /// Where names of routing tables come from, if not from the system.
    pub tables: Option<PathBuf>,
}

impl Network {
    /// What commands of `ip` name; next hops without an interface are on the link of `usual`.
    pub(super) fn of_commands(text: &str, usual: &str) -> Self {
        let mut network = Self::default();
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let after = |word: &str| {
                let at = words.iter().position(|found| *found == word)?;
                words.get(at + 1).map(|name| name.trim_matches(['"', '\'']))
            };
            let device = after("dev").filter(|name| !name.starts_with('$')).unwrap_or(usual).to_owned();
            if let Some(hop) = after("via") {
                network.hops.insert(hop.to_owned(), device.clone());
            }
            if device != "lo" {
                network.interfaces.insert(device);
            }
        }
        network
    }

    /// Shell commands that make it.
    fn setup(&self) -> String {
        let mut lines = vec!["ip link set lo up".to_owned()];
        for (number, name) in self.interfaces.iter().enumerate() {
            // A veth whose other end is up has a carrier, which routes need.
            lines.push(format!("ip link add {name} type veth peer name peer{number}"));
            lines.push(format!("ip link set {name} up; ip link set peer{number} up"));
        }
        lines.extend(self.hops.iter().map(|(hop, device)| format!("ip route replace {hop}/32 dev {device}")));
        if let Some(tables) = &self.tables {
            lines.push(format!("mount --bind '{}' /etc/iproute2/rt_tables.d", tables.display()));
        }
        lines.join("\n")
    }
}

/// A shell script that runs in `network`, with arguments.
pub(super) fn inside(
    run: &Run<'_>,
    network: &Network,
    script: &str,
    arguments: &[&Path],
) -> Outcome<Command> {
    let mut command = run.tool("unshare")?;
    command.args(["--net", "--mount"]);
    if !nix::unistd::geteuid().is_root() {
        command.arg("--map-root-user");
    }
    // In a file, so that a failure shows the line that matters and not how its network was made.
    let setup = run.write("network.sh", &network.setup())?;
    command.args(["sh", "-e", "-c", &format!(". {}; {script}", setup.display()), "sh"]).args(arguments);
    Ok(command)
}

/// `ip -batch`, twice: a file is loaded again after each change, so the second run must find nothing wrong
/// with what the first left.
pub(super) fn batch(run: &Run<'_>) -> Outcome {
    let text = run.text(run.file())?;
    let file = run.write("batch", &text)?;
    let mut network = Network::of_commands(&text, "eth0");
    network.tables = Some(run.rootfs("etc/iproute2/rt_tables.d")).filter(|folder| folder.is_dir());
    // Before the first run there is nothing to delete; that alone may fail, and `-force` goes on.
    let first = output(&mut inside(run, &network, r#"exec ip -force -batch "$1""#, &[&file])?)?;
    let said = String::from_utf8_lossy(&first.stderr);
    let lines: Vec<&str> = text.lines().collect();
    for word in said.lines().filter(|word| !word.starts_with("RTNETLINK answers: No such ")) {
        let number =
            word.strip_prefix("Command failed ").and_then(|place| place.rsplit_once(':')?.1.parse().ok());
        let line = number.and_then(|number: usize| lines.get(number.checked_sub(1)?));
        if !line.is_some_and(|line| line.split_whitespace().any(|word| word == "del")) {
            return Err(format!("`ip -batch`: {}\n{said}", line.unwrap_or(&"")));
        }
    }
    let script = r#"ip -force -batch "$1" 2> first || true; ip -batch "$1""#;
    ask(&mut inside(run, &network, script, &[&file])?, &[])
}

/// Words that may begin a line of a stanza: what ifupdown itself knows, and commands.
const OPTIONS: &[&str] = &[
    "address",
    "netmask",
    "broadcast",
    "gateway",
    "metric",
    "mtu",
    "hwaddress",
    "pointopoint",
    "scope",
    "up",
    "post-up",
    "pre-up",
    "down",
    "post-down",
    "pre-down",
    "description",
    "dns-nameservers",
    "dns-search",
    "vlan-raw-device",
    "bridge_ports",
    "bond-slaves",
    "bond-mode",
];

/// `ifup --no-act`, then the commands that it would run.
pub(super) fn ifupdown(run: &Run<'_>) -> Outcome {
    let text = run.text(run.file())?;
    let file = run.write("interfaces", &text)?;
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for (number, line) in (1..).zip(text.lines()) {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("iface") => names.extend(words.next()),
            None | Some("auto" | "allow-hotplug" | "source" | "source-directory" | "mapping") => {}
            Some(word) if word.starts_with('#') || OPTIONS.contains(&word) => {}
            // ifupdown takes any word for an option and hands it to hooks, a misspelt one as well.
            Some(word) => {
                return Err(format!("line {number}: `{word}` is no option of a stanza that we know"));
            }
        }
    }
    for name in names {
        let plan = |program: &str| -> Outcome<String> {
            let mut command = run.tool(program)?;
            let answer = output(command.args(["--no-act", "--force", "--interfaces"]).arg(&file).arg(name))?;
            let said = String::from_utf8_lossy(&answer.stderr).into_owned();
            if answer.status.success() { Ok(said) } else { Err(format!("`{program} {name}`:\n{said}")) }
        };
        let commands = |said: &str| {
            said.lines()
                .filter(|line| line.starts_with("ip "))
                .map(|line| format!("{line}\n"))
                .collect::<String>()
        };
        let (up, down) = (commands(&plan("ifup")?), commands(&plan("ifdown")?));
        let network = Network::of_commands(&up, name);
        let script = run.write(
            "commands",
            &format!("set -ex\nIFACE={name}\n{up}{up_again}{down}", up_again = again(&up)),
        )?;
        ask(&mut inside(run, &network, r#". "$1""#, &[&script])?, &[])?;
    }
    Ok(())
}

/// Commands that may run a second time: `replace`, which is what one expects of routes of ours.
fn again(commands: &str) -> String {
    commands.lines().filter(|line| line.contains(" replace ")).map(|line| format!("{line}\n")).collect()
}

/// `netplan generate`, which must have nothing to say.
pub(super) fn netplan(run: &Run<'_>) -> Outcome {
    for file in &run.job.files {
        let copy = run.write(&format!("root/{}", Run::on_host(file)), &run.text(file)?)?;
        // Read by others than root, the files draw a warning.
        private(&copy)?;
    }
    let mut command = run.tool("netplan")?;
    command.args(["generate", "--root-dir"]).arg(run.scratch.join("root"));
    let answer = output(&mut command)?;
    let said = String::from_utf8_lossy(&answer.stderr).into_owned();
    if answer.status.success() && said.is_empty() {
        Ok(())
    } else {
        Err(format!("netplan generate:\n{said}"))
    }
}

fn private(file: &Path) -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(file, mode).map_err(|error| format!("{}: {error}", file.display()))
}

/// systemd-networkd itself, until every interface is configured; then its routes and rules are compared.
pub(super) fn networkd(run: &Run<'_>) -> Outcome {
    for file in &run.job.files {
        run.write(
            &format!("systemd/{}", Run::on_host(file).trim_start_matches("etc/systemd/")),
            &run.text(file)?,
        )?;
    }
    let python = run.python("networkd.py")?;
    let mut words: Vec<PathBuf> = vec![PathBuf::from(python.get_program())];
    words.extend(python.get_args().map(PathBuf::from));
    words.push(run.scratch.join("systemd"));
    let words: Vec<&Path> = words.iter().map(PathBuf::as_path).collect();
    ask(&mut inside(run, &Network::default(), r#"exec "$@""#, &words)?, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_and_next_hops_are_read_from_commands() {
        let text = "route replace 10.1.0.0/24 via 10.0.0.1 dev eth1\nrule del pref 1\nroute add 10.2.0.0/24 via 10.0.0.2\n\
                    ip addr add 10.3.0.1/32 dev lo\n";
        let network = Network::of_commands(text, "eth0");
        assert_eq!(network.interfaces.iter().map(String::as_str).collect::<Vec<_>>(), ["eth0", "eth1"]);
        assert_eq!(network.hops.get("10.0.0.1").map(String::as_str), Some("eth1"));
        assert_eq!(network.hops.get("10.0.0.2").map(String::as_str), Some("eth0"));
    }
}
