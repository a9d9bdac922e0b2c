//! `platc policy bench`: what a policy costs on a platform, beside what it may cost.
//!
//! Fuel and work are the same on every machine; times are this machine's. Nothing is recalled: every run is one.

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use platc_artifact::judge::{Cost, Judge as _, Loaded, Phase, Policies, PolicyUse, Source};
use platc_artifact::view::View;
use platc_diag::{Diagnostic, Problems};
use platc_driver::analysis::{Analysis, AnalysisOptions, analyse};
use platc_driver::judge::use_of;
use platc_driver::view::{ArtifactView, ModelView};
use platc_driver::world::Disk;
use platc_policy::{Host, HostOptions, Limits};

use super::{build, load, project, read, report, used};
use crate::cli::{Format, Global, PolicyBenchArgs};
use crate::commands::{root, shown};
use crate::exit::Exit;
use crate::show;
use crate::term::{self, Term, Trouble};

/// A line of the table.
struct Figures {
    phase: &'static str,
    best: Duration,
    median: Duration,
    cost: Cost,
    found: String,
}

/// What one run gave.
struct Run {
    cost: Cost,
    found: String,
    problems: Problems,
}

pub(super) fn run(args: &PolicyBenchArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let root = root(args.on.as_deref())
        .map_err(|trouble| trouble.help("`--on DIR` names the platform that the policy is tried on"))?;
    let host = host()?;
    let (bytes, loaded) = match policy(args.policy.as_deref(), &host, global)? {
        Ok(policy) => policy,
        Err(problems) => return Ok(report(term, &problems)),
    };
    let analysis = analyse(&Disk, &root, AnalysisOptions::default());
    if analysis.problems.iter().any(Diagnostic::is_error) {
        show::findings(term, Format::Human, &analysis.files, &analysis.problems)?;
        term.say(&format!("no policy is asked about a platform with errors: {}", shown(&root)));
        return Ok(Exit::Found);
    }
    let policy = policy_use(&analysis, &loaded, &bytes);
    let compile = host.load(std::slice::from_ref(&policy), NonZeroUsize::MIN);
    let compiled = compile.take_compile_times();
    if !compile.problems().is_empty() {
        return Ok(report(term, compile.problems()));
    }
    let view = Arc::new(ModelView::new(&analysis));
    let limits = Limits::of(&policy.limits, view.node_count());
    let mut out = format!(
        "{} {} on {}: {} nodes, {} runs on one thread\n",
        loaded.description.name,
        loaded.description.version,
        shown(&root),
        view.node_count(),
        args.runs
    );
    if let Some((_, time)) = compiled.first() {
        let _ = writeln!(out, "compiled in {}, once for each machine", millis(*time));
    }
    match measure(compile.as_ref(), &loaded, &view, args.runs)? {
        Ok(figures) => out += &table(&figures, &limits),
        Err(problems) => return Ok(report(term, &problems)),
    }
    Ok(if term::data(out.as_bytes())? { Exit::Clean } else { Exit::Closed })
}

/// A host that compiles anew and recalls nothing, so that there is something to measure.
#[expect(clippy::disallowed_methods, reason = "a measurement looks at the clock")]
fn host() -> Result<Host, Trouble> {
    let begin = Instant::now();
    let clock: platc_policy::Clock = Arc::new(move || begin.elapsed());
    let library = platc_policy_library::library();
    Host::new(HostOptions { library, cache: None, memo: None, clock: Some(clock) }).map_err(Trouble::new)
}

type Policy = (Vec<u8>, Loaded);

/// The policy that is meant: a file, or what is built of a directory.
fn policy(
    path: Option<&Path>,
    host: &Host,
    global: &Global,
) -> Result<Result<Policy, Vec<Diagnostic>>, Trouble> {
    if let Some(path) = path.filter(|path| path.extension().is_some_and(|ending| ending == "wasm")) {
        let bytes = read(path)?;
        return Ok(load(host, path, &bytes).map(|loaded| (bytes, loaded)));
    }
    let project = project::find(path)?;
    Ok(build::build(&project, host, global)?.map(|built| (built.bytes, built.loaded)))
}

/// As the platform uses it, if it does.
fn policy_use(analysis: &Analysis, loaded: &Loaded, bytes: &[u8]) -> PolicyUse {
    let name = &loaded.description.name;
    let source = Source::File { path: format!("{name}.wasm").into(), bytes: bytes.into() };
    use_of(analysis, name, source.clone()).unwrap_or_else(|| used(name, source))
}

