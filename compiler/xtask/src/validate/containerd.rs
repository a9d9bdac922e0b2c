//! Checks of containerd's files: what it makes of version 2, and the keys of every version.
//!
//! containerd ignores a key that it does not know, so reading alone shows nothing: for version 2 the values
//! must come back out of `containerd config dump`, and all keys must be in [`KEYS`]. Version 3 is for
//! containerd 2, which Debian's stable releases did not have when this was written; its keys are from the
//! project's documentation (`docs/cri/config.md`, `docs/hosts.md`).
//!
//! Not here: whether values make sense. Start with [`dump`] and [`keys`].

use toml::{Table, Value};

use super::Run;
use crate::Outcome;
use crate::shell::read;

/// `containerd config dump` of a version 2 file gives all of its values back.
pub(super) fn dump(run: &Run<'_>) -> Outcome {
    let file = run.readable(run.file())?;
    let ours = parse(&run.text(run.file())?)?;
    if ours.get("version") != Some(&Value::Integer(2)) {
        return Ok(());
    }
    let mut command = run.tool("containerd")?;
    command.arg("--config").arg(&file).args(["config", "dump"]);
    let theirs = parse(&read(&mut command)?)?;
    let lost: Vec<String> = leaves(&ours)
        .into_iter()
        .filter(|(path, value)| at(&theirs, path) != Some(value))
        .map(|(path, value)| {
            format!("`{}` is {value} here and {:?} there", path.join(" / "), at(&theirs, &path))
        })
        .collect();
    if lost.is_empty() { Ok(()) } else { Err(format!("containerd does not take:\n{}", lost.join("\n"))) }
}

/// All keys are ones that containerd knows in that version and place.
pub(super) fn keys(run: &Run<'_>) -> Outcome {
    let table = parse(&run.text(run.file())?)?;
    let version = match table.get("version") {
        _ if run.file().ends_with("/hosts.toml") => "hosts",
        Some(Value::Integer(2)) => "2",
        Some(Value::Integer(3)) => "3",
        other => return Err(format!("`version` is {other:?}; it must be 2 or 3")),
    };
    let known: Vec<Vec<&str>> = KEYS
        .iter()
        .filter(|(of, ..)| *of == version)
        .flat_map(|(_, path, keys)| spread(path, keys))
        .collect();
    let unknown: Vec<String> = leaves(&table)
        .into_iter()
        .filter(|(path, _)| !known.iter().any(|known| fits(known, path)))
        .map(|(path, _)| format!("`{}`", path.join(" / ")))
        .collect();
    if unknown.is_empty() { Ok(()) } else { Err(format!("containerd would ignore {}", unknown.join(", "))) }
}

