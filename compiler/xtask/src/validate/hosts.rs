//! Checks of what lies on hosts: units, virtual addresses, kernel settings, mounts, scripts.
//!
//! Not here: networks, which need a namespace, and containerd, which needs a table of keys.

use std::collections::BTreeSet;
use std::path::Path;

use super::Run;
use super::job::ask;
use super::network::{Network, inside};
use crate::Outcome;
use crate::shell::output;

/// `systemd-analyze verify` over all units of a host. Programs that are not on this machine are stood in for
/// by one that is: a unit is refused if its program does not exist. So are units of which the host's files
/// only add to.
pub(super) fn units(run: &Run<'_>) -> Outcome {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for file in &run.job.files {
        let path = Run::on_host(file).trim_start_matches("etc/systemd/system/");
        run.write(&format!("units/{path}"), &with_programs_from_here(&run.text(file)?))?;
        match path.split_once('/') {
            None => drop(names.insert(path.to_owned())),
            Some((folder, _)) => names.extend(folder.strip_suffix(".d").map(str::to_owned)),
        }
    }
    for name in names.iter().filter(|name| !run.scratch.join("units").join(name).is_file()) {
        run.write(&format!("stand-ins/{name}"), stand_in(name))?;
    }
    // Units of the distribution for what ours refer to, but nothing that this machine's owner has set up.
    let places = [run.scratch.join("units"), run.scratch.join("stand-ins")];
    let places = places.iter().map(|path| path.to_string_lossy().into_owned());
    let path = places.chain(["/lib/systemd/system".to_owned(), "/usr/lib/systemd/system".to_owned()]);
    let mut command = run.tool("systemd-analyze")?;
    command.args(["verify", "--man=no", "--recursive-errors=yes"]).args(&names);
    command.env("SYSTEMD_UNIT_PATH", path.collect::<Vec<_>>().join(":"));
    let answer = output(&mut command)?;
    let said = String::from_utf8_lossy(&answer.stderr).into_owned();
    // A value that it does not understand is ignored, with a word on stderr, and may leave the status at 0.
    if answer.status.success() && said.is_empty() {
        Ok(())
    } else {
        Err(format!("{}\n{said}", answer.status))
    }
}

/// The unit with programs that exist here in the place of those that do not.
fn with_programs_from_here(text: &str) -> String {
    let line = |line: &str| {
        let (key, value) = line.split_once('=').filter(|(key, _)| key.trim().starts_with("Exec"))?;
        let command = value.trim_start().trim_start_matches(['@', '-', ':', '+', '!']);
        let program = command.split_whitespace().next().filter(|program| program.starts_with('/'))?;
        let arguments = command.strip_prefix(program)?;
        (!Path::new(program).exists()).then(|| format!("{key}=/bin/true{arguments}"))
    };
    text.lines().map(|old| line(old).unwrap_or_else(|| old.to_owned()) + "\n").collect()
}

fn stand_in(unit: &str) -> &'static str {
    match unit.rsplit_once('.') {
        Some((_, "service")) => "[Service]\nExecStart=/bin/true\n",
        Some((_, "socket")) => "[Socket]\nListenStream=/run/stand-in.socket\n",
        Some((_, "timer")) => "[Timer]\nOnBootSec=1\n",
        _ => "[Unit]\nDescription=Stands in for a unit of the host\n",
    }
}

/// `keepalived -t`, with the interfaces that the file names. Scripts run as root in the copy that is checked:
/// some versions of keepalived end themselves when they switch the user.
pub(super) fn keepalived(run: &Run<'_>) -> Outcome {
    let text = run.text(run.file())?;
    let mut network = Network::default();
    let mut copy = String::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        for pair in words.windows(2) {
            if let ["interface" | "dev" | "track_interface", name] = *pair {
                network.interfaces.insert(name.trim_matches('"').to_owned());
            }
        }
        match *words.as_slice() {
            ["script_user", ..] => copy.push_str("script_user root\n"),
            ["script" | "notify" | "notify_master" | "notify_backup" | "notify_fault", script, ..] => {
                let script = script.trim_matches(['"', '\'']);
                let here = delivered_script(run, script)?;
                copy.push_str(&line.replace(script, &here));
                copy.push('\n');
            }
            _ => copy.extend([line, "\n"]),
        }
    }
    network.interfaces.remove("lo");
    let file = run.write("keepalived.conf", &copy)?;
    let script = r#"exec keepalived --config-test --use-file "$1""#;
    let answer = output(&mut inside(run, &network, script, &[&file])?)?;
    let said = String::from_utf8_lossy(&[answer.stdout, answer.stderr].concat()).into_owned();
    // In the user namespace of somebody who is not root, no folder is root's, so that no script is secure.
    let is_ours = |line: &&str| !nix::unistd::geteuid().is_root() && line.ends_with("due to insecure");
    let refused: Vec<&str> = said.lines().filter(|line| !is_ours(line)).collect();
    let passed = answer.status.success() || (refused.is_empty() && !said.is_empty());
    let is_silent = !refused.iter().any(|line| line.contains("WARNING"));
    if passed && is_silent {
        Ok(())
    } else {
        Err(format!("keepalived: {}\n{}", answer.status, refused.join("\n")))
    }
}