fn measure(
    policies: &dyn Policies,
    loaded: &Loaded,
    model: &Arc<ModelView>,
    runs: NonZeroUsize,
) -> Result<Result<Vec<Figures>, Problems>, Trouble> {
    let description = &loaded.description;
    let seen: Arc<dyn View> = Arc::clone(model) as Arc<dyn View>;
    let mut figures = Vec::new();
    let mut problems = Problems::new();
    let mut row = |phase: &'static str, run: &dyn Fn() -> Run| {
        let (times, last) = timed(runs, run);
        if let Some(last) = last {
            problems.extend(last.problems);
            let (best, median) = (times.first().copied(), times.get(times.len() / 2).copied());
            figures.push(Figures {
                phase,
                best: best.unwrap_or_default(),
                median: median.unwrap_or_default(),
                cost: last.cost,
                found: last.found,
            });
        }
    };
    if description.mutates() {
        row("changes", &|| changed(policies, &seen));
    }
    if description.judges(Phase::Model) {
        row("model", &|| judged(policies, Phase::Model, &seen));
    }
    if description.judges(Phase::Artifacts) {
        let kinds: Vec<String> = description.kinds(Phase::Artifacts).into_iter().map(str::to_owned).collect();
        let view = ArtifactView::new(Arc::clone(model), &kinds)
            .map_err(|(path, refusal)| Trouble::new(format!("`{path}` cannot be written: {refusal}")))?;
        let view: Arc<dyn View> = Arc::new(view);
        row("artifacts", &|| judged(policies, Phase::Artifacts, &view));
    }
    Ok(if problems.is_empty() { Ok(figures) } else { Err(problems) })
}

fn judged(policies: &dyn Policies, phase: Phase, view: &Arc<dyn View>) -> Run {
    let verdicts = policies.validate(phase, view, NonZeroUsize::MIN);
    let findings = verdicts.iter().flat_map(|verdict| &verdict.findings);
    let (own, about): (Problems, Problems) =
        findings.cloned().partition(|finding| finding.code().id().contains('/'));
    Run {
        cost: verdicts.first().map(|verdict| verdict.cost).unwrap_or_default(),
        found: format!("{} findings", own.len()),
        problems: about,
    }
}

fn changed(policies: &dyn Policies, view: &Arc<dyn View>) -> Run {
    let mutation = policies.mutate(view, NonZeroUsize::MIN);
    Run {
        cost: mutation.costs.first().map(|(_, cost)| *cost).unwrap_or_default(),
        found: format!("{} patches", mutation.patches.len()),
        problems: mutation.problems,
    }
}

#[expect(clippy::disallowed_methods, reason = "a measurement looks at the clock")]
fn timed(runs: NonZeroUsize, run: &dyn Fn() -> Run) -> (Vec<Duration>, Option<Run>) {
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..runs.get() {
        let begin = Instant::now();
        last = Some(run());
        times.push(begin.elapsed());
    }
    times.sort_unstable();
    (times, last)
}

fn table(figures: &[Figures], limits: &Limits) -> String {
    let mut out = format!(
        "\n{:<10} {:>10} {:>10} {:>22} {:>22} {:>22}\n",
        "phase", "best", "median", "fuel", "host work", "memory"
    );
    for Figures { phase, best, median, cost, found } in figures {
        let memory_max = u64::try_from(limits.memory_bytes).unwrap_or(u64::MAX);
        let memory = format!("{} KiB", cost.memory_bytes_max.div_ceil(1024));
        let _ = writeln!(
            out,
            "{phase:<10} {:>10} {:>10} {:>22} {:>22} {:>22}  {found}",
            millis(*best),
            millis(*median),
            share(&cost.fuel.to_string(), cost.fuel, limits.fuel),
            share(&cost.host_work.to_string(), cost.host_work, limits.host_work),
            share(&memory, cost.memory_bytes_max, memory_max),
        );
    }
    let _ = writeln!(
        out,
        "{:<10} {:>10} {:>10} {:>22} {:>22} {:>22}",
        "may use",
        "",
        "",
        limits.fuel,
        limits.host_work,
        format!("{} KiB", limits.memory_bytes >> 10)
    );
    out
}

/// A figure with its share of the limit.
fn share(shown: &str, used: u64, limit: u64) -> String {
    let tenths = used.saturating_mul(1000).checked_div(limit).unwrap_or(0);
    format!("{shown} ({}.{} %)", tenths / 10, tenths % 10)
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