/// Version of the file, table, keys. `*` is any name. Where a table's content is free, the key is `*`.
const KEYS: &[(&str, &[&str], &[&str])] = &[
    ("2", &[], ROOT),
    ("2", &["grpc"], GRPC),
    ("2", &["debug"], DEBUG),
    ("2", &["metrics"], METRICS),
    ("2", &["plugins", "io.containerd.gc.v1.scheduler"], COLLECTOR),
    (
        "2",
        &["plugins", "io.containerd.grpc.v1.cri"],
        &[
            "cdi_spec_dirs",
            "device_ownership_from_security_context",
            "disable_apparmor",
            "disable_cgroup",
            "disable_hugetlb_controller",
            "disable_proc_mount",
            "disable_tcp_service",
            "drain_exec_sync_io_timeout",
            "enable_cdi",
            "enable_selinux",
            "enable_tls_streaming",
            "enable_unprivileged_icmp",
            "enable_unprivileged_ports",
            "ignore_image_defined_volumes",
            "image_pull_progress_timeout",
            "max_concurrent_downloads",
            "max_container_log_line_size",
            "netns_mounts_under_state_dir",
            "restrict_oom_score_adj",
            "sandbox_image",
            "selinux_category_range",
            "stats_collect_period",
            "stream_idle_timeout",
            "stream_server_address",
            "stream_server_port",
            "tolerate_missing_hugetlb_controller",
            "unset_seccomp_profile",
        ],
    ),
    ("2", &["plugins", "io.containerd.grpc.v1.cri", "cni"], CNI),
    (
        "2",
        &["plugins", "io.containerd.grpc.v1.cri", "containerd"],
        &[
            "default_runtime_name",
            "disable_snapshot_annotations",
            "discard_unpacked_layers",
            "ignore_blockio_not_enabled_errors",
            "ignore_rdt_not_enabled_errors",
            "snapshotter",
        ],
    ),
    ("2", &["plugins", "io.containerd.grpc.v1.cri", "containerd", "runtimes", "*"], RUNTIME),
    ("2", &["plugins", "io.containerd.grpc.v1.cri", "containerd", "runtimes", "*", "options"], RUNC),
    ("2", &["plugins", "io.containerd.grpc.v1.cri", "image_decryption"], &["key_model"]),
    ("2", &["plugins", "io.containerd.grpc.v1.cri", "registry"], &["config_path"]),
    ("2", &["plugins", "io.containerd.grpc.v1.cri", "registry", "headers"], &["*"]),
    ("2", &["plugins", "io.containerd.grpc.v1.cri", "x509_key_pair_streaming"], TLS),
    ("3", &[], ROOT),
    ("3", &["grpc"], GRPC),
    ("3", &["debug"], DEBUG),
    ("3", &["metrics"], METRICS),
    ("3", &["plugins", "io.containerd.gc.v1.scheduler"], COLLECTOR),
    (
        "3",
        &["plugins", "io.containerd.cri.v1.images"],
        &[
            "disable_snapshot_annotations",
            "discard_unpacked_layers",
            "image_pull_progress_timeout",
            "image_pull_with_sync_fs",
            "max_concurrent_downloads",
            "snapshotter",
            "stats_collect_period",
            "use_local_image_pull",
        ],
    ),
    ("3", &["plugins", "io.containerd.cri.v1.images", "image_decryption"], &["key_model"]),
    ("3", &["plugins", "io.containerd.cri.v1.images", "pinned_images"], &["sandbox"]),
    ("3", &["plugins", "io.containerd.cri.v1.images", "registry"], &["config_path"]),
    ("3", &["plugins", "io.containerd.cri.v1.images", "registry", "headers"], &["*"]),
    (
        "3",
        &["plugins", "io.containerd.cri.v1.runtime"],
        &[
            "cdi_spec_dirs",
            "device_ownership_from_security_context",
            "disable_apparmor",
            "disable_cgroup",
            "disable_hugetlb_controller",
            "disable_proc_mount",
            "drain_exec_sync_io_timeout",
            "enable_cdi",
            "enable_selinux",
            "enable_unprivileged_icmp",
            "enable_unprivileged_ports",
            "ignore_deprecation_warnings",
            "ignore_image_defined_volumes",
            "max_container_log_line_size",
            "netns_mounts_under_state_dir",
            "restrict_oom_score_adj",
            "selinux_category_range",
            "tolerate_missing_hugetlb_controller",
            "unset_seccomp_profile",
        ],
    ),
    ("3", &["plugins", "io.containerd.cri.v1.runtime", "cni"], CNI),
    (
        "3",
        &["plugins", "io.containerd.cri.v1.runtime", "containerd"],
        &["default_runtime_name", "ignore_blockio_not_enabled_errors", "ignore_rdt_not_enabled_errors"],
    ),
    ("3", &["plugins", "io.containerd.cri.v1.runtime", "containerd", "runtimes", "*"], RUNTIME),
    ("3", &["plugins", "io.containerd.cri.v1.runtime", "containerd", "runtimes", "*", "options"], RUNC),
    (
        "3",
        &["plugins", "io.containerd.grpc.v1.cri"],
        &[
            "disable_tcp_service",
            "enable_tls_streaming",
            "stream_idle_timeout",
            "stream_server_address",
            "stream_server_port",
        ],
    ),
    ("3", &["plugins", "io.containerd.grpc.v1.cri", "x509_key_pair_streaming"], TLS),
    ("hosts", &[], HOST),
    ("hosts", &["header"], &["*"]),
    ("hosts", &["host", "*"], HOST),
    ("hosts", &["host", "*", "header"], &["*"]),
];