/// A copy of a script that the build delivers, executable; the script itself, if it is part of the system.
fn delivered_script(run: &Run<'_>, script: &str) -> Outcome<String> {
    use std::os::unix::fs::PermissionsExt;
    let delivered = run.rootfs(script);
    if !delivered.is_file() {
        return Ok(script.to_owned());
    }
    let text =
        std::fs::read_to_string(&delivered).map_err(|error| format!("{}: {error}", delivered.display()))?;
    let copy = run.write(&format!("root{script}"), &text)?;
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&copy, mode).map_err(|error| format!("{}: {error}", copy.display()))?;
    Ok(copy.to_string_lossy().into_owned())
}

/// Keys that exist only where a module is loaded or a subsystem built in.
const OPTIONAL_KEYS: &[&str] =
    &["net.bridge.", "net.netfilter.", "net.nf_", "vm.nr_hugepages", "kernel.numa_"];

/// `sysctl --dry-run`. Interfaces of the host are not here; their keys are those of every interface.
pub(super) fn sysctl(run: &Run<'_>) -> Outcome {
    let text = run.text(run.file())?;
    let copy: String = text.lines().map(|line| with_loopback(line) + "\n").collect();
    let file = run.write("sysctl.conf", &copy)?;
    let mut command = run.tool("sysctl")?;
    let answer = output(command.arg("--dry-run").arg("-p").arg(&file))?;
    let said = String::from_utf8_lossy(&answer.stderr).into_owned();
    let refused = said.lines().filter(|line| {
        let key = line.split_once("/proc/sys/").map(|(_, path)| path.replace('/', "."));
        let is_optional = |key: String| OPTIONAL_KEYS.iter().any(|optional| key.starts_with(optional));
        !(line.contains("cannot stat") && key.is_some_and(is_optional))
    });
    let refused: Vec<&str> = refused.collect();
    if refused.is_empty() { Ok(()) } else { Err(refused.join("\n")) }
}

fn with_loopback(line: &str) -> String {
    let mut parts: Vec<&str> = line.split('.').collect();
    if let ["net", "ipv4" | "ipv6", "conf" | "neigh", name, _, ..] = parts.as_mut_slice()
        && !["all", "default"].contains(name)
    {
        *name = "lo";
    }
    parts.join(".")
}

/// `findmnt --verify`. Devices and folders of the host are not here; only what it cannot parse counts.
pub(super) fn fstab(run: &Run<'_>) -> Outcome {
    let file = run.readable(run.file())?;
    let mut command = run.tool("findmnt")?;
    let answer = output(command.arg("--verify").arg("--tab-file").arg(&file))?;
    let said = [answer.stdout, answer.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    let is_wrong =
        said.contains("parse error at") || !(said.contains("parse errors") || said.contains("Success"));
    // A seventh word is not seen by findmnt, and a name for the pass neither.
    let long = run.text(run.file())?;
    let long = long.lines().find(|line| !line.starts_with('#') && line.split_whitespace().count() > 6);
    match long {
        Some(line) => Err(format!("more than six fields: {line}")),
        None if is_wrong => Err(said),
        None => Ok(()),
    }
}

/// `sh -n`, or that of the interpreter that the script names.
pub(super) fn script(run: &Run<'_>) -> Outcome {
    let text = run.text(run.file())?;
    let file = run.write("script", &text)?;
    let first = text.lines().next().filter(|line| line.starts_with("#!")).unwrap_or("#!/bin/sh");
    let interpreter = first.trim_start_matches("#!").trim().rsplit(['/', ' ']).next().unwrap_or("sh");
    let shell = match interpreter {
        // OpenRC's scripts are for the POSIX shell.
        "sh" | "dash" | "openrc-run" => "sh",
        "bash" => "bash",
        other => {
            return Err(format!("nothing here checks scripts for `{other}`: add it to validate/hosts.rs"));
        }
    };
    ask(run.tool(shell)?.arg("-n").arg(&file), &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_are_not_here_are_stood_in_for() {
        let text = "[Service]\nExecStart=-/no/such/program --flag x\nExecStop=/bin/sh -c true\n";
        let expected = "[Service]\nExecStart=/bin/true --flag x\nExecStop=/bin/sh -c true\n";
        assert_eq!(with_programs_from_here(text), expected);
    }

    #[test]
    fn keys_of_an_interface_are_asked_of_the_loopback() {
        assert_eq!(with_loopback("net.ipv4.conf.eth1.rp_filter = 2"), "net.ipv4.conf.lo.rp_filter = 2");
        assert_eq!(with_loopback("net.ipv4.conf.all.rp_filter = 2"), "net.ipv4.conf.all.rp_filter = 2");
        assert_eq!(with_loopback("vm.swappiness=1"), "vm.swappiness=1");
    }
}
