//! What most tests begin with: uses, hosts, and findings as texts.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use platc_artifact::judge::{Judge as _, Phase, Policies, PolicyUse, Source, Verdict};
use platc_artifact::view::View;
use platc_diag::{Diagnostic, FileId, Span};
use platc_policy::{Host, HostOptions};

/// The place of every `use` in these tests.
pub(crate) const USE: Span = Span::new(FileId(9), 4, 8);

/// A use of a policy of the library.
pub(crate) fn library(name: &str) -> PolicyUse {
    PolicyUse {
        name: name.into(),
        source: Source::Library,
        settings: "{}".into(),
        span: USE,
        setting_spans: Default::default(),
        level: None,
        limits: Default::default(),
    }
}

/// A use of a file.
pub(crate) fn file(name: &str, bytes: impl Into<Arc<[u8]>>) -> PolicyUse {
    let source = Source::File { path: format!("policies/{name}.wasm").into(), bytes: bytes.into() };
    PolicyUse { source, ..library(name) }
}

/// A host with the library and nothing else.
pub(crate) fn host() -> Host {
    host_with(HostOptions::default())
}

/// A host with the library and what is given.
pub(crate) fn host_with(options: HostOptions) -> Host {
    Host::new(HostOptions { library: platc_policy_library::library(), ..options })
        .expect("this machine runs policies")
}

pub(crate) fn threads(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).expect("not zero")
}

/// Loads policies that all load.
pub(crate) fn load(host: &Host, uses: &[PolicyUse]) -> Box<dyn Policies> {
    let policies = host.load(uses, threads(2));
    assert_eq!(texts(policies.problems()), [""; 0], "all policies load");
    policies
}

/// The verdicts of policies that all load.
pub(crate) fn judge(uses: &[PolicyUse], view: &Arc<dyn View>) -> Vec<Verdict> {
    load(&host(), uses).validate(Phase::Model, view, threads(2))
}

/// What one policy finds, as texts.
pub(crate) fn found(policy: PolicyUse, view: &Arc<dyn View>) -> Vec<String> {
    let verdicts = judge(&[policy], view);
    verdicts.iter().flat_map(|verdict| texts(&verdict.findings)).collect()
}

/// Why one policy does not load, as texts.
pub(crate) fn refused(policy: PolicyUse) -> Vec<String> {
    let policies = host().load(&[policy], threads(1));
    assert!(policies.loaded().is_empty(), "it does not load");
    texts(policies.problems())
}

/// `E0720 4..8: message`: code, place and words.
pub(crate) fn texts(findings: &[Diagnostic]) -> Vec<String> {
    findings.iter().map(text).collect()
}

fn text(found: &Diagnostic) -> String {
    let span = found.span();
    format!("{} {}..{}: {}", found.code().id(), span.start, span.end, found.message())
}

/// A directory of a test's own, which goes with the test.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let n = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("policy-{}-{n}", std::process::id()));
        std::fs::create_dir_all(&path).expect("the target directory can be written");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
