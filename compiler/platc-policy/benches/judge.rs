//! What judging costs: `cargo bench -p platc-policy`. Prints; asserts no time. With words behind `--`, only the
//! parts of these names: `files`, `first`, `load`, `judge`, `native`, `languages`, `hostile`.
//!
//! Here: the first compile, loading from the cache, thirty policies over 5,000 services (new, and recalled),
//! the same rules run natively, and how soon a policy that misbehaves is stopped.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a benchmark looks at the clock, prints, and may end if something is not there"
)]
// The made-up platform of the tests; not all of it is needed here.
#[allow(dead_code, reason = "shared with the tests, which use more of it")]
#[path = "../tests/suite/fake.rs"]
mod fake;
#[allow(dead_code, reason = "shared with the tests, which use more of it")]
#[path = "../tests/suite/guest.rs"]
mod guest;

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use platc_artifact::judge::{Freshness, Judge as _, Phase, PolicyUse, Source};
use platc_artifact::view::{Pointer, Value, View};
use platc_diag::{FileId, Span};
use platc_policy::{Host, HostOptions, MemoryMemo};

/// A part of the benchmark by its name; it is given a directory for compiled policies.
type Part = (&'static str, fn(&Path));

const SERVICES: u32 = 5_000;
const POLICIES: usize = 30;

fn main() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("judge-{}", std::process::id()));
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let parts: [Part; 7] = [
        ("files", files),
        ("first", first_compile),
        ("load", load_cached),
        ("judge", judging),
        ("native", beside_native),
        ("languages", languages),
        ("hostile", hostile),
    ];
    for (name, part) in parts {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            part(&directory);
        }
    }
    let _ = std::fs::remove_dir_all(directory);
}

fn files(_: &Path) {
    for (name, file) in platc_policy_library::library() {
        show(&format!("{name}: bytes of WebAssembly"), &file.len().to_string());
    }
    let (_, time) = timed(|| Host::new(HostOptions::default()).unwrap());
    show("the engine, once for each process", &millis(time));
}

fn first_compile(_: &Path) {
    for (name, _) in platc_policy_library::library() {
        let host = host(None, None);
        let (_, time) = timed(|| host.load(&[policy(name, name)], threads(1)));
        show(&format!("{name}: first compile, with wrapping and describing"), &millis(time));
    }
    let host = host(None, None);
    let all: Vec<_> = platc_policy_library::library().iter().map(|(name, _)| policy(name, name)).collect();
    let (_, time) = timed(|| host.load(&all, threads(2)));
    show("the library: first compile on two threads", &millis(time));
}

fn load_cached(directory: &Path) {
    for (name, _) in platc_policy_library::library() {
        drop(host(Some(directory), None).load(&[policy(name, name)], threads(1)));
        // Loading configures the policy, and for that its code is read, checked and mapped.
        let hosts: Vec<_> = (0..200).map(|_| host(Some(directory), None)).collect();
        let mut hosts = hosts.iter();
        let uses = [policy(name, name)];
        let figure = repeated(200, || drop(hosts.next().unwrap().load(&uses, threads(1))));
        show(&format!("{name}: load from the cache, code and all"), &figure);
        // In a build where nothing changed, the answer about its settings is known, and no code is read.
        let memo: Arc<MemoryMemo> = Arc::default();
        drop(host(Some(directory), Some(Arc::clone(&memo))).load(&uses, threads(1)));
        let hosts: Vec<_> = (0..200).map(|_| host(Some(directory), Some(Arc::clone(&memo)))).collect();
        let mut hosts = hosts.iter();
        let figure = repeated(200, || drop(hosts.next().unwrap().load(&uses, threads(1))));
        show(&format!("{name}: load where nothing changed"), &figure);
    }
    let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    for file in files.filter(|file| file.path().extension().is_some_and(|ending| ending == "cwasm")) {
        show("bytes of compiled code", &file.metadata().unwrap().len().to_string());
    }
}

