//! Every Markdown case of the compiler: pages of codes, examples of kinds, the language reference, plans
//! and targets. Each section is a test of its own.
//!
//! A case has files. If none of them is `platform.kdl`, the base platform of `tests/base.kdl` is there, so
//! that a case needs to say only what it is about.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test: it reads its cases and fails loudly"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use platc_driver::analysis::{Analysis, AnalysisOptions, analyse};
use platc_driver::emission::emit;
use platc_driver::world::Memory;
use platc_model::scalar::Date;
use platc_plan::facts::route_text;
use platc_testkit::{Block, Case, Found, Outcome, compare_findings, describe_findings, run_cases};

const BASE: &str = include_str!("base.kdl");
/// The day on which waivers of cases are judged.
const TODAY: &str = "2026-11-21";

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    for dir in [
        "compiler/platc-sema/cases",
        "compiler/platc-plan/cases",
        "compiler/platc-driver/cases",
        "compiler/platc-emit/src",
        "compiler/docs/language",
    ] {
        markdown_below(&root.join(dir), &mut files);
    }
    files.sort();
    run_cases(files, run)
}

fn markdown_below(dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            markdown_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// The platform of a case's files.
fn world_of(files: &[Block]) -> Memory {
    let mut world = Memory::default();
    if !files.iter().any(|file| file.path() == "platform.kdl") {
        world.insert("p/platform.kdl", BASE);
    }
    for file in files {
        // A byte that cannot be written into Markdown is written as `\xFF` in files of language `bin`.
        let bytes = if file.tag == "bin" { unescaped(&file.text) } else { file.text.clone().into_bytes() };
        world.insert(Path::new("p").join(file.path()), bytes);
    }
    world
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("\\x") {
        out.extend(&rest.as_bytes()[..at]);
        out.push(u8::from_str_radix(&rest[at + 2..at + 4], 16).expect("two hexadecimal digits"));
        rest = &rest[at + 4..];
    }
    out.extend(rest.as_bytes());
    out
}

fn run(case: &Case) -> Outcome {
    let (world, options) = (world_of(&case.files), AnalysisOptions { today: Date::parse(TODAY).ok() });
    let analysis = analyse(&world, Path::new("p"), options);
    let mut found: Vec<Found> =
        analysis.problems.iter().map(|problem| Found::new(problem, &analysis.files)).collect();
    // A case may have tests of its own; what fails is found, too.
    for report in platc_driver::tests::run(&world, &analysis, options) {
        found.extend(report.failures.iter().map(|problem| Found::new(problem, &report.files)));
    }
    let texts: Vec<(String, String)> =
        case.files.iter().map(|file| (file.path(), file.text.clone())).collect();
    let listed = case.expected.iter().any(|block| block.tag == "diagnostics");
    Outcome {
        findings: if listed { String::new() } else { compare_findings(&texts, &found) },
        values: case.expected.iter().map(|block| value(block, &analysis)).collect(),
    }
}

/// What comes for an expected value.
fn value(block: &Block, analysis: &Analysis) -> String {
    match block.tag.as_str() {
        "diagnostics" => describe_findings(&analysis.problems, &analysis.files),
        "artifact" => artifact(&block.args, analysis),
        "artifacts" => artifacts(&block.args, analysis),
        "plan" => plan(&block.args, analysis),
        "config" => config(&block.args, analysis),
        "lock" => platc_sema::lock::write(&analysis.plan.lock),
        other => format!("there is no expected value `{other}`\n"),
    }
}

fn artifact(path: &str, analysis: &Analysis) -> String {
    // `artifact PATH from TEXT to TEXT`: the part between two lines, for long files.
    let mut words = path.split(" from ");
    let (path, part) = (words.next().unwrap_or("").trim(), words.next());
    let jobs = platc_emit::jobs(&analysis.plan);
    let Some((emitter, job)) = jobs.iter().find(|(_, job)| job.path.as_str() == path) else {
        return format!("there is no artifact `{path}`\n{}", artifacts("", analysis));
    };
    let text = match emit(&analysis.plan, *emitter, job) {
        Ok(emitted) => String::from_utf8(emitted.bytes).expect("artifacts are UTF-8"),
        Err(refusal) => return format!("{refusal:?}\n"),
    };
    let Some((from, to)) = part.and_then(|part| part.split_once(" to ")) else { return text };
    let lines = text.lines().skip_while(|line| !line.contains(from));
    let mut out = String::new();
    for (at, line) in lines.enumerate() {
        if at > 0 && line.contains(to) {
            break;
        }
        out += line;
        out.push('\n');
    }
    out
}

/// `artifacts WORD`: those with the word in their kind or path, so that another target changes no list.
fn artifacts(word: &str, analysis: &Analysis) -> String {
    let jobs = platc_emit::jobs(&analysis.plan);
    let of = |job: &platc_emit::Job| job.kind.contains(word) || job.path.as_str().contains(word);
    jobs.iter()
        .filter(|(_, job)| of(job))
        .map(|(_, job)| format!("{} {}\n", job.kind, job.path.as_str()))
        .collect()
}

/// `plan hosts`, `plan routes HOST`, `plan capacity`, `plan shutdown`.
fn plan(args: &str, analysis: &Analysis) -> String {
    let plan = &analysis.plan;
    let (what, name) = args.split_once(' ').unwrap_or((args, ""));
    match what {
        "hosts" => plan
            .hosts
            .values()
            .map(|host| {
                let pods = host.pods.map_or_else(|| "-".to_owned(), |pods| pods.value.to_string());
                let (reserved, room) = (&host.reservation.reserved_cpus, host.allocatable);
                format!(
                    "{} {pods} reserved {reserved} allocatable {} CPU {}\n",
                    host.name, room.cpu, room.memory
                )
            })
            .collect(),
        "routes" => {
            let host = plan.hosts.values().find(|host| *host.name == *name).expect("a host of that name");
            host.routes.iter().map(|route| format!("{}\n", route_text(route))).collect()
        }
        "capacity" => plan
            .clusters
            .iter()
            .map(|(id, cluster)| {
                let ledger = plan.ledger.clusters.at(id);
                let (free, demand) = (ledger.free, ledger.demand);
                let sums = format!(
                    "free {} CPU {} demand {} CPU {}",
                    free.cpu, free.memory, demand.cpu, demand.memory
                );
                format!("{} {sums} pods {}\n", cluster.name, ledger.pods)
            })
            .collect(),
        "workloads" => plan
            .workloads
            .iter()
            .map(|workload| {
                let (place, space) = (&plan.clusters.at(workload.cluster).name, &workload.namespace.value);
                let variants: Vec<String> = workload
                    .variants
                    .iter()
                    .map(|variant| {
                        format!("{}×{} {}", variant.name, variant.pods(), variant.memory_limit.value)
                    })
                    .collect();
                let shutdown = &workload.shutdown;
                let (stop, drain, grace) =
                    (shutdown.pre_stop_s.value, shutdown.drain_s.value, shutdown.grace_s.value);
                format!("{place} {space} {} stop {stop} drain {drain} grace {grace}\n", variants.join(", "))
            })
            .collect(),
        other => format!("there is no plan of `{other}`\n"),
    }
}

/// `config SERVICE@CLUSTER`: the config of a service at a cluster, as a tree of typed values.
fn config(args: &str, analysis: &Analysis) -> String {
    let (name, place) = args.split_once('@').unwrap_or((args, "home"));
    let plan = &analysis.plan;
    let found =
        plan.workloads.iter().find(|own| *own.name == *name && *plan.clusters.at(own.cluster).name == *place);
    let Some(config) = found.and_then(|workload| workload.app.config.as_ref()) else {
        return "no config\n".to_owned();
    };
    let mut out = String::new();
    tree(&analysis.types, &config.value.value, 0, &mut out);
    out
}

fn tree(types: &platc_model::types::Types, value: &platc_model::Value, depth: usize, out: &mut String) {
    use platc_model::Value;
    let indent = "  ".repeat(depth);
    let mut entry = |name: &str, value: &Value| match value {
        Value::Map(_) | Value::Record(_) | Value::List(_) => {
            *out += &format!("{indent}{name}:\n");
            tree(types, value, depth + 1, out);
        }
        scalar => *out += &format!("{indent}{name}: {scalar}\n"),
    };
    match value {
        Value::Map(entries) => entries.iter().for_each(|(name, value)| entry(name, value)),
        Value::Record(record) => {
            for (field, slot) in types.record(record.ty).fields.iter().zip(&record.slots) {
                if let Some(slot) = slot {
                    entry(&field.name, slot);
                }
            }
        }
        Value::List(list) => list.iter().for_each(|value| entry("-", value)),
        scalar => *out += &format!("{indent}{scalar}\n"),
    }
}