const ROOT: &[&str] =
    &["version", "root", "state", "temp", "oom_score", "imports", "disabled_plugins", "required_plugins"];
const GRPC: &[&str] =
    &["address", "gid", "max_recv_message_size", "max_send_message_size", "tcp_address", "uid"];
const DEBUG: &[&str] = &["address", "format", "gid", "level", "uid"];
const METRICS: &[&str] = &["address", "grpc_histogram"];
const COLLECTOR: &[&str] =
    &["deletion_threshold", "mutation_threshold", "pause_threshold", "schedule_delay", "startup_delay"];
const CNI: &[&str] = &[
    "bin_dir",
    "conf_dir",
    "conf_template",
    "ip_pref",
    "max_conf_num",
    "setup_serially",
    "use_internal_loopback",
];
const TLS: &[&str] = &["tls_cert_file", "tls_key_file"];
const RUNTIME: &[&str] = &[
    "base_runtime_spec",
    "cni_conf_dir",
    "cni_max_conf_num",
    "container_annotations",
    "io_type",
    "pod_annotations",
    "privileged_without_host_devices",
    "privileged_without_host_devices_all_devices_allowed",
    "runtime_path",
    "runtime_type",
    "sandboxer",
    "snapshotter",
];
/// Options of the shim for runc, as its API names them.
const RUNC: &[&str] = &[
    "BinaryName",
    "CriuImagePath",
    "CriuPath",
    "CriuWorkPath",
    "IoGid",
    "IoUid",
    "NoNewKeyring",
    "NoPivotRoot",
    "Root",
    "ShimCgroup",
    "SystemdCgroup",
];
const HOST: &[&str] =
    &["server", "capabilities", "ca", "client", "dial_timeout", "override_path", "skip_verify"];

fn spread<'a>(path: &[&'a str], keys: &[&'a str]) -> Vec<Vec<&'a str>> {
    keys.iter().map(|key| path.iter().copied().chain([*key]).collect()).collect()
}

fn fits(known: &[&str], path: &[String]) -> bool {
    known.len() == path.len() && known.iter().zip(path).all(|(part, name)| *part == "*" || part == name)
}

fn parse(text: &str) -> Outcome<Table> {
    text.parse().map_err(|error: toml::de::Error| format!("no TOML: {error}"))
}

/// All values that are no tables, with the path to them.
fn leaves(table: &Table) -> Vec<(Vec<String>, Value)> {
    let mut found = Vec::new();
    for (key, value) in table {
        match value {
            Value::Table(inner) => found.extend(leaves(inner).into_iter().map(|(mut path, leaf)| {
                path.insert(0, key.clone());
                (path, leaf)
            })),
            leaf => found.push((vec![key.clone()], leaf.clone())),
        }
    }
    found
}

fn at<'a>(table: &'a Table, path: &[String]) -> Option<&'a Value> {
    let (last, path) = path.split_last()?;
    let table = path.iter().try_fold(table, |table, name| table.get(name)?.as_table())?;
    table.get(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_carry_their_paths() {
        let table = parse("a = 1\n[b.'c.d']\ne = [2]\n").unwrap();
        let paths: Vec<String> = leaves(&table).iter().map(|(path, _)| path.join("/")).collect();
        assert_eq!(paths, ["a", "b/c.d/e"]);
        assert_eq!(
            at(&table, &["b".to_owned(), "c.d".to_owned(), "e".to_owned()]).unwrap().to_string(),
            "[2]"
        );
    }

    #[test]
    fn a_star_is_one_name() {
        let path = ["runtimes", "runc", "options"].map(str::to_owned);
        assert!(fits(&["runtimes", "*", "options"], &path) && !fits(&["*", "options"], &path));
    }
}