fn judging(directory: &Path) {
    let view = fake::services(SERVICES).view();
    let names: Vec<&str> = platc_policy_library::library().iter().map(|(name, _)| *name).collect();
    let uses: Vec<_> =
        (0..POLICIES).map(|n| policy(&format!("policy-{n:02}"), names[n % names.len()])).collect();
    for n in [1, 2] {
        let policies = host(Some(directory), None).load(&uses, threads(n));
        let figure = repeated(20, || drop(policies.validate(Phase::Model, &view, threads(n))));
        show(&format!("{POLICIES} policies over {SERVICES} services, {n} thread(s)"), &figure);
    }
    for name in names {
        let policies = host(Some(directory), None).load(&[policy(name, name)], threads(1));
        let figure = repeated(20, || drop(policies.validate(Phase::Model, &view, threads(1))));
        // A transform has no verdict.
        let verdicts = policies.validate(Phase::Model, &view, threads(1));
        let Some(verdict) = verdicts.first() else { continue };
        let cost = format!("{} of fuel, {} of host work", verdict.cost.fuel, verdict.cost.host_work);
        show(&format!("{name} alone"), &format!("{figure}, {cost}, {} findings", verdict.findings.len()));
    }
    let figure = repeated(20, || {
        natively(view.as_ref());
    });
    show("the three rules natively, straight from the view", &figure);
    recalled(directory, &uses, &view);
}

fn recalled(directory: &Path, uses: &[PolicyUse], view: &Arc<dyn View>) {
    let host = host(Some(directory), Some(Arc::default()));
    let policies = host.load(uses, threads(2));
    policies.validate(Phase::Model, view, threads(2));
    let figure = repeated(20, || {
        let policies = host.load(uses, threads(2));
        policies.validate(Phase::Model, view, threads(2));
    });
    show(&format!("{POLICIES} policies, nothing changed: loaded and recalled"), &figure);
    let mut fake = fake::services(SERVICES);
    fake.node("host", "one-more", serde_json::json!({}));
    let view = fake.view();
    let (verdicts, time) = timed(|| policies.validate(Phase::Model, &view, threads(2)));
    let n_ran = verdicts.iter().filter(|verdict| verdict.freshness == Freshness::Ran).count();
    let what = format!("{POLICIES} policies, something changed that none reads: {n_ran} ran");
    show(&what, &millis(time));
}

/// The rules of the library as the host's own language would say them.
fn natively(view: &dyn View) -> usize {
    let at = |text| Pointer::parse(text).unwrap();
    let (readiness, image) = (at("/probes/readiness"), at("/image"));
    let (cpu, memory) = (at("/cpu/request"), at("/memory/request"));
    let mut found = 0;
    for node in view.nodes("service").iter() {
        found += usize::from(view.value(*node, readiness).is_none());
        let pinned = |value: Value<'_>| value.as_str().is_some_and(|image| image.contains("@sha256:"));
        found += usize::from(!view.value(*node, image).is_some_and(pinned));
        found +=
            usize::from(view.value(*node, cpu).is_none()) + usize::from(view.value(*node, memory).is_none());
    }
    black_box(found)
}

/// The same rule in WebAssembly and in the host's own language, over the same view.
fn beside_native(directory: &Path) {
    let view = fake::services(SERVICES).view();
    let uses = [policy("require-probes", "require-probes")];
    let policies = host(Some(directory), None).load(&uses, threads(1));
    let figure = repeated(50, || drop(policies.validate(Phase::Model, &view, threads(1))));
    show("require-probes over 5000 services, as WebAssembly", &figure);
    let readiness = Pointer::parse("/probes/readiness").unwrap();
    let native = || {
        let lacks = |node: &&platc_artifact::view::NodeId| view.value(**node, readiness).is_none();
        black_box(view.nodes("service").iter().filter(lacks).count())
    };
    assert_eq!(
        native(),
        policies.validate(Phase::Model, &view, threads(1))[0].findings.len(),
        "the same rule"
    );
    let figure = repeated(50, || {
        native();
    });
    show("require-probes over 5000 services, natively", &figure);
}

