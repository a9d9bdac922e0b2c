//! platc and other programs over the common workload, in one run: ratios of one machine in one state.
//!
//! Not here: those programs. Their directory has `gen.py`, which writes the services for each of them,
//! `limit`, a hand-written emitter without language or checks, and `jinja`, templates in Python.
//!
//! Start with [`measure`].

use std::path::Path;

use super::measure::Timed;
use super::{PLACE, workload};
use crate::Outcome;
use crate::shell::{cargo, command, read};
use crate::tools;

/// Runs of each program.
const RUNS: u32 = 5;

/// Gives a service another value and runs what follows. How often it did is counted beside the platform, in what is
/// no input.
const EDIT: &str = r#"
n=$(($(cat "$1.n" 2> /dev/null || echo 0) + 1))
echo $n > "$1.n"
echo "amend service svc-00001 { env { EDITED \"v$n\" } }" > "$1/edited.kdl"
shift
exec "$@""#;

/// Lines of the table for so many services.
///
/// # Errors
///
/// If a program cannot be built, or fails.
pub(super) fn measure(root: &Path, services: usize, peers: &Path) -> Outcome<Vec<String>> {
    let place = root.join(PLACE).join(format!("services-{services}"));
    let platform = place.join("platform");
    if platform.exists() {
        std::fs::remove_dir_all(&platform).map_err(|error| format!("{}: {error}", platform.display()))?;
    }
    workload::write(services, &platform)?;
    let dist = format!("services-{services}/dist");
    let out = root.join(PLACE).join(&dist);
    let (path, out) = (platform.to_string_lossy(), out.to_string_lossy());
    let stream: &[&str] = &["platc", "build", "--stream", &path];
    let build: &[&str] = &["platc", "build", &path, "--out", &out];

    let mut lines = Vec::new();
    let mut limit = None;
    if peers.join("gen.py").is_file() {
        let trees = place.join("peers");
        let all: &[&str] = &["gen.py", &services.to_string(), &trees.to_string_lossy()];
        read(&mut command("python3", all, peers))?;
        let emitter = emitter(root, peers)?;
        let timed = Timed { root, folder: &trees, gone: &[] };
        let emit: &[&str] = &[&emitter, "emit", "data.json"];
        let used = timed.many(emit, RUNS)?;
        limit = Some(used.cpu_us());
        lines.push(row("limit", &used, timed.bytes(emit)?, limit));
        let python = tools::folder(root).join("venv/bin/python").to_string_lossy().into_owned();
        let folder = trees.join("jinja");
        let timed = Timed { root, folder: &folder, gone: &[] };
        let render: &[&str] = &[&python, "run.py", "services.yaml"];
        lines.push(row("jinja", &timed.many(render, RUNS)?, timed.bytes(render)?, limit));
    } else {
        lines.push(format!("  no other programs: {} is not there", peers.join("gen.py").display()));
    }
    let timed = Timed { root, folder: root, gone: &[] };
    let bytes = timed.bytes(stream)?;
    lines.push(row("platc build --stream", &timed.many(stream, RUNS)?, bytes, limit));
    lines.push(row("platc check", &timed.many(&["platc", "check", &path], RUNS)?, 0, limit));
    let fresh = Timed { gone: &[&dist], ..timed };
    lines.push(row("platc build, empty", &fresh.many(build, RUNS)?, 0, limit));
    lines.push(row("platc build, unchanged", &timed.many(build, RUNS)?, 0, limit));
    // While there is one build: it looks at all of them.
    lines.push(row("platc verify", &timed.many(&["platc", "verify", &out], RUNS)?, 0, limit));
    let edited = [&["sh", "-c", EDIT, "sh", &*path], build].concat();
    lines.push(row("platc build, one service edited", &timed.many(&edited, RUNS)?, 0, limit));
    lines.extend(disk(root, &dist, limit)?);
    Ok(lines)
}

/// What the disk itself costs, for the very files of the build: programs of coreutils and findutils.
fn disk(root: &Path, dist: &str, limit: Option<i64>) -> Outcome<Vec<String>> {
    let files = root.join(PLACE).join(dist).join("current/.");
    let copy = format!("{dist}-copy");
    let other = root.join(PLACE).join(&copy);
    let (files, other) = (files.to_string_lossy(), other.to_string_lossy());
    let timed = Timed { root, folder: root, gone: &[] };
    let fresh = Timed { gone: &[&copy], ..timed };
    Ok(vec![
        row("cp: the same files, written", &fresh.many(&["cp", "-rT", &files, &other], RUNS)?, 0, limit),
        row("find: stat of each", &timed.many(&["find", &files, "-size", "+1024G"], RUNS)?, 0, limit),
        row("diff: read and compared", &timed.many(&["diff", "-rq", &files, &other], RUNS)?, 0, limit),
    ])
}

fn row(name: &str, used: &super::measure::Runs, bytes: usize, limit: Option<i64>) -> String {
    let ratio = limit.filter(|limit| *limit > 0).map_or_else(String::new, |limit| {
        let tenths = used.cpu_us().saturating_mul(10) / limit;
        format!("{}.{} x limit", tenths / 10, tenths % 10)
    });
    let printed = if bytes == 0 { String::new() } else { format!("{} kB printed", bytes / 1000) };
    format!("  {name}\t{ratio}\t{}\t{printed}", used.describe())
}

/// Builds `limit` in a directory of ours: the one of the peers is for reading.
fn emitter(root: &Path, peers: &Path) -> Outcome<String> {
    let own = root.join(PLACE).join("limit");
    let source = own.join("source");
    std::fs::create_dir_all(&own).map_err(|error| format!("{}: {error}", own.display()))?;
    read(&mut command(
        "cp",
        &["-r", "-T", &peers.join("limit").to_string_lossy(), &source.to_string_lossy()],
        root,
    ))?;
    let target = own.join("target");
    let target = target.to_string_lossy();
    read(&mut cargo(&["build", "--release", "--quiet", "--target-dir", &target], &source))?;
    Ok(own.join("target/release/limit").to_string_lossy().into_owned())
}
