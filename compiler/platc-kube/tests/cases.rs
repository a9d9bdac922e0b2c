//! Runs `cases/*.md`. Each `findings MINOR …` block holds what is found; `PLATC_BLESS=1` rewrites them.
//!
//! Files of a case: documents in any `.yaml`; or `base.yaml` with `change.yaml`, a merge patch of it;
//! `crd.yaml` teaches the cluster kinds; `fragment.yaml` is part of a `KubeletConfiguration`. Words behind
//! the minor: `gate=NAME` or `gate=NAME:off`, `cgroup=v1`, `cpus=N`, `file` for rules across documents,
//! `patch=API_VERSION:KIND` for a document that is a patch of such an object.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and reads files"
)]

#[path = "support.rs"]
mod support;

use std::process::ExitCode;

use platc_kube::config::{self, Cgroup, Host};
use platc_kube::{Crds, Finding, Minor, Target};
use platc_testkit::{Case, Outcome, run_cases};
use serde_json::Value;
use support::{check, describe, documents, files, home, merged};

fn main() -> ExitCode {
    run_cases(files(&home().join("cases"), "md"), run)
}

struct Setting<'a> {
    minor: Minor,
    gates: Vec<(&'a str, bool)>,
    host: Host,
    patch: Option<(&'a str, &'a str)>,
    across: bool,
}

fn run(case: &Case) -> Outcome {
    let values = case.expected.iter().map(|block| match setting(&block.args) {
        Some(setting) if block.tag == "findings" => found(case, &setting),
        _ => format!("`{} {}` is not a block that is known here\n", block.tag, block.args),
    });
    Outcome { findings: String::new(), values: values.collect() }
}

fn setting(args: &str) -> Option<Setting<'_>> {
    let mut words = args.split(' ');
    let minor = Minor::parse(words.next()?)?;
    let mut setting = Setting { minor, gates: Vec::new(), host: Host::default(), patch: None, across: false };
    for word in words {
        match word.split_once('=') {
            Some(("gate", gate)) => {
                setting.gates.push(gate.strip_suffix(":off").map_or((gate, true), |gate| (gate, false)));
            }
            Some(("cgroup", "v1")) => setting.host.cgroup = Cgroup::V1,
            Some(("cpus", number)) => setting.host.n_cpus = number.parse().ok(),
            Some(("patch", kind)) => setting.patch = kind.rsplit_once(':'),
            None if word == "file" => setting.across = true,
            _ => return None,
        }
    }
    Some(setting)
}

fn found(case: &Case, setting: &Setting<'_>) -> String {
    match inputs(case) {
        Ok((crds, documents, fragments)) => {
            let mut taught = Crds::new();
            let mut out = Vec::new();
            for crd in &crds {
                taught.add(crd, &mut out);
            }
            let target = Target { minor: setting.minor, gates: &setting.gates, crds: Some(&taught) };
            for crd in &crds {
                // What teaching says, checking says again.
                out.retain(|finding| finding.code.id() != "E0619" && finding.code.id() != "E0618");
                out.extend(check(crd, &target, &setting.host));
            }
            let mut text = describe(&out);
            for document in &documents {
                let findings = match setting.patch {
                    Some((api_version, kind)) => {
                        let mut out = Vec::new();
                        platc_kube::check_patch(document, api_version, kind, &target, &mut out);
                        out
                    }
                    None => check(document, &target, &setting.host),
                };
                text.push_str(&describe(&findings));
            }
            for fragment in &fragments {
                let mut out = Vec::new();
                config::check_kubelet_fragment(fragment, &target, &setting.host, &mut out);
                text.push_str(&describe(&out));
            }
            if setting.across {
                text.push_str(&across(&documents));
            }
            text
        }
        Err(error) => format!("not YAML: {error}\n"),
    }
}

fn across(documents: &[Value]) -> String {
    let nodes: Vec<&Value> = documents.iter().collect();
    let mut out: Vec<(usize, Finding)> = Vec::new();
    config::check_files(&nodes, &mut out);
    let texts = out.into_iter().map(|(number, finding)| format!("{number} {}", describe(&[finding])));
    texts.collect()
}

type Inputs = (Vec<Value>, Vec<Value>, Vec<Value>);

fn inputs(case: &Case) -> Result<Inputs, String> {
    let named = |name: &str| case.files.iter().find(|file| file.path() == name);
    let read = |name: &str| named(name).map_or(Ok(Vec::new()), |file| documents(&file.text));
    let crds = read("crd.yaml")?;
    let fragments = read("fragment.yaml")?;
    if let (Some(base), Some(change)) = (named("base.yaml"), named("change.yaml")) {
        let (base, change) = (documents(&base.text)?, documents(&change.text)?);
        let document = merged(&base[0], &change[0]);
        return Ok((crds, vec![document], fragments));
    }
    let others = case.files.iter().filter(|file| {
        file.tag == "yaml" && !["crd.yaml", "fragment.yaml", "base.yaml"].contains(&file.path().as_str())
    });
    let mut all = Vec::new();
    for file in others {
        all.extend(documents(&file.text)?);
    }
    Ok((crds, all, fragments))
}