/// Ten policies of each language; the same rule in all of them. `cargo xtask setup` installs what compiles them.
fn languages(directory: &Path) {
    let others = directory.with_extension("sources");
    std::fs::create_dir_all(&others).unwrap();
    let made = [("TypeScript", typescript(&others)), ("Python", python(&others))];
    let mut uses: Vec<PolicyUse> = (0..10).map(|n| policy(&format!("rust-{n}"), "require-probes")).collect();
    for (language, bytes) in made {
        let Some(bytes) = bytes else {
            show(&format!("policies in {language}"), "skipped: `cargo xtask setup` installs its compiler");
            continue;
        };
        show(&format!("require-probes in {language}: bytes of WebAssembly"), &bytes.len().to_string());
        let bytes: Arc<[u8]> = bytes.into();
        let of = |n: usize| PolicyUse {
            source: Source::File { path: language.into(), bytes: Arc::clone(&bytes) },
            ..policy(&format!("{}-{n}", language.to_lowercase()), "")
        };
        let (_, time) = timed(|| host(Some(directory), None).load(&[of(0)], threads(1)));
        show(&format!("require-probes in {language}: first compile"), &millis(time));
        let hosts: Vec<_> = (0..20).map(|_| host(Some(directory), None)).collect();
        let mut hosts = hosts.iter();
        let figure = repeated(20, || drop(hosts.next().unwrap().load(&[of(0)], threads(1))));
        show(&format!("require-probes in {language}: load from the cache"), &figure);
        let view = fake::services(SERVICES).view();
        let policies = host(Some(directory), None).load(&[of(0)], threads(1));
        let figure = repeated(10, || drop(policies.validate(Phase::Model, &view, threads(1))));
        show(&format!("require-probes over {SERVICES} services, in {language}"), &figure);
        uses.extend((0..10).map(of));
    }
    let view = fake::services(SERVICES).view();
    let policies = host(Some(directory), None).load(&uses, threads(2));
    let figure = repeated(10, || drop(policies.validate(Phase::Model, &view, threads(2))));
    let what =
        format!("ten policies of each language ({} in all) over {SERVICES} services, 2 threads", uses.len());
    show(&what, &figure);
    let host = host(Some(directory), Some(Arc::default()));
    host.load(&uses, threads(2)).validate(Phase::Model, &view, threads(2));
    let figure =
        repeated(10, || drop(host.load(&uses, threads(2)).validate(Phase::Model, &view, threads(2))));
    show("the same, nothing changed", &figure);
    let _ = std::fs::remove_dir_all(others);
}

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn typescript(directory: &Path) -> Option<Vec<u8>> {
    let root = Path::new(ROOT);
    let bin = root.join("target/tools/node_modules/.bin");
    std::fs::create_dir_all(directory.join("src")).unwrap();
    let source = directory.join("src/policy.ts");
    std::fs::copy(root.join("compiler/platc/tests/same/require-probes.ts"), &source).unwrap();
    let sdk = directory.join("sdk/typescript");
    std::fs::create_dir_all(&sdk).unwrap();
    std::fs::copy(root.join("plugins/sdk/typescript/policy.ts"), sdk.join("policy.ts")).unwrap();
    let bundle = directory.join("policy.js");
    let bundled = std::process::Command::new(bin.join("esbuild"))
        .arg(&source)
        .args(["--bundle", "--format=esm", "--target=es2022", "--external:platc:*", "--log-level=error"])
        .arg(format!("--outfile={}", bundle.display()))
        .status();
    bundled.ok().filter(std::process::ExitStatus::success)?;
    let mut componentize = std::process::Command::new(bin.join("componentize-qjs"));
    componentize.args(["--sync", "--stub-wasi", "--wit"]).arg(root.join("plugins/wit/v0.1"));
    made(componentize.arg("--js").arg(bundle).arg("--output"), &directory.join("typescript.wasm"))
}

fn python(directory: &Path) -> Option<Vec<u8>> {
    let root = Path::new(ROOT);
    std::fs::copy(root.join("compiler/platc/tests/same/require-probes.py"), directory.join("policy.py"))
        .unwrap();
    let mut componentize = std::process::Command::new(root.join("target/tools/venv/bin/componentize-py"));
    componentize.args(["--quiet", "--world", "policy", "--wit-path"]).arg(root.join("plugins/wit/v0.1"));
    componentize.args(["componentize", "policy", "--stub-wasi", "--python-path"]).arg(directory);
    componentize.arg("--python-path").arg(root.join("plugins/sdk/python")).arg("--output");
    made(&mut componentize, &directory.join("python.wasm"))
}

fn made(command: &mut std::process::Command, file: &Path) -> Option<Vec<u8>> {
    let output = command.arg(file).output().ok()?;
    output.status.success().then(|| std::fs::read(file).unwrap())
}

fn hostile(_: &Path) {
    let endless = "(loop $again (br $again)) unreachable";
    let greedy = "(loop $again (drop (memory.grow (i32.const 16))) (br $again)) unreachable";
    let asking = "(loop $again (global.set $heap (i32.const 983040)) (call $version (i32.const 512)) (br $again)) unreachable";
    let import = r#"(import "platc:policy/model@0.1.0" "model-version" (func $version (param i32)))"#;
    let deep = "(func $deeper (call $deeper) (call $deeper))";
    for (what, extra, body) in [
        ("loops for ever", "", endless),
        ("allocates without end", "", greedy),
        ("asks without end", import, asking),
        ("recurses without end", deep, "(call $deeper) unreachable"),
        ("traps", "", "unreachable"),
    ] {
        let mut guest = guest::Guest::new();
        guest.extra = extra.into();
        guest.validate = body.into();
        let source = Source::File { path: "hostile.wasm".into(), bytes: guest.module().into() };
        let policies = host(None, None).load(&[PolicyUse { source, ..policy("hostile", "") }], threads(1));
        for n in [0, SERVICES] {
            let view = fake::services(n).view();
            let (verdicts, time) = timed(|| policies.validate(Phase::Model, &view, threads(1)));
            let code = verdicts[0].findings[0].code().id().to_owned();
            show(&format!("a policy that {what}, {n} services: {code} after"), &millis(time));
        }
    }
}

fn host(cache: Option<&Path>, memo: Option<Arc<MemoryMemo>>) -> Host {
    let memo = memo.map(|memo| memo as Arc<dyn platc_policy::Memo>);
    Host::new(HostOptions { cache: cache.map(Path::to_owned), memo, ..Default::default() }).unwrap()
}

/// A use of a policy of the library under any name.
fn policy(name: &str, of: &str) -> PolicyUse {
    let file = platc_policy_library::library().iter().find(|(known, _)| *known == of);
    let bytes = file.map(|(_, bytes)| *bytes).unwrap_or_default();
    PolicyUse {
        name: name.into(),
        source: Source::File { path: of.into(), bytes: bytes.into() },
        settings: settings(of).into(),
        span: Span::start_of(FileId(0)),
        setting_spans: Default::default(),
        level: None,
        limits: Default::default(),
    }
}

/// Those with which a platform is mostly as it should be: each finding is read again wherever one is recalled.
fn settings(of: &str) -> &'static str {
    match of {
        "forbidden-registries" => r#"{"forbidden":["quay.io/"]}"#,
        "naming" => r#"{"forbidden":["tmp"]}"#,
        _ => "{}",
    }
}

fn threads(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begin = Instant::now();
    let result = work();
    (result, begin.elapsed())
}

/// Best time of the clock, and mean time of the processors: on a machine that others use, only the second
/// says what something costs.
fn repeated(n: u32, mut work: impl FnMut()) -> String {
    let before = processor_time();
    let best = (0..n).map(|_| timed(&mut work).1).min().unwrap();
    let used = processor_time().zip(before).map(|(after, before)| millis((after - before) / n));
    format!("best {}, processors {}", millis(best), used.unwrap_or_else(|| "unknown".into()))
}

/// Time of the processors that this process has used, ended threads included. Linux tells in hundredths.
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn show(what: &str, figure: &str) {
    println!("{what}\t{figure}");
}
